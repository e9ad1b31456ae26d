package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"google.golang.org/grpc"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// maxAhead is how far the clock of a device may be ahead of the service's.
const maxAhead = 5 * time.Minute

// driverService implements swmaas.v1.Driver.
type driverService struct {
	swmaasv1.UnimplementedDriverServer
	engine Engine
	cfg    Config
}

func (s *driverService) StreamManifest(q *swmaasv1.StreamManifestRequest, out grpc.ServerStreamingServer[swmaasv1.StreamManifestResponse]) error {
	ctx := out.Context()
	if !callerOf(ctx).mayDrive(q.GetVehicleId()) {
		return ErrScope
	}
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return err
	}
	sent, err := resumeVersion(q.GetResumeToken())
	if err != nil {
		return err
	}
	area, vehicle := dispatch.AreaID(q.GetArea()), vehicles.VehicleID(q.GetVehicleId())
	if err := s.knownVehicle(ctx, area, vehicle); err != nil {
		return err
	}
	revisions, err := s.engine.Watcher.Watch(ctx, area, clock.day)
	if err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-revisions:
		}
		manifest, err := s.engine.Watcher.Manifest(ctx, area, clock.day, vehicle)
		if err != nil {
			return err
		}
		message := &swmaasv1.StreamManifestResponse{ResumeToken: strconv.FormatInt(manifest.Version, 10)}
		switch {
		case manifest.Version != sent:
			message.Event = &swmaasv1.StreamManifestResponse_Manifest{Manifest: clock.manifest(manifest)}
		case q.GetProgressNotify():
			message.Event = &swmaasv1.StreamManifestResponse_Progress{Progress: &swmaasv1.Progress{Revision: manifest.Revision}}
		default:
			continue
		}
		if err := send(ctx, out, message, s.cfg.StreamPatience); err != nil {
			return err
		}
		sent = manifest.Version
	}
}

// nothingSent is the version before the first: a manifest that was never written has version 0 and is sent as well.
const nothingSent = -1

// resumeVersion is the version of the manifest that a caller has. It fails with ErrRequest.
func resumeVersion(token string) (int64, error) {
	if token == "" {
		return nothingSent, nil
	}
	version, err := strconv.ParseInt(token, 10, 64)
	if err != nil || version < 0 {
		return 0, fmt.Errorf("%w: resume_token: not a token of this stream", ErrRequest)
	}
	return version, nil
}

// knownVehicle fails with dispatch.ErrNotFound for a vehicle that the area does not have.
func (s *driverService) knownVehicle(ctx context.Context, area dispatch.AreaID, id vehicles.VehicleID) error {
	fleet, err := s.engine.Fleet.Fleet(ctx, string(area))
	if err != nil {
		return err
	}
	for i := range fleet.Vehicles {
		if fleet.Vehicles[i].ID == id {
			return nil
		}
	}
	return fmt.Errorf("%w: vehicle %s", dispatch.ErrNotFound, id)
}

func (s *driverService) ReportSteps(ctx context.Context, q *swmaasv1.ReportStepsRequest) (*swmaasv1.ReportStepsResponse, error) {
	if !callerOf(ctx).mayDrive(q.GetVehicleId()) {
		return nil, ErrScope
	}
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	if err := s.checkSteps(q.GetSteps(), clock); err != nil {
		return nil, err
	}
	response := new(swmaasv1.ReportStepsResponse)
	for _, step := range q.GetSteps() {
		result, err := s.engine.Stepper.Step(ctx, actor(ctx), stepOf(q, step, clock.day))
		if result.Next > 0 {
			response.AcceptedSequence = result.Next - 1
		}
		switch {
		case err == nil:
			response.Revision = result.Revision
			if result.Held {
				response.HeldSequences = append(response.HeldSequences, step.GetSequence())
			}
		case isConflict(err):
			row := rowOf(err)
			response.Conflicts = append(response.Conflicts, &swmaasv1.StepConflict{
				Sequence: step.GetSequence(), Reason: row.reason, SentenceJa: row.ja, SentenceEn: row.en,
			})
		default:
			return nil, err
		}
	}
	manifest, err := s.engine.Watcher.Manifest(ctx, dispatch.AreaID(q.GetArea()), clock.day, vehicles.VehicleID(q.GetVehicleId()))
	if err != nil {
		return nil, err
	}
	response.Revision, response.ManifestVersion = max(response.Revision, manifest.Revision), manifest.Version
	return response, nil
}

