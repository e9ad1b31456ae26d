package sim

import (
	"context"
	"fmt"
	"strings"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// Duty is how far a driver's duty on a shift has got: which of the checks (点呼) were passed.
type Duty struct{ Before, After bool }

const (
	onBefore = 15 * 60 // seconds before the shift at which a driver signs on and is checked
	offAfter = 10 * 60 // seconds after it at which the driver is checked again and signs off
	offLater = 5 * 60  // between two looks at whether a driver who is out late has come back
)

// enroll puts the begins and ends of all duties into the queue, from the second now on.
func (d *Day) enroll(now int32) {
	for _, dr := range d.drivers {
		for i := range d.cfg.Scenario.Shifts {
			s := &d.cfg.Scenario.Shifts[i]
			if s.Vehicle != dr.vehicle.ID {
				continue
			}
			d.queue.add(max(s.Span.Start-onBefore, now), true, func(ctx context.Context) error { return d.signOn(ctx, dr, s) })
			d.queue.add(max(s.Span.End+offAfter, now), true, func(ctx context.Context) error { return d.signOff(ctx, dr, s) })
		}
	}
}

// signOn begins a duty: the driver signs on, and is checked unless that was done before the day was interrupted.
func (d *Day) signOn(ctx context.Context, dr *driver, s *vehicles.Shift) error {
	duty, revision, err := dr.line.SignOn(ctx, s.ID, s.Driver, d.cfg.Clock.Now(), d.dutyKey(s, "on"))
	if err != nil {
		return fmt.Errorf("shift %s: sign on: %w", s.ID, err)
	}
	if !duty.Before {
		if revision, err = d.check(ctx, dr, s, false); err != nil {
			return err
		}
	}
	return d.settle(ctx, revision)
}

// signOff ends a duty once the driver is back: with a check, and by signing off.
func (d *Day) signOff(ctx context.Context, dr *driver, s *vehicles.Shift) error {
	if next := dr.next(); next != nil && !dr.broken && partOf(next.Shift, s.ID) {
		d.queue.add(d.now()+offLater, true, func(ctx context.Context) error { return d.signOff(ctx, dr, s) })
		return nil
	}
	if _, err := d.check(ctx, dr, s, true); err != nil {
		return err
	}
	revision, err := dr.line.SignOff(ctx, s.ID, d.cfg.Clock.Now(), d.dutyKey(s, "off"))
	if err != nil {
		return fmt.Errorf("shift %s: sign off: %w", s.ID, err)
	}
	return d.settle(ctx, revision)
}

// partOf reports whether a part of the plan's day belongs to a shift of the calendar.
func partOf(part, shift vehicles.ShiftID) bool {
	return part == shift || strings.HasPrefix(string(part), string(shift)+"/")
}

// check has a driver checked who is sober and well, with a vehicle that is in order, and returns the revision after it. Somebody of
// the owner's staff does it: face to face, or on the telephone where the vehicle is to be towed.
func (d *Day) check(ctx context.Context, dr *driver, s *vehicles.Shift, after bool) (int64, error) {
	report := vehicles.SafetyCheck{
		After: after, At: d.cfg.Clock.Now(), Checker: "C-" + string(dr.vehicle.Owner), CheckerOf: dr.vehicle.Owner,
		Method: vehicles.FaceToFace, Detector: "A-" + string(dr.vehicle.Owner), Odometer: d.odometer(dr),
	}
	key := d.dutyKey(s, "before")
	if after {
		key = d.dutyKey(s, "after")
	} else {
		report.Looked = vehicles.InspectedParts()
	}
	if dr.broken {
		report.Method = vehicles.ByTelephone
	}
	faults, revision, err := dr.line.Check(ctx, s.ID, report, key)
	if err == nil && len(faults) > 0 {
		err = fmt.Errorf("%w: not passed: %v", ErrRefused, faults)
	}
	if err != nil {
		return 0, fmt.Errorf("shift %s: check: %w", s.ID, err)
	}
	return revision, nil
}

func (d *Day) dutyKey(s *vehicles.Shift, what string) string {
	return fmt.Sprintf("%s-%s-%s", d.cfg.RunID, s.ID, what)
}

// odometer is what the vehicle's odometer shows, in km. Own rounds are not played and do not move it.
func (d *Day) odometer(dr *driver) int32 {
	const newest, span = 5_000, 150_000 // km on the clock in the morning
	return newest + luck(d.cfg.Scenario.Seed, dr.vehicle.ID, dispatch.StopID{}).Int32N(span) + int32(dr.meters/1000)
}

// drove counts meters that a vehicle drove.
func (d *Day) drove(dr *driver, meters int64) {
	dr.meters += meters
	d.rec.Meters += meters
}
