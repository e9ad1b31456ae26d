package solver

// regroup looks for a cheaper plan by whole routes of the pool in place of a few routes of the best plan known: for groups of two routes, then
// three and so on, the exact cheapest way to serve the requests of a group with routes of the pool that hold nobody else. A
// removal takes out a dozen requests and puts back one by one; what needs twenty of four routes to move at once it hardly ever finds.
// The enumeration over all requests finds it only where the gap to the relaxation is small, while a group's share of the gap always is.
//
// It returns whether it found any; the plan and its cost are then in c.best and c.upper.
func (c *covering) regroup() bool {
	e := &c.every
	e.c = c
	if c.w.p.hasPreferred || c.w.p.hasShare || !c.incumbent() {
		return false
	}
	e.lay()
	c.room = append(c.room[:0], e.room...)
	found := len(c.best) > 0
	budget := regroupBudget
	for size := 2; size <= min(regroupMost, len(c.mine)) && subsets(len(c.mine), size) <= regroupGroups; size++ {
		c.mask()
		for group := uint64(1)<<size - 1; group>>len(c.mine) == 0; group = nextSubset(group) {
			e.budget = min(budget, regroupEach)
			budget -= e.budget
			better := c.improveGroup(group)
			budget += max(0, e.budget)
			if budget <= 0 || c.w.stop() {
				return found || better
			}
			if better {
				found, size = true, 1
				break
			}
		}
	}
	return found
}

const (
	regroupMost   = 6          // routes of a group
	regroupGroups = 3000       // groups of one size; larger groups are left out
	regroupEach   = 400_000    // columns that are looked at for one group,
	regroupBudget = 80_000_000 // and for all
)

// subsets is the number of ways to choose k of n, or a little more than regroupGroups where it is greater.
func subsets(n, k int) int {
	out := 1
	for i := range k {
		if out = out * (n - i) / (i + 1); out > 1000*regroupGroups {
			break
		}
	}
	return out
}

// nextSubset is the next greater number with as many bits set (Gosper).
func nextSubset(x uint64) uint64 {
	low := x & -x
	up := x + low
	return up | (x^up)/low>>2
}

// incumbent fills mine with the columns of the best plan known, and reports whether all its routes that may change are there. The pool may know
// cheaper ways to drive some of them.
func (c *covering) incumbent() (ok bool) {
	w := c.w
	at := make(map[uint64]int32, len(c.hash))
	for j, h := range c.hash {
		at[h] = int32(j)
	}
	c.mine = c.mine[:0]
	saved := 0.0
	for v, nodes := range w.best.routes {
		if len(nodes) == 0 || !w.open[v] {
			continue
		}
		j, ok := at[w.pool.hash(w.p.kind.at(Vehicle(v)), nodes)]
		if !ok || len(c.mine) == nobody {
			return false
		}
		c.mine = append(c.mine, j)
		saved += float64(w.a.at(w.a.intern(Vehicle(v), nodes)).cost) - c.sx.cost[j]
	}
	if saved > 0.5 {
		c.upper -= saved
		c.replace(0, nil)
	}
	return true
}

// nobody stands for the owner of requests that the plan leaves out, and is how many routes a plan has at most to be regrouped.
const nobody = 63

// mask notes for every column which routes of the plan serve somebody of it.
func (c *covering) mask() {
	sx := &c.sx
	owner := resize(c.owner, sx.cover)
	for i := range owner {
		owner[i] = nobody
	}
	for k, j := range c.mine {
		for _, i := range sx.rowOf[sx.first[j] : sx.first[j+1]-1] {
			owner[i] = uint8(k)
		}
	}
	c.owner = owner
	c.touch = resize(c.touch, len(sx.cost))
	for j := range c.touch {
		set := uint64(0)
		for _, i := range sx.rowOf[sx.first[j] : sx.first[j+1]-1] {
			set |= 1 << owner[i]
		}
		c.touch[j] = set
	}
}

// improveGroup replaces the routes of the group by others of the pool if that costs less, and reports whether it did.
func (c *covering) improveGroup(group uint64) bool {
	e, sx := &c.every, &c.sx
	e.best, e.within, e.picked = e.best[:0], group, e.picked[:0]
	was, over := 0.0, 0.0
	used := e.used[:e.words]
	for k := range used {
		used[k] = ^uint64(0)
	}
	copy(e.room, c.room)
	for _, j := range c.mine {
		e.room[c.kindOf(j)]--
	}
	e.rest = e.spare()
	for k, j := range c.mine {
		if group>>k&1 == 0 {
			continue
		}
		e.room[c.kindOf(j)]++
		was += sx.cost[j]
		over += max(0, sx.reduced(int(j)))
		for _, i := range sx.rowOf[sx.first[j] : sx.first[j+1]-1] {
			used[i>>6] &^= 1 << (i & 63)
		}
	}
	e.rest += over
	e.begin()
	e.visit(0, 0)
	now := 0.0
	for _, j := range e.best {
		now += sx.cost[j]
	}
	if len(e.best) == 0 || now > was-0.5 {
		return false
	}
	c.replace(group, e.best)
	c.upper += now - was
	return true
}

// kindOf is the kind of vehicle of column j.
func (c *covering) kindOf(j int32) int32 {
	return c.sx.rowOf[c.sx.first[j+1]-1] - int32(c.sx.cover)
}

// replace puts the columns in place of the group's in mine, and the whole plan into best.
func (c *covering) replace(group uint64, by []int32) {
	kept := c.mine[:0]
	for k, j := range c.mine {
		if group>>k&1 == 0 {
			kept = append(kept, j)
		}
	}
	c.mine = append(kept, by...)
	c.best = c.best[:0]
	for _, j := range c.mine {
		c.best = append(c.best, c.col[j])
	}
}
