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
	MinGain    int64 // seconds of driving below which nothing is moved; 0 means 60
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
	a.mu.Lock()
	a.expireLocked()
	state := a.state
	m, err := a.buildModel(a.places.view(), a.second())
	a.mu.Unlock()
	if err != nil {
		return ImproveResult{}, fmt.Errorf("dispatch: improve %s %s: %w", area, day, err)
	}
	if len(m.rides) == 0 {
		return ImproveResult{Revision: state.Revision}, nil
	}
	better := solver.Improve(m.problem, m.solution, opt.solver())
	result := ImproveResult{Gain: m.solution.Cost() - better.Cost(), Revision: state.Revision}
	minGain := opt.MinGain
	if minGain == 0 {
		minGain = defaultMinGain
	}
	if result.Gain < minGain {
		result.Gain = 0
		return result, nil
	}
	return result, a.adopt(ctx, state, m, better, &result)
}

// adopt commits the routes of better that differ, unless one of them was changed since the snapshot.
func (a *areaDay) adopt(ctx context.Context, seen *State, m *model, better *solver.Solution, result *ImproveResult) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	c := &Commit{}
	for i := range a.shifts {
		v := solver.Vehicle(i)
		if slices.Equal(m.solution.Route(v), better.Route(v)) {
			continue
		}
		old := a.routeLocked(a.shifts[i].ID)
		if old != seen.Routes[old.Shift] && old.Version != 0 {
			*result = ImproveResult{Lost: true, Revision: a.state.Revision}
			return nil
		}
		c.Routes = append(c.Routes, a.rerouted(m, old, better.Route(v)))
		c.Events = append(c.Events, Event{Actor: Engine.Subject, Kind: RouteImproved, Shift: old.Shift})
	}
	err := a.commitLocked(ctx, c)
	if errors.Is(err, ErrStale) {
		*result = ImproveResult{Lost: true}
		err = a.refreshLocked(ctx)
	}
	result.Revision = a.state.Revision
	result.Routes = len(c.Routes)
	return err
}

// Engine is the actor of changes that nobody asked for.
var Engine = Actor{Subject: "engine"}

// rerouted is the route with its unfinished stops in the order of the solver's visits. The given rides stand in for what the
// state has.
func (a *areaDay) rerouted(m *model, old *Route, nodes []solver.Node, changed ...*Ride) *Route {
	done := old.Executed()
	next := &Route{Shift: old.Shift, Version: old.Version + 1, Stops: slices.Clone(old.Stops[:done])}
	for _, n := range nodes {
		id := StopID{m.rides[m.problem.RequestOf(n)].ID, PickupStop}
		if m.problem.IsDelivery(n) {
			id.Kind = DropoffStop
		}
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
