package api

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// Mender changes what a plan is driven under, roads, vehicles and weather, and mends it. Errors are those of dispatch.
type Mender interface {
	SetCondition(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, o dispatch.ConditionOrder, key string) (dispatch.NoteID, []dispatch.DayRepair, error)
	LiftCondition(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, day dispatch.Day, id dispatch.NoteID, version int64, key string) ([]dispatch.DayRepair, error)
	Conditions(ctx context.Context, area dispatch.AreaID, day dispatch.Day) ([]dispatch.NoteRow[*dispatch.Condition], error)

	TakeOut(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, o dispatch.StandDown, key string) (*dispatch.Repair, error)
	BringBack(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, o dispatch.BackInService, key string) (*dispatch.Repair, error)
	Outages(ctx context.Context, area dispatch.AreaID, day dispatch.Day) ([]dispatch.NoteRow[*dispatch.Outage], error)

	SetStorm(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, o dispatch.StormOrder, key string) (dispatch.NoteID, *dispatch.Repair, error)
	Storms(ctx context.Context, area dispatch.AreaID, day dispatch.Day) ([]dispatch.NoteRow[*dispatch.Storm], error)
	Mend(ctx context.Context, area dispatch.AreaID, day dispatch.Day) (*dispatch.Repair, error)
}

var (
	conditionKinds = map[swmaasv1.ConditionKind]dispatch.ConditionKind{
		swmaasv1.ConditionKind_CONDITION_KIND_CLOSURE: dispatch.RoadClosed,
		swmaasv1.ConditionKind_CONDITION_KIND_SLOW:    dispatch.RoadSlow,
		swmaasv1.ConditionKind_CONDITION_KIND_SNOW:    dispatch.RoadSnow,
	}
	snowDepths = map[swmaasv1.SnowDepth]dispatch.SnowDepth{
		swmaasv1.SnowDepth_SNOW_DEPTH_UNSPECIFIED: "",
		swmaasv1.SnowDepth_SNOW_DEPTH_LIGHT:       dispatch.LightSnow,
		swmaasv1.SnowDepth_SNOW_DEPTH_HEAVY:       dispatch.HeavySnow,
	}
	outageCauses = map[swmaasv1.OutageCause]dispatch.OutageCause{
		swmaasv1.OutageCause_OUTAGE_CAUSE_BREAKDOWN:      dispatch.Breakdown,
		swmaasv1.OutageCause_OUTAGE_CAUSE_DRIVER_SICK:    dispatch.DriverSick,
		swmaasv1.OutageCause_OUTAGE_CAUSE_STOOD_DOWN:     dispatch.StoodDown,
		swmaasv1.OutageCause_OUTAGE_CAUSE_OUT_OF_SERVICE: dispatch.OutOfService,
	}

	conditionKindWords = inverse(conditionKinds)
	snowDepthWords     = inverse(snowDepths)
	outageCauseWords   = inverse(outageCauses)
)

func (s *councilService) SetCondition(ctx context.Context, q *swmaasv1.SetConditionRequest) (*swmaasv1.SetConditionResponse, error) {
	o, err := s.conditionOf(q.GetCondition())
	if err != nil {
		return nil, err
	}
	if o.ID != "" {
		clock, err := s.cfg.day(q.GetServiceDate())
		if err != nil {
			return nil, err
		}
		o.Day = clock.day
	} else if q.GetServiceDate() != "" || o.Version != 0 {
		return nil, fmt.Errorf("%w: service_date, version: a new condition has none; name the id of the one that is to be changed", ErrRequest)
	}
	id, days, err := s.engine.Mender.SetCondition(ctx, actor(ctx), dispatch.AreaID(q.GetArea()), o, q.GetIdempotencyKey())
	if err != nil {
		return nil, err
	}
	out, err := s.dayRepairs(days)
	return &swmaasv1.SetConditionResponse{ConditionId: string(id), Days: out}, err
}

// conditionOf reads a condition of roads. It fails with ErrRequest for a day beyond the horizon.
func (s *councilService) conditionOf(c *swmaasv1.RoadCondition) (dispatch.ConditionOrder, error) {
	o := dispatch.ConditionOrder{
		ID: dispatch.NoteID(c.GetId()), Version: c.GetVersion(), From: c.GetFrom().AsTime(), Until: c.GetUntil().AsTime(), Text: c.GetRemark(),
		Condition: dispatch.Condition{
			Kind: conditionKinds[c.GetKind()], Road: c.GetRoad(), Ways: c.GetWayIds(), Shape: positionsOf(c.GetShape()), Line: c.GetLine(),
			Percent: c.GetPercent(), Snow: snowDepths[c.GetSnow()], Reason: c.GetReason(), Document: c.GetDocument(),
		},
	}
	for _, t := range []time.Time{o.From, o.Until} { // every day that it meets is opened
		if _, err := s.cfg.day(t.In(s.cfg.Zone).Format(time.DateOnly)); err != nil {
			return o, err
		}
	}
	return o, nil
}

