package sim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// Incidents are what goes wrong on a day. The zero value is a day on which nothing does. Times are service-day seconds.
type Incidents struct {
	Bridge                 string // that is closed, by its name; empty for none
	Announced              int32  // when the office hears of it
	ClosedFrom, ClosedTill int32
	BreakdownAt            int32 // when a vehicle with nobody aboard breaks down; 0 for never
	LateReturns            []int // calls for ways home from a clinic that runs late: they are will-calls
	LateBy                 int32 // seconds by which it does
}

// Office is the person who looks after the day: enters what happens to roads and vehicles, and tells people on the telephone what
// they must be told.
type Office interface {
	// Close closes a bridge between two seconds of the day and returns the revision after it.
	Close(ctx context.Context, bridge string, from, until int32, key string) (revision int64, err error)
	// BreakDown says that a vehicle stands at a place and cannot go on.
	BreakDown(ctx context.Context, vehicle vehicles.VehicleID, at geo.LatLng, key string) (revision int64, err error)
	// Broken lists the vehicles that broke down.
	Broken(ctx context.Context) ([]vehicles.VehicleID, error)
	// Call calls for a will-call, or answers ErrRefused.
	Call(ctx context.Context, ride dispatch.RideID, key string) (revision int64, err error)
	// Tell telephones everybody who must be told something and has not been, and returns what those were told who answered; whoever did
	// not answers when it is asked again. Before that it moves on
	// the capacity that is kept for will-calls, as the engine does by itself where the clock is a real one. The revision is 0 where
	// nothing has changed.
	Tell(ctx context.Context) (told []Told, revision int64, err error)
	// Untold counts those who must be told something and have not been.
	Untold(ctx context.Context) (int, error)
	// Confirmed is the promise of a ride that its rider was told last.
	Confirmed(ctx context.Context, ride dispatch.RideID) (dispatch.Promise, error)
}

// Told is one thing that somebody was told on the telephone.
type Told struct {
	Ride   dispatch.RideID
	Reason dispatch.TellReason
}

const (
	tellEvery   = 2 * 60 // seconds between two looks at who must be told
	callsAtMost = 2      // until somebody answers
	lastTell    = 20 * 3600
	callWait    = 45 * 60 // promised longest wait of a will-call
	callWithin  = 2 * 3600
	lateCalls   = 5 // ways home from the clinic that runs late
)

// LateClinic finds the clinic that runs late on a day: the first, by its calls, from which so many people want to go home by
// themselves, who all come; these calls become will-calls.
func LateClinic(calls []Call, from int32) []int {
	byPlace := map[geo.LatLng][]int{}
	for i := range calls {
		c := &calls[i]
		if c.Outbound < 0 || c.Wish.Kind != dispatch.DepartAfter || c.Wish.Window.Earliest < from || c.CancelAt != 0 || c.NoShow || c.Group >= 0 {
			continue
		}
		if out := &calls[c.Outbound]; !out.Appointment || out.NoShow || out.CancelAt != 0 {
			continue
		}
		if byPlace[c.Pickup.At] = append(byPlace[c.Pickup.At], i); len(byPlace[c.Pickup.At]) == lateCalls {
			return byPlace[c.Pickup.At]
		}
	}
	var most []int // no clinic has so many: the one that has most
	for _, list := range byPlace {
		if len(list) > len(most) || len(list) == len(most) && list[0] < most[0] {
			most = list
		}
	}
	return most
}

// late reports whether a call is for a way home from the clinic that runs late.
func (d *Day) late(i int) bool {
	return d.cfg.Office != nil && slices.Contains(d.cfg.Scenario.Incidents.LateReturns, i)
}

// readyAt is when the patient of a call is ready at last.
func (d *Day) readyAt(c *Call) int32 { return c.Wish.Window.Earliest + d.cfg.Scenario.Incidents.LateBy }

// brew puts what goes wrong into the queue, from the second now on.
func (d *Day) brew(ctx context.Context, now int32) error {
	if d.cfg.Office == nil {
		return nil
	}
	in := &d.cfg.Scenario.Incidents
	if in.Bridge != "" {
		if in.ClosedFrom < now && now < in.ClosedTill {
			if err := d.roads.close(in.Bridge); err != nil {
				return err
			}
		} else if in.ClosedFrom >= now {
			d.queue.add(in.ClosedFrom, true, func(context.Context) error {
				d.cfg.Observe(Happening{At: d.now(), Kind: BridgeClosed, Call: -1, Reason: in.Bridge})
				return d.roads.close(in.Bridge)
			})
		}
		if in.Announced >= now {
			d.queue.add(in.Announced, true, d.announce)
		}
		if in.ClosedTill >= now {
			d.queue.add(in.ClosedTill, false, func(context.Context) error { return d.roads.open() })
		}
	}
	if in.BreakdownAt >= now && in.BreakdownAt > 0 {
		d.queue.add(in.BreakdownAt, true, d.breakDown)
	}
	broken, err := d.cfg.Office.Broken(ctx)
	if err != nil {
		return fmt.Errorf("sim: vehicles out of service: %w", err)
	}
	for _, dr := range d.drivers {
		dr.broken = slices.Contains(broken, dr.vehicle.ID)
	}
	for i := range d.callers {
		if d.late(i) && d.callers[i].ride != nil && !d.callers[i].gone {
			d.awaitCall(i)
		}
	}
	for at := int32(dayBreak - 3600); at <= lastTell; at += tellEvery {
		if at >= now {
			d.queue.add(at, false, d.tell)
		}
	}
	return nil
}

