package solver

import "math"

// noDelta is the cost change of an insertion that is not there.
const noDelta = math.MaxInt64 / 4

// spot is one way to put a request into a route: its pickup into the gap before position pickup and its delivery into the gap
// before position delivery, both counted in the route without the request; equal gaps mean one directly after the other.
type spot struct {
	delta            int64 // change of route cost, noDelta where there is none
	pickup, delivery int32
}

// probe decides insertions of one request into routes. It is scratch of one goroutine; nothing is allocated after the longest
// route has been seen.
type probe struct {
	p     *Problem
	grids []grid // packed travel rows by class, nil where rows are read one by one

	// the request being tried
	r                Request
	pickup, delivery Node
	open, shut       int32 // window of the pickup
	openD, shutD     int32 // window of the delivery
	from, to         Place
	svcP, svcD       int32
	direct           int32 // time from pickup to delivery on the vehicle's class
	directCost       int64
	within           int32 // start(delivery) <= start(pickup) + within
	limit            int32 // ride-time limit, NoLimit for none
	rt               *route

	// by position k of the route
	inP, outP, inD, outD []int32 // time from the start at k to the new node, and from the start at the new node to k
	dP, dD               []int64 // cost of the new node alone in the gap before k, noDelta where it cannot go
	headP, tailP         []int64 // cost of the legs k to pickup and pickup to k
	headD, tailD         []int64 // the same for the delivery
	leastD               []int64 // least dD at or after k
	free                 []bool  // the request may be aboard on the leg that leaves k
	reach                []int32 // last gap for the delivery if the pickup goes before k

	lowP, highP, lowD, highD int32 // gaps that orders, fixed beginnings and gather groups leave open
	first, last              int32 // gaps whose columns are filled

	tested int64 // pairs that reached the full exact test
	pairs  int64 // pairs looked at

	many  int    // how many spots of a route to keep; 0 and 1 mean the best alone
	spots []spot // the cheapest ones of the last route, where many > 1

	line  timeline
	trial []Node
	whole route
	sched Scheduler
}

// aim points the probe at request r with the windows given, which are met with the request's own.
func (pr *probe) aim(p *Problem, r Request, pickup, delivery TimeWindow) {
	pr.p, pr.r = p, r
	pr.pickup, pr.delivery = p.PickupOf(r), p.DeliveryOf(r)
	pr.open, pr.shut = max(p.open.at(pr.pickup), pickup.Earliest), min(p.shut.at(pr.pickup), pickup.Latest)
	pr.openD, pr.shutD = max(p.open.at(pr.delivery), delivery.Earliest), min(p.shut.at(pr.delivery), delivery.Latest)
	pr.from, pr.to = p.place.at(pr.pickup), p.place.at(pr.delivery)
	pr.limit = p.ride.at(r)
}

// enter reads the times and costs of the legs between the route and the two new nodes. rt needs no more columns than drive fills.
func (pr *probe) enter(rt *route) { pr.enterGaps(rt, false) }

// span sets first and last to the gaps that the windows of the request leave: a rider cannot board where everybody after has to be
// served before the pickup opens, nor get out where nobody before is served until the delivery has closed. Both times grow
// along the route. Riders who are aboard get out anywhere.
func (pr *probe) span() {
	rt := pr.rt
	if pr.p.aboard.at(pr.r) {
		return
	}
	open, shut := pr.open, pr.shutD
	if pr.within < NoLimit {
		open, shut = max(open, pr.openD-pr.within), min(shut, pr.shut+pr.within)
	}
	for pr.first < pr.last && rt.late[pr.first] < open {
		pr.first++
	}
	for pr.last > pr.first && rt.early[pr.last-1] > shut {
		pr.last--
	}
}

