package solver

// Rejection says what keeps a request out of one vehicle. Cause is the first constraint of the table, in the order of causes,
// without which the request would fit; Limit is what it allows and Actual the least that would have to be allowed.
//
//	KindEquipment, KindVehicle, KindShare   what the vehicle has against what is needed; no route matters
//	KindLayout                              capacity and load in one dimension
//	KindWindow                              the bound of the window of Node and the nearest time at which it would work
//	KindRide, KindShift, KindDuration       limit and least value, in ticks
//	KindReach                               nobody can drive there
//	KindVisit                               no single constraint: the windows and limits of this and of other riders together
type Rejection struct {
	Vehicle       Vehicle
	Cause         Kind
	Node          Node // the pickup or the delivery where Cause is KindWindow, else None
	Limit, Actual int64
	Unit          Unit
}

// Reject appends, for every vehicle of the query that cannot serve the request in the plan, the reason to out, by vehicle number.
func (in *Inserter) Reject(s *Solution, q Query, out []Rejection) []Rejection {
	home := in.p.shareVehicle(q.Request, s.on)
	if q.Vehicles != nil {
		for _, v := range q.Vehicles {
			out = in.rejectOne(s, v, home, &q, out)
		}
		return out
	}
	for v := range Vehicle(in.p.vehicles) {
		out = in.rejectOne(s, v, home, &q, out)
	}
	return out
}

func (in *Inserter) rejectOne(s *Solution, v, home Vehicle, q *Query, out []Rejection) []Rejection {
	p, r := in.p, q.Request
	spec, vs := &p.requestSpec[r], &p.vehicleSpec[v]
	no := Rejection{Vehicle: v, Node: None}
	direct := p.row(vs.Class, spec.Pickup).time[spec.Delivery]
	switch {
	case !p.fitsEquipment(v, r):
		no.Cause, no.Limit, no.Actual, no.Unit = KindEquipment, int64(vs.Equipment), int64(spec.Needs), UnitBits
	case !p.fitsVehicle(v, r):
		no.Cause, no.Limit, no.Actual, no.Unit = KindVehicle, int64(p.homes.at(r)), int64(v), UnitIndex
	case !p.fitsAlone(v, r):
		no.Limit, no.Actual = p.overload(v, p.loadOf(r))
		no.Cause, no.Unit = KindLayout, UnitLoad
	case !fitsShare(v, home):
		no.Cause, no.Limit, no.Actual, no.Unit = KindShare, int64(home), int64(v), UnitIndex
	case !reachable(direct):
		no.Cause, no.Limit, no.Actual, no.Unit = KindReach, int64(Unreachable), int64(direct), UnitTicks
	default:
		t := in.trial(q)
		if in.fits(s, v, t) {
			return out
		}
		no = in.diagnose(s, v, t)
	}
	return append(out, no)
}

// overload is the tightest dimension of load in the roomiest layout of v: capacity and load.
func (p *Problem) overload(v Vehicle, load []int32) (limit, actual int64) {
	least := int64(1) << 40
	for _, layout := range p.vehicleSpec[v].Layouts {
		worst, cap0, load0 := int64(-1), int64(0), int64(0)
		for k, q := range load {
			c := int32(0)
			if k < len(layout) {
				c = layout[k]
			}
			if over := int64(q - c); over > worst {
				worst, cap0, load0 = over, int64(c), int64(q)
			}
		}
		if worst < least {
			least, limit, actual = worst, cap0, load0
		}
	}
	return limit, actual
}

// trial is a request with its limits as they may be relaxed one by one. Windows are the spec's, not the tightened ones.
type trial struct {
	r                     Request
	pickup, delivery      TimeWindow
	ride                  int32
	waive                 uint32
	moreEnd, moreDuration int32
}

func (in *Inserter) trial(q *Query) trial {
	s := &in.p.requestSpec[q.Request]
	pickup, delivery := effectiveWindows(s)
	qp, qd := q.windows()
	delivery = delivery.Meet(qd)
	if n := in.p.DeliveryOf(q.Request); s.OnBoard {
		delivery.Latest = min(delivery.Latest, in.p.shut.at(n))
	}
	return trial{r: q.Request, pickup: pickup.Meet(qp), delivery: delivery, ride: in.p.ride.at(q.Request)}
}

// fits reports whether the trial fits into v in some arrangement of its breaks.
func (in *Inserter) fits(s *Solution, v Vehicle, t trial) bool {
	if t.pickup.Earliest > t.pickup.Latest || t.delivery.Earliest > t.delivery.Latest {
		return false
	}
	in.rt.moreEnd, in.rt.moreDuration = t.moreEnd, t.moreDuration
	defer func() { in.rt.moreEnd, in.rt.moreDuration = 0, 0 }()
	in.pr.aimAt(in.p, &t)
	in.pr.many = 0
	for in.ar.reset(in.p, v, s.routes[v]); in.ar.next(); {
		if in.rt.compute(in.p, v, in.ar.nodes) && in.pr.best(&in.rt, noDelta).delta != noDelta {
			return true
		}
	}
	return false
}

