package solver

import (
	"math/rand/v2"
	"testing"
)

// dayProblem makes a problem with everything that a day of welfare transport brings at once: wheelchair users beside those who walk,
// two or three cabin layouts a vehicle, breaks, vehicles lent for part of the day that must be back at their owner's,
// pairs who may not ride together and promised pickups; and in part of the problems each of the rarer rules.
func dayProblem(rnd *rand.Rand, requests int) *Builder {
	one, other := feature(rnd.Uint32()), feature(rnd.Uint32()) // a quarter of the rarer rules
	f := withRide | withPairs | withPromise | one&other&
		(withDuration|withFixedLayout|withEquipment|withGroups|withShare|withFreeze|withAboard|withOrder|withLocks|withDwell|
			withWait|withPreferred|withTimed|withClasses|withUnreachable)
	vehicles := 2 + rnd.IntN(2)
	if requests > 6 {
		vehicles = 2 + requests/5
	}
	b := randomBuilder(rnd, requests, vehicles, f)
	for v := range b.vehicles {
		lendAndRest(rnd, v, &b.vehicles[v], f)
	}
	roomy := rnd.IntN(2) == 0
	for r := range b.requests {
		s := &b.requests[r]
		if roomy {
			s.PickupWindow.Latest = min(600, s.PickupWindow.Latest+100)
			s.DeliveryWindow.Latest = 600
			s.MaxRide *= 2
		}
		s.Load = [][]int32{{1, 0}, {1, 0}, {1, 0}, {0, 1}, {0, 1}, {1, 1}, {2, 0}, {0, 2}, {0, 0}}[rnd.IntN(9)]
		if s.Load[1] > 0 {
			s.Fairness = 1
		}
		if s.OnBoard {
			s.Load = []int32{1, 0}
		}
	}
	if rnd.IntN(3) == 0 {
		b.SetFairness(Fairness{Weight: int64(rnd.IntN(200000)), Slack: int64(rnd.IntN(2))})
	}
	return b
}

// lendAndRest gives a vehicle its layouts, share window and break.
func lendAndRest(rnd *rand.Rand, v int, s *VehicleSpec, f feature) {
	seats := int32(2 + rnd.IntN(4))
	s.Layouts = [][]int32{{seats, 0}, {seats - 1, 1}, {max(0, seats-3), 2}}[:2+rnd.IntN(2)]
	if f&withAboard != 0 && v == 0 {
		return
	}
	if rnd.IntN(3) == 0 { // lent for part of the day
		from := int32(rnd.IntN(200))
		s.Window = TimeWindow{from, from + 200 + int32(rnd.IntN(200))}
	}
	for range rnd.IntN(3) - rnd.IntN(2) {
		at := s.Window.Earliest + 50 + int32(rnd.IntN(150))
		if n := len(s.Breaks); n > 0 {
			at = s.Breaks[n-1].Window.Latest
		}
		s.Breaks = append(s.Breaks, BreakSpec{
			Place: s.Start, Window: TimeWindow{at, at + 40 + int32(rnd.IntN(120))}, Duration: 10 + int32(rnd.IntN(30)), Aboard: rnd.IntN(4) == 0,
		})
	}
}

// dayTotals is what the problems of a test came to.
type dayTotals struct {
	small, served, requests, optimal, walked, aside int
}

func TestAThousandDaysAreFeasibleAndSmallOnesOptimal(t *testing.T) {
	count := longTrials(1000, 120)
	var sum dayTotals
	for seed := range count {
		compareDay(t, uint64(seed), &sum)
	}
	t.Logf("%d problems, %d of %d requests served; %d of %d small ones optimal, %d sequences walked; %d set aside as begun work cannot be finished",
		count, sum.served, sum.requests, sum.optimal, sum.small, sum.walked, sum.aside)
	if sum.small < count/3 || sum.served < sum.requests/3 || sum.served > sum.requests*19/20 {
		t.Errorf("the problems prove little: %+v", sum)
	}
}

// compareDay solves one problem and compares it with Verify and, where it is small, with the optimum.
func compareDay(t *testing.T, seed uint64, sum *dayTotals) {
	rnd := rand.New(rand.NewPCG(seed, 1000))
	requests := min(6, 2+rnd.IntN(7))
	if seed%3 == 0 {
		requests = 7 + rnd.IntN(34)
	}
	p, err := dayProblem(rnd, requests).Build()
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	s, begun := Initial(p)
	if !begun {
		sum.aside++
		if requests <= 6 && newOracle(p).begun() {
			t.Errorf("seed %d: what has begun can be finished and Initial says it cannot", seed)
		}
		return
	}
	out := Improve(p, s, Options{Iterations: 1000, Seed: seed, Threads: 1})
	if bad := Verify(p, out); len(bad) > 0 {
		t.Errorf("seed %d: %v", seed, bad)
	}
	sum.requests += requests
	sum.served += requests - len(out.Unassigned(nil))
	if requests > 6 {
		return
	}
	sum.small++
	o := newOracle(p)
	want, ok := o.optimum()
	sum.walked += o.walked
	if got := p.Cost(out); got != want || !ok {
		t.Errorf("seed %d: %d requests: search %d, exhaustive %d", seed, requests, got, want)
		return
	}
	sum.optimal++
}
