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
// Labels hold, for a place, the distances to all its ancestors in the elimination tree; a pair is then one pass over the
// ancestors both share. On 500 by 500 places of Delaware, one thread, in one run: labels 2.5 ms and joining them 7.9 ms, buckets at the
// ancestors instead of joining 6.5 ms, a restricted sweep with sixteen sources at once 37 ms. Joining needs no structure over all targets,
// shares rows out to any number of threads and lets labels be kept from one matrix to the next, hence it was
// chosen; and so k nearest measures all places, at about 20 ns each, instead of keeping sorted buckets.
//
// # Speed
//
// Delaware from OpenStreetMap (71,861 nodes, 172,068 arcs; 201,785 hierarchy arcs, 541,242 triangles) on two virtual processors of
// an AMD EPYC that had other work to do: order 0.5 s, NewTopology 16 ms, Customize 4.5 ms with one worker and 2.3 ms
// with two, Update of ten arcs spread over the state 0.2 ms, Distance 3.3 us (2.4 us in a perfect metric, which takes
// 15 ms), 500 by 500 matrix 5.6 ms with one worker, everything within 20 minutes 0.25 ms. Path, with 234 arcs, takes twice as long as
// Distance where the metric remembers the ways of these arcs, and up to eight times where it was never asked for them. A million nodes
// (Porto four by four): order 15 to 50 s by what else runs, Customize 114 and 62 ms, Distance 42 us (20 us perfect), 500 by 500 matrix 40 ms. On a machine
// of the kind RoutingKit's CCH took 1.94 s, 10.4 ms (customization), 8.0 us, 25.7 us and 120 ms. `go test -bench .` runs
// the same on a made network that is harder to cut.
//
// # Turns
//
// The package has no notion of turns. Where they matter the caller splits nodes and passes the larger graph; DeriveOrder
// makes an order for it from one of the plain graph.
//
// With few forbidden turns, split nodes only there: the hierarchy hardly grows. If every arc becomes a node (turn costs
// everywhere), what the order is derived from matters. On Delaware (172,068 nodes then): from an order of the nodes, origin being the head of
// the arc, 14.3 million triangles; from an order of road segments, the nodes being segments that touch, 6.3
// million; ordering the expanded graph itself 6.0 million, at three times the time. So derive from segments.
//
// # Units
//
// Weights, offsets and distances are uint32 milliseconds; Inf means closed or unreachable, never an error.
package cch
