package solver

// state is the plan that a search works on: a handle a vehicle and a vehicle a request, with a journal to take changes back.
type state struct {
	p     *Problem
	a     *arena
	route []int32   // [v]
	on    []Vehicle // [r], None for unassigned
	out   []Request // unassigned, in any order
	outAt []int32   // [r] index in out, None where assigned
	empty []int32   // [v] handle of the route that serves nobody

	cost    int64   // routes, preferences and penalties
	penalty []int64 // [r] what the search charges for leaving r out
	tally   tally
	log     []change

	// audit, where set, is told the cost before a move and by how much the move should change it, right after the move. Tests set it.
	audit func(st *state, before, delta int64)
}

// change is one entry of the journal: the former route of a vehicle, or the former vehicle of a request.
type change struct {
	v   Vehicle // the vehicle whose route changed, or None
	r   Request
	old int32
}

func newState(p *Problem, a *arena, s *Solution) *state {
	st := &state{
		p: p, a: a,
		route: make([]int32, p.vehicles), empty: make([]int32, p.vehicles),
		on: make([]Vehicle, p.requests), outAt: make([]int32, p.requests),
		penalty: clone([]int64(p.unserved)),
	}
	for r := range st.on {
		st.on[r] = s.VehicleOf(Request(r))
	}
	for v := range Vehicle(p.vehicles) {
		st.empty[v] = a.intern(v, nil)
		st.route[v] = a.intern(v, s.Route(v))
	}
	st.recount()
	return st
}

// recount derives out, tally and cost from the routes and vehicles.
func (st *state) recount() {
	st.out = st.out[:0]
	st.cost = 0
	st.tally.count(st.p)
	for v := range st.route {
		st.cost += st.a.at(st.route[v]).cost
	}
	for r := range Request(st.p.requests) {
		st.outAt[r] = None
		v := st.on[r]
		if v == None {
			st.outAt[r] = int32(len(st.out))
			st.out = append(st.out, r)
			st.cost += st.penalty[r]
			continue
		}
		st.cost += st.p.preferenceCost(v, r)
		st.tally.unserved--
		st.tally.classUnserved[st.p.requestSpec[r].Fairness]--
	}
	st.cost += st.tally.cost(st.p.fairness)
	st.log = st.log[:0]
}

// setRoute gives v another route.
func (st *state) setRoute(v Vehicle, h int32) {
	st.log = append(st.log, change{v, None, st.route[v]})
	st.cost += st.a.at(h).cost - st.a.at(st.route[v]).cost
	st.route[v] = h
}

// setVehicle records who serves r, None for nobody.
func (st *state) setVehicle(r Request, v Vehicle) {
	st.log = append(st.log, change{None, r, int32(st.on[r])})
	st.moveTo(r, v)
}

func (st *state) moveTo(r Request, v Vehicle) {
	p, class := st.p, st.p.requestSpec[r].Fairness
	if p.fairness.Weight != 0 {
		st.cost -= st.tally.cost(p.fairness)
	}
	if was := st.on[r]; was == None {
		st.dropOut(r)
		st.cost -= st.penalty[r]
		st.tally.unserved--
		st.tally.classUnserved[class]--
	} else if p.hasPreferred {
		st.cost -= p.preferenceCost(was, r)
	}
	st.on[r] = v
	if v == None {
		st.outAt[r] = int32(len(st.out))
		st.out = append(st.out, r)
		st.cost += st.penalty[r]
		st.tally.unserved++
		st.tally.classUnserved[class]++
	} else if p.hasPreferred {
		st.cost += p.preferenceCost(v, r)
	}
	if p.fairness.Weight != 0 {
		st.cost += st.tally.cost(p.fairness)
	}
}

// unfair is the fairness term of the plan.
func (st *state) unfair() int64 { return st.tally.cost(st.p.fairness) }

// relief is by how much the fairness term falls once r is served, who is not now; negative where it rises.
func (st *state) relief(r Request) int64 {
	if st.p.fairness.Weight == 0 {
		return 0
	}
	with := st.tally
	with.unserved--
	with.classUnserved[st.p.requestSpec[r].Fairness]--
	return st.unfair() - with.cost(st.p.fairness)
}

func (st *state) dropOut(r Request) {
	i, last := st.outAt[r], st.out[len(st.out)-1]
	st.out[i] = last
	st.outAt[last] = i
	st.out = st.out[:len(st.out)-1]
	st.outAt[r] = None
}

// insert puts r into v at the spot of the arrangement.
func (st *state) insert(v Vehicle, r Request, variant int32, sp spot) {
	before := st.cost
	st.setRoute(v, st.a.inserted(variant, r, sp))
	st.setVehicle(r, v)
	st.moved(before, sp.delta-st.penalty[r])
}

// moved tells the audit of a move.
func (st *state) moved(before, delta int64) {
	if st.audit != nil {
		st.audit(st, before, delta)
	}
}

// keep makes all changes since the last keep or undo final.
func (st *state) keep() { st.log = st.log[:0] }

// mark is a point in the journal to go back to.
func (st *state) mark() int { return len(st.log) }

// undo takes back all changes after the mark.
func (st *state) undo(mark int) {
	for len(st.log) > mark {
		c := st.log[len(st.log)-1]
		st.log = st.log[:len(st.log)-1]
		if c.v != None {
			st.cost += st.a.at(c.old).cost - st.a.at(st.route[c.v]).cost
			st.route[c.v] = c.old
		} else {
			st.moveTo(c.r, Vehicle(c.old))
		}
	}
}

// trueCost is the objective, with the requests' own unserved costs in place of the penalties.
func (st *state) trueCost() int64 {
	c := st.cost
	for _, r := range st.out {
		c += st.p.unserved.at(r) - st.penalty[r]
	}
	return c
}

// setPenalty makes the search charge min(unserved, scale * unserved / least) for every request left out.
func (st *state) setPenalty(scale float64, least int64) {
	for r := range st.penalty {
		own := st.p.unserved.at(Request(r))
		if st.p.aboard.at(Request(r)) {
			st.penalty[r] = own
			continue
		}
		st.penalty[r] = min(own, int64(scale*float64(own)/float64(least)))
	}
	st.recount()
}

// without returns the handle of v's route less the requests for which gone holds. Only a travel that breaks the triangle inequality
// makes it infeasible; feasible finds that out before a plan is kept.
func (st *state) without(v Vehicle, gone func(Request) bool) int32 {
	s := st.a.at(st.route[v])
	buf := st.a.buf[:0]
	served := false
	for _, n := range s.node[1 : len(s.node)-1] {
		r := st.p.RequestOf(n)
		if r != None && gone(r) {
			continue
		}
		served = served || r != None
		buf = append(buf, n)
	}
	if !served {
		return st.empty[v]
	}
	st.a.buf = buf
	return st.a.intern(v, buf)
}

// feasible reports whether all routes that changed since the mark are.
func (st *state) feasible(mark int) bool {
	for _, c := range st.log[mark:] {
		if c.v != None && st.route[c.v] != st.empty[c.v] && !st.a.sound(st.route[c.v]) {
			return false
		}
	}
	return true
}
