package dispatch

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/swmaas/swmaas/dispatch/solver"
	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/routing/geo"
)

// Verified checks the plan of an area-day and lists what is wrong: nothing, unless there is a fault in this program. It is checked with the
// solver's independent checker, on a model made from nothing; then leg by leg, whether the times of its stops can be driven on the
// roads as they are in the second in which the vehicle sets out; and then whether somebody has to be told wherever they miss a
// promise by more than may be. What cannot be kept any more counts as it is expected now.
func (d *Desk) Verified(ctx context.Context, area AreaID, day Day) ([]string, error) {
	a, err := d.open(ctx, area, day)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.shifts) == 0 {
		return nil, nil
	}
	m, err := a.buildModel(a.second())
	if err != nil {
		return nil, err
	}
	var wrong []string
	for _, v := range solver.Verify(m.problem, m.solution) {
		wrong = append(wrong, fmt.Sprint(v))
	}
	for i := range a.shifts {
		wrong = append(wrong, a.restOf(i, a.routeLocked(a.shifts[i].ID), m.second).undrivable()...)
	}
	for _, id := range slices.Sorted(maps.Keys(a.state.Routes)) {
		wrong = append(wrong, a.untold(a.state.Routes[id])...)
	}
	return wrong, nil
}

// undrivable lists the times of a rest that no vehicle can keep.
func (r *rest) undrivable() (wrong []string) {
	at, ready := r.stands()
	for i := range r.stops {
		s := &r.stops[i]
		ride := r.rides(s.Ride)
		fault := func(is bool, format string, args ...any) {
			if is {
				wrong = append(wrong, fmt.Sprintf("shift %s, %v: ", r.shift.ID, s.StopID)+fmt.Sprintf(format, args...))
			}
		}
		to := place(ride, s.Kind)
		if s.State == Pending {
			drive := r.places.setOutAt(at, to, s.LeaveBy)
			fault(s.LeaveBy < ready, "leaves at %d, and is ready at %d", s.LeaveBy, ready)
			fault(drive >= routing.Unreachable || s.Arrive < s.LeaveBy+drive, "leaves at %d, drives for %d and arrives at %d", s.LeaveBy, drive, s.Arrive)
			fault(s.Kind == PickupStop && s.Begin < ride.fetchFrom(), "begins at %d, before %d", s.Begin, ride.fetchFrom())
			fault(s.Depart < s.Begin+service(r.vehicle, ride, s.Kind), "begins at %d and is left at %d already", s.Begin, s.Depart)
		}
		fault(s.Depart < r.now || s.Begin < s.Arrive && s.State != Arrived, "arrives at %d, begins at %d and is left at %d, at %d", s.Arrive, s.Begin, s.Depart, r.now)
		at, ready = to, s.Depart
	}
	return wrong
}

// setOutAt is the planned time of a leg on the roads as they are in the second in which the vehicle sets out.
func (t *timeTable) setOutAt(from, to geo.LatLng, second int32) int32 {
	t.under.RLock()
	defer t.under.RUnlock()
	ordinary, _ := t.ordinary()
	return t.seconds(ordinary, t.periods[t.periodOf(second)].metric, t.number(from), t.number(to))
}

// untold lists the pickups of a route as it is stored that the vehicle reaches later than was promised, by more than the tolerance, and
// of which nobody has to be told, nor was. a.mu is held.
func (a *areaDay) untold(route *Route) (wrong []string) {
	tolerance := a.desk.cfg.Rules.LateTolerance
	for i := range route.Stops {
		s := &route.Stops[i]
		ride := a.state.Rides[s.Ride]
		if s.Kind != PickupStop || s.State >= Arrived || !ride.awaits() || ride.Latent() || s.Arrive <= ride.Promise.Pickup.Latest+tolerance {
			continue
		}
		said := false
		for n := 1; a.state.Notes[tellID(ride.ID, TellLate, n)] != nil; n++ {
			t, ok := a.state.Notes[tellID(ride.ID, TellLate, n)].Body.(*Tell)
			said = ok && (t.Told == nil || t.Told.Channel != ChannelOutdated)
		}
		if !said {
			wrong = append(wrong, fmt.Sprintf("shift %s, %v: arrives at %d, promised by %d, and nobody is told", route.Shift, s.StopID, s.Arrive, ride.Promise.Pickup.Latest))
		}
	}
	return wrong
}
