package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/swmaas/swmaas/api"
	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/sim"
	"github.com/swmaas/swmaas/dispatch/sim/town"
	"github.com/swmaas/swmaas/vehicles"
)

// demoLines is everybody's way to the engine: gRPC connections as a telephone desk and as the devices of vehicles have
// them, each with a token of its own.
type demoLines struct {
	run     *demoRun
	desk    *grpc.ClientConn
	booking swmaasv1.BookingClient

	mu      sync.Mutex
	devices []*grpc.ClientConn // guarded by mu
}

// bearer sends a token with every call.
type bearer string

func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

// RequireTransportSecurity is false: the demo's port is on the loopback interface.
func (b bearer) RequireTransportSecurity() bool { return false }

// dialDemo connects the telephone desk.
func dialDemo(r *demoRun) (*demoLines, error) {
	l := &demoLines{run: r}
	var err error
	if l.desk, err = l.dial(api.Grant{Subject: "demo-desk", Role: api.Operator}); err != nil {
		return nil, err
	}
	l.booking = swmaasv1.NewBookingClient(l.desk)
	return l, nil
}

func (l *demoLines) dial(g api.Grant) (*grpc.ClientConn, error) {
	token, err := l.run.token(g)
	if err != nil {
		return nil, err
	}
	return grpc.NewClient(l.run.addr, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithPerRPCCredentials(bearer(token)))
}

// close hangs up.
func (l *demoLines) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.devices {
		_ = c.Close()
	}
	_ = l.desk.Close()
}

// Quote asks for offers.
func (l *demoLines) Quote(ctx context.Context, r dispatch.Request) (*dispatch.Quote, error) {
	answer, err := l.booking.Quote(ctx, quoteRequest(r, l.day()))
	if err != nil {
		return nil, err
	}
	return &dispatch.Quote{
		Day: r.Day, Offers: l.day().offers(answer.GetOffers()), Refusals: refusalsOf(answer.GetRejections()), Revision: answer.GetRevision(),
	}, nil
}

// Book takes an offer.
func (l *demoLines) Book(ctx context.Context, token, key string) (*dispatch.BookResult, error) {
	answer, err := l.booking.Book(ctx, &swmaasv1.BookRequest{IdempotencyKey: key, Area: string(town.Area), OfferToken: token})
	if err != nil {
		return nil, err
	}
	result := &dispatch.BookResult{Revision: answer.GetRevision()}
	if gone := answer.GetGone(); gone != nil {
		result.Gone = &dispatch.Quote{
			Day: l.run.town.Day, Offers: l.day().offers(gone.GetOffers()), Refusals: refusalsOf(gone.GetRejections()), Revision: answer.GetRevision(),
		}
		return result, nil
	}
	result.Ride = l.day().ride(answer.GetRide())
	return result, nil
}

// Cancel calls a ride off.
func (l *demoLines) Cancel(ctx context.Context, ride dispatch.RideID, reason, key string) (int64, error) {
	answer, err := l.booking.CancelRide(ctx, &swmaasv1.CancelRideRequest{
		Scope:          swmaasv1.CancelScope_CANCEL_SCOPE_RIDE,
		IdempotencyKey: key, Area: string(town.Area), RideId: string(ride), Reason: reason,
	})
	if status.Code(err) == codes.FailedPrecondition {
		return 0, sim.ErrRefused
	}
	return answer.GetRevision(), err
}

// Rides reads the day's rides, page by page.
func (l *demoLines) Rides(ctx context.Context) ([]*dispatch.Ride, error) {
	var rides []*dispatch.Ride
	request := &swmaasv1.ListRidesRequest{Area: string(town.Area), ServiceDate: string(l.run.town.Day)}
	for {
		page, err := l.booking.ListRides(ctx, request)
		if err != nil {
			return nil, err
		}
		for _, r := range page.GetRides() {
			rides = append(rides, l.day().ride(r))
		}
		if request.PageToken = page.GetNextPageToken(); request.GetPageToken() == "" {
			return rides, nil
		}
	}
}

func (l *demoLines) day() wireDay { return wireDay{l.run.clock.At(0)} }

