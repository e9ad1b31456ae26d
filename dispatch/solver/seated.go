package solver

// seated finds where in a sequence of v, its breaks in place and the delivery of rider r left out, that delivery costs least: the
// gap, and the cost of the whole route, which is below limit, or gap 0. Every route is made whole and decided as
// such, in O(n*n) for each gap: the columns of the route without the delivery are of no use, as there the rider stays aboard
// to the end, and a break or a load that is refused on that account may be all right once he has got out. Riders aboard are few
// and their routes short.
func (pr *probe) seated(v Vehicle, nodes []Node, limit int64) (gap int32, cost int64) {
	p, rt := pr.p, &pr.whole
	for j := range len(nodes) + 1 {
		pr.trial = append(append(append(pr.trial[:0], nodes[:j]...), pr.delivery), nodes[j:]...)
		rt.lay(p, v, pr.trial)
		if !rt.drive(p) || rt.cost >= limit || !rt.finish(p) {
			continue
		}
		// The earliest and the latest start are those of all feasible schedules together, and so is every time between.
		if k := j + 1; max(rt.early[k], pr.openD) <= min(rt.late[k], pr.shutD) {
			gap, limit = int32(k), rt.cost
		}
	}
	return gap, limit
}

// seated is vehicle for a rider who is aboard: the cheapest place alone, whatever the query asks for.
func (in *Inserter) seated(s *Solution, v Vehicle, limit int64, shift int64) {
	p := in.p
	best := spot{delta: limit - shift}
	for in.ar.reset(p, v, s.routes[v]); in.ar.next(); {
		if gap, cost := in.pr.seated(v, in.ar.nodes, best.delta); gap > 0 {
			best = spot{delta: cost, delivery: gap}
			in.rt.lay(p, v, in.ar.nodes)
		}
	}
	if best.delivery > 0 {
		in.found = append(in.found, in.insertion(v, best, shift))
	}
}

// seated is compute for a rider who is aboard.
func (a *arena) seated(h int32, r Request) (spot, int32) {
	v, nodes := a.slots[h].v, a.slots[h].node
	found, variant := spot{delta: noDelta}, h
	was, limit := a.slots[h].cost, int64(noDelta)
	for a.ar.reset(a.p, v, nodes[1:len(nodes)-1]); a.ar.next(); {
		if gap, cost := a.pr.seated(v, a.ar.nodes, limit); gap > 0 {
			found, limit = spot{delta: cost - was, delivery: gap}, cost
			variant = a.intern(v, a.ar.nodes)
		}
	}
	return found, variant
}
