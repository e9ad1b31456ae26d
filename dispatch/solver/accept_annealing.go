package solver

import "math"

// annealing accepts a worse plan with a chance that falls with its cost and with time (Kirkpatrick et al. 1983). Temperatures are
// shares of the plan's routing cost. From an experiment with R1a-R10a: 0.7 % to 0.015 %, heated once more to 0.6 %; runs of 30 s on
// R9a and R10a favoured 0.7 % over 1.5 %.
type annealing struct {
	scale float64 // cost that the shares refer to
	now   float64 // current temperature, in cost
}

const (
	hotShare    = 0.007
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

// allowance is how much worse a plan may be to be accepted, given a uniform random number in [0, 1). Drawing it before a plan is
// made lets the making stop as soon as the plan is too dear.
func (an *annealing) allowance(u float64) int64 {
	return int64(-an.now * math.Log(1-u))
}
