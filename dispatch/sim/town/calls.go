package town

import (
	"cmp"
	"fmt"
	"slices"
)

// What every day holds at least; see Generate.
const (
	leastCalls        = 180
	leastWheelchairs  = 15 // per cent of calls, and of the riders who call
	leastNarrow       = 50 // per cent of calls
	leastAppointments = 30 // per cent of calls
	leastCancelled    = 3
	leastNoShows      = 2
)

// calls makes the day's trips and puts them in the order in which the telephone rings.
func (g *generator) calls() error {
	g.queue = g.rng.Perm(len(g.town.Riders))
	for range g.town.Times {
		g.dialysis()
		g.visits()
		g.shopping()
		if err := g.errands(); err != nil {
			return err
		}
	}
	g.narrowEnough()
	g.chairsEnough()
	g.misfortunes()
	g.order()
	return nil
}

// narrowEnough narrows windows, the earliest drawn first, until a little more than the least share of them is narrow.
func (g *generator) narrowEnough() {
	narrow := 0
	for _, t := range g.trips {
		if t.Width() <= Narrow {
			narrow++
		}
	}
	for _, t := range g.trips {
		if narrow*100 >= (leastNarrow+2)*len(g.trips) {
			return
		}
		if w := &t.Wish.Window; t.Width() > Narrow {
			if t.Appointment {
				w.Earliest = w.Latest - Narrow
			} else {
				w.Latest = w.Earliest + Narrow
			}
			narrow++
		}
	}
}

// chairsEnough seats callers with an appointment in wheelchairs until a little more than the least share of callers and of
// calls is.
func (g *generator) chairsEnough() {
	for _, t := range g.trips {
		calls, riders := g.chairShares()
		if min(calls, riders) >= leastWheelchairs+2 {
			return
		}
		r := &g.town.Riders[t.rider]
		if !t.Appointment || chair(r) {
			continue
		}
		r.Party = g.seatedInChair(r.Party)
		for _, o := range g.trips {
			if o.rider == t.rider {
				o.Party, o.Board, o.Alight = r.Party, r.Party.Board, r.Party.Alight
			}
		}
	}
}

// chairShares is the per cent of calls and of callers with a wheelchair.
func (g *generator) chairShares() (calls, riders int) {
	in, all := map[int]bool{}, map[int]bool{}
	for _, t := range g.trips {
		all[t.rider] = true
		if t.Party.Load.Wheelchairs > 0 {
			calls++
			in[t.rider] = true
		}
	}
	return calls * 100 / len(g.trips), len(in) * 100 / len(all)
}

// misfortunes draws who calls a ride off and who does not come to the door. Groups keep together.
func (g *generator) misfortunes() {
	var alone []*trip
	for _, t := range g.trips {
		grouped := t.group != nil || slices.ContainsFunc(g.trips, func(o *trip) bool { return o.group == t })
		if !grouped && t.Purpose != "dialysis" {
			alone = append(alone, t)
		}
	}
	g.rng.Shuffle(len(alone), func(i, j int) { alone[i], alone[j] = alone[j], alone[i] })
	spoilt := map[int]bool{} // riders whose day is spoilt already
	next := func() *trip {
		for i, t := range alone {
			if !spoilt[t.rider] {
				spoilt[t.rider] = true
				alone = slices.Delete(alone, i, i+1)
				return t
			}
		}
		return nil
	}
	for range g.between(4, 6) * g.town.Times {
		if t := next(); t != nil {
			t.CancelAt = g.calledOff(t)
		}
	}
	for range g.between(3, 4) * g.town.Times {
		if t := next(); t != nil {
			t.NoShow = true
		}
	}
}

// calledOff draws when a ride is called off: between the call and half an hour before it is about.
func (g *generator) calledOff(t *trip) int32 {
	last := t.Wish.Window.Earliest - 30*minute
	if t.Appointment {
		last -= 40 * minute
	}
	first := t.At + 10*minute
	if last <= first {
		return first | 1
	}
	if first < 0 && g.chance(70) { // most people find out on the day
		first = min(clock(7, 0), last)
	}
	return int32(g.between(int(first), int(last))) | 1 // never 0, which stands for not at all
}

// order sorts the trips by the time of their call, a way back after its way there and a group after its first, and turns
// the links into indices.
func (g *generator) order() {
	slices.SortStableFunc(g.trips, func(a, b *trip) int { return cmp.Compare(a.At, b.At) })
	index := map[*trip]int{}
	for i, t := range g.trips {
		index[t] = i
	}
	for _, t := range g.trips {
		c := t.Call
		c.Outbound, c.Group = -1, -1
		if t.outbound != nil {
			c.Outbound = index[t.outbound]
		}
		if t.group != nil {
			c.Group = index[t.group]
		}
		g.town.Calls = append(g.town.Calls, c)
	}
}

// Mix is what a day's calls consist of.
type Mix struct {
	Calls, Wheelchairs, Narrow, Appointments, Cancelled, NoShows int
	Riders, RidersInWheelchairs                                  int
}

// Mix counts the day's calls.
func (t *Town) Mix() Mix {
	m := Mix{Calls: len(t.Calls)}
	riders := map[string]bool{}
	count := func(n *int, yes bool) {
		if yes {
			*n++
		}
	}
	for i := range t.Calls {
		c := &t.Calls[i]
		inChair := c.Party.Load.Wheelchairs > 0
		riders[string(c.Rider)] = inChair
		count(&m.Wheelchairs, inChair)
		count(&m.Narrow, c.Width() <= Narrow)
		count(&m.Appointments, c.Appointment)
		count(&m.Cancelled, c.CancelAt != 0)
		count(&m.NoShows, c.NoShow)
	}
	for _, inChair := range riders {
		m.Riders++
		count(&m.RidersInWheelchairs, inChair)
	}
	return m
}

// check makes sure that the day holds what every day must.
func (g *generator) check() error {
	m := g.town.Mix()
	switch {
	case m.Calls < leastCalls,
		m.Wheelchairs*100 < leastWheelchairs*m.Calls, m.RidersInWheelchairs*100 < leastWheelchairs*m.Riders,
		m.Narrow*100 < leastNarrow*m.Calls, m.Appointments*100 < leastAppointments*m.Calls,
		m.Cancelled < leastCancelled, m.NoShows < leastNoShows:
		return fmt.Errorf("%w: %+v", ErrShortOfTown, m)
	}
	for _, s := range g.town.Shifts {
		if err := s.Validate(); err != nil {
			return fmt.Errorf("%w: %w", ErrShortOfTown, err)
		}
	}
	return nil
}
