package cch

// Reached is a node within the limit of a Reach, and its distance in ms.
type Reached struct {
	Node     uint32
	Distance uint32
}

// Reach appends to buf every node at a distance of at most limit ms from the seeds (Forward) or to the seeds (Backward), in no
// useful but a fixed sequence. Limit Inf-1 or more gives all reachable nodes. The only error is a seed node out of range, wrapped in ErrGraph.
//
// After the climb the hierarchy is swept from the top down (PHAST: Delling, Goldberg, Nowatzyk, Werneck 2011, doi
// 10.1109/IPDPS.2011.89) without the subtrees that cannot matter: the up-arcs of a subtree all lead into it or to
// the upper neighbours of its root, so if none of these is within the limit, and no seed below, nothing in it is. The sequence is a preorder
// of the elimination tree, so a table by depth holds the distances of exactly the ancestors of the current node.
func (q *Query) Reach(m *Metric, seeds []Seed, dir Direction, limit uint32, buf []Reached) ([]Reached, error) {
	if err := q.split(m, seeds, nil); err != nil {
		return buf, err
	}
	t := q.t
	limit = min(limit, Inf-1)
	q.climbs(m, dir)
	dist := q.to.dist
	for v := len(t.order) - 1; v >= 0; v-- {
		lo, hi := t.first[v], t.first[v+1]
		d := t.depth[v]
		x, onWay := q.climbed(uint32(v), d)
		row := m.row(uint32(v))
		if dir == Forward {
			row = row[hi-lo:]
		}
		row = row[:hi-lo]
		near := Inf
		for i, h := range t.headDepth[lo:hi] {
			near = min(near, dist[h])
			x = min(x, dist[h]+row[i])
		}
		if near > limit && !onWay {
			v = int(t.lowest[v])
			continue
		}
		dist[d] = x
		if x <= limit {
			buf = append(buf, Reached{t.order[v], x})
		}
	}
	return buf, nil
}

// climbs finishes the climb of each chain of q.from in a row of its own in q.rows.
func (q *Query) climbs(m *Metric, dir Direction) {
	stride := q.t.maxDepth + 1
	for len(q.rows) < stride*len(q.from.chains.groups) {
		q.rows = append(q.rows, make([]uint32, stride)...)
	}
	shared := q.from.dist
	for i, g := range q.from.chains.groups {
		q.from.dist = q.rows[i*stride : (i+1)*stride]
		q.from.plant(q.t, g)
		for v := g.leaf; v != None; {
			v = m.climb(q.from.dist, v, dir)
		}
	}
	q.from.dist = shared
}

// climbed returns the distance of v after the climbs, and whether v is on one.
func (q *Query) climbed(v, depth uint32) (dist uint32, onWay bool) {
	dist = Inf
	stride := q.t.maxDepth + 1
	for i, g := range q.from.chains.groups {
		if q.t.contains(v, g.leaf) {
			dist, onWay = min(dist, q.rows[i*stride+int(depth)]), true
		}
	}
	return dist, onWay
}
