package main

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch/sim"
	"github.com/swmaas/swmaas/dispatch/sim/town"
	"github.com/swmaas/swmaas/vehicles"
)

// SignOn begins a duty.
func (d *demoDevice) SignOn(ctx context.Context, shift vehicles.ShiftID, driver vehicles.DriverID, at time.Time, key string) (sim.Duty, int64, error) {
	answer, err := d.client.SignOn(ctx, &swmaasv1.SignOnRequest{
		IdempotencyKey: key, Area: string(town.Area), ServiceDate: d.date, VehicleId: string(d.vehicle), ShiftId: string(shift),
		DriverId: string(driver), DeviceTime: timestamppb.New(at),
	})
	duty := answer.GetDuty()
	return sim.Duty{Before: duty.GetCheckedBefore(), After: duty.GetCheckedAfter()}, answer.GetRevision(), err
}

// Check reports a check.
func (d *demoDevice) Check(ctx context.Context, shift vehicles.ShiftID, c vehicles.SafetyCheck, key string) ([]vehicles.CheckFault, int64, error) {
	answer, err := d.client.ReportCheck(ctx, &swmaasv1.ReportCheckRequest{
		IdempotencyKey: key, Area: string(town.Area), ServiceDate: d.date, VehicleId: string(d.vehicle), ShiftId: string(shift), After: c.After,
		DeviceTime: timestamppb.New(c.At), CheckerId: c.Checker, CheckerFacilityId: string(c.CheckerOf), Method: methodWord(c.Method),
		DetectorId: c.Detector, Alcohol: c.Alcohol, Reading: c.Reading, Unwell: codesOf(c.Unwell), Looked: codesOf(c.Looked),
		Defects: codesOf(c.Defects), OdometerKm: c.Odometer,
	})
	faults := make([]vehicles.CheckFault, len(answer.GetFaults()))
	for i, f := range answer.GetFaults() {
		faults[i] = vehicles.CheckFault(f)
	}
	return faults, answer.GetRevision(), err
}

// SignOff ends a duty.
func (d *demoDevice) SignOff(ctx context.Context, shift vehicles.ShiftID, at time.Time, key string) (int64, error) {
	answer, err := d.client.SignOff(ctx, &swmaasv1.SignOffRequest{
		IdempotencyKey: key, Area: string(town.Area), ServiceDate: d.date, VehicleId: string(d.vehicle), ShiftId: string(shift),
		DeviceTime: timestamppb.New(at),
	})
	return answer.GetRevision(), err
}

func methodWord(m vehicles.CheckMethod) swmaasv1.CheckMethod {
	switch m {
	case vehicles.FaceToFace:
		return swmaasv1.CheckMethod_CHECK_METHOD_FACE_TO_FACE
	case vehicles.ByTelephone:
		return swmaasv1.CheckMethod_CHECK_METHOD_PHONE
	case vehicles.ByVideo:
		return swmaasv1.CheckMethod_CHECK_METHOD_VIDEO
	}
	return swmaasv1.CheckMethod_CHECK_METHOD_UNSPECIFIED
}

func codesOf[Code ~string](list []Code) []string {
	codes := make([]string, len(list))
	for i, c := range list {
		codes[i] = string(c)
	}
	return codes
}
