package solver

// adaptive draws among operators, and lets the ones that do well be drawn more often: the adaptive weights of Ropke & Pisinger
// (2006, section 3.4, doi 10.1287/trsc.1050.0135). It deviates in three points. An operator's score is divided by the insertions
// that it asked for and not by its uses, since operators differ in what a use costs; the weights multiply shares that
// experiments chose; and they stay within bounds, so that an operator that helps only late in a search is still there.
type adaptive struct {
	prior []float64 // [i] share before anything is known; they sum to 1
	merit []float64 // [i] weight, 1 for an operator that does as well as all together
	share []float64 // [i] chance of being drawn; they sum to 1
	score []float64 // [i] since the last update
	work  []float64 // [i] insertions asked for since the last update
}

// Scores of a round, as in the paper's table 2 but for the last, which is less: most worse plans that hot annealing accepts lead nowhere.
const (
	scoreBest     = 33 // a new best plan
	scoreBetter   = 9  // better than the current plan
	scoreAccepted = 1  // worse, and accepted
)

const (
	adaptEvery = 1000  // rounds between updates
	adaptRate  = 0.1   // weight of the last stretch in a new weight, as in the paper
	meritLeast = 0.5   // bounds of a weight
	meritMost  = 2     //
	shareLeast = 0.005 // least chance of any operator
)

func newAdaptive(prior []float64) *adaptive {
	ad := &adaptive{prior: prior, merit: make([]float64, len(prior)), share: make([]float64, len(prior))}
	ad.score, ad.work = make([]float64, len(prior)), make([]float64, len(prior))
	for i := range ad.merit {
		ad.merit[i] = 1
	}
	ad.spread()
	return ad
}

// draw picks an operator by a uniform random number in [0, 1).
func (ad *adaptive) draw(u float64) int {
	for i, s := range ad.share {
		if u -= s; u < 0 {
			return i
		}
	}
	return len(ad.share) - 1
}

// reward adds what one use of operator i brought and how many insertions it asked for.
func (ad *adaptive) reward(i int, score, work float64) {
	ad.score[i] += score
	ad.work[i] += work
}

// update turns the scores since the last update into weights.
func (ad *adaptive) update() {
	score, work := 0.0, 0.0
	for i := range ad.score {
		score += ad.score[i]
		work += ad.work[i]
	}
	if score > 0 && work > 0 {
		for i := range ad.merit {
			if ad.work[i] > 0 {
				did := ad.score[i] * work / (ad.work[i] * score)
				ad.merit[i] = min(meritMost, max(meritLeast, (1-adaptRate)*ad.merit[i]+adaptRate*did))
			}
		}
	}
	clear(ad.score)
	clear(ad.work)
	ad.spread()
}

// spread turns weights into chances.
func (ad *adaptive) spread() {
	sum := 0.0
	for i, q := range ad.prior {
		ad.share[i] = q * ad.merit[i]
		sum += ad.share[i]
	}
	total := 0.0
	for i := range ad.share {
		ad.share[i] = max(shareLeast, ad.share[i]/sum)
		total += ad.share[i]
	}
	for i := range ad.share {
		ad.share[i] /= total
	}
}

// destroyer is a way to choose the requests to take out, and the share of rounds that it has at first.
type destroyer struct {
	share float64
	run   func(w *worker, quota int)
}

// destroyers are all of them. The shares are from runs of 60,000 rounds of one thread on R5a, R6a, R9a and R10a: over 8 seeds
// a mean gap of 3.4 %, against 3.6 % without adaptation, regret, noise, history and clusters; over 4 seeds 3.2 %, against 4.2 % with
// strings and greedy repair alone.
func destroyers() []destroyer {
	return []destroyer{
		{0.62, (*worker).destroyStrings},
		{0.08, (*worker).destroyRelated},
		{0.05, (*worker).destroyRandom},
		{0.05, (*worker).destroyWorst},
		{0.04, (*worker).destroySlot},
		{0.05, (*worker).destroyRoute},
		{0.04, (*worker).destroyCluster},
		{0.03, (*worker).destroyHistory},
		{0.01, (*worker).destroyOpen},
		{0.03, (*worker).destroyTails},
	}
}

// repairer is a way to insert the requests of todo, and the share of rounds that it has at first. It returns false where it gave up.
type repairer struct {
	share float64
	run   func(w *worker) bool
}

// repairers are all of them.
func repairers() []repairer {
	return []repairer{
		{0.70, (*worker).repairGreedy},
		{0.15, (*worker).repairNoise},
		{0.15, (*worker).repairRegret},
	}
}

// priors are the shares of operators.
func priors[T any](operators []T, share func(T) float64) []float64 {
	out := make([]float64, len(operators))
	for i, o := range operators {
		out[i] = share(o)
	}
	return out
}
