package dispatch

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/swmaas/swmaas/dispatch/solver"
	"github.com/swmaas/swmaas/vehicles"
)

// Locks are what a dispatcher has fixed of a ride. Each of the three is set and released by itself, and insertion,
// improvement and repair keep all of them. What happens on the road goes before a lock: a driver is not hindered by one.
type Locks struct {
	// Shift is the shift that carries the ride and keeps it, and so its driver; empty for none.
	Shift vehicles.ShiftID
	// Order keeps the ride's stops where they are among the other stops of their route that are locked so; others may come
	// between. An order is one of a vehicle's stops, so that the ride stays on its vehicle while its order is locked.
	Order bool
	At    int32  // service-day second at which its pickup begins, neither earlier nor later; 0 for none
	By    string // subject of who set one of them last
}

// Any reports whether any of the locks is set.
func (l *Locks) Any() bool { return l.Shift != "" || l.Order || l.At > 0 }

// hold reports whether a ride that the shift carries has to stay with it.
func (l *Locks) hold(shift vehicles.ShiftID) bool { return l.Order || l.Shift == shift }

// words say what of a ride is fixed that keeps it on its vehicle, as a reason; nothing where nothing is.
func (l *Locks) words() Sentences {
	switch {
	case l.Shift != "":
		return Sentences{"配車担当者が車両を固定している", "a dispatcher has locked it to the vehicle"}
	case l.Order:
		return Sentences{"配車担当者が停車の順番を固定している", "a dispatcher has locked the order of its stops"}
	}
	return Sentences{}
}

// kept are the locks that stay with a ride whose times or places change: order and time were those of other stops.
func (l Locks) kept() Locks {
	if l.Order, l.At = false, 0; !l.Any() {
		return Locks{}
	}
	return l
}

// differs reports whether a driver has to know of another party or place than before.
func (r *Ride) differs(old *Ride) bool {
	p, q := &r.Party, &old.Party
	return r.Pickup != old.Pickup || r.Dropoff != old.Dropoff || r.Purpose != old.Purpose ||
		p.Load != q.Load || p.Needs != q.Needs || p.Attendants != q.Attendants || !slices.Equal(p.Care, q.Care)
}

// fetchFrom is the second before which the pickup does not begin.
func (r *Ride) fetchFrom() int32 { return max(r.Promise.Pickup.Earliest, r.Locks.At) }

// fetchWindow is when a plan lets the pickup of a ride begin: within its promise with the margin, or when it is locked.
func (r *Rules) fetchWindow(ride *Ride) solver.TimeWindow {
	if at := ride.Locks.At; at > 0 {
		return solver.TimeWindow{Earliest: at, Latest: at}
	}
	return solver.TimeWindow{Earliest: ride.Promise.Pickup.Earliest, Latest: r.latestPickup(ride.Promise.Pickup)}
}

// ordered adds the stops whose order is locked to the order of the shift, behind the one that is committed.
func (r *rest) ordered(m *model, spec *solver.VehicleSpec) {
	for i := len(spec.Order); i < len(r.stops); i++ {
		s := &r.stops[i]
		if r.rides(s.Ride).Locks.Order {
			spec.Order = append(spec.Order, solver.Visit{Request: m.request[s.Ride], Delivery: s.Kind == DropoffStop})
		}
	}
}

// LockKind is one of the three locks.
type LockKind uint8

// The locks of a ride.
const (
	LockVehicle LockKind = iota + 1
	LockOrder
	LockTime
)

var lockNames = [...]string{"", "vehicle", "order", "time"}

// String returns the lock's name, which events carry as their detail.
func (k LockKind) String() string {
	if int(k) < len(lockNames) {
		return lockNames[k]
	}
	return "unknown"
}

// LockChange sets or releases one kind of lock on several rides, all or none.
type LockChange struct {
	Kind    LockKind
	Release bool
	Rides   []RideID
	// Driver, of a vehicle lock, is who has to drive the rides; empty for whoever does now. A ride on another shift is refused: it is
	// moved there first.
	Driver vehicles.DriverID
	// At, of a time lock, is the service-day second at which the pickup begins, within the promise; 0 is as it is planned.
	At int32
}

func (c *LockChange) validate() error {
	switch {
	case c.Kind < LockVehicle || c.Kind > LockTime:
		return fmt.Errorf("%w: kind: no such lock %d", ErrInvalid, c.Kind)
	case len(c.Rides) == 0 || len(c.Rides) > maxLocked:
		return fmt.Errorf("%w: rides: must be between 1 and %d", ErrInvalid, maxLocked)
	case c.Driver != "" && c.Kind != LockVehicle, c.At != 0 && (c.Kind != LockTime || len(c.Rides) > 1):
		return fmt.Errorf("%w: a driver belongs to a lock to the vehicle, and a time to a lock in time of one ride", ErrInvalid)
	case c.At < 0 || c.At > vehicles.MaxDaySecond:
		return fmt.Errorf("%w: at: %d is no second of the day", ErrInvalid, c.At)
	}
	return nil
}

