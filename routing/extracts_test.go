package routing

import (
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/swmaas/swmaas/testdata/dataset"
)

// delaware returns the path of the extract that ships with the OSM library.
func delaware(t testing.TB) string {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/paulmach/osm").Output()
	if err != nil {
		t.Fatalf("no module cache: %v", err)
	}
	return filepath.Join(strings.TrimSpace(string(dir)), "testdata", "delaware-latest.osm.pbf")
}

func importExtract(t testing.TB, path string) *Graph {
	t.Helper()
	g, _, err := Import(path, ImportConfig{})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// TestAllQueriesEqualDijkstraOnExtracts checks every kind of query under random conditions, each view made out of the one
// before it by partial or whole customization.
func TestAllQueriesEqualDijkstraOnExtracts(t *testing.T) {
	for _, name := range []string{"delaware", "monaco.osm.pbf", "liechtenstein.osm.pbf", "porto.osm.pbf", "tsukuba.osm", "sapporo-station.osm"} {
		t.Run(name, func(t *testing.T) {
			var g *Graph
			if name == "delaware" {
				g = importExtract(t, delaware(t))
			} else {
				g = importExtract(t, dataset.Path(t, "data/osm/"+name))
			}
			rng := rand.New(rand.NewPCG(1, 1))
			r := NewRouter(g, RouterConfig{})
			views := 4
			if testing.Short() {
				views = 2
			}
			for i := range views {
				v := r.Now()
				if i > 0 {
					var err error
					if v, err = r.View(randomConditions(rng, g), time.Time{}); err != nil {
						t.Fatal(err)
					}
					r.Use(v)
				}
				checkView(t, v, randomPoints(rng, g, 16))
			}
		})
	}
}

// TestSteadyQueriesAllocateNothing: after warm-up a query for a duration leaves no work to the collector.
func TestSteadyQueriesAllocateNothing(t *testing.T) {
	g := randomGraph(t, 4, 300)
	v := NewRouter(g, RouterConfig{}).Now()
	points := randomPoints(rand.New(rand.NewPCG(4, 4)), g, 50)
	i := 0
	run := func() {
		i++
		if _, err := v.Duration(points[i%50], points[i*7%50]); err != nil {
			t.Fatal(err)
		}
	}
	for range 2500 {
		run()
	}
	if n := testing.AllocsPerRun(1000, run); n > 0.01 && !raceEnabled {
		t.Errorf("%v allocations a query", n)
	}
}
