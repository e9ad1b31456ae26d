package dispatch

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/swmaas/swmaas/dispatch/solver"
	"github.com/swmaas/swmaas/vehicles"
)

// sketchWith begins a sketch of the plan in which rides are changed, without the stops of others. a.mu is held.
func (a *areaDay) sketchWith(changed []*Ride, without ...RideID) (*sketch, error) {
	a.expireLocked()
	whole := a.state
	defer func() { a.state = whole }()
	if len(changed) > 0 {
		next := *whole
		next.Rides = maps.Clone(whole.Rides)
		for _, r := range changed {
			next.Rides[r.ID] = r
		}
		a.state = &next
	}
	return a.sketchLocked(without...)
}

// arrange is the commit that makes the plan what an arrangement says, or *RefusedError where a hard rule forbids it. a.mu is held.
func (a *areaDay) arrange(plan *arrangement, by Actor, lock bool) (*Commit, error) {
	if !plan.whole() {
		return nil, fmt.Errorf("%w: the order leaves a ride out", ErrInvalid)
	}
	moved, changed, err := a.arranged(plan, by, lock)
	if err != nil {
		return nil, err
	}
	s, err := a.sketchWith(changed, plan.Moved...)
	if err != nil {
		return nil, err
	}
	for _, r := range moved {
		if _, err := s.m.problem.Extend(a.spec(s.m, r)); err != nil {
			return nil, fmt.Errorf("dispatch: move ride %s: %w", r.ID, err)
		}
		s.added(r)
	}
	var shifts []int
	var former [][]solver.Node
	for _, o := range plan.Orders {
		i, known := a.byShift[o.Shift]
		if !known {
			return nil, fmt.Errorf("%w: shift %s", ErrChanged, o.Shift)
		}
		shifts, former = append(shifts, i), append(former, s.m.solution.Route(solver.Vehicle(i)))
		_ = s.m.solution.SetRoute(solver.Vehicle(i), nil) // the empty route is always one
	}
	for k, o := range plan.Orders {
		nodes, err := s.nodesOf(o.Stops)
		if err == nil {
			err = s.m.solution.SetRoute(solver.Vehicle(shifts[k]), nodes)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: shift %s: %v", ErrChanged, o.Shift, err) //nolint:errorlint // the cause is an earlier change
		}
	}
	if wrong := s.wrong(shifts); len(wrong) > 0 {
		return nil, &RefusedError{wrong.list()}
	}
	for k, v := range shifts { // a run that is over its cap already is no fault of this change
		over := func(nodes []solver.Node) *PolicyRefusal {
			return a.overFares(s.m, solver.Vehicle(v), nodes, solver.None, nil)
		}
		if why := over(s.m.solution.Route(solver.Vehicle(v))); why != nil && over(former[k]) == nil {
			return nil, &RefusedError{[]Refusal{why.Refusal()}}
		}
	}
	s.rides = append(s.rides, changed...)
	return s.commit(), nil
}

// arranged are the rides as an arrangement leaves them: those that are placed anew, and those that are promised another time.
func (a *areaDay) arranged(plan *arrangement, by Actor, lock bool) (moved, changed []*Ride, err error) {
	for _, id := range slices.Sorted(maps.Keys(plan.Promises)) {
		ride, err := a.rideLocked(id)
		if err != nil {
			return nil, nil, err
		}
		next := ride.next(ride.State)
		next.Promise = plan.Promises[id]
		if before, given := plan.Locks[id]; given {
			next.Locks = before
		}
		if !slices.Contains(plan.Moved, id) {
			changed = append(changed, next)
			continue
		}
		if _, given := plan.Locks[id]; !given {
			l := &next.Locks
			if l.Shift != "" || lock {
				l.Shift, l.By = plan.shiftOf(id), by.Subject
			}
			if l.Order = false; plan.Untimed {
				l.At = 0
			}
			if !l.Any() {
				*l = Locks{}
			}
		}
		moved = append(moved, next)
	}
	return moved, changed, a.inTheirTrips(slices.Concat(moved, changed))
}

// inTheirTrips refuses promises that are moved before the leg before has arrived, beyond the beginning of the leg after, or into
// another ride of the same rider. after are all rides as they would be.
func (a *areaDay) inTheirTrips(after []*Ride) error {
	as := func(r *Ride) *Ride {
		for _, n := range after {
			if n.ID == r.ID {
				return n
			}
		}
		return r
	}
	for _, r := range after {
		was := &a.state.Rides[r.ID].Promise
		if *was == r.Promise {
			continue
		}
		if own := r.Party.Limits.longest(r.Direct); own > 0 && r.Promise.MaxRide > max(own, was.MaxRide) {
			return &RefusedError{[]Refusal{{Code: CodeNoVehicle, Cause: CauseOwnRide, Limit: int64(own), Actual: int64(r.Promise.MaxRide), Unit: UnitSeconds, Shifts: 1}}}
		}
		if out := a.state.Rides[r.Linked]; out != nil && !out.State.Ended() && r.Promise.Pickup.Earliest < as(out).Promise.arrives() {
			return &RefusedError{[]Refusal{{Code: CodeOutsideService, Cause: CauseOutbound}}}
		}
		for _, id := range slices.Sorted(maps.Keys(a.state.Rides)) {
			o := a.state.Rides[id]
			if o.ID == r.ID || !o.placed() || o.Latent() && o.Linked != r.ID {
				continue
			}
			begins, p := as(o).Promise.Pickup.Earliest, &as(o).Promise
			if o.Latent() {
				begins = p.Pickup.Latest
			}
			if o.Linked == r.ID && begins < r.Promise.arrives() {
				return &RefusedError{[]Refusal{{Code: CodeOutsideService, Cause: CauseNext}}}
			}
			overlaps := r.Rider != "" && o.Rider == r.Rider && r.Promise.meets(*p)
			if overlaps && !o.Latent() && o.Linked != r.ID && r.Linked != o.ID {
				return &RefusedError{[]Refusal{{Code: CodeOverlap, Cause: CauseOverlap}}}
			}
		}
	}
	return nil
}

