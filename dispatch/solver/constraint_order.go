package solver

import (
	"fmt"
	"slices"
)

// Order: visits of Order(v) that the route makes keep the relative order of that list, and the first Fixed(v) of them are the first
// visits of the route. Hard. Cached route state: none; a request that is named is bounded by one walk along the route.
// Source: the dispatcher's order lock and the stops a driver has been sent.

// settleOrders numbers the named nodes and pins the requests of fixed beginnings.
func (p *Problem) settleOrders() {
	for v := range p.vehicleSpec {
		s := &p.vehicleSpec[v]
		for i, o := range s.Order {
			p.orderAt[p.nodeOf(o)] = int32(i)
			if i < s.Fixed {
				p.pinned[o.Request] = true
			}
		}
	}
}

// nodeOf is the node of a visit.
func (p *Problem) nodeOf(o Visit) Node {
	if o.Delivery {
		return p.DeliveryOf(o.Request)
	}
	return p.PickupOf(o.Request)
}

// orderedOn reports whether node n is named in the order of v.
func (p *Problem) orderedOn(v Vehicle, n Node) bool {
	at := p.orderAt.at(n)
	s := &p.vehicleSpec[v]
	return at != None && int(at) < len(s.Order) && p.nodeOf(s.Order[at]) == n
}

// fitsOrder narrows the gaps [low, high] in which node n may enter the route of v with the given nodes, depots included: after the
// fixed beginning, after every named visit that precedes n and before every one that follows it.
func (p *Problem) fitsOrder(v Vehicle, nodes []Node, n Node) (low, high int32) {
	low, high = 1, int32(len(nodes)-1)
	s := &p.vehicleSpec[v]
	if len(s.Order) == 0 {
		return low, high
	}
	at, ordered := p.orderAt.at(n), p.orderedOn(v, n)
	for k := 1; k < len(nodes)-1; k++ {
		if !p.orderedOn(v, nodes[k]) {
			continue
		}
		o := p.orderAt.at(nodes[k])
		if int(o) < s.Fixed && !ordered || ordered && o < at {
			low = int32(k + 1)
		}
		if ordered && o > at {
			high = min(high, int32(k))
		}
	}
	return low, high
}

// checkOrders validates every vehicle's order: no visit twice, no delivery before its pickup, and a locked request only on
// its own vehicle.
func (b *Builder) checkOrders() []error {
	var faults []error
	used := map[Visit]int{}
	for v := range b.vehicles {
		for i, o := range b.vehicles[v].Order {
			if o.Request < 0 || int(o.Request) >= len(b.requests) {
				continue
			}
			s := &b.requests[o.Request]
			bad := func(reason string) {
				faults = append(faults, &SpecError{"vehicle", v, "Order", fmt.Sprintf("entry %d: %s", i, reason)})
			}
			if _, twice := used[o]; twice {
				bad(fmt.Sprintf("request %d is named twice", o.Request))
			}
			used[o] = v
			if !s.Locked && !s.OnBoard || s.LockVehicle != Vehicle(v) {
				bad(fmt.Sprintf("request %d is not locked to this vehicle", o.Request))
			}
			if s.OnBoard && !o.Delivery {
				bad(fmt.Sprintf("request %d is aboard already", o.Request))
			}
			_, before := used[Visit{Request: o.Request}]
			after := slices.Contains(b.vehicles[v].Order[i:], Visit{Request: o.Request})
			if o.Delivery && !s.OnBoard && !before && (after || i < b.vehicles[v].Fixed) {
				bad(fmt.Sprintf("request %d is delivered before its pickup", o.Request))
			}
		}
	}
	return faults
}

func checkOrder(c *replay) {
	s := c.p.vehicleSpec[c.v]
	last := -1
	for i, o := range s.Order {
		k := c.find(c.p.nodeOf(o))
		if i < s.Fixed && k != i+1 {
			c.report(KindOrder, o.Request, UnitIndex, int64(i+1), int64(k))
		}
		if k < 0 {
			continue
		}
		if k < last {
			c.report(KindOrder, o.Request, UnitIndex, int64(last), int64(k))
		}
		last = k
	}
}
