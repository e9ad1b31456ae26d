package solver

// Duration: begin(end) - begin(start) <= MaxDuration(v), and for a vehicle under way begin(end) <= Departed + MaxDuration. Unit:
// ticks. Hard. Hot path: an edge of the route's closure, or the window of the end node.

// durationLimit is the bound on end minus start that the closure of a route of v carries, NoLimit for none.
func (p *Problem) durationLimit(v Vehicle) int32 {
	s := &p.vehicleSpec[v]
	if s.MaxDuration == 0 || s.UnderWay {
		return NoLimit
	}
	return s.MaxDuration
}

func edgesDuration(c *replay) {
	s, end := c.p.vehicleSpec[c.v], len(c.nodes)-1
	switch {
	case s.MaxDuration == 0:
	case s.UnderWay:
		c.atMost(end, int64(s.Departed)+int64(s.MaxDuration))
	default:
		c.apart(end, 0, -int64(s.MaxDuration))
	}
}

func checkDuration(c *replay) {
	s := c.p.vehicleSpec[c.v]
	if s.MaxDuration == 0 {
		return
	}
	since := c.begin[0]
	if s.UnderWay {
		since = int64(s.Departed)
	}
	if took := c.begin[len(c.nodes)-1] - since; took > int64(s.MaxDuration) {
		c.report(KindDuration, None, UnitTicks, int64(s.MaxDuration), took)
	}
}
