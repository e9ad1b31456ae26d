package dispatch

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/swmaas/swmaas/vehicles"
)

// GarageStore keeps fleets and calendars; vehicles/fleetstore implements it on Redis. Its edits are given what is kept as it is
// now, may be made more than once, and end with the error of the change.
type GarageStore interface {
	FleetStore
	Calendars
	EditFleet(ctx context.Context, area string, change func(*vehicles.Fleet) error) error
	EditCalendar(ctx context.Context, area string, change func(*vehicles.Calendar) error) error
}

// PlannedDays tells which days have been planned; dispatch/planstore implements it.
type PlannedDays interface {
	Days(ctx context.Context) ([]AreaDay, error)
	Load(ctx context.Context, area AreaID, day Day) (*State, error)
}

// Garage changes what areas know of their vehicles and drivers ahead of time. It refuses what would take a vehicle or driver
// away from rides that are planned with them: those are moved first. Safe for concurrent use.
type Garage struct {
	desk  *Desk // immutable, as all
	store GarageStore
	days  PlannedDays
}

// NewGarage returns the garage of a desk.
func NewGarage(desk *Desk, store GarageStore, days PlannedDays) *Garage {
	return &Garage{desk: desk, store: store, days: days}
}

// Fleet is the fleet of an area.
func (g *Garage) Fleet(ctx context.Context, area AreaID) (vehicles.Fleet, error) {
	return g.store.Fleet(ctx, string(area))
}

// Calendar is the calendar of an area, without fleet and holidays; empty where there is none. The caller owns it.
func (g *Garage) Calendar(ctx context.Context, area AreaID) (*vehicles.Calendar, error) {
	c, err := g.store.Calendar(ctx, string(area))
	if c == nil {
		c = &vehicles.Calendar{}
	}
	return c, err
}

// EditFleet changes the fleet of an area; change may be called more than once and its error ends the edit. Errors: ErrInvalid,
// ErrWorkPlanned, or the store's.
func (g *Garage) EditFleet(ctx context.Context, area AreaID, change func(*vehicles.Fleet) error) error {
	calendar, err := g.Calendar(ctx, area)
	if err != nil {
		return err
	}
	err = g.store.EditFleet(ctx, string(area), func(f *vehicles.Fleet) error {
		before := vehicles.Fleet{Facilities: slices.Clone(f.Facilities), Vehicles: slices.Clone(f.Vehicles), Drivers: slices.Clone(f.Drivers)}
		if err := change(f); err != nil {
			return err
		}
		if err := f.Validate(); err != nil {
			return fmt.Errorf("%w: %w", ErrInvalid, err)
		}
		return g.mayChange(ctx, area, &roster{before, calendar}, &roster{*f, calendar})
	})
	if err != nil {
		return err
	}
	return g.desk.Reload(ctx, area)
}

// EditCalendar changes the calendar of an area in the manner of EditFleet.
func (g *Garage) EditCalendar(ctx context.Context, area AreaID, change func(*vehicles.Calendar) error) error {
	fleet, err := g.Fleet(ctx, area)
	if err != nil {
		return err
	}
	err = g.store.EditCalendar(ctx, string(area), func(c *vehicles.Calendar) error {
		before, err := g.Calendar(ctx, area)
		if err != nil {
			return err
		}
		if err := change(c); err != nil {
			return err
		}
		if err := c.Validate(); err != nil {
			return fmt.Errorf("%w: %w", ErrInvalid, err)
		}
		return g.mayChange(ctx, area, &roster{fleet, before}, &roster{fleet, c})
	})
	if err != nil {
		return err
	}
	return g.desk.Reload(ctx, area)
}

// roster is who could drive what.
type roster struct {
	fleet    vehicles.Fleet
	calendar *vehicles.Calendar
}

func (r *roster) shifts(d *Desk, day Day) []vehicles.Shift {
	c := *r.calendar
	c.Fleet, c.Holiday = r.fleet, func(day vehicles.Date) bool { return d.off()[Day(day)] }
	shifts, _ := c.Shifts(vehicles.Date(day))
	return shifts
}

// parts is the gap-free shifts of a day, by id.
func (r *roster) parts(d *Desk, day Day, saved []vehicles.Shift) map[vehicles.ShiftID]vehicles.Shift {
	if len(saved) == 0 {
		saved = r.shifts(d, day)
	}
	parts := map[vehicles.ShiftID]vehicles.Shift{}
	for _, s := range saved {
		for _, part := range s.Split(d.cfg.Rules.MinShift) {
			parts[part.ID] = part
		}
	}
	return parts
}

func (r *roster) vehicle(id vehicles.VehicleID) vehicles.Vehicle {
	for i := range r.fleet.Vehicles {
		if v := r.fleet.Vehicles[i]; v.ID == id {
			v.Name, v.Owner = "", ""
			return v
		}
	}
	return vehicles.Vehicle{}
}

// mayChange fails with ErrWorkPlanned where a shift that has open stops, today or later, would not be driven any more as it is
// planned.
func (g *Garage) mayChange(ctx context.Context, area AreaID, before, after *roster) error {
	days, err := g.days.Days(ctx)
	if err != nil {
		return err
	}
	today := Day(g.desk.now().In(g.desk.cfg.Zone).Format(time.DateOnly))
	var faults []error
	for _, day := range days {
		if day.Area != area || day.Day < today {
			continue
		}
		saved, err := g.store.Shifts(ctx, string(area), string(day.Day))
		if err != nil {
			return err
		}
		was, will := before.parts(g.desk, day.Day, saved), after.parts(g.desk, day.Day, saved)
		if reflect.DeepEqual(was, will) && reflect.DeepEqual(before.fleet.Vehicles, after.fleet.Vehicles) {
			continue
		}
		state, err := g.days.Load(ctx, area, day.Day)
		if err != nil {
			return err
		}
		for _, id := range slices.Sorted(shiftsWithWork(state)) {
			old, fresh := was[id], will[id]
			if !covers(fresh, old) || !reflect.DeepEqual(before.vehicle(old.Vehicle), after.vehicle(old.Vehicle)) {
				faults = append(faults, fmt.Errorf("%w: shift %s on %s", ErrWorkPlanned, id, day.Day))
			}
		}
	}
	return errors.Join(faults[:min(len(faults), mostFaults)]...)
}

// shiftsWithWork yields the shifts that have a stop which is not finished.
func shiftsWithWork(s *State) func(yield func(vehicles.ShiftID) bool) {
	return func(yield func(vehicles.ShiftID) bool) {
		for id, route := range s.Routes {
			open := slices.ContainsFunc(route.Stops, func(x Stop) bool { return x.State != Done && x.State != Skipped })
			if open && !yield(id) {
				return
			}
		}
	}
}

// covers reports whether whatever one shift has planned can be driven in another.
func covers(s, of vehicles.Shift) bool {
	return s.ID == of.ID && s.Vehicle == of.Vehicle && s.Driver == of.Driver && s.Start == of.Start && s.End == of.End &&
		s.Span.Start <= of.Span.Start && s.Span.End >= of.Span.End
}
