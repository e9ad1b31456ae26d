package api

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
)

// validOffice is a request of the methods of Council about policies and counts, and of those of Admin about tokens and erasure; nil
// for another method.
func validOffice(method, area string) proto.Message {
	switch method {
	case swmaasv1.Council_ListPolicies_FullMethodName:
		return &swmaasv1.ListPoliciesRequest{Area: area}
	case swmaasv1.Council_GetPolicy_FullMethodName:
		return &swmaasv1.GetPolicyRequest{Area: area, ServiceDate: serviceDate}
	case swmaasv1.Council_CheckPolicies_FullMethodName:
		return &swmaasv1.CheckPoliciesRequest{Area: area, Text: "{}"}
	case swmaasv1.Council_PutPolicy_FullMethodName:
		return &swmaasv1.PutPolicyRequest{Area: area, IdempotencyKey: "k", PolicyId: "p-1", Text: "{}", ValidateOnly: true}
	case swmaasv1.Council_WithdrawPolicy_FullMethodName:
		return &swmaasv1.WithdrawPolicyRequest{Area: area, IdempotencyKey: "k", PolicyId: "p-1", Etag: "v1"}
	case swmaasv1.Council_ListPolicyChanges_FullMethodName:
		return &swmaasv1.ListPolicyChangesRequest{Area: area}
	case swmaasv1.Council_GetDemand_FullMethodName:
		return &swmaasv1.GetDemandRequest{Area: area, ServiceDate: serviceDate}
	case swmaasv1.Council_ListRosterProblems_FullMethodName:
		return &swmaasv1.ListRosterProblemsRequest{Area: area, ServiceDate: serviceDate}
	case swmaasv1.Council_ListExpiring_FullMethodName:
		return &swmaasv1.ListExpiringRequest{Area: area, ServiceDate: serviceDate, Days: 30}
	case swmaasv1.Admin_ListAreas_FullMethodName:
		return &swmaasv1.ListAreasRequest{Area: area}
	case swmaasv1.Admin_GetArea_FullMethodName:
		return &swmaasv1.GetAreaRequest{Area: area}
	case swmaasv1.Admin_CreateArea_FullMethodName:
		return &swmaasv1.CreateAreaRequest{Area: area, IdempotencyKey: "k", Entry: smallTownEntry(area)}
	case swmaasv1.Admin_UpdateArea_FullMethodName:
		return &swmaasv1.UpdateAreaRequest{Area: area, IdempotencyKey: "k", Entry: smallTownEntry(area)}
	case swmaasv1.Admin_CreateToken_FullMethodName:
		return &swmaasv1.CreateTokenRequest{Area: area, IdempotencyKey: "k", Grant: &swmaasv1.TokenGrant{Subject: "desk-1", Role: "operator"}, Life: durationpb.New(time.Hour)}
	case swmaasv1.Admin_ListTokens_FullMethodName:
		return &swmaasv1.ListTokensRequest{Area: area}
	case swmaasv1.Admin_RevokeToken_FullMethodName:
		return &swmaasv1.RevokeTokenRequest{Area: area, IdempotencyKey: "k", TokenId: strings.Repeat("A", 26)}
	case swmaasv1.Admin_ImportFile_FullMethodName:
		return &swmaasv1.ImportFileRequest{Area: area, IdempotencyKey: "k", Kind: swmaasv1.FileKind_FILE_KIND_RIDERS}
	case swmaasv1.Admin_ExportFile_FullMethodName:
		return &swmaasv1.ExportFileRequest{Area: area, Kind: swmaasv1.FileKind_FILE_KIND_PLACES}
	case swmaasv1.Admin_ExportRider_FullMethodName:
		return &swmaasv1.ExportRiderRequest{Area: area, RiderId: "R-0001"}
	case swmaasv1.Admin_EraseRider_FullMethodName:
		return &swmaasv1.EraseRiderRequest{Area: area, IdempotencyKey: "k", RiderId: "R-0001", ConfirmRiderId: "R-0001"}
	}
	return nil
}

func TestPoliciesAreReadAndDraftsAreChecked(t *testing.T) {
	d := startDay(t)
	ctx, council := d.as(t, grantOf(Council, "kurobe")), swmaasv1.NewCouncilClient(d.conn)
	list, err := council.ListPolicies(ctx, &swmaasv1.ListPoliciesRequest{Area: "kurobe"})
	if err != nil || len(list.GetPolicies()) == 0 || len(list.GetPolicies()[0].GetModes()) == 0 {
		t.Fatalf("%v, %v", list, err)
	}
	of, err := council.GetPolicy(ctx, &swmaasv1.GetPolicyRequest{Area: "kurobe", ServiceDate: serviceDate})
	if err != nil || of.GetPolicy().GetName() != list.GetPolicies()[0].GetName() {
		t.Errorf("%v, %v", of, err)
	}
	bad, err := council.CheckPolicies(ctx, &swmaasv1.CheckPoliciesRequest{Area: "kurobe", Text: "{\n\"name\": \"half\",\n\"permitt\": true}"})
	if err != nil || len(bad.GetFaults()) == 0 || bad.GetFaults()[0].GetLine() == 0 || bad.GetFaults()[0].GetReason() == "" || len(bad.GetPolicies()) != 0 {
		t.Errorf("%v, %v", bad, err)
	}
}

