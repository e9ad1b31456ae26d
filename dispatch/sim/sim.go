package sim

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// Config of a day.
type Config struct {
	Scenario Scenario
	Booker   Booker
	Drivers  Drivers
	Register Register
	Office   Office   // nil: nothing goes wrong, and nobody is told anything
	Improver Improver // nil: the engine is left to itself
	Clock    *Clock   // the engine's clock

	// Speed is how many virtual seconds pass in one real second from 7:00 of the day on; 0 means as fast as things go.
	// Calls of the day before are always played as fast as they go.
	Speed float64
	// Observe is told what happens, in order; nil tells nobody. It must not block for long.
	Observe func(Happening)
	// RunID tells one run from another in idempotency keys: a resumed day must not repeat the keys of the first run.
	RunID string
}

// Validate reports every field that is missing or out of range.
func (c Config) Validate() error {
	var errs []error
	need := func(field string, ok bool) {
		if !ok {
			errs = append(errs, fmt.Errorf("%w: %s is needed", ErrConfig, field))
		}
	}
	need("Scenario.Graph", c.Scenario.Graph != nil)
	need("Scenario.Calls", len(c.Scenario.Calls) > 0)
	need("Booker", c.Booker != nil)
	need("Drivers", c.Drivers != nil)
	need("Register", c.Register != nil)
	need("Clock", c.Clock != nil)
	need("RunID", c.RunID != "")
	if c.Speed < 0 {
		errs = append(errs, fmt.Errorf("%w: Speed %g is negative", ErrConfig, c.Speed))
	}
	return errors.Join(errs...)
}

// HappeningKind says what a Happening is about.
type HappeningKind uint8

// What an observer is told.
const (
	CallAnswered HappeningKind = iota + 1 // Ride is set where it ended in a booking, Reason where not
	CallSpared                            // a way back that nobody needs any more
	RideCancelled
	StepReported // Step is set
	PlanImproved
	BridgeClosed  // Reason is its name
	VehicleBroken // Vehicle is set
)

// Happening is one thing that an observer is told.
type Happening struct {
	At      int32 // service-day second
	Kind    HappeningKind
	Call    int // index in Scenario.Calls, -1 for none
	Ride    dispatch.RideID
	Vehicle vehicles.VehicleID
	Step    dispatch.StepKind
	Reason  string // why a call ended without a booking
	Late    int32  // seconds by which a vehicle came after the promised latest pickup
}

// Day is one run. It is not safe for concurrent use.
type Day struct {
	cfg     Config
	queue   queue
	roads   *roads
	drivers []*driver
	callers []caller // by index of the call
	byRide  map[dispatch.RideID]int
	rides   map[dispatch.RideID]*dispatch.Ride // as the register had them last
	groups  map[int]dispatch.BookingID         // by the index of the call that began the group
	rec     Record
	paced   time.Time // real time at which the pace began
	from    int32     // virtual second at which it did
}

// caller is what became of a call so far.
type caller struct {
	rang   bool // the call was answered, whatever the answer
	ride   *dispatch.Ride
	gone   bool   // called off or not at the door: the way back is not needed
	reason string // why there is no ride
	offers bool   // there were offers
}

// New prepares a day. Errors: ErrConfig.
func New(cfg Config) (*Day, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Observe == nil {
		cfg.Observe = func(Happening) {}
	}
	return &Day{
		cfg: cfg, roads: newRoads(cfg.Scenario.Graph), callers: make([]caller, len(cfg.Scenario.Calls)),
		byRide: map[dispatch.RideID]int{}, rides: map[dispatch.RideID]*dispatch.Ride{}, groups: map[int]dispatch.BookingID{},
	}, nil
}

// The day's bounds in service-day seconds.
const (
	dayBreak   = 7 * 3600
	eveningFit = -4 * 3600 // the evening before, when the desk has closed
	lastFit    = 17 * 3600
	fitEvery   = 10 * 60
)

// Run plays the day to its end, or on from where the engine's records stop, and returns what was executed. It fails with the
// first error of a port but ErrRefused, or the context's.
func (d *Day) Run(ctx context.Context) (*Record, error) {
	ctx, hangUp := context.WithCancel(ctx)
	defer hangUp()
	if err := d.connect(ctx); err != nil {
		return nil, err
	}
	now, err := d.restore(ctx)
	if err != nil {
		return nil, err
	}
	d.fill(now)
	if err := d.brew(ctx, now); err != nil {
		return nil, err
	}
	for {
		e, ok := d.queue.take()
		if !ok {
			break
		}
		if err := d.await(ctx, e.at); err != nil {
			return nil, err
		}
		if err := e.do(ctx); err != nil {
			return nil, fmt.Errorf("sim: %s at second %d: %w", d.cfg.Scenario.Day, e.at, err)
		}
	}
	if err := d.close(ctx); err != nil {
		return nil, err
	}
	return &d.rec, nil
}

