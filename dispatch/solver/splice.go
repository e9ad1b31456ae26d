package solver

import (
	"cmp"
	"slices"
)

// splicing makes routes for the pool of the beginning of one and the end of another, cut where nobody is aboard. What a vehicle does between two
// such points hardly depends on what it did before (Rist & Forbes 2021, doi 10.1287/trsc.2021.1046, build all routes of such
// fragments), while the search has to take whole halves of two routes apart to swap them.
type splicing struct {
	heads, tails []half
	bits         []uint64 // [h.mark+r/64], bit r%64: half h serves r
	words        int
	nodes        []Node
	tries        int // routes that may still be tried
}

// half is the part of a route of the pool before or after a point at which the vehicle stands empty.
type half struct {
	v     Vehicle
	col   int32   // pool index of the route
	cut   int32   // how many nodes of the route come before the point
	mark  int32   // where its bits begin
	time  int32   // earliest end of a head, latest beginning of a tail, in ticks
	near  Node    // the node next to the point,
	far   Node    // and the last one of a tail
	score float64 // reduced cost, without the legs from the near node of a head and the far node of a tail
}

const (
	spliceMost  = 1500   // routes that a recombination adds: more would crowd out what the search has found
	spliceTries = 100000 // routes that it tries for that, of a few hundred nanoseconds each
)

// splice offers the pool all routes that the cheapest ones at the prices of the relaxation can be spliced to, the most promising first. It reports
// whether any came in. On a8-96 (10 s) more runs than before end at the optimum, but not all.
func (c *covering) splice() bool {
	w, pl := c.w, c.w.pool
	if w.p.hasShare || w.p.hasPreferred {
		return false
	}
	before, did := len(pl.cols), w.effort()
	c.halve(c.cheapest())
	sp := &c.splicing
	sp.tries = spliceTries
	for i := range sp.heads {
		if len(pl.cols)-before >= spliceMost || sp.tries < 0 || w.stop() {
			break
		}
		c.follow(&sp.heads[i])
	}
	c.effort += w.effort() - did
	return len(pl.cols) > before
}

// halve fills heads and tails with the halves of the listed routes of the pool.
func (c *covering) halve(list []int) {
	w, pl, sp := c.w, c.w.pool, &c.splicing
	sp.heads, sp.tails, sp.bits = sp.heads[:0], sp.tails[:0], sp.bits[:0]
	sp.words = (int(w.p.requests) + 63) / 64
	for _, i := range list {
		v := pl.cols[i].v
		if !w.p.loose(v) || !c.mayMove(pl.sequence(i)) {
			continue
		}
		h := w.a.intern(v, pl.sequence(i))
		if s := w.a.at(h); w.a.sound(h) && !s.soft && !s.empty {
			c.addHeads(int32(i), v, s)
			c.addTails(int32(i), v, s)
		}
	}
	cheaper := func(a, b half) int { return cmp.Compare(a.score, b.score) }
	slices.SortStableFunc(sp.heads, cheaper)
	slices.SortStableFunc(sp.tails, cheaper)
}

// mayMove reports whether all requests of the nodes are rows of the relaxation.
func (c *covering) mayMove(nodes []Node) bool {
	for _, n := range nodes {
		if r := c.w.p.RequestOf(n); r == None || c.row[r] == None {
			return false
		}
	}
	return true
}

// addHeads adds what route s does up to each of its empty points but the last.
func (c *covering) addHeads(i int32, v Vehicle, s *interned) {
	p, dual, sp := c.w.p, c.w.pool.dual, &c.splicing
	score := float64(p.vehicleSpec[v].FixedCost) - dual[int(p.requests)+int(p.kind.at(v))]
	mark, aboard := sp.blank(), 0
	for k := int32(1); k < s.n-2; k++ {
		n := s.node[k]
		score += float64(s.leg[k-1])
		if p.IsPickup(n) {
			aboard++
			continue
		}
		aboard--
		score -= dual[p.RequestOf(n)]
		sp.serve(mark, p.RequestOf(n))
		if aboard == 0 {
			sp.heads = append(sp.heads, half{v: v, col: i, cut: k, mark: mark, time: s.early[k] + s.svc[k], near: n, score: score})
			mark = sp.again(mark)
		}
	}
}

// addTails adds what route s does after each of its empty points but the last.
func (c *covering) addTails(i int32, v Vehicle, s *interned) {
	p, dual, sp := c.w.p, c.w.pool.dual, &c.splicing
	score, mark, aboard, far := 0.0, sp.blank(), 0, s.n-2
	for k := far; k > 1; k-- {
		n := s.node[k]
		if k < far {
			score += float64(s.leg[k])
		}
		if p.IsDelivery(n) {
			aboard++
			score -= dual[p.RequestOf(n)]
			sp.serve(mark, p.RequestOf(n))
			continue
		}
		aboard--
		if aboard == 0 {
			sp.tails = append(sp.tails, half{v: v, col: i, cut: k - 1, mark: mark, time: s.late[k], near: n, far: s.node[far], score: score})
			mark = sp.again(mark)
		}
	}
}

// blank is where bits of a half that serves nobody begin.
func (sp *splicing) blank() int32 {
	for range sp.words {
		sp.bits = append(sp.bits, 0)
	}
	return int32(len(sp.bits) - sp.words)
}

// again copies the bits at mark.
func (sp *splicing) again(mark int32) int32 {
	sp.bits = append(sp.bits, sp.of(mark)...)
	return int32(len(sp.bits) - sp.words)
}

func (sp *splicing) of(mark int32) []uint64 { return sp.bits[mark : int(mark)+sp.words] }

func (sp *splicing) serve(mark int32, r Request) { sp.of(mark)[r>>6] |= 1 << (r & 63) }

// disjoint reports whether nobody is served by both halves.
func (sp *splicing) disjoint(a, b *half) bool {
	other := sp.of(b.mark)
	for k, bits := range sp.of(a.mark) {
		if bits&other[k] != 0 {
			return false
		}
	}
	return true
}

// follow offers the pool the head with every tail that may follow it.
func (c *covering) follow(head *half) {
	w, p, pl, sp := c.w, c.w.p, c.w.pool, &c.splicing
	class, end := p.vehicleSpec[head.v].Class, p.EndOf(head.v)
	for j := range sp.tails {
		tail := &sp.tails[j]
		score := head.score + tail.score
		if score > pl.slack {
			return // as are all after it
		}
		if p.vehicleSpec[tail.v].Class != class || !sp.disjoint(head, tail) {
			continue
		}
		time, cost := p.Leg(head.v, head.near, tail.near)
		if head.time+time > tail.time {
			continue
		}
		if _, back := p.Leg(head.v, tail.far, end); score+float64(cost)+float64(back) > pl.slack {
			continue
		}
		sp.nodes = append(append(sp.nodes[:0], pl.sequence(int(head.col))[:head.cut]...), pl.sequence(int(tail.col))[tail.cut:]...)
		if !c.mayRun(head.v, sp.nodes) {
			continue
		}
		if sp.tries--; sp.tries < 0 || w.stop() {
			return
		}
		if h := w.a.intern(head.v, sp.nodes); w.a.sound(h) {
			pl.add(head.v, sp.nodes, w.a.at(h).cost)
		}
	}
}
