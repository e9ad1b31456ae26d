package cch

import (
	"cmp"
	"fmt"
	"slices"
)

// NewTopology contracts the nodes of g in the given order (order[r] is the r-th node to go) and returns the hierarchy. The
// quality of the order decides the size of the result and the speed of everything after; any permutation is correct.
//
// The up-arcs are the chordal completion of Dibbelt, Strasser, Wagner (2016), "Customizable Contraction Hierarchies",
// section 4 (doi 10.1145/2886843): no witness search. The elimination tree is found first (Liu 1990, "The role of
// elimination trees in sparse factorization", doi 10.1137/0611010), ranks are renumbered to a postorder of it, and then
// the neighbours of each node are merged into its parent only.
//
// Errors wrap ErrGraph or ErrOrder. Time is near linear in the number of hierarchy arcs.
func NewTopology(g Graph, order []uint32) (*Topology, error) {
	if err := g.Validate(); err != nil {
		return nil, err
	}
	rank, ok := invert(order)
	if !ok || len(order) != g.Nodes {
		return nil, fmt.Errorf("cch: contract %d nodes in an order of %d: %w", g.Nodes, len(order), ErrOrder)
	}
	post := postorder(eliminationTree(g, rank))
	for v := range rank {
		rank[v] = post[rank[v]]
	}
	t := &Topology{inputArcs: len(g.Tail), rank: rank}
	t.order, _ = invert(rank)
	if err := t.complete(g); err != nil {
		return nil, err
	}
	t.derive()
	if err := t.attach(g); err != nil {
		return nil, err
	}
	return t, nil
}

// eliminationTree returns the parent of each rank, None at roots, by Liu's algorithm with path compression.
func eliminationTree(g Graph, rank []uint32) []uint32 {
	higher, lower := orient(g, rank)
	first, item := groupBy(g.Nodes, higher)
	parent := make([]uint32, g.Nodes)
	ancestor := make([]uint32, g.Nodes) // shortcut towards the current root
	for v := range uint32(g.Nodes) {
		parent[v], ancestor[v] = None, None
		for _, a := range item[first[v]:first[v+1]] {
			for r := lower[a]; r != v; {
				next := ancestor[r]
				ancestor[r] = v
				if next == None {
					parent[r] = v
					break
				}
				r = next
			}
		}
	}
	return parent
}

// orient gives for each input arc its two ends by rank, None twice for a self loop.
func orient(g Graph, rank []uint32) (higher, lower []uint32) {
	higher, lower = make([]uint32, len(g.Tail)), make([]uint32, len(g.Tail))
	for a := range g.Tail {
		u, v := rank[g.Tail[a]], rank[g.Head[a]]
		higher[a], lower[a] = max(u, v), min(u, v)
		if u == v {
			higher[a], lower[a] = None, None
		}
	}
	return higher, lower
}

// postorder numbers a forest so that every subtree is an interval ending at its root. Siblings keep their sequence, so a
// forest already in postorder is left as it is. Parents must have larger numbers than their children.
func postorder(parent []uint32) []uint32 {
	n := len(parent)
	size := make([]uint32, n)
	for v, p := range parent {
		size[v]++
		if p != None {
			size[p] += size[v]
		}
	}
	post := make([]uint32, n)
	end := make([]uint32, n) // [node] one past the last number still free inside its subtree
	free := uint32(n)
	for v := n - 1; v >= 0; v-- { // later siblings take later intervals
		last := &free
		if parent[v] != None {
			last = &end[parent[v]]
		}
		post[v] = *last - 1
		end[v] = *last - 1
		*last -= size[v]
	}
	return post
}

// complete fills first, head and tail: the up-arcs of v are its higher neighbours in g and those of its children, less v.
func (t *Topology) complete(g Graph) error {
	n := len(t.order)
	higher, lower := orient(g, t.rank)
	start, item := groupBy(n, lower)
	child, sibling := make([]uint32, n), make([]uint32, n) // lists of children by parent, linked through sibling
	seen := make([]uint32, n)                              // [node] last node that has it as a neighbour
	for v := range child {
		child[v], sibling[v], seen[v] = None, None, None
	}
	t.first = make([]uint32, 1, n+1)
	t.head = make([]uint32, 0, 2*len(item))
	for v := range uint32(n) {
		base := len(t.head)
		for _, a := range item[start[v]:start[v+1]] {
			t.head = appendUnseen(t.head, seen, v, higher[a:a+1])
		}
		for c := child[v]; c != None; c = sibling[c] {
			t.head = appendUnseen(t.head, seen, v, t.head[t.first[c]+1:t.first[c+1]])
		}
		row := t.head[base:]
		slices.Sort(row)
		if len(row) > 0 {
			sibling[v], child[row[0]] = child[row[0]], v
		}
		if len(t.head) > maxArcs {
			return fmt.Errorf("cch: contract: more than %d hierarchy arcs: %w", maxArcs, ErrOrder)
		}
		t.first = append(t.first, uint32(len(t.head)))
	}
	t.head = append(make([]uint32, 0, len(t.head)), t.head...)
	return nil
}

