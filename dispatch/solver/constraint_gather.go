package solver

// Gather: the requests of one gather group that one vehicle serves are all aboard at some moment: for any two of them, the pickup
// of the one comes before the delivery of the other. Hard. Cached route state: none; a request that is tried is bounded by one
// walk along the route. With Share, a party of several requests rides together and is not driven in turns. Source: groups booked
// to ride together (dispatch).

// fitsGather narrows the gaps of a request's pickup (to at most high) and delivery (to at least low) in a route with the given
// nodes, depots included: its pickup comes before every delivery of its group, its delivery after every pickup.
func (p *Problem) fitsGather(r Request, nodes []Node) (high, low int32) {
	high, low = int32(len(nodes)-1), 1
	g := p.gather.at(r)
	if g == 0 {
		return high, low
	}
	for k := int32(len(nodes)) - 2; k > 0; k-- {
		o := p.RequestOf(nodes[k])
		switch {
		case o == None || o == r || p.gather.at(o) != g:
		case p.IsDelivery(nodes[k]):
			high = k
		default:
			low = max(low, k+1)
		}
	}
	return high, low
}

// gathered reports whether nobody of a group is fetched after another one of it was set down.
func (rt *route) gathered(p *Problem) bool {
	for k, n := range rt.node {
		if !p.IsPickup(n) || p.gather.at(p.RequestOf(n)) == 0 {
			continue
		}
		if high, _ := p.fitsGather(p.RequestOf(n), rt.node); high < int32(k) {
			return false
		}
	}
	return true
}

func checkGather(c *replay) {
	for i, r := range c.served {
		for _, o := range c.served[:i] {
			if g := c.p.requestSpec[r].Gather; g == 0 || c.p.requestSpec[o].Gather != g {
				continue
			}
			for _, pair := range [2][2]Request{{r, o}, {o, r}} {
				first, last := c.find(c.p.DeliveryOf(pair[0])), c.find(c.p.PickupOf(pair[1]))
				if last > first {
					c.report(KindGather, pair[1], UnitIndex, int64(first), int64(last))
				}
			}
		}
	}
}
