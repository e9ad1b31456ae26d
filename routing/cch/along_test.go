package cch_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/swmaas/swmaas/routing/cch"
)

func TestSumsAlongAreThoseOfTheUnpackedWays(t *testing.T) {
	onEveryKind(t, 12, func(t *testing.T, n *network, rng *rand.Rand) {
		topo, metric := build(t, n, rng)
		q := cch.NewQuery(topo)
		metres := make([]uint32, len(n.weights))
		for a := range metres {
			metres[a] = rng.Uint32N(5000)
		}
		along, err := metric.Along(metres, 1+rng.IntN(3))
		if err != nil {
			t.Fatal(err)
		}
		var points cch.Points
		for range 1 + rng.IntN(25) {
			points.Add(cch.Seed{Node: rng.Uint32N(uint32(n.Nodes)), Offset: rng.Uint32N(50), Along: rng.Uint32N(70)})
		}
		var from, to cch.Labels
		workers := 1 + rng.IntN(3)
		if err := errors.Join(along.Build(&from, cch.Forward, &points, workers), along.Build(&to, cch.Backward, &points, workers)); err != nil {
			t.Fatal(err)
		}
		size := points.Len()
		ms, m := make([]uint32, size*size), make([]uint32, size*size)
		cch.JoinAlong(&from, &to, ms, m, workers)
		for i := range size {
			for j := range size {
				s, e := points.Seeds(i), points.Seeds(j)
				r, err := q.Path(metric, s, e, nil)
				if err != nil {
					t.Fatal(err)
				}
				want := uint32(0)
				if r.Distance < cch.Inf {
					want = s[0].Along + e[0].Along
					for _, a := range r.Arcs {
						want += metres[a]
					}
				}
				if ms[i*size+j] != r.Distance || m[i*size+j] != want {
					t.Fatalf("place %d to %d: %d ms, %d m; want %d, %d", i, j, ms[i*size+j], m[i*size+j], r.Distance, want)
				}
			}
		}
	})
}

func TestSumsAlongTakeTheSeedOfTheFastestWay(t *testing.T) {
	// 0 -> 1 -> 2 in 10 ms and 1 m each; a place at 0 or, 5 ms nearer but 100 m off, at 1; another at 2.
	g := cch.Graph{Nodes: 3, Tail: []uint32{0, 1}, Head: []uint32{1, 2}}
	topo, err := cch.NewTopology(g, []uint32{0, 1, 2})
	if err != nil {
		t.Fatal(err)
	}
	metric, err := topo.Customize([]uint32{10, 10}, 1)
	if err != nil {
		t.Fatal(err)
	}
	along, err := metric.Along([]uint32{1, 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	var starts, ends cch.Points
	starts.Add(cch.Seed{Node: 0}, cch.Seed{Node: 1, Offset: 5, Along: 100})
	starts.Add(cch.Seed{Node: 0}, cch.Seed{Node: 1, Offset: 15, Along: 100})
	ends.Add(cch.Seed{Node: 2, Offset: 1, Along: 7})
	var from, to cch.Labels
	if err := errors.Join(along.Build(&from, cch.Forward, &starts, 1), along.Build(&to, cch.Backward, &ends, 1)); err != nil {
		t.Fatal(err)
	}
	ms, m := make([]uint32, 2), make([]uint32, 2)
	cch.JoinAlong(&from, &to, ms, m, 1)
	if ms[0] != 16 || m[0] != 108 || ms[1] != 21 || m[1] != 9 {
		t.Fatalf("%v ms, %v m; want 5+10+1 = 16 and 100+1+7 = 108, 10+10+1 = 21 and 1+1+7 = 9", ms, m)
	}
	if _, err := metric.Along(nil, 1); !errors.Is(err, cch.ErrWeights) {
		t.Fatalf("values missing: %v", err)
	}
}
