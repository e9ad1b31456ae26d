package cch_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/swmaas/swmaas/routing/cch"
)

// build orders, contracts and customizes a network; every other time in a random order, which is bad but must be correct, and now and
// then to a perfect metric.
func build(t testing.TB, n *network, rng *rand.Rand) (*cch.Topology, *cch.Metric) {
	t.Helper()
	order := ordered(t, n)
	if rng.IntN(2) == 0 {
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	}
	topo, metric := customized(t, n, order, 1+rng.IntN(3))
	if rng.IntN(3) == 0 {
		metric = metric.Perfect(1 + rng.IntN(3))
	}
	return topo, metric
}

// ordered is the order of a network.
func ordered(t testing.TB, n *network) []uint32 {
	t.Helper()
	order, err := cch.Order(n.Graph, n.x, n.y, cch.OrderConfig{})
	if err != nil {
		t.Fatal(err)
	}
	return order
}

// customized contracts and customizes a network in a given order.
func customized(t testing.TB, n *network, order []uint32, workers int) (*cch.Topology, *cch.Metric) {
	t.Helper()
	topo, err := cch.NewTopology(n.Graph, order)
	if err != nil {
		t.Fatal(err)
	}
	metric, err := topo.Customize(n.weights, workers)
	if err != nil {
		t.Fatal(err)
	}
	return topo, metric
}

// onEveryKind runs a property on many random graphs of every kind, each from its own printed seed.
func onEveryKind(t *testing.T, rounds int, property func(t *testing.T, n *network, rng *rand.Rand)) {
	for name, make := range makers {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(rounds) {
				rng := rand.New(rand.NewPCG(seed, 3))
				property(t, make(rng), rng)
				if t.Failed() {
					t.Fatalf("seed %d", seed)
				}
			}
		})
	}
}

func TestDistanceAndPathEqualDijkstra(t *testing.T) {
	onEveryKind(t, 25, func(t *testing.T, n *network, rng *rand.Rand) {
		topo, metric := build(t, n, rng)
		q := cch.NewQuery(topo)
		for range 20 {
			from, to := n.randomSeeds(rng), n.randomSeeds(rng)
			want := nearestSeed(n.dijkstra(n.weights, from, cch.Forward), to)
			got, err := q.Distance(metric, from, to)
			if err != nil || got != want {
				t.Fatalf("distance %v to %v = %d, %v; want %d", from, to, got, err, want)
			}
			r, err := q.Path(metric, from, to, nil)
			if err != nil || r.Distance != want {
				t.Fatalf("path %v to %v = %d, %v; want %d", from, to, r.Distance, err, want)
			}
			n.checkRoute(t, from, to, r)
		}
	})
}

