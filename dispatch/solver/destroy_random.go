package solver

// destroyRandom takes quota requests, each equally likely (Ropke & Pisinger 2006, section 3.1.2, doi 10.1287/trsc.1050.0135).
func (w *worker) destroyRandom(quota int) {
	for range quota {
		if r := w.anyRequest(); r != None && !w.isTaken(r) {
			w.take(r)
		}
	}
}
