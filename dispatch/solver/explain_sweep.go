package solver

// search fills misses: for every change that could help alone, the least amount.
func (ex *explainer) search() {
	p := ex.p
	pieces, banned, apart := ex.missing(), !p.fitsVehicle(ex.v, ex.r), !fitsShare(ex.v, ex.home)
	ex.all = ex.apply()
	switch {
	case banned && p.aboard.at(ex.r):
		// Nobody changes vehicles on the way.
	case pieces > 0 && !banned && !apart:
		ex.waive(ChangeEquipment, int64(pieces))
	case banned && pieces == 0 && !apart:
		ex.waive(ChangeVehicle, 1)
	case apart && pieces == 0 && !banned:
		ex.waive(ChangeShare, 1)
	case pieces == 0 && !banned && !apart:
		ex.searchRoutes()
	}
}

// waive records a miss of a constraint between vehicle and request where nothing else stands in the way.
func (ex *explainer) waive(c Change, amount int64) {
	ex.group = append(ex.group[:0], miss{change: c, amount: noDelta, node: None})
	ex.restore()
	ex.sweep(0)
	if ex.group[0].amount < noDelta {
		m := miss{change: c, node: None, amount: amount}
		m.limit, m.actual = 0, amount
		ex.misses = append(ex.misses, m)
	}
}

// searchRoutes fills misses with what depends on the route. Changes that leave the route as it is share its closure.
func (ex *explainer) searchRoutes() {
	ex.group = ex.group[:0]
	for c := ChangeLater; c <= ChangeOrder; c++ {
		if !ex.all.has(c) || altersRoute(c) {
			continue
		}
		if c != ChangePlaces {
			ex.group = append(ex.group, miss{change: c, amount: noDelta, node: None})
			continue
		}
		for dim := range ex.p.dims {
			ex.group = append(ex.group, miss{change: c, dim: dim, amount: noDelta, node: None})
		}
	}
	ex.restore()
	ex.sweep(0)
	ex.collect()
	for c := ChangeLater; c <= ChangeOrder; c++ {
		if ex.all.has(c) && altersRoute(c) {
			ex.group = append(ex.group[:0], miss{change: c, amount: noDelta, node: None})
			ex.restore()
			ex.drop(c, None)
			ex.sweep(1 << c)
			ex.collect()
		}
	}
}

// collect moves the misses that were found.
func (ex *explainer) collect() {
	for i := range ex.group {
		if ex.group[i].amount < noDelta {
			ex.misses = append(ex.misses, ex.group[i])
		}
	}
}

// sweep looks for insertions into every arrangement of the copy as it stands, once for each miss of group, and keeps the least
// amounts. The changes in dropped are taken away already; a change outside it that does not alter the route is taken away here.
func (ex *explainer) sweep(dropped changes) {
	w := &ex.w
	groups, conflicts, gather := w.hasGroups, w.hasConflicts, w.hasGather
	ex.ar.reset(w, ex.v, ex.s.routes[ex.v])
	for ex.ar.next() {
		w.hasGroups, w.hasConflicts, w.hasGather = groups, conflicts, gather
		if !ex.rt.compute(w, ex.v, ex.ar.nodes) {
			continue
		}
		for i := range ex.group {
			m := &ex.group[i]
			fresh := !dropped.has(m.change) && m.change <= ChangeOrder
			if fresh {
				ex.restore()
				ex.drop(m.change, m.dim)
			}
			w.hasGroups = groups && m.change != ChangeGroup && !dropped.has(ChangeGroup)
			w.hasConflicts = conflicts && m.change != ChangeIncompatible && !dropped.has(ChangeIncompatible)
			w.hasGather = gather && m.change != ChangeGather && !dropped.has(ChangeGather)
			ex.pairs(m)
		}
	}
}

