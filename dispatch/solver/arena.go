package solver

// arena interns the routes that one search looks at: equal sequences on interchangeable vehicles are computed once, and what is
// the best insertion of a request into a route is remembered. A handle is an index of slots; it is valid until the next sweep
// that does not keep it.
type arena struct {
	p     *Problem
	slots []*interned
	used  int     // slots in use, which are slots[:used] but for those in free
	free  []int32 // slots given back by the last sweep
	table []int32 // open addressing, handle+1, 0 empty; a power of two long
	bytes int     // rough size of all slots

	answers []answer // direct-mapped: the last answer of each (route, request) that shares the index
	mask    uint32

	serial uint32
	pr     probe
	ar     arranger
	buf    []Node
	trial  route

	asked, missed int64 // insertion queries, and those computed
}

// interned is one slot: a route and how far its columns are filled.
type interned struct {
	route
	hash   uint64
	kind   int32
	serial uint32  // changes whenever the slot is reused
	marked bool    // survives the running sweep
	ready  int8    // 0: cost only, 1: all columns, -1: infeasible
	spread []int32 // handles of the arrangements of the breaks; nil before they are asked for
}

// answer is the best insertion of a request into a route.
type answer struct {
	key      uint64 // serial of the slot and request
	delta    int64
	pickup   int16
	delivery int16
	variant  int32  // handle of the arrangement that it applies to; -1: delta is only a lower bound
	serial   uint32 // of that handle
}

const (
	arenaBytes   = 32 << 20 // size at which a sweep is due
	arenaAnswers = 1 << 20
)

func newArena(p *Problem, grids []grid) *arena {
	a := &arena{p: p, table: make([]int32, 1<<12)}
	a.pr.grids = grids
	size := 1 << 12
	for size < arenaAnswers && size < 2048*p.Requests() {
		size *= 2
	}
	a.answers = make([]answer, size)
	a.mask = uint32(size - 1)
	return a
}

func (a *arena) at(h int32) *interned { return a.slots[h] }

// hashOf mixes a kind and a sequence (multiply and fold, as in wyhash).
func hashOf(kind int32, nodes []Node) uint64 {
	h := uint64(kind)*0x9e3779b97f4a7c15 + 0x2545f4914f6cdd1d
	for _, n := range nodes {
		h ^= uint64(uint32(n)) + 0x632be59bd9b4e019
		h *= 0x9fb21c651e98df25
		h ^= h >> 29
	}
	return h ^ h>>32
}

// intern returns the handle of v running nodes, depots left out. Only costs are known of it until ready is called. A sequence without
// visits becomes the empty route.
func (a *arena) intern(v Vehicle, nodes []Node) int32 {
	kind := a.p.kind.at(v)
	hash := hashOf(kind, nodes)
	i := hash & uint64(len(a.table)-1)
	for a.table[i] != 0 {
		h := a.table[i] - 1
		if s := a.slots[h]; s.hash == hash && s.kind == kind && same(s.node[1:len(s.node)-1], nodes) {
			return h
		}
		i = (i + 1) & uint64(len(a.table)-1)
	}
	h := a.slot()
	s := a.slots[h]
	a.serial++
	s.hash, s.kind, s.serial, s.ready = hash, kind, a.serial, 0
	s.spread = s.spread[:0]
	before := s.size()
	s.lay(a.p, v, nodes)
	a.bytes += s.size() - before
	if !s.drive(a.p) {
		s.ready = -1
	}
	a.table[i] = h + 1
	if 2*(a.used-len(a.free)) > len(a.table) {
		a.rehash(2 * len(a.table))
	}
	return h
}

func same(a, b []Node) bool {
	if len(a) != len(b) {
		return false
	}
	for i, n := range a {
		if n != b[i] {
			return false
		}
	}
	return true
}

func (a *arena) slot() int32 {
	if k := len(a.free); k > 0 {
		h := a.free[k-1]
		a.free = a.free[:k-1]
		return h
	}
	a.slots = append(a.slots, new(interned))
	a.used++
	return int32(a.used - 1)
}

func (a *arena) rehash(size int) {
	if size > len(a.table) {
		a.table = make([]int32, size)
	} else {
		clear(a.table)
	}
	free := make([]bool, a.used)
	for _, h := range a.free {
		free[h] = true
	}
	for h := range int32(a.used) {
		if free[h] {
			continue
		}
		i := a.slots[h].hash & uint64(len(a.table)-1)
		for a.table[i] != 0 {
			i = (i + 1) & uint64(len(a.table)-1)
		}
		a.table[i] = h + 1
	}
}

// size is roughly how many bytes the slot holds.
func (s *interned) size() int { return 4*cap(s.apart) + 64*cap(s.node) + 800 }

// ready fills all columns of h and reports whether the route is feasible.
func (a *arena) ready(h int32) bool {
	s := a.slots[h]
	if s.ready == 0 {
		s.ready = -1
		if s.finish(a.p) {
			s.ready = 1
		}
	}
	return s.ready == 1
}

// full reports whether a sweep is due.
func (a *arena) full() bool { return len(a.free) == 0 && a.bytes > arenaBytes }

