package dispatch

import (
	"cmp"
	"context"
	"maps"
	"slices"
)

// compare orders the queue.
func (w *WillCall) compare(o *WillCall) int {
	if w.Ride.Call.Called != o.Ride.Call.Called {
		if w.Ride.Call.Called {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(w.Since, o.Since), cmp.Compare(w.Ride.ID, o.Ride.ID))
}

// stop is a stop of a route, or nil where no route has it.
func (s *State) stop(id StopID) *Stop {
	route := s.RouteOf(id.Ride)
	if route == nil {
		return nil
	}
	for i := range route.Stops {
		if route.Stops[i].StopID == id {
			return &route.Stops[i]
		}
	}
	return nil
}

// Roll moves the capacity of will-calls on as time goes by: where a vehicle would have to leave for one that nobody has
// called for, it is placed again, later. Where no vehicle has the time for it any more, or its window is over, its stops
// leave the plan; the ride stays in the queue. It is for the engine's loop, at least once in half of Rules.CallLead: later
// than that, a driver may be told to wait for it. It returns how many were moved.
func (d *Desk) Roll(ctx context.Context, area AreaID, day Day) (int, error) {
	a, err := d.open(ctx, area, day)
	if err != nil {
		return 0, err
	}
	n := 0
	_, err = a.change(ctx, IdempotencyKey{}, func() (*Commit, error) {
		n = 0
		due := a.rollable()
		if len(due) == 0 {
			return nil, nil
		}
		c, err := a.roll(due)
		if err != nil || len(c.Routes) == 0 {
			return nil, err
		}
		n = len(c.Events)
		return c, nil
	})
	return n, err
}

// rollable lists the will-calls without a call whose stops a driver would soon have to leave for, or cannot any more, by id.
// a.mu is held.
func (a *areaDay) rollable() (due []*Ride) {
	rules, now := &a.desk.cfg.Rules, a.second()
	for _, route := range a.state.Routes {
		ahead := false // somebody else's stops follow
		for i := len(route.Stops) - 1; i >= route.Executed(); i-- {
			s := &route.Stops[i]
			ride := a.state.Rides[s.Ride]
			switch {
			case !ride.Latent():
				ahead = true
			case s.Kind == PickupStop && (rules.callOver(ride, now) || ahead && s.LeaveBy <= now+rules.CallLead):
				due = append(due, ride)
			}
		}
	}
	slices.SortFunc(due, func(x, y *Ride) int { return cmp.Compare(x.ID, y.ID) })
	return due
}

// roll is the commit that places will-calls again; it has no routes where none moves. a.mu is held.
func (a *areaDay) roll(due []*Ride) (*Commit, error) {
	ids := make([]RideID, len(due))
	for i, ride := range due {
		ids[i] = ride.ID
	}
	s, err := a.sketchLocked(ids...)
	if err != nil {
		return nil, err
	}
	rules, now := &a.desk.cfg.Rules, a.second()
	where := map[RideID]string{}
	for _, ride := range due {
		if rules.callOver(ride, now) {
			where[ride.ID] = CallOver
			continue
		}
		later := rules.lifted(ride, now)
		found, _, err := s.choices(later, []candidate{{promise: later.Promise}})
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			where[ride.ID] = CallUnkept
			continue
		}
		if err := s.put(later, found[0]); err != nil {
			return nil, err
		}
		where[ride.ID] = CallMoved
	}
	s.rides = nil // only their stops have moved
	c := s.commit()
	for _, id := range slices.Sorted(maps.Keys(where)) {
		e := Event{Actor: Engine.Subject, Kind: RouteImproved, Ride: id, Detail: where[id]}
		if i := s.shiftOf(id); i >= 0 {
			e.Shift = a.shifts[i].ID
		}
		if where[id] == CallUnkept {
			e.Kind = RideExceeded
		}
		c.Events = append(c.Events, e)
	}
	return c, nil
}
