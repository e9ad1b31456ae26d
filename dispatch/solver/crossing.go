package solver

// cross offers the routes of the pool to vehicles of other kinds: what a vehicle has been seen to do, one of another depot may do when the
// first is needed elsewhere, and the search itself would have to move all riders at once to find that. Only routes come in whose reduced
// cost the pool takes, so this follows a relaxation. It reports whether any came in.
func (c *covering) cross() bool {
	w, p, pl := c.w, c.w.p, c.w.pool
	c.models = w.models(c.models[:0])
	if len(c.models) < 2 || p.hasPreferred || p.hasTimed {
		return false
	}
	before := len(pl.cols)
	price := func(kind int32) float64 { return pl.dual[int(p.requests)+int(kind)] }
	for i := range before {
		from := pl.cols[i] // by value: the pool grows
		if c.score[i] > pl.slack*crossReach || !p.loose(from.v) || w.stop() {
			continue
		}
		bare := c.score[i] - float64(from.cost) + price(from.kind)
		for _, v := range c.models {
			kind := p.kind.at(v)
			if kind == from.kind {
				continue
			}
			cost := w.transferred(v, &from, pl.sequence(i))
			if bare+float64(cost)-price(kind) > pl.slack || !c.mayRun(v, pl.sequence(i)) {
				continue
			}
			if h := w.a.intern(v, pl.sequence(i)); w.a.sound(h) {
				pl.add(v, pl.sequence(i), w.a.at(h).cost)
			}
		}
	}
	return len(pl.cols) > before
}

// crossReach is up to how many times the reduced cost that the pool takes a route is offered to other kinds.
const crossReach = 10

// loose reports whether routes of v have nothing in them that belongs to v alone.
func (p *Problem) loose(v Vehicle) bool {
	return p.BreaksOf(v) == 0 && len(p.vehicleSpec[v].Order) == 0 && p.startRiders.at(v) == 0
}

// models appends the first vehicle of every kind whose routes another may run and that the search may change.
func (w *worker) models(buf []Vehicle) []Vehicle {
	w.seen++
	for _, v := range w.active {
		if k := w.p.kind.at(v); w.kindSeen[k] != w.seen && w.p.loose(v) {
			w.kindSeen[k] = w.seen
			buf = append(buf, v)
		}
	}
	return buf
}

// transferred is what a route of the pool costs on v.
func (w *worker) transferred(v Vehicle, from *poolRoute, nodes []Node) int64 {
	p := w.p
	a, b := &p.vehicleSpec[from.v], &p.vehicleSpec[v]
	if a.Class != b.Class {
		return p.RouteCost(v, nodes)
	}
	ends := func(u Vehicle) int64 {
		_, out := p.Leg(u, p.StartOf(u), nodes[0])
		_, back := p.Leg(u, nodes[len(nodes)-1], p.EndOf(u))
		return int64(out) + int64(back)
	}
	return from.cost + ends(v) - ends(from.v) + b.FixedCost - a.FixedCost
}
