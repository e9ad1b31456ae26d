package dispatch

import (
	"fmt"
	"math"
	"slices"

	"github.com/swmaas/swmaas/dispatch/solver"
)

// modelLife is how many seconds a model may be used for: so long ago it may be that nothing more had happened than what is
// known.
const modelLife = 10

// modelLocked is the model of the state about now: the last one where nothing has changed, else the last one brought up to
// date, which costs what has changed. a.mu is held.
func (a *areaDay) modelLocked() (*model, error) {
	a.expireLocked()
	now := a.second()
	young := a.live != nil && now >= a.live.second && now-a.live.second < modelLife
	if a.model != nil && young {
		return a.model, nil
	}
	if young {
		now = a.live.second
	}
	m, err := a.revisedModel(now)
	if err != nil {
		a.model, a.live = nil, nil
		return nil, fmt.Errorf("dispatch: model of %s %s: %w", a.key.Area, a.key.Day, err)
	}
	a.model, a.live = m, m
	return m, nil
}

// revisedModel is buildModel, made of the last model. a.mu is held.
func (a *areaDay) revisedModel(now int32) (*model, error) {
	old := a.live
	if old == nil {
		return a.buildModel(now)
	}
	a.live = nil // it is of no use any more where this fails half-way
	m := newModel(now)
	rests := a.numberAll(m)
	m.renumber(old)
	b := solver.NewBuilder(a.places, 1)
	a.describe(m, b, rests)
	m.problem, m.solution, m.inserter = old.problem, old.solution, old.inserter
	changed := m.clearChanged(rests)
	if ok, err := b.Revise(m.problem); err != nil {
		return nil, err
	} else if !ok {
		return a.buildModel(now)
	}
	for _, v := range changed {
		if err := m.solution.SetRoute(v, m.nodes(rests[v].stops)); err != nil {
			return nil, fmt.Errorf("shift %s: %w", rests[v].shift.ID, err)
		}
	}
	return m, nil
}

// renumber lets rides keep the numbers that they had in the old model, as far as those are below the number of rides.
func (m *model) renumber(old *model) {
	rides := make([]*Ride, len(m.rides))
	var others []*Ride
	for _, ride := range m.rides {
		if r, known := old.request[ride.ID]; known && int(r) < len(rides) {
			rides[r] = ride
		} else {
			others = append(others, ride)
		}
	}
	free := 0
	for _, ride := range others {
		for rides[free] != nil {
			free++
		}
		rides[free] = ride
		m.request[ride.ID] = solver.Request(free)
	}
	for r, ride := range rides {
		m.request[ride.ID] = solver.Request(r)
	}
	m.rides = rides
}

// clearChanged empties the routes whose visits change and returns their vehicles.
func (m *model) clearChanged(rests []*rest) (changed []solver.Vehicle) {
	for i, r := range rests {
		v := solver.Vehicle(i)
		if old := m.solution.Route(v); !slices.Equal(old, m.nodes(r.stops)) {
			changed = append(changed, v)
		}
	}
	for _, v := range changed {
		_ = m.solution.SetRoute(v, nil) // the empty route is always one
	}
	return changed
}

// restMemo is what is left of one route, and what it was worked out from.
type restMemo struct {
	route *Route
	rides []*Ride // by stop
	rest  *rest   // nil: not worked out yet
}

// restAt is the rest of the route of shift number i at a second, worked out anew only where the route, its rides or the
// time changes it. a.mu is held.
func (a *areaDay) restAt(i int, now int32) *rest {
	if len(a.rests) != len(a.shifts) {
		a.rests = make([]restMemo, len(a.shifts))
	}
	route, memo := a.routeLocked(a.shifts[i].ID), &a.rests[i]
	if memo.rest != nil && memo.holds(route, now) {
		memo.rest.now = now
		return memo.rest
	}
	*memo = restMemo{route: route, rest: a.restOf(i, route, now)}
	for k := range route.Stops {
		memo.rides = append(memo.rides, memo.rest.rides(route.Stops[k].Ride))
	}
	return memo.rest
}

// holds reports whether the rest is that of the route at a second.
func (m *restMemo) holds(route *Route, now int32) bool {
	if m.route != route && len(m.route.Stops)+len(route.Stops) > 0 || now < m.rest.now || now > m.rest.until {
		return false
	}
	for k := range route.Stops {
		if m.rest.rides(route.Stops[k].Ride) != m.rides[k] {
			return false
		}
	}
	return true
}

// specMemo is how a ride was described to the solver, and what that was worked out from.
type specMemo struct {
	ride   *Ride // nil: it has to be described anew
	rest   *rest
	on     solver.Vehicle
	groups *CoRideGroups
	spec   solver.RequestSpec
}

// learnNewLocked makes sure that the policy's groups know all kinds of passengers of the model. a.mu is held.
func (a *areaDay) learnNewLocked(m *model) {
	for r, ride := range m.rides {
		if r >= len(a.specs) || a.specs[r].ride != ride || a.specs[r].groups != a.legal.groups {
			a.learnLocked(ride.Passenger())
		}
	}
}

// specAt describes a ride of the model, anew only where something that it depends on has changed. One that depends on other
// rides is always described anew. a.mu is held.
func (a *areaDay) specAt(m *model, r solver.Request, rests []*rest) solver.RequestSpec {
	for len(a.specs) <= int(r) {
		a.specs = append(a.specs, specMemo{})
	}
	ride, on, memo := m.rides[r], m.on[r], &a.specs[r]
	var of *rest
	if on != solver.None {
		of = rests[on]
	}
	alone := !ride.Together && len(ride.Party.Apart) == 0 && !m.company.loose[r]
	if alone && memo.ride == ride && memo.rest == of && memo.on == on && memo.groups == a.legal.groups {
		return memo.spec
	}
	var spec solver.RequestSpec
	if of != nil {
		spec = of.requestSpec(ride, on)
	} else {
		spec = promisedSpec(a.places, &a.desk.cfg.Rules, ride)
	}
	spec = a.lawful(m, r, ride, on, spec)
	if a.steadily {
		a.keep(m, ride, of, on, &spec)
	}
	if *memo = (specMemo{}); alone {
		*memo = specMemo{ride, of, on, a.legal.groups, spec}
	}
	return spec
}

// lasts is the last second for which the rest's stops would come out as they are. shortened tells that the times were
// chosen by how early the vehicle can leave.
func (r *rest) lasts(shortened bool) int32 {
	if len(r.stops) == 0 {
		return math.MaxInt32
	}
	first := &r.stops[0]
	for i := range r.stops[1:] {
		if r.stops[1+i].State != Pending {
			return r.now
		}
	}
	switch {
	case r.last == nil && first.State == Pending && r.now <= r.shift.Span.Start:
		return r.shift.Span.Start
	case shortened:
		return r.now
	case first.State == Pending:
		return first.LeaveBy
	case first.State == EnRoute:
		return first.Arrive
	}
	return r.now
}
