// Books a ride: what every client does, whatever it is written in and however it reaches the service.
import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import { Booking, QuoteRequestSchema } from "../../gen/ts/swmaas/v1/booking_pb";
import type { Ride } from "../../gen/ts/swmaas/v1/ride_pb";

/** Sends a token with every call. */
export function withToken(token: string): Interceptor {
  return (next) => (request) => {
    request.header.set("authorization", `Bearer ${token}`);
    return next(request);
  };
}

/** Quotes a ride to the clinic at 10:00 of a day ("YYYY-MM-DD"), takes the best offer, and reads what was booked. */
export async function bookARide(transport: Transport, area: string, day: string): Promise<Ride> {
  const booking = createClient(Booking, transport);
  const wish = create(QuoteRequestSchema, {
    area,
    serviceDate: day,
    riderId: "R-0001",
    party: { seats: 1 },
    pickup: { position: { lat: 36.867, lng: 137.449 } },
    dropoff: { position: { lat: 36.879, lng: 137.438 } },
    wish: { kind: { case: "arriveBy", value: { latest: timestampFromDate(new Date(`${day}T10:00:00+09:00`)) } } },
  });
  const quote = await booking.quote(wish);
  const offer = quote.offers[0];
  if (!offer) {
    throw new Error(`no offer: ${quote.rejections.map((r) => r.sentenceJa).join(" ")}`);
  }
  const booked = await booking.book({ area, idempotencyKey: crypto.randomUUID(), offerToken: offer.token });
  if (booked.outcome.case !== "ride") {
    throw new Error("somebody else was faster: ask again");
  }
  const read = await booking.getRide({ area, rideId: booked.outcome.value.id });
  if (!read.ride) {
    throw new Error("the ride is not there");
  }
  return read.ride;
}
