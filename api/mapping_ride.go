package api

import (
	"context"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// carried is where a ride stands in the plan.
type carried struct {
	shift           vehicles.ShiftID
	pickup, dropoff *dispatch.Stop
}

// rideView writes rides of one state of a day. It belongs to one call.
type rideView struct {
	clock   dayClock
	state   *dispatch.State
	shifts  []vehicles.Shift
	carried map[dispatch.RideID]carried // nil until index is called
	staff   bool                        // the caller plans or answers for the day, and is shown what was fixed by hand
	// expected is when a shift's vehicle is expected at its rides; nil where that cannot be told.
	expected func(vehicles.ShiftID) map[dispatch.RideID]dispatch.Prediction
}

// viewOf prepares to write rides of a day as it is now.
func viewOf(ctx context.Context, engine Engine, cfg Config, area dispatch.AreaID, day dispatch.Day) (*rideView, error) {
	clock, err := cfg.day(string(day))
	if err != nil {
		return nil, err
	}
	return viewAt(ctx, engine, area, clock)
}

func viewAt(ctx context.Context, engine Engine, area dispatch.AreaID, clock dayClock) (*rideView, error) {
	state, err := engine.Days.State(ctx, area, clock.day)
	if err != nil {
		return nil, err
	}
	shifts, err := engine.Days.Shifts(ctx, area, clock.day)
	if err != nil {
		return nil, err
	}
	return &rideView{
		clock: clock, state: state, shifts: shifts, staff: callerOf(ctx).plans(),
		expected: func(shift vehicles.ShiftID) map[dispatch.RideID]dispatch.Prediction {
			// Without it the answer is what is planned, which is better than none.
			list, _ := engine.Days.Predict(ctx, area, clock.day, shift)
			return list
		},
	}, nil
}

// index looks up once where every ride stands, which pays for more than a few rides.
func (v *rideView) index() {
	v.carried = make(map[dispatch.RideID]carried, len(v.state.Rides))
	for _, route := range v.state.Routes {
		for i := range route.Stops {
			id := route.Stops[i].Ride
			v.carried[id] = v.carried[id].with(route, i)
		}
	}
}

// with adds stop i of the route.
func (c carried) with(route *dispatch.Route, i int) carried {
	c.shift = route.Shift
	if stop := &route.Stops[i]; stop.Kind == dispatch.PickupStop {
		c.pickup = stop
	} else {
		c.dropoff = stop
	}
	return c
}

// find tells where a ride stands in the plan; the zero value where it does not.
func (v *rideView) find(id dispatch.RideID) (c carried) {
	if v.carried != nil {
		return v.carried[id]
	}
	if route := v.state.RouteOf(id); route != nil {
		for i := range route.Stops {
			if route.Stops[i].Ride == id {
				c = c.with(route, i)
			}
		}
	}
	return c
}

// vehicleOf is the vehicle of a shift, empty for a shift that is not of the day.
func (v *rideView) vehicleOf(shift vehicles.ShiftID) string {
	for i := range v.shifts {
		if v.shifts[i].ID == shift {
			return string(v.shifts[i].Vehicle)
		}
	}
	return ""
}

// write gives the contract's form of a ride.
func (v *rideView) write(r *dispatch.Ride) *swmaasv1.Ride {
	out := &swmaasv1.Ride{
		Id: string(r.ID), Area: string(r.Area), ServiceDate: string(r.Day),
		BookingId: string(r.Booking), RiderId: string(r.Rider),
		State: rideStateWords[r.State], Version: r.Version,
		Party: party(r.Party.Load), Needs: aidList(r.Party.Needs),
		Pickup: place(r.Pickup), Dropoff: place(r.Dropoff),
		Requested: v.clock.wish(r.Wish), Direct: seconds(r.Direct),
		Boarding: seconds(r.Party.Board), Alighting: seconds(r.Party.Alight),
		Actual:  v.clock.actual(r.Actual),
		Purpose: purposeWords[r.Purpose], CancelKind: cancelKindWords[r.Cancel], Reason: r.Reason,
		LinkedRideId: string(r.Linked), Created: timestampOrNone(r.Created), Terms: terms(&r.Terms),
	}
	out.OrderId, out.Together, out.Limits = string(r.Order), r.Together, limitsMessage(&r.Party.Limits)
	if r.Call.MaxWait > 0 {
		out.MaxWait = seconds(r.Call.MaxWait)
	}
	if r.Call.Called {
		out.CalledAt = v.clock.moment(r.Call.At)
	}
	if r.State == dispatch.Offered {
		out.HeldUntil = timestampOrNone(r.Held)
	}
	if r.Promise.MaxRide > 0 {
		out.Promise, out.Confirmed = v.clock.promise(r.Promise), v.clock.promise(v.state.Confirmed(r.ID, v.clock.midnight))
	}
	if v.staff && r.Locks.Any() {
		out.Locks = v.clock.locks(&r.Locks)
	}
	c := v.find(r.ID)
	out.ShiftId, out.VehicleId = string(c.shift), v.vehicleOf(c.shift)
	if c.shift != "" {
		p := v.expected(c.shift)[r.ID]
		out.PredictedPickup, out.PredictedArrival = v.clock.momentOrNone(p.Pickup), v.clock.momentOrNone(p.Arrival)
	}
	if c.pickup != nil {
		out.PlannedPickup = v.clock.moment(c.pickup.Arrive)
	}
	if c.dropoff != nil {
		out.PlannedArrival = v.clock.moment(c.dropoff.Arrive)
	}
	return out
}

// wish gives what was asked for; an end that was left open stays open.
func (c dayClock) wish(w dispatch.Wish) *swmaasv1.Wish {
	earliest := c.momentOrNone(w.Window.Earliest)
	latest := c.moment(w.Window.Latest)
	open := w.Window.Latest == vehicles.MaxDaySecond
	switch w.Kind {
	case dispatch.ArriveBy:
		return &swmaasv1.Wish{Kind: &swmaasv1.Wish_ArriveBy{ArriveBy: &swmaasv1.ArriveBy{Latest: latest, Earliest: earliest}}}
	case dispatch.DepartAfter:
		after := &swmaasv1.DepartAfter{Earliest: c.moment(w.Window.Earliest), Latest: latest}
		if open {
			after.Latest = nil
		}
		return &swmaasv1.Wish{Kind: &swmaasv1.Wish_DepartAfter{DepartAfter: after}}
	case dispatch.PickupWithin:
		return &swmaasv1.Wish{Kind: &swmaasv1.Wish_PickupWindow{PickupWindow: c.timeWindow(w.Window)}}
	}
	return nil
}

func (c dayClock) timeWindow(w dispatch.Window) *swmaasv1.TimeWindow {
	return &swmaasv1.TimeWindow{Earliest: c.moment(w.Earliest), Latest: c.moment(w.Latest)}
}

func (c dayClock) promise(p dispatch.Promise) *swmaasv1.Promise {
	return &swmaasv1.Promise{Pickup: c.timeWindow(p.Pickup), ArriveBy: c.momentOrNone(p.ArriveBy), MaxRide: seconds(p.MaxRide)}
}

func (c dayClock) locks(l *dispatch.Locks) *swmaasv1.RideLocks {
	return &swmaasv1.RideLocks{ShiftId: string(l.Shift), Order: l.Order, Pickup: c.momentOrNone(l.At), SetBy: l.By}
}

func (c dayClock) actual(a dispatch.Actual) *swmaasv1.ActualTimes {
	return &swmaasv1.ActualTimes{
		ArrivedAtPickup: c.momentOrNone(a.PickupArrive), Boarded: c.momentOrNone(a.Board),
		ArrivedAtDropoff: c.momentOrNone(a.DropoffArrive), Alighted: c.momentOrNone(a.Alight),
	}
}

func (c dayClock) offers(list []dispatch.Offer) []*swmaasv1.Offer {
	out := make([]*swmaasv1.Offer, len(list))
	for i, o := range list {
		out[i] = &swmaasv1.Offer{
			Token: o.Token, ExpiresAt: timestampOrNone(o.Expires), Promise: c.promise(o.Promise),
			PlannedPickup: c.moment(o.Pickup), PlannedArrival: c.moment(o.Arrival),
			PlannedRide: seconds(o.RideTime), Direct: seconds(o.Direct), Terms: terms(&o.Terms), WhyJa: o.Why("ja"), WhyEn: o.Why("en"),
			EligibleTo: string(o.EligibleTo),
		}
	}
	return out
}

// terms gives the contract's form of what a policy decided; nil where none did.
func terms(t *dispatch.Terms) *swmaasv1.Terms {
	if t.Mode == "" {
		return nil
	}
	out := &swmaasv1.Terms{LegalMode: string(t.Mode), Standing: string(t.Standing), FacilityId: string(t.Facility), Policy: t.Policy}
	if t.FareKnown {
		out.FareYen = &t.Yen
	}
	return out
}

func event(e *dispatch.Event) *swmaasv1.Event {
	return &swmaasv1.Event{
		Id: string(e.ID), At: timestampOrNone(e.At), Actor: e.Actor, Kind: eventKindWords[e.Kind],
		RideId: string(e.Ride), ShiftId: string(e.Shift), Before: e.Before, After: e.After, Detail: e.Detail,
	}
}
