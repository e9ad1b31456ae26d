package solver

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// benchRoute is a feasible route of the given number of requests, and a request to insert.
func benchRoute(b *testing.B, requests int) (*Problem, *route, Request) {
	rnd := rand.New(rand.NewPCG(1, 1))
	for {
		build := randomBuilder(rnd, requests+1, 1, withRide)
		build.vehicles[0].Layouts, build.vehicles[0].Window = [][]int32{{99, 99}}, TimeWindow{0, 1 << 20}
		for r := range build.requests {
			s := &build.requests[r]
			s.PickupWindow, s.DeliveryWindow, s.MaxRide = TimeWindow{0, 1 << 18}, TimeWindow{0, 1 << 19}, 1<<12
			s.MaxRatio, s.MaxDetour = 0, 0
		}
		p, err := build.Build()
		if err != nil {
			b.Fatal(err)
		}
		rt := new(route)
		if rt.compute(p, 0, randomSequence(rnd, p, requests)) {
			return p, rt, Request(requests)
		}
	}
}

// BenchmarkExactPairs decides every pair of positions by the full exact test, with nothing pruned.
func BenchmarkExactPairs(b *testing.B) {
	for _, n := range []int{11, 20} {
		b.Run(fmt.Sprintf("requests=%d", n), func(b *testing.B) {
			p, rt, r := benchRoute(b, n)
			var pr probe
			pr.aim(p, r, Always(), Always())
			pairs, fit := 0, 0
			b.ReportAllocs()
			for b.Loop() {
				pr.enter(rt)
				pr.gaps()
				for i := int32(1); i < rt.n; i++ {
					jn := pr.join(i)
					if pr.fitsTogether(i) {
						fit++
					}
					for j := i + 1; j < rt.n; j++ {
						if pr.fitsApart(&jn, j) {
							fit++
						}
					}
					pairs += int(rt.n - i)
				}
			}
			b.ReportMetric(float64(pairs)/b.Elapsed().Seconds(), "pairs/s")
			b.ReportMetric(float64(fit)/float64(pairs), "feasible")
		})
	}
}

// BenchmarkClosure prepares a route for insertion.
func BenchmarkClosure(b *testing.B) {
	for _, n := range []int{11, 20} {
		b.Run(fmt.Sprintf("requests=%d", n), func(b *testing.B) {
			p, rt, _ := benchRoute(b, n)
			nodes := clone(rt.node[1 : rt.n-1])
			b.ReportAllocs()
			for b.Loop() {
				rt.compute(p, 0, nodes)
			}
		})
	}
}

// BenchmarkBestInsertion answers a query over 40 vehicles, as a quote does. Pairs that costs, windows, orders or loads rule out are counted
// apart from those that the full exact test decides.
func BenchmarkBestInsertion(b *testing.B) {
	p, err := randomBuilder(rand.New(rand.NewPCG(2, 2)), 240, 40, withRide|withLayouts|withBreaks).Build()
	if err != nil {
		b.Fatal(err)
	}
	s := Construct(p, NewSolution(p), nil)
	s.Remove(7)
	in := NewInserter(p)
	out := make([]Insertion, 0, 8)
	b.ReportAllocs()
	for b.Loop() {
		out = in.Best(s, Query{Request: 7, Alternatives: 3}, out[:0])
	}
	seconds := b.Elapsed().Seconds()
	b.ReportMetric(float64(in.pr.tested)/seconds, "exact-pairs/s")
	b.ReportMetric(float64(in.pr.pairs-in.pr.tested)/seconds, "pruned-pairs/s")
}
