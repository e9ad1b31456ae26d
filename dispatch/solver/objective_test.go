package solver

import (
	"math/rand/v2"
	"testing"
)

// crowded is a problem of more requests than its vehicles can serve, a third of them with a wheelchair: class 1. Who walks is easy,
// as a vehicle has three seats and one bay, and only with two seats folded.
func crowded(t *testing.T, seed uint64, weight int64) *Problem {
	rnd := rand.New(rand.NewPCG(seed, 91))
	b := randomBuilder(rnd, 24, 2, withRide)
	for v := range b.vehicles {
		b.vehicles[v].Layouts = [][]int32{{3, 0}, {1, 1}}
	}
	for r := range b.requests {
		s := &b.requests[r]
		s.UnservedCost = 100000
		if r%3 == 0 {
			s.Load, s.Fairness, s.PickupService, s.DeliveryService = []int32{0, 1}, 1, 20, 20
		}
	}
	b.SetFairness(Fairness{Weight: weight, Slack: 1})
	p, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Without a weight for fairness a plan serves whom it is easy to serve, and wheelchair users stay at home. With one that outweighs
// a request, no class is short by more than the slack.
func TestWheelchairUsersAreNotCrowdedOut(t *testing.T) {
	short := func(weight int64) (sum, most int64, left int) {
		for seed := range uint64(trials(12)) {
			p := crowded(t, seed, weight)
			s := Improve(p, NewSolution(p), Options{Iterations: 1500, Seed: seed})
			if bad := Verify(p, s); len(bad) > 0 {
				t.Fatal(bad)
			}
			by := p.Shortfall(s)[1]
			sum, most, left = sum+by, max(most, by), left+len(s.Unassigned(nil))
		}
		return sum, most, left
	}
	free, _, leftFree := short(0)
	fair, most, leftFair := short(300000)
	t.Logf("short by %d without a weight (%d left out), by %d with one (%d left out), at most %d", free, leftFree, fair, leftFair, most)
	if most > 1 {
		t.Errorf("a class is short by %d requests, with a slack of 1", most)
	}
	if free < fair+int64(trials(4)) {
		t.Errorf("the problems prove little: short by %d without a weight", free)
	}
}

func TestSoftTimeLimitsMoveThePlanAndCostWhatTheySay(t *testing.T) {
	b := NewBuilder(line(100), 1)
	b.AddVehicle(van())
	first, second := rideFrom(10, 60, 0, 500), rideFrom(20, 40, 0, 500)
	first.DueTime, first.LateCost = 60, 1
	second.PickupService = 5
	b.AddRequest(first)
	b.AddRequest(second)
	p, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	// On one round of 120 the stop for the second rider makes the first late by 5. To fetch her on the way back costs 40 more.
	s := Improve(p, NewSolution(p), Options{Iterations: 100, Seed: 1})
	if bad := Verify(p, s); len(bad) > 0 || s.Cost() != 125 {
		t.Errorf("cost %d, want 125: %v %v", s.Cost(), s.Route(0), bad)
	}
	b.requests[0].LateCost = 10
	if p, err = b.Build(); err != nil {
		t.Fatal(err)
	}
	// Now the lateness would cost 50.
	if s = Improve(p, NewSolution(p), Options{Iterations: 100, Seed: 1}); s.Cost() != 160 {
		t.Errorf("cost %d, want 160: %v", s.Cost(), s.Route(0))
	}
	b.requests[0].LateCost = 0
	b.requests[0].EasyRide, b.requests[0].LongRideCost = 52, 3
	if p, err = b.Build(); err != nil {
		t.Fatal(err)
	}
	// Aboard for 55 on the common round: three ticks beyond 52, at 3 each.
	if s = Improve(p, NewSolution(p), Options{Iterations: 100, Seed: 1}); s.Cost() != 129 {
		t.Errorf("cost %d, want 129: %v", s.Cost(), s.Route(0))
	}
}
