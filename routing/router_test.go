package routing

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/swmaas/swmaas/routing/geo"
)

// metresNorth and metresEast place nodes on a plan drawn in metres around Kurobe.
var origin = geo.LatLng{Lat: 36.87, Lng: 137.45}

func at(east, north float64) geo.LatLng {
	const perDegree = geo.EarthRadius * math.Pi / 180
	return geo.LatLng{Lat: origin.Lat + north/perDegree, Lng: origin.Lng + east/perDegree/math.Cos(origin.Lat*math.Pi/180)}
}

// square is a one-way square of 1 km sides, driven clockwise at 36 km/h (10 m/s), with a two-way spur of 500 m to the
// east from its north-east corner:
//
//	1 ──▶ 2 ──── 4
//	▲     │
//	0 ◀── 3
func square(t *testing.T) *Graph {
	t.Helper()
	b := NewBuilder()
	for _, p := range []geo.LatLng{at(0, 0), at(0, 1000), at(1000, 1000), at(1000, 0), at(1500, 1000)} {
		b.AddNode(p)
	}
	b.AddRoad(Road{Nodes: []int32{0, 1, 2, 3, 0}, Name: "Ring", Class: Tertiary, SpeedKmh: 36, OneWay: true})
	b.AddRoad(Road{Nodes: []int32{2, 4}, Name: "Spur", Class: Residential, SpeedKmh: 36})
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func snap(t *testing.T, g *Graph, p geo.LatLng) Point {
	t.Helper()
	s, err := g.Snap(p, SnapOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return s.Point
}

func TestTripsOnOneSegmentAndRound(t *testing.T) {
	g := square(t)
	r := NewRouter(g, RouterConfig{})
	for _, c := range []struct {
		name     string
		from, to geo.LatLng
		seconds  int32
	}{
		{"ahead on a one-way road", at(0, 200), at(0, 700), 50},
		{"back on a one-way road goes round", at(0, 700), at(0, 200), 350},
		{"nowhere", at(0, 700), at(0, 700), 0},
		{"ahead on the spur", at(1100, 1000), at(1400, 1000), 30},
		{"back on the spur", at(1400, 1000), at(1100, 1000), 30},
		{"from the ring into the spur", at(500, 1000), at(1300, 1000), 80},
		{"from the spur to the south side", at(1300, 1000), at(500, 0), 180},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := r.Route(t.Context(), snap(t, g, c.from), snap(t, g, c.to))
			if err != nil || abs(p.Seconds-c.seconds) > 1 || abs(p.Meters-10*c.seconds) > 3 {
				t.Errorf("%d s, %d m, want %d s: %v", p.Seconds, p.Meters, c.seconds, err)
			}
			first, last := p.Geometry[0], p.Geometry[len(p.Geometry)-1]
			if geo.Distance(first, c.from) > 1 || geo.Distance(last, c.to) > 1 {
				t.Errorf("drawn from %v to %v", first, last)
			}
		})
	}
}

func abs(v int32) int32 { return max(v, -v) }

func TestStepsNameTheRoads(t *testing.T) {
	g := square(t)
	p, err := NewRouter(g, RouterConfig{}).Route(t.Context(), snap(t, g, at(0, 500)), snap(t, g, at(1400, 1000)))
	if err != nil || len(p.Steps) != 2 || p.Steps[0].Name != "Ring" || p.Steps[1].Name != "Spur" || p.Steps[1].Meters != 400 {
		t.Fatalf("steps %+v: %v", p.Steps, err)
	}
	if c := p.Geometry[p.Steps[1].First]; geo.Distance(c, at(1000, 1000)) > 1 {
		t.Errorf("the spur begins at %v", c)
	}
	if len(p.Ways) != 2 || p.Ways[0] != 1 || p.Ways[1] != 2 {
		t.Errorf("ways %v", p.Ways)
	}
}

func TestMatrixMarksUnreachableCells(t *testing.T) {
	b := NewBuilder()
	for _, p := range []geo.LatLng{at(0, 0), at(1000, 0), at(0, 5000), at(1000, 5000)} {
		b.AddNode(p)
	}
	b.AddRoad(Road{Nodes: []int32{0, 1}, SpeedKmh: 36, Class: Residential})
	b.AddRoad(Road{Nodes: []int32{2, 3}, SpeedKmh: 36, Class: Residential})
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	points := []Point{{seg: 1, frac: fractionOne / 2}, {seg: 2, frac: fractionOne / 2}}
	seconds, meters := make([]int32, 4), make([]int32, 4)
	r := NewRouter(g, RouterConfig{})
	if err := r.Matrix(t.Context(), points, points, seconds, meters); err != nil {
		t.Fatal(err)
	}
	for i, want := range []int32{0, Unreachable, Unreachable, 0} {
		if seconds[i] != want || meters[i] != want {
			t.Errorf("cell %d: %d s, %d m, want %d", i, seconds[i], meters[i], want)
		}
	}
	if _, err := r.Route(t.Context(), points[0], points[1]); !errors.Is(err, ErrUnreachable) {
		t.Errorf("route: %v", err)
	}
}

