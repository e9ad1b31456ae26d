package solver

import (
	"cmp"
	"slices"
)

// enumerateBudget is how many partial plans an enumeration looks at, and enumerateHalvings how often that is halved at the most while enumerations
// neither end nor find anything: on large days the gap to the relaxation is too wide for them most of the time (on R5a, R9a and R10a
// one in 130 found a plan), and they were a tenth of the search.
const (
	enumerateBudget   = 200000
	enumerateHalvings = 4
)

// enumeration looks for the cheapest plan in which routes of the pool serve everybody exactly once, depth first: the next request by the
// number of routes that serve it, its routes by their reduced costs, as long as those sum to less than the gap between the relaxation
// and the best plan known. The bound costs nothing, so that it goes through far more plans than the tree of relaxations does, and
// through all where the gap is small.
type enumeration struct {
	c      *covering
	words  int
	bits   []uint64  // [j*words+i/64], bit i%64: alive column j serves row i
	over   []float64 // [j] reduced cost of alive column j
	lists  [][]int32 // [row] alive columns that serve it, cheapest first
	order  []int32   // rows, those with the fewest columns first
	used   []uint64  // [depth*words:] rows that are served
	room   []int32   // [kind] vehicles that are left
	picked []int32
	best   []int32 // columns of the best plan found, none where there is none
	rest   float64 // what reduced costs may sum to
	within uint64  // groups that columns may touch, 0 for all; see regroup
	budget int
}

// enumerate looks for plans cheaper than the best known, given the value of the relaxation, and reports that it has gone through all.
func (c *covering) enumerate(value float64) (whole bool) {
	e := &c.every
	e.c, e.budget, e.rest, e.best, e.within = c, enumerateBudget>>c.inVain, c.upper-value-0.5, e.best[:0], 0
	e.lay()
	if len(e.order) == 0 || len(e.lists[e.order[0]]) == 0 {
		c.inVain = 0
		return false // somebody is in no route: only the tree can leave requests out
	}
	e.visit(0, 0, 0)
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
	e.lists, e.order = resize(e.lists, sx.cover), resize(e.order, sx.cover)
	for i := range e.lists {
		e.lists[i], e.order[i] = e.lists[i][:0], int32(i)
	}
	for _, j := range c.alive {
		e.over[j] = max(0, sx.reduced(int(j)))
		bits := e.bits[int(j)*e.words:][:e.words]
		clear(bits)
		for _, i := range sx.rowOf[sx.first[j] : sx.first[j+1]-1] {
			bits[i>>6] |= 1 << (i & 63)
			e.lists[i] = append(e.lists[i], j)
		}
	}
	for _, list := range e.lists {
		slices.SortFunc(list, func(a, b int32) int {
			if d := cmp.Compare(e.over[a], e.over[b]); d != 0 {
				return d
			}
			return cmp.Compare(a, b)
		})
	}
	slices.SortStableFunc(e.order, func(a, b int32) int { return cmp.Compare(len(e.lists[a]), len(e.lists[b])) })
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

// visit goes on from a partial plan: the rows before order[at] are served, and the reduced costs of its routes sum to sum.
func (e *enumeration) visit(depth, at int, sum float64) {
	used := e.used[depth*e.words:][:e.words]
	for at < len(e.order) && used[e.order[at]>>6]>>(e.order[at]&63)&1 == 1 {
		at++
	}
	if at == len(e.order) {
		if sum += e.spare(); sum < e.rest {
			e.rest, e.best = sum, append(e.best[:0], e.picked...)
		}
		return
	}
	if e.budget--; e.budget <= 0 || depth > len(e.c.w.active) {
		return
	}
	sx := &e.c.sx
	next := e.used[(depth+1)*e.words:][:e.words]
columns:
	for _, j := range e.lists[e.order[at]] {
		if sum+e.over[j] >= e.rest || e.budget <= 0 {
			return
		}
		if e.within != 0 && e.c.touch[j]&^e.within != 0 {
			continue
		}
		for k, b := range e.bits[int(j)*e.words:][:e.words] {
			if used[k]&b != 0 {
				continue columns
			}
			next[k] = used[k] | b
		}
		kind := sx.rowOf[sx.first[j+1]-1] - int32(sx.cover)
		if e.room[kind] == 0 {
			continue
		}
		e.room[kind]--
		e.picked = append(e.picked, j)
		e.visit(depth+1, at, sum+e.over[j])
		e.picked = e.picked[:len(e.picked)-1]
		e.room[kind]++
	}
}
