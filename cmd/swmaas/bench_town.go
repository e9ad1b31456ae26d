package main

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/swmaas/swmaas/dispatch/solver"
	"github.com/swmaas/swmaas/dispatch/solver/instance"
)

// benchTownCmd is `swmaas bench town`: a generated town of thousands of requests, against plain best insertion.
type benchTownCmd struct {
	Requests []int         `default:"2500,5000,10000" help:"Sizes to run; each has a vehicle for 20 requests."`
	First    time.Duration `default:"20s" help:"Time for the first plan."`
	Time     time.Duration `default:"120s" help:"Time for the improved plan, counted from the start; 0 leaves it out."`
	Seed     uint64        `default:"1" help:"Seed of the town and the search."`
	Threads  int           `default:"2" help:"Searches to run at once."`
}

// Run implements the command.
func (c *benchTownCmd) Run(ctx context.Context, std streams) error {
	for _, n := range c.Requests {
		if n < 1 || n > 100000 || c.Threads < 1 {
			return usageError("--requests must be from 1 to 100000 and --threads at least 1")
		}
		p, err := instance.Town(n, max(1, n/20), c.Seed)
		if err != nil {
			return err
		}
		if err := c.one(ctx, std, p, n); err != nil {
			return err
		}
	}
	return nil
}

func (c *benchTownCmd) one(ctx context.Context, std streams, p *solver.Problem, n int) error {
	line := func(name string, began time.Time, s *solver.Solution) error {
		took := time.Since(began)
		var mem runtime.MemStats
		runtime.ReadMemStats(&mem)
		bad := solver.Verify(p, s)
		_, err := fmt.Fprintf(std.out, "%6d requests, %4d vehicles  %-22s %7.2f s  cost %d  routing %d  unserved %d  violations %d  heap %d MiB\n",
			n, p.Vehicles(), name, took.Seconds(), s.Cost(), routesCost(p, s), len(s.Unassigned(nil)), len(bad), mem.Sys>>20)
		return err
	}
	began := time.Now()
	plain := solver.Construct(p, solver.NewSolution(p), func() bool { return ctx.Err() != nil })
	if err := line("plain best insertion", began, plain); err != nil {
		return err
	}
	began = time.Now()
	quick := solver.Improve(p, solver.NewSolution(p), solver.Options{Iterations: 1, Seed: c.Seed, Threads: c.Threads})
	if err := line("first complete plan", began, quick); err != nil {
		return err
	}
	for _, limit := range []time.Duration{c.First, c.Time} {
		if limit <= 0 {
			continue
		}
		began = time.Now()
		s := solver.Improve(p, solver.NewSolution(p), solver.Options{
			Seed: c.Seed, Threads: c.Threads,
			Stop:    func() bool { return ctx.Err() != nil || time.Since(began) > limit },
			Elapsed: func() float64 { return time.Since(began).Seconds() / limit.Seconds() },
		})
		if err := line("improved", began, s); err != nil {
			return err
		}
	}
	return nil
}

// routesCost is the cost of the routes alone.
func routesCost(p *solver.Problem, s *solver.Solution) int64 {
	sum := int64(0)
	for v := range solver.Vehicle(p.Vehicles()) {
		sum += p.RouteCost(v, s.Route(v))
	}
	return sum
}
