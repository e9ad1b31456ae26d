package cch

import "slices"

// Route is the answer to a path query.
type Route struct {
	Distance uint32   // ms, offsets included; Inf: no way, and the other fields are zero
	From, To int      // positions of the seeds used in the slices given
	Arcs     []uint32 // ids of input arcs from start to end; empty where the seeds share a node
}

// step is an arc to unpack.
type step struct {
	arc    uint32
	tail   uint32 // its lower end
	weight uint32 // in the direction of travel
	down   bool   // the direction of travel is from the higher end to the lower
}

// Path is Distance with the way itself. The arcs are appended to buf, which may be nil; with enough capacity in buf nothing
// is allocated after warm-up. Among ways of equal length the choice is deterministic.
//
// A hierarchy arc is unpacked into an input arc of its weight or else a lower triangle of its weight (Dibbelt,
// Strasser, Wagner 2016, section 6.3); no middle nodes are stored.
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
		q.stack = append(q.stack, m.step(q.hops[i], i >= middle))
	}
	return Route{Distance: best, From: q.from.seedAt(t, from, start), To: q.to.seedAt(t, to, end)}, true
}

// step returns an arc as a step.
func (m *Metric) step(arc uint32, down bool) step {
	v := m.topo.tail[arc]
	i, deg := m.topo.place(v, arc)
	if down {
		i += deg
	}
	return step{arc, v, m.row(v)[i], down}
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

// unpack appends the input arcs of the steps on q.stack, the last of which comes first.
func (q *Query) unpack(m *Metric, buf []uint32) []uint32 {
	for len(q.stack) > 0 {
		s := q.stack[len(q.stack)-1]
		q.stack = q.stack[:len(q.stack)-1]
		if m.ways != nil {
			way := m.ways[m.topo.slotOf(s.arc, s.down)]
			if way&inputWay != 0 {
				buf = append(buf, way&^inputWay)
				continue
			}
			first, second := m.topo.halves(s, way)
			q.stack = append(q.stack, second, first)
			continue
		}
		if arc := m.find(s); arc != None {
			buf = append(buf, arc)
			continue
		}
		first, second := m.split(s)
		q.stack = append(q.stack, second, first)
	}
	return buf
}

// find returns the first input arc that a step may stand for, or None.
func (m *Metric) find(s step) uint32 {
	t := m.topo
	slot := t.first[s.tail] + s.arc
	if s.down {
		slot += t.first[s.tail+1] - t.first[s.tail]
	}
	lo, hi := t.inputFirst[s.tail], t.inputFirst[s.tail+1]
	for i, x := range t.inputSlot[lo:hi] {
		if x == slot {
			if a := t.inputArc[lo+uint32(i)]; m.Weight(a) == s.weight {
				return a
			}
		}
	}
	return None
}

// split returns the lowest lower triangle that gives a step its weight, in the sequence of travel. It must be the lowest: then the way stood at
// that weight when the node in between was contracted and everything lower was on neither half twice, so unpacking yields a way
// without repeated nodes. With another choice arcs of weight zero may unpack into walks of exponential length.
func (m *Metric) split(s step) (first, second step) {
	t := m.topo
	w := t.head[s.arc]
	for _, a := range t.lowerArc[t.lowerFirst[s.tail]:t.lowerFirst[s.tail+1]] {
		u := t.tail[a]
		lo, hi := t.first[u], t.first[u+1]
		row := m.row(u)
		ups, downs := row[:hi-lo], row[hi-lo:]
		if s.down {
			ups, downs = downs, ups
		}
		if downs[a-lo] > s.weight {
			continue
		}
		b := t.findAfter(a, hi, w)
		if b == None || downs[a-lo]+ups[b-lo] != s.weight {
			continue
		}
		near, far := step{a, u, downs[a-lo], !s.down}, step{b, u, ups[b-lo], s.down}
		if s.down {
			return far, near
		}
		return near, far
	}
	panic("cch: hierarchy arc without an input arc or a lower triangle of its weight")
}
