package dispatch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// WhatIf asks how a day would be that is another one: with more vehicles, without some, without drivers, with roads closed. It is
// played through on a copy of the day; nothing of the real one is touched.
type WhatIf struct {
	More           []vehicles.ShiftID   // shifts that there is one more of, with a vehicle and a driver like theirs
	Without        []vehicles.VehicleID // vehicles that do not drive from now on
	WithoutDrivers []vehicles.DriverID  // drivers who do not
	Conditions     []ConditionOrder     // of roads
	Iterations     int                  // of improvement, of the day as it is as well; 0 means 1,000
	Seed           uint64
}

const (
	whatIfIterations = 1000
	whatIfMost       = 20 // of each kind
)

func (w *WhatIf) validate() error {
	n := max(len(w.More), len(w.Without), len(w.WithoutDrivers), len(w.Conditions))
	switch {
	case n == 0:
		return fmt.Errorf("%w: what if: nothing is different", ErrInvalid)
	case n > whatIfMost:
		return fmt.Errorf("%w: what if: at most %d of a kind", ErrInvalid, whatIfMost)
	case w.Iterations < 0 || w.Iterations > 100*whatIfIterations:
		return fmt.Errorf("%w: what if: iterations: %d", ErrInvalid, w.Iterations)
	}
	return nil
}

// DayFigures are a planned day in figures.
type DayFigures struct {
	Served   int   // rides that have a vehicle, or had one
	Unserved int   // wishes and rides that have none: unmet, on the waitlist, without a vehicle, promised and dropped
	Late     int   // rides that miss what they were promised
	Told     int   // people who would have to be told something
	Vehicles int   // that drive
	Meters   int64 // of road, of the whole day
	Seconds  int64 // of driving
}

// WhatIfResult compares a day with what it would be.
type WhatIfResult struct {
	Revision int64 // of the day that it was worked out from
	// Now is the day as it is, after as much improvement as Then had.
	Now, Then DayFigures
	Won       []RideID // without a vehicle now, with one then
	Lost      []RideID // the other way round
	Moved     []RideID // promised another time then
}

// WhatIf plays a day through as it is and as it would be, and compares the two. Errors: ErrInvalid, ErrNotFound for a shift, vehicle
// or driver that the day does not have, or the store's.
func (d *Desk) WhatIf(ctx context.Context, area AreaID, day Day, w WhatIf) (*WhatIfResult, error) {
	if err := w.validate(); err != nil {
		return nil, err
	}
	a, err := d.open(ctx, area, day)
	if err != nil {
		return nil, err
	}
	state := a.current()
	now, err := d.playedThrough(ctx, state, &WhatIf{Iterations: w.Iterations, Seed: w.Seed})
	if err != nil {
		return nil, err
	}
	then, err := d.playedThrough(ctx, state, &w)
	if err != nil {
		return nil, err
	}
	r := &WhatIfResult{Revision: state.Revision, Now: now.figures(), Then: then.figures()}
	for _, id := range slices.Sorted(maps.Keys(state.Rides)) {
		before, after := now.serves(id), then.serves(id)
		switch {
		case after && !before:
			r.Won = append(r.Won, id)
		case before && !after:
			r.Lost = append(r.Lost, id)
		case before && now.state.Rides[id] != nil && then.state.Rides[id].Promise != now.state.Rides[id].Promise:
			r.Moved = append(r.Moved, id)
		}
	}
	return r, nil
}

// played is a copy of a day after it was played through.
type played struct {
	*areaDay
	instead map[RideID]RideID // of wishes that had no place, the ride that they became
	told    int               // Tells of the real day that are open
}

