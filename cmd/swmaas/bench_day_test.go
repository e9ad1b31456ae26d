package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/sim/town"
	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/vehicles"
)

func TestBenchDayPrintsEveryFigure(t *testing.T) {
	code, stdout, stderr := runMain(t, "bench", "day", "--seeds", "1", "--iterations", "300", "--threads", "1", "--calls", "60",
		"--rides", "60", "--ahead", "3", "--steps", "40", "--json", "-")
	if code != exitDone {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	var f dayFigures
	if err := json.Unmarshal([]byte(stdout), &f); err != nil {
		t.Fatalf("standard output is not one JSON object: %v\n%s", err, stdout)
	}
	if f.ImprovedKm <= 0 || f.ImprovedKm >= f.InsertionOnlyKm {
		t.Errorf("%.1f km by insertion, %.1f km improved", f.InsertionOnlyKm, f.ImprovedKm)
	}
	if f.ClosureRepairMs <= 0 || f.BreakdownRepairMs <= 0 || f.StepToWatchP99Ms <= 0 {
		t.Errorf("a time is missing: %+v", f)
	}
	if f.Violations != 0 || f.Rides != 60 || f.BreakdownRides < 3 || f.BreakdownAboard < 1 || f.Steps != 40 || len(f.Seeds) != 1 || f.Seeds[0].Rides != 60 {
		t.Errorf("not what was asked for: %+v\n%s", f, stderr)
	}
}

func TestBenchDayRefusesNoSeeds(t *testing.T) {
	if code, _, _ := runMain(t, "bench", "day", "--seeds", "0"); code != exitUsage {
		t.Errorf("exit %d, want %d", code, exitUsage)
	}
}

// TestBenchDayChecksPlans spoils a good plan in every way that the check is for.
func TestBenchDayChecksPlans(t *testing.T) {
	graph, err := town.Roads()
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	b, err := startDay(t.Context(), t.TempDir(), 1, true, newCheckRoads(graph), streams{out: t.Output(), err: t.Output()}, &found)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.e.close(t.Context()) }()
	if _, err := b.fill(t.Context(), 40); err != nil {
		t.Fatal(err)
	}
	good, err := b.plan(t.Context(), routing.Conditions{}, nil)
	if err != nil || found > 0 {
		t.Fatalf("%v, %d violations of a plan that nobody touched", err, found)
	}
	shift := vehicles.ShiftID("")
	for _, id := range slices.Sorted(maps.Keys(good.state.Routes)) {
		if r := good.state.Routes[id]; shift == "" || len(r.Stops) > len(good.state.Routes[shift].Stops) {
			shift = id
		}
	}
	for name, c := range map[string]struct {
		spoil func(p *checkedPlan, r *dispatch.Route, ride *dispatch.Ride)
		says  string
	}{
		"late pickup": {func(_ *checkedPlan, r *dispatch.Route, ride *dispatch.Ride) {
			ride.Promise.Pickup.Latest = r.Stops[0].Begin - 1
		}, "is fetched at"},
		"long ride": {func(_ *checkedPlan, _ *dispatch.Route, ride *dispatch.Ride) {
			ride.Promise.MaxRide, ride.Promise.ArriveBy = 1, 0
		}, "is aboard for"},
		"late arrival": {func(_ *checkedPlan, _ *dispatch.Route, ride *dispatch.Ride) { ride.Promise.ArriveBy = 1 }, "promised by 1"},
		"missing stop": {func(_ *checkedPlan, r *dispatch.Route, _ *dispatch.Ride) { r.Stops = r.Stops[1:] }, "with 1 stops"},
		"too fast": {func(p *checkedPlan, r *dispatch.Route, _ *dispatch.Ride) {
			r.Stops[0].Arrive = p.shiftNamed(shift).Span.Start - 1
		}, "by road"},
		"too many":         {func(_ *checkedPlan, _ *dispatch.Route, ride *dispatch.Ride) { ride.Party.Load.Seats = 20 }, "fits no layout"},
		"after the shift":  {func(p *checkedPlan, _ *dispatch.Route, _ *dispatch.Ride) { p.shiftNamed(shift).Span.End = 9 * 3600 }, "the shift ends at"},
		"of another shift": {func(p *checkedPlan, _ *dispatch.Route, _ *dispatch.Ride) { p.shiftNamed(shift).ID = "S-0" }, "is of no shift"},
	} {
		t.Run(name, func(t *testing.T) {
			p := &checkedPlan{state: good.state.With(&dispatch.Commit{}, 1), shifts: slices.Clone(good.shifts), fleet: good.fleet, legs: good.legs}
			route := *good.state.Routes[shift]
			route.Stops = slices.Clone(route.Stops)
			ride := *p.state.Rides[route.Stops[0].Ride]
			p.state.Routes[shift], p.state.Rides[ride.ID] = &route, &ride
			c.spoil(p, &route, &ride)
			if wrong := strings.Join(p.faults(), "\n"); !strings.Contains(wrong, c.says) {
				t.Errorf("nothing says %q:\n%s", c.says, wrong)
			}
		})
	}
}

func (p *checkedPlan) shiftNamed(id vehicles.ShiftID) *vehicles.Shift {
	return &p.shifts[slices.IndexFunc(p.shifts, func(s vehicles.Shift) bool { return s.ID == id })]
}
