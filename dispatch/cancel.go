package dispatch

import (
	"context"
	"fmt"
	"slices"
)

// CancelRide ends a ride that has not begun and frees its place. A linked return stays: whether it is wanted is a question
// for the caller. Errors: ErrNotFound, ErrWrongState, ErrKeyReused, or the store's.
func (d *Desk) CancelRide(ctx context.Context, by Actor, area AreaID, c Cancellation, key string) (*Ride, int64, error) {
	a, err := d.openRide(ctx, area, c.Ride)
	if err != nil {
		return nil, 0, err
	}
	idem := IdempotencyKey{key, hashRequest("cancel", string(c.Ride), fmt.Sprint(c.Kind), c.Reason)}
	if _, err = a.change(ctx, idem, func() (*Commit, error) { return a.cancel(by, c) }); err != nil {
		return nil, 0, err
	}
	state := a.current()
	return state.Rides[c.Ride], state.Revision, nil
}

// cancel is the commit that a cancellation makes. a.mu is held.
func (a *areaDay) cancel(by Actor, c Cancellation) (*Commit, error) {
	ride := a.state.Rides[c.Ride]
	if ride == nil {
		return nil, fmt.Errorf("%w: ride %s", ErrNotFound, c.Ride)
	}
	if ride.State != Booked && ride.State != Published {
		return nil, fmt.Errorf("%w: ride %s is %s and can no longer be cancelled", ErrWrongState, c.Ride, ride.State)
	}
	after := *ride
	after.Version++
	after.State, after.Reason, after.Cancel = Cancelled, c.Reason, c.Kind
	commit := &Commit{Rides: []RideChange{{Before: ride, After: &after}}}
	event := Event{
		Actor: by.Subject, Kind: RideCancelled, Ride: ride.ID,
		Before: ride.State.String(), After: after.State.String(), Detail: c.Reason,
	}
	route := a.state.RouteOf(ride.ID)
	if after.Cancel == 0 {
		after.Cancel = a.cancelKind(route, ride.ID)
	}
	if route != nil {
		next := &Route{Shift: route.Shift, Version: route.Version + 1}
		next.Stops = slices.DeleteFunc(slices.Clone(route.Stops), func(s Stop) bool { return s.Ride == ride.ID })
		a.retimeLocked(next, &after)
		commit.Routes = []*Route{next}
		event.Shift = route.Shift
	}
	commit.Events = []Event{event}
	return commit, nil
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
