package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/swmaas/swmaas/vehicles"
)

// TripRequest asks for several rides of one party on one day that make sense only together: out and back, or from home to
// the clinic, on to the pharmacy and the shop, and home.
type TripRequest struct {
	Area     AreaID
	Day      Day
	Rider    RiderID
	Party    Party
	Facility vehicles.FacilityID // as in Request
	Legs     []TripLeg           // in order; at least one, at most MaxLegs
	Offers   int                 // at most so many offers, 0 for the desk's default
}

// MaxLegs is the largest number of legs of a trip, and of riders of a group.
const MaxLegs = 8

// TripLeg is one ride of a trip. It begins no earlier than the leg before it has arrived at the latest, and Stay after that.
type TripLeg struct {
	Pickup  Place
	Dropoff Place
	Purpose string
	Wish    Wish  // the zero value: as soon as the stay is over
	Stay    int32 // seconds at the place where the leg before it ends; ignored for the first leg
	MaxWait int32 // for a will-call, as in Request; every leg after a will-call is one
}

// TripQuote is the answer to a request for several rides: offers of all of them, best first, or the reasons why there is none.
type TripQuote struct {
	Day      Day
	Offers   []TripOffer
	Failed   int // index of the ride that could not be placed, where there is no offer
	Refusals []Refusal
	Revision int64
}

// TripOffer is what could be promised for all rides together. It reserves nothing.
type TripOffer struct {
	Token   string  // what BookTrip takes
	Rides   []Offer // in the order of the request, without tokens of their own
	Expires time.Time
}

// TripResult is all rides as they were booked, or, where the offer is gone, fresh offers in their place.
type TripResult struct {
	Rides    []*Ride
	Gone     *TripQuote
	Revision int64
}

// QuoteTrip asks what could be promised for all legs of a trip. Errors: ErrInvalid, or the store's.
func (d *Desk) QuoteTrip(ctx context.Context, _ Actor, req TripRequest) (*TripQuote, error) {
	return d.quoteBundle(ctx, req.bundle())
}

// bundle is the trip as what is booked together.
func (req *TripRequest) bundle() *bundle {
	b := &bundle{Area: req.Area, Day: req.Day, Offers: req.Offers}
	for i, leg := range req.Legs {
		b.Parts = append(b.Parts, bundlePart{
			Request: Request{
				Area: req.Area, Day: req.Day, Rider: req.Rider, Party: req.Party, Facility: req.Facility, Pickup: leg.Pickup, Dropoff: leg.Dropoff,
				Purpose: leg.Purpose, Wish: leg.Wish, MaxWait: leg.MaxWait,
			},
			Follows: i > 0, Stay: leg.Stay,
		})
	}
	return b
}

// QuoteGroup asks what could be promised for several riders who have to ride in one vehicle. All requests are of one area and
// day; those from one place with one wish are fetched in the same window. Errors: ErrInvalid, or the store's.
func (d *Desk) QuoteGroup(ctx context.Context, _ Actor, members []Request) (*TripQuote, error) {
	if len(members) == 0 {
		return nil, fmt.Errorf("%w: group: is empty", ErrInvalid)
	}
	b := &bundle{Area: members[0].Area, Day: members[0].Day, Offers: members[0].Offers, Together: true}
	for _, m := range members {
		m.Together = true
		b.Parts = append(b.Parts, bundlePart{Request: m})
	}
	return d.quoteBundle(ctx, b)
}

func (d *Desk) quoteBundle(ctx context.Context, b *bundle) (*TripQuote, error) {
	if err := b.validate(); err != nil {
		return nil, err
	}
	a, err := d.open(ctx, b.Area, b.Day)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return again(func() (*TripQuote, error) { return a.quoteBundle(ctx, b) })
}

// BookTrip books all rides of an offer of QuoteTrip or QuoteGroup in one step, or none. Each leg is linked to the one before
// it, and the rides share a booking. Where the offer is gone or has expired, the result has fresh offers. The same key
// gives the same rides again. Errors: ErrBadOffer, ErrKeyReused, ErrInvalid, or the store's.
func (d *Desk) BookTrip(ctx context.Context, by Actor, area AreaID, token, key string) (*TripResult, error) {
	b := new(bundle)
	if err := d.seal.openAs("trip", token, b); err != nil {
		return nil, err
	}
	if b.Area != area {
		return nil, fmt.Errorf("%w: it belongs to another area", ErrBadOffer)
	}
	a, err := d.open(ctx, area, b.Day)
	if err != nil {
		return nil, err
	}
	result := new(TripResult)
	idem := IdempotencyKey{key, hashRequest("book trip", token)}
	reply, err := a.change(ctx, idem, func() (*Commit, error) {
		c, gone, err := a.bookBundle(ctx, by, b, idem)
		result.Gone = gone
		return c, err
	})
	if err != nil {
		return nil, err
	}
	state := a.current()
	result.Revision = state.Revision
	if result.Gone != nil {
		return result, nil
	}
	for id := range strings.SplitSeq(string(reply), " ") {
		ride := state.Rides[RideID(id)]
		if ride == nil {
			return nil, fmt.Errorf("%w: ride %q", ErrNotFound, id)
		}
		result.Rides = append(result.Rides, ride)
	}
	return result, nil
}

// bookBundle is the commit that books everything that was offered, or fresh offers where that is gone. a.mu is held.
func (a *areaDay) bookBundle(ctx context.Context, by Actor, b *bundle, key IdempotencyKey) (*Commit, *TripQuote, error) {
	s, err := a.sketchLocked()
	if err != nil {
		return nil, nil, err
	}
	kept := !a.desk.now().After(b.Expires)
	if kept {
		if kept, err = s.keepBundle(ctx, by, b, key); err != nil {
			return nil, nil, err
		}
	}
	if !kept {
		fresh := *b
		fresh.Parts = slices.Clone(b.Parts)
		for i := range fresh.Parts {
			if fresh.Parts[i].Free {
				fresh.Parts[i].Request.Wish = Wish{}
			}
		}
		quote, err := a.quoteBundle(ctx, &fresh)
		return nil, quote, err
	}
	c := s.commit()
	ids := make([]string, len(s.rides))
	for i, r := range s.rides {
		ids[i] = string(r.ID)
	}
	c.Reply = []byte(strings.Join(ids, " "))
	return c, nil, nil
}

// keepBundle puts every ride of a bundle into the sketch as it was promised, and reports whether that is possible.
func (s *sketch) keepBundle(ctx context.Context, by Actor, b *bundle, key IdempotencyKey) (bool, error) {
	a := s.a
	given := map[RideID]*Ride{}
	var booking BookingID
	for i := range b.Parts {
		part := &b.Parts[i]
		req := part.Request
		id := a.newRideID(key, i, given)
		if booking == "" {
			booking = cmp.Or(req.Booking, BookingID(id))
		}
		if part.Follows {
			req.Linked = s.rides[i-1].ID
		}
		ride := a.draft(&req, part.Promise, part.Direct)
		ride.ID, ride.Booking, ride.Version, ride.State = id, booking, 1, Booked
		ride.Created, ride.By, ride.Order = a.desk.now(), by.Subject, b.Order
		given[id] = ride
		ok, err := s.keep(ctx, &req, ride, part.Terms)
		if !ok || err != nil {
			return false, err
		}
		ride.Party = req.Party
		s.note(by, RideBooked, ride, "")
	}
	return true, nil
}
