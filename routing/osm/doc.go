// Package osm reads OpenStreetMap extracts, PBF or XML, and turns them into the roads that a car may use.
//
// Read makes two passes over the file: the first keeps the ways that are roads or car ferries, with the turn restrictions,
// the second the nodes that they need. What a tag means for a car is decided in the profile files (access.go, speed.go,
// direction.go); nothing there stops an import, and what was left out is counted in Report by reason.
//
// The PBF decoder is this package's own. The files come from strangers, and the decoder in common use for Go works in
// goroutines that it starts itself and panics there on a damaged string table or on nodes that are not dense, which no
// caller can catch. This one bounds every length before it allocates, reads both kinds of nodes, and needs no C library.
package osm
