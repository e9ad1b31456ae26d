package solver

import (
	"math/rand/v2"
	"testing"
)

func TestEjectionServesOneMoreAndCostsWhatItSays(t *testing.T) {
	helped := 0
	for seed := range trials(60) {
		p := randomProblem(t, rand.New(rand.NewPCG(uint64(seed), 44)), 16, 2, withRide|withLayouts|withPromise|withBreaks)
		s := Construct(p, NewSolution(p), nil)
		in := NewInserter(p)
		for _, r := range s.Unassigned(nil) {
			if len(in.Best(s, Query{Request: r}, nil)) > 0 {
				continue
			}
			e, ok := in.Eject(s, Query{Request: r}, nil)
			if !ok {
				continue
			}
			before, left := p.Cost(s), len(s.Unassigned(nil))
			in.ApplyEjection(s, e)
			if bad := Verify(p, s); len(bad) > 0 {
				t.Fatalf("seed %d: %v", seed, bad)
			}
			if got, want := p.Cost(s), before+e.Cost-p.unserved.at(r); got != want {
				t.Fatalf("seed %d: cost %d, announced %d", seed, got, want)
			}
			if len(s.Unassigned(nil)) != left-1 {
				t.Fatalf("seed %d: nobody more is served", seed)
			}
			helped++
		}
	}
	if helped == 0 {
		t.Error("ejection never helped: the test proves nothing")
	}
}
