package api

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// Planner is what dispatchers decide by hand. Errors are those of dispatch.
type Planner interface {
	Lock(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, day dispatch.Day, c dispatch.LockChange, key string) ([]*dispatch.Ride, int64, error)
	Reassign(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, o dispatch.Override) ([]dispatch.Proposal, error)
	Override(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, token, reason, key string) (dispatch.NoteID, int64, error)
	Undo(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, day dispatch.Day, id dispatch.NoteID, key string) (int64, error)
	LeaveWithout(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, ride dispatch.RideID, why, key string) (*dispatch.Ride, int64, error)
	Publish(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, day dispatch.Day, list []vehicles.VehicleID, why, key string) (int, int64, error)
}

var (
	lockKinds = map[swmaasv1.LockKind]dispatch.LockKind{
		swmaasv1.LockKind_LOCK_KIND_VEHICLE: dispatch.LockVehicle,
		swmaasv1.LockKind_LOCK_KIND_ORDER:   dispatch.LockOrder,
		swmaasv1.LockKind_LOCK_KIND_TIME:    dispatch.LockTime,
	}
	reassignModes = map[swmaasv1.ReassignMode]dispatch.ReassignMode{
		swmaasv1.ReassignMode_REASSIGN_MODE_BEST:     dispatch.ReassignBest,
		swmaasv1.ReassignMode_REASSIGN_MODE_FLEXIBLE: dispatch.ReassignFlexible,
		swmaasv1.ReassignMode_REASSIGN_MODE_PRIORITY: dispatch.ReassignPriority,
		swmaasv1.ReassignMode_REASSIGN_MODE_DRAG:     dispatch.ReassignDrag,
	}
)

func (s *councilService) LockRides(ctx context.Context, q *swmaasv1.LockRidesRequest) (*swmaasv1.LockRidesResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	at, err := clock.orNow("pickup", q.GetPickup()) // 0 is as it is planned
	if err != nil {
		return nil, err
	}
	_, revision, err := s.engine.Planner.Lock(ctx, actor(ctx), dispatch.AreaID(q.GetArea()), clock.day, dispatch.LockChange{
		Kind: lockKinds[q.GetKind()], Release: q.GetRelease(), Rides: words[dispatch.RideID](q.GetRideIds()), Driver: vehicles.DriverID(q.GetDriverId()), At: at,
	}, q.GetIdempotencyKey())
	if err != nil {
		return nil, err
	}
	return &swmaasv1.LockRidesResponse{Revision: revision}, nil
}

func (s *councilService) QuoteReassign(ctx context.Context, q *swmaasv1.QuoteReassignRequest) (*swmaasv1.QuoteReassignResponse, error) {
	day, err := dispatch.DayOf(dispatch.RideID(q.GetRideId()))
	if err != nil {
		return nil, err
	}
	clock, err := s.cfg.day(string(day))
	if err != nil {
		return nil, err
	}
	list, err := s.engine.Planner.Reassign(ctx, actor(ctx), dispatch.AreaID(q.GetArea()), dispatch.Override{
		Ride: dispatch.RideID(q.GetRideId()), Mode: reassignModes[q.GetMode()], Shift: vehicles.ShiftID(q.GetShiftId()),
		Pickup: int(q.GetPickupIndex()), Dropoff: int(q.GetDropoffIndex()), Lock: q.GetLock(), Limit: int(q.GetLimit()),
	})
	if err != nil {
		return nil, err
	}
	out := &swmaasv1.QuoteReassignResponse{}
	for i := range list {
		out.Proposals = append(out.Proposals, clock.proposal(&list[i]))
	}
	return out, nil
}

func (c dayClock) proposal(p *dispatch.Proposal) *swmaasv1.Proposal {
	out := &swmaasv1.Proposal{
		Token: p.Token, ShiftId: string(p.To), Meters: p.Meters, Driving: durationpb.New(time.Duration(p.Seconds) * time.Second), Breaks: p.Breaks,
		WhyJa: p.Why.Ja, WhyEn: p.Why.En, ExpiresAt: timestampOrNone(p.Expires),
	}
	for i := range p.Effects {
		e := &p.Effects[i]
		out.Effects = append(out.Effects, &swmaasv1.ReassignEffect{
			RideId: string(e.Ride), FromShiftId: string(e.From), ToShiftId: string(e.To),
			PickupBefore: c.momentOrNone(e.PickupBefore), PickupAfter: c.momentOrNone(e.PickupAfter),
			ArrivalBefore: c.momentOrNone(e.ArrivalBefore), ArrivalAfter: c.momentOrNone(e.ArrivalAfter),
			PromiseBefore: c.promise(e.Before), PromiseAfter: c.promise(e.After),
		})
	}
	return out
}

func (s *councilService) OverridePlan(ctx context.Context, q *swmaasv1.OverridePlanRequest) (*swmaasv1.OverridePlanResponse, error) {
	id, revision, err := s.engine.Planner.Override(ctx, actor(ctx), dispatch.AreaID(q.GetArea()), q.GetToken(), q.GetReason(), q.GetIdempotencyKey())
	if err != nil {
		return nil, err
	}
	return &swmaasv1.OverridePlanResponse{OverrideId: string(id), Revision: revision}, nil
}

func (s *councilService) UndoOverride(ctx context.Context, q *swmaasv1.UndoOverrideRequest) (*swmaasv1.UndoOverrideResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	revision, err := s.engine.Planner.Undo(ctx, actor(ctx), dispatch.AreaID(q.GetArea()), clock.day, dispatch.NoteID(q.GetOverrideId()), q.GetIdempotencyKey())
	if err != nil {
		return nil, err
	}
	return &swmaasv1.UndoOverrideResponse{Revision: revision}, nil
}

func (s *councilService) PublishManifests(ctx context.Context, q *swmaasv1.PublishManifestsRequest) (*swmaasv1.PublishManifestsResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	n, revision, err := s.engine.Planner.Publish(
		ctx, actor(ctx), dispatch.AreaID(q.GetArea()), clock.day, words[vehicles.VehicleID](q.GetVehicleIds()), dispatch.PublishedByHand, q.GetIdempotencyKey(),
	)
	if err != nil {
		return nil, err
	}
	return &swmaasv1.PublishManifestsResponse{Published: int32(n), Revision: revision}, nil
}