// fill puts into the queue what is known beforehand, from the second now on.
func (d *Day) fill(now int32) {
	d.enroll(now)
	for i := range d.cfg.Scenario.Calls {
		c := &d.cfg.Scenario.Calls[i]
		switch state := &d.callers[i]; {
		case state.ride == nil:
			d.queue.add(max(c.At, now), true, func(ctx context.Context) error { return d.ring(ctx, i) })
		case state.ride.Open() && c.CancelAt != 0:
			d.queue.add(max(c.CancelAt, now), true, func(ctx context.Context) error { return d.callOff(ctx, i) })
		}
	}
	for at := int32(dayBreak - 3600); at <= lastFit; at += fitEvery {
		if at >= now {
			d.queue.add(at, false, d.improve)
		}
	}
	if eveningFit >= now {
		d.queue.add(eveningFit, false, d.improve)
	}
	for _, dr := range d.drivers {
		d.reconsider(dr)
	}
}

// await moves the clock to a second, slowly where the day is paced.
func (d *Day) await(ctx context.Context, at int32) error {
	const tick = 40 * time.Millisecond
	for d.cfg.Speed > 0 && at > dayBreak {
		if d.paced.IsZero() {
			d.paced, d.from = time.Now(), max(d.cfg.Clock.Second(), dayBreak)
		}
		virtual := time.Duration(float64(time.Since(d.paced)) * d.cfg.Speed)
		reached := d.from + int32(virtual/time.Second)
		if reached >= at {
			break
		}
		d.cfg.Clock.move(reached)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(tick):
		}
	}
	d.cfg.Clock.move(at)
	return ctx.Err()
}

// settle lets every driver read on to a revision, and think again where the manifest changed.
func (d *Day) settle(ctx context.Context, revision int64) error {
	for _, dr := range d.drivers {
		m, err := dr.line.Manifest(ctx, revision)
		if err != nil {
			return fmt.Errorf("manifest of %s: %w", dr.vehicle.ID, err)
		}
		if m.Version != dr.manifest.Version {
			dr.manifest = m
			d.reconsider(dr)
		}
	}
	return nil
}

func (d *Day) improve(ctx context.Context) error {
	if d.cfg.Improver == nil {
		return nil
	}
	revision, err := d.cfg.Improver.Improve(ctx)
	if err != nil {
		return fmt.Errorf("improve: %w", err)
	}
	d.cfg.Observe(Happening{At: d.now(), Kind: PlanImproved, Call: -1})
	return d.settle(ctx, revision)
}

func (d *Day) now() int32 { return d.cfg.Clock.Second() }

// connect connects the device of every vehicle.
func (d *Day) connect(ctx context.Context) error {
	for _, v := range d.cfg.Scenario.Fleet.Vehicles {
		line, err := d.cfg.Drivers.Connect(ctx, v.ID)
		if err != nil {
			return fmt.Errorf("sim: connect %s: %w", v.ID, err)
		}
		m, err := line.Manifest(ctx, 0)
		if err != nil {
			return fmt.Errorf("sim: first manifest of %s: %w", v.ID, err)
		}
		d.drivers = append(d.drivers, &driver{vehicle: v, line: line, manifest: m, at: v.Home})
	}
	return nil
}

// restore takes in what the engine has of the day already, and returns the second up to which it goes. For a day that
// nothing was done on it is the second of the first call.
func (d *Day) restore(ctx context.Context) (int32, error) {
	rides, err := d.cfg.Register.Rides(ctx)
	if err != nil {
		return 0, fmt.Errorf("sim: read the day: %w", err)
	}
	now := d.cfg.Scenario.Calls[0].At
	type way struct {
		rider    dispatch.RiderID
		from, to geo.LatLng
	}
	ways := map[way]int{}
	for i, c := range d.cfg.Scenario.Calls {
		ways[way{c.Rider, c.Pickup.At, c.Dropoff.At}] = i
	}
	for _, r := range rides {
		d.rides[r.ID] = r
		if i, ok := ways[way{r.Rider, r.Pickup.At, r.Dropoff.At}]; ok {
			d.callers[i] = caller{rang: true, ride: r, gone: r.State == dispatch.Cancelled || r.State == dispatch.NoShow}
			d.took(i, r)
		}
		now = max(now, int32(r.Created.Sub(d.cfg.Clock.At(0))/time.Second))
	}
	for _, dr := range d.drivers {
		last, err := d.recall(ctx, dr)
		if err != nil {
			return 0, fmt.Errorf("sim: take up %s again: %w", dr.vehicle.ID, err)
		}
		now = max(now, last)
	}
	d.cfg.Clock.move(now)
	return now, nil
}

// took notes that a call led to a ride.
func (d *Day) took(i int, r *dispatch.Ride) {
	d.byRide[r.ID] = i
	lead := i
	if g := d.cfg.Scenario.Calls[i].Group; g >= 0 {
		lead = g
	}
	if _, known := d.groups[lead]; !known {
		d.groups[lead] = r.Booking
	}
}

// close sends the vehicles home and takes the final states of the rides from the engine.
func (d *Day) close(ctx context.Context) error {
	for _, dr := range d.drivers {
		if err := d.goHome(ctx, dr); err != nil {
			return err
		}
	}
	if d.cfg.Office != nil {
		for range callsAtMost {
			if err := d.tell(ctx); err != nil {
				return err
			}
		}
	}
	rides, err := d.cfg.Register.Rides(ctx)
	if err != nil {
		return fmt.Errorf("sim: read the day: %w", err)
	}
	for _, r := range rides {
		d.rides[r.ID] = r
	}
	return d.gather(ctx)
}
