package solver

// Query asks where one request can go.
type Query struct {
	// Request is the one to place. It must be unassigned in the plan.
	Request Request
	// Pickup and Delivery narrow the request's own windows; the zero value narrows nothing.
	Pickup, Delivery TimeWindow
	// Vehicles are the only ones to try; nil means all.
	Vehicles []Vehicle
	// Alternatives is how many insertions to return; 0 means 1.
	Alternatives int
	// PerVehicle is how many of them one vehicle may have; 0 means 1.
	PerVehicle int
}

func (q *Query) windows() (pickup, delivery TimeWindow) {
	pickup, delivery = q.Pickup, q.Delivery
	if pickup == (TimeWindow{}) {
		pickup = Always()
	}
	if delivery == (TimeWindow{}) {
		delivery = Always()
	}
	return pickup, delivery
}

// Insertion is one feasible way to serve a request. The indexes count in the route that results: Route(Vehicle)[PickupIndex] will
// be the pickup. PickupIndex is None for riders who are aboard already.
type Insertion struct {
	Request                    Request
	Vehicle                    Vehicle
	Cost                       int64 // change of the objective without the request's unserved cost, which it saves on top
	PickupIndex, DeliveryIndex int32
	PickupAt, DeliveryAt       int32            // planned starts of service, in ticks
	breaks                     [MaxBreaks]int32 // index of each break in the resulting route
}

// Inserter answers queries on one problem. It is scratch for one goroutine and allocates nothing once the longest route has been
// seen. It may be kept while the problem is extended and withdrawn from.
type Inserter struct {
	p     *Problem
	pr    probe
	rt    route
	kept  []keptRoute // by vehicle
	ar    arranger
	found []Insertion // of the vehicle at hand
	nodes []Node
	sched Scheduler
	stops []Stop
	ex    explainer
}

// NewInserter returns an inserter on p.
func NewInserter(p *Problem) *Inserter { return &Inserter{p: p} }

// Best appends the cheapest insertions to out, cheapest first, ties by the lower vehicle. It is exact: every compatible vehicle,
// every pair of positions and every arrangement of breaks is decided, so an empty answer means that there is none. The plan's
// own routes must be feasible. Complexity: O(n*n) for every route of n nodes, a constant-time test for each pair of positions.
func (in *Inserter) Best(s *Solution, q Query, out []Insertion) []Insertion {
	k := max(1, q.Alternatives)
	per := min(k, max(1, q.PerVehicle))
	from := len(out)
	home := in.p.shareVehicle(q.Request, s.on)
	try := func(v Vehicle) {
		if in.p.compatible(v, q.Request) && fitsShare(v, home) {
			limit := int64(noDelta)
			if len(out)-from == k {
				limit = out[len(out)-1].Cost
			}
			in.vehicle(s, v, &q, limit, per)
			for i := range in.found {
				out = merge(out, from, k, in.found[i])
			}
		}
	}
	if q.Vehicles != nil {
		for _, v := range q.Vehicles {
			try(v)
		}
	} else {
		for v := range Vehicle(in.p.vehicles) {
			try(v)
		}
	}
	for i := from; i < len(out); i++ {
		in.date(s, &out[i], &q)
	}
	return out
}

// merge puts one insertion into out[from:], which holds at most k in order.
func merge(out []Insertion, from, k int, one Insertion) []Insertion {
	if len(out)-from == k {
		if one.Cost >= out[len(out)-1].Cost {
			return out
		}
		out = out[:len(out)-1]
	}
	out = append(out, one)
	for i := len(out) - 1; i > from && out[i].Cost < out[i-1].Cost; i-- {
		out[i], out[i-1] = out[i-1], out[i]
	}
	return out
}

