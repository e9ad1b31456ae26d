package solver

import "math"

// annealing accepts a worse plan with a chance that falls with its cost and with time (Kirkpatrick et al. 1983). Temperatures are
// shares of the plan's routing cost. From an experiment with R1a-R10a: 1.5 % to 0.015 %, heated once more to 0.6 %.
type annealing struct {
	scale float64 // cost that the shares refer to
	now   float64 // current temperature, in cost
}

const (
	hotShare    = 0.015
	warmShare   = 0.006
	coldShare   = 0.00015
	reheatAfter = 0.6
)

// set moves the temperature to the given share of the search's time.
func (an *annealing) set(done float64) {
	top, x := hotShare, done/reheatAfter
	if done >= reheatAfter {
		top, x = warmShare, (done-reheatAfter)/(1-reheatAfter)
	}
	an.now = an.scale * top * math.Pow(coldShare/top, min(1, x))
}

// accepts decides on a plan that is worse by delta, given a uniform random number in [0, 1).
func (an *annealing) accepts(delta int64, u float64) bool {
	return delta <= 0 || float64(delta) < -an.now*math.Log(1-u)
}
