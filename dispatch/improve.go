package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/swmaas/swmaas/dispatch/solver"
)

// ImproveOptions bounds one round of improvement.
type ImproveOptions struct {
	Iterations int         // of the search; counted, so that a seed gives the same plan on any machine
	Stop       func() bool // asked often; true ends the search early. May be nil
	Seed       uint64
	Threads    int   // 0 means 1
	MinGain    int64 // seconds of driving, less what moving rides costs, below which a group of routes stays as it is; 0 means 60
}

func (o ImproveOptions) solver() solver.Options {
	return solver.Options{Iterations: o.Iterations, Stop: o.Stop, Seed: o.Seed, Threads: max(o.Threads, 1)}
}

// ImproveResult tells what a round of improvement came to.
type ImproveResult struct {
	Gain     int64 // seconds of driving saved and committed
	Routes   int   // routes changed
	Lost     bool  // a better plan was found, but somebody changed its routes meanwhile
	Revision int64
}

const defaultMinGain = 60

// Improve searches for a better plan of the rides that are booked, within everything that was promised and everything
// that has happened, and commits it. It works on a snapshot and holds nobody up.
func (d *Desk) Improve(ctx context.Context, area AreaID, day Day, opt ImproveOptions) (ImproveResult, error) {
	a, err := d.open(ctx, area, day)
	if err != nil {
		return ImproveResult{}, err
	}
	state, m, err := a.snapshot(ctx)
	if err != nil {
		return ImproveResult{}, fmt.Errorf("dispatch: improve %s %s: %w", area, day, err)
	}
	if len(m.rides) == 0 {
		return ImproveResult{Revision: state.Revision}, nil
	}
	search := opt.solver()
	if opt.Stop != nil || opt.Iterations > 0 {
		search.Stop = func() bool {
			d.yield()
			return opt.Stop != nil && opt.Stop()
		}
	}
	better := solver.Improve(m.problem, m.solution, search)
	result := ImproveResult{Gain: m.solution.Cost() - better.Cost(), Revision: state.Revision}
	minGain := opt.MinGain
	if minGain == 0 {
		minGain = defaultMinGain
	}
	if result.Gain < minGain {
		result.Gain = 0
		return result, nil
	}
	return result, a.adopt(ctx, state, m, better, minGain, &result)
}

// strayLocked reports whether rides are on routes whose shifts the calendar does not have any more. They are open, and on no route of
// the model, and would be planned a second time; Mend gives them to others. a.mu is held.
func (a *areaDay) strayLocked() bool {
	for id, route := range a.state.Routes {
		if _, runs := a.byShift[id]; !runs && route.Executed() < len(route.Stops) {
			return true
		}
	}
	return false
}

// snapshot is the state as it is now with a model of its own, which is empty where the plan has to be mended first.
func (a *areaDay) snapshot(ctx context.Context) (*State, *model, error) {
	v, err := a.look(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer a.endLook(v)
	v.expireLocked()
	if v.strayLocked() {
		return v.state, newModel(v.second()), nil
	}
	v.steadily = true
	defer func() { v.steadily = false }()
	m, err := v.buildModel(v.second())
	return v.state, m, err
}

// adopt commits the routes of better that differ. Routes between which rides moved go together; such a group is left out
// where one of its routes was changed since the snapshot, where fares together would exceed their cap, or where it gains less than
// minGain.
func (a *areaDay) adopt(ctx context.Context, seen *State, m *model, better *solver.Solution, minGain int64, result *ImproveResult) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	c := &Commit{}
	result.Gain = 0
	for _, group := range m.moved(better) {
		gain, same := m.gain(better, group), true
		for _, v := range group {
			same = same && a.unchangedLocked(seen, m, v, better) && !a.dearer(m, v, better)
		}
		if !same || gain < max(minGain, 1) {
			continue
		}
		result.Gain += gain
		for _, v := range group {
			old := a.routeLocked(a.shifts[v].ID)
			c.Routes = append(c.Routes, a.rerouted(m, old, better.Route(v)))
			c.Events = append(c.Events, Event{Actor: Engine.Subject, Kind: RouteImproved, Shift: old.Shift})
		}
	}
	if len(c.Routes) == 0 {
		*result = ImproveResult{Lost: true, Revision: a.state.Revision}
		return nil
	}
	a.tallied(c)
	err := a.commitLocked(ctx, c)
	if errors.Is(err, ErrStale) {
		*result = ImproveResult{Lost: true}
		err = a.refreshLocked(ctx)
	}
	result.Revision = a.state.Revision
	result.Routes = len(c.Routes)
	return err
}

