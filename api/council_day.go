package api

import (
	"context"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
)

// Alarms is what of a day is not as it should be. Errors are those of dispatch.
type Alarms interface {
	Exceptions(ctx context.Context, area dispatch.AreaID, day dispatch.Day) ([]dispatch.Alarm, error)
	SeeException(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, day dispatch.Day, id, key string) (dispatch.Alarm, int64, error)
	Incidents(ctx context.Context, area dispatch.AreaID, day dispatch.Day) ([]dispatch.IncidentRow, error)
	SettleIncident(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, day dispatch.Day, id dispatch.NoteID, more, key string) (dispatch.IncidentRow, int64, error)
}

// Tells is who must be told something. Errors are those of dispatch.
type Tells interface {
	Tells(ctx context.Context, area dispatch.AreaID, day dispatch.Day, f dispatch.TellFilter) ([]dispatch.TellRow, error)
	MarkTold(ctx context.Context, by dispatch.Actor, m dispatch.TellMark, key string) (dispatch.TellRow, int64, error)
	TellAttempt(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, day dispatch.Day, id dispatch.NoteID, key string) (dispatch.TellRow, int64, error)
	EveningBefore(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, day dispatch.Day) ([]dispatch.TellRow, error)
	PromiseCallBack(ctx context.Context, by dispatch.Actor, c dispatch.CallBack, key string) (dispatch.TellRow, int64, error)
}

// rowsOf is one page of rows that are in an order of their own; the page token names the row that a page ends with. It fails with ErrListChanged where
// that row is not among them any more, as nothing says then how far the caller has come, and with ErrRequest.
func rowsOf[T any](rows []T, id func(T) string, q interface {
	GetPageSize() int32
	GetPageToken() string
},
) ([]T, string, error) {
	after, err := pageAfter(q.GetPageToken())
	if err != nil {
		return nil, "", err
	}
	if after != "" {
		last := slices.IndexFunc(rows, func(row T) bool { return id(row) == after })
		if last < 0 {
			return nil, "", fmt.Errorf("%w: page_token", ErrListChanged)
		}
		rows = rows[last+1:]
	}
	if size := pageSize(q.GetPageSize()); len(rows) > size {
		return rows[:size], pageToken(id(rows[size-1])), nil
	}
	return rows, "", nil
}

func (s *councilService) ListExceptions(ctx context.Context, q *swmaasv1.ListExceptionsRequest) (*swmaasv1.ListExceptionsResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	list, err := s.engine.Alarms.Exceptions(ctx, dispatch.AreaID(q.GetArea()), clock.day)
	if err != nil {
		return nil, err
	}
	list, next, err := rowsOf(list, func(e dispatch.Alarm) string { return e.ID }, q)
	if err != nil {
		return nil, err
	}
	out := &swmaasv1.ListExceptionsResponse{NextPageToken: next}
	for i := range list {
		out.Exceptions = append(out.Exceptions, clock.exception(&list[i]))
	}
	return out, nil
}

func (s *councilService) SeeException(ctx context.Context, q *swmaasv1.SeeExceptionRequest) (*swmaasv1.SeeExceptionResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	e, revision, err := s.engine.Alarms.SeeException(ctx, actor(ctx), dispatch.AreaID(q.GetArea()), clock.day, q.GetExceptionId(), q.GetIdempotencyKey())
	if err != nil {
		return nil, err
	}
	return &swmaasv1.SeeExceptionResponse{Exception: clock.exception(&e), Revision: revision}, nil
}

func (c dayClock) exception(e *dispatch.Alarm) *swmaasv1.DayException {
	out := &swmaasv1.DayException{
		Id: e.ID, Kind: string(e.Kind), Severity: int32(e.Severity), RideId: string(e.Ride), ShiftId: string(e.Shift), VehicleId: string(e.Vehicle),
		NoteId: string(e.Note), Since: c.moment(e.Since), Amount: durationpb.New(time.Duration(e.Seconds) * time.Second),
		SentenceJa: e.Say.Ja, SentenceEn: e.Say.En,
	}
	for _, w := range e.Ways {
		out.Ways = append(out.Ways, &swmaasv1.ExceptionWay{Code: w.Code, SentenceJa: w.Say.Ja, SentenceEn: w.Say.En})
	}
	if e.Seen != nil {
		out.SeenBy, out.SeenAt = e.Seen.By, timestamppb.New(e.Seen.At)
	}
	return out
}

func (s *councilService) ListTells(ctx context.Context, q *swmaasv1.ListTellsRequest) (*swmaasv1.ListTellsResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	list, err := s.engine.Tells.Tells(ctx, dispatch.AreaID(q.GetArea()), clock.day, dispatch.TellFilter{
		Open: !q.GetClosed(), Ride: dispatch.RideID(q.GetRideId()),
	})
	if err != nil {
		return nil, err
	}
	list, next, err := rowsOf(list, func(r dispatch.TellRow) string { return string(r.ID) }, q)
	if err != nil {
		return nil, err
	}
	return &swmaasv1.ListTellsResponse{Tells: clock.tells(list), NextPageToken: next}, nil
}

