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
	along  *Along // nil without a second quantity
	dir    Direction
	places int

	leaf  []uint32 // [chain] its lowest seed
	place []uint32 // [chain] the place it belongs to; a place has one chain in most cases, and several if its seeds are far apart
	first []uint32 // [chain] start of its distances; length chains+1
	dist  []uint32 // distances by depth, root first, to the leaf of the chain inclusive
	sum   []uint32 // in the same places, the second quantity; empty without

	byRank []uint32 // chains ascending by leaf
	common []int32  // [i] commonDepth of the leaves of byRank[i] and byRank[i+1]

	split chains
}

// Len is the number of places.
func (l *Labels) Len() int { return l.places }

// Build fills l with the labels of points, replacing what it held and reusing its memory. Forward labels serve as starts,
// Backward labels as ends. workers as in Customize. The only error is a seed node out of range, wrapped in ErrGraph; l is
// then empty.
func (l *Labels) Build(m *Metric, dir Direction, points *Points, workers int) error {
	return l.build(m, nil, dir, points, workers)
}

func (l *Labels) build(m *Metric, along *Along, dir Direction, points *Points, workers int) error {
	l.metric, l.along, l.dir, l.places = m, along, dir, points.Len()
	l.leaf, l.place, l.first = l.leaf[:0], l.place[:0], append(l.first[:0], 0)
	l.dist, l.sum, l.byRank, l.common = l.dist[:0], l.sum[:0], l.byRank[:0], l.common[:0]
	for i := range points.Len() {
		if err := l.split.split(m.topo, points.Seeds(i)); err != nil {
			*l = Labels{}
			return fmt.Errorf("cch: label place %d: %w", i, err)
		}
		for _, g := range l.split.groups {
			l.plant(g, uint32(i))
		}
	}
	if workers = useful(len(l.leaf), workers); workers == 1 {
		l.climb(0, len(l.leaf))
	} else {
		share(len(l.leaf), workers, l.climb)
	}
	l.sort()
	return nil
}

// plant appends a chain of a place, with nothing but its seeds in its row.
func (l *Labels) plant(g chain, place uint32) {
	t := l.metric.topo
	base, size := len(l.dist), int(t.depth[g.leaf])+1
	l.leaf, l.place, l.first = append(l.leaf, g.leaf), append(l.place, place), append(l.first, uint32(base+size))
	l.dist = slices.Grow(l.dist, size)[:base+size]
	row := l.dist[base:]
	for i := range row {
		row[i] = Inf
	}
	if l.along != nil {
		l.sum = slices.Grow(l.sum, size)[:base+size]
	}
	for _, s := range l.split.of(g) {
		if d := t.depth[s.node]; s.offset < row[d] {
			row[d] = s.offset
			if l.along != nil {
				l.sum[base+int(d)] = s.along
			}
		}
	}
}

// row is the distances of a chain.
func (l *Labels) row(c uint32) []uint32 { return l.dist[l.first[c]:l.first[c+1]] }

// climb finishes the rows, which hold the seeds, of the chains from lo up to but without hi.
func (l *Labels) climb(lo, hi int) {
	for c := lo; c < hi; c++ {
		row := l.row(uint32(c))
		for v := l.leaf[c]; v != None; {
			if l.along != nil {
				v = l.along.climb(row, l.sum[l.first[c]:l.first[c+1]], v, l.dir)
			} else {
				v = l.metric.climb(row, v, l.dir)
			}
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
func Join(from, to *Labels, out []uint32, workers int) { join(from, to, out, nil, workers) }

func join(from, to *Labels, out, along []uint32, workers int) {
	if len(out) != from.places*to.places || along != nil && len(along) != len(out) {
		panic(fmt.Sprintf("cch: join %d by %d places into %d cells", from.places, to.places, len(out)))
	}
	for i := range out {
		out[i] = Inf
	}
	clear(along)
	if len(out) == 0 || len(from.leaf) == 0 || len(to.leaf) == 0 {
		return
	}
	if from.metric != to.metric || from.dir != Forward || to.dir != Backward {
		panic("cch: join labels of different metrics or the wrong directions")
	}
	if workers = useful(from.places, workers); workers == 1 {
		from.joinSome(to, out, along, 0, from.places)
		return
	}
	share(from.places, workers, func(lo, hi int) { from.joinSome(to, out, along, lo, hi) })
}

// joinSome fills the rows of out, and of along unless nil, of the places from lo up to but without hi.
func (l *Labels) joinSome(to *Labels, out, along []uint32, lo, hi int) {
	c, _ := slices.BinarySearch(l.place, uint32(lo))
	for ; c < len(l.place) && int(l.place[c]) < hi; c++ {
		i, n := int(l.place[c]), to.places
		r := scanRow{leaf: l.leaf[c], dist: l.row(uint32(c)), out: out[i*n : (i+1)*n]}
		if along != nil {
			r.sum, r.along = l.sum[l.first[c]:l.first[c+1]], along[i*n:(i+1)*n]
		}
		to.scan(&r)
	}
}

// scanRow is one finished climb on its way past all places of a Labels.
type scanRow struct {
	leaf       uint32
	dist, sum  []uint32 // [depth]; sum is nil without a second quantity
	out, along []uint32 // [place] results
}

// scan lowers r.out by the distances between a row and every place of l. The depth of the
// lowest common ancestor is found once on either side of the leaf in the sequence of ranks and carried outward: it is the least of the
// common depths of the neighbours in between.
func (l *Labels) scan(r *scanRow) {
	t := l.metric.topo
	at, _ := slices.BinarySearchFunc(l.byRank, r.leaf, func(c, leaf uint32) int { return cmp.Compare(l.leaf[c], leaf) })
	if at < len(l.byRank) {
		shared := t.commonDepth(r.leaf, l.leaf[l.byRank[at]])
		for i := at; shared >= 0; i++ {
			l.meet(l.byRank[i], r, shared)
			if i == len(l.common) {
				break
			}
			shared = min(shared, int(l.common[i]))
		}
	}
	if at > 0 {
		shared := t.commonDepth(r.leaf, l.leaf[l.byRank[at-1]])
		for i := at - 1; shared >= 0; i-- {
			l.meet(l.byRank[i], r, shared)
			if i == 0 {
				break
			}
			shared = min(shared, int(l.common[i-1]))
		}
	}
}

// meet lowers the cell of one chain, whose ancestors from depth 0 to shared it has in common with the row.
func (l *Labels) meet(c uint32, r *scanRow, shared int) {
	cell := &r.out[l.place[c]]
	lo := int(l.first[c])
	other := l.dist[lo : lo+shared+1]
	if r.sum == nil {
		*cell = min(*cell, minSum(r.dist[:shared+1], other))
		return
	}
	for d := shared; d >= 0; d-- { // the deepest of equal ones, which is also what Path takes
		if s := r.dist[d] + other[d]; s < *cell {
			*cell = s
			r.along[l.place[c]] = r.sum[d] + l.sum[lo+d]
		}
	}
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
