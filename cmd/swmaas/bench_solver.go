package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/swmaas/swmaas/dispatch/solver"
	"github.com/swmaas/swmaas/dispatch/solver/instance"
)

// benchSolverCmd is `swmaas bench solver`: published instances against the best known costs.
type benchSolverCmd struct {
	Data       string        `type:"path" env:"SWMAAS_SHARED" default:"../shared" help:"Folder that holds data/darp."`
	Sets       []string      `default:"a,r,mdhdarp,lilim" help:"Sets to run: a, r, mdhdarp, lilim."`
	Only       string        `help:"Run only instances whose name contains this."`
	Time       time.Duration `default:"10s" help:"Time for each run. Ignored where --iterations is given."`
	Iterations int           `help:"Iterations a thread for each run instead."`
	Seeds      int           `default:"1" help:"Runs of each instance, with the seeds 1, 2, ..."`
	Threads    int           `default:"2" help:"Searches to run at once."`
	JSON       string        `name:"json" type:"path" help:"Also write every run to this file, - for standard output."`
}

// benchSet says where a set lies and how it is read.
type benchSet struct {
	folder, known string
	format        instance.Format
	rename        func(file string) string // instance name in the table of best known costs
}

func benchSets() map[string]benchSet {
	same := func(s string) string { return s }
	return map[string]benchSet{
		"a": {"cordeau_a", "best_known.csv", instance.Cordeau, same},
		"r": {"cordeau_laporte_r_a", "best_known.csv", instance.Cordeau, func(s string) string {
			return "R" + strings.TrimLeft(strings.TrimPrefix(s, "pr"), "0") + "a"
		}},
		"mdhdarp": {"mdhdarp", "best_known.csv", instance.MDHDARP, same},
		"lilim":   {"li_lim_100", "best_known_li_lim_100.csv", instance.LiLim, same},
	}
}

// benchRun is one run of one instance.
type benchRun struct {
	Set        string  `json:"set"`
	Instance   string  `json:"instance"`
	Seed       uint64  `json:"seed"`
	Cost       float64 `json:"cost"`
	Vehicles   int     `json:"vehicles"`
	Known      float64 `json:"best_known"`
	Fleet      int     `json:"best_known_vehicles,omitempty"`
	Gap        float64 `json:"gap_percent"`
	Feasible   bool    `json:"feasible"`
	Unassigned int     `json:"unassigned"`
	Seconds    float64 `json:"seconds"`
	Iterations int     `json:"iterations"`
}

// Run implements the command.
func (c *benchSolverCmd) Run(ctx context.Context, std streams) error {
	if c.Seeds < 1 || c.Threads < 1 || c.Iterations == 0 && c.Time <= 0 {
		return usageError("--seeds and --threads must be at least 1 and --time above 0")
	}
	var runs []benchRun
	for _, name := range c.Sets {
		set, ok := benchSets()[name]
		if !ok {
			return usageError("set %q is not one of a, r, mdhdarp, lilim", name)
		}
		more, err := c.runSet(ctx, std.err, name, set)
		if err != nil {
			return err
		}
		runs = append(runs, more...)
	}
	return writeFigures(std, c.JSON, runs, func(to io.Writer) error { return c.print(to, runs) })
}

func (c *benchSolverCmd) runSet(ctx context.Context, progress io.Writer, name string, set benchSet) ([]benchRun, error) {
	folder := filepath.Join(c.Data, "data", "darp")
	known, err := readKnown(filepath.Join(folder, set.known))
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(folder, set.folder, "*.txt"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("bench solver: no instances in %s", filepath.Join(folder, set.folder))
	}
	var runs []benchRun
	for _, file := range files {
		title := set.rename(strings.TrimSuffix(filepath.Base(file), ".txt"))
		if !strings.Contains(title, c.Only) {
			continue
		}
		in, err := readInstance(file, set.format)
		if err != nil {
			return nil, err
		}
		for seed := range uint64(c.Seeds) {
			o := solver.Options{Iterations: c.Iterations, Seed: seed + 1, Threads: c.Threads}
			out, err := solveInstance(ctx, in, o, c.Time)
			if err != nil {
				return nil, err
			}
			k := known[title]
			run := benchRun{
				Set: name, Instance: title, Seed: seed + 1, Cost: out.Cost, Vehicles: out.Vehicles, Known: k.cost, Fleet: k.vehicles,
				Feasible: out.Feasible, Unassigned: len(out.Unassigned), Seconds: out.Seconds, Iterations: out.Iterations,
			}
			if k.cost > 0 {
				run.Gap = 100 * (math.Round(out.Cost*100)/100 - k.cost) / k.cost
			}
			runs = append(runs, run)
			_, _ = fmt.Fprintf(progress, "%s %s seed %d: %.2f (%+.2f %%), %d vehicles, feasible %t, %d iterations\n",
				name, title, seed+1, run.Cost, run.Gap, run.Vehicles, run.Feasible, run.Iterations)
			if ctx.Err() != nil {
				return runs, ctx.Err()
			}
		}
	}
	return runs, nil
}

