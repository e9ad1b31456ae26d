package solver

import (
	"cmp"
	"slices"
)

// price makes routes that the relaxation asks for out of those that it has: a request taken out, put in, or both, where that leaves a route
// that costs less than its requests are worth. It is the pricing step of column generation (Ropke & Cordeau 2009, doi 10.1287/trsc.1090.0272)
// by insertion instead of by labels. So the pool comes to hold what fits together and not only what the search came across. It
// reports whether any route came in.
func (c *covering) price() bool {
	w, pl := c.w, c.w.pool
	if w.p.hasShare || w.p.hasPreferred {
		return false
	}
	before, slack, did := len(pl.cols), pl.slack, w.effort()
	list := c.cheapest()
	pl.slack = -priceLeast * w.an.scale
	for k, i := range list {
		if w.stop() {
			break
		}
		c.vary(i, k < priceSwaps)
	}
	c.effort += w.effort() - did
	pl.slack = slack
	return len(pl.cols) > before
}

const (
	priceReach   = 0.01 // gap between relaxation and best plan, as a share of the latter, up to which routes are made by prices
	priceColumns = 200  // routes that a step changes by one request, and
	priceSwaps   = 50   // those in which it swaps one for another
	priceSteps   = 5    // steps a recombination
	priceLeast   = 1e-6 // by how much less than its requests are worth a new route must cost, as a share of the plan's routing cost
)

// cheapest lists the routes of the pool of least reduced cost.
func (c *covering) cheapest() []int {
	c.list = c.list[:0]
	for i, s := range c.score {
		if s <= c.w.pool.slack {
			c.list = append(c.list, i)
		}
	}
	slices.SortStableFunc(c.list, func(a, b int) int { return cmp.Compare(c.score[a], c.score[b]) })
	return c.list[:min(len(c.list), priceColumns)]
}

// vary offers the pool what route i becomes with a request more, a request less and, where swaps is set, one for another.
func (c *covering) vary(i int, swaps bool) {
	w, p, pl := c.w, c.w.p, c.w.pool
	v := pl.cols[i].v
	nodes := append(c.nodes[:0], pl.sequence(i)...)
	c.nodes = nodes
	full := w.a.intern(v, nodes)
	if !w.a.sound(full) {
		return
	}
	w.stamp++ // marks who is on the route
	for _, n := range nodes {
		if r := p.RequestOf(n); r != None {
			w.takenAt[r] = w.stamp
		}
	}
	c.extend(v, full, c.score[i])
	for _, n := range nodes {
		r := p.RequestOf(n)
		if r == None || !p.IsDelivery(n) || c.row[r] == None || p.aboard.at(r) {
			continue
		}
		c.less = c.less[:0]
		for _, m := range nodes {
			if p.RequestOf(m) != r {
				c.less = append(c.less, m)
			}
		}
		h := w.a.intern(v, c.less)
		if !w.a.sound(h) || w.a.at(h).empty {
			continue
		}
		score := c.score[i] + pl.dual[r] - float64(w.a.at(full).cost-w.a.at(h).cost)
		if score < pl.slack {
			pl.add(v, c.less, w.a.at(h).cost)
		}
		if swaps {
			c.extend(v, h, score)
		}
	}
}

// extend offers the pool the route h of v, which has the given reduced cost, with each request that is not marked as on it.
func (c *covering) extend(v Vehicle, h int32, score float64) {
	w, p, pl := c.w, c.w.p, c.w.pool
	for _, r := range w.mobile {
		worth := pl.dual[r] + pl.slack - score // what r may cost there
		if w.isTaken(r) || worth <= 0 || !p.compatible(v, r) || p.aboard.at(r) {
			continue
		}
		if sp, _, _ := w.a.peek(h, r); float64(sp.delta) >= worth {
			continue
		}
		if sp, variant := w.a.best(h, r); float64(sp.delta) < worth {
			if o := w.a.inserted(variant, r, sp); w.a.sound(o) {
				s := w.a.at(o)
				pl.add(v, s.node[1:s.n-1], s.cost)
			}
		}
	}
}
