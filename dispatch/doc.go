// Package dispatch decides: which rides are possible, who travels with whom on which vehicle, what is promised, and what
// happens when the day goes otherwise.
//
// A State is everything known of one area on one service day. It is an immutable value; every change is a Commit that a
// PlanStore writes atomically by compare-and-set on the versions of the routes and rides it touches. Desk is the one
// object that makes commits: calls from people (quote, book, cancel), steps from drivers, and its own improvement all go
// the same way.
//
// # Life of a ride
//
//	draft -> offered -> booked -> published -> under way -> completed
//	                      |           |            +-> (no way back)
//	                      +-----------+-> cancelled | no-show | missed
//	draft -> turned down (the caller did not want what was possible) | unmet (nothing was possible)
//
// # Units
//
// Times of a service day are int32 seconds from 00:00 in the area's zone and may pass 24:00. Lengths of time are int32
// seconds, distances int32 metres. Times that people are told are rounded outward by the surfaces, never here.
package dispatch
