package solver

import (
	"math/rand/v2"
	"testing"
)

// recost is the search's objective of the state from scratch, and whether all its routes can be driven: what a broken triangle
// inequality leaves for a moment has no cost.
func recost(st *state) (int64, bool) {
	s := NewSolution(st.p)
	for v, h := range st.route {
		route := st.a.at(h)
		if route.ready < 0 {
			return 0, false
		}
		if !route.empty {
			s.put(Vehicle(v), clone(route.node[1:len(route.node)-1]))
		}
	}
	sum := st.p.Cost(s)
	for _, r := range s.Unassigned(nil) {
		sum += st.penalty[r] - st.p.unserved.at(r)
	}
	return sum, true
}

func TestEveryMoveCostsWhatItSaysAndTheFullCostAgrees(t *testing.T) {
	moves := 0
	for seed := range trials(60) {
		rnd := rand.New(rand.NewPCG(uint64(seed), 55))
		f := feature(rnd.Uint32()) & allFeatures
		p := randomProblem(t, rnd, 6+rnd.IntN(20), 2+rnd.IntN(4), f)
		if seed%3 == 0 {
			p.fairness = Fairness{Weight: 40}
			for r := range p.requestSpec {
				p.requestSpec[r].Fairness = int32(rnd.IntN(3))
			}
		}
		s, ok := Initial(p)
		if !ok {
			continue
		}
		audit := func(st *state, before, delta int64) {
			moves++
			// What a move does to the shares of the classes is not in its delta.
			if got := st.cost - before; p.fairness.Weight == 0 && got != delta {
				t.Fatalf("seed %d features %b: a move of %d changed the cost by %d", seed, f, delta, got)
			}
			if full, ok := recost(st); ok && full != st.cost {
				t.Fatalf("seed %d features %b: cost %d, from scratch %d", seed, f, st.cost, full)
			}
		}
		Improve(p, s, Options{Iterations: 200, Seed: uint64(seed), audit: audit})
	}
	if moves < 1000 {
		t.Errorf("only %d moves: they prove little", moves)
	}
}
