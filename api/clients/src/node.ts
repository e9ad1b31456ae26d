// Books a ride from Node, over gRPC.
//
// usage: node node.js URL TOKEN AREA DAY
import { createGrpcTransport } from "@connectrpc/connect-node";
import { RideState } from "../../gen/ts/swmaas/v1/ride_pb";
import { bookARide, withToken } from "./book";

const [baseUrl, token, area, day] = process.argv.slice(2);
if (!baseUrl || !token || !area || !day) {
  throw new Error("usage: node node.js URL TOKEN AREA DAY");
}
const ride = await bookARide(createGrpcTransport({ baseUrl, interceptors: [withToken(token)] }), area, day);
console.log(ride.id, RideState[ride.state]);
