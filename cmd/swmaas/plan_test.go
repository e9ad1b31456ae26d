package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/swmaas/swmaas/dispatch/dayfile"
)

// delawareGraph builds the road graph of the extract that comes with the module cache.
func delawareGraph(t *testing.T) string {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/paulmach/osm").Output()
	if err != nil {
		t.Fatalf("where is github.com/paulmach/osm: %v", err)
	}
	graph := filepath.Join(t.TempDir(), "delaware.graph")
	pbf := filepath.Join(strings.TrimSpace(string(dir)), "testdata", "delaware-latest.osm.pbf")
	if code, _, errOut := runMain(t, "graph", "build", "--osm", pbf, "-o", graph); code != exitDone {
		t.Fatalf("build: exit %d\n%s", code, errOut)
	}
	return graph
}

const example = "../../testdata/delaware"

func TestTheExampleDayInDelawareIsPlanned(t *testing.T) {
	out := filepath.Join(t.TempDir(), "plan")
	code, report, errOut := runMain(t, "plan", "--requests", example+"/requests.csv", "--vehicles", example+"/vehicles.csv",
		"--graph", delawareGraph(t), "-o", out, "--time", "5s")
	if code != exitDone {
		t.Fatalf("exit %d\n%s%s", code, report, errOut)
	}
	var plan struct{ Summary dayfile.Summary }
	text, err := os.ReadFile(filepath.Join(out, "plan.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &plan); err != nil {
		t.Fatal(err)
	}
	if s := plan.Summary; s.Requests != 100 || s.Served < 90 || len(s.Violations) != 0 {
		t.Errorf("%d of %d requests served, violations %v; want at least 90 of 100 and none", s.Served, s.Requests, s.Violations)
	}
	unserved := readCSV(t, filepath.Join(out, "unserved.csv"))
	for _, row := range unserved[1:] {
		if row[1] == "" || row[2] == "" || row[7] != "true" {
			t.Errorf("unserved without a confirmed reason: %v", row)
		}
	}
	if stops := len(readCSV(t, filepath.Join(out, "routes.csv"))) - 1; stops != 2*plan.Summary.Served {
		t.Errorf("routes.csv has %d stops for %d rides", stops, plan.Summary.Served)
	}
	manifest, err := os.ReadFile(filepath.Join(out, "manifest.html"))
	shifts := len(readCSV(t, filepath.Join(example, "vehicles.csv"))) - 1
	if sections := strings.Count(string(manifest), "<section>"); err != nil || sections != shifts {
		t.Errorf("manifest: %v, %d sections for %d shifts", err, sections, shifts)
	}
}

func readCSV(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestPlanSaysWhatIsWrongAndWritesNothing(t *testing.T) {
	graph := buildStreet(t)
	const car = "vehicle,layouts,start,end,lat,lng\nv,4:0:0,8:00,17:00,36.871,137.45\n"
	const ride = "request,pickup_lat,pickup_lng,dropoff_lat,dropoff_lng,earliest,latest\n"
	for name, c := range map[string]struct {
		requests, vehicles, graph string
		code                      int
		want                      string
	}{
		"no such file":         {"", car, graph, exitFailed, "no such file"},
		"a wrong column":       {"request,lat\n", car, graph, exitUsage, "column lat: is not known"},
		"a bad vehicle":        {ride + "a,36.871,137.45,36.879,137.45,9:00,9:20\n", "vehicle,layouts,start,end,lat,lng\nv,x,8:00,17:00,36.871,137.45\n", graph, exitUsage, "line 2, column layouts"},
		"only places at sea":   {ride + "a,37.3,137.2,37.4,137.3,9:00,9:20\n", car, graph, exitInfeasible, "a: INVALID_PICKUP_ADDRESS"},
		"a graph that is none": {ride + "a,36.871,137.45,36.879,137.45,9:00,9:20\n", car, "plan.go", exitFailed, "plan.go"},
	} {
		t.Run(name, func(t *testing.T) {
			requests := filepath.Join(t.TempDir(), "missing.csv")
			if c.requests != "" {
				requests = writeFile(t, "r.csv", c.requests)
			}
			out := filepath.Join(t.TempDir(), "plan")
			code, _, errOut := runMain(t, "plan", "--requests", requests, "--vehicles", writeFile(t, "v.csv", c.vehicles), "--graph", c.graph, "-o", out, "--time", "100ms")
			if code != c.code || !strings.Contains(errOut, c.want) {
				t.Errorf("exit %d, want %d and %q in:\n%s", code, c.code, c.want, errOut)
			}
			if _, err := os.Stat(out); err == nil {
				t.Error("something was written")
			}
		})
	}
}
