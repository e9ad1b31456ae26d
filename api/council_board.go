package api

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// Board is what a dispatcher looks at to decide. Errors are those of dispatch.
type Board interface {
	Expected(ctx context.Context, area dispatch.AreaID, day dispatch.Day, vehicle vehicles.VehicleID) ([]dispatch.ExpectedStop, error)
	Manifests(ctx context.Context, area dispatch.AreaID, day dispatch.Day) ([]dispatch.ManifestState, error)
	// Interventions are notes whose bodies are *dispatch.Intervention.
	Interventions(ctx context.Context, area dispatch.AreaID, day dispatch.Day) ([]*dispatch.Note, error)
	WhatIf(ctx context.Context, area dispatch.AreaID, day dispatch.Day, w dispatch.WhatIf) (*dispatch.WhatIfResult, error)
}

var (
	riderClasses = map[swmaasv1.RiderClass]dispatch.RiderClass{
		swmaasv1.RiderClass_RIDER_CLASS_SEATED:     dispatch.ClassSeated,
		swmaasv1.RiderClass_RIDER_CLASS_WHEELCHAIR: dispatch.ClassWheelchair,
		swmaasv1.RiderClass_RIDER_CLASS_STRETCHER:  dispatch.ClassStretcher,
	}

	riderClassWords   = inverse(riderClasses)
	reassignModeWords = inverse(reassignModes)
)

func (s *councilService) ListExpectedStops(ctx context.Context, q *swmaasv1.ListExpectedStopsRequest) (*swmaasv1.ListExpectedStopsResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	list, err := s.engine.Board.Expected(ctx, dispatch.AreaID(q.GetArea()), clock.day, vehicles.VehicleID(q.GetVehicleId()))
	if err != nil {
		return nil, err
	}
	list, next, err := rowsOf(list, func(e dispatch.ExpectedStop) string { return stopID(e.StopID) }, q)
	if err != nil {
		return nil, err
	}
	out := &swmaasv1.ListExpectedStopsResponse{NextPageToken: next}
	for i := range list {
		e := &list[i]
		out.Stops = append(out.Stops, &swmaasv1.ExpectedStop{
			StopId: stopID(e.StopID), RideId: string(e.Ride), Stop: stopKindWords[e.Kind], ShiftId: string(e.Shift), VehicleId: string(e.Vehicle),
			State: stopStateWords[e.State], Arrival: clock.moment(e.Arrive), Departure: clock.moment(e.Depart),
			PromisedLatest: clock.momentOrNone(e.Latest), Late: seconds(e.Late), ByPosition: e.Seen,
		})
	}
	return out, nil
}

func (s *councilService) ListManifests(ctx context.Context, q *swmaasv1.ListManifestsRequest) (*swmaasv1.ListManifestsResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	list, err := s.engine.Board.Manifests(ctx, dispatch.AreaID(q.GetArea()), clock.day)
	if err != nil {
		return nil, err
	}
	list, next, err := rowsOf(list, func(m dispatch.ManifestState) string { return string(m.Shift) }, q)
	if err != nil {
		return nil, err
	}
	out := &swmaasv1.ListManifestsResponse{NextPageToken: next}
	for i := range list {
		m := &list[i]
		out.Manifests = append(out.Manifests, &swmaasv1.ManifestStatus{
			ShiftId: string(m.Shift), VehicleId: string(m.Vehicle), Number: m.Number, PublishedAt: timestampOrNone(m.At), PublishedBy: m.By, Cause: m.Why,
			AcknowledgedNumber: m.Acked.Number, AcknowledgedBy: m.Acked.By, AcknowledgedAt: timestampOrNone(m.Acked.At), Changes: clock.changes(m.Changes),
		})
	}
	return out, nil
}

func (s *councilService) ListOverrides(ctx context.Context, q *swmaasv1.ListOverridesRequest) (*swmaasv1.ListOverridesResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	list, err := s.engine.Board.Interventions(ctx, dispatch.AreaID(q.GetArea()), clock.day)
	if err != nil {
		return nil, err
	}
	list, next, err := rowsOf(list, func(n *dispatch.Note) string { return string(n.ID) }, q)
	if err != nil {
		return nil, err
	}
	out := &swmaasv1.ListOverridesResponse{NextPageToken: next}
	for _, n := range list {
		if done, ok := n.Body.(*dispatch.Intervention); ok {
			out.Overrides = append(out.Overrides, clock.override(n, done))
		}
	}
	return out, nil
}

