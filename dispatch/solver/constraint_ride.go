package solver

// Ride: begin(delivery) - begin(pickup) - service(pickup) <= L(r) with
// L = min(MaxRide, MaxRatio/1000 * direct, direct + MaxDetour) over the limits that are set. For riders aboard:
// begin(delivery) <= Boarded + L. Unit: ticks. Hard. Hot path: an edge of
// the route's closure and two tests of the pair loop. Source: Cordeau & Laporte 2003, doi 10.1016/S0191-2615(02)00045-0.

// addRide appends the direct time and the ride limit of r, and closes the delivery of a rider who is aboard.
func (p *Problem) addRide(r Request, s *RequestSpec) {
	direct := Unreachable
	for c := range p.classes {
		direct = min(direct, p.row(c, s.Pickup).time[s.Delivery])
	}
	p.direct = append(p.direct, direct)
	limit := rideLimit(s, direct)
	p.ride = append(p.ride, limit)
	if s.OnBoard && limit < NoLimit {
		p.shut[p.DeliveryOf(r)] = min(p.shut[p.DeliveryOf(r)], s.Boarded+limit)
	}
}

func rideLimit(s *RequestSpec, direct int32) int32 {
	limit := NoLimit
	if s.MaxRide > 0 {
		limit = min(limit, s.MaxRide)
	}
	if direct > MaxTick {
		return limit
	}
	if s.MaxRatio > 0 {
		limit = int32(min(int64(limit), int64(direct)*int64(s.MaxRatio)/1000))
	}
	if s.MaxDetour > 0 {
		limit = min(limit, direct+s.MaxDetour)
	}
	return limit
}

// rideSlots calls sink for every ride of the route that has a limit, with the positions of its two nodes (pickup -1 for riders
// who are aboard).
func (c *replay) rideSlots(sink func(r Request, pickup, delivery int, limit int64)) {
	for k, n := range c.nodes {
		r := c.p.RequestOf(n)
		if r == None || !c.p.IsDelivery(n) {
			continue
		}
		s := &c.p.requestSpec[r]
		direct := int64(Unreachable)
		for class := range c.p.classes {
			time, _ := c.p.travel.Row(class, s.Pickup)
			direct = min(direct, int64(time[s.Delivery]))
		}
		limit := int64(NoLimit)
		if s.MaxRide > 0 {
			limit = int64(s.MaxRide)
		}
		if s.MaxRatio > 0 && direct <= int64(MaxTick) {
			limit = min(limit, direct*int64(s.MaxRatio)/1000)
		}
		if s.MaxDetour > 0 && direct <= int64(MaxTick) {
			limit = min(limit, direct+int64(s.MaxDetour))
		}
		if limit < int64(NoLimit) {
			sink(r, c.find(c.p.PickupOf(r)), k, limit)
		}
	}
}

func edgesRide(c *replay) {
	c.rideSlots(func(r Request, pickup, delivery int, limit int64) {
		switch {
		case c.p.requestSpec[r].OnBoard:
			c.atMost(delivery, int64(c.p.requestSpec[r].Boarded)+limit)
		case pickup >= 0:
			c.apart(delivery, pickup, -limit-c.service(pickup))
		}
	})
}

func checkRide(c *replay) {
	c.rideSlots(func(r Request, pickup, delivery int, limit int64) {
		ride := int64(0)
		switch {
		case c.p.requestSpec[r].OnBoard:
			ride = c.begin[delivery] - int64(c.p.requestSpec[r].Boarded)
		case pickup >= 0:
			ride = c.begin[delivery] - c.begin[pickup] - c.service(pickup)
		}
		if ride > limit {
			c.report(KindRide, r, UnitTicks, limit, ride)
		}
	})
}
