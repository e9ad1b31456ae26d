package dispatch

import (
	"fmt"
	"slices"
)

// takenEarly makes the best of a route, in place, in which a driver has just turned to a pickup before its turn. What cannot
// be is refused with ErrWrongState: a party for which there is no room beside those who are aboard. Where the party would
// be in the way of others who are yet to board, it is brought first. a.mu is held.
func (a *areaDay) takenEarly(route *Route, stop StopID, changed *Ride) error {
	first := slices.IndexFunc(route.Stops, func(s Stop) bool { return s.StopID == stop })
	if first < 0 || stop.Kind != PickupStop || route.Stops[first].State == Skipped {
		return nil
	}
	switch i := a.fullAt(route, first, changed); {
	case i == first:
		return fmt.Errorf("%w: no room for ride %s beside those aboard", ErrWrongState, stop.Ride)
	case i < dropoffOf(route, stop.Ride):
		bring(route, stop.Ride, first)
	}
	return nil
}

// fullAt is the first pickup from stop first on, where the changed ride boards, at which there is no room for all, or somebody
// boards who may not ride with the changed one, were that one to stay aboard; or the number of stops. a.mu is held.
func (a *areaDay) fullAt(route *Route, first int, changed *Ride) int {
	cabin := a.vehicles[a.shifts[a.byShift[route.Shift]].Vehicle].Cabin
	var aboard []*Ride
	for i, s := range route.Stops {
		r := a.state.Rides[s.Ride]
		if s.Ride == changed.ID {
			r = changed
		}
		switch {
		case s.State == Skipped:
			continue
		case s.Kind == DropoffStop:
			aboard = slices.DeleteFunc(aboard, func(o *Ride) bool { return o == r && r != changed })
			continue
		}
		load := r.Party.Load
		for _, o := range aboard {
			load = load.Add(o.Party.Load)
		}
		if i >= first && !cabin.Holds(load) || i > first && (a.legal.apart(changed, r) || dislikes(changed, r)) {
			return i
		}
		aboard = append(aboard, r)
	}
	return len(route.Stops)
}

// gatherAgain makes the best of a route, in place, whose driver takes back that nobody came to a stop: who rides with a group is
// brought after the last of it has boarded. Where somebody boards before that for whom there is no room then, it stays the next
// to be brought, and the group rides in turns. a.mu is held.
func (a *areaDay) gatherAgain(route *Route, stop StopID, changed *Ride) {
	if !changed.Together || changed.Booking == "" {
		return
	}
	first := slices.IndexFunc(route.Stops, func(s Stop) bool { return s.StopID == stop })
	last := first
	for i, s := range route.Stops {
		if o := a.state.Rides[s.Ride]; i > first && s.Kind == PickupStop && o.Together && o.Booking == changed.Booking {
			last = i
		}
	}
	if last < a.fullAt(route, first, changed) {
		bring(route, stop.Ride, last)
	}
}

// dropoffOf is the index of the stop where a ride alights.
func dropoffOf(route *Route, ride RideID) int {
	return slices.IndexFunc(route.Stops, func(s Stop) bool { return s.StopID == StopID{ride, DropoffStop} })
}

// bring moves the dropoff of a ride right behind stop i.
func bring(route *Route, ride RideID, i int) {
	k := dropoffOf(route, ride)
	s := route.Stops[k]
	route.Stops = slices.Delete(route.Stops, k, k+1)
	if k <= i {
		i--
	}
	route.Stops = slices.Insert(route.Stops, i+1, s)
}
