package dispatch_test

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// commands lists every sentence that a scenario may use; the first that fits is run. testdata/scenarios/README.md explains
// them to who writes scenarios.
func commands() []command {
	c := func(form string, run func(w *world, m []string) ([]string, error)) command {
		return command{regexp.MustCompile("^" + form + "$"), run}
	}
	return slices.Concat(ruleCommands(), bookingCommands(), paperCommands(), planningCommands(), conditionCommands(), dayCommands(), messageCommands(), []command{
		c(`it is ((?:D-\d+ )?\d\d:\d\d)`, (*world).itIs),
		c(`van (V-\d+) of (\S+), (\d\d:\d\d)-(\d\d:\d\d), (.+)`, (*world).van),
		c(`rider (P-\d+) of (\S+?)(?:, (.+))?`, (*world).rider),
		c(`(P-\d+) asks (\S+) -> (\S+), (arrive by|leave after|fetch within) (\S+?)`+
			`(?:, after (\S+?))?(?:, for (\w+))?(?:, as user of (\S+?))?(?:, with (\d+) attendants?)?`, (*world).asks),
		c(`(?:(\S+) )?books (?:(P-\d+)'s )?offer (\d+) as (\S+?)(?:, again)?`, (*world).books),
		c(`(?:(\S+) )?cancels (\S+)(?: because (\S+))?`, (*world).cancels),
		c(`(V-\d+) (leaves for|arrives at|boards|alights|no-show at|undoes|knocks at|calls at) (\S+)(?: (pickup|dropoff))?(?: at (\d\d:\d\d))?`, (*world).steps),
		c(`show (\S+)`, (*world).show),
		c(`plan`, (*world).plan),
		c(`events`, (*world).events),
		c(`improve`, (*world).improve),
	})
}

func (w *world) itIs(m []string) ([]string, error) { w.clock(m[1]); return nil, nil }

// van puts a vehicle with one shift on the road: "4 seats or 2 seats + 1 wheelchair, lift".
func (w *world) van(m []string) ([]string, error) {
	at, err := w.place(m[2])
	if err != nil {
		return nil, err
	}
	v := vehicles.Vehicle{ID: vehicles.VehicleID(m[1]), Name: m[1], Owner: w.owner(at.At), Home: at.At}
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
	driver := vehicles.DriverID("D-" + m[1])
	w.fleet.Drivers = append(w.fleet.Drivers, vehicles.Driver{ID: driver, Facility: v.Owner, Class: vehicles.Employee, Licence: vehicles.SecondClass})
	w.calendar.Templates = append(w.calendar.Templates, vehicles.ShiftTemplate{
		ID: vehicles.ShiftID("S-" + m[1]), Vehicle: v.ID, Driver: driver, Days: vehicles.DayPattern{Holidays: true},
		Span: vehicles.Span{Start: second(m[3]), End: second(m[4])},
	})
	return nil, w.saved()
}

// owner is the facility that stands at a place, or else the council.
func (w *world) owner(at geo.LatLng) vehicles.FacilityID {
	for _, f := range w.fleet.Facilities {
		if f.At == at {
			return f.ID
		}
	}
	return "F-council"
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
	req := dispatch.Request{Area: storyArea, Day: w.day, Rider: dispatch.RiderID(m[1]), Party: p.party, Purpose: cmp.Or(m[7], "medical")}
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
	req.Facility = vehicles.FacilityID(m[8])
	if m[9] != "" {
		req.Party.Attendants, _ = strconv.Atoi(m[9])
		req.Party.Load.Seats += req.Party.Attendants
	}
	w.asked = req
	quote, err := w.desk("").Quote(w.ctx, dispatch.Actor{Subject: "staff-1"}, req)
	if err != nil {
		return nil, err
	}
	out := w.quoted(quote)
	w.told[m[1]] = w.offers
	return out, nil
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
	w.offers = slices.Concat(q.Offers, q.Alternatives)
	var out []string
	for i, o := range w.offers {
		word := "offer"
		if i >= len(q.Offers) {
			word = "instead offer"
		}
		out = append(out, fmt.Sprintf("%s %d: %s", word, i+1, offered(&o)))
	}
	for i := range q.Refusals {
		r := &q.Refusals[i]
		line := "no: " + r.Code + " " + r.Cause
		if r.Mode != "" {
			line += " (" + string(r.Mode) + ")"
		}
		line += ": " + r.Sentence("ja")
		if r.JaWay != "" {
			line += " → " + r.JaWay
		}
		out = append(out, line)
	}
	return out
}

