package api

import (
	"context"
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
)

// predictionMoves is by how much the expected pickup or arrival of a watched ride moves before it is sent again.
const predictionMoves = 60 * time.Second

// WatchRide compares what it would send with what it sent: a ride changes with its own version and with its place in the plan, and
// what is expected of it with the clock and where its vehicle is seen.
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
	again := time.NewTicker(s.cfg.PredictEvery)
	defer again.Stop()
	for sent := readRideToken(q.GetResumeToken()); ; {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-revisions:
		case <-again.C:
		}
		if ride, err = s.ride(ctx, area, id); err != nil {
			return err
		}
		now, err := s.write(ctx, area, ride)
		if err != nil {
			return err
		}
		token := tokenOfRide(now)
		if token.near(sent) {
			continue
		}
		if err := send(ctx, out, &swmaasv1.WatchRideResponse{Ride: now, ResumeToken: token.String()}, s.cfg.StreamPatience); err != nil {
			return err
		}
		sent = token
	}
}

// rideToken is what a watcher of a ride was sent last: its etag without what was expected, and that by itself.
type rideToken struct {
	etag            string
	pickup, arrival int64 // Unix seconds; 0 for none
}

func tokenOfRide(ride *swmaasv1.Ride) rideToken {
	pickup, arrival := ride.PredictedPickup, ride.PredictedArrival
	ride.PredictedPickup, ride.PredictedArrival = nil, nil
	t := rideToken{etagOf(ride), pickup.GetSeconds(), arrival.GetSeconds()}
	ride.PredictedPickup, ride.PredictedArrival = pickup, arrival
	return t
}

// String is the token as callers get it.
func (t rideToken) String() string { return fmt.Sprintf("%s.%d.%d", t.etag, t.pickup, t.arrival) }

// readRideToken reads a caller's token; one that it cannot read is that of no ride.
func readRideToken(text string) (t rideToken) {
	etag, times, _ := strings.Cut(text, ".")
	if _, err := fmt.Sscanf(times, "%d.%d", &t.pickup, &t.arrival); err != nil {
		return rideToken{}
	}
	t.etag = etag
	return t
}

// near reports whether a watcher who was sent the other one knows enough.
func (t rideToken) near(sent rideToken) bool {
	far := func(x, y int64) bool {
		return (x == 0) != (y == 0) || max(x-y, y-x) >= int64(predictionMoves/time.Second)
	}
	return t.etag == sent.etag && !far(t.pickup, sent.pickup) && !far(t.arrival, sent.arrival)
}
