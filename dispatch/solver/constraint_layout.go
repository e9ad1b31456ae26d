package solver

import "math"

// Layout: on every leg, load[k] <= Layouts(v)[i][k] in every dimension k for some layout i; with FixedLayout one i serves all
// legs from an empty vehicle to the next empty vehicle. Unit: load. Hard. Cached route state: for every leg the load and
// the mask of layouts that hold it.

// layoutMask is the set of layouts of v, a bit each, that hold load plus extra (nil for none).
func (p *Problem) layoutMask(v Vehicle, load, extra []int32) uint64 {
	mask := uint64(0)
next:
	for i, layout := range p.vehicleSpec[v].Layouts {
		for k, q := range load {
			if extra != nil {
				q += extra[k]
			}
			if q > 0 && (k >= len(layout) || q > layout[k]) {
				continue next
			}
		}
		mask |= 1 << i
	}
	return mask
}

// fitsAlone reports whether r fits v with nobody else aboard.
func (p *Problem) fitsAlone(v Vehicle, r Request) bool {
	return p.layoutMask(v, p.loadOf(r), nil) != 0
}

func checkLayout(c *replay) {
	s := c.p.vehicleSpec[c.v]
	usable := make([]bool, len(s.Layouts)) // layouts that held since the vehicle was last empty
	reset := func() {
		for i := range usable {
			usable[i] = true
		}
	}
	reset()
	for k := range len(c.nodes) - 1 {
		load := c.loadAfter(k)
		total := int64(0)
		for _, q := range load {
			total += q
		}
		if total == 0 || !s.FixedLayout {
			reset()
		}
		tightLimit, tightLoad := int64(0), int64(0)
		held := false
		gap := int64(math.MaxInt64)
		for i, layout := range s.Layouts {
			worst, limit, actual := int64(0), int64(0), int64(0)
			for d, q := range load {
				capacity := int64(0)
				if d < len(layout) {
					capacity = int64(layout[d])
				}
				if q-capacity > worst {
					worst, limit, actual = q-capacity, capacity, q
				}
			}
			if worst > 0 {
				usable[i] = false
				if worst < gap {
					gap, tightLimit, tightLoad = worst, limit, actual
				}
			}
			held = held || usable[i]
		}
		if !held {
			c.reportNode(KindLayout, c.nodes[k], UnitLoad, tightLimit, tightLoad)
			reset()
		}
	}
}
