package dispatch

import (
	"fmt"
	"slices"

	"github.com/swmaas/swmaas/dispatch/solver"
)

// insertLocked finds, for each candidate promise, the cheapest place in the plan that keeps it and everything promised
// before. Where no candidate has one, the refusals say why. A rider is never promised two rides for the same time. a.mu is held.
func (a *areaDay) insertLocked(m *model, ride *Ride, candidates []candidate) ([]choice, refusals, error) {
	if candidates = m.free(ride, candidates); len(candidates) == 0 {
		return nil, refusals{CauseOverlap: {Code: CodeOverlap, Cause: CauseOverlap}}, nil
	}
	if candidates = a.state.calm(ride, candidates); len(candidates) == 0 {
		return nil, refusals{CauseStorm: {Code: CodeBadWeather, Cause: CauseStorm}}, nil
	}
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
	var dear *PolicyRefusal
	near, reach := make([]solver.Vehicle, 0, len(a.shifts)), a.filter.detourOf(ride, m.bases)
	for _, c := range candidates {
		ride.Promise = c.promise
		spec := promisedSpec(a.places, &a.desk.cfg.Rules, ride)
		q := solver.Query{Request: r, Pickup: spec.PickupWindow, Delivery: spec.DeliveryWindow, Vehicles: reach.shifts(&spec, near)}
		var over *PolicyRefusal
		if found, over = a.affordable(m, q, ride, found[:0]); over != nil {
			dear = over
		}
		for _, f := range found {
			boarded := f.PickupAt + m.problem.ServiceTime(f.Vehicle, m.problem.PickupOf(r))
			choices = append(choices, choice{candidate: c, place: f, rideTime: f.DeliveryAt - boarded, terms: ride.Terms})
		}
	}
	if len(choices) > 0 {
		return choices, nil, nil
	}
	causes := a.explain(m, m.solution, r, ride, candidates)
	if dear != nil {
		refusal := dear.Refusal()
		refusal.Shifts = 1
		causes[refusal.Cause] = &refusal
	}
	return nil, causes, a.settleMoves(m, ride, causes)
}

// free leaves out the promises that overlap with another ride of the same rider. A will-call that nobody has called for is
// at no time yet, and a ride without a rider is nobody's; one that no route holds is about to be moved, or waits. The list
// that is returned may share memory with the one given.
func (m *model) free(ride *Ride, candidates []candidate) []candidate {
	if ride.Rider == "" || ride.Latent() {
		return candidates
	}
	for i, o := range m.rides {
		if o.Rider != ride.Rider || o.ID == ride.ID || o.Latent() || m.on[i] == solver.None {
			continue
		}
		candidates = slices.DeleteFunc(candidates, func(c candidate) bool {
			return c.promise.meets(o.Promise)
		})
	}
	return candidates
}
