package solver

// Equipment: Needs(r) is a subset of Equipment(v). Riders who are aboard need nothing more. Hard; decided once a pair when the problem is built.

// fitsEquipment decides the constraint for one pair.
func (p *Problem) fitsEquipment(v Vehicle, r Request) bool {
	s := &p.requestSpec[r]
	return s.OnBoard || s.Needs&^p.vehicleSpec[v].Equipment == 0
}

func checkEquipment(c *replay) {
	for _, r := range c.served {
		if c.p.requestSpec[r].OnBoard {
			continue
		}
		needs, has := c.p.requestSpec[r].Needs, c.p.vehicleSpec[c.v].Equipment
		for bit := range 64 {
			if needs>>bit&1 == 1 && has>>bit&1 == 0 {
				c.report(KindEquipment, r, UnitBits, int64(needs), int64(has))
				break
			}
		}
	}
}
