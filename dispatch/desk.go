package dispatch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/swmaas/swmaas/vehicles"
)

// Desk makes every change of every plan: it answers callers, takes drivers' steps and improves in the background. It keeps
// nothing that the PlanStore does not have, so any number of desks may work on the same store; a lost race is read again
// and tried again. All methods are safe for concurrent use.
type Desk struct {
	// immutable after NewDesk
	cfg    Config
	plans  PlanStore
	fleet  FleetStore
	travel TravelTimes
	now    func() time.Time
	seal   *offerSealer
	past   pastRides
	off    func() map[Day]bool // national holidays, for calendars
	reach  func() filter

	waiting atomic.Int32 // callers who wait for an answer

	mu   sync.Mutex
	days map[AreaDay]*areaDay // guarded by mu
}

// NewDesk returns a desk on the given stores. now is the clock; nothing else in this package reads one.
func NewDesk(cfg Config, plans PlanStore, fleet FleetStore, travel TravelTimes, now func() time.Time) (*Desk, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	seal, err := newOfferSealer(cfg.OfferKey)
	if err != nil {
		return nil, err
	}
	return &Desk{
		cfg: cfg, plans: plans, fleet: fleet, travel: travel, now: now, seal: seal, days: map[AreaDay]*areaDay{},
		off:   sync.OnceValue(nationalHolidays),
		reach: sync.OnceValue(func() filter { return newFilter(travel) }),
		past:  pastRides{days: map[AreaDay]map[RiderID]map[RideID]PastRide{}},
	}, nil
}

// Zone is the time zone of the desk's service days.
func (d *Desk) Zone() *time.Location { return d.cfg.Zone }

// Second is the service-day second of a moment; it is negative before the day and passes 86400 after it.
func (d *Desk) Second(day Day, at time.Time) (int32, error) {
	midnight, err := d.Midnight(day)
	if err != nil {
		return 0, err
	}
	return int32(at.Sub(midnight) / time.Second), nil
}

// Midnight is 00:00 of the service day.
func (d *Desk) Midnight(day Day) (time.Time, error) {
	midnight, err := time.ParseInLocation(time.DateOnly, string(day), d.cfg.Zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("%w: day %q is not a date such as 2026-01-20", ErrInvalid, day)
	}
	return midnight, nil
}

// open returns the area-day, read from the stores on first use.
func (d *Desk) open(ctx context.Context, area AreaID, day Day) (*areaDay, error) {
	midnight, err := d.Midnight(day)
	if err != nil {
		return nil, err
	}
	if area == "" {
		return nil, fmt.Errorf("%w: area is empty", ErrInvalid)
	}
	d.mu.Lock()
	key := AreaDay{area, day}
	a := d.days[key]
	if a == nil {
		a = newAreaDay(d, key, midnight)
		d.days[key] = a
	}
	d.mu.Unlock()
	return a, a.load(ctx)
}

// AreaDay names one area on one service day.
type AreaDay struct {
	Area AreaID
	Day  Day
}

// OpenDays lists the area-days in memory, those that somebody asked about, by area and day.
func (d *Desk) OpenDays() []AreaDay {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.SortedFunc(maps.Keys(d.days), func(x, y AreaDay) int {
		return cmp.Or(cmp.Compare(x.Area, y.Area), cmp.Compare(x.Day, y.Day))
	})
}

// Refresh reads an area-day again that is in memory and older than the revision, as when another process has changed it. A
// day that nobody asked about is left alone.
func (d *Desk) Refresh(ctx context.Context, day AreaDay, revision int64) error {
	d.mu.Lock()
	a := d.days[day]
	d.mu.Unlock()
	if a == nil {
		d.past.forget(day)
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.loaded.Load() || a.state.Revision >= revision {
		return nil
	}
	return a.refreshLocked(ctx)
}

// Forget drops what is held in memory of an area-day, so that its next use reads fleet, shifts and plan again.
func (d *Desk) Forget(area AreaID, day Day) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.days, AreaDay{area, day})
}

// State is the area-day as it is now.
func (d *Desk) State(ctx context.Context, area AreaID, day Day) (*State, error) {
	a, err := d.open(ctx, area, day)
	if err != nil {
		return nil, err
	}
	return a.current(), nil
}

