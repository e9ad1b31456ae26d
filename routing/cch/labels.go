package cch

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// Points is a list of places, each with any number of seeds; a place without seeds is unreachable. The zero value is empty.
type Points struct {
	first []uint32 // [point] first seed, without the final sentinel
	seeds []Seed
}

// Add appends a place and returns its position. The seeds are copied.
func (p *Points) Add(seeds ...Seed) int {
	p.first = append(p.first, uint32(len(p.seeds)))
	p.seeds = append(p.seeds, seeds...)
	return len(p.first) - 1
}

// Len is the number of places.
func (p *Points) Len() int { return len(p.first) }

// Reset empties the list and keeps its memory.
func (p *Points) Reset() { p.first, p.seeds = p.first[:0], p.seeds[:0] }

// Seeds returns the seeds of place i; the slice belongs to p.
func (p *Points) Seeds(i int) []Seed {
	if i+1 < len(p.first) {
		return p.seeds[p.first[i]:p.first[i+1]]
	}
	return p.seeds[p.first[i]:]
}

// Labels holds the finished climbs of many places in one direction under one metric: for each place its distance to (or
// from) every ancestor in the elimination tree. Two places are joined by one pass over the ancestors they share, without
// touching the graph: keep the labels of places that are asked about again and again, and join only what is new.
//
// The memory is about 4 bytes times the depth of a place (Topology.SearchSpace gives the average). A Labels value is
// filled by one goroutine at a time; when filled it may be read by many.
type Labels struct {
	metric *Metric
	dir    Direction
	places int

	leaf  []uint32 // [chain] its lowest seed
	place []uint32 // [chain] the place it belongs to; a place has one chain in most cases, and several if its seeds are far apart
	first []uint32 // [chain] start of its distances; length chains+1
	dist  []uint32 // distances by depth, root first, to the leaf of the chain inclusive

	byRank []uint32 // chains ascending by leaf
	common []int32  // [i] commonDepth of the leaves of byRank[i] and byRank[i+1]

	split chains
}

// Len is the number of places.
func (l *Labels) Len() int { return l.places }

// Build fills l with the labels of points, replacing what it held and reusing its memory. Forward labels serve as starts, Backward
// labels as ends. workers as in Customize. The only error is a seed node out of range, wrapped in ErrGraph; l is then empty.
func (l *Labels) Build(m *Metric, dir Direction, points *Points, workers int) error {
	l.metric, l.dir, l.places = m, dir, points.Len()
	l.leaf, l.place, l.first, l.dist = l.leaf[:0], l.place[:0], append(l.first[:0], 0), l.dist[:0]
	l.byRank, l.common = l.byRank[:0], l.common[:0]
	t := m.topo
	size := 0
	for i := range points.Len() {
		if err := l.split.split(t, points.Seeds(i)); err != nil {
			*l = Labels{}
			return fmt.Errorf("cch: label place %d: %w", i, err)
		}
		for _, g := range l.split.groups {
			l.leaf, l.place = append(l.leaf, g.leaf), append(l.place, uint32(i))
			size += int(t.depth[g.leaf]) + 1
			l.first = append(l.first, uint32(size))
		}
	}
	l.dist = slices.Grow(l.dist, size)[:size]
	for i := range l.dist {
		l.dist[i] = Inf
	}
	c := uint32(0)
	for i := range points.Len() {
		_ = l.split.split(t, points.Seeds(i)) // checked above
		for _, g := range l.split.groups {
			row := l.row(c)
			for _, s := range l.split.of(g) {
				d := &row[t.depth[s.node]]
				*d = min(*d, s.offset)
			}
			c++
		}
	}
	l.climb(workers)
	l.sort()
	return nil
}

// row is the distances of a chain.
func (l *Labels) row(c uint32) []uint32 { return l.dist[l.first[c]:l.first[c+1]] }

// climb finishes the rows, which hold the seeds.
func (l *Labels) climb(workers int) {
	if workers = useful(len(l.leaf), workers); workers == 1 {
		l.climbSome(0, len(l.leaf))
		return
	}
	share(len(l.leaf), workers, l.climbSome)
}

// climbSome finishes the rows of the chains from lo up to but without hi.
func (l *Labels) climbSome(lo, hi int) {
	for c := lo; c < hi; c++ {
		row := l.row(uint32(c))
		for v := l.leaf[c]; v != None; {
			v = l.metric.climb(row, v, l.dir)
		}
	}
}

