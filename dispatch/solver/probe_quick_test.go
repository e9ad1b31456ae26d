package solver

import (
	"math/rand/v2"
	"testing"
)

// quickProblem draws one of the problems that insertion without a closure is tried on: tight times, or everything that it decides.
func quickProblem(t *testing.T, seed int, rnd *rand.Rand) *Problem {
	if seed%2 == 0 {
		return looseProblem(t, rnd, 7)
	}
	return randomProblem(t, rnd, 7, 1, withRide|withLayouts|withDuration|withGroups|withOrder|withFreeze)
}

func TestInsertionWithoutAClosureEqualsThatWithOne(t *testing.T) {
	var open, done route
	var pr probe
	count := map[string]int{}
	total := longTrials(40000, 3000)
	for seed := range total {
		rnd := rand.New(rand.NewPCG(uint64(seed), 21))
		p := quickProblem(t, seed, rnd)
		nodes := randomSequence(rnd, p, 1+rnd.IntN(6))
		open.lay(p, 0, nodes)
		feasible := done.compute(p, 0, nodes)
		if !open.drive(p) || !open.fill(p) {
			if feasible {
				t.Fatalf("seed %d: a feasible route cannot be filled", seed)
			}
			continue
		}
		if sound := pr.line.sound(p, &open); sound != feasible {
			t.Fatalf("seed %d: the least starts say %t, the closure %t", seed, sound, feasible)
		}
		r := Request(p.Requests() - 1)
		if !feasible || !p.compatible(0, r) {
			continue
		}
		pr.aim(p, r, Always(), Always())
		got, ok := pr.quick(&open)
		if !ok {
			count["left to the closure"]++
			continue
		}
		if want := pr.best(&done, noDelta); got != want {
			t.Fatalf("seed %d: %v without the closure, %v with it", seed, got, want)
		}
		if got.delta == noDelta {
			count["nowhere"]++
		} else {
			count["placed"]++
		}
	}
	t.Log(count)
	if count["placed"] < total/10 || count["nowhere"] < total/200 || count["left to the closure"] < total/1000 {
		t.Errorf("one-sided: %v", count)
	}
}

func TestTimelineGivesUpOnLimitsThatContradictEachOtherByLittle(t *testing.T) {
	// Two ride limits, each a tick too tight for the other, raise the starts a tick a sweep.
	line := timeline{stop: []stage{
		{shut: 1 << 20, within: NoLimit},
		{shut: 1 << 20, within: NoLimit},
		{step: 10, shut: 1 << 20, within: NoLimit},
		{step: 10, shut: 1 << 20, back: 1, within: 19},
	}}
	if ok, known := line.fits(); ok || known {
		t.Errorf("feasible %t, known %t after %d sweeps", ok, known, timelineSweeps)
	}
	line.stop[3].within = 20
	if ok, known := line.fits(); !ok || !known {
		t.Errorf("feasible %t, known %t with a tick more", ok, known)
	}
}
