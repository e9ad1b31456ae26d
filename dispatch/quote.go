package dispatch

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/swmaas/swmaas/dispatch/solver"
	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// Refusal codes: TDS rejection reasons (TCRP Report 210) where one fits.
const (
	CodeNoVehicle      = "NO_VEHICLES_AVAILABLE"
	CodeBadPickup      = "INVALID_PICKUP_ADDRESS"
	CodeBadDropoff     = "INVALID_DROPOFF_ADDRESS"
	CodeNoWay          = "UNABLE_TO_SERVICE_TRIP"
	CodeOutsideService = "INVALID_SERVICE_HOURS"
)

// Quote answers a request while the caller waits: up to k offers, best first, or the reasons why there is none. It
// reserves nothing and changes nothing. Errors: ErrInvalid, or the store's.
func (d *Desk) Quote(ctx context.Context, _ Actor, req Request) (*Quote, error) {
	if err := req.validate(); err != nil {
		return nil, err
	}
	a, err := d.open(ctx, req.Area, req.Day)
	if err != nil {
		return nil, err
	}
	defer d.Hurry()()
	v, err := a.look(ctx)
	if err != nil {
		return nil, err
	}
	defer a.endLook(v)
	return v.quoteLocked(ctx, req)
}

// choice is a candidate promise with the place in the plan that would keep it.
type choice struct {
	candidate
	place    solver.Insertion
	rideTime int32
	terms    Terms
	eligible vehicles.Date // last day of the rider's eligibility, or empty
}

func (a *areaDay) quoteLocked(ctx context.Context, req Request) (*Quote, error) {
	quote := &Quote{Day: req.Day, Revision: a.state.Revision}
	refusal, err := a.locateLocked(ctx, &req)
	if err != nil {
		return nil, err
	}
	if refusal != nil {
		quote.Refusals = []Refusal{*refusal}
		return quote, nil
	}
	if len(a.shifts) == 0 {
		quote.Refusals = refusals{}.list()
		return quote, nil
	}
	direct, _ := a.directLocked(&req)
	permit, err := a.permitLocked(ctx, &req, "", a.askedLocked(&req, direct))
	if err != nil {
		return nil, err
	}
	if len(permit.options) == 0 {
		quote.Refusals = refusalsOf(permit.refusals)
		return quote, nil
	}
	m, err := a.modelLocked()
	if err != nil {
		return nil, err
	}
	choices, causes, err := a.chooseLocked(m, &req, permit, direct)
	if err != nil {
		return nil, err
	}
	if len(choices) == 0 {
		own, err := a.ownLimits(m, &req, permit, direct)
		if err != nil {
			return nil, err
		}
		quote.Refusals = own.before(causes)
		quote.Alternatives, err = a.alternativesLocked(ctx, m, &req, causes, direct)
		return quote, err
	}
	k := req.Offers
	if k == 0 {
		k = a.desk.cfg.MaxOffers
	}
	for _, c := range pick(choices, k, a.desk.cfg.Rules.Window) {
		offer, err := a.offer(&req, c, direct)
		if err != nil {
			return nil, err
		}
		quote.Offers = append(quote.Offers, offer)
	}
	return quote, nil
}

// locateLocked numbers the places of the request, or says which of them no vehicle can reach. a.mu is held.
func (a *areaDay) locateLocked(ctx context.Context, req *Request) (*Refusal, error) {
	for _, end := range []struct {
		at   geo.LatLng
		code string
	}{{req.Pickup.At, CodeBadPickup}, {req.Dropoff.At, CodeBadDropoff}} {
		err := a.places.add(ctx, end.at)
		if errors.Is(err, routing.ErrTooFar) || errors.Is(err, routing.ErrNoRoad) {
			return &Refusal{Code: end.code, Cause: CausePlace}, nil
		}
		if err != nil {
			return nil, err
		}
	}
	if direct, _ := a.directLocked(req); direct >= routing.Unreachable {
		return &Refusal{Code: CodeNoWay, Cause: CauseRoad}, nil
	}
	return nil, nil
}