// begin sets what holds for all gaps of rt.
func (pr *probe) begin(rt *route) (class int32, rowP *legs) {
	p := pr.p
	pr.rt = rt
	class = p.vehicleSpec[rt.v].Class
	pr.svcP, pr.svcD = p.ServiceTime(rt.v, pr.pickup), p.ServiceTime(rt.v, pr.delivery)
	rowP = p.row(class, pr.from)
	pr.direct = rowP.time[pr.to]
	pr.directCost = int64(rowP.cost[pr.to])
	pr.within = pr.limit
	if pr.within < NoLimit {
		pr.within += pr.svcP
	}
	pr.first, pr.last = 1, rt.n-1
	return class, rowP
}

// enterGaps is enter, for all gaps or for those that span leaves.
func (pr *probe) enterGaps(rt *route, narrow bool) {
	p := pr.p
	class, rowP := pr.begin(rt)
	pr.size(int(rt.n))
	if narrow {
		pr.span()
	}
	if pr.grids != nil {
		pr.readGrid(&pr.grids[class])
	} else {
		pr.readRows(class, rowP, p.row(class, pr.to))
	}
	pr.lowP, pr.highP = p.fitsOrder(rt.v, rt.node, pr.pickup)
	pr.lowD, pr.highD = p.fitsOrder(rt.v, rt.node, pr.delivery)
	if p.hasGather {
		high, low := p.fitsGather(pr.r, rt.node)
		pr.highP, pr.lowD = min(pr.highP, high), max(pr.lowD, low)
	}
}

func (pr *probe) size(n int) {
	pr.inP, pr.outP = resize(pr.inP, n), resize(pr.outP, n)
	pr.inD, pr.outD = resize(pr.inD, n), resize(pr.outD, n)
	pr.dP, pr.dD, pr.leastD = resize(pr.dP, n), resize(pr.dD, n), resize(pr.leastD, n+1)
	pr.headP, pr.headD, pr.tailP = resize(pr.headP, n), resize(pr.headD, n), resize(pr.tailP, n)
	pr.free, pr.reach = resize(pr.free, n), resize(pr.reach, n)
	pr.tailD = resize(pr.tailD, n)
}

// readRows fills the columns of legs from travel rows.
func (pr *probe) readRows(class int32, rowP, rowD *legs) {
	rt := pr.rt
	for k := pr.first - 1; k <= pr.last; k++ {
		at := rt.at[k]
		row := pr.p.row(class, at)
		pr.inP[k] = rt.svc[k] + row.time[pr.from]
		pr.inD[k] = rt.svc[k] + row.time[pr.to]
		pr.headP[k] = int64(row.cost[pr.from])
		pr.headD[k] = int64(row.cost[pr.to])
		pr.outP[k] = pr.svcP + rowP.time[at]
		pr.outD[k] = pr.svcD + rowD.time[at]
		pr.tailP[k] = int64(rowP.cost[at])
		pr.tailD[k] = int64(rowD.cost[at])
	}
}

// readGrid fills the columns of legs from a grid.
func (pr *probe) readGrid(g *grid) {
	rt, w := pr.rt, g.places
	from, to := pr.first-1, pr.last+1
	fromP, intoP := g.from[int32(pr.from)*w:][:w], g.into[int32(pr.from)*w:][:w]
	fromD, intoD := g.from[int32(pr.to)*w:][:w], g.into[int32(pr.to)*w:][:w]
	at := rt.at[from:to]
	n := len(at)
	inP, inD, outP, outD := pr.inP[from:][:n], pr.inD[from:][:n], pr.outP[from:][:n], pr.outD[from:][:n]
	headP, headD, tailP, tailD := pr.headP[from:][:n], pr.headD[from:][:n], pr.tailP[from:][:n], pr.tailD[from:][:n]
	svc := rt.svc[from:][:n]
	for k, at := range at {
		a, b, c, d := intoP[at], intoD[at], fromP[at], fromD[at]
		inP[k], headP[k] = svc[k]+a.time, int64(a.cost)
		inD[k], headD[k] = svc[k]+b.time, int64(b.cost)
		outP[k], tailP[k] = pr.svcP+c.time, int64(c.cost)
		outD[k], tailD[k] = pr.svcD+d.time, int64(d.cost)
	}
}

