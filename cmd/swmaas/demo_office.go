package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/sim"
	"github.com/swmaas/swmaas/dispatch/sim/town"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// What goes wrong on the demo's day: a bridge is closed in the morning, a van breaks down after noon, and a clinic runs late.
const (
	demoBridge      = "布施川二号橋（東布施）"
	demoBridgeKnown = 9*3600 + 35*60 // the river rises: the town says when it is going to close the bridge
	demoBridgeFrom  = 10*3600 + 15*60
	demoBridgeUntil = 16 * 3600
	demoBreakdown   = 13*3600 + 5*60
	demoClinicLate  = 40 * 60
	demoClinicFrom  = 10 * 3600 // ways home from then on
)

// demoIncidents is what goes wrong on a town's day.
func demoIncidents(calls []sim.Call) sim.Incidents {
	return sim.Incidents{
		Bridge: demoBridge, Announced: demoBridgeKnown, ClosedFrom: demoBridgeFrom, ClosedTill: demoBridgeUntil, BreakdownAt: demoBreakdown,
		LateReturns: sim.LateClinic(calls, demoClinicFrom), LateBy: demoClinicLate,
	}
}

// demoOffice is the person at the council who enters what happens and tells people on the telephone.
type demoOffice struct {
	desk *dispatch.Desk
	day  dispatch.Day
}

func (o *demoOffice) actor() dispatch.Actor { return dispatch.Actor{Subject: "demo-office"} }

// Close closes a bridge.
func (o *demoOffice) Close(ctx context.Context, bridge string, from, until int32, key string) (int64, error) {
	midnight, err := o.desk.Midnight(o.day)
	if err != nil {
		return 0, err
	}
	at := func(second int32) time.Time { return midnight.Add(time.Duration(second) * time.Second) }
	_, days, err := o.desk.SetCondition(ctx, o.actor(), town.Area, dispatch.ConditionOrder{
		From: at(from), Until: at(until), Condition: dispatch.Condition{Kind: dispatch.RoadClosed, Road: bridge, Reason: "FLOOD"},
	}, key)
	if err != nil {
		return 0, err
	}
	return days[0].Revision, nil
}

// BreakDown takes a vehicle out of service.
func (o *demoOffice) BreakDown(ctx context.Context, vehicle vehicles.VehicleID, at geo.LatLng, key string) (int64, error) {
	repair, err := o.desk.TakeOut(ctx, o.actor(), town.Area, dispatch.StandDown{Day: o.day, Vehicle: vehicle, Cause: dispatch.Breakdown, At: at}, key)
	if err != nil {
		return 0, err
	}
	return repair.Revision, nil
}

// Broken lists the vehicles that are out of service.
func (o *demoOffice) Broken(ctx context.Context) (list []vehicles.VehicleID, err error) {
	rows, err := o.desk.Outages(ctx, town.Area, o.day)
	for _, r := range rows {
		if !r.Body.Undone && r.Body.Until == 0 {
			list = append(list, r.Body.Vehicle)
		}
	}
	return list, err
}

// Call calls for a will-call.
func (o *demoOffice) Call(ctx context.Context, ride dispatch.RideID, key string) (int64, error) {
	called, err := o.desk.Activate(ctx, o.actor(), town.Area, dispatch.Activation{Ride: ride, Via: dispatch.ViaPhone}, key)
	if errors.Is(err, dispatch.ErrWrongState) {
		return 0, sim.ErrRefused
	}
	if err != nil {
		return 0, err
	}
	return called.Revision, nil
}

// Tell telephones everybody who must be told something.
func (o *demoOffice) Tell(ctx context.Context) (told []sim.Told, revision int64, err error) {
	if moved, err := o.desk.Roll(ctx, town.Area, o.day); err != nil {
		return nil, 0, err
	} else if moved > 0 {
		state, err := o.desk.State(ctx, town.Area, o.day)
		if err != nil {
			return nil, 0, err
		}
		revision = state.Revision
	}
	rows, err := o.desk.Tells(ctx, town.Area, o.day, dispatch.TellFilter{Open: true})
	if err != nil {
		return nil, 0, err
	}
	for _, row := range rows {
		mark := dispatch.TellMark{Area: town.Area, Day: o.day, ID: row.ID, Version: row.Version, Channel: "phone"}
		_, at, err := o.desk.MarkTold(ctx, o.actor(), mark, fmt.Sprintf("told-%s-%d", row.ID, row.Version))
		if errors.Is(err, dispatch.ErrChanged) || errors.Is(err, dispatch.ErrWrongState) {
			continue // it says something else by now, or nothing: the next look tells that
		}
		if err != nil {
			return told, 0, err
		}
		revision = at
		told = append(told, sim.Told{Ride: row.Tell.Ride, Reason: row.Tell.Reason})
	}
	return told, revision, nil
}

// Untold counts those who have not been told.
func (o *demoOffice) Untold(ctx context.Context) (int, error) {
	rows, err := o.desk.Tells(ctx, town.Area, o.day, dispatch.TellFilter{Open: true})
	return len(rows), err
}

// Confirmed is the promise that the rider of a ride was told last.
func (o *demoOffice) Confirmed(ctx context.Context, ride dispatch.RideID) (dispatch.Promise, error) {
	state, err := o.desk.State(ctx, town.Area, o.day)
	if err != nil {
		return dispatch.Promise{}, err
	}
	midnight, err := o.desk.Midnight(o.day)
	if err != nil {
		return dispatch.Promise{}, err
	}
	return state.Confirmed(ride, midnight), nil
}
