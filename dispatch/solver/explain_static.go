package solver

// static finds a cause that no route of the vehicle changes.
func (ex *explainer) static() (Explanation, bool) {
	p, v, r := ex.p, ex.v, ex.r
	rs, vs := &p.requestSpec[r], &p.vehicleSpec[v]
	no := Explanation{Rejection: Rejection{Vehicle: v, Node: None}}
	switch {
	case ex.missing() > 0:
		no.Cause, no.Change, no.Unit = KindEquipment, ChangeEquipment, UnitBits
		no.Limit, no.Actual = int64(vs.Equipment), int64(rs.Needs)
	case !p.fitsVehicle(v, r):
		no.Cause, no.Unit = KindVehicle, UnitIndex
		if !p.aboard.at(r) {
			no.Change = ChangeVehicle
		}
		no.Limit, no.Actual = int64(p.homes.at(r)), int64(v)
	case !p.fitsAlone(v, r):
		return ex.tooLarge(no), true
	case !fitsShare(v, ex.home):
		no.Cause, no.Change, no.Unit = KindShare, ChangeShare, UnitIndex
		no.Limit, no.Actual = int64(ex.home), int64(v)
	case p.aboard.at(r):
		return no, false
	default:
		return ex.alone(no)
	}
	return no, true
}

// tooLarge explains a load that no layout holds, by the layout that lacks the fewest places in its worst dimension.
func (ex *explainer) tooLarge(no Explanation) Explanation {
	no.Cause, no.Change, no.Unit = KindLayout, ChangePlaces, UnitLoad
	load, least := ex.p.loadOf(ex.r), int64(noDelta)
	for _, layout := range ex.p.vehicleSpec[ex.v].Layouts {
		if off, room := missingPlaces(layout, load, None); off < least {
			least = off
			no.Dim, no.Limit, no.Actual = worstDimension(layout, load), room, room+off
		}
	}
	return no
}

// alone plays the request on the vehicle with nobody else and finds what stops it, if anything does.
func (ex *explainer) alone(no Explanation) (Explanation, bool) {
	p, v := ex.p, ex.v
	pickup, delivery := p.PickupOf(ex.r), p.DeliveryOf(ex.r)
	vs := &p.vehicleSpec[v]
	out, _ := p.Leg(v, p.StartOf(v), pickup)
	ride, _ := p.Leg(v, pickup, delivery)
	back, _ := p.Leg(v, delivery, p.EndOf(v))
	if !reachable(out) || !reachable(ride) || !reachable(back) {
		no.Cause, no.Unit, no.Limit, no.Actual = KindReach, UnitTicks, int64(Unreachable), int64(max(out, ride, back))
		return no, true
	}
	if ride > ex.limit {
		no.Cause, no.Change, no.Node, no.Unit = KindRide, ChangeRide, delivery, UnitTicks
		no.Limit, no.Actual = int64(ex.limit), int64(ride)
		return no, true
	}
	svc := p.ServiceTime(v, pickup)
	least := max(ex.pickup.Earliest+svc+ride, ex.delivery.Earliest) // of the delivery, whatever vehicle
	no.Unit = UnitTicks
	switch {
	case ex.pickup.Earliest > ex.pickup.Latest:
		no.Cause, no.Change, no.Node = KindWindow, ChangeLater, pickup
		no.Limit, no.Actual = int64(ex.pickup.Latest), int64(ex.pickup.Earliest)
	case least > ex.delivery.Latest:
		no.Cause, no.Change, no.Node = KindWindow, ChangeLater, delivery
		no.Limit, no.Actual = int64(ex.delivery.Latest), int64(least)
	case vs.Window.Earliest+out > min(ex.pickup.Latest, ex.delivery.Latest-ride-svc):
		no.Cause, no.Change = KindShift, ChangeShiftStart
		no.Limit, no.Actual = int64(vs.Window.Earliest), int64(min(ex.pickup.Latest, ex.delivery.Latest-ride-svc)-out)
	default:
		arrive := max(max(vs.Window.Earliest+out, ex.pickup.Earliest)+svc+ride, ex.delivery.Earliest)
		home := arrive + p.ServiceTime(v, delivery) + back
		no.Cause, no.Change = KindShift, ChangeShiftEnd
		no.Limit, no.Actual = int64(vs.Window.Latest), int64(home)
		return no, home > vs.Window.Latest
	}
	return no, true
}

// joint finds the cause where no single limit is enough: from a vehicle without limits they are taken back one by one, and the
// first without which there would still be an insertion, but with which there is none, is it.
func (ex *explainer) joint() Explanation {
	dropped := ex.all
	before := miss{amount: noDelta}
	for c := ChangeNone; c <= ChangeOrder; c++ {
		if c != ChangeNone && !ex.all.has(c) {
			continue
		}
		dropped &^= 1 << c
		next, found := ex.under(dropped, c)
		if !found {
			if c == ChangeNone {
				return Explanation{Rejection: Rejection{Vehicle: ex.v, Cause: KindReach, Node: None}}
			}
			return ex.explanation(&before)
		}
		before = next
	}
	return Explanation{Rejection: Rejection{Vehicle: ex.v, Cause: KindWindow, Node: None}}
}

// under looks for an insertion with the given limits away, and measures the miss of the one that is taken back after c.
func (ex *explainer) under(dropped changes, c Change) (miss, bool) {
	next := c + 1
	for next <= ChangeOrder && !ex.all.has(next) {
		next++
	}
	ex.restore()
	for x := ChangeLater; x <= ChangeOrder; x++ {
		if dropped.has(x) {
			ex.drop(x, None)
		}
	}
	ex.group = append(ex.group[:0], miss{change: next, dim: None, node: None, amount: noDelta})
	ex.sweep(dropped | 1<<next)
	return ex.group[0], ex.group[0].amount < noDelta
}
