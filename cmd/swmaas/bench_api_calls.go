package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/swmaas/swmaas/api"
	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/sim/town"
	"github.com/swmaas/swmaas/routing/geo"
)

const (
	benchRides = 120 // of the town's calls
	readers    = 64  // callers of GetRide at once, on readConns connections
	readConns  = 4
	reporters  = 36 // vehicles that report positions at once
	perMessage = 10 // positions
)

// book lets callers ask and book one after another, as the town's do.
func (b *apiBench) book(ctx context.Context, f *apiFigures) error {
	conn, err := b.dial(api.Grant{Subject: "bench", Role: api.Operator})
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	booking := swmaasv1.NewBookingClient(conn)
	var quotes, books []time.Duration
	for i := range min(benchRides, len(b.town.Calls)) {
		call := &b.town.Calls[i]
		begin := time.Now()
		quote, err := booking.Quote(ctx, quoteRequest(dispatch.Request{
			Area: town.Area, Day: dispatch.Day(b.day), Rider: call.Rider, Party: call.Party,
			Pickup: call.Pickup, Dropoff: call.Dropoff, Wish: call.Wish, Purpose: call.Purpose,
		}, wireDay{b.midnight}))
		if err != nil {
			return err
		}
		quotes = append(quotes, time.Since(begin))
		if len(quote.GetOffers()) == 0 {
			continue
		}
		begin = time.Now()
		booked, err := booking.Book(ctx, &swmaasv1.BookRequest{
			IdempotencyKey: fmt.Sprint("bench-", i), Area: string(town.Area), OfferToken: quote.GetOffers()[0].GetToken(),
		})
		if err != nil {
			return err
		}
		books = append(books, time.Since(begin))
		if id := booked.GetRide().GetId(); id != "" {
			b.rides = append(b.rides, id)
		}
	}
	if len(b.rides) == 0 {
		return errors.New("nothing could be booked")
	}
	f.QuoteP50Ms, f.QuoteP99Ms = quantileMicros(quotes, 0.50)/1e3, quantileMicros(quotes, 0.99)/1e3
	f.BookP50Ms, f.BookP99Ms = quantileMicros(books, 0.50)/1e3, quantileMicros(books, 0.99)/1e3
	return nil
}

// reads calls GetRide as often as it can, and then at half that rate.
func (b *apiBench) reads(ctx context.Context, length time.Duration, f *apiFigures) error {
	clients := make([]swmaasv1.BookingClient, readConns)
	for i := range clients {
		conn, err := b.dial(api.Grant{Subject: "bench", Role: api.Operator})
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close() }()
		clients[i] = swmaasv1.NewBookingClient(conn)
	}
	if _, err := b.readFor(ctx, clients, length/5, 0); err != nil { // connections and caches
		return err
	}
	took, err := b.readFor(ctx, clients, length, 0)
	if err != nil {
		return err
	}
	f.GetRidePerS = float64(len(took)) / length.Seconds()
	if took, err = b.readFor(ctx, clients, length, f.GetRidePerS/2); err != nil {
		return err
	}
	f.GetRideHalfP99 = quantileMicros(took, 0.99) / 1e3
	return nil
}

// readFor calls GetRide for a while, at a rate where one is given, and returns how long each call took. At a rate a call's
// time counts from when it was due, so that a service that falls behind does not look quick.
func (b *apiBench) readFor(ctx context.Context, clients []swmaasv1.BookingClient, length time.Duration, rate float64) ([]time.Duration, error) {
	var wg sync.WaitGroup
	var next atomic.Int64
	took, failed := make([][]time.Duration, readers), make([]error, readers)
	begin := time.Now()
	for r := range readers {
		wg.Go(func() {
			for failed[r] == nil && time.Since(begin) < length {
				n := next.Add(1)
				due := time.Now()
				if rate > 0 {
					due = begin.Add(time.Duration(float64(n) / rate * float64(time.Second)))
					time.Sleep(time.Until(due))
				}
				_, failed[r] = clients[r%len(clients)].GetRide(ctx, &swmaasv1.GetRideRequest{
					Area: string(town.Area), RideId: b.rides[int(n)%len(b.rides)],
				})
				took[r] = append(took[r], time.Since(due))
			}
		})
	}
	wg.Wait()
	var all []time.Duration
	for _, part := range took {
		all = append(all, part...)
	}
	return all, errors.Join(failed...)
}

// positions lets vehicles report without a pause.
func (b *apiBench) positions(ctx context.Context, length time.Duration, f *apiFigures) error {
	var wg sync.WaitGroup
	sent, stored, failed := make([]int64, reporters), make([]int64, reporters), make([]error, reporters)
	begin := time.Now()
	for r := range reporters {
		wg.Go(func() { sent[r], stored[r], failed[r] = b.report(ctx, r, length) })
	}
	wg.Wait()
	took := time.Since(begin).Seconds()
	var all, kept int64
	for r := range reporters {
		all, kept = all+sent[r], kept+stored[r]
	}
	f.PositionsPerS, f.PositionsStored = float64(all)/took, float64(kept)/float64(max(all, 1))
	return errors.Join(failed...)
}

