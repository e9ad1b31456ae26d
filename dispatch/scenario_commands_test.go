package dispatch_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// commands lists every sentence that a scenario may use; the first that fits is run. testdata/scenarios/README.md explains
// them to who writes scenarios.
func commands() []command {
	c := func(form string, run func(w *world, m []string) ([]string, error)) command {
		return command{regexp.MustCompile("^" + form + "$"), run}
	}
	return []command{
		c(`it is ((?:D-\d+ )?\d\d:\d\d)`, (*world).itIs),
		c(`van (V-\d+) of (\S+), (\d\d:\d\d)-(\d\d:\d\d), (.+)`, (*world).van),
		c(`rider (P-\d+) of (\S+?)(?:, (.+))?`, (*world).rider),
		c(`(P-\d+) asks (\S+) -> (\S+), (arrive by|leave after|fetch within) (\S+?)(?:, after (\S+))?`, (*world).asks),
		c(`(?:(\S+) )?books offer (\d+) as (\S+?)(?:, again)?`, (*world).books),
		c(`(?:(\S+) )?cancels (\S+)(?: because (\S+))?`, (*world).cancels),
		c(`(V-\d+) (leaves for|arrives at|boards|alights|no-show at|undoes) (\S+)(?: (pickup|dropoff))?(?: at (\d\d:\d\d))?`, (*world).steps),
		c(`show (\S+)`, (*world).show),
		c(`plan`, (*world).plan),
		c(`events`, (*world).events),
		c(`improve`, (*world).improve),
	}
}

func (w *world) itIs(m []string) ([]string, error) { w.clock(m[1]); return nil, nil }

// van puts a vehicle with one shift on the road: "4 seats or 2 seats + 1 wheelchair, lift".
func (w *world) van(m []string) ([]string, error) {
	at, err := w.place(m[2])
	if err != nil {
		return nil, err
	}
	v := vehicles.Vehicle{ID: vehicles.VehicleID(m[1]), Name: m[1], Owner: "F-council", Home: at.At}
	for _, part := range strings.Split(m[5], ", ") {
		if e, ok := equipment(part); ok {
			v.Equipment |= e
			continue
		}
		for _, layout := range strings.Split(part, " or ") {
			load, err := load(layout)
			if err != nil {
				return nil, err
			}
			v.Cabin = append(v.Cabin, load)
		}
	}
	w.fleet.Vehicles = append(w.fleet.Vehicles, v)
	w.fleet.Drivers = append(w.fleet.Drivers, vehicles.Driver{
		ID: vehicles.DriverID("D-" + m[1]), Facility: "F-council", Class: vehicles.Employee, Licence: vehicles.SecondClass,
	})
	w.shifts = append(w.shifts, vehicles.Shift{
		ID: vehicles.ShiftID("S-" + m[1]), Vehicle: v.ID, Driver: vehicles.DriverID("D-" + m[1]),
		Span: vehicles.Span{Start: second(m[3]), End: second(m[4])}, Start: v.Home, End: v.Home,
	})
	return nil, nil
}

func equipment(word string) (vehicles.Equipment, bool) {
	e, ok := map[string]vehicles.Equipment{"lift": vehicles.Lift, "ramp": vehicles.Ramp, "step": vehicles.Step}[word]
	return e, ok
}

var loadPart = regexp.MustCompile(`^(\d+) (seat|wheelchair|stretcher)s?$`)

// load reads "2 seats + 1 wheelchair".
func load(text string) (l vehicles.Load, err error) {
	for _, part := range strings.Split(text, " + ") {
		m := loadPart.FindStringSubmatch(part)
		if m == nil {
			return l, fmt.Errorf("%q is no number of seats, wheelchairs or stretchers", part)
		}
		n, _ := strconv.Atoi(m[1])
		switch m[2] {
		case "seat":
			l.Seats += n
		case "wheelchair":
			l.Wheelchairs += n
		default:
			l.Stretchers += n
		}
	}
	return l, nil
}

