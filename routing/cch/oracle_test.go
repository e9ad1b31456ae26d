package cch_test

import (
	"container/heap"
	"math"
	"math/rand/v2"

	"github.com/swmaas/swmaas/routing/cch"
)

// network is a graph with coordinates and weights, and the slow truth about it.
type network struct {
	cch.Graph
	x, y    []float32
	weights []uint32
	out     [][]uint32 // [node] arcs that leave it
	in      [][]uint32 // [node] arcs that enter it
}

func (n *network) add(tail, head int, weight uint32) {
	n.Tail, n.Head = append(n.Tail, uint32(tail)), append(n.Head, uint32(head))
	n.weights = append(n.weights, weight)
}

// addBoth adds an arc and, with the given probability, the arc back.
func (n *network) addBoth(rng *rand.Rand, tail, head int, weight uint32, back float64) {
	n.add(tail, head, weight)
	if rng.Float64() < back {
		n.add(head, tail, weight)
	}
}

// index builds the adjacency lists for the oracle.
func (n *network) index() *network {
	n.out, n.in = make([][]uint32, n.Nodes), make([][]uint32, n.Nodes)
	for a := range n.Tail {
		n.out[n.Tail[a]] = append(n.out[n.Tail[a]], uint32(a))
		n.in[n.Head[a]] = append(n.in[n.Head[a]], uint32(a))
	}
	return n
}

type entry struct {
	node uint32
	dist uint64
}

type entries []entry

func (h entries) Len() int           { return len(h) }
func (h entries) Less(i, j int) bool { return h[i].dist < h[j].dist }
func (h entries) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *entries) Push(x any)        { *h = append(*h, x.(entry)) }
func (h *entries) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// dijkstra is the oracle: textbook, in 64 bits, distances of Inf and more reported as Inf. Backward gives distances to the seeds.
func (n *network) dijkstra(weights []uint32, seeds []cch.Seed, dir cch.Direction) []uint32 {
	dist := make([]uint64, n.Nodes)
	for v := range dist {
		dist[v] = math.MaxUint64
	}
	var open entries
	for _, s := range seeds {
		heap.Push(&open, entry{s.Node, uint64(s.Offset)})
	}
	for open.Len() > 0 {
		e := heap.Pop(&open).(entry)
		if e.dist >= dist[e.node] {
			continue
		}
		dist[e.node] = e.dist
		arcs, ends := n.out, n.Head
		if dir == cch.Backward {
			arcs, ends = n.in, n.Tail
		}
		for _, a := range arcs[e.node] {
			if weights[a] < cch.Inf {
				heap.Push(&open, entry{ends[a], e.dist + uint64(weights[a])})
			}
		}
	}
	capped := make([]uint32, n.Nodes)
	for v, d := range dist {
		capped[v] = uint32(min(d, uint64(cch.Inf)))
	}
	return capped
}

// nearestSeed is the least distance over end seeds, from distances to nodes.
func nearestSeed(dist []uint32, ends []cch.Seed) uint32 {
	best := uint64(cch.Inf)
	for _, s := range ends {
		best = min(best, uint64(dist[s.Node])+uint64(s.Offset))
	}
	return uint32(best)
}

// makers are the kinds of graph every property is tried on. Each may hold zero weights, closed arcs, loops and parallel arcs.
var makers = map[string]func(rng *rand.Rand) *network{
	"grid":         func(rng *rand.Rand) *network { return roadGrid(rng, 5+rng.IntN(12), 0.7) },
	"geometric":    func(rng *rand.Rand) *network { return geometric(rng, 20+rng.IntN(150)) },
	"tree":         func(rng *rand.Rand) *network { return tree(rng, 1+rng.IntN(150)) },
	"path":         func(rng *rand.Rand) *network { return path(rng, 1+rng.IntN(200)) },
	"disconnected": func(rng *rand.Rand) *network { return sparse(rng, 60, 40) },
	"random":       func(rng *rand.Rand) *network { return sparse(rng, 2+rng.IntN(60), 150) },
	"clique":       func(rng *rand.Rand) *network { return sparse(rng, 40, 1200) },
	"one node":     func(rng *rand.Rand) *network { return sparse(rng, 1, 3) },
}

