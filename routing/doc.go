// Package routing answers how long a car takes between two places, by which roads, over real streets.
//
// A Graph is the road network: immutable, imported from OpenStreetMap (Import), read from a file that an import wrote
// (ReadFile) or built by hand (NewBuilder). Snap turns a coordinate into a Point on it. A Router answers for Points:
// Route for one trip with its geometry, Matrix for many at once.
//
// # Model
//
// Nodes are junctions and ends of roads. A segment is the piece of one road between two nodes, with its shape and
// attributes; an arc is a segment in one direction in which cars may use it. A vertex of the search is a node together with
// what was driven last, as far as that bears on what may be driven next. There are such vertices only where one of these
// begins:
//
//   - a turn restriction, over one node or over several ways. All are exact (states.go),
//   - a turn that costs time of its own: across oncoming traffic into or out of a road of class secondary or above,
//     and turning around near a forbidden turn (turncost.go),
//   - an area of restricted roads (access private, destination, customers): trips may start and end there, and none
//     drives through (zones.go).
//
// Durations are milliseconds inside and whole seconds, rounded up, at the interface.
//
// # What turns cost
//
// How many turns to price was decided by measurement on Delaware (76,825 nodes, 182,577 arcs, 535 forbidden turns; two
// shared processors; times are the best of seven, one thread). The columns are vertices and hierarchy arcs,
// lower triangles, customization, and vertices and arcs that a query meets on its way to the root:
//
//	priced                                vertices     arcs    triangles  customize   query
//	nothing, restrictions only              77,314    245,779      760,865     5.3 ms   82 / 1,472
//	turning around, areas with two gates    89,243    294,144      887,935     7.2 ms   81 / 1,476
//	and across, secondary roads and above  102,163    402,017    1,399,050     7.7 ms   92 / 1,880
//	and across, tertiary roads             115,868    539,415    2,313,870    10.5 ms  107 / 2,608
//	and across, every road                 182,272  1,115,209    5,139,812    40.5 ms  115 / 2,958
//
// The third row is what is built, with all areas (4,000 vertices more): it has the turns that cost a driver most, and
// customizes within 12 ms, which keeps a change of weather as quick as a closure. In an order of the plain network, where the
// copies of a node stay together (cch.DeriveOrder), it would have 615,241 arcs, 5,015,388 triangles and take 23 ms.
//
// # Speed
//
// `swmaas bench routing --graph delaware.graph --points delaware.points.csv` printed, on two virtual processors (AMD EPYC) with
// little else to do, and with --tile 4:
//
//	                               Delaware    four by four
//	nodes, arcs                76,825, 182,577    1.2 M, 2.9 M
//	order from scratch               0.53 s        11.9 s
//	customization                    4.9 ms          87 ms
//	ten arcs changed                0.12 ms        0.28 ms
//	closure to the next query       0.13 ms         1.8 ms
//	one to one                       4.4 us         9.5 us
//	  with geometry and roads       31.2 us         160 us
//	  the same in a perfect view    23.1 us         127 us
//	  by plain Dijkstra            5,259 us      79,107 us
//	100 x 100 matrix                0.50 ms         1.0 ms
//	500 x 500 matrix                 4.7 ms         8.7 ms
//	  with lengths                   7.4 ms          14 ms
//	snap                             6.4 us         7.8 us
//	graph file to first answer        44 ms         0.7 s
//	graph, hierarchy and a view       36 MB         567 MB
//
// The first paths that a new view is asked for take up to five times as long: it learns as it goes which way its weights came
// from, and passes that on to views made from it by a closure. What it learns takes up to 6 MB on Delaware, not counted above.
//
// Importing Delaware and writing its graph file takes 1.7 s and 163 MB.
package routing
