package main

import (
	"context"
	"fmt"
	"hash/fnv"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/swmaas/swmaas/api"
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

// demoOffice is the person at the council who enters what happens and tells people on the telephone, all of it through the contract.
type demoOffice struct {
	desk    *dispatch.Desk // for what the engine does by itself where the clock is a real one
	booking swmaasv1.BookingClient
	council swmaasv1.CouncilClient
	date    dispatch.Day
	day     wireDay
}

// office connects the person at the council, who plans and so has a token of their own.
func (l *demoLines) office(desk *dispatch.Desk) (*demoOffice, error) {
	conn, err := l.dial(api.Grant{Subject: "demo-office", Role: api.Dispatcher})
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	l.devices = append(l.devices, conn)
	l.mu.Unlock()
	return &demoOffice{desk, swmaasv1.NewBookingClient(conn), swmaasv1.NewCouncilClient(conn), l.run.town.Day, l.day()}, nil
}

// Close closes a bridge.
func (o *demoOffice) Close(ctx context.Context, bridge string, from, until int32, key string) (int64, error) {
	answer, err := o.council.SetCondition(ctx, &swmaasv1.SetConditionRequest{
		IdempotencyKey: key, Area: string(town.Area),
		Condition: &swmaasv1.RoadCondition{
			Kind: swmaasv1.ConditionKind_CONDITION_KIND_CLOSURE, Road: bridge, From: o.day.moment(from), Until: o.day.moment(until), Reason: "FLOOD",
		},
	})
	if err != nil {
		return 0, err
	}
	for _, d := range answer.GetDays() {
		if d.GetServiceDate() == string(o.date) {
			return d.GetRepair().GetRevision(), nil
		}
	}
	return 0, fmt.Errorf("the closure of %s does not hold on %s", bridge, o.date)
}

// BreakDown takes a vehicle out of service.
func (o *demoOffice) BreakDown(ctx context.Context, vehicle vehicles.VehicleID, at geo.LatLng, key string) (int64, error) {
	answer, err := o.council.TakeOut(ctx, &swmaasv1.TakeOutRequest{
		IdempotencyKey: key, Area: string(town.Area), ServiceDate: string(o.date), VehicleId: string(vehicle),
		Cause: swmaasv1.OutageCause_OUTAGE_CAUSE_BREAKDOWN, Position: wirePoint(at),
	})
	return answer.GetRepair().GetRevision(), err
}

// Broken lists the vehicles that are out of service.
func (o *demoOffice) Broken(ctx context.Context) (list []vehicles.VehicleID, err error) {
	request := &swmaasv1.ListOutagesRequest{Area: string(town.Area), ServiceDate: string(o.date)}
	for {
		page, err := o.council.ListOutages(ctx, request)
		if err != nil {
			return nil, err
		}
		for _, x := range page.GetOutages() {
			if !x.GetUndone() && x.GetUntil() == nil {
				list = append(list, vehicles.VehicleID(x.GetVehicleId()))
			}
		}
		if request.PageToken = page.GetNextPageToken(); request.GetPageToken() == "" {
			return list, nil
		}
	}
}

// Call calls for a will-call.
func (o *demoOffice) Call(ctx context.Context, ride dispatch.RideID, key string) (int64, error) {
	answer, err := o.booking.ActivateRide(ctx, &swmaasv1.ActivateRideRequest{
		IdempotencyKey: key, Area: string(town.Area), RideId: string(ride), Via: swmaasv1.CallVia_CALL_VIA_PHONE,
	})
	if status.Code(err) == codes.FailedPrecondition {
		return 0, sim.ErrRefused
	}
	return answer.GetRevision(), err
}

// Tell telephones everybody who must be told something. Who does not answer is called again at the next look.
func (o *demoOffice) Tell(ctx context.Context) (told []sim.Told, revision int64, err error) {
	if moved, err := o.desk.Roll(ctx, town.Area, o.date); err != nil {
		return nil, 0, err
	} else if moved > 0 {
		state, err := o.desk.State(ctx, town.Area, o.date)
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
			IdempotencyKey: "tried-" + key, Area: string(town.Area), ServiceDate: string(o.date), TellId: t.GetId(),
		})
		return false, tried.GetRevision(), err
	}
	marked, err := o.council.MarkTold(ctx, &swmaasv1.MarkToldRequest{
		IdempotencyKey: "told-" + key, Area: string(town.Area), ServiceDate: string(o.date), TellId: t.GetId(), Version: t.GetVersion(), Channel: "phone",
	})
	return true, marked.GetRevision(), err
}

// open lists what has to be told to somebody and was not yet, page by page.
func (o *demoOffice) open(ctx context.Context) (tells []*swmaasv1.Tell, err error) {
	request := &swmaasv1.ListTellsRequest{Area: string(town.Area), ServiceDate: string(o.date), PageSize: 1000} // one page: the list shrinks while it is read
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

// Confirmed is the promise that the rider of a ride was told last; the zero value where nothing was promised.
func (o *demoOffice) Confirmed(ctx context.Context, ride dispatch.RideID) (dispatch.Promise, error) {
	answer, err := o.booking.GetRide(ctx, &swmaasv1.GetRideRequest{Area: string(town.Area), RideId: string(ride)})
	if err != nil || answer.GetRide().GetConfirmed() == nil {
		return dispatch.Promise{}, err
	}
	return o.day.promise(answer.GetRide().GetConfirmed()), nil
}
