package solver

// Soft time limits: what a plan may miss at a price a tick. The prices are the spec's, and the sum is part of the objective:
//
//	PreferredTimeCost * |start(pickup) - PreferredTime|
//	LateCost          * max(0, start(delivery) - DueTime)
//	LongRideCost      * max(0, ride time - EasyRide)
//
// over the requests of a route, by the schedule of the route for which it is least. Each is a convex function of a difference of two
// starts, so that the Scheduler finds that schedule exactly; stopsTimeCost is the slow value of a schedule, and an insertion
// costs the difference of two of them (probe.timeDelta). Riders aboard have no pickup left to prefer a time for.

// soft reports whether the request has a soft time limit.
func (s *RequestSpec) soft() bool {
	return s.PreferredTimeCost > 0 && !s.OnBoard || s.LateCost > 0 || s.LongRideCost > 0
}

// pricedArcs appends the priced arcs of the node at position k.
func (sc *Scheduler) pricedArcs(p *Problem, k int32) {
	rt := &sc.rt
	node, origin := rt.node[k], rt.n
	r := p.RequestOf(node)
	if r == None || !p.timed.at(r) {
		return
	}
	s := &p.requestSpec[r]
	add := func(from, to int32, least int64, cost int32) {
		if cost > 0 {
			sc.arcs = append(sc.arcs, arc{from, to, least, int64(cost) * scheduleScale, 0})
		}
	}
	if p.IsPickup(node) {
		add(origin, k, int64(s.PreferredTime), s.PreferredTimeCost)
		add(k, origin, -int64(s.PreferredTime), s.PreferredTimeCost)
		return
	}
	add(k, origin, -int64(s.DueTime), s.LateCost)
	if i := rt.pick[k]; i != None {
		add(k, i, -int64(s.EasyRide)-int64(rt.svc[i]), s.LongRideCost)
	} else {
		add(k, origin, -int64(s.EasyRide)-int64(s.Boarded), s.LongRideCost)
	}
}

// stopsTimeCost is what a schedule misses of the soft time limits, at their prices.
func (p *Problem) stopsTimeCost(stops []Stop) int64 {
	total := int64(0)
	for k, st := range stops {
		r := p.RequestOf(st.Node)
		if r == None || !p.timed.at(r) {
			continue
		}
		s := &p.requestSpec[r]
		if p.IsPickup(st.Node) {
			off := int64(st.Begin) - int64(s.PreferredTime)
			total += max(off, -off) * int64(s.PreferredTimeCost)
			continue
		}
		total += max(0, int64(st.Begin)-int64(s.DueTime)) * int64(s.LateCost)
		if s.LongRideCost > 0 {
			boarded := s.Boarded
			for i := k - 1; i > 0 && !s.OnBoard; i-- {
				if stops[i].Node == p.PickupOf(r) {
					boarded = stops[i].Leave
					break
				}
			}
			total += max(0, int64(st.Begin)-int64(boarded)-int64(s.EasyRide)) * int64(s.LongRideCost)
		}
	}
	return total
}
