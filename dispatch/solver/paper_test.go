package solver

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// One test for each claim that the package takes from the literature.

// Savelsbergh (1992, section 3, doi 10.1287/ijoc.4.2.146) and Cordeau & Laporte (2003, section 4.2, steps 2 to 6): leaving the depot later
// by the forward slack, but by no more than the waiting on the way, gives the shortest route there is; one tick later than
// the slack a window is missed.
func TestSavelsberghForwardSlackGivesTheShortestRoute(t *testing.T) {
	var rt route
	seen := 0
	for seed := range trials(20000) {
		rnd := rand.New(rand.NewPCG(uint64(seed), 61))
		p := looseProblem(t, rnd, 4)
		for r := range p.ride {
			p.ride[r] = NoLimit // the claim is about windows
		}
		p.vehicleSpec[0].MaxDuration = 0
		nodes := randomSequence(rnd, p, 1+rnd.IntN(3))
		if !rt.compute(p, 0, nodes) {
			continue
		}
		seen++
		last := rt.n - 1
		leave := func(at int32) (end, waits, slack int32, ok bool) {
			slack, ok = math.MaxInt32, true
			for k := range rt.n {
				begin := at
				if k > 0 {
					arrive := end + rt.chain[k] - rt.chain[k-1]
					begin = max(arrive, p.open.at(rt.node[k]))
					waits += begin - arrive
				}
				ok = ok && begin <= p.shut.at(rt.node[k])
				slack = min(slack, waits+p.shut.at(rt.node[k])-begin)
				end = begin
			}
			return end, waits, slack, ok
		}
		first := p.open.at(rt.node[0])
		_, waits, slack, _ := leave(first)
		at := first + min(slack, waits)
		if end, _, _, ok := leave(at); !ok || end-at != rt.apart[last] {
			t.Fatalf("seed %d: leaving at %d it takes %d (%t), the shortest is %d", seed, at, end-at, ok, rt.apart[last])
		}
		if _, _, _, ok := leave(first + slack + 1); ok {
			t.Fatalf("seed %d: a slack of %d is too small", seed, slack)
		}
	}
	if seen < trials(1000) {
		t.Errorf("only %d routes", seen)
	}
}

// Cordeau & Laporte (2003, section 4.2, steps 7 and 8): delaying pickups by their forward slacks lowers ride times and never makes
// a feasible route infeasible: what the eight steps accept is feasible. That they refuse little that is, and the comparison
// over many more routes, is in TestClosureAgreesWithDifferenceConstraintsAndEightSteps.
func TestCordeauLaporteEightStepsSaveRideTimesThatTheEarliestStartsBreak(t *testing.T) {
	b := NewBuilder(line(100), 1)
	b.AddVehicle(van())
	r := rideFrom(10, 20, 0, 500)
	r.DeliveryWindow, r.MaxRide = TimeWindow{300, 400}, 15
	b.AddRequest(r)
	p, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	p.open[p.PickupOf(0)] = 0 // as given, without tightening
	with := []Node{p.StartOf(0), p.PickupOf(0), p.DeliveryOf(0), p.EndOf(0)}
	// Leaving at 0 the pickup is at 10 and the delivery waits until 300: aboard for 290. The eight steps delay the pickup to 285.
	if !eightStep(p, 0, with) {
		t.Error("the eight steps refuse a route that a later pickup makes feasible")
	}
}

