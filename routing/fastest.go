package routing

// Fastest is the speed, in metres per second, that no vehicle exceeds on any road of the graph: no trip is shorter than the straight
// line between its points at this speed, whatever the conditions, which only slow down. It is computed anew by every call,
// in time linear in the arcs.
func (g *Graph) Fastest() float64 {
	fastest := 0.0
	for a, ms := range g.arcMs {
		// A driving time is rounded to a millisecond and a length to a centimetre, which matters on the shortest arcs.
		metres := (float64(g.segCm[g.arcSeg[a]>>1]) + 1) / 100
		fastest = max(fastest, metres*1000/max(float64(ms)-0.5, 0.5))
	}
	return fastest
}
