package sim

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

const (
	waitForNobody = 5 * 60 // seconds that a driver waits at the door before giving up
	reportEvery   = 60     // seconds between positions while driving
	guestBoards   = 60     // seconds that somebody who booked by hand needs to board
	guestAlights  = 45     // and to alight
)

// driver is one vehicle on the road.
type driver struct {
	vehicle  vehicles.Vehicle
	line     Line
	manifest *dispatch.Manifest // the newest that the stream brought
	at       geo.LatLng         // where the vehicle stands, or stood last
	part     vehicles.ShiftID   // the part of the day that it works in; empty before the first
	free     int32              // when the last step was done
	arrived  int32              // when it came to the stop that it stands at
	drive    *drive             // under way; nil while standing
	knocked  dispatch.StopID    // the last stop where nobody answered
	broken   bool               // it cannot go on
	meters   int64              // driven so far
	refused  int                // steps in a row that the engine did not accept
	turn     int                // counts plans of what to do next; an event of an older one is void
}

// drive is a drive under way.
type drive struct {
	stop          dispatch.StopID
	way           routing.Path
	left, arrives int32
}

// position is where the vehicle is at a second.
func (dr *driver) position(now int32) geo.LatLng {
	if dr.drive == nil {
		return dr.at
	}
	return along(dr.drive.way, now-dr.drive.left, dr.drive.arrives-dr.drive.left)
}

// next is the first stop that is not finished, or nil.
func (dr *driver) next() *dispatch.ManifestStop {
	for i := range dr.manifest.Stops {
		if s := &dr.manifest.Stops[i]; !s.State.Finished() {
			return s
		}
	}
	return nil
}

// reconsider plans what the driver does next, by the manifest alone.
func (d *Day) reconsider(dr *driver) {
	dr.turn++
	if dr.broken {
		return
	}
	s := dr.next()
	if dr.drive != nil && (s == nil || s.StopID != dr.drive.stop) {
		d.breakOff(dr)
	}
	if s == nil {
		return
	}
	at, step := d.intends(dr, s)
	turn := dr.turn
	d.queue.add(max(at, d.now()), true, func(ctx context.Context) error {
		if dr.turn != turn {
			return nil
		}
		return d.take(ctx, dr, *s, step)
	})
}

// breakOff ends a drive to a stop that is no longer on the manifest: the vehicle halts where it is.
func (d *Day) breakOff(dr *driver) {
	dr.at = dr.position(d.now())
	done := d.now() - dr.drive.left
	d.drove(dr, int64(dr.drive.way.Meters)*int64(done)/int64(max(dr.drive.arrives-dr.drive.left, 1)))
	dr.drive, dr.free = nil, d.now()
}

// intends is the next step of the driver at a stop, and when.
func (d *Day) intends(dr *driver, s *dispatch.ManifestStop) (at int32, step dispatch.StepKind) {
	switch s.State {
	case dispatch.Pending:
		return max(s.LeaveBy, dr.free), dispatch.StepDepart
	case dispatch.EnRoute:
		return dr.drive.arrives, dispatch.StepArrive
	}
	call := d.callOf(s)
	if s.Kind == dispatch.DropoffStop {
		return dr.arrived + d.dwell(dr, call, call.Alight), dispatch.StepAlight
	}
	ready := max(dr.arrived, s.NotBefore)
	if call.NoShow && dr.knocked != s.StopID {
		return ready, dispatch.StepKnocked
	}
	if call.NoShow {
		return ready + waitForNobody, dispatch.StepNoShow
	}
	return ready + d.dwell(dr, call, call.Board), dispatch.StepBoard
}

// dwell is how long a stop takes: what the party really needs and what the vehicle adds.
func (d *Day) dwell(dr *driver, c *Call, own int32) int32 {
	return own + int32(dr.vehicle.Dwell.PerStop+dr.vehicle.Dwell.PerWheelchair*c.Party.Load.Wheelchairs)
}

// callOf is the call that a stop's ride came from. Somebody may have booked besides, by hand: such a guest is at the door in time.
func (d *Day) callOf(s *dispatch.ManifestStop) *Call {
	if i, ok := d.byRide[s.Ride]; ok {
		return &d.cfg.Scenario.Calls[i]
	}
	return &Call{Party: s.Party, Board: guestBoards, Alight: guestAlights}
}

// callIndex is the index of the call that a ride came from, or -1.
func (d *Day) callIndex(r dispatch.RideID) int {
	if i, ok := d.byRide[r]; ok {
		return i
	}
	return -1
}

// take does a step and reports it.
func (d *Day) take(ctx context.Context, dr *driver, s dispatch.ManifestStop, step dispatch.StepKind) error {
	if step == dispatch.StepDepart {
		if err := d.enter(ctx, dr, s.Shift); err != nil {
			return err
		}
	}
	revision, err := dr.line.Report(ctx, dispatch.Step{
		Area: d.cfg.Scenario.Area, Day: d.cfg.Scenario.Day, Vehicle: dr.vehicle.ID, Kind: step, Stop: s.StopID, Device: d.cfg.Clock.Now(),
	})
	if errors.Is(err, ErrRefused) {
		return d.think(ctx, dr, s, step, err)
	}
	if err != nil {
		return fmt.Errorf("vehicle %s: report: %w", dr.vehicle.ID, err)
	}
	dr.refused = 0
	if err := d.done(ctx, dr, s, step); err != nil {
		return err
	}
	if err := d.settle(ctx, revision); err != nil {
		return err
	}
	d.reconsider(dr)
	return nil
}

