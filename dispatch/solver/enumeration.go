package solver

import (
	"cmp"
	"slices"
)

// enumerateBudget is how many columns an enumeration looks at, again at every partial plan, and enumerateHalvings how often that is halved at the
// most while enumerations neither end nor find anything: on large days the gap to the relaxation is too wide for them most of the time (on R5a,
// R9a and R10a one in 130 found a plan), and they were a tenth of the search.
const (
	enumerateBudget   = 40_000_000
	enumerateHalvings = 4
	askEvery          = 100_000 // columns looked at, half a millisecond, between two questions whether to stop
)

// enumeration looks for the cheapest plan in which routes of the pool serve everybody exactly once, depth first: the request that the fewest
// routes are left for (Knuth 2000, arXiv cs/0011047), its routes by their reduced costs, as long as those sum to less than the gap between
// the relaxation and the best plan known. The bound costs nothing, so that it goes through far more plans than the tree of
// relaxations does, and through all where the gap is small.
//
// Choosing the request anew at every partial plan, instead of once by the routes of all, goes through the pool of a8-96 at a gap of 0.06 % in 0.06 to
// 0.12 s instead of 5 to 20, and R5a, R6a, R9a and R10a end at 0.48 % instead of 0.93 (seeds 1 and 2, 30 s).
type enumeration struct {
	c      *covering
	words  int
	bits   []uint64  // [j*words+i/64], bit i%64: alive column j serves row i
	over   []float64 // [j] reduced cost of alive column j
	left   [][]int32 // [depth] columns that the partial plan leaves, cheapest first
	count  []int32   // [row] those of them that serve it
	used   []uint64  // [depth*words:] rows that are served
	room   []int32   // [kind] vehicles that are left
	picked []int32
	best   []int32 // columns of the best plan found, none where there is none
	rest   float64 // what reduced costs may sum to
	sorted []int32 // alive columns, cheapest first
	within uint64  // groups that columns may touch, 0 for all; see regroup
	budget int
	ask    int // budget at which to ask next whether to stop
}

// enumerate looks for plans cheaper than the best known, given the value of the relaxation, and reports that it has gone through all.
func (c *covering) enumerate(value float64) (whole bool) {
	e := &c.every
	e.c, e.budget, e.rest, e.best, e.within = c, enumerateBudget>>c.inVain, c.upper-value-0.5, e.best[:0], 0
	e.lay()
	e.begin()
	if row, all := e.scarcest(e.left[0], e.used); row < 0 && !all {
		c.inVain = 0
		return false // somebody is in no route: only the tree can leave requests out
	}
	e.visit(0, 0)
	if whole = e.budget > 0; whole || len(e.best) > 0 {
		c.inVain = 0
	} else {
		c.inVain = min(c.inVain+1, enumerateHalvings)
	}
	if len(e.best) > 0 {
		c.upper = value + e.rest
		c.best = make([]int, 0, len(e.best))
		for _, j := range e.best {
			c.best = append(c.best, c.col[j])
		}
	}
	return whole
}

// lay fills the columns of the enumeration.
func (e *enumeration) lay() {
	c, sx := e.c, &e.c.sx
	e.words = (sx.cover + 63) / 64
	e.bits, e.over = resize(e.bits, len(sx.cost)*e.words), resize(e.over, len(sx.cost))
	e.left, e.count = resize(e.left, len(c.w.active)+2), resize(e.count, sx.cover)
	for _, j := range c.alive {
		e.over[j] = max(0, sx.reduced(int(j)))
		bits := e.bits[int(j)*e.words:][:e.words]
		clear(bits)
		for _, i := range sx.rowOf[sx.first[j] : sx.first[j+1]-1] {
			bits[i>>6] |= 1 << (i & 63)
		}
	}
	e.sorted = append(e.sorted[:0], c.alive...)
	slices.SortFunc(e.sorted, func(a, b int32) int {
		if d := cmp.Compare(e.over[a], e.over[b]); d != 0 {
			return d
		}
		return cmp.Compare(a, b)
	})
	e.room = e.room[:0]
	for _, b := range sx.right[sx.cover:] {
		e.room = append(e.room, int32(b+0.5))
	}
	e.used = resize(e.used, (len(c.w.active)+2)*e.words)
	clear(e.used[:e.words])
	e.picked = e.picked[:0]
}

