package dispatch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/swmaas/swmaas/dispatch/solver"
	"github.com/swmaas/swmaas/vehicles"
)

// bundle is several rides that are booked all or none, and the content of their token.
type bundle struct {
	Area     AreaID
	Day      Day
	Parts    []bundlePart
	Together bool // all in one vehicle
	Order    OrderID
	Offers   int
	Expires  time.Time
}

// bundlePart is one ride of a bundle; what was promised is set in tokens only.
type bundlePart struct {
	Request Request
	Follows bool  // begins after the part before it has arrived
	Stay    int32 // and so much later
	Free    bool  // the wish is worked out from the ride before it
	Promise Promise
	Terms   Terms
	Direct  int32
}

// validate reports the first field that cannot be used.
func (b *bundle) validate() error {
	if len(b.Parts) == 0 || len(b.Parts) > MaxLegs {
		return fmt.Errorf("%w: trip: must have between 1 and %d rides", ErrInvalid, MaxLegs)
	}
	for i := range b.Parts {
		p := &b.Parts[i]
		req := p.Request
		if p.Free = p.Follows && req.Wish == (Wish{}); p.Free {
			req.Wish.Kind = DepartAfter
		}
		if err := req.validate(); err != nil {
			return fmt.Errorf("%w (ride %d)", err, i+1)
		}
		switch {
		case req.Area != b.Area || req.Day != b.Day:
			return fmt.Errorf("%w: trip: ride %d is of another area or day", ErrInvalid, i+1)
		case p.Stay < 0 || p.Stay > vehicles.MaxDaySecond:
			return fmt.Errorf("%w: stay: %d s before ride %d", ErrInvalid, p.Stay, i+1)
		case p.Follows && b.Parts[i-1].Request.MaxWait > 0 && req.MaxWait == 0:
			return fmt.Errorf("%w: trip: ride %d follows a will-call and has no time either: it must be one too", ErrInvalid, i+1)
		}
	}
	return nil
}

// bundleWidth is how many places are tried for the first ride of a bundle, and laterWidth for each that follows it, before the
// bundle counts as impossible.
const (
	bundleWidth = 8
	laterWidth  = 3
)

// bundleSearch looks for places for all rides of a bundle, depth first.
type bundleSearch struct {
	*sketch
	b       *bundle
	want    int // offers
	failed  int // the furthest ride that had no place, and why
	refused []Refusal
	chosen  []Offer
	parts   []bundlePart
	offers  []TripOffer
	first   []bundlePart // as the first offer has them
}

// quoteBundle is what could be promised for a bundle. a.mu is held.
func (a *areaDay) quoteBundle(ctx context.Context, b *bundle) (*TripQuote, error) {
	s, err := a.sketchLocked()
	if err != nil {
		return nil, err
	}
	q, err := s.search(ctx, b)
	if err != nil {
		return nil, err
	}
	quote := &TripQuote{Day: b.Day, Offers: q.offers, Revision: a.state.Revision}
	if len(q.offers) == 0 {
		quote.Failed, quote.Refusals = max(q.failed, 0), q.refused
	}
	return quote, nil
}

// search looks for places for a bundle and leaves the sketch as it was.
func (s *sketch) search(ctx context.Context, b *bundle) (*bundleSearch, error) {
	q := &bundleSearch{sketch: s, b: b, want: s.a.offersOf(&Request{Offers: b.Offers}), failed: -1}
	return q, q.from(ctx, 0)
}

// from tries places for ride i and those after it, given what was chosen for those before. It comes back with the sketch as
// it was.
func (q *bundleSearch) from(ctx context.Context, i int) error {
	if i == len(q.b.Parts) {
		return q.offer()
	}
	part := q.b.Parts[i]
	req := &part.Request
	q.follow(i, req)
	found, causes, direct, err := q.choose(ctx, req)
	if err != nil {
		return err
	}
	found = q.alike(i, found)
	if len(found) == 0 && i > q.failed {
		q.failed, q.refused = i, q.still(i, causes)
	}
	width := bundleWidth
	if i > 0 {
		width = laterWidth
	}
	before := len(q.offers)
	for _, c := range pick(found, width, q.a.rules.Window) {
		if len(q.offers) >= q.want || i > 0 && len(q.offers) > before {
			break
		}
		at := q.mark()
		ride := q.a.draft(req, c.promise, direct)
		ride.ID = RideID(fmt.Sprintf("part %d", i))
		if err := q.put(ride, c); err != nil {
			return err
		}
		part.Promise, part.Terms, part.Direct = c.promise, c.terms, direct
		q.parts, q.chosen = append(q.parts[:i], part), append(q.chosen[:i], c.offer(req, direct, time.Time{}))
		if err := q.from(ctx, i+1); err != nil {
			return err
		}
		q.back(at)
	}
	return nil
}

