package routing

// dijkstra is a plain search over the search graph (Dijkstra 1959, doi 10.1007/BF01386390) and its scratch memory. One
// goroutine at a time may use it; the next search starts where a stamp is out of date, nothing is cleared.
type dijkstra struct {
	g       *Graph
	weights []uint32 // by arc, milliseconds; closed where it cannot be driven
	dist    []cost
	stamp   []uint32
	now     uint32
	heap    searchHeap
}

func newDijkstra(g *Graph, weights []uint32) *dijkstra {
	n := g.numVertices()
	return &dijkstra{g: g, weights: weights, dist: make([]cost, n), stamp: make([]uint32, n)}
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
		d.relax(s.vertex, s.cost)
	}
}

func (d *dijkstra) relax(v int32, c cost) {
	if c >= noCost || d.stamp[v] == d.now && d.dist[v] <= c {
		return
	}
	d.stamp[v], d.dist[v] = d.now, c
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
				d.relax(g.linkHead[l], it.cost+makeCost(w+g.turnMs(l), g.segCm[g.arcSeg[a]>>1]))
			}
		}
		return it.vertex, it.cost, true
	}
	return -1, noCost, false
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
