package cch

import "slices"

// part is a piece of the undirected graph in the making of an order: simple, with its own dense node numbers.
type part struct {
	id    []uint32 // [node] node of the input graph
	first []uint32 // [node] first element in adj; length nodes+1
	adj   []uint32 // neighbours
	x, y  []float32
}

func (p *part) len() int { return len(p.id) }

// near returns the neighbours of v.
func (p *part) near(v uint32) []uint32 { return p.adj[p.first[v]:p.first[v+1]] }

// undirected forgets directions, self loops and parallel arcs.
func undirected(g Graph) *part {
	n := g.Nodes
	p := &part{id: make([]uint32, n), first: make([]uint32, n+1)}
	for v := range p.id {
		p.id[v] = uint32(v)
	}
	outFirst, outArc := groupBy(n, g.Tail)
	inFirst, inArc := groupBy(n, g.Head)
	p.adj = make([]uint32, 0, len(g.Tail))
	for v := range uint32(n) {
		base := len(p.adj)
		for _, a := range outArc[outFirst[v]:outFirst[v+1]] {
			p.adj = append(p.adj, g.Head[a])
		}
		for _, a := range inArc[inFirst[v]:inFirst[v+1]] {
			p.adj = append(p.adj, g.Tail[a])
		}
		row := p.adj[base:]
		slices.Sort(row)
		row = slices.Compact(row)
		row = slices.DeleteFunc(row, func(w uint32) bool { return w == v })
		p.adj = p.adj[:base+len(row)]
		p.first[v+1] = uint32(len(p.adj))
	}
	return p
}

// part returns the piece of p induced by nodes, which become 0, 1, ... in the sequence given. local is scratch with None for every node
// of p, and is left so.
func (p *part) part(nodes, local []uint32) *part {
	q := &part{id: make([]uint32, len(nodes)), first: make([]uint32, 1, len(nodes)+1)}
	size := 0
	for i, v := range nodes {
		local[v] = uint32(i)
		q.id[i] = p.id[v]
		size += len(p.near(v))
	}
	q.adj = make([]uint32, 0, size)
	for _, v := range nodes {
		for _, w := range p.near(v) {
			if local[w] != None {
				q.adj = append(q.adj, local[w])
			}
		}
		q.first = append(q.first, uint32(len(q.adj)))
	}
	for _, v := range nodes {
		local[v] = None
	}
	if p.x != nil {
		q.x, q.y = make([]float32, len(nodes)), make([]float32, len(nodes))
		for i, v := range nodes {
			q.x[i], q.y[i] = p.x[v], p.y[v]
		}
	}
	return q
}

// reduce eliminates nodes of degree two and less until none is left and returns them, with capacity for all nodes.
// It goes in rounds, no two neighbours in one round, so that a long chain becomes a shallow tree and not a deep one. What
// remains in p are the other nodes with the edges added between them; rows of eliminated nodes are empty.
func (p *part) reduce() []uint32 {
	n := p.len()
	degree := make([]uint32, n)
	round := make([]uint32, n) // [node] last round in which a neighbour was eliminated
	gone := make([]bool, n)
	var now, later []uint32
	for v := range uint32(n) {
		degree[v] = uint32(len(p.near(v)))
		if degree[v] <= 2 {
			now = append(now, v)
		}
	}
	order := make([]uint32, 0, n)
	for r := uint32(1); len(now) > 0; r++ {
		later = later[:0]
		for _, v := range now {
			if gone[v] {
				continue
			}
			if round[v] == r {
				later = append(later, v)
				continue
			}
			gone[v] = true
			order = append(order, v)
			row := p.adj[p.first[v]:][:degree[v]]
			for i, w := range row {
				round[w] = r
				other := None
				if len(row) == 2 {
					other = row[1-i]
				}
				p.replace(degree, w, v, other)
				if degree[w] <= 2 {
					later = append(later, w)
				}
			}
			degree[v] = 0
		}
		now, later = later, now
	}
	p.compact(degree)
	return order
}

// replace puts other in the place of v in the row of w, or drops v where other is None or already a neighbour.
func (p *part) replace(degree []uint32, w, v, other uint32) {
	row := p.adj[p.first[w]:][:degree[w]]
	i := slices.Index(row, v)
	if other != None && !slices.Contains(row, other) {
		row[i] = other
		return
	}
	row[i] = row[len(row)-1]
	degree[w]--
}

// compact closes the gaps that shortened rows left.
func (p *part) compact(degree []uint32) {
	end := uint32(0)
	for v, d := range degree {
		lo := p.first[v]
		p.first[v] = end
		end += uint32(copy(p.adj[end:], p.adj[lo:lo+d]))
	}
	p.first[len(degree)] = end
	p.adj = p.adj[:end]
}

// unnumbered returns scratch for part.
func (p *part) unnumbered() []uint32 {
	local := make([]uint32, p.len())
	for v := range local {
		local[v] = None
	}
	return local
}

// leastDegreeFirst fills out with the nodes of p ascending by their degree in p: for parts that no separator divides, such as cliques.
func (p *part) leastDegreeFirst(out []uint32) {
	nodes := make([]uint32, p.len())
	for v := range nodes {
		nodes[v] = uint32(v)
	}
	slices.SortStableFunc(nodes, func(a, b uint32) int { return len(p.near(a)) - len(p.near(b)) })
	for i, v := range nodes {
		out[i] = p.id[v]
	}
}
