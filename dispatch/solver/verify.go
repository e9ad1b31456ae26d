package solver

import (
	"fmt"
	"slices"
)

// Violation is one broken constraint of a plan. Request and Node are None where the constraint is not about one.
type Violation struct {
	Kind          Kind
	Vehicle       Vehicle
	Request       Request
	Node          Node
	Limit, Actual int64
	Unit          Unit
}

// String is a sentence for logs and tests.
func (v Violation) String() string {
	return fmt.Sprintf("%s: vehicle %d request %d node %d: limit %d, actual %d (%s)",
		v.Kind, v.Vehicle, v.Request, v.Node, v.Limit, v.Actual, v.Kind.Explain())
}

// Verify checks every constraint of the plan, slowly and independently of the search: from the specs and the travel rows alone,
// with a schedule by difference constraints (Bellman-Ford) for each route. It returns nil for a feasible plan. Requests left
// out are no violation, riders already aboard left out are.
func Verify(p *Problem, s *Solution) []Violation {
	var out []Violation
	for v := range Vehicle(p.vehicles) {
		if len(s.Route(v)) > 0 {
			out = append(out, verifyRoute(p, s, v)...)
		}
	}
	for r := range p.requestSpec {
		rs := &p.requestSpec[r]
		if rs.OnBoard && !slices.Contains(s.Route(rs.LockVehicle), p.DeliveryOf(Request(r))) {
			out = append(out, Violation{KindVisit, rs.LockVehicle, Request(r), p.DeliveryOf(Request(r)), 1, 0, UnitCount})
		}
	}
	for v := range p.vehicleSpec {
		if vs := &p.vehicleSpec[v]; vs.Fixed > 0 && len(s.Route(Vehicle(v))) == 0 {
			out = append(out, Violation{KindOrder, Vehicle(v), vs.Order[0].Request, None, int64(vs.Fixed), 0, UnitCount})
		}
	}
	return out
}

func verifyRoute(p *Problem, s *Solution, v Vehicle) []Violation {
	c := &replay{p: p, s: s, v: v}
	c.nodes = append(c.nodes, p.StartOf(v))
	c.nodes = append(c.nodes, s.Route(v)...)
	c.nodes = append(c.nodes, p.EndOf(v))
	for k := 1; k < len(c.nodes)-1; k++ {
		if c.nodes[k] < Node(2*p.vehicles) || int(c.nodes[k]) >= p.Nodes() {
			return []Violation{{KindVisit, v, None, c.nodes[k], 0, 1, UnitCount}}
		}
		if p.IsDelivery(c.nodes[k]) {
			c.served = append(c.served, p.RequestOf(c.nodes[k]))
		}
	}
	rows := constraints()
	feasible := c.times(rows, KindNone)
	if !feasible {
		c.times(rows, c.blame(rows))
	}
	for i := range rows {
		rows[i].check(c)
	}
	if !feasible && len(c.out) == 0 {
		c.report(KindWindow, None, UnitNone, 0, 0)
	}
	return c.out
}

// replay is one finished route as the slow checks see it. begin is in ticks, one a node, depots included.
type replay struct {
	p       *Problem
	s       *Solution
	v       Vehicle
	nodes   []Node
	served  []Request
	members []Request // everybody who visits the route or sits in the vehicle at its start; nil before asked for
	begin   []int64
	edges   []difference
	out     []Violation
}

// difference says begin[to] >= begin[from] + least; index -1 is the origin, at 0.
type difference struct {
	from, to int
	least    int64
}

func (c *replay) apart(from, to int, least int64) {
	c.edges = append(c.edges, difference{from, to, least})
}

func (c *replay) atMost(k int, latest int64) { c.apart(k, -1, -latest) }

func (c *replay) bind(k int, w TimeWindow) {
	c.apart(-1, k, int64(w.Earliest))
	c.atMost(k, int64(w.Latest))
}

// times computes the earliest schedule that keeps the difference constraints of every row but `without`, and reports whether there
// is one. Without one, begin keeps the values at which Bellman-Ford gave up.
func (c *replay) times(rows []constraintRow, without Kind) bool {
	c.edges = c.edges[:0]
	for _, row := range rows {
		if row.edges != nil && row.kind != without {
			row.edges(c)
		}
	}
	at := make([]int64, len(c.nodes)+1) // [k+1]; at[0] is the origin
	for round := 0; ; round++ {
		changed := false
		for _, e := range c.edges {
			if t := at[e.from+1] + e.least; t > at[e.to+1] {
				at[e.to+1] = t
				changed = true
			}
		}
		if !changed || at[0] > 0 || round > len(at) {
			c.begin = append(c.begin[:0], at[1:]...)
			return !changed && at[0] == 0
		}
	}
}

