package routing

import "slices"

// turnTrie holds the beginnings of all forbidden turns. Driving walks it as a matching automaton (Aho, Corasick 1975, doi
// 10.1145/360825.360855): the state is the longest tail of the arcs driven last that begins a forbidden turn.
type turnTrie struct {
	next map[trieStep]int32
	fail []int32 // state of the longest proper tail
	arc  []int32 // last arc of the state
	bad  []bool  // the state, or a tail of it, is a whole forbidden turn
}

type trieStep struct{ state, arc int32 }

// newTurnTrie builds the automaton; state 0 remembers nothing.
func newTurnTrie(turns [][]int32) *turnTrie {
	t := &turnTrie{next: map[trieStep]int32{}, fail: []int32{0}, arc: []int32{-1}, bad: []bool{false}}
	depth := []int{0}
	for _, turn := range turns {
		s := int32(0)
		for _, a := range turn {
			n, ok := t.next[trieStep{s, a}]
			if !ok {
				n = int32(len(t.arc))
				t.next[trieStep{s, a}] = n
				t.fail, t.arc, t.bad = append(t.fail, 0), append(t.arc, a), append(t.bad, false)
				depth = append(depth, depth[s]+1)
			}
			s = n
		}
		t.bad[s] = true
	}
	t.linkFails(depth)
	return t
}

// linkFails fills fail and spreads bad, the shallow states first.
func (t *turnTrie) linkFails(depth []int) {
	steps := make([]trieStep, len(t.arc))
	for step, s := range t.next {
		steps[s] = step
	}
	byDepth := make([]int32, len(t.arc))
	for i := range byDepth {
		byDepth[i] = int32(i)
	}
	slices.SortStableFunc(byDepth, func(a, b int32) int { return depth[a] - depth[b] })
	for _, s := range byDepth {
		if s == 0 || steps[s].state == 0 {
			continue
		}
		t.fail[s] = t.step(t.fail[steps[s].state], steps[s].arc)
		t.bad[s] = t.bad[s] || t.bad[t.fail[s]]
	}
}

// step returns the state after driving arc a in state s.
func (t *turnTrie) step(s, a int32) int32 {
	for {
		if n, ok := t.next[trieStep{s, a}]; ok {
			return n
		}
		if s == 0 {
			return 0
		}
		s = t.fail[s]
	}
}

// buildStates makes the search graph from the forbidden turns: vertices that remember, and the links between vertices.
func (g *Graph) buildStates(turns [][]int32) {
	t := newTurnTrie(turns)
	n, m := int32(len(g.nodeAt)), int32(len(g.arcHead))
	var states []int32 // states that become vertices, in the order of their nodes
	for s := int32(1); s < int32(len(t.arc)); s++ {
		if !t.bad[s] {
			states = append(states, s)
		}
	}
	slices.SortStableFunc(states, func(a, b int32) int { return int(g.arcHead[t.arc[a]]) - int(g.arcHead[t.arc[b]]) })
	vertexOf := make([]int32, len(t.arc))
	for i, s := range states {
		vertexOf[s] = n + int32(i)
		g.stateNode = append(g.stateNode, g.arcHead[t.arc[s]])
	}
	head := func(s, a int32) (int32, bool) {
		next := t.step(s, a)
		switch {
		case t.bad[next]:
			return 0, false
		case next == 0:
			return g.arcHead[a], true
		}
		return vertexOf[next], true
	}
	g.linkFirst = slices.Clone(g.firstOut)
	g.linkHead = make([]int32, m)
	for a := range m {
		g.linkHead[a], _ = head(0, a) // one arc alone is never forbidden
	}
	for i, s := range states {
		v := g.stateNode[i]
		for a := g.firstOut[v]; a < g.firstOut[v+1]; a++ {
			if h, ok := head(s, a); ok {
				g.linkHead = append(g.linkHead, h)
				g.linkArc = append(g.linkArc, a)
			}
		}
		g.linkFirst = append(g.linkFirst, int32(len(g.linkHead)))
	}
	g.forbidden = []int32{int32(len(turns))}
}

// statesAt returns the range of remembering vertices at a node, from first up to but without end.
func (g *Graph) statesAt(node int32) (first, end int32) {
	lo, ok := slices.BinarySearch(g.stateNode, node)
	if !ok {
		return 0, 0
	}
	hi := lo
	for hi < len(g.stateNode) && g.stateNode[hi] == node {
		hi++
	}
	n := len(g.nodeAt)
	return int32(n + lo), int32(n + hi)
}

// linkFor returns the link of a vertex that drives arc, -1 where that turn is forbidden or the arc leaves another node.
func (g *Graph) linkFor(vertex, arc int32) int32 {
	for l := g.linkFirst[vertex]; l < g.linkFirst[vertex+1]; l++ {
		if g.arcOf(l) == arc {
			return l
		}
	}
	return -1
}
