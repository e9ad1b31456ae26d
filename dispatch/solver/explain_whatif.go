package solver

import "math/bits"

// explainer looks at one request and one vehicle after the other in a copy of the problem from which single limits are taken away.
// What is left decides exactly whether there is an insertion; its closure then shows by how much the limit is missed.
type explainer struct {
	p    *Problem
	s    *Solution
	r    Request
	v    Vehicle
	home Vehicle // of the must-share group
	// pickup and delivery are the request's own windows as given, met with the query's: without the tightening by its other limits.
	pickup, delivery TimeWindow
	limit            int32 // its ride limit

	w      Problem // the copy; only columns that a change touches are its own
	misses []miss  // of the vehicle at hand, at most one for each change and dimension
	pr     probe
	rt     route // the vehicle's route in w
	with   route // the same with the request
	ar     arranger
	trial  []Node
	over   []int64   // [layout] places missing since the vehicle was last empty
	wide   [][]int32 // layouts with more places
	cells  []int32   // storage of wide
	group  []miss    // misses looked for together
	all    changes   // changes that can matter for the vehicle at hand
}

// miss is the least amount by which one limit is missed.
type miss struct {
	change        Change
	dim           int32
	node          Node
	amount        int64 // noDelta where no insertion was found
	limit, actual int64
}

// changes is a set of changes, a bit each.
type changes uint32

func (c changes) has(x Change) bool { return c>>x&1 == 1 }

// begin copies the problem for a query.
func (ex *explainer) begin(p *Problem, s *Solution, q *Query) {
	ex.p, ex.s, ex.r, ex.v = p, s, q.Request, 0
	ex.home = p.shareVehicle(q.Request, s.on)
	spec := &p.requestSpec[q.Request]
	ex.pickup, ex.delivery = effectiveWindows(spec)
	pickup, delivery := q.windows()
	ex.pickup, ex.delivery = ex.pickup.Meet(pickup), ex.delivery.Meet(delivery)
	ex.limit = p.ride.at(q.Request)
	open, shut, ride, specs, breakAt := ex.w.open[:0], ex.w.shut[:0], ex.w.ride[:0], ex.w.vehicleSpec[:0], ex.w.breakAt[:0]
	ex.w = *p
	ex.w.open, ex.w.shut = append(open, p.open...), append(shut, p.shut...)
	ex.w.ride, ex.w.vehicleSpec = append(ride, p.ride...), append(specs, p.vehicleSpec...)
	ex.w.breakAt = append(breakAt, p.breakAt...)
	ex.w.hasTimed = false
}

// enter turns to a vehicle; the copy of the one before is put right.
func (ex *explainer) enter(v Vehicle) {
	ex.restore()
	ex.v = v
	ex.misses = ex.misses[:0]
}

// restore undoes all changes to the copy for the vehicle at hand.
func (ex *explainer) restore() {
	p, w, v := ex.p, &ex.w, ex.v
	for _, n := range ex.s.routes[v] {
		w.open[n], w.shut[n] = p.open.at(n), p.shut.at(n)
		if r := p.RequestOf(n); r != None {
			w.ride[r] = p.ride.at(r)
		}
	}
	for _, n := range [...]Node{p.StartOf(v), p.EndOf(v)} {
		w.open[n], w.shut[n] = p.open.at(n), p.shut.at(n)
	}
	w.ride[ex.r] = ex.limit
	w.vehicleSpec[v] = p.vehicleSpec[v]
	w.breakAt[v+1] = p.breakAt.at(v + 1)
	w.hasGroups, w.hasConflicts, w.hasGather = p.hasGroups, p.hasConflicts, p.hasGather
	ex.window(p.PickupOf(ex.r), ex.pickup)
	ex.window(p.DeliveryOf(ex.r), ex.delivery)
	ex.sit()
}

func (ex *explainer) window(n Node, w TimeWindow) { ex.w.open[n], ex.w.shut[n] = w.Earliest, w.Latest }

// sit bounds the delivery of a rider who is aboard by the ride limit, which no edge of the closure does.
func (ex *explainer) sit() {
	d := ex.p.DeliveryOf(ex.r)
	if limit := ex.w.ride.at(ex.r); ex.p.aboard.at(ex.r) && limit < NoLimit {
		ex.w.shut[d] = min(ex.w.shut[d], ex.p.requestSpec[ex.r].Boarded+limit)
	}
}

// altersRoute reports whether a change makes the vehicle's route without the request another one too.
func altersRoute(c Change) bool {
	switch c {
	case ChangeLater, ChangeEarlier, ChangeRide, ChangePlaces, ChangeGroup, ChangeIncompatible, ChangeGather, ChangeFreeze:
		return false
	}
	return true
}

