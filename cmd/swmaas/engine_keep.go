package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
)

// serveKeep is how long the service keeps what it has.
type serveKeep struct {
	KeepDays      int           `placeholder:"N" help:"Drop service days N days after they were, at least 31, unless a ride of theirs has not ended. Default: keep all."`
	KeepEvents    int           `placeholder:"N" help:"Drop the events of a day N days after it was; it cannot be rebuilt any more then. Default: as long as the day."`
	KeepAccesses  int           `placeholder:"N" help:"Drop who looked at whose data after N days, at least 31. Default: keep all."`
	KeepPositions time.Duration `default:"48h" help:"Drop where a vehicle was last seen when it has not reported for so long."`
}

// retention checks the settings.
func (c *serveKeep) retention() (planstore.Retention, error) {
	keep := planstore.Retention{Days: c.KeepDays, Events: c.KeepEvents}
	if err := keep.Validate(); err != nil {
		return keep, usageError("serve: --keep-days, --keep-events: %w", err)
	}
	if c.KeepAccesses != 0 && c.KeepAccesses < planstore.MinRetention {
		return keep, usageError("serve: --keep-accesses: %d days is less than %d", c.KeepAccesses, planstore.MinRetention)
	}
	if c.KeepPositions <= 0 {
		return keep, usageError("serve: --keep-positions: %v is not a length of time", c.KeepPositions)
	}
	return keep, nil
}

// tidyEvery is how often the service looks whether something is past its time: positions by the hour, days once a day.
const tidyEvery = time.Hour

// tidy drops what is past its time, at once and then every hour, until ctx ends.
func (e *engine) tidy(ctx context.Context, c serveKeep, keep planstore.Retention, now func() time.Time, log *slog.Logger) {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	purged := dispatch.Day("")
	for {
		if today := dispatch.Day(now().In(e.desk.Zone()).Format(time.DateOnly)); today != purged {
			e.purge(ctx, today, keep, log)
			purged = today
		}
		if c.KeepAccesses > 0 {
			e.forgetAccesses(ctx, now().AddDate(0, 0, -c.KeepAccesses), log)
		}
		e.forgetPositions(ctx, now().Add(-c.KeepPositions), log)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// purge drops the days that are past their time from the store and from memory.
func (e *engine) purge(ctx context.Context, today dispatch.Day, keep planstore.Retention, log *slog.Logger) {
	done, err := e.plans.Purge(ctx, today, keep)
	for _, day := range done.Days {
		e.desk.Forget(day.Area, day.Day)
		log.Info("day dropped", "area", day.Area, "day", day.Day)
	}
	for _, day := range done.Events {
		log.Info("events dropped", "area", day.Area, "day", day.Day)
	}
	for _, day := range done.Open {
		log.Warn("day kept past its time: a ride of it has not ended", "area", day.Area, "day", day.Day)
	}
	if err != nil && ctx.Err() == nil {
		log.Error("days past their time not dropped", "err", err)
	}
}

// forgetAccesses drops who looked at whom before the moment, in every area that has a day.
func (e *engine) forgetAccesses(ctx context.Context, before time.Time, log *slog.Logger) {
	days, err := e.plans.Days(ctx)
	done := map[dispatch.AreaID]bool{}
	for _, day := range days {
		if done[day.Area] {
			continue
		}
		done[day.Area] = true
		var n int64
		if n, err = e.accesses.DropAccesses(ctx, day.Area, before); err != nil {
			break
		}
		if n > 0 {
			log.Info("access log shortened", "area", day.Area, "entries", n)
		}
	}
	if err != nil && ctx.Err() == nil {
		log.Error("access log not shortened", "err", err)
	}
}

// forgetPositions drops the positions from before the moment, in every area that has a day.
func (e *engine) forgetPositions(ctx context.Context, before time.Time, log *slog.Logger) {
	days, err := e.plans.Days(ctx)
	last := dispatch.AreaID("")
	for _, day := range days {
		if day.Area == last {
			continue
		}
		last = day.Area
		if _, err = e.fleet.Forget(ctx, string(day.Area), before); err != nil {
			break
		}
	}
	if err != nil && ctx.Err() == nil {
		log.Error("positions past their time not dropped", "err", err)
	}
}