// report sends one vehicle's positions for a while. It is safe for concurrent use.
func (b *apiBench) report(ctx context.Context, r int, length time.Duration) (sent, stored int64, err error) {
	vehicle := string(b.town.Fleet.Vehicles[r%len(b.town.Fleet.Vehicles)].ID)
	conn, err := b.dial(api.Grant{Subject: "bench-" + vehicle, Role: api.Driver, Vehicle: vehicle})
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = conn.Close() }()
	stream, err := swmaasv1.NewDriverClient(conn).ReportPositions(ctx)
	if err != nil {
		return 0, 0, err
	}
	begin := time.Now()
	seen := begin.Add(-time.Hour)
	for time.Since(begin) < length {
		message := &swmaasv1.ReportPositionsRequest{Area: string(town.Area), VehicleId: vehicle}
		for range perMessage {
			seen = seen.Add(time.Millisecond)
			at := geo.LatLng{Lat: 36.86 + float64(sent%1000)*1e-5, Lng: 137.44}
			message.Positions = append(message.Positions, &swmaasv1.Position{Position: wirePoint(at), DeviceTime: timestamppb.New(seen)})
			sent++
		}
		if err := stream.Send(message); errors.Is(err, io.EOF) {
			break // the answer says why
		} else if err != nil {
			return sent, 0, err
		}
	}
	answer, err := stream.CloseAndRecv()
	return sent, answer.GetAccepted(), err
}

// arrival is a manifest that reached stream number stream.
type arrival struct {
	stream int
	at     time.Time
}

// streams opens driver streams, each on a connection of its own, and cancels rides to see how soon the drivers know.
func (b *apiBench) streams(ctx context.Context, number, updates int, f *apiFigures) error {
	ctx, hangUp := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer hangUp()
	before, err := b.resident()
	if err != nil {
		return err
	}
	arrivals, failed := make(chan arrival, number), make(chan error, number)
	following := map[string]int{}
	for i := range number {
		vehicle := string(b.town.Fleet.Vehicles[i%len(b.town.Fleet.Vehicles)].ID)
		following[vehicle]++
		wg.Go(func() {
			if err := b.follow(ctx, vehicle, i, arrivals); err != nil {
				failed <- err
			}
		})
		if err := collect(ctx, 1, arrivals, failed, nil); err != nil { // one handshake at a time
			return err
		}
	}
	after, err := b.resident()
	if err != nil {
		return err
	}
	f.StreamKiB = (after - before) / float64(number) / 1024
	took, err := b.updates(ctx, updates, following, arrivals, failed)
	if err != nil {
		return err
	}
	f.UpdateP50Ms, f.UpdateP99Ms = quantileMicros(took, 0.50)/1e3, quantileMicros(took, 0.99)/1e3
	return nil
}

// follow reads a vehicle's manifests until ctx ends. It is safe for concurrent use.
func (b *apiBench) follow(ctx context.Context, vehicle string, number int, arrivals chan<- arrival) error {
	conn, err := b.dial(api.Grant{Subject: "bench-" + vehicle, Role: api.Driver, Vehicle: vehicle},
		grpc.WithReadBufferSize(4<<10), grpc.WithWriteBufferSize(4<<10))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	stream, err := swmaasv1.NewDriverClient(conn).StreamManifest(ctx, &swmaasv1.StreamManifestRequest{
		Area: string(town.Area), ServiceDate: b.day, VehicleId: vehicle,
	})
	if err != nil {
		return err
	}
	for {
		if _, err := stream.Recv(); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("stream %d: %w", number, status.Convert(err).Err())
		}
		select {
		case arrivals <- arrival{number, time.Now()}:
		case <-ctx.Done():
			return nil
		}
	}
}

// updates cancels rides one after another and returns how long each change took to each driver, from the call on.
func (b *apiBench) updates(ctx context.Context, updates int, following map[string]int, arrivals chan arrival, failed chan error) ([]time.Duration, error) {
	conn, err := b.dial(api.Grant{Subject: "bench", Role: api.Operator})
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	booking := swmaasv1.NewBookingClient(conn)
	var took []time.Duration
	for _, id := range b.rides[:min(updates, len(b.rides))] {
		ride, err := booking.GetRide(ctx, &swmaasv1.GetRideRequest{Area: string(town.Area), RideId: id})
		if err != nil {
			return nil, err
		}
		for len(arrivals) > 0 { // a better plan, found in the meantime
			<-arrivals
		}
		begin := time.Now()
		cancel := &swmaasv1.CancelRideRequest{IdempotencyKey: "bench-cancel-" + id, Area: string(town.Area), RideId: id, Scope: swmaasv1.CancelScope_CANCEL_SCOPE_RIDE}
		if _, err := booking.CancelRide(ctx, cancel); err != nil {
			return nil, err
		}
		err = collect(ctx, following[ride.GetRide().GetVehicleId()], arrivals, failed, func(a arrival) { took = append(took, a.at.Sub(begin)) })
		if err != nil {
			return nil, err
		}
	}
	return took, nil
}

// arrivalPatience is how long a manifest may take before the bench gives up.
const arrivalPatience = 20 * time.Second

// collect waits for a number of arrivals.
func collect(ctx context.Context, number int, arrivals <-chan arrival, failed <-chan error, each func(arrival)) error {
	timeout := time.NewTimer(arrivalPatience)
	defer timeout.Stop()
	for range number {
		select {
		case a := <-arrivals:
			if each != nil {
				each(a)
			}
		case err := <-failed:
			return err
		case <-timeout.C:
			return fmt.Errorf("a manifest did not arrive within %v", arrivalPatience)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
