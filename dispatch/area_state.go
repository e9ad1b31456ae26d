package dispatch

import (
	"context"
	"slices"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// What a day's notes say of roads and vehicles holds for everything that is worked out from its state: the travel times are
// those under the state's conditions, the shifts what its outages leave of them.

// takeLocked makes s the state in memory, with the roads and shifts that its notes say. It changes nothing where it fails. a.mu is
// held.
func (a *areaDay) takeLocked(ctx context.Context, s *State) error {
	outages := s.outages()
	for _, o := range outages {
		for _, at := range []geo.LatLng{o.At, o.BackAt} {
			if at != (geo.LatLng{}) {
				if err := a.places.add(ctx, at); err != nil {
					return err
				}
			}
		}
	}
	table, err := a.roads.under(ctx, s.conditions())
	if err != nil {
		return err
	}
	if table != a.places.timeTable {
		a.places = &placeTable{table, table.early(a.second()), a.halts}
		a.forgetLocked()
	}
	shifts, back := withOutages(a.whole, outages)
	shifts = a.crewed(shifts, s)
	if !slices.EqualFunc(shifts, a.shifts, sameShift) {
		others := !slices.EqualFunc(shifts, a.shifts, func(x, y vehicles.Shift) bool { return x.Driver == y.Driver })
		a.shifts, a.back = shifts, back
		a.layLocked()
		if others {
			a.openRules(a.calendar)
		}
		a.forgetLocked()
	}
	a.state, a.model, a.stripped = s, nil, false
	return nil
}

// passLocked follows the clock into the next period of the roads, and nearer to the end of one that is worth waiting for. a.mu is held.
func (a *areaDay) passLocked() {
	if a.places.plain() {
		return
	}
	if since := a.places.early(a.second()); since != a.places.since {
		a.places = &placeTable{a.places.timeTable, since, a.halts}
		a.forgetLocked()
	}
}

// forgetLocked drops what was worked out from roads and shifts that are no longer so. a.mu is held.
func (a *areaDay) forgetLocked() {
	a.model, a.live, a.rests, a.specs = nil, nil, nil, nil
}

// sameShift compares what outages and substitutes change of a shift.
func sameShift(x, y vehicles.Shift) bool {
	return x.ID == y.ID && x.Driver == y.Driver && x.Span == y.Span && x.Start == y.Start && x.End == y.End
}
