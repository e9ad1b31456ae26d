package dispatch

import (
	"cmp"
	"context"
	"slices"

	"github.com/swmaas/swmaas/dispatch/solver"
	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/vehicles"
)

// yield finds a place for a ride that has none with the margins: without them, then under another promise, and drops it where
// there is none. Legs of its trip after it that it would run into are returned: they have to move as well.
func (m *mending) yield(ctx context.Context, ride *Ride) (more []*Ride, err error) {
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case ride.State == Offered:
		m.lapse(ride)
		return nil, nil
	case ride.Latent():
		m.unkept(ride, CallUnkept)
		return nil, nil
	case ride.Call.Called:
		return m.fetchCalled(ride)
	}
	if m.fits(ride, ride.Promise, false) {
		if ok, err := m.tight(ride); ok || err != nil {
			return nil, err
		}
	}
	after := m.a.unlocked(ride)
	after.Locks = after.Locks.kept()
	if ok, err := m.shift(after, true); ok || err != nil {
		return nil, err
	}
	if ok, err := m.shift(after, false); err != nil {
		return nil, err
	} else if ok {
		return m.follow(after), nil
	}
	after.Promise = ride.Promise
	return nil, m.drop(after)
}

// lapse ends the offer that a place was held for.
func (m *mending) lapse(ride *Ride) {
	after, kind := lapse(ride)
	m.s.end(after)
	m.s.note(m.by, kind, after, m.code)
}

// unkept leaves a will-call in its queue without a vehicle.
func (m *mending) unkept(ride *Ride, detail string) {
	after := m.a.unlocked(ride)
	m.s.end(after)
	m.s.note(Engine, RideExceeded, after, detail)
	m.done.Waiting = append(m.done.Waiting, ride.ID)
}

// fetchCalled has a will-call fetched that was called for, as soon as can be, and returns the legs after it that it would run into.
func (m *mending) fetchCalled(ride *Ride) ([]*Ride, error) {
	after := m.a.unlocked(ride)
	after.Promise.Pickup.Earliest = min(after.Promise.Pickup.Earliest, after.Promise.Pickup.Latest)
	placed, err := m.s.fetchSoon(after)
	if err != nil {
		return nil, err
	}
	if !placed {
		m.unkept(ride, CallUnplaced)
		return nil, nil
	}
	m.moved(after, ride)
	return m.follow(after), nil
}

// moved notes that a ride has another place, and perhaps another promise.
func (m *mending) moved(after, before *Ride) {
	if after.Promise == before.Promise {
		m.done.Kept = append(m.done.Kept, after.ID)
	} else {
		m.done.Moved = append(m.done.Moved, after.ID)
	}
	m.s.note(m.by, RideChanged, after, m.code)
}

// tight puts a ride where its promise is kept without the plan's margins.
func (m *mending) tight(ride *Ride) (bool, error) {
	s, after := m.s, m.a.unlocked(ride)
	rules := s.a.desk.cfg.Rules.tight()
	spec := s.a.lawful(s.m, solver.None, after, solver.None, promisedSpec(s.a.places, &rules, after))
	r, err := s.m.problem.Extend(spec)
	if err != nil {
		return false, err
	}
	q := solver.Query{Request: r}
	if found := s.m.inserter.Best(s.m.solution, q, nil); len(found) > 0 {
		s.m.inserter.Apply(s.m.solution, found[0])
	} else if moved, ok := s.m.inserter.Eject(s.m.solution, q, m.near(ride)); ok {
		s.m.inserter.ApplyEjection(s.m.solution, moved)
	} else {
		s.m.problem.Withdraw()
		return false, nil
	}
	s.added(after)
	m.keep(after.ID)
	s.note(m.by, RideChanged, after, m.code)
	return true, nil
}

