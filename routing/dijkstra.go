package routing

// dijkstra is a plain search over the search graph (Dijkstra 1959, doi 10.1007/BF01386390) and its scratch memory. One
// goroutine at a time may use it; the next search starts where a stamp is out of date, nothing is cleared.
type dijkstra struct {
	g       *Graph
	weights []uint32 // by arc, milliseconds; closed where it cannot be driven
	dist    []cost
	parent  []int32 // link that reached the vertex, -1 at a seed
	stamp   []uint32
	now     uint32
	heap    searchHeap
}

func newDijkstra(g *Graph, weights []uint32) *dijkstra {
	n := g.numVertices()
	return &dijkstra{g: g, weights: weights, dist: make([]cost, n), parent: make([]int32, n), stamp: make([]uint32, n)}
}

// start begins a search from the seeds.
func (d *dijkstra) start(seeds []seed) {
	d.now++
	if d.now == 0 { // wrapped around
		clear(d.stamp)
		d.now = 1
	}
	d.heap.items = d.heap.items[:0]
	for _, s := range seeds {
		d.relax(s.vertex, s.cost, -1)
	}
}

func (d *dijkstra) relax(v int32, c cost, link int32) {
	if c >= noCost || d.stamp[v] == d.now && d.dist[v] <= c {
		return
	}
	d.stamp[v], d.dist[v], d.parent[v] = d.now, c, link
	d.heap.push(searchItem{c, v})
}

// step settles the next vertex; ok is false where none is left.
func (d *dijkstra) step() (v int32, c cost, ok bool) {
	for len(d.heap.items) > 0 {
		it := d.heap.pop()
		if it.cost != d.dist[it.vertex] {
			continue // a better one was settled before
		}
		g := d.g
		for l := g.linkFirst[it.vertex]; l < g.linkFirst[it.vertex+1]; l++ {
			a := g.arcOf(l)
			if w := d.weights[a]; w != closed {
				d.relax(g.linkHead[l], it.cost+makeCost(w, g.segCm[g.arcSeg[a]>>1]), l)
			}
		}
		return it.vertex, it.cost, true
	}
	return -1, noCost, false
}

// runUntil searches until nothing cheaper than bound() can follow.
func (d *dijkstra) runUntil(bound func() cost, settled func(v int32, c cost)) {
	for len(d.heap.items) > 0 && d.heap.items[0].cost < bound() {
		if v, c, ok := d.step(); ok {
			settled(v, c)
		}
	}
}

// distance returns the cost of reaching v, noCost where this search has not.
func (d *dijkstra) distance(v int32) cost {
	if d.stamp[v] != d.now {
		return noCost
	}
	return d.dist[v]
}

// linksTo returns the links of the path that reached v, in driving order, and the seed vertex where it starts.
func (d *dijkstra) linksTo(v int32) (links []int32, start int32) {
	for d.parent[v] >= 0 {
		l := d.parent[v]
		links = append(links, l)
		v = d.g.linkTail(l)
	}
	for i, j := 0, len(links)-1; i < j; i, j = i+1, j-1 {
		links[i], links[j] = links[j], links[i]
	}
	return links, v
}

// linkTail returns the vertex that a link leaves.
func (g *Graph) linkTail(link int32) int32 {
	if link < int32(len(g.arcHead)) {
		return g.arcTail(link)
	}
	lo, hi := int32(len(g.nodeAt)), int32(g.numVertices())
	for lo < hi { // last vertex whose links begin at or before link
		mid := (lo + hi) / 2
		if g.linkFirst[mid+1] <= link {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

type searchItem struct {
	cost   cost
	vertex int32
}

// searchHeap is a binary heap of search items, the cheapest first.
type searchHeap struct{ items []searchItem }

func (h *searchHeap) push(it searchItem) {
	h.items = append(h.items, it)
	i := len(h.items) - 1
	for i > 0 {
		up := (i - 1) / 2
		if h.items[up].cost <= it.cost {
			break
		}
		h.items[i] = h.items[up]
		i = up
	}
	h.items[i] = it
}

func (h *searchHeap) pop() searchItem {
	top := h.items[0]
	last := len(h.items) - 1
	it := h.items[last]
	h.items = h.items[:last]
	i := 0
	for {
		c := 2*i + 1
		if c >= last {
			break
		}
		if c+1 < last && h.items[c+1].cost < h.items[c].cost {
			c++
		}
		if it.cost <= h.items[c].cost {
			break
		}
		h.items[i] = h.items[c]
		i = c
	}
	if last > 0 {
		h.items[i] = it
	}
	return top
}