// rider introduces somebody: "P-1 of home-1, 1 seat + 1 wheelchair, lift".
func (w *world) rider(m []string) ([]string, error) {
	p := &person{home: m[2], party: dispatch.Party{Load: vehicles.Load{Seats: 1}, Board: 60, Alight: 60}}
	if m[3] != "" {
		for i, part := range strings.Split(m[3], ", ") {
			e, ok := equipment(part)
			if ok {
				p.party.Needs |= e
				continue
			}
			l, err := load(part)
			if err != nil || i > 0 {
				return nil, fmt.Errorf("%q says nothing about a rider: %w", part, err)
			}
			p.party.Load = l
		}
	}
	w.people[m[1]] = p
	return nil, nil
}

// asks quotes a wish: "P-1 asks home-1 -> hospital, arrive by 10:00".
func (w *world) asks(m []string) ([]string, error) {
	p := w.people[m[1]]
	if p == nil {
		return nil, fmt.Errorf("nobody is called %s", m[1])
	}
	req := dispatch.Request{Area: storyArea, Day: storyDay, Rider: dispatch.RiderID(m[1]), Party: p.party, Purpose: "medical"}
	var err error
	if req.Pickup, err = w.place(m[2]); err != nil {
		return nil, err
	}
	if req.Dropoff, err = w.place(m[3]); err != nil {
		return nil, err
	}
	req.Wish = wish(m[4], m[5])
	if m[6] != "" {
		req.Linked = w.rides[m[6]]
	}
	w.asked = req
	quote, err := w.desk("").Quote(w.ctx, dispatch.Actor{Subject: "staff-1"}, req)
	if err != nil {
		return nil, err
	}
	return w.quoted(quote), nil
}

func wish(words, at string) dispatch.Wish {
	from, to, _ := strings.Cut(at, "-")
	switch words {
	case "arrive by":
		return dispatch.Wish{Kind: dispatch.ArriveBy, Window: dispatch.Window{Latest: second(from)}}
	case "leave after":
		return dispatch.Wish{Kind: dispatch.DepartAfter, Window: dispatch.Window{Earliest: second(from), Latest: second(from) + 90*60}}
	}
	return dispatch.Wish{Kind: dispatch.PickupWithin, Window: dispatch.Window{Earliest: second(from), Latest: second(to)}}
}

// quoted writes an answer as staff would read it, and remembers the offers.
func (w *world) quoted(q *dispatch.Quote) []string {
	w.offers = q.Offers
	var out []string
	for i, o := range q.Offers {
		line := fmt.Sprintf("offer %d: fetched %s-%s, there about %s", i+1, hm(o.Promise.Pickup.Earliest), hm(o.Promise.Pickup.Latest), hm(o.Arrival))
		if o.Promise.ArriveBy > 0 {
			line += ", by " + hm(o.Promise.ArriveBy) + " at the latest"
		}
		out = append(out, line+fmt.Sprintf(", %d min aboard (%d if driven alone)", (o.RideTime+59)/60, (o.Direct+59)/60))
	}
	for i := range q.Refusals {
		r := &q.Refusals[i]
		out = append(out, "no: "+r.Code+" "+r.Cause+": "+r.Sentence("ja"))
	}
	return out
}

// books takes an offer of the last answer; "again" repeats the very same call, as after a lost reply.
func (w *world) books(m []string) ([]string, error) {
	n, _ := strconv.Atoi(m[2])
	if n < 1 || n > len(w.offers) {
		return nil, fmt.Errorf("there were %d offers", len(w.offers))
	}
	key := "book-" + m[3]
	got, err := w.desk(m[1]).Book(w.ctx, dispatch.Actor{Subject: "staff-1"}, storyArea, w.offers[n-1].Token, key)
	if err != nil {
		return nil, err
	}
	if got.Ride == nil {
		return append([]string{"gone; instead"}, w.quoted(got.Gone)...), nil
	}
	w.name(got.Ride.ID, m[3])
	return w.told(got.Ride), nil
}

// told is a ride in one line.
func (w *world) told(r *dispatch.Ride) []string {
	line := fmt.Sprintf("%s is %s: fetched %s-%s", r.ID, r.State, hm(r.Promise.Pickup.Earliest), hm(r.Promise.Pickup.Latest))
	if r.Promise.ArriveBy > 0 {
		line += ", there by " + hm(r.Promise.ArriveBy)
	}
	line += fmt.Sprintf(", at most %d min aboard", r.Promise.MaxRide/60)
	if r.Cancel != 0 {
		line += ", " + cancelWord(r.Cancel)
	}
	if r.Reason != "" {
		line += ", because " + r.Reason
	}
	return []string{line}
}