// maxLocked is how many rides one command locks at the most.
const maxLocked = 200

// Lock sets or releases a lock, so that the optimiser keeps what a dispatcher has decided. It returns the rides as they are then,
// in the order asked for. Errors: ErrInvalid, ErrNotFound, ErrWrongState where a ride is not planned, has begun or has no time
// yet, *RefusedError (ErrRefused) where the time asked for cannot be kept with what was promised, ErrKeyReused, or the store's.
func (d *Desk) Lock(ctx context.Context, by Actor, area AreaID, day Day, c LockChange, key string) ([]*Ride, int64, error) {
	if err := c.validate(); err != nil {
		return nil, 0, err
	}
	a, err := d.open(ctx, area, day)
	if err != nil {
		return nil, 0, err
	}
	hash := hashRequest("lock", append([]string{c.Kind.String(), fmt.Sprint(c.Release, c.At), string(c.Driver)}, plainTexts(c.Rides)...)...)
	_, err = a.change(ctx, IdempotencyKey{key, hash}, func() (*Commit, error) { return a.lock(ctx, by, &c) })
	if err != nil {
		return nil, 0, err
	}
	state := a.current()
	rides := make([]*Ride, len(c.Rides))
	for i, id := range c.Rides {
		if rides[i] = state.Rides[id]; rides[i] == nil {
			return nil, 0, fmt.Errorf("%w: ride %s", ErrNotFound, id)
		}
	}
	return rides, state.Revision, nil
}

// plainTexts are ids as plain text.
func plainTexts[T ~string](ids []T) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	return out
}

// lock is the commit that a change of locks makes. a.mu is held.
func (a *areaDay) lock(ctx context.Context, by Actor, c *LockChange) (*Commit, error) {
	if err := a.wholeLocked(ctx); err != nil {
		return nil, err
	}
	commit := &Commit{Reply: []byte(strings.Join(plainTexts(c.Rides), " "))}
	var after []*Ride
	for i, id := range c.Rides {
		if slices.Contains(c.Rides[:i], id) {
			return nil, fmt.Errorf("%w: rides: %s is named twice", ErrInvalid, id)
		}
		ride, route, err := a.lockable(id, c)
		if err != nil {
			return nil, err
		}
		next := ride.next(ride.State)
		next.Locks.By = by.Subject
		if err := a.setLock(next, route, c); err != nil {
			return nil, err
		}
		after = append(after, next)
		e := Event{Actor: by.Subject, Kind: RideLocked, Ride: id, Before: ride.State.String(), After: ride.State.String(), Detail: c.Kind.String()}
		if c.Release {
			e.Kind = RideUnlocked
		}
		if route != nil {
			e.Shift = route.Shift
		}
		commit.Rides, commit.Events = append(commit.Rides, RideChange{Before: ride, After: next}), append(commit.Events, e)
	}
	var err error
	commit.Routes, err = a.retimed(after, c.Kind == LockTime && !c.Release)
	return commit, err
}

// lockable is a ride that may be locked, and the route that carries it. a.mu is held.
func (a *areaDay) lockable(id RideID, c *LockChange) (*Ride, *Route, error) {
	ride, err := a.rideLocked(id)
	if err != nil {
		return nil, nil, err
	}
	route := a.state.RouteOf(id)
	if c.Release {
		return ride, route, nil
	}
	switch stop := a.state.stop(StopID{id, PickupStop}); {
	case ride.State != Booked && ride.State != Published:
		return nil, nil, fmt.Errorf("%w: ride %s is %s and cannot be locked", ErrWrongState, id, ride.State)
	case stop == nil:
		return nil, nil, fmt.Errorf("%w: no vehicle carries ride %s; give it one first", ErrWrongState, id)
	case ride.Latent() && c.Kind != LockVehicle:
		return nil, nil, fmt.Errorf("%w: nobody has called for ride %s yet, so that it has no time and no order", ErrWrongState, id)
	case c.Kind == LockTime && stop.State == Arrived:
		return nil, nil, fmt.Errorf("%w: the vehicle of ride %s is there already", ErrWrongState, id)
	}
	return ride, route, nil
}

