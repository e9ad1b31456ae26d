package dispatch

import (
	"github.com/swmaas/swmaas/dispatch/solver"
	"github.com/swmaas/swmaas/routing/geo"
)

// The solver's leg from a stop is the longest one of the window in which a plan may be ready to leave it. Where roads change within that
// window, the leg that the route has now may be shorter, so that the route would be none of the solver's. Then the stop is kept
// to a part of its window: to the period of the roads in which it is left now, or, where its vehicle waits for the next one, to no earlier than now
// planned. What the solver finds besides keeps to that as well, and so holds when it is timed.

// departure is a window in which a stop may be left, as a place has it.
type departure struct {
	from int32
	last int // number of a period
}

// leave is the solver's place of stop i. Where the stop has to be kept to a part of the window in which service begins, it narrows the
// window, and sets only where another vehicle, which may take longer or shorter at the stop, could not keep to it.
func (r *rest) leave(i int, window *solver.TimeWindow, only *bool) solver.Place {
	s := &r.stops[i]
	ride, t := r.rides(s.Ride), r.places
	at := place(ride, s.Kind)
	if t.plain() {
		return t.number(at)
	}
	least, most := t.added(ride)
	own, halt := ride.Party.Board, service(r.vehicle, ride, s.Kind)
	if s.Kind == DropoffStop {
		own = ride.Party.Alight
	}
	begin, given := s.Depart-halt, *window
	whole := Window{min(window.Earliest+own+least, s.Depart), max(window.Latest+own+most, s.Depart)}
	if s.Kind == DropoffStop {
		whole.Earliest = min(r.rules.leaving(t, ride, DropoffStop).Earliest, s.Depart)
	}
	d := departure{}
	if d.from, d.last = t.span(whole); r.reaches(i, d) {
		return t.place(spot{t.number(at), d.from, d.last})
	}
	k := t.periodOf(s.Depart)
	from, until := max(whole.Earliest, t.since, t.periods[k].from), min(whole.Latest, t.end(k))
	d = departure{t.early(from), k}
	if !r.reaches(i, d) {
		from, d.from = s.Depart, s.Depart
	}
	if from > whole.Earliest {
		window.Earliest = max(window.Earliest, from-own-least)
	}
	if until < whole.Latest {
		window.Latest = min(window.Latest, until-own-most)
	}
	if begin < window.Earliest || begin > window.Latest {
		*only = true
		window.Earliest, window.Latest = max(given.Earliest, from-halt), min(given.Latest, until-halt)
	}
	return t.place(spot{t.number(at), d.from, d.last})
}

// reaches reports whether who leaves stop i as planned, by the legs of a departure, keeps what is planned behind it.
func (r *rest) reaches(i int, d departure) bool {
	s := &r.stops[i]
	ride := r.rides(s.Ride)
	in := func(to geo.LatLng, by int32) bool {
		return s.Depart+r.places.longest(place(ride, s.Kind), to, d.from, d.last) <= by
	}
	if i+1 == len(r.stops) {
		return in(r.shift.End, r.homeBy())
	}
	next := &r.stops[i+1]
	of := r.rides(next.Ride)
	return in(place(of, next.Kind), next.Depart-service(r.vehicle, of, next.Kind))
}