// drop takes a limit of the copy away. Group and pair bans and the gather group are left to the probe, as routes need their columns.
func (ex *explainer) drop(c Change, dim int32) {
	p, w, v := ex.p, &ex.w, ex.v
	pickup, delivery := p.PickupOf(ex.r), p.DeliveryOf(ex.r)
	spec := &w.vehicleSpec[v]
	switch c {
	case ChangeLater:
		w.shut[pickup], w.shut[delivery] = MaxTick, MaxTick
		ex.sit()
	case ChangeEarlier:
		w.open[pickup], w.open[delivery] = 0, 0
	case ChangeRide:
		w.ride[ex.r] = NoLimit
		if p.aboard.at(ex.r) {
			w.shut[delivery] = ex.delivery.Latest
		}
	case ChangeShiftEnd:
		w.shut[p.EndOf(v)] = MaxTick
		if spec.UnderWay && spec.MaxDuration > 0 {
			w.shut[p.EndOf(v)] = min(MaxTick, spec.Departed+spec.MaxDuration)
		}
	case ChangeShiftStart:
		w.open[p.StartOf(v)] = 0
	case ChangeDuration:
		if spec.UnderWay {
			w.shut[p.EndOf(v)] = p.vehicleSpec[v].Window.Latest
		}
		spec.MaxDuration = 0
	case changePromise, changeOthersRide:
		ex.dropOthers(c)
	case ChangePlaces:
		spec.Layouts = ex.widen(dim)
	case ChangeFreeze:
		spec.Freeze = 0
	case ChangeBreak:
		w.breakAt[v+1] = w.breakAt[v]
	case ChangeOrder:
		spec.Order, spec.Fixed = nil, 0
	}
}

// dropOthers takes the promises or the ride limits of the other riders away.
func (ex *explainer) dropOthers(c Change) {
	p, w := ex.p, &ex.w
	for _, n := range ex.s.routes[ex.v] {
		o := p.RequestOf(n)
		if o == None {
			continue
		}
		if c == changePromise {
			w.shut[n] = MaxTick
			continue
		}
		w.ride[o] = NoLimit
		pickup, delivery := effectiveWindows(&p.requestSpec[o])
		if p.IsDelivery(n) {
			pickup = delivery
		}
		ex.window(n, pickup)
	}
}

// widen is the vehicle's layouts with any number of places in one dimension, or in all for None.
func (ex *explainer) widen(dim int32) [][]int32 {
	ex.wide, ex.cells = ex.wide[:0], ex.cells[:0]
	for _, layout := range ex.p.vehicleSpec[ex.v].Layouts {
		from := len(ex.cells)
		for d := range ex.p.dims {
			room := int32(maxLoad) << 8
			if d != dim && dim != None {
				room = 0
				if int(d) < len(layout) {
					room = layout[d]
				}
			}
			ex.cells = append(ex.cells, room)
		}
		ex.wide = append(ex.wide, ex.cells[from:len(ex.cells):len(ex.cells)])
	}
	return ex.wide
}

// apply lists the changes that can matter: those whose limit the vehicle or the request has.
func (ex *explainer) apply() changes {
	p, spec := ex.p, &ex.p.vehicleSpec[ex.v]
	set := changes(1<<ChangeLater | 1<<ChangeEarlier | 1<<ChangeShiftEnd | 1<<ChangePlaces)
	on := func(c Change, matters bool) {
		if matters {
			set |= 1 << c
		}
	}
	others := len(ex.s.routes[ex.v]) > 0
	on(ChangeShiftStart, !spec.UnderWay && spec.Window.Earliest > 0)
	on(ChangeDuration, spec.MaxDuration > 0)
	on(changePromise, others)
	on(changeOthersRide, others)
	on(ChangeRide, ex.limit < NoLimit)
	on(ChangeFreeze, spec.Freeze > 0)
	on(ChangeGroup, p.hasGroups && p.banned.at(ex.r) != 0)
	on(ChangeIncompatible, len(p.conflicts.at(ex.r)) > 0)
	on(ChangeGather, p.gather.at(ex.r) != 0)
	on(ChangeBreak, len(spec.Breaks) > 0)
	on(ChangeOrder, len(spec.Order) > 0)
	return set
}

// missing is how many pieces of equipment the vehicle lacks.
func (ex *explainer) missing() int {
	return bits.OnesCount64(ex.p.requestSpec[ex.r].Needs &^ ex.p.vehicleSpec[ex.v].Equipment)
}
