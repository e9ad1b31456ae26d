package routing

import (
	"math/rand/v2"
	"os"
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

// FuzzImport feeds arbitrary bytes through the whole import: what it accepts can be written, read back and searched.
func FuzzImport(f *testing.F) {
	f.Add([]byte(`<osm><node id="1" lat="36.87" lon="137.45"/><node id="2" lat="36.88" lon="137.45"/><node id="3" lat="36.88" lon="137.46"/>
<way id="10"><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/></way><way id="11"><nd ref="2"/><nd ref="3"/><nd ref="1"/><tag k="highway" v="service"/><tag k="access" v="private"/></way>
<relation id="5"><member type="way" ref="10" role="from"/><member type="node" ref="2" role="via"/><member type="way" ref="11" role="to"/><tag k="type" v="restriction"/><tag k="restriction" v="no_left_turn"/></relation></osm>`))
	f.Add([]byte(`<osm><node id="1" lat="90" lon="180"/><node id="2" lat="-90" lon="-180"/><way id="1"><nd ref="1"/><nd ref="2"/><nd ref="1"/><tag k="highway" v="track"/></way></osm>`))
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "x.osm")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		g, _, err := Import(path, ImportConfig{})
		if err != nil {
			return
		}
		if err := g.WriteFile(path); err != nil {
			t.Fatal(err)
		}
		if g, err = ReadFile(path); err != nil {
			t.Fatal(err)
		}
		v := NewRouter(g, RouterConfig{}).Now()
		points := randomPoints(rand.New(rand.NewPCG(1, 1)), g, 4)
		checkView(t, v, points)
		for _, p := range points {
			_, _ = g.Snap(g.At(p), SnapOptions{Kerb: KerbLeft})
			if _, err := v.Isochrone(p, 60); err != nil {
				t.Fatal(err)
			}
		}
	})
}
