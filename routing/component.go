package routing

import "slices"

// markMain sets segMainAlong and segMainAgainst on the segments where a trip may start and end in that direction: it gets
// from there to the largest strongly connected part of the search graph, and from that part there.
func (g *Graph) markMain() {
	center := g.largestComponent()
	reached, reaching := g.spread(center, false), g.spread(center, true)
	for s := range int32(g.numSegments()) {
		for d, a := range g.segArcs[2*s : 2*s+2] {
			if a < 0 || !reaching[g.arcEntry[a]] {
				continue
			}
			tail := g.arcTail(a)
			end := reached[tail]
			for v, last := g.statesAt(tail); v < last; v++ {
				end = end || reached[v] && g.linkFor(v, a) >= 0
			}
			if end {
				g.segFlags[s] |= segMainAlong << d
			}
		}
	}
}

// spread marks what the marked vertices reach, or what reaches them where back is set.
func (g *Graph) spread(from []bool, back bool) []bool {
	first, next := g.linkFirst, g.linkHead
	if back {
		first, next = g.reversed()
	}
	seen := slices.Clone(from)
	var queue []int32
	for v, in := range seen {
		if in {
			queue = append(queue, int32(v))
		}
	}
	for len(queue) > 0 {
		v := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, h := range next[first[v]:first[v+1]] {
			if !seen[h] {
				seen[h] = true
				queue = append(queue, h)
			}
		}
	}
	return seen
}

// reversed returns the links by head: the tails of those that reach vertex v are tails[first[v]:first[v+1]].
func (g *Graph) reversed() (first, tails []int32) {
	n := g.numVertices()
	first = make([]int32, n+1)
	for _, h := range g.linkHead {
		first[h+1]++
	}
	for v := range n {
		first[v+1] += first[v]
	}
	at := slices.Clone(first)
	tails = make([]int32, len(g.linkHead))
	for v := range int32(n) {
		for l := g.linkFirst[v]; l < g.linkFirst[v+1]; l++ {
			h := g.linkHead[l]
			tails[at[h]] = v
			at[h]++
		}
	}
	return first, tails
}

// largestComponent marks the vertices of the largest strongly connected part of the search graph (Tarjan 1972, doi
// 10.1137/0201010, without recursion).
func (g *Graph) largestComponent() []bool {
	n := int32(g.numVertices())
	var (
		index  = make([]int32, n) // order of discovery + 1, 0 where not seen
		low    = make([]int32, n)
		next   = make([]int32, n) // next link to look at
		comp   = make([]int32, n) // component + 1
		sizes  = []int32{0}
		stack  []int32 // vertices of unfinished components
		path   []int32 // the depth-first path
		number int32
	)
	for root := range n {
		if index[root] != 0 {
			continue
		}
		path = append(path, root)
		for len(path) > 0 {
			v := path[len(path)-1]
			if index[v] == 0 {
				number++
				index[v], low[v], next[v] = number, number, g.linkFirst[v]
				stack = append(stack, v)
			}
			if next[v] < g.linkFirst[v+1] {
				h := g.linkHead[next[v]]
				next[v]++
				if index[h] == 0 {
					path = append(path, h)
				} else if comp[h] == 0 {
					low[v] = min(low[v], index[h])
				}
				continue
			}
			path = path[:len(path)-1]
			if len(path) > 0 {
				up := path[len(path)-1]
				low[up] = min(low[up], low[v])
			}
			if low[v] == index[v] {
				id := int32(len(sizes))
				sizes = append(sizes, 0)
				for done := false; !done; {
					top := stack[len(stack)-1]
					stack = stack[:len(stack)-1]
					comp[top] = id
					sizes[id]++
					done = top == v
				}
			}
		}
	}
	best := int32(0)
	for id, size := range sizes {
		if size > sizes[best] {
			best = int32(id)
		}
	}
	out := make([]bool, n)
	for v := range out {
		out[v] = comp[v] == best && best > 0
	}
	return out
}