// shift puts a ride into a place under another promise, the smallest move first, and reports whether there is one. alone is
// without running into later legs of the trip.
func (m *mending) shift(after *Ride, alone bool) (bool, error) {
	s := m.s
	before := s.a.state.Rides[after.ID]
	list := s.a.moves(before)
	list = slices.DeleteFunc(list, func(c candidate) bool { return !m.fits(before, c.promise, alone) })
	for _, c := range list {
		after.Promise = c.promise
		r, err := s.m.problem.Extend(s.a.spec(s.m, after))
		if err != nil {
			return false, err
		}
		if found := s.m.inserter.Best(s.m.solution, solver.Query{Request: r}, nil); len(found) > 0 {
			s.m.inserter.Apply(s.m.solution, found[0])
			after.Direct, _ = s.a.places.unshared(after.Pickup.At, after.Dropoff.At, c.promise.Pickup)
			s.added(after)
			s.m.on[r] = found[0].Vehicle
			m.moved(after, before)
			return true, nil
		}
		s.m.problem.Withdraw()
	}
	return false, nil
}

// inTurn reports whether a promise of a ride begins no earlier than the legs of its trip before it arrive and, with later, arrives before
// those after it begin, as the repair has them so far.
func (m *mending) inTurn(ride *Ride, p Promise, later bool) bool {
	before, after := m.a.state.Trip(ride.ID)
	for _, leg := range before {
		if leg = m.soFar(leg); leg.placed() && leg.Call.MaxWait == 0 && p.Pickup.Earliest < leg.Promise.arrives() {
			return false
		}
	}
	return !later || !slices.ContainsFunc(after, func(leg *Ride) bool {
		leg = m.soFar(leg)
		return leg.placed() && leg.Call.MaxWait == 0 && leg.Promise.Pickup.Earliest < p.arrives()
	})
}

// fits reports whether a promise of a ride is in turn, and for another time than the rider's rides of other trips are promised for, as
// the repair has them so far. What was promised for the same time before is none the worse for it.
func (m *mending) fits(ride *Ride, p Promise, later bool) bool {
	if !m.inTurn(ride, p, later) {
		return false
	}
	return !slices.ContainsFunc(m.others(ride), func(o *Ride) bool { return !ride.Promise.meets(o.Promise) && p.meets(m.soFar(o).Promise) })
}

// others are the rides of the same rider on other trips that have a time, as they were before the repair.
func (m *mending) others(ride *Ride) (list []*Ride) {
	if ride.Rider == "" || ride.Latent() {
		return nil
	}
	before, after := m.a.state.Trip(ride.ID)
	for id, o := range m.a.state.Rides {
		same := func(leg *Ride) bool { return leg.ID == id }
		if o.Rider != ride.Rider || id == ride.ID || o.Latent() || slices.ContainsFunc(before, same) || slices.ContainsFunc(after, same) {
			continue
		}
		if now := m.soFar(o); now.placed() && now.State != UnderWay {
			list = append(list, o)
		}
	}
	slices.SortFunc(list, func(x, y *Ride) int { return cmp.Compare(x.ID, y.ID) })
	return list
}

// soFar is a ride as the repair has it so far.
func (m *mending) soFar(ride *Ride) *Ride {
	for _, list := range [][]*Ride{m.s.ended, m.s.rides} {
		for _, r := range list {
			if r.ID == ride.ID {
				return r
			}
		}
	}
	return ride
}

// toldAhead is how long before they are fetched people must be told who are fetched earlier than they know, in seconds.
const toldAhead = 45 * 60

