package cch

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

// Along adds up a second quantity, such as metres, along the fastest ways of one metric: it holds, for every hierarchy arc,
// the sum over the way that Path would unpack it to. Matrices of both quantities then cost about twice one of the first,
// where finding each way and adding up its arcs costs hundreds of times as much. It is immutable and safe for any number of goroutines.
type Along struct {
	metric *Metric
	sums   []uint32 // all slots; undefined where the weight is Inf
}

// Along prepares values[input arc] for sums along the ways of m. Any sum along a shortest way must fit uint32. It takes
// about two customizations; workers as in Customize. The only error is an array of the wrong length, wrapped in ErrWeights. values is not kept.
func (m *Metric) Along(values []uint32, workers int) (*Along, error) {
	t := m.topo
	if len(values) != t.inputArcs {
		return nil, fmt.Errorf("cch: sum %d values along %d arcs: %w", len(values), t.inputArcs, ErrWeights)
	}
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	a := &Along{metric: m, sums: make([]uint32, 2*len(t.head))}
	var wg sync.WaitGroup
	var next atomic.Int64
	for range workers {
		wg.Go(func() {
			s := newSummer(a, values)
			for i := next.Add(1) - 1; i < int64(len(t.subtrees)); i = next.Add(1) - 1 {
				for v := t.subtrees[i].lo; v <= t.subtrees[i].hi; v++ {
					s.node(v)
				}
			}
		})
	}
	wg.Wait()
	s := newSummer(a, values)
	for _, v := range t.top {
		s.node(v)
	}
	return a, nil
}

// summer fills the sums of one node after another, as customizer does the weights.
type summer struct {
	a      *Along
	values []uint32 // [input arc]
	index  []uint32 // [depth] position in the current node's row of the up-arc to the ancestor at that depth
}

func newSummer(a *Along, values []uint32) *summer {
	return &summer{a: a, values: values, index: make([]uint32, a.metric.topo.maxDepth+1)}
}

// row returns the sums of a node, laid out as its weights.
func (a *Along) row(v uint32) []uint32 {
	t := a.metric.topo
	return a.sums[2*t.first[v] : 2*t.first[v+1]]
}

// node computes the sums of v: of the first input arc that has the weight of the slot, or else of the lowest such triangle.
func (s *summer) node(v uint32) {
	m := s.a.metric
	t := m.topo
	weights, sums := m.row(v), s.a.row(v)
	for i := range sums {
		sums[i] = None
	}
	for i := t.inputFirst[v]; i < t.inputFirst[v+1]; i++ {
		k, arc := t.inputSlot[i]-2*t.first[v], t.inputArc[i]
		if sums[k] == None && m.Weight(arc) == weights[k] {
			sums[k] = s.values[arc]
		}
	}
	deg := uint32(len(weights) / 2)
	for i, d := range t.headDepth[t.first[v]:t.first[v+1]] {
		s.index[d] = uint32(i)
	}
	for _, a := range t.lowerArc[t.lowerFirst[v]:t.lowerFirst[v+1]] {
		u := t.tail[a]
		i, n := t.place(u, a)
		below, belowSums := m.row(u), s.a.row(u)
		for j := i + 1; j < n; j++ {
			p := s.index[t.headDepth[t.first[u]+j]]
			if sums[p] == None && below[i+n]+below[j] == weights[p] {
				sums[p] = belowSums[i+n] + belowSums[j]
			}
			if p += deg; sums[p] == None && below[i]+below[j+n] == weights[p] {
				sums[p] = belowSums[i] + belowSums[j+n]
			}
		}
	}
}

// Build is Labels.Build with the second quantity, for JoinAlong. The places may also be joined, and queried, without it.
func (a *Along) Build(l *Labels, dir Direction, points *Points, workers int) error {
	return l.build(a.metric, a, dir, points, workers)
}

// climb is Metric.climb with sums.
func (a *Along) climb(dist, sum []uint32, v uint32, dir Direction) uint32 {
	t := a.metric.topo
	lo, hi := t.first[v], t.first[v+1]
	if lo == hi {
		return None
	}
	depth := t.depth[v]
	x, y := dist[depth], sum[depth]
	if x >= Inf {
		return t.head[lo]
	}
	weights, sums := a.metric.row(v), a.row(v)
	if dir == Backward {
		weights, sums = weights[hi-lo:], sums[hi-lo:]
	}
	for i, d := range t.headDepth[lo:hi] {
		if z := x + weights[i]; z < dist[d] {
			dist[d], sum[d] = z, y+sums[i]
		}
	}
	return t.head[lo]
}

// JoinAlong is Join that also writes along[i*to.Len()+j], the sum of the second quantity on the fastest way, seeds included; 0 where
// there is no way. Among equally fast ways it is the sum of one of them. It panics where Join does, and if either side was not built
// by the same Along.
func JoinAlong(from, to *Labels, out, along []uint32, workers int) {
	if from.along == nil || from.along != to.along {
		panic("cch: join labels that were not built by one Along")
	}
	if len(along) != len(out) {
		panic(fmt.Sprintf("cch: join into %d and %d cells", len(out), len(along)))
	}
	join(from, to, out, along, workers)
}
