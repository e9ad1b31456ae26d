package dispatch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/swmaas/swmaas/dispatch/solver"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// Batch is a day to be planned at once: all rides are known, and nothing has happened yet.
type Batch struct {
	Day    Day
	Rules  Rules
	Fleet  vehicles.Fleet
	Shifts []vehicles.Shift
	// Rides need ID, Party, places and Wish. A wish for an arrival gets a pickup window that suits it; MaxRide 0 gets the
	// rules' limit. ID must be unique.
	Rides []*Ride
	// Search bounds the improvement after the first plan.
	Search ImproveOptions
}

// BatchPlan is a planned day.
type BatchPlan struct {
	State    *State
	Shifts   []vehicles.Shift // gap-free, as the routes name them
	Unserved []Unserved       // by ride id
	// Violations are what the independent check found wrong with the plan: none, unless there is a fault in this program.
	Violations []string
	DrivenS    int64 // planned driving of all routes, seconds
	DrivenM    int64 // the same in metres of road
	DirectM    int64 // metres of road if every ride that is served were driven alone, from its pickup to its dropoff
}

// Unserved is a ride that no route holds, and why. Confirmed says that every position of every shift was tried for it
// once more in the final plan, and none was possible.
type Unserved struct {
	Ride      *Ride
	Refusals  []Refusal
	Confirmed bool
}

// ErrNothingToPlan means that a batch has no shift or no ride that any vehicle could reach.
var ErrNothingToPlan = errors.New("dispatch: nothing can be planned")

// PlanBatch plans the whole day: first every ride where it fits best, then the search. Rides that cannot be reached by
// road are unserved with that reason. Errors: ErrNothingToPlan, ErrInvalid, or the router's.
func PlanBatch(ctx context.Context, b Batch, travel TravelTimes) (*BatchPlan, error) {
	cfg := Config{Rules: b.Rules}.withDefaults()
	midnight, err := time.ParseInLocation(time.DateOnly, string(b.Day), cfg.Zone)
	if err != nil {
		return nil, fmt.Errorf("%w: day %q is not a date such as 2026-01-20", ErrInvalid, b.Day)
	}
	desk := &Desk{cfg: cfg, travel: travel, now: func() time.Time { return midnight }}
	a := newAreaDay(desk, AreaDay{"batch", b.Day}, midnight)
	if err := a.setFleet(ctx, &vehicles.Calendar{Fleet: b.Fleet}, b.Shifts); err != nil {
		return nil, err
	}
	a.state = NewState("batch", b.Day)
	plan := &BatchPlan{Shifts: a.shifts}
	for _, ride := range b.Rides {
		promised, refusal, err := a.promise(ctx, ride)
		if err != nil {
			return nil, err
		}
		if refusal != nil {
			plan.Unserved = append(plan.Unserved, Unserved{promised, []Refusal{*refusal}, true})
			continue
		}
		a.state.Rides[promised.ID] = promised
	}
	if len(a.shifts) == 0 || len(a.state.Rides) == 0 {
		return plan, ErrNothingToPlan
	}
	return plan, a.planBatch(b.Search, plan)
}

// promise turns a wish into a promise, or says which place no vehicle can reach.
func (a *areaDay) promise(ctx context.Context, ride *Ride) (*Ride, *Refusal, error) {
	r := *ride
	r.State, r.Version, r.Day = Booked, 1, a.key.Day
	req := Request{Pickup: r.Pickup, Dropoff: r.Dropoff}
	if refusal, err := a.locateLocked(ctx, &req); refusal != nil || err != nil {
		return &r, refusal, err
	}
	rules := &a.desk.cfg.Rules
	r.Direct, _ = a.places.unshared(r.Pickup.At, r.Dropoff.At, Window{})
	if r.Promise.MaxRide == 0 {
		r.Promise.MaxRide = r.maxRide(rules, r.Direct)
	}
	r.Promise.Pickup = r.Wish.Window
	if r.Wish.Kind == ArriveBy {
		latest := r.Wish.Window.Latest - a.places.planned(r.Pickup.At, r.Dropoff.At, Window{}) - r.Party.Board
		r.Promise.Pickup = Window{max(0, latest-rules.EarlyArrival), max(0, latest)}
		r.Promise.ArriveBy = r.Wish.Window.Latest
	}
	return &r, nil, nil
}

func (a *areaDay) planBatch(search ImproveOptions, plan *BatchPlan) error {
	m, err := a.buildModel(a.second())
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	m.insertAll()
	better := solver.Improve(m.problem, m.solution, search.solver())
	for _, v := range solver.Verify(m.problem, better) {
		plan.Violations = append(plan.Violations, fmt.Sprint(v))
	}
	for i := range a.shifts {
		v := solver.Vehicle(i)
		route := a.rerouted(m, &Route{Shift: a.shifts[i].ID}, better.Route(v))
		if len(route.Stops) > 0 {
			a.state.Routes[route.Shift] = route
			a.measure(route, &a.shifts[i], plan)
		}
	}
	for _, r := range better.Unassigned(nil) {
		found := m.inserter.Best(better, solver.Query{Request: r}, nil)
		plan.Unserved = append(plan.Unserved, Unserved{m.rides[r], a.explain(m, better, r, m.rides[r], nil).list(), len(found) == 0})
	}
	slices.SortFunc(plan.Unserved, func(x, y Unserved) int { return cmp.Compare(x.Ride.ID, y.Ride.ID) })
	plan.State = a.state
	return nil
}

// insertAll puts every ride that no route holds where it costs least, the hardest to place first: the shorter its window
// and the larger its party. So there is a whole plan however little time the search gets.
func (m *model) insertAll() {
	waiting := m.solution.Unassigned(nil)
	slices.SortStableFunc(waiting, func(x, y solver.Request) int {
		a, b := m.rides[x], m.rides[y]
		return cmp.Or(
			cmp.Compare(b.Party.Load.Stretchers+b.Party.Load.Wheelchairs, a.Party.Load.Stretchers+a.Party.Load.Wheelchairs),
			cmp.Compare(a.Promise.Pickup.Latest-a.Promise.Pickup.Earliest, b.Promise.Pickup.Latest-b.Promise.Pickup.Earliest),
			cmp.Compare(a.Promise.Pickup.Earliest, b.Promise.Pickup.Earliest), cmp.Compare(a.ID, b.ID))
	})
	var found []solver.Insertion
	for _, r := range waiting {
		if found = m.inserter.Best(m.solution, solver.Query{Request: r}, found[:0]); len(found) > 0 {
			m.inserter.Apply(m.solution, found[0])
		}
	}
}

// measure adds the driving of a route to the plan's sums.
func (a *areaDay) measure(route *Route, shift *vehicles.Shift, plan *BatchPlan) {
	at := shift.Start
	add := func(to geo.LatLng) {
		seconds, meters := a.places.unshared(at, to, Window{})
		plan.DrivenS, plan.DrivenM, at = plan.DrivenS+int64(seconds), plan.DrivenM+int64(meters), to
	}
	for _, s := range route.Stops {
		ride := a.state.Rides[s.Ride]
		add(place(ride, s.Kind))
		if s.Kind == DropoffStop {
			_, meters := a.places.unshared(ride.Pickup.At, ride.Dropoff.At, Window{})
			plan.DirectM += int64(meters)
		}
	}
	add(shift.End)
}
