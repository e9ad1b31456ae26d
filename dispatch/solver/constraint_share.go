package solver

// Share: two served requests of one must-share group ride in the same vehicle. Hard. No cached route state: the vehicle of a
// group is read off the solution when a member is tried.

// shareVehicle is the vehicle that serves the must-share group of r already, or None.
func (p *Problem) shareVehicle(r Request, vehicleOf []Vehicle) Vehicle {
	g := p.share.at(r)
	if g == 0 {
		return None
	}
	for o, v := range vehicleOf {
		if v != None && Request(o) != r && p.share.at(Request(o)) == g {
			return v
		}
	}
	return None
}

// fitsShare reports whether r may ride in v where the group's vehicle is home.
func fitsShare(v, home Vehicle) bool { return home == None || home == v }

func checkShare(c *replay) {
	for _, r := range c.served {
		g := c.p.requestSpec[r].Share
		if g == 0 {
			continue
		}
		for w := range c.s.routes {
			for _, n := range c.s.routes[w] {
				o := c.p.RequestOf(n)
				if o != None && c.p.requestSpec[o].Share == g && Vehicle(w) != c.v && c.p.IsDelivery(n) {
					c.report(KindShare, r, UnitIndex, int64(w), int64(c.v))
				}
			}
		}
	}
}