// pairs tries all positions for one miss.
func (ex *explainer) pairs(m *miss) {
	w, pr, rt := &ex.w, &ex.pr, &ex.rt
	pr.aim(w, ex.r, Always(), Always())
	pr.enter(rt)
	if w.aboard.at(ex.r) {
		pr.gaps()
		for j := pr.lowD; j <= min(pr.highD, rt.n-1); j++ {
			if pr.dD[j] != noDelta {
				ex.measure(m, 0, j)
			}
		}
		return
	}
	if pr.direct >= Unreachable || pr.direct+pr.svcP > pr.within {
		return
	}
	pr.gaps()
	pr.seats()
	for i := pr.lowP; i <= min(pr.highP, rt.n-1) && m.amount > 1; i++ {
		if pr.reach[i] == 0 || ex.hopeless(m, i) {
			continue
		}
		if i >= pr.lowD && i <= pr.highD && pr.fitsTogether(i) {
			ex.measure(m, i, i)
		}
		if pr.dP[i] == noDelta {
			continue
		}
		jn := pr.join(i)
		if pr.openD-pr.within-jn.late > 0 {
			continue
		}
		for j := max(i+1, pr.lowD); j <= min(pr.reach[i], pr.highD) && m.amount > 1; j++ {
			if pr.dD[j] != noDelta && pr.fitsApart(&jn, j) {
				ex.measure(m, i, j)
			}
		}
	}
}

// hopeless reports whether a pickup before position i misses by no less than what has been found.
func (ex *explainer) hopeless(m *miss, i int32) bool {
	rt, pr := &ex.rt, &ex.pr
	switch m.change {
	case ChangeLater:
		return int64(rt.early[i-1]+pr.inP[i-1]-ex.pickup.Latest) >= m.amount
	case ChangeEarlier:
		return int64(ex.pickup.Earliest-rt.late[i]+pr.outP[i]) >= m.amount
	}
	return false
}

// measure computes the route with the request at the gaps i and j and keeps the miss where it is smaller.
func (ex *explainer) measure(m *miss, i, j int32) {
	w, pr := &ex.w, &ex.pr
	if i > 0 && !pr.fitsLayoutRun(i, j) || !pr.fitsLastIn(i, j) {
		return
	}
	ex.trial = pr.splice(&ex.rt, i, j, ex.trial)
	groups, conflicts, gather := w.hasGroups, w.hasConflicts, w.hasGather
	w.hasGroups, w.hasConflicts, w.hasGather = false, false, false // decided by the probe; the other riders are with each other as they were
	ok := ex.with.compute(w, ex.v, ex.trial)
	w.hasGroups, w.hasConflicts, w.hasGather = groups, conflicts, gather
	if !ok {
		return
	}
	found := miss{change: m.change, dim: m.dim, node: None}
	ex.excess(&found)
	// A limit that turns out not to be missed was in the way all the same, by travel times without the triangle inequality.
	if found.amount = max(found.amount, 1); found.amount < m.amount {
		*m = found
	}
}

// exceed raises a miss to the difference of actual and limit, at node n.
func (m *miss) exceed(n Node, limit, actual int32) {
	off := int64(actual) - int64(limit)
	if off = max(off, -off); off > m.amount {
		m.amount, m.limit, m.actual, m.node = off, int64(limit), int64(actual), n
	}
}

// excess reads off the closure of the route with the request by how much the limit that was taken away is missed.
func (ex *explainer) excess(m *miss) {
	p, rt, spec := ex.p, &ex.with, &ex.p.vehicleSpec[ex.v]
	last := rt.n - 1
	switch m.change {
	case ChangeLater, ChangeEarlier:
		ex.excessWindow(m)
	case ChangeShiftEnd:
		m.exceed(None, spec.Window.Latest, max(spec.Window.Latest, rt.early[last]))
	case ChangeShiftStart:
		m.exceed(None, spec.Window.Earliest, min(spec.Window.Earliest, rt.late[0]))
	case ChangeDuration:
		took := rt.apart[last]
		if spec.UnderWay {
			took = rt.early[last] - spec.Departed
		}
		m.exceed(None, spec.MaxDuration, max(spec.MaxDuration, took))
	case changePromise:
		for k := int32(1); k < last; k++ {
			if o := p.RequestOf(rt.node[k]); o != None && o != ex.r {
				shut := p.shut.at(rt.node[k])
				m.exceed(rt.node[k], shut, max(shut, rt.early[k]))
			}
		}
	case ChangeRide, changeOthersRide:
		ex.excessRide(m)
	case ChangePlaces:
		ex.excessPlaces(m)
	case ChangeFreeze:
		ex.excessFreeze(m)
	default:
		m.amount, m.actual = 1, 1
	}
}

