package solver

import "math"

// simplex solves the linear relaxation of a set-covering problem with limited vehicles by the revised primal method with an
// explicit inverse:
//
//	min sum c[j] x[j]   rows i < cover: sum of x[j] over columns that cover i, plus a shortfall at a price, >= 1
//	                    other rows:     sum of x[j] over columns of that kind <= room
//
// After relax, columns may be banned and repair called: the dual method then takes them out of the basis in a few steps.
type simplex struct {
	rows, cover int
	cost        []float64 // [j]
	first       []int32   // column j covers rowOf[first[j]:first[j+1]]
	rowOf       []int32
	banned      []int32 // [j] > 0: the column may not be used; only the dual method asks

	// Column numbers from len(cost): shortfall i, then surplus i, then spare room.
	price   []float64 // [i] price of shortfall
	right   []float64
	inverse []float64 // rows*rows, row-major
	basis   []int32   // [i] column that is basic in row i
	level   []float64 // [i] its value
	dual    []float64
	alpha   []float64
	work    int         // numbers touched since the caller last set it to 0, roughly
	budget  int         // pivots still allowed
	stop    func() bool // asked now and then; after a true nothing is solved
	since   int         // pivots since the inverse was computed afresh

	likely []int32   // columns that may enter next
	all    []float64 // [j] reduced cost when likely was filled
	start  int       // where filling it goes on

	truth []float64 // right-hand sides as they are asked for
	every []int32   // every column
}

const (
	priceTol  = 1e-7
	pivotTol  = 1e-9
	refreshAt = 200
	perturb   = 1e-5 // what relax adds to the basic columns at first, times up to 1,023
	tiny      = 1e-8 // and then, so that ties stay rare
)

// reset starts from the basis in which everything is short.
func (sx *simplex) reset() {
	m := sx.rows
	sx.size()
	clear(sx.inverse)
	n := int32(len(sx.cost))
	for i := range m {
		sx.inverse[i*m+i] = 1
		sx.level[i] = sx.right[i]
		if i < sx.cover {
			sx.basis[i] = n + int32(i)
		} else {
			sx.basis[i] = n + int32(sx.cover) + int32(i)
		}
	}
	sx.since = 0
}

// size makes room for the rows.
func (sx *simplex) size() {
	m := sx.rows
	sx.inverse = resize(sx.inverse, m*m)
	sx.basis = resize(sx.basis, m)
	sx.level = resize(sx.level, m)
	sx.dual = resize(sx.dual, m)
	sx.alpha = resize(sx.alpha, m)
}

// costOf is the cost of any column.
func (sx *simplex) costOf(j int32) float64 {
	n := int32(len(sx.cost))
	switch {
	case j >= n+int32(sx.cover):
		return 0
	case j >= n:
		return sx.price[j-n]
	}
	return sx.cost[j]
}

// prices recomputes the duals from the basis.
func (sx *simplex) prices() {
	m := sx.rows
	clear(sx.dual)
	for i := range m {
		c := sx.costOf(sx.basis[i])
		if c == 0 {
			continue
		}
		for k, b := range sx.inverse[i*m : (i+1)*m] {
			sx.dual[k] += c * b
		}
	}
}

// reduced is the reduced cost of a structural column.
func (sx *simplex) reduced(j int) float64 {
	d := sx.cost[j]
	for _, i := range sx.rowOf[sx.first[j]:sx.first[j+1]] {
		d -= sx.dual[i]
	}
	return d
}

// relax solves the relaxation from the current basis: first with right-hand sides a little off, so that steps are seldom of no length, of which there would be
// thousands, and then by the dual method with the true ones. It returns the value; ok is false where the budget was not enough.
func (sx *simplex) relax() (value float64, ok bool) {
	sx.truth = append(sx.truth[:0], sx.right...)
	sx.shift()
	_, ok = sx.run()
	for i, b := range sx.truth {
		sx.right[i] = b + tiny*float64(mix(uint64(i)+1)%1024)
	}
	sx.levels()
	if !ok {
		return sx.value(), false
	}
	sx.every = sx.every[:0]
	for j := range sx.cost {
		sx.every = append(sx.every, int32(j))
	}
	if !sx.repair(sx.every) {
		return sx.value(), false
	}
	return sx.run()
}

// shift changes the right-hand sides so that every basic column is worth a little more than before, and none less than a little: the basis is
// feasible then and no step from it is of no length.
func (sx *simplex) shift() {
	n := int32(len(sx.cost))
	sx.levels()
	for i, j := range sx.basis {
		by := perturb*float64(1+mix(uint64(i)+1)%1023) + max(0, -sx.level[i])
		switch {
		case j < n:
			for _, k := range sx.rowOf[sx.first[j]:sx.first[j+1]] {
				sx.right[k] += by
			}
		case j < n+int32(sx.cover):
			sx.right[j-n] += by
		case j < n+2*int32(sx.cover):
			sx.right[j-n-int32(sx.cover)] -= by
		default:
			sx.right[j-n-int32(sx.cover)] += by
		}
	}
	sx.levels()
}