// Cordeau (2006, section 5.1, doi 10.1287/opre.1060.0283): tightening the two windows of a request by each other, its direct time and its
// ride limit takes no feasible pair of times away.
func TestCordeauWindowTighteningLosesNoSchedule(t *testing.T) {
	pairs := 0
	for seed := range trials(3000) {
		rnd := rand.New(rand.NewPCG(uint64(seed), 62))
		p := randomProblem(t, rnd, 3, 2, withRide|withWait|withPromise|withDwell|withClasses)
		for r := range Request(3) {
			s := &p.requestSpec[r]
			pickup, delivery := effectiveWindows(s)
			v := Vehicle(rnd.IntN(2))
			ride, _ := p.Leg(v, p.PickupOf(r), p.DeliveryOf(r))
			for range 30 {
				a := pickup.Earliest + int32(rnd.IntN(int(pickup.Latest-pickup.Earliest)+1))
				d := delivery.Earliest + int32(rnd.IntN(int(max(0, delivery.Latest-delivery.Earliest))+1))
				aboard := d - a - p.ServiceTime(v, p.PickupOf(r))
				if aboard < ride || aboard > p.ride.at(r) || d > delivery.Latest {
					continue
				}
				pairs++
				if a < p.open.at(p.PickupOf(r)) || a > p.shut.at(p.PickupOf(r)) || d < p.open.at(p.DeliveryOf(r)) || d > p.shut.at(p.DeliveryOf(r)) {
					t.Fatalf("seed %d request %d: pickup %d and delivery %d are feasible and tightened away", seed, r, a, d)
				}
			}
		}
	}
	if pairs < trials(3000) {
		t.Errorf("only %d pairs of times", pairs)
	}
}

// Gschwind & Drexl (2019, section 3, doi 10.1287/trsc.2018.0837): after preprocessing a route, a constant-time test decides an insertion
// exactly, windows and ride times of all riders included. The comparison with whole routes is
// TestConstantTimeInsertionTestEqualsTheClosureOfTheLongerRoute; here all that the test may not need is
// spoiled: the answer stays, so its work does not grow with the route.
func TestGschwindDrexlTestsReadAConstantNumberOfEntries(t *testing.T) {
	for _, riders := range []int{2, 6, 12} {
		b := NewBuilder(line(100), 1)
		v := van()
		v.Layouts = [][]int32{{50, 50}}
		b.AddVehicle(v)
		for range riders + 1 {
			b.AddRequest(rideFrom(10, 60, 0, 900))
		}
		p, err := b.Build()
		if err != nil {
			t.Fatal(err)
		}
		var nodes []Node
		for r := range Request(riders) {
			nodes = append(nodes, p.PickupOf(r))
		}
		for r := range Request(riders) {
			nodes = append(nodes, p.DeliveryOf(r))
		}
		var rt route
		var pr probe
		if !rt.compute(p, 0, nodes) {
			t.Fatal("the route is infeasible")
		}
		pr.aim(p, Request(riders), Always(), Always())
		pr.enter(&rt)
		pr.gaps()
		pr.seats()
		// Everything the test reads of the rest of the route may be spoiled without changing its answer: it needs the four
		// columns at the gap of the pickup and the gap of the delivery.
		i, j := int32(1), rt.n-1
		jn := pr.join(i)
		want := pr.fitsApart(&jn, j)
		keep := map[int32]bool{i * rt.n: true, i*rt.n + j - 1: true, j*rt.n + i - 1: true, j*rt.n + j - 1: true}
		for at := range rt.apart {
			if !keep[int32(at)] {
				rt.apart[at] = -1 << 20
			}
		}
		for k := range rt.n {
			if k != i-1 && k != i && k != j-1 && k != j {
				rt.early[k], rt.late[k] = 1<<20, -1<<20
			}
		}
		if got := pr.fitsApart(&jn, j); got != want {
			t.Errorf("%d riders: the answer depends on more than the two gaps", riders)
		}
	}
}

// paperWorker is a worker on a problem of the given size with a full plan.
func paperWorker(t *testing.T, requests int, f feature) *worker {
	p := randomProblem(t, rand.New(rand.NewPCG(63, 63)), requests, 4, f)
	o := &Options{Iterations: 1000, Seed: 1}
	w := newWorker(p, NewSolution(p), o, newNeighbours(p), newGrids(p), 0)
	w.begin()
	return w
}