// bound is a lower bound on what best can return for rt, from costs and from the windows alone; rt need not have more columns than
// drive fills. It is not for riders aboard.
func (pr *probe) bound(rt *route) int64 {
	p := pr.p
	class, rowP := pr.begin(rt)
	pr.span()
	b := bounding{noDelta, noDelta}
	if pr.grids != nil {
		pr.boundGrid(&pr.grids[class], &b)
	} else {
		pr.size(int(rt.n))
		pr.readRows(class, rowP, p.row(class, pr.to))
		pr.boundRows(&b)
	}
	low := b.low
	if low >= noDelta/2 {
		return noDelta
	}
	if rt.empty {
		low += p.vehicleSpec[rt.v].FixedCost + baseLegs(rt)
	}
	return low - rt.timeCost
}

// bounding is a bound that is being computed, from the last gap to the first: of all spots so far, and of the delivery alone.
type bounding struct{ low, least int64 }

// boundRows goes through the gaps by the columns that readRows has filled.
func (pr *probe) boundRows(b *bounding) {
	for k := pr.last; k >= pr.first; k-- {
		pr.boundGap(
			b, k, leg{pr.inP[k-1], int32(pr.headP[k-1])}, leg{pr.inD[k-1], int32(pr.headD[k-1])},
			leg{pr.outP[k], int32(pr.tailP[k])}, leg{pr.outD[k], int32(pr.tailD[k])},
		)
	}
}

// boundGrid goes through the gaps by a grid, reads every leg once and keeps nothing.
func (pr *probe) boundGrid(g *grid, b *bounding) {
	rt, w := pr.rt, g.places
	fromP, intoP := g.from[int32(pr.from)*w:][:w], g.into[int32(pr.from)*w:][:w]
	fromD, intoD := g.from[int32(pr.to)*w:][:w], g.into[int32(pr.to)*w:][:w]
	next := rt.at[pr.last]
	for k := pr.last; k >= pr.first; k-- {
		at, svc := rt.at[k-1], rt.svc[k-1]
		inP, inD, outP, outD := intoP[at], intoD[at], fromP[next], fromD[next]
		inP.time, inD.time, outP.time, outD.time = inP.time+svc, inD.time+svc, outP.time+pr.svcP, outD.time+pr.svcD
		pr.boundGap(b, k, inP, inD, outP, outD)
		next = at
	}
}

// boundGap takes in the spots with the pickup before position k, given the legs to and from the new nodes.
func (pr *probe) boundGap(b *bounding, k int32, inP, inD, outP, outD leg) {
	rt := pr.rt
	base, before, after := int64(rt.leg[k-1]), rt.early[k-1], rt.late[k]
	lateD := min(pr.shutD, after-outD.time)
	if early := max(pr.open, before+inP.time); early <= pr.shut {
		if early+pr.svcP+pr.direct <= lateD {
			b.low = min(b.low, int64(inP.cost)+pr.directCost+int64(outD.cost)-base)
		}
		if early <= after-outP.time {
			b.low = min(b.low, int64(inP.cost)+int64(outP.cost)-base+b.least)
		}
	}
	if max(pr.openD, before+inD.time) <= lateD {
		b.least = min(b.least, int64(inD.cost)+int64(outD.cost)-base)
	}
}

// gaps decides for each node alone which gaps it can go into, and what it costs there; without the closure by the windows alone.
func (pr *probe) gaps() {
	rt := pr.rt
	pr.leastD[pr.last+1] = noDelta
	for k := pr.last; k >= pr.first; k-- {
		pr.dP[k], pr.dD[k] = noDelta, noDelta
		if k >= pr.lowP && k <= pr.highP && pr.fitsGap(k, pr.inP[k-1], pr.outP[k], pr.open, pr.shut) {
			pr.dP[k] = pr.headP[k-1] + pr.tailP[k] - int64(rt.leg[k-1])
		}
		if k >= pr.lowD && k <= pr.highD && pr.fitsGap(k, pr.inD[k-1], pr.outD[k], pr.openD, pr.shutD) {
			pr.dD[k] = pr.headD[k-1] + pr.tailD[k] - int64(rt.leg[k-1])
		}
		pr.leastD[k] = min(pr.leastD[k+1], pr.dD[k])
	}
}

