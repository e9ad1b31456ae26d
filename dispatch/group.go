package dispatch

import "github.com/swmaas/swmaas/dispatch/solver"

// A group that rides together is all aboard at some moment: nobody of it alights before the last has boarded. The solver keeps to
// that (Gather), except for a group that a driver has begun to drive in turns.
//
// A group that rides together stays on the vehicle that has begun with it. While somebody of it is aboard the solver knows
// that by itself; but a member who was brought, or for whom nobody came at the door, is in no model any more, and the driver can
// still take either back.

// begunLocked notes, for each booking that has to ride in one vehicle, the shift that has finished a stop of it, and none for one
// that stands on a shift which the calendar does not have any more: the engine gives all of it other places, and until then
// nobody of it is placed alone. a.mu is held.
func (a *areaDay) begunLocked(m *model) {
	m.begun = map[BookingID]solver.Vehicle{}
	for id, route := range a.state.Routes {
		if _, runs := a.byShift[id]; runs {
			continue
		}
		for _, s := range route.Stops[route.Executed():] {
			if r := a.state.Rides[s.Ride]; r != nil && r.Together && r.Booking != "" {
				m.begun[r.Booking] = solver.None
			}
		}
	}
	for i := range a.shifts {
		if a.outOfService(i) {
			continue // the others of the group go on in another vehicle
		}
		route := a.routeLocked(a.shifts[i].ID)
		for _, s := range route.Stops[:route.Executed()] {
			if r := a.state.Rides[s.Ride]; r != nil && r.Together && r.Booking != "" {
				m.begun[r.Booking] = solver.Vehicle(i)
			}
		}
	}
}

// inTurns notes the groups whose vehicle, as the rest of its route stands, sets somebody down before it fetches another.
func (m *model) inTurns(rests []*rest) {
	for _, rest := range rests {
		var down map[BookingID]bool
		for _, s := range rest.stops {
			ride := m.rides[m.request[s.Ride]]
			switch {
			case !ride.Together || ride.Booking == "":
			case s.Kind == PickupStop && down[ride.Booking]:
				m.turns[ride.Booking] = true
			case s.Kind == DropoffStop:
				if down == nil {
					down = map[BookingID]bool{}
				}
				down[ride.Booking] = true
			}
		}
	}
}

// gatherOf is the solver's number of those that have to be aboard at once with the ride, or 0 where nobody has to.
func (m *model) gatherOf(ride *Ride) int32 {
	if m.turns[ride.Booking] {
		return 0
	}
	return m.shareOf(ride)
}

// homeOf is the vehicle that has begun with the group of a ride, or none where the group is between vehicles; begun is false where
// none has, or the ride has no group.
func (m *model) homeOf(ride *Ride) (home solver.Vehicle, begun bool) {
	if !ride.Together || ride.Booking == "" {
		return solver.None, false
	}
	home, begun = m.begun[ride.Booking]
	return home, begun
}