func (s *councilService) LiftCondition(ctx context.Context, q *swmaasv1.LiftConditionRequest) (*swmaasv1.LiftConditionResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	days, err := s.engine.Mender.LiftCondition(
		ctx, actor(ctx), dispatch.AreaID(q.GetArea()), clock.day, dispatch.NoteID(q.GetConditionId()), q.GetVersion(), q.GetIdempotencyKey(),
	)
	if err != nil {
		return nil, err
	}
	out, err := s.dayRepairs(days)
	return &swmaasv1.LiftConditionResponse{Days: out}, err
}

func (s *councilService) ListConditions(ctx context.Context, q *swmaasv1.ListConditionsRequest) (*swmaasv1.ListConditionsResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	list, err := s.engine.Mender.Conditions(ctx, dispatch.AreaID(q.GetArea()), clock.day)
	if err != nil {
		return nil, err
	}
	list, next, err := rowsOf(list, noteOf[*dispatch.Condition], q)
	if err != nil {
		return nil, err
	}
	out := &swmaasv1.ListConditionsResponse{NextPageToken: next}
	for _, row := range list {
		c := row.Body
		condition := &swmaasv1.RoadCondition{
			Id: string(row.ID), Version: row.Version, Kind: conditionKindWords[c.Kind], Road: c.Road, WayIds: c.Ways, Shape: positions(c.Shape), Line: c.Line,
			Percent: c.Percent, Snow: snowDepthWords[c.Snow], From: timestamppb.New(c.From), Until: timestamppb.New(c.Until), Reason: c.Reason,
			Document: c.Document, SetAt: timestampOrNone(c.At), Lifted: c.Lifted,
		}
		if callerOf(ctx).plans() { // drivers and facilities see what holds, and not what colleagues tell each other of it
			condition.Remark, condition.SetBy = row.Text, c.By
		}
		out.Conditions = append(out.Conditions, condition)
	}
	return out, nil
}

func (s *councilService) TakeOut(ctx context.Context, q *swmaasv1.TakeOutRequest) (*swmaasv1.TakeOutResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	from, err := clock.orNow("from", q.GetFrom())
	if err != nil {
		return nil, err
	}
	repair, err := s.engine.Mender.TakeOut(ctx, actor(ctx), dispatch.AreaID(q.GetArea()), dispatch.StandDown{
		Day: clock.day, Vehicle: vehicles.VehicleID(q.GetVehicleId()), Driver: vehicles.DriverID(q.GetDriverId()),
		Cause: outageCauses[q.GetCause()], From: from, At: latLngOf(q.GetPosition()), Text: q.GetRemark(),
	}, q.GetIdempotencyKey())
	if err != nil {
		return nil, err
	}
	return &swmaasv1.TakeOutResponse{Repair: clock.repair(repair)}, nil
}

func (s *councilService) BringBack(ctx context.Context, q *swmaasv1.BringBackRequest) (*swmaasv1.BringBackResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	from, err := clock.orNow("from", q.GetFrom())
	if err != nil {
		return nil, err
	}
	repair, err := s.engine.Mender.BringBack(ctx, actor(ctx), dispatch.AreaID(q.GetArea()), dispatch.BackInService{
		Day: clock.day, Vehicle: vehicles.VehicleID(q.GetVehicleId()), From: from, At: latLngOf(q.GetPosition()), Mistake: q.GetMistake(),
	}, q.GetIdempotencyKey())
	if err != nil {
		return nil, err
	}
	return &swmaasv1.BringBackResponse{Repair: clock.repair(repair)}, nil
}

func (s *councilService) ListOutages(ctx context.Context, q *swmaasv1.ListOutagesRequest) (*swmaasv1.ListOutagesResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	list, err := s.engine.Mender.Outages(ctx, dispatch.AreaID(q.GetArea()), clock.day)
	if err != nil {
		return nil, err
	}
	list, next, err := rowsOf(list, noteOf[*dispatch.Outage], q)
	if err != nil {
		return nil, err
	}
	out := &swmaasv1.ListOutagesResponse{NextPageToken: next}
	for _, row := range list {
		o := row.Body
		out.Outages = append(out.Outages, &swmaasv1.Outage{
			Id: string(row.ID), Version: row.Version, ShiftId: string(o.Shift), VehicleId: string(o.Vehicle), Cause: outageCauseWords[o.Cause],
			From: clock.moment(o.From), Position: latLngOrNone(o.At), Until: clock.momentOrNone(o.Until), BackAt: latLngOrNone(o.BackAt),
			SaidBy: o.By, SaidAt: timestampOrNone(o.Said), Undone: o.Undone, Remark: row.Text,
		})
	}
	return out, nil
}

