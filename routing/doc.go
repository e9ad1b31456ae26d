// Package routing answers how long a car takes between two places, by which roads, over real streets.
//
// A Graph is the road network: immutable, imported from OpenStreetMap (Import), read from a file that an import wrote
// (ReadFile) or built by hand (NewBuilder). Snap turns a coordinate into a Point on it. A Router answers for Points:
// Route for one trip with its geometry, Matrix for many at once.
//
// # Model
//
// Nodes are junctions and ends of roads. A segment is the piece of one road between two nodes, with its shape and
// attributes; an arc is a segment in one direction in which cars may use it. Turn restrictions, over one node or over
// several ways, are exact: a vertex of the search is a node together with the longest tail of the arcs driven last
// that is the beginning of some restriction. Such vertices exist only where a restriction begins, so the search graph is
// little larger than the road network.
//
// Durations are milliseconds inside and whole seconds, rounded up, at the interface. Of several fastest ways between two
// points the shortest counts.
package routing
