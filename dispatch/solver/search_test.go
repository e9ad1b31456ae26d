package solver

import (
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

func TestSearchNeverReturnsAnInfeasiblePlan(t *testing.T) {
	served := 0
	for seed := range trials(60) {
		rnd := rand.New(rand.NewPCG(uint64(seed), 21))
		f := feature(rnd.Uint32()) & allFeatures
		p := randomProblem(t, rnd, 4+rnd.IntN(20), 2+rnd.IntN(4), f)
		s, ok := Initial(p)
		if !ok {
			continue
		}
		out := Improve(p, s, Options{Iterations: 150, Seed: uint64(seed), Threads: 1 + seed%2})
		if bad := Verify(p, out); len(bad) > 0 {
			t.Fatalf("seed %d features %b: %v", seed, f, bad)
		}
		if p.Cost(out) > p.Cost(s) {
			t.Fatalf("seed %d: cost rose from %d to %d", seed, p.Cost(s), p.Cost(out))
		}
		served += p.Requests() - len(out.Unassigned(nil))
	}
	if served < trials(60)*4 {
		t.Errorf("only %d requests served: the problems prove little", served)
	}
}

// optimum is the least objective of all plans, by trying every subset of requests on every vehicle and every sequence, each checked
// by Verify.
func optimum(p *Problem) int64 {
	n, full := p.Requests(), 1<<p.Requests()
	best := make([]int64, full) // [set] least cost of serving exactly set with the vehicles so far
	for set := range best {
		best[set] = noDelta
	}
	best[0] = 0
	for v := range Vehicle(p.Vehicles()) {
		alone := make([]int64, full)
		for set := range alone {
			alone[set] = bestRoute(p, v, set, n)
		}
		next := slices.Clone(best)
		for set := range best {
			for sub := set; sub > 0; sub = (sub - 1) & set {
				if alone[sub] < noDelta && best[set^sub] < noDelta {
					next[set] = min(next[set], best[set^sub]+alone[sub])
				}
			}
		}
		best = next
	}
	least := int64(noDelta)
	for set, c := range best {
		for r := range n {
			if set>>r&1 == 0 {
				c += p.unserved.at(Request(r))
			}
		}
		least = min(least, c)
	}
	return least
}

// bestRoute is the least cost of v serving exactly the set.
func bestRoute(p *Problem, v Vehicle, set, n int) int64 {
	s := NewSolution(p)
	least := int64(noDelta)
	var ar arranger
	var extend func(nodes []Node, left, aboard int)
	extend = func(nodes []Node, left, aboard int) {
		if left == 0 && aboard == 0 {
			for ar.reset(p, v, nodes); ar.next(); {
				s.routes[v] = ar.nodes
				cost := p.RouteCost(v, ar.nodes)
				for r := range n {
					if set>>r&1 == 1 {
						cost += p.preferenceCost(v, Request(r))
					}
				}
				if cost < least && len(verifyRoute(p, s, v)) == 0 {
					least = cost
				}
			}
			return
		}
		if len(nodes) > 0 && p.RouteCost(v, nodes) > least*2 && least < noDelta {
			return
		}
		for r := range n {
			if left>>r&1 == 1 {
				extend(append(nodes[:len(nodes):len(nodes)], p.PickupOf(Request(r))), left&^(1<<r), aboard|1<<r)
			}
			if aboard>>r&1 == 1 {
				extend(append(nodes[:len(nodes):len(nodes)], p.DeliveryOf(Request(r))), left, aboard&^(1<<r))
			}
		}
	}
	for r := range n {
		if set>>r&1 == 1 && !p.compatible(v, Request(r)) {
			return noDelta
		}
	}
	extend(nil, set, 0)
	return least
}

func TestSearchFindsTheOptimumOfSmallProblems(t *testing.T) {
	const some = withRide | withDuration | withLayouts | withFixedLayout | withBreaks | withEquipment | withGroups | withPairs |
		withPromise | withDwell | withWait | withPreferred | withLocks | withFreeze
	for seed := range trials(12) {
		rnd := rand.New(rand.NewPCG(uint64(seed), 33))
		p := randomProblem(t, rnd, 3+rnd.IntN(2), 2, feature(rnd.Uint32())&some)
		want := optimum(p)
		got := p.Cost(Improve(p, NewSolution(p), Options{Iterations: 600, Seed: 1, Threads: 1}))
		if got != want {
			t.Errorf("seed %d: search %d, exhaustive %d", seed, got, want)
		}
	}
}

func TestSearchRepeatsForSeedIterationsAndThreads(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 5))
	p := randomProblem(t, rnd, 25, 4, withRide|withLayouts|withBreaks)
	for _, threads := range []int{1, 2, 3} {
		o := Options{Iterations: 2500, Seed: 9, Threads: threads}
		a, b := Improve(p, NewSolution(p), o), Improve(p, NewSolution(p), o)
		for v := range Vehicle(p.vehicles) {
			if !slices.Equal(a.Route(v), b.Route(v)) {
				t.Errorf("%d threads: vehicle %d runs %v and then %v", threads, v, a.Route(v), b.Route(v))
			}
		}
	}
}

