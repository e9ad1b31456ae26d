package dispatch_test

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/swmaas/swmaas/dispatch"
)

// bookingCommands are the sentences about trips, groups, cancellations, holds and changes.
func bookingCommands() []command {
	c := func(form string, run func(w *world, m []string) ([]string, error)) command {
		return command{regexp.MustCompile("^" + form + "$"), run}
	}
	return append([]command{
		c(`(P-\d+) plans (.+)`, (*world).plans),
		c(`(P-\d+(?:, P-\d+)*) ask together (?:from (\S+) )?-> (\S+), (arrive by|leave after|fetch within) (\S+)`, (*world).askTogether),
		c(`books trip (\d+) as (.+?)(, again)?`, (*world).booksTrip),
		c(`cancels (\S+), (this ride alone|this and the later rides|the whole trip)(?: because (\S+))?`, (*world).cancelsOf),
		c(`cancels (\S+), (the site is closed|the service cannot come)(?: because (\S+))?`, (*world).cancelsAs),

		c(`holds (?:(P-\d+)'s )?offer (\d+) as (\S+)`, (*world).holds),
		c(`accepts (\S+)`, (*world).accepts),
		c(`declines (\S+)(?: because (\S+))?`, (*world).declines),
		c(`holds run out`, (*world).sweeps),

		c(`asks to change (\S+) to (\S+) -> (\S+), (arrive by|leave after|fetch within) (\S+)( as first seen)?`, (*world).asksChange),
		c(`changes (\S+) by offer (\d+)`, (*world).changes),
	}, slices.Concat(waitingCommands(), orderCommands(), limitCommands())...)
}

func staff() dispatch.Actor { return dispatch.Actor{Subject: "staff-1"} }

// known is somebody of the story.
func (w *world) known(who string) (*person, error) {
	if p := w.people[who]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("nobody is called %s", who)
}

var (
	firstLeg = regexp.MustCompile(`^(\S+) -> (\S+), (arrive by|leave after|fetch within) (\S+)$`)
	laterLeg = regexp.MustCompile(`^(?:(\d+) min later )?-> (\S+?)(?:, (arrive by|leave after|fetch within) (\S+)|, (when called), within (\d+) min)?$`)
)

// legs reads "home-1 -> hospital, arrive by 10:00; 60 min later -> pharmacy; -> home-1, leave after 13:00".
func (w *world) legs(text string) ([]dispatch.TripLeg, error) {
	var legs []dispatch.TripLeg
	for i, part := range strings.Split(text, "; ") {
		var leg dispatch.TripLeg
		var to string
		var err error
		if i == 0 {
			m := firstLeg.FindStringSubmatch(part)
			if m == nil {
				return nil, fmt.Errorf("%q does not begin a trip", part)
			}
			if leg.Pickup, err = w.place(m[1]); err != nil {
				return nil, err
			}
			to, leg.Wish = m[2], wish(m[3], m[4])
		} else {
			m := laterLeg.FindStringSubmatch(part)
			if m == nil {
				return nil, fmt.Errorf("%q does not go on with a trip", part)
			}
			stay, _ := strconv.Atoi(m[1])
			wait, _ := strconv.Atoi(m[6])
			leg.Pickup, leg.Stay, leg.MaxWait, to = legs[i-1].Dropoff, int32(stay*60), int32(wait*60), m[2]
			if m[3] != "" {
				leg.Wish = wish(m[3], m[4])
			}
		}
		if leg.Dropoff, err = w.place(to); err != nil {
			return nil, err
		}
		leg.Purpose = "medical"
		legs = append(legs, leg)
	}
	return legs, nil
}

// plans quotes a trip of several rides.
func (w *world) plans(m []string) ([]string, error) {
	p, err := w.known(m[1])
	if err != nil {
		return nil, err
	}
	req := dispatch.TripRequest{Area: storyArea, Day: w.day, Rider: dispatch.RiderID(m[1]), Party: p.party}
	if req.Legs, err = w.legs(m[2]); err != nil {
		return nil, err
	}
	w.waits = nil
	for _, leg := range req.Legs {
		w.waits = append(w.waits, leg.MaxWait)
	}
	quote, err := w.desk("").QuoteTrip(w.ctx, staff(), req)
	if err != nil {
		return nil, err
	}
	return w.tripQuoted(quote), nil
}

