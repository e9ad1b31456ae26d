package solver

import "math"

// recombine looks for the cheapest plan made of routes of the pool: set covering over the requests with the vehicles of each kind
// limited, by its linear relaxation, reduced-cost fixing and depth-first branching (no outside solver). A request covered
// twice is taken out where that saves most. The worker's plan is replaced where the result is better than the worker's best.
//
// The use of a pool and set covering on top of a neighbourhood search follows Gschwind & Drexl (2019, section 4.5); the
// relaxation's prices also decide which routes the pool takes from then on.
func (w *worker) recombine() bool {
	if len(w.pool.cols) < 2 || len(w.mobile) > recombineLimit || len(w.mobile) < 2 {
		return false
	}
	c := w.cov
	if c == nil {
		c = &covering{w: w}
		w.cov = c
	}
	c.score, c.effort = c.score[:0], 0
	c.lay()
	c.branch()
	defer c.trim()
	if c.best == nil {
		return false
	}
	mark := w.st.mark()
	if c.adopt() && w.st.cost < w.best.search && w.st.feasible(mark) {
		w.st.keep()
		w.record()
		return true
	}
	w.st.undo(mark)
	return false
}

// recombineLimit is the number of requests up to which the explicit inverse of the relaxation is affordable.
const recombineLimit = 400

// covering is one set-covering problem and its search tree.
type covering struct {
	w        *worker
	sx       simplex
	row      []int32   // [r] row of request r, None for requests that may not move
	col      []int     // [j] index in the pool
	upper    float64   // cost of the best plan known
	best     []int     // pool indexes of the best cover found, nil for none better
	tried    int       // nodes of the tree
	cols     [][]int32 // [row] columns that cover it
	hash     []uint64  // [j] hash of the route
	alive    []int32   // columns that the tree may use
	saved    []basisCopy
	score    []float64 // [pool index] reduced cost at the root
	every    enumeration
	basis    []basic // the basis of the last relaxation
	splicing splicing

	models      []Vehicle // scratch of cross
	effort      int64     // of price in the last recombination
	inVain      int       // enumerations in a row that neither ended nor found a plan
	list        []int     // scratch of price
	nodes, less []Node

	mine  []int32  // columns of the best plan known,
	owner []uint8  // [row] which of them serves it,
	touch []uint64 // [j] whom of them column j would take somebody from,
	room  []int32  // and [kind] how many vehicles there are; see regroup
}

// lay builds the columns: pool routes that hold only requests that may move, on vehicles that may change.
func (c *covering) lay() {
	w, p := c.w, c.w.p
	sx := &c.sx
	sx.stop = w.stop
	c.row = resize(c.row, int(p.requests))
	for r := range c.row {
		c.row[r] = None
	}
	for i, r := range w.mobile {
		c.row[r] = int32(i)
	}
	sx.cover = len(w.mobile)
	kinds := int32(0)
	for _, k := range p.kind {
		kinds = max(kinds, k+1)
	}
	sx.rows = sx.cover + int(kinds)
	sx.right = resize(sx.right, sx.rows)
	sx.price = resize(sx.price, sx.cover)
	clear(sx.right)
	for _, v := range w.active {
		sx.right[sx.cover+int(p.kind.at(v))]++
	}
	for i, r := range w.mobile {
		sx.right[i] = 1
		sx.price[i] = float64(w.st.penalty[r])
	}
	c.columns()
	c.upper = float64(w.best.search - c.frozenCost())
	c.best = nil
	sx.size()
	if !c.resume() {
		sx.reset()
	}
}

// remember writes down the basis of the relaxation in terms that outlive the pool's numbering: the hash of a route, or
// the number of the shortfall, surplus or spare column.
func (c *covering) remember() {
	sx := &c.sx
	n := int32(len(sx.cost))
	c.basis = c.basis[:0]
	for _, j := range sx.basis {
		if j < n {
			c.basis = append(c.basis, basic{hash: c.hash[j]})
		} else {
			c.basis = append(c.basis, basic{column: j - n + 1})
		}
	}
}

// basic is a basic column: a route by its hash, or column-1 beyond the routes.
type basic struct {
	hash   uint64
	column int32
}

// resume starts from the remembered basis, if all its routes are still in the pool.
func (c *covering) resume() bool {
	sx := &c.sx
	if len(c.basis) != sx.rows {
		return false
	}
	at := make(map[uint64]int32, len(sx.cost))
	for j, h := range c.hash {
		at[h] = int32(j)
	}
	for i, b := range c.basis {
		if b.column > 0 {
			sx.basis[i] = int32(len(sx.cost)) + b.column - 1
			continue
		}
		j, ok := at[b.hash]
		if !ok {
			return false
		}
		sx.basis[i] = j
	}
	if !sx.refresh() {
		return false
	}
	for _, x := range sx.level {
		if x < -1e-7 {
			return false
		}
	}
	return true
}

