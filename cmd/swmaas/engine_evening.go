package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// serveEvening is when the service plans the next day.
type serveEvening struct {
	Drafts bool   `help:"Changes of the plan are drafts: drivers see them once a dispatcher or the evening's planning publishes them, or an hour before."`
	PlanAt string `default:"18:00" placeholder:"HH:MM" help:"Improve the plan of the next day at length, give every driver the manifest and list whom to remind, at this time of day; 'off' for never."`
}

// planSecond is the time of day, in seconds; ok is false for never.
func (c *serveEvening) planSecond() (second int, ok bool, err error) {
	if c.PlanAt == "off" {
		return 0, false, nil
	}
	t, err := time.Parse("15:04", c.PlanAt)
	if err != nil {
		return 0, false, usageError("serve: --plan-at: %q is neither a time such as 18:00 nor 'off'", c.PlanAt)
	}
	return t.Hour()*3600 + t.Minute()*60, true, nil
}

// eveningSearch is how long the plan of one area's next day is improved at the most, and eveningRound how long one round takes:
// each is a commit, so that bookings of the evening make no more than a round worthless.
const (
	eveningSearch = time.Minute
	eveningRound  = 5 * time.Second
)

// evenings plans the next day of every area, at the first tick of a day at or after the second, until ctx ends, and again at the next tick where that
// fails. Any number of processes may run it: what one has published is published.
func (e *engine) evenings(ctx context.Context, second int, now func() time.Time, tick <-chan time.Time, log *slog.Logger) {
	today, done, well := dispatch.Day(""), map[dispatch.AreaID]bool{}, false
	for {
		local := now().In(e.desk.Zone())
		if day := dispatch.Day(local.Format(time.DateOnly)); day != today {
			today, done, well = day, map[dispatch.AreaID]bool{}, false
		}
		if !well && local.Hour()*3600+local.Minute()*60+local.Second() >= second {
			well = e.eveningOf(ctx, dispatch.Day(vehicles.Date(today).Add(1)), done, log)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick:
		}
	}
}

// eveningOf plans a day in every area that is not done, adds those that are, and reports whether that is all of them. Without roads there is nothing to plan.
func (e *engine) eveningOf(ctx context.Context, day dispatch.Day, done map[dispatch.AreaID]bool, log *slog.Logger) bool {
	areas, err := e.areas(ctx)
	if err != nil {
		if ctx.Err() == nil {
			log.Error("areas not listed for the evening's planning", "err", err)
		}
		return false
	}
	well := true
	for _, area := range areas {
		if done[area] {
			continue
		}
		switch err := e.eveningIn(ctx, dispatch.AreaDay{Area: area, Day: day}, log); {
		case err == nil || errors.Is(err, dispatch.ErrNoRoads):
			done[area] = true
		default:
			well = false
			if ctx.Err() == nil {
				log.Error("next day not planned", "area", area, "day", day, "err", err)
			}
		}
	}
	return well
}

// eveningIn improves one day until nothing more is found, publishes it and opens the reminders.
func (e *engine) eveningIn(ctx context.Context, day dispatch.AreaDay, log *slog.Logger) error {
	gain := int64(0)
	end := time.Now().Add(eveningSearch)
	for seed := uint64(1); time.Now().Before(end) && ctx.Err() == nil; seed++ {
		until := time.Now().Add(eveningRound)
		result, err := e.improveDay(ctx, day, dispatch.ImproveOptions{
			Seed: seed, Stop: func() bool { return ctx.Err() != nil || time.Now().After(until) },
		})
		if err != nil {
			return err
		}
		if gain += result.Gain; result.Gain == 0 && !result.Lost {
			break
		}
	}
	key := fmt.Sprintf("evening before %s", day.Day)
	manifests, _, err := e.desk.Publish(ctx, dispatch.Engine, day.Area, day.Day, nil, dispatch.PublishedBefore, key)
	if err != nil {
		return err
	}
	reminders, err := e.desk.EveningBefore(ctx, dispatch.Engine, day.Area, day.Day)
	if err == nil && manifests+len(reminders) > 0 {
		log.Info("next day planned", "area", day.Area, "day", day.Day, "gain_s", gain, "manifests", manifests, "reminders", len(reminders))
	}
	return err
}
