package routing

// markMain sets segMain on the segments where a trip may start and end: those from which the largest strongly connected
// part of the search graph is reached at once, and which that part reaches.
func (g *Graph) markMain() {
	inMain := g.largestComponent()
	for s := range int32(g.numSegments()) {
		start, end := false, false
		for _, a := range g.segArcs[2*s : 2*s+2] {
			if a < 0 {
				continue
			}
			start = start || inMain[g.linkHead[a]]
			tail := g.arcTail(a)
			end = end || inMain[tail]
			for v, last := g.statesAt(tail); v < last; v++ {
				end = end || inMain[v] && g.linkFor(v, a) >= 0
			}
		}
		if start && end {
			g.segFlags[s] |= segMain
		}
	}
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
