package routing

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/swmaas/swmaas/routing/geo"
)

// grid is a town of n by n junctions 200 m apart, all streets two-way.
func grid(t testing.TB, n int) *Graph {
	t.Helper()
	b := NewBuilder()
	for y := range n {
		for x := range n {
			b.AddNode(at(float64(200*x), float64(200*y)))
		}
	}
	for i := range n {
		var row, column []int32
		for k := range n {
			row, column = append(row, int32(i*n+k)), append(column, int32(k*n+i))
		}
		b.AddRoad(Road{Nodes: row, Class: Residential, SpeedKmh: 36})
		b.AddRoad(Road{Nodes: column, Class: Residential, SpeedKmh: 30})
	}
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// drive replays a path at a share of its expected speed and reports a noisy fix every few seconds.
func drive(g *Graph, p Path, pace float64, every time.Duration, noise float64, rng *rand.Rand) []Fix {
	start := time.Date(2026, 1, 10, 9, 0, 0, 0, time.UTC)
	total := 0.0
	for i := 1; i < len(p.Geometry); i++ {
		total += geo.Distance(p.Geometry[i-1], p.Geometry[i])
	}
	seconds := float64(p.Seconds) * pace
	var out []Fix
	for at := 0.0; at <= seconds; at += every.Seconds() {
		rest := total * at / seconds
		k := 1
		for ; k < len(p.Geometry)-1 && rest > geo.Distance(p.Geometry[k-1], p.Geometry[k]); k++ {
			rest -= geo.Distance(p.Geometry[k-1], p.Geometry[k])
		}
		a, b := p.Geometry[k-1], p.Geometry[k]
		f := min(1, rest/geo.Distance(a, b))
		pos := geo.LatLng{Lat: a.Lat + f*(b.Lat-a.Lat) + rng.NormFloat64()*noise/111195, Lng: a.Lng + f*(b.Lng-a.Lng) + rng.NormFloat64()*noise/89000}
		out = append(out, Fix{pos, start.Add(time.Duration(at * float64(time.Second)))})
	}
	return out
}

func TestANoisyTraceIsMatchedToTheRoadsDriven(t *testing.T) {
	g := grid(t, 12)
	v := NewRouter(g, RouterConfig{}).Now()
	right, all := 0, 0
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 11))
		from := snap(t, g, at(2200*rng.Float64(), 2200*rng.Float64()))
		to := snap(t, g, at(2200*rng.Float64(), 2200*rng.Float64()))
		path, err := v.Route(t.Context(), from, to)
		if err != nil {
			t.Fatal(err)
		}
		if path.Seconds < 60 {
			continue
		}
		matches, err := v.Match(t.Context(), drive(g, path, 1, 6*time.Second, 5, rng), MatchConfig{})
		if err != nil || len(matches) != 1 {
			t.Fatalf("%d matches: %v", len(matches), err)
		}
		var driven []ArcID
		for _, arcs := range matches[0].Arcs {
			driven = append(driven, arcs...)
		}
		for _, a := range path.Arcs {
			all++
			if slices.Contains(driven, a) {
				right++
			}
		}
	}
	if all < 100 || float64(right) < 0.95*float64(all) {
		t.Errorf("%d of %d arcs found", right, all)
	}
}

func TestSpeedsAreLearnedFromTracesAndChangeTrips(t *testing.T) {
	g := twoBridges(t)
	r := NewRouter(g, RouterConfig{})
	from, to := snap(t, g, at(100, 0)), snap(t, g, at(100, 500))
	path, err := r.Route(t.Context(), from, to)
	if err != nil {
		t.Fatal(err)
	}
	speeds := NewSpeeds(g, 5) // 70 s: 50 s over the bridge, and too short a stretch of either bank to learn from
	for i := range 6 {
		if v, err := r.View(Conditions{Learned: speeds}, time.Time{}); err != nil {
			t.Fatal(err)
		} else if d, _ := v.Duration(from, to); i < 5 && d != path.Seconds || i == 5 && abs(d-120) > 4 {
			t.Errorf("after %d traces at half the speed: %d s, before %d s", i, d, path.Seconds)
		}
		matches, err := r.Now().Match(t.Context(), drive(g, path, 2, 8*time.Second, 3, rand.New(rand.NewPCG(uint64(i), 1))), MatchConfig{})
		if err != nil || len(matches) != 1 {
			t.Fatalf("%d matches: %v", len(matches), err)
		}
		speeds.Observe(matches[0].Passages(r.Now())...)
	}
	if n := speeds.Observations(path.Arcs[1]); n != 6 {
		t.Errorf("%d observations of the bridge", n)
	}
}

func TestATraceIsSplitWhereNothingFits(t *testing.T) {
	g := grid(t, 12)
	v := NewRouter(g, RouterConfig{}).Now()
	start := time.Date(2026, 1, 10, 9, 0, 0, 0, time.UTC)
	fix := func(seconds int, east, north float64) Fix {
		return Fix{at(east, north), start.Add(time.Duration(seconds) * time.Second)}
	}
	trace := []Fix{
		fix(0, 0, 0), fix(10, 100, 3), fix(20, 190, 0),
		fix(30, 5000, 5000), // nowhere near a road: left out
		fix(25, 300, 0),     // later than the last one kept
		{At: geo.LatLng{Lat: math.NaN()}, Time: start.Add(time.Minute)},
		fix(40, 400, 0), fix(50, 500, 2),
	}
	matches, err := v.Match(t.Context(), trace, MatchConfig{})
	if err != nil || len(matches) != 1 || len(matches[0].Points) != 6 || matches[0].First != 0 {
		t.Fatalf("%+v: %v", matches, err)
	}
	b := NewBuilder()
	for _, p := range []geo.LatLng{at(0, 0), at(1000, 0), at(0, 50), at(1000, 50)} {
		b.AddNode(p)
	}
	b.AddRoad(Road{Nodes: []int32{0, 1}, SpeedKmh: 36, Class: Primary})
	b.AddRoad(Road{Nodes: []int32{2, 3}, SpeedKmh: 36, Class: Primary})
	apart, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	v = NewRouter(apart, RouterConfig{}).Now()
	trace = []Fix{fix(0, 0, 0), fix(10, 100, 0), fix(20, 200, 50), fix(30, 300, 50)}
	matches, err = v.Match(t.Context(), trace, MatchConfig{RadiusM: 20})
	if err != nil || len(matches) != 2 || matches[1].First != 2 || len(matches[1].Points) != 2 {
		t.Errorf("two roads that do not meet: %+v, %v", matches, err)
	}
	if _, err := v.Match(t.Context(), trace, MatchConfig{SigmaM: -1}); err == nil {
		t.Error("a negative deviation is accepted")
	}
}