// areaDay is one area on one service day in memory: the state, what never changes during the day, and the solver's view.
type areaDay struct {
	desk     *Desk
	key      AreaDay
	midnight time.Time

	loaded atomic.Bool
	shown  atomic.Pointer[State]            // the state as it is stored, for readers without the lock
	laid   atomic.Pointer[[]vehicles.Shift] // shifts, for readers without the lock: a change holds it while it is stored
	looks  chan *areaDay                    // views of the area-day for quotes; see look

	predicted predictions

	mu       sync.Mutex // orders all changes of the area-day
	state    *State
	policies *PolicySet         // that the area-day was opened under; nil where the desk decides without
	problems []vehicles.Problem // what the calendar found in the way of shifts
	calendar *vehicles.Calendar // of the fleet, and with given what setFleet made the rest of
	given    []vehicles.Shift
	shifts   []vehicles.Shift // gap-free, ordered by vehicle and time
	byShift  map[vehicles.ShiftID]int
	vehicles map[vehicles.VehicleID]*vehicles.Vehicle
	roads    *roadBook        // shared with the looks
	places   *placeTable      // under the conditions of the state
	halts    *halts           // of the fleet
	whole    []vehicles.Shift // as the fleet has them, gap-free; shifts is what outages leave of them
	back     map[vehicles.ShiftID]*comeback
	rules    Rules     // the desk's, with the limits of the day's policy
	filter   filter    // of shifts that cannot come in time
	legal    *rulebook // what the day's policy says
	model    *model    // of state at some second; nil when it has to be brought up to date
	live     *model    // the last model, which the next one is made of
	rests    []restMemo
	specs    []specMemo // by request of the last model
	watchers map[*watcher]struct{}
	next     *areaDay // what took its place when the fleet changed; nil for none
	near     nearing  // of the route that is being looked at
	holds    holds
	steadily bool // the model that is being built is for improvement, which pays for moving somebody
	stripped bool // routes in memory lack the stops of holds that have run out
}

func newAreaDay(d *Desk, key AreaDay, midnight time.Time) *areaDay {
	return &areaDay{desk: d, key: key, midnight: midnight, watchers: map[*watcher]struct{}{}}
}

