package solver

import (
	"errors"
	"slices"
)

// Revise turns p, which an earlier Build or Revise made, into what Build would make of the builder's parts now, by changing the
// columns of vehicles and requests that differ only. A request keeps its number; the last ones go where there are fewer
// now. It reports false, and leaves p as it was, where p cannot be turned into that: another number of vehicles, other
// breaks, dwell times, groups, fairness or classes, or loads of more dimensions. A fault leaves p as it was, too.
//
// p belongs to one goroutine, as with Extend. Vehicles of a revised problem do not count as interchangeable, which costs a
// search time but changes no answer. Complexity: linear in the parts, with a small constant, and for each vehicle or request
// that differs the work of its static tests.
func (b *Builder) Revise(p *Problem) (bool, error) {
	if !b.revisable(p) {
		return false, nil
	}
	rv := revision{b: b, p: p}
	if err := rv.compare(); err != nil {
		return false, err
	}
	rv.apply()
	return true, nil
}

// revisable reports whether what the whole problem depends on is the same.
func (b *Builder) revisable(p *Problem) bool {
	if b.travel == nil || b.travel.Len() < p.places || b.classes != p.classes || len(b.vehicles) != int(p.vehicles) ||
		b.separate != p.separate || b.fairness != p.fairness {
		return false
	}
	for v := range b.vehicles {
		s, old := &b.vehicles[v], &p.vehicleSpec[v]
		if !slices.Equal(s.Breaks, old.Breaks) || !slices.Equal(s.Dwell, old.Dwell) {
			return false
		}
		for _, l := range s.Layouts {
			if len(l) > int(p.dims) {
				return false
			}
		}
	}
	for r := range b.requests {
		if s := &b.requests[r]; len(s.Load) > int(p.dims) || s.DwellClass >= p.dwells {
			return false
		}
	}
	return true
}

// revision is one Revise at work.
type revision struct {
	b        *Builder
	p        *Problem
	vehicles []Vehicle // that differ
	requests []Request // that differ and are there before and after
}

// compare lists what differs and validates it.
func (rv *revision) compare() error {
	b, p := rv.b, rv.p
	var faults []error
	for v := range b.vehicles {
		if sameVehicle(&b.vehicles[v], &p.vehicleSpec[v]) {
			continue
		}
		rv.vehicles = append(rv.vehicles, Vehicle(v))
		c := checked{subject: "vehicle", index: v, places: b.travel.Len()}
		c.vehicle(&b.vehicles[v], b.classes, len(b.requests))
		faults = append(faults, c.faults...)
	}
	for r := range b.requests {
		// One that names others is looked at in any case: there may be fewer now.
		if r < int(p.requests) && sameRequest(&b.requests[r], &p.requestSpec[r]) && len(b.requests[r].Incompatible) == 0 {
			continue
		}
		if r < int(p.requests) {
			rv.requests = append(rv.requests, Request(r))
		}
		faults = append(faults, b.checkRequest(r, len(b.requests))...)
	}
	faults = append(faults, b.checkOrders()...)
	faults = append(faults, b.checkBegun()...)
	return errors.Join(faults...)
}

// apply changes the columns.
func (rv *revision) apply() {
	b, p := rv.b, rv.p
	p.Retravel(b.travel)
	for int(p.requests) > len(b.requests) {
		p.dropLast()
	}
	for _, v := range rv.vehicles {
		p.placeVehicle(v, b.vehicles[v])
	}
	for _, r := range rv.requests {
		if int(r) < int(p.requests) {
			p.addRequest(b.requests[r])
			p.moveLast(r)
			p.dropLast()
		}
	}
	for r := int(p.requests); r < len(b.requests); r++ {
		p.addRequest(b.requests[r])
	}
	for _, v := range rv.vehicles {
		p.matchVehicle(v)
	}
	p.resettle()
	p.generation++
}

// Retravel replaces the Travel by one that knows the same places and maybe more. It is for the owner of a live problem.
func (p *Problem) Retravel(t Travel) {
	p.travel = t
	if t.Len() != p.places {
		p.openRows()
	}
}

// placeVehicle takes in a vehicle's description, but for what requests make of it.
func (p *Problem) placeVehicle(v Vehicle, s VehicleSpec) {
	p.vehicleSpec[v], p.vehicleAt[v] = s, p.generation+1
	for n, w := range [2]TimeWindow{startWindow(&s), endWindow(&s)} {
		at, place := p.StartOf(v), s.Start
		if n == 1 {
			at, place = p.EndOf(v), s.End
		}
		p.place[at], p.open[at], p.shut[at] = place, w.Earliest, w.Latest
	}
}

