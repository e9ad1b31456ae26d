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
	w     *worker
	sx    simplex
	row   []int32 // [r] row of request r, None for requests that may not move
	col   []int   // [j] index in the pool
	upper float64 // cost of the best plan known
	best  []int   // pool indexes of the best cover found, nil for none better
	nodes int
	cols  [][]int32 // [row] columns that cover it
	hash  []uint64  // [j] hash of the route
	alive []int32   // columns that the tree may use
	saved []basisCopy
	score []float64 // [pool index] reduced cost at the root
	every enumeration
	basis []basic // the basis of the last relaxation
}

// lay builds the columns: pool routes that hold only requests that may move, on vehicles that may change.
func (c *covering) lay() {
	w, p := c.w, c.w.p
	sx := &c.sx
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

// pivotBudget bounds the steps of the relaxation, treeBudget those of the tree and nodeBudget the nodes of the tree.
const (
	pivotBudget = 12000
	treeBudget  = 6000
	nodeBudget  = 400
)

// branch solves the relaxation, learns from its prices, enumerates plans and, where those are too many, searches the tree depth first.
func (c *covering) branch() {
	sx := &c.sx
	sx.budget = pivotBudget
	c.nodes = 0
	value, ok := sx.relax()
	if !ok {
		return
	}
	c.remember()
	c.learn()
	c.fix(value)
	if c.enumerate(value) {
		return
	}
	c.fix(value)
	sx.budget = treeBudget
	c.dive(0)
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

// dive bounds one node of the tree and branches on its most decided fractional column.
func (c *covering) dive(depth int) {
	c.nodes++
	sx := &c.sx
	value := sx.value()
	if value >= c.upper-0.5 || c.w.stop() {
		return
	}
	j := c.fractional()
	if j < 0 {
		c.take(value)
		return
	}
	if len(c.saved) <= depth {
		c.saved = append(c.saved, basisCopy{})
	}
	c.saved[depth].save(sx)
	// First with j: whatever shares a request with it goes.
	c.exclude(j, 1)
	if sx.repair(c.alive) {
		c.dive(depth + 1)
	}
	c.exclude(j, -1)
	if c.nodes >= nodeBudget || sx.budget <= 0 {
		return
	}
	c.saved[depth].load(sx)
	sx.banned[j]++
	if sx.repair(c.alive) {
		c.dive(depth + 1)
	}
	sx.banned[j]--
}

// basisCopy is the state of a simplex at one node.
type basisCopy struct {
	inverse, level, dual []float64
	basis                []int32
	since                int
}

func (b *basisCopy) save(sx *simplex) {
	b.inverse = append(b.inverse[:0], sx.inverse...)
	b.level = append(b.level[:0], sx.level...)
	b.dual = append(b.dual[:0], sx.dual...)
	b.basis = append(b.basis[:0], sx.basis...)
	b.since = sx.since
}

func (b *basisCopy) load(sx *simplex) {
	copy(sx.inverse, b.inverse)
	copy(sx.level, b.level)
	copy(sx.dual, b.dual)
	copy(sx.basis, b.basis)
	sx.since = b.since
}

// exclude changes the bans of all columns that share a request with j.
func (c *covering) exclude(j int32, by int32) {
	sx := &c.sx
	for _, row := range sx.rowOf[sx.first[j] : sx.first[j+1]-1] {
		for _, o := range c.cols[row] {
			if o != j {
				sx.banned[o] += by
			}
		}
	}
}

// fractional is the structural column with the largest value that is not whole, or -1.
func (c *covering) fractional() int32 {
	best, most := int32(-1), 0.0
	for i, j := range c.sx.basis {
		if x := c.sx.level[i]; int(j) < len(c.sx.cost) && x > 1e-4 && x < 1-1e-4 && x > most {
			best, most = j, x
		}
	}
	return best
}

// take remembers the whole solution of the current basis.
func (c *covering) take(value float64) {
	c.upper = value
	c.best = c.best[:0]
	if c.best == nil {
		c.best = []int{}
	}
	for i, j := range c.sx.basis {
		if int(j) < len(c.sx.cost) && c.sx.level[i] > 0.5 {
			c.best = append(c.best, c.col[j])
		}
	}
}

// learn keeps the prices for the pool, and what every route of the pool costs against them.
func (c *covering) learn() {
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
	pl.slack = poolSlack * c.w.an.scale
	c.score = resize(c.score, len(pl.cols))
	for i := range c.score {
		c.score[i] = math.Inf(1)
	}
	for j, i := range c.col {
		c.score[i] = c.sx.reduced(j)
	}
}

// trim drops the routes that cost most against the prices when the pool is full.
func (c *covering) trim() {
	if pl := c.w.pool; len(pl.cols) > poolLimit && len(c.score) == len(pl.cols) {
		pl.trim(poolLimit/2, c.score)
	}
}

// poolSlack is the largest reduced cost of a route that the pool takes, as a share of the plan's routing cost.
const poolSlack = 0.002

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
		if w.ruined[v] == w.stamp || w.p.kind.at(v) != pc.kind {
			return false
		}
		for _, n := range w.pool.sequence(i) {
			if r := w.p.RequestOf(n); r != None && !w.p.compatible(v, r) {
				return false
			}
		}
		return true
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
