package vehicles

import "fmt"

// Load is what a party takes up, or what a layout offers, by dimension. The driver is never counted.
type Load struct {
	Seats, Wheelchairs, Stretchers int
}

// Add returns the sum of two loads.
func (l Load) Add(o Load) Load {
	return Load{l.Seats + o.Seats, l.Wheelchairs + o.Wheelchairs, l.Stretchers + o.Stretchers}
}

// Fits reports whether the load is within capacity c in every dimension.
func (l Load) Fits(c Load) bool {
	return l.Seats <= c.Seats && l.Wheelchairs <= c.Wheelchairs && l.Stretchers <= c.Stretchers
}

// IsZero reports whether nobody and nothing is carried.
func (l Load) IsZero() bool { return l == Load{} }

// String formats the load as "seats:wheelchairs:stretchers", the form of the day files.
func (l Load) String() string { return fmt.Sprintf("%d:%d:%d", l.Seats, l.Wheelchairs, l.Stretchers) }

// Cabin is the list of alternative layouts of a vehicle; a folded seat that makes a wheelchair bay is two layouts.
type Cabin []Load

// Holds reports whether some layout fits the load.
func (c Cabin) Holds(l Load) bool {
	for _, layout := range c {
		if l.Fits(layout) {
			return true
		}
	}
	return false
}

// Equipment is a set of boolean aids. It is matched (need a subset of have) and never counted; see Load for what is counted.
type Equipment uint32

// The aids known so far. Values are stored and must not be renumbered.
const (
	Lift         Equipment = 1 << iota // powered platform that raises an occupied wheelchair
	Ramp                               // slope with or without a winch
	OxygenHolder                       // bracket for an oxygen bottle
	Step                               // low extra step with a hand rail
	ChildSeat                          // fitted child restraint
)

// Covers reports whether e contains every aid of need.
func (e Equipment) Covers(need Equipment) bool { return need&^e == 0 }