func TestADayIsCountedAndItsPapersAreWatched(t *testing.T) {
	d := startDay(t)
	operator := d.as(t, grantOf(Operator, "kurobe"))
	d.book(t, operator, toTheClinic("R-0001"), "1")
	ride := d.book(t, operator, toTheClinic("R-0002"), "2")
	if _, err := swmaasv1.NewBookingClient(d.conn).CancelRide(operator, &swmaasv1.CancelRideRequest{Area: "kurobe", IdempotencyKey: "3", RideId: ride.GetId(), Reason: "CHANGED_MY_MIND"}); err != nil {
		t.Fatal(err)
	}
	ctx, council := d.as(t, grantOf(Council, "kurobe")), swmaasv1.NewCouncilClient(d.conn)
	got, err := council.GetDemand(ctx, &swmaasv1.GetDemandRequest{Area: "kurobe", ServiceDate: serviceDate})
	if err != nil || got.GetAsked() != 2 || len(got.GetOutcomes()) != 2 || got.GetOutcomes()[1].GetReason() != "CHANGED_MY_MIND" || got.GetOutcomes()[1].GetRides() != 1 {
		t.Errorf("%v, %v", got, err)
	}
	fleet, dispatcher := swmaasv1.NewFleetClient(d.conn), d.as(t, grantOf(Dispatcher, "kurobe"))
	calendar, err := fleet.GetVehicleCalendar(dispatcher, &swmaasv1.GetVehicleCalendarRequest{Area: "kurobe", VehicleId: "V-02"})
	if err != nil {
		t.Fatal(err)
	}
	calendar.GetCalendar().Papers = &swmaasv1.VehiclePapers{InspectionTo: "2026-01-31"}
	if _, err := fleet.SetVehicleCalendar(dispatcher, &swmaasv1.SetVehicleCalendarRequest{Area: "kurobe", IdempotencyKey: "4", VehicleId: "V-02", Calendar: calendar.GetCalendar()}); err != nil {
		t.Fatal(err)
	}
	create(t, d, &swmaasv1.Rider{Id: "R-0001", Name: "利用者", Categories: []*swmaasv1.CategoryFact{{Category: "ニ", ValidTo: "2026-01-25"}}})
	ask := &swmaasv1.ListExpiringRequest{Area: "kurobe", ServiceDate: serviceDate, Days: 30}
	soon, err := council.ListExpiring(operator, ask)
	if err != nil || len(soon.GetPapers()) != 1 || soon.GetPapers()[0].GetCode() != "INSPECTION_EXPIRED" || len(soon.GetLapses()) != 1 || soon.GetLapses()[0].GetRiderId() != "R-0001" {
		t.Errorf("%v, %v", soon, err)
	}
	if soon, err := council.ListExpiring(ctx, ask); err != nil || len(soon.GetPapers()) != 1 || len(soon.GetLapses()) != 0 {
		t.Errorf("the council sees %v, %v", soon, err)
	}
	template := &swmaasv1.ShiftTemplate{Id: "S-9", VehicleId: "V-02", DriverId: "D-01", Span: hours(8, 17)}
	if _, err := fleet.SaveShiftTemplate(dispatcher, &swmaasv1.SaveShiftTemplateRequest{Area: "kurobe", IdempotencyKey: "5", Template: template}); err != nil {
		t.Fatal(err)
	}
	problems, err := council.ListRosterProblems(ctx, &swmaasv1.ListRosterProblemsRequest{Area: "kurobe", ServiceDate: "2026-02-03"})
	if err != nil || len(problems.GetProblems()) != 1 || problems.GetProblems()[0].GetShiftId() != "S-9" {
		t.Errorf("%v, %v", problems, err)
	}
}

func TestAPersonIsErasedOnceAndForGood(t *testing.T) {
	d := startDay(t)
	create(t, d, somebody("R-0001"))
	ctx, admin := d.as(t, grantOf(Admin, "kurobe")), swmaasv1.NewAdminClient(d.conn)
	erase := &swmaasv1.EraseRiderRequest{Area: "kurobe", IdempotencyKey: "1", RiderId: "R-0001", ConfirmRiderId: "R-0002"}
	if _, err := admin.EraseRider(ctx, erase); codeOf(err) != codes.InvalidArgument {
		t.Errorf("not confirmed: %v", err)
	}
	erase.ConfirmRiderId = "R-0001"
	for range 2 {
		if _, err := admin.EraseRider(ctx, erase); err != nil {
			t.Fatal(err)
		}
	}
	operator, booking := d.as(t, grantOf(Operator, "kurobe")), swmaasv1.NewBookingClient(d.conn)
	if _, err := booking.GetRider(operator, &swmaasv1.GetRiderRequest{Area: "kurobe", RiderId: "R-0001"}); codeOf(err) != codes.NotFound {
		t.Errorf("erased, and %v", err)
	}
	_, err := booking.CreateRider(operator, &swmaasv1.CreateRiderRequest{Area: "kurobe", IdempotencyKey: "2", Rider: somebody("R-0001")})
	if code, reason := reasonOf(err); code != codes.FailedPrecondition || reason != "PERSON_ERASED" {
		t.Errorf("the number is given again: %v", err)
	}
}