// sweep gives back all slots but those of keep and their arrangements.
func (a *arena) sweep(keep ...[]int32) {
	for _, s := range a.slots {
		s.marked = false
	}
	for _, list := range keep {
		for _, h := range list {
			a.slots[h].marked = true
			for _, o := range a.slots[h].spread {
				a.slots[o].marked = true
			}
		}
	}
	a.free = a.free[:0]
	for h, s := range a.slots {
		if !s.marked {
			s.serial = 0
			a.free = append(a.free, int32(h))
		}
	}
	a.rehash(len(a.table))
}

// entry is where the answer for (h, r) is kept, and whether it is there.
func (a *arena) entry(h int32, r Request) (*answer, bool) {
	e := &a.answers[(uint32(h)*uint32(a.p.requests)+uint32(r))&a.mask]
	return e, e.key == uint64(a.slots[h].serial)<<32|uint64(uint32(r))
}

// peek returns what is known of the best insertion of r into h without deciding it: its exact value, or a lower bound.
func (a *arena) peek(h int32, r Request) (sp spot, variant int32, exact bool) {
	a.asked++
	e, hit := a.entry(h, r)
	s := a.slots[h]
	if hit && e.variant >= 0 && a.slots[e.variant].serial == e.serial {
		return spot{e.delta, int32(e.pickup), int32(e.delivery)}, e.variant, true
	}
	if hit && e.variant < 0 {
		return spot{delta: e.delta}, h, false
	}
	if a.p.aboard.at(r) {
		return spot{delta: -noDelta}, h, false
	}
	if s.ready < 0 {
		return spot{delta: noDelta}, h, true
	}
	a.pr.aim(a.p, r, Always(), Always())
	low := int64(noDelta)
	if a.p.BreaksOf(s.v) == 0 {
		low = a.pr.bound(&s.route)
	} else {
		for _, o := range a.arrangements(h) {
			low = min(low, a.pr.bound(&a.slots[o].route)+a.slots[o].cost-s.cost)
		}
		low = min(low, noDelta)
	}
	*e = answer{uint64(s.serial)<<32 | uint64(uint32(r)), low, 0, 0, -1, 0}
	return spot{delta: low}, h, false
}

// best returns the best insertion of r into h and the arrangement of h that it applies to.
func (a *arena) best(h int32, r Request) (spot, int32) {
	e, hit := a.entry(h, r)
	if hit && e.variant >= 0 && a.slots[e.variant].serial == e.serial {
		return spot{e.delta, int32(e.pickup), int32(e.delivery)}, e.variant
	}
	a.missed++
	sp, variant := a.compute(h, r)
	*e = answer{uint64(a.slots[h].serial)<<32 | uint64(uint32(r)), sp.delta, int16(sp.pickup), int16(sp.delivery), variant, a.slots[variant].serial}
	return sp, variant
}

// settle notes that r, which rides in h, has no cheaper place within h. Nobody asks to insert a request into a route that it is in,
// so the answer's place is free for that.
func (a *arena) settle(h int32, r Request) {
	e, _ := a.entry(h, r)
	*e = answer{key: uint64(a.slots[h].serial)<<32 | uint64(uint32(r)), delta: noDelta, variant: -1}
}

// settled reports whether settle said so.
func (a *arena) settled(h int32, r Request) bool {
	_, hit := a.entry(h, r)
	return hit
}

func (a *arena) compute(h int32, r Request) (spot, int32) {
	a.pr.aim(a.p, r, Always(), Always())
	if a.p.aboard.at(r) {
		return a.seated(h, r)
	}
	if a.p.BreaksOf(a.slots[h].v) == 0 {
		if !a.ready(h) {
			return spot{delta: noDelta}, h
		}
		return a.pr.best(&a.slots[h].route, noDelta), h
	}
	found, variant := spot{delta: noDelta}, h
	was := a.slots[h].cost
	for _, o := range a.arrangements(h) {
		shift := a.slots[o].cost - was
		if a.pr.bound(&a.slots[o].route)+shift >= found.delta || !a.ready(o) {
			continue
		}
		sp := a.pr.best(&a.slots[o].route, found.delta-shift)
		if sp.delta != noDelta {
			sp.delta += shift
			found, variant = sp, o
		}
	}
	return found, variant
}

// arrangements are the placements of the breaks of h that windows and loads allow.
func (a *arena) arrangements(h int32) []int32 {
	if len(a.slots[h].spread) > 0 {
		return a.slots[h].spread
	}
	v := a.slots[h].v
	nodes := a.slots[h].node
	for a.ar.reset(a.p, v, nodes[1:len(nodes)-1]); a.ar.next(); {
		a.trial.lay(a.p, v, a.ar.nodes)
		if a.trial.drive(a.p) && a.trial.board(a.p) {
			a.slots[h].spread = append(a.slots[h].spread, a.intern(v, a.ar.nodes))
		}
	}
	return a.slots[h].spread
}

// inserted returns the handle of variant with r at the spot.
func (a *arena) inserted(variant int32, r Request, sp spot) int32 {
	a.pr.pickup, a.pr.delivery = a.p.PickupOf(r), a.p.DeliveryOf(r)
	rt := &a.slots[variant].route
	a.buf = a.pr.splice(rt, sp.pickup, sp.delivery, a.buf)
	return a.intern(rt.v, a.buf)
}
