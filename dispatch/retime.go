package dispatch

import (
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// timer carries planned times down a route.
type timer struct {
	shift   *vehicles.Shift
	vehicle *vehicles.Vehicle
	rides   func(RideID) *Ride
	travel  func(from, to geo.LatLng) int32 // planned seconds
	rules   Rules
	now     int32 // nothing that has not happened yet happens before it
	// begun says that the party at the stop where the vehicle stands is boarding or alighting already: nobody can be asked to
	// wait with that any more.
	begun bool
}

// service is the planned dwell at a stop in seconds: the party's own time and what the vehicle adds.
func service(v *vehicles.Vehicle, r *Ride, kind StopKind) int32 {
	own := r.Party.Board
	if kind == DropoffStop {
		own = r.Party.Alight
	}
	return own + int32(v.Dwell.PerStop+v.Dwell.PerWheelchair*r.Party.Load.Wheelchairs)
}

// place is where a stop is.
func place(r *Ride, kind StopKind) geo.LatLng {
	if kind == PickupStop {
		return r.Pickup.At
	}
	return r.Dropoff.At
}

// follow sets the planned times of every unfinished stop, in place, with service beginning no earlier than begins says,
// which has an entry for each unfinished stop; nil is as early as the promises allow.
func (t *timer) follow(stops []Stop, begins []int32) {
	depart, at := t.shift.Span.Start, t.shift.Start
	aboard, done := 0, 0
	for i := range stops {
		s := &stops[i]
		ride := t.rides(s.Ride)
		if s.State.Finished() {
			done++
		} else {
			begin := int32(0)
			if s.Kind == PickupStop {
				begin = ride.fetchFrom()
			}
			switch {
			case s.State == Arrived && t.begun:
				begin = max(begin, s.Begin)
			case s.State == Arrived:
				begin = max(begin, t.now)
			}
			if begins != nil && !(s.State == Arrived && t.begun) {
				begin = max(begin, begins[i-done])
			}
			t.reach(s, ride, depart, t.travel(at, place(ride, s.Kind)), begin, aboard > 0)
		}
		depart, at = s.Depart, place(ride, s.Kind)
		switch {
		case s.State == Skipped:
		case s.Kind == PickupStop:
			aboard++
		default:
			aboard--
		}
	}
}

// reach sets the times of one unfinished stop from the departure at the stop before. A vehicle with somebody aboard drives on at
// once; an empty one waits where it stands.
func (t *timer) reach(s *Stop, ride *Ride, depart, travel, begin int32, aboard bool) {
	switch s.State {
	case Pending:
		s.LeaveBy = max(depart, t.now)
		if !aboard {
			s.LeaveBy = max(s.LeaveBy, begin-travel-t.rules.EarlyAtStop)
		}
		s.Arrive = s.LeaveBy + travel
	case EnRoute:
		s.Arrive = max(s.LeaveBy+travel, t.now)
	}
	s.Begin = max(s.Arrive, begin)
	s.Depart = max(s.Begin+service(t.vehicle, ride, s.Kind), t.now)
}

// waits reports whether somebody sits in the standing vehicle by these times.
func (t *timer) waits(stops []Stop) bool {
	aboard := 0
	for i := range stops {
		s := &stops[i]
		if aboard > 0 && s.Begin > s.Arrive && !s.State.Finished() {
			return true
		}
		switch {
		case s.State == Skipped:
		case s.Kind == PickupStop:
			aboard++
		default:
			aboard--
		}
	}
	return false
}
