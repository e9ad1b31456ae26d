package api

import (
	"context"
	"fmt"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// Messages is what the office and drivers write to each other. Errors are those of dispatch.
type Messages interface {
	SendMessage(ctx context.Context, by dispatch.Actor, m dispatch.MessageDraft, key string) (dispatch.MessageRow, int64, error)
	// ReadMessages says that a side, the office or the driver, has read what the other one wrote up to a number.
	ReadMessages(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, day dispatch.Day, v vehicles.VehicleID, office bool, upTo int64, key string) (int64, error)
	Messages(ctx context.Context, area dispatch.AreaID, day dispatch.Day, f dispatch.MessageFilter) ([]dispatch.MessageRow, error)
	CannedTexts(ctx context.Context, area dispatch.AreaID) ([]dispatch.CannedText, error)
}

func (s *driverService) SendMessage(ctx context.Context, q *swmaasv1.SendMessageRequest) (*swmaasv1.SendMessageResponse, error) {
	clock, err := s.driven(ctx, q.GetVehicleId(), q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	if _, err := clock.until("device_time", q.GetDeviceTime()); err != nil {
		return nil, err
	}
	if q.GetDeviceTime().AsTime().After(s.cfg.Clock().Add(maxAhead)) {
		return nil, fmt.Errorf("%w: device_time: more than %v ahead of the service", ErrRequest, maxAhead)
	}
	draft := draftOf(q.GetContent())
	draft.Area, draft.Day, draft.Vehicle, draft.Ride = dispatch.AreaID(q.GetArea()), clock.day, vehicles.VehicleID(q.GetVehicleId()), dispatch.RideID(q.GetRideId())
	draft.Written = q.GetDeviceTime().AsTime()
	row, revision, err := s.engine.Messages.SendMessage(ctx, actor(ctx), draft, q.GetIdempotencyKey())
	if err != nil {
		return nil, err
	}
	return &swmaasv1.SendMessageResponse{Message: driverMessage(&row), Revision: revision}, nil
}

func (s *driverService) MarkMessagesRead(ctx context.Context, q *swmaasv1.MarkMessagesReadRequest) (*swmaasv1.MarkMessagesReadResponse, error) {
	clock, err := s.driven(ctx, q.GetVehicleId(), q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	revision, err := s.engine.Messages.ReadMessages(
		ctx, actor(ctx), dispatch.AreaID(q.GetArea()), clock.day, vehicles.VehicleID(q.GetVehicleId()), false, q.GetUpTo(), q.GetIdempotencyKey(),
	)
	if err != nil {
		return nil, err
	}
	return &swmaasv1.MarkMessagesReadResponse{Revision: revision}, nil
}

func (s *driverService) ListMessages(ctx context.Context, q *swmaasv1.ListMessagesRequest) (*swmaasv1.ListMessagesResponse, error) {
	clock, err := s.driven(ctx, q.GetVehicleId(), q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	filter := dispatch.MessageFilter{Vehicle: vehicles.VehicleID(q.GetVehicleId())}
	list, next, err := messagePage(ctx, s.engine.Messages, clock, filter, q)
	if err != nil {
		return nil, err
	}
	return &swmaasv1.ListMessagesResponse{Messages: list, NextPageToken: next}, nil
}

func (s *driverService) ListCannedMessages(ctx context.Context, q *swmaasv1.ListCannedMessagesRequest) (*swmaasv1.ListCannedMessagesResponse, error) {
	list, err := s.engine.Messages.CannedTexts(ctx, dispatch.AreaID(q.GetArea()))
	if err != nil {
		return nil, err
	}
	out := &swmaasv1.ListCannedMessagesResponse{}
	for _, t := range list {
		out.Messages = append(out.Messages, &swmaasv1.CannedMessage{
			Code: t.Code, Office: t.Office, Driver: t.Driver, Minutes: t.Minutes, SentenceJa: t.Say.Ja, SentenceEn: t.Say.En,
		})
	}
	return out, nil
}

func (s *councilService) SendDriverMessage(ctx context.Context, q *swmaasv1.SendDriverMessageRequest) (*swmaasv1.SendDriverMessageResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	draft := draftOf(q.GetContent())
	draft.Area, draft.Day, draft.Vehicle, draft.Ride = dispatch.AreaID(q.GetArea()), clock.day, vehicles.VehicleID(q.GetVehicleId()), dispatch.RideID(q.GetRideId())
	draft.Office = true
	row, revision, err := s.engine.Messages.SendMessage(ctx, actor(ctx), draft, q.GetIdempotencyKey())
	if err != nil {
		return nil, err
	}
	return &swmaasv1.SendDriverMessageResponse{Message: driverMessage(&row), Revision: revision}, nil
}

func (s *councilService) MarkDriverMessagesRead(ctx context.Context, q *swmaasv1.MarkDriverMessagesReadRequest) (*swmaasv1.MarkDriverMessagesReadResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	revision, err := s.engine.Messages.ReadMessages(
		ctx, actor(ctx), dispatch.AreaID(q.GetArea()), clock.day, vehicles.VehicleID(q.GetVehicleId()), true, q.GetUpTo(), q.GetIdempotencyKey(),
	)
	if err != nil {
		return nil, err
	}
	return &swmaasv1.MarkDriverMessagesReadResponse{Revision: revision}, nil
}

func (s *councilService) ListDriverMessages(ctx context.Context, q *swmaasv1.ListDriverMessagesRequest) (*swmaasv1.ListDriverMessagesResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	filter := dispatch.MessageFilter{Vehicle: vehicles.VehicleID(q.GetVehicleId()), Unread: q.GetUnread()}
	list, next, err := messagePage(ctx, s.engine.Messages, clock, filter, q)
	if err != nil {
		return nil, err
	}
	return &swmaasv1.ListDriverMessagesResponse{Messages: list, NextPageToken: next}, nil
}

// messagePage is one page of messages.
func messagePage(ctx context.Context, from Messages, clock dayClock, f dispatch.MessageFilter, q interface {
	GetArea() string
	GetPageSize() int32
	GetPageToken() string
},
) ([]*swmaasv1.DriverMessage, string, error) {
	rows, err := from.Messages(ctx, dispatch.AreaID(q.GetArea()), clock.day, f)
	if err != nil {
		return nil, "", err
	}
	rows, next, err := rowsOf(rows, func(r dispatch.MessageRow) string { return string(r.ID) }, q)
	if err != nil {
		return nil, "", err
	}
	return driverMessages(rows), next, nil
}

// draftOf reads what a message says.
func draftOf(c *swmaasv1.MessageContent) dispatch.MessageDraft {
	return dispatch.MessageDraft{Canned: c.GetCanned(), Minutes: c.GetMinutes(), Text: c.GetText(), Urgent: c.GetUrgent()}
}

func driverMessages(rows []dispatch.MessageRow) []*swmaasv1.DriverMessage {
	out := make([]*swmaasv1.DriverMessage, len(rows))
	for i := range rows {
		out[i] = driverMessage(&rows[i])
	}
	return out
}

func driverMessage(r *dispatch.MessageRow) *swmaasv1.DriverMessage {
	m := r.Message
	return &swmaasv1.DriverMessage{
		Id: string(r.ID), Version: r.Version, VehicleId: string(m.Vehicle), Number: m.Number, FromOffice: m.Office, RideId: string(m.Ride),
		Content:    &swmaasv1.MessageContent{Canned: m.Canned, Minutes: m.Minutes, Text: r.Text, Urgent: m.Urgent},
		SentenceJa: r.Say.Ja, SentenceEn: r.Say.En, WrittenBy: m.By, WrittenAt: timestampOrNone(m.Written), TakenAt: timestampOrNone(m.Taken),
		ReadAt: timestampOrNone(m.Read), ReadBy: m.ReadBy,
	}
}