// setLock changes the locks of a ride that is about to be committed. a.mu is held.
func (a *areaDay) setLock(ride *Ride, route *Route, c *LockChange) error {
	l := &ride.Locks
	switch {
	case c.Kind == LockVehicle && c.Release:
		l.Shift = ""
	case c.Kind == LockVehicle:
		i, runs := a.byShift[route.Shift]
		if !runs {
			return fmt.Errorf("%w: the shift of ride %s does not take place any more; give the ride to another vehicle", ErrWrongState, ride.ID)
		}
		shift := &a.shifts[i]
		if c.Driver != "" && shift.Driver != c.Driver {
			return fmt.Errorf("%w: ride %s is on shift %s, which another driver drives; move it first", ErrWrongState, ride.ID, shift.ID)
		}
		l.Shift = shift.ID
	case c.Kind == LockOrder:
		l.Order = !c.Release
	case c.Release:
		l.At = 0
	default:
		if l.At = c.At; l.At == 0 {
			l.At = a.state.stop(StopID{ride.ID, PickupStop}).Begin
		}
		switch in := ride.Promise.Pickup.Contains(l.At); {
		case !in && c.At == 0:
			return fmt.Errorf("%w: ride %s is planned for %s, outside its promise, which is no time to keep", ErrWrongState, ride.ID, clockText(l.At))
		case !in:
			return fmt.Errorf("%w: at: %s is outside the promised %s-%s; change the ride instead", ErrInvalid,
				clockText(l.At), clockText(ride.Promise.Pickup.Earliest), clockText(ride.Promise.Pickup.Latest))
		}
	}
	if !l.Any() {
		*l = Locks{}
	}
	return nil
}

// retimed are the routes of rides whose locks have changed. They are written with the rides, so that another process which
// plans without knowing of a lock loses the race. strictly asks for a refusal where something that was kept before would not be
// any more. a.mu is held.
func (a *areaDay) retimed(after []*Ride, strictly bool) (routes []*Route, err error) {
	for i := range a.shifts {
		old := a.state.Routes[a.shifts[i].ID]
		if old == nil || !slices.ContainsFunc(after, func(r *Ride) bool { return a.state.RouteOf(r.ID) == old }) {
			continue
		}
		next := &Route{Shift: old.Shift, Version: old.Version + 1, Stops: slices.Clone(old.Stops)}
		a.retimeLocked(next, after...)
		if broken := a.broken(old, next, after); strictly && len(broken) > 0 {
			cause := CausePromise
			if slices.ContainsFunc(after, func(r *Ride) bool { return slices.Contains(broken, r.ID) }) {
				cause = CausePickupWindow
			}
			return nil, &RefusedError{[]Refusal{{Code: CodeNoVehicle, Cause: cause}}}
		}
		routes = append(routes, next)
	}
	return routes, nil
}

// broken lists the rides whose promise or locked time the new times of their route miss by more than the old ones did. after
// are rides as they will be. a.mu is held.
func (a *areaDay) broken(old, next *Route, after []*Ride) (ids []RideID) {
	was := a.breaches(old, nil)
	for id, by := range a.breaches(next, after) {
		if by > was[id] {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// breaches is by how many seconds the unfinished part of a route misses the promise of each ride, or its locked time; rides
// that are kept are left out. after are rides in the place of the state's. a.mu is held.
func (a *areaDay) breaches(route *Route, after []*Ride) map[RideID]int32 {
	return breaches(route.Stops, func(id RideID) *Ride {
		if k := slices.IndexFunc(after, func(r *Ride) bool { return r.ID == id }); k >= 0 {
			return after[k]
		}
		return a.state.Rides[id]
	})
}

// breaches is by how many seconds the unfinished ones of a route's stops miss what each ride was promised.
func breaches(stops []Stop, rides func(RideID) *Ride) map[RideID]int32 {
	out := map[RideID]int32{}
	boarded := map[RideID]int32{}
	for i := range stops {
		s := &stops[i]
		ride := rides(s.Ride)
		if s.Kind == PickupStop {
			boarded[s.Ride] = s.Depart
		}
		if s.State.Finished() {
			continue
		}
		miss, p := int32(0), &ride.Promise
		switch {
		case s.Kind == PickupStop && ride.Locks.At > 0:
			miss = max(s.Begin-ride.Locks.At, ride.Locks.At-s.Begin)
		case s.Kind == PickupStop:
			miss = s.Begin - p.Pickup.Latest
		default:
			miss = s.Begin - boarded[s.Ride] - p.MaxRide
			if p.ArriveBy > 0 {
				miss = max(miss, s.Begin-p.ArriveBy)
			}
		}
		if miss > 0 {
			out[s.Ride] = max(out[s.Ride], miss)
		}
	}
	return out
}
