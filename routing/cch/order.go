package cch

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
)

// OrderConfig tunes Order. The zero value is the tuned default.
type OrderConfig struct {
	// Workers is the number of goroutines; 0 means one per processor. The order does not depend on it.
	Workers int
	// Directions is the number of straight lines along which each part is cut on trial, in [1, 64]; 0 means 8. More find
	// smaller separators and take proportionally longer.
	Directions int
}

func (c OrderConfig) withDefaults() OrderConfig {
	if c.Workers == 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	if c.Directions == 0 {
		c.Directions = 8
	}
	return c
}

// Validate reports every field out of range, wrapped in ErrConfig.
func (c OrderConfig) Validate() error {
	var errs []error
	if c.Workers < 0 {
		errs = append(errs, fmt.Errorf("cch: order with %d workers: %w", c.Workers, ErrConfig))
	}
	if c.Directions < 0 || c.Directions > 64 {
		errs = append(errs, fmt.Errorf("cch: order with %d directions, not 1 to 64: %w", c.Directions, ErrConfig))
	}
	return errors.Join(errs...)
}

// Order computes a contraction order of g for NewTopology by nested dissection. x and y are coordinates of the nodes on any
// plane where nearness means something (longitude and latitude will do); they steer the cuts and do not affect correctness.
//
// Nodes of degree one and two go first, as they add at most one arc each. What is left is cut in two by the smallest
// balanced separator found, both sides in turn, and separators go last (George 1973, doi 10.1137/0710032). Separators
// are minimum vertex cuts between the first and the last nodes along several directions (inertial flow: Schild and Sommer
// 2015, doi 10.1007/978-3-319-20086-6_22), here with vertex instead of edge capacities and with growing ends. Parts too small to cut end by
// minimum degree. The result is the same for the same input on any number of goroutines.
//
// Errors wrap ErrGraph or ErrConfig.
func Order(g Graph, x, y []float32, cfg OrderConfig) ([]uint32, error) {
	if err := errors.Join(g.Validate(), cfg.Validate()); err != nil {
		return nil, err
	}
	if len(x) != g.Nodes || len(y) != g.Nodes {
		return nil, fmt.Errorf("cch: order %d nodes with %d by %d coordinates: %w", g.Nodes, len(x), len(y), ErrGraph)
	}
	for v := range x {
		if !finite(x[v]) || !finite(y[v]) {
			return nil, fmt.Errorf("cch: order: node %d is at (%g, %g): %w", v, x[v], y[v], ErrGraph)
		}
	}
	cfg = cfg.withDefaults()
	whole := undirected(g)
	order := whole.reduce()
	core := whole.part(remaining(g.Nodes, order), whole.unnumbered())
	core.x, core.y = make([]float32, core.len()), make([]float32, core.len())
	for i, v := range core.id {
		core.x[i], core.y[i] = x[v], y[v]
	}
	reduced := len(order)
	order = order[:g.Nodes]
	d := dissection{whole: whole, directions: cfg.Directions, free: make(chan struct{}, cfg.Workers-1)}
	d.components(core, order[reduced:])
	d.wg.Wait()
	return order, nil
}

func finite(f float32) bool { return !math.IsNaN(float64(f)) && !math.IsInf(float64(f), 0) }

// remaining lists the nodes below n that are not in gone, ascending.
func remaining(n int, gone []uint32) []uint32 {
	in := make([]bool, n)
	for _, v := range gone {
		in[v] = true
	}
	rest := make([]uint32, 0, n-len(gone))
	for v := range in {
		if !in[v] {
			rest = append(rest, uint32(v))
		}
	}
	return rest
}

// DeriveOrder gives an order for a graph whose nodes are copies of the nodes of another: origin[v] is the node that v is
// a copy of, order an order of the originals. Copies of one node stay together, ascending by id. With a graph expanded for turns
// this costs no second dissection, and a separator grows only by the copies of its nodes.
//
// Errors wrap ErrOrder: order is no permutation, or an origin is out of range.
func DeriveOrder(order, origin []uint32) ([]uint32, error) {
	rank, ok := invert(order)
	if !ok {
		return nil, fmt.Errorf("cch: derive order from %d nodes: %w", len(order), ErrOrder)
	}
	key := make([]uint32, len(origin))
	for v, o := range origin {
		if uint64(o) >= uint64(len(rank)) {
			return nil, fmt.Errorf("cch: derive order: node %d is a copy of %d of %d: %w", v, o, len(rank), ErrOrder)
		}
		key[v] = rank[o]
	}
	_, derived := groupBy(len(order), key)
	return derived, nil
}

// dissection is the state shared by the goroutines of one Order.
type dissection struct {
	whole      *part // the reduced graph, by input node
	directions int
	free       chan struct{} // holds a token for each goroutine beside the first
	wg         sync.WaitGroup
}

// spawn runs do in another goroutine if one is free and the part is worth it, else here.
func (d *dissection) spawn(nodes int, do func()) {
	const worth = 1000 // nodes; less is done before a goroutine has started
	if nodes >= worth {
		select {
		case d.free <- struct{}{}:
			d.wg.Go(func() {
				do()
				<-d.free
			})
			return
		default:
		}
	}
	do()
}

// components fills out with the nodes of p, one connected component after another.
func (d *dissection) components(p *part, out []uint32) {
	comp := make([]uint32, p.len())
	for i := range comp {
		comp[i] = None
	}
	count := uint32(0)
	var queue []uint32
	for s := range comp {
		if comp[s] != None {
			continue
		}
		comp[s] = count
		for queue = append(queue[:0], uint32(s)); len(queue) > 0; {
			v := queue[len(queue)-1]
			queue = queue[:len(queue)-1]
			for _, w := range p.near(v) {
				if comp[w] == None {
					comp[w] = count
					queue = append(queue, w)
				}
			}
		}
		count++
	}
	if count == 1 {
		d.dissect(p, out)
		return
	}
	first, item := groupBy(int(count), comp)
	local := comp // done with
	for i := range local {
		local[i] = None
	}
	for c := range count {
		lo, hi := first[c], first[c+1]
		d.dissect(p.part(item[lo:hi], local), out[lo:hi])
	}
}

// dissect fills out with the nodes of the connected part p: both sides of a separator, then the separator.
func (d *dissection) dissect(p *part, out []uint32) {
	const small = 32 // nodes; from 4 to 100 the triangles of Delaware fall by 9 %, the search space in arcs stays, its nodes grow by 2 %
	if p.len() <= small {
		d.finish(p, out)
		return
	}
	side := d.cut(p)
	var list [3][]uint32
	for v, s := range side {
		list[s] = append(list[s], uint32(v))
	}
	if len(list[sideFrom]) == 0 || len(list[sideTo]) == 0 { // no separator smaller than the part: nothing to gain
		p.leastDegreeFirst(out)
		return
	}
	a, b := len(list[sideFrom]), len(list[sideFrom])+len(list[sideTo])
	for i, v := range list[sideCut] {
		out[b+i] = p.id[v]
	}
	local := p.unnumbered()
	from, to := p.part(list[sideFrom], local), p.part(list[sideTo], local)
	d.spawn(from.len(), func() { d.components(from, out[:a]) })
	d.components(to, out[a:b])
}
