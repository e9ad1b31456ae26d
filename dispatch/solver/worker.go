package solver

import "math/rand/v2"

// worker is one search: its own plan, arena and random numbers. Nothing of it is shared while it runs.
type worker struct {
	p    *Problem // what the search sees
	orig *Problem // what it is asked; other fixed costs where fleet is set
	o    *Options
	st   *state
	a    *arena
	near *neighbours // shared, read only
	rnd  *rand.Rand
	an   annealing
	pool *pool
	cov  *covering

	active     []Vehicle // vehicles that may change
	open       []bool    // [v] is one of them
	mobile     []Request // requests that may move: on open vehicles or unassigned, and not pinned
	canMove    []bool    // [r] is one of them
	best       planCopy
	bestCost   int64 // objective of best, with the requests' own unserved costs
	iter       int
	reported   int     // iterations already counted in Progress
	untilMerge int     // rounds before the pool is recombined
	mergedAt   int     // round of the last recombination
	base       float64 // penalty for an unserved request of the least unserved cost

	choosy bool // it matters which requests are left out
	priced bool // penalties are the requests' own unserved costs

	fleet      bool    // the number of vehicles comes first
	reducing   bool    // in the phase that closes vehicles
	fleetSince float64 // share of the search at the last vehicle closed
	coolFrom   float64 // share of the search at which cooling begins
	start      float64 // share of the cooling that is skipped
	cooled     float64 // share of the cooling that is over, and
	settledAt  float64 // when settled was last asked
	last       bool    // the cooling is in its last part
	everywhere bool    // every vehicle is a candidate, however many there are
	mayOpen    []bool  // [v] the caller lets it change

	// scratch, reset by stamp
	taken     []Request
	takenAt   []uint32 // [r] stamp
	ruined    []uint32 // [v] stamp
	stamp     uint32
	kindSeen  []uint32
	seen      uint32
	nearAt    []uint32 // [v] seen stamp
	todo      []Request
	maybe     []maybe
	ceiling   int64 // what the plan of this round may cost
	run       []Request
	members   []Request
	queue     []Vehicle
	queued    []bool
	vehicles  []Vehicle // scratch of candidates
	halted    bool
	left      []Request // of a regret insertion
	cuts      []int32   // empty points of a route,
	otherCuts []int32   // and of another
	swaps     tailSwaps
	tails     []Node

	// operators and what belongs to some of them
	destroyTable          []destroyer
	repairTable           []repairer
	destroyers, repairers *adaptive
	opener                Request // whom the round gives a vehicle of its own, or None
	keepShut              bool    // the round opens no vehicle
	noise, noiseMost      int64   // bound of the noise that insertion adds to costs, now and where it is wanted
	cheapLegs             []int64 // [r] least that the legs of r cost in any accepted plan
}

// planCopy is a plan by sequences, independent of any arena.
type planCopy struct {
	routes [][]Node
	cost   int64 // objective
	search int64 // the same with the search's penalties
}

func newWorker(p *Problem, s *Solution, o *Options, near *neighbours, grids []grid, id int) *worker {
	w := &worker{p: p, o: o, near: near, rnd: rand.New(rand.NewPCG(o.Seed, uint64(id)+1))}
	w.a = newArena(p, grids)
	w.st = newState(p, w.a, s)
	w.st.audit = o.audit
	w.takenAt, w.ruined = make([]uint32, p.requests), make([]uint32, p.vehicles)
	w.kindSeen, w.nearAt = make([]uint32, p.vehicles), make([]uint32, p.vehicles)
	w.queued = make([]bool, p.vehicles)
	w.pool = newPool(p)
	w.open = make([]bool, p.vehicles)
	w.orig = p
	w.canMove = make([]bool, p.requests)
	w.choose(o.Vehicles)
	w.choosy = p.choosy()
	w.destroyTable, w.repairTable = destroyers(), repairers()
	w.destroyers = newAdaptive(priors(w.destroyTable, func(d destroyer) float64 { return d.share }))
	w.repairers = newAdaptive(priors(w.repairTable, func(r repairer) float64 { return r.share }))
	w.cheapLegs = make([]int64, p.requests)
	clearTo(w.cheapLegs, noDelta)
	return w
}