// follow gives ride i what it has from those before it: where it begins, its default wish, and the booking.
func (q *bundleSearch) follow(i int, req *Request) {
	if q.b.Together {
		req.Booking = "together"
	}
	if !q.b.Parts[i].Follows {
		return
	}
	former := q.rides[i-1]
	arrives := former.Promise.arrives()
	if former.Latent() { // the call says when; until then the earliest that is possible
		arrives = former.Promise.Pickup.Earliest + former.Direct
	}
	req.Linked, req.from = former.ID, arrives+q.b.Parts[i].Stay
	if req.Wish != (Wish{}) {
		return
	}
	rules := &q.a.rules
	req.Wish = Wish{Kind: DepartAfter, Window: Window{req.from, req.from + rules.MaxWait + rules.Window}}
	if req.MaxWait > 0 {
		for i := range q.a.shifts {
			req.Wish.Window.Latest = max(req.Wish.Window.Latest, q.a.shifts[i].Span.End-rules.ReturnMargin-req.MaxWait)
		}
	}
	req.Wish.Window.Latest = min(req.Wish.Window.Latest, vehicles.MaxDaySecond)
}

// alike keeps, of the places for a member of a group, those in the window of the first member that is fetched at the same
// place with the same wish.
func (q *bundleSearch) alike(i int, found []choice) []choice {
	if !q.b.Together {
		return found
	}
	for k := range i {
		x, y := &q.b.Parts[k].Request, &q.b.Parts[i].Request
		if x.Pickup.At == y.Pickup.At && x.Wish == y.Wish {
			window := q.rides[k].Promise.Pickup
			return slices.DeleteFunc(found, func(c choice) bool { return c.promise.Pickup != window })
		}
	}
	return found
}

// still is the reasons without the proposals to move the wish of a ride that depends on others.
func (q *bundleSearch) still(i int, causes []Refusal) []Refusal {
	if i == 0 && len(q.b.Parts) == 1 {
		return causes
	}
	for k := range causes {
		causes[k].Relaxations = slices.DeleteFunc(causes[k].Relaxations, func(x Relaxation) bool {
			return x.Change == RelaxLater || x.Change == RelaxEarlier
		})
	}
	if len(causes) == 0 {
		causes = []Refusal{{Code: CodeNoVehicle, Cause: CauseShare}}
	}
	return causes
}

// offer seals what is chosen.
func (q *bundleSearch) offer() error {
	desk := q.a.desk
	sealed := *q.b
	sealed.Parts, sealed.Expires = slices.Clone(q.parts), desk.now().Add(desk.cfg.OfferLife)
	for i := range sealed.Parts { // what the search itself gave it
		r := &sealed.Parts[i].Request
		r.Booking, r.Linked = q.b.Parts[i].Request.Booking, q.b.Parts[i].Request.Linked
	}
	token, err := desk.seal.sealAs("trip", &sealed)
	if err != nil {
		return err
	}
	rides := slices.Clone(q.chosen)
	for i := range rides {
		rides[i].Expires = sealed.Expires
		q.estimate(&rides[i], q.rides[len(q.rides)-len(rides)+i])
	}
	if q.first == nil {
		q.first = sealed.Parts
	}
	q.offers = append(q.offers, TripOffer{Token: token, Rides: rides, Expires: sealed.Expires})
	return nil
}

// estimate sets the times of an offer as the plan with all rides of the bundle has them: those put in later can move those
// put in before, within what they are promised.
func (q *bundleSearch) estimate(o *Offer, ride *Ride) {
	i := q.shiftOf(ride.ID)
	route := q.a.rerouted(q.m, q.a.routeLocked(q.a.shifts[i].ID), q.m.solution.Route(solver.Vehicle(i)), q.rides...)
	boarded := int32(0)
	for _, s := range route.Stops {
		switch s.StopID {
		case StopID{ride.ID, PickupStop}:
			o.Pickup, boarded = s.Begin, s.Depart
		case StopID{ride.ID, DropoffStop}:
			o.Arrival, o.RideTime = s.Arrive, s.Arrive-boarded
		}
	}
}
