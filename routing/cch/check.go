package cch

import "fmt"

// Check verifies every invariant of the topology and returns the first that is broken, wrapped in ErrInvariant. It takes
// about as long as a customization. What NewTopology and DecodeTopology return always passes.
func (t *Topology) Check() error {
	n := len(t.order)
	for v, id := range t.order {
		if uint64(id) >= uint64(n) || t.rank[id] != uint32(v) {
			return broken("order and rank are not inverse at %d", v)
		}
	}
	if err := checkRows(n, t.first, t.head); err != nil {
		return err
	}
	if err := t.checkTree(); err != nil {
		return err
	}
	for a, v := range t.tail {
		if v >= uint32(n) || uint32(a) < t.first[v] || uint32(a) >= t.first[v+1] {
			return broken("tail of arc %d", a)
		}
		if t.headDepth[a] != t.depth[t.head[a]] {
			return broken("head depth of arc %d", a)
		}
	}
	if err := t.checkInput(); err != nil {
		return err
	}
	return t.checkSpans()
}

func broken(format string, args ...any) error {
	return fmt.Errorf("cch: check %s: %w", fmt.Sprintf(format, args...), ErrInvariant)
}

// checkRows verifies up-arcs: rows in sequence, heads ascending and above their tail, and chordal, that is: the higher
// neighbours of a node beyond its parent are neighbours of the parent. It also serves on arrays not yet trusted.
func checkRows(n int, first, head []uint32) error {
	if len(first) != n+1 || first[0] != 0 || first[n] != uint32(len(head)) {
		return broken("row bounds of %d nodes", n)
	}
	for v := range n { // bounds first: the rows of parents are read below
		if first[v] > first[v+1] {
			return broken("row of node %d", v)
		}
	}
	for v := range n {
		row := head[first[v]:first[v+1]]
		last := uint32(v)
		for _, w := range row {
			if w <= last || w >= uint32(n) {
				return broken("heads of node %d", v)
			}
			last = w
		}
		if len(row) == 0 {
			continue
		}
		above := head[first[row[0]]:first[row[0]+1]]
		for _, w := range row[1:] {
			for len(above) > 0 && above[0] < w {
				above = above[1:]
			}
			if len(above) == 0 || above[0] != w {
				return broken("chordality at node %d", v)
			}
		}
	}
	return nil
}

// checkTree verifies depth and lowest, and that ranks are a postorder.
func (t *Topology) checkTree() error {
	n := len(t.order)
	size := make([]uint32, n)
	for v := range uint32(n) {
		size[v]++
		p := t.parent(v)
		if t.lowest[v] != v+1-size[v] {
			return broken("subtree of node %d", v)
		}
		switch {
		case p == None && t.depth[v] != 0, p != None && t.depth[v] != t.depth[p]+1, int(t.depth[v]) > t.maxDepth:
			return broken("depth of node %d", v)
		case p != None:
			size[p] += size[v]
			if t.lowest[p] > t.lowest[v] {
				return broken("subtree of node %d below %d", v, p)
			}
		}
	}
	return nil
}

// checkInput verifies the slots and both indices of arcs by end.
func (t *Topology) checkInput() error {
	attached := 0
	for v := range uint32(len(t.order)) {
		for i := t.inputFirst[v]; i < t.inputFirst[v+1]; i++ {
			a := t.inputArc[i]
			if s := t.slot[a]; s != t.inputSlot[i] || s < 2*t.first[v] || s >= 2*t.first[v+1] || t.tail[s>>1] != v {
				return broken("slot of input arc %d", a)
			}
			attached++
		}
		for _, a := range t.lowerArc[t.lowerFirst[v]:t.lowerFirst[v+1]] {
			if t.head[a] != v {
				return broken("lower arc %d of node %d", a, v)
			}
		}
	}
	for _, s := range t.slot {
		if s == None {
			attached++
		}
	}
	if attached != t.inputArcs || len(t.lowerArc) != len(t.head) {
		return broken("%d of %d input arcs attached", attached, t.inputArcs)
	}
	return nil
}

// checkSpans verifies that subtrees and top divide the nodes.
func (t *Topology) checkSpans() error {
	seen := make([]bool, len(t.order))
	count := 0
	mark := func(v uint32) {
		if !seen[v] {
			seen[v] = true
			count++
		}
	}
	for _, v := range t.top {
		mark(v)
	}
	for _, s := range t.subtrees {
		for v := s.lo; v <= s.hi; v++ {
			mark(v)
			if p := t.parent(v); p != None && p < s.hi && t.lowest[p] < s.lo {
				return broken("subtree %d to %d", s.lo, s.hi)
			}
		}
	}
	if count != len(seen) {
		return broken("%d of %d nodes to customize", count, len(seen))
	}
	return nil
}