// vehicle fills found with the best insertions into v that cost less than limit.
func (in *Inserter) vehicle(s *Solution, v Vehicle, q *Query, limit int64, per int) {
	p := in.p
	in.found = in.found[:0]
	prefer := p.preferenceCost(v, q.Request)
	pickup, delivery := q.windows()
	in.pr.aim(p, q.Request, pickup, delivery)
	in.ar.reset(p, v, s.routes[v])
	if p.aboard.at(q.Request) {
		in.seated(s, v, limit, prefer-p.RouteCost(v, s.routes[v]))
		return
	}
	rt, was := &in.rt, int64(0)
	whole := p.BreaksOf(v) == 0 // there is one arrangement, whose columns are kept
	if whole {
		kept := in.keep(s, v)
		if !kept.ok {
			return
		}
		rt, was = &kept.rt, kept.cost
	} else {
		was = p.RouteCost(v, s.routes[v])
	}
	for in.ar.next() {
		if !whole && !rt.compute(p, v, in.ar.nodes) {
			continue
		}
		shift := prefer + rt.cost - was
		in.pr.many = per
		in.pr.spots = in.pr.spots[:0]
		best := in.pr.best(rt, limit-shift)
		if best.delta == noDelta {
			continue
		}
		if len(in.pr.spots) == 0 {
			in.found = merge(in.found, 0, per, in.insertion(v, best, shift))
			limit = in.found[0].Cost
			continue
		}
		for _, sp := range in.pr.spots {
			one := in.insertion(v, sp, shift)
			if rt.empty {
				one.Cost += in.p.vehicleSpec[v].FixedCost + baseLegs(rt)
			}
			in.found = merge(in.found, 0, per, one)
		}
	}
}

// insertion expresses a spot of the current arrangement by indexes of the resulting route.
func (in *Inserter) insertion(v Vehicle, sp spot, shift int64) Insertion {
	one := Insertion{
		Request: in.pr.r, Vehicle: v, Cost: sp.delta + shift,
		PickupIndex: sp.pickup - 1, DeliveryIndex: sp.delivery,
	}
	if sp.pickup == 0 {
		one.PickupIndex, one.DeliveryIndex = None, sp.delivery-1
	}
	if in.p.BreaksOf(v) == 0 {
		return one
	}
	b := 0
	for k, n := range in.rt.node {
		if in.p.isBreak(n) {
			at := int32(k) - 1
			if sp.pickup != 0 && sp.pickup <= int32(k) {
				at++
			}
			if sp.delivery <= int32(k) {
				at++
			}
			one.breaks[b] = at
			b++
		}
	}
	return one
}

// date fills the planned times of an insertion.
func (in *Inserter) date(s *Solution, one *Insertion, q *Query) {
	in.nodes = in.sequence(s, one, in.nodes[:0])
	pickup, delivery := q.windows()
	var ok bool
	in.stops, ok = in.sched.scheduleWithin(in.p, one.Vehicle, in.nodes, q.Request, pickup, delivery, in.stops[:0])
	if !ok {
		panic("solver: an insertion found feasible has no schedule")
	}
	one.DeliveryAt = in.stops[one.DeliveryIndex+1].Begin
	if one.PickupIndex >= 0 {
		one.PickupAt = in.stops[one.PickupIndex+1].Begin
	}
}

// Sequence appends the nodes of the route that results from the insertion to buf.
func (in *Inserter) Sequence(s *Solution, one Insertion, buf []Node) []Node {
	return in.sequence(s, &one, buf)
}

func (in *Inserter) sequence(s *Solution, one *Insertion, buf []Node) []Node {
	p, v := in.p, one.Vehicle
	from := len(buf)
	breaks := p.BreaksOf(v)
	b, next := 0, 0
	old := s.routes[v]
	for {
		at := int32(len(buf) - from)
		for next < len(old) && old[next] < p.first {
			next++
		}
		switch {
		case at == one.PickupIndex:
			buf = append(buf, p.PickupOf(one.Request))
		case at == one.DeliveryIndex:
			buf = append(buf, p.DeliveryOf(one.Request))
		case b < breaks && one.breaks[b] == at:
			buf = append(buf, p.BreakOf(v, b))
			b++
		case next < len(old):
			buf = append(buf, old[next])
			next++
		default:
			return buf
		}
	}
}

// Apply puts the insertion into the plan, which must be the one that it was found for.
func (in *Inserter) Apply(s *Solution, one Insertion) {
	s.grow()
	s.put(one.Vehicle, in.sequence(s, &one, nil))
}
