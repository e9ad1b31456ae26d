package solver

// Group: for every leg, no two requests aboard have legal groups g, h that Builder.Separate names. Hard. Cached route state: the
// mask of groups aboard on every leg. Source: the legal modes that may not be mixed in one vehicle (Road Transport Act
// registrations), joint agreements between councils.

// groupBit is the bit of a group; group 0 has none.
func groupBit(g int32) uint64 {
	if g == 0 {
		return 0
	}
	return 1 << g
}

// fitsGroup reports whether r may ride on a leg with the groups of aboard.
func (p *Problem) fitsGroup(r Request, aboard uint64) bool { return p.banned.at(r)&aboard == 0 }

func checkGroup(c *replay) {
	c.pairsAboard(func(r, o Request) {
		g, h := c.p.requestSpec[r].Group, c.p.requestSpec[o].Group
		if g > 0 && h > 0 && c.p.separate[g]>>h&1 == 1 {
			c.report(KindGroup, r, UnitIndex, int64(g), int64(h))
		}
	})
}