func (s *councilService) MarkTold(ctx context.Context, q *swmaasv1.MarkToldRequest) (*swmaasv1.MarkToldResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	row, revision, err := s.engine.Tells.MarkTold(ctx, actor(ctx), dispatch.TellMark{
		Area: dispatch.AreaID(q.GetArea()), Day: clock.day, ID: dispatch.NoteID(q.GetTellId()), Version: q.GetVersion(),
		Channel: q.GetChannel(), Remark: q.GetRemark(),
	}, q.GetIdempotencyKey())
	if err != nil {
		return nil, err
	}
	return &swmaasv1.MarkToldResponse{Tell: clock.tell(&row), Revision: revision}, nil
}

func (s *councilService) NoteTellAttempt(ctx context.Context, q *swmaasv1.NoteTellAttemptRequest) (*swmaasv1.NoteTellAttemptResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	row, revision, err := s.engine.Tells.TellAttempt(ctx, actor(ctx), dispatch.AreaID(q.GetArea()), clock.day, dispatch.NoteID(q.GetTellId()), q.GetIdempotencyKey())
	if err != nil {
		return nil, err
	}
	return &swmaasv1.NoteTellAttemptResponse{Tell: clock.tell(&row), Revision: revision}, nil
}

func (s *councilService) RemindEveningBefore(ctx context.Context, q *swmaasv1.RemindEveningBeforeRequest) (*swmaasv1.RemindEveningBeforeResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	list, err := s.engine.Tells.EveningBefore(ctx, actor(ctx), dispatch.AreaID(q.GetArea()), clock.day)
	if err != nil {
		return nil, err
	}
	return &swmaasv1.RemindEveningBeforeResponse{Tells: clock.tells(list)}, nil
}

func (s *councilService) PromiseCallBack(ctx context.Context, q *swmaasv1.PromiseCallBackRequest) (*swmaasv1.PromiseCallBackResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	if _, err := clock.until("deadline", q.GetDeadline()); err != nil {
		return nil, fmt.Errorf("call back: %w", err)
	}
	row, revision, err := s.engine.Tells.PromiseCallBack(ctx, actor(ctx), dispatch.CallBack{
		Area: dispatch.AreaID(q.GetArea()), Day: clock.day, Rider: dispatch.RiderID(q.GetRiderId()), Ride: dispatch.RideID(q.GetRideId()),
		By: q.GetDeadline().AsTime(), Subject: q.GetSubject(),
	}, q.GetIdempotencyKey())
	if err != nil {
		return nil, err
	}
	return &swmaasv1.PromiseCallBackResponse{Tell: clock.tell(&row), Revision: revision}, nil
}

func (s *councilService) ListIncidents(ctx context.Context, q *swmaasv1.ListIncidentsRequest) (*swmaasv1.ListIncidentsResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	list, err := s.engine.Alarms.Incidents(ctx, dispatch.AreaID(q.GetArea()), clock.day)
	if err != nil {
		return nil, err
	}
	list, next, err := rowsOf(list, func(r dispatch.IncidentRow) string { return string(r.ID) }, q)
	if err != nil {
		return nil, err
	}
	out := &swmaasv1.ListIncidentsResponse{NextPageToken: next}
	for i := range list {
		out.Incidents = append(out.Incidents, writeIncident(&list[i]))
	}
	return out, nil
}

func (s *councilService) SettleIncident(ctx context.Context, q *swmaasv1.SettleIncidentRequest) (*swmaasv1.SettleIncidentResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	row, revision, err := s.engine.Alarms.SettleIncident(ctx, actor(ctx), dispatch.AreaID(q.GetArea()), clock.day, dispatch.NoteID(q.GetIncidentId()), q.GetMore(), q.GetIdempotencyKey())
	if err != nil {
		return nil, err
	}
	return &swmaasv1.SettleIncidentResponse{Incident: writeIncident(&row), Revision: revision}, nil
}

func (c dayClock) tells(rows []dispatch.TellRow) []*swmaasv1.Tell {
	out := make([]*swmaasv1.Tell, len(rows))
	for i := range rows {
		out[i] = c.tell(&rows[i])
	}
	return out
}

func (c dayClock) tell(r *dispatch.TellRow) *swmaasv1.Tell {
	t := r.Tell
	out := &swmaasv1.Tell{
		Id: string(r.ID), Version: r.Version, Reason: string(t.Reason), Code: t.Code, RiderId: string(t.Rider), Audience: words[string](r.To),
		SentenceJa: r.Say.Ja, SentenceEn: r.Say.En, Deadline: c.moment(t.Deadline), Overdue: r.Overdue, Tries: int32(t.Tries), Remark: r.Remark,
	}
	for _, ride := range r.Rides {
		out.RideIds = append(out.RideIds, string(ride.ID))
	}
	if t.Told != nil {
		out.ToldBy, out.Channel, out.ToldAt = t.Told.By, t.Told.Channel, timestamppb.New(t.Told.At)
	}
	return out
}
