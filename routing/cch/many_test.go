package cch_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/swmaas/swmaas/routing/cch"
)

func TestToManyAndNearestEqualDijkstra(t *testing.T) {
	onEveryKind(t, 15, func(t *testing.T, n *network, rng *rand.Rand) {
		topo, metric := build(t, n, rng)
		q := cch.NewQuery(topo)
		var places cch.Points
		for range rng.IntN(40) {
			places.Add(n.randomSeeds(rng)...)
		}
		for _, dir := range []cch.Direction{cch.Forward, cch.Backward} {
			var labels cch.Labels
			if err := labels.Build(metric, dir, &places, 1); err != nil {
				t.Fatal(err)
			}
			here := n.randomSeeds(rng)
			dist := n.dijkstra(n.weights, here, 1-dir)
			want := make([]uint32, places.Len())
			var near []cch.Near
			for i := range want {
				want[i] = nearestSeed(dist, places.Seeds(i))
				if want[i] < cch.Inf {
					near = append(near, cch.Near{Place: i, Distance: want[i]})
				}
			}
			slices.SortStableFunc(near, func(a, b cch.Near) int { return cmp.Compare(a.Distance, b.Distance) })
			got := make([]uint32, places.Len())
			if err := q.ToMany(here, &labels, got); err != nil || !slices.Equal(got, want) {
				t.Fatalf("direction %d to many: %v, %v; want %v", dir, got, err, want)
			}
			k := rng.IntN(8)
			nearest, err := q.Nearest(here, &labels, k, nil)
			if err != nil || !slices.Equal(nearest, near[:min(k, len(near))]) {
				t.Fatalf("%d nearest: %v, %v; want a prefix of %v", k, nearest, err, near)
			}
		}
	})
}

func TestReachEqualsDijkstra(t *testing.T) {
	onEveryKind(t, 20, func(t *testing.T, n *network, rng *rand.Rand) {
		topo, metric := build(t, n, rng)
		q := cch.NewQuery(topo)
		for range 6 {
			seeds := n.randomSeeds(rng)
			dir := cch.Direction(rng.IntN(2))
			limit := rng.Uint32N(3000)
			if rng.IntN(4) == 0 {
				limit = cch.Inf + rng.Uint32N(2)
			}
			var want []cch.Reached
			for v, d := range n.dijkstra(n.weights, seeds, dir) {
				if d <= limit && d < cch.Inf {
					want = append(want, cch.Reached{Node: uint32(v), Distance: d})
				}
			}
			got, err := q.Reach(metric, seeds, dir, limit, nil)
			slices.SortFunc(got, func(a, b cch.Reached) int { return cmp.Compare(a.Node, b.Node) })
			if err != nil || !slices.Equal(got, want) {
				t.Fatalf("reach %v direction %d within %d: %v, %v; want %v", seeds, dir, limit, got, err, want)
			}
		}
	})
}

func TestQueriesDoNotAllocateAfterWarmUp(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	n := roadGrid(rng, 30, 0.8)
	topo, metric := build(t, n, rng)
	q := cch.NewQuery(topo)
	from := []cch.Seed{{Node: 3, Offset: 5}, {Node: 850}, {Node: 444, Offset: 1}, {Node: 4}}
	to := []cch.Seed{{Node: 700, Offset: 9}, {Node: 12}, {Node: 300}}
	var places cch.Points
	for range 50 {
		places.Add(cch.Seed{Node: rng.Uint32N(900)}, cch.Seed{Node: rng.Uint32N(900)})
	}
	var starts, ends cch.Labels
	var arcs []uint32
	var near []cch.Near
	var reached []cch.Reached
	row, matrix := make([]uint32, 50), make([]uint32, 2500)
	kinds := map[string]func(){
		"distance": func() { _, _ = q.Distance(metric, from, to) },
		"path": func() {
			r, _ := q.Path(metric, from, to, arcs[:0])
			arcs = r.Arcs
		},
		"labels": func() {
			_ = starts.Build(metric, cch.Forward, &places, 1)
			_ = ends.Build(metric, cch.Backward, &places, 1)
		},
		"join":    func() { cch.Join(&starts, &ends, matrix, 1) },
		"to many": func() { _ = q.ToMany(from, &ends, row) },
		"nearest": func() { near, _ = q.Nearest(from, &ends, 5, near[:0]) },
		"reach":   func() { reached, _ = q.Reach(metric, from, cch.Forward, 5000, reached[:0]) },
	}
	for _, name := range []string{"distance", "path", "labels", "join", "to many", "nearest", "reach"} {
		kinds[name]()
		if a := testing.AllocsPerRun(20, kinds[name]); a != 0 {
			t.Errorf("%s allocates %v times", name, a)
		}
	}
}
