package routing

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/swmaas/swmaas/routing/geo"
)

// mainStreet is a wide two-way street from west to east with a house on either side, and a lane behind the northern house that
// joins its two ends:
//
//	lane       ───────────────  200 m north, residential
//	house N    ▪ 30 m north
//	street  0 ═══════════════ 1
//	house S    ▪ 30 m south
func mainStreet(t *testing.T, keepRight bool) *Graph {
	t.Helper()
	b := NewBuilder()
	if keepRight {
		b.KeepRight()
	}
	for _, p := range []geo.LatLng{at(0, 0), at(2000, 0), at(0, 200), at(2000, 200)} {
		b.AddNode(p)
	}
	b.AddRoad(Road{Nodes: []int32{0, 1}, Name: "street", Class: Primary, SpeedKmh: 36})
	b.AddRoad(Road{Nodes: []int32{0, 2, 3, 1}, Name: "lane", Class: Residential, SpeedKmh: 36})
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// TestTheVehicleStopsOnTheKerbSide: keeping left, the left side of an eastbound vehicle faces north, that of a westbound
// one south. Coming from the west end the northern house lies on the way (700 m), the southern one is reached from the east:
// 2000 m along the lane, 200 m up and down to it, and 1300 m back.
func TestTheVehicleStopsOnTheKerbSide(t *testing.T) {
	g := mainStreet(t, false)
	r := NewRouter(g, RouterConfig{})
	west := snap(t, g, at(0, 0))
	for _, c := range []struct {
		name   string
		house  geo.LatLng
		kerb   Kerb
		meters int32
	}{
		{"north house, boarding on the left", at(700, 30), KerbLeft, 700},
		{"south house, boarding on the left", at(700, -30), KerbLeft, 200 + 2000 + 200 + 1300},
		{"north house, boarding on the right", at(700, 30), KerbRight, 200 + 2000 + 200 + 1300},
		{"south house, boarding on the right", at(700, -30), KerbRight, 700},
		{"south house, either side", at(700, -30), KerbAny, 700},
		{"on the street itself", at(700, 0), KerbLeft, 700},
		{"beside the lane, which anybody crosses", at(700, 230), KerbLeft, 900},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := g.Snap(c.house, SnapOptions{Kerb: c.kerb})
			if err != nil || s.Crossing {
				t.Fatalf("%+v: %v", s, err)
			}
			p, err := r.Route(t.Context(), west, s.Point)
			// The way round may start on the street and turn at its end instead: both are longer than the direct one.
			if err != nil || c.meters == 700 && abs(p.Meters-700) > 2 || c.meters != 700 && p.Meters < 800 {
				t.Errorf("%d m, want %d m: %v", p.Meters, c.meters, err)
			}
			if s.Pin != c.house || math.Abs(geo.Distance(s.Road, s.Pin)-s.Meters) > 0.01 {
				t.Errorf("pin %v, road %v, %.1f m", s.Pin, s.Road, s.Meters)
			}
			if direction := g.arcSeg[p.Arcs[len(p.Arcs)-1]] & 1; c.kerb != KerbAny && s.Name == "street" && s.Meters > 1 {
				north, eastbound := c.house.Lat > origin.Lat, direction == 0
				if (north == eastbound) != (c.kerb == KerbLeft) {
					t.Errorf("arrives eastbound: %v", eastbound)
				}
			}
		})
	}
}

