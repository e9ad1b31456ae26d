package dispatch

import (
	"github.com/swmaas/swmaas/dispatch/solver"
)

// Nothing moves for a trifle: to improvement a change of a ride's vehicle has a price, more once a driver has been given the ride,
// and shortly before its pickup a ride stays where it is. Insertion moves nobody to another vehicle, and repair asks for neither.

// keep adds to the spec of a ride what improvement has to pay for giving it to another vehicle. of is the route that carries it,
// or nil. a.mu is held.
func (a *areaDay) keep(m *model, ride *Ride, of *rest, on solver.Vehicle, spec *solver.RequestSpec) {
	if of == nil || spec.OnBoard || spec.Locked {
		return
	}
	rules := &a.desk.cfg.Rules
	for i := range of.stops {
		if s := &of.stops[i]; s.StopID == (StopID{ride.ID, PickupStop}) && s.Begin <= m.second+rules.SteadyBefore {
			spec.Locked, spec.LockVehicle = true, on
			return
		}
	}
	spec.Preferred, spec.PreferredCost = on, int64(rules.MoveCost)
	if ride.State == Published {
		spec.PreferredCost = int64(rules.PublishedCost)
	}
	if a.state.movedMore(ride.Party.class(), rules.FairGap) {
		spec.PreferredCost *= 2
	}
}

// kept is what a ride costs more in better for the vehicle that it rides in there: for the change itself, and for what its party
// likes better.
func (m *model) kept(better *solver.Solution, r solver.Request) int64 {
	if from, to := m.solution.VehicleOf(r), better.VehicleOf(r); from != solver.None && to != solver.None && from != to {
		return m.problem.PreferenceCost(to, r) - m.problem.PreferenceCost(from, r)
	}
	return 0
}

// lastIn is the last-in rule of the rest: Rules.LastIn, or what the route as it stands keeps of it, so that it is feasible. A driver
// may take stops before their turn, and what came between may have been cancelled.
func (r *rest) lastIn() int32 {
	freeze := r.rules.LastIn
	if freeze <= 0 {
		return 0
	}
	for q := range r.stops {
		if r.stops[q].Kind != PickupStop || q == 0 && r.stops[q].State != Pending {
			continue
		}
		chain := int32(0)
		for d := q + 1; d < len(r.stops) && chain < freeze; d++ {
			before, next := &r.stops[d-1], &r.stops[d]
			from, to := r.rides(before.Ride), r.rides(next.Ride)
			chain += service(r.vehicle, from, before.Kind) + r.places.plannedAt(place(from, before.Kind), place(to, next.Kind), before.Depart)
			if next.Kind == DropoffStop && r.boards(next.Ride) < q && !r.onTheWay(q, to) {
				freeze = min(freeze, chain)
			}
		}
	}
	return freeze
}

// boards is the index of a ride's pickup in the rest, -1 for one that is aboard.
func (r *rest) boards(id RideID) int {
	for i := range r.stops {
		if r.stops[i].StopID == (StopID{id, PickupStop}) {
			return i
		}
	}
	return -1
}

// onTheWay reports whether pickup q is at one of the ride's own places, where it is no detour. Under conditions the same place
// may stand for several, and counts as a detour.
func (r *rest) onTheWay(q int, ride *Ride) bool {
	at := place(r.rides(r.stops[q].Ride), PickupStop)
	return r.places.plain() && (at == ride.Pickup.At || at == ride.Dropoff.At)
}
