package solver

// Shift: begin(start) >= Window(v).Earliest and begin(end) <= Window(v).Latest; an under-way vehicle has begin(start) =
// Window(v).Earliest. Unit: ticks. Hard: the vehicle is back at its owner. Hot path: windows of the depot nodes.

func shiftWindows(c *replay, sink func(k int, w TimeWindow)) {
	s := c.p.vehicleSpec[c.v]
	start := s.Window
	if s.UnderWay {
		start.Latest = start.Earliest
	}
	sink(0, start)
	sink(len(c.nodes)-1, s.Window)
}

func edgesShift(c *replay) { shiftWindows(c, c.bind) }

func checkShift(c *replay) { shiftWindows(c, c.within(KindShift)) }
