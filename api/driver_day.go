package api

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// Duties is drivers' duties with their checks, and what goes wrong on them. Errors are those of dispatch.
type Duties interface {
	SignOn(ctx context.Context, by dispatch.Actor, s dispatch.SignOn, key string) (*dispatch.OnDuty, int64, error)
	SignOff(ctx context.Context, by dispatch.Actor, s dispatch.SignOn, key string) (*dispatch.OnDuty, int64, error)
	Check(ctx context.Context, by dispatch.Actor, r dispatch.CheckReport, key string) (*dispatch.CheckResult, error)
	Report(ctx context.Context, by dispatch.Actor, r dispatch.IncidentReport, key string) (dispatch.IncidentRow, int64, error)
}

var checkMethods = map[swmaasv1.CheckMethod]vehicles.CheckMethod{
	swmaasv1.CheckMethod_CHECK_METHOD_FACE_TO_FACE: vehicles.FaceToFace,
	swmaasv1.CheckMethod_CHECK_METHOD_PHONE:        vehicles.ByTelephone,
	swmaasv1.CheckMethod_CHECK_METHOD_VIDEO:        vehicles.ByVideo,
}

// driven reads the day of a request of a vehicle's driver, after checking that the caller may drive it.
func (s *driverService) driven(ctx context.Context, vehicle, day string) (dayClock, error) {
	if !callerOf(ctx).mayDrive(vehicle) {
		return dayClock{}, ErrScope
	}
	return s.cfg.day(day)
}

func (s *driverService) SignOn(ctx context.Context, q *swmaasv1.SignOnRequest) (*swmaasv1.SignOnResponse, error) {
	clock, err := s.driven(ctx, q.GetVehicleId(), q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	duty, revision, err := s.engine.Duties.SignOn(ctx, actor(ctx), dispatch.SignOn{
		Area: dispatch.AreaID(q.GetArea()), Day: clock.day, Vehicle: vehicles.VehicleID(q.GetVehicleId()), Shift: vehicles.ShiftID(q.GetShiftId()),
		Driver: vehicles.DriverID(q.GetDriverId()), At: q.GetDeviceTime().AsTime(),
	}, q.GetIdempotencyKey())
	if err != nil {
		return nil, err
	}
	return &swmaasv1.SignOnResponse{Duty: writeDuty(duty), Revision: revision}, nil
}

func (s *driverService) SignOff(ctx context.Context, q *swmaasv1.SignOffRequest) (*swmaasv1.SignOffResponse, error) {
	clock, err := s.driven(ctx, q.GetVehicleId(), q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	duty, revision, err := s.engine.Duties.SignOff(ctx, actor(ctx), dispatch.SignOn{
		Area: dispatch.AreaID(q.GetArea()), Day: clock.day, Vehicle: vehicles.VehicleID(q.GetVehicleId()), Shift: vehicles.ShiftID(q.GetShiftId()),
		At: q.GetDeviceTime().AsTime(),
	}, q.GetIdempotencyKey())
	if err != nil {
		return nil, err
	}
	return &swmaasv1.SignOffResponse{Duty: writeDuty(duty), Revision: revision}, nil
}

func (s *driverService) ReportCheck(ctx context.Context, q *swmaasv1.ReportCheckRequest) (*swmaasv1.ReportCheckResponse, error) {
	clock, err := s.driven(ctx, q.GetVehicleId(), q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	result, err := s.engine.Duties.Check(ctx, actor(ctx), dispatch.CheckReport{
		Area: dispatch.AreaID(q.GetArea()), Day: clock.day, Vehicle: vehicles.VehicleID(q.GetVehicleId()), Shift: vehicles.ShiftID(q.GetShiftId()),
		Check: vehicles.SafetyCheck{
			After: q.GetAfter(), At: q.GetDeviceTime().AsTime(), Checker: q.GetCheckerId(), CheckerOf: vehicles.FacilityID(q.GetCheckerFacilityId()),
			Method: checkMethods[q.GetMethod()], Detector: q.GetDetectorId(), Alcohol: q.GetAlcohol(), Reading: q.GetReading(),
			Unwell: words[vehicles.Ailment](q.GetUnwell()), Looked: words[vehicles.InspectedPart](q.GetLooked()),
			Defects: words[vehicles.InspectedPart](q.GetDefects()), Odometer: q.GetOdometerKm(),
		},
		Instructions: q.GetInstructions(),
	}, q.GetIdempotencyKey())
	if err != nil {
		return nil, err
	}
	return &swmaasv1.ReportCheckResponse{Duty: writeDuty(result.Duty), Revision: result.Revision, Faults: words[string](result.Faults)}, nil
}

func (s *driverService) AcknowledgeManifest(ctx context.Context, q *swmaasv1.AcknowledgeManifestRequest) (*swmaasv1.AcknowledgeManifestResponse, error) {
	clock, err := s.driven(ctx, q.GetVehicleId(), q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	revision, err := s.engine.Stepper.Acknowledge(
		ctx, actor(ctx), dispatch.AreaID(q.GetArea()), clock.day, vehicles.VehicleID(q.GetVehicleId()), q.GetNumber(), q.GetIdempotencyKey(),
	)
	if err != nil {
		return nil, err
	}
	return &swmaasv1.AcknowledgeManifestResponse{Revision: revision}, nil
}

func (s *driverService) ReportIncident(ctx context.Context, q *swmaasv1.ReportIncidentRequest) (*swmaasv1.ReportIncidentResponse, error) {
	clock, err := s.driven(ctx, q.GetVehicleId(), q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	row, revision, err := s.engine.Duties.Report(ctx, actor(ctx), dispatch.IncidentReport{
		Area: dispatch.AreaID(q.GetArea()), Day: clock.day, Vehicle: vehicles.VehicleID(q.GetVehicleId()), Kind: dispatch.IncidentKind(q.GetKind()),
		Severity: dispatch.Severity(q.GetSeverity()), Ride: dispatch.RideID(q.GetRideId()), At: q.GetDeviceTime().AsTime(), Outline: q.GetOutline(),
	}, q.GetIdempotencyKey())
	if err != nil {
		return nil, err
	}
	return &swmaasv1.ReportIncidentResponse{Incident: writeIncident(&row), Revision: revision}, nil
}

// words turns a list of codes of one type into another.
func words[To, From ~string](list []From) []To {
	out := make([]To, len(list))
	for i, w := range list {
		out[i] = To(w)
	}
	return out
}

func writeDuty(d *dispatch.OnDuty) *swmaasv1.Duty {
	out := &swmaasv1.Duty{
		ShiftId: string(d.Shift), VehicleId: string(d.Vehicle), DriverId: string(d.Driver), SignedOn: timestamppb.New(d.On),
		CheckedBefore: d.Before != "", CheckedAfter: d.After != "", StoodDown: d.Stood,
	}
	if !d.Off.IsZero() {
		out.SignedOff = timestamppb.New(d.Off)
	}
	return out
}

func writeIncident(r *dispatch.IncidentRow) *swmaasv1.Incident {
	i := r.Incident
	out := &swmaasv1.Incident{
		Id: string(r.ID), Kind: string(i.Kind), Severity: int32(i.Severity), RideId: string(i.Ride), VehicleId: string(i.Vehicle),
		DriverId: string(i.Driver), DeviceTime: timestamppb.New(i.At), Outline: r.Outline,
	}
	if !i.Over.IsZero() {
		out.Settled = timestamppb.New(i.Over)
	}
	return out
}
