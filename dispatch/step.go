package dispatch

import (
	"context"
	"fmt"

	"github.com/swmaas/swmaas/vehicles"
)

// Step takes a driver's report into the plan and carries its times down the route. A report that was taken before (same
// Key, or same Sender and Seq) changes nothing. Errors: ErrNotFound, ErrWrongState, ErrUnchecked where the driver may not leave, ErrTooSoon
// for a no-show, ErrKeyReused, ErrInvalid, or the store's. A step with a sender that fails with ErrNotFound, ErrWrongState,
// ErrTooSoon or ErrInvalid has had its turn and is not to be sent again.
func (d *Desk) Step(ctx context.Context, by Actor, s Step) (StepResult, error) {
	a, err := d.open(ctx, s.Area, s.Day)
	if err != nil {
		return StepResult{}, err
	}
	key := IdempotencyKey{s.Key, hashRequest("step", string(s.Vehicle), fmt.Sprint(uint8(s.Kind), s.Stop, s.Device.UnixMilli()))}
	if s.Sender != "" {
		return a.stepInOrder(ctx, by, s, key)
	}
	_, err = a.changeBy(s.Kind)(ctx, key, func() (*Commit, error) { return a.step(by, s) })
	return StepResult{Revision: a.current().Revision}, err
}

// changeBy is how a step changes the plan: a no-show frees a place, which those who wait get.
func (a *areaDay) changeBy(kind StepKind) func(context.Context, IdempotencyKey, func() (*Commit, error)) ([]byte, error) {
	if kind == StepNoShow {
		return a.free
	}
	return a.change
}

// step is the commit that a driver's report makes. a.mu is held.
func (a *areaDay) step(by Actor, s Step) (*Commit, error) {
	at := int32(s.Device.Sub(a.midnight).Seconds())
	if at < 0 || at > vehicles.MaxDaySecond {
		return nil, fmt.Errorf("%w: device time %s is not within service day %s", ErrInvalid, s.Device.Format("2006-01-02 15:04:05"), s.Day)
	}
	if s.Kind == StepUndo && s.Stop.Ride == "" {
		s.Stop = a.lastStepLocked(s.Vehicle)
	}
	route := a.servedByLocked(s.Vehicle, s.Stop)
	ride := a.state.Rides[s.Stop.Ride]
	if route == nil || ride == nil || ride.State == Offered { // drivers do not see a place that is only kept
		return nil, fmt.Errorf("%w: vehicle %s has no stop of ride %s", ErrNotFound, s.Vehicle, s.Stop.Ride)
	}
	if err := a.mayLeave(route.Shift); err != nil && s.Kind != StepUndo {
		return nil, err
	}
	if s.Kind == StepCalled || s.Kind == StepKnocked {
		return a.tryDoor(by, s, route, ride)
	}
	next, after, kind, err := applyStep(route, ride, s.Kind, s.Stop, at)
	if err != nil {
		return nil, err
	}
	if s.Kind == StepNoShow {
		if err := a.waited(ride, at, s.Override); err != nil {
			return nil, err
		}
	}
	if s.Kind == StepNoShow && a.desk.cfg.Rules.cameLate(ride) {
		after.State, after.Reason, kind = Missed, ReasonLate, RideMissed
	} else if s.Kind == StepNoShow && s.Why != "" {
		after.Reason = s.Why
	}
	if s.Kind == StepUndo && after.State == Booked && ride.State != Booked && a.handed(route.Shift, s.Stop.Ride) {
		after.State = Published // as before the step that is undone
	}
	if s.Kind == StepUndo && (ride.State == NoShow || ride.State == Missed) {
		a.gatherAgain(next, s.Stop, after)
	}
	if s.Kind != StepUndo {
		if err := a.takenEarly(next, s.Stop, after); err != nil {
			return nil, err
		}
	}
	a.retimeLocked(next, after)
	return &Commit{
		Routes: []*Route{next},
		Rides:  []RideChange{{Before: ride, After: after}},
		Events: []Event{{
			Actor: by.Subject, Kind: kind, Ride: ride.ID, Shift: next.Shift, Device: s.Device,
			Before: ride.State.String(), After: after.State.String(), Detail: s.Why,
		}},
	}, nil
}

// servedByLocked is the route of the vehicle that holds the stop, or nil. a.mu is held.
func (a *areaDay) servedByLocked(v vehicles.VehicleID, stop StopID) *Route {
	for i := range a.shifts {
		if a.shifts[i].Vehicle != v {
			continue
		}
		r := a.routeLocked(a.shifts[i].ID)
		for k := range r.Stops {
			if r.Stops[k].StopID == stop {
				return r
			}
		}
	}
	return nil
}

// lastStepLocked is the stop that the vehicle's driver reported about last, or the zero value. a.mu is held.
func (a *areaDay) lastStepLocked(v vehicles.VehicleID) (last StopID) {
	for i := range a.shifts {
		if a.shifts[i].Vehicle != v {
			continue
		}
		for _, s := range a.routeLocked(a.shifts[i].ID).Stops {
			if s.State != Pending {
				last = s.StopID
			}
		}
	}
	return last
}

// timerLocked is the timer of a shift's route, in which the given rides stand in for what the state has. a.mu is held
// while it is used.
func (a *areaDay) timerLocked(id vehicles.ShiftID, changed ...*Ride) *timer {
	shift, now := &a.shifts[a.byShift[id]], a.second()
	rules := &a.desk.cfg.Rules
	near := int32(0)
	if a.near.shift == id {
		near = a.near.arrival
	}
	return &timer{
		near:  near,
		shift: shift, vehicle: a.vehicles[shift.Vehicle], rules: *rules, now: now, places: a.places, back: a.back[shift.ID],
		rides: func(id RideID) *Ride {
			for _, r := range changed {
				if r.ID == id {
					return rules.lifted(r, now)
				}
			}
			return rules.lifted(a.state.Rides[id], now)
		},
	}
}
