package cch

// Marks beside node ids in flow.prev and flow.next.
const (
	terminal uint32 = None - 1 // the way begins or ends here
)

// flow is a maximum set of node-disjoint ways between two growing ends of a part: a flow with capacity one at every
// node, ends included, so by Menger's theorem its value is the size of a smallest vertex separator. It is augmented along
// shortest residual ways in phases (Dinic 1970); every node is split into an in- and an out-state implicitly.
type flow struct {
	part  *part
	value int     // number of ways
	side  []uint8 // result of the last cut

	prev, next []uint32 // [node] neighbours on its way, terminal at an end, None off all ways
	end        []uint8  // [node] sideFrom, sideTo, or sideCut for neither
	sources    []uint32 // nodes of the end From that may start a way: those with a neighbour outside of it
	sinks      []uint32

	seen  []bool   // [state] entered in the current phase
	iter  []uint32 // [node] next neighbour to try from the out-state, counted through all neighbours twice
	queue []uint32 // states
	way   []uint32 // states of the way in the making

	line     []uint32 // nodes by position along the current line
	at       []uint32 // [node] its place in line
	position []float64
	keys     []uint64
}

// A state is twice a node, plus one for its out-state.
func inState(v uint32) uint32  { return 2 * v }
func outState(v uint32) uint32 { return 2*v + 1 }

func newFlow(p *part) *flow {
	n := p.len()
	words := make([]uint32, 7*n)
	take := func(k int) []uint32 {
		s := words[: k*n : k*n]
		words = words[k*n:]
		return s
	}
	return &flow{
		part: p, side: make([]uint8, n), end: make([]uint8, n),
		prev: take(1), next: take(1), iter: take(1), line: take(1), at: take(1), queue: take(2)[:0],
		seen: make([]bool, 2*n), position: make([]float64, n), keys: make([]uint64, n),
	}
}

// reset removes all ways and both ends.
func (f *flow) reset() {
	f.value = 0
	f.sources, f.sinks = f.sources[:0], f.sinks[:0]
	for v := range f.prev {
		f.prev[v], f.next[v], f.end[v] = None, None, sideCut
	}
}

// grow sets the ends, which must contain the ends before. Ways are kept; the parts of them now within an end are dropped.
func (f *flow) grow(from, to []uint32) {
	f.sources = f.setEnd(f.sources, from, sideFrom)
	f.sinks = f.setEnd(f.sinks, to, sideTo)
	for v := range f.prev {
		if f.prev[v] == terminal {
			f.trim(uint32(v))
		}
	}
}

// setEnd marks nodes as one end and returns those with a neighbour outside.
func (f *flow) setEnd(rim, nodes []uint32, end uint8) []uint32 {
	for _, v := range nodes {
		f.end[v] = end
	}
	rim = rim[:0]
	for _, v := range nodes {
		for _, w := range f.part.near(v) {
			if f.end[w] != end {
				rim = append(rim, v)
				break
			}
		}
	}
	return rim
}

// trim shortens the way that starts at v to what lies between the last node of From on it and the first node of To after that.
func (f *flow) trim(v uint32) {
	start, stop := v, v
	for w := v; ; w = f.next[w] {
		stop = w
		if f.end[w] == sideFrom {
			start = w
		}
		if f.end[w] == sideTo || f.next[w] == terminal {
			break
		}
	}
	f.clear(v, start)
	f.prev[start] = terminal
	after := f.next[stop]
	f.next[stop] = terminal
	if after != terminal {
		f.clear(after, terminal)
	}
}

// clear takes the nodes from v up to but without end off their way.
func (f *flow) clear(v, end uint32) {
	for v != end {
		next := f.next[v]
		f.prev[v], f.next[v] = None, None
		v = next
	}
}

// run augments to the maximum. After every augmentation it asks whether to go on and returns false if not.
func (f *flow) run(worthwhile func() bool) bool {
	for {
		clear(f.seen)
		clear(f.iter)
		before := f.value
		for _, s := range f.sources {
			if f.prev[s] == terminal { // nothing more fits, but the node may be in the cut
				f.seen[inState(s)] = true
			}
			if f.seen[inState(s)] || !f.search(inState(s)) {
				continue
			}
			f.augment()
			if !worthwhile() {
				return false
			}
		}
		if f.value == before {
			return true
		}
	}
}

