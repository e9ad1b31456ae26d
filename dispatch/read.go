package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/swmaas/swmaas/vehicles"
)

// openRide opens the area-day that a ride's id names.
func (d *Desk) openRide(ctx context.Context, area AreaID, id RideID) (*areaDay, error) {
	day, err := DayOf(id)
	if err != nil {
		return nil, err
	}
	a, err := d.open(ctx, area, day)
	if err != nil {
		return nil, fmt.Errorf("%w: ride %s", err, id)
	}
	return a, nil
}

// Ride returns one ride, or ErrNotFound.
func (d *Desk) Ride(ctx context.Context, area AreaID, id RideID) (*Ride, error) {
	a, err := d.openRide(ctx, area, id)
	if err != nil {
		return nil, err
	}
	if r := a.current().Rides[id]; r != nil {
		return r, nil
	}
	return nil, fmt.Errorf("%w: ride %s", ErrNotFound, id)
}

// Rides returns up to limit rides of a day with ids after the given one, in the order of their ids.
func (d *Desk) Rides(ctx context.Context, area AreaID, day Day, after RideID, limit int) ([]*Ride, error) {
	state, err := d.State(ctx, area, day)
	if err != nil {
		return nil, err
	}
	rides := make([]*Ride, 0, len(state.Rides))
	for id, r := range state.Rides {
		if id > after {
			rides = append(rides, r)
		}
	}
	slices.SortFunc(rides, func(a, b *Ride) int { return cmp.Compare(a.ID, b.ID) })
	return rides[:min(limit, len(rides))], nil
}

// Shifts returns the gap-free shifts that the day's plan works with, ordered as the fleet gave them. What an outage takes of one is left out. The slice is shared and must not be changed.
func (d *Desk) Shifts(ctx context.Context, area AreaID, day Day) ([]vehicles.Shift, error) {
	a, err := d.open(ctx, area, day)
	if err != nil {
		return nil, err
	}
	return *a.laid.Load(), nil
}

// Manifest returns what the driver of a vehicle has to do that day. A vehicle without a shift has an empty one.
func (d *Desk) Manifest(ctx context.Context, area AreaID, day Day, vehicle vehicles.VehicleID) (*Manifest, error) {
	a, err := d.open(ctx, area, day)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	m := &Manifest{Area: area, Day: day, Vehicle: vehicle, Revision: a.state.Revision}
	for i := range a.shifts {
		if a.shifts[i].Vehicle != vehicle {
			continue
		}
		route := a.routeLocked(a.shifts[i].ID)
		m.Version += route.Version
		note, was := a.state.published(route.Shift)
		if note != nil {
			m.Version += note.Version
			m.numbers(a, route, was)
		}
		if d.cfg.Rules.Drafts {
			m.Stops = append(m.Stops, a.publishedStops(route, was)...)
			continue
		}
		for _, s := range route.Stops {
			if r := a.state.Rides[s.Ride]; r.shown() {
				m.Stops = append(m.Stops, manifestStop(route.Shift, s, r))
			}
		}
	}
	m.mail(a.state.messages(vehicle))
	m.Acked = m.Number > 0 && m.AckedNumber == m.Number
	return m, nil
}

func manifestStop(shift vehicles.ShiftID, s Stop, r *Ride) ManifestStop {
	m := ManifestStop{StopID: s.StopID, Shift: shift, State: s.State, Party: r.Party, LeaveBy: s.LeaveBy, Arrive: s.Arrive, Locks: r.Locks}
	if s.Kind == PickupStop {
		m.Place, m.NotBefore, m.Latest = r.Pickup, r.fetchFrom(), r.Promise.Pickup.Latest
		if s.State == Arrived { // the plan may have the party wait at home rather than aboard
			m.NotBefore = max(m.NotBefore, s.Begin)
		}
	} else {
		m.Place, m.Latest = r.Dropoff, r.Promise.ArriveBy
	}
	return m
}

// Summary counts the day.
func (d *Desk) Summary(ctx context.Context, area AreaID, day Day) (*Summary, error) {
	state, err := d.State(ctx, area, day)
	if err != nil {
		return nil, err
	}
	s := &Summary{Revision: state.Revision, Rides: map[RideState]int{}, Refused: map[string]int{}, Classes: state.classes()}
	for _, class := range RiderClasses() {
		if state.behind(class, d.cfg.Rules.FairGap) {
			s.Behind = append(s.Behind, class)
		}
	}
	for _, r := range state.Rides {
		s.Rides[r.State]++
		if r.State == TurnedDown || r.State == Unmet {
			s.Refused[r.Reason]++
		}
	}
	return s, nil
}
