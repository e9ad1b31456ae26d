package main

import (
	"context"
	"fmt"

	"github.com/swmaas/swmaas/dispatch/sim/town"
)

// townSeed: the town that serve --town shows is always the same one.
const townSeed = 1

// settle fills the area of the demo town with its fleet and its calendar, by which every day has the same shifts. What is
// there already stays.
func (e *engine) settle(ctx context.Context, t *town.Town) error {
	area := string(town.Area)
	fleet, err := e.fleet.Fleet(ctx, area)
	if err == nil && len(fleet.Vehicles) == 0 {
		err = e.fleet.SaveFleet(ctx, area, t.Fleet)
	}
	if err != nil {
		return fmt.Errorf("town %s: %w", town.Name, err)
	}
	calendar, err := e.fleet.Calendar(ctx, area)
	if err == nil && calendar == nil {
		err = e.fleet.SaveCalendar(ctx, area, t.Calendar())
	}
	if err != nil {
		return fmt.Errorf("town %s: calendar: %w", town.Name, err)
	}
	return nil
}
