package sim

import (
	"context"
	"math"

	"github.com/swmaas/swmaas/dispatch"
)

// neverDone is before every second of a day and of the day before it.
const neverDone = math.MinInt32

// recall puts a driver back to where the manifest of an interrupted day has got to, with the stops that were executed in
// the record, and returns the second of the last step, neverDone where there was none.
func (d *Day) recall(ctx context.Context, dr *driver) (last int32, err error) {
	last = neverDone
	for i := range dr.manifest.Stops {
		s := &dr.manifest.Stops[i]
		if s.State == dispatch.Pending {
			continue
		}
		if err := d.enter(ctx, dr, s.Shift); err != nil {
			return 0, err
		}
		if s.State == dispatch.EnRoute {
			last = max(last, s.LeaveBy)
			err = d.setOff(ctx, dr, *s, s.LeaveBy)
		} else {
			last = max(last, d.recallStop(dr, s))
			err = d.recallDrive(ctx, dr, s)
		}
		if err != nil {
			return 0, err
		}
	}
	return last, nil
}

// recallStop notes a stop that was reached before, and returns the second of its last step.
func (d *Day) recallStop(dr *driver, s *dispatch.ManifestStop) int32 {
	if s.State == dispatch.Arrived {
		dr.arrived = s.Arrive
		return s.Arrive
	}
	ride := d.rides[s.Ride]
	stop := Stop{Vehicle: dr.vehicle.ID, Ride: s.Ride, Arrive: s.Arrive, At: s.Place.At}
	switch {
	case s.State == dispatch.Skipped:
		stop.Kind, stop.Depart = NoShowStop, max(s.Arrive, s.NotBefore)+waitForNobody
	case s.Kind == dispatch.PickupStop:
		stop.Kind, stop.Depart = PickupStop, ride.Actual.Board
	default:
		stop.Kind, stop.Depart = DropoffStop, ride.Actual.Alight
	}
	d.rec.Stops = append(d.rec.Stops, stop)
	dr.free = stop.Depart
	return stop.Depart
}

// recallDrive counts the drive to a stop that was reached before.
func (d *Day) recallDrive(ctx context.Context, dr *driver, s *dispatch.ManifestStop) error {
	way, err := d.roads.way(ctx, dr.at, s.Place.At)
	if err != nil {
		return err
	}
	d.drove(dr, int64(way.Meters))
	dr.at = s.Place.At
	return nil
}
