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
	ride := func(id RideID) *Ride {
		if id == changed.ID {
			return changed
		}
		return a.state.Rides[id]
	}
	cabin := a.vehicles[a.shifts[a.byShift[route.Shift]].Vehicle].Cabin
	var aboard []*Ride
	for i, s := range route.Stops {
		r := ride(s.Ride)
		switch {
		case s.State == Skipped:
			continue
		case s.Kind == DropoffStop:
			if s.StopID.Ride == stop.Ride {
				return nil
			}
			aboard = slices.DeleteFunc(aboard, func(o *Ride) bool { return o == r })
			continue
		}
		load := r.Party.Load
		for _, o := range aboard {
			load = load.Add(o.Party.Load)
		}
		if i == first && !cabin.Holds(load) {
			return fmt.Errorf("%w: no room for ride %s beside those aboard", ErrWrongState, stop.Ride)
		}
		if i > first && (!cabin.Holds(load) || a.legal.apart(changed, r) || dislikes(changed, r)) {
			bringNext(route, first)
			return nil
		}
		aboard = append(aboard, r)
	}
	return nil
}

// bringNext moves the dropoff of the ride that boards at stop i right behind it.
func bringNext(route *Route, i int) {
	ride := route.Stops[i].Ride
	k := slices.IndexFunc(route.Stops, func(s Stop) bool { return s.StopID == StopID{ride, DropoffStop} })
	s := route.Stops[k]
	route.Stops = slices.Insert(slices.Delete(route.Stops, k, k+1), i+1, s)
}
