package solver

import "slices"

// Incompatible: a pair of requests that one of them names is never aboard together. Hard. No cached route state: the legs
// with somebody incompatible aboard are marked when a request is tried in a route.

// linkConflicts records the pairs that r names, in both directions.
func (p *Problem) linkConflicts(r Request) {
	for _, o := range p.requestSpec[r].Incompatible {
		if !slices.Contains(p.conflicts[r], o) {
			p.conflicts[r] = append(p.conflicts[r], o)
			p.conflicts[o] = append(p.conflicts[o], r)
		}
		p.hasConflicts = true
	}
}

// fitsIncompatible reports whether r and o may be aboard together.
func (p *Problem) fitsIncompatible(r, o Request) bool {
	return !slices.Contains(p.conflicts.at(r), o)
}

func checkIncompatible(c *replay) {
	c.pairsAboard(func(r, o Request) {
		for _, x := range c.p.requestSpec[r].Incompatible {
			if x == o {
				c.report(KindIncompatible, r, UnitIndex, None, int64(o))
			}
		}
		for _, x := range c.p.requestSpec[o].Incompatible {
			if x == r {
				c.report(KindIncompatible, o, UnitIndex, None, int64(r))
			}
		}
	})
}
