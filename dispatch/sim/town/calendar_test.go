package town

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

func TestTheCalendarsShiftsOfAnyDayAreTheTowns(t *testing.T) {
	for seed := range uint64(3) {
		town, err := Generate(seed)
		if err != nil {
			t.Fatal(err)
		}
		for _, day := range []vehicles.Date{vehicles.Date(town.Day), "2026-11-22", "2026-11-23"} {
			shifts, problems := town.Calendar().Shifts(day)
			if len(problems) > 0 {
				t.Fatalf("seed %d: %v", seed, problems)
			}
			byID := cmpopts.SortSlices(func(a, b vehicles.Shift) bool { return a.ID < b.ID })
			if diff := cmp.Diff(town.Shifts, shifts, byID, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("seed %d, %s (-want +got):\n%s", seed, day, diff)
			}
		}
	}
}

func TestTheRegisterKnowsItsRidersAndNobodyElse(t *testing.T) {
	town, err := Generate(1)
	if err != nil {
		t.Fatal(err)
	}
	listed := 0
	for i := range town.Riders {
		p, err := town.Profile(t.Context(), Area, town.Riders[i].ID)
		if err != nil {
			t.Fatal(err)
		}
		if chair := town.Riders[i].Party.Load.Wheelchairs > 0; chair && len(p.Facts.Categories) == 0 {
			t.Errorf("rider %s rides in a wheelchair and has no category", town.Riders[i].ID)
		}
		listed += len(p.Facts.Listed)
	}
	if listed == 0 || listed == len(town.Riders) {
		t.Errorf("%d of %d riders are on the list of the registration", listed, len(town.Riders))
	}
	for _, id := range []dispatch.RiderID{"R-0000", "R-9999", "R-1", "other-R-0001", ""} {
		if p, err := town.Profile(t.Context(), Area, id); err == nil {
			t.Errorf("rider %q is known: %+v", id, p)
		}
	}
	if _, err := town.Profile(t.Context(), "elsewhere", "R-0001"); err == nil {
		t.Error("a rider of another area is known")
	}
}
