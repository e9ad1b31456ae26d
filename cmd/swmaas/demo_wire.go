package main

import (
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// How a client writes requests and reads answers of the contract. The demo is a client like any other and shares none of
// the service's own mapping, so that a mistake on either side shows.

func wirePoint(p geo.LatLng) *swmaasv1.LatLng { return &swmaasv1.LatLng{Lat: p.Lat, Lng: p.Lng} }

func pointOf(p *swmaasv1.LatLng) geo.LatLng { return geo.LatLng{Lat: p.GetLat(), Lng: p.GetLng()} }

func wirePlace(p dispatch.Place) *swmaasv1.Place {
	return &swmaasv1.Place{Label: p.Label, Position: wirePoint(p.At)}
}

func placeFrom(p *swmaasv1.Place) dispatch.Place {
	return dispatch.Place{Label: p.GetLabel(), At: pointOf(p.GetPosition())}
}

func loadFrom(p *swmaasv1.Party) vehicles.Load {
	return vehicles.Load{Seats: int(p.GetSeats()), Wheelchairs: int(p.GetWheelchairs()), Stretchers: int(p.GetStretchers())}
}

func wireLength(seconds int32) *durationpb.Duration {
	return durationpb.New(time.Duration(seconds) * time.Second)
}

func secondsOf(d *durationpb.Duration) int32 { return int32(d.AsDuration() / time.Second) }

// quoteRequest writes what a caller asks for.
func quoteRequest(r dispatch.Request, day wireDay) *swmaasv1.QuoteRequest {
	q := &swmaasv1.QuoteRequest{
		Area: string(r.Area), ServiceDate: string(r.Day), RiderId: string(r.Rider), BookingId: string(r.Booking),
		Party: &swmaasv1.Party{
			Seats: int32(r.Party.Load.Seats), Wheelchairs: int32(r.Party.Load.Wheelchairs), Stretchers: int32(r.Party.Load.Stretchers),
		},
		Needs: wireAids(r.Party.Needs), Pickup: wirePlace(r.Pickup), Dropoff: wirePlace(r.Dropoff), Wish: day.wish(r.Wish),
		Purpose:        swmaasv1.Purpose(swmaasv1.Purpose_value["PURPOSE_"+strings.ToUpper(r.Purpose)]),
		OutboundRideId: string(r.Linked), Boarding: wireLength(r.Party.Board), Alighting: wireLength(r.Party.Alight),
		MaxOffers: int32(r.Offers),
	}
	if r.MaxWait > 0 {
		q.MaxWait = wireLength(r.MaxWait)
	}
	return q
}

// wireAids lists the aids of a set.
func wireAids(set vehicles.Equipment) (list []swmaasv1.Aid) {
	for _, a := range []struct {
		aid  vehicles.Equipment
		word swmaasv1.Aid
	}{
		{vehicles.Lift, swmaasv1.Aid_AID_LIFT},
		{vehicles.Ramp, swmaasv1.Aid_AID_RAMP},
		{vehicles.OxygenHolder, swmaasv1.Aid_AID_OXYGEN_HOLDER},
		{vehicles.Step, swmaasv1.Aid_AID_STEP},
		{vehicles.ChildSeat, swmaasv1.Aid_AID_CHILD_SEAT},
	} {
		if set&a.aid != 0 {
			list = append(list, a.word)
		}
	}
	return list
}

func (d wireDay) wish(w dispatch.Wish) *swmaasv1.Wish {
	earliest, latest := d.moment(w.Window.Earliest), d.moment(w.Window.Latest)
	switch w.Kind {
	case dispatch.ArriveBy:
		return &swmaasv1.Wish{Kind: &swmaasv1.Wish_ArriveBy{ArriveBy: &swmaasv1.ArriveBy{Earliest: earliest, Latest: latest}}}
	case dispatch.DepartAfter:
		return &swmaasv1.Wish{Kind: &swmaasv1.Wish_DepartAfter{DepartAfter: &swmaasv1.DepartAfter{Earliest: earliest, Latest: latest}}}
	}
	return &swmaasv1.Wish{Kind: &swmaasv1.Wish_PickupWindow{PickupWindow: &swmaasv1.TimeWindow{Earliest: earliest, Latest: latest}}}
}

func (d wireDay) promise(p *swmaasv1.Promise) dispatch.Promise {
	return dispatch.Promise{
		Pickup:   dispatch.Window{Earliest: d.second(p.GetPickup().GetEarliest()), Latest: d.second(p.GetPickup().GetLatest())},
		ArriveBy: d.second(p.GetArriveBy()), MaxRide: secondsOf(p.GetMaxRide()),
	}
}

func (d wireDay) offers(list []*swmaasv1.Offer) []dispatch.Offer {
	offers := make([]dispatch.Offer, len(list))
	for i, o := range list {
		offers[i] = dispatch.Offer{
			Token: o.GetToken(), Promise: d.promise(o.GetPromise()), Pickup: d.second(o.GetPlannedPickup()),
			Arrival: d.second(o.GetPlannedArrival()), RideTime: secondsOf(o.GetPlannedRide()), Direct: secondsOf(o.GetDirect()),
			Expires: o.GetExpiresAt().AsTime(),
		}
	}
	return offers
}

func refusalsOf(list []*swmaasv1.Rejection) []dispatch.Refusal {
	refusals := make([]dispatch.Refusal, len(list))
	for i, r := range list {
		refusals[i] = dispatch.Refusal{
			Code: r.GetCode(), Cause: r.GetCause(), Limit: r.GetLimit(), Actual: r.GetActual(), Unit: r.GetUnit(), Shifts: int(r.GetShifts()),
		}
	}
	return refusals
}

// ride reads a ride as far as a client of the demo needs it.
func (d wireDay) ride(r *swmaasv1.Ride) *dispatch.Ride {
	actual := r.GetActual()
	return &dispatch.Ride{
		ID: dispatch.RideID(r.GetId()), Booking: dispatch.BookingID(r.GetBookingId()), Version: r.GetVersion(),
		Area: dispatch.AreaID(r.GetArea()), Day: dispatch.Day(r.GetServiceDate()), Rider: dispatch.RiderID(r.GetRiderId()),
		Party:  dispatch.Party{Load: loadFrom(r.GetParty()), Board: secondsOf(r.GetBoarding()), Alight: secondsOf(r.GetAlighting())},
		Pickup: placeFrom(r.GetPickup()), Dropoff: placeFrom(r.GetDropoff()), Promise: d.promise(r.GetPromise()),
		Direct: secondsOf(r.GetDirect()), State: stateFrom(r.GetState()), Linked: dispatch.RideID(r.GetLinkedRideId()), Reason: r.GetReason(),
		Actual: dispatch.Actual{
			PickupArrive: d.second(actual.GetArrivedAtPickup()), Board: d.second(actual.GetBoarded()),
			DropoffArrive: d.second(actual.GetArrivedAtDropoff()), Alight: d.second(actual.GetAlighted()),
		},
		Created: r.GetCreated().AsTime(), Purpose: purposeFrom(r.GetPurpose()),
		Terms: dispatch.Terms{
			Mode: dispatch.LegalMode(r.GetTerms().GetLegalMode()), Standing: dispatch.Standing(r.GetTerms().GetStanding()),
			Facility: vehicles.FacilityID(r.GetTerms().GetFacilityId()), Yen: r.GetTerms().GetFareYen(),
		},
	}
}

// purposeFrom reads a purpose by its name in the contract, which is the engine's in capitals.
func purposeFrom(p swmaasv1.Purpose) string {
	return strings.ToLower(strings.TrimPrefix(p.String(), "PURPOSE_"))
}

// stateFrom reads a state by its name in the contract, which is the engine's in capitals.
func stateFrom(s swmaasv1.RideState) dispatch.RideState {
	name := strings.ToLower(strings.TrimPrefix(s.String(), "RIDE_STATE_"))
	for state := dispatch.Draft; state <= dispatch.Unmet; state++ {
		if state.String() == name {
			return state
		}
	}
	return dispatch.Draft
}

func stepWord(k dispatch.StepKind) swmaasv1.StepKind {
	switch k {
	case dispatch.StepDepart:
		return swmaasv1.StepKind_STEP_KIND_DEPART
	case dispatch.StepArrive:
		return swmaasv1.StepKind_STEP_KIND_ARRIVE
	case dispatch.StepBoard:
		return swmaasv1.StepKind_STEP_KIND_BOARD
	case dispatch.StepAlight:
		return swmaasv1.StepKind_STEP_KIND_ALIGHT
	case dispatch.StepNoShow:
		return swmaasv1.StepKind_STEP_KIND_NO_SHOW
	case dispatch.StepKnocked:
		return swmaasv1.StepKind_STEP_KIND_KNOCK
	}
	return swmaasv1.StepKind_STEP_KIND_UNDO
}

func stopWord(k dispatch.StopKind) swmaasv1.StopKind {
	if k == dispatch.PickupStop {
		return swmaasv1.StopKind_STOP_KIND_PICKUP
	}
	return swmaasv1.StopKind_STOP_KIND_DROPOFF
}

// manifest reads a vehicle's stops.
func (d wireDay) manifest(m *swmaasv1.Manifest) *dispatch.Manifest {
	out := &dispatch.Manifest{
		Area: dispatch.AreaID(m.GetArea()), Day: dispatch.Day(m.GetServiceDate()), Vehicle: vehicles.VehicleID(m.GetVehicleId()),
		Revision: m.GetRevision(), Version: m.GetVersion(), Stops: make([]dispatch.ManifestStop, len(m.GetStops())),
	}
	for i, s := range m.GetStops() {
		kind := dispatch.DropoffStop
		if s.GetKind() == swmaasv1.StopKind_STOP_KIND_PICKUP {
			kind = dispatch.PickupStop
		}
		out.Stops[i] = dispatch.ManifestStop{
			StopID: dispatch.StopID{Ride: dispatch.RideID(s.GetRideId()), Kind: kind}, Shift: vehicles.ShiftID(s.GetShiftId()),
			State: stopState(s.GetState()), Place: placeFrom(s.GetPlace()), Party: dispatch.Party{Load: loadFrom(s.GetParty())},
			LeaveBy: d.second(s.GetLeaveBy()), Arrive: d.second(s.GetArrival()), NotBefore: d.second(s.GetNotBefore()),
			Latest: d.second(s.GetPromisedLatest()),
		}
	}
	return out
}

func stopState(s swmaasv1.StopState) dispatch.StopState {
	switch s {
	case swmaasv1.StopState_STOP_STATE_HEADING:
		return dispatch.EnRoute
	case swmaasv1.StopState_STOP_STATE_ARRIVED:
		return dispatch.Arrived
	case swmaasv1.StopState_STOP_STATE_DONE:
		return dispatch.Done
	case swmaasv1.StopState_STOP_STATE_NO_SHOW:
		return dispatch.Skipped
	}
	return dispatch.Pending
}