// weight draws a weight with the awkward values often among them.
func weight(rng *rand.Rand) uint32 {
	switch rng.IntN(12) {
	case 0:
		return 0
	case 1:
		return cch.Inf
	case 2:
		return cch.Inf - 1 - rng.Uint32N(3)
	case 3:
		return math.MaxUint32 - rng.Uint32N(2)
	}
	return rng.Uint32N(1000)
}

// roadGrid is a jittered grid of side by side nodes of which a share of the arcs is kept.
func roadGrid(rng *rand.Rand, side int, keep float64) *network {
	n := &network{Graph: cch.Graph{Nodes: side * side}}
	for v := range n.Nodes {
		n.x = append(n.x, float32(v%side)+rng.Float32()*0.4)
		n.y = append(n.y, float32(v/side)+rng.Float32()*0.4)
		if v%side > 0 && rng.Float64() < keep {
			n.addBoth(rng, v-1, v, weight(rng), 0.8)
		}
		if v >= side && rng.Float64() < keep {
			n.addBoth(rng, v-side, v, weight(rng), 0.8)
		}
	}
	return n.index()
}

// geometric joins random points to those within a radius.
func geometric(rng *rand.Rand, nodes int) *network {
	n := &network{Graph: cch.Graph{Nodes: nodes}}
	radius := 1.3 / math.Sqrt(float64(nodes))
	for v := range nodes {
		n.x, n.y = append(n.x, rng.Float32()), append(n.y, rng.Float32())
		for u := range v {
			if math.Hypot(float64(n.x[u]-n.x[v]), float64(n.y[u]-n.y[v])) < radius {
				n.addBoth(rng, u, v, weight(rng), 0.8)
			}
		}
	}
	return n.index()
}

func tree(rng *rand.Rand, nodes int) *network {
	n := &network{Graph: cch.Graph{Nodes: nodes}}
	for v := range nodes {
		n.x, n.y = append(n.x, rng.Float32()), append(n.y, rng.Float32())
		if v > 0 {
			n.addBoth(rng, rng.IntN(v), v, weight(rng), 0.9)
		}
	}
	return n.index()
}

func path(rng *rand.Rand, nodes int) *network {
	n := &network{Graph: cch.Graph{Nodes: nodes}}
	for v := range nodes {
		n.x, n.y = append(n.x, float32(v)), append(n.y, 0)
		if v > 0 {
			n.addBoth(rng, v-1, v, rng.Uint32N(100), 0.95)
		}
	}
	return n.index()
}

// sparse throws arcs at random: loops, parallel arcs and several components come by themselves.
func sparse(rng *rand.Rand, nodes, arcs int) *network {
	n := &network{Graph: cch.Graph{Nodes: nodes}}
	for range nodes {
		n.x, n.y = append(n.x, rng.Float32()), append(n.y, rng.Float32())
	}
	for range arcs {
		n.add(rng.IntN(nodes), rng.IntN(nodes), weight(rng))
	}
	return n.index()
}

// hubs joins every node to three of a few nodes, which no road network does.
func hubs(rng *rand.Rand, nodes int) *network {
	n := &network{Graph: cch.Graph{Nodes: nodes}}
	for v := range nodes {
		n.x, n.y = append(n.x, rng.Float32()), append(n.y, rng.Float32())
		for range 3 {
			n.addBoth(rng, v, rng.IntN(5), weight(rng), 0.8)
		}
	}
	return n.index()
}

// randomSeeds draws up to four seeds, sometimes none and sometimes several on one node.
func (n *network) randomSeeds(rng *rand.Rand) []cch.Seed {
	var list []cch.Seed
	for range rng.IntN(5) {
		offset := rng.Uint32N(300)
		if rng.IntN(10) == 0 {
			offset = cch.Inf + rng.Uint32N(2)
		}
		list = append(list, cch.Seed{Node: rng.Uint32N(uint32(n.Nodes)), Offset: offset})
	}
	return list
}
