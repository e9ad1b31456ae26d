package dispatch

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Reasons of rides that ended without being booked.
const (
	ReasonLapsed   = "OFFER_EXPIRED"  // a held offer was not taken in time
	ReasonDeclined = "OFFER_DECLINED" // the caller did not want what was offered
)

// Hold keeps the place of an offer for Config.HoldLife while the caller makes up their mind: the ride is in the plan as
// Offered, nobody else gets its place, and drivers do not see it. Book of the same token, or Accept of the ride, books it.
// Where the offer is gone the result has fresh offers. The same key gives the same ride again. Errors: as Book.
func (d *Desk) Hold(ctx context.Context, by Actor, area AreaID, token, key string) (*BookResult, error) {
	return d.take(ctx, by, area, token, IdempotencyKey{key, hashRequest("hold", token)}, d.cfg.HoldLife)
}

// Accept books a ride that is held for somebody, by its id: the answer to Hold, or of somebody on the waitlist to whom a
// freed place was offered. Errors: ErrNotFound, ErrWrongState where the ride is not an offer, ErrHoldExpired where its
// place is not kept any more, ErrKeyReused, or the store's.
func (d *Desk) Accept(ctx context.Context, by Actor, area AreaID, ride RideID, key string) (*Ride, int64, error) {
	return d.onRide(ctx, area, ride, IdempotencyKey{key, hashRequest("accept", string(ride))}, func(a *areaDay, held *Ride) (*Commit, error) {
		if held.State != Offered {
			return nil, fmt.Errorf("%w: ride %s is %s and not offered", ErrWrongState, ride, held.State)
		}
		c := a.confirm(by, held)
		if c == nil {
			return nil, fmt.Errorf("%w: ride %s", ErrHoldExpired, ride)
		}
		return c, nil
	})
}

// Decline ends an offer that is held, or a place on the waitlist, as turned down. What was held is free at once. reason is
// a code, empty for ReasonDeclined. Errors: ErrNotFound, ErrWrongState, ErrKeyReused, or the store's.
func (d *Desk) Decline(ctx context.Context, by Actor, area AreaID, ride RideID, reason, key string) (*Ride, int64, error) {
	if reason == "" {
		reason = ReasonDeclined
	}
	return d.onRide(ctx, area, ride, IdempotencyKey{key, hashRequest("decline", string(ride), reason)}, func(a *areaDay, held *Ride) (*Commit, error) {
		if held.State != Offered && held.State != Draft {
			return nil, fmt.Errorf("%w: ride %s is %s and not offered", ErrWrongState, ride, held.State)
		}
		after := held.next(TurnedDown)
		after.Reason, after.Held = reason, time.Time{}
		return a.ending(by, RideTurnedDown, after), nil
	})
}

// onRide makes one change of one ride, which decide gets as it is then, on routes that are as they are stored.
func (d *Desk) onRide(ctx context.Context, area AreaID, id RideID, key IdempotencyKey, decide func(*areaDay, *Ride) (*Commit, error)) (*Ride, int64, error) {
	a, err := d.openRide(ctx, area, id)
	if err != nil {
		return nil, 0, err
	}
	_, err = a.free(ctx, key, func() (*Commit, error) {
		if err := a.wholeLocked(ctx); err != nil {
			return nil, err
		}
		ride, err := a.rideLocked(id)
		if err != nil {
			return nil, err
		}
		return decide(a, ride)
	})
	if err != nil {
		return nil, 0, err
	}
	state := a.current()
	return state.Rides[id], state.Revision, nil
}

// rideLocked is a ride of the day, or ErrNotFound. a.mu is held.
func (a *areaDay) rideLocked(id RideID) (*Ride, error) {
	if r := a.state.Rides[id]; r != nil {
		return r, nil
	}
	return nil, fmt.Errorf("%w: ride %s", ErrNotFound, id)
}

// next is a copy of the ride that can be changed: one version on, in a state.
func (r *Ride) next(state RideState) *Ride {
	after := *r
	after.Version++
	after.State = state
	return &after
}

// keeps reports whether the ride's place is kept for it at a moment.
func (r *Ride) keeps(now time.Time) bool { return r.State == Offered && now.Before(r.Held) }

// heldFor is the ride that keeps the place of an offer for its caller, or nil.
func (a *areaDay) heldFor(offer *sealedOffer) *Ride {
	now, req := a.desk.now(), &offer.Request
	for _, r := range a.state.Rides {
		if r.keeps(now) && r.Rider == req.Rider && r.Promise == offer.Promise && r.Pickup == req.Pickup && r.Dropoff == req.Dropoff {
			return r
		}
	}
	return nil
}

// confirm is the commit that books a held ride in its place, or nil where its place is not kept any more. It writes the
// route as well, so that of two processes whose clocks differ only one has its way. a.mu is held.
func (a *areaDay) confirm(by Actor, held *Ride) *Commit {
	route := a.state.RouteOf(held.ID)
	if route == nil || !held.keeps(a.desk.now()) {
		return nil
	}
	after := held.next(Booked)
	after.Held, after.Reason = time.Time{}, ""
	next := &Route{Shift: route.Shift, Version: route.Version + 1, Stops: slices.Clone(route.Stops)}
	a.retimeLocked(next, after)
	return &Commit{
		Routes: []*Route{next},
		Rides:  []RideChange{{Before: held, After: after}},
		Events: []Event{{
			Actor: by.Subject, Kind: RideBooked, Ride: held.ID, Shift: next.Shift,
			Before: held.State.String(), After: after.State.String(),
		}},
		Reply: []byte(held.ID),
	}
}

