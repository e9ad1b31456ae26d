package dispatch

import (
	"maps"
	"math"
	"slices"

	"github.com/swmaas/swmaas/vehicles"
)

// lateness is by how many seconds rides miss their promises, and vehicles their shift's end; who keeps them is left out.
type lateness struct {
	rides map[RideID]int32
	home  map[vehicles.ShiftID]int32
}

// missedLocked is what is missed as the routes are timed now. a.mu is held.
func (a *areaDay) missedLocked() lateness {
	all := lateness{map[RideID]int32{}, map[vehicles.ShiftID]int32{}}
	for i := range a.shifts {
		if route := a.state.Routes[a.shifts[i].ID]; route != nil {
			next := a.timed(route, nil)
			maps.Copy(all.rides, a.breaches(next, nil))
			if over := a.over(next); over > 0 {
				all.home[route.Shift] = over
			}
		}
	}
	return all
}

// over is by how many seconds a vehicle that drives a route is back after its shift's end, 0 or less where it is not. a.mu is held.
func (a *areaDay) over(route *Route) int32 {
	k := len(route.Stops)
	if k == route.Executed() {
		return 0
	}
	shift, end := &a.shifts[a.byShift[route.Shift]], &route.Stops[k-1]
	_, home := a.places.soonest(place(a.state.Rides[end.Ride], end.Kind), shift.End, end.Depart)
	return home - shift.Span.End
}

// roadsMiss is by how many seconds roads alone must have a ride miss its promise before the engine gives it another place by itself:
// by less it is late, and who waits for it is told so.
const roadsMiss = 15 * 60

// asRoadsWere is what is missed, without what only the roads of today have rides miss by more than roadsMiss. a.mu is held.
func (a *areaDay) asRoadsWere(missed lateness) lateness {
	if a.places.plain() || len(missed.rides) == 0 {
		return missed
	}
	under := a.places
	a.places = &placeTable{a.roads.plain.timeTable, math.MinInt32, a.halts}
	ordinary := a.missedLocked()
	a.places = under
	for id, by := range missed.rides {
		if by-ordinary.rides[id] > roadsMiss {
			missed.rides[id] = ordinary.rides[id]
		}
	}
	return missed
}

// missTolerance is by how many seconds a ride may miss its promise, or one that misses it already may miss it more than before, before it
// is given another place.
const missTolerance = 30

// worse reports whether what is missed now is more than can be borne. What was kept before is borne with up to the tolerance, however often
// the roads change.
func worse(by, before int32) bool {
	if before <= missTolerance {
		before = 0
	}
	return by > before+missTolerance
}

// thin takes rides out of a route until it misses nothing by more than before, each time the one that helps most.
func (m *mending) thin(route *Route) {
	wrong, weight := m.faults(route)
	for wrong > 0 {
		best, least, lightest := RideID(""), wrong, weight
		for _, id := range m.movable(route) {
			m.out[id] = true
			if n, w := m.faults(route); n < least || n == least && w < lightest {
				best, least, lightest = id, n, w
			}
			delete(m.out, id)
		}
		if best == "" {
			break
		}
		m.out[best], wrong, weight = true, least, lightest
	}
}

// faults counts what is missed on a route without the rides that are out, and sums up by how much.
func (m *mending) faults(route *Route) (n int, weight int64) {
	next := m.a.timed(route, m.out)
	for id, by := range m.a.breaches(next, nil) {
		if worse(by, m.before.rides[id]) {
			n, weight = n+1, weight+int64(by)
		}
	}
	if over := m.a.over(next); worse(over, m.before.home[route.Shift]) {
		n, weight = n+1, weight+int64(over)
	}
	return n, weight
}

// late notes the rides that miss their promises by more than before on the routes that a commit writes: nothing could be done about it.
func (m *mending) late(c *Commit) {
	var after []*Ride
	for i := range c.Rides {
		after = append(after, c.Rides[i].After)
	}
	for _, route := range c.Routes {
		if _, runs := m.a.byShift[route.Shift]; !runs {
			continue
		}
		missed := m.a.breaches(route, after)
		for _, id := range slices.Sorted(maps.Keys(missed)) {
			if worse(missed[id], m.before.rides[id]) && !slices.Contains(m.done.Fetched, id) {
				m.done.Late = append(m.done.Late, id)
				c.Events = append(c.Events, Event{Actor: m.by.Subject, Kind: RouteMended, Ride: id, Shift: route.Shift, Detail: m.code})
			}
		}
	}
}

// sayMissedLocked adds to a commit of a day with other roads an event about each ride that its routes have miss its promise by more than before: a
// repair looks for that, but whatever else is put into a route or taken out of it moves the rest to where its roads may be slower. What
// the driver reports is left out: that a vehicle is late has its own way to whom it concerns. a.mu is held.
func (a *areaDay) sayMissedLocked(c *Commit) {
	if a.places == nil || a.places.plain() {
		return
	}
	said, changed := map[RideID]bool{}, map[RideID]bool{}
	for i := range c.Events {
		said[c.Events[i].Ride] = said[c.Events[i].Ride] || c.Events[i].Kind == RouteMended
		changed[c.Events[i].Ride] = changed[c.Events[i].Ride] || c.Events[i].Kind == RideChanged
	}
	var after []*Ride
	for i := range c.Rides {
		after = append(after, c.Rides[i].After)
	}
	for _, route := range c.Routes {
		if _, runs := a.byShift[route.Shift]; !runs || a.reportedLocked(route) {
			continue
		}
		missed := a.breaches(route, after)
		for _, id := range slices.Sorted(maps.Keys(missed)) {
			before := int32(0)
			if was := a.state.RouteOf(id); was != nil && !changed[id] {
				before = a.breaches(was, nil)[id]
			}
			if !said[id] && worse(missed[id], before) {
				c.Events = append(c.Events, Event{Actor: Engine.Subject, Kind: RouteMended, Ride: id, Shift: route.Shift, Detail: CodeMended})
			}
		}
	}
}

// reportedLocked reports whether a route differs from the stored one by what its driver has done. a.mu is held.
func (a *areaDay) reportedLocked(route *Route) bool {
	return slices.ContainsFunc(a.routeLocked(route.Shift).Stops, func(s Stop) bool {
		return slices.ContainsFunc(route.Stops, func(o Stop) bool { return o.StopID == s.StopID && o.State != s.State })
	})
}