// askTogether quotes a group that has to ride in one vehicle, each from their home or all from one place.
func (w *world) askTogether(m []string) ([]string, error) {
	to, err := w.place(m[3])
	if err != nil {
		return nil, err
	}
	var members []dispatch.Request
	for who := range strings.SplitSeq(m[1], ", ") {
		p, err := w.known(who)
		if err != nil {
			return nil, err
		}
		from, err := w.place(cmp.Or(m[2], p.home))
		if err != nil {
			return nil, err
		}
		members = append(members, dispatch.Request{
			Area: storyArea, Day: w.day, Rider: dispatch.RiderID(who), Party: p.party, Pickup: from, Dropoff: to, Purpose: "grocery", Wish: wish(m[4], m[5]),
		})
	}
	w.waits = make([]int32, len(members))
	quote, err := w.desk("").QuoteGroup(w.ctx, staff(), members)
	if err != nil {
		return nil, err
	}
	return w.tripQuoted(quote), nil
}

func (w *world) tripQuoted(q *dispatch.TripQuote) []string {
	w.trips = q.Offers
	var out []string
	for i, o := range q.Offers {
		out = append(out, fmt.Sprintf("trip %d:", i+1))
		for k := range o.Rides {
			line := offered(&o.Rides[k])
			if wait := w.waits[k]; wait > 0 {
				line = fmt.Sprintf("fetched within %d min of the call", wait/60)
			}
			out = append(out, fmt.Sprintf("  %d. %s", k+1, line))
		}
	}
	for _, line := range w.quoted(&dispatch.Quote{Refusals: q.Refusals}) {
		out = append(out, fmt.Sprintf("ride %d: %s", q.Failed+1, line))
	}
	return out
}

// offered is an offer as staff would read it.
func offered(o *dispatch.Offer) string {
	line := fmt.Sprintf("fetched %s-%s, there about %s", hm(o.Promise.Pickup.Earliest), hm(o.Promise.Pickup.Latest), hm(o.Arrival))
	if o.Promise.ArriveBy > 0 {
		line += ", by " + hm(o.Promise.ArriveBy) + " at the latest"
	}
	return line + fmt.Sprintf(", %d min aboard (%d if driven alone)", (o.RideTime+59)/60, (o.Direct+59)/60) + fare(&o.Terms)
}

// booksTrip takes an offer of the last answer for a trip or group; "again" repeats the very same call.
func (w *world) booksTrip(m []string) ([]string, error) {
	n, _ := strconv.Atoi(m[1])
	if n < 1 || n > len(w.trips) {
		return nil, fmt.Errorf("there were %d trips", len(w.trips))
	}
	names := strings.Split(m[2], ", ")
	got, err := w.desk("").BookTrip(w.ctx, staff(), storyArea, w.trips[n-1].Token, "trip-"+names[0])
	if err != nil {
		return nil, err
	}
	if got.Gone != nil {
		return append([]string{"gone; instead"}, w.tripQuoted(got.Gone)...), nil
	}
	if len(names) != len(got.Rides) {
		return nil, fmt.Errorf("%d names for %d rides", len(names), len(got.Rides))
	}
	var out []string
	for i, r := range got.Rides {
		w.name(r.ID, names[i])
		out = append(out, w.line(r)...)
	}
	return out, nil
}

func (w *world) cancelsOf(m []string) ([]string, error) {
	return w.cancelled(m[1], dispatch.Cancellation{Reason: m[3], Scope: map[string]dispatch.CancelScope{
		"this ride alone": dispatch.CancelOne, "this and the later rides": dispatch.CancelRest, "the whole trip": dispatch.CancelAll,
	}[m[2]]})
}

func (w *world) cancelsAs(m []string) ([]string, error) {
	return w.cancelled(m[1], dispatch.Cancellation{Reason: m[3], Kind: map[string]dispatch.CancelKind{
		"the site is closed": dispatch.CancelSite, "the service cannot come": dispatch.CancelProvider,
	}[m[2]]})
}

