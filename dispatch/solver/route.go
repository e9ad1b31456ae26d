package solver

// route is one node sequence of a vehicle with the columns that make insertion tests constant-time. It is a value that search
// and insertion intern; all slices belong to it. Positions count from the start depot at 0 to the end depot at n-1.
type route struct {
	v     Vehicle // the vehicle it was computed for; any vehicle of its kind may run it
	n     int32
	node  []Node
	at    []Place
	svc   []int32 // [k] halt at k, in ticks
	leg   []int32 // [k] cost of the leg that leaves k; the last is 0
	pick  []int32 // [k] position of the pickup that belongs to delivery k; None for other nodes and riders already aboard
	chain []int32 // [k] least time from the start of k=0 to the start of k without any waiting, in ticks

	early []int32 // [k] earliest start at k in any feasible schedule
	late  []int32 // [k] latest start at k in any feasible schedule
	apart []int32 // [i*n+k] least start(k)-start(i) in any feasible schedule, for all i and k: the closure

	from []int32 // scratch of closeTimes: [i] apart[i*n+k] for the node k that was added last
	stop []stage // [k] what bounds the start at k

	load   []int32  // [k*dims+d] on the leg that leaves k
	mask   []uint64 // [k] layouts that hold the leg that leaves k
	groups []uint64 // [k] legal groups aboard on the leg that leaves k; kept only where the problem has banned groups
	riders []int32  // [k] riders aboard on the leg that leaves k

	cost     int64 // travel, fixed and soft-time cost; 0 where nobody is served
	timeCost int64 // the soft-time part of cost
	soft     bool  // serves somebody with a soft time limit
	empty    bool  // serves nobody
	closed   bool  // early, late and apart are those of the closure
}

// reshape gives the columns room for n nodes.
func (rt *route) reshape(n, dims int) {
	rt.n = int32(n)
	rt.at = resize(rt.at, n)
	rt.svc = resize(rt.svc, n)
	rt.leg = resize(rt.leg, n)
	rt.pick = resize(rt.pick, n)
	rt.chain = resize(rt.chain, n)
	rt.early = resize(rt.early, n)
	rt.late = resize(rt.late, n)
	rt.apart = resize(rt.apart, n*n)
	rt.load = resize(rt.load, n*dims)
	rt.mask = resize(rt.mask, n)
	rt.groups = resize(rt.groups, n)
	rt.riders = resize(rt.riders, n)
	rt.stop = resize(rt.stop, n)
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/4+4)
	}
	return s[:n]
}

// compute fills all columns for vehicle v running nodes, depots left out, and reports whether the route keeps every constraint
// that depends on the route. Without that the columns are not to be used. nodes is copied.
func (rt *route) compute(p *Problem, v Vehicle, nodes []Node) bool {
	rt.lay(p, v, nodes)
	return rt.drive(p) && rt.finish(p)
}

// lay copies the sequence and makes room for the columns.
func (rt *route) lay(p *Problem, v Vehicle, nodes []Node) {
	rt.v, rt.closed = v, false
	rt.node = append(rt.node[:0], p.StartOf(v))
	rt.node = append(rt.node, nodes...)
	rt.node = append(rt.node, p.EndOf(v))
	rt.reshape(len(rt.node), int(p.dims))
}

// finish fills all columns that drive does not, and reports whether the route is feasible.
func (rt *route) finish(p *Problem) bool { return rt.fill(p) && rt.closeTimes(p) }

// fill is finish without the closure: it leaves open only whether the times can be kept.
func (rt *route) fill(p *Problem) bool {
	if !rt.board(p) || !rt.fitsSequence(p) {
		return false
	}
	rt.stage(p)
	return true
}

// drive fills places, services, legs, the waitless chain and the cost, and reports whether every leg can be driven.
func (rt *route) drive(p *Problem) bool {
	if !rt.follow(p) {
		return false
	}
	rt.timeCost, rt.soft = 0, p.hasTimed && p.isTimed(rt.node[1:len(rt.node)-1])
	if rt.soft {
		rt.timeCost = p.timeCost(rt.v, rt.node[1:len(rt.node)-1])
		rt.cost += rt.timeCost
	}
	return true
}