// taken runs a removal often and counts whom it took out of the same plan.
func (w *worker) takenBy(times int, remove func()) []int {
	count := make([]int, w.p.requests)
	for range times {
		w.stamp++
		w.taken = w.taken[:0]
		remove()
		for _, r := range w.taken {
			count[r]++
		}
	}
	return count
}

// Ropke & Pisinger (2006, section 3.1.2, doi 10.1287/trsc.1050.0135): random removal takes every request with the same chance.
func TestRopkePisingerRandomRemovalIsUniform(t *testing.T) {
	w := paperWorker(t, 30, withRide)
	count := w.takenBy(3000, func() { w.destroyRandom(3) })
	least, most := math.MaxInt, 0
	for r, n := range count {
		if w.st.on[r] != None {
			least, most = min(least, n), max(most, n)
		}
	}
	if least*3 < most*2 {
		t.Errorf("between %d and %d times: %v", least, most, count)
	}
}

// Ropke & Pisinger (2006, section 3.1.1) after Shaw (1998): related removal takes what is near to what it took before.
func TestRopkePisingerShawRemovalPrefersNearRequests(t *testing.T) {
	w := paperWorker(t, 60, withRide)
	near, far := 0, 0
	for range 3000 {
		w.takenBy(1, func() { w.destroyRelated(2) })
		if len(w.taken) < 2 {
			continue
		}
		list := w.near.of(w.taken[0])
		if at := slices.Index(list, w.taken[1]); at >= 0 && at < len(list)/4 {
			near++
		} else {
			far++
		}
	}
	if near < far {
		t.Errorf("%d near and %d far", near, far)
	}
}

// Ropke & Pisinger (2006, section 3.1.3): worst removal takes requests whose removal saves more than the average.
func TestRopkePisingerWorstRemovalSavesMoreThanChance(t *testing.T) {
	w := paperWorker(t, 40, withRide)
	saved := func(remove func()) float64 {
		sum, n := int64(0), 0
		for r, times := range w.takenBy(1500, remove) {
			if times > 0 {
				sum += int64(times) * w.saving(Request(r))
				n += times
			}
		}
		return float64(sum) / float64(max(1, n))
	}
	if worst, random := saved(func() { w.destroyWorst(4) }), saved(func() { w.destroyRandom(4) }); worst <= random {
		t.Errorf("worst removal saves %.0f a request, random removal %.0f", worst, random)
	}
}

// Ropke & Pisinger (2006, section 3.5) after Kirkpatrick et al. (1983): a plan that is worse by d is accepted with the chance
// exp(-d/T).
func TestKirkpatrickAcceptanceFallsExponentially(t *testing.T) {
	rnd := rand.New(rand.NewPCG(64, 64))
	an := annealing{scale: 1, now: 100}
	const draws = 200000
	for _, d := range []int64{10, 50, 100, 300} {
		accepted := 0
		for range draws {
			if an.allowance(rnd.Float64()) >= d {
				accepted++
			}
		}
		got, want := float64(accepted)/draws, math.Exp(-float64(d)/100)
		if math.Abs(got-want) > 0.01 {
			t.Errorf("worse by %d: accepted %.3f of the time, want %.3f", d, got, want)
		}
	}
}

// Christiaens & Vanden Berghe (2020, section 5.2, doi 10.1287/trsc.2019.0914): a string is a run of one route that contains the
// neighbour, or one with a gap kept in its middle; no route loses two strings in one round.
func TestChristiaensVandenBergheStringsAreRunsAroundTheSeed(t *testing.T) {
	w := paperWorker(t, 40, withRide)
	whole, split := 0, 0
	for range 2000 {
		seed := w.anyRequest()
		w.takenBy(1, func() { w.takeString(seed, 3) })
		var run []Request
		for _, n := range w.st.a.at(w.st.route[w.st.on[seed]]).node {
			if r := w.p.RequestOf(n); r != None && w.p.IsPickup(n) {
				run = append(run, r)
			}
		}
		first, last := len(run), -1
		for i, r := range run {
			if w.isTaken(r) {
				first, last = min(first, i), i
			}
		}
		if at := slices.Index(run, seed); at < first || at > last || len(w.taken) > 3 {
			t.Fatalf("%v of %v around %d", w.taken, run, seed)
		}
		if last-first+1 == len(w.taken) {
			whole++
		} else {
			split++
		}
	}
	if whole == 0 || split == 0 {
		t.Errorf("%d strings in one piece and %d split", whole, split)
	}
}

