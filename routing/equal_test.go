package routing

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

// randomPoints draws points on any road, both ends of segments and limited sides included.
func randomPoints(rng *rand.Rand, g *Graph, n int) []Point {
	out := make([]Point, n)
	for i := range out {
		out[i] = Point{seg: 1 + int32(rng.IntN(g.numSegments())), frac: uint32(rng.IntN(fractionOne + 1))}
		switch rng.IntN(12) {
		case 0:
			out[i].frac = 0
		case 1:
			out[i].frac = fractionOne
		case 2:
			out[i].sides = onlyAlong
		case 3:
			out[i].sides = onlyAgainst
		}
		if i > 0 && rng.IntN(8) == 0 {
			out[i].seg = out[i-1].seg
		}
	}
	return out
}

// checkView compares every kind of query of a view with plain Dijkstra.
func checkView(t *testing.T, v *View, points []Point) {
	t.Helper()
	n := len(points)
	ref := NewReference(v)
	want := make([]cost, n)
	seconds, meters, times := make([]int32, n*n), make([]int32, n*n), make([]int32, n*n)
	if err := v.Matrix(t.Context(), points, points, seconds, meters); err != nil {
		t.Fatal(err)
	}
	if err := v.Matrix(t.Context(), points, points, times, nil); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(seconds, times) {
		t.Fatal("a matrix without lengths differs from one with them")
	}
	for i, p := range points {
		ref.costs(p, points, want)
		for j, q := range points {
			got := seconds[i*n+j]
			if got != want[j].seconds() {
				t.Fatalf("%v to %v: %d s, Dijkstra %d s", p, q, got, want[j].seconds())
			}
			if (i+j)%7 != 0 {
				continue
			}
			if one := ref.cost(p, q); one != want[j] {
				t.Fatalf("%v to %v: one-to-one Dijkstra differs from one-to-many", p, q)
			}
			if d, err := v.Duration(p, q); err != nil || d != got {
				t.Fatalf("%v to %v: duration %d, matrix %d: %v", p, q, d, got, err)
			}
			checkPath(t, v, p, q, got, meters[i*n+j], want[j])
		}
	}
}

// checkPath makes sure that a path is drivable, as long as it says and as fast as the matrix says.
func checkPath(t *testing.T, v *View, p, q Point, seconds, meters int32, want cost) {
	t.Helper()
	path, err := v.Route(t.Context(), p, q)
	if seconds == Unreachable {
		if !errors.Is(err, ErrUnreachable) {
			t.Fatalf("%v to %v: %v", p, q, err)
		}
		return
	}
	if err != nil || path.Seconds != seconds || path.Meters != meters || path.Meters < want.meters() {
		t.Fatalf("%v to %v: %d s, %d m, matrix %d s, %d m, Dijkstra %d m: %v", p, q, path.Seconds, path.Meters, seconds, meters, want.meters(), err)
	}
	g := v.r.g
	vertex := int32(-1)
	for i, a := range path.Arcs {
		switch {
		case v.weights[a] == closed:
			t.Fatalf("%v to %v drives closed arc %d", p, q, a)
		case i == 0:
			vertex = g.arcEntry[a]
		default:
			l := g.linkFor(vertex, int32(a))
			if l < 0 {
				t.Fatalf("%v to %v takes a forbidden turn into arc %d", p, q, a)
			}
			vertex = g.linkHead[l]
		}
	}
}

func TestAllQueriesEqualDijkstraOnRandomGraphs(t *testing.T) {
	graphs := 200
	if testing.Short() {
		graphs = 20
	}
	turns := 0
	for seed := range uint64(graphs) {
		rng := rand.New(rand.NewPCG(seed, 1))
		g := randomGraph(t, seed, 20+rng.IntN(120))
		turns += g.NumForbiddenTurns()
		r := NewRouter(g, RouterConfig{})
		points := randomPoints(rng, g, 12)
		v := r.Now()
		checkView(t, v, points)
		checkView(t, v.Perfect(), points)
		for range 3 { // a chain of small and large changes, each on top of the last
			weights := slices.Clone(v.weights)
			for range 1 + rng.IntN(1+len(weights)/(1+rng.IntN(60))) {
				a := rng.IntN(len(weights))
				weights[a] = uint32(1 + rng.IntN(100000))
				if rng.IntN(3) == 0 {
					weights[a] = closed
				}
			}
			next, err := r.newView(weights, v)
			if err != nil {
				t.Fatal(err)
			}
			v = next
			checkView(t, v, points)
		}
	}
	if turns < 100 {
		t.Errorf("only %d forbidden turns in all graphs", turns)
	}
}