// choose sets what the search may change.
func (w *worker) choose(vehicles []Vehicle) {
	for v := range Vehicle(w.p.vehicles) {
		if allowed(vehicles, v) {
			w.open[v] = true
			w.active = append(w.active, v)
		}
	}
	w.mayOpen = clone(w.open)
	for r := range Request(w.p.requests) {
		v := w.st.on[r]
		if !w.p.pinned.at(r) && (v == None || w.open[v]) {
			w.canMove[r] = true
			w.mobile = append(w.mobile, r)
		}
	}
}

func (w *worker) movable(r Request) bool { return w.canMove[r] }

// anyRequest is a random assigned request that may move, or None where a few draws find none.
func (w *worker) anyRequest() Request {
	if len(w.mobile) == 0 {
		return None
	}
	for range 20 {
		if r := w.mobile[w.rnd.IntN(len(w.mobile))]; w.st.on[r] != None {
			return r
		}
	}
	return None
}

func (w *worker) isTaken(r Request) bool { return w.takenAt[r] == w.stamp }

func (w *worker) take(r Request) {
	if w.takenAt[r] != w.stamp {
		w.takenAt[r] = w.stamp
		w.taken = append(w.taken, r)
	}
}

// stop asks the caller whether to end, and remembers a yes.
func (w *worker) stop() bool {
	if !w.halted && w.o.Stop != nil && w.o.Stop() {
		w.halted = true
	}
	return w.halted
}

// wide is the number of vehicles above which only those of near requests and the empty ones are tried.
const wide = 64

// candidates are the vehicles worth trying for r.
func (w *worker) candidates(r Request) []Vehicle {
	if len(w.active) <= wide || w.everywhere {
		return w.active
	}
	w.seen++
	for _, o := range w.near.of(r) {
		if v := w.st.on[o]; v != None {
			w.nearAt[v] = w.seen
		}
	}
	w.vehicles = w.vehicles[:0]
	for _, v := range w.active {
		if w.nearAt[v] == w.seen || w.st.route[v] == w.st.empty[v] || w.p.homes.at(r) == v {
			w.vehicles = append(w.vehicles, v)
		}
	}
	return w.vehicles
}

// quota bounds how many requests one round removes. From an experiment with R1a-R10a: 14 beats 9 and 30.
const (
	quotaLeast = 3
	quotaMost  = 14
)

// localReach is how far above the current plan, in temperatures, a plan may lie and still be worth local search.
const localReach = 1

// poolReach is how far above the best plan, as a share of its routing cost, a plan may lie and still give routes to the pool, as long as
// there are no prices. Then every plan that is accepted does, and the prices decide.
const poolReach = 0.02

// round is one destroy and repair, kept or taken back, with operators drawn by how well they do.
func (w *worker) round() {
	w.iter++
	destroy, repair := w.destroyers.draw(w.rnd.Float64()), w.repairers.draw(w.rnd.Float64())
	before := w.effort()
	score := w.attempt(w.destroyTable[destroy], w.repairTable[repair])
	work := float64(w.effort() - before)
	w.destroyers.reward(destroy, score, work)
	w.repairers.reward(repair, score, work)
	if w.iter%adaptEvery == 0 {
		w.destroyers.update()
		w.repairers.update()
	}
}

// effort counts insertions asked for, those not known already as much dearer (measured on R10a).
func (w *worker) effort() int64 { return w.a.asked + 30*w.a.missed }

