package solver

const (
	tailDraws = 8  // swaps of tails that are drawn, of which the cheapest feasible one is made
	tailNear  = 12 // nearest requests of the first one in whose routes the other tail is looked for
)

// destroyTails swaps the tails of two routes that are near each other, whatever that costs, and takes strings as destroyStrings does: as
// a step of the annealing what swapTails is as a descent.
func (w *worker) destroyTails(quota int) {
	if seed := w.anyRequest(); seed != None && w.mayCut(w.st.on[seed]) {
		w.swapSomeTails(w.st.on[seed], w.near.of(seed))
	}
	w.destroyStrings(max(1, quota/2))
}

// swapSomeTails draws swaps between v and the vehicles of the requests near, and makes the cheapest that is feasible.
func (w *worker) swapSomeTails(v Vehicle, near []Request) {
	near = near[:min(len(near), tailNear)]
	w.cuts = w.emptyPoints(v, w.cuts[:0])
	w.swaps.count = 0
	if len(near) == 0 || len(w.cuts) == 0 {
		return
	}
	for range tailDraws {
		u := w.st.on[near[w.rnd.IntN(len(near))]]
		if u == None || u == v || w.p.vehicleSpec[u].Class != w.p.vehicleSpec[v].Class || !w.mayCut(u) {
			continue
		}
		w.otherCuts = w.emptyPoints(u, w.otherCuts[:0])
		if len(w.otherCuts) == 0 {
			continue
		}
		k, l := w.cuts[w.rnd.IntN(len(w.cuts))], w.otherCuts[w.rnd.IntN(len(w.otherCuts))]
		if t, ok := w.tailSwap(v, u, k, l); ok {
			w.swaps.add(t)
		}
	}
	for _, t := range w.swaps.list[:w.swaps.count] {
		if w.swap(t, noDelta) {
			return
		}
	}
}
