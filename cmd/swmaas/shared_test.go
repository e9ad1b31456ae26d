package main

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/swmaas/swmaas/testdata/dataset"
)

// check runs a checker of the shared folder, written by others in Python, and decodes what it prints. It reports whether
// the checker is content.
func check(t *testing.T, tool string, into any, args ...string) bool {
	t.Helper()
	path := dataset.Path(t, "tools/"+tool)
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Fatal("the checkers of the shared folder need python3: sudo apt-get install -y python3")
	}
	cmd := exec.Command(python, append([]string{path}, args...)...)
	out, err := cmd.Output()
	if jsonErr := json.Unmarshal(out, into); jsonErr != nil {
		t.Fatalf("%s %v: %v: %v: %s", tool, args, err, jsonErr, out)
	}
	return err == nil
}

func TestSolutionsPassTheIndependentCheckers(t *testing.T) {
	if testing.Short() {
		t.Skip("long: searches")
	}
	for _, c := range []struct {
		format, instance, tool string
		options                []string // of the checker
	}{
		{"cordeau", "data/darp/cordeau_a/a2-16.txt", "check_darp.py", nil},
		{"cordeau", "data/darp/cordeau_a/a4-40.txt", "check_darp.py", nil},
		{"cordeau", "data/darp/cordeau_laporte_r_a/pr01.txt", "check_darp.py", nil},
		{"mdhdarp", "data/darp/mdhdarp/a10-80hetIUY.txt", "check_darp.py", []string{"--mdhdarp"}},
		{"lilim", "data/darp/li_lim_100/lc101.txt", "check_pdptw.py", nil},
	} {
		t.Run(c.format+" "+filepath.Base(c.instance), func(t *testing.T) {
			instance := dataset.Path(t, c.instance)
			solution := filepath.Join(t.TempDir(), "s.json")
			code, _, errOut := runMain(t, "solve", "--format", c.format, "--instance", instance, "--iterations", "500", "-o", solution)
			if code != exitDone {
				t.Fatalf("exit %d: %s", code, errOut)
			}
			var verdict struct {
				Feasible       bool
				Errors         []any
				Cost, Distance float64
			}
			if !check(t, c.tool, &verdict, append([]string{instance, solution}, c.options...)...) || !verdict.Feasible {
				t.Fatalf("not feasible: %v", verdict.Errors)
			}
			var stated solved
			readJSON(t, solution, &stated)
			if cost := max(verdict.Cost, verdict.Distance); math.Abs(cost-stated.Cost) > 0.01 {
				t.Errorf("states a cost of %.4f, the checker finds %.4f", stated.Cost, cost)
			}
		})
	}
}

func TestSmallestInstanceIsSolvedWithinFivePercent(t *testing.T) {
	solution := filepath.Join(t.TempDir(), "s.json")
	instance := dataset.Path(t, "data/darp/cordeau_a/a2-16.txt")
	if code, _, errOut := runMain(t, "solve", "--instance", instance, "--iterations", "500", "-o", solution); code != exitDone {
		t.Fatalf("exit %d: %s", code, errOut)
	}
	var stated solved
	readJSON(t, solution, &stated)
	best := publishedCost(t, "a2-16")
	if !stated.Feasible || stated.Cost > 1.05*best {
		t.Errorf("feasible %v, cost %.2f; best known %.2f", stated.Feasible, stated.Cost, best)
	}
}

func TestEverySharedExtractBecomesAGraph(t *testing.T) {
	if testing.Short() {
		t.Skip("long: orders graphs")
	}
	for _, name := range []string{"monaco.osm.pbf", "liechtenstein.osm.pbf", "porto.osm.pbf", "tsukuba.osm", "sapporo-station.osm"} {
		t.Run(name, func(t *testing.T) {
			graph := filepath.Join(t.TempDir(), "roads.graph")
			code, _, errOut := runMain(t, "graph", "build", "--osm", dataset.Path(t, "data/osm/"+name), "-o", graph)
			if code != exitDone {
				t.Fatalf("build: exit %d: %s", code, errOut)
			}
			if code, out, errOut := runMain(t, "graph", "info", graph); code != exitDone || out == "" {
				t.Errorf("info: exit %d: %s", code, errOut)
			}
		})
	}
}

func TestDemoDayPassesTheIndependentChecker(t *testing.T) {
	if testing.Short() {
		t.Skip("long: a whole day")
	}
	figures, day := filepath.Join(t.TempDir(), "out.json"), filepath.Join(t.TempDir(), "day")
	code, _, errOut := runMain(t, "demo", "--headless", "--seed", "7", "--json", figures, "--export", day)
	if code != exitDone {
		t.Fatalf("exit %d: %s", code, errOut)
	}
	var verdict struct {
		Violations int
		First      []any
		OnTime     float64 `json:"on_time_share"`
		Pooled     float64 `json:"pooled_share"`
	}
	if !check(t, "check_day.py", &verdict, day) {
		t.Errorf("%d violations: %v", verdict.Violations, verdict.First)
	}
	var got struct {
		Store       string
		AppendFsync string
		Requested   float64
		Booked      float64
		OnTime      float64 `json:"on_time_share"`
		Pooled      float64 `json:"pooled_share"`
		Violations  int
	}
	readJSON(t, figures, &got)
	if got.Store != "redis" || got.AppendFsync != "always" {
		t.Errorf("store %s with appendfsync %s", got.Store, got.AppendFsync)
	}
	if got.Violations != 0 || got.Booked < 0.9*got.Requested || got.OnTime < 0.95 || got.Pooled <= 0.3 {
		t.Errorf("a bad day: %+v", got)
	}
	if math.Abs(got.OnTime-verdict.OnTime) > 0.0005 || math.Abs(got.Pooled-verdict.Pooled) > 0.0005 {
		t.Errorf("on time %.4f and pooled %.4f, the checker finds %.4f and %.4f", got.OnTime, got.Pooled, verdict.OnTime, verdict.Pooled)
	}
}

// publishedCost returns the best known cost of an instance.
func publishedCost(t *testing.T, instance string) float64 {
	t.Helper()
	file, err := os.Open(dataset.Path(t, "data/darp/best_known.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if strings.EqualFold(row[0], instance) {
			cost, err := strconv.ParseFloat(row[1], 64)
			if err != nil {
				t.Fatal(err)
			}
			return cost
		}
	}
	t.Fatalf("no best known cost of %s", instance)
	return 0
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}
