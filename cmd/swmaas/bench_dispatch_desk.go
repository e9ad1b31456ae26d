package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/sim/town"
)

const (
	fillers     = 4   // callers at once who book the day beforehand
	askers      = 8   // callers at once who ask without a pause
	aloneRounds = 100 // quotes and bookings whose processor time is measured
)

// deskBench is a desk with a day of calls booked. Its methods are run one after another.
type deskBench struct {
	e        *engine
	durable  *redis.Client // its own connection to the durable Redis
	progress io.Writer
	town     *town.Town
	wishes   []dispatch.Request // of other callers of the day, in turn
	next     atomic.Int64       // number of the next wish, and of the next key

	mu     sync.Mutex
	booked []dispatch.RideID // guarded by mu: acknowledged and not cancelled, oldest first
}

// newDeskBench starts an engine for the town of a seed on its winter morning at six o'clock, before the first call is due.
func newDeskBench(ctx context.Context, dir, durable, live string, seed uint64, times int) (*deskBench, error) {
	b := &deskBench{}
	var err error
	if b.town, err = town.GenerateTimes(seed, times); err != nil {
		return nil, err
	}
	others, err := town.GenerateTimes(seed+1, times)
	if err != nil {
		return nil, err
	}
	for i := range others.Calls {
		b.wishes = append(b.wishes, b.request(&others.Calls[i]))
	}
	midnight, err := time.ParseInLocation(time.DateOnly, string(b.town.Day), time.FixedZone("JST", 9*3600))
	if err != nil {
		return nil, err
	}
	ahead := time.Until(midnight.Add(6 * time.Hour))
	b.e, err = startEngine(ctx, engineConfig{
		unchecked: true,
		data:      dir, redis: durable, live: live, graph: b.town.Graph, riders: b.town, log: slog.New(slog.DiscardHandler),
		now: func() time.Time { return time.Now().Add(ahead) },
	})
	if err != nil {
		return nil, err
	}
	err = errors.Join(b.e.fleet.SaveFleet(ctx, string(town.Area), b.town.Fleet),
		b.e.fleet.SaveShifts(ctx, string(town.Area), string(b.town.Day), b.town.Shifts))
	if err != nil {
		return nil, errors.Join(err, b.e.close(ctx))
	}
	return b, nil
}

// request is what a caller of the town asks for.
func (b *deskBench) request(call *town.Call) dispatch.Request {
	return dispatch.Request{
		Area: town.Area, Day: b.town.Day, Rider: call.Rider, Party: call.Party,
		Pickup: call.Pickup, Dropoff: call.Dropoff, Wish: call.Wish, Purpose: call.Purpose,
	}
}

// fill books the calls of the day, or the first so many of them.
func (b *deskBench) fill(ctx context.Context, calls int) error {
	if calls == 0 || calls > len(b.town.Calls) {
		calls = len(b.town.Calls)
	}
	begin := time.Now()
	var next atomic.Int64
	failed := make([]error, fillers)
	var wg sync.WaitGroup
	for w := range failed {
		wg.Go(func() {
			for failed[w] == nil {
				n := int(next.Add(1)) - 1
				if n >= calls {
					return
				}
				var offers []dispatch.Offer
				if offers, failed[w] = b.quote(ctx, b.request(&b.town.Calls[n])); failed[w] == nil && len(offers) > 0 {
					failed[w] = b.book(ctx, offers[0].Token)
				}
			}
		})
	}
	wg.Wait()
	_, _ = fmt.Fprintf(b.progress, "bench dispatch: %d vehicles, %d of %d calls booked in %.1f s\n",
		len(b.town.Fleet.Vehicles), len(b.booked), calls, time.Since(begin).Seconds())
	return errors.Join(failed...)
}

// wish is what the next caller asks for: somebody new each time, since nobody rides twice at a time.
func (b *deskBench) wish() dispatch.Request {
	n := int(b.next.Add(1) - 1)
	req := b.wishes[n%len(b.wishes)]
	req.Rider = dispatch.RiderID(fmt.Sprintf("other-%d", n))
	return req
}

func (b *deskBench) quote(ctx context.Context, req dispatch.Request) ([]dispatch.Offer, error) {
	q, err := b.e.desk.Quote(ctx, dispatch.Actor{Subject: "bench"}, req)
	if err != nil {
		return nil, err
	}
	return q.Offers, nil
}

