package cch

import "fmt"

// Equal compares all weights of two metrics of one topology, and what m remembers of where its weights come from with what o finds anew. It
// leaves m remembering everything.
func (m *Metric) Equal(o *Metric) error {
	for v := range m.topo.order {
		a, b := m.row(uint32(v)), o.row(uint32(v))
		for i := range a {
			if a[i] != b[i] {
				return fmt.Errorf("node %d slot %d: %d and %d", v, i, a[i], b[i])
			}
			if slot := 2*m.topo.first[v] + uint32(i); a[i] < Inf && m.way(slot) != o.find(slot) {
				return fmt.Errorf("node %d slot %d: by way %x and %x", v, i, m.way(slot), o.find(slot))
			}
		}
	}
	for a := range m.topo.inputArcs {
		if x, y := m.Weight(uint32(a)), o.Weight(uint32(a)); x != y {
			return fmt.Errorf("input arc %d: %d and %d", a, x, y)
		}
	}
	return nil
}

// Corrupt returns, by name, ways to break one array each of a topology that has at least three nodes in a row.
func (t *Topology) Corrupt() map[string]func() {
	return map[string]func(){
		"order":     func() { t.order[0], t.order[1] = t.order[1], t.order[0] },
		"first":     func() { t.first[1] = t.first[len(t.first)-1] + 1 },
		"head":      func() { t.head[0] = 0 },
		"headDepth": func() { t.headDepth[0]++ },
		"tail":      func() { t.tail[0]++ },
		"lowerArc":  func() { t.lowerArc[0], t.lowerArc[len(t.lowerArc)-1] = t.lowerArc[len(t.lowerArc)-1], t.lowerArc[0] },
		"depth":     func() { t.depth[0]++ },
		"lowest":    func() { t.lowest[len(t.lowest)-1]++ },
		"slot":      func() { t.slot[0] = 2*t.first[len(t.first)-1] - 1 - t.slot[0] },
		"inputArc":  func() { t.inputArc = t.inputArc[1:]; t.inputFirst[len(t.inputFirst)-1]-- },
		"top":       func() { t.top, t.subtrees = nil, nil },
	}
}
