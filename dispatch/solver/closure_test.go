package solver

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// randomSequence is a random order of visits of some requests in which every pickup precedes its delivery.
func randomSequence(rnd *rand.Rand, p *Problem, count int) []Node {
	var out []Node
	for r := range Request(min(count, p.Requests())) {
		i := rnd.IntN(len(out) + 1)
		out = slices.Insert(out, i, p.PickupOf(r))
		j := i + 1 + rnd.IntN(min(4, len(out)-i))
		out = slices.Insert(out, j, p.DeliveryOf(r))
	}
	return out
}

// feasibleTimes is the oracle: difference constraints by Bellman-Ford, from the specs.
func feasibleTimes(p *Problem, v Vehicle, nodes []Node) bool {
	s := NewSolution(p)
	s.put(v, nodes)
	c := &replay{p: p, s: s, v: v}
	c.nodes = append(append(append(c.nodes, p.StartOf(v)), nodes...), p.EndOf(v))
	return c.times(constraints(), KindNone)
}

func TestClosureAgreesWithDifferenceConstraintsAndEightSteps(t *testing.T) {
	var both, neither, eightRefuses int
	var rt route
	for seed := range longTrials(200000, 6000) {
		rnd := rand.New(rand.NewPCG(uint64(seed), 3))
		p := looseProblem(t, rnd, 5)
		nodes := randomSequence(rnd, p, 2+rnd.IntN(4))
		want := feasibleTimes(p, 0, nodes)
		got := rt.compute(p, 0, nodes)
		if got != want {
			t.Fatalf("seed %d: closure says %t, difference constraints say %t", seed, got, want)
		}
		with := append(append([]Node{p.StartOf(0)}, nodes...), p.EndOf(0))
		eight := eightStep(p, 0, with)
		switch {
		case eight && !want:
			t.Fatalf("seed %d: the eight steps accept what the difference constraints refuse", seed)
		case want && !eight:
			eightRefuses++
		case want:
			both++
		default:
			neither++
		}
	}
	if both < 500 || neither < 500 || eightRefuses > both/50 {
		t.Errorf("one-sided: %d feasible, %d infeasible, %d feasible but refused by the eight steps", both, neither, eightRefuses)
	}
}

// looseProblem has one roomy vehicle and windows that leave about half of the random sequences feasible.
func looseProblem(t *testing.T, rnd *rand.Rand, requests int) *Problem {
	b := randomBuilder(rnd, requests, 1, withRide|withDuration)
	b.vehicles[0].Layouts = [][]int32{{50, 50}}
	b.vehicles[0].Window = TimeWindow{0, 3000}
	if b.vehicles[0].MaxDuration > 0 {
		b.vehicles[0].MaxDuration = 800 + int32(rnd.IntN(1200))
	}
	for r := range b.requests {
		s := &b.requests[r]
		s.PickupWindow.Latest += int32(rnd.IntN(900))
		s.DeliveryWindow.Latest = s.PickupWindow.Latest + 200 + int32(rnd.IntN(900))
		s.MaxRide += int32(rnd.IntN(300))
	}
	p, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestConstantTimeInsertionTestEqualsTheClosureOfTheLongerRoute(t *testing.T) {
	var rt, longer route
	var pr probe
	decided := [2]int{}
	for seed := range longTrials(60000, 1500) {
		rnd := rand.New(rand.NewPCG(uint64(seed), 9))
		p := looseProblem(t, rnd, 6)
		nodes := randomSequence(rnd, p, 1+rnd.IntN(4))
		if !rt.compute(p, 0, nodes) {
			continue
		}
		r := Request(p.Requests() - 1)
		pr.aim(p, r, Always(), Always())
		pr.enter(&rt)
		pr.gaps()
		for i := int32(1); i < rt.n; i++ {
			jn := pr.join(i)
			for j := i; j < rt.n; j++ {
				want := longer.compute(p, 0, pr.splice(&rt, i, j, nil)) && feasibleTimes(p, 0, pr.splice(&rt, i, j, nil))
				got := pr.direct+pr.svcP <= pr.within
				if i == j {
					got = got && pr.fitsTogether(i)
				} else {
					got = got && pr.dP[i] != noDelta && pr.dD[j] != noDelta && pr.openD-pr.within-jn.late <= 0 && pr.fitsApart(&jn, j)
				}
				if got != want {
					t.Fatalf("seed %d gaps %d and %d: constant-time test says %t, Bellman-Ford says %t", seed, i, j, got, want)
				}
				if got {
					decided[1]++
				} else {
					decided[0]++
				}
			}
		}
	}
	t.Logf("%d feasible and %d infeasible pairs", decided[1], decided[0])
	if decided[0] < 1000 || decided[1] < 1000 {
		t.Errorf("one-sided: %v", decided)
	}
}

func TestBoundNeverExceedsTheBestInsertion(t *testing.T) {
	var rt route
	var pr probe
	for seed := range trials(800) {
		rnd := rand.New(rand.NewPCG(uint64(seed), 11))
		p := looseProblem(t, rnd, 6)
		if !rt.compute(p, 0, randomSequence(rnd, p, 1+rnd.IntN(5))) {
			continue
		}
		pr.aim(p, Request(p.Requests()-1), Always(), Always())
		low := pr.bound(&rt)
		if best := pr.best(&rt, noDelta); best.delta < low {
			t.Fatalf("seed %d: bound %d, best %d", seed, low, best.delta)
		}
	}
}
