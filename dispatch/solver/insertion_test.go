package solver

import (
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
)

// trials is how many random cases a property test runs: n in normal runs, more where SWMAAS_TRIALS multiplies it.
func trials(n int) int {
	if k, err := strconv.Atoi(os.Getenv("SWMAAS_TRIALS")); err == nil && k > 0 {
		return n * k
	}
	return n
}

// longTrials is trials of n cases, or of fewer in short runs.
func longTrials(n, short int) int {
	if testing.Short() {
		n = short
	}
	return trials(n)
}

// feasibleByCheck is the oracle: a plan with one route, checked by Verify alone.
func feasibleByCheck(p *Problem, s *Solution, v Vehicle) bool {
	return len(verifyRoute(p, s, v)) == 0
}

// bestByCheck finds the cheapest insertion of r into v by trying every sequence and asking Verify.
func bestByCheck(p *Problem, s *Solution, v Vehicle, r Request) (cost int64, ok bool) {
	was := p.RouteCost(v, s.Route(v))
	var ar arranger
	visits := slices.DeleteFunc(slices.Clone(s.Route(v)), p.isBreak)
	try := func(nodes []Node) {
		for ar.reset(p, v, nodes); ar.next(); {
			c := s.Clone()
			c.put(v, slices.Clone(ar.nodes))
			if !feasibleByCheck(p, c, v) {
				continue
			}
			if d := p.RouteCost(v, ar.nodes) - was + p.preferenceCost(v, r); !ok || d < cost {
				cost, ok = d, true
			}
		}
	}
	for j := range len(visits) + 1 {
		with := slices.Insert(slices.Clone(visits), j, p.DeliveryOf(r))
		if p.aboard.at(r) {
			try(with)
			continue
		}
		for i := range j + 1 {
			try(slices.Insert(slices.Clone(with), i, p.PickupOf(r)))
		}
	}
	return cost, ok
}

// tally of answers of the exhaustive comparison.
type answers struct{ no, yes int }

// compareInsertions fills a random plan request by request and compares every answer with trying everything.
func compareInsertions(t *testing.T, seed int, rnd *rand.Rand, p *Problem, count *answers) {
	s, ok := Initial(p)
	if !ok {
		return
	}
	in := NewInserter(p)
	for _, r := range s.Unassigned(nil) {
		home := p.shareVehicle(r, s.on)
		for v := range Vehicle(p.vehicles) {
			found := in.Best(s, Query{Request: r, Vehicles: []Vehicle{v}}, nil)
			want, ok := bestByCheck(p, s, v, r)
			if home != None && home != v {
				ok = false
			}
			if ok != (len(found) > 0) || ok && want != found[0].Cost {
				t.Fatalf("seed %d request %d vehicle %d route %v: insertion says %v, trial says %d %v",
					seed, r, v, s.Route(v), found, want, ok)
			}
			if ok {
				count.yes++
			} else {
				count.no++
			}
		}
		if found := in.Best(s, Query{Request: r}, nil); len(found) > 0 && rnd.IntN(8) > 0 {
			in.Apply(s, found[0])
			if bad := Verify(p, s); len(bad) > 0 {
				t.Fatalf("seed %d: %v", seed, bad)
			}
		}
	}
}

func TestBestInsertionEqualsExhaustiveTrialByVerify(t *testing.T) {
	seeds := trials(250)
	var count answers
	for seed := range seeds {
		rnd := rand.New(rand.NewPCG(uint64(seed), 7))
		f := feature(rnd.Uint32()) & allFeatures
		if seed%3 == 0 {
			f = withRide | withDuration
		}
		compareInsertions(t, seed, rnd, randomProblem(t, rnd, 2+rnd.IntN(6), 1+rnd.IntN(3), f), &count)
	}
	if count.no < seeds/4 || count.yes < seeds {
		t.Errorf("the random problems are one-sided: %+v", count)
	}
}

func TestBestInsertionIsExactForEachConstraintAlone(t *testing.T) {
	for kind, f := range features() {
		t.Run(kind.String(), func(t *testing.T) {
			var count answers
			for seed := range trials(40) {
				rnd := rand.New(rand.NewPCG(uint64(seed), 100+uint64(kind)))
				b := randomBuilder(rnd, 3+rnd.IntN(4), 1+rnd.IntN(2), f)
				for r := range b.requests { // roomy windows, so that the constraint at hand decides
					b.requests[r].PickupWindow.Latest = min(600, b.requests[r].PickupWindow.Latest+150)
					b.requests[r].DeliveryWindow.Latest = 600
				}
				p, err := b.Build()
				if err != nil {
					t.Fatal(err)
				}
				compareInsertions(t, seed, rnd, p, &count)
			}
			if count.yes == 0 {
				t.Error("nothing fits")
			}
		})
	}
}

func TestBestInsertionOfRidersAboardEqualsExhaustiveTrial(t *testing.T) {
	var count answers
	for seed := range trials(600) {
		rnd := rand.New(rand.NewPCG(uint64(seed), 8))
		f := withAboard | feature(rnd.Uint32())&(withRide|withBreaks|withFreeze|withTimed|withLayouts|withFixedLayout|withDwell|withDuration|withOrder)
		p := randomProblem(t, rnd, 3+rnd.IntN(4), 1+rnd.IntN(2), f)
		s, ok := Initial(p)
		if !ok {
			continue
		}
		s = Construct(p, s, nil)
		in := NewInserter(p)
		for r := range Request(p.requests) {
			if !p.aboard.at(r) || p.pinned.at(r) {
				continue
			}
			v := p.homes.at(r)
			without := s.Clone()
			without.Remove(r)
			if len(without.Route(v)) > 0 && len(verifyRoute(p, without, v)) > 0 {
				continue // the break was taken for the rider's sake
			}
			found := in.Best(without, Query{Request: r, Vehicles: []Vehicle{v}}, nil)
			want, ok := bestByCheck(p, without, v, r)
			if ok != (len(found) > 0) || ok && want != found[0].Cost {
				t.Fatalf("seed %d request %d route %v: insertion says %v, trial says %d %v", seed, r, without.Route(v), found, want, ok)
			}
			count.yes++
			// A time at which the rider cannot be there any more.
			q := Query{Request: r, Vehicles: []Vehicle{v}, Delivery: TimeWindow{0, p.open.at(p.StartOf(v))}}
			if len(in.Best(without, q, nil)) == 0 {
				count.no++
			}
		}
	}
	if count.yes < trials(60) || count.no < trials(60) {
		t.Errorf("one-sided: %+v", count)
	}
}
