package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/sim/town"
	"github.com/swmaas/swmaas/routing/geo"
)

// townSeed: the town that serve --town shows is always the same one.
const townSeed = 1

// settle fills the area of the demo town with its entry, its fleet, its calendar, by which every day has the same shifts, and its riders. What
// is there already stays.
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
	if err := e.settleEntry(ctx, t); err != nil {
		return fmt.Errorf("town %s: entry: %w", town.Name, err)
	}
	return e.settleRiders(ctx, t)
}

// townPhone is the number of the demo town's office: no line begins with 00 after its area code, so that nobody is rung up.
const townPhone = "+81765000000"

// settleEntry enters the demo town where it is not entered. Its office is at the first facility, and the box around its facilities and riders.
func (e *engine) settleEntry(ctx context.Context, t *town.Town) error {
	if _, err := e.plans.Area(ctx, town.Area); !errors.Is(err, dispatch.ErrNotFound) {
		return err
	}
	entry := dispatch.Area{ID: town.Area, Name: "黒部市", Municipality: "162078", OfficePhone: townPhone, Office: t.Fleet.Facilities[0].At}
	entry.SouthWest, entry.NorthEast = entry.Office, entry.Office
	reach := func(p geo.LatLng) {
		entry.SouthWest = geo.LatLng{Lat: min(entry.SouthWest.Lat, p.Lat), Lng: min(entry.SouthWest.Lng, p.Lng)}
		entry.NorthEast = geo.LatLng{Lat: max(entry.NorthEast.Lat, p.Lat), Lng: max(entry.NorthEast.Lng, p.Lng)}
	}
	for _, f := range t.Fleet.Facilities {
		reach(f.At)
	}
	for i := range t.Riders {
		reach(t.Riders[i].Home.At)
	}
	_, err := dispatch.NewAreaOffice(e.plans, e.desk).Save(ctx, dispatch.Actor{Subject: "town"}, entry)
	return err
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
