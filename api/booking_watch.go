package api

import (
	"context"

	"google.golang.org/grpc"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
)

// WatchRide compares what it would send with what it sent: a ride changes with its own version and with its place in the plan.
func (s *bookingService) WatchRide(q *swmaasv1.WatchRideRequest, out grpc.ServerStreamingServer[swmaasv1.WatchRideResponse]) error {
	ctx, area, id := out.Context(), dispatch.AreaID(q.GetArea()), dispatch.RideID(q.GetRideId())
	ride, err := s.ride(ctx, area, id)
	if err != nil {
		return err
	}
	revisions, err := s.engine.Watcher.Watch(ctx, area, ride.Day)
	if err != nil {
		return err
	}
	for sent := q.GetResumeToken(); ; {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-revisions:
		}
		if ride, err = s.ride(ctx, area, id); err != nil {
			return err
		}
		now, err := s.write(ctx, area, ride)
		if err != nil {
			return err
		}
		token := etagOf(now)
		if token == sent {
			continue
		}
		if err := send(ctx, out, &swmaasv1.WatchRideResponse{Ride: now, ResumeToken: token}, s.cfg.StreamPatience); err != nil {
			return err
		}
		sent = token
	}
}
