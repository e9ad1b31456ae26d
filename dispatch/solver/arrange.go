package solver

// arranger enumerates the ways to put a vehicle's breaks, in their order, into a sequence of visits.
type arranger struct {
	base  []Node // visits without breaks
	first Node   // the first break
	count int32
	slot  [MaxBreaks]int32 // break i goes before base[slot[i]]
	begun bool
	nodes []Node
}

// reset starts with the visits of route, whose own breaks are dropped.
func (a *arranger) reset(p *Problem, v Vehicle, route []Node) {
	a.base = a.base[:0]
	for _, n := range route {
		if n >= p.first {
			a.base = append(a.base, n)
		}
	}
	a.count = int32(p.BreaksOf(v))
	a.first = Node(2*p.vehicles + p.breakAt.at(v))
	a.slot = [MaxBreaks]int32{}
	a.begun = false
}

// next makes the next arrangement in nodes and reports whether there was one. Without breaks there is exactly one.
func (a *arranger) next() bool {
	if a.begun && !a.step() {
		return false
	}
	a.begun = true
	a.nodes = a.nodes[:0]
	b := int32(0)
	for k := range len(a.base) + 1 {
		for b < a.count && a.slot[b] == int32(k) {
			a.nodes = append(a.nodes, a.first+Node(b))
			b++
		}
		if k < len(a.base) {
			a.nodes = append(a.nodes, a.base[k])
		}
	}
	return true
}

// step moves the last break that can still move, and those after it to the same slot.
func (a *arranger) step() bool {
	for i := a.count - 1; i >= 0; i-- {
		if int(a.slot[i]) < len(a.base) {
			a.slot[i]++
			for j := i + 1; j < a.count; j++ {
				a.slot[j] = a.slot[i]
			}
			return true
		}
	}
	return false
}
