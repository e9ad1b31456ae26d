package dispatch

import (
	"slices"

	"github.com/swmaas/swmaas/dispatch/solver"
	"github.com/swmaas/swmaas/vehicles"
)

// company is who may not be aboard with whom in a model beyond what the legal groups say.
type company struct {
	groups uint64 // of all rides, a bit each; 0 is set for rides that conflict with nobody
	// loose are the rides whose group alone would not do: it says too little, or it contradicts the plan as it stands, made
	// before a rule changed. They have no group and name those they may not ride with one by one.
	loose map[solver.Request]bool
	// picky are the rides whose party may not be aboard with certain riders.
	picky []solver.Request
	// excused are the pairs that are planned to be aboard together already, the smaller request first.
	excused map[[2]solver.Request]bool
}

// companyLocked finds out whom the groups do not tell apart as they should. rests are the routes of the model. a.mu is held.
func (a *areaDay) companyLocked(m *model, rests []*rest) {
	m.company = company{loose: map[solver.Request]bool{}, excused: map[[2]solver.Request]bool{}}
	for r, ride := range m.rides {
		a.meet(m, solver.Request(r), ride)
	}
	for _, rest := range rests {
		m.company.excuse(a, m, rest)
	}
}

// meet takes one ride of the model into its company. a.mu is held.
func (a *areaDay) meet(m *model, r solver.Request, ride *Ride) {
	group, complete := a.legal.group(ride)
	m.company.groups |= 1 << group
	if !complete {
		m.company.loose[r] = true
	}
	if len(ride.Party.Apart) > 0 {
		m.company.picky = append(m.company.picky, r)
	}
}

// leave takes the ride that came last out of the company again; its group may stay.
func (c *company) leave(last solver.Request) {
	delete(c.loose, last)
	if n := len(c.picky); n > 0 && c.picky[n-1] == last {
		c.picky = c.picky[:n-1]
	}
}

// excuse notes who is planned to be aboard together on the rest of a route although they may not be.
func (c *company) excuse(a *areaDay, m *model, rest *rest) {
	var aboard []solver.Request
	for _, s := range rest.stops {
		if r := m.request[s.Ride]; m.rides[r].State == UnderWay && !slices.Contains(aboard, r) {
			aboard = append(aboard, r)
		}
	}
	meet := func(r solver.Request) {
		for _, o := range aboard {
			legal, personal := a.legal.apart(m.rides[r], m.rides[o]), dislikes(m.rides[r], m.rides[o])
			if o == r || !legal && !personal {
				continue
			}
			c.excused[[2]solver.Request{min(r, o), max(r, o)}] = true
			if legal {
				c.loose[r], c.loose[o] = true, true
			}
		}
	}
	for _, r := range aboard {
		meet(r)
	}
	for _, s := range rest.stops {
		r := m.request[s.Ride]
		if s.Kind == DropoffStop {
			aboard = slices.DeleteFunc(aboard, func(o solver.Request) bool { return o == r })
			continue
		}
		meet(r)
		aboard = append(aboard, r)
	}
}

// dislikes reports whether one of the two parties may not be aboard with the other's rider.
func dislikes(x, y *Ride) bool {
	return slices.Contains(x.Party.Apart, y.Rider) || slices.Contains(y.Party.Apart, x.Rider)
}

// lawful adds to the spec of a ride what the policy and the people concerned ask for: its group, whom it may not ride with,
// and the shifts that may carry it, that of vehicle v in any case. self is the ride's request, None for one that is about
// to be added. a.mu is held.
func (a *areaDay) lawful(m *model, self solver.Request, ride *Ride, v solver.Vehicle, spec solver.RequestSpec) solver.RequestSpec {
	group, complete := a.legal.group(ride)
	loose := !complete || self != solver.None && m.company.loose[self]
	if !loose {
		spec.Group = group
	}
	spec.Incompatible = a.strangers(m, self, ride, loose)
	spec.Share, spec.Gather = m.shareOf(ride), m.gatherOf(ride)
	a.admit(m, ride, v, &spec)
	a.please(ride, &spec)
	return spec
}

// strangers lists the requests that may not be aboard with a ride although their groups do not say so. A pair of the model
// is named by one of the two at least.
func (a *areaDay) strangers(m *model, self solver.Request, ride *Ride, loose bool) []solver.Request {
	if !loose && len(ride.Party.Apart) == 0 && (self != solver.None || len(m.company.picky)+len(m.company.loose) == 0) {
		return nil
	}
	var out []solver.Request
	for r, other := range m.rides {
		r := solver.Request(r)
		if r == self || m.company.excused[[2]solver.Request{min(r, self), max(r, self)}] {
			continue
		}
		if dislikes(ride, other) || (loose || m.company.loose[r]) && a.legal.apart(ride, other) {
			out = append(out, r)
		}
	}
	return out
}

// admit names the shifts that may carry the ride, or those that may not, whichever are fewer.
func (a *areaDay) admit(m *model, ride *Ride, v solver.Vehicle, spec *solver.RequestSpec) {
	on := a.legal.carriers(ride.Terms.Mode, ride.Terms.Facility)
	home, begun := m.homeOf(ride)
	if fixed, ok := a.byShift[ride.Locks.Shift]; ok && !begun {
		home, begun = solver.Vehicle(fixed), true
	}
	free := len(ride.Party.NotDrivers)+len(ride.Party.OnlyDrivers)+len(ride.Party.Limits.OnlyVehicles) == 0
	if len(on.shifts) == len(a.shifts) && free && !begun {
		return
	}
	var may, not []solver.Vehicle
	for i := range a.shifts {
		n := solver.Vehicle(i)
		if n == v || len(on.why[i]) == 0 && ride.Party.mayRide(&a.shifts[i]) && (!begun || n == home) {
			may = append(may, n)
		} else {
			not = append(not, n)
		}
	}
	if len(may) > 0 && len(may) < len(not) {
		spec.Allowed = may
	} else {
		spec.Forbidden = not
	}
}

// please adds to the spec of a ride the shifts that its party would rather ride on.
func (a *areaDay) please(ride *Ride, spec *solver.RequestSpec) {
	l := &ride.Party.Limits
	if len(l.LikeVehicles)+len(l.LikeDrivers) == 0 {
		return
	}
	for i := range a.shifts {
		if l.likes(&a.shifts[i]) {
			spec.Liked = append(spec.Liked, solver.Vehicle(i))
		}
	}
	if len(spec.Liked) > 0 {
		spec.LikedCost = likeCost
	}
}

// mayRide reports whether the party may ride with the driver and in the vehicle of the shift.
func (p *Party) mayRide(s *vehicles.Shift) bool {
	return p.drivenBy(s.Driver) && p.Limits.carriedBy(s.Vehicle)
}

// drivenBy reports whether the driver may drive the party.
func (p *Party) drivenBy(d vehicles.DriverID) bool {
	return !slices.Contains(p.NotDrivers, d) && (len(p.OnlyDrivers) == 0 || slices.Contains(p.OnlyDrivers, d))
}
