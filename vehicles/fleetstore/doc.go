// Package fleetstore keeps the shared fleet in Redis: what an area can put on the road (facilities, vehicles, drivers, the
// shifts of a day), what each vehicle is doing, and where it was last seen.
//
// The registry and the status are on the durable Redis. Positions are a separate path, frequent and lossy, on the live one
// (which may be the same server): the last position of every vehicle in one hash, and again in the hash of the H3 cell
// that holds it, both written by one script, so that value and cell never disagree. Searches read a disk of cells in one
// transaction, hence the state of one moment, and are exact: a disk that may have missed a nearer vehicle is read again
// wider, and where its cells would cost more than the whole fleet, the fleet is read instead.
//
// It is the only code that touches keys of "veh:". All keys of an area share the hash tag {<area>}, so everything works on
// one Redis and on a cluster alike.
package fleetstore
