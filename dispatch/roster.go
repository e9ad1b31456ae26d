package dispatch

import (
	"context"
	"fmt"
	"slices"

	"github.com/swmaas/swmaas/vehicles"
)

// roster is the fleet of an area with its papers and credentials, the shifts of one day, own rounds still in them, and what
// stands in the way of shifts. Shifts that were saved for the day hold as they are; for any other day they come from the
// calendar.
func (d *Desk) roster(ctx context.Context, key AreaDay) (*vehicles.Calendar, []vehicles.Shift, []vehicles.Problem, error) {
	fleet, err := d.fleet.Fleet(ctx, string(key.Area))
	if err != nil {
		return nil, nil, nil, err
	}
	saved, err := d.fleet.Shifts(ctx, string(key.Area), string(key.Day))
	if err != nil {
		return nil, nil, nil, err
	}
	calendar := &vehicles.Calendar{}
	if d.cfg.Calendars != nil {
		if known, err := d.cfg.Calendars.Calendar(ctx, string(key.Area)); err != nil {
			return nil, nil, nil, err
		} else if known != nil {
			calendar = known
		}
	}
	calendar.Fleet = fleet
	calendar.Holiday = func(day vehicles.Date) bool { return d.off()[Day(day)] }
	if len(saved) > 0 {
		return calendar, saved, nil, nil
	}
	shifts, problems := calendar.Shifts(vehicles.Date(key.Day))
	return calendar, shifts, problems, nil
}

// Roster is the shifts of a day as their owners see them, own rounds still in them: those that were saved for the day, or
// else those of the calendar.
func (d *Desk) Roster(ctx context.Context, area AreaID, day Day) ([]vehicles.Shift, error) {
	if _, err := d.Midnight(day); err != nil {
		return nil, err
	}
	_, shifts, _, err := d.roster(ctx, AreaDay{area, day})
	if err != nil {
		return nil, fmt.Errorf("dispatch: shifts of %s %s: %w", area, day, err)
	}
	return shifts, nil
}

// Problems lists what keeps shifts of a day from taking place, or parts of them, as the calendar finds it, in its order. A day
// whose shifts were saved one by one has none.
func (d *Desk) Problems(ctx context.Context, area AreaID, day Day) ([]vehicles.Problem, error) {
	a, err := d.open(ctx, area, day)
	if err != nil {
		return nil, err
	}
	return slices.Clone(a.problems), nil
}

// Expiring lists the papers of vehicles and drivers of an area that have run out, or will within so many days of the day, the
// soonest first.
func (d *Desk) Expiring(ctx context.Context, area AreaID, day Day, days int) ([]vehicles.Problem, error) {
	if _, err := d.Midnight(day); err != nil {
		return nil, err
	}
	if d.cfg.Calendars == nil {
		return nil, nil
	}
	calendar, err := d.cfg.Calendars.Calendar(ctx, string(area))
	if err != nil || calendar == nil {
		return nil, err
	}
	return calendar.Expiring(vehicles.Date(day), days), nil
}
