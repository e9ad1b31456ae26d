package dispatch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/swmaas/swmaas/dispatch/solver"
)

// Book confirms an offer: it inserts the ride again exactly within what was promised, and commits. An offer that is held
// gets its place; one that was made for the change of a ride (QuoteChange) changes that ride. Where that is no longer
// possible, or the offer has expired, the result has fresh offers instead of a ride. The same key gives the same ride again. Errors: ErrBadOffer, ErrKeyReused, ErrInvalid, or the store's; of a change
// also ErrNotFound, ErrChanged and ErrWrongState.
func (d *Desk) Book(ctx context.Context, by Actor, area AreaID, token, key string) (*BookResult, error) {
	return d.take(ctx, by, area, token, IdempotencyKey{key, hashRequest("book", token)}, 0)
}

// take books an offer, or holds it for the given time where that is not 0.
func (d *Desk) take(ctx context.Context, by Actor, area AreaID, token string, idem IdempotencyKey, hold time.Duration) (*BookResult, error) {
	offer, err := d.seal.open(token)
	if err != nil {
		return nil, err
	}
	if offer.Request.Area != area {
		return nil, fmt.Errorf("%w: it belongs to another area", ErrBadOffer)
	}
	a, err := d.open(ctx, area, offer.Request.Day)
	if err != nil {
		return nil, err
	}
	result := new(BookResult)
	change, decide := a.change, a.book
	if offer.Ride != "" {
		change, decide = a.free, a.amend
	}
	reply, err := change(ctx, idem, func() (*Commit, error) {
		c, gone, err := decide(ctx, by, offer, idem, hold)
		result.Gone = gone
		return c, err
	})
	if err != nil {
		return nil, err
	}
	state := a.current()
	result.Revision = state.Revision
	if result.Gone == nil {
		if result.Ride = state.Rides[RideID(reply)]; result.Ride == nil {
			return nil, fmt.Errorf("%w: ride %s", ErrNotFound, reply)
		}
	}
	return result, nil
}

// book is the commit that a booking makes, or fresh offers where the offer is gone. a.mu is held.
func (a *areaDay) book(ctx context.Context, by Actor, offer *sealedOffer, key IdempotencyKey, hold time.Duration) (*Commit, *Quote, error) {
	gone := func() (*Commit, *Quote, error) {
		quote, err := a.quoteLocked(ctx, offer.Request)
		return nil, quote, err
	}
	if held := a.heldFor(offer); held != nil {
		if hold > 0 {
			return nil, nil, fmt.Errorf("%w: the offer is held as ride %s already", ErrWrongState, held.ID)
		}
		if c := a.confirm(by, held); c != nil {
			return c, nil, nil
		}
	}
	if a.desk.now().After(offer.Expires) || len(a.shifts) == 0 {
		return gone()
	}
	if refusal, err := a.locateLocked(ctx, &offer.Request); err != nil {
		return nil, nil, err
	} else if refusal != nil {
		return gone()
	}
	permit, err := a.permitLocked(ctx, &offer.Request, offer.Terms.Mode, offer.Promise.Pickup)
	if err != nil {
		return nil, nil, err
	}
	if len(permit.options) == 0 || permit.terms(&permit.options[0]) != offer.Terms {
		return gone()
	}
	m, err := a.modelLocked()
	if err != nil {
		return nil, nil, err
	}
	ride := a.draft(&offer.Request, offer.Promise, offer.Direct)
	ride.Terms = offer.Terms
	choices, _, err := a.insertLocked(m, ride, []candidate{{promise: offer.Promise}})
	if err != nil {
		return nil, nil, err
	}
	if len(choices) == 0 {
		return gone()
	}
	ride.ID = a.newRideID(key, 0, nil)
	if ride.Booking == "" {
		ride.Booking = BookingID(ride.ID)
	}
	ride.Version, ride.State, ride.Created, ride.By = 1, Booked, a.desk.now(), by.Subject
	kind := RideBooked
	if hold > 0 {
		kind, ride.State, ride.Held = RideHeld, Offered, ride.Created.Add(hold)
	}
	route := a.withRide(ride, choices[0].place)
	return &Commit{
		Routes: []*Route{route},
		Rides:  []RideChange{{After: ride}},
		Events: []Event{{Actor: by.Subject, Kind: kind, Ride: ride.ID, Shift: route.Shift, After: ride.State.String()}},
		Reply:  []byte(ride.ID),
	}, nil, nil
}

// withRide is the route of the insertion's shift with the ride's stops in it. a.mu is held.
func (a *areaDay) withRide(ride *Ride, at solver.Insertion) *Route {
	shift := a.shifts[at.Vehicle].ID
	old := a.routeLocked(shift)
	done := old.Executed()
	next := &Route{Shift: shift, Version: old.Version + 1, Stops: slices.Clone(old.Stops)}
	// The solver's indexes count in the route that results, so the pickup goes in first.
	next.Stops = slices.Insert(next.Stops, done+int(at.PickupIndex), Stop{StopID: StopID{ride.ID, PickupStop}})
	next.Stops = slices.Insert(next.Stops, done+int(at.DeliveryIndex), Stop{StopID: StopID{ride.ID, DropoffStop}})
	a.retimeLocked(next, ride)
	return next
}
