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

	answers  []answer   // [row*requests+r]: direct-mapped, handles share a row modulo rows
	variants []arranged // the same, where the problem has breaks
	rows     int32      // a power of two

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
	ready  int8    // how far it is filled
	timed  bool    // it is filled and can be timed
	spread []int32 // handles of the arrangements of the breaks; nil before they are asked for
}

// answer is the best insertion of a request into a route. Answers are most of what a search reads at random, so they are kept small.
type answer struct {
	delta    int64
	serial   uint32 // of the slot
	pickup   int16  // boundOnly: delta is only a lower bound
	delivery int16
}

// boundOnly stands for the pickup of an answer that is a lower bound.
const boundOnly = -1

// arranged is the arrangement of breaks that an answer applies to.
type arranged struct {
	handle int32
	serial uint32
}

const (
	arenaBytes   = 4 << 20 // size at which a sweep is due
	arenaAnswers = 1 << 20 // answers kept at most, and
	arenaRows    = 2048    // routes that have room for theirs
)

func newArena(p *Problem, grids []grid) *arena {
	a := &arena{p: p, table: make([]int32, 1<<12)}
	a.pr.grids = grids
	a.rows = arenaRows
	for a.rows > 1 && int(a.rows)*p.Requests() > arenaAnswers {
		a.rows /= 2
	}
	a.answers = make([]answer, int(a.rows)*p.Requests())
	if p.breaks > 0 {
		a.variants = make([]arranged, len(a.answers))
	}
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
	s.hash, s.kind, s.serial, s.ready, s.timed = hash, kind, a.serial, costOnly, false
	s.spread = s.spread[:0]
	before := s.size()
	s.lay(a.p, v, nodes)
	a.bytes += s.size() - before
	if !s.drive(a.p) {
		s.ready = hopeless
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

// How far a slot is filled.
const (
	hopeless int8 = -1 // known to be infeasible
	costOnly int8 = 0  // what drive fills
	filled   int8 = 1  // all but the closure
	finished int8 = 2  // all columns
)

// fill fills all columns of h but the closure, and reports whether only the times may be infeasible.
func (a *arena) fill(h int32) bool {
	s := a.slots[h]
	if s.ready == costOnly {
		s.ready = hopeless
		if s.fill(a.p) {
			s.ready = filled
		}
	}
	return s.ready >= filled
}

// ready fills all columns of h and reports whether the route is feasible.
func (a *arena) ready(h int32) bool {
	s := a.slots[h]
	if s.ready < finished && a.fill(h) {
		s.ready = hopeless
		if s.closeTimes(a.p) {
			s.ready = finished
		}
	}
	return s.ready == finished
}

// sound reports whether the route is feasible.
func (a *arena) sound(h int32) bool {
	s := a.slots[h]
	if s.ready == finished || s.timed {
		return true
	}
	if !a.fill(h) {
		return false
	}
	if s.timed = a.pr.line.sound(a.p, &s.route); !s.timed {
		s.ready = hopeless
	}
	return s.timed
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
func (a *arena) entry(h int32, r Request) (at int32, hit bool) {
	at = (h&(a.rows-1))*a.p.requests + int32(r)
	return at, a.answers[at].serial == a.slots[h].serial
}

// known is the answer at an entry that was hit; exact says that it is no mere bound.
func (a *arena) known(at, h int32) (sp spot, o int32, exact bool) {
	e := &a.answers[at]
	if e.pickup == boundOnly {
		return spot{delta: e.delta}, h, false
	}
	sp = spot{e.delta, int32(e.pickup), int32(e.delivery)}
	if a.variants == nil {
		return sp, h, true
	}
	v := a.variants[at]
	return sp, v.handle, a.slots[v.handle].serial == v.serial
}

// note keeps an answer for h.
func (a *arena) note(at, h int32, sp spot, o int32) {
	a.answers[at] = answer{sp.delta, a.slots[h].serial, int16(sp.pickup), int16(sp.delivery)}
	if a.variants != nil {
		a.variants[at] = arranged{o, a.slots[o].serial}
	}
}

// peek returns what is known of the best insertion of r into h without deciding it: its exact value, or a lower bound.
func (a *arena) peek(h int32, r Request) (sp spot, o int32, exact bool) {
	a.asked++
	at, hit := a.entry(h, r)
	if hit {
		return a.known(at, h)
	}
	s := a.slots[h]
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
	a.note(at, h, spot{low, boundOnly, 0}, h)
	return spot{delta: low}, h, false
}

// best returns the best insertion of r into h and the arrangement of h that it applies to.
func (a *arena) best(h int32, r Request) (spot, int32) {
	at, hit := a.entry(h, r)
	if hit {
		if sp, o, exact := a.known(at, h); exact {
			return sp, o
		}
	}
	a.missed++
	sp, o := a.compute(h, r)
	a.note(at, h, sp, o)
	return sp, o
}

// settle notes that r, which rides in h, has no cheaper place within h. Nobody asks to insert a request into a route that it is in,
// so the answer's place is free for that.
func (a *arena) settle(h int32, r Request) {
	at, _ := a.entry(h, r)
	a.note(at, h, spot{noDelta, boundOnly, 0}, h)
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
		return a.bestOf(h, noDelta), h
	}
	found, variant := spot{delta: noDelta}, h
	was := a.slots[h].cost
	for _, o := range a.arrangements(h) {
		shift := a.slots[o].cost - was
		if a.pr.bound(&a.slots[o].route)+shift >= found.delta {
			continue
		}
		sp := a.bestOf(o, found.delta-shift)
		if sp.delta < found.delta-shift {
			sp.delta += shift
			found, variant = sp, o
		}
	}
	return found, variant
}

// bestOf is the best spot for the request of the probe in the sequence of h as it stands; one that costs limit or more may be missing.
func (a *arena) bestOf(h int32, limit int64) spot {
	s := a.slots[h]
	if s.ready < finished && a.fill(h) {
		if sp, ok := a.pr.quick(&s.route); ok {
			return sp
		}
	}
	if !a.ready(h) {
		return spot{delta: noDelta}
	}
	return a.pr.best(&s.route, limit)
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
