package api

import (
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/vehicles"
)

// validDriverDay is a request of a driver's method about the duty that keeps all rules of its message.
func validDriverDay(method, area string) proto.Message {
	const day, van = "2026-01-20", "V-01"
	switch method {
	case swmaasv1.Driver_SignOn_FullMethodName:
		return &swmaasv1.SignOnRequest{IdempotencyKey: "k", Area: area, ServiceDate: day, VehicleId: van, DriverId: "D-1", DeviceTime: timestamppb.New(now)}
	case swmaasv1.Driver_SignOff_FullMethodName:
		return &swmaasv1.SignOffRequest{IdempotencyKey: "k", Area: area, ServiceDate: day, VehicleId: van, DeviceTime: timestamppb.New(now)}
	case swmaasv1.Driver_ReportCheck_FullMethodName:
		return passedCheck(area, van, timestamppb.New(now))
	case swmaasv1.Driver_AcknowledgeManifest_FullMethodName:
		return &swmaasv1.AcknowledgeManifestRequest{IdempotencyKey: "k", Area: area, ServiceDate: day, VehicleId: van, Number: 1}
	case swmaasv1.Driver_ReportIncident_FullMethodName:
		return &swmaasv1.ReportIncidentRequest{
			IdempotencyKey: "k", Area: area, ServiceDate: day, VehicleId: van, Kind: "NEAR_MISS", Severity: 2, DeviceTime: timestamppb.New(now),
		}
	}
	return nil
}

func passedCheck(area, van string, at *timestamppb.Timestamp) *swmaasv1.ReportCheckRequest {
	return &swmaasv1.ReportCheckRequest{
		IdempotencyKey: "check", Area: area, ServiceDate: "2026-01-20", VehicleId: van, DeviceTime: at, CheckerId: "M-1",
		Method: swmaasv1.CheckMethod_CHECK_METHOD_FACE_TO_FACE, DetectorId: "A-1", Looked: words[string](vehicles.InspectedParts()), OdometerKm: 41200,
	}
}

// validCouncilDay likewise, of the council's methods about the day.
func validCouncilDay(method, area string) proto.Message {
	const day = "2026-01-20"
	switch method {
	case swmaasv1.Council_ListExceptions_FullMethodName:
		return &swmaasv1.ListExceptionsRequest{Area: area, ServiceDate: day}
	case swmaasv1.Council_SeeException_FullMethodName:
		return &swmaasv1.SeeExceptionRequest{IdempotencyKey: "k", Area: area, ServiceDate: day, ExceptionId: "late_now:1"}
	case swmaasv1.Council_ListTells_FullMethodName:
		return &swmaasv1.ListTellsRequest{Area: area, ServiceDate: day}
	case swmaasv1.Council_MarkTold_FullMethodName:
		return &swmaasv1.MarkToldRequest{IdempotencyKey: "k", Area: area, ServiceDate: day, TellId: "tell.1", Version: 1, Channel: "phone"}
	case swmaasv1.Council_NoteTellAttempt_FullMethodName:
		return &swmaasv1.NoteTellAttemptRequest{IdempotencyKey: "k", Area: area, ServiceDate: day, TellId: "tell.1"}
	case swmaasv1.Council_RemindEveningBefore_FullMethodName:
		return &swmaasv1.RemindEveningBeforeRequest{IdempotencyKey: "k", Area: area, ServiceDate: day}
	case swmaasv1.Council_PromiseCallBack_FullMethodName:
		return &swmaasv1.PromiseCallBackRequest{
			IdempotencyKey: "k", Area: area, ServiceDate: day, RiderId: "R-1", Deadline: timestamppb.New(now), Subject: "帰りの時間",
		}
	case swmaasv1.Council_ListIncidents_FullMethodName:
		return &swmaasv1.ListIncidentsRequest{Area: area, ServiceDate: day}
	case swmaasv1.Council_SettleIncident_FullMethodName:
		return &swmaasv1.SettleIncidentRequest{IdempotencyKey: "k", Area: area, ServiceDate: day, IncidentId: "incident.1"}
	}
	return nil
}