// moves lists the promises that could take the place of a ride's, by how far they lie from it; earlier ones only where there is
// time to tell the rider, and an appointment is not missed for nothing.
func (a *areaDay) moves(ride *Ride) (list []candidate) {
	now, was := a.second(), ride.Promise
	for by := int32(0); by <= furthestMove; by += moveStep {
		later := was
		later.Pickup = Window{was.Pickup.Earliest + by, was.Pickup.Latest + by}
		if was.ArriveBy > 0 { // no sooner than it can be driven
			drive := ride.Party.Board + a.places.planned(ride.Pickup.At, ride.Dropoff.At, later.Pickup)
			soonest := max(later.Pickup.Earliest, now) + drive + a.rules.ArriveMargin
			later.ArriveBy = max(was.ArriveBy+by, (soonest+moveStep-1)/moveStep*moveStep)
		}
		for _, p := range []Promise{{Window{was.Pickup.Earliest - by, was.Pickup.Latest - by}, was.ArriveBy, was.MaxRide}, later} {
			early := p.Pickup.Earliest < was.Pickup.Earliest
			if early && (was.ArriveBy == 0 || p.Pickup.Earliest < now+toldAhead) || p.Pickup.Latest <= now {
				continue
			}
			direct, _ := a.places.unshared(ride.Pickup.At, ride.Dropoff.At, p.Pickup)
			if direct >= routing.Unreachable {
				continue
			}
			p.MaxRide = max(p.MaxRide, ride.maxRide(&a.rules, direct))
			list = append(list, candidate{promise: p, penalty: by})
			if by == 0 {
				break
			}
		}
	}
	return list
}

// follow takes the later legs of a trip out of the plan that begin before the leg before them has arrived, and rides of other trips
// that are for the same time now, and returns them.
func (m *mending) follow(moved *Ride) (legs []*Ride) {
	s, before := m.s, m.a.state.Rides[moved.ID]
	_, later := s.a.state.Trip(moved.ID)
	later = slices.DeleteFunc(later, func(leg *Ride) bool { return leg.Promise.Pickup.Earliest >= moved.Promise.arrives() })
	for _, o := range m.others(moved) {
		if moved.Promise.meets(o.Promise) && !before.Promise.meets(o.Promise) {
			later = append(later, o)
		}
	}
	for _, leg := range later {
		stop := s.a.state.stop(StopID{leg.ID, PickupStop})
		if leg.Latent() || !leg.cancellable() || stop != nil && stop.State != Pending {
			continue
		}
		if now := m.soFar(leg); now != leg && now != m.freed[leg.ID] {
			continue
		}
		if r, known := s.m.request[leg.ID]; known && s.m.solution.VehicleOf(r) != solver.None {
			s.m.solution.Remove(r)
			s.m.on[r] = solver.None
			m.unkeep(leg.ID)
		} else if m.out[leg.ID] {
			continue // its turn comes
		}
		m.out[leg.ID] = true
		legs = append(legs, leg)
	}
	return legs
}

// unkeep takes back that a ride has another place.
func (m *mending) unkeep(id RideID) {
	m.done.Kept = slices.DeleteFunc(m.done.Kept, func(kept RideID) bool { return kept == id })
	m.s.rides = slices.DeleteFunc(m.s.rides, func(r *Ride) bool { return r == m.freed[id] })
	m.s.log = slices.DeleteFunc(m.s.log, func(e Event) bool { return e.Ride == id && e.Kind == RideUnlocked })
}

// drop ends a ride that nobody can drive any more.
func (m *mending) drop(after *Ride) error {
	after.State, after.Reason, after.Cancel = Cancelled, m.code, CancelProvider
	kind := RideCancelled
	if before := m.a.state.Rides[after.ID]; before.State == UnderWay {
		after.State, after.Cancel, kind = Missed, 0, RideMissed
	}
	m.s.end(after)
	m.s.note(m.by, kind, after, m.code)
	m.done.Dropped = append(m.done.Dropped, after.ID)
	return nil
}