// appendUnseen appends to list the nodes not yet stamped with v, and stamps them.
func appendUnseen(list, seen []uint32, v uint32, nodes []uint32) []uint32 {
	for _, w := range nodes {
		if seen[w] != v {
			seen[w] = v
			list = append(list, w)
		}
	}
	return list
}

// derive fills every array that follows from order, first and head.
func (t *Topology) derive() {
	n := len(t.order)
	t.tail = make([]uint32, len(t.head))
	t.headDepth = make([]uint32, len(t.head))
	t.depth, t.lowest = make([]uint32, n), make([]uint32, n)
	for v := range uint32(n) {
		t.lowest[v] = v
	}
	for v := range uint32(n) {
		if p := t.parent(v); p != None {
			t.lowest[p] = min(t.lowest[p], t.lowest[v])
		}
	}
	for v := n - 1; v >= 0; v-- {
		if p := t.parent(uint32(v)); p != None {
			t.depth[v] = t.depth[p] + 1
		}
		t.maxDepth = max(t.maxDepth, int(t.depth[v]))
		for a := t.first[v]; a < t.first[v+1]; a++ {
			t.tail[a] = uint32(v)
			t.headDepth[a] = t.depth[t.head[a]]
		}
	}
	t.lowerFirst, t.lowerArc = groupBy(n, t.head)
	t.rowAt = make([]uint32, n)
	for v := range t.rowAt {
		t.rowAt[v] = 2 * (t.first[v] - t.first[v&^pageMask])
	}
	t.divide()
}

// attach maps the arcs of g to slots. It fails with ErrGraph where an arc of g has no hierarchy arc.
func (t *Topology) attach(g Graph) error {
	t.slot = make([]uint32, len(g.Tail))
	owner := make([]uint32, len(g.Tail)) // [input arc] its lower end
	for a := range g.Tail {
		u, v := t.rank[g.Tail[a]], t.rank[g.Head[a]]
		t.slot[a], owner[a] = None, None
		if u == v {
			continue
		}
		lo, hi := min(u, v), max(u, v)
		arc := t.arcBetween(lo, hi)
		if arc == None {
			return fmt.Errorf("cch: attach arc %d: not in the hierarchy: %w", a, ErrGraph)
		}
		t.slot[a], owner[a] = t.slotOf(arc, u > v), lo
	}
	t.inputFirst, t.inputArc = groupBy(len(t.order), owner)
	t.inputSlot = make([]uint32, len(t.inputArc))
	for i, a := range t.inputArc {
		t.inputSlot[i] = t.slot[a]
	}
	return nil
}

// slotOf is the position of an arc's weight among all slots: the slots of node v are [2*first[v], 2*first[v+1]), first the
// weights from v up in the sequence of its up-arcs, then the weights from above down to v.
func (t *Topology) slotOf(arc uint32, down bool) uint32 {
	v := t.tail[arc]
	s := t.first[v] + arc
	if down {
		s += t.first[v+1] - t.first[v]
	}
	return s
}

// divide picks the subtrees to customize side by side: maximal ones with at most 1/subtreeShare of all the work, and runs of
// neighbouring small ones together up to the same share.
func (t *Topology) divide() {
	const subtreeShare = 64 // 16 to 256 differ by less than the noise on two cores; small enough for sixteen
	n := len(t.order)
	work := make([]uint64, n) // [node] of its whole subtree
	var total uint64
	for v := range uint32(n) {
		d := uint64(t.first[v+1] - t.first[v])
		work[v] += d*d + 1
		total += d*d + 1
		if p := t.parent(v); p != None {
			work[p] += work[v]
		}
	}
	limit := total / subtreeShare
	var sums []uint64 // [subtree] work
	for v := range uint32(n) {
		p := t.parent(v)
		if work[v] > limit {
			t.top = append(t.top, v)
			continue
		}
		if p != None && work[p] <= limit {
			continue
		}
		last := len(sums) - 1
		if last >= 0 && t.subtrees[last].hi+1 == t.lowest[v] && sums[last]+work[v] <= limit {
			t.subtrees[last].hi = v
			sums[last] += work[v]
			continue
		}
		t.subtrees = append(t.subtrees, span{t.lowest[v], v})
		sums = append(sums, work[v])
	}
	t.sortSubtrees(sums)
}

// sortSubtrees puts the heaviest first, so that the last ones to start are short.
func (t *Topology) sortSubtrees(sums []uint64) {
	at := make(map[uint32]uint64, len(sums))
	for i, s := range t.subtrees {
		at[s.hi] = sums[i]
	}
	slices.SortFunc(t.subtrees, func(a, b span) int {
		return cmp.Or(cmp.Compare(at[b.hi], at[a.hi]), cmp.Compare(a.lo, b.lo))
	})
}
