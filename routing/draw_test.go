package routing

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/routing/osm"
)

// spelled is the line of a path the slow way: every point of every arc with its share of the segment, and those in between drawn.
func spelled(g *Graph, from, to Point, arcs []ArcID) []geo.LatLng {
	var out []geo.LatLng
	for i, a := range arcs {
		against := g.arcSeg[a]&1 == 1
		pts := g.segPoints(g.arcSeg[a]>>1, nil)
		share := func(frac uint32) float64 { return float64(frac) / fractionOne }
		if against {
			slices.Reverse(pts)
			share = func(frac uint32) float64 { return 1 - float64(frac)/fractionOne }
		}
		lo, hi := 0.0, 1.0
		if i == 0 {
			lo = share(from.frac)
		}
		if i == len(arcs)-1 {
			hi = share(to.frac)
		}
		length, at := 0.0, 0.0
		for k := 1; k < len(pts); k++ {
			length += geo.Distance(pts[k-1].latLng(), pts[k].latLng())
		}
		for k := 1; k < len(pts); k++ {
			p, q := pts[k-1].latLng(), pts[k].latLng()
			piece := geo.Distance(p, q) / length
			for _, s := range []float64{max(lo, at), min(hi, at+piece)} {
				if s >= max(lo, at) && s <= min(hi, at+piece) && piece > 0 {
					f := (s - at) / piece
					out = append(out, geo.LatLng{Lat: p.Lat + f*(q.Lat-p.Lat), Lng: p.Lng + f*(q.Lng-p.Lng)})
				}
			}
			at += piece
		}
	}
	return out
}

// same reports whether two places differ by less than 2 cm.
func same(a, b geo.LatLng) bool { return geo.Distance(a, b) < 0.02 }