// Connect opens the streams of a vehicle's device.
func (l *demoLines) Connect(ctx context.Context, vehicle vehicles.VehicleID) (sim.Line, error) {
	conn, err := l.dial(api.Grant{Subject: "demo-" + string(vehicle), Role: api.Driver, Vehicle: string(vehicle)})
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	l.devices = append(l.devices, conn)
	l.mu.Unlock()
	d := &demoDevice{
		client: swmaasv1.NewDriverClient(conn), vehicle: vehicle, date: string(l.run.town.Day), day: l.day(),
		key: l.run.data.runID() + "-" + string(vehicle), news: make(chan struct{}),
	}
	stream, err := d.client.StreamManifest(ctx, &swmaasv1.StreamManifestRequest{
		Area: string(town.Area), ServiceDate: d.date, VehicleId: string(vehicle), ProgressNotify: true,
	})
	if err != nil {
		return nil, err
	}
	if d.positions, err = d.client.ReportPositions(ctx); err != nil {
		return nil, err
	}
	go d.read(stream)
	return d, nil
}

// demoDevice is the device of one vehicle. Its reader ends with the stream, that is with the context of Connect.
type demoDevice struct {
	// immutable after Connect
	client    swmaasv1.DriverClient
	vehicle   vehicles.VehicleID
	date, key string
	day       wireDay
	positions grpc.ClientStreamingClient[swmaasv1.ReportPositionsRequest, swmaasv1.ReportPositionsResponse]

	sequence int64 // of the last step; used by the simulator's goroutine only

	mu       sync.Mutex
	manifest *dispatch.Manifest // newest received; guarded by mu
	revision int64              // up to which the stream was read; guarded by mu
	err      error              // why the stream ended; guarded by mu
	news     chan struct{}      // closed and made anew with every message; guarded by mu
}

// read keeps the newest manifest until the stream ends.
func (d *demoDevice) read(stream grpc.ServerStreamingClient[swmaasv1.StreamManifestResponse]) {
	for {
		message, err := stream.Recv()
		d.mu.Lock()
		if m := message.GetManifest(); m != nil {
			d.manifest = d.day.manifest(m)
			d.revision = m.GetRevision()
		} else if p := message.GetProgress(); p != nil {
			d.revision = p.GetRevision()
		}
		d.err = err
		close(d.news)
		d.news = make(chan struct{})
		d.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// Manifest waits until the stream has come to a revision.
func (d *demoDevice) Manifest(ctx context.Context, revision int64) (*dispatch.Manifest, error) {
	for {
		d.mu.Lock()
		manifest, reached, err, news := d.manifest, d.revision, d.err, d.news
		d.mu.Unlock()
		switch {
		case manifest != nil && reached >= revision:
			return manifest, nil
		case err != nil:
			return nil, fmt.Errorf("manifest stream of %s: %w", d.vehicle, err)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-news:
		}
	}
}

// Report sends one step.
func (d *demoDevice) Report(ctx context.Context, s dispatch.Step) (int64, error) {
	d.sequence++
	answer, err := d.client.ReportSteps(ctx, &swmaasv1.ReportStepsRequest{
		IdempotencyKey: d.key, Area: string(s.Area), ServiceDate: d.date, VehicleId: string(s.Vehicle),
		Steps: []*swmaasv1.Step{{
			Sequence: d.sequence, Kind: stepWord(s.Kind), RideId: string(s.Stop.Ride), Stop: stopWord(s.Stop.Kind),
			DeviceTime: timestamppb.New(s.Device),
		}},
	})
	if err != nil {
		return 0, err
	}
	if conflicts := answer.GetConflicts(); len(conflicts) > 0 {
		return 0, fmt.Errorf("%w: %s", sim.ErrRefused, conflicts[0].GetReason())
	}
	return answer.GetRevision(), nil
}

// Position sends one position; the stream lives as long as the device.
func (d *demoDevice) Position(_ context.Context, p vehicles.Position) error {
	err := d.positions.Send(&swmaasv1.ReportPositionsRequest{
		Area: string(town.Area), VehicleId: string(d.vehicle),
		Positions: []*swmaasv1.Position{{
			Position: wirePoint(p.At), DeviceTime: timestamppb.New(p.Seen), SpeedKmh: p.SpeedKmh, Heading: p.Heading,
		}},
	})
	if err != nil {
		_, ended := d.positions.CloseAndRecv()
		return errors.Join(err, ended)
	}
	return nil
}

// wireDay turns moments of the wire into seconds of one service day and back.
type wireDay struct{ midnight time.Time }

func (d wireDay) second(t *timestamppb.Timestamp) int32 {
	if t == nil {
		return 0
	}
	return int32(t.AsTime().Sub(d.midnight) / time.Second)
}

func (d wireDay) moment(second int32) *timestamppb.Timestamp {
	return timestamppb.New(d.midnight.Add(time.Duration(second) * time.Second))
}
