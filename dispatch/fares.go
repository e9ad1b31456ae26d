package dispatch

import (
	"github.com/swmaas/swmaas/dispatch/solver"
	"github.com/swmaas/swmaas/routing/geo"
)

// Where fares are capped by a share of the taxi fare, those of riders who are aboard together count as one sum, against the way
// that the vehicle drives from when the first of them boards until the last has alighted. Who rides alone is within the cap or
// is not offered the ride; who shares a short way may not be. No insertion and no improvement makes such a run. A driver's step
// or somebody who cancels can leave one behind, which the close of the ride then finds.

// spareInsertions is how many places are asked for, and spareEach of one vehicle, where the cheapest may be over the cap.
const (
	spareInsertions = 64
	spareEach       = 24
)

// fareRun is a stretch of a route with riders of one capped mode aboard all the time.
type fareRun struct {
	aboard          int
	fares           []int64
	meters, seconds int32
}

// capped reports whether the sum of the fares of rides in the mode is capped.
func (b *rulebook) capped(mode LegalMode) bool {
	if b.policy == nil || b.policy.Taxi == nil {
		return false
	}
	rule := b.policy.Rule(mode, b.day)
	return rule != nil && rule.Price.CapRatio > 0 && rule.Price.Kind.tariff()
}

// fareVisit is one stop with its ride.
type fareVisit struct {
	kind StopKind
	ride *Ride
}

// overFares is why a shift may not drive its route on with the visits in the place of its unfinished stops, or nil. ride is
// request r, which may not be in the model yet. a.mu is held.
func (a *areaDay) overFares(m *model, v solver.Vehicle, nodes []solver.Node, r solver.Request, ride *Ride) *PolicyRefusal {
	if a.legal.policy == nil || a.legal.policy.Taxi == nil {
		return nil
	}
	route := a.routeLocked(a.shifts[v].ID)
	visits := make([]fareVisit, 0, len(route.Stops)+2)
	for _, s := range route.Stops[:route.Executed()] {
		if s.State != Skipped {
			visits = append(visits, fareVisit{s.Kind, a.state.Rides[s.Ride]})
		}
	}
	for _, n := range nodes {
		visit := fareVisit{PickupStop, ride}
		if o := m.problem.RequestOf(n); o != r {
			visit.ride = m.rides[o]
		}
		if m.problem.IsDelivery(n) {
			visit.kind = DropoffStop
		}
		visits = append(visits, visit)
	}
	return a.checkRuns(visits)
}

// checkRuns adds up the fares of each run of a route and returns the first that exceeds its cap, or nil. Of a route with somebody
// erased on it nobody knows the way any more.
func (a *areaDay) checkRuns(visits []fareVisit) *PolicyRefusal {
	runs := map[LegalMode]*fareRun{}
	var last geo.LatLng
	for k, visit := range visits {
		if visit.ride == nil || visit.ride.Pickup == (Place{}) {
			return nil
		}
		at := place(visit.ride, visit.kind)
		if k > 0 {
			seconds, meters := a.places.ordinaryLeg(last, at)
			for _, run := range runs {
				if run.aboard > 0 {
					run.seconds, run.meters = run.seconds+seconds, run.meters+meters
				}
			}
		}
		last = at
		mode := visit.ride.Terms.Mode
		if !a.legal.capped(mode) {
			continue
		}
		run := runs[mode]
		if run == nil {
			run = new(fareRun)
			runs[mode] = run
		}
		if visit.kind == PickupStop {
			run.aboard++
			run.fares = append(run.fares, visit.ride.Terms.Yen)
			continue
		}
		if run.aboard--; run.aboard > 0 {
			continue
		}
		if len(run.fares) > 1 {
			if _, _, over := a.legal.policy.CheckFares(mode, a.legal.day, run.fares, run.meters, run.seconds); over != nil {
				return over
			}
		}
		*run = fareRun{}
	}
	return nil
}

// affordable are the cheapest places for request r, which is the ride, that make no run of fares over its cap: of a mode without a
// cap the cheapest alone. over is why others were left out. a.mu is held.
func (a *areaDay) affordable(m *model, q solver.Query, ride *Ride, buf []solver.Insertion) (found []solver.Insertion, over *PolicyRefusal) {
	if !a.legal.capped(ride.Terms.Mode) {
		return m.inserter.Best(m.solution, q, buf), nil
	}
	q.Alternatives, q.PerVehicle = spareInsertions, spareEach
	var nodes []solver.Node
	for _, f := range m.inserter.Best(m.solution, q, nil) {
		nodes = m.inserter.Sequence(m.solution, f, nodes[:0])
		if why := a.overFares(m, f.Vehicle, nodes, q.Request, ride); why != nil {
			over = why
			continue
		}
		return append(buf, f), nil
	}
	return buf, over
}

// dearer reports whether a route of better has a run over its cap where the route of the model has none. a.mu is held.
func (a *areaDay) dearer(m *model, v solver.Vehicle, better *solver.Solution) bool {
	return a.overFares(m, v, better.Route(v), solver.None, nil) != nil && a.overFares(m, v, m.solution.Route(v), solver.None, nil) == nil
}
