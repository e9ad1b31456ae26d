package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/sim/town"
	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// live measures repairs and steps on one day, with a Redis that syncs every write.
func (c *benchDayCmd) live(ctx context.Context, dir string, roads *checkRoads, std streams, f *dayFigures) (err error) {
	b, err := startDay(ctx, filepath.Join(dir, "live"), c.Seed, false, roads, std, &f.Violations)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.e.close(context.WithoutCancel(ctx))) }()
	if f.Rides, err = b.fill(ctx, c.Rides); err != nil {
		return err
	}
	if err := b.closures(ctx, f); err != nil {
		return fmt.Errorf("closure: %w", err)
	}
	if err := b.drive(ctx, c.Steps, c.Ahead, f); err != nil {
		return fmt.Errorf("steps: %w", err)
	}
	return nil
}

// closures closes each bridge that the plan uses for the whole day and opens it again, and takes down the slowest repair.
func (b *dayBench) closures(ctx context.Context, f *dayFigures) error {
	used := 0
	for _, name := range town.Bridges() {
		closed := routing.Conditions{Closures: []routing.Closure{{Ways: b.town.Graph.WaysNamed(name)}}}
		p, err := b.plan(ctx, routing.Conditions{}, nil)
		if err != nil {
			return err
		}
		if uses, err := b.uses(ctx, p, closed); err != nil || !uses {
			if err != nil {
				return err
			}
			continue
		}
		used++
		took, err := b.closure(ctx, name, closed)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		f.ClosureRepairMs = max(f.ClosureRepairMs, milliseconds(took))
	}
	if used == 0 {
		return errors.New("the plan uses no bridge")
	}
	return nil
}

// uses reports whether a drive of the plan takes longer while roads are closed.
func (b *dayBench) uses(ctx context.Context, p *checkedPlan, closed routing.Conditions) (longer bool, err error) {
	under, err := b.roads.legs(ctx, p, closed)
	if err != nil {
		return false, err
	}
	p.each(func(_ *vehicles.Shift, from, to geo.LatLng) {
		ordinary, _ := p.legs.between(from, to)
		then, _ := under.between(from, to)
		longer = longer || then > ordinary
	})
	return longer, nil
}

// closure closes a bridge, checks the plan, and opens the bridge again. The time is from the call until the plan is committed.
func (b *dayBench) closure(ctx context.Context, name string, closed routing.Conditions) (time.Duration, error) {
	begin := time.Now()
	id, days, err := b.e.desk.SetCondition(ctx, benchActor, town.Area, dispatch.ConditionOrder{
		From: b.clock.at(0), Until: b.clock.at(24 * 3600), Condition: dispatch.Condition{Kind: dispatch.RoadClosed, Road: name, Reason: "FLOOD"},
	}, "close-"+name)
	took := time.Since(begin)
	if err != nil {
		return 0, err
	}
	day := slices.IndexFunc(days, func(d dispatch.DayRepair) bool { return d.Day == b.town.Day }) // the night before it is met as well
	if day < 0 {
		return 0, fmt.Errorf("the closure of %s does not hold on %s", name, b.town.Day)
	}
	repair := &days[day].Repair
	b.tell(name+" closes", repair, took)
	p, err := b.plan(ctx, closed, repair.Late)
	if err != nil {
		return 0, err
	}
	_, _ = fmt.Fprintf(b.std.err, "bench day: no road leads to or from %d of those who were dropped\n", p.cutOff(repair.Dropped))
	_, err = b.e.desk.LiftCondition(ctx, benchActor, town.Area, b.town.Day, id, 1, "open-"+name)
	return took, err
}

// tell prints what a repair came to.
func (b *dayBench) tell(what string, r *dispatch.Repair, took time.Duration) {
	_, _ = fmt.Fprintf(b.std.err, "bench day: %s: %.0f ms; %d routes timed anew, %d rides elsewhere with the promise kept, %d with another promise, %d fetched, %d dropped, %d late\n",
		what, milliseconds(took), len(r.Retimed), len(r.Kept), len(r.Moved), len(r.Fetched), len(r.Dropped), len(r.Late))
}

