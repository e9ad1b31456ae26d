package solver

// destroySlot takes requests that ride in one stretch of time, wherever they are: the time-oriented removal of Pisinger & Ropke
// (2007, doi 10.1016/j.cor.2005.09.012), by windows.
func (w *worker) destroySlot(quota int) {
	seed := w.anyRequest()
	if seed == None {
		return
	}
	w.take(seed)
	for range 6 * quota {
		if len(w.taken) >= quota {
			return
		}
		r := w.anyRequest()
		if r == None || w.isTaken(r) {
			continue
		}
		p := w.p
		if p.open.at(p.PickupOf(r)) <= p.shut.at(p.DeliveryOf(seed)) && p.open.at(p.PickupOf(seed)) <= p.shut.at(p.DeliveryOf(r)) {
			w.take(r)
		}
	}
}
