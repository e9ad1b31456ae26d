package solver

import "slices"

// Vehicle: v in Allowed(r) where that list is not empty, v not in Forbidden(r), v = LockVehicle(r) where r is locked or
// aboard. Riders who are aboard stay where they are, whatever the lists say. Hard; decided once a pair when the problem is
// built. Source: the operator's locks (dispatch), tariffs and contracts.

// fitsVehicle decides the constraint for one pair.
func (p *Problem) fitsVehicle(v Vehicle, r Request) bool {
	s := &p.requestSpec[r]
	if s.OnBoard {
		return s.LockVehicle == v
	}
	if s.Locked && s.LockVehicle != v {
		return false
	}
	if len(s.Allowed) > 0 && !slices.Contains(s.Allowed, v) {
		return false
	}
	return !slices.Contains(s.Forbidden, v)
}

func checkVehicle(c *replay) {
	for _, r := range c.served {
		s := c.p.requestSpec[r]
		if (s.Locked || s.OnBoard) && s.LockVehicle != c.v {
			c.report(KindVehicle, r, UnitIndex, int64(s.LockVehicle), int64(c.v))
		}
		if s.OnBoard {
			continue
		}
		listed := len(s.Allowed) == 0
		for _, v := range s.Allowed {
			listed = listed || v == c.v
		}
		for _, v := range s.Forbidden {
			listed = listed && v != c.v
		}
		if !listed {
			c.report(KindVehicle, r, UnitIndex, None, int64(c.v))
		}
	}
}
