package solver

// Initial is the plan before anybody new is served: fixed beginnings are in place and riders who are aboard have their deliveries
// in the cheapest feasible order found. ok is false where some vehicle's commitments cannot be kept; the plan then holds
// what can be.
func Initial(p *Problem) (s *Solution, ok bool) {
	s, ok = NewSolution(p), true
	var rt route
	for v := range Vehicle(p.vehicles) {
		if !commit(p, s, v, &rt) {
			ok = false
		}
	}
	return s, ok
}

// commit builds the route of what v has begun.
func commit(p *Problem, s *Solution, v Vehicle, rt *route) bool {
	spec := &p.vehicleSpec[v]
	var nodes []Node
	var owed []Node
	for _, o := range spec.Order[:spec.Fixed] {
		if !p.compatible(v, o.Request) {
			return false
		}
		nodes = append(nodes, p.nodeOf(o))
		if !o.Delivery {
			owed = append(owed, p.DeliveryOf(o.Request))
		}
	}
	for _, r := range p.boarded[v] {
		owed = append(owed, p.DeliveryOf(r))
	}
	if len(nodes) == 0 && len(owed) == 0 {
		return true
	}
	missing := owed[:0]
	for _, n := range owed {
		if !contains(nodes, n) {
			missing = append(missing, n)
		}
	}
	best, ok := settleVisits(p, v, nodes, missing, rt)
	if ok {
		s.put(v, best)
	}
	return ok
}

// leaveAlone prepares a plan for a search: vehicles that serve nobody finish what they have begun, as Initial has it, and those
// whose part of the plan breaks a constraint all the same are taken off the list of vehicles that may change. So the
// search can only better the rest, and a plan never gets more violations than it came with.
func leaveAlone(p *Problem, s *Solution, vehicles []Vehicle) (*Solution, []Vehicle) {
	s = s.Rebase(p)
	s.grow()
	var rt route
	for v := range Vehicle(p.vehicles) {
		if len(s.Route(v)) == 0 && allowed(vehicles, v) {
			commit(p, s, v, &rt)
		}
	}
	bad := Verify(p, s)
	if len(bad) == 0 {
		return s, vehicles
	}
	closed := make([]bool, p.vehicles)
	for _, b := range bad {
		closed[b.Vehicle] = true
	}
	open := make([]Vehicle, 0, p.vehicles)
	for v := range Vehicle(p.vehicles) {
		if !closed[v] && allowed(vehicles, v) {
			open = append(open, v)
		}
	}
	return s, open
}

func contains(nodes []Node, n Node) bool {
	for _, o := range nodes {
		if o == n {
			return true
		}
	}
	return false
}

// settleVisits puts the missing deliveries and the breaks of v after the given nodes, in the cheapest feasible order, by
// depth-first search over the order of the deliveries with the best cost so far as the bound.
func settleVisits(p *Problem, v Vehicle, nodes, missing []Node, rt *route) ([]Node, bool) {
	d := descent{p: p, v: v, rt: rt, budget: 200000}
	d.visit(nodes, missing)
	return d.best, d.best != nil
}

// descent is the state of settleVisits.
type descent struct {
	p      *Problem
	v      Vehicle
	rt     *route
	best   []Node
	cost   int64
	budget int // routes still to be computed
	ar     arranger
}

func (d *descent) visit(nodes, missing []Node) {
	if d.budget <= 0 {
		return
	}
	if len(missing) == 0 {
		d.finish(nodes)
		return
	}
	for i, n := range missing {
		rest := append(append([]Node(nil), missing[:i]...), missing[i+1:]...)
		d.visit(append(nodes[:len(nodes):len(nodes)], n), rest)
	}
}

func (d *descent) finish(nodes []Node) {
	d.ar.reset(d.p, d.v, nodes)
	for d.ar.next() {
		d.budget--
		if d.rt.compute(d.p, d.v, d.ar.nodes) && (d.best == nil || d.rt.cost < d.cost) {
			d.best, d.cost = append([]Node(nil), d.ar.nodes...), d.rt.cost
		}
	}
}