// aimAt points the probe at a trial.
func (pr *probe) aimAt(p *Problem, t *trial) {
	pr.aim(p, t.r, Always(), Always())
	pr.open, pr.shut = t.pickup.Earliest, t.pickup.Latest
	pr.openD, pr.shutD = t.delivery.Earliest, t.delivery.Latest
	pr.limit, pr.waive = t.ride, t.waive
}

// diagnose finds the cause for a trial that does not fit v.
func (in *Inserter) diagnose(s *Solution, v Vehicle, t trial) Rejection {
	no := Rejection{Vehicle: v, Node: None, Cause: KindVisit}
	for _, k := range [...]Kind{KindLayout, KindGroup, KindIncompatible, KindFreeze, KindOrder, KindBreak} {
		with := t
		with.waive = 1 << k
		if in.fits(s, v, with) {
			no.Cause = k
			if k == KindLayout {
				no.Unit = UnitLoad
				no.Limit, no.Actual = in.fullest(v, t.r)
			}
			return no
		}
	}
	for x := range relaxCount {
		if amount := in.least(s, v, t, x); amount > 0 {
			return t.rejection(in.p, v, x, amount)
		}
	}
	return no
}

// fullest is capacity and load of the leg that the last waived layout overloads most, for the spot that was found.
func (in *Inserter) fullest(v Vehicle, r Request) (limit, actual int64) {
	p, rt := in.p, &in.rt
	sp := in.pr.best(rt, noDelta)
	worst := int64(-1)
	load := in.load[:0]
	for k := max(0, sp.pickup-1); k < sp.delivery; k++ {
		load = append(load[:0], rt.load[k*p.dims:(k+1)*p.dims]...)
		for d, q := range p.loadOf(r) {
			load[d] += q
		}
		if l, a := p.overload(v, load); a-l > worst {
			worst, limit, actual = a-l, l, a
		}
	}
	in.load = load
	return limit, actual
}

// relax is one limit of a trial that can be moved.
type relax uint8

// The limits in the order in which they are taken for the cause.
const (
	relaxRide relax = iota
	relaxPickupLater
	relaxPickupEarlier
	relaxDeliveryLater
	relaxDeliveryEarlier
	relaxShift
	relaxDuration
	relaxCount
)

// move moves the limit by an amount of ticks in the direction that allows more.
func (t *trial) move(x relax, a int32) {
	switch x {
	case relaxRide:
		t.ride = min(NoLimit, t.ride+a)
	case relaxPickupLater:
		t.pickup.Latest += a
	case relaxPickupEarlier:
		t.pickup.Earliest -= a
	case relaxDeliveryLater:
		t.delivery.Latest += a
	case relaxDeliveryEarlier:
		t.delivery.Earliest -= a
	case relaxShift:
		t.moreEnd = a
	case relaxDuration:
		t.moreDuration = a
	}
}

// most is the largest amount by which the limit can be moved at all.
func (t *trial) most(x relax) int32 {
	switch x {
	case relaxPickupLater:
		return MaxTick - t.pickup.Latest
	case relaxPickupEarlier:
		return t.pickup.Earliest
	case relaxDeliveryLater:
		return MaxTick - t.delivery.Latest
	case relaxDeliveryEarlier:
		return t.delivery.Earliest
	case relaxRide:
		if t.ride >= NoLimit {
			return 0
		}
	}
	return MaxTick / 2
}

// rejection says that the limit stands in the way and by how much it would have to move.
func (t *trial) rejection(p *Problem, v Vehicle, x relax, a int32) Rejection {
	no := Rejection{Vehicle: v, Cause: KindWindow, Node: None, Unit: UnitTicks}
	by := int64(a)
	switch x {
	case relaxRide:
		no.Cause, no.Limit = KindRide, int64(t.ride)
	case relaxPickupLater:
		no.Node, no.Limit = p.PickupOf(t.r), int64(t.pickup.Latest)
	case relaxPickupEarlier:
		no.Node, no.Limit, by = p.PickupOf(t.r), int64(t.pickup.Earliest), -by
	case relaxDeliveryLater:
		no.Node, no.Limit = p.DeliveryOf(t.r), int64(t.delivery.Latest)
	case relaxDeliveryEarlier:
		no.Node, no.Limit, by = p.DeliveryOf(t.r), int64(t.delivery.Earliest), -by
	case relaxShift:
		no.Cause, no.Limit = KindShift, int64(p.shut.at(p.EndOf(v)))
	case relaxDuration:
		no.Cause, no.Limit = KindDuration, int64(p.vehicleSpec[v].MaxDuration)
	}
	no.Actual = no.Limit + by
	return no
}

// least is the smallest amount by which moving the one limit makes the trial fit v, by bisection, or 0 where no amount does.
func (in *Inserter) least(s *Solution, v Vehicle, t trial, x relax) int32 {
	low, high := int32(0), t.most(x)
	if high <= 0 || !in.fitsMoved(s, v, t, x, high) {
		return 0
	}
	for high-low > 1 {
		if mid := low + (high-low)/2; in.fitsMoved(s, v, t, x, mid) {
			high = mid
		} else {
			low = mid
		}
	}
	return high
}

func (in *Inserter) fitsMoved(s *Solution, v Vehicle, t trial, x relax, a int32) bool {
	t.move(x, a)
	return in.fits(s, v, t)
}
