package dispatch_test

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/swmaas/swmaas/dispatch"
)

// waitingCommands are the sentences about will-calls, the waitlist and what became of a day.
func waitingCommands() []command {
	c := func(form string, run func(w *world, m []string) ([]string, error)) command {
		return command{regexp.MustCompile("^" + form + "$"), run}
	}
	return []command{
		c(`(P-\d+) asks (\S+) -> (\S+), to be called (\S+)-(\S+), within (\d+) min(?:, after (\S+))?`, (*world).asksOpen),
		c(`somebody calls for (\S+)(?: by (phone|driver|app))?`, (*world).calls),
		c(`the queue`, (*world).queue),
		c(`time goes by`, (*world).rolls),
		c(`is put on the waitlist as (\S+)`, (*world).joins),
		c(`the waitlist`, (*world).waitlist),
		c(`what is free is offered`, (*world).freed),
		c(`does not want that, as (\S+)(?: because (\S+))?`, (*world).turnsDown),
		c(`is recorded as unmet, as (\S+)(?: because (\S+))?`, (*world).unmet),
		c(`gives up (\S+)(?: because (\S+))?`, (*world).givesUp),
		c(`demand`, (*world).demand),
	}
}

// asksOpen quotes a will-call.
func (w *world) asksOpen(m []string) ([]string, error) {
	p, err := w.known(m[1])
	if err != nil {
		return nil, err
	}
	wait, _ := strconv.Atoi(m[6])
	req := dispatch.Request{
		Area: storyArea, Day: w.day, Rider: dispatch.RiderID(m[1]), Party: p.party, Purpose: "medical", MaxWait: int32(wait * 60),
		Wish: dispatch.Wish{Kind: dispatch.DepartAfter, Window: dispatch.Window{Earliest: second(m[4]), Latest: second(m[5])}},
	}
	if req.Pickup, err = w.place(m[2]); err != nil {
		return nil, err
	}
	if req.Dropoff, err = w.place(m[3]); err != nil {
		return nil, err
	}
	if m[7] != "" {
		req.Linked = w.rides[m[7]]
	}
	w.asked = req
	quote, err := w.desk("").Quote(w.ctx, staff(), req)
	if err != nil {
		return nil, err
	}
	w.offers, w.told[m[1]] = quote.Offers, quote.Offers
	var out []string
	for i := range quote.Offers {
		o := &quote.Offers[i]
		ride := dispatch.Ride{Wish: o.Wish, Promise: o.Promise, Call: dispatch.Call{MaxWait: req.MaxWait}}
		out = append(out, fmt.Sprintf("offer %d: may call %s-%s, fetched within %d min of the call, %d min aboard if driven alone%s",
			i+1, hm(o.Promise.Pickup.Earliest), hm(ride.CallBy()), wait, (o.Direct+59)/60, fare(&o.Terms)))
	}
	return append(out, w.quoted(&dispatch.Quote{Refusals: quote.Refusals, Offers: quote.Offers})[len(quote.Offers):]...), nil
}

// briefly is a ride in one line that has no times: a will-call that nobody has called for, or one that was never promised
// any. It is empty for any other ride.
func briefly(r *dispatch.Ride) string {
	line := fmt.Sprintf("%s is %s", r.ID, r.State)
	switch {
	case r.Latent() && r.Promise != dispatch.Promise{}:
		line += fmt.Sprintf(": may call %s-%s, fetched within %d min of the call, at most %d min aboard%s",
			hm(r.Wish.Window.Earliest), hm(r.CallBy()), r.Call.MaxWait/60, r.Promise.MaxRide/60, fare(&r.Terms))
	case r.Promise != dispatch.Promise{}:
		return ""
	}
	if r.Cancel != 0 {
		line += ", " + cancelWord(r.Cancel)
	}
	if r.Reason != "" {
		line += ", because " + r.Reason
	}
	return line
}

func (w *world) calls(m []string) ([]string, error) {
	r, err := w.ride(m[1])
	if err != nil {
		return nil, err
	}
	via := dispatch.CallVia(strings.ToUpper(cmp.Or(m[2], "phone")))
	got, err := w.desk("").Activate(w.ctx, staff(), storyArea, dispatch.Activation{Ride: r.ID, Via: via}, w.nextKey())
	switch {
	case err != nil:
		return nil, err
	case !got.Placed:
		return []string{"no vehicle can come: somebody has to find a way"}, nil
	}
	line := fmt.Sprintf("%s is fetched about %s, by %s at the latest", r.ID, hm(got.Pickup), hm(got.Ride.Promise.Pickup.Latest))
	if got.Late > 0 {
		line += fmt.Sprintf(": %d min later than promised", (got.Late+59)/60)
	}
	return []string{line}, nil
}

