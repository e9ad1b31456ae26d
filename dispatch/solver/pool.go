package solver

import (
	"math"
	"slices"
)

// pool keeps good routes of a search, one a set of requests and kind of vehicle, for recombination by set covering.
type pool struct {
	p     *Problem
	table []int32 // open addressing by hash, index of cols plus 1
	cols  []poolRoute
	nodes []Node    // the sequences, one after the other
	dual  []float64 // of the last relaxation, by request and then by kind; nil before
	slack float64   // routes with a greater reduced cost than this are not taken
	fresh int       // routes since the last exchange begin here
}

// poolRoute is one route of the pool: cols[i] runs nodes[from:to].
type poolRoute struct {
	hash     uint64
	cost     int64
	kind     int32
	v        Vehicle // a vehicle of the kind
	from, to int32
}

// poolLimit is how many routes a pool holds before the least useful are dropped.
const poolLimit = 6000

func newPool(p *Problem) *pool { return &pool{p: p, table: make([]int32, 1<<14)} }

// addPlan takes all routes of the state, whatever their reduced costs: a recombination has to know the plan that it is to beat.
func (pl *pool) addPlan(st *state) {
	slack := pl.slack
	pl.slack = math.Inf(1)
	for v, h := range st.route {
		if s := st.a.at(h); !s.empty {
			pl.add(Vehicle(v), s.node[1:s.n-1], s.cost)
		}
	}
	pl.slack = slack
}

// addCopy takes all routes of the copy, as addPlan does.
func (pl *pool) addCopy(c *planCopy, a *arena) {
	slack := pl.slack
	pl.slack = math.Inf(1)
	for v, nodes := range c.routes {
		if len(nodes) > 0 {
			pl.add(Vehicle(v), nodes, a.at(a.intern(Vehicle(v), nodes)).cost)
		}
	}
	pl.slack = slack
}

// addChanged offers the routes that the journal of the state has changed.
func (pl *pool) addChanged(st *state) {
	for _, c := range st.log {
		if c.v != None {
			if s := st.a.at(st.route[c.v]); !s.empty {
				pl.add(c.v, s.node[1:s.n-1], s.cost)
			}
		}
	}
}

// add takes the route unless one with the same requests and kind is there that costs no more, or its reduced cost is hopeless.
func (pl *pool) add(v Vehicle, nodes []Node, cost int64) {
	kind := pl.p.kind.at(v)
	if pl.dual != nil && float64(cost)-pl.worth(kind, nodes) > pl.slack {
		return
	}
	hash := pl.hash(kind, nodes)
	i := hash & uint64(len(pl.table)-1)
	for pl.table[i] != 0 {
		c := &pl.cols[pl.table[i]-1]
		if c.hash == hash {
			if cost < c.cost && int(c.to-c.from) == len(nodes) {
				c.cost, c.v = cost, v
				copy(pl.nodes[c.from:c.to], nodes)
			}
			return
		}
		i = (i + 1) & uint64(len(pl.table)-1)
	}
	from := int32(len(pl.nodes))
	pl.nodes = append(pl.nodes, nodes...)
	pl.cols = append(pl.cols, poolRoute{hash, cost, kind, v, from, int32(len(pl.nodes))})
	pl.table[i] = int32(len(pl.cols))
	if 2*len(pl.cols) > len(pl.table) {
		pl.table = make([]int32, 2*len(pl.table))
		pl.index()
	}
}

// hash stands for the requests of the nodes on a vehicle of the kind.
func (pl *pool) hash(kind int32, nodes []Node) uint64 {
	hash := uint64(kind+1) * 0x9e3779b97f4a7c15
	for _, n := range nodes {
		if pl.p.IsDelivery(n) {
			hash += mix(uint64(pl.p.RequestOf(n)) + 1)
		}
	}
	return hash
}

// worth is what a route of these nodes may cost at the prices of the last relaxation.
func (pl *pool) worth(kind int32, nodes []Node) float64 {
	sum := pl.dual[int(pl.p.requests)+int(kind)]
	for _, n := range nodes {
		if pl.p.IsDelivery(n) {
			sum += pl.dual[pl.p.RequestOf(n)]
		}
	}
	return sum
}

func mix(x uint64) uint64 {
	x ^= x >> 31
	x *= 0x7fb5d329728ea185
	x ^= x >> 27
	x *= 0x81dadef4bc2dd44d
	return x ^ x>>33
}

func (pl *pool) index() {
	clear(pl.table)
	for k, c := range pl.cols {
		i := c.hash & uint64(len(pl.table)-1)
		for pl.table[i] != 0 {
			i = (i + 1) & uint64(len(pl.table)-1)
		}
		pl.table[i] = int32(k) + 1
	}
}

// sequence is the nodes of route i.
func (pl *pool) sequence(i int) []Node { return pl.nodes[pl.cols[i].from:pl.cols[i].to] }

// trim keeps the `most` routes with the least score.
func (pl *pool) trim(most int, score []float64) {
	if len(pl.cols) <= most {
		return
	}
	order := make([]int, len(pl.cols))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case score[a] < score[b]:
			return -1
		case score[a] > score[b]:
			return 1
		}
		return 0
	})
	order = order[:most]
	slices.Sort(order)
	nodes := make([]Node, 0, len(pl.nodes))
	cols := make([]poolRoute, 0, most)
	fresh := 0
	for _, i := range order {
		if i < pl.fresh {
			fresh++
		}
		c := pl.cols[i]
		from := int32(len(nodes))
		nodes = append(nodes, pl.sequence(i)...)
		c.from, c.to = from, int32(len(nodes))
		cols = append(cols, c)
	}
	pl.nodes, pl.cols, pl.fresh = nodes, cols, fresh
	pl.index()
}
