package solver

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestTableOfConstraintsIsComplete(t *testing.T) {
	seen := map[Kind]bool{}
	for _, row := range constraints() {
		if row.name == "" || row.check == nil || row.explain == "" || !row.hard {
			t.Errorf("row %d is not filled in: %+v", row.kind, row)
		}
		if seen[row.kind] {
			t.Errorf("kind %d comes twice", row.kind)
		}
		seen[row.kind] = true
	}
	for k := KindNone + 1; k < kindCount; k++ {
		if !seen[k] {
			t.Errorf("kind %d has no row", k)
		}
	}
}

// features pairs each constraint with the feature of random problems that brings it in.
func features() map[Kind]feature {
	return map[Kind]feature{
		KindVehicle: withLocks, KindEquipment: withEquipment, KindLayout: withLayouts | withFixedLayout, KindOrder: withOrder,
		KindBreak: withBreaks, KindGroup: withGroups, KindIncompatible: withPairs, KindShare: withShare, KindFreeze: withFreeze,
		KindReach: withUnreachable, KindWindow: 0, KindPromise: withPromise, KindWait: withWait, KindRide: withRide, KindShift: 0,
		KindDuration: withDuration, KindVisit: withAboard, KindGather: withGather,
	}
}

func TestEveryConstraintIsBrokenByRandomSequencesAndThenRefused(t *testing.T) {
	for kind, f := range features() {
		t.Run(kind.String(), func(t *testing.T) {
			broken := 0
			var rt route
			for seed := range trials(400) {
				rnd := rand.New(rand.NewPCG(uint64(seed), uint64(kind)))
				p := randomProblem(t, rnd, 5, 2, f)
				s := NewSolution(p)
				s.put(0, randomVisits(rnd, p, 1+rnd.IntN(4)))
				s.put(1, nil)
				bad := verifyRoute(p, s, 0)
				if slices.ContainsFunc(bad, func(v Violation) bool { return v.Kind == kind }) {
					broken++
				}
				static := true
				for _, n := range s.Route(0) {
					if r := p.RequestOf(n); r != None && !p.compatible(0, r) {
						static = false
					}
				}
				fits := static && rt.compute(p, 0, s.Route(0)) && len(rt.node)-2 > 0
				if fits != (len(bad) == 0) && !structural(bad) {
					t.Fatalf("seed %d route %v: the fast check says %t, Verify says %v", seed, s.Route(0), fits, bad)
				}
			}
			if broken == 0 && kind != KindShare && kind != KindVisit {
				t.Errorf("no random route breaks %v", kind)
			}
		})
	}
}

// structural reports violations that the fast check leaves to the code that builds routes.
func structural(bad []Violation) bool {
	return slices.ContainsFunc(bad, func(v Violation) bool { return v.Kind == KindVisit || v.Kind == KindBreak })
}

// randomVisits is a random sequence of some requests with the breaks of vehicle 0 at random places.
func randomVisits(rnd *rand.Rand, p *Problem, count int) []Node {
	out := randomSequence(rnd, p, count)
	out = slices.DeleteFunc(out, func(n Node) bool {
		r := p.RequestOf(n)
		return p.aboard.at(r) && (p.IsPickup(n) || p.homes.at(r) != 0)
	})
	at := 0
	for i := range p.BreaksOf(0) {
		at += rnd.IntN(len(out) - at + 1)
		out = slices.Insert(out, at, p.BreakOf(0, i))
		at++
	}
	return out
}
