package solver

// Window: Earliest(n) <= begin(n) <= Latest(n) for pickups and deliveries. Promise and Wait narrow the pickup's window in the
// same way, begin(pickup) in Promised(r) and begin(pickup) - Earliest <= MaxWait(r), and are told apart only when a plan is
// checked. Unit: ticks. Hard. On the hot path all three are the columns open and shut, which tighten narrows further to
// what any feasible route allows (Cordeau 2006, section 5.1, doi 10.1287/opre.1060.0283).

// effectiveWindows joins the windows, the promise and the wait limit of a request.
func effectiveWindows(s *RequestSpec) (pickup, delivery TimeWindow) {
	pickup, delivery = s.PickupWindow, s.DeliveryWindow
	if s.MaxWait > 0 {
		pickup = pickup.Meet(TimeWindow{0, min(MaxTick, s.PickupWindow.Earliest+s.MaxWait)})
	}
	if s.Promised != (TimeWindow{}) {
		pickup = pickup.Meet(s.Promised)
	}
	return pickup, delivery
}

// tighten narrows the two windows of r by each other, with the shortest direct time and the service times that favour it.
func (p *Problem) tighten(r Request) {
	pickup, delivery := p.PickupOf(r), p.DeliveryOf(r)
	low, high := p.serviceRange(pickup)
	if p.aboard.at(r) {
		return
	}
	if d := p.direct.at(r); d < Unreachable {
		p.open[delivery] = max(p.open[delivery], p.open[pickup]+low+d)
		p.shut[pickup] = min(p.shut[pickup], p.shut[delivery]-low-d)
	}
	if l := p.ride.at(r); l < NoLimit {
		p.open[pickup] = max(p.open[pickup], p.open[delivery]-high-l)
		p.shut[delivery] = min(p.shut[delivery], p.shut[pickup]+high+l)
	}
}

// serviceRange is the shortest and the longest halt at n over all vehicles.
func (p *Problem) serviceRange(n Node) (low, high int32) {
	low, high = NoLimit, 0
	for v := range Vehicle(p.vehicles) {
		s := p.ServiceTime(v, n)
		low, high = min(low, s), max(high, s)
	}
	return low, high
}

func (c *replay) windows(of func(s *RequestSpec, delivery bool) (TimeWindow, bool), sink func(k int, w TimeWindow)) {
	for k, n := range c.nodes {
		r := c.p.RequestOf(n)
		if r == None {
			continue
		}
		if w, ok := of(&c.p.requestSpec[r], c.p.IsDelivery(n)); ok {
			sink(k, w)
		}
	}
}

func specWindow(s *RequestSpec, delivery bool) (TimeWindow, bool) {
	if delivery {
		return s.DeliveryWindow, true
	}
	return s.PickupWindow, true
}

func promisedWindow(s *RequestSpec, delivery bool) (TimeWindow, bool) {
	return s.Promised, !delivery && s.Promised != TimeWindow{}
}

func waitWindow(s *RequestSpec, delivery bool) (TimeWindow, bool) {
	return TimeWindow{s.PickupWindow.Earliest, s.PickupWindow.Earliest + s.MaxWait}, !delivery && s.MaxWait > 0
}

func checkWindow(c *replay)  { c.windows(specWindow, c.within(KindWindow)) }
func edgesWindow(c *replay)  { c.windows(specWindow, c.bind) }
func checkPromise(c *replay) { c.windows(promisedWindow, c.within(KindPromise)) }
func edgesPromise(c *replay) { c.windows(promisedWindow, c.bind) }
func checkWait(c *replay)    { c.windows(waitWindow, c.within(KindWait)) }
func edgesWait(c *replay)    { c.windows(waitWindow, c.bind) }
