package osm_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"github.com/swmaas/swmaas/routing"
)

// roundingMs is by how much a trip of the import may differ from the oracle's before seconds are rounded: the parts of
// the first and the last road are rounded to a millisecond, and lengths to the resolution of the coordinates.
const roundingMs = 3

// compareMatrix checks an n by n matrix of the import of a file against the oracle.
func compareMatrix(t *testing.T, path string, japan bool, n int) {
	t.Helper()
	o := readOracle(t, path, japan)
	g, rep, err := routing.Import(path, routing.ImportConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if rep.Info.Japan != japan {
		t.Fatalf("Japanese defaults: %v, want %v", rep.Info.Japan, japan)
	}
	if g.NumArcs() != len(o.arcs) {
		t.Errorf("%d arcs, the oracle has %d", g.NumArcs(), len(o.arcs))
	}
	places, points := pickPlaces(t, o, g, n)
	n = len(places)
	seconds, meters := make([]int32, n*n), make([]int32, n*n)
	if err := routing.NewRouter(g, routing.RouterConfig{}).Matrix(t.Context(), points, points, seconds, meters); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	wrong := 0
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wg.Go(func() {
			s := newSearch(o)
			for i := w; i < n; i += workers {
				s.from(places[i])
				for j := range n {
					want := s.to(places[i], places[j])
					got := seconds[i*n+j]
					low, high := ceilSeconds(want-roundingMs), ceilSeconds(want+roundingMs)
					if got < low || got > high {
						mu.Lock()
						if wrong++; wrong <= 5 {
							t.Errorf("%v to %v: %d s, the oracle says %.3f s", o.at(places[i]), o.at(places[j]), got, want/1000)
						}
						mu.Unlock()
					}
				}
			}
		})
	}
	wg.Wait()
	if wrong > 0 {
		t.Errorf("%d of %d cells differ", wrong, n*n)
	}
	t.Logf("%d by %d cells, %d arcs, %d forbidden turns", n, n, len(o.arcs), len(o.forbidden))
}

func ceilSeconds(ms float64) int32 {
	if math.IsInf(ms, 1) {
		return routing.Unreachable
	}
	return int32(math.Ceil(max(0, ms) / 1000))
}

// pickPlaces draws places on roads of the oracle's main part whose coordinate snaps to the same road: where two roads lie
// on top of each other the nearest one is anybody's guess.
func pickPlaces(t *testing.T, o *oracle, g *routing.Graph, n int) ([]place, []routing.Point) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	var places []place
	var points []routing.Point
	missed := 0
	for tries := 0; len(places) < n && tries < 20*n; tries++ {
		p := place{rng.IntN(len(o.arcs)), 0.05 + 0.9*rng.Float64()}
		if !o.main[p.arc] || o.arcs[p.arc].m < 20 {
			continue
		}
		at := o.at(p)
		s, err := g.Snap(at, routing.SnapOptions{})
		if err != nil || s.Meters > 0.05 {
			if missed++; missed > 2+n/50 { // open roads behind private ones are no places to start from, which main does not know
				t.Errorf("%v on way %d snaps %.2f m away: %v", at, o.arcs[p.arc].way, s.Meters, err)
			}
			continue
		}
		if s.Way != o.arcs[p.arc].way {
			continue
		}
		places, points = append(places, p), append(points, s.Point)
	}
	return places, points
}

func TestDelawareMatrixEqualsTheOracle(t *testing.T) {
	n := 500
	if testing.Short() || raceEnabled {
		n = 40
	}
	compareMatrix(t, delaware(t), false, n)
}

func TestTsukubaMatrixEqualsTheOracle(t *testing.T) {
	compareMatrix(t, shared(t, "tsukuba.osm"), true, 60)
}

func TestMonacoMatrixEqualsTheOracle(t *testing.T) {
	compareMatrix(t, shared(t, "monaco.osm.pbf"), false, 100)
}

func TestSapporoMatrixEqualsTheOracle(t *testing.T) {
	compareMatrix(t, shared(t, "sapporo-station.osm"), true, 60)
}

func TestLiechtensteinMatrixEqualsTheOracle(t *testing.T) {
	compareMatrix(t, shared(t, "liechtenstein.osm.pbf"), false, 60)
}
