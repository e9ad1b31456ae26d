package main

import (
	"context"
	"fmt"
	"time"

	"github.com/swmaas/swmaas/dispatch/sim/town"
)

// townSeed and townDays: the town that serve --town shows is always the same one, with shifts for today and the days after.
const (
	townSeed = 1
	townDays = 14
)

// settle fills the area of the demo town: its fleet where the area has none, and shifts for every one of the coming days
// that has none. What is there already stays.
func (e *engine) settle(ctx context.Context, t *town.Town, today time.Time) error {
	area := string(town.Area)
	fleet, err := e.fleet.Fleet(ctx, area)
	if err != nil {
		return fmt.Errorf("town %s: %w", town.Name, err)
	}
	if len(fleet.Vehicles) == 0 {
		if err := e.fleet.SaveFleet(ctx, area, t.Fleet); err != nil {
			return fmt.Errorf("town %s: %w", town.Name, err)
		}
	}
	for i := range townDays {
		day := today.In(e.desk.Zone()).AddDate(0, 0, i).Format(time.DateOnly)
		shifts, err := e.fleet.Shifts(ctx, area, day)
		if err == nil && len(shifts) == 0 {
			err = e.fleet.SaveShifts(ctx, area, day, t.Shifts)
		}
		if err != nil {
			return fmt.Errorf("town %s: shifts of %s: %w", town.Name, day, err)
		}
	}
	return nil
}