// levels computes the values of the basic columns from the inverse.
func (sx *simplex) levels() {
	m := sx.rows
	for i := range m {
		sum := 0.0
		for k, b := range sx.inverse[i*m : (i+1)*m] {
			sum += b * sx.right[k]
		}
		sx.level[i] = sum
	}
}

// run improves the basis until it is optimal or the budget is used up, and returns the value; ok says which.
func (sx *simplex) run() (value float64, ok bool) {
	sx.prices()
	sx.likely = sx.likely[:0]
	for ; sx.budget > 0 && !(sx.budget&31 == 0 && sx.stop()); sx.budget-- {
		j, d := sx.enter()
		if d > -priceTol {
			return sx.value(), true
		}
		if !sx.pivot(j, d) {
			return sx.value(), false
		}
		if sx.since >= refreshAt {
			if !sx.refresh() {
				return sx.value(), false
			}
			sx.prices()
		}
	}
	return sx.value(), false
}

func (sx *simplex) value() float64 {
	sum := 0.0
	for i, j := range sx.basis {
		sum += sx.costOf(j) * sx.level[i]
	}
	return sum
}

// enter picks a column of negative reduced cost: the least of all surplus and spare columns and of the few structural ones that were the best
// when all were last looked at, which happens again when none of those is left. Looking at all for every step would take most of the time.
func (sx *simplex) enter() (int32, float64) {
	best, low := sx.enterSlack()
	for range 2 {
		for _, j := range sx.likely {
			if d := sx.reduced(int(j)); d < low-priceTol {
				best, low = j, d
			}
		}
		if best >= 0 {
			break
		}
		sx.look()
	}
	return best, low
}

// enterSlack is the least reduced cost of surplus, which has -1 in its row, of spare room, which has +1, neither of which costs anything,
// and of shortfall.
func (sx *simplex) enterSlack() (best int32, low float64) {
	n := len(sx.cost)
	best = -1
	for i, d := range sx.dual {
		if i >= sx.cover {
			d = -d
		} else if short := sx.price[i] - d; short < low-priceTol {
			best, low = int32(n+i), short
		}
		if d < low-priceTol {
			best, low = int32(n+sx.cover+i), d
		}
	}
	return best, low
}

// likelyMost is how many columns are remembered as likely to enter, likelyShare down to which share of the least reduced cost.
const (
	likelyMost  = 64
	likelyShare = 0.3
)

// look fills likely with columns whose reduced cost is near the least of all.
func (sx *simplex) look() {
	n := len(sx.cost)
	sx.likely, sx.all = sx.likely[:0], resize(sx.all, n)
	low := -priceTol
	for j := range n {
		sx.all[j] = sx.reduced(j)
		low = min(low, sx.all[j])
	}
	sx.work += len(sx.rowOf)
	for k := range n {
		j := (sx.start + k) % n
		if sx.all[j] < -priceTol && sx.all[j] <= likelyShare*low {
			if sx.likely = append(sx.likely, int32(j)); len(sx.likely) == likelyMost {
				sx.start = j + 1
				break
			}
		}
	}
}

// column writes the inverse times column j to alpha.
func (sx *simplex) column(j int32) {
	m, n := sx.rows, int32(len(sx.cost))
	clear(sx.alpha)
	switch {
	case j < n:
		rows := sx.rowOf[sx.first[j]:sx.first[j+1]]
		for i := range m {
			line, sum := sx.inverse[i*m:(i+1)*m], 0.0
			for _, k := range rows {
				sum += line[k]
			}
			sx.alpha[i] = sum
		}
	case j < n+int32(sx.cover):
		for i := range m {
			sx.alpha[i] = sx.inverse[i*m+int(j-n)]
		}
	default:
		k := int(j-n) - sx.cover
		sign := 1.0
		if k < sx.cover {
			sign = -1
		}
		for i := range m {
			sx.alpha[i] = sign * sx.inverse[i*m+k]
		}
	}
}

// pivot brings column j with reduced cost d into the basis; false means that nothing limits it, which no valid input has.
func (sx *simplex) pivot(j int32, d float64) bool {
	sx.column(j)
	out, step := -1, math.Inf(1)
	for i, a := range sx.alpha {
		if a <= pivotTol {
			continue
		}
		if t := max(0, sx.level[i]) / a; t < step-1e-12 || t < step+1e-12 && out >= 0 && a > sx.alpha[out] {
			step, out = t, i
		}
	}
	if out < 0 {
		return false
	}
	sx.exchange(out, j, d)
	return true
}

// exchange puts column j, of which alpha and the reduced cost d are known, into the basis for the one of row out.
func (sx *simplex) exchange(out int, j int32, d float64) {
	m := sx.rows
	step := sx.level[out] / sx.alpha[out]
	line := sx.inverse[out*m : (out+1)*m]
	scale := 1 / sx.alpha[out]
	for k := range line {
		line[k] *= scale
	}
	for i, a := range sx.alpha {
		if i == out || math.Abs(a) < 1e-13 {
			continue
		}
		other := sx.inverse[i*m : (i+1)*m]
		for k, b := range line {
			other[k] -= a * b
		}
		sx.level[i] -= a * step
	}
	sx.level[out] = step
	sx.basis[out] = j
	for k, b := range line {
		sx.dual[k] += d * b
	}
	sx.work += m * m
	sx.since++
}