// blame finds the constraint without which the times work, or falls back to the pure chain, which breaks whatever it breaks.
func (c *replay) blame(rows []constraintRow) Kind {
	for i := len(rows) - 1; i >= 0; i-- {
		if k := rows[i].kind; rows[i].edges != nil && k != KindReach && c.times(rows, k) {
			return k
		}
	}
	return KindNone
}

func (c *replay) report(k Kind, r Request, u Unit, limit, actual int64) {
	c.out = append(c.out, Violation{k, c.v, r, None, limit, actual, u})
}

func (c *replay) reportNode(k Kind, n Node, u Unit, limit, actual int64) {
	c.out = append(c.out, Violation{k, c.v, c.p.RequestOf(n), n, limit, actual, u})
}

// within returns a check that a node begins in its window.
func (c *replay) within(kind Kind) func(k int, w TimeWindow) {
	return func(k int, w TimeWindow) {
		if b := c.begin[k]; b < int64(w.Earliest) {
			c.reportNode(kind, c.nodes[k], UnitTicks, int64(w.Earliest), b)
		} else if b > int64(w.Latest) {
			c.reportNode(kind, c.nodes[k], UnitTicks, int64(w.Latest), b)
		}
	}
}

// find is the position of n, or -1.
func (c *replay) find(n Node) int { return slices.Index(c.nodes, n) }

// service is the halt at position k.
func (c *replay) service(k int) int64 {
	n := c.nodes[k]
	vs := c.p.vehicleSpec[c.v]
	for i, b := range vs.Breaks {
		if c.p.BreakOf(c.v, i) == n {
			return int64(b.Duration)
		}
	}
	r := c.p.RequestOf(n)
	if r == None {
		return 0
	}
	s := c.p.requestSpec[r]
	t := int64(s.PickupService)
	if c.p.IsDelivery(n) {
		t = int64(s.DeliveryService)
	}
	if int(s.DwellClass) < len(vs.Dwell) {
		t += int64(vs.Dwell[s.DwellClass])
	}
	return t
}

// travel is the time of the leg that leaves position k.
func (c *replay) travel(k int) int64 {
	time, _ := c.p.travel.Row(c.p.vehicleSpec[c.v].Class, c.p.place[c.nodes[k]])
	return int64(time[c.p.place[c.nodes[k+1]]])
}

// aboardAfter lists who is in the vehicle when it leaves position k, by number.
func (c *replay) aboardAfter(k int) []Request {
	if c.members == nil {
		for r := range c.p.requestSpec {
			if s := &c.p.requestSpec[r]; s.OnBoard && s.LockVehicle == c.v {
				c.members = append(c.members, Request(r))
			}
		}
		for _, n := range c.nodes {
			if r := c.p.RequestOf(n); r != None {
				c.members = append(c.members, r)
			}
		}
		slices.Sort(c.members)
		c.members = slices.Compact(c.members)
	}
	var in []Request
	for _, r := range c.members {
		pickup, delivery := c.find(c.p.PickupOf(r)), c.find(c.p.DeliveryOf(r))
		s := &c.p.requestSpec[r]
		boarded := pickup >= 0 && pickup <= k || s.OnBoard && s.LockVehicle == c.v
		if boarded && (delivery < 0 || delivery > k) {
			in = append(in, r)
		}
	}
	return in
}

// loadAfter is the load by dimension when the vehicle leaves position k.
func (c *replay) loadAfter(k int) []int64 {
	load := make([]int64, c.p.dims)
	for _, r := range c.aboardAfter(k) {
		for d, q := range c.p.requestSpec[r].Load {
			load[d] += int64(q)
		}
	}
	return load
}

// pairsAboard calls sink once for every two requests that share a leg.
func (c *replay) pairsAboard(sink func(r, o Request)) {
	seen := map[[2]Request]bool{}
	for k := range len(c.nodes) - 1 {
		in := c.aboardAfter(k)
		for i, r := range in {
			for _, o := range in[i+1:] {
				if !seen[[2]Request{r, o}] {
					seen[[2]Request{r, o}] = true
					sink(r, o)
				}
			}
		}
	}
}
