package cch

import "fmt"

const (
	pageShift = 8 // nodes per page of hierarchy weights: 256; smaller pages copy less on a change, larger ones clone faster
	pageMask  = 1<<pageShift - 1

	inputShift = 10 // input weights per page: 1024
	inputMask  = 1<<inputShift - 1
)

// Metric is the second phase: hierarchy weights customized from one set of arc weights. It is immutable and safe for any
// number of goroutines; publish a new one through an atomic.Pointer and let running queries finish on the old.
//
// Weights live in pages of whole node rows. Update copies only the pages it writes, so a metric after a closure shares nearly
// all memory with the one before it. The row of a node is one stretch of its page: weights of its up-arcs in their sequence,
// then, in the same sequence, the weights of the same arcs downward.
type Metric struct {
	topo  *Topology
	pages [][]uint32 // [node>>pageShift] rows of the nodes of the page
	input [][]uint32 // [input arc>>inputShift] the weights given, capped at Inf

	search [2]*searchGraph // [direction]; nil but in a perfect metric
	ways   ways            // where weights come from, as far as anybody asked
}

// Topology is the hierarchy the metric belongs to.
func (m *Metric) Topology() *Topology { return m.topo }

// Weight is the weight in use of an input arc, in ms; Inf where it is closed. It panics if arc is out of range.
func (m *Metric) Weight(arc uint32) uint32 { return m.input[arc>>inputShift][arc&inputMask] }

// row returns the weights of a node: up-arcs upward in the first half, downward in the second.
func (m *Metric) row(v uint32) []uint32 {
	t := m.topo
	at := t.rowAt[v]
	return m.pages[v>>pageShift][at : at+2*(t.first[v+1]-t.first[v])]
}

// newMetric allocates the pages side by side in one block and copies the input weights.
func (t *Topology) newMetric(weights []uint32) (*Metric, []uint32, error) {
	if len(weights) != t.inputArcs {
		return nil, nil, fmt.Errorf("cch: customize %d arcs with %d weights: %w", t.inputArcs, len(weights), ErrWeights)
	}
	m := &Metric{topo: t, ways: t.newWays()}
	block := make([]uint32, 2*len(t.head))
	n := len(t.order)
	for v := 0; v < n; v += 1 << pageShift {
		lo, hi := 2*t.first[v], 2*t.first[min(n, v+1<<pageShift)]
		m.pages = append(m.pages, block[lo:hi:hi])
	}
	kept := make([]uint32, len(weights))
	for a, w := range weights {
		kept[a] = min(w, Inf)
	}
	for a := 0; a < len(kept); a += 1 << inputShift {
		hi := min(len(kept), a+1<<inputShift)
		m.input = append(m.input, kept[a:hi:hi])
	}
	return m, block, nil
}