// queue is who waits for their call, or was called for and waits for the vehicle.
func (w *world) queue([]string) ([]string, error) {
	rows, err := w.fresh().WillCalls(w.ctx, storyArea, w.day)
	if err != nil {
		return nil, err
	}
	out := []string{}
	for _, q := range rows {
		line := fmt.Sprintf("%s may call %s-%s, ", q.Ride.ID, hm(q.Since), hm(q.Latest))
		if q.Ride.Call.Called {
			line = fmt.Sprintf("%s called at %s, by %s at the latest, ", q.Ride.ID, hm(q.Since), hm(q.Latest))
		}
		switch {
		case q.Planned == 0:
			line += "no vehicle has time for it"
		case q.Ride.Call.Called:
			line += "fetched about " + hm(q.Planned)
		default:
			line += "time is kept at " + hm(q.Planned)
		}
		if q.Late > 0 {
			line += fmt.Sprintf(", %d min late", (q.Late+59)/60)
		}
		if q.Overdue {
			line += ", nobody called in time"
		}
		out = append(out, line)
	}
	return orNothing(out, "nobody waits"), nil
}

func orNothing(lines []string, nothing string) []string {
	if len(lines) == 0 {
		return []string{nothing}
	}
	return lines
}

// rolls is what the engine does every few minutes.
func (w *world) rolls([]string) ([]string, error) {
	n, err := w.desk("").Roll(w.ctx, storyArea, w.day)
	return []string{fmt.Sprintf("%d will-calls are kept for another time", n)}, err
}

func (w *world) joins(m []string) ([]string, error) {
	r, _, err := w.desk("").JoinWaitlist(w.ctx, staff(), w.asked, "wait-"+m[1])
	return w.recorded(m[1], r, err)
}

func (w *world) turnsDown(m []string) ([]string, error) {
	r, _, err := w.desk("").TurnDown(w.ctx, staff(), w.asked, m[2], w.nextKey())
	return w.recorded(m[1], r, err)
}

func (w *world) unmet(m []string) ([]string, error) {
	r, _, err := w.desk("").RecordUnmet(w.ctx, staff(), w.asked, m[2], w.nextKey())
	return w.recorded(m[1], r, err)
}

func (w *world) recorded(name string, r *dispatch.Ride, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	w.name(r.ID, name)
	return w.line(r), nil
}

func (w *world) givesUp(m []string) ([]string, error) {
	return w.rideAnswer(w.desk("").GiveUp(w.ctx, staff(), storyArea, w.rides[m[1]], m[2], w.nextKey()))
}

// waitlist lists who waits, the next one first.
func (w *world) waitlist([]string) ([]string, error) {
	list, err := w.fresh().Waitlist(w.ctx, storyArea, w.day)
	if err != nil {
		return nil, err
	}
	return w.waiting(list), nil
}

func (w *world) waiting(list []*dispatch.Ride) []string {
	var out []string
	for _, r := range list {
		if r.State == dispatch.Draft {
			out = append(out, fmt.Sprintf("%s waits", r.ID))
			continue
		}
		out = append(out, w.heldLine(r)...)
	}
	return orNothing(out, "nobody waits")
}

func (w *world) freed([]string) ([]string, error) {
	list, err := w.desk("").FreedOffers(w.ctx, storyArea, w.day)
	if err != nil {
		return nil, err
	}
	return w.waiting(list), nil
}

// demand is what was asked for that day and what became of it.
func (w *world) demand([]string) ([]string, error) {
	d, err := w.fresh().Demand(w.ctx, storyArea, w.day)
	if err != nil {
		return nil, err
	}
	line := fmt.Sprintf("%d asked", d.Asked)
	if d.WillCalls > 0 {
		line += fmt.Sprintf(", %d of them to be called for", d.WillCalls)
	}
	if d.Standing > 0 {
		line += fmt.Sprintf(", %d of them by standing order", d.Standing)
	}
	out := []string{line}
	for _, s := range slices.Sorted(maps.Keys(d.Outcomes)) {
		line := fmt.Sprintf("%d %s", d.Outcomes[s], s)
		for _, why := range slices.Sorted(maps.Keys(d.Reasons[s])) {
			line += fmt.Sprintf(", %d %s", d.Reasons[s][why], cmp.Or(why, "without a reason"))
		}
		if s == dispatch.Cancelled {
			for _, kind := range slices.Sorted(maps.Keys(d.Cancelled)) {
				line += fmt.Sprintf(", %d %s", d.Cancelled[kind], cancelWord(kind))
			}
		}
		out = append(out, line)
	}
	return out, nil
}
