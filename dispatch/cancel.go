package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
)

// CancelRide ends a ride that has not begun and frees its place, and with Cancellation.Scope other legs of its trip in the
// same step; what becomes of them is never implied. What is freed is offered to will-calls without a vehicle and to the
// waitlist before anybody else. Errors: ErrNotFound, ErrWrongState, ErrInvalid, *LinkedError (ErrScope) where the ride has
// other open legs and the scope is 0, ErrKeyReused, or the store's.
func (d *Desk) CancelRide(ctx context.Context, by Actor, area AreaID, c Cancellation, key string) (*Ride, int64, error) {
	if c.Kind > CancelProvider || c.Scope > CancelAll {
		return nil, 0, fmt.Errorf("%w: no such kind %d or scope %d of cancellation", ErrInvalid, c.Kind, c.Scope)
	}
	a, err := d.openRide(ctx, area, c.Ride)
	if err != nil {
		return nil, 0, err
	}
	idem := IdempotencyKey{key, hashRequest("cancel", string(c.Ride), fmt.Sprint(c.Kind, c.Scope), c.Reason)}
	if _, err = a.free(ctx, idem, func() (*Commit, error) { return a.cancel(ctx, by, c) }); err != nil {
		return nil, 0, err
	}
	state := a.current()
	return state.Rides[c.Ride], state.Revision, nil
}

// cancel is the commit that a cancellation makes. a.mu is held.
func (a *areaDay) cancel(ctx context.Context, by Actor, c Cancellation) (*Commit, error) {
	if err := a.wholeLocked(ctx); err != nil {
		return nil, err
	}
	ride, err := a.rideLocked(c.Ride)
	if err != nil {
		return nil, err
	}
	if !ride.cancellable() {
		return nil, fmt.Errorf("%w: ride %s is %s and can no longer be cancelled", ErrWrongState, c.Ride, ride.State)
	}
	rides, err := a.state.inScope(ride, c.Scope)
	if err != nil {
		return nil, err
	}
	return a.cancelling(by, rides, c), nil
}

// cancelling is the commit that cancels rides of the state. a.mu is held.
func (a *areaDay) cancelling(by Actor, rides []*Ride, c Cancellation) *Commit {
	commit := &Commit{Reply: []byte(c.Ride)}
	out := map[*Route][]*Ride{}
	for _, ride := range rides {
		after := ride.next(Cancelled)
		after.Reason, after.Cancel = c.Reason, c.Kind
		route := a.state.RouteOf(ride.ID)
		if after.Cancel == 0 {
			after.Cancel = a.cancelKind(route, ride.ID)
		}
		e := Event{
			Actor: by.Subject, Kind: RideCancelled, Ride: ride.ID,
			Before: ride.State.String(), After: after.State.String(), Detail: c.Reason,
		}
		if route != nil {
			out[route], e.Shift = append(out[route], after), route.Shift
		}
		commit.Rides, commit.Events = append(commit.Rides, RideChange{Before: ride, After: after}), append(commit.Events, e)
	}
	commit.Routes = a.emptied(out)
	return commit
}

// emptied is each route without the rides listed for it, in the order of the ids of their shifts, which the calendar may not have
// any more. a.mu is held.
func (a *areaDay) emptied(out map[*Route][]*Ride) (routes []*Route) {
	for route, rides := range out {
		routes = append(routes, a.without(route, rides...))
	}
	slices.SortFunc(routes, func(x, y *Route) int { return cmp.Compare(x.Shift, y.Shift) })
	return routes
}

// cancellable reports whether the ride can still be called off: nobody has boarded.
func (r *Ride) cancellable() bool {
	return r.State == Draft || r.State == Offered || r.State == Booked || r.State == Published
}

// LinkedError says which other legs of a trip are open where somebody wants to cancel one. It is ErrScope.
type LinkedError struct{ Rides []RideID }

func (e *LinkedError) Error() string { return fmt.Sprintf("%v: rides %q", ErrScope, e.Rides) }

// Unwrap makes errors.Is(err, ErrScope) hold.
func (e *LinkedError) Unwrap() error { return ErrScope }

// inScope lists the rides that a cancellation of one leg ends, the leg itself first.
func (s *State) inScope(ride *Ride, scope CancelScope) ([]*Ride, error) {
	before, after := s.Trip(ride.ID)
	rides := []*Ride{ride}
	var open []RideID
	for i, list := range [][]*Ride{after, before} {
		for _, leg := range list {
			if !leg.cancellable() {
				continue
			}
			open = append(open, leg.ID)
			if scope == CancelAll || scope == CancelRest && i == 0 {
				rides = append(rides, leg)
			}
		}
	}
	if scope == 0 && len(open) > 0 {
		slices.Sort(open)
		return nil, &LinkedError{open}
	}
	return rides, nil
}

// Trip lists the legs of a ride's trip that come before it and those that come after it, nearest first.
func (s *State) Trip(id RideID) (before, after []*Ride) {
	seen := map[RideID]bool{id: true}
	for r := s.Rides[id]; r != nil && !seen[r.Linked]; {
		seen[r.Linked] = true
		if r = s.Rides[r.Linked]; r != nil {
			before = append(before, r)
		}
	}
	ids := slices.Sorted(maps.Keys(s.Rides))
	for next := []RideID{id}; len(next) > 0; next = next[1:] {
		for _, other := range ids {
			if r := s.Rides[other]; r.Linked == next[0] && !seen[other] {
				seen[other] = true
				after, next = append(after, r), append(next, other)
			}
		}
	}
	return before, after
}

// cancelKind tells how late a cancellation is from what the vehicle is doing now.
func (a *areaDay) cancelKind(route *Route, id RideID) CancelKind {
	if a.second() < 0 {
		return CancelAdvance
	}
	if route == nil {
		return CancelSameDay
	}
	for _, s := range route.Stops {
		if s.StopID != (StopID{id, PickupStop}) {
			continue
		}
		switch s.State {
		case EnRoute:
			return CancelLate
		case Arrived:
			return CancelAtDoor
		}
	}
	return CancelSameDay
}
