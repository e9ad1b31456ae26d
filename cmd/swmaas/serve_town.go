package main

import (
	"context"
	"fmt"

	"github.com/swmaas/swmaas/dispatch/sim/town"
)

// townSeed: the town that serve --town shows is always the same one.
const townSeed = 1

// settle fills the area of the demo town with its fleet, its calendar, by which every day has the same shifts, and its riders. What is
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
	return e.settleRiders(ctx, t)
}

// settleRiders fills the register and the gazetteer of the demo town where there is none yet. Somebody who was erased stays so.
func (e *engine) settleRiders(ctx context.Context, t *town.Town) error {
	_, revision, err := e.places.Places(ctx, town.Area, 0)
	if err != nil {
		return fmt.Errorf("town %s: places: %w", town.Name, err)
	}
	if revision > 0 {
		return nil
	}
	logged, err := e.places.RegisterEvents(ctx, town.Area, "", 1)
	if err == nil && len(logged) == 0 {
		_, err = e.riders.SaveAll(ctx, "town", t.Register())
	}
	if err != nil {
		return fmt.Errorf("town %s: register: %w", town.Name, err)
	}
	places, err := t.Places()
	if err == nil {
		err = e.places.SavePlaces(ctx, town.Area, places)
	}
	if err != nil {
		return fmt.Errorf("town %s: places: %w", town.Name, err)
	}
	return nil
}
