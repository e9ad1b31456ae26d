// Books a ride from a web page, over Connect, and follows it until it changes.
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { Booking } from "../../gen/ts/swmaas/v1/booking_pb";
import { RideState } from "../../gen/ts/swmaas/v1/ride_pb";
import { bookARide, withToken } from "./book";

declare global {
  interface Window {
    bookARide(baseUrl: string, token: string, area: string, day: string): Promise<string[]>;
  }
}

window.bookARide = async (baseUrl, token, area, day) => {
  const transport = createConnectTransport({ baseUrl, interceptors: [withToken(token)] });
  const booking = createClient(Booking, transport);
  const ride = await bookARide(transport, area, day);
  const seen = [ride.id];
  for await (const message of booking.watchRide({ area, rideId: ride.id })) {
    const state = message.ride?.state ?? RideState.UNSPECIFIED;
    seen.push(RideState[state] ?? "");
    if (state === RideState.CANCELLED) {
      return seen;
    }
    if (seen.length === 2) {
      await booking.cancelRide({ area, rideId: ride.id, idempotencyKey: crypto.randomUUID() });
    }
  }
  return seen;
};