// bentGraph is a random graph whose roads have up to three bends between nodes.
func bentGraph(t *testing.T, rng *rand.Rand, seed uint64) *Graph {
	t.Helper()
	net := randomNetwork(seed, 60)
	for i := range net.Ways {
		w := &net.Ways[i]
		bent := w.Nodes[:1:1]
		for _, n := range w.Nodes[1:] {
			for range rng.IntN(4) {
				bent = append(bent, int32(len(net.Nodes)))
				net.Nodes = append(net.Nodes, osm.Node{ID: int64(len(net.Nodes) + 1), At: at(5000*rng.Float64(), 5000*rng.Float64())})
			}
			bent = append(bent, n)
		}
		w.Nodes = bent
	}
	g, err := assemble(net, map[string]int{})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestPathsAreDrawnAlongTheirArcs(t *testing.T) {
	var p Path // reused: nothing of one path may stay in the next
	for seed := range uint64(15) {
		rng := rand.New(rand.NewPCG(seed, 8))
		g := bentGraph(t, rng, seed)
		v := NewRouter(g, RouterConfig{}).Now()
		points := randomPoints(rng, g, 30)
		for i, from := range points {
			to := points[(i*7+1)%len(points)]
			fresh, err := v.Route(t.Context(), from, to)
			if err != nil {
				continue
			}
			if err := v.RouteInto(t.Context(), &p, from, to); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(p.Geometry, fresh.Geometry) || !slices.Equal(p.Steps, fresh.Steps) || !slices.Equal(p.Ways, fresh.Ways) ||
				!slices.Equal(p.Arcs, fresh.Arcs) || p.Seconds != fresh.Seconds || p.Meters != fresh.Meters {
				t.Fatalf("%v to %v: %+v in a used path, %+v in a new one", from, to, p, fresh)
			}
			want := slices.CompactFunc(spelled(g, from, to, p.Arcs), same)
			if got := slices.CompactFunc(slices.Clone(p.Geometry), same); !slices.EqualFunc(got, want, same) {
				t.Fatalf("seed %d, %v to %v: drawn %v, want %v", seed, from, to, got, want)
			}
			checkSteps(t, g, &p)
		}
	}
}

// checkSteps compares the steps and ways of a path with its arcs.
func checkSteps(t *testing.T, g *Graph, p *Path) {
	t.Helper()
	var ways []int64
	steps, k, sum := 0, 0, int32(0)
	for i, a := range p.Arcs {
		s := g.arcSeg[a] >> 1
		if len(ways) == 0 || ways[len(ways)-1] != g.segWay[s] {
			ways = append(ways, g.segWay[s])
		}
		name, class := g.names[g.segName[s]], RoadClass(g.segClass[s])
		if i > 0 && p.Steps[steps-1].Name == name && p.Steps[steps-1].Class == class {
			continue
		}
		if steps == len(p.Steps) || p.Steps[steps].Name != name || p.Steps[steps].Class != class {
			t.Fatalf("step %d of %+v does not begin with %q, %v", steps, p.Steps, name, class)
		}
		if i > 0 { // it begins where its first arc does
			start := g.nodeAt[g.arcTail(int32(a))].latLng()
			if k = p.Steps[steps].First; !same(p.Geometry[k], start) {
				t.Fatalf("step %d begins at %v, its road at %v", steps, p.Geometry[k], start)
			}
		}
		sum += p.Steps[steps].Meters
		steps++
	}
	if steps != len(p.Steps) || !slices.Equal(ways, p.Ways) || abs(sum-p.Meters) > int32(steps) {
		t.Fatalf("steps %+v over ways %v, want %d over %v and %d m", p.Steps, p.Ways, steps, ways, p.Meters)
	}
}

func TestTurnsAreToldByTheirAngle(t *testing.T) {
	north := geo.LatLng{Lat: 36.9, Lng: 137.4}
	for _, c := range []struct {
		degrees float64 // to the right
		want    Turn
	}{
		{0, TurnStraight},
		{29, TurnStraight},
		{-29, TurnStraight},
		{45, TurnSlightRight},
		{-45, TurnSlightLeft},
		{90, TurnRight},
		{-90, TurnLeft},
		{140, TurnSharpRight},
		{-140, TurnSharpLeft},
		{170, TurnAround},
		{-170, TurnAround},
		{180, TurnAround},
	} {
		for course := 0.0; course < 360; course += 15 {
			for _, b := range []geo.LatLng{north, {Lat: -60, Lng: 180}, {Lat: 65, Lng: -179.999}} {
				a, far := aside(b, course+180, 80), aside(b, course+c.degrees, 150)
				if got := turnBetween(a, b, far); got != c.want {
					t.Errorf("%v degrees on course %v at %v: %v, want %v", c.degrees, course, b, got, c.want)
				}
			}
		}
	}
}

// aside is the place so many metres from p on a course.
func aside(p geo.LatLng, course, metres float64) geo.LatLng {
	angle, perDegree := course*math.Pi/180, geo.EarthRadius*math.Pi/180
	lng := p.Lng + metres*math.Sin(angle)/perDegree/math.Cos(p.Lat*math.Pi/180)
	return geo.LatLng{Lat: p.Lat + metres*math.Cos(angle)/perDegree, Lng: math.Mod(lng+540, 360) - 180}
}

func TestPathsIntoUsedOnesAllocateNothing(t *testing.T) {
	g := randomGraph(t, 4, 300)
	v := NewRouter(g, RouterConfig{}).Now()
	points := slices.DeleteFunc(randomPoints(rand.New(rand.NewPCG(4, 4)), g, 80), func(p Point) bool {
		_, err := v.Route(t.Context(), p, Point{seg: 1})
		_, back := v.Route(t.Context(), Point{seg: 1}, p)
		return err != nil || back != nil
	})
	var p Path
	i := 0
	run := func() {
		i++
		if err := v.RouteInto(t.Context(), &p, points[i%len(points)], points[i*7%len(points)]); err != nil {
			t.Fatal(err)
		}
	}
	for range 2500 {
		run()
	}
	if n := testing.AllocsPerRun(1000, run); n > 0.01 && !raceEnabled {
		t.Errorf("%v allocations a path between %d points", n, len(points))
	}
}
