package solver

// destroyOpen takes strings as destroyStrings does and puts the request that they lie around into a vehicle that stands empty, so
// that the others may join it there: the move that uses one more vehicle on purpose, as destroyRoute may use one fewer.
func (w *worker) destroyOpen(quota int) {
	w.destroyStrings(quota)
	if len(w.taken) > 0 {
		w.opener = w.taken[0]
	}
}

// openFor gives r, which is out, an empty vehicle of its own where that is possible.
func (w *worker) openFor(r Request) {
	if w.p.hasShare && w.p.share.at(r) != 0 {
		return
	}
	var best offer
	best.sp.delta = noDelta
	w.seen++
	for _, v := range w.active {
		if w.st.route[v] != w.st.empty[v] || !w.p.compatible(v, r) || w.alike(v) {
			continue
		}
		if sp, variant := w.a.best(w.st.route[v], r); sp.delta < noDelta {
			sp.delta += w.p.preferenceCost(v, r)
			if sp.delta < best.sp.delta {
				best = offer{v, variant, sp}
			}
		}
	}
	if best.sp.delta == noDelta {
		return
	}
	w.st.insert(best.v, r, best.variant, best.sp)
	for i, o := range w.todo {
		if o == r {
			w.todo = append(w.todo[:i], w.todo[i+1:]...)
			return
		}
	}
}
