package dispatch

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Door is what a driver tried at a door where nobody answered.
type Door struct {
	Ride  RideID
	Tries []DoorTry
}

func (*Door) note() {}

// DoorTry is one call or knock.
type DoorTry struct {
	Knock bool // else a call
	At    time.Time
	By    string
}

// ReasonLate is the reason of a missed ride: the vehicle came later than promised, and the rider had gone.
const ReasonLate = "VEHICLE_LATE"

func doorID(ride RideID) NoteID { return NoteID("door." + string(ride)) }

// door is what was tried at the door of a ride, or nil.
func (s *State) door(ride RideID) (*Note, *Door) {
	n := s.Notes[doorID(ride)]
	if n == nil {
		return nil, nil
	}
	d, _ := n.Body.(*Door)
	return n, d
}

// tryDoor is the commit that a call or a knock at a door makes. a.mu is held.
func (a *areaDay) tryDoor(by Actor, s Step, route *Route, ride *Ride) (*Commit, error) {
	at := a.state.stop(StopID{ride.ID, PickupStop})
	if s.Stop.Kind != PickupStop || at == nil || at.State != Arrived {
		return nil, fmt.Errorf("%w: %s cannot be reported where the vehicle is not at the door, ride %s", ErrWrongState, s.Kind, ride.ID)
	}
	n, was := a.state.door(ride.ID)
	next := &Door{Ride: ride.ID}
	if was != nil {
		next.Tries = append(next.Tries, was.Tries...)
	}
	next.Tries = append(next.Tries, DoorTry{s.Kind == StepKnocked, s.Device, by.Subject})
	changed := &Note{ID: doorID(ride.ID), Version: 1, Body: next}
	if n != nil {
		changed = n.changed(next)
	}
	return &Commit{
		Notes:  []*Note{changed},
		Events: []Event{{Actor: by.Subject, Kind: DoorTried, Ride: ride.ID, Shift: route.Shift, Device: s.Device, Detail: s.Kind.String()}},
	}, nil
}

// giveUpAt is the first second at which a driver who stands at the door may give up: a while after the promise has begun and the vehicle
// has come. Not the end of the promise: it says until when the vehicle may come, and whoever is aboard or next is not kept waiting for it.
func (r *Rules) giveUpAt(ride *Ride) int32 {
	return max(ride.Promise.Pickup.Earliest, ride.Actual.PickupArrive) + r.NoShowGrace
}

// cameLate reports whether the vehicle came so late that the rider need not have waited.
func (r *Rules) cameLate(ride *Ride) bool {
	return ride.Actual.PickupArrive > ride.Promise.Pickup.Latest+r.LateTolerance
}

// waited fails with ErrTooSoon where the rider must be waited for longer at a second, or nobody called or knocked. a.mu is held.
func (a *areaDay) waited(ride *Ride, at int32, override bool) error {
	if override {
		return nil
	}
	if until := a.desk.cfg.Rules.giveUpAt(ride); at < until {
		return fmt.Errorf("%w: ride %s is waited for until %s", ErrTooSoon, ride.ID, clockText(until))
	}
	if _, d := a.state.door(ride.ID); d == nil || len(d.Tries) == 0 {
		return fmt.Errorf("%w: nobody has called or knocked for ride %s", ErrTooSoon, ride.ID)
	}
	return nil
}

// Why the office lets a driver leave without a party. The values are stored and part of the contract.
const (
	LeaveRiderCalled = "RIDER_CALLED" // somebody has called and said that nobody will come
	LeaveFoundAbsent = "FOUND_ABSENT" // is known to be elsewhere
	LeaveInHospital  = "IN_HOSPITAL"
	LeaveOthersWait  = "OTHERS_WAIT" // those aboard or next cannot wait any longer
	LeaveOther       = "OTHER"
)

// LeaveReasons lists them all.
func LeaveReasons() []string {
	return []string{LeaveRiderCalled, LeaveFoundAbsent, LeaveInHospital, LeaveOthersWait, LeaveOther}
}

// foundOut reports whether a no-show of the reason leaves nobody to look after: it is known where the person is.
func foundOut(reason string) bool {
	return reason == LeaveRiderCalled || reason == LeaveFoundAbsent || reason == LeaveInHospital
}

// LeaveWithout lets the driver at a ride's door leave before the time of grace has passed, and without a call or knock: somebody in the
// office has decided so, and why says why. It stands for the driver's own no-show, also in that it is missed where the vehicle came late.
// Errors: ErrInvalid, ErrNotFound, ErrWrongState where no vehicle is at the door, ErrUnchecked, ErrKeyReused, or the store's.
func (d *Desk) LeaveWithout(ctx context.Context, by Actor, area AreaID, id RideID, why, key string) (*Ride, int64, error) {
	if !slices.Contains(LeaveReasons(), why) {
		return nil, 0, fmt.Errorf("%w: reason %q is none of %s", ErrInvalid, why, strings.Join(LeaveReasons(), ", "))
	}
	a, err := d.openRide(ctx, area, id)
	if err != nil {
		return nil, 0, err
	}
	_, err = a.free(ctx, IdempotencyKey{key, hashRequest("leave without", string(id), why)}, func() (*Commit, error) {
		ride, err := a.rideLocked(id)
		if err != nil {
			return nil, err
		}
		route := a.state.RouteOf(id)
		if route == nil {
			return nil, fmt.Errorf("%w: no vehicle is at the door of ride %s, which is %s", ErrWrongState, id, ride.State)
		}
		k, runs := a.byShift[route.Shift]
		if !runs {
			return nil, fmt.Errorf("%w: shift %s", ErrNotFound, route.Shift)
		}
		return a.step(by, Step{
			Area: area, Day: a.key.Day, Vehicle: a.shifts[k].Vehicle, Kind: StepNoShow, Stop: StopID{id, PickupStop}, Device: d.now(),
			Override: true, Why: why,
		})
	})
	if err != nil {
		return nil, 0, err
	}
	state := a.current()
	if r := state.Rides[id]; r != nil {
		return r, state.Revision, nil
	}
	return nil, 0, fmt.Errorf("%w: ride %s", ErrNotFound, id)
}