// dropAll makes the commit where no shift is left on the day that could drive anybody: there is nothing to search in.
func (m *mending) dropAll(news bool) (*Commit, error) {
	m.s = &sketch{a: m.a, m: newModel(m.a.second())}
	for _, after := range m.put {
		m.putOff(after)
	}
	gone := m.aboard
	for _, ride := range m.waiting() {
		switch {
		case ride.State == Offered:
			m.lapse(ride)
		case ride.Latent():
			m.unkept(ride, CallUnkept)
		case ride.Call.Called:
			m.unkept(ride, CallUnplaced)
		default:
			after := m.a.unlocked(ride)
			after.Locks = after.Locks.kept()
			gone = append(gone, after)
		}
	}
	for _, after := range gone {
		if err := m.drop(after); err != nil {
			return nil, err
		}
	}
	return m.commit(news), nil
}

// commit is the change that the repair comes to, with every route whose times are others now. With news, all routes are written,
// as they are: who changes one in the same moment did not know of it.
func (m *mending) commit(news bool) *Commit {
	a, c := m.a, m.s.commit()
	for i := range c.Rides {
		reason := TellReason("") // the one that follows from the change
		if c.Rides[i].After.Reason == ReasonPostponed {
			reason = TellPostponed
		}
		c.because(c.Rides[i].After.ID, reason, m.code)
	}
	written := map[vehicles.ShiftID]bool{}
	for _, route := range c.Routes {
		written[route.Shift] = true
		m.unboard(route)
	}
	for id, old := range a.state.Routes {
		_, runs := a.byShift[id]
		if written[id] {
			continue
		}
		next := &Route{Shift: id, Version: old.Version + 1, Stops: slices.Clone(old.Stops)}
		if !runs {
			next.Stops = next.Stops[:next.Executed()]
		}
		m.unboard(next)
		if runs && next.Executed() < len(next.Stops) {
			a.retimeLocked(next)
		}
		if news || !slices.Equal(next.Stops, old.Stops) {
			c.Routes = append(c.Routes, next)
		}
	}
	for i := range a.shifts {
		if id := a.shifts[i].ID; news && a.state.Routes[id] == nil && !written[id] {
			c.Routes = append(c.Routes, &Route{Shift: id, Version: 1})
		}
	}
	slices.SortFunc(c.Routes, func(x, y *Route) int { return cmp.Compare(x.Shift, y.Shift) })
	for _, route := range c.Routes {
		if old := a.state.Routes[route.Shift]; old == nil && len(route.Stops) == 0 || old != nil && slices.Equal(old.Stops, route.Stops) {
			continue
		}
		m.done.Retimed = append(m.done.Retimed, route.Shift)
		if written[route.Shift] {
			c.Events = append(c.Events, Event{Actor: m.by.Subject, Kind: RouteMended, Shift: route.Shift, Detail: m.code})
		}
	}
	m.late(c)
	m.done.sort()
	return c
}

// unboard takes those out of a route who were aboard and go on in another vehicle.
func (m *mending) unboard(route *Route) {
	route.Stops = slices.DeleteFunc(route.Stops, func(s Stop) bool {
		return s.State.Finished() && slices.ContainsFunc(m.aboard, func(r *Ride) bool { return r.ID == s.Ride })
	})
}

func (r *Repair) sort() {
	for _, list := range []*[]RideID{&r.Kept, &r.Moved, &r.Fetched, &r.Waiting, &r.Postponed, &r.Dropped, &r.Late} {
		slices.Sort(*list)
	}
}

// endangered lists the own rounds of facilities that vehicles which are out of service may not be back for. a.mu is held.
func (a *areaDay) endangered() (list []OwnRound) {
	for _, o := range a.state.outages() {
		if o.Until > 0 {
			continue
		}
		for i := range a.given {
			s := &a.given[i]
			if s.Vehicle != o.Vehicle {
				continue
			}
			for _, span := range s.OwnRounds {
				round := OwnRound{s.Vehicle, a.vehicles[s.Vehicle].Owner, span}
				if span.End > max(o.From, a.second()) && !slices.Contains(list, round) {
					list = append(list, round)
				}
			}
		}
	}
	return list
}
