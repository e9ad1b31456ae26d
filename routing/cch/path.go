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

// trace searches between two chains; if it finds a way shorter than limit, the hops of the way are left in q.hops.
func (q *Query) trace(m *Metric, from, to chain, limit uint32) (Route, bool) {
	t := q.t
	q.from.plant(t, from)
	q.to.plant(t, to)
	q.from.forget(t, from)
	q.to.forget(t, to)
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
		if sum := q.from.dist[d] + q.to.dist[d]; sum < best {
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

// forget clears the predecessors of a chain.
func (s *side) forget(t *Topology, g chain) {
	pred := s.pred[:t.depth[g.leaf]+1]
	for i := range pred {
		pred[i] = None
	}
}

// climb is Metric.climb with predecessors, for distances below limit.
func (s *side) climb(m *Metric, v uint32, dir Direction, limit uint32) uint32 {
	t := m.topo
	depth := t.depth[v]
	s.node[depth] = v
	if x := s.dist[depth]; x < limit {
		s.relax(m, v, dir, x, depth)
	}
	return t.parent(v)
}

// relax is Metric.relax with predecessors.
func (s *side) relax(m *Metric, v uint32, dir Direction, x, depth uint32) {
	if g := m.search[dir]; g != nil {
		for _, l := range g.links[g.first[v]:g.first[v+1]] {
			if y := x + l.weight; y < s.dist[l.depth] {
				s.dist[l.depth], s.pred[l.depth] = y, depth
			}
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
		if y := x + weights[i]; y < s.dist[d] {
			s.dist[d], s.pred[d] = y, depth
		}
	}
}

// descend appends to q.hops the arcs from the ancestor v back to the seed and returns the node of that seed.
func (q *Query) descend(s *side, v uint32) uint32 {
	for d := s.pred[q.t.depth[v]]; d != None; d = s.pred[d] {
		lower := s.node[d]
		q.hops = append(q.hops, q.t.arcBetween(lower, v))
		v = lower
	}
	return v
}

// seedAt is the position, in the caller's slice, of the cheapest seed of the chain on node v.
func (s *side) seedAt(t *Topology, g chain, v uint32) int {
	for _, seed := range s.chains.of(g) {
		if seed.node == v && seed.offset == s.dist[t.depth[v]] {
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