func TestRouterRefusesWrongArguments(t *testing.T) {
	g := square(t)
	r := NewRouter(g, RouterConfig{})
	p := snap(t, g, at(0, 500))
	cells := make([]int32, 1)
	if err := r.Matrix(t.Context(), []Point{{}}, []Point{p}, cells, nil); !errors.Is(err, ErrInvalidPoint) {
		t.Errorf("zero point: %v", err)
	}
	if err := r.Matrix(t.Context(), []Point{p, p}, []Point{p}, cells, nil); err == nil {
		t.Error("a slice too short is accepted")
	}
	if _, err := r.Route(t.Context(), p, Point{seg: 99}); !errors.Is(err, ErrInvalidPoint) {
		t.Errorf("point of another graph: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Matrix(ctx, []Point{p}, []Point{p}, cells, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if (RouterConfig{Workers: -1}).Validate() == nil {
		t.Error("negative workers are accepted")
	}
}

func TestSnapRefusesWhatIsNoPlaceOrTooFar(t *testing.T) {
	g := square(t)
	for _, p := range []geo.LatLng{{Lat: math.NaN()}, {Lat: 91}, {Lng: math.Inf(1)}, {Lng: -181}} {
		if _, err := g.Snap(p, SnapOptions{}); !errors.Is(err, ErrInvalidPosition) {
			t.Errorf("%v: %v", p, err)
		}
	}
	_, err := g.Snap(at(0, 9000), SnapOptions{})
	far, ok := errors.AsType[*TooFarError](err)
	if !ok || !errors.Is(err, ErrTooFar) || math.Abs(far.Meters-8000) > 5 || far.Limit != DefaultSnapMeters {
		t.Errorf("8 km out: %v", err)
	}
	if s, err := g.Snap(at(0, 9000), SnapOptions{MaxMeters: 10000}); err != nil || math.Abs(s.Meters-8000) > 5 || s.Name != "Ring" {
		t.Errorf("8 km out with a limit of 10: %+v %v", s, err)
	}
}

func TestSnapIgnoresRoadsThatAreCutOff(t *testing.T) {
	b := NewBuilder()
	for _, p := range []geo.LatLng{at(0, 0), at(1000, 0), at(2000, 0), at(0, 100), at(500, 100)} {
		b.AddNode(p)
	}
	b.AddRoad(Road{Nodes: []int32{0, 1, 2}, Name: "main", SpeedKmh: 40, Class: Primary})
	b.AddRoad(Road{Nodes: []int32{3, 4}, Name: "island", SpeedKmh: 40, Class: Primary})
	b.AddRoad(Road{Nodes: []int32{1, 3}, Name: "trap", SpeedKmh: 40, Class: Primary, OneWay: true})
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []geo.LatLng{at(250, 100), at(300, 70)} {
		if s, err := g.Snap(p, SnapOptions{}); err != nil || s.Name != "main" {
			t.Errorf("%v snaps to %q: %v", p, s.Name, err)
		}
	}
}

func TestAStopIsNotOnAMotorwayNorInATunnel(t *testing.T) {
	b := NewBuilder()
	for _, p := range []geo.LatLng{at(0, 0), at(1000, 0), at(0, 40), at(1000, 40), at(0, 90), at(1000, 90)} {
		b.AddNode(p)
	}
	b.AddRoad(Road{Nodes: []int32{0, 1}, Name: "motorway", Class: Motorway, SpeedKmh: 80})
	b.AddRoad(Road{Nodes: []int32{2, 3}, Name: "tunnel", Class: Primary, SpeedKmh: 40, Tunnel: true})
	b.AddRoad(Road{Nodes: []int32{4, 5}, Name: "street", Class: Residential, SpeedKmh: 30})
	b.AddRoad(Road{Nodes: []int32{0, 2, 4}, Name: "cross street", Class: Residential, SpeedKmh: 30})
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		options SnapOptions
		want    string
	}{
		{SnapOptions{}, "motorway"},
		{SnapOptions{Stop: true}, "street"},
		{SnapOptions{Stop: true, Kerb: KerbLeft}, "street"},
	} {
		if s, err := g.Snap(at(500, 10), c.options); err != nil || s.Name != c.want {
			t.Errorf("%+v: %q, want %q: %v", c.options, s.Name, c.want, err)
		}
	}
}

func TestNearestSegmentEqualsBruteForce(t *testing.T) {
	g := randomGraph(t, 1, 400)
	for i := range 500 {
		p := at(float64(i*37%5000), float64(i*91%5000))
		got := g.nearest(p, func(int32) bool { return true })
		best := math.Inf(1)
		for s := range int32(g.numSegments()) {
			pts := g.segPoints(s, nil)
			for k := 1; k < len(pts); k++ {
				d, _ := planeAt(p).toPiece(pts[k-1], pts[k])
				best = min(best, d)
			}
		}
		if got.dist > best*(1+1e-12) { // a bound may be rounded up by a hair
			t.Fatalf("%v: %v, brute force %v", p, got.dist, best)
		}
	}
}

func TestBuilderReportsEverythingWrong(t *testing.T) {
	b := NewBuilder()
	if _, err := b.Build(); !errors.Is(err, ErrNoRoad) {
		t.Errorf("empty: %v", err)
	}
	b.AddNode(geo.LatLng{Lat: math.NaN()})
	b.AddNode(at(0, 0))
	b.AddRoad(Road{Nodes: []int32{0}, SpeedKmh: 1})
	b.AddRoad(Road{Nodes: []int32{0, 7}, SpeedKmh: 1})
	b.AddRoad(Road{Nodes: []int32{0, 1}, SpeedKmh: math.NaN()})
	_, err := b.Build()
	if !errors.Is(err, ErrInvalidRoad) || !errors.Is(err, ErrInvalidPosition) {
		t.Errorf("errors: %v", err)
	}
}
