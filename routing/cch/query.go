package cch

// Query is the third phase: a workspace for searches. It belongs to one goroutine at a time; its tables grow to the
// depth of the elimination tree and are reused, so that a query after the first few allocates nothing. It may be used with any metric of its
// topology, a different one at each call.
type Query struct {
	t        *Topology
	from, to side
	stack    []uint32 // slots to unpack, the last one first
	hops     []uint32 // arcs of the way up, then of the way down
	rows     []uint32 // [chain*(maxDepth+1)+depth] climbs of Reach
	cells    []uint32 // [place] result of Nearest before the choice
}

// side is one of the two climbs of a query, by depth on the current chain.
type side struct {
	chains chains
	dist   []uint32 // [depth] tentative distance; only [0, depth of leaf] is defined
	label  []label  // [depth] the same with where it comes from, for path queries
	node   []uint32 // [depth] node of the chain; filled by path queries only
}

// NewQuery returns a workspace for searches in metrics of t.
func NewQuery(t *Topology) *Query {
	return &Query{t: t, from: newSide(t.maxDepth + 1), to: newSide(t.maxDepth + 1)}
}

func newSide(n int) side {
	return side{dist: make([]uint32, n), label: make([]label, n), node: make([]uint32, n)}
}

// Distance is the least time in ms from any of the seeds from to any of the seeds to, offsets included; Inf where there is no way or a
// side has no seeds. The seeds are seen as places on nodes: where both ends lie on one arc, travel along that arc alone is for
// the caller to compare. The only error is a seed node out of range, wrapped in ErrGraph. It panics if m is of another topology.
//
// The search walks from both ends to the root of the elimination tree (Dibbelt, Strasser, Wagner 2016, section 6.2).
func (q *Query) Distance(m *Metric, from, to []Seed) (uint32, error) {
	if err := q.split(m, from, to); err != nil {
		return Inf, err
	}
	best := Inf
	for _, s := range q.from.chains.groups {
		for _, e := range q.to.chains.groups {
			best = q.meet(m, s, e, best)
		}
	}
	return best, nil
}

// split prepares the chains of both sides.
func (q *Query) split(m *Metric, from, to []Seed) error {
	if m.topo != q.t {
		panic("cch: query with a metric of another topology")
	}
	if err := q.from.chains.split(q.t, from); err != nil {
		return err
	}
	return q.to.chains.split(q.t, to)
}

// plant clears the table of a side for one chain and puts its seeds in.
func (s *side) plant(t *Topology, g chain) {
	dist := s.dist[:t.depth[g.leaf]+1]
	for i := range dist {
		dist[i] = Inf
	}
	for _, seed := range s.chains.of(g) {
		d := &dist[t.depth[seed.node]]
		*d = min(*d, seed.offset)
	}
}

// meet returns the lesser of best and the distance between two chains.
func (q *Query) meet(m *Metric, from, to chain, best uint32) uint32 {
	t := q.t
	q.from.plant(t, from)
	q.to.plant(t, to)
	u, v := from.leaf, to.leaf
	for u != v { // below the lowest common ancestor each side climbs alone
		if u < v {
			if u = m.climb(q.from.dist, u, Forward); u == None {
				return best
			}
		} else if v = m.climb(q.to.dist, v, Backward); v == None {
			return best
		}
	}
	for d := int(t.depth[u]); d >= 0; d-- {
		a, b := q.from.dist[d], q.to.dist[d]
		best = min(best, a+b)
		lo, hi := t.first[u], t.first[u+1]
		if lo == hi {
			break
		}
		if a < best { // an offset or weight cannot be negative, so the rest of a way this long is of no use
			m.relax(q.from.dist, u, Forward, a)
		}
		if b < best {
			m.relax(q.to.dist, u, Backward, b)
		}
		u = t.head[lo]
	}
	return best
}

// climb relaxes the up-arcs of v and returns its parent, None at a root.
func (m *Metric) climb(dist []uint32, v uint32, dir Direction) uint32 {
	t := m.topo
	lo, hi := t.first[v], t.first[v+1]
	if lo == hi {
		return None
	}
	if x := dist[t.depth[v]]; x < Inf {
		m.relax(dist, v, dir, x)
	}
	return t.head[lo]
}

// relax lowers the distances of the upper neighbours of v, by depth, given its own, x.
func (m *Metric) relax(dist []uint32, v uint32, dir Direction, x uint32) {
	if g := m.search[dir]; g != nil {
		for _, l := range g.links[g.first[v]:g.first[v+1]] {
			dist[l.depth] = min(dist[l.depth], x+l.weight)
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
		dist[d] = min(dist[d], x+weights[i])
	}
}