// sort orders the chains by leaf: ranks are a postorder, so neighbours share most ancestors.
func (l *Labels) sort() {
	for c := range l.leaf {
		l.byRank = append(l.byRank, uint32(c))
	}
	slices.SortFunc(l.byRank, func(a, b uint32) int { return cmp.Or(cmp.Compare(l.leaf[a], l.leaf[b]), cmp.Compare(a, b)) })
	for i := 1; i < len(l.byRank); i++ {
		l.common = append(l.common, int32(l.metric.topo.commonDepth(l.leaf[l.byRank[i-1]], l.leaf[l.byRank[i]])))
	}
}

// Join writes the distances from every place of from to every place of to: out[i*to.Len()+j], Inf where there is no way. It
// panics if out has another length, if from is not Forward or to not Backward, or if they were built on different metrics. workers as
// in Customize.
func Join(from, to *Labels, out []uint32, workers int) {
	if len(out) != from.places*to.places {
		panic(fmt.Sprintf("cch: join %d by %d places into %d cells", from.places, to.places, len(out)))
	}
	for i := range out {
		out[i] = Inf
	}
	if len(out) == 0 || len(from.leaf) == 0 || len(to.leaf) == 0 {
		return
	}
	if from.metric != to.metric || from.dir != Forward || to.dir != Backward {
		panic("cch: join labels of different metrics or the wrong directions")
	}
	if workers = useful(from.places, workers); workers == 1 {
		from.joinSome(to, out, 0, from.places)
		return
	}
	share(from.places, workers, func(lo, hi int) { from.joinSome(to, out, lo, hi) })
}

// joinSome fills the rows of out of the places from lo up to but without hi.
func (l *Labels) joinSome(to *Labels, out []uint32, lo, hi int) {
	c, _ := slices.BinarySearch(l.place, uint32(lo))
	for ; c < len(l.place) && int(l.place[c]) < hi; c++ {
		i := int(l.place[c])
		to.scan(l.leaf[c], l.row(uint32(c)), out[i*to.places:(i+1)*to.places])
	}
}

// scan lowers out[place] by the distances between a row with the given leaf and every place of l. The depth of the
// lowest common ancestor is found once on either side of the leaf in the sequence of ranks and carried outward: it is the least of the
// common depths of the neighbours in between.
func (l *Labels) scan(leaf uint32, row, out []uint32) {
	t := l.metric.topo
	at, _ := slices.BinarySearchFunc(l.byRank, leaf, func(c, leaf uint32) int { return cmp.Compare(l.leaf[c], leaf) })
	if at < len(l.byRank) {
		shared := t.commonDepth(leaf, l.leaf[l.byRank[at]])
		for i := at; shared >= 0; i++ {
			l.meet(l.byRank[i], row, shared, out)
			if i == len(l.common) {
				break
			}
			shared = min(shared, int(l.common[i]))
		}
	}
	if at > 0 {
		shared := t.commonDepth(leaf, l.leaf[l.byRank[at-1]])
		for i := at - 1; shared >= 0; i-- {
			l.meet(l.byRank[i], row, shared, out)
			if i == 0 {
				break
			}
			shared = min(shared, int(l.common[i-1]))
		}
	}
}

// meet lowers the cell of one chain, whose ancestors from depth 0 to shared it has in common with row.
func (l *Labels) meet(c uint32, row []uint32, shared int, out []uint32) {
	cell := &out[l.place[c]]
	lo := l.first[c]
	*cell = min(*cell, minSum(row[:shared+1], l.dist[lo:int(lo)+shared+1]))
}

// minSum is the least a[i]+b[i]. Four independent minima keep the adders busy.
func minSum(a, b []uint32) uint32 {
	b = b[:len(a)]
	m0, m1, m2, m3 := uint32(2*Inf), uint32(2*Inf), uint32(2*Inf), uint32(2*Inf)
	for len(a) >= 4 && len(b) >= 4 {
		m0, m1 = min(m0, a[0]+b[0]), min(m1, a[1]+b[1])
		m2, m3 = min(m2, a[2]+b[2]), min(m3, a[3]+b[3])
		a, b = a[4:], b[4:]
	}
	for i := range a {
		m0 = min(m0, a[i]+b[i])
	}
	return min(m0, m1, m2, m3)
}

// shareBlock is the number of places a worker takes at a time.
const shareBlock = 8

// useful limits the workers (0: one per processor) to the blocks there are for them.
func useful(n, workers int) int {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	return max(1, min(workers, (n+shareBlock-1)/shareBlock))
}

// share divides [0, n) among goroutines in blocks and returns when all are done.
func share(n, workers int, do func(lo, hi int)) {
	var wg sync.WaitGroup
	var next atomic.Int64
	for range workers {
		wg.Go(func() {
			for lo := int(next.Add(shareBlock)) - shareBlock; lo < n; lo = int(next.Add(shareBlock)) - shareBlock {
				do(lo, min(lo+shareBlock, n))
			}
		})
	}
	wg.Wait()
}