// load reads the area-day once.
func (a *areaDay) load(ctx context.Context) error {
	if a.loaded.Load() {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.loaded.Load() {
		return nil
	}
	calendar, shifts, problems, err := a.desk.roster(ctx, a.key)
	if err != nil {
		return fmt.Errorf("dispatch: open %s %s: %w", a.key.Area, a.key.Day, err)
	}
	a.problems = problems
	if a.policies, err = a.desk.policies(ctx, a.key.Area); err != nil {
		return fmt.Errorf("dispatch: open %s %s: %w", a.key.Area, a.key.Day, err)
	}
	if err := a.setFleet(ctx, calendar, shifts); err != nil {
		return err
	}
	if err := a.refreshLocked(ctx); err != nil {
		return err
	}
	a.openLooks()
	a.loaded.Store(true)
	return nil
}

func (a *areaDay) setFleet(ctx context.Context, calendar *vehicles.Calendar, shifts []vehicles.Shift) error {
	fleet := &calendar.Fleet
	a.vehicles = map[vehicles.VehicleID]*vehicles.Vehicle{}
	for i := range fleet.Vehicles {
		a.vehicles[fleet.Vehicles[i].ID] = &fleet.Vehicles[i]
	}
	a.calendar, a.given = calendar, shifts
	if a.roads == nil {
		a.roads = newRoadBook(a.desk.travel, a.desk.cfg.Rules)
	}
	a.halts = haltsOf(fleet.Vehicles)
	a.places = &placeTable{a.roads.plain.timeTable, math.MinInt32, a.halts}
	a.shifts, a.byShift = nil, map[vehicles.ShiftID]int{}
	shifts = slices.SortedFunc(slices.Values(shifts), shiftOrder)
	for _, s := range shifts {
		if err := s.Validate(); err != nil {
			return fmt.Errorf("dispatch: open %s %s: %w", a.key.Area, a.key.Day, err)
		}
		if a.vehicles[s.Vehicle] == nil {
			return fmt.Errorf("dispatch: open %s %s: shift %s names unknown vehicle %s", a.key.Area, a.key.Day, s.ID, s.Vehicle)
		}
		for _, part := range s.Split(a.desk.cfg.Rules.MinShift) {
			if err := a.places.add(ctx, part.Start, part.End); err != nil {
				return fmt.Errorf("dispatch: open %s %s: shift %s: %w", a.key.Area, a.key.Day, part.ID, err)
			}
			a.byShift[part.ID] = len(a.shifts)
			a.shifts = append(a.shifts, part)
		}
	}
	a.whole = a.shifts
	a.layLocked()
	a.openRules(calendar)
	return nil
}

// refreshLocked reads the state again. a.mu is held.
func (a *areaDay) refreshLocked(ctx context.Context) error {
	state, err := a.desk.plans.Load(ctx, a.key.Area, a.key.Day)
	if err != nil {
		return fmt.Errorf("dispatch: read %s %s: %w", a.key.Area, a.key.Day, err)
	}
	if err := a.takeLocked(ctx, state); err != nil {
		return fmt.Errorf("dispatch: read %s %s: %w", a.key.Area, a.key.Day, err)
	}
	for _, r := range state.Rides {
		if r.Pickup == (Place{}) && r.Dropoff == (Place{}) || r.unplanned() {
			continue // of an erased person, or asked for a place that no vehicle may be able to reach
		}
		if err := a.places.add(ctx, r.Pickup.At, r.Dropoff.At); err != nil {
			return fmt.Errorf("dispatch: read ride %s: %w", r.ID, err)
		}
	}
	a.desk.past.take(state)
	a.wakeLocked()
	return nil
}

// layLocked shows readers the shifts as they are now. a.mu is held, or nobody else knows a yet.
func (a *areaDay) layLocked() {
	shifts := a.shifts
	a.laid.Store(&shifts)
}

// current is the state as it is now.
func (a *areaDay) current() *State { return a.shown.Load() }

// second is the service-day second of the desk's clock.
func (a *areaDay) second() int32 { return int32(a.desk.now().Sub(a.midnight) / time.Second) }

// route is the shift's route as it is now; one that was never written is empty. a.mu is held.
func (a *areaDay) routeLocked(id vehicles.ShiftID) *Route {
	if r := a.state.Routes[id]; r != nil {
		return r
	}
	return &Route{Shift: id}
}

// maxRaces bounds how often a change is made again after losing a race, so that a fault in a store cannot loop for ever.
const maxRaces = 16

// change runs decide on the state as it is now and commits what it returns; a lost race reads the state again and decides
// again. decide may return a nil commit for "nothing to do". It runs with a.mu held. Where the key's request was answered
// before, nothing runs and the reply of then is returned.
func (a *areaDay) change(ctx context.Context, key IdempotencyKey, decide func() (*Commit, error)) (reply []byte, err error) {
	defer a.desk.Hurry()()
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.changeLocked(ctx, key, decide)
}

// changeLocked is change for who holds a.mu.
func (a *areaDay) changeLocked(ctx context.Context, key IdempotencyKey, decide func() (*Commit, error)) (reply []byte, err error) {
	if key.Key != "" {
		reply, found, err := a.desk.plans.Replay(ctx, a.key.Area, key)
		if err != nil {
			return nil, err
		}
		if found { // another process may have made the change: what the answer is about is read
			return reply, a.refreshLocked(ctx)
		}
	}
	for range maxRaces {
		c, err := decide()
		if errors.Is(err, ErrStale) {
			continue
		}
		if err != nil || c == nil {
			return nil, err
		}
		c.Key = key
		err = a.commitLocked(ctx, c)
		if replayed, ok := errors.AsType[*Replayed](err); ok {
			return replayed.Reply, a.refreshLocked(ctx)
		}
		if !errors.Is(err, ErrStale) {
			return c.Reply, err
		}
		if err := a.refreshLocked(ctx); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("dispatch: %s %s: %w %d times over", a.key.Area, a.key.Day, ErrStale, maxRaces)
}

// commitLocked writes the change and takes it into the state in memory. a.mu is held.
func (a *areaDay) commitLocked(ctx context.Context, c *Commit) error {
	c.Area, c.Day, c.Seen = a.key.Area, a.key.Day, a.state.Revision
	a.leaveStrayLocked(c)
	a.sayMissedLocked(c)
	a.tellLocked(c)
	a.publishLocked(c)
	for i := range c.Events {
		c.Events[i].At = a.desk.now()
	}
	rev, err := a.desk.plans.Commit(ctx, c)
	if err != nil {
		return err
	}
	beside := rev != a.state.Revision+1
	if beside { // another process has written as well, to other routes and rides: all is known up to where it was only
		rev = a.state.Revision
	}
	next, stripped := a.state.With(c, rev), a.stripped
	if err := a.takeLocked(ctx, next); err != nil {
		a.loaded.Store(false) // what was written is read with the next question
		return fmt.Errorf("dispatch: after a change of %s %s: %w", a.key.Area, a.key.Day, err)
	}
	a.stripped = stripped
	a.desk.past.change(c)
	a.wakeLocked()
	if beside {
		return a.refreshLocked(ctx)
	}
	return nil
}