// awaitCall lets the patient of a call ring when ready.
func (d *Day) awaitCall(i int) {
	d.queue.add(max(d.readyAt(&d.cfg.Scenario.Calls[i]), d.now()), true, func(ctx context.Context) error {
		state := &d.callers[i]
		if state.gone {
			return nil
		}
		revision, err := d.cfg.Office.Call(ctx, state.ride.ID, fmt.Sprintf("%s-ready-%d", d.cfg.RunID, i))
		if errors.Is(err, ErrRefused) {
			return nil // it was called for before the day was taken up again, or is over
		}
		if err != nil {
			return fmt.Errorf("call %d: call for it: %w", i, err)
		}
		return d.settle(ctx, revision)
	})
}

// announce enters that the bridge is going to be closed. Who has set out when it is, is let across.
func (d *Day) announce(ctx context.Context) error {
	in := &d.cfg.Scenario.Incidents
	revision, err := d.cfg.Office.Close(ctx, in.Bridge, in.ClosedFrom, in.ClosedTill, d.cfg.RunID+"-bridge")
	if err != nil {
		return fmt.Errorf("close %s: %w", in.Bridge, err)
	}
	if err := d.settle(ctx, revision); err != nil {
		return err
	}
	return d.tell(ctx)
}

// breakDown takes the vehicle with nobody aboard that has most to do out of service.
func (d *Day) breakDown(ctx context.Context) error {
	var worst *driver
	most := 0
	for _, dr := range d.drivers {
		if n := dr.ahead(); n > most && d.onDuty(dr) {
			worst, most = dr, n
		}
	}
	if worst == nil {
		return nil
	}
	at := worst.position(d.now())
	if worst.drive != nil {
		d.breakOff(worst)
	}
	worst.broken = true
	revision, err := d.cfg.Office.BreakDown(ctx, worst.vehicle.ID, at, d.cfg.RunID+"-breakdown")
	if err != nil {
		return fmt.Errorf("%s breaks down: %w", worst.vehicle.ID, err)
	}
	d.cfg.Observe(Happening{At: d.now(), Kind: VehicleBroken, Call: -1, Vehicle: worst.vehicle.ID})
	if err := d.settle(ctx, revision); err != nil {
		return err
	}
	return d.tell(ctx)
}

// ahead counts the stops that a driver still has, 0 with somebody aboard.
func (dr *driver) ahead() (n int) {
	boarded := map[dispatch.RideID]bool{}
	for i := range dr.manifest.Stops {
		s := &dr.manifest.Stops[i]
		if s.State.Finished() {
			boarded[s.Ride] = s.Kind == dispatch.PickupStop
			continue
		}
		if s.Kind == dispatch.DropoffStop && boarded[s.Ride] {
			return 0
		}
		n++
	}
	return n
}

// onDuty reports whether a shift of the vehicle takes place now, outside its owner's rounds.
func (d *Day) onDuty(dr *driver) bool {
	for _, s := range d.cfg.Scenario.Shifts {
		for _, part := range s.Split(1) {
			if s.Vehicle == dr.vehicle.ID && part.Span.Start <= d.now() && d.now() < part.Span.End {
				return true
			}
		}
	}
	return false
}

// tell telephones everybody who must be told. Who hears that the way there is not driven does not need the way back.
func (d *Day) tell(ctx context.Context) error {
	told, revision, err := d.cfg.Office.Tell(ctx)
	if err != nil {
		return fmt.Errorf("tell: %w", err)
	}
	d.rec.Told += len(told)
	for _, t := range told {
		i, ok := d.byRide[t.Ride]
		if !ok || t.Reason != dispatch.TellDropped {
			continue
		}
		d.callers[i].gone = true
		if err := d.spareWayBack(ctx, i); err != nil {
			return err
		}
	}
	if revision == 0 {
		return nil
	}
	return d.settle(ctx, revision)
}

// close closes the roads of a name from now on.
func (r *roads) close(name string) error {
	ways := r.graph.WaysNamed(name)
	if len(ways) == 0 {
		return fmt.Errorf("%w: no road is called %q", ErrConfig, name)
	}
	return r.under(routing.Conditions{Closures: []routing.Closure{{Ways: ways}}})
}

// open opens all roads.
func (r *roads) open() error { return r.under(routing.Conditions{}) }

func (r *roads) under(c routing.Conditions) error {
	view, err := r.router.View(c, time.Time{})
	if err != nil {
		return fmt.Errorf("sim: roads: %w", err)
	}
	r.router.Use(view)
	clear(r.ways)
	return nil
}

// confirmed are the promises that riders know, for the record.
func (d *Day) confirmed(ctx context.Context, r *dispatch.Ride) (dispatch.Promise, error) {
	if d.cfg.Office == nil {
		return r.Promise, nil
	}
	p, err := d.cfg.Office.Confirmed(ctx, r.ID)
	return cmp.Or(p, r.Promise), err
}
