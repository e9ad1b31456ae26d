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
	places  *placeTable
	rules   Rules
	back    *comeback // where and when the vehicle is in service again, or nil
	now     int32     // nothing that has not happened yet happens before it
	near    int32     // arrival at the stop under way to, by where the vehicle was seen; 0 where it was not
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

// follow sets the planned times of every unfinished stop, in place, with nobody fetched earlier than begins says, which has an entry
// for each unfinished stop; nil is as early as the promises allow. Who is there alights: begins are reckoned with the longest
// legs, and nobody sits in the vehicle for that.
func (t *timer) follow(stops []Stop, begins []int32) {
	depart, at, before := t.shift.Span.Start, t.shift.Start, visit{}
	aboard, done := 0, 0
	for i := range stops {
		s := &stops[i]
		ride := t.rides(s.Ride)
		if s.State.Finished() {
			done++
		} else {
			if t.back != nil && i == done && t.back.after(depart) {
				depart, at = t.back.from, t.back.at
			}
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
			if begins != nil && s.Kind == PickupStop && !(s.State == Arrived && t.begun) {
				begin = max(begin, begins[i-done])
			}
			t.reach(s, ride, depart, at, begin, aboard > 0)
			if aboard == 1 && i > done && s.State == Pending && s.LeaveBy > depart && t.fetchLater(&stops[i-1], before, s.LeaveBy-depart) {
				t.reach(s, ride, stops[i-1].Depart, at, begin, true)
			}
		}
		before = visit{at, depart}
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

// visit is where a vehicle was before a stop and when it was ready to leave.
type visit struct {
	at    geo.LatLng
	ready int32
}

// fetchLater puts a pickup off, behind which the vehicle waits for a road for so many seconds: who is fetched by an empty vehicle
// waits at home as far as the promise goes, and not in the vehicle. It reports whether it does.
func (t *timer) fetchLater(s *Stop, before visit, by int32) bool {
	ride := t.rides(s.Ride)
	if by = min(by, t.rules.fetchWindow(ride).Latest-s.Begin); by <= 0 || s.Kind != PickupStop || s.State != Pending || ride.Call.MaxWait > 0 {
		return false
	}
	t.reach(s, ride, before.ready, before.at, s.Begin+by, false)
	return true
}

// leaving is the window in which a plan may be ready to leave a stop of a ride: from the earliest second at which somebody can be
// through with it to the latest that the promise allows.
func (r *Rules) leaving(places *placeTable, ride *Ride, kind StopKind) Window {
	least, most := places.added(ride)
	fetched := r.fetchWindow(ride)
	w := Window{fetched.Earliest + ride.Party.Board + least, fetched.Latest + ride.Party.Board + most}
	if kind == DropoffStop {
		w = Window{w.Earliest + ride.Party.Alight + least, r.latestDropoff(places, ride) + ride.Party.Alight + most}
	}
	w.Latest = max(w.Latest, w.Earliest)
	return w
}

// latestDropoff is when a plan sets a ride down at the latest.
func (r *Rules) latestDropoff(places *placeTable, ride *Ride) int32 {
	_, most := places.added(ride)
	last := r.fetchWindow(ride).Latest + ride.Party.Board + most + r.longestRide(&ride.Promise, ride.Direct)
	if by := ride.Promise.ArriveBy; by > 0 {
		last = min(last, by-r.ArriveMargin)
	}
	return last
}

// reach sets the times of one unfinished stop from the departure at the stop before. A vehicle with somebody aboard drives on as soon as
// that gets it there; an empty one waits where it stands.
func (t *timer) reach(s *Stop, ride *Ride, depart int32, from geo.LatLng, begin int32, aboard bool) {
	to := place(ride, s.Kind)
	switch s.State {
	case Pending:
		ready := max(depart, t.now)
		if s.LeaveBy, s.Arrive = t.places.soonest(from, to, ready); !aboard {
			s.LeaveBy, s.Arrive = t.places.latest(from, to, ready, begin-t.rules.EarlyAtStop)
		}
	case EnRoute:
		s.Arrive = max(s.LeaveBy+t.places.plannedAt(from, to, s.LeaveBy), t.now)
		if t.near > 0 {
			s.Arrive = max(t.near, t.now)
		}
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