// playedThrough plays a copy of a day through.
func (d *Desk) playedThrough(ctx context.Context, state *State, w *WhatIf) (*played, error) {
	copied, err := d.copied(ctx, state, w)
	if err != nil {
		return nil, err
	}
	a, err := copied.open(ctx, state.Area, state.Day)
	if err != nil {
		return nil, err
	}
	for i, v := range w.Without {
		at := a.standsAt(state, func(s *vehicles.Shift) bool { return s.Vehicle == v })
		out := StandDown{Day: state.Day, Vehicle: v, Cause: OutOfService, At: at}
		if _, err := copied.TakeOut(ctx, Engine, state.Area, out, fmt.Sprint("vehicle ", i)); err != nil {
			return nil, err
		}
	}
	for i, driver := range w.WithoutDrivers {
		at := a.standsAt(state, func(s *vehicles.Shift) bool { return s.Driver == driver })
		out := StandDown{Day: state.Day, Driver: driver, Cause: DriverSick, At: at}
		if _, err := copied.TakeOut(ctx, Engine, state.Area, out, fmt.Sprint("driver ", i)); err != nil {
			return nil, err
		}
	}
	for i, c := range w.Conditions {
		if _, _, err := copied.SetCondition(ctx, Engine, state.Area, c, fmt.Sprint("condition ", i)); err != nil {
			return nil, err
		}
	}
	p := &played{areaDay: a, instead: map[RideID]RideID{}}
	notesOf(state, func(_ *Note, t *Tell) {
		if t.Told == nil {
			p.told++
		}
	})
	if err := p.askAgain(ctx, copied, state); err != nil {
		return nil, err
	}
	iterations := w.Iterations
	if iterations == 0 {
		iterations = whatIfIterations
	}
	_, err = copied.Improve(ctx, state.Area, state.Day, ImproveOptions{Iterations: iterations, Seed: w.Seed, Stop: func() bool {
		d.yield() // callers of the real desk come first
		return ctx.Err() != nil
	}})
	if err == nil && ctx.Err() != nil { // a search that was broken off compares nothing
		err = fmt.Errorf("dispatch: what if %s %s: %w", state.Area, state.Day, ctx.Err())
	}
	return p, err
}

// standsAt is where the vehicle of a shift is that has begun, by its route: at its last finished stop. It is the zero value where
// none has begun.
func (a *areaDay) standsAt(state *State, of func(*vehicles.Shift) bool) (at geo.LatLng) {
	for i := range a.shifts {
		route := state.Routes[a.shifts[i].ID]
		if route == nil || !of(&a.shifts[i]) || route.Executed() == 0 {
			continue
		}
		s := route.Stops[route.Executed()-1]
		at = place(state.Rides[s.Ride], s.Kind)
	}
	return at
}

