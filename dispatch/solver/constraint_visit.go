package solver

// Visit: every node is visited at most once; a request's pickup and delivery are in one route, the pickup first; riders aboard are
// delivered; a route holds no other vehicle's breaks and no depots. Reach: every leg of a route can be driven. Hard. Hot path:
// built into how routes are made; unreachable legs are skipped by the gap tests.

// reachable reports whether a leg of this time can be driven.
func reachable(time int32) bool { return time < Unreachable }

func checkVisit(c *replay) {
	for k := 1; k < len(c.nodes)-1; k++ {
		n := c.nodes[k]
		if times := c.countVisits(n); times != 1 {
			c.reportNode(KindVisit, n, UnitCount, 1, int64(times))
		}
		r := c.p.RequestOf(n)
		if r == None {
			if !c.ownBreak(n) {
				c.reportNode(KindVisit, n, UnitCount, 0, 1)
			}
			continue
		}
		pickup, delivery := c.find(c.p.PickupOf(r)), c.find(c.p.DeliveryOf(r))
		onBoard := c.p.requestSpec[r].OnBoard
		switch {
		case delivery < 0:
			c.report(KindVisit, r, UnitCount, 1, 0)
		case onBoard && pickup >= 0:
			c.report(KindVisit, r, UnitCount, 0, 1)
		case !onBoard && (pickup < 0 || pickup > delivery):
			c.report(KindVisit, r, UnitIndex, int64(delivery), int64(pickup))
		}
	}
}

// ownBreak reports whether n is a break of the route's vehicle.
func (c *replay) ownBreak(n Node) bool {
	for i := range c.p.BreaksOf(c.v) {
		if c.p.BreakOf(c.v, i) == n {
			return true
		}
	}
	return false
}

// countVisits is the number of visits of n over all routes.
func (c *replay) countVisits(n Node) int {
	times := 0
	for _, route := range c.s.routes {
		for _, o := range route {
			if o == n {
				times++
			}
		}
	}
	return times
}

func checkReach(c *replay) {
	for k := range len(c.nodes) - 1 {
		if t := c.travel(k); t >= int64(Unreachable) {
			c.reportNode(KindReach, c.nodes[k], UnitTicks, int64(Unreachable), t)
		}
	}
}

// edgesReach adds the chain of the route: each node starts after the one before, its service and the drive.
func edgesReach(c *replay) {
	for k := range len(c.nodes) - 1 {
		c.apart(k, k+1, c.service(k)+c.travel(k))
	}
}