// follow is drive without the soft-time cost.
func (rt *route) follow(p *Problem) bool {
	class := p.vehicleSpec[rt.v].Class
	rt.chain[0] = 0
	rt.cost, rt.empty = 0, true
	last := len(rt.node) - 1
	for k, n := range rt.node {
		rt.at[k] = p.place.at(n)
		rt.svc[k] = p.ServiceTime(rt.v, n)
		rt.leg[k] = 0
		rt.empty = rt.empty && n < p.first
		if k == 0 {
			continue
		}
		row := p.row(class, rt.at[k-1])
		t := row.time[rt.at[k]]
		if !reachable(t) {
			return false
		}
		rt.leg[k-1] = row.cost[rt.at[k]]
		rt.cost += int64(rt.leg[k-1])
		rt.chain[k] = rt.chain[k-1] + rt.svc[k-1] + t
		if rt.chain[k] > NoLimit {
			return false
		}
	}
	rt.leg[last] = 0
	if !rt.sweepTimes(p) {
		return false
	}
	if rt.empty {
		rt.cost = 0
	} else {
		rt.cost += p.vehicleSpec[rt.v].FixedCost
	}
	return true
}

// sweepTimes fills early and late by the windows and the chain alone, and reports whether those can be kept. closeTimes narrows
// them to what all constraints leave.
func (rt *route) sweepTimes(p *Problem) bool {
	n := int(rt.n)
	t := int32(0)
	for k, node := range rt.node {
		if k > 0 {
			t += rt.chain[k] - rt.chain[k-1]
		}
		t = max(t, p.open.at(node))
		if t > p.shut.at(node) {
			return false
		}
		rt.early[k] = t
	}
	t = p.shut.at(rt.node[n-1])
	rt.late[n-1] = t
	for k := n - 2; k >= 0; k-- {
		t = min(t-(rt.chain[k+1]-rt.chain[k]), p.shut.at(rt.node[k]))
		rt.late[k] = t
	}
	return true
}

// board fills loads, layouts, groups and the pickup of every delivery, and reports whether all legs hold.
func (rt *route) board(p *Problem) bool {
	dims := p.dims
	copy(rt.load, p.startLoad[int32(rt.v)*dims:(int32(rt.v)+1)*dims])
	rt.riders[0] = p.startRiders.at(rt.v)
	rt.pick[0] = None
	rt.groups[0] = p.startMask.at(rt.v)
	rt.mask[0] = p.layoutMask(rt.v, rt.load[:dims], nil)
	run := ^uint64(0)
	if rt.riders[0] > 0 {
		run = rt.mask[0]
	}
	fixed := p.vehicleSpec[rt.v].FixedLayout
	for k := int32(1); k < rt.n; k++ {
		load := rt.load[k*dims : (k+1)*dims]
		copy(load, rt.load[(k-1)*dims:k*dims])
		rt.riders[k] = rt.riders[k-1]
		rt.pick[k] = None
		n := rt.node[k]
		if r := p.RequestOf(n); r != None {
			sign, who := int32(1), p.loadOf(r)
			if p.IsDelivery(n) {
				sign = -1
				if !rt.findPickup(p, k, r) {
					return false
				}
			}
			rt.riders[k] += sign
			for d, q := range who {
				load[d] += sign * q
			}
		}
		rt.mask[k] = p.layoutMask(rt.v, load, nil)
		if rt.riders[k] == 0 {
			run = ^uint64(0)
		} else {
			run &= rt.mask[k]
		}
		if rt.mask[k] == 0 || fixed && run == 0 {
			return false
		}
		if rt.riders[k] > 0 && !p.fitsBreak(n) {
			return false
		}
	}
	return rt.mask[0] != 0
}

// findPickup sets the pickup position of delivery k of r.
func (rt *route) findPickup(p *Problem, k int32, r Request) bool {
	if p.aboard.at(r) {
		return true
	}
	pickup := p.PickupOf(r)
	for i := k - 1; i > 0; i-- {
		if rt.node[i] == pickup {
			rt.pick[k] = i
			return true
		}
	}
	return false
}

