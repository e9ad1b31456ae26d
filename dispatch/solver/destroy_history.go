package solver

// destroyHistory takes requests that ride worse than they once did: those whose legs cost most above the least that the legs of the
// same request ever cost in an accepted plan (historical knowledge removal of Demir, Bektas & Laporte 2012, doi
// 10.1016/j.ejor.2012.06.044). Like destroyWorst it samples, so its cost does not grow with the problem.
func (w *worker) destroyHistory(quota int) {
	for range quota {
		best, most := Request(None), int64(-1)
		for range 6 {
			r := w.anyRequest()
			if r == None || w.isTaken(r) {
				continue
			}
			if over := w.legsOf(r) - w.cheapLegs[r]; over > most {
				best, most = r, over
			}
		}
		if best != None {
			w.take(best)
		}
	}
}

// legsOf is the cost of the legs that enter and leave the two nodes of r.
func (w *worker) legsOf(r Request) int64 {
	s := w.a.at(w.st.route[w.st.on[r]])
	pickup, delivery := w.p.PickupOf(r), w.p.DeliveryOf(r)
	sum := int64(0)
	for k := int32(1); k < s.n-1; k++ {
		if n := s.node[k]; n == pickup || n == delivery {
			sum += int64(s.leg[k-1]) + int64(s.leg[k])
		}
	}
	return sum
}

// remember lowers what the requests of the routes that changed since the mark are known to cost.
func (w *worker) remember(mark int) {
	for _, c := range w.st.log[mark:] {
		if c.v == None && w.st.on[c.r] != None {
			w.cheapLegs[c.r] = min(w.cheapLegs[c.r], w.legsOf(c.r))
		}
	}
}