// attempt is one round with the given operators; it returns its score.
func (w *worker) attempt(d destroyer, r repairer) float64 {
	st := w.st
	mark, before, best := st.mark(), st.cost, w.bestCost
	w.ceiling = before + w.an.allowance(w.rnd.Float64())
	w.destroy(d)
	ok := r.run(w)
	w.keepShut = false
	if !ok {
		st.undo(mark)
		return 0
	}
	if float64(st.cost-before) < localReach*w.an.now {
		w.localSearch(mark)
	}
	after := st.cost
	if after > w.ceiling || !st.feasible(mark) {
		st.undo(mark)
		return 0
	}
	if after == before {
		st.keep()
		return 0
	}
	if w.pool.dual != nil || after < before && float64(after-w.best.search) < poolReach*w.an.scale {
		w.pool.addChanged(st)
	}
	w.remember(mark)
	w.record()
	st.keep()
	switch {
	case w.bestCost < best:
		return scoreBest
	case after < before:
		return scoreBetter
	}
	return scoreAccepted
}

// destroy removes some requests and fills todo with them and with those that were out already.
func (w *worker) destroy(d destroyer) {
	w.stamp++
	w.taken = w.taken[:0]
	most := min(quotaMost, max(1, len(w.mobile)*2/5, min(len(w.mobile), quotaSmall)))
	quota := min(most, quotaLeast+w.rnd.IntN(max(1, most-quotaLeast+1)))
	w.opener = None
	d.run(w, quota)
	w.addSharers()
	w.todo = w.todo[:0]
	if len(w.st.out) <= 4*quotaMost {
		w.todo = append(w.todo, w.st.out...)
	} else {
		for range quotaMost {
			w.todo = append(w.todo, w.st.out[w.rnd.IntN(len(w.st.out))])
		}
	}
	w.removeTaken()
	if w.opener != None {
		w.openFor(w.opener)
	}
}

// addSharers takes the rest of every must-share group that has a member taken: alone it could only go back.
func (w *worker) addSharers() {
	if !w.p.hasShare {
		return
	}
	for _, r := range w.taken {
		if g := w.p.share.at(r); g != 0 {
			for _, o := range w.mobile {
				if w.p.share.at(o) == g && w.st.on[o] != None {
					w.take(o)
				}
			}
		}
	}
}

// removeTaken takes the marked requests out of their routes, a route at a time.
func (w *worker) removeTaken() {
	for _, r := range w.taken {
		v := w.st.on[r]
		if v == None {
			continue
		}
		h := w.st.without(v, w.isTaken)
		for _, n := range w.a.at(w.st.route[v]).node {
			if q := w.p.RequestOf(n); q != None && w.p.IsDelivery(n) && w.isTaken(q) {
				w.st.setVehicle(q, None)
				w.todo = append(w.todo, q)
			}
		}
		w.st.setRoute(v, h)
	}
}

// record remembers the plan if it is the best so far, and gives its routes to the pool.
func (w *worker) record() {
	cost := w.st.trueCost() + w.fixedCost()
	if cost >= w.bestCost {
		return
	}
	w.bestCost = cost
	w.best.save(w.st)
	w.pool.addPlan(w.st)
}

// save copies the routes of the state.
func (c *planCopy) save(st *state) {
	if c.routes == nil {
		c.routes = make([][]Node, len(st.route))
	}
	for v, h := range st.route {
		c.routes[v] = c.routes[v][:0]
		if s := st.a.at(h); !s.empty {
			c.routes[v] = append(c.routes[v], s.node[1:s.n-1]...)
		}
	}
	c.cost, c.search = st.trueCost(), st.cost
}

// vehicles is the number of routes in use.
func (c *planCopy) vehicles() int {
	n := 0
	for _, route := range c.routes {
		if len(route) > 0 {
			n++
		}
	}
	return n
}

// load makes the state run the routes of the copy.
func (c *planCopy) load(st *state) {
	for r := range st.on {
		st.on[r] = None
	}
	for v := range st.route {
		st.route[v] = st.a.intern(Vehicle(v), c.routes[v])
		for _, n := range c.routes[v] {
			if r := st.p.RequestOf(n); r != None {
				st.on[r] = Vehicle(v)
			}
		}
	}
	st.recount()
}