type bestKnown struct {
	cost     float64
	vehicles int
}

// readKnown reads a table whose first column is the instance and whose second or third is the cost.
func readKnown(path string) (map[string]bestKnown, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("bench solver: read %s: %w", path, err)
	}
	out := map[string]bestKnown{}
	for _, row := range rows[1:] {
		k := bestKnown{}
		if rows[0][1] == "vehicles" {
			k.vehicles, _ = strconv.Atoi(row[1])
			k.cost, _ = strconv.ParseFloat(row[2], 64)
		} else {
			k.cost, _ = strconv.ParseFloat(row[1], 64)
		}
		out[row[0]] = k
	}
	return out, nil
}

// print writes a line an instance and one a set: mean and worst gap over the seeds of feasible runs.
func (c *benchSolverCmd) print(out io.Writer, runs []benchRun) error {
	budget := c.Time.String()
	if c.Iterations > 0 {
		budget = fmt.Sprintf("%d iterations", c.Iterations)
	}
	_, _ = fmt.Fprintf(out, "swmaas bench solver: %s, %d threads, %d seeds; %s/%s, %d CPUs, %s, revision %s\n",
		budget, c.Threads, c.Seeds, runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), revision())
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(w, "set\tinstance\tbest known\tbest\tmean gap %\tworst gap %\tfleet\tfeasible\titerations\t")
	for from := 0; from < len(runs); {
		to := from
		for to < len(runs) && runs[to].Set == runs[from].Set {
			to++
		}
		printSet(w, runs[from:to])
		from = to
	}
	return w.Flush()
}

func printSet(w io.Writer, runs []benchRun) {
	var all benchSum
	for from := 0; from < len(runs); {
		var one benchSum
		to := from
		for ; to < len(runs) && runs[to].Instance == runs[from].Instance; to++ {
			one.add(runs[to])
			all.add(runs[to])
		}
		r := runs[from]
		fleet := ""
		if r.Fleet > 0 {
			fleet = fmt.Sprintf("%d/%d at %d", one.atFleet, one.runs, r.Fleet)
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%.2f\t%.2f\t%.3f\t%.3f\t%s\t%d/%d\t%d\t\n",
			r.Set, r.Instance, r.Known, one.best, one.gap/float64(one.runs), one.worst, fleet, one.feasible, one.runs, one.iterations/one.runs)
		from = to
	}
	fleet := ""
	if runs[0].Fleet > 0 {
		fleet = fmt.Sprintf("%d/%d", all.atFleet, all.runs)
	}
	_, _ = fmt.Fprintf(w, "%s\tall\t\t\t%.3f\t%.3f\t%s\t%d/%d\t%d\t\n",
		runs[0].Set, all.gap/float64(all.runs), all.worst, fleet, all.feasible, all.runs, all.iterations/all.runs)
}

// benchSum adds up runs.
type benchSum struct {
	runs, feasible, atFleet, iterations int
	gap, worst, best                    float64
}

func (s *benchSum) add(r benchRun) {
	if s.runs == 0 || r.Cost < s.best {
		s.best = r.Cost
	}
	if s.runs == 0 || r.Gap > s.worst {
		s.worst = r.Gap
	}
	s.runs++
	s.gap += r.Gap
	s.iterations += r.Iterations
	if r.Feasible {
		s.feasible++
	}
	if r.Fleet > 0 && r.Vehicles <= r.Fleet {
		s.atFleet++
	}
}

// revision is the commit that the binary was built from, where the build recorded it.
func revision() string {
	info, ok := debug.ReadBuildInfo()
	if ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value[:min(12, len(s.Value))]
			}
		}
	}
	return "unknown"
}
