package solver

// Break: a vehicle that serves anybody takes each of its breaks once, in their order, each starting in its window, and with nobody
// aboard unless the break allows it. Unit: ticks. Hard. Hot path: breaks are nodes of the route with a window and a
// service time; insertion tries every arrangement of them (see arrange.go).

// fitsBreak reports whether somebody may be aboard while the vehicle halts at n.
func (p *Problem) fitsBreak(n Node) bool {
	return !p.isBreak(n) || p.breakSpec[int32(n)-2*p.vehicles].Aboard
}

func (c *replay) breaks(sink func(k int, b *BreakSpec)) {
	for i := range c.p.vehicleSpec[c.v].Breaks {
		if k := c.find(c.p.BreakOf(c.v, i)); k >= 0 {
			sink(k, &c.p.vehicleSpec[c.v].Breaks[i])
		}
	}
}

func edgesBreak(c *replay) {
	c.breaks(func(k int, b *BreakSpec) { c.bind(k, b.Window) })
}

func checkBreak(c *replay) {
	taken, last := 0, 0
	c.breaks(func(k int, b *BreakSpec) {
		taken++
		c.within(KindBreak)(k, b.Window)
		if k < last {
			c.reportNode(KindBreak, c.nodes[k], UnitIndex, int64(last), int64(k))
		}
		last = k
		if riders := len(c.aboardAfter(k)); riders > 0 && !b.Aboard {
			c.reportNode(KindBreak, c.nodes[k], UnitCount, 0, int64(riders))
		}
	})
	if owed := len(c.p.vehicleSpec[c.v].Breaks); taken < owed {
		c.report(KindBreak, None, UnitCount, int64(owed), int64(taken))
	}
}