// Christiaens & Vanden Berghe (2020, section 5.3): greedy insertion with blinks overlooks a small share of the choices, so that equal
// plans are repaired in different ways; without blinks it does not.
func TestChristiaensVandenBergheBlinksVaryTheRepair(t *testing.T) {
	w := paperWorker(t, 40, withRide)
	seed := w.anyRequest()
	differ := func(blink int) int {
		seen := map[Vehicle]int{}
		mark := w.st.mark()
		for range 500 {
			w.takenBy(1, func() { w.take(seed) })
			w.todo = w.todo[:0]
			w.removeTaken()
			w.placeBest(seed, blink)
			seen[w.st.on[seed]]++
			w.st.undo(mark)
		}
		return len(seen)
	}
	if n := differ(0); n != 1 {
		t.Errorf("without blinks the request goes to %d vehicles", n)
	}
	if n := differ(3); n < 2 {
		t.Errorf("with blinks the request goes to %d vehicle", n)
	}
}

// Christiaens & Vanden Berghe (2020, section 5.4): while the fleet is reduced, whoever stays out longer gets dearer.
func TestChristiaensVandenBergheAbsenceRaisesThePrice(t *testing.T) {
	w := paperWorker(t, 20, withRide)
	var out Request = None
	for r := range Request(20) {
		if w.st.on[r] != None {
			out = r
		}
	}
	w.takenBy(1, func() { w.take(out) })
	w.todo = w.todo[:0]
	w.removeTaken()
	w.reducing, w.fleetSince = true, 0
	before, cost := w.st.penalty[out], w.st.cost
	w.reduceFleet(0.01)
	if raise := w.st.penalty[out] - before; raise <= 0 || w.st.cost-cost < raise {
		t.Errorf("the price went from %d to %d, the cost from %d to %d", before, w.st.penalty[out], cost, w.st.cost)
	}
}

// Gschwind & Drexl (2019, section 4.5): recombining the routes of a pool by set covering gives a plan that is no worse, and feasible.
func TestRecombinationNeverReturnsAnInfeasiblePlan(t *testing.T) {
	better := 0
	for seed := range trials(40) {
		rnd := rand.New(rand.NewPCG(uint64(seed), 65))
		p := randomProblem(t, rnd, 8+rnd.IntN(12), 4, withRide|withShare|withPairs|withLayouts|feature(rnd.Uint32())&(withBreaks|withLocks|withEquipment))
		w := newWorker(p, NewSolution(p), &Options{Iterations: 1 << 20, Seed: uint64(seed)}, newNeighbours(p), newGrids(p), 0)
		w.begin()
		first := planCopy{search: w.best.search}
		for _, route := range w.best.routes {
			first.routes = append(first.routes, slices.Clone(route))
		}
		before := w.bestCost
		for range 200 {
			w.steer(0)
			w.round()
			w.record()
		}
		w.best, w.bestCost = first, before
		w.best.load(w.st)
		w.st.keep()
		if w.recombine() && w.bestCost < before {
			better++
		}
		s := w.result(NewSolution(p))
		if bad := Verify(p, s); len(bad) > 0 {
			t.Fatalf("seed %d: %v", seed, bad)
		}
		if p.Cost(s) > before {
			t.Fatalf("seed %d: %d after %d", seed, p.Cost(s), before)
		}
	}
	if better < trials(10) {
		t.Errorf("only %d plans were bettered", better)
	}
}