func cancelWord(k dispatch.CancelKind) string {
	return [...]string{"", "in advance", "same day", "late", "at the door", "by the site", "by the service"}[k]
}

func (w *world) cancels(m []string) ([]string, error) {
	r, err := w.ride(m[2])
	if err != nil {
		return nil, err
	}
	after, _, err := w.desk(m[1]).CancelRide(w.ctx, dispatch.Actor{Subject: "staff-1"}, storyArea, dispatch.Cancellation{Ride: r.ID, Reason: m[3]}, w.nextKey())
	if err != nil {
		return nil, err
	}
	return w.told(after), nil
}

// steps is what a driver taps: "V-1 boards outing at 09:40".
func (w *world) steps(m []string) ([]string, error) {
	kinds := map[string]dispatch.StepKind{
		"leaves for": dispatch.StepDepart, "arrives at": dispatch.StepArrive, "boards": dispatch.StepBoard, "alights": dispatch.StepAlight,
		"no-show at": dispatch.StepNoShow, "undoes": dispatch.StepUndo,
	}
	id, ok := w.rides[m[3]]
	if !ok {
		return nil, fmt.Errorf("the story has no ride called %q", m[3])
	}
	stop := dispatch.StopID{Ride: id, Kind: dispatch.PickupStop}
	if m[4] == "dropoff" || m[2] == "alights" {
		stop.Kind = dispatch.DropoffStop
	}
	if m[5] != "" {
		w.clock(m[5])
	}
	_, err := w.desk("").Step(w.ctx, dispatch.Actor{Subject: m[1]}, dispatch.Step{
		Area: storyArea, Day: storyDay, Vehicle: vehicles.VehicleID(m[1]), Kind: kinds[m[2]], Stop: stop, Device: w.now, Key: w.nextKey(),
	})
	if err != nil {
		return nil, err
	}
	r, err := w.ride(m[3])
	if err != nil {
		return nil, err
	}
	return []string{fmt.Sprintf("%s is %s", r.ID, r.State)}, nil
}

func (w *world) show(m []string) ([]string, error) {
	r, err := w.ride(m[1])
	if err != nil {
		return nil, err
	}
	return w.told(r), nil
}

// plan prints every vehicle's stops with their planned times, and the driving time of the whole.
func (w *world) plan([]string) ([]string, error) {
	var out []string
	driving := int32(0)
	for _, s := range w.shifts {
		m, err := w.desk("").Manifest(w.ctx, storyArea, storyDay, s.Vehicle)
		if err != nil {
			return nil, err
		}
		var stops []string
		for _, stop := range m.Stops {
			word := "+"
			if stop.Kind == dispatch.DropoffStop {
				word = "-"
			}
			stops = append(stops, fmt.Sprintf("%s %s%s", hm(stop.Arrive), word, stop.Ride))
			driving += max(0, stop.Arrive-stop.LeaveBy)
		}
		if len(stops) == 0 {
			stops = []string{"nothing"}
		}
		out = append(out, fmt.Sprintf("%s: %s", s.Vehicle, strings.Join(stops, ", ")))
	}
	return append(out, fmt.Sprintf("driving %d min", driving/60)), nil
}

// events prints the log of the day without its times.
func (w *world) events([]string) ([]string, error) {
	list, err := w.desk("").Events(w.ctx, storyArea, storyDay, "", 1000)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range list {
		words := []string{string(e.Kind), string(e.Ride), string(e.Shift), e.Before, "->", e.After, e.Detail, "by " + e.Actor}
		out = append(out, strings.Join(slices.DeleteFunc(words, func(s string) bool { return s == "" }), " "))
	}
	return out, nil
}

func (w *world) improve([]string) ([]string, error) {
	got, err := w.desk("").Improve(w.ctx, storyArea, storyDay, dispatch.ImproveOptions{Iterations: 2000, Seed: 1, Threads: 1})
	if err != nil {
		return nil, err
	}
	return []string{fmt.Sprintf("%+v", got)}, nil
}