func TestADutyBeginsAndEndsOverTheWire(t *testing.T) {
	d := startDay(t)
	ride := d.book(t, d.as(t, grantOf(Operator, "kurobe")), toTheClinic("R-0001"), "1")
	g := grantOf(Driver, "kurobe")
	g.Vehicle = ride.GetVehicleId()
	ctx, driver := d.as(t, g), swmaasv1.NewDriverClient(d.conn)
	shifts, err := d.desk.Shifts(t.Context(), "kurobe", serviceDate)
	if err != nil {
		t.Fatal(err)
	}
	who := ""
	for _, s := range shifts {
		if string(s.Vehicle) == g.Vehicle {
			who = string(s.Driver)
		}
	}
	on, err := driver.SignOn(ctx, &swmaasv1.SignOnRequest{
		IdempotencyKey: "on", Area: "kurobe", ServiceDate: serviceDate, VehicleId: g.Vehicle, DriverId: who, DeviceTime: at(7, 30),
	})
	if err != nil || on.GetDuty().GetDriverId() != who || on.GetDuty().GetCheckedBefore() {
		t.Fatalf("%v, %v", on, err)
	}
	check, err := driver.ReportCheck(ctx, passedCheck("kurobe", g.Vehicle, at(7, 40)))
	if err != nil || len(check.GetFaults()) > 0 || !check.GetDuty().GetCheckedBefore() {
		t.Fatalf("%v, %v", check, err)
	}
	_, err = driver.ReportIncident(ctx, &swmaasv1.ReportIncidentRequest{
		IdempotencyKey: "i", Area: "kurobe", ServiceDate: serviceDate, VehicleId: g.Vehicle, Kind: "NEAR_MISS", Severity: 3, DeviceTime: at(7, 45), Outline: "飛び出し",
	})
	if err != nil {
		t.Fatal(err)
	}
	other := passedCheck("kurobe", "V-other", at(7, 40))
	if code, reason := reasonOf(func() error { _, err := driver.ReportCheck(ctx, other); return err }()); code != codes.PermissionDenied {
		t.Errorf("a check of another vehicle: %v %s", code, reason)
	}
	council, office := swmaasv1.NewCouncilClient(d.conn), d.as(t, grantOf(Dispatcher, "kurobe"))
	exceptions, err := council.ListExceptions(office, &swmaasv1.ListExceptionsRequest{Area: "kurobe", ServiceDate: serviceDate})
	if err != nil || len(exceptions.GetExceptions()) != 1 || exceptions.GetExceptions()[0].GetKind() != "INCIDENT" || len(exceptions.GetExceptions()[0].GetWays()) == 0 {
		t.Fatalf("%v, %v", exceptions, err)
	}
	seen, err := council.SeeException(office, &swmaasv1.SeeExceptionRequest{
		IdempotencyKey: "s", Area: "kurobe", ServiceDate: serviceDate, ExceptionId: exceptions.GetExceptions()[0].GetId(),
	})
	if err != nil || seen.GetException().GetSeenBy() == "" {
		t.Errorf("%v, %v", seen, err)
	}
	call, err := council.PromiseCallBack(office, &swmaasv1.PromiseCallBackRequest{
		IdempotencyKey: "c", Area: "kurobe", ServiceDate: serviceDate, RiderId: "R-0001", Deadline: at(9, 0), Subject: "帰りの時間",
	})
	if err != nil {
		t.Fatal(err)
	}
	tells, err := council.ListTells(office, &swmaasv1.ListTellsRequest{Area: "kurobe", ServiceDate: serviceDate})
	if err != nil || len(tells.GetTells()) != 1 || tells.GetTells()[0].GetRemark() != "帰りの時間" {
		t.Fatalf("%v, %v", tells, err)
	}
	told, err := council.MarkTold(office, &swmaasv1.MarkToldRequest{
		IdempotencyKey: "t", Area: "kurobe", ServiceDate: serviceDate, TellId: call.GetTell().GetId(), Version: call.GetTell().GetVersion(), Channel: "phone",
	})
	if err != nil || told.GetTell().GetToldBy() == "" {
		t.Errorf("%v, %v", told, err)
	}
}
