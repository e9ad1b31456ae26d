package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/swmaas/swmaas/dispatch/sim/town"
)

// benchDayCmd is `swmaas bench day`: what improvement gains over insertion on the Kurobe day, and how soon the plan of a full day
// is right again after a bridge closes, a van breaks down or a driver reports a step.
type benchDayCmd struct {
	Seeds      int           `default:"10" help:"Days to improve, of seeds counted up from --seed."`
	Iterations int           `default:"12000" help:"Work of the improvement of a day, in rounds of the search for each thread."`
	Time       time.Duration `default:"20s" help:"How long the improvement of a day takes at the most, on a machine that is too busy for all of its rounds."`
	Threads    int           `default:"2" help:"Searches to run at once."`
	Calls      int           `default:"0" help:"Rides of each day that is improved, at most; 0 is all that its callers get."`
	Rides      int           `default:"250" help:"Rides in the day of the repairs and the steps."`
	Ahead      int           `default:"12" help:"Rides aboard or ahead of the van that breaks down, at least."`
	Steps      int           `default:"400" help:"Drivers' steps that are measured, at most; the van breaks down after them."`
	Seed       uint64        `default:"1" help:"Seed of the first day, and of the day of the repairs."`
	Data       string        `placeholder:"DIR" type:"path" help:"Keep the data in a new folder within this one. Default: the folder of temporary files."`
	JSON       string        `name:"json" type:"path" help:"Also write the figures to this file, - for standard output."`
}

// dayFigures is the file that bench day writes; scripts rely on it. Kilometres are means of the seeds, of all routes from the
// beginning of the shift to its end.
type dayFigures struct {
	InsertionOnlyKm   float64 `json:"insertion_only_km"`
	ImprovedKm        float64 `json:"improved_km"`
	GainPercent       float64 `json:"gain_percent"`
	ClosureRepairMs   float64 `json:"closure_repair_ms"` // the slowest of all bridges that the plan uses
	BreakdownRepairMs float64 `json:"breakdown_repair_ms"`
	StepToWatchP99Ms  float64 `json:"step_to_watch_p99_ms"`
	Violations        int     `json:"violations"` // of all plans, by two independent checks

	// Beside what is asked for.
	Seeds            []seedFigures `json:"seeds"`
	Rides            int           `json:"rides"`           // in the day when the first bridge closes
	BreakdownRides   int           `json:"breakdown_rides"` // aboard or ahead of the van
	BreakdownAboard  int           `json:"breakdown_aboard"`
	StepToWatchP50Ms float64       `json:"step_to_watch_p50_ms"`
	Steps            int           `json:"steps"`
	Watchers         int           `json:"watchers"`
}

// Run implements the command.
func (c *benchDayCmd) Run(ctx context.Context, std streams) (err error) {
	if c.Seeds < 1 || c.Calls < 0 || c.Iterations < 1 || c.Threads < 1 || c.Rides < 1 || c.Ahead < 1 || c.Steps < 1 || c.Time <= 0 {
		return usageError("--seeds, --iterations, --threads, --rides, --ahead and --steps must be at least 1, --calls 0, --time above 0")
	}
	dir, err := os.MkdirTemp(c.Data, "swmaas-bench-")
	if err != nil {
		return fmt.Errorf("bench day: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	graph, err := town.Roads()
	if err != nil {
		return fmt.Errorf("bench day: %w", err)
	}
	f, roads := &dayFigures{}, newCheckRoads(graph)
	for i := range c.Seeds {
		if err := c.improve(ctx, filepath.Join(dir, fmt.Sprint("seed-", i)), c.Seed+uint64(i), roads, std, f); err != nil {
			return fmt.Errorf("bench day: seed %d: %w", c.Seed+uint64(i), err)
		}
	}
	f.InsertionOnlyKm, f.ImprovedKm = f.InsertionOnlyKm/float64(c.Seeds), f.ImprovedKm/float64(c.Seeds)
	f.GainPercent = 100 * (1 - f.ImprovedKm/f.InsertionOnlyKm)
	if err := c.live(ctx, dir, roads, std, f); err != nil {
		return fmt.Errorf("bench day: %w", err)
	}
	return c.write(f, std)
}

// write prints the table and, where asked for, the file.
func (c *benchDayCmd) write(f *dayFigures, std streams) error {
	return writeFigures(std, c.JSON, f, func(to io.Writer) error {
		w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
		for _, s := range f.Seeds {
			_, _ = fmt.Fprintf(w, "seed %d, %d rides\tinsertion %.1f km\timproved %.1f km\t%.1f %% less\n", s.Seed, s.Rides, s.InsertionKm, s.ImprovedKm, s.GainPercent)
		}
		_, _ = fmt.Fprintf(w, "mean of %d seeds\tinsertion %.1f km\timproved %.1f km\t%.1f %% less\n", len(f.Seeds), f.InsertionOnlyKm, f.ImprovedKm, f.GainPercent)
		_, _ = fmt.Fprintf(w, "a bridge closes, %d rides in the day\t\t%.0f ms\tthe slowest of all bridges in use\n", f.Rides, f.ClosureRepairMs)
		_, _ = fmt.Fprintf(w, "a van breaks down, %d rides aboard or ahead\t\t%.0f ms\t%d aboard\n", f.BreakdownRides, f.BreakdownRepairMs, f.BreakdownAboard)
		_, _ = fmt.Fprintf(w, "a step is with %d watchers, synced to disk\tp50 %.1f ms\tp99 %.1f ms\t%d steps\n", f.Watchers, f.StepToWatchP50Ms, f.StepToWatchP99Ms, f.Steps)
		_, _ = fmt.Fprintf(w, "violations of all plans\t\t%d\t\n", f.Violations)
		return w.Flush()
	})
}
