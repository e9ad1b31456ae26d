package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/swmaas/swmaas/vehicles"
)

// pastRides remembers who rides on which day, so that quotas can be counted over days that nobody has open. A day that
// another process has changed is forgotten when the desk is told of it. It is safe for concurrent use.
type pastRides struct {
	mu   sync.Mutex
	days map[AreaDay]map[RiderID]map[RideID]PastRide // guarded by mu
}

// take remembers the day of a state.
func (p *pastRides) take(s *State) map[RiderID]map[RideID]PastRide {
	riders := map[RiderID]map[RideID]PastRide{}
	for _, r := range s.Rides {
		note(riders, r)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.days[AreaDay{s.Area, s.Day}] = riders
	return riders
}

// change takes the rides of a commit into a day that is remembered.
func (p *pastRides) change(c *Commit) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if riders := p.days[AreaDay{c.Area, c.Day}]; riders != nil {
		for _, r := range c.Rides {
			note(riders, r.After)
		}
	}
}

// forget drops a day.
func (p *pastRides) forget(day AreaDay) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.days, day)
}

// note takes in one ride: one that was taken, is booked or was a no-show counts, any other does not.
func note(riders map[RiderID]map[RideID]PastRide, r *Ride) {
	switch r.State {
	case Booked, Published, UnderWay, Completed, NoShow:
		if riders[r.Rider] == nil {
			riders[r.Rider] = map[RideID]PastRide{}
		}
		riders[r.Rider][r.ID] = r.past()
	default:
		delete(riders[r.Rider], r.ID)
	}
}

// past is the ride as quotas count it.
func (r *Ride) past() PastRide { return PastRide{r.Day, r.Terms.Mode, r.Purpose, r.Linked != ""} }

// of appends the rides of a rider on a day that is remembered, but for those to skip; known is false for one that is not.
func (p *pastRides) of(day AreaDay, rider RiderID, skip []RideID, out []PastRide) (rides []PastRide, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	riders, known := p.days[day]
	for id, r := range riders[rider] {
		if !slices.Contains(skip, id) {
			out = append(out, r)
		}
	}
	return out, known
}

// pastLocked is the rides of the request's rider that a quota of the policy may count, on the days of its period. Two bookings
// of one rider on two days at the same moment in two processes may not see each other. a.mu is held.
func (a *areaDay) pastLocked(ctx context.Context, req *Request) ([]PastRide, error) {
	if a.legal.policy == nil {
		return nil, nil
	}
	first, last := a.legal.policy.counted(req)
	var out []PastRide
	if first <= last { // all days that count include the ride's own
		out = append(out, req.beside...)
	}
	for day := first; day <= last; day = day.Add(1) {
		key := AreaDay{req.Area, Day(day)}
		rides, known := a.desk.past.of(key, req.Rider, req.instead, out)
		if !known {
			state, err := a.desk.plans.Load(ctx, key.Area, key.Day)
			if err != nil {
				return nil, fmt.Errorf("dispatch: rides of %s on %s: %w", key.Area, key.Day, err)
			}
			a.desk.past.take(state)
			rides, _ = a.desk.past.of(key, req.Rider, req.instead, out)
		}
		out = rides
	}
	return out, nil
}

// counted is the longest period, as days, over which a quota may count the ride; last is before first where none does.
func (p *Policy) counted(req *Request) (first, last vehicles.Date) {
	day := vehicles.Date(req.Day)
	first, last = day, day.Add(-1)
	for i := range p.Quotas {
		u := &p.Quotas[i]
		if u.Outings && req.Linked != "" || len(u.Purposes) > 0 && !slices.Contains(u.Purposes, req.Purpose) {
			continue
		}
		from, to := u.Per.around(day)
		first, last = min(first, from), max(last, to)
	}
	return first, last
}

// around is the first and the last day of the period that the day lies in.
func (p Period) around(day vehicles.Date) (first, last vehicles.Date) {
	switch p {
	case PerMonth:
		t, err := time.Parse(time.DateOnly, string(day))
		if err != nil {
			return day, day
		}
		first = day.Add(1 - t.Day())
		return first, vehicles.Date(t.AddDate(0, 1, -t.Day()).Format(time.DateOnly))
	case PerWeek:
		first = monday(day)
		return first, first.Add(6)
	default:
		return day, day
	}
}

// profile is what the register knows of a rider; somebody who is not in it is a resident of whom nothing is recorded.
func (d *Desk) profile(ctx context.Context, area AreaID, rider RiderID) (*RiderProfile, error) {
	if d.cfg.Riders == nil {
		return &RiderProfile{}, nil
	}
	p, err := d.cfg.Riders.Profile(ctx, area, rider)
	if errors.Is(err, ErrNotFound) {
		return &RiderProfile{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("dispatch: what is known of the rider: %w", err)
	}
	return p, nil
}
