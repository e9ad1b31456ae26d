package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/swmaas/swmaas/dispatch/solver"
	"github.com/swmaas/swmaas/dispatch/solver/instance"
)

// solveCmd is `swmaas solve`: a published benchmark instance in, routes out.
type solveCmd struct {
	Format     instance.Format `enum:"cordeau,mdhdarp,lilim" default:"cordeau" help:"File format: cordeau, mdhdarp or lilim."`
	Instance   string          `required:"" type:"path" help:"Instance file."`
	Time       time.Duration   `default:"10s" help:"How long to search. Ignored where --iterations is given."`
	Iterations int             `help:"Search this many iterations a thread instead: the same plan on any machine."`
	Seed       uint64          `default:"1" help:"Seed of the random numbers."`
	Threads    int             `default:"2" help:"Searches to run at once."`
	Output     string          `short:"o" type:"path" help:"Write the solution here as JSON; standard output where it is left out."`
}

// solved is the file that solve writes; scripts rely on it.
type solved struct {
	Instance   string  `json:"instance"`
	Cost       float64 `json:"cost"`
	Vehicles   int     `json:"vehicles"`
	Feasible   bool    `json:"feasible"`
	Routes     [][]int `json:"routes"`
	Unassigned []int   `json:"unassigned"`
	Seconds    float64 `json:"seconds"`
	Iterations int     `json:"iterations"`
	Seed       uint64  `json:"seed"`
	Threads    int     `json:"threads"`
}

// Run implements the command.
func (c *solveCmd) Run(ctx context.Context, std streams) error {
	if c.Iterations < 0 || c.Threads < 1 || c.Threads > 256 || c.Iterations == 0 && c.Time <= 0 {
		return usageError("--iterations must not be negative, --threads from 1 to 256 and --time above 0")
	}
	in, err := readInstance(c.Instance, c.Format)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	out, err := solveInstance(ctx, in, solver.Options{Iterations: c.Iterations, Seed: c.Seed, Threads: c.Threads}, c.Time)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	data, err := json.Marshal(out)
	if err != nil {
		return fmt.Errorf("write solution: %w", err)
	}
	data = append(data, '\n')
	if c.Output == "" || c.Output == "-" {
		_, err = std.out.Write(data)
		return err
	}
	_, _ = fmt.Fprintf(std.err, "%s: cost %.2f, %d vehicles, feasible %t, %d left out, %.1f s, %d iterations\n",
		out.Instance, out.Cost, out.Vehicles, out.Feasible, len(out.Unassigned), out.Seconds, out.Iterations)
	return os.WriteFile(c.Output, data, 0o644)
}

func readInstance(path string, format instance.Format) (*instance.Instance, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return instance.Read(f, format, filepath.Base(path))
}

// solveInstance searches until the iterations are done or the time is up, and recomputes cost and feasibility in double
// precision. Building the problem counts as time.
func solveInstance(ctx context.Context, in *instance.Instance, o solver.Options, limit time.Duration) (*solved, error) {
	began := time.Now()
	p, err := in.Problem()
	if err != nil {
		return nil, err
	}
	var count solver.Progress
	o.Progress = &count
	deadline := began.Add(limit)
	o.Stop = func() bool {
		return ctx.Err() != nil || o.Iterations == 0 && time.Now().After(deadline)
	}
	if o.Iterations == 0 {
		o.Elapsed = func() float64 { return time.Since(began).Seconds() / limit.Seconds() }
	}
	s := solver.Improve(p, solver.NewSolution(p), o)
	routes := in.Routes(p, s)
	out := &solved{
		Instance: in.Name, Cost: math.Round(in.Cost(routes)*1e6) / 1e6, Feasible: in.Feasible(routes), Routes: routes,
		Unassigned: in.Unassigned(s), Seconds: math.Round(time.Since(began).Seconds()*1000) / 1000,
		Iterations: count.Iterations(), Seed: o.Seed, Threads: o.Threads,
	}
	for _, r := range routes {
		if len(r) > 0 {
			out.Vehicles++
		}
	}
	return out, nil
}