// book takes an offer; one that is gone by now is no error.
func (b *deskBench) book(ctx context.Context, token string) error {
	key := fmt.Sprint("book-", b.next.Add(1))
	got, err := b.e.desk.Book(ctx, dispatch.Actor{Subject: "bench"}, town.Area, token, key)
	if err != nil || got.Ride == nil {
		return err
	}
	b.mu.Lock()
	b.booked = append(b.booked, got.Ride.ID)
	b.mu.Unlock()
	return nil
}

// cancel calls off the ride that was booked first, so that the day keeps its size.
func (b *deskBench) cancel(ctx context.Context) error {
	b.mu.Lock()
	if len(b.booked) == 0 {
		b.mu.Unlock()
		return nil
	}
	id := b.booked[0]
	b.booked = slices.Delete(b.booked, 0, 1)
	b.mu.Unlock()
	_, _, err := b.e.desk.CancelRide(ctx, dispatch.Actor{Subject: "bench"}, town.Area,
		dispatch.Cancellation{Ride: id, Reason: "CHANGED_MY_MIND"}, fmt.Sprint("cancel-", b.next.Add(1)))
	return err
}

// alone measures the processor time of one quote and of one booking with its cancellation, in milliseconds, one after another.
func (b *deskBench) alone(ctx context.Context) (quoteMs, bookMs float64, err error) {
	var tokens []string
	quoteMs, err = perRound(aloneRounds, func() error {
		offers, err := b.quote(ctx, b.wish())
		if len(offers) > 0 {
			tokens = append(tokens, offers[0].Token)
		}
		return err
	})
	if err != nil || len(tokens) == 0 {
		return 0, 0, errors.Join(err, errors.New("nothing could be offered"))
	}
	bookMs, err = perRound(len(tokens), func() error {
		token := tokens[0]
		tokens = tokens[1:]
		if err := b.book(ctx, token); err != nil {
			return err
		}
		return b.cancel(ctx)
	})
	return quoteMs, bookMs, err
}

// perRound runs do so many times and returns the processor time of one, in milliseconds.
func perRound(rounds int, do func() error) (float64, error) {
	before, err := processorTime()
	if err != nil {
		return 0, err
	}
	for range rounds {
		if err := do(); err != nil {
			return 0, err
		}
	}
	after, err := processorTime()
	return milliseconds(after-before) / float64(rounds), err
}

// saturate asks without a pause and returns quotes a second.
func (b *deskBench) saturate(ctx context.Context, length time.Duration) (float64, error) {
	return b.without(askers, length, func() error {
		_, err := b.quote(ctx, b.wish())
		return err
	})
}

// rush lets callers ask, book and call off without a pause and returns how often all three a second.
func (b *deskBench) rush(ctx context.Context, length time.Duration) (float64, error) {
	return b.without(commitWriters, length, func() error {
		offers, err := b.quote(ctx, b.wish())
		if err == nil && len(offers) > 0 {
			if err = b.book(ctx, offers[0].Token); err == nil {
				err = b.cancel(ctx)
			}
		}
		return err
	})
}

// without runs do from several goroutines without a pause and returns how often a second.
func (b *deskBench) without(workers int, length time.Duration, do func() error) (float64, error) {
	var done atomic.Int64
	failed := make([]error, workers)
	begin := time.Now()
	var wg sync.WaitGroup
	for w := range failed {
		wg.Go(func() {
			for failed[w] == nil && time.Since(begin) < length {
				failed[w] = do()
				done.Add(1)
			}
		})
	}
	wg.Wait()
	return float64(done.Load()) / time.Since(begin).Seconds(), errors.Join(failed...)
}

// lost counts the acknowledged bookings that the store does not have with both stops.
func (b *deskBench) lost(ctx context.Context) (lost int, err error) {
	state, err := b.e.plans.Load(ctx, town.Area, b.town.Day)
	if err != nil {
		return 0, err
	}
	stops := map[dispatch.RideID]int{}
	for _, r := range state.Routes {
		for i := range r.Stops {
			stops[r.Stops[i].Ride]++
		}
	}
	for _, id := range b.booked {
		if r := state.Rides[id]; r == nil || r.State != dispatch.Booked || stops[id] != 2 {
			lost++
		}
	}
	return lost, nil
}
