package main

import (
	"context"
	"log/slog"
	"math"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
)

// improveEvery and improveFor pace the improvement of a running service: at most a fifth of one core.
const (
	improveEvery = 5 * time.Second
	improveFor   = time.Second
)

// improve improves the days that callers and drivers work on, until ctx ends.
func (e *engine) improve(ctx context.Context, log *slog.Logger) {
	tick := time.NewTicker(improveEvery)
	defer tick.Stop()
	for seed := uint64(1); ; seed++ {
		e.measures.improved.SetToCurrentTime() // at the start and after each round; a round that hangs is told by its age
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, day := range e.desk.OpenDays() {
			e.tend(ctx, day, log)
			until := time.Now().Add(improveFor)
			result, err := e.improveDay(ctx, day, dispatch.ImproveOptions{
				Seed: seed, Stop: func() bool { return ctx.Err() != nil || time.Now().After(until) },
			})
			if err != nil && ctx.Err() == nil {
				log.Error("improvement failed", "area", day.Area, "day", day.Day, "err", err)
			} else if result.Gain > 0 {
				log.Info("plan improved", "area", day.Area, "day", day.Day, "gain_s", result.Gain, "routes", result.Routes)
			}
		}
	}
}

// improveDay improves one day and counts what came of it.
func (e *engine) improveDay(ctx context.Context, day dispatch.AreaDay, opt dispatch.ImproveOptions) (dispatch.ImproveResult, error) {
	ctx, end := e.measures.span(ctx, "optimiser improve", attribute.String("area", string(day.Area)), attribute.String("day", string(day.Day)))
	result, err := e.desk.Improve(ctx, day.Area, day.Day, opt)
	trace.SpanFromContext(ctx).SetAttributes(attribute.Int64("gain_s", result.Gain), attribute.Int("routes", result.Routes))
	end(err)
	outcome := "none"
	switch {
	case err != nil:
		outcome = "failed"
	case result.Lost:
		outcome = "lost"
	case result.Gain > 0:
		outcome = "better"
	}
	e.measures.improve.WithLabelValues(outcome).Inc()
	if result.Gain > 0 {
		e.measures.gain.Add(float64(result.Gain))
	}
	return result, err
}

// tend does what falls due on a day by itself: holds that have run out end, capacity for will-calls moves on, who waits
// for a late vehicle has to be told, steps of drivers no longer wait for one that was lost, and rides whose road, vehicle or driver
// is not there any more go to others.
func (e *engine) tend(ctx context.Context, day dispatch.AreaDay, log *slog.Logger) {
	for _, due := range []func(context.Context, dispatch.AreaID, dispatch.Day) (int, error){e.desk.Sweep, e.desk.Roll, e.desk.Tend, e.mend, e.desk.PublishDue} {
		if _, err := due(ctx, day.Area, day.Day); err != nil && ctx.Err() == nil {
			log.Error("day not tended", "area", day.Area, "day", day.Day, "err", err)
		}
	}
}

// mend gives rides to others that cannot be driven as promised, and counts the routes that are others now.
func (e *engine) mend(ctx context.Context, area dispatch.AreaID, day dispatch.Day) (int, error) {
	done, err := e.desk.Mend(ctx, area, day)
	if err != nil {
		return 0, err
	}
	return len(done.Retimed), nil
}

// follow keeps the days in memory up to date with what other processes commit to the same Redis, until ctx ends. It owns
// one goroutine for each area that somebody asked about.
func (e *engine) follow(ctx context.Context, log *slog.Logger) {
	var areas sync.WaitGroup
	defer areas.Wait()
	followed := map[dispatch.AreaID]bool{}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		for _, day := range e.desk.OpenDays() {
			if !followed[day.Area] {
				followed[day.Area] = true
				areas.Go(func() { e.followArea(ctx, day.Area, log) })
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// followArea reads a day again whenever somebody else has raised its revision.
func (e *engine) followArea(ctx context.Context, area dispatch.AreaID, log *slog.Logger) {
	wakes, err := e.plans.Watch(ctx, area)
	if err != nil {
		log.Error("other processes cannot be followed", "area", area, "err", err)
		return
	}
	e.refresh(ctx, planstore.Wake{}, area, log) // what was committed before the watch began
	for wake := range wakes {
		e.refresh(ctx, wake, area, log)
	}
}

// refresh reads the day of a wake-up again, or every open day of the area, and its policies, where wake-ups may have been missed or the
// policies were changed.
func (e *engine) refresh(ctx context.Context, wake planstore.Wake, area dispatch.AreaID, log *slog.Logger) {
	if wake.Day == "" {
		if err := e.desk.FollowPolicies(ctx, area); err != nil && ctx.Err() == nil {
			log.Error("policies not read again", "area", area, "err", err)
		}
	}
	for _, day := range e.desk.OpenDays() {
		revision := wake.Revision
		if wake.Day == "" {
			revision = math.MaxInt64
		}
		if day.Area != area || wake.Day != "" && wake.Day != day.Day {
			continue
		}
		if err := e.desk.Refresh(ctx, day, revision); err != nil && ctx.Err() == nil {
			log.Error("day not read again", "area", day.Area, "day", day.Day, "err", err)
		}
	}
}
