package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/sim/town"
	"github.com/swmaas/swmaas/routing"
)

// serveCmd runs the service until it is stopped.
type serveCmd struct {
	Redis      string `placeholder:"URL" help:"Durable Redis, redis://host:port/db, or a cluster's host:port addresses joined by commas. Without it a private redis-server is started in the data folder."`
	RedisLive  string `placeholder:"URL" help:"Redis for live positions, which nothing else waits for. Default: the private one's twin, or the durable one."`
	Data       string `default:"swmaas-data" type:"path" help:"Folder of keys and of the private Redis."`
	Graph      string `placeholder:"FILE" help:"Road graph made by 'swmaas graph build'. Without one nothing can be promised."`
	Town       string `enum:",kurobe" default:"" help:"Serve the generated demo town of that name (kurobe): its roads, its fleet and the same shifts every day."`
	Policies   string `placeholder:"DIR" type:"existingdir" help:"Rules of the areas: every *.json of the folder, as dispatch/policies describes them. Default: a cautious policy, and the demo town's own with --town."`
	Unchecked  bool   `help:"Take drivers' steps in although nobody has signed on and passed a check (点呼): these are kept on paper."`
	Production bool   `help:"Refuse to start where a power cut could lose an acknowledged booking."`

	keyFlags       `embed:""`
	serveTelemetry `embed:""`
	serveNet       `embed:""`
	serveKeep      `embed:""`
	serveOrders    `embed:""`
	servePrint     `embed:""`
	serveEvening   `embed:""`
}

// Run serves until ctx ends.
func (c *serveCmd) Run(ctx context.Context, std streams) (err error) {
	defer keepHeap()()
	log := c.logger(std.err)
	registry := newRegistry()
	tracer, flush, err := c.tracer(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, flushed(context.WithoutCancel(ctx), flush)) }()
	cfg := engineConfig{unchecked: c.Unchecked, data: c.Data, redis: c.Redis, live: c.RedisLive, keys: c.keyFlags, now: time.Now, log: log}
	keep, err := c.retention()
	if err != nil {
		return err
	}
	if c.Graph != "" && c.Town != "" {
		return usageError("serve: --graph and --town: a town brings its own roads; name one of them")
	}
	if err := c.serveOrders.validate(); err != nil {
		return err
	}
	evening, evenings, err := c.planSecond()
	if err != nil {
		return err
	}
	cfg.rules.Drafts = c.Drafts
	printAt, err := c.at()
	if err != nil {
		return err
	}
	if cfg.service, err = c.service(c.Data, registry); err != nil {
		return err
	}
	cfg.service.Tracer = tracer
	if cfg.providers, err = c.providers(ctx); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	if cfg.policies, err = c.policies(); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	demo, err := c.roads(&cfg)
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	e, err := startEngine(ctx, cfg)
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	defer func() { err = errors.Join(err, e.close(context.WithoutCancel(ctx))) }()
	if err := e.durability(c.Production, log); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	if demo != nil {
		if err := e.settle(ctx, demo); err != nil {
			return fmt.Errorf("serve: %w", err)
		}
	}
	if err := c.open(e, registry, log); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	var loops sync.WaitGroup
	loops.Go(func() { e.watchHealth(ctx, cfg.now, log) })
	loops.Go(func() { e.improve(ctx, log) })
	loops.Go(func() { e.follow(ctx, log) })
	if evenings {
		loops.Go(func() { e.evenings(ctx, evening, cfg.now, time.Tick(time.Minute), log) })
	}
	loops.Go(func() { e.generate(ctx, c.OrdersAhead, cfg.now, time.Tick(generateEvery), log) })
	loops.Go(func() { e.printDays(ctx, c.servePrint, printAt, cfg.now, time.Tick(printEvery), log) })
	loops.Go(func() { e.tidy(ctx, c.serveKeep, keep, cfg.now, log) })
	loops.Wait()
	log.Info("stopping")
	return nil
}

// policies reads the policies that the service decides by.
func (c *serveCmd) policies() (*dispatch.PolicySet, error) {
	switch {
	case c.Policies != "":
		set, err := dispatch.LoadPolicies(serviceZone(), os.DirFS(c.Policies))
		if err != nil {
			return nil, usageError("--policies %s: %w", c.Policies, err)
		}
		return set, nil
	case c.Town != "":
		return dispatch.KurobePolicies(serviceZone())
	}
	return dispatch.CautiousPolicies(serviceZone())
}

// roads gives the engine its roads: a graph file, or the demo town's, which is returned; or none.
func (c *serveCmd) roads(cfg *engineConfig) (demo *town.Town, err error) {
	switch {
	case c.Graph != "":
		cfg.graph, err = routing.ReadFile(c.Graph)
	case c.Town != "":
		if demo, err = town.Generate(townSeed); err != nil {
			return nil, err
		}
		cfg.graph, cfg.prefixes = demo.Graph, []string{"富山県", "黒部市"}
		cfg.log.Warn("a generated town: its roads, facilities and vehicles are made up", "area", town.Area)
	default:
		cfg.log.Warn("no road graph: nothing can be promised until --graph names one (swmaas graph build makes it)")
	}
	return demo, err
}

// durability says what a power cut would do to acknowledged bookings, and refuses in production where it would lose some.
func (e *engine) durability(production bool, log *slog.Logger) error {
	if e.appendFsync == "always" {
		return nil
	}
	const way = "set 'appendonly yes' and 'appendfsync always' in its configuration"
	if production {
		return fmt.Errorf("appendfsync of Redis is %q, so that a power cut could lose acknowledged bookings: %s", e.appendFsync, way)
	}
	log.Warn("a power cut can lose acknowledged bookings: "+way, "appendfsync", e.appendFsync)
	return nil
}
