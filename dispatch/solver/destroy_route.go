package solver

// destroyRoute empties the route of a random vehicle, preferring short ones, and takes a few near requests elsewhere so that
// there is room. Half the time no empty vehicle may be used in the round: the move that uses one fewer on purpose.
func (w *worker) destroyRoute(quota int) {
	seed := w.anyRequest()
	if seed == None {
		return
	}
	for range 2 {
		if o := w.anyRequest(); o != None && w.riders(w.st.on[o]) < w.riders(w.st.on[seed]) {
			seed = o
		}
	}
	if w.riders(w.st.on[seed]) > 4*quota {
		return
	}
	w.keepShut = w.rnd.IntN(2) == 0
	v := w.st.on[seed]
	nodes := w.st.a.at(w.st.route[v]).node
	w.ruined[v] = w.stamp
	for _, n := range nodes {
		if q := w.p.RequestOf(n); q != None && w.movable(q) && !w.isTaken(q) {
			w.take(q)
		}
	}
	for _, o := range w.near.of(seed) {
		if w.rnd.IntN(3) == 0 || len(w.taken) >= 3*quota {
			break
		}
		if w.movable(o) && w.st.on[o] != None && !w.isTaken(o) {
			w.take(o)
		}
	}
}

// riders is the number of visits of v.
func (w *worker) riders(v Vehicle) int {
	return len(w.st.a.at(w.st.route[v]).node)
}
