package main

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"math"
	"os"
	"slices"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/dayfile"
	"github.com/swmaas/swmaas/vehicles"
)

// servePrint is where and when the service prints the next day.
type servePrint struct {
	PrintDir  string `placeholder:"DIR" type:"path" help:"Write the next day's sheets into this folder every evening, as 'admin print' does, readable by their owner only. Default: none."`
	PrintAt   string `default:"18:00" placeholder:"HH:MM" help:"When to write them."`
	PrintKeep int    `default:"7" placeholder:"N" help:"Remove written sheets N days after their day, 1 to 366."`
}

// at is the second of the day at which sheets are printed; the folder is made where sheets are asked for.
func (c *servePrint) at() (int32, error) {
	t, err := time.Parse("15:04", c.PrintAt)
	if err != nil {
		return 0, usageError("serve: --print-at: %q is not a time such as 18:00", c.PrintAt)
	}
	if c.PrintKeep < 1 || c.PrintKeep > 366 {
		return 0, usageError("serve: --print-keep: %d is not 1 to 366", c.PrintKeep)
	}
	if c.PrintDir != "" {
		if err := os.MkdirAll(c.PrintDir, 0o700); err != nil {
			return 0, usageError("serve: --print-dir: %w", err)
		}
	}
	return int32(t.Hour()*3600 + t.Minute()*60), nil
}

// printEvery is how often the loop looks whether it is time to print.
const printEvery = time.Minute

// printDays writes the sheets of the next day of every area at the first tick from a second of each day on, until ctx ends, and
// again at the next tick where that fails. An engine that is started in the evening prints at once.
func (e *engine) printDays(ctx context.Context, c servePrint, at int32, now func() time.Time, tick <-chan time.Time, log *slog.Logger) {
	if c.PrintDir == "" {
		return
	}
	p := &sheetPrinter{desk: e.desk, riders: e.riders, places: e.places, accesses: e.accesses, readings: dayfile.NewDictionary(), actor: dispatch.Engine.Subject}
	done := dispatch.Day("")
	for {
		today := e.today(now)
		second, err := e.desk.Second(today, now())
		if err == nil && second >= at && today != done && e.printAll(ctx, p, c.PrintDir, dispatch.Day(vehicles.Date(today).Add(1)), log) {
			done = today
			if err := dropSheets(c.PrintDir, vehicles.Date(today).Add(-c.PrintKeep)); err != nil {
				log.Error("old sheets not removed", "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick:
		}
	}
}

// printAll prints a day of every area and reports whether all went well.
func (e *engine) printAll(ctx context.Context, p *sheetPrinter, dir string, day dispatch.Day, log *slog.Logger) bool {
	areas, err := e.areas(ctx)
	if err != nil {
		if ctx.Err() == nil {
			log.Error("areas not listed", "err", err)
		}
		return false
	}
	well := true
	for _, area := range areas {
		key := dispatch.AreaDay{Area: area, Day: day}
		if err := e.remind(ctx, key); err != nil && ctx.Err() == nil {
			log.Error("reminders not opened", "area", area, "day", day, "err", err)
			well = false
		}
		switch done, err := p.print(ctx, key, dir, ""); {
		case errors.Is(err, errNoSheets):
		case err == nil:
			log.Info("sheets printed", "area", area, "day", day, "revision", done.revision, "sheets", len(done.files))
		default:
			well = false
			if ctx.Err() == nil {
				log.Error("sheets not printed", "area", area, "day", day, "err", err)
			}
		}
	}
	return well
}

// remind opens the reminders of a day. The list of calls has everybody without them too; with them, who called whom can be noted
// in the service.
func (e *engine) remind(ctx context.Context, day dispatch.AreaDay) error {
	if err := e.desk.Refresh(ctx, day, math.MaxInt64); err != nil {
		return err
	}
	_, err := e.desk.EveningBefore(ctx, dispatch.Engine, day.Area, day.Day)
	if errors.Is(err, dispatch.ErrNoRoads) {
		return nil
	}
	return err
}

// areas lists the areas of which something is stored or in memory.
func (e *engine) areas(ctx context.Context) ([]dispatch.AreaID, error) {
	days, err := e.plans.Days(ctx)
	if err != nil {
		return nil, err
	}
	orders, err := e.plans.OrderAreas(ctx)
	if err != nil {
		return nil, err
	}
	areas := map[dispatch.AreaID]bool{}
	for _, d := range append(days, e.desk.OpenDays()...) {
		areas[d.Area] = true
	}
	for _, area := range orders {
		areas[area] = true
	}
	return slices.Sorted(maps.Keys(areas)), nil
}
