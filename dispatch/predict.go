package dispatch

import (
	"context"
	"sync"

	"github.com/swmaas/swmaas/vehicles"
)

// Prediction is when a ride is expected to be fetched and to be there, in service-day seconds, by the plan, the clock and where its
// vehicle was seen last. Each is 0 once it has happened.
type Prediction struct{ Pickup, Arrival int32 }

// predictEvery is for how many seconds of the desk's clock a prediction is given again while the route stays as it is.
const predictEvery = 10

// predictions remembers what was predicted of the shifts of an area-day, so that riders who look again and again cost nothing. Safe for
// concurrent use.
type predictions struct{ shifts sync.Map } // of vehicles.ShiftID: *predicted

type predicted struct {
	route *Route // that it was worked out for
	at    int32
	rides map[RideID]Prediction
}

// Predict tells what is expected of the rides that a shift carries, those left out that have ended or that nobody is told about yet. It
// is at most some seconds old and must not be changed. A vehicle whose position cannot be read is expected by the plan and the clock
// alone. Errors: the store's, where the day cannot be read.
func (d *Desk) Predict(ctx context.Context, area AreaID, day Day, shift vehicles.ShiftID) (map[RideID]Prediction, error) {
	a, err := d.open(ctx, area, day)
	if err != nil {
		return nil, err
	}
	route, now := a.current().Routes[shift], a.second()
	if route == nil {
		return nil, nil
	}
	if p, ok := a.predicted.shifts.Load(shift); ok {
		if p := p.(*predicted); p.route == route && p.at <= now && now-p.at < predictEvery {
			return p.rides, nil
		}
	}
	p, err := a.predict(ctx, shift, route, now)
	if err != nil {
		return nil, err
	}
	a.predicted.shifts.Store(shift, p)
	return p.rides, nil
}

// predict works out what is expected on a route.
func (a *areaDay) predict(ctx context.Context, shift vehicles.ShiftID, route *Route, now int32) (*predicted, error) {
	p := &predicted{route: route, at: now, rides: map[RideID]Prediction{}}
	k := route.Executed()
	if k == len(route.Stops) {
		return p, nil
	}
	if s := &route.Stops[k]; s.State == Pending && now <= s.LeaveBy { // nothing can be late yet: it is as planned
		state := a.current()
		for _, s := range route.Stops[k:] {
			if r := state.Rides[s.Ride]; r != nil && r.shown() {
				p.add(s.StopID, s.State, s.Arrive)
			}
		}
		return p, nil
	}
	seen := map[vehicles.VehicleID]vehicles.Position{}
	if route.Stops[k].State == EnRoute {
		if known, err := a.lastSeen(ctx); err == nil {
			seen = known
		}
	}
	v, err := a.look(ctx)
	if err != nil {
		return nil, err
	}
	defer a.endLook(v)
	if i, runs := v.byShift[shift]; runs {
		p.route = v.routeLocked(shift)
		for _, e := range v.expectedOn(ctx, i, seen, now) {
			p.add(e.StopID, e.State, e.Arrive)
		}
	}
	return p, nil
}

// add takes the arrival at a stop in that is not over; one that the vehicle has reached has happened.
func (p *predicted) add(stop StopID, state StopState, arrive int32) {
	if state == Arrived {
		return
	}
	ride := p.rides[stop.Ride]
	if stop.Kind == PickupStop {
		ride.Pickup = arrive
	} else {
		ride.Arrival = arrive
	}
	p.rides[stop.Ride] = ride
}
