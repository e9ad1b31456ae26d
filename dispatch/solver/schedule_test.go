package solver

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// pricedRoute is a scheduled route as the certificate below sees it.
type pricedRoute struct {
	p     *Problem
	v     Vehicle
	nodes []Node // depots included
	check *replay
}

// price is what the soft time limits cost and the sum of ride times of a schedule.
func (pr *pricedRoute) price(begin []int64) (timed, rides int64) {
	for k, n := range pr.nodes {
		r := pr.p.RequestOf(n)
		if r == None {
			continue
		}
		s := pr.p.requestSpec[r]
		if pr.p.IsPickup(n) {
			rides -= begin[k] + pr.check.service(k)
			if s.PreferredTimeCost > 0 && !s.OnBoard {
				off := begin[k] - int64(s.PreferredTime)
				timed += max(off, -off) * int64(s.PreferredTimeCost)
			}
			continue
		}
		rides += begin[k]
		timed += max(0, begin[k]-int64(s.DueTime)) * int64(s.LateCost)
		boarded := int64(s.Boarded)
		if i := slices.Index(pr.nodes, pr.p.PickupOf(r)); i >= 0 {
			boarded = begin[i] + pr.check.service(i)
		}
		timed += max(0, begin[k]-boarded-int64(s.EasyRide)) * int64(s.LongRideCost)
	}
	return timed, rides
}

// keeps reports whether the starts keep every difference constraint of the specs.
func (pr *pricedRoute) keeps(begin []int64) bool {
	at := func(k int) int64 {
		if k < 0 {
			return 0
		}
		return begin[k]
	}
	for _, e := range pr.check.edges {
		if at(e.to) < at(e.from)+e.least {
			return false
		}
	}
	return true
}

// improvable looks for a set of nodes that can be moved by one tick, all in one direction, for less. The price is a convex function of
// differences (L-natural-convex), and of such a function a schedule that no set improves is a global minimum (Murota 2003,
// Discrete Convex Analysis, theorem 7.14).
func (pr *pricedRoute) improvable(begin []int64) bool {
	timed, rides := pr.price(begin)
	moved := make([]int64, len(begin))
	for set := 1; set < 1<<len(begin); set++ {
		for _, by := range []int64{1, -1} {
			for k := range begin {
				moved[k] = begin[k]
				if set>>k&1 == 1 {
					moved[k] += by
				}
			}
			if !pr.keeps(moved) {
				continue
			}
			if t, r := pr.price(moved); t < timed || t == timed && r < rides {
				return true
			}
		}
	}
	return false
}

func TestSchedulesAreFeasibleAndOptimal(t *testing.T) {
	count := longTrials(20000, 1000)
	var sc Scheduler
	yes, no, priced := 0, 0, 0
	for seed := range count {
		rnd := rand.New(rand.NewPCG(uint64(seed), 51))
		p := randomProblem(t, rnd, 4, 1, withRide|withDuration|withTimed|withDwell|feature(rnd.Uint32())&(withAboard|withBreaks|withWait))
		nodes := randomVisits(rnd, p, 1+rnd.IntN(4))
		s := NewSolution(p)
		s.put(0, nodes)
		c := &replay{p: p, s: s}
		c.nodes = append(append(append(c.nodes, p.StartOf(0)), nodes...), p.EndOf(0))
		want := c.times(constraints(), KindNone)
		stops, ok := sc.Schedule(p, 0, nodes, nil)
		if !ok {
			if want && len(verifyRoute(p, s, 0)) == 0 {
				t.Fatalf("seed %d route %v: no schedule, and yet it is feasible", seed, nodes)
			}
			no++
			continue
		}
		pr := &pricedRoute{p, 0, c.nodes, c}
		begin := make([]int64, len(stops))
		for k, st := range stops {
			begin[k] = int64(st.Begin)
		}
		if !want || !pr.keeps(begin) {
			t.Fatalf("seed %d route %v: the schedule %v breaks a constraint", seed, nodes, begin)
		}
		if pr.improvable(begin) {
			t.Fatalf("seed %d route %v: the schedule %v is not the best", seed, nodes, begin)
		}
		if timed, _ := pr.price(begin); timed > 0 {
			priced++
		}
		yes++
	}
	t.Logf("%d schedules, %d of them at a price, and %d routes without one", yes, priced, no)
	if yes < count/8 || no < count/8 || priced < count/50 {
		t.Errorf("one-sided: %d schedules, %d at a price, %d without", yes, priced, no)
	}
}
