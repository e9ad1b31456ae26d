package cch

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// ways tells for every slot where its weight comes from: an input arc, marked with inputWay, or the lower arc that begins its
// lowest triangle of that weight (from the node in between to the tail of the slot's arc). None where the weight is Inf.
type ways []uint32

// inputWay marks input arcs among ways; ids stay below it.
const inputWay uint32 = 1 << 31

const _ = uint(inputWay - maxArcs - 1) // proof: an arc id never has the mark

// findWays computes the ways of a metric. It takes about a customization.
func (m *Metric) findWays(workers int) ways {
	t := m.topo
	w := make(ways, 2*len(t.head))
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var wg sync.WaitGroup
	var nextSubtree, nextTop atomic.Int64
	for range workers { // nothing depends on the ways of other nodes, only on weights
		wg.Go(func() {
			f := wayFinder{m: m, ways: w, index: make([]uint32, t.maxDepth+1)}
			for i := nextTop.Add(1) - 1; i < int64(len(t.top)); i = nextTop.Add(1) - 1 {
				f.node(t.top[i])
			}
			for i := nextSubtree.Add(1) - 1; i < int64(len(t.subtrees)); i = nextSubtree.Add(1) - 1 {
				for v := t.subtrees[i].lo; v <= t.subtrees[i].hi; v++ {
					f.node(v)
				}
			}
		})
	}
	wg.Wait()
	return w
}

// wayFinder is one worker of findWays.
type wayFinder struct {
	m     *Metric
	ways  ways
	index []uint32 // [depth] position in the current node's row of the up-arc to the ancestor at that depth
}

// node finds the ways of v, by the choice that find and split make for a metric without ways.
func (f *wayFinder) node(v uint32) {
	m := f.m
	t := m.topo
	weights := m.row(v)
	from := f.ways[2*t.first[v] : 2*t.first[v+1]]
	for i := range from {
		from[i] = None
	}
	for i := t.inputFirst[v]; i < t.inputFirst[v+1]; i++ {
		k, arc := t.inputSlot[i]-2*t.first[v], t.inputArc[i]
		if from[k] == None && weights[k] < Inf && m.Weight(arc) == weights[k] {
			from[k] = arc | inputWay
		}
	}
	deg := uint32(len(weights) / 2)
	for i, d := range t.headDepth[t.first[v]:t.first[v+1]] {
		f.index[d] = uint32(i)
	}
	for _, a := range t.lowerArc[t.lowerFirst[v]:t.lowerFirst[v+1]] {
		u := t.tail[a]
		i, n := t.place(u, a)
		below := m.row(u)
		heads := t.headDepth[a+1 : t.first[u+1]]
		up, down := below[i], below[i+n]
		for j, d := range heads {
			p := f.index[d]
			k := int(i) + 1 + j
			if down+below[k] == weights[p] && from[p] == None && weights[p] < Inf {
				from[p] = a
			}
			if p += deg; up+below[k+int(n)] == weights[p] && from[p] == None && weights[p] < Inf {
				from[p] = a
			}
		}
	}
}

// halves returns the two steps of a step whose way is the lower arc a, in the sequence of travel.
func (t *Topology) halves(s step, a uint32) (first, second step) {
	u := t.tail[a]
	b := t.findAfter(a, t.first[u+1], t.head[s.arc])
	if s.down {
		return step{arc: b, tail: u, down: true}, step{arc: a, tail: u}
	}
	return step{arc: a, tail: u, down: true}, step{arc: b, tail: u}
}
