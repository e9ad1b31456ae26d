// Package planstore keeps rides, plans and their events in Redis. It implements dispatch.PlanStore and is the only code
// that knows the dsp: keys.
//
// One Redis, a Redis Cluster and the in-process server of the demo are the same to it: all keys of an area share the hash
// tag {<area>}, so a commit is one script in one slot. There is no moment at which a route, a ride, the indexes over them,
// the event log and the idempotency record disagree: either a commit's effects are all there or none is, for readers, after
// kill -9, and after a restart from an append-only file that was cut at any byte (Redis logs a script's effects as one
// transaction and drops a transaction that is not whole).
//
// # The log is the truth
//
// The stream of events holds, besides what happened, every route and ride as each commit stored it, sealed as it is stored.
// Routes, rides, revision and indexes are projections of it: Check makes them anew in memory and compares, Rebuild puts
// right what differs. Neither needs anything but the stream, and the key of each person only for the cells of open rides.
//
// # Versions
//
// A route or ride carries its version; a commit writes version v where v-1 is stored, and v = 1 where nothing is. Whatever
// is not named in a commit is not compared, so two bookings on different routes do not collide.
//
// # Personal data
//
// Places, party and purpose of a ride, and kept replies, are sealed with the rider's own key (Sealer) and bound to the
// record. Ids, times and states are readable; ids tell nothing about a person. Routes hold ride ids only. The cell index
// holds a ride's two cells while the ride is open, and nothing of it afterwards.
package planstore
