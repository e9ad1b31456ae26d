package dispatch

import (
	"context"
	"fmt"
	"slices"

	"github.com/swmaas/swmaas/dispatch/solver"
)

// Undo takes an override back, as far as what has happened since allows: the rides go back to their vehicles, what was promised
// and locked before is so again, and the order is the one of before where that is still possible. It is a change of its own; the log
// keeps both. Errors: ErrNotFound, ErrWrongState where it was taken back already or a ride has begun, ErrChanged where a ride has
// been changed since, *RefusedError (ErrRefused) where the place of before is gone, ErrKeyReused, or the store's.
func (d *Desk) Undo(ctx context.Context, by Actor, area AreaID, day Day, id NoteID, key string) (int64, error) {
	a, err := d.open(ctx, area, day)
	if err != nil {
		return 0, err
	}
	_, err = a.free(ctx, IdempotencyKey{key, hashRequest("undo", string(day), string(id))}, func() (*Commit, error) {
		if err := a.wholeLocked(ctx); err != nil {
			return nil, err
		}
		return a.undo(by, id)
	})
	return a.current().Revision, err
}

// undo is the commit that takes an override back. a.mu is held.
func (a *areaDay) undo(by Actor, id NoteID) (*Commit, error) {
	note := a.state.Notes[id]
	if note == nil {
		return nil, fmt.Errorf("%w: override %s", ErrNotFound, id)
	}
	done, ok := note.Body.(*Intervention)
	if !ok {
		return nil, fmt.Errorf("%w: override %s", ErrNotFound, id)
	}
	if !done.Undone.IsZero() {
		return nil, fmt.Errorf("%w: %s was taken back already", ErrWrongState, id)
	}
	plan, err := a.former(done)
	if err != nil {
		return nil, err
	}
	var c *Commit
	if plan.whole() {
		c, err = a.arrange(plan, by, false)
	}
	if c == nil && (err == nil || noPlace(err)) {
		c, err = a.backAnywhere(plan, by, done)
	}
	if err != nil {
		return nil, err
	}
	over := *done
	over.Undone, over.UndoneBy = a.desk.now().UTC(), by.Subject
	c.Notes = append(c.Notes, note.changed(&over))
	c.Events = append(a.moveEvents(c, by, RideMoved, "undo"), Event{Actor: by.Subject, Kind: OverrideUndone, Shift: done.From, Detail: string(id)})
	c.Reply = []byte(id)
	return c, nil
}

// whole reports whether an order has every ride that moves: of a shift that did not take place when the override was made, none was
// written down.
func (p *arrangement) whole() bool {
	return !slices.ContainsFunc(p.Moved, func(id RideID) bool {
		return !slices.ContainsFunc(p.Orders, func(o ShiftOrder) bool {
			return slices.ContainsFunc(o.Stops, func(s StopID) bool { return s.Ride == id })
		})
	})
}

// former is the arrangement of before an override, with what has come since. a.mu is held.
func (a *areaDay) former(done *Intervention) (*arrangement, error) {
	plan := &arrangement{To: done.From, Promises: map[RideID]Promise{}, Locks: map[RideID]Locks{}}
	for _, m := range done.Moved {
		ride, err := a.changeable(m.Ride, 0)
		if err != nil {
			return nil, err
		}
		route := a.state.RouteOf(m.Ride)
		if ride.Promise != m.After || route == nil || route.Shift != m.To {
			return nil, fmt.Errorf("%w: ride %s", ErrChanged, m.Ride)
		}
		if m.From == "" {
			return nil, fmt.Errorf("%w: ride %s had no vehicle before", ErrWrongState, m.Ride)
		}
		plan.Promises[m.Ride], plan.Locks[m.Ride] = m.Before, m.Locks
		if m.From != m.To || m.Ride == done.Ride {
			plan.Moved = append(plan.Moved, m.Ride)
		}
	}
	for _, o := range done.Before {
		plan.Orders = append(plan.Orders, a.merged(o, plan, done))
	}
	return plan, nil
}

// merged is the order of a shift before an override, without what is over and with what has come since where it is now. a.mu is
// held.
func (a *areaDay) merged(before ShiftOrder, plan *arrangement, done *Intervention) ShiftOrder {
	route := a.routeLocked(before.Shift)
	now := stopIDs(route.Stops[route.Executed():])
	now = slices.DeleteFunc(now, func(s StopID) bool { return slices.Contains(plan.Moved, s.Ride) })
	comes := func(s StopID) bool {
		return slices.ContainsFunc(done.Moved, func(m MovedRide) bool {
			return m.Ride == s.Ride && m.From == before.Shift && slices.Contains(plan.Moved, m.Ride)
		})
	}
	list := slices.DeleteFunc(slices.Clone(before.Stops), func(s StopID) bool { return !slices.Contains(now, s) && !comes(s) })
	for k, s := range now {
		if slices.Contains(list, s) {
			continue
		}
		at := 0
		if k > 0 {
			at = slices.Index(list, now[k-1]) + 1
		}
		list = slices.Insert(list, at, s)
	}
	return ShiftOrder{before.Shift, list}
}

// backAnywhere gives the rides back to their shifts of before, where that costs least, when the order of before is not possible.
// a.mu is held.
func (a *areaDay) backAnywhere(plan *arrangement, by Actor, done *Intervention) (*Commit, error) {
	moved, changed, err := a.arranged(plan, by, false)
	if err != nil {
		return nil, err
	}
	s, err := a.sketchWith(changed, plan.Moved...)
	if err != nil {
		return nil, err
	}
	for _, r := range moved {
		i := slices.IndexFunc(done.Moved, func(m MovedRide) bool { return m.Ride == r.ID })
		from, runs := a.byShift[done.Moved[i].From]
		if !runs {
			return nil, fmt.Errorf("%w: shift %s", ErrChanged, done.Moved[i].From)
		}
		v := solver.Vehicle(from)
		if err := s.place(r, solver.Query{Vehicles: []solver.Vehicle{v}}); err != nil {
			return nil, &RefusedError{a.whyNot(s, r, v)}
		}
	}
	s.rides = append(s.rides, changed...)
	return s.commit(), nil
}

// whyNot is why a ride has no place on a shift in the sketch. a.mu is held.
func (a *areaDay) whyNot(s *sketch, r *Ride, v solver.Vehicle) []Refusal {
	number, err := s.m.problem.Extend(a.spec(s.m, r))
	if err != nil {
		return refusals{}.list()
	}
	defer s.m.problem.Withdraw()
	rs := refusals{}
	causes, _ := s.m.inserter.Explain(s.m.solution, solver.Query{Request: number, Vehicles: []solver.Vehicle{v}}, nil, nil)
	for i := range causes {
		rs.add(a.refusal(s.m, r, &causes[i]))
	}
	return rs.list()
}
