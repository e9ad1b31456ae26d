package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/dayfile"
	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/vehicles"
)

// planCmd plans a day from files.
type planCmd struct {
	Requests string        `required:"" placeholder:"F.csv" help:"Requests of the day; the columns are in the documentation of dispatch/dayfile."`
	Vehicles string        `required:"" placeholder:"F.csv" help:"Vehicles with their layouts and shifts; columns as above."`
	Graph    string        `required:"" placeholder:"F.graph" help:"Road graph made by 'swmaas graph build'."`
	Output   string        `short:"o" default:"." placeholder:"DIR" help:"Folder for routes.csv, unserved.csv, manifest.html and plan.json."`
	Day      string        `default:"2026-01-20" help:"Service day, as the manifest prints it."`
	Time     time.Duration `default:"20s" help:"How long to search for a better plan."`
	Seed     uint64        `default:"1" help:"Seed of the search."`
	Threads  int           `default:"2" help:"Threads of the search."`
}

// Run plans and writes the four files, all or none.
func (c *planCmd) Run(ctx context.Context, std streams) error {
	rides, err := readFile(c.Requests, dayfile.ReadRequests)
	if err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	type park struct {
		fleet  vehicles.Fleet
		shifts []vehicles.Shift
	}
	cars, err := readFile(c.Vehicles, func(r io.Reader, name string) (park, error) {
		fleet, shifts, err := dayfile.ReadVehicles(r, name)
		return park{fleet, shifts}, err
	})
	if err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	graph, err := routing.ReadFile(c.Graph)
	if err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	batch := dispatch.Batch{
		Day: dispatch.Day(c.Day), Fleet: cars.fleet, Shifts: cars.shifts, Rides: rides,
		Search: dispatch.ImproveOptions{
			Seed: c.Seed, Threads: c.Threads,
			Stop: stopAfter(ctx, c.Time),
		},
	}
	plan, err := dispatch.PlanBatch(ctx, batch, dispatch.Roads{Router: routing.NewRouter(graph, routing.RouterConfig{})})
	if nothing := errors.Is(err, dispatch.ErrNothingToPlan); err != nil && !nothing {
		return fmt.Errorf("plan: %w", err)
	} else if nothing {
		for _, u := range plan.Unserved {
			_, _ = fmt.Fprintf(std.err, "%s: %s (%s)\n", u.Ride.ID, u.Refusals[0].Code, u.Refusals[0].Cause)
		}
		return &exitError{code: exitInfeasible, err: fmt.Errorf("plan: %w", err)}
	}
	if err := c.write(&batch, plan); err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	summary := dayfile.Summarise(plan)
	_, err = fmt.Fprint(std.out, summary)
	if len(summary.Violations) > 0 {
		err = errors.Join(err, fmt.Errorf("plan: the independent check found a fault in this program: %s", summary.Violations[0]))
	}
	return err
}

// stopAfter ends a search so long after it first asks, or when ctx ends.
func stopAfter(ctx context.Context, limit time.Duration) func() bool {
	start := sync.OnceValue(time.Now)
	return func() bool { return ctx.Err() != nil || time.Since(start()) > limit }
}

// write writes the four files, all or none.
func (c *planCmd) write(batch *dispatch.Batch, plan *dispatch.BatchPlan) error {
	if err := os.MkdirAll(c.Output, 0o755); err != nil {
		return err
	}
	sheets := dayfile.Sheets{Paper: plan.Paper(batch)}
	files := []outputFile{
		{"routes.csv", func(w io.Writer) error { return dayfile.WriteRoutes(w, plan) }},
		{"unserved.csv", func(w io.Writer) error { return dayfile.WriteUnserved(w, plan) }},
		{"manifest.html", func(w io.Writer) error { return sheets.WriteManifest(w) }},
		{"plan.json", func(w io.Writer) error { return dayfile.WritePlan(w, batch.Day, plan) }},
	}
	return writeSet(c.Output, 0o644, files)
}

// outputFile is one of several files that a command writes.
type outputFile struct {
	name  string
	write func(io.Writer) error
}

// writeSet writes files of a folder beside their final names first, so that a fault leaves all of what was there before.
func writeSet(dir string, mode os.FileMode, files []outputFile) error {
	staged := map[string]string{}
	defer func() {
		for _, temp := range staged {
			_ = os.Remove(temp)
		}
	}()
	for _, f := range files {
		temp, err := stage(dir, mode, f.write)
		if temp != "" {
			staged[f.name] = temp
		}
		if err != nil {
			return fmt.Errorf("%s: %w", filepath.Join(dir, f.name), err)
		}
	}
	for _, f := range files {
		if err := os.Rename(staged[f.name], filepath.Join(dir, f.name)); err != nil {
			return err
		}
	}
	return nil
}

// stage writes a new temporary file in a folder and returns its path.
func stage(dir string, mode os.FileMode, write func(io.Writer) error) (string, error) {
	f, err := os.CreateTemp(dir, ".swmaas-*")
	if err != nil {
		return "", err
	}
	err = errors.Join(write(f), f.Chmod(mode), f.Close())
	return f.Name(), err
}

// readFile opens an input file and reads it; faults of its content are the user's to mend.
func readFile[T any](path string, read func(io.Reader, string) (T, error)) (T, error) {
	f, err := os.Open(path)
	if err != nil {
		var none T
		return none, err
	}
	defer func() { _ = f.Close() }()
	v, err := read(f, path)
	if errors.Is(err, dayfile.ErrBadFile) {
		err = &exitError{code: exitUsage, err: err}
	}
	return v, err
}