// unchangedLocked reports whether the route of a shift, and the rides that better has on it, are as they were. a.mu is held.
func (a *areaDay) unchangedLocked(seen *State, m *model, v solver.Vehicle, better *solver.Solution) bool {
	if id := a.shifts[v].ID; a.state.Routes[id] != seen.Routes[id] {
		return false
	}
	for _, n := range better.Route(v) {
		if id := m.rides[m.problem.RequestOf(n)].ID; a.state.Rides[id] != seen.Rides[id] {
			return false
		}
	}
	return true
}

// moved groups the vehicles whose routes differ in better, ascending: those between which rides moved are together.
func (m *model) moved(better *solver.Solution) [][]solver.Vehicle {
	group := make([]solver.Vehicle, m.problem.Vehicles()) // the lowest of those that go together
	for v := range group {
		group[v] = solver.Vehicle(v)
	}
	for r := range m.rides {
		from, to := m.solution.VehicleOf(solver.Request(r)), better.VehicleOf(solver.Request(r))
		if from == solver.None || to == solver.None || group[from] == group[to] {
			continue
		}
		keep, gone := min(group[from], group[to]), max(group[from], group[to])
		for v := range group {
			if group[v] == gone {
				group[v] = keep
			}
		}
	}
	at := map[solver.Vehicle]int{}
	var groups [][]solver.Vehicle
	for v := range solver.Vehicle(len(group)) {
		if slices.Equal(m.solution.Route(v), better.Route(v)) {
			continue
		}
		k, known := at[group[v]]
		if !known {
			k = len(groups)
			at[group[v]], groups = k, append(groups, nil)
		}
		groups[k] = append(groups[k], v)
	}
	return groups
}

// gain is what a group of routes costs less in better, rides that are served now and were not included. It is 0 where a ride
// that is served would not be any more: a promise is not given up for somebody else's sake.
func (m *model) gain(better *solver.Solution, group []solver.Vehicle) int64 {
	gain := int64(0)
	for _, v := range group {
		for _, n := range m.solution.Route(v) {
			if m.problem.IsDelivery(n) && better.VehicleOf(m.problem.RequestOf(n)) == solver.None {
				return 0
			}
		}
		gain += m.problem.RouteCost(v, m.solution.Route(v)) - m.problem.RouteCost(v, better.Route(v))
		for _, n := range better.Route(v) {
			if r := m.problem.RequestOf(n); m.problem.IsDelivery(n) {
				if gain -= m.kept(better, r); m.solution.VehicleOf(r) == solver.None {
					gain += m.problem.UnservedCost(r)
				}
			}
		}
	}
	return gain
}

// Engine is the actor of changes that nobody asked for.
var Engine = Actor{Subject: "engine"}

// rerouted is the route with its unfinished stops in the order of the solver's visits. The given rides stand in for what the
// state has.
func (a *areaDay) rerouted(m *model, old *Route, nodes []solver.Node, changed ...*Ride) *Route {
	done := old.Executed()
	next := &Route{Shift: old.Shift, Version: old.Version + 1, Stops: slices.Clone(old.Stops[:done])}
	for _, n := range nodes {
		id := m.stopOf(n)
		stop := Stop{StopID: id}
		for _, s := range old.Stops[done:] {
			if s.StopID == id {
				stop = s
			}
		}
		next.Stops = append(next.Stops, stop)
	}
	a.retimeLocked(next, changed...)
	return next
}

// stopOf is the stop that a node of the model stands for.
func (m *model) stopOf(n solver.Node) StopID {
	id := StopID{m.rides[m.problem.RequestOf(n)].ID, PickupStop}
	if m.problem.IsDelivery(n) {
		id.Kind = DropoffStop
	}
	return id
}