// frozenCost is what the plan pays on vehicles that do not change.
func (c *covering) frozenCost() int64 {
	sum := int64(0)
	for v, h := range c.w.st.route {
		if !c.w.open[v] {
			sum += c.w.a.at(h).cost
		}
	}
	return sum
}

func (c *covering) columns() {
	w, p, sx := c.w, c.w.p, &c.sx
	sx.cost, sx.first, sx.rowOf = sx.cost[:0], append(sx.first[:0], 0), sx.rowOf[:0]
	c.col, c.hash = c.col[:0], c.hash[:0]
	c.cols = resize(c.cols, sx.cover)
	for i := range c.cols {
		c.cols[i] = c.cols[i][:0]
	}
next:
	for i := range w.pool.cols {
		pc := &w.pool.cols[i]
		if !w.open[pc.v] {
			continue
		}
		from := len(sx.rowOf)
		cost := float64(pc.cost)
		for _, n := range w.pool.sequence(i) {
			r := p.RequestOf(n)
			if r == None || !p.IsDelivery(n) {
				continue
			}
			if c.row[r] == None && !p.pinned.at(r) {
				sx.rowOf = sx.rowOf[:from]
				continue next
			}
			if c.row[r] != None {
				sx.rowOf = append(sx.rowOf, c.row[r])
			}
			if p.hasPreferred {
				cost += float64(p.preferenceCost(pc.v, r))
			}
		}
		j := int32(len(sx.cost))
		for _, row := range sx.rowOf[from:] {
			c.cols[row] = append(c.cols[row], j)
		}
		sx.rowOf = append(sx.rowOf, int32(sx.cover)+pc.kind)
		sx.first = append(sx.first, int32(len(sx.rowOf)))
		sx.cost = append(sx.cost, cost)
		c.col = append(c.col, i)
		c.hash = append(c.hash, pc.hash)
	}
	sx.banned = resize(sx.banned, len(sx.cost))
	clear(sx.banned)
}

// pivotBudget bounds the steps of the relaxation, treeBudget those of the tree, treeWork the numbers that these touch and nodeBudget the nodes of
// the tree. Where the gap is wide a node takes hundreds of steps and no number of nodes that can be afforded ends in a plan.
const (
	pivotBudget = 12000
	treeBudget  = 6000
	treeWork    = 30_000_000
	nodeBudget  = 400
	depthMost   = 60 // a column may stay half used beside requests half left out, however much is excluded
)

// branch solves the relaxation, learns from its prices, regroups routes of the best plan, enumerates plans and, where those are too many, searches
// the tree depth first.
func (c *covering) branch() {
	sx := &c.sx
	sx.budget = pivotBudget
	c.tried = 0
	value, ok := c.relax()
	for step := 0; ok && step < priceSteps && c.more(value, step); step++ {
		c.lay()
		value, ok = c.relax()
	}
	if !ok {
		return
	}
	c.fix(value)
	c.regroup()
	c.fix(value)
	if c.enumerate(value) {
		return
	}
	c.fix(value)
	sx.budget = min(treeBudget, treeWork/(sx.rows*sx.rows+len(sx.rowOf))) >> c.inVain
	c.dive(0)
}

// relax solves the relaxation and learns from it; ok is false where the budget was not enough.
func (c *covering) relax() (value float64, ok bool) {
	if value, ok = c.sx.relax(); ok {
		c.remember()
		c.learn(value)
	}
	return value, ok
}

// more fills the pool with routes that the prices of the relaxation ask for, and reports whether there were any.
func (c *covering) more(value float64, step int) bool {
	crossed := step == 0 && c.cross()
	if c.upper-value >= priceReach*c.upper {
		return crossed // the prices are still far from those of a good plan
	}
	spliced := step == 0 && c.splice()
	return c.price() || spliced || crossed
}

// fix leaves alive the columns that a cover cheaper than the best known can use: those whose reduced cost is within the gap.
func (c *covering) fix(value float64) {
	c.alive = c.alive[:0]
	for j := range c.sx.cost {
		if c.sx.reduced(j) <= c.upper-value {
			c.alive = append(c.alive, int32(j))
		}
	}
}

