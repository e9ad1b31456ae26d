package solver

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestAdaptiveWeightsFavourWhatScoresForLessWorkAndForgetNobody(t *testing.T) {
	ad := newAdaptive([]float64{0.5, 0.3, 0.2})
	for range 60 {
		ad.reward(0, 9, 200) // 9 a use, twice the work of the next
		ad.reward(1, 9, 100)
		ad.reward(2, 0, 100)
		ad.update()
	}
	// All together score 18 in 400: the rates are 1, 2 and 0 times that, and 0 is held at the least weight.
	for i, want := range []float64{1, 2, meritLeast} {
		if math.Abs(ad.merit[i]-want) > 0.01 {
			t.Errorf("operator %d has weight %.3f, want %.3f", i, ad.merit[i], want)
		}
	}
	// 0.5*1, 0.3*2 and 0.2*0.5 sum to 1.2.
	for i, want := range []float64{0.5 / 1.2, 0.6 / 1.2, 0.1 / 1.2} {
		if math.Abs(ad.share[i]-want) > 0.01 {
			t.Errorf("operator %d is drawn with %.3f, want %.3f", i, ad.share[i], want)
		}
	}
}

func TestAdaptiveDrawsByShare(t *testing.T) {
	ad := newAdaptive([]float64{0.899, 0.1, 0.001})
	count := make([]float64, 3)
	rnd := rand.New(rand.NewPCG(1, 1))
	const draws = 100000
	for range draws {
		count[ad.draw(rnd.Float64())]++
	}
	for i, n := range count {
		if math.Abs(n/draws-ad.share[i]) > 0.005 {
			t.Errorf("operator %d drawn %.4f of the time, share %.4f", i, n/draws, ad.share[i])
		}
	}
	if ad.share[2] < shareLeast/2 {
		t.Errorf("an operator is drawn with %.5f only", ad.share[2])
	}
}

func TestSharesOfOperatorsAreWhole(t *testing.T) {
	sum := 0.0
	for _, d := range destroyers() {
		sum += d.share
	}
	if math.Abs(sum-1) > 1e-9 {
		t.Errorf("destroyers have %.4f of the rounds", sum)
	}
	sum = 0
	for _, r := range repairers() {
		sum += r.share
	}
	if math.Abs(sum-1) > 1e-9 {
		t.Errorf("repairers have %.4f of the rounds", sum)
	}
}

// newTestWorker is a worker on a plan in which everybody is served who can be.
func newTestWorker(t *testing.T, seed uint64) *worker {
	t.Helper()
	rnd := rand.New(rand.NewPCG(seed, 71))
	p := randomProblem(t, rnd, 20+rnd.IntN(20), 3+rnd.IntN(4), feature(rnd.Uint32())&allFeatures&^(withUnreachable|withAboard|withOrder))
	s, _ := Initial(p)
	w := newWorker(p, s, &Options{Seed: seed}, newNeighbours(p), newGrids(p), 0)
	w.begin()
	w.ceiling = noDelta
	return w
}

func TestEveryDestroyerTakesRequestsThatMayMoveAndEveryRepairerKeepsThePlanFeasible(t *testing.T) {
	took := make([]int, len(destroyers()))
	for seed := range uint64(trials(30)) {
		w := newTestWorker(t, seed)
		for i, d := range destroyers() {
			for _, r := range repairers() {
				mark := w.st.mark()
				w.destroy(d)
				took[i] += len(w.taken)
				for _, q := range w.taken {
					if !w.movable(q) {
						t.Fatalf("seed %d: destroyer %d took request %d, which may not move", seed, i, q)
					}
				}
				r.run(w)
				w.keepShut = false
				if !w.st.feasible(mark) {
					w.st.undo(mark)
					continue
				}
				w.remember(mark)
				w.st.keep()
				if bad := Verify(w.p, w.plan()); len(bad) > 0 {
					t.Fatalf("seed %d: destroyer %d: %v", seed, i, bad)
				}
			}
		}
	}
	for i, n := range took {
		if n == 0 {
			t.Errorf("destroyer %d never took anybody", i)
		}
	}
}

// plan is the worker's current plan.
func (w *worker) plan() *Solution {
	var c planCopy
	c.save(w.st)
	s := NewSolution(w.p)
	for v, nodes := range c.routes {
		s.put(Vehicle(v), nodes)
	}
	return s
}

func TestRegretInsertsFirstWhatLosesMostByWaiting(t *testing.T) {
	f := offers{count: 2}
	f.best[0].sp.delta, f.best[1].sp.delta = 10, 25
	// One more vehicle costs 15 more; the third is not there and counts as the price of 100, which is 90 more.
	if got := f.regret(3, 100); got != 105 {
		t.Errorf("regret %d, want 105", got)
	}
	var none offers
	if got := none.regret(3, 100); got != 0 {
		t.Errorf("regret of a request without a place %d, want 0", got)
	}
}

func TestHistoryRemembersTheCheapestLegs(t *testing.T) {
	w := newTestWorker(t, 3)
	r := w.anyRequest()
	w.cheapLegs[r] = noDelta
	v := w.st.on[r]
	w.st.setVehicle(r, v)
	w.remember(0)
	if got, want := w.cheapLegs[r], w.legsOf(r); got != want {
		t.Errorf("remembered %d, the legs cost %d", got, want)
	}
}
