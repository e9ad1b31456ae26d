package cch

import (
	"fmt"
	"sort"
)

// Topology is the metric-independent phase: the contraction order, the chordal completion of the graph under it and
// the elimination tree. It is immutable after construction and safe for any number of goroutines.
//
// Inside the package a node is named by its rank; ids of the input graph appear only at the edge. Ranks are a
// postorder of the elimination tree, so a subtree is a contiguous interval that ends at its root. The up-arcs of a
// node lead to ancestors only, and no two ancestors share a depth: a depth names an ancestor, and tables indexed by
// depth replace tables indexed by node.
type Topology struct {
	inputArcs int // arcs of the input graph, self loops included
	maxDepth  int // largest element of depth; 0 in a graph without nodes

	order []uint32 // [rank] input node
	rank  []uint32 // [input node] rank; inverse of order

	first     []uint32 // [node] first up-arc; length nodes+1
	head      []uint32 // [arc] higher end; ascending within a node, so the first is the parent in the elimination tree
	headDepth []uint32 // [arc] depth of the higher end
	tail      []uint32 // [arc] lower end

	lowerFirst []uint32 // [node] first element in lowerArc; length nodes+1
	lowerArc   []uint32 // arcs whose head is the node, ascending by tail

	depth  []uint32 // [node] arcs to the root of its elimination tree; a root has 0
	lowest []uint32 // [node] smallest node of its subtree; the subtree is [lowest, node]

	slot       []uint32 // [input arc] position of its weight among all slots (see Metric), None for a self loop
	inputFirst []uint32 // [node] first element in inputArc; length nodes+1
	inputArc   []uint32 // input arcs whose lower end is the node, ascending
	inputSlot  []uint32 // their slots, in the same sequence

	rowAt []uint32 // [node] start of its weights within its page (see Metric)

	subtrees []span   // disjoint subtrees that customization may run side by side, heaviest first
	top      []uint32 // nodes in none of subtrees, ascending
}

// span is the closed interval of nodes [lo, hi].
type span struct{ lo, hi uint32 }

// Nodes is the number of nodes of the input graph.
func (t *Topology) Nodes() int { return len(t.order) }

// InputArcs is the number of arcs of the input graph, self loops included.
func (t *Topology) InputArcs() int { return t.inputArcs }

// Arcs is the number of hierarchy arcs; each carries a weight upward and one downward.
func (t *Topology) Arcs() int { return len(t.head) }

// MaxDepth is the greatest number of arcs from a node to the root of its elimination tree, the measure of a search space.
func (t *Topology) MaxDepth() int { return t.maxDepth }

// Order returns a copy of the contraction order in use: element r is the input node of rank r. It is a postorder of the
// elimination tree of the order given to NewTopology, so it may differ from that, with the same fill-in.
func (t *Topology) Order() []uint32 { return append([]uint32(nil), t.order...) }

// Triangles is the number of lower triangles, the work of a customization.
func (t *Topology) Triangles() int {
	sum := 0
	for v := range t.order {
		d := int(t.first[v+1] - t.first[v])
		sum += d * (d - 1) / 2
	}
	return sum
}

// SearchSpace averages over all nodes the size of the search from a node to its root: nodes met and up-arcs scanned.
func (t *Topology) SearchSpace() (nodes, arcs float64) {
	if len(t.order) == 0 {
		return 0, 0
	}
	arcsFrom := make([]uint64, len(t.order)) // [node] up-arcs of it and all its ancestors
	for v := len(t.order) - 1; v >= 0; v-- {
		nodes += float64(t.depth[v] + 1)
		arcsFrom[v] = uint64(t.first[v+1] - t.first[v])
		if p := t.parent(uint32(v)); p != None {
			arcsFrom[v] += arcsFrom[p]
		}
		arcs += float64(arcsFrom[v])
	}
	n := float64(len(t.order))
	return nodes / n, arcs / n
}

// parent is the next node on the way to the root, or None at a root.
func (t *Topology) parent(v uint32) uint32 {
	if lo := t.first[v]; lo < t.first[v+1] {
		return t.head[lo]
	}
	return None
}

// contains reports whether v is u or one of its descendants.
func (t *Topology) contains(u, v uint32) bool { return t.lowest[u] <= v && v <= u }

// arcBetween returns the arc from lo to the higher node hi, or None.
func (t *Topology) arcBetween(lo, hi uint32) uint32 {
	row := t.head[t.first[lo]:t.first[lo+1]]
	if i := sort.Search(len(row), func(i int) bool { return row[i] >= hi }); i < len(row) && row[i] == hi {
		return t.first[lo] + uint32(i)
	}
	return None
}

// commonDepth is the depth of the lowest common ancestor of u and v, or -1 where they lie in different trees.
func (t *Topology) commonDepth(u, v uint32) int {
	for u != v {
		if u > v {
			u, v = v, u
		}
		if u = t.parent(u); u == None {
			return -1
		}
	}
	return int(t.depth[u])
}

// nodeOfInput checks an input node id and returns its rank.
func (t *Topology) nodeOfInput(id uint32) (uint32, error) {
	if uint64(id) >= uint64(len(t.rank)) {
		return None, fmt.Errorf("cch: look up node %d of %d: %w", id, len(t.rank), ErrGraph)
	}
	return t.rank[id], nil
}
