package solver

import (
	"sync"
	"sync/atomic"
)

// Options steer Improve. The zero value runs no iteration.
type Options struct {
	// Iterations is the number of rounds of each thread; 0 means no bound, and then Stop must be given.
	Iterations int
	// Stop, where given, is asked before every round and between the steps of a long one; true ends the search within
	// milliseconds. It is called from all search goroutines.
	Stop func() bool
	// Elapsed, where given, returns the share of the search's time that is over, in [0, 1]: it cools the search down.
	// Without it the share of Iterations is used, and without those the search cools in cycles of its own. It is called
	// from all search goroutines.
	Elapsed func() float64
	// Seed selects the random numbers. Equal seeds, iterations and threads give equal plans.
	Seed uint64
	// Threads is how many searches run at once; 0 means 1.
	Threads int
	// Vehicles are the only ones whose routes may change; nil means all.
	Vehicles []Vehicle
	// Progress, where given, counts.
	Progress *Progress

	audit func(st *state, before, delta int64) // see state; for tests
}

// Progress counts what a running search does. It is safe for concurrent use.
type Progress struct {
	rounds, asked, missed, tested, pairs atomic.Int64
}

// Iterations is the number of rounds done by all threads.
func (g *Progress) Iterations() int { return int(g.rounds.Load()) }

// Insertions is the number of (request, route) insertions asked for, and of those that were not known already.
func (g *Progress) Insertions() (asked, computed int64) { return g.asked.Load(), g.missed.Load() }

// Pairs is the number of (pickup, delivery) position pairs looked at, and of those that the full exact test decided.
func (g *Progress) Pairs() (looked, tested int64) { return g.pairs.Load(), g.tested.Load() }

// segment is the number of rounds between two barriers.
const segment = 2000

// mergeEvery is the number of rounds between two recombinations of the pool.
const mergeEvery = 20000

// mergeLeast is the number of rounds between two recombinations at the least: a short search, as a repair makes it, has no pool that is worth one,
// and one takes as long as thousands of rounds.
const mergeLeast = 4000

// cycle is the number of rounds in which a search without end cools down.
const cycle = 60000

// Improve returns a plan that is no worse than s, and feasible where s is. s itself stays as it is. Vehicles whose routes break a
// constraint in s, or that cannot finish what they have begun, keep their routes: all others are improved.
//
// Each thread runs adaptive large-neighbourhood search on a plan of its own (Ropke & Pisinger 2006, doi 10.1287/trsc.1050.0135) with
// string removal and other operators drawn by adaptive weights, local search and annealing. At barriers every `segment` rounds the threads
// exchange good routes, never plans.
func Improve(p *Problem, s *Solution, o Options) *Solution {
	if p.requests == 0 || o.Iterations == 0 && o.Stop == nil {
		return s.Clone()
	}
	o.Threads = max(1, o.Threads)
	s, o.Vehicles = leaveAlone(p, s, o.Vehicles)
	if p.requests > decomposeFrom {
		return improveLarge(p, s, &o)
	}
	near, grids := newNeighbours(p), newGrids(p)
	shown, fleet := p.soften(p.averageRouting())
	workers := make([]*worker, o.Threads)
	each(workers, func(i int) {
		w := newWorker(shown, s, &o, near, grids, i)
		w.orig, w.fleet, w.reducing = p, fleet, fleet
		workers[i] = w
		w.begin()
	})
	for done := 0; o.Iterations == 0 || done < o.Iterations; done += segment {
		rounds := segment
		if o.Iterations > 0 {
			rounds = min(rounds, o.Iterations-done)
		}
		exchange(workers)
		each(workers, func(i int) { workers[i].segment(rounds) })
		if workers[0].stop() {
			break
		}
		mergePools(workers)
	}
	best := workers[0]
	for _, w := range workers {
		if w.bestCost < best.bestCost {
			best = w
		}
	}
	return best.result(s)
}

