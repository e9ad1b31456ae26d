package cch

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// searchGraph is what the climbs of one direction need of a perfect metric.
type searchGraph struct {
	first []uint32 // [node] first element in links; length nodes+1
	links []link
}

// link is an up-arc that some shortest path may need.
type link struct{ depth, weight uint32 }

// Perfect returns a metric with the same distances and ways and faster queries: searches skip every hierarchy arc longer than
// the distance between its ends. m is untouched and shared. It costs about three customizations and the memory of a few
// metrics, and pays where a metric serves many queries, the more the larger the graph: on a million nodes a search
// scans half of the arcs. Update of a perfect metric returns a plain one. workers as in Customize.
//
// Nodes are visited from the top down; each arc is compared with its upper and intermediate triangles, whose other arcs
// above are final (perfect customization: Dibbelt, Strasser, Wagner 2016, section 7.3).
func (m *Metric) Perfect(workers int) *Metric {
	t := m.topo
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	p := perfecter{m: m, exact: make([]uint32, 0, 2*len(t.head))}
	for _, page := range m.pages {
		p.exact = append(p.exact, page...)
	}
	for i := len(t.top) - 1; i >= 0; i-- {
		p.node(t.top[i])
	}
	var wg sync.WaitGroup
	var next atomic.Int64
	for range workers {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(t.subtrees)); i = next.Add(1) - 1 {
				s := t.subtrees[i]
				for v := s.hi; ; v-- {
					p.node(v)
					if v == s.lo {
						break
					}
				}
			}
		})
	}
	wg.Wait()
	perfect := *m
	perfect.search = [2]*searchGraph{p.collect(Forward), p.collect(Backward)}
	return &perfect
}

// perfecter computes exact distances between the ends of arcs.
type perfecter struct {
	m     *Metric
	exact []uint32 // all slots; those of nodes already visited hold distances
}

// row splits the slots of a node.
func (p *perfecter) row(v uint32) (heads, up, down []uint32) {
	t := p.m.topo
	lo, hi := t.first[v], t.first[v+1]
	return t.head[lo:hi], p.exact[2*lo : lo+hi], p.exact[lo+hi : 2*hi]
}

// node lowers the weights of v to distances: its up-arcs as they were, followed by distances between its upper neighbours.
func (p *perfecter) node(v uint32) {
	heads, up, down := p.row(v)
	for j, x := range heads {
		above, fromX, toX := p.row(x)
		k := 0
		for i := j + 1; i < len(heads); i++ {
			for above[k] != heads[i] { // the upper neighbours of v are neighbours of each other
				k++
			}
			up[j] = min(up[j], up[i]+toX[k])
			up[i] = min(up[i], up[j]+fromX[k])
			down[j] = min(down[j], fromX[k]+down[i])
			down[i] = min(down[i], toX[k]+down[j])
		}
	}
}

// collect keeps the arcs whose weight is the distance.
func (p *perfecter) collect(dir Direction) *searchGraph {
	t := p.m.topo
	g := &searchGraph{first: make([]uint32, 1, len(t.order)+1)}
	for v := range uint32(len(t.order)) {
		lo, deg := t.first[v], t.first[v+1]-t.first[v]
		row, exact := p.m.row(v), p.exact[2*lo:]
		if dir == Backward {
			row, exact = row[deg:], exact[deg:]
		}
		for i := range deg {
			if w := row[i]; w == exact[i] && w < Inf {
				g.links = append(g.links, link{t.headDepth[lo+i], w})
			}
		}
		g.first = append(g.first, uint32(len(g.links)))
	}
	return g
}
