package sim

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/swmaas/swmaas/dispatch"
)

// NotSuitable is the reason of a call that had offers and took none.
const NotSuitable = "TIME_NOT_SUITABLE"

// mostTries is how often a caller looks at fresh offers after somebody else was faster.
const mostTries = 3

// ring plays a call from the first question to the booking, or to the end without one.
func (d *Day) ring(ctx context.Context, i int) error {
	c, state := &d.cfg.Scenario.Calls[i], &d.callers[i]
	if c.Outbound >= 0 && (d.callers[c.Outbound].ride == nil || d.callers[c.Outbound].gone) {
		d.cfg.Observe(Happening{At: d.now(), Kind: CallSpared, Call: i})
		return nil
	}
	state.rang = true
	asked := time.Now()
	request := d.request(c)
	if d.late(i) {
		request.MaxWait, request.Wish.Window.Latest = callWait, request.Wish.Window.Earliest+callWithin
	}
	quote, err := d.cfg.Booker.Quote(ctx, request)
	if err != nil {
		return fmt.Errorf("call %d: quote: %w", i, err)
	}
	d.rec.QuoteTimes = append(d.rec.QuoteTimes, time.Since(asked))
	if err := d.choose(ctx, i, quote); err != nil {
		return err
	}
	happening := Happening{At: d.now(), Kind: CallAnswered, Call: i, Reason: state.reason}
	if state.ride != nil {
		happening.Ride = state.ride.ID
	}
	d.cfg.Observe(happening)
	return nil
}

// choose takes the first offer that suits, best first as the engine ranked them.
func (d *Day) choose(ctx context.Context, i int, quote *dispatch.Quote) error {
	c, state := &d.cfg.Scenario.Calls[i], &d.callers[i]
	for try := range mostTries {
		if len(quote.Offers) > 0 {
			state.offers = true
		}
		offer := suitable(c, quote.Offers)
		if d.late(i) && len(quote.Offers) > 0 { // any vehicle, when it is called for
			offer = &quote.Offers[0]
		}
		if offer == nil {
			break
		}
		result, err := d.cfg.Booker.Book(ctx, offer.Token, fmt.Sprintf("%s-call-%d-%d", d.cfg.RunID, i, try))
		if err != nil {
			return fmt.Errorf("call %d: book: %w", i, err)
		}
		if result.Ride != nil {
			return d.booked(ctx, i, result)
		}
		quote = result.Gone
	}
	switch {
	case state.offers:
		state.reason = NotSuitable
	case len(quote.Refusals) > 0:
		state.reason = quote.Refusals[0].Code
	default:
		state.reason = "OTHER"
	}
	return nil
}

// booked notes the ride and lets the drivers read on.
func (d *Day) booked(ctx context.Context, i int, result *dispatch.BookResult) error {
	c := &d.cfg.Scenario.Calls[i]
	d.callers[i].ride = result.Ride
	d.took(i, result.Ride)
	if d.late(i) {
		d.awaitCall(i)
	}
	if c.CancelAt != 0 {
		d.queue.add(max(c.CancelAt, d.now()), true, func(ctx context.Context) error { return d.callOff(ctx, i) })
	}
	return d.settle(ctx, result.Revision)
}

// request is what the caller says on the telephone.
func (d *Day) request(c *Call) dispatch.Request {
	r := dispatch.Request{
		Area: d.cfg.Scenario.Area, Day: d.cfg.Scenario.Day, Rider: c.Rider, Party: c.Party, Pickup: c.Pickup, Dropoff: c.Dropoff,
		Purpose: c.Purpose, Wish: c.Wish,
	}
	if c.Group >= 0 {
		r.Booking = d.groups[c.Group]
	}
	if c.Outbound >= 0 {
		r.Linked = d.callers[c.Outbound].ride.ID
	}
	return r
}

// suitable is the first offer that the caller would take, or nil.
func suitable(c *Call, offers []dispatch.Offer) *dispatch.Offer {
	for k := range offers {
		if suits(c, &offers[k]) {
			return &offers[k]
		}
	}
	return nil
}

// suits reports whether the caller would take an offer: an appointment is kept and the wait before it is bearable, and
// nobody is fetched before being ready or long after.
func suits(c *Call, o *dispatch.Offer) bool {
	w, p := c.Wish.Window, o.Promise
	switch c.Wish.Kind {
	case dispatch.ArriveBy:
		return p.ArriveBy > 0 && p.ArriveBy <= w.Latest && o.Arrival >= w.Earliest-c.Patience
	case dispatch.DepartAfter:
		return p.Pickup.Earliest >= w.Earliest && p.Pickup.Earliest <= w.Latest+c.Patience
	default:
		return p.Pickup.Earliest >= w.Earliest-c.Patience/2 && p.Pickup.Earliest <= w.Latest+c.Patience
	}
}

// callOff cancels the ride of a call, and the way back that nobody needs then.
func (d *Day) callOff(ctx context.Context, i int) error {
	state := &d.callers[i]
	if state.ride == nil || state.gone {
		return nil
	}
	key := fmt.Sprintf("%s-cancel-%d", d.cfg.RunID, i)
	revision, err := d.cfg.Booker.Cancel(ctx, state.ride.ID, "UNABLE_TO_MAKE_TRIP", key)
	if errors.Is(err, ErrRefused) {
		return nil // the vehicle was faster: the rider is aboard
	}
	if err != nil {
		return fmt.Errorf("call %d: cancel: %w", i, err)
	}
	state.gone = true
	d.cfg.Observe(Happening{At: d.now(), Kind: RideCancelled, Call: i, Ride: state.ride.ID})
	if err := d.settle(ctx, revision); err != nil {
		return err
	}
	return d.spareWayBack(ctx, i)
}

// spareWayBack calls off the way back of a rider who does not travel.
func (d *Day) spareWayBack(ctx context.Context, i int) error {
	for j := i + 1; j < len(d.callers); j++ {
		if d.cfg.Scenario.Calls[j].Outbound == i && d.callers[j].ride != nil {
			return d.callOff(ctx, j)
		}
	}
	return nil
}
