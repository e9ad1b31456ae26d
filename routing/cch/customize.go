package cch

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

// Customize computes the weights of all hierarchy arcs from weights[input arc] in ms (Inf or more: closed), with the given
// number of goroutines; 0 means one per processor, 1 runs in the caller's goroutine. It copies weights. The result does not depend on the
// number of goroutines. The only error is a weight array of the wrong length, wrapped in ErrWeights.
//
// Each arc becomes the minimum over the input arcs between its ends and its lower triangles (Dibbelt, Strasser, Wagner 2016,
// section 7.2). Subtrees of the elimination tree need nothing of each other and are shared out whole; the
// nodes above them are handed out in ascending rank, each waiting only for the lower neighbours not finished yet.
func (t *Topology) Customize(weights []uint32, workers int) (*Metric, error) {
	if workers < 0 {
		return nil, fmt.Errorf("cch: customize with %d workers: %w", workers, ErrConfig)
	}
	m, block, err := t.newMetric(weights)
	if err != nil {
		return nil, err
	}
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	if workers == 1 || len(t.subtrees) < 2 {
		c := newCustomizer(t, block, weights)
		for v := range t.order {
			c.node(uint32(v), nil)
		}
		return m, nil
	}
	t.customizeParallel(block, weights, workers)
	return m, nil
}

// customizeParallel runs the workers to their end; they share the two counters and the progress at the top.
func (t *Topology) customizeParallel(block, weights []uint32, workers int) {
	var wg sync.WaitGroup
	var nextSubtree, nextTop atomic.Int64
	rows := newProgress(t)
	below := sync.WaitGroup{}
	below.Add(workers)
	for range workers {
		wg.Go(func() {
			c := newCustomizer(t, block, weights)
			for i := nextSubtree.Add(1) - 1; i < int64(len(t.subtrees)); i = nextSubtree.Add(1) - 1 {
				for v := t.subtrees[i].lo; v <= t.subtrees[i].hi; v++ {
					c.node(v, nil)
				}
			}
			below.Done()
			below.Wait()
			for i := nextTop.Add(1) - 1; i < int64(len(t.top)); i = nextTop.Add(1) - 1 {
				c.node(t.top[i], rows)
				rows.set(t.top[i])
			}
		})
	}
	wg.Wait()
}

// customizer is one worker: block and weights are shared, index is its own.
type customizer struct {
	t       *Topology
	block   []uint32 // all slots
	weights []uint32 // [input arc]
	index   []uint32 // [depth] position in the current node's row of the up-arc to the ancestor at that depth
}

func newCustomizer(t *Topology, block, weights []uint32) *customizer {
	return &customizer{t: t, block: block, weights: weights, index: make([]uint32, t.maxDepth+1)}
}

// node computes the row of v. With rows it waits for each lower neighbour in turn.
func (c *customizer) node(v uint32, rows *progress) {
	t := c.t
	lo, hi := t.first[v], t.first[v+1]
	row := c.block[2*lo : 2*hi]
	for i := range row {
		row[i] = Inf
	}
	for i := t.inputFirst[v]; i < t.inputFirst[v+1]; i++ {
		s := &c.block[t.inputSlot[i]]
		*s = min(*s, c.weights[t.inputArc[i]])
	}
	for i, d := range t.headDepth[lo:hi] {
		c.index[d] = uint32(i)
	}
	up, down := row[:hi-lo], row[hi-lo:]
	for _, a := range t.lowerArc[t.lowerFirst[v]:t.lowerFirst[v+1]] {
		u := t.tail[a]
		if rows != nil {
			rows.wait(u)
		}
		c.relax(up, down, a, t.first[u], t.first[u+1])
	}
}

// relax lowers the row (up, down) of a node by its triangles over the tail of the lower arc a, whose own arcs are [lo, hi).
func (c *customizer) relax(up, down []uint32, a, lo, hi uint32) {
	heads := c.t.headDepth[a+1 : hi]
	n := len(heads)
	toHere := c.block[lo+a]               // weight from the lower node to this one
	fromHere := c.block[lo+a+(hi-lo)]     // weight from this one to the lower node
	ups := c.block[lo+a+1:][:n]           // weights from the lower node to the later heads
	downs := c.block[lo+a+1+(hi-lo):][:n] // and back
	down = down[:len(up)]
	for i, d := range heads {
		p := c.index[d]
		up[p] = min(up[p], fromHere+ups[i])
		down[p] = min(down[p], toHere+downs[i])
	}
}

// progress tells which rows are final.
type progress struct {
	bits    []atomic.Uint32 // one bit per node
	waiting atomic.Int32    // goroutines about to sleep or asleep
	mu      sync.Mutex      // guards nothing but the sleep on changed
	changed *sync.Cond
}

// newProgress returns a progress in which every node below the top is done.
func newProgress(t *Topology) *progress {
	p := &progress{bits: make([]atomic.Uint32, len(t.order)/32+1)}
	p.changed = sync.NewCond(&p.mu)
	for i := range p.bits {
		p.bits[i].Store(^uint32(0))
	}
	for _, v := range t.top {
		p.bits[v/32].And(^(1 << (v % 32)))
	}
	return p
}

func (p *progress) done(v uint32) bool { return p.bits[v/32].Load()&(1<<(v%32)) != 0 }

func (p *progress) set(v uint32) {
	p.bits[v/32].Or(1 << (v % 32))
	if p.waiting.Load() > 0 {
		p.mu.Lock()
		p.changed.Broadcast()
		p.mu.Unlock()
	}
}

// wait returns when v is done. The goroutine at work on v takes microseconds, so a short spin comes first; if it has
// lost its processor, sleeping gives it back sooner.
func (p *progress) wait(v uint32) {
	const spins = 2000 // about 2 us
	for range spins {
		if p.done(v) {
			return
		}
	}
	p.waiting.Add(1)
	p.mu.Lock()
	for !p.done(v) {
		p.changed.Wait()
	}
	p.mu.Unlock()
	p.waiting.Add(-1)
}
