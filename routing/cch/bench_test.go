package cch_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/swmaas/swmaas/routing/cch"
)

// The benchmarks run on a made road network of the size and the degrees of a small US state: a jittered grid of 270 by 270 of which
// 62 % of the roads are kept, every eighth line a faster road, one road in ten one-way. Its hierarchy is larger than that of a
// real network of the size, which has rivers, fields and edges to cut along, so figures here are above those on real extracts.
const benchSide = 270

// roads makes the network of the benchmarks.
func roads() *network {
	rng := rand.New(rand.NewPCG(11, 22))
	n := &network{Graph: cch.Graph{Nodes: benchSide * benchSide}}
	join := func(u, v, line int) {
		speed := uint32(1)
		if line%8 == 0 {
			speed = 3
		}
		if speed == 1 && rng.Float64() > 0.62 {
			return
		}
		n.addBoth(rng, u, v, (9000+rng.Uint32N(6000))/speed, 0.9)
	}
	for v := range n.Nodes {
		row, column := v/benchSide, v%benchSide
		n.x = append(n.x, float32(column)+rng.Float32()*0.6)
		n.y = append(n.y, float32(row)+rng.Float32()*0.6)
		if column > 0 {
			join(v-1, v, row)
		}
		if row > 0 {
			join(v-benchSide, v, column)
		}
	}
	return n.index()
}

// hierarchy is roads with everything built, plus seeds drawn from it.
func hierarchy(b *testing.B) (*network, *cch.Topology, *cch.Metric, [][]cch.Seed) {
	b.Helper()
	n := roads()
	topo, metric := customized(b, n, ordered(b, n), 0)
	rng := rand.New(rand.NewPCG(1, 1))
	places := make([][]cch.Seed, 1024)
	for i := range places {
		a := rng.IntN(len(n.weights)) // somewhere on an arc that may be two-way: both ends
		places[i] = []cch.Seed{{Node: n.Head[a], Offset: 400}, {Node: n.Tail[a], Offset: 700}}
	}
	return n, topo, metric, places
}

func BenchmarkOrder(b *testing.B) {
	n := roads()
	for b.Loop() {
		if _, err := cch.Order(n.Graph, n.x, n.y, cch.OrderConfig{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNewTopology(b *testing.B) {
	n, topo, _, _ := hierarchy(b)
	order := topo.Order()
	for b.Loop() {
		if _, err := cch.NewTopology(n.Graph, order); err != nil {
			b.Fatal(err)
		}
	}
	nodes, arcs := topo.SearchSpace()
	b.ReportMetric(float64(topo.Triangles()), "triangles")
	b.ReportMetric(nodes, "search-nodes")
	b.ReportMetric(arcs, "search-arcs")
}

func BenchmarkCustomize(b *testing.B) {
	n, topo, metric, _ := hierarchy(b)
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := topo.Customize(n.weights, workers); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("perfect/workers=%d", workers), func(b *testing.B) {
			for b.Loop() {
				metric.Perfect(workers)
			}
		})
	}
}

func BenchmarkUpdate(b *testing.B) {
	n, _, metric, _ := hierarchy(b)
	rng := rand.New(rand.NewPCG(1, 1))
	for _, arcs := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("arcs=%d", arcs), func(b *testing.B) {
			b.ReportAllocs()
			changes := make([]cch.Change, arcs)
			for b.Loop() {
				for i := range changes {
					changes[i] = cch.Change{Arc: rng.Uint32N(uint32(len(n.weights))), Weight: cch.Inf}
				}
				if _, err := metric.Update(changes); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkOneToOne(b *testing.B) {
	_, topo, metric, places := hierarchy(b)
	q := cch.NewQuery(topo)
	perfect := metric.Perfect(0)
	i := 0
	pair := func() (from, to []cch.Seed) {
		i++
		return places[i%1024], places[(i*7+5)%1024]
	}
	for name, m := range map[string]*cch.Metric{"plain": metric, "perfect": perfect} {
		b.Run("distance/metric="+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				from, to := pair()
				if _, err := q.Distance(m, from, to); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("path", func(b *testing.B) {
		b.ReportAllocs()
		var arcs []uint32
		for b.Loop() {
			from, to := pair()
			r, err := q.Path(metric, from, to, arcs[:0])
			if err != nil {
				b.Fatal(err)
			}
			arcs = r.Arcs
		}
	})
}

func BenchmarkMatrix(b *testing.B) {
	_, _, metric, places := hierarchy(b)
	for _, size := range []int{100, 500} {
		var starts, ends cch.Points
		for i := range size {
			starts.Add(places[i]...)
			ends.Add(places[512+i%512]...)
		}
		out := make([]uint32, size*size)
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("places=%d/workers=%d", size, workers), func(b *testing.B) {
				b.ReportAllocs()
				var from, to cch.Labels
				for b.Loop() {
					if from.Build(metric, cch.Forward, &starts, workers) != nil || to.Build(metric, cch.Backward, &ends, workers) != nil {
						b.Fatal("labels")
					}
					cch.Join(&from, &to, out, workers)
				}
			})
		}
	}
}

func BenchmarkNearest(b *testing.B) {
	_, topo, metric, places := hierarchy(b)
	q := cch.NewQuery(topo)
	var points cch.Points
	for _, p := range places {
		points.Add(p...)
	}
	var ends cch.Labels
	if err := ends.Build(metric, cch.Backward, &points, 0); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	var near []cch.Near
	i := 0
	for b.Loop() {
		near, _ = q.Nearest(places[i%1024], &ends, 10, near[:0])
		i++
	}
}

func BenchmarkReach(b *testing.B) {
	_, topo, metric, places := hierarchy(b)
	q := cch.NewQuery(topo)
	for _, minutes := range []uint32{5, 20, 10000} {
		b.Run(fmt.Sprintf("minutes=%d", minutes), func(b *testing.B) {
			b.ReportAllocs()
			var reached []cch.Reached
			i := 0
			for b.Loop() {
				reached, _ = q.Reach(metric, places[i%1024], cch.Forward, minutes*60000, reached[:0])
				i++
			}
			b.ReportMetric(float64(len(reached)), "nodes")
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	n, topo, _, _ := hierarchy(b)
	data, _ := topo.AppendBinary(nil)
	for b.Loop() {
		if _, err := cch.DecodeTopology(n.Graph, data); err != nil {
			b.Fatal(err)
		}
	}
}
