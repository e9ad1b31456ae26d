package main

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
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
	desk    *dispatch.Desk
	council swmaasv1.CouncilClient
	day     dispatch.Day
}

// office is the person at the council, on the telephone desk's connection.
func (l *demoLines) office(desk *dispatch.Desk) *demoOffice {
	return &demoOffice{desk, swmaasv1.NewCouncilClient(l.desk), l.run.town.Day}
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

// Tell telephones everybody who must be told something. Who does not answer is called again at the next look.
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
	tells, err := o.open(ctx)
	if err != nil {
		return nil, 0, err
	}
	for _, t := range tells {
		answered, at, err := o.ring(ctx, t)
		switch code := status.Code(err); {
		case code == codes.Aborted || code == codes.FailedPrecondition:
			continue // it says something else by now, or nothing: the next look tells that
		case err != nil:
			return told, 0, err
		}
		revision = at
		if answered {
			about := sim.Told{Reason: dispatch.TellReason(t.GetReason())}
			if rides := t.GetRideIds(); len(rides) > 0 {
				about.Ride = dispatch.RideID(rides[0])
			}
			told = append(told, about)
		}
	}
	return told, revision, nil
}

// ring calls somebody once. One in noAnswer does not answer the first call.
func (o *demoOffice) ring(ctx context.Context, t *swmaasv1.Tell) (answered bool, revision int64, err error) {
	const noAnswer = 4
	key := fmt.Sprintf("%s-%d", t.GetId(), t.GetVersion())
	h := fnv.New32a()
	_, _ = h.Write([]byte(t.GetRiderId()))
	if t.GetTries() == 0 && h.Sum32()%noAnswer == 0 {
		tried, err := o.council.NoteTellAttempt(ctx, &swmaasv1.NoteTellAttemptRequest{
			IdempotencyKey: "tried-" + key, Area: string(town.Area), ServiceDate: string(o.day), TellId: t.GetId(),
		})
		return false, tried.GetRevision(), err
	}
	marked, err := o.council.MarkTold(ctx, &swmaasv1.MarkToldRequest{
		IdempotencyKey: "told-" + key, Area: string(town.Area), ServiceDate: string(o.day), TellId: t.GetId(), Version: t.GetVersion(), Channel: "phone",
	})
	return true, marked.GetRevision(), err
}

// open lists what has to be told to somebody and was not yet, page by page.
func (o *demoOffice) open(ctx context.Context) (tells []*swmaasv1.Tell, err error) {
	request := &swmaasv1.ListTellsRequest{Area: string(town.Area), ServiceDate: string(o.day)}
	for {
		page, err := o.council.ListTells(ctx, request)
		if err != nil {
			return nil, err
		}
		tells = append(tells, page.GetTells()...)
		if request.PageToken = page.GetNextPageToken(); request.GetPageToken() == "" {
			return tells, nil
		}
	}
}

// Untold counts those who have not been told.
func (o *demoOffice) Untold(ctx context.Context) (int, error) {
	tells, err := o.open(ctx)
	return len(tells), err
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