func (ex *explainer) excessWindow(m *miss) {
	p, rt := ex.p, &ex.with
	for k := int32(1); k < rt.n-1; k++ {
		n := rt.node[k]
		if p.RequestOf(n) != ex.r {
			continue
		}
		w := ex.pickup
		if p.IsDelivery(n) {
			w = ex.delivery
		}
		if m.change == ChangeLater {
			m.exceed(n, w.Latest, max(w.Latest, rt.early[k]))
		} else {
			m.exceed(n, w.Earliest, min(w.Earliest, rt.late[k]))
		}
	}
}

func (ex *explainer) excessRide(m *miss) {
	p, rt := ex.p, &ex.with
	for k := int32(1); k < rt.n-1; k++ {
		n := rt.node[k]
		o := p.RequestOf(n)
		if o == None || !p.IsDelivery(n) || (o == ex.r) != (m.change == ChangeRide) {
			continue
		}
		limit, ride := p.ride.at(o), int32(0)
		switch i := rt.pick[k]; {
		case i != None:
			ride = rt.apart[i*rt.n+k] - rt.svc[i]
		case p.aboard.at(o):
			ride = rt.early[k] - p.requestSpec[o].Boarded
		}
		m.exceed(n, limit, max(limit, ride))
	}
}

// excessPlaces counts the places of dimension m.dim that are missing on the fullest leg, or of any dimension for None.
func (ex *explainer) excessPlaces(m *miss) {
	rt, spec, dims := &ex.with, &ex.p.vehicleSpec[ex.v], ex.p.dims
	ex.over = resize(ex.over, len(spec.Layouts))
	clear(ex.over)
	for k := range rt.n - 1 {
		if rt.riders[k] == 0 || !spec.FixedLayout {
			clear(ex.over)
		}
		load := rt.load[k*dims : (k+1)*dims]
		least, room := int64(noDelta), int64(0)
		for l, layout := range spec.Layouts {
			off, holds := missingPlaces(layout, load, m.dim)
			ex.over[l] = max(ex.over[l], off)
			if ex.over[l] < least {
				least, room = ex.over[l], holds
			}
		}
		if least > m.amount {
			m.amount, m.limit, m.actual = least, room, room+least
		}
	}
}

// missingPlaces is how many places a layout lacks in one dimension, noDelta where it lacks any in another, and how many it has.
// For None it is the dimension that lacks most.
func missingPlaces(layout, load []int32, dim int32) (off, room int64) {
	if dim == None {
		dim = worstDimension(layout, load)
	} else {
		for d := range load {
			if int32(d) != dim && load[d] > places(layout, d) {
				return noDelta, 0
			}
		}
	}
	room = int64(places(layout, int(dim)))
	return max(0, int64(load[dim])-room), room
}

// worstDimension is the one in which the layout lacks most for the load.
func worstDimension(layout, load []int32) int32 {
	worst := 0
	for d := range load {
		if load[d]-places(layout, d) > load[worst]-places(layout, worst) {
			worst = d
		}
	}
	return int32(worst)
}

// places is what a layout holds in a dimension; entries that are absent are 0.
func places(layout []int32, d int) int32 {
	if d >= len(layout) {
		return 0
	}
	return layout[d]
}

// excessFreeze finds the pickup that lies closest before an arrival.
func (ex *explainer) excessFreeze(m *miss) {
	p, rt, spec := ex.p, &ex.with, &ex.p.vehicleSpec[ex.v]
	for d := int32(1); d < rt.n-1; d++ {
		n := rt.node[d]
		if !p.IsDelivery(n) {
			continue
		}
		for q := d - 1; q > max(rt.pick[d], int32(spec.Fixed)); q-- {
			chain := rt.chain[d] - rt.chain[q]
			if p.IsPickup(rt.node[q]) && chain < spec.Freeze && !p.freezeExempt(rt.at[q], p.RequestOf(n)) {
				m.exceed(n, spec.Freeze, chain)
			}
		}
	}
}