// candidates lists the promises that could answer the request in a legal mode from now on. A return is never fetched before
// the way there has arrived.
func (a *areaDay) candidates(req *Request, mode LegalMode, direct int32) []candidate {
	begin := a.legal.begin(mode, req.Linked != "", a.desk.now())
	from := max(a.second(), begin.Earliest, req.from, 0)
	if out := a.state.Rides[req.Linked]; out != nil && !out.State.Ended() {
		from = max(from, out.Promise.arrives())
	}
	travel := a.places.planned(req.Pickup.At, req.Dropoff.At, a.travelsIn(req))
	if req.MaxWait > 0 {
		list := within(a.rules.willCall(req, direct, from, a.lastFetch(req)), begin)
		for i := range list {
			list[i].promise.MaxRide = req.Party.Limits.ride(list[i].promise.MaxRide, direct)
		}
		return list
	}
	list := req.Party.Limits.bind(within(a.rules.candidates(req.Wish, direct, travel, from), begin), req.Wish, direct, travel)
	if req.until > 0 {
		list = slices.DeleteFunc(list, func(c candidate) bool { return c.promise.arrives() > req.until })
	}
	return list
}

// draft is the ride that a request would become under a promise.
func (a *areaDay) draft(req *Request, p Promise, direct int32) *Ride {
	return &Ride{
		Booking: req.Booking, Area: req.Area, Day: req.Day, Rider: req.Rider, Party: req.Party,
		Pickup: req.Pickup, Dropoff: req.Dropoff, Purpose: req.Purpose, Wish: req.Wish,
		Promise: p, Direct: direct, Linked: req.Linked, Together: req.Together, Call: Call{MaxWait: req.MaxWait},
		Locks: req.locks,
	}
}

// pick takes the k best choices whose windows begin at least apart seconds from each other.
func pick(choices []choice, k int, apart int32) []choice {
	slices.SortStableFunc(choices, func(x, y choice) int {
		return cmp.Or(
			cmp.Compare(x.place.Cost+int64(x.penalty), y.place.Cost+int64(y.penalty)),
			cmp.Compare(x.promise.Pickup.Earliest, y.promise.Pickup.Earliest),
			cmp.Compare(x.place.Vehicle, y.place.Vehicle))
	})
	var out []choice
	for _, c := range choices {
		near := slices.ContainsFunc(out, func(o choice) bool {
			d := o.promise.Pickup.Earliest - c.promise.Pickup.Earliest
			return max(d, -d) < apart
		})
		if !near && len(out) < k {
			out = append(out, c)
		}
	}
	return out
}

// offer seals a choice. a.mu is held.
func (a *areaDay) offer(req *Request, c choice, direct int32) (Offer, error) {
	return a.offerInstead(req, c, direct, "", 0)
}

// offerInstead seals a choice that would change a booked ride, as it is at a version. a.mu is held.
func (a *areaDay) offerInstead(req *Request, c choice, direct int32, ride RideID, version int64) (Offer, error) {
	shift := a.shifts[c.place.Vehicle].ID
	expires := a.desk.now().Add(a.desk.cfg.OfferLife)
	token, err := a.desk.seal.seal(&sealedOffer{
		Request: *req, Promise: c.promise, Direct: direct, Terms: c.terms, Shift: shift, Seen: a.routeLocked(shift).Version, Expires: expires,
		Ride: ride, Version: version,
	})
	if err != nil {
		return Offer{}, err
	}
	offer := c.offer(req, direct, expires)
	offer.Token = token
	return offer, nil
}

// offer tells what a choice promises, without a token.
func (c *choice) offer(req *Request, direct int32, expires time.Time) Offer {
	return Offer{
		Promise: c.promise, Pickup: c.place.PickupAt, Arrival: c.place.DeliveryAt,
		RideTime: c.rideTime, Direct: direct, Terms: c.terms, Wish: req.Wish, Added: c.place.Cost, Expires: expires,
		EligibleTo: endsSoon(c.eligible, req.Day),
	}
}

// refusals counts why shifts could not take a ride, by cause; of each cause it keeps the one that missed its limit least.
type refusals map[string]*Refusal

func (rs refusals) list() []Refusal {
	if len(rs) == 0 {
		return []Refusal{{Code: CodeNoVehicle, Cause: CauseNoShift}}
	}
	out := make([]Refusal, 0, len(rs))
	for _, r := range rs {
		out = append(out, *r)
	}
	slices.SortFunc(out, func(x, y Refusal) int {
		return cmp.Or(cmp.Compare(y.Shifts, x.Shifts), cmp.Compare(x.Cause, y.Cause))
	})
	return out
}