// search looks for a way from state in the residual network by depth-first search and leaves it in f.way. A state is entered
// once in a phase, whether it led to a way or not.
func (f *flow) search(state uint32) bool {
	f.seen[state] = true
	f.way = append(f.way[:0], state)
	for len(f.way) > 0 {
		s := f.way[len(f.way)-1]
		if f.opens(s) {
			return true
		}
		w := f.advance(s)
		if w == None {
			f.way = f.way[:len(f.way)-1]
			continue
		}
		f.seen[w] = true
		f.way = append(f.way, w)
	}
	return false
}

// advance returns an unseen state the residual network leads to from s, or None when there are no more. From an out-state it first
// tries the neighbours further along the line, which makes most ways straight, then the others.
func (f *flow) advance(s uint32) uint32 {
	v := s / 2
	if s == inState(v) {
		switch {
		case f.prev[v] == None:
			s = outState(v)
		case f.prev[v] == terminal:
			return None
		default:
			s = outState(f.prev[v])
		}
		if f.seen[s] {
			return None
		}
		return s
	}
	near := f.part.near(v)
	for k := f.iter[v]; k < 2*uint32(len(near)); k++ {
		ahead := k < uint32(len(near))
		w := near[k%uint32(len(near))]
		// The inside of From is of no use, and its rim is entered from the source.
		if ahead == (f.at[w] > f.at[v]) && !f.seen[inState(w)] && f.end[w] != sideFrom {
			f.iter[v] = k + 1
			return inState(w)
		}
	}
	f.iter[v] = 2 * uint32(len(near))
	if f.prev[v] != None && !f.seen[inState(v)] {
		return inState(v)
	}
	return None
}

// opens reports whether a way may end at this state: the out-state of a node of To that ends none yet.
func (f *flow) opens(state uint32) bool {
	v := state / 2
	return state == outState(v) && f.end[v] == sideTo && f.next[v] != terminal
}

// augment adds f.way to the flow. Every state on it is entered and left once, which sets the way before an in-state and
// after an out-state; what the old ways had there is thereby rerouted.
func (f *flow) augment() {
	for i, s := range f.way {
		v := s / 2
		if s == inState(v) {
			switch {
			case i == 0:
				f.prev[v] = terminal
			case f.way[i-1] == outState(v): // its way no longer comes through v
				f.prev[v] = None
			default:
				f.prev[v] = f.way[i-1] / 2
			}
			continue
		}
		switch {
		case i == len(f.way)-1:
			f.next[v] = terminal
		case f.way[i+1] == inState(v):
			f.next[v] = None
		default:
			f.next[v] = f.way[i+1] / 2
		}
	}
	f.value++
}

// cutNearFrom fills f.side with the minimum cut closest to From and returns the number of nodes on the smaller side. It
// must follow a run to the maximum, whose last phase has reached all that the residual network allows.
func (f *flow) cutNearFrom() int {
	var count [3]int
	for v := range f.side {
		in, out := f.seen[2*v], f.seen[2*v+1]
		s := sideTo
		switch {
		case in && !out:
			s = sideCut
		case in || out || f.end[v] == sideFrom:
			s = sideFrom
		}
		f.side[v] = s
		count[s]++
	}
	return min(count[sideFrom], count[sideTo])
}

// cutNearTo is cutNearFrom for the minimum cut closest to To, by a search against the residual network.
func (f *flow) cutNearTo() int {
	f.layerBack()
	var count [3]int
	for v := range f.side {
		in, out := f.seen[2*v], f.seen[2*v+1]
		s := sideFrom
		switch {
		case out && !in:
			s = sideCut
		case in || out || f.end[v] == sideTo:
			s = sideTo
		}
		f.side[v] = s
		count[s]++
	}
	return min(count[sideFrom], count[sideTo])
}

// layerBack marks all states from which the sinks can be reached.
func (f *flow) layerBack() {
	clear(f.seen)
	f.queue = f.queue[:0]
	reach := func(s uint32) {
		if !f.seen[s] {
			f.seen[s] = true
			f.queue = append(f.queue, s)
		}
	}
	for _, s := range f.sinks {
		reach(outState(s))
	}
	for i := 0; i < len(f.queue); i++ {
		s := f.queue[i]
		v := s / 2
		switch {
		case s == inState(v):
			for _, w := range f.part.near(v) {
				reach(outState(w))
			}
			if f.prev[v] != None {
				reach(outState(v))
			}
		case f.prev[v] == None:
			reach(inState(v))
		case f.next[v] != terminal:
			reach(inState(f.next[v]))
		}
	}
}
