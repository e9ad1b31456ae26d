package solver

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// crossedPlan has two vehicles that each serve an early pair of requests on one side of the depot and a late pair on the other.
func crossedPlan(t *testing.T) (*Problem, *Solution) {
	m := NewMatrix(3)
	m.Grow(3)
	for i, x := range []int32{0, 100, -100} {
		for j, y := range []int32{0, 100, -100} {
			m.Set(Place(i), Place(j), max(x-y, y-x), max(x-y, y-x))
		}
	}
	b := NewBuilder(m, 1)
	for range 2 {
		b.AddVehicle(VehicleSpec{Window: TimeWindow{0, 10000}, Layouts: [][]int32{{4}}})
	}
	for i := range 8 {
		at := TimeWindow{1000 * int32(1+i/4), 1000*int32(1+i/4) + 500}
		side := Place(1 + i/2%2)
		b.AddRequest(RequestSpec{Pickup: side, Delivery: side, PickupWindow: at, DeliveryWindow: at, Load: []int32{1}})
	}
	p, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	s := NewSolution(p)
	for v, requests := range [][]Request{{0, 1, 6, 7}, {2, 3, 4, 5}} {
		var nodes []Node
		for _, r := range requests {
			nodes = append(nodes, p.PickupOf(r), p.DeliveryOf(r))
		}
		s.put(Vehicle(v), nodes)
	}
	return p, s
}

func TestTailsAreSwappedWhereRoutesCross(t *testing.T) {
	p, s := crossedPlan(t)
	w := newWorker(p, s, &Options{Seed: 1}, newNeighbours(p), newGrids(p), 0)
	before := w.st.cost
	if !w.swapTails(0) {
		t.Fatal("no swap found")
	}
	if w.st.cost != before-400 {
		t.Errorf("cost %d from %d, not 400 less", w.st.cost, before)
	}
	if got := []Vehicle{w.st.on[4], w.st.on[5], w.st.on[6], w.st.on[7]}; !slices.Equal(got, []Vehicle{0, 0, 1, 1}) {
		t.Errorf("late requests ride in %v", got)
	}
	if w.swapTails(0) {
		t.Error("there is nothing left to swap")
	}
}

// oneSoftProblem draws a problem in which, every other time, one request has a soft limit of its ride: its route is not cut, and others are.
func oneSoftProblem(t *testing.T, rnd *rand.Rand, requests, vehicles int, f feature) *Problem {
	t.Helper()
	b := randomBuilder(rnd, requests, vehicles, f)
	if rnd.IntN(2) == 0 {
		b.requests[0].EasyRide, b.requests[0].LongRideCost = 10, 2
	}
	p, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTailSwapsCostWhatTheySayAndStayFeasible(t *testing.T) {
	swaps := 0
	for seed := range trials(400) {
		rnd := rand.New(rand.NewPCG(uint64(seed), 61))
		p := oneSoftProblem(t, rnd, 12, 3, withRide|withLayouts|withFixedLayout|withClasses|withPreferred|withDuration|withGroups|withOrder)
		s, ok := Initial(p)
		if !ok {
			continue
		}
		s = Construct(p, s, nil)
		o := &Options{Seed: uint64(seed)}
		o.audit = func(st *state, before, delta int64) {
			swaps++
			full, _ := recost(st)
			if st.cost-before != delta || full != st.cost {
				t.Fatalf("seed %d: a swap of %d changed the cost by %d to %d, from scratch %d", seed, delta, st.cost-before, st.cost, full)
			}
		}
		w := newWorker(p, s, o, newNeighbours(p), newGrids(p), 0)
		for v := range Vehicle(3) {
			w.swapTails(v)
			if r := w.anyRequest(); r != None && w.mayCut(v) {
				w.swapSomeTails(v, w.near.of(r))
			}
		}
		out := NewSolution(p)
		for v, h := range w.st.route {
			nodes := w.a.at(h).node
			out.put(Vehicle(v), clone(nodes[1:len(nodes)-1]))
		}
		if bad := Verify(p, out); len(bad) > 0 {
			t.Fatalf("seed %d: %v", seed, bad)
		}
	}
	if swaps < trials(400)/8 {
		t.Errorf("only %d swaps: they prove little", swaps)
	}
}

func TestAWholeRouteMovesToAnEmptyVehicleOfANearerDepot(t *testing.T) {
	m := NewMatrix(3)
	m.Grow(3)
	for i, x := range []int32{0, 1000, 1010} {
		for j, y := range []int32{0, 1000, 1010} {
			m.Set(Place(i), Place(j), max(x-y, y-x), max(x-y, y-x))
		}
	}
	b := NewBuilder(m, 1)
	for depot, fixed := range []int64{500, 700} { // the first is far from the rides
		b.AddVehicle(VehicleSpec{Start: Place(depot), End: Place(depot), Window: TimeWindow{0, 10000}, Layouts: [][]int32{{4}}, FixedCost: fixed})
	}
	for range 2 {
		b.AddRequest(RequestSpec{Pickup: 1, Delivery: 2, PickupWindow: TimeWindow{0, 10000}, DeliveryWindow: TimeWindow{0, 10000}, Load: []int32{1}})
	}
	p, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	s := NewSolution(p)
	s.put(0, []Node{p.PickupOf(0), p.PickupOf(1), p.DeliveryOf(0), p.DeliveryOf(1)})
	o := &Options{Seed: 1, audit: func(st *state, before, delta int64) {
		if full, _ := recost(st); st.cost-before != delta || full != st.cost {
			t.Errorf("a move of %d changed the cost by %d to %d, from scratch %d", delta, st.cost-before, st.cost, full)
		}
	}}
	w := newWorker(p, s, o, newNeighbours(p), newGrids(p), 0)
	before := w.st.cost
	if !w.swapTails(0) || w.st.route[0] != w.st.empty[0] || w.st.on[0] != 1 || w.st.on[1] != 1 {
		t.Fatalf("the route is still where it was: %v", w.st.on)
	}
	if w.st.cost != before+200-2000 {
		t.Errorf("cost %d from %d, not 1,800 less", w.st.cost, before)
	}
}