// fare is price and legal mode, and nothing where no rules decide.
func fare(t *dispatch.Terms) string {
	switch {
	case t.Mode == "":
		return ""
	case !t.FareKnown:
		return fmt.Sprintf(", fare after the ride (%s)", t.Mode)
	case t.Yen == 0:
		return fmt.Sprintf(", free (%s)", t.Mode)
	}
	return fmt.Sprintf(", %d yen (%s)", t.Yen, t.Mode)
}

// books takes an offer of the last answer; "again" repeats the very same call, as after a lost reply.
func (w *world) books(m []string) ([]string, error) {
	offers := w.offers
	if m[2] != "" {
		offers = w.told[m[2]]
	}
	n, _ := strconv.Atoi(m[3])
	if n < 1 || n > len(offers) {
		return nil, fmt.Errorf("there were %d offers", len(offers))
	}
	who := dispatch.Actor{Subject: cmp.Or(m[1], "staff-1")}
	got, err := w.desk("").Book(w.ctx, who, storyArea, offers[n-1].Token, "book-"+m[4])
	if err != nil {
		return nil, err
	}
	if got.Ride == nil {
		return append([]string{"gone; instead"}, w.quoted(got.Gone)...), nil
	}
	w.name(got.Ride.ID, m[4])
	return w.line(got.Ride), nil
}

// line is a ride in one line.
func (w *world) line(r *dispatch.Ride) []string {
	if short := briefly(r); short != "" {
		return []string{short}
	}
	line := fmt.Sprintf("%s is %s: fetched %s-%s", r.ID, r.State, hm(r.Promise.Pickup.Earliest), hm(r.Promise.Pickup.Latest))
	if r.Promise.ArriveBy > 0 {
		line += ", there by " + hm(r.Promise.ArriveBy)
	}
	line += fmt.Sprintf(", at most %d min aboard", r.Promise.MaxRide/60) + fare(&r.Terms)
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
	after, _, err := w.desk("").CancelRide(w.ctx, dispatch.Actor{Subject: cmp.Or(m[1], "staff-1")}, storyArea, dispatch.Cancellation{Ride: r.ID, Reason: m[3]}, w.nextKey())
	if err != nil {
		return nil, err
	}
	return w.line(after), nil
}

// steps is what a driver taps: "V-1 boards outing at 09:40".
func (w *world) steps(m []string) ([]string, error) {
	kinds := map[string]dispatch.StepKind{
		"leaves for": dispatch.StepDepart, "arrives at": dispatch.StepArrive, "boards": dispatch.StepBoard, "alights": dispatch.StepAlight,
		"no-show at": dispatch.StepNoShow, "undoes": dispatch.StepUndo,
		"knocks at": dispatch.StepKnocked, "calls at": dispatch.StepCalled,
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
		Area: storyArea, Day: w.day, Vehicle: vehicles.VehicleID(m[1]), Kind: kinds[m[2]], Stop: stop, Device: w.now, Key: w.nextKey(),
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
	return w.line(r), nil
}

// plan prints every vehicle's stops with their planned times, and the driving of the whole by the map of the town: from each
// vehicle's place through its stops and back.
func (w *world) plan([]string) ([]string, error) {
	var out []string
	legs := 0
	for i := range w.fleet.Vehicles {
		v := &w.fleet.Vehicles[i]
		m, err := w.fresh().Manifest(w.ctx, storyArea, w.day, v.ID)
		if err != nil {
			return nil, err
		}
		var stops []string
		at, shift := v.Home, vehicles.ShiftID("")
		for _, stop := range m.Stops {
			word := "+"
			if stop.Kind == dispatch.DropoffStop {
				word = "-"
			}
			if shift != "" && stop.Shift != shift { // between two shifts the vehicle is at its owner's
				legs, at = legs+crossings(at, v.Home), v.Home
			}
			legs, at, shift = legs+crossings(at, stop.Place.At), stop.Place.At, stop.Shift
			stops = append(stops, fmt.Sprintf("%s %s%s", hm(stop.Arrive), word, stop.Ride))
		}
		legs += crossings(at, v.Home)
		if len(stops) == 0 {
			stops = []string{"nothing"}
		}
		out = append(out, fmt.Sprintf("%s: %s", v.ID, strings.Join(stops, ", ")))
	}
	return append(out, fmt.Sprintf("driving %d min, %d.%d km", (legs*50+59)/60, legs/2, legs%2*5)), nil
}

// events prints the log of the day without its times.
func (w *world) events([]string) ([]string, error) {
	list, err := w.desk("").Events(w.ctx, storyArea, w.day, "", 1000)
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
	got, err := w.desk("").Improve(w.ctx, storyArea, w.day, dispatch.ImproveOptions{Iterations: 2000, Seed: 1, Threads: 1})
	if err != nil {
		return nil, err
	}
	return []string{fmt.Sprintf("%+v", got)}, nil
}