// carriageways is a divided road, joined at its ends: two one-way carriageways 12 m apart, each on the side that the rule of
// the road asks for. Keeping left the northern one is driven to the east, keeping right the southern one.
func carriageways(t *testing.T, keepRight bool) *Graph {
	t.Helper()
	b := NewBuilder()
	south, north := []int32{0, 1}, []int32{3, 2}
	if keepRight {
		b.KeepRight()
	} else {
		south, north = []int32{1, 0}, []int32{2, 3}
	}
	for _, p := range []geo.LatLng{at(0, 0), at(1000, 0), at(0, 12), at(1000, 12)} {
		b.AddNode(p)
	}
	b.AddRoad(Road{Nodes: south, Name: "south", Class: Primary, SpeedKmh: 36, OneWay: true})
	b.AddRoad(Road{Nodes: north, Name: "north", Class: Primary, SpeedKmh: 36, OneWay: true})
	b.AddRoad(Road{Nodes: []int32{0, 2}, Name: "west end", Class: Primary, SpeedKmh: 36})
	b.AddRoad(Road{Nodes: []int32{1, 3}, Name: "east end", Class: Primary, SpeedKmh: 36})
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestOnADividedRoadTheOuterKerbIsReachedFromItsOwnCarriageway(t *testing.T) {
	for _, keepRight := range []bool{false, true} {
		g := carriageways(t, keepRight)
		kerb, other := KerbLeft, KerbRight
		if keepRight {
			kerb, other = KerbRight, KerbLeft
		}
		for house, want := range map[geo.LatLng]string{at(500, -20): "south", at(500, 32): "north"} {
			s, err := g.Snap(house, SnapOptions{Kerb: kerb})
			if err != nil || s.Name != want || s.Crossing {
				t.Errorf("keep right %v, house %v: %+v %v", keepRight, house, s, err)
			}
			// Boarding on the inner side, the far carriageway is the one that faces the house.
			s, err = g.Snap(house, SnapOptions{Kerb: other})
			if err != nil || s.Name == want {
				t.Errorf("keep right %v, house %v, inner side: %+v %v", keepRight, house, s, err)
			}
		}
	}
}

func TestAWideOneWayRoadMayLeaveOnlyCrossing(t *testing.T) {
	b := NewBuilder()
	for _, p := range []geo.LatLng{at(0, 0), at(1000, 0), at(500, 3000)} {
		b.AddNode(p)
	}
	b.AddRoad(Road{Nodes: []int32{0, 1, 2, 0}, Class: Primary, SpeedKmh: 36, OneWay: true})
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	s, err := g.Snap(at(500, -20), SnapOptions{Kerb: KerbLeft}) // eastbound, the house is on the right
	if err != nil || !s.Crossing || !s.Point.Valid() {
		t.Errorf("%+v: %v", s, err)
	}
}

func TestTimetableIsFIFOAndKeepsPeriods(t *testing.T) {
	g := twoBridges(t)
	r := NewRouter(g, RouterConfig{})
	slow, err := r.View(Conditions{SlowDowns: []SlowDown{{Factor: 4}}}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	day, err := NewTimetable(Period{0, r.Now()}, Period{7 * 3600, slow}, Period{9 * 3600, r.Now()})
	if err != nil {
		t.Fatal(err)
	}
	from, to := snap(t, g, at(500, 0)), snap(t, g, at(500, 500)) // 150 s, or 600 s in the morning
	for depart, want := range map[int32]int32{
		6 * 3600: 150, 7*3600 - 1: 150, 7 * 3600: 600, 8 * 3600: 600, 9*3600 - 451: 600, 9*3600 - 100: 250, 9 * 3600: 150,
	} {
		got, err := day.Duration(depart, from, to)
		if err != nil || abs(got-want) > 1 {
			t.Errorf("leaving at %d: %d s, want %d s: %v", depart, got, want, err)
		}
	}
	points := randomPoints(rand.New(rand.NewPCG(1, 1)), g, 8)
	last := make([]int32, 64)
	for depart := int32(7*3600 - 600); depart < 9*3600+600; depart += 50 {
		cells := make([]int32, 64)
		if err := day.Matrix(t.Context(), depart, points, points, cells); err != nil {
			t.Fatal(err)
		}
		for i, s := range cells {
			if one, err := day.Duration(depart, points[i/8], points[i%8]); err != nil || one != s {
				t.Fatalf("matrix %d, single %d: %v", s, one, err)
			}
			if s == Unreachable {
				continue
			}
			if depart+s < last[i] {
				t.Fatalf("leaving at %d arrives at %d, earlier than a departure before it (%d)", depart, depart+s, last[i])
			}
			last[i] = depart + s
		}
	}
	if len(day.Views(6*3600, 10*3600)) != 3 || len(day.Views(0, 10)) != 1 {
		t.Error("views of a window")
	}
	if _, err := NewTimetable(); err == nil {
		t.Error("an empty timetable is accepted")
	}
	if _, err := NewTimetable(Period{5, slow}, Period{5, slow}); err == nil {
		t.Error("two periods at once are accepted")
	}
}

func TestNearestEqualsSortingAll(t *testing.T) {
	for seed := range uint64(20) {
		g := randomGraph(t, seed, 60)
		rng := rand.New(rand.NewPCG(seed, 4))
		v := NewRouter(g, RouterConfig{}).Now()
		points := randomPoints(rng, g, 25)
		near, err := v.Nearest(points[0], points, 10)
		if err != nil {
			t.Fatal(err)
		}
		in := map[int]bool{}
		for i, n := range near {
			in[n.Index] = true
			d, _ := v.Duration(points[0], points[n.Index])
			if d != n.Seconds || i > 0 && near[i-1].Seconds > d {
				t.Fatalf("near %v: duration %d", near, d)
			}
		}
		for i := range points {
			d, _ := v.Duration(points[0], points[i])
			if !in[i] && d != Unreachable && (len(near) < 10 || d < near[len(near)-1].Seconds) {
				t.Fatalf("point %d at %d s is missing from %v", i, d, near)
			}
		}
	}
}

func TestIsochroneHoldsWhatIsReachedAndNothingElse(t *testing.T) {
	for seed := range uint64(12) {
		g := randomGraph(t, seed, 80)
		rng := rand.New(rand.NewPCG(seed, 6))
		v := NewRouter(g, RouterConfig{}).Now()
		points := randomPoints(rng, g, 80)
		const limit = 120
		iso, err := v.Isochrone(points[0], limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range points[1:] {
			p.sides = 0
			d, err := v.Duration(points[0], p)
			if err != nil {
				t.Fatal(err)
			}
			onRoad := distanceToLines(g.At(p), iso.Roads)
			if d <= limit && (onRoad > 0.5 || !insideRings(g.At(p), iso.Rings)) {
				t.Errorf("seed %d: %v is reached in %d s and lies %.1f m off, inside %v", seed, p, d, onRoad, insideRings(g.At(p), iso.Rings))
			}
			if d > limit+1 && onRoad < 0.01 && !crossesAnother(g, p) {
				t.Errorf("seed %d: %v takes %d s and lies on the isochrone's roads", seed, p, d)
			}
		}
		for _, ring := range iso.Rings {
			if len(ring) < 5 || ring[0] != ring[len(ring)-1] {
				t.Fatalf("ring of %d corners, closed: %v", len(ring), ring[0] == ring[len(ring)-1])
			}
		}
	}
}

// crossesAnother reports whether another road passes the very place, as parallel roads between the same nodes do.
func crossesAnother(g *Graph, p Point) bool {
	n := 0
	pl := planeAt(g.At(p))
	g.visitNear(pl, func(h hit) float64 {
		if h.dist < 100 {
			n++
		}
		return 100
	})
	return n > 1
}

func distanceToLines(p geo.LatLng, lines [][]geo.LatLng) float64 {
	best := math.Inf(1)
	for _, line := range lines {
		for k := 1; k < len(line); k++ {
			c, _ := geo.Project(p, line[k-1], line[k])
			best = min(best, geo.Distance(p, c))
		}
		best = min(best, geo.Distance(p, line[0]))
	}
	return best
}

func insideRings(p geo.LatLng, rings [][]geo.LatLng) bool {
	inside := false
	for _, ring := range rings {
		for i := 1; i < len(ring); i++ {
			a, b := ring[i-1], ring[i]
			if (a.Lat > p.Lat) != (b.Lat > p.Lat) && p.Lng < (b.Lng-a.Lng)*(p.Lat-a.Lat)/(b.Lat-a.Lat)+a.Lng {
				inside = !inside
			}
		}
	}
	return inside
}
