package solver

import "slices"

// keptRoute is the columns of a vehicle's route as they were computed for an earlier query.
type keptRoute struct {
	made uint64 // generation of the problem
	rt   route
	cost int64 // RouteCost
	ok   bool  // feasible
	set  bool
}

// keep returns the columns of the route of a vehicle without breaks, computed anew only where the route, its vehicle or one of
// its requests has changed since.
func (in *Inserter) keep(s *Solution, v Vehicle) *keptRoute {
	p := in.p
	if len(in.kept) != int(p.vehicles) {
		in.kept = make([]keptRoute, p.vehicles)
	}
	k, nodes := &in.kept[v], s.routes[v]
	if k.set && slices.Equal(k.rt.node[1:len(k.rt.node)-1], nodes) && !p.changedSince(k.made, v, nodes) {
		return k
	}
	k.made, k.set = p.generation, true
	k.ok = k.rt.compute(p, v, nodes)
	k.cost = p.RouteCost(v, nodes)
	return k
}

// changedSince reports whether the vehicle or a request of the nodes was described anew after a generation.
func (p *Problem) changedSince(generation uint64, v Vehicle, nodes []Node) bool {
	if p.vehicleAt.at(v) > generation {
		return true
	}
	for _, n := range nodes {
		if r := p.RequestOf(n); r != None && p.requestAt.at(r) > generation {
			return true
		}
	}
	return false
}
