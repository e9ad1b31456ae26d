package dispatch

import (
	"cmp"
	"slices"
)

// A route whose shift the calendar does not have any more is stray: nobody drives it, and its rides are on no route of the model until Mend
// gives them to others. Whoever places one of them before that takes it off there.

// strayRidesLocked are the rides of stray routes that are not driven yet. a.mu is held.
func (a *areaDay) strayRidesLocked() map[RideID]*Ride {
	rides := map[RideID]*Ride{}
	for id, route := range a.state.Routes {
		if _, runs := a.byShift[id]; !runs {
			for _, s := range route.Stops[route.Executed():] {
				rides[s.Ride] = a.state.Rides[s.Ride]
			}
		}
	}
	return rides
}

// leaveStrayLocked adds to a commit the stray routes without the stops of the rides that it places on other routes, and frees those rides
// of locks to shifts that there are no more. a.mu is held.
func (a *areaDay) leaveStrayLocked(c *Commit) {
	placed := map[RideID]bool{}
	for _, route := range c.Routes {
		if _, runs := a.byShift[route.Shift]; runs {
			for _, s := range route.Stops[route.Executed():] {
				placed[s.Ride] = true
			}
		}
	}
	for i := range c.Rides { // a will-call may have waited for a place, on no route
		if placed[c.Rides[i].After.ID] {
			a.unlockStrayLocked(c, c.Rides[i].After.ID)
		}
	}
	for id, route := range a.state.Routes {
		_, runs := a.byShift[id]
		if runs || slices.ContainsFunc(c.Routes, func(r *Route) bool { return r.Shift == id }) {
			continue
		}
		next := &Route{Shift: id, Version: route.Version + 1, Stops: slices.Clone(route.Stops)}
		next.Stops = slices.DeleteFunc(next.Stops, func(s Stop) bool {
			leaves := placed[s.Ride] && !s.State.Finished()
			if leaves {
				a.unlockStrayLocked(c, s.Ride)
			}
			return leaves
		})
		if len(next.Stops) < len(route.Stops) {
			c.Routes = append(c.Routes, next)
		}
	}
	slices.SortFunc(c.Routes, func(x, y *Route) int { return cmp.Compare(x.Shift, y.Shift) })
}

// unlocked is the ride at its next version, without a lock to a vehicle that does not drive, or not to the end of its shift. a.mu is held.
func (a *areaDay) unlocked(ride *Ride) *Ride {
	after := ride.next(ride.State)
	if shift, runs := a.byShift[after.Locks.Shift]; !runs || a.cutShort(shift) {
		after.Locks.Shift, after.Locks.Order = "", false
	}
	if !after.Locks.Any() {
		after.Locks = Locks{}
	}
	return after
}

// unlockStrayLocked frees a ride of a commit of the lock to a shift that there is no more. a.mu is held.
func (a *areaDay) unlockStrayLocked(c *Commit, id RideID) {
	k := slices.IndexFunc(c.Rides, func(ch RideChange) bool { return ch.After.ID == id })
	ride := a.state.Rides[id]
	if k >= 0 {
		ride = c.Rides[k].After
	}
	if _, runs := a.byShift[ride.Locks.Shift]; ride.Locks.Shift == "" || runs {
		return
	}
	if k < 0 {
		before := ride
		ride = before.next(before.State)
		c.Rides = append(c.Rides, RideChange{Before: before, After: ride})
	}
	if ride.Locks.Shift, ride.Locks.Order = "", false; !ride.Locks.Any() {
		ride.Locks = Locks{}
	}
}