func (s *councilService) SetStorm(ctx context.Context, q *swmaasv1.SetStormRequest) (*swmaasv1.SetStormResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	b := q.GetStorm()
	window, err := clock.window("storm.window", b.GetWindow())
	if err != nil {
		return nil, err
	}
	o := dispatch.StormOrder{
		ID: dispatch.NoteID(b.GetId()), Version: b.GetVersion(), Day: clock.day, Text: b.GetRemark(),
		Storm: dispatch.Storm{
			Window: window, Shape: positionsOf(b.GetArea()), Snow: snowDepths[b.GetSnow()], Document: b.GetDocument(), Lifted: b.GetLifted(),
		},
	}
	for _, p := range b.GetKeep() {
		o.Keep = append(o.Keep, purposes[p])
	}
	id, repair, err := s.engine.Mender.SetStorm(ctx, actor(ctx), dispatch.AreaID(q.GetArea()), o, q.GetIdempotencyKey())
	if err != nil {
		return nil, err
	}
	return &swmaasv1.SetStormResponse{StormId: string(id), Repair: clock.repair(repair)}, nil
}

func (s *councilService) ListStorms(ctx context.Context, q *swmaasv1.ListStormsRequest) (*swmaasv1.ListStormsResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	list, err := s.engine.Mender.Storms(ctx, dispatch.AreaID(q.GetArea()), clock.day)
	if err != nil {
		return nil, err
	}
	list, next, err := rowsOf(list, noteOf[*dispatch.Storm], q)
	if err != nil {
		return nil, err
	}
	out := &swmaasv1.ListStormsResponse{NextPageToken: next}
	for _, row := range list {
		b := row.Body
		storm := &swmaasv1.Storm{
			Id: string(row.ID), Version: row.Version, Window: clock.timeWindow(b.Window), Area: positions(b.Shape), Snow: snowDepthWords[b.Snow],
			Document: b.Document, Lifted: b.Lifted, SetAt: timestampOrNone(b.At),
		}
		if callerOf(ctx).plans() {
			storm.Remark, storm.SetBy = row.Text, b.By
		}
		for _, p := range b.Keep {
			storm.Keep = append(storm.Keep, purposeWords[p])
		}
		out.Storms = append(out.Storms, storm)
	}
	return out, nil
}

func (s *councilService) MendDay(ctx context.Context, q *swmaasv1.MendDayRequest) (*swmaasv1.MendDayResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	repair, err := s.engine.Mender.Mend(ctx, dispatch.AreaID(q.GetArea()), clock.day)
	if err != nil {
		return nil, err
	}
	return &swmaasv1.MendDayResponse{Repair: clock.repair(repair)}, nil
}

func noteOf[B dispatch.NoteBody](row dispatch.NoteRow[B]) string { return string(row.ID) }

// orNow is the second of the day of a moment; unset is 0, which is now.
func (c dayClock) orNow(field string, t *timestamppb.Timestamp) (int32, error) {
	if t == nil {
		return 0, nil
	}
	return c.from(field, t)
}

func (s *councilService) dayRepairs(days []dispatch.DayRepair) ([]*swmaasv1.DayRepair, error) {
	out := make([]*swmaasv1.DayRepair, len(days))
	for i := range days {
		clock, err := newDayClock(string(days[i].Day), s.cfg.Zone)
		if err != nil {
			return nil, err
		}
		out[i] = &swmaasv1.DayRepair{ServiceDate: string(days[i].Day), Repair: clock.repair(&days[i].Repair)}
	}
	return out, nil
}

func (c dayClock) repair(r *dispatch.Repair) *swmaasv1.Repair {
	out := &swmaasv1.Repair{
		Revision: r.Revision, RetimedShiftIds: words[string](r.Retimed), KeptRideIds: words[string](r.Kept), MovedRideIds: words[string](r.Moved),
		FetchedRideIds: words[string](r.Fetched), WaitingRideIds: words[string](r.Waiting), PostponedRideIds: words[string](r.Postponed),
		DroppedRideIds: words[string](r.Dropped), LateRideIds: words[string](r.Late),
	}
	for _, o := range r.Endangered {
		out.Endangered = append(out.Endangered, &swmaasv1.OwnRound{
			VehicleId: string(o.Vehicle), FacilityId: string(o.Owner), Start: c.moment(o.Span.Start), End: c.moment(o.Span.End),
		})
	}
	return out
}

func positions(list []geo.LatLng) []*swmaasv1.LatLng {
	out := make([]*swmaasv1.LatLng, len(list))
	for i, p := range list {
		out[i] = latLng(p)
	}
	return out
}

func positionsOf(list []*swmaasv1.LatLng) (out []geo.LatLng) {
	for _, p := range list {
		out = append(out, latLngOf(p))
	}
	return out
}
