package dispatch

import (
	"fmt"

	"github.com/swmaas/swmaas/dispatch/solver"
)

// insertLocked finds, for each candidate promise, the cheapest place in the plan that keeps it and everything promised
// before. Where no candidate has one, the refusals say why. a.mu is held.
func (a *areaDay) insertLocked(m *model, ride *Ride, candidates []candidate) ([]choice, refusals, error) {
	wide := *ride
	for _, c := range candidates {
		wide.Promise.Pickup.Earliest = min(wide.Promise.Pickup.Earliest, c.promise.Pickup.Earliest)
		wide.Promise.Pickup.Latest = max(wide.Promise.Pickup.Latest, c.promise.Pickup.Latest)
	}
	r, err := m.problem.Extend(a.spec(m, &wide))
	if err != nil {
		return nil, nil, fmt.Errorf("dispatch: insert into %s %s: %w", a.key.Area, a.key.Day, err)
	}
	defer m.problem.Withdraw()
	var choices []choice
	var found []solver.Insertion
	near, reach := make([]solver.Vehicle, 0, len(a.shifts)), a.filter.detourOf(ride, m.bases)
	for _, c := range candidates {
		ride.Promise = c.promise
		spec := promisedSpec(a.places, &a.desk.cfg.Rules, ride)
		q := solver.Query{Request: r, Pickup: spec.PickupWindow, Delivery: spec.DeliveryWindow, Vehicles: reach.shifts(&spec, near)}
		found = m.inserter.Best(m.solution, q, found[:0])
		for _, f := range found {
			boarded := f.PickupAt + m.problem.ServiceTime(f.Vehicle, m.problem.PickupOf(r))
			choices = append(choices, choice{c, f, f.DeliveryAt - boarded, ride.Terms})
		}
	}
	if len(choices) > 0 {
		return choices, nil, nil
	}
	causes := a.explain(m, m.solution, r, ride, candidates)
	return nil, causes, a.settleMoves(m, ride, causes)
}