func (c dayClock) override(n *dispatch.Note, done *dispatch.Intervention) *swmaasv1.PlanOverride {
	out := &swmaasv1.PlanOverride{
		Id: string(n.ID), Version: n.Version, RideId: string(done.Ride), Mode: reassignModeWords[done.Mode],
		FromShiftId: string(done.From), ToShiftId: string(done.To), MadeBy: done.By, MadeAt: timestampOrNone(done.At), Breaks: done.Breaks,
		Remark: n.Text, UndoneAt: timestampOrNone(done.Undone), UndoneBy: done.UndoneBy,
	}
	for i := range done.Moved {
		m := &done.Moved[i]
		out.Rides = append(out.Rides, &swmaasv1.OverriddenRide{
			RideId: string(m.Ride), FromShiftId: string(m.From), ToShiftId: string(m.To), PromiseBefore: c.promise(m.Before), PromiseAfter: c.promise(m.After),
		})
	}
	return out
}

func (s *councilService) QuoteWhatIf(ctx context.Context, q *swmaasv1.QuoteWhatIfRequest) (*swmaasv1.QuoteWhatIfResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	w := dispatch.WhatIf{
		More: words[vehicles.ShiftID](q.GetMoreShiftIds()), Without: words[vehicles.VehicleID](q.GetWithoutVehicleIds()),
		WithoutDrivers: words[vehicles.DriverID](q.GetWithoutDriverIds()), Iterations: int(q.GetIterations()), Seed: q.GetSeed(),
	}
	for _, c := range q.GetConditions() {
		order, err := s.conditionOf(c)
		if err != nil {
			return nil, err
		}
		order.ID, order.Version = "", 0
		w.Conditions = append(w.Conditions, order)
	}
	select {
	case s.playing <- struct{}{}: // a day is played through with all the processors there are
		defer func() { <-s.playing }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	r, err := s.engine.Board.WhatIf(ctx, dispatch.AreaID(q.GetArea()), clock.day, w)
	if err != nil {
		return nil, err
	}
	return &swmaasv1.QuoteWhatIfResponse{
		Revision: r.Revision, Now: dayFigures(r.Now), Then: dayFigures(r.Then),
		WonRideIds: words[string](r.Won), LostRideIds: words[string](r.Lost), MovedRideIds: words[string](r.Moved),
	}, nil
}

func dayFigures(f dispatch.DayFigures) *swmaasv1.DayFigures {
	return &swmaasv1.DayFigures{
		Served: int32(f.Served), Unserved: int32(f.Unserved), Late: int32(f.Late), Told: int32(f.Told), Vehicles: int32(f.Vehicles),
		Meters: f.Meters, Driving: durationpb.New(time.Duration(f.Seconds) * time.Second),
	}
}

func (s *councilService) RecordNoShow(ctx context.Context, q *swmaasv1.RecordNoShowRequest) (*swmaasv1.RecordNoShowResponse, error) {
	area := dispatch.AreaID(q.GetArea())
	ride, revision, err := s.engine.Planner.LeaveWithout(ctx, actor(ctx), area, dispatch.RideID(q.GetRideId()), q.GetReason(), q.GetIdempotencyKey())
	if err != nil {
		return nil, err
	}
	view, err := viewOf(ctx, s.engine, s.cfg, area, ride.Day)
	if err != nil {
		return nil, err
	}
	return &swmaasv1.RecordNoShowResponse{Ride: view.write(ride), Revision: revision}, nil
}

// classCounts gives what became of the classes of parties, in the order of the contract.
func classCounts(s *dispatch.Summary) (out []*swmaasv1.ClassCount) {
	for _, class := range dispatch.RiderClasses() {
		c, any := s.Classes[class]
		if !any {
			continue
		}
		count := &swmaasv1.ClassCount{
			Class: riderClassWords[class], Asked: int64(c.Asked), Served: int64(c.Served), Refused: int64(c.Refused), Moved: int64(c.Moved),
		}
		for _, b := range s.Behind {
			count.Behind = count.Behind || b == class
		}
		out = append(out, count)
	}
	return out
}
