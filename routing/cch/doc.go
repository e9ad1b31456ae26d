// Package cch answers shortest-path questions on road networks with customizable contraction hierarchies (Dibbelt,
// Strasser, Wagner 2016, doi 10.1145/2886843). It takes arrays and gives numbers: it knows nothing of roads, files or OSM.
//
// # Three phases, three types
//
//	order, err := cch.Order(graph, lng, lat, cch.OrderConfig{})  // seconds, once per graph: no weights involved
//	topo, err := cch.NewTopology(graph, order)                   // tens of milliseconds, once per graph
//	metric, err := topo.Customize(weights, 0)                    // milliseconds, once per set of weights
//	metric, err = metric.Update(changes)                         // microseconds: a road closed; the old metric stays valid
//	query := cch.NewQuery(topo)                                  // one per goroutine
//	ms, err := query.Distance(metric, from, to)                  // microseconds
//
// A Topology and a Metric are immutable and shared by any number of goroutines; Query and Labels are workspaces that belong
// to one goroutine at a time. A metric keeps its topology alive; nothing keeps the caller's slices.
//
// # Places
//
// A place is a list of Seeds, each a node with an offset, because places lie in the middle of arcs: on the way out the head
// of the arc with the cost of the rest of it, on the way in the tail with the cost up to the place. All queries accept them, so a
// matrix between snapped points is exact. Two places on one arc, the start before the end, may also be joined along
// that arc without touching a node: only the caller knows, and takes the lesser.
//
// # Which query
//
//	Query.Distance   one pair
//	Query.Path       one pair, with the input arcs in sequence
//	Labels, Join     many to many; labels of fixed places are kept and joined with new ones
//	Along            many to many with a second quantity, such as metres, summed along the fastest ways
//	Query.ToMany     one to many, with the labels of the many
//	Query.Nearest    the k nearest of many places
//	Query.Reach      every node within a limit, from or to a place
//
// # Turns
//
// The package has no notion of turns. Where they matter the caller splits nodes and passes the larger graph; DeriveOrder
// makes an order for it from one of the plain graph.
//
// # Units
//
// Weights, offsets and distances are uint32 milliseconds; Inf means closed or unreachable, never an error.
package cch