func TestSearchStopsWithinMilliseconds(t *testing.T) {
	p := randomProblem(t, rand.New(rand.NewPCG(6, 6)), 60, 6, withRide)
	var stop atomic.Bool
	done := make(chan struct{})
	go func() {
		defer close(done)
		Improve(p, NewSolution(p), Options{Stop: stop.Load, Threads: 2})
	}()
	time.Sleep(150 * time.Millisecond)
	asked := time.Now()
	stop.Store(true)
	<-done
	if took := time.Since(asked); took > 100*time.Millisecond {
		t.Errorf("stopped after %v", took)
	}
}

func TestSearchLeavesOtherVehiclesAlone(t *testing.T) {
	p := randomProblem(t, rand.New(rand.NewPCG(7, 7)), 30, 4, withRide)
	s := Construct(p, NewSolution(p), nil)
	out := Improve(p, s, Options{Iterations: 500, Seed: 1, Vehicles: []Vehicle{0, 2}})
	for _, v := range []Vehicle{1, 3} {
		if !slices.Equal(s.Route(v), out.Route(v)) {
			t.Errorf("vehicle %d changed", v)
		}
	}
	if bad := Verify(p, out); len(bad) > 0 {
		t.Error(bad)
	}
}

func TestLargeProblemsAreCutAndStayFeasible(t *testing.T) {
	rnd := rand.New(rand.NewPCG(8, 8))
	p := randomProblem(t, rnd, decomposeFrom+60, 120, withRide|withLayouts|withBreaks|withShare|withPairs|withLocks|withPreferred)
	base := Construct(p, NewSolution(p), nil)
	o := Options{Iterations: 1, Seed: 2, Threads: 2}
	if testing.Short() {
		t.Skip("a round of parts takes seconds")
	}
	for _, weight := range []int64{0, 1 << 40} {
		for r := range p.requestSpec {
			p.requestSpec[r].Fairness = int32(r % 3)
		}
		p.fairness.Weight = weight
		out := Improve(p, base, o)
		if bad := Verify(p, out); len(bad) > 0 {
			t.Fatal(bad)
		}
		if p.Cost(out) > p.Cost(base) {
			t.Errorf("fairness at %d: cost %d, plain best insertion %d", weight, p.Cost(out), p.Cost(base))
		}
	}
}

func TestInsertionAllocatesNothing(t *testing.T) {
	p := randomProblem(t, rand.New(rand.NewPCG(10, 10)), 40, 5, withRide|withDuration|withLayouts|withBreaks|withGroups|withPairs|withFreeze)
	s := Construct(p, NewSolution(p), nil)
	r := Request(0)
	if left := s.Unassigned(nil); len(left) > 0 {
		r = left[0]
	}
	s.Remove(r)
	in := NewInserter(p)
	found := make([]Insertion, 0, 16)
	no, changes := make([]Explanation, 0, 16), make([]Relaxation, 0, 64)
	ask := func() {
		found = in.Best(s, Query{Request: r, Alternatives: 4, PerVehicle: 2}, found[:0])
		no, changes = in.Explain(s, Query{Request: r}, no[:0], changes[:0])
	}
	ask()
	if n := testing.AllocsPerRun(20, ask); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