// each runs f for every worker at once and waits for all.
func each(workers []*worker, f func(i int)) {
	var wg sync.WaitGroup
	for i := range workers {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}

// exchange gives every worker the routes that the others found since the last barrier.
func exchange(workers []*worker) {
	until := make([]int, len(workers))
	for i, w := range workers {
		until[i] = len(w.pool.cols)
	}
	for i, w := range workers {
		for j, from := range workers {
			if i == j {
				continue
			}
			for k := from.pool.fresh; k < until[j]; k++ {
				w.pool.add(from.pool.cols[k].v, from.pool.sequence(k), from.pool.cols[k].cost)
			}
		}
	}
	for _, w := range workers {
		w.pool.fresh = len(w.pool.cols)
	}
	shareFleet(workers)
}

// shareFleet lets workers whose best plan needs more vehicles than another's go on from that one.
func shareFleet(workers []*worker) {
	least := workers[0]
	for _, w := range workers {
		if w.fleet && w.best.vehicles() < least.best.vehicles() {
			least = w
		}
	}
	for _, w := range workers {
		if w.fleet && w.best.vehicles() > least.best.vehicles() && least.bestCost < w.bestCost {
			w.adoptFleet(least)
		}
	}
}

// begin constructs a full plan from the given one by greedy insertion and sets the scale of costs.
func (w *worker) begin() {
	w.bestCost = w.st.trueCost() + w.fixedCost()
	w.best.save(w.st)
	for range 2 {
		w.todo = append(w.todo[:0], w.st.out...)
		w.order()
		for i, r := range w.todo {
			if w.canMove[r] {
				w.placeBest(r, 0)
			}
			if i&63 == 0 && w.stop() {
				break
			}
			w.tidy()
		}
		w.record()
		w.rescale()
		w.best.search = w.st.cost
	}
	w.st.keep()
	w.untilMerge = mergeEvery
}

// rescale sets temperatures and penalties by the routing cost of the current plan.
func (w *worker) rescale() {
	routing, served := int64(0), int64(1)
	for v, h := range w.st.route {
		s := w.a.at(h)
		if !s.empty {
			routing += s.cost - w.p.vehicleSpec[v].FixedCost
			served += int64(s.n-2) / 2
		}
	}
	w.an.scale = float64(routing) * heat(len(w.mobile))
	least := int64(noDelta)
	for r := range Request(w.p.requests) {
		if !w.p.aboard.at(r) {
			least = min(least, w.p.unserved.at(r))
		}
	}
	if routing == 0 {
		return
	}
	w.noiseMost = 1 + int64(noiseShare*float64(routing)/float64(served))
	w.base = unservedShare * float64(routing) / float64(served)
	w.st.setPenalty(w.base, max(1, least))
}

// unservedShare is what the search charges for an unserved request, in routing costs of an average one: dear enough to serve
// everybody in the end, cheap enough to pass through plans that do not. From an experiment with R1a-R10a: 16 beats 6.
const unservedShare = 16

// segment runs the given number of rounds.
func (w *worker) segment(rounds int) {
	for i := range rounds {
		if i&15 == 0 {
			w.steer(w.elapsed())
		}
		if w.stop() {
			break
		}
		w.round()
		w.tidy()
	}
	w.untilMerge -= rounds
	if g := w.o.Progress; g != nil {
		g.rounds.Add(int64(w.iter - w.reported))
		w.reported = w.iter
		g.asked.Add(w.a.asked)
		g.missed.Add(w.a.missed)
		g.pairs.Add(w.a.pr.pairs)
		g.tested.Add(w.a.pr.tested)
		w.a.asked, w.a.missed, w.a.pr.pairs, w.a.pr.tested = 0, 0, 0, 0
	}
}

// mergeAt are the shares of the cooling at which the pool is recombined whenever that was last: for the plan that the rest begins from, and
// while there is time to make something of what is found.
var mergeAt = [...]float64{0.95 * lastFrom, 0.95}

// settled reports whether the search has come past one of mergeAt since it was last asked.
func (w *worker) settled() bool {
	now, last := w.cooled, w.settledAt
	w.settledAt = now
	for _, at := range mergeAt {
		if last < at && now >= at {
			return true
		}
	}
	return false
}

// mergePools has all workers recombine their pools if it is time for one of them: together, so that none waits at a barrier while another does.
func mergePools(workers []*worker) {
	due := false
	for _, w := range workers {
		settled := w.settled() && w.iter-w.mergedAt >= mergeLeast
		if settled && w.cov != nil {
			w.cov.inVain = 0 // now or never
		}
		due = settled || w.untilMerge <= 0 || due
	}
	if !due {
		return
	}
	exchange(workers)
	each(workers, func(i int) {
		workers[i].recombine()
		workers[i].tidy()
	})
	next := mergeEvery
	for _, w := range workers {
		next = max(next, w.mergeRounds())
	}
	for _, w := range workers {
		w.untilMerge, w.mergedAt = next, w.iter
	}
}

// mergeRounds is how many rounds are as long as five of the last recombination: the simplex takes about a nanosecond for every
// number that it touches, a round about 60 microseconds, in which it makes an effort of 400 (measured on R10a).
func (w *worker) mergeRounds() int {
	if w.cov == nil {
		return 0
	}
	work := w.cov.sx.work
	w.cov.sx.work = 0
	return 5 * (work/60000 + int(w.cov.effort/400))
}

// steer sets the temperature for the share of the search that is over, and runs the fleet phase where there is one.
func (w *worker) steer(done float64) {
	if w.reducing {
		w.an.now = w.an.scale * reduceShare
		w.reduceFleet(done)
		return
	}
	w.settlePrices(done)
	w.cooled = w.start + (1-w.start)*(done-w.coolFrom)/max(1e-9, 1-w.coolFrom)
	w.an.set(w.cooled)
	last := w.cooled >= lastFrom
	if last && !w.last && w.st.trueCost()+w.fixedCost() > w.bestCost {
		w.best.load(w.st)
	}
	w.last = last
}

// elapsed is the share of the search that is over.
func (w *worker) elapsed() float64 {
	switch {
	case w.o.Elapsed != nil:
		return min(1, max(0, w.o.Elapsed()))
	case w.o.Iterations > 0:
		return float64(w.iter) / float64(w.o.Iterations)
	}
	return float64(w.iter%cycle) / cycle
}

// tidy sweeps the arena when it is full. It may run only between rounds.
func (w *worker) tidy() {
	if w.a.full() {
		w.a.sweep(w.st.route, w.st.empty)
	}
}

// result is the best plan of the worker, or s where nothing better was found.
func (w *worker) result(s *Solution) *Solution {
	out := s.Rebase(w.orig)
	out.grow()
	if w.bestCost >= w.orig.Cost(out) {
		return out
	}
	for v := range w.best.routes {
		out.put(Vehicle(v), nil)
	}
	for v, nodes := range w.best.routes {
		if len(nodes) > 0 {
			out.put(Vehicle(v), clone(nodes))
		}
	}
	return out
}

func allowed(vehicles []Vehicle, v Vehicle) bool {
	if vehicles == nil {
		return true
	}
	for _, o := range vehicles {
		if o == v {
			return true
		}
	}
	return false
}