// breakdown takes the van out of service that has the fewest rides aboard or ahead, but so many and somebody aboard. done is false
// where there is none yet.
func (b *dayBench) breakdown(ctx context.Context, ahead int, f *dayFigures) (done bool, err error) {
	state, err := b.e.desk.State(ctx, town.Area, b.town.Day)
	if err != nil {
		return false, err
	}
	shifts, err := b.e.desk.Shifts(ctx, town.Area, b.town.Day)
	if err != nil {
		return false, err
	}
	loads := b.vanLoads(state, shifts)
	var van vehicles.VehicleID
	for id, l := range loads {
		if better := van == "" || l.all < loads[van].all || l.all == loads[van].all && id < van; l.all >= ahead && l.aboard > 0 && better {
			van = id
		}
	}
	if van == "" {
		return false, nil
	}
	begin := time.Now()
	repair, err := b.e.desk.TakeOut(ctx, benchActor, town.Area, dispatch.StandDown{Day: b.town.Day, Vehicle: van, Cause: dispatch.Breakdown, At: loads[van].at}, "breakdown")
	took := time.Since(begin)
	if err != nil {
		return false, err
	}
	f.BreakdownRepairMs, f.BreakdownRides, f.BreakdownAboard = milliseconds(took), loads[van].all, loads[van].aboard
	b.tell(fmt.Sprintf("%s breaks down with %d rides aboard or ahead", van, loads[van].all), repair, took)
	_, err = b.plan(ctx, routing.Conditions{}, repair.Late)
	return true, err
}

// vanLoad is what a vehicle still has to do, and where it was last.
type vanLoad struct {
	aboard, all int // rides
	at          geo.LatLng
}

// vanLoads is the load of every vehicle.
func (b *dayBench) vanLoads(state *dispatch.State, shifts []vehicles.Shift) map[vehicles.VehicleID]vanLoad {
	loads := map[vehicles.VehicleID]vanLoad{}
	for i := range b.town.Fleet.Vehicles {
		loads[b.town.Fleet.Vehicles[i].ID] = vanLoad{at: b.town.Fleet.Vehicles[i].Home}
	}
	for i := range shifts {
		route, l := state.Routes[shifts[i].ID], loads[shifts[i].Vehicle]
		if route == nil {
			continue
		}
		for _, s := range route.Stops {
			ride := state.Rides[s.Ride]
			switch {
			case s.State.Finished():
				l.at = stopPlace(ride, s.Kind)
			case s.Kind == dispatch.DropoffStop:
				l.all++
				if ride.State == dispatch.UnderWay {
					l.aboard++
				}
			}
		}
		loads[shifts[i].Vehicle] = l
	}
	return loads
}

// nextStep is what the next driver to do something reports, by the plan as it is now.
func (b *dayBench) nextStep(ctx context.Context) (step dispatch.Step, at int32, ok bool, err error) {
	state, err := b.e.desk.State(ctx, town.Area, b.town.Day)
	if err != nil {
		return step, 0, false, err
	}
	shifts, err := b.e.desk.Shifts(ctx, town.Area, b.town.Day)
	if err != nil {
		return step, 0, false, err
	}
	for i := range shifts {
		route := state.Routes[shifts[i].ID]
		if route == nil {
			continue
		}
		k := slices.IndexFunc(route.Stops, func(s dispatch.Stop) bool { return !s.State.Finished() })
		if k < 0 {
			continue
		}
		s := &route.Stops[k]
		kind, due := dispatch.StepDepart, s.LeaveBy
		switch {
		case s.State == dispatch.EnRoute:
			kind, due = dispatch.StepArrive, s.Arrive
		case s.State == dispatch.Arrived && s.Kind == dispatch.PickupStop:
			kind, due = dispatch.StepBoard, s.Depart
		case s.State == dispatch.Arrived:
			kind, due = dispatch.StepAlight, s.Depart
		}
		if !ok || due < at {
			step, at, ok = dispatch.Step{Area: town.Area, Day: b.town.Day, Vehicle: shifts[i].Vehicle, Kind: kind, Stop: s.StopID}, due, true
		}
	}
	return step, at, ok, nil
}