// spare is what the vehicles that are left would save at the prices of the relaxation: a plan costs as much as the relaxation, the reduced costs
// of its routes and this.
func (e *enumeration) spare() float64 {
	sum, sx := 0.0, &e.c.sx
	for k, room := range e.room {
		sum -= float64(room) * min(0, sx.dual[sx.cover+k])
	}
	return sum
}

// begin fills left with the columns that the served rows and the groups leave, before any is picked.
func (e *enumeration) begin() {
	left, used := e.left[0][:0], e.used[:e.words]
	for _, j := range e.sorted {
		if (e.within == 0 || e.c.touch[j]&^e.within == 0) && !e.meets(j, used) {
			left = append(left, j)
		}
	}
	e.left[0] = left
	e.budget -= len(e.sorted)
	e.ask = e.budget - askEvery
}

// meets reports whether column j serves one of the rows.
func (e *enumeration) meets(j int32, rows []uint64) bool {
	for k, b := range e.bits[int(j)*e.words:][:e.words] {
		if rows[k]&b != 0 {
			return true
		}
	}
	return false
}

// scarcest is the unserved row that the fewest of the columns serve, or -1 where there is none that any serves; then all tells whether
// every row is served.
func (e *enumeration) scarcest(left []int32, used []uint64) (row int32, all bool) {
	sx := &e.c.sx
	clear(e.count)
	for _, j := range left {
		for _, i := range sx.rowOf[sx.first[j] : sx.first[j+1]-1] {
			e.count[i]++
		}
	}
	e.budget -= 4 * len(left)
	row, all = -1, true
	for i, n := range e.count {
		if used[i>>6]>>(i&63)&1 == 1 {
			continue
		}
		if all = false; n == 0 {
			return -1, false
		}
		if row < 0 || n < e.count[row] {
			row = int32(i)
		}
	}
	return row, all
}

// visit goes on from a partial plan: picked are its routes, whose reduced costs sum to sum.
func (e *enumeration) visit(depth int, sum float64) {
	left, used := e.left[depth], e.used[depth*e.words:][:e.words]
	row, all := e.scarcest(left, used)
	if all {
		if sum += e.spare(); sum < e.rest {
			e.rest, e.best = sum, append(e.best[:0], e.picked...)
		}
		return
	}
	if row < 0 || depth > len(e.c.w.active) {
		return
	}
	if e.budget < e.ask {
		e.ask -= askEvery
		if e.c.w.stop() {
			e.budget = 0
			return
		}
	}
	sx := &e.c.sx
	for _, j := range left {
		if sum+e.over[j] >= e.rest || e.budget <= 0 {
			return
		}
		if e.bits[int(j)*e.words+int(row>>6)]>>(row&63)&1 == 0 {
			continue
		}
		kind := sx.rowOf[sx.first[j+1]-1] - int32(sx.cover)
		if e.room[kind] == 0 {
			continue
		}
		e.narrow(depth, j, sum+e.over[j])
		e.room[kind]--
		e.picked = append(e.picked, j)
		e.visit(depth+1, sum+e.over[j])
		e.picked = e.picked[:len(e.picked)-1]
		e.room[kind]++
	}
}

// narrow fills what column j, picked at depth, leaves for the next depth.
func (e *enumeration) narrow(depth int, j int32, sum float64) {
	used, next := e.used[depth*e.words:][:e.words], e.used[(depth+1)*e.words:][:e.words]
	bits := e.bits[int(j)*e.words:][:e.words]
	for k, b := range bits {
		next[k] = used[k] | b
	}
	to := e.left[depth+1][:0]
	e.budget -= len(e.left[depth])
	for _, o := range e.left[depth] {
		if sum+e.over[o] >= e.rest {
			break
		}
		if !e.meets(o, bits) {
			to = append(to, o)
		}
	}
	e.left[depth+1] = to
}