// mostRefusals is how often in a row a driver's step may be refused before something must be wrong.
const mostRefusals = 3

// changeArrives is how long the change that made the engine refuse a step may take to come down the stream.
const changeArrives = 10 * time.Second

// think reads on after a step that was refused: somebody changed the plan at the same moment, as with a booking or
// cancellation by hand.
func (d *Day) think(ctx context.Context, dr *driver, s dispatch.ManifestStop, step dispatch.StepKind, refusal error) error {
	if dr.refused++; dr.refused > mostRefusals {
		return fmt.Errorf("vehicle %s: step %d at ride %s: %w", dr.vehicle.ID, step, s.Ride, refusal)
	}
	soon, cancel := context.WithTimeout(ctx, changeArrives)
	defer cancel()
	if err := d.settle(soon, dr.manifest.Revision+1); err != nil {
		return errors.Join(refusal, err)
	}
	d.reconsider(dr)
	return nil
}

// done is what a step changes in the world.
func (d *Day) done(ctx context.Context, dr *driver, s dispatch.ManifestStop, step dispatch.StepKind) error {
	now := d.now()
	happening := Happening{At: now, Kind: StepReported, Call: d.callIndex(s.Ride), Ride: s.Ride, Vehicle: dr.vehicle.ID, Step: step}
	switch step {
	case dispatch.StepDepart:
		if err := d.setOff(ctx, dr, s, now); err != nil {
			return err
		}
	case dispatch.StepArrive:
		d.drove(dr, int64(dr.drive.way.Meters))
		dr.drive, dr.at, dr.arrived = nil, s.Place.At, now
		if s.Kind == dispatch.PickupStop && now > s.Latest {
			happening.Late = now - s.Latest
		}
	case dispatch.StepKnocked:
		dr.knocked = s.StopID
	default:
		dr.free = now
		d.rec.Stops = append(d.rec.Stops, Stop{
			Vehicle: dr.vehicle.ID, Kind: executed(step), Ride: s.Ride, Arrive: dr.arrived, Depart: now, At: dr.at,
		})
	}
	if i := happening.Call; step == dispatch.StepNoShow && i >= 0 {
		d.callers[i].gone = true
		d.queue.add(now+2*waitForNobody, true, func(ctx context.Context) error { return d.spareWayBack(ctx, i) })
	}
	d.cfg.Observe(happening)
	return nil
}

// setOff begins the drive to a stop.
func (d *Day) setOff(ctx context.Context, dr *driver, s dispatch.ManifestStop, left int32) error {
	way, err := d.roads.way(ctx, dr.at, s.Place.At)
	if err != nil {
		return err
	}
	takes := inTraffic(way.Seconds, luck(d.cfg.Scenario.Seed, dr.vehicle.ID, s.StopID))
	dr.drive = &drive{stop: s.StopID, way: way, left: left, arrives: left + takes}
	d.reportPositions(dr, dr.drive, left+reportEvery)
	return nil
}

// reportPositions sends the vehicle's position now and then for as long as the drive lasts.
func (d *Day) reportPositions(dr *driver, on *drive, at int32) {
	if at >= on.arrives {
		return
	}
	d.queue.add(at, false, func(ctx context.Context) error {
		if dr.drive != on {
			return nil
		}
		here, soon := dr.position(at), dr.position(at+1)
		kmh := float64(on.way.Meters) / float64(max(on.arrives-on.left, 1)) * 3.6
		err := dr.line.Position(ctx, vehicles.Position{
			Vehicle: dr.vehicle.ID, At: here, Seen: d.cfg.Clock.Now(), SpeedKmh: kmh, Heading: geo.Bearing(here, soon),
		})
		if err != nil {
			return fmt.Errorf("vehicle %s: position: %w", dr.vehicle.ID, err)
		}
		d.reportPositions(dr, on, at+reportEvery)
		return nil
	})
}

// enter puts the vehicle at home where it comes from another part of its day: it was on its owner's round or resting
// meanwhile.
func (d *Day) enter(ctx context.Context, dr *driver, part vehicles.ShiftID) error {
	if dr.part == part {
		return nil
	}
	dr.part = part
	return d.goHome(ctx, dr)
}

// goHome drives the empty vehicle to where it is parked.
func (d *Day) goHome(ctx context.Context, dr *driver) error {
	if dr.at == dr.vehicle.Home || dr.broken { // that one is towed
		return nil
	}
	way, err := d.roads.way(ctx, dr.at, dr.vehicle.Home)
	if err != nil {
		return err
	}
	d.drove(dr, int64(way.Meters))
	dr.at = dr.vehicle.Home
	return nil
}