// askAgain asks once more for those who had no place, in the order in which they asked.
func (p *played) askAgain(ctx context.Context, d *Desk, state *State) error {
	var list []*Ride
	for _, r := range state.Rides {
		if r.State == Unmet || r.State == Draft && r.waits() {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(x, y *Ride) int { return cmp.Or(x.Created.Compare(y.Created), cmp.Compare(x.ID, y.ID)) })
	for _, r := range list {
		req := r.request()
		req.Booking, req.Offers = "", 1
		if req.validate() != nil {
			continue // of an erased person
		}
		quote, err := d.Quote(ctx, Engine, *req)
		if err != nil {
			return err
		}
		if len(quote.Offers) == 0 {
			continue
		}
		got, err := d.Book(ctx, Engine, state.Area, quote.Offers[0].Token, "what if "+string(r.ID))
		if err != nil {
			return err
		}
		if got.Ride != nil {
			p.instead[r.ID] = got.Ride.ID
		}
	}
	return nil
}

// serves reports whether a ride of the real day has a vehicle, or had one.
func (p *played) serves(id RideID) bool {
	if p.instead[id] != "" {
		return true
	}
	r := p.state.Rides[id]
	return r != nil && (r.State == Completed || r.Open() && p.state.RouteOf(id) != nil)
}

// figures counts the played day.
func (p *played) figures() (f DayFigures) {
	for id, r := range p.state.Rides {
		switch {
		case p.instead[id] != "":
		case p.serves(id):
			f.Served++
		case r.State == Unmet, r.State == Missed, r.State == Cancelled && r.Cancel == CancelProvider, r.State == Draft && r.waits(), r.Open():
			f.Unserved++
		}
	}
	driving := map[vehicles.VehicleID]bool{}
	for i := range p.shifts {
		route := p.routeLocked(p.shifts[i].ID)
		if len(route.Stops) == 0 {
			continue
		}
		driving[p.shifts[i].Vehicle] = true
		f.Late += len(p.breaches(route, nil))
		meters, seconds := p.lengthOf(route)
		f.Meters, f.Seconds = f.Meters+meters, f.Seconds+seconds
	}
	f.Vehicles = len(driving)
	notesOf(p.state, func(_ *Note, t *Tell) {
		if t.Told == nil {
			f.Told++
		}
	})
	f.Told = max(0, f.Told-p.told)
	return f
}

// copied is a desk of its own on a copy of the day, with the shifts that there are more of.
func (d *Desk) copied(ctx context.Context, state *State, w *WhatIf) (*Desk, error) {
	key := AreaDay{state.Area, state.Day}
	calendar, shifts, _, err := d.roster(ctx, key)
	if err != nil {
		return nil, err
	}
	for _, v := range w.Without {
		if !slices.ContainsFunc(shifts, func(s vehicles.Shift) bool { return s.Vehicle == v }) {
			return nil, fmt.Errorf("%w: vehicle %s has no shift that day", ErrNotFound, v)
		}
	}
	fleet := &copiedFleet{FleetStore: d.fleet, calendars: d.cfg.Calendars, key: key, fleet: calendar.Fleet, shifts: slices.Clone(shifts)}
	fleet.fleet.Vehicles = slices.Clone(calendar.Fleet.Vehicles)
	for i, like := range w.More {
		k := slices.IndexFunc(shifts, func(s vehicles.Shift) bool { return s.ID == like })
		if k < 0 {
			return nil, fmt.Errorf("%w: shift %s", ErrNotFound, like)
		}
		fleet.add(shifts[k], fmt.Sprintf("what-if-%d", i+1))
	}
	cfg := d.cfg
	cfg.Calendars = fleet
	return NewDesk(cfg, newCopiedPlans(d.plans, state), fleet, d.travel, d.now)
}

// copiedFleet is the fleet of a copied day with its additional shifts. It is not changed once it is used.
type copiedFleet struct {
	FleetStore
	calendars Calendars
	key       AreaDay
	fleet     vehicles.Fleet
	shifts    []vehicles.Shift
	like      map[vehicles.VehicleID]vehicles.VehicleID
}

// add adds a shift like another one, on a vehicle like its own.
func (f *copiedFleet) add(s vehicles.Shift, name string) {
	for _, v := range f.fleet.Vehicles {
		if v.ID == s.Vehicle {
			v.ID, v.Name = vehicles.VehicleID(name), name
			f.fleet.Vehicles = append(f.fleet.Vehicles, v)
			break
		}
	}
	if f.like == nil {
		f.like = map[vehicles.VehicleID]vehicles.VehicleID{}
	}
	f.like[vehicles.VehicleID(name)] = s.Vehicle
	s.ID, s.Vehicle = vehicles.ShiftID(name), vehicles.VehicleID(name)
	f.shifts = append(f.shifts, s)
}

// Fleet is the fleet with the additional vehicles.
func (f *copiedFleet) Fleet(context.Context, string) (vehicles.Fleet, error) { return f.fleet, nil }

// Shifts are those of the copied day.
func (f *copiedFleet) Shifts(ctx context.Context, area, day string) ([]vehicles.Shift, error) {
	if area == string(f.key.Area) && day == string(f.key.Day) {
		return f.shifts, nil
	}
	return f.FleetStore.Shifts(ctx, area, day)
}

// Calendar is the area's, in which an additional vehicle has the papers of the one that it is like.
func (f *copiedFleet) Calendar(ctx context.Context, area string) (*vehicles.Calendar, error) {
	if f.calendars == nil {
		return nil, nil
	}
	c, err := f.calendars.Calendar(ctx, area)
	if err != nil || c == nil {
		return c, err
	}
	for v, like := range f.like {
		for _, p := range c.Papers {
			if p.Vehicle == like {
				p.Vehicle = v
				c.Papers = append(c.Papers, p)
				break
			}
		}
	}
	return c, nil
}

// copiedPlans is a store in memory that begins with a copy of one day and reads all other days from the real one. Nothing that is
// committed to it goes any further. Safe for concurrent use.
type copiedPlans struct {
	real PlanStore
	mu   sync.Mutex
	days map[AreaDay]*State // guarded by mu
}

var errCopy = errors.New("dispatch: a copied day keeps no events")

func newCopiedPlans(real PlanStore, state *State) *copiedPlans {
	return &copiedPlans{real: real, days: map[AreaDay]*State{{state.Area, state.Day}: state}}
}

// Replay knows no request: a copy is asked everything once.
func (s *copiedPlans) Replay(context.Context, AreaID, IdempotencyKey) ([]byte, bool, error) {
	return nil, false, nil
}

// Load reads a day of the copy, or the real one where the copy has not changed it.
func (s *copiedPlans) Load(ctx context.Context, area AreaID, day Day) (*State, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state := s.days[AreaDay{area, day}]; state != nil {
		return state, nil
	}
	state, err := s.real.Load(ctx, area, day)
	if err == nil {
		s.days[AreaDay{area, day}] = state
	}
	return state, err
}

// Commit changes the copy.
func (s *copiedPlans) Commit(ctx context.Context, c *Commit) (int64, error) {
	state, err := s.Load(ctx, c.Area, c.Day)
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	next := state.With(c, state.Revision+1)
	s.days[AreaDay{c.Area, c.Day}] = next
	return next.Revision, nil
}

// Events fails: nobody follows a copy.
func (s *copiedPlans) Events(context.Context, AreaID, Day, EventID, int) ([]Event, error) {
	return nil, errCopy
}
