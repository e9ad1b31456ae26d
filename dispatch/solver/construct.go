package solver

// Construct is plain best insertion: every unassigned request, in the order of their numbers, goes to its exactly cheapest place over all
// vehicles, if it has one. It is the named baseline of the benches and a quick first plan; stop may be nil.
func Construct(p *Problem, s *Solution, stop func() bool) *Solution {
	return insertAll(p, s, &Options{Stop: stop})
}

// insertAll is Construct on the vehicles of the options.
func insertAll(p *Problem, s *Solution, o *Options) *Solution {
	w := newWorker(p, s, &Options{Stop: o.Stop, Vehicles: o.Vehicles}, nil, newGrids(p), 0)
	w.everywhere = true
	for r := range Request(p.requests) {
		if w.st.on[r] == None && w.canMove[r] {
			w.placeBest(r, 0)
			w.st.keep()
			w.tidy()
		}
		if r&63 == 0 && w.stop() {
			break
		}
	}
	w.best.save(w.st)
	w.bestCost = w.st.trueCost()
	return w.result(s)
}
