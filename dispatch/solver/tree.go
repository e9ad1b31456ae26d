package solver

// dive bounds one node of the tree and branches on its most decided fractional column.
func (c *covering) dive(depth int) {
	if c.tried >= nodeBudget || depth == depthMost {
		return
	}
	c.tried++
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
	if c.tried >= nodeBudget || sx.budget <= 0 {
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