// cancelled cancels and shows every ride of the trip as it is then.
func (w *world) cancelled(name string, c dispatch.Cancellation) ([]string, error) {
	r, err := w.ride(name)
	if err != nil {
		return nil, err
	}
	c.Ride = r.ID
	if _, _, err := w.desk("").CancelRide(w.ctx, staff(), storyArea, c, w.nextKey()); err != nil {
		return nil, err
	}
	state, err := w.desk("").State(w.ctx, storyArea, w.day)
	if err != nil {
		return nil, err
	}
	before, after := state.Trip(r.ID)
	slices.Reverse(before)
	var out []string
	for _, r := range slices.Concat(before, []*dispatch.Ride{state.Rides[r.ID]}, after) {
		out = append(out, w.line(r)...)
	}
	return out, nil
}

func (w *world) holds(m []string) ([]string, error) {
	offers := w.offers
	if m[1] != "" {
		offers = w.told[m[1]]
	}
	n, _ := strconv.Atoi(m[2])
	if n < 1 || n > len(offers) {
		return nil, fmt.Errorf("there were %d offers", len(offers))
	}
	got, err := w.desk("").Hold(w.ctx, staff(), storyArea, offers[n-1].Token, "hold-"+m[3])
	if err != nil {
		return nil, err
	}
	if got.Ride == nil {
		return append([]string{"gone; instead"}, w.quoted(got.Gone)...), nil
	}
	w.name(got.Ride.ID, m[3])
	return w.heldLine(got.Ride), nil
}

// heldLine is a ride in one line with how long its place is kept.
func (w *world) heldLine(r *dispatch.Ride) []string {
	out := w.line(r)
	if r.State == dispatch.Offered {
		out[0] += ", kept until " + r.Held.In(jst()).Format("15:04")
	}
	return out
}

// rideAnswer shows a ride that a command changed.
func (w *world) rideAnswer(r *dispatch.Ride, _ int64, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	return w.heldLine(r), nil
}

func (w *world) accepts(m []string) ([]string, error) {
	return w.rideAnswer(w.desk("").Accept(w.ctx, staff(), storyArea, w.rides[m[1]], w.nextKey()))
}

func (w *world) declines(m []string) ([]string, error) {
	return w.rideAnswer(w.desk("").Decline(w.ctx, staff(), storyArea, w.rides[m[1]], m[2], w.nextKey()))
}

func (w *world) sweeps([]string) ([]string, error) {
	n, err := w.desk("").Sweep(w.ctx, storyArea, w.day)
	return []string{fmt.Sprintf("%d rides are ended or put back", n)}, err
}

// asksChange quotes a booked ride's change; "as first seen" speaks of the ride as it was when it was booked.
func (w *world) asksChange(m []string) ([]string, error) {
	r, err := w.ride(m[1])
	if err != nil {
		return nil, err
	}
	version := r.Version
	if m[6] != "" {
		version = 1
	}
	req := dispatch.Request{Area: storyArea, Day: w.day, Rider: r.Rider, Party: r.Party, Purpose: r.Purpose, Wish: wish(m[4], m[5])}
	if req.Pickup, err = w.place(m[2]); err != nil {
		return nil, err
	}
	if req.Dropoff, err = w.place(m[3]); err != nil {
		return nil, err
	}
	quote, err := w.desk("").QuoteChange(w.ctx, staff(), r.ID, version, req)
	if err != nil {
		return nil, err
	}
	return w.quoted(quote), nil
}

// changes takes an offer for a change. The ride keeps its name.
func (w *world) changes(m []string) ([]string, error) {
	n, _ := strconv.Atoi(m[2])
	if n < 1 || n > len(w.offers) {
		return nil, fmt.Errorf("there were %d offers", len(w.offers))
	}
	got, err := w.desk("").Book(w.ctx, staff(), storyArea, w.offers[n-1].Token, w.nextKey())
	if err != nil {
		return nil, err
	}
	if got.Ride == nil {
		return append([]string{"gone; instead"}, w.quoted(got.Gone)...), nil
	}
	return w.line(got.Ride), nil
}
