package cch

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// way tells where the weight of a slot comes from: an input arc, or the two slots of the lowest lower triangle of that
// weight, in the sequence of travel. The zero value means that it is not known yet; no two halves are the same slot.
type way uint64

func wayOf(first, second uint32) way { return way(first)<<32 | way(second) }

// inputWay is the way of a slot that has the weight of an input arc. None is no slot, so it marks those.
func inputWay(arc uint32) way { return wayOf(None, arc) }

// input returns the input arc of a way, if it is one.
func (w way) input() (arc uint32, ok bool) { return uint32(w), uint32(w>>32) == None }

// halves returns the slots of a way over a triangle.
func (w way) halves() (first, second uint32) { return uint32(w >> 32), uint32(w) }

const (
	wayShift = 10 // ways per page: 1024, which is 8 KB
	wayMask  = 1<<wayShift - 1
)

// ways is what a metric remembers of where its weights come from. Path fills it as it goes and Along fills it wholly; it
// follows from the weights, so whoever writes a way writes the same one, and a metric stays immutable for those who ask it.
type ways []*wayPage // [slot>>wayShift]

// wayPage holds the ways of some slots. Metrics in which they are the same share it.
type wayPage struct {
	at atomic.Pointer[[1 << wayShift]atomic.Uint64] // nil until a way is known
}

// newWays returns the ways of a metric of which none is known.
func (t *Topology) newWays() ways {
	pages := make([]wayPage, (2*len(t.head)+wayMask)>>wayShift)
	w := make(ways, len(pages))
	for i := range w {
		w[i] = &pages[i]
	}
	return w
}

func (w ways) load(slot uint32) way {
	page := w[slot>>wayShift].at.Load()
	if page == nil {
		return 0
	}
	return way(page[slot&wayMask].Load())
}

func (w ways) store(slot uint32, x way) {
	p := w[slot>>wayShift]
	page := p.at.Load()
	if page == nil {
		page = new([1 << wayShift]atomic.Uint64)
		if !p.at.CompareAndSwap(nil, page) { // somebody else was faster
			page = p.at.Load()
		}
	}
	page[slot&wayMask].Store(uint64(x))
}

// clone returns a page that begins with what p knows and goes its own way from there.
func (p *wayPage) clone() *wayPage {
	out := &wayPage{}
	if from := p.at.Load(); from != nil {
		page := new([1 << wayShift]atomic.Uint64)
		for i := range from {
			page[i].Store(from[i].Load())
		}
		out.at.Store(page)
	}
	return out
}

// way returns the way of a slot whose weight is less than Inf, from memory or else by trial.
func (m *Metric) way(slot uint32) way {
	if w := m.ways.load(slot); w != 0 {
		return w
	}
	w := m.find(slot)
	m.ways.store(slot, w)
	return w
}

// find is way by trial: the first input arc of the slot's weight, or else the lowest lower triangle of it. It must be the lowest: then the way
// stood at that weight when the node in between was contracted and everything lower was on neither half twice, so unpacking yields a
// way without repeated nodes. With another choice arcs of weight zero may unpack into walks of exponential length.
func (m *Metric) find(slot uint32) way {
	t := m.topo
	v := t.tail[slot>>1]
	arc, down := t.arcOfSlot(slot)
	weight := m.row(v)[slot-2*t.first[v]]
	lo, hi := t.inputFirst[v], t.inputFirst[v+1]
	for i, x := range t.inputSlot[lo:hi] {
		if x != slot {
			continue
		}
		if a := t.inputArc[lo+uint32(i)]; m.Weight(a) == weight {
			return inputWay(a)
		}
	}
	w := t.head[arc]
	for _, a := range t.lowerArc[t.lowerFirst[v]:t.lowerFirst[v+1]] {
		u := t.tail[a]
		first, deg := t.first[u], t.first[u+1]-t.first[u]
		row, near, far := m.row(u), a-first, uint32(0) // positions in the row of the halves at v and at w
		if down {
			far = deg
		} else {
			near += deg
		}
		if row[near] > weight {
			continue
		}
		b := t.findAfter(a, t.first[u+1], w)
		if b == None {
			continue
		}
		if far += b - first; row[near]+row[far] != weight {
			continue
		}
		if down {
			near, far = far, near
		}
		return wayOf(2*first+near, 2*first+far)
	}
	panic("cch: hierarchy arc without an input arc or a lower triangle of its weight")
}

// findAll makes all ways known. It takes about a customization.
func (m *Metric) findAll(workers int) {
	t := m.topo
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var wg sync.WaitGroup
	var nextSubtree, nextTop atomic.Int64
	for range workers { // nothing depends on the ways of other nodes, only on weights
		wg.Go(func() {
			f := wayFinder{m: m, index: make([]uint32, t.maxDepth+1)}
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
}

// wayFinder is one worker of findAll.
type wayFinder struct {
	m     *Metric
	from  []way    // the ways of the current node's row
	index []uint32 // [depth] position in the current node's row of the up-arc to the ancestor at that depth
}

// node finds the ways of v, by the choice of Metric.find.
func (f *wayFinder) node(v uint32) {
	m := f.m
	t := m.topo
	weights := m.row(v)
	from := append(f.from[:0], make([]way, len(weights))...)
	f.from = from
	for i := t.inputFirst[v]; i < t.inputFirst[v+1]; i++ {
		k, arc := t.inputSlot[i]-2*t.first[v], t.inputArc[i]
		if from[k] == 0 && weights[k] < Inf && m.Weight(arc) == weights[k] {
			from[k] = inputWay(arc)
		}
	}
	deg := uint32(len(weights) / 2)
	for i, d := range t.headDepth[t.first[v]:t.first[v+1]] {
		f.index[d] = uint32(i)
	}
	for _, a := range t.lowerArc[t.lowerFirst[v]:t.lowerFirst[v+1]] {
		u := t.tail[a]
		i, n := t.place(u, a)
		base, below := 2*t.first[u], m.row(u)
		up, down := below[i], below[i+n]
		for j, d := range t.headDepth[a+1 : t.first[u+1]] {
			p := f.index[d]
			k := i + 1 + uint32(j)
			if down+below[k] == weights[p] && from[p] == 0 && weights[p] < Inf {
				from[p] = wayOf(base+n+i, base+k)
			}
			if p += deg; up+below[k+n] == weights[p] && from[p] == 0 && weights[p] < Inf {
				from[p] = wayOf(base+n+k, base+i)
			}
		}
	}
	for i, w := range from {
		if w != 0 {
			m.ways.store(2*t.first[v]+uint32(i), w)
		}
	}
}
