package api

import (
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
)

// validPlanning is a request of a method of planning by hand that keeps all rules of its message.
func validPlanning(method, area string) proto.Message {
	const day, ride = serviceDate, serviceDate + ".0001"
	switch method {
	case swmaasv1.Council_LockRides_FullMethodName:
		return &swmaasv1.LockRidesRequest{IdempotencyKey: "k", Area: area, ServiceDate: day, Kind: swmaasv1.LockKind_LOCK_KIND_VEHICLE, RideIds: []string{ride}}
	case swmaasv1.Council_QuoteReassign_FullMethodName:
		return &swmaasv1.QuoteReassignRequest{Area: area, RideId: ride, Mode: swmaasv1.ReassignMode_REASSIGN_MODE_BEST}
	case swmaasv1.Council_OverridePlan_FullMethodName:
		return &swmaasv1.OverridePlanRequest{IdempotencyKey: "k", Area: area, Token: "t"}
	case swmaasv1.Council_UndoOverride_FullMethodName:
		return &swmaasv1.UndoOverrideRequest{IdempotencyKey: "k", Area: area, ServiceDate: day, OverrideId: "o"}
	case swmaasv1.Council_PublishManifests_FullMethodName:
		return &swmaasv1.PublishManifestsRequest{IdempotencyKey: "k", Area: area, ServiceDate: day}
	}
	return nil
}

func TestARideIsGivenToAnotherVehicleAndBackOverTheWire(t *testing.T) {
	d := startDay(t)
	operator := d.as(t, grantOf(Operator, "kurobe"))
	ride := d.book(t, operator, toTheClinic("R-0001"), "1")
	council, office := swmaasv1.NewCouncilClient(d.conn), d.as(t, grantOf(Dispatcher, "kurobe"))
	onVehicle := func() string {
		t.Helper()
		got, err := swmaasv1.NewBookingClient(d.conn).GetRide(operator, &swmaasv1.GetRideRequest{Area: "kurobe", RideId: ride.GetId()})
		if err != nil {
			t.Fatal(err)
		}
		return got.GetRide().GetVehicleId()
	}
	ways, err := council.QuoteReassign(office, &swmaasv1.QuoteReassignRequest{Area: "kurobe", RideId: ride.GetId(), Mode: swmaasv1.ReassignMode_REASSIGN_MODE_BEST})
	if err != nil || len(ways.GetProposals()) == 0 {
		t.Fatalf("%v, %v", ways, err)
	}
	way := ways.GetProposals()[0]
	if e := way.GetEffects()[0]; e.GetRideId() != ride.GetId() || !proto.Equal(e.GetPromiseBefore(), e.GetPromiseAfter()) || way.GetWhyJa() == "" || onVehicle() != ride.GetVehicleId() {
		t.Errorf("%v", way)
	}
	request := &swmaasv1.OverridePlanRequest{IdempotencyKey: "o", Area: "kurobe", Token: way.GetToken(), Reason: "本人の希望"}
	done, err := council.OverridePlan(office, request)
	if err != nil || onVehicle() == ride.GetVehicleId() {
		t.Fatalf("%v, %v", done, err)
	}
	if again, err := council.OverridePlan(office, request); err != nil || again.GetOverrideId() != done.GetOverrideId() {
		t.Errorf("the same key: %v, %v", again, err)
	}
	undo := &swmaasv1.UndoOverrideRequest{IdempotencyKey: "u", Area: "kurobe", ServiceDate: serviceDate, OverrideId: done.GetOverrideId()}
	if _, err := council.UndoOverride(office, undo); err != nil || onVehicle() != ride.GetVehicleId() {
		t.Errorf("%v", err)
	}
	undo.IdempotencyKey = "twice"
	if _, err := council.UndoOverride(office, undo); codeOf(err) != codes.FailedPrecondition {
		t.Errorf("taken back already: %v", err)
	}
	lock := &swmaasv1.LockRidesRequest{IdempotencyKey: "l", Area: "kurobe", ServiceDate: serviceDate, Kind: swmaasv1.LockKind_LOCK_KIND_VEHICLE, RideIds: []string{ride.GetId()}}
	if got, err := council.LockRides(office, lock); err != nil || got.GetRevision() == 0 {
		t.Errorf("%v, %v", got, err)
	}
	unknown := &swmaasv1.PublishManifestsRequest{IdempotencyKey: "p", Area: "kurobe", ServiceDate: serviceDate, VehicleIds: []string{"V-99"}}
	if _, err := council.PublishManifests(office, unknown); codeOf(err) != codes.NotFound {
		t.Errorf("a vehicle without a shift: %v", err)
	}
	if _, err := council.OverridePlan(operator, request); codeOf(err) != codes.PermissionDenied {
		t.Errorf("an operator: %v", err)
	}
}
