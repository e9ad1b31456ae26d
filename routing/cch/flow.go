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

	level []int32  // [state] distance from the sources in the current phase, unreached if not met
	iter  []uint32 // [state] next move to try
	queue []uint32 // states
	way   []uint32 // states of the way in the making

	position []float64 // alongLine
	keys     []uint64
	line     []uint32
}

const unreached = -1

// A state is twice a node, plus one for its out-state.
func inState(v uint32) uint32  { return 2 * v }
func outState(v uint32) uint32 { return 2*v + 1 }

func newFlow(p *part) *flow {
	n := p.len()
	words := make([]uint32, 9*n)
	take := func(k int) []uint32 {
		s := words[: k*n : k*n]
		words = words[k*n:]
		return s
	}
	return &flow{
		part: p, side: make([]uint8, n), end: make([]uint8, n),
		prev: take(1), next: take(1), iter: take(2), line: take(1), queue: take(2)[:0],
		level: make([]int32, 2*n), position: make([]float64, n), keys: make([]uint64, n),
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

// run augments to the maximum. Between phases it asks whether to go on and returns false if not.
func (f *flow) run(worthwhile func() bool) bool {
	for worthwhile() {
		if !f.layer() {
			return true
		}
		clear(f.iter)
		for _, s := range f.sources {
			if f.prev[s] != terminal && f.level[inState(s)] == 0 && f.search(inState(s)) {
				f.augment()
			}
		}
	}
	return false
}

// move returns where the residual network leads from a state: the k-th successor, and false when there are no more. A successor of None is to be skipped.
func (f *flow) move(state, k uint32) (uint32, bool) {
	v := state / 2
	if state == inState(v) {
		switch {
		case k > 0:
			return None, false
		case f.prev[v] == None:
			return outState(v), true
		case f.prev[v] == terminal:
			return None, false
		}
		return outState(f.prev[v]), true
	}
	near := f.part.near(v)
	if int(k) < len(near) {
		if f.end[near[k]] == sideFrom { // a source has its in-state from the start, the inside of From is of no use
			return None, true
		}
		return inState(near[k]), true
	}
	if int(k) == len(near) && f.prev[v] != None {
		return inState(v), true
	}
	return None, false
}

// layer computes the levels of all states that can be on a shortest augmenting way and reports whether there is one.
func (f *flow) layer() bool {
	for i := range f.level {
		f.level[i] = unreached
	}
	f.queue = f.queue[:0]
	for _, s := range f.sources {
		f.level[inState(s)] = 0
		f.queue = append(f.queue, inState(s))
	}
	found := int32(-1)
	for i := 0; i < len(f.queue); i++ {
		s := f.queue[i]
		l := f.level[s]
		if found >= 0 && l >= found {
			break
		}
		if f.opens(s) {
			found = l
			continue
		}
		for k := uint32(0); ; k++ {
			w, ok := f.move(s, k)
			if !ok {
				break
			}
			if w != None && f.level[w] == unreached {
				f.level[w] = l + 1
				f.queue = append(f.queue, w)
			}
		}
	}
	return found >= 0
}

// opens reports whether a way may end at this state: the out-state of a node of To that ends none yet.
func (f *flow) opens(state uint32) bool {
	v := state / 2
	return state == outState(v) && f.end[v] == sideTo && f.next[v] != terminal
}

// search looks for a way from state along ascending levels and leaves it in f.way. Each state is left for good when its moves are used up.
func (f *flow) search(state uint32) bool {
	f.way = append(f.way[:0], state)
	for len(f.way) > 0 {
		s := f.way[len(f.way)-1]
		if f.opens(s) {
			return true
		}
		w, ok := f.move(s, f.iter[s])
		if !ok {
			f.level[s] = unreached // a dead end for the rest of the phase
			f.way = f.way[:len(f.way)-1]
			continue
		}
		f.iter[s]++
		if w != None && f.level[w] == f.level[s]+1 {
			f.way = append(f.way, w)
		}
	}
	return false
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
	for _, s := range f.way {
		f.level[s] = unreached
	}
	f.value++
}

// cutNearFrom fills f.side with the minimum cut closest to From and returns the number of nodes on the smaller side. It
// must follow a run to the maximum, whose last phase has reached all that the residual network allows.
func (f *flow) cutNearFrom() int {
	var count [3]int
	for v := range f.side {
		in, out := f.level[2*v] != unreached, f.level[2*v+1] != unreached
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
		in, out := f.level[2*v] != unreached, f.level[2*v+1] != unreached
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
	for i := range f.level {
		f.level[i] = unreached
	}
	f.queue = f.queue[:0]
	reach := func(s uint32) {
		if f.level[s] == unreached {
			f.level[s] = 0
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
