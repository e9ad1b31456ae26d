package solver

import "errors"

// Extend adds one request at the end and returns its number; places that the Travel got since Build are taken in. The work is
// that of one request and does not grow with the problem, but for one pass over the cached travel rows where places are new. The
// request may name any other, may not be named in an order, and may not be aboard already.
//
// A live problem has one owner: nobody else may read it during the call, and slices of costs or routes computed before stay
// valid.
func (p *Problem) Extend(s RequestSpec) (Request, error) {
	if p.travel.Len() != p.places {
		p.openRows()
	}
	r := int(p.requests)
	faults := checkRequestSpec(&s, r, r+1, int(p.vehicles), p.places)
	if len(s.Load) > int(p.dims) {
		faults = append(faults, &SpecError{"request", r, "Load", "has more dimensions than the problem"})
	}
	if s.DwellClass >= p.dwells {
		faults = append(faults, &SpecError{"request", r, "DwellClass", "is not a class of the problem"})
	}
	if s.OnBoard {
		faults = append(faults, &SpecError{"request", r, "OnBoard", "cannot be added to a live problem"})
	}
	if len(faults) > 0 {
		return None, errors.Join(faults...)
	}
	added := p.addRequest(s)
	p.linkConflicts(added)
	p.nameVehicles(added)
	p.generation++
	return added, nil
}

// Withdraw takes the last request away again. A plan that serves it must have it removed first.
func (p *Problem) Withdraw() {
	r := Request(p.requests - 1)
	for _, o := range p.conflicts[r] {
		p.conflicts[o] = without(p.conflicts[o], r)
	}
	p.dropLast()
	p.generation++
}

// dropLast takes the columns of the last request away.
func (p *Problem) dropLast() {
	r := Request(p.requests - 1)
	n := p.PickupOf(r)
	p.place, p.open, p.shut = p.place[:n], p.open[:n], p.shut[:n]
	p.service, p.dwell, p.orderAt = p.service[:n], p.dwell[:n], p.orderAt[:n]
	p.requestSpec, p.requestAt = p.requestSpec[:r], p.requestAt[:r]
	p.load = p.load[:int32(r)*p.dims]
	p.direct, p.ride, p.group, p.banned = p.direct[:r], p.ride[:r], p.group[:r], p.banned[:r]
	p.unserved, p.share, p.aboard, p.pinned = p.unserved[:r], p.share[:r], p.aboard[:r], p.pinned[:r]
	p.timed, p.conflicts, p.homes, p.gather = p.timed[:r], p.conflicts[:r], p.homes[:r], p.gather[:r]
	p.compat = p.compat[:int32(r)*p.words]
	p.requests--
}

func without(list []Request, r Request) []Request {
	for i, o := range list {
		if o == r {
			return append(list[:i:i], list[i+1:]...)
		}
	}
	return list
}

// Snapshot returns an independent copy for readers in other goroutines. travel replaces the Travel, which must have the same
// places (a copy of a Matrix that goes on growing); nil keeps it. Memory and time are linear in the requests.
func (p *Problem) Snapshot(travel Travel) *Problem {
	c := *p
	if travel != nil {
		c.travel = travel
	}
	c.openRows()
	c.place, c.open, c.shut = clone(p.place), clone(p.open), clone(p.shut)
	c.service, c.dwell, c.orderAt = clone(p.service), clone(p.dwell), clone(p.orderAt)
	c.requestSpec, c.load = clone(p.requestSpec), clone(p.load)
	c.direct, c.ride, c.group, c.banned = clone(p.direct), clone(p.ride), clone(p.group), clone(p.banned)
	c.unserved, c.share, c.aboard, c.pinned = clone(p.unserved), clone(p.share), clone(p.aboard), clone(p.pinned)
	c.timed, c.homes, c.compat, c.gather = clone(p.timed), clone(p.homes), clone(p.compat), clone(p.gather)
	c.plain, c.vehicleAt, c.requestAt = clone(p.plain), clone(p.vehicleAt), clone(p.requestAt)
	c.conflicts = clone(p.conflicts)
	for r, list := range c.conflicts {
		c.conflicts[r] = clone(list)
	}
	return &c
}

func clone[S ~[]E, E any](s S) S { return append(S(nil), s...) }
