package dispatch

import (
	"context"
	"fmt"
	"time"
)

// QuoteChange asks what could be promised for a booked ride that is to become another one: other times, places or another
// party, as the request says; rider, day, booking and links stay. The plan is looked at without the ride, and the ride stays
// as it is: only Book of one of the offers changes it, in one step, so that the old promise holds until the new one does.
// version is the one that the caller has seen, 0 for whatever it is. Legs of the same trip keep their promises: the ride is
// not offered before the leg before it has arrived, nor so late that it would miss the one after it. Errors: ErrInvalid,
// ErrNotFound, ErrChanged, ErrWrongState where a vehicle is under way to the rider already, or the store's.
func (d *Desk) QuoteChange(ctx context.Context, _ Actor, ride RideID, version int64, req Request) (*Quote, error) {
	if err := req.validate(); err != nil {
		return nil, err
	}
	if day, err := DayOf(ride); err != nil || day != req.Day {
		return nil, fmt.Errorf("%w: ride %s is not on %s: a ride keeps its day", ErrInvalid, ride, req.Day)
	}
	a, err := d.open(ctx, req.Area, req.Day)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	old, err := a.changeable(ride, version)
	if err != nil {
		return nil, err
	}
	return again(func() (*Quote, error) { return a.quoteChange(ctx, old, req) })
}

// changeable is a booked ride that nobody is under way to, at a version; 0 is any. a.mu is held.
func (a *areaDay) changeable(id RideID, version int64) (*Ride, error) {
	ride, err := a.rideLocked(id)
	if err != nil {
		return nil, err
	}
	if ride.State != Booked && ride.State != Published {
		return nil, fmt.Errorf("%w: ride %s is %s and cannot be changed", ErrWrongState, id, ride.State)
	}
	if s := a.state.stop(StopID{id, PickupStop}); s != nil && s.State != Pending {
		return nil, fmt.Errorf("%w: the vehicle is under way to ride %s already", ErrWrongState, id)
	}
	if version != 0 && version != ride.Version {
		return nil, fmt.Errorf("%w: ride %s is at version %d, not %d", ErrChanged, id, ride.Version, version)
	}
	return ride, nil
}

// quoteChange is the quote for a change of a ride of the state. a.mu is held.
func (a *areaDay) quoteChange(ctx context.Context, old *Ride, req Request) (*Quote, error) {
	a.bind(old, &req)
	s, err := a.sketchLocked(old.ID)
	if err != nil {
		return nil, err
	}
	quote := &Quote{Day: req.Day, Revision: a.state.Revision}
	found, causes, direct, err := s.choose(ctx, &req)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		quote.Refusals = causes
		return quote, nil
	}
	for _, c := range pick(found, a.offersOf(&req), a.rules.Window) {
		offer, err := a.offerInstead(&req, c, direct, old.ID, old.Version)
		if err != nil {
			return nil, err
		}
		quote.Offers = append(quote.Offers, offer)
	}
	return quote, nil
}

// offersOf is how many offers a request gets at the most.
func (a *areaDay) offersOf(req *Request) int {
	if req.Offers > 0 {
		return req.Offers
	}
	return a.desk.cfg.MaxOffers
}

// bind gives a request what stays of the ride that it is to take the place of: the rider, the booking and the trip, with the
// second until which it must have arrived for the sake of the legs after it. a.mu is held.
func (a *areaDay) bind(old *Ride, req *Request) {
	req.Rider, req.Booking, req.Linked, req.Together = old.Rider, old.Booking, old.Linked, old.Together
	req.instead, req.until, req.locks = []RideID{old.ID}, 0, old.Locks.kept()
	for _, r := range a.state.Rides {
		if r.Linked != old.ID || !r.Open() {
			continue
		}
		begins := r.Promise.Pickup.Earliest
		if r.Latent() {
			begins = r.Promise.Pickup.Latest
		}
		if req.until == 0 || begins < req.until {
			req.until = begins
		}
	}
}

// amend is the commit that an offer for a change makes, or fresh offers where it is gone. a.mu is held.
func (a *areaDay) amend(ctx context.Context, by Actor, offer *sealedOffer, _ IdempotencyKey, hold time.Duration) (*Commit, *Quote, error) {
	if hold > 0 {
		return nil, nil, fmt.Errorf("%w: the offer of a change cannot be held: the ride keeps its place until it is changed", ErrInvalid)
	}
	old, err := a.changeable(offer.Ride, offer.Version)
	if err != nil {
		return nil, nil, err
	}
	req := offer.Request
	a.bind(old, &req)
	kept := false
	s, err := a.sketchLocked(old.ID)
	if err != nil {
		return nil, nil, err
	}
	after := a.draft(&req, offer.Promise, offer.Direct)
	after.ID, after.Version, after.State = old.ID, old.Version+1, old.State
	after.Created, after.By, after.Order = old.Created, old.By, old.Order
	after.Amended = old.Amended
	if after.differs(old) {
		after.Amended = after.Version
	}
	if !a.desk.now().After(offer.Expires) && a.inTrip(&req, offer.Promise) {
		if kept, err = s.keep(ctx, &req, after, offer.Terms); err != nil {
			return nil, nil, err
		}
	}
	if !kept {
		quote, err := a.quoteChange(ctx, old, offer.Request)
		return nil, quote, err
	}
	s.note(by, RideChanged, after, "")
	c := s.commit()
	c.asked(after.ID)
	c.Reply = []byte(after.ID)
	return c, nil, nil
}

// inTrip reports whether a promise still lies between the legs before and after the request's ride. a.mu is held.
func (a *areaDay) inTrip(req *Request, p Promise) bool {
	if before := a.state.Rides[req.Linked]; before != nil && !before.State.Ended() && p.Pickup.Earliest < before.Promise.arrives() {
		return false
	}
	return req.until == 0 || p.arrives() <= req.until || req.MaxWait > 0
}

// keep puts a ride into the sketch exactly as it was promised under the terms, where policy and plan still allow that.
func (s *sketch) keep(ctx context.Context, req *Request, ride *Ride, terms Terms) (bool, error) {
	if refusal, err := s.a.locateLocked(ctx, req); refusal != nil || err != nil {
		return false, err
	}
	permit, err := s.permit(ctx, req, terms.Mode, ride.Promise.Pickup)
	if err != nil {
		return false, err
	}
	if len(permit.options) == 0 || permit.terms(&permit.options[0]) != terms {
		return false, nil
	}
	ride.Terms = terms
	found, _, err := s.choices(ride, []candidate{{promise: ride.Promise}})
	if len(found) == 0 || err != nil {
		return false, err
	}
	return true, s.put(ride, found[0])
}
