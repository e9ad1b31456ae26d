package solver

// noiseShare is the largest noise, as a share of the routing cost of an average request.
const noiseShare = 0.05

// repairNoise is repairGreedy with vehicles told apart by cost plus noise instead of overlooked (Ropke & Pisinger 2006, section 3.6).
func (w *worker) repairNoise() bool {
	w.noise = w.noiseMost
	ok := w.repairGreedy()
	w.noise = 0
	return ok
}