// learn keeps the prices for the pool, and what every route of the pool costs against them.
func (c *covering) learn(value float64) {
	p, pl := c.w.p, c.w.pool
	if pl.dual == nil {
		pl.dual = make([]float64, int(p.requests)+int(p.vehicles))
	}
	clear(pl.dual)
	for i, r := range c.w.mobile {
		pl.dual[r] = c.sx.dual[i]
	}
	for k := c.sx.cover; k < c.sx.rows; k++ {
		pl.dual[int(p.requests)+k-c.sx.cover] = c.sx.dual[k]
	}
	pl.slack = max(poolSlack*c.w.an.scale, gapShare*(c.upper-value))
	c.score = resize(c.score, len(pl.cols))
	for i := range c.score {
		c.score[i] = math.Inf(1)
	}
	for j, i := range c.col {
		c.score[i] = c.sx.reduced(j)
	}
}

// trim drops the routes that cost most against the prices when the pool is full, but none of the best plan nor those of which no price is known.
func (c *covering) trim() {
	w := c.w
	if pl := w.pool; len(pl.cols) > poolLimit && len(c.score) > 0 {
		for len(c.score) < len(pl.cols) {
			c.score = append(c.score, math.Inf(-1))
		}
		pl.trim(poolLimit/2, c.score)
		pl.addCopy(&w.best, w.a)
	}
}

// poolSlack is the largest reduced cost of a route that the pool takes, as a share of the plan's routing cost, where the gap between relaxation and
// best plan is small; else it is gapShare of the gap, which the reduced costs of all routes of a better plan sum up to at most.
const (
	poolSlack = 0.002
	gapShare  = 0.3
)

// adopt makes the worker's plan run the cover: each route on a vehicle of its kind, what is covered twice taken out where that saves
// most, and what is left out inserted. It reports whether all routes found a vehicle.
func (c *covering) adopt() bool {
	w := c.w
	st := w.st
	for _, v := range w.active {
		for _, n := range w.a.at(st.route[v]).node {
			if r := w.p.RequestOf(n); r != None && w.p.IsDelivery(n) {
				st.setVehicle(r, None)
			}
		}
		st.setRoute(v, st.empty[v])
	}
	w.stamp++
	for _, i := range c.best {
		v := c.vehicleFor(i)
		if v == None {
			return false
		}
		w.ruined[v] = w.stamp
		if !c.run(v, w.pool.sequence(i)) {
			return false
		}
	}
	w.todo = append(w.todo[:0], st.out...)
	for _, r := range w.todo {
		w.placeBest(r, 0)
	}
	w.localSearch(0)
	for _, v := range w.active {
		if w.p.vehicleSpec[v].Fixed > 0 && st.route[v] == st.empty[v] {
			return false
		}
	}
	return true
}

// vehicleFor is an unused vehicle that may run route i.
func (c *covering) vehicleFor(i int) Vehicle {
	w, pc := c.w, &c.w.pool.cols[i]
	fits := func(v Vehicle) bool {
		return w.ruined[v] != w.stamp && w.p.kind.at(v) == pc.kind && c.mayRun(v, c.w.pool.sequence(i))
	}
	if fits(pc.v) {
		return pc.v
	}
	for _, v := range w.active {
		if fits(v) {
			return v
		}
	}
	return None
}

// mayRun reports whether v may serve everybody on the nodes.
func (c *covering) mayRun(v Vehicle, nodes []Node) bool {
	for _, n := range nodes {
		if r := c.w.p.RequestOf(n); r != None && !c.w.p.compatible(v, r) {
			return false
		}
	}
	return true
}

// run gives v the sequence, less what other vehicles serve already where their way of serving it is the dearer one to give up.
func (c *covering) run(v Vehicle, nodes []Node) bool {
	w, st := c.w, c.w.st
	h := w.a.intern(v, nodes)
	if !w.a.sound(h) {
		return false
	}
	st.setRoute(v, h)
	for _, n := range nodes {
		r := w.p.RequestOf(n)
		if r == None || !w.p.IsDelivery(n) {
			continue
		}
		if home := w.p.shareVehicle(r, st.on); !fitsShare(v, home) && w.p.hasShare {
			return false
		}
		if st.on[r] == None {
			st.setVehicle(r, v)
			continue
		}
		other := st.on[r]
		is := func(o Request) bool { return o == r }
		mine, theirs := st.without(v, is), st.without(other, is)
		if w.a.at(h).cost-w.a.at(mine).cost >= w.a.at(st.route[other]).cost-w.a.at(theirs).cost {
			st.setRoute(v, mine)
		} else {
			st.setRoute(other, theirs)
			st.setVehicle(r, v)
		}
		h = st.route[v]
	}
	return true
}
