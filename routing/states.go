package routing

import (
	"cmp"
	"slices"
)

// turnTrie holds the beginnings of all forbidden turns. Driving walks it as a matching automaton (Aho, Corasick 1975, doi
// 10.1145/360825.360855): the state is the longest tail of the arcs driven last that begins a forbidden turn.
type turnTrie struct {
	next map[trieStep]int32
	fail []int32 // state of the longest proper tail
	arc  []int32 // last arc of the state
	bad  []bool  // the state, or a tail of it, is a whole forbidden turn
}

type trieStep struct{ state, arc int32 }

// newTurnTrie builds the automaton for forbidden turns and for single arcs that are to be remembered because what follows
// them may cost extra; state 0 remembers nothing.
func newTurnTrie(turns [][]int32, remember []int32) *turnTrie {
	t := &turnTrie{next: map[trieStep]int32{}, fail: []int32{0}, arc: []int32{-1}, bad: []bool{false}}
	depth := []int{0}
	insert := func(arcs ...int32) int32 {
		s := int32(0)
		for _, a := range arcs {
			n, ok := t.next[trieStep{s, a}]
			if !ok {
				n = int32(len(t.arc))
				t.next[trieStep{s, a}] = n
				t.fail, t.arc, t.bad = append(t.fail, 0), append(t.arc, a), append(t.bad, false)
				depth = append(depth, depth[s]+1)
			}
			s = n
		}
		return s
	}
	for _, turn := range turns {
		t.bad[insert(turn...)] = true
	}
	for _, a := range remember {
		insert(a)
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

// mode is where a driver stands with respect to roads that only those may use who start or end their trip there.
type mode uint8

const (
	modeFree  mode = iota // nothing to observe: on open roads, or still inside the area where the trip began
	modeStart             // still in the area where the trip began, at a node from which open roads lead on
	modeEnd               // entered such an area from open roads: the trip must end there
)

// situation is a node with everything remembered about how it was reached.
type situation struct {
	node, state int32 // state of the turnTrie
	mode        mode
}

// stateBuilder makes the search graph: the part of the product of road network, turn automaton and modes that can be
// reached.
type stateBuilder struct {
	g     *Graph
	trie  *turnTrie
	costs map[[2]int32]uint32 // extra milliseconds of one arc after another
	zones zones
	found map[situation]int32 // vertices beside the plain ones, numbered as found
	queue []situation
}

// buildStates makes the search graph from the forbidden turns, the costs of others and the restricted areas.
func (g *Graph) buildStates(turns [][]int32, costs map[[2]int32]uint32) {
	var remember []int32
	for pair := range costs {
		remember = append(remember, pair[0])
	}
	slices.Sort(remember)
	b := &stateBuilder{g: g, trie: newTurnTrie(turns, slices.Compact(remember)), costs: costs, zones: g.findZones(), found: map[situation]int32{}}
	for v := range int32(len(g.nodeAt)) {
		for a := g.firstOut[v]; a < g.firstOut[v+1]; a++ {
			next, _ := b.drive(situation{node: v}, a) // one arc alone is never forbidden
			b.find(next)
			b.find(b.entry(a))
		}
	}
	for i := 0; i < len(b.queue); i++ {
		k := b.queue[i]
		for a := g.firstOut[k.node]; a < g.firstOut[k.node+1]; a++ {
			if next, ok := b.drive(k, a); ok {
				b.find(next)
			}
		}
	}
	b.write()
	g.forbidden = []int32{int32(len(turns))}
}

// drive returns the situation after driving arc a, false where that is forbidden.
func (b *stateBuilder) drive(k situation, a int32) (situation, bool) {
	next := situation{node: b.g.arcHead[a], state: b.trie.step(k.state, a)}
	restricted := b.zones.restricted(b.g.arcSeg[a] >> 1)
	switch {
	case b.trie.bad[next.state], k.mode == modeEnd && !restricted:
		return next, false
	case k.mode == modeEnd, restricted && k.mode == modeFree && b.zones.rim[k.node]:
		next.mode = modeEnd
	case restricted:
		next.mode = b.zones.startMode(next.node)
	}
	return next, true
}

// entry returns the situation after a trip began on arc a.
func (b *stateBuilder) entry(a int32) situation {
	next := situation{node: b.g.arcHead[a], state: b.trie.step(0, a)}
	if b.zones.restricted(b.g.arcSeg[a] >> 1) {
		next.mode = b.zones.startMode(next.node)
	}
	return next
}

// find notes a situation that is no plain vertex.
func (b *stateBuilder) find(k situation) {
	if k.state == 0 && k.mode == modeFree {
		return
	}
	if _, ok := b.found[k]; !ok {
		b.found[k] = int32(len(b.queue))
		b.queue = append(b.queue, k)
	}
}

// write numbers the vertices by node and fills the columns of the search graph.
func (b *stateBuilder) write() {
	g, n := b.g, int32(len(b.g.nodeAt))
	slices.SortFunc(b.queue, func(x, y situation) int {
		return cmp.Or(cmp.Compare(x.node, y.node), cmp.Compare(x.state, y.state), cmp.Compare(x.mode, y.mode))
	})
	for i, k := range b.queue {
		b.found[k] = n + int32(i)
		g.stateNode = append(g.stateNode, k.node)
	}
	vertex := func(k situation) int32 {
		if k.state == 0 && k.mode == modeFree {
			return k.node
		}
		return b.found[k]
	}
	g.linkFirst = slices.Clone(g.firstOut)
	for v := range n {
		for a := g.firstOut[v]; a < g.firstOut[v+1]; a++ {
			next, _ := b.drive(situation{node: v}, a)
			g.linkHead = append(g.linkHead, vertex(next))
			g.arcEntry = append(g.arcEntry, vertex(b.entry(a)))
		}
	}
	for _, k := range b.queue {
		for a := g.firstOut[k.node]; a < g.firstOut[k.node+1]; a++ {
			if next, ok := b.drive(k, a); ok {
				g.linkHead = append(g.linkHead, vertex(next))
				g.linkArc = append(g.linkArc, a)
				g.linkTurn = append(g.linkTurn, b.costs[[2]int32{b.trie.arc[k.state], a}])
			}
		}
		g.linkFirst = append(g.linkFirst, int32(len(g.linkHead)))
	}
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
