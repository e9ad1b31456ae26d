package dispatch_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// drive reports what is due on a random vehicle's route, once in a while too early, or that nobody came.
func (c *randomCaller) drive() error {
	day := c.today()
	state, err := c.desk().State(c.ctx, day.Area, day.Day)
	if err != nil {
		return err
	}
	van := c.shifts[c.random.IntN(len(c.shifts))].Vehicle
	manifest, err := c.desk().Manifest(c.ctx, day.Area, day.Day, van)
	if err != nil {
		return err
	}
	for _, s := range manifest.Stops {
		if s.State.Finished() {
			continue
		}
		kind, due := nextStep(state, s, c.random)
		if due > c.second() && c.random.IntN(20) > 0 {
			return nil
		}
		if err := c.begin(day, van); err != nil {
			return err
		}
		step := dispatch.Step{Area: day.Area, Day: day.Day, Vehicle: van, Kind: kind, Stop: s.StopID, Device: c.now()}
		if c.random.IntN(4) == 0 {
			return c.tapped(day, step)
		}
		return c.report(day, step)
	}
	return nil
}

// begin signs the planned driver of a vehicle on and has them checked, where that was not done yet.
func (c *randomCaller) begin(day dispatch.AreaDay, van vehicles.VehicleID) error {
	desk, by := c.desk(), dispatch.Actor{Subject: "office"}
	for _, s := range c.calendar.of(day.Area, c.shifts) {
		if s.Vehicle != van {
			continue
		}
		_, _, err := desk.SignOn(c.ctx, by, dispatch.SignOn{Area: day.Area, Day: day.Day, Vehicle: van, Shift: s.ID, Driver: s.Driver, At: c.now()}, "")
		if err != nil {
			return c.expected(err)
		}
		state, err := desk.State(c.ctx, day.Area, day.Day)
		if err != nil {
			return err
		}
		if checkedDuty(state, s.ID) {
			return nil
		}
		_, err = desk.Check(c.ctx, by, dispatch.CheckReport{Area: day.Area, Day: day.Day, Vehicle: van, Shift: s.ID, Check: vehicles.SafetyCheck{
			At: c.now(), Checker: "M-1", Method: vehicles.FaceToFace, Detector: "A-1", Looked: vehicles.InspectedParts(), Odometer: 1000,
		}}, "")
		return c.expected(err)
	}
	return nil
}

// checkedDuty reports whether the driver of a shift has a passed check.
func checkedDuty(state *dispatch.State, shift vehicles.ShiftID) bool {
	for _, n := range state.Notes {
		if d, ok := n.Body.(*dispatch.OnDuty); ok && d.Shift == shift {
			return d.Before != ""
		}
	}
	return false
}

// tapped makes a driver's step by a device whose taps come late, twice and out of order: the second tap first, then again, then a first
// one that may contradict what is known.
func (c *randomCaller) tapped(day dispatch.AreaDay, step dispatch.Step) error {
	c.ledger.drive(day, step.Vehicle)
	c.ledger.suspect(day, step.Vehicle, 1)
	c.count++
	step.Sender = fmt.Sprintf("%s-%d", c.name, c.count)
	first := step
	first.Kind = dispatch.StepKnocked
	for i, s := range []dispatch.Step{step, step, first, step} {
		s.Seq = 2
		if i == 2 {
			s.Seq = 1
		}
		s.Key = fmt.Sprintf("tap/%s/%d", s.Sender, s.Seq)
		if _, err := c.desk().Step(c.ctx, dispatch.Actor{Subject: "device"}, s); c.expected(err) != nil {
			return err
		}
	}
	return nil
}

// report makes a driver's step. Until it is sure that the stop had its turn then, the vehicle is suspect: a driver who takes
// a party before its turn may have people aboard together who may not be, and the plan has to tell so.
func (c *randomCaller) report(day dispatch.AreaDay, step dispatch.Step) error {
	c.ledger.drive(day, step.Vehicle)
	c.ledger.suspect(day, step.Vehicle, 1)
	before, next, err := c.routeOf(day, step.Stop)
	if err != nil {
		return err
	}
	err = c.make("step", day, func(desk *dispatch.Desk, by dispatch.Actor, key string) (bool, error) {
		step := step
		step.Key = key
		_, err := desk.Step(c.ctx, by, step)
		return err == nil, err
	})
	if err != nil {
		return err
	}
	after, _, err := c.routeOf(day, step.Stop)
	if err == nil && next && after <= before+1 {
		c.ledger.suspect(day, step.Vehicle, -1)
	}
	return err
}

// routeOf is the route that serves a stop, as stored, and whether the stop is its next.
func (c *randomCaller) routeOf(day dispatch.AreaDay, stop dispatch.StopID) (version int64, next bool, err error) {
	state, err := c.store.Load(c.ctx, day.Area, day.Day)
	if err != nil {
		return 0, false, err
	}
	r := state.RouteOf(stop.Ride)
	if r == nil {
		return 0, false, nil
	}
	i := r.Executed()
	return r.Version, i < len(r.Stops) && r.Stops[i].StopID == stop, nil
}

// nextStep is what a driver reports next about a stop, and when.
func nextStep(state *dispatch.State, s dispatch.ManifestStop, random *rand.Rand) (kind dispatch.StepKind, due int32) {
	due = s.Arrive
	if r := state.RouteOf(s.Ride); r != nil {
		for _, stop := range r.Stops {
			if stop.StopID == s.StopID {
				due = stop.Depart
			}
		}
	}
	switch {
	case s.State == dispatch.Pending:
		return dispatch.StepDepart, s.LeaveBy
	case s.State == dispatch.EnRoute:
		return dispatch.StepArrive, s.Arrive
	case s.Kind == dispatch.DropoffStop:
		return dispatch.StepAlight, due
	case random.IntN(10) == 0:
		return dispatch.StepKnocked, s.Arrive
	case random.IntN(10) == 0:
		return dispatch.StepNoShow, max(s.Latest, s.Arrive+5*60)
	}
	return dispatch.StepBoard, due
}

// undo takes back the last step of a random vehicle.
func (c *randomCaller) undo() error {
	day, van, now := c.today(), c.shifts[c.random.IntN(len(c.shifts))].Vehicle, c.now()
	c.ledger.drive(day, van)
	return c.make("undo", day, func(desk *dispatch.Desk, by dispatch.Actor, key string) (bool, error) {
		_, err := desk.Step(c.ctx, by, dispatch.Step{Area: day.Area, Day: day.Day, Vehicle: van, Kind: dispatch.StepUndo, Device: now, Key: key})
		return err == nil, err
	})
}