// fitsGap is the exact test for one node between positions k-1 and k: `in` after k-1, `out` before k, within its window. Without the
// closure it is a necessary one.
func (pr *probe) fitsGap(k, in, out, open, shut int32) bool {
	if in >= Unreachable || out >= Unreachable {
		return false
	}
	rt := pr.rt
	early := max(open, rt.early[k-1]+in)
	late := min(shut, rt.late[k]-out)
	return early <= late && (!rt.closed || in+out+rt.apart[k*rt.n+k-1] <= 0)
}

// seats decides on which legs the request may be aboard, and how far each pickup gap reaches.
func (pr *probe) seats() {
	rt, p := pr.rt, pr.p
	who := p.loadOf(pr.r)
	for k := pr.first - 1; k < pr.last; k++ {
		pr.free[k] = p.layoutMask(rt.v, rt.load[k*p.dims:(k+1)*p.dims], who) != 0
	}
	if p.hasGroups {
		for k := pr.first - 1; k < pr.last; k++ {
			pr.free[k] = pr.free[k] && p.fitsGroup(pr.r, rt.groups[k])
		}
	}
	if p.hasConflicts && len(p.conflicts.at(pr.r)) > 0 {
		for k := pr.first - 1; k < pr.last; k++ {
			pr.free[k] = pr.free[k] && rt.fitsPairs(p, k+1, pr.r)
		}
	}
	for k := pr.last; k >= pr.first; k-- {
		switch {
		case !pr.free[k-1]:
			pr.reach[k] = 0
		case k < pr.last && pr.free[k] && p.fitsBreak(rt.node[k]):
			pr.reach[k] = pr.reach[k+1]
		default:
			pr.reach[k] = k
		}
	}
}

// best returns the cheapest feasible spot in rt that costs less than limit. Riders who are aboard already are for seated.
func (pr *probe) best(rt *route, limit int64) spot {
	pr.enterGaps(rt, true)
	if pr.direct >= Unreachable || pr.direct+pr.svcP > pr.within {
		return spot{delta: noDelta}
	}
	pr.gaps()
	pr.seats()
	extra := int64(0)
	if rt.empty {
		extra = pr.p.vehicleSpec[rt.v].FixedCost + baseLegs(rt)
	}
	limit = min(limit, noDelta/2)
	found := spot{delta: limit - extra}
	careful := pr.careful(rt)
	top := min(pr.highP, pr.last)
	for i := max(pr.lowP, pr.first); i <= top; i++ {
		if pr.dP[i] != noDelta || pr.reach[i] != 0 {
			pr.bestFrom(i, careful, &found)
		}
	}
	if found.pickup == 0 {
		return spot{delta: noDelta}
	}
	found.delta += extra
	return found
}

// baseLegs is the cost of the legs of a route that serves nobody: nothing is paid for them until somebody is served.
func baseLegs(rt *route) int64 {
	sum := int64(0)
	for _, c := range rt.leg {
		sum += int64(c)
	}
	return sum
}

// bestFrom tries all deliveries for the pickup before position i and keeps what improves on found.
func (pr *probe) bestFrom(i int32, careful bool, found *spot) {
	rt := pr.rt
	reach := pr.reach[i]
	if reach == 0 {
		return
	}
	slack := int64(0)
	if careful {
		slack = rt.timeCost
	}
	if i >= pr.lowD && i <= pr.highD {
		delta := pr.headP[i-1] + pr.directCost + pr.tailD[i] - int64(rt.leg[i-1])
		pr.pairs++
		if delta < found.delta+slack && pr.fitsTogether(i) {
			pr.keep(i, i, delta, careful, found)
		}
	}
	if pr.dP[i] == noDelta || pr.dP[i]+pr.leastD[i+1] >= found.delta+slack {
		return
	}
	jn := pr.join(i)
	if pr.openD-pr.within-jn.late > 0 {
		return
	}
	for j := max(i+1, pr.lowD); j <= reach; j++ {
		pr.pairs++
		delta := pr.dP[i] + pr.dD[j]
		if delta < found.delta+slack && pr.fitsApart(&jn, j) {
			pr.keep(i, j, delta, careful, found)
		}
	}
}

