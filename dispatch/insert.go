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
	var choices []choice
	var dear *PolicyRefusal
	for _, some := range a.alike(ride, candidates) {
		found, over, err := a.insertAlike(m, ride, some)
		if err != nil {
			return nil, nil, err
		}
		if choices = append(choices, found...); over != nil {
			dear = over
		}
	}
	if len(choices) > 0 {
		return choices, nil, nil
	}
	r, err := a.extendWide(m, ride, candidates)
	if err != nil {
		return nil, nil, err
	}
	defer m.problem.Withdraw()
	causes := a.explain(m, m.solution, r, ride, candidates)
	if dear != nil {
		refusal := dear.Refusal()
		refusal.Shifts = 1
		causes[refusal.Cause] = &refusal
	}
	return nil, causes, a.settleMoves(m, ride, causes)
}

// extendWide extends the model's problem by a ride that may be fetched within any of the candidates. The caller withdraws it.
func (a *areaDay) extendWide(m *model, ride *Ride, candidates []candidate) (solver.Request, error) {
	wide := *ride
	for i, c := range candidates {
		if i == 0 {
			wide.Promise.Pickup = c.promise.Pickup
		}
		wide.Promise.Pickup.Earliest = min(wide.Promise.Pickup.Earliest, c.promise.Pickup.Earliest)
		wide.Promise.Pickup.Latest = max(wide.Promise.Pickup.Latest, c.promise.Pickup.Latest)
	}
	r, err := m.problem.Extend(a.spec(m, &wide))
	if err != nil {
		return solver.None, fmt.Errorf("dispatch: insert into %s %s: %w", a.key.Area, a.key.Day, err)
	}
	return r, nil
}

// alike cuts the candidates where roads change between them: those of a part have the same places in the solver. a.mu is held.
func (a *areaDay) alike(ride *Ride, candidates []candidate) (parts [][]candidate) {
	if a.places.plain() {
		return append(parts, candidates)
	}
	begin := 0
	var last [2]solver.Place
	under := *ride
	for i, c := range candidates {
		under.Promise = c.promise
		spec := promisedSpec(a.places, &a.desk.cfg.Rules, &under)
		at := [2]solver.Place{spec.Pickup, spec.Delivery}
		if i > 0 && at != last {
			parts, begin = append(parts, candidates[begin:i]), i
		}
		last = at
	}
	return append(parts, candidates[begin:])
}

// insertAlike finds the cheapest place of each candidate of a part. a.mu is held.
func (a *areaDay) insertAlike(m *model, ride *Ride, candidates []candidate) (choices []choice, dear *PolicyRefusal, err error) {
	r, err := a.extendWide(m, ride, candidates)
	if err != nil {
		return nil, nil, err
	}
	defer m.problem.Withdraw()
	var found []solver.Insertion
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
	return choices, dear, nil
}

// free leaves out the promises that overlap with another ride of the same rider. A will-call that nobody has called for is
// at no time yet, and a ride without a rider is nobody's; one that no route holds is about to be moved, or waits, but on a stray
// route even a place that is only kept for somebody counts: they may accept it. The list that is returned may share memory with
// the one given.
func (m *model) free(ride *Ride, candidates []candidate) []candidate {
	if ride.Rider == "" || ride.Latent() {
		return candidates
	}
	apart := func(o *Ride) {
		if o.Rider == ride.Rider && o.ID != ride.ID && !o.Latent() {
			candidates = slices.DeleteFunc(candidates, func(c candidate) bool { return c.promise.meets(o.Promise) })
		}
	}
	for i, o := range m.rides {
		if m.solution.VehicleOf(solver.Request(i)) != solver.None {
			apart(o)
		}
	}
	for _, o := range m.stray {
		if o.placed() {
			apart(o)
		}
	}
	return candidates
}
