package solver

import "slices"

// The objective, to be minimised, in the caller's cost unit (the unit of the travel rows):
//
//	travel cost of all legs
//	+ FixedCost of every vehicle that serves anybody
//	+ UnservedCost of every request left out
//	+ PreferredCost of every request that rides in another vehicle than its preferred one
//	+ LikedCost of every request that rides in none of its liked vehicles
//	+ the soft time limits of soft.go: preferred pickups, late deliveries, long rides
//	+ Fairness.Weight for every request by which a class is left out beyond its share.
//
// Everything else is hard.

// defaultUnservedCost is the price of a request left out where the spec names none: more than any route of a day costs.
const defaultUnservedCost = 1 << 36

// aboardCost is the price of leaving a rider aboard who has to be delivered: more than leaving out everybody else, so that
// no number of others served can pay for it, and small enough that two thousand of them fit an int64.
const aboardCost = 1 << 52

// fairnessClasses is the number of fairness classes.
const fairnessClasses = 16

// Fairness prices crowding out. With U of N requests unserved and u of the n requests of a class, the class is short by
// max(0, u - Slack - U*n/N) requests, in whole requests rounded down; every one costs Weight. Weight 0 switches the term off.
type Fairness struct {
	Weight int64
	// Slack is how many requests of a class may be left out beyond its share for nothing.
	Slack int64
}

// validate names the fault, or returns "".
func (f Fairness) validate() string {
	switch {
	case f.Weight < 0 || f.Weight > maxCost:
		return "Weight is negative or too large"
	case f.Slack < 0:
		return "Slack is negative"
	}
	return ""
}

// tally counts requests by fairness class.
type tally struct {
	all, unserved           int64
	classAll, classUnserved [fairnessClasses]int64
}

// count fills the totals of p with everybody unserved.
func (t *tally) count(p *Problem) {
	*t = tally{}
	for r := range p.requestSpec {
		t.all++
		t.classAll[p.requestSpec[r].Fairness]++
	}
	t.unserved, t.classUnserved = t.all, t.classAll
}

// cost is the fairness term.
func (t *tally) cost(f Fairness) int64 {
	if f.Weight == 0 || t.all == 0 {
		return 0
	}
	sum := int64(0)
	for c := range t.classAll {
		sum += max(0, t.classUnserved[c]-f.Slack-t.unserved*t.classAll[c]/t.all)
	}
	return sum * f.Weight
}

// Shortfall is how many requests of each fairness class the plan leaves out beyond the class's share of all that are left out,
// as numbers of requests rounded down. It is the measure that Fairness prices.
func (p *Problem) Shortfall(s *Solution) [fairnessClasses]int64 {
	var t tally
	t.count(p)
	for r := range Request(p.requests) {
		if s.VehicleOf(r) != None {
			t.unserved--
			t.classUnserved[p.requestSpec[r].Fairness]--
		}
	}
	var out [fairnessClasses]int64
	if t.all == 0 {
		return out
	}
	for c := range out {
		out[c] = max(0, t.classUnserved[c]-t.unserved*t.classAll[c]/t.all)
	}
	return out
}

// PreferenceCost is what it costs to serve r with v instead of its preferred vehicle, or one of those that are liked.
func (p *Problem) PreferenceCost(v Vehicle, r Request) int64 { return p.preferenceCost(v, r) }

func (p *Problem) preferenceCost(v Vehicle, r Request) int64 {
	s, cost := &p.requestSpec[r], int64(0)
	if s.PreferredCost > 0 && s.Preferred != v {
		cost = s.PreferredCost
	}
	if s.LikedCost > 0 && !slices.Contains(s.Liked, v) {
		cost += s.LikedCost
	}
	return cost
}

// Cost is the objective of the plan, computed from scratch. It is meant for feasible plans.
func (p *Problem) Cost(s *Solution) int64 {
	total := int64(0)
	for v := range Vehicle(p.vehicles) {
		total += p.RouteCost(v, s.Route(v))
	}
	var t tally
	t.count(p)
	for r := range Request(p.requests) {
		v := s.VehicleOf(r)
		if v == None {
			total += p.unserved.at(r)
			continue
		}
		total += p.preferenceCost(v, r)
		t.unserved--
		t.classUnserved[p.requestSpec[r].Fairness]--
	}
	return total + t.cost(p.fairness)
}

// RouteCost is the travel, fixed and soft-time cost of a route, depots left out. An empty route costs nothing.
func (p *Problem) RouteCost(v Vehicle, route []Node) int64 {
	if len(route) == 0 {
		return 0
	}
	total := p.vehicleSpec[v].FixedCost
	at := p.StartOf(v)
	for _, n := range route {
		_, c := p.Leg(v, at, n)
		total += int64(c)
		at = n
	}
	_, c := p.Leg(v, at, p.EndOf(v))
	total += int64(c)
	if p.hasTimed {
		total += p.timeCost(v, route)
	}
	return total
}

// timeCost is the soft-time term of a route, by the schedule that minimises it.
func (p *Problem) timeCost(v Vehicle, route []Node) int64 {
	if !p.isTimed(route) {
		return 0
	}
	var sc Scheduler
	stops, ok := sc.Schedule(p, v, route, nil)
	if !ok {
		return 0
	}
	return p.stopsTimeCost(stops)
}

// isTimed reports whether a sequence of nodes, depots left out, serves somebody with a soft time limit.
func (p *Problem) isTimed(nodes []Node) bool {
	for _, n := range nodes {
		if n >= p.first && p.timed.at(p.RequestOf(n)) {
			return true
		}
	}
	return false
}