// keep takes the spot, after the tests that only some vehicles need.
func (pr *probe) keep(i, j int32, delta int64, careful bool, found *spot) {
	if careful {
		if !pr.fitsLayoutRun(i, j) || !pr.fitsLastIn(i, j) {
			return
		}
		if delta += pr.timeDelta(i, j); delta >= found.delta {
			return
		}
	}
	if pr.many <= 1 {
		*found = spot{delta, i, j}
		return
	}
	pr.collect(spot{delta, i, j}, found)
}

// collect keeps the cheapest `many` spots in order; found then stands for the last of them.
func (pr *probe) collect(s spot, found *spot) {
	if len(pr.spots) < pr.many {
		pr.spots = append(pr.spots, s)
	} else {
		pr.spots[pr.many-1] = s
	}
	for k := len(pr.spots) - 1; k > 0 && pr.spots[k].delta < pr.spots[k-1].delta; k-- {
		pr.spots[k], pr.spots[k-1] = pr.spots[k-1], pr.spots[k]
	}
	last := pr.spots[len(pr.spots)-1]
	found.pickup, found.delivery = last.pickup, last.delivery
	if len(pr.spots) == pr.many {
		found.delta = last.delta
	}
}

// pickupJoin is what the closure of the route plus the pickup before position at says, as far as deliveries after it need it.
type pickupJoin struct {
	at          int32
	early, late int32 // of the pickup
	out         int32 // pickup to at
	in          int32 // at-1 to pickup
}

// join adds the pickup before position i to the closure.
func (pr *probe) join(i int32) pickupJoin {
	rt := pr.rt
	return pickupJoin{
		at: i, in: pr.inP[i-1], out: pr.outP[i],
		early: max(pr.open, rt.early[i-1]+pr.inP[i-1]),
		late:  min(pr.shut, rt.late[i]-pr.outP[i]),
	}
}

// fitsApart is the exact test of the times for the pickup of jn and the delivery before position j > jn.at: no cycle of the
// difference constraints through the delivery is positive. The closure with the pickup is expressed by that without it.
func (pr *probe) fitsApart(jn *pickupJoin, j int32) bool {
	pr.tested++
	rt := pr.rt
	n, c := rt.n, j-1
	in, out := pr.inD[c], pr.outD[j]
	after := max(jn.out+rt.apart[jn.at*n+c], rt.early[c]-pr.shut)  // pickup to c
	before := max(rt.apart[j*n+jn.at-1]+jn.in, pr.open-rt.late[j]) // j to pickup
	if in+after > pr.within || in+max(rt.early[c], jn.early+after) > pr.shutD {
		return false
	}
	if in+out+max(rt.apart[j*n+c], before+after) > 0 {
		return false
	}
	return pr.openD+out+max(-rt.late[j], before-jn.late) <= 0
}

// fitsTogether is the exact test of the times for pickup and delivery directly after each other before position i.
func (pr *probe) fitsTogether(i int32) bool {
	pr.tested++
	rt := pr.rt
	in, out, ride := pr.inP[i-1], pr.outD[i], pr.svcP+pr.direct
	if in >= Unreachable || out >= Unreachable {
		return false
	}
	early := max(pr.open, rt.early[i-1]+in)
	if early > pr.shut || max(early+ride, pr.openD) > pr.shutD || pr.openD-pr.within > pr.shut {
		return false
	}
	back := max(rt.apart[i*rt.n+i-1]+in, pr.open-rt.late[i]) // i to pickup
	return ride+out+back <= 0 && pr.openD+out+max(-rt.late[i], back-pr.shut) <= 0
}
