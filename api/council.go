package api

import (
	"cmp"
	"context"
	"slices"

	"google.golang.org/grpc"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
)

// eventBatch is how many events are read from the store at once.
const eventBatch = 256

// councilService implements swmaas.v1.Council.
type councilService struct {
	swmaasv1.UnimplementedCouncilServer
	engine  Engine
	cfg     Config
	playing chan struct{} // holds one while a day is played through
}

func (s *councilService) WatchDay(q *swmaasv1.WatchDayRequest, out grpc.ServerStreamingServer[swmaasv1.WatchDayResponse]) error {
	ctx := out.Context()
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return err
	}
	area, after := dispatch.AreaID(q.GetArea()), dispatch.EventID(q.GetAfterEventId())
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
		// A wake-up only says that there is something to read; the log of the day is the data, so nothing is missed when
		// several changes make one wake-up.
		if after, err = s.sendEvents(ctx, out, area, clock.day, after); err != nil {
			return err
		}
	}
}

// sendEvents sends every event after the given one and returns the id of the last.
func (s *councilService) sendEvents(ctx context.Context, out grpc.ServerStreamingServer[swmaasv1.WatchDayResponse], area dispatch.AreaID, day dispatch.Day, after dispatch.EventID) (dispatch.EventID, error) {
	for {
		events, err := s.engine.Watcher.Events(ctx, area, day, after, eventBatch)
		if err != nil {
			return after, err
		}
		for i := range events {
			if err := send(ctx, out, &swmaasv1.WatchDayResponse{Event: event(&events[i])}, s.cfg.StreamPatience); err != nil {
				return after, err
			}
			after = events[i].ID
		}
		if len(events) < eventBatch {
			return after, nil
		}
	}
}

func (s *councilService) GetDaySummary(ctx context.Context, q *swmaasv1.GetDaySummaryRequest) (*swmaasv1.GetDaySummaryResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	summary, err := s.engine.Days.Summary(ctx, dispatch.AreaID(q.GetArea()), clock.day)
	if err != nil {
		return nil, err
	}
	out := &swmaasv1.DaySummary{Area: q.GetArea(), ServiceDate: q.GetServiceDate(), Revision: summary.Revision, Classes: classCounts(summary)}
	for state, rides := range summary.Rides {
		out.States = append(out.States, &swmaasv1.StateCount{State: rideStateWords[state], Rides: int64(rides)})
	}
	slices.SortFunc(out.States, func(a, b *swmaasv1.StateCount) int { return cmp.Compare(a.State, b.State) })
	for reason, rides := range summary.Refused {
		out.Refused = append(out.Refused, &swmaasv1.ReasonCount{Reason: reason, Rides: int64(rides)})
	}
	slices.SortFunc(out.Refused, func(a, b *swmaasv1.ReasonCount) int {
		return cmp.Or(cmp.Compare(b.Rides, a.Rides), cmp.Compare(a.Reason, b.Reason))
	})
	return &swmaasv1.GetDaySummaryResponse{Summary: out}, nil
}