// shiftOf is the shift that has the ride in the arrangement.
func (p *arrangement) shiftOf(id RideID) vehicles.ShiftID {
	for _, o := range p.Orders {
		if slices.ContainsFunc(o.Stops, func(s StopID) bool { return s.Ride == id }) {
			return o.Shift
		}
	}
	return p.To
}

// nodesOf translates stops to the sketch's visits.
func (s *sketch) nodesOf(stops []StopID) ([]solver.Node, error) {
	list := make([]Stop, len(stops))
	for i, id := range stops {
		if _, known := s.m.request[id.Ride]; !known {
			return nil, fmt.Errorf("ride %s is not in the plan any more", id.Ride)
		}
		list[i].StopID = id
	}
	return s.m.nodes(list), nil
}

// wrong is why the routes of the shifts may not be what the sketch has them.
func (s *sketch) wrong(shifts []int) refusals {
	rs := refusals{}
	for _, v := range solver.Verify(s.m.problem, s.m.solution) {
		if !slices.Contains(shifts, int(v.Vehicle)) {
			continue
		}
		e := solver.Explanation{Dim: solver.None}
		e.Vehicle, e.Cause, e.Node, e.Limit, e.Actual = v.Vehicle, v.Kind, v.Node, v.Limit, v.Actual
		ride := &Ride{}
		if v.Request != solver.None {
			ride = s.m.rides[v.Request]
		}
		rs.add(s.a.refusal(s.m, ride, &e))
	}
	return rs
}

// effects are what a commit does to rides, that of the first ride first, then by id. a.mu is held.
func (a *areaDay) effects(c *Commit, first RideID) []Effect {
	after := a.state.With(c, a.state.Revision)
	ids := map[RideID]bool{}
	for _, r := range c.Routes {
		for _, route := range []*Route{a.routeLocked(r.Shift), r} {
			for _, s := range route.Stops[route.Executed():] {
				ids[s.Ride] = true
			}
		}
	}
	delete(ids, first)
	out := []Effect{a.effect(after, first)}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		e := a.effect(after, id)
		off := func(x, y int32) bool { return max(x-y, y-x) >= 60 }
		if e.Moves() || e.From != e.To || off(e.PickupBefore, e.PickupAfter) || off(e.ArrivalBefore, e.ArrivalAfter) {
			out = append(out, e)
		}
	}
	return out
}

// effect compares one ride with how it is after.
func (a *areaDay) effect(after *State, id RideID) Effect {
	e := Effect{Ride: id, Before: a.state.Rides[id].Promise, After: after.Rides[id].Promise}
	e.From, e.PickupBefore, e.ArrivalBefore, e.AboardBefore = a.state.timesOf(id)
	e.To, e.PickupAfter, e.ArrivalAfter, e.AboardAfter = after.timesOf(id)
	return e
}

// timesOf is where a ride is planned: its shift, when it boards and arrives, and how long it is aboard.
func (s *State) timesOf(id RideID) (shift vehicles.ShiftID, pickup, arrival, aboard int32) {
	route := s.RouteOf(id)
	if route == nil {
		return "", 0, 0, 0
	}
	left := s.Rides[id].Actual.Board
	for _, stop := range route.Stops {
		switch stop.StopID {
		case StopID{id, PickupStop}:
			pickup, left = stop.Begin, stop.Depart
		case StopID{id, DropoffStop}:
			arrival, aboard = stop.Begin, stop.Begin-left
		}
	}
	return route.Shift, pickup, arrival, aboard
}

// added is how much more is driven after a commit, in metres and seconds of road. a.mu is held.
func (a *areaDay) added(c *Commit) (meters, seconds int64) {
	for _, r := range c.Routes {
		m, s := a.lengthOf(r)
		n, t := a.lengthOf(a.routeLocked(r.Shift))
		meters, seconds = meters+m-n, seconds+s-t
	}
	return meters, seconds
}

// lengthOf is how far and how long a route is driven from the start of its shift to the end, 0 where it has no stop or its
// shift does not take place any more. a.mu is held.
func (a *areaDay) lengthOf(route *Route) (meters, seconds int64) {
	i, runs := a.byShift[route.Shift]
	if len(route.Stops) == 0 || !runs {
		return 0, 0
	}
	shift := &a.shifts[i]
	at, leaves := shift.Start, route.Stops[0].LeaveBy
	for _, s := range route.Stops {
		to := place(a.state.Rides[s.Ride], s.Kind)
		t, m := a.places.unshared(at, to, Window{leaves, leaves})
		meters, seconds, at, leaves = meters+int64(m), seconds+int64(t), to, s.Depart
	}
	t, m := a.places.unshared(at, shift.End, Window{leaves, leaves})
	return meters + int64(m), seconds + int64(t)
}

// noPlace reports whether an error says that there is no place.
func noPlace(err error) bool { return errors.Is(err, ErrRefused) || errors.Is(err, ErrStale) }