// checkSteps fails with ErrRequest for a batch out of order and for a step that no clock can have seen, before any of the
// steps is applied.
func (s *driverService) checkSteps(steps []*swmaasv1.Step, clock dayClock) error {
	limit := s.cfg.Clock().Add(maxAhead)
	for i, step := range steps {
		if i > 0 && step.GetSequence() <= steps[i-1].GetSequence() {
			return fmt.Errorf("%w: steps[%d].sequence: does not rise", ErrRequest, i)
		}
		if _, err := clock.until(fmt.Sprintf("steps[%d].device_time", i), step.GetDeviceTime()); err != nil {
			return err
		}
		if step.GetDeviceTime().AsTime().After(limit) {
			return fmt.Errorf("%w: steps[%d].device_time: more than %v ahead of the service", ErrRequest, i, maxAhead)
		}
	}
	return nil
}

// isConflict tells a step that contradicts what is known, which sending again cannot mend, from a fault.
func isConflict(err error) bool {
	for _, known := range []error{dispatch.ErrNotFound, dispatch.ErrWrongState, dispatch.ErrInvalid, dispatch.ErrKeyReused, dispatch.ErrTooSoon} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// stepOf reads a step. Its key is the sender and the number of the tap, so that it is the same step in whatever batch it comes.
func stepOf(q *swmaasv1.ReportStepsRequest, step *swmaasv1.Step, day dispatch.Day) dispatch.Step {
	stop := dispatch.StopID{Ride: dispatch.RideID(step.GetRideId()), Kind: stopKinds[step.GetStop()]}
	switch step.GetKind() {
	case swmaasv1.StepKind_STEP_KIND_BOARD, swmaasv1.StepKind_STEP_KIND_NO_SHOW, swmaasv1.StepKind_STEP_KIND_CALL, swmaasv1.StepKind_STEP_KIND_KNOCK:
		stop.Kind = dispatch.PickupStop
	case swmaasv1.StepKind_STEP_KIND_ALIGHT:
		stop.Kind = dispatch.DropoffStop
	}
	return dispatch.Step{
		Area: dispatch.AreaID(q.GetArea()), Day: day, Vehicle: vehicles.VehicleID(q.GetVehicleId()),
		Kind: stepKinds[step.GetKind()], Stop: stop, Device: step.GetDeviceTime().AsTime(),
		Key:    fmt.Sprintf("step/%s/%s/%d", q.GetVehicleId(), q.GetIdempotencyKey(), step.GetSequence()),
		Sender: q.GetIdempotencyKey(), Seq: step.GetSequence(),
	}
}

func (s *driverService) ReportPositions(in grpc.ClientStreamingServer[swmaasv1.ReportPositionsRequest, swmaasv1.ReportPositionsResponse]) error {
	ctx := in.Context()
	total := new(swmaasv1.ReportPositionsResponse)
	var batch []vehicles.Position
	for {
		q, err := in.Recv()
		if errors.Is(err, io.EOF) {
			return in.SendAndClose(total)
		}
		if err != nil {
			return err
		}
		if !callerOf(ctx).mayDrive(q.GetVehicleId()) {
			return ErrScope
		}
		batch = batch[:0]
		limit := s.cfg.Clock().Add(maxAhead)
		for _, p := range q.GetPositions() {
			if seen := p.GetDeviceTime(); seen.IsValid() && !seen.AsTime().After(limit) {
				batch = append(batch, positionOf(q.GetVehicleId(), p))
			}
		}
		taken, err := s.engine.Positions.Report(ctx, q.GetArea(), batch)
		if err != nil {
			return err
		}
		total.Accepted += int64(taken)
		total.Dropped += int64(len(q.GetPositions()) - taken)
	}
}

func positionOf(vehicle string, p *swmaasv1.Position) vehicles.Position {
	return vehicles.Position{
		Vehicle: vehicles.VehicleID(vehicle), At: latLngOf(p.GetPosition()), Seen: p.GetDeviceTime().AsTime(),
		SpeedKmh: p.GetSpeedKmh(), Heading: p.GetHeading(),
	}
}

// send writes a message of a stream. A caller that does not read it within patience is dropped with ErrSlowConsumer: gRPC
// blocks in Send once the caller's flow-control window is full.
func send[M any](ctx context.Context, out grpc.ServerStreamingServer[M], message *M, patience time.Duration) error {
	done := make(chan error, 1)
	go func() { done <- out.Send(message) }()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.C:
		return ErrSlowConsumer
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
