package dispatch

import (
	"fmt"
	"slices"
)

// applyStep returns the route and the ride after a driver's step at second t of the day, and the event that it is. It
// changes neither argument. The real world wins: a stop taken before its turn moves to its turn, but nobody alights who
// has not boarded, and what is finished stays finished until it is undone.
func applyStep(route *Route, ride *Ride, kind StepKind, stop StopID, t int32) (*Route, *Ride, EventKind, error) {
	if kind == StepUndo {
		return undoStep(route, ride, stop)
	}
	next := &Route{Shift: route.Shift, Version: route.Version + 1, Stops: slices.Clone(route.Stops)}
	i := slices.IndexFunc(next.Stops, func(s Stop) bool { return s.StopID == stop })
	if i < 0 {
		return nil, nil, "", fmt.Errorf("%w: ride %s has no such stop on shift %s", ErrNotFound, stop.Ride, route.Shift)
	}
	if next.Stops[i].State.Finished() {
		return nil, nil, "", fmt.Errorf("%w: the stop of ride %s is finished", ErrWrongState, stop.Ride)
	}
	if stop.Kind == DropoffStop && ride.State != UnderWay {
		return nil, nil, "", fmt.Errorf("%w: ride %s has not boarded", ErrWrongState, stop.Ride)
	}
	i = takeTurn(next, i)
	after := *ride
	after.Version++
	event, err := advance(next, i, &after, kind, t)
	if err != nil {
		return nil, nil, "", err
	}
	return next, &after, event, nil
}

// takeTurn moves stop i before every other unfinished stop and returns its new index. Another stop that the vehicle was under way to is pending again.
func takeTurn(r *Route, i int) int {
	at := r.Executed()
	if i == at {
		return i
	}
	s := r.Stops[i]
	r.Stops = slices.Insert(slices.Delete(r.Stops, i, i+1), at, s)
	for k := at + 1; k < len(r.Stops); k++ {
		if st := r.Stops[k].State; st == EnRoute || st == Arrived {
			r.Stops[k].State = Pending
		}
	}
	return at
}

// advance moves the stop, and the ride with it, one step on. A report may come late, or from a clock that is behind: the route's
// times never run backwards, while the ride keeps what the device said.
func advance(r *Route, i int, ride *Ride, kind StepKind, t int32) (EventKind, error) {
	s := &r.Stops[i]
	left := t // no earlier than the departure from the stop before
	if i > 0 {
		left = max(t, r.Stops[i-1].Depart)
	}
	switch {
	case kind == StepDepart && s.State == Pending:
		s.State, s.LeaveBy = EnRoute, left
		return VehicleLeft, nil
	case kind == StepArrive && s.State != Arrived:
		s.State, s.Arrive = Arrived, left
		if s.Kind == PickupStop {
			ride.Actual.PickupArrive = t
		} else {
			ride.Actual.DropoffArrive = t
		}
		return VehicleArrived, nil
	case kind == StepBoard && s.Kind == PickupStop && s.State == Arrived:
		begin := max(s.Arrive, min(s.Begin, t))
		s.State, s.Begin, s.Depart = Done, begin, max(begin, t)
		ride.State, ride.Actual.Board = UnderWay, t
		return RideBoarded, nil
	case kind == StepAlight && s.Kind == DropoffStop && s.State == Arrived:
		s.State, s.Begin, s.Depart = Done, s.Arrive, max(s.Arrive, t)
		ride.State, ride.Actual.Alight = Completed, t
		return RideCompleted, nil
	case kind == StepNoShow && s.Kind == PickupStop && s.State == Arrived:
		s.State, s.Begin, s.Depart = Skipped, s.Arrive, max(s.Arrive, t)
		ride.State, ride.Reason = NoShow, "NO_CLIENT"
		r.Stops = slices.DeleteFunc(r.Stops, func(o Stop) bool { return o.StopID == StopID{ride.ID, DropoffStop} })
		return RideNoShow, nil
	}
	return "", fmt.Errorf("%w: %s cannot be reported of a stop that is %s, ride %s", ErrWrongState, kind, s.State, ride.ID)
}

// undoStep takes back the last step that was reported for the stop.
func undoStep(route *Route, ride *Ride, stop StopID) (*Route, *Ride, EventKind, error) {
	next := &Route{Shift: route.Shift, Version: route.Version + 1, Stops: slices.Clone(route.Stops)}
	i := slices.IndexFunc(next.Stops, func(s Stop) bool { return s.StopID == stop })
	last := max(next.Executed()-1, 0)
	if i < 0 || (next.Stops[i].State.Finished() && i != last) || next.Stops[i].State == Pending {
		return nil, nil, "", fmt.Errorf("%w: only the last step of a vehicle can be undone", ErrWrongState)
	}
	after := *ride
	after.Version++
	s := &next.Stops[i]
	switch s.State {
	case EnRoute:
		s.State = Pending
	case Arrived:
		s.State = EnRoute
	case Skipped:
		s.State = Arrived
		after.State, after.Reason = Booked, ""
		next.Stops = slices.Insert(next.Stops, i+1, Stop{StopID: StopID{ride.ID, DropoffStop}})
	case Done:
		s.State = Arrived
		if s.Kind == PickupStop {
			after.State, after.Actual.Board = Booked, 0
		} else {
			after.State, after.Actual.Alight = UnderWay, 0
		}
	}
	return next, &after, StepUndone, nil
}
