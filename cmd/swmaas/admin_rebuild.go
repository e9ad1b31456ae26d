package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/cmd/swmaas/redisd"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
)

// adminRebuildCmd makes what is stored of a day anew from the day's events and compares. The service may be running.
type adminRebuildCmd struct {
	Area     string `required:"" help:"Area, such as kurobe."`
	Day      string `required:"" help:"Service day, such as 2026-01-20."`
	Redis    string `placeholder:"URL" help:"The service's durable Redis, or a cluster's addresses joined by commas. Without it the private one of the data folder."`
	Data     string `default:"swmaas-data" type:"path" help:"Data folder of the installation: its keys are needed to find the cells of open rides."`
	keyFlags `embed:""`
	Check    bool `xor:"what" help:"Compare only; the default."`
	Repair   bool `xor:"what" help:"Store what differs as the events say."`
}

// Run prints a line for everything that differs. It fails where something does, and with --repair where something is left.
func (c *adminRebuildCmd) Run(ctx context.Context, std streams) (err error) {
	if _, err := time.Parse(time.DateOnly, c.Day); err != nil {
		return usageError("admin rebuild: --day: %q is not a date such as 2026-01-20", c.Day)
	}
	plans, closer, err := openPlans(ctx, c.Data, c.Redis, c.keyFlags)
	if err != nil {
		return fmt.Errorf("admin rebuild: %w", err)
	}
	defer func() { err = errors.Join(err, closer(context.WithoutCancel(ctx))) }()
	run := plans.Check
	if c.Repair {
		run = plans.Rebuild
	}
	faults, err := run(ctx, dispatch.AreaID(c.Area), dispatch.Day(c.Day))
	if err != nil {
		return fmt.Errorf("admin rebuild: %w", err)
	}
	return c.report(std, faults)
}

// report prints the faults; its error says how many are left.
func (c *adminRebuildCmd) report(std streams, faults []planstore.Fault) error {
	left := 0
	for _, f := range faults {
		note := ""
		switch {
		case !f.Rebuildable:
			note = " (the events do not tell how it should be)"
			left++
		case c.Repair:
			note = " (put right)"
		default:
			left++
		}
		if _, err := fmt.Fprintf(std.out, "%s: %s%s\n", f.Key, f.Reason, note); err != nil {
			return err
		}
	}
	if left > 0 {
		how := ""
		if !c.Repair {
			how = "; --repair stores what the events tell"
		}
		return fmt.Errorf("admin rebuild: %s %s: %d things differ from the events%s", c.Area, c.Day, left, how)
	}
	_, err := fmt.Fprintf(std.err, "%s %s: routes, rides, revision and indexes are what the events say\n", c.Area, c.Day)
	return err
}

// openPlans opens the store of an installation for a command beside the service, which may be running: the Redis that is
// named, or the private one of the data folder, started for as long as the command runs where no engine does.
func openPlans(ctx context.Context, data, url string, keys keyFlags) (_ *planstore.Store, closer func(context.Context) error, err error) {
	kept := data // a folder that is not there is a mistake and must not be made
	if url == "" {
		kept = filepath.Join(data, "redis")
	}
	if _, err := os.Stat(kept); err != nil {
		return nil, nil, usageError("%s is not the data folder of an installation: %w", data, err)
	}
	e := &engine{}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.close(context.WithoutCancel(ctx)))
		}
	}()
	client, err := e.besideService(ctx, data, url)
	if err != nil {
		return nil, nil, err
	}
	ring, err := openRing(data, keys, planstore.NewDataKeys(client))
	if err != nil {
		return nil, nil, err
	}
	plans, err := planstore.New(client, ring, planstore.Config{})
	return plans, e.close, err
}

// besideService connects to the durable Redis, visiting the private one where an engine runs it.
func (e *engine) besideService(ctx context.Context, data, url string) (redis.UniversalClient, error) {
	client, err := e.durable(ctx, engineConfig{data: data, redis: url, log: slog.New(slog.DiscardHandler)})
	if !errors.Is(err, redisd.ErrInUse) {
		return client, err
	}
	socket, leave, err := redisd.Visit(ctx, filepath.Join(data, "redis"))
	if err != nil {
		return nil, err
	}
	e.closers = append(e.closers, func(context.Context) error { leave(); return nil })
	return e.client(&redis.UniversalOptions{Addrs: []string{socket}}), nil
}
