package cch

import "slices"

// Route is the answer to a path query.
type Route struct {
	Distance uint32   // ms, offsets included; Inf: no way, and the other fields are zero
	From, To int      // positions of the seeds used in the slices given
	Arcs     []uint32 // ids of input arcs from start to end; empty where the seeds share a node
}

// Path is Distance with the way itself. The arcs are appended to buf, which may be nil; with enough capacity in buf nothing
// is allocated after warm-up. Among ways of equal length the choice is deterministic.
//
// A hierarchy arc is unpacked into an input arc of its weight or else a lower triangle of its weight (Dibbelt,
// Strasser, Wagner 2016, section 6.3). Customization stores no middle nodes: they are found when first needed and then
// remembered by the metric (see ways).
func (q *Query) Path(m *Metric, from, to []Seed, buf []uint32) (Route, error) {
	none := Route{Distance: Inf, Arcs: buf}
	if err := q.split(m, from, to); err != nil {
		return none, err
	}
	best := none
	for _, s := range q.from.chains.groups {
		for _, e := range q.to.chains.groups {
			if r, ok := q.trace(m, s, e, best.Distance); ok {
				best = r
			}
		}
	}
	if best.Distance == Inf {
		return none, nil
	}
	best.Arcs = q.unpack(m, buf)
	return best, nil
}

// trace searches between two chains; if it finds a way shorter than limit, the slots of the way are left in q.stack.
func (q *Query) trace(m *Metric, from, to chain, limit uint32) (Route, bool) {
	t := q.t
	q.from.sow(t, from)
	q.to.sow(t, to)
	u, v := from.leaf, to.leaf
	for u != v {
		if u < v {
			if u = q.from.climb(m, u, Forward, Inf); u == None {
				return Route{}, false
			}
		} else if v = q.to.climb(m, v, Backward, Inf); v == None {
			return Route{}, false
		}
	}
	best, top := limit, None
	for u != None {
		d := t.depth[u]
		if sum := q.from.label[d].dist() + q.to.label[d].dist(); sum < best {
			best, top = sum, u
		}
		q.from.climb(m, u, Forward, best)
		u = q.to.climb(m, u, Backward, best)
	}
	if top == None {
		return Route{}, false
	}
	q.hops = q.hops[:0]
	end := q.descend(&q.from, top)
	middle := len(q.hops)
	slices.Reverse(q.hops)
	start := end
	end = q.descend(&q.to, top)
	q.stack = q.stack[:0]
	for i := len(q.hops) - 1; i >= 0; i-- {
		q.stack = append(q.stack, t.slotOf(q.hops[i], i >= middle))
	}
	return Route{Distance: best, From: q.from.seedAt(t, from, start), To: q.to.seedAt(t, to, end)}, true
}

// label is a tentative distance, in the upper half, and where it was reached from, in the lower: 0 at a seed, the complement of the depth of the
// node before elsewhere. So the lesser of two labels is the nearer one and, of two equally near, the one at a seed or
// else the one that comes from deeper down, which a climb meets first.
type label uint64

func (l label) dist() uint32 { return uint32(l >> 32) }

// before is the depth of the node before, None at a seed.
func (l label) before() uint32 { return ^uint32(l) }

// sow is plant for labels.
func (s *side) sow(t *Topology, g chain) {
	labels := s.label[:t.depth[g.leaf]+1]
	for i := range labels {
		labels[i] = label(Inf) << 32
	}
	for _, seed := range s.chains.of(g) {
		l := &labels[t.depth[seed.node]]
		*l = min(*l, label(seed.offset)<<32)
	}
}

// climb is Metric.climb with labels, for distances below limit.
func (s *side) climb(m *Metric, v uint32, dir Direction, limit uint32) uint32 {
	t := m.topo
	depth := t.depth[v]
	s.node[depth] = v
	if x := s.label[depth].dist(); x < limit {
		s.relax(m, v, dir, label(x)<<32|label(^depth))
	}
	return t.parent(v)
}

// relax is Metric.relax with labels: x is what the neighbours of v get, but for the weights.
func (s *side) relax(m *Metric, v uint32, dir Direction, x label) {
	if g := m.search[dir]; g != nil {
		for _, l := range g.links[g.first[v]:g.first[v+1]] {
			s.label[l.depth] = min(s.label[l.depth], x+label(l.weight)<<32)
		}
		return
	}
	t := m.topo
	heads := t.headDepth[t.first[v]:t.first[v+1]]
	weights := m.row(v)
	if dir == Backward {
		weights = weights[len(heads):]
	}
	weights = weights[:len(heads)]
	for i, d := range heads {
		s.label[d] = min(s.label[d], x+label(weights[i])<<32)
	}
}

// descend appends to q.hops the arcs from the ancestor v back to the seed and returns the node of that seed.
func (q *Query) descend(s *side, v uint32) uint32 {
	for d := s.label[q.t.depth[v]].before(); d != None; d = s.label[d].before() {
		lower := s.node[d]
		q.hops = append(q.hops, q.t.arcBetween(lower, v))
		v = lower
	}
	return v
}

// seedAt is the position, in the caller's slice, of the cheapest seed of the chain on node v.
func (s *side) seedAt(t *Topology, g chain, v uint32) int {
	for _, seed := range s.chains.of(g) {
		if seed.node == v && seed.offset == s.label[t.depth[v]].dist() {
			return int(seed.index)
		}
	}
	panic("cch: path query ended at a node without a seed")
}

// unpack appends the input arcs of the slots on q.stack, the last of which comes first.
func (q *Query) unpack(m *Metric, buf []uint32) []uint32 {
	for len(q.stack) > 0 {
		slot := q.stack[len(q.stack)-1]
		q.stack = q.stack[:len(q.stack)-1]
		for {
			w := m.way(slot)
			if arc, ok := w.input(); ok {
				buf = append(buf, arc)
				break
			}
			first, second := w.halves()
			q.stack = append(q.stack, second)
			slot = first
		}
	}
	return buf
}
