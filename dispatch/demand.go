package dispatch

import (
	"context"
	"fmt"
)

// TurnDown records that a caller did not want what was offered, as a ride in state TurnedDown: demand that was not served.
// reason is a code, empty for ReasonDeclined. Errors: ErrInvalid, ErrKeyReused, or the store's.
func (d *Desk) TurnDown(ctx context.Context, by Actor, req Request, reason, key string) (*Ride, int64, error) {
	if reason == "" {
		reason = ReasonDeclined
	}
	return d.record(ctx, by, req, key, "turned down "+reason, func(_ *areaDay, ride *Ride) (EventKind, error) {
		ride.State, ride.Reason = TurnedDown, reason
		return RideTurnedDown, nil
	})
}

// RecordUnmet records that nothing could be offered to a caller, as a ride in state Unmet. reason is the code of the first
// refusal; empty for CodeNoVehicle. Errors: ErrInvalid, ErrKeyReused, or the store's.
func (d *Desk) RecordUnmet(ctx context.Context, by Actor, req Request, reason, key string) (*Ride, int64, error) {
	if reason == "" {
		reason = CodeNoVehicle
	}
	return d.record(ctx, by, req, key, "unmet "+reason, func(_ *areaDay, ride *Ride) (EventKind, error) {
		ride.State, ride.Reason = Unmet, reason
		return RideUnmet, nil
	})
}

// record writes a ride that has no place in the plan; fill sets what it is.
func (d *Desk) record(ctx context.Context, by Actor, req Request, key, kind string, fill func(*areaDay, *Ride) (EventKind, error)) (*Ride, int64, error) {
	if err := req.validate(); err != nil {
		return nil, 0, err
	}
	a, err := d.open(ctx, req.Area, req.Day)
	if err != nil {
		return nil, 0, err
	}
	idem := IdempotencyKey{key, hashRequest("record", kind, fmt.Sprintf("%+v", req))}
	reply, err := a.change(ctx, idem, func() (*Commit, error) {
		ride := a.draft(&req, Promise{}, 0)
		event, err := fill(a, ride)
		if err != nil {
			return nil, err
		}
		ride.ID, ride.Version, ride.Created, ride.By = a.newRideID(idem, 0, nil), 1, d.now(), by.Subject
		if ride.Booking == "" {
			ride.Booking = BookingID(ride.ID)
		}
		return &Commit{
			Rides:  []RideChange{{After: ride}},
			Events: []Event{{Actor: by.Subject, Kind: event, Ride: ride.ID, After: ride.State.String(), Detail: ride.Reason}},
			Reply:  []byte(ride.ID),
		}, nil
	})
	if err != nil {
		return nil, 0, err
	}
	state := a.current()
	return state.Rides[RideID(reply)], state.Revision, nil
}

// GiveUp ends a booked ride that nobody has boarded and that the service could not give, as unmet: a will-call that nobody
// called for until its window was over, or one that no vehicle could fetch. It is always a person's decision. reason is a
// code, empty for CodeNoVehicle. Errors: ErrNotFound, ErrWrongState, ErrKeyReused, or the store's.
func (d *Desk) GiveUp(ctx context.Context, by Actor, area AreaID, ride RideID, reason, key string) (*Ride, int64, error) {
	if reason == "" {
		reason = CodeNoVehicle
	}
	return d.onRide(ctx, area, ride, IdempotencyKey{key, hashRequest("give up", string(ride), reason)}, func(a *areaDay, r *Ride) (*Commit, error) {
		if !r.cancellable() {
			return nil, fmt.Errorf("%w: ride %s is %s", ErrWrongState, ride, r.State)
		}
		after := r.next(Unmet)
		after.Reason = reason
		return a.ending(by, RideUnmet, after), nil
	})
}

// Demand is what was asked for on a day and what became of it. Every ride counts once.
type Demand struct {
	Asked     int // all rides
	Outcomes  map[RideState]int
	Reasons   map[RideState]map[string]int // of those that ended without a ride, by code
	Cancelled map[CancelKind]int
	WillCalls int // of Asked, booked without a time
	Standing  int // of Asked, from standing orders
}

// Demand counts the day.
func (d *Desk) Demand(ctx context.Context, area AreaID, day Day) (*Demand, error) {
	state, err := d.State(ctx, area, day)
	if err != nil {
		return nil, err
	}
	out := &Demand{Outcomes: map[RideState]int{}, Reasons: map[RideState]map[string]int{}, Cancelled: map[CancelKind]int{}}
	for _, r := range state.Rides {
		out.Asked++
		out.Outcomes[r.State]++
		if r.Call.MaxWait > 0 {
			out.WillCalls++
		}
		if r.Order != "" {
			out.Standing++
		}
		switch r.State {
		case Cancelled:
			out.Cancelled[r.Cancel]++
			fallthrough
		case NoShow, Missed, TurnedDown, Unmet:
			if out.Reasons[r.State] == nil {
				out.Reasons[r.State] = map[string]int{}
			}
			out.Reasons[r.State][r.Reason]++
		}
	}
	return out, nil
}