func TestHubsAndManyIslandsAreOrderedToo(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	islands := &network{Graph: cch.Graph{Nodes: 8000}} // cliques of four, which have no node of degree two
	for v := range islands.Nodes {
		islands.x, islands.y = append(islands.x, rng.Float32()), append(islands.y, rng.Float32())
		for u := v &^ 3; u < v; u++ {
			islands.addBoth(rng, u, v, 1+rng.Uint32N(9), 1)
		}
	}
	for name, n := range map[string]*network{"hubs": hubs(rng, 3000), "islands": islands.index()} {
		topo, metric := customized(t, n, ordered(t, n), 2)
		if err := topo.Check(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		q := cch.NewQuery(topo)
		from := []cch.Seed{{Node: 77}}
		for v, want := range n.dijkstra(n.weights, from, cch.Forward)[:500] {
			if got, err := q.Distance(metric, from, []cch.Seed{{Node: uint32(v)}}); err != nil || got != want {
				t.Fatalf("%s: distance to %d = %d, %v; want %d", name, v, got, err, want)
			}
		}
	}
}

// checkRoute verifies that the arcs of a route join the seeds it names and add up to its distance.
func (n *network) checkRoute(t *testing.T, from, to []cch.Seed, r cch.Route) {
	t.Helper()
	if r.Distance == cch.Inf {
		if len(r.Arcs) != 0 {
			t.Fatalf("no way, but arcs %v", r.Arcs)
		}
		return
	}
	at, sum := from[r.From].Node, uint64(from[r.From].Offset)
	for _, a := range r.Arcs {
		if n.Tail[a] != at {
			t.Fatalf("arc %d leaves from %d, not from %d", a, n.Tail[a], at)
		}
		at = n.Head[a]
		sum += uint64(n.weights[a])
	}
	if at != to[r.To].Node || sum+uint64(to[r.To].Offset) != uint64(r.Distance) {
		t.Fatalf("route ends at %d after %d ms with an offset of %d; want node %d and %d", at, sum, to[r.To].Offset, to[r.To].Node, r.Distance)
	}
}

func TestJoinEqualsDijkstra(t *testing.T) {
	onEveryKind(t, 15, func(t *testing.T, n *network, rng *rand.Rand) {
		_, metric := build(t, n, rng)
		var starts, ends cch.Points
		for range rng.IntN(30) {
			starts.Add(n.randomSeeds(rng)...)
		}
		for range rng.IntN(30) {
			ends.Add(n.randomSeeds(rng)...)
		}
		var from, to cch.Labels
		workers := 1 + rng.IntN(3)
		if err := from.Build(metric, cch.Forward, &starts, workers); err != nil {
			t.Fatal(err)
		}
		if err := to.Build(metric, cch.Backward, &ends, workers); err != nil {
			t.Fatal(err)
		}
		got := make([]uint32, starts.Len()*ends.Len())
		cch.Join(&from, &to, got, workers)
		var want []uint32
		for i := range starts.Len() {
			dist := n.dijkstra(n.weights, starts.Seeds(i), cch.Forward)
			for j := range ends.Len() {
				want = append(want, nearestSeed(dist, ends.Seeds(j)))
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("matrix %v, want %v", got, want)
		}
	})
}

func TestUnpackedWaysRepeatNoNodeEvenWhereAllWeightsAreZero(t *testing.T) {
	onEveryKind(t, 4, func(t *testing.T, n *network, rng *rand.Rand) {
		for a := range n.weights {
			n.weights[a] = rng.Uint32N(8) / 7
		}
		topo, metric := build(t, n, rng)
		q := cch.NewQuery(topo)
		for range 30 {
			from, to := rng.Uint32N(uint32(n.Nodes)), rng.Uint32N(uint32(n.Nodes))
			r, err := q.Path(metric, []cch.Seed{{Node: from}}, []cch.Seed{{Node: to}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			seen := map[uint32]bool{from: true}
			for _, a := range r.Arcs {
				if seen[n.Head[a]] {
					t.Fatalf("way %v from %d to %d passes %d twice", r.Arcs, from, to, n.Head[a])
				}
				seen[n.Head[a]] = true
			}
		}
	})
}

func TestPerfectMetricGivesTheSameWays(t *testing.T) {
	onEveryKind(t, 10, func(t *testing.T, n *network, rng *rand.Rand) {
		topo, metric := build(t, n, rng)
		plain, err := topo.Customize(n.weights, 1)
		if err != nil {
			t.Fatal(err)
		}
		perfect := metric.Perfect(1 + rng.IntN(3))
		q := cch.NewQuery(topo)
		for range 20 {
			from, to := n.randomSeeds(rng), n.randomSeeds(rng)
			a, err := q.Path(plain, from, to, nil)
			if err != nil {
				t.Fatal(err)
			}
			b, err := q.Path(perfect, from, to, nil)
			if err != nil || a.Distance != b.Distance || a.From != b.From || a.To != b.To || !slices.Equal(a.Arcs, b.Arcs) {
				t.Fatalf("%v to %v: plain %v, perfect %v, %v", from, to, a, b, err)
			}
		}
	})
}
