package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/sim/town"
	"github.com/swmaas/swmaas/vehicles"
)

// The load, in calls a second. A booking is followed by a cancellation, so that the day keeps its size.
const (
	quoteRate    = 20
	bookRate     = 5
	positionRate = 500
	perReport    = 10 // positions of one call
)

// loadFigures is what callers saw.
type loadFigures struct{ quotes, books durations }

// load lets calls come in at fixed rates whatever becomes of them, with improvement on one thread beside.
func (b *deskBench) load(ctx context.Context, length time.Duration) (f loadFigures, err error) {
	l := &deskLoad{deskBench: b, offers: make(chan string, 64)}
	for range bookRate { // so that there is something to book from the start
		if _, err := l.ask(ctx); err != nil {
			return f, err
		}
	}
	l.offered = 0
	improving, stop := context.WithCancel(ctx)
	var beside sync.WaitGroup
	beside.Go(func() { l.improve(improving) })
	var streams sync.WaitGroup
	streams.Go(func() { f.quotes = l.stream(ctx, quoteRate, length, l.ask) })
	streams.Go(func() { f.books = l.stream(ctx, bookRate, length, l.take) })
	streams.Go(func() { _ = l.stream(ctx, positionRate/perReport, length, l.report) })
	streams.Wait()
	stop()
	beside.Wait()
	_, _ = fmt.Fprintf(b.progress, "bench dispatch: %d quotes, %d with offers, p99 %.1f ms; %d bookings, p99 %.1f ms; %d improvements\n",
		len(f.quotes), l.offered, f.quotes.ms(0.99), len(f.books), f.books.ms(0.99), l.improved)
	return f, errors.Join(l.failed...)
}

// deskLoad is one load.
type deskLoad struct {
	*deskBench
	offers chan string // tokens that callers have been given, not yet taken

	mu                sync.Mutex
	failed            []error // guarded by mu
	offered, improved int     // guarded by mu
}

// stream makes calls at a rate and returns how long each took from the moment at which it was due.
func (l *deskLoad) stream(ctx context.Context, rate int, length time.Duration, call func(context.Context) (bool, error)) durations {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var took durations
	begin := time.Now()
	for i := range max(1, int(length.Seconds()*float64(rate))) {
		due := begin.Add(time.Duration(i) * time.Second / time.Duration(rate))
		time.Sleep(time.Until(due))
		if ctx.Err() != nil {
			break
		}
		wg.Go(func() {
			counts, err := call(ctx)
			mu.Lock()
			defer mu.Unlock()
			if counts {
				took = append(took, time.Since(due))
			}
			if err != nil {
				l.fail(err)
			}
		})
	}
	wg.Wait()
	return took
}

func (l *deskLoad) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failed = append(l.failed, err)
}

// ask is one quote. Its best offer is what a later caller takes.
func (l *deskLoad) ask(ctx context.Context) (bool, error) {
	offers, err := l.quote(ctx, l.wish())
	if len(offers) > 0 {
		l.mu.Lock()
		l.offered++
		l.mu.Unlock()
		select {
		case l.offers <- offers[0].Token:
		default:
			select { // the oldest goes, as it is the likeliest to be gone
			case <-l.offers:
			default:
			}
			select {
			case l.offers <- offers[0].Token:
			default:
			}
		}
	}
	return true, err
}

// take books an offer and cancels another ride. It does not count where no offer was there to take.
func (l *deskLoad) take(ctx context.Context) (bool, error) {
	select {
	case token := <-l.offers:
		err := l.book(ctx, token)
		if err == nil {
			go func() {
				if err := l.cancel(ctx); err != nil {
					l.fail(err)
				}
			}()
		}
		return true, err
	default:
		return false, nil
	}
}

// report sends positions of vehicles near their homes.
func (l *deskLoad) report(ctx context.Context) (bool, error) {
	positions := make([]vehicles.Position, perReport)
	for i := range positions {
		v := &l.town.Fleet.Vehicles[rand.IntN(len(l.town.Fleet.Vehicles))]
		positions[i] = vehicles.Position{Vehicle: v.ID, At: v.Home, Seen: time.Now(), SpeedKmh: 30}
		positions[i].At.Lat += 0.02 * (rand.Float64() - 0.5)
		positions[i].At.Lng += 0.02 * (rand.Float64() - 0.5)
	}
	_, err := l.e.fleet.Report(ctx, string(town.Area), positions)
	return true, err
}

// improve improves the plan without a pause, on one thread.
func (l *deskLoad) improve(ctx context.Context) {
	for seed := uint64(1); ctx.Err() == nil; seed++ {
		until := time.Now().Add(improveFor)
		r, err := l.e.desk.Improve(ctx, town.Area, l.town.Day, dispatch.ImproveOptions{
			Seed: seed, Stop: func() bool { return ctx.Err() != nil || time.Now().After(until) },
		})
		if err != nil && ctx.Err() == nil {
			l.fail(err)
			return
		}
		if r.Gain > 0 {
			l.mu.Lock()
			l.improved++
			l.mu.Unlock()
		}
	}
}
