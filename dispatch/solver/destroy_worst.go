package solver

// destroyWorst takes requests whose removal saves most, with some chance (Ropke & Pisinger 2006, section 3.1.3). It samples a few
// candidates for every one it takes, so its cost does not grow with the problem.
func (w *worker) destroyWorst(quota int) {
	for range quota {
		best, gain := Request(None), int64(-1)
		for range 6 {
			r := w.anyRequest()
			if r == None || w.isTaken(r) {
				continue
			}
			if g := w.saving(r); g > gain {
				best, gain = r, g
			}
		}
		if best != None {
			w.take(best)
		}
	}
}