// repair makes the basis feasible again after bans, by the dual method over the columns of alive: a basic column that is banned has to
// fall to 0, and one that fell below 0 has to rise. It reports whether that is possible within the budget.
func (sx *simplex) repair(alive []int32) bool {
	for ; sx.budget > 0 && !(sx.budget&31 == 0 && sx.stop()); sx.budget-- {
		if sx.since >= refreshAt {
			if !sx.refresh() {
				return false
			}
			sx.prices()
		}
		out, up := sx.leave()
		if out < 0 {
			return true
		}
		j, d := sx.replacement(out, up, alive)
		if j < 0 {
			return false
		}
		sx.column(j)
		if math.Abs(sx.alpha[out]) < pivotTol {
			return false
		}
		sx.exchange(out, j, d)
	}
	return false
}

// leave picks the basic column that is furthest from what it may be; up says that it has to rise.
func (sx *simplex) leave() (out int, up bool) {
	out, worst := -1, 1e-6
	for i, x := range sx.level {
		if -x > worst {
			out, worst, up = i, -x, true
		}
		if j := sx.basis[i]; int(j) < len(sx.cost) && sx.banned[j] > 0 && x > worst {
			out, worst, up = i, x, false
		}
	}
	return out, up
}

// replacement picks the column that enters for the basic one of row out: the one whose reduced cost is used up first.
func (sx *simplex) replacement(out int, up bool, alive []int32) (int32, float64) {
	m, n := sx.rows, int32(len(sx.cost))
	line := sx.inverse[out*m : (out+1)*m]
	sx.work += len(sx.rowOf)
	best, low, cost := int32(-1), math.Inf(1), 0.0
	try := func(j int32, a, d float64) {
		if up {
			a = -a
		}
		if a <= 1e-8 {
			return
		}
		d = max(0, d)
		if q := d / a; q < low {
			best, low, cost = j, q, d
		}
	}
	for _, j := range alive {
		if sx.banned[j] > 0 {
			continue
		}
		a := 0.0
		for _, i := range sx.rowOf[sx.first[j]:sx.first[j+1]] {
			a += line[i]
		}
		if a > 1e-8 != up {
			try(j, a, sx.reduced(int(j)))
		}
	}
	for i := range m {
		sign := 1.0
		if i < sx.cover {
			sign = -1
			try(n+int32(i), line[i], sx.price[i]-sx.dual[i])
		}
		try(n+int32(sx.cover)+int32(i), sign*line[i], -sign*sx.dual[i])
	}
	return best, cost
}

// refresh computes the inverse and the levels from the basis again, by Gauss-Jordan elimination with row pivoting.
func (sx *simplex) refresh() bool {
	m, n := sx.rows, int32(len(sx.cost))
	sx.work += 2 * m * m * m
	work := make([]float64, m*m)
	for i, j := range sx.basis {
		switch {
		case j < n:
			for _, k := range sx.rowOf[sx.first[j]:sx.first[j+1]] {
				work[int(k)*m+i] = 1
			}
		case j < n+int32(sx.cover):
			work[int(j-n)*m+i] = 1
		default:
			k := int(j-n) - sx.cover
			work[k*m+i] = 1
			if k < sx.cover {
				work[k*m+i] = -1
			}
		}
	}
	if !invert(work, sx.inverse, m, sx.stop) {
		return false
	}
	sx.levels()
	sx.since = 0
	return true
}

// invert writes the inverse of a (m*m, destroyed) to out, unless it is stopped or there is none.
func invert(a, out []float64, m int, stop func() bool) bool {
	clear(out)
	for i := range m {
		out[i*m+i] = 1
	}
	for c := range m {
		p := c
		for i := c + 1; i < m; i++ {
			if math.Abs(a[i*m+c]) > math.Abs(a[p*m+c]) {
				p = i
			}
		}
		if math.Abs(a[p*m+c]) < 1e-11 || c&15 == 0 && stop() {
			return false
		}
		if p != c {
			for k := range m {
				a[p*m+k], a[c*m+k] = a[c*m+k], a[p*m+k]
				out[p*m+k], out[c*m+k] = out[c*m+k], out[p*m+k]
			}
		}
		scale := 1 / a[c*m+c]
		for k := range m {
			a[c*m+k] *= scale
			out[c*m+k] *= scale
		}
		for i := range m {
			f := a[i*m+c]
			if i == c || f == 0 {
				continue
			}
			for k := c; k < m; k++ {
				a[i*m+k] -= f * a[c*m+k]
			}
			for k := range m {
				out[i*m+k] -= f * out[c*m+k]
			}
		}
	}
	return true
}