// matchVehicle decides again which requests v may serve.
func (p *Problem) matchVehicle(v Vehicle) {
	bit, word := uint64(1)<<(uint(v)&63), int32(v)>>6
	for r := range Request(p.requests) {
		at := &p.compat[int32(r)*p.words+word]
		*at &^= bit
		if p.fitsStatic(v, r) {
			*at |= bit
		}
	}
}

// moveLast copies the columns of the last request over those of r.
func (p *Problem) moveLast(r Request) {
	last := Request(p.requests - 1)
	for i := range Node(2) {
		to, from := p.PickupOf(r)+i, p.PickupOf(last)+i
		p.place[to], p.open[to], p.shut[to] = p.place[from], p.open[from], p.shut[from]
		p.service[to], p.dwell[to] = p.service[from], p.dwell[from]
	}
	p.requestSpec[r], p.requestAt[r] = p.requestSpec[last], p.requestAt[last]
	copy(p.loadOf(r), p.loadOf(last))
	p.direct[r], p.ride[r], p.group[r], p.banned[r] = p.direct[last], p.ride[last], p.group[last], p.banned[last]
	p.unserved[r], p.share[r], p.aboard[r] = p.unserved[last], p.share[last], p.aboard[last]
	p.timed[r], p.homes[r], p.gather[r] = p.timed[last], p.homes[last], p.gather[last]
	copy(p.compat[int32(r)*p.words:(int32(r)+1)*p.words], p.compat[int32(last)*p.words:])
}

// resettle derives again what settle derives, for which all requests have to be there.
func (p *Problem) resettle() {
	for n := p.first; int(n) < len(p.orderAt); n++ {
		p.orderAt[n] = None
	}
	clear(p.startLoad)
	clear(p.startMask)
	clear(p.startRiders)
	for v := range p.vehicles {
		if len(p.boarded[v]) > 0 {
			p.vehicleAt[v] = p.generation + 1 // who sits in it, or how long they may, has perhaps changed
		}
		p.plain[v], p.kind[v], p.boarded[v] = false, v, p.boarded[v][:0]
	}
	for r := range Request(p.requests) {
		p.conflicts[r], p.pinned[r] = nil, false
	}
	for r := range Request(p.requests) {
		if len(p.requestSpec[r].Incompatible) > 0 {
			p.linkConflicts(r)
		}
		if p.aboard.at(r) {
			p.seat(r)
			p.vehicleAt[p.homes.at(r)] = p.generation + 1
		}
	}
	p.settleOrders()
}

func sameVehicle(a, b *VehicleSpec) bool {
	return a.Class == b.Class && a.Start == b.Start && a.End == b.End && a.Window == b.Window && a.MaxDuration == b.MaxDuration &&
		a.UnderWay == b.UnderWay && a.Departed == b.Departed && a.FixedLayout == b.FixedLayout && a.Equipment == b.Equipment &&
		a.FixedCost == b.FixedCost && a.Freeze == b.Freeze && a.Fixed == b.Fixed &&
		slices.Equal(a.Dwell, b.Dwell) && slices.Equal(a.Breaks, b.Breaks) && slices.Equal(a.Order, b.Order) &&
		slices.EqualFunc(a.Layouts, b.Layouts, slices.Equal)
}

func sameRequest(a, b *RequestSpec) bool {
	return a.Pickup == b.Pickup && a.Delivery == b.Delivery && a.PickupWindow == b.PickupWindow && a.DeliveryWindow == b.DeliveryWindow &&
		a.Promised == b.Promised && a.PickupService == b.PickupService && a.DeliveryService == b.DeliveryService &&
		a.DwellClass == b.DwellClass && a.MaxRide == b.MaxRide && a.MaxRatio == b.MaxRatio && a.MaxDetour == b.MaxDetour &&
		a.MaxWait == b.MaxWait && a.Needs == b.Needs && a.UnservedCost == b.UnservedCost && a.Share == b.Share && a.Gather == b.Gather && a.Group == b.Group &&
		a.Fairness == b.Fairness && a.Preferred == b.Preferred && a.PreferredCost == b.PreferredCost &&
		a.LikedCost == b.LikedCost && sameVehicles(a.Liked, b.Liked) &&
		a.PreferredTime == b.PreferredTime && a.PreferredTimeCost == b.PreferredTimeCost &&
		a.DueTime == b.DueTime && a.LateCost == b.LateCost && a.EasyRide == b.EasyRide && a.LongRideCost == b.LongRideCost && a.Locked == b.Locked &&
		a.LockVehicle == b.LockVehicle && a.OnBoard == b.OnBoard && a.Boarded == b.Boarded && slices.Equal(a.Load, b.Load) &&
		sameVehicles(a.Allowed, b.Allowed) && sameVehicles(a.Forbidden, b.Forbidden) && slices.Equal(a.Incompatible, b.Incompatible)
}

// sameVehicles compares lists that may be long and are often one and the same.
func sameVehicles(a, b []Vehicle) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0] || slices.Equal(a, b))
}
