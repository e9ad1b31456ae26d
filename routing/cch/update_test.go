package cch_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/swmaas/swmaas/routing/cch"
)

// allPairs is the matrix between all nodes.
func allPairs(t testing.TB, m *cch.Metric) []uint32 {
	t.Helper()
	var nodes cch.Points
	for v := range m.Topology().Nodes() {
		nodes.Add(cch.Seed{Node: uint32(v)})
	}
	var from, to cch.Labels
	if err := errors.Join(from.Build(m, cch.Forward, &nodes, 1), to.Build(m, cch.Backward, &nodes, 1)); err != nil {
		t.Fatal(err)
	}
	out := make([]uint32, nodes.Len()*nodes.Len())
	cch.Join(&from, &to, out, 1)
	return out
}

func TestUpdateEqualsCustomizeAndLeavesTheOldMetricAlone(t *testing.T) {
	onEveryKind(t, 8, func(t *testing.T, n *network, rng *rand.Rand) {
		topo, metric := build(t, n, rng)
		if err := metric.Equal(metric); err != nil { // and makes it remember all ways, so that old ones would show below
			t.Fatal(err)
		}
		weights := slices.Clone(n.weights)
		for range 8 {
			if len(weights) == 0 {
				return
			}
			before := allPairs(t, metric)
			var changes []cch.Change
			for range 1 + rng.IntN(4) {
				changes = append(changes, cch.Change{Arc: rng.Uint32N(uint32(len(weights))), Weight: weight(rng)})
			}
			next, err := metric.Update(changes)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range changes {
				weights[c.Arc] = c.Weight
			}
			whole, err := topo.Customize(weights, 1)
			if err != nil {
				t.Fatal(err)
			}
			if err := next.Equal(whole); err != nil {
				t.Fatalf("after %v: %v", changes, err)
			}
			if !slices.Equal(allPairs(t, metric), before) {
				t.Fatalf("the metric before %v changed", changes)
			}
			if err := metric.Equal(metric); err != nil {
				t.Fatalf("the metric before %v took ways of the one after: %v", changes, err)
			}
			metric = next
		}
	})
}

func TestReopeningRestoresTheMetric(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	n := roadGrid(rng, 20, 0.7)
	_, open := build(t, n, rng)
	bridge := uint32(len(n.weights) / 2)
	closed, err := open.Update([]cch.Change{{Arc: bridge, Weight: cch.Inf}})
	if err != nil {
		t.Fatal(err)
	}
	if closed.Weight(bridge) != cch.Inf {
		t.Fatalf("closed arc weighs %d", closed.Weight(bridge))
	}
	reopened, err := closed.Update([]cch.Change{{Arc: bridge, Weight: n.weights[bridge]}})
	if err != nil {
		t.Fatal(err)
	}
	if err := reopened.Equal(open); err != nil {
		t.Fatal(err)
	}
}

func TestMetricsAreSwappedUnderRunningQueries(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	n := geometric(rng, 120)
	topo, first := build(t, n, rng)
	var current atomic.Pointer[cch.Metric]
	current.Store(first)
	var stop atomic.Bool
	var wg sync.WaitGroup
	for worker := range uint64(3) {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(worker, 9))
			q := cch.NewQuery(topo)
			for !stop.Load() {
				m := current.Load()
				from, to := n.randomSeeds(rng), n.randomSeeds(rng)
				d, err := q.Distance(m, from, to)
				r, err2 := q.Path(m, from, to, nil)
				if err != nil || err2 != nil || d != r.Distance {
					t.Errorf("distance %d but path %d in one metric (%v, %v)", d, r.Distance, err, err2)
					return
				}
			}
		})
	}
	weights := slices.Clone(n.weights)
	for range 200 {
		c := cch.Change{Arc: rng.Uint32N(uint32(len(weights))), Weight: weight(rng)}
		weights[c.Arc] = c.Weight
		m, err := current.Load().Update([]cch.Change{c})
		if err != nil {
			t.Fatal(err)
		}
		current.Store(m)
	}
	stop.Store(true)
	wg.Wait()
	whole, err := topo.Customize(weights, 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := current.Load().Equal(whole); err != nil {
		t.Fatal(err)
	}
}