// ending is the commit that ends a ride, or puts it aside, and takes its stops out of its route. a.mu is held.
func (a *areaDay) ending(by Actor, kind EventKind, after *Ride) *Commit {
	before := a.state.Rides[after.ID]
	e := Event{
		Actor: by.Subject, Kind: kind, Ride: after.ID,
		Before: before.State.String(), After: after.State.String(), Detail: after.Reason,
	}
	c := &Commit{Rides: []RideChange{{Before: before, After: after}}, Reply: []byte(after.ID)}
	if route := a.state.RouteOf(after.ID); route != nil {
		e.Shift = route.Shift
		c.Routes = []*Route{a.without(route, after)}
	}
	c.Events = []Event{e}
	return c
}

// without is the route without the stops of the rides. a.mu is held.
func (a *areaDay) without(route *Route, rides ...*Ride) *Route {
	next := &Route{Shift: route.Shift, Version: route.Version + 1}
	next.Stops = slices.DeleteFunc(slices.Clone(route.Stops), func(s Stop) bool {
		return slices.ContainsFunc(rides, func(r *Ride) bool { return r.ID == s.Ride })
	})
	a.retimeLocked(next, rides...)
	return next
}

// expireLocked takes the stops of holds that have run out from the routes in memory, so that their places are free for the
// next one who asks. The routes keep their versions and the rides stay as they are until Sweep ends them. It runs before a
// model is made. a.mu is held.
func (a *areaDay) expireLocked() {
	a.passLocked()
	now := a.desk.now()
	if a.holds.of == a.state && (a.holds.first.IsZero() || now.Before(a.holds.first)) {
		return
	}
	over := map[RideID]bool{}
	a.holds.of, a.holds.first = a.state, time.Time{}
	for id, r := range a.state.Rides {
		switch {
		case r.State != Offered:
		case !r.keeps(now):
			over[id] = true
		case a.holds.first.IsZero() || r.Held.Before(a.holds.first):
			a.holds.first = r.Held
		}
	}
	if len(over) == 0 {
		return
	}
	next := a.state.without(over)
	if next == a.state {
		return
	}
	for id, route := range next.Routes {
		if route != a.state.Routes[id] {
			a.retimeLocked(route)
		}
	}
	a.state, a.model, a.stripped = next, nil, true
	a.holds.of = a.state
}

// holds remembers when the next hold of a state runs out.
type holds struct {
	of    *State
	first time.Time // the zero time where nothing is held
}

// wholeLocked makes sure that the routes in memory are as they are stored. a.mu is held.
func (a *areaDay) wholeLocked(ctx context.Context) error {
	if !a.stripped {
		return nil
	}
	return a.refreshLocked(ctx)
}

// Sweep ends the holds of an area-day that have run out: an offer of the telephone as turned down, one of the waitlist by
// putting it back; and it ends as unmet who is on the waitlist past their time. What the holds kept is offered to those
// on the waitlist that nothing was offered yet. It is for the engine's loop; a hold that has run out is free from that
// second on, swept or not. It returns how many rides it ended or put back.
func (d *Desk) Sweep(ctx context.Context, area AreaID, day Day) (int, error) {
	a, err := d.open(ctx, area, day)
	if err != nil {
		return 0, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	_, err = a.changeLocked(ctx, IdempotencyKey{}, func() (*Commit, error) {
		c, err := a.sweep(ctx)
		n = 0
		if c != nil {
			n = len(c.Rides)
		}
		return c, err
	})
	if n > 0 && err == nil {
		err = a.giveFreedLocked(ctx, false)
	}
	return n, err
}

// sweep is the commit that ends the holds that have run out, or nil. a.mu is held.
func (a *areaDay) sweep(ctx context.Context) (*Commit, error) {
	over := a.lapsed()
	if len(over) == 0 {
		return nil, nil
	}
	if err := a.wholeLocked(ctx); err != nil {
		return nil, err
	}
	if over = a.lapsed(); len(over) == 0 { // as the store has it: another process was first
		return nil, nil
	}
	c := &Commit{}
	out := map[*Route][]*Ride{}
	for _, id := range over {
		before := a.state.Rides[id]
		after, kind := lapse(before)
		e := Event{Actor: Engine.Subject, Kind: kind, Ride: id, Before: before.State.String(), After: after.State.String(), Detail: ReasonLapsed}
		if after.State == Unmet {
			e.Detail = after.Reason
		}
		if route := a.state.RouteOf(id); route != nil {
			out[route], e.Shift = append(out[route], after), route.Shift
		}
		c.Rides, c.Events = append(c.Rides, RideChange{Before: before, After: after}), append(c.Events, e)
	}
	c.Routes = a.emptied(out)
	return c, nil
}

// lapse is what becomes of an offer that was not taken, or of somebody on the waitlist past their time.
func lapse(r *Ride) (*Ride, EventKind) {
	switch {
	case r.State == Draft:
		after := r.next(Unmet)
		after.Reason = ReasonNoPlace
		return after, RideUnmet
	case r.waits():
		after := r.next(Draft)
		after.Promise = Promise{}
		return after, RideWaitlisted
	default:
		after := r.next(TurnedDown)
		after.Reason, after.Held = ReasonLapsed, time.Time{}
		return after, RideTurnedDown
	}
}

// lapsed lists the offers whose place is not kept any more and those on the waitlist past their time, by id. a.mu is held.
func (a *areaDay) lapsed() (ids []RideID) {
	for id, r := range a.state.Rides {
		if r.State == Offered && !r.keeps(a.desk.now()) || r.State == Draft && r.waits() && a.second() > r.Wish.Window.Latest {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}
