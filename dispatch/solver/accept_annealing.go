package solver

import "math"

// annealing accepts a worse plan with a chance that falls with its cost and with time (Kirkpatrick et al. 1983). Temperatures are
// shares of the plan's routing cost.
//
// Most of a search is spent between the two temperatures at which recombination finds its best plans: below them a plan hardly changes
// any more, but at them the plan at hand is a percent dearer than the best one. So the short rest cools down from that one.
// Mean gaps (SETS=r TIME=30s SEEDS=3 INSTANCES='R@(5|6|9|10)a' make quality): from 0.7 % to 0.015 % and from 0.6 % again 1.20; from 0.2 % to 0.06 % 1.42,
// 0.3 to 0.08 1.04, 0.5 to 0.05 1.15 (without the rest), 0.5 to 0.09 0.81, 0.6 to 0.13 1.03.
type annealing struct {
	scale float64 // cost that the shares refer to
	now   float64 // current temperature, in cost
}

const (
	hotShare  = 0.005
	warmShare = 0.0009

	lastFrom      = 0.92 // share of the search after which it cools down from the best plan
	lastHotShare  = 0.0005
	lastColdShare = 0.00015
)

// set moves the temperature to the given share of the search's time.
func (an *annealing) set(done float64) {
	from, to, x := hotShare, warmShare, done/lastFrom
	if done >= lastFrom {
		from, to, x = lastHotShare, lastColdShare, (done-lastFrom)/(1-lastFrom)
	}
	an.now = an.scale * from * math.Pow(to/from, min(1, x))
}

// allowance is how much worse a plan may be to be accepted, given a uniform random number in [0, 1). Drawing it before a plan is
// made lets the making stop as soon as the plan is too dear.
func (an *annealing) allowance(u float64) int64 {
	return int64(-an.now * math.Log(1-u))
}
