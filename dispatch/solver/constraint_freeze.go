package solver

// Freeze (last in): once a rider is within Freeze(v) ticks of arriving nobody new is fetched. For a rider i and another pickup q
// between i's pickup and i's delivery, the shortest time from the start of q to the start of i's delivery along the route,
// driving and service without waiting, is at least Freeze(v). Pickups at the place of i's own pickup or delivery do not
// count, as they are no detour, nor do pickups in the fixed beginning of a route. The shortest time is used and not the
// planned one, so that a plan cannot satisfy the rule by standing still. Unit: ticks. Hard. Cached route state: the sum
// of chain times from the start.

// fitsFreeze reports whether a pickup that lies `chain` ticks before a delivery is early enough.
func fitsFreeze(freeze, chain int32) bool { return chain >= freeze }

// freezeExempt reports whether a pickup at place q needs no detour for rider i.
func (p *Problem) freezeExempt(q Place, i Request) bool {
	return q == p.place.at(p.PickupOf(i)) || q == p.place.at(p.DeliveryOf(i))
}

func checkFreeze(c *replay) {
	freeze := int64(c.p.vehicleSpec[c.v].Freeze)
	if freeze == 0 {
		return
	}
	for d, n := range c.nodes {
		i := c.p.RequestOf(n)
		if i == None || !c.p.IsDelivery(n) {
			continue
		}
		from := c.find(c.p.PickupOf(i))
		chain := int64(0)
		for q := d - 1; q > from && q > 0; q-- {
			chain += c.service(q) + c.travel(q)
			place, s := c.p.place[c.nodes[q]], c.p.requestSpec[i]
			exempt := q <= c.p.vehicleSpec[c.v].Fixed || place == s.Pickup || place == s.Delivery
			if c.p.IsPickup(c.nodes[q]) && !exempt && chain < freeze {
				c.report(KindFreeze, c.p.RequestOf(c.nodes[q]), UnitTicks, freeze, chain)
			}
		}
	}
}
