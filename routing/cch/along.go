package cch

import "fmt"

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
	m.findAll(workers)
	a := &Along{metric: m, sums: make([]uint32, 2*len(t.head))}
	for slot := range a.sums { // ascending by node: the halves of a lower triangle are summed before
		w := m.ways.load(uint32(slot))
		if w == 0 {
			continue
		}
		if arc, ok := w.input(); ok {
			a.sums[slot] = values[arc]
			continue
		}
		first, second := w.halves()
		a.sums[slot] = a.sums[first] + a.sums[second]
	}
	return a, nil
}

// row returns the sums of a node, laid out as its weights.
func (a *Along) row(v uint32) []uint32 {
	t := a.metric.topo
	return a.sums[2*t.first[v] : 2*t.first[v+1]]
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
