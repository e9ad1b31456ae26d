package solver

// destroyRelated takes requests that are near one another in place and time, preferring the nearest (Shaw 1998; Ropke & Pisinger
// 2006, section 3.1.1).
func (w *worker) destroyRelated(quota int) {
	r := w.anyRequest()
	if r == None {
		return
	}
	w.take(r)
	for tries := 0; len(w.taken) < quota && tries < 4*quota; tries++ {
		list := w.near.of(w.taken[w.rnd.IntN(len(w.taken))])
		if len(list) == 0 {
			return
		}
		x := w.rnd.Float64()
		o := list[int(x*x*x*float64(len(list)))]
		if w.movable(o) && w.st.on[o] != None && !w.isTaken(o) {
			w.take(o)
		}
	}
}