// fitsSequence reports whether the constraints on who is aboard with whom and when pickups may happen hold.
func (rt *route) fitsSequence(p *Problem) bool {
	if (p.hasGroups || p.hasConflicts) && !rt.mix(p) {
		return false
	}
	if p.hasGather && !rt.gathered(p) {
		return false
	}
	if p.vehicleSpec[rt.v].Freeze > 0 && !rt.frozen(p) {
		return false
	}
	return len(p.vehicleSpec[rt.v].Order) == 0 || rt.ordered(p)
}

// mix fills the groups aboard and reports whether every pair aboard may ride together.
func (rt *route) mix(p *Problem) bool {
	for k := int32(1); k < rt.n; k++ {
		n := rt.node[k]
		rt.groups[k] = rt.groups[k-1]
		r := p.RequestOf(n)
		switch {
		case r == None:
		case p.IsDelivery(n):
			rt.groups[k] = rt.groupsAfter(p, k)
		case !p.fitsGroup(r, rt.groups[k-1]) || !rt.fitsPairs(p, k, r):
			return false
		default:
			rt.groups[k] |= p.group.at(r)
		}
	}
	return true
}

// groupsAfter is the set of groups aboard after position k, from scratch.
func (rt *route) groupsAfter(p *Problem, k int32) uint64 {
	groups := uint64(0)
	rt.eachAboard(p, k, func(o Request) bool {
		groups |= p.group.at(o)
		return true
	})
	return groups
}

// fitsPairs reports whether r may be aboard with everybody who is aboard when position k is reached.
func (rt *route) fitsPairs(p *Problem, k int32, r Request) bool {
	if len(p.conflicts.at(r)) == 0 {
		return true
	}
	ok := true
	rt.eachAboard(p, k-1, func(o Request) bool {
		ok = ok && p.fitsIncompatible(r, o)
		return ok
	})
	return ok
}

// eachAboard calls sink for everybody aboard on the leg that leaves k, until it returns false.
func (rt *route) eachAboard(p *Problem, k int32, sink func(Request) bool) {
	for _, o := range p.boarded[rt.v] {
		if !rt.visited(p.DeliveryOf(o), k) && !sink(o) {
			return
		}
	}
	for i := int32(1); i <= k; i++ {
		if n := rt.node[i]; p.IsPickup(n) && !rt.visited(n+1, k) && !sink(p.RequestOf(n)) {
			return
		}
	}
}

// visited reports whether n lies at or before position k.
func (rt *route) visited(n Node, k int32) bool {
	for i := k; i > 0; i-- {
		if rt.node[i] == n {
			return true
		}
	}
	return false
}

// frozen reports whether the last-in rule holds.
func (rt *route) frozen(p *Problem) bool {
	s := &p.vehicleSpec[rt.v]
	for d := int32(1); d < rt.n; d++ {
		n := rt.node[d]
		if !p.IsDelivery(n) {
			continue
		}
		for q := d - 1; q > max(rt.pick[d], int32(s.Fixed)); q-- {
			chain := rt.chain[d] - rt.chain[q]
			if p.IsPickup(rt.node[q]) && !fitsFreeze(s.Freeze, chain) && !p.freezeExempt(rt.at[q], p.RequestOf(n)) {
				return false
			}
		}
	}
	return true
}

// ordered reports whether the route keeps its vehicle's order and fixed beginning.
func (rt *route) ordered(p *Problem) bool {
	s := &p.vehicleSpec[rt.v]
	for i := range s.Fixed {
		if i+1 >= int(rt.n) || rt.node[i+1] != p.nodeOf(s.Order[i]) {
			return false
		}
	}
	last := int32(-1)
	for _, n := range rt.node {
		if !p.orderedOn(rt.v, n) {
			continue
		}
		if o := p.orderAt.at(n); o < last {
			return false
		} else {
			last = o
		}
	}
	return true
}
