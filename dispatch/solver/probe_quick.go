package solver

import "math"

// quickTries is how many places are tried one by one before the closure decides the rest.
const quickTries = 8

// quick is best for a route that is filled and has no closure: of the places that costs, windows, orders and loads leave, the cheapest
// are tried one by one as whole sequences. Mostly the first of them can be timed, so that the closure need not be built. ok
// is false where it must be.
func (pr *probe) quick(rt *route) (found spot, ok bool) {
	if pr.p.vehicleSpec[rt.v].FixedLayout || pr.softly(rt) {
		return spot{}, false
	}
	pr.enterGaps(rt, true)
	if pr.direct >= Unreachable || pr.direct+pr.svcP > pr.within {
		return spot{delta: noDelta}, true
	}
	pr.gaps()
	pr.seats()
	last := spot{delta: math.MinInt64}
	for range quickTries {
		sp := pr.after(last)
		if sp.pickup == 0 {
			return spot{delta: noDelta}, true
		}
		pr.tested++
		pr.line.with(pr, sp.pickup, sp.delivery)
		fits, known := pr.line.fits()
		if !known {
			return spot{}, false
		}
		if fits && pr.fitsLastIn(sp.pickup, sp.delivery) {
			if rt.empty {
				sp.delta += pr.p.vehicleSpec[rt.v].FixedCost + baseLegs(rt)
			}
			return sp, true
		}
		last = sp
	}
	return spot{}, false
}

// careful reports whether spots of the route need tests beyond times and loads.
func (pr *probe) careful(rt *route) bool {
	s := &pr.p.vehicleSpec[rt.v]
	return s.FixedLayout || s.Freeze > 0 || pr.softly(rt)
}

// softly reports whether the route with the request has a soft time limit.
func (pr *probe) softly(rt *route) bool {
	return pr.p.hasTimed && (rt.soft || pr.p.timed.at(pr.r))
}

// after is the cheapest spot that comes after the last one, by cost and then by position, of those that windows and loads leave.
func (pr *probe) after(last spot) spot {
	found := spot{delta: noDelta / 2}
	top := min(pr.highP, pr.last)
	for i := max(pr.lowP, pr.first); i <= top; i++ {
		if pr.reach[i] != 0 {
			pr.afterFrom(i, last, &found)
		}
	}
	return found
}

// afterFrom looks at all deliveries for the pickup before position i.
func (pr *probe) afterFrom(i int32, last spot, found *spot) {
	rt := pr.rt
	early := max(pr.open, rt.early[i-1]+pr.inP[i-1])
	if early > pr.shut {
		return
	}
	if i >= pr.lowD && i <= pr.highD {
		pr.pairs++
		delta := pr.headP[i-1] + pr.directCost + pr.tailD[i] - int64(rt.leg[i-1])
		if delta < found.delta && (spot{delta, i, i}).beyond(last) && pr.inP[i-1] < Unreachable && pr.outD[i] < Unreachable &&
			max(early+pr.svcP+pr.direct, pr.openD) <= min(pr.shutD, rt.late[i]-pr.outD[i]) {
			*found = spot{delta, i, i}
		}
	}
	if pr.dP[i] == noDelta || pr.dP[i]+pr.leastD[i+1] >= found.delta {
		return
	}
	out := pr.outP[i] - rt.chain[i]
	for j := max(i+1, pr.lowD); j <= pr.reach[i]; j++ {
		pr.pairs++
		delta := pr.dP[i] + pr.dD[j]
		if delta >= found.delta || !(spot{delta, i, j}).beyond(last) {
			continue
		}
		chain := out + rt.chain[j-1]
		if chain+pr.inD[j-1] > pr.within {
			continue
		}
		at := max(rt.early[j-1], early+chain)
		if max(pr.openD, at+pr.inD[j-1]) <= min(pr.shutD, rt.late[j]-pr.outD[j]) {
			*found = spot{delta, i, j}
		}
	}
}

// beyond reports whether s comes after o by cost and then by position.
func (s spot) beyond(o spot) bool {
	if s.delta != o.delta {
		return s.delta > o.delta
	}
	return s.pickup > o.pickup || s.pickup == o.pickup && s.delivery > o.delivery
}
