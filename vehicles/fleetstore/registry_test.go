package fleetstore_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/testdata/redistest"
	"github.com/swmaas/swmaas/vehicles"
	"github.com/swmaas/swmaas/vehicles/fleetstore"
)

// fleet is a small one that uses every field, each list in the order of the ids.
func fleet() vehicles.Fleet {
	return vehicles.Fleet{
		Facilities: []vehicles.Facility{
			{ID: "F-01", Name: "デイサービス ひまわり", At: hospital},
			{ID: "F-02", Name: "社会福祉協議会", At: unazuki},
		},
		Vehicles: []vehicles.Vehicle{
			{
				ID: "V-01", Name: "ひまわり 2号", Owner: "F-01", Home: hospital,
				Cabin:     vehicles.Cabin{{Seats: 9}, {Seats: 5, Wheelchairs: 2}, {Seats: 2, Wheelchairs: 1, Stretchers: 1}},
				Equipment: vehicles.Lift | vehicles.OxygenHolder, Dwell: vehicles.Dwell{PerStop: 20, PerWheelchair: 150}, WidthCM: 188, Welfare: true,
			},
			{ID: "V-02", Name: "軽", Owner: "F-02", Home: geo.LatLng{Lat: -36.5, Lng: -137.25}, Cabin: vehicles.Cabin{{Seats: 3}}},
		},
		Drivers: []vehicles.Driver{
			{ID: "D-001", Facility: "F-01", Class: vehicles.Employee, Licence: vehicles.SecondClass, Courses: []string{"FUKUSHI_YUSHO", "SEDAN"}},
			{ID: "D-002", Facility: "F-02", Class: vehicles.Volunteer, Licence: vehicles.FirstClass},
		},
	}
}

func shifts() []vehicles.Shift {
	return []vehicles.Shift{
		{
			ID: "S-01", Vehicle: "V-01", Driver: "D-001", Span: vehicles.Span{Start: 28_800, End: 88_200}, Start: hospital, End: unazuki,
			OwnRounds: []vehicles.Span{{Start: 30_000, End: 34_000}, {Start: 56_000, End: 60_000}},
			Breaks:    []vehicles.Break{{Window: vehicles.Span{Start: 42_000, End: 44_000}, Seconds: 3600}},
		},
		{ID: "S-02", Vehicle: "V-02", Driver: "D-002", Span: vehicles.Span{Start: 32_400, End: 61_200}, Start: unazuki, End: unazuki},
	}
}

func registryIsReadAsSaved(t *testing.T, client redis.UniversalClient) {
	s := newStore(t, client)
	requireFleet(t, s, vehicles.Fleet{Facilities: []vehicles.Facility{}, Vehicles: []vehicles.Vehicle{}, Drivers: []vehicles.Driver{}})
	if err := s.SaveFleet(t.Context(), area, fleet()); err != nil {
		t.Fatal(err)
	}
	requireFleet(t, s, fleet())

	smaller := fleet()
	smaller.Vehicles, smaller.Drivers = smaller.Vehicles[1:], []vehicles.Driver{}
	smaller.Vehicles[0].Name = "軽 (白)"
	if err := s.SaveFleet(t.Context(), area, smaller); err != nil {
		t.Fatal(err)
	}
	requireFleet(t, s, smaller)

	if err := s.SaveShifts(t.Context(), area, day, shifts()); err != nil {
		t.Fatal(err)
	}
	requireShifts(t, s, day, shifts())
	requireShifts(t, s, "2026-01-21", []vehicles.Shift{})
	if err := s.SaveShifts(t.Context(), area, day, shifts()[1:]); err != nil {
		t.Fatal(err)
	}
	requireShifts(t, s, day, shifts()[1:])
}

func requireFleet(t *testing.T, s *fleetstore.Store, want vehicles.Fleet) {
	t.Helper()
	got, err := s.Fleet(t.Context(), area)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("fleet (-want +got):\n%s", diff)
	}
}

func requireShifts(t *testing.T, s *fleetstore.Store, day string, want []vehicles.Shift) {
	t.Helper()
	got, err := s.Shifts(t.Context(), area, day)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("shifts of %s (-want +got):\n%s", day, diff)
	}
}

func TestRefusedRegistryChangesNothing(t *testing.T) {
	s := newStore(t, startMini(t))
	if err := s.SaveFleet(t.Context(), area, fleet()); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveShifts(t.Context(), area, day, shifts()); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(f *vehicles.Fleet){
		"repeated vehicle":      func(f *vehicles.Fleet) { f.Vehicles = append(f.Vehicles, f.Vehicles[0]) },
		"vehicle without owner": func(f *vehicles.Fleet) { f.Vehicles[0].Owner = "F-99" },
		"vehicle id too long":   func(f *vehicles.Fleet) { f.Vehicles[0].ID = vehicles.VehicleID(strings.Repeat("V", 65)) },
	} {
		bad := fleet()
		change(&bad)
		if err := s.SaveFleet(t.Context(), area, bad); err == nil {
			t.Errorf("%s was saved", name)
		}
	}
	if err := s.SaveShifts(t.Context(), area, day, append(shifts(), shifts()[0])); !errors.Is(err, fleetstore.ErrName) {
		t.Errorf("a repeated shift: %v; want ErrName", err)
	}
	if err := s.SaveShifts(t.Context(), area, day, []vehicles.Shift{{ID: "S-9"}}); err == nil {
		t.Error("a shift without a vehicle was saved")
	}
	if err := s.SaveShifts(t.Context(), area, "tomorrow", shifts()); !errors.Is(err, fleetstore.ErrName) {
		t.Errorf("a day that is no date: %v; want ErrName", err)
	}
	requireFleet(t, s, fleet())
	requireShifts(t, s, day, shifts())
}

func newestStatusStays(t *testing.T, client redis.UniversalClient) {
	s := newStore(t, client)
	at := func(seconds int, status vehicles.Status) vehicles.StatusReport {
		return vehicles.StatusReport{Vehicle: "V-01", Status: status, Seen: noon.Add(time.Duration(seconds) * time.Second)}
	}
	for _, step := range []struct {
		report vehicles.StatusReport
		stored bool
		stays  vehicles.StatusReport
	}{
		{at(-30, vehicles.Available), true, at(-30, vehicles.Available)},
		{at(-40, vehicles.OffDuty), false, at(-30, vehicles.Available)},
		{at(-30, vehicles.OutOfOrder), false, at(-30, vehicles.Available)},
		{at(-10, vehicles.OnRoute), true, at(-10, vehicles.OnRoute)},
	} {
		stored, err := s.SetStatus(t.Context(), area, step.report)
		if err != nil || stored != step.stored {
			t.Fatalf("%+v: stored %v, %v; want %v", step.report, stored, err, step.stored)
		}
		all, err := s.Statuses(t.Context(), area)
		if err != nil || len(all) != 1 || all["V-01"] != step.stays {
			t.Fatalf("after %+v: %+v, %v; want %+v", step.report, all, err, step.stays)
		}
	}
}

func TestUnusableStatusIsRefused(t *testing.T) {
	s := newStore(t, startMini(t))
	for name, c := range map[string]struct {
		report vehicles.StatusReport
		want   error
	}{
		"no vehicle":      {vehicles.StatusReport{Seen: noon}, fleetstore.ErrName},
		"no such status":  {vehicles.StatusReport{Vehicle: "V-01", Status: vehicles.OutOfOrder + 1, Seen: noon}, fleetstore.ErrStatus},
		"no moment":       {vehicles.StatusReport{Vehicle: "V-01"}, fleetstore.ErrMoment},
		"from the future": {vehicles.StatusReport{Vehicle: "V-01", Seen: noon.Add(time.Hour)}, fleetstore.ErrAhead},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := s.SetStatus(t.Context(), area, c.report); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestRegistrySurvivesAKilledServerAndPositionsLiveElsewhere(t *testing.T) {
	durable := redistest.New(t)
	live := startRedis(t)
	s, err := fleetstore.New(onSocket(t, durable.Socket), live, fleetstore.Config{Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SaveFleet(t.Context(), area, fleet()); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveShifts(t.Context(), area, day, shifts()); err != nil {
		t.Fatal(err)
	}
	report(t, s, vehicles.Position{Vehicle: "V-01", At: hospital, Seen: noon})
	durable.Restart()
	requireFleet(t, s, fleet())
	requireShifts(t, s, day, shifts())
	if _, err := s.Position(t.Context(), area, "V-01"); err != nil {
		t.Errorf("the live server's position: %v", err)
	}
	requireIndexed(t, live, []vehicles.Position{{Vehicle: "V-01"}})
}

func TestFaultOfTheServerIsPassedOn(t *testing.T) {
	client := startMini(t)
	s := newStore(t, client)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range map[string]func() error{
		"save fleet":  func() error { return s.SaveFleet(ctx, area, fleet()) },
		"fleet":       func() error { return second(s.Fleet(ctx, area)) },
		"save shifts": func() error { return s.SaveShifts(ctx, area, day, shifts()) },
		"shifts":      func() error { return second(s.Shifts(ctx, area, day)) },
		"status": func() error {
			return second(s.SetStatus(ctx, area, vehicles.StatusReport{Vehicle: "V-01", Seen: noon}))
		},
		"statuses": func() error { return second(s.Statuses(ctx, area)) },
		"report": func() error {
			return second(s.Report(ctx, area, []vehicles.Position{{Vehicle: "V-01", At: hospital, Seen: noon}}))
		},
		"position":  func() error { return second(s.Position(ctx, area, "V-01")) },
		"positions": func() error { return second(s.Positions(ctx, area)) },
		"forget":    func() error { return second(s.Forget(ctx, area, noon)) },
		"nearest":   func() error { return second(s.Nearest(ctx, area, hospital, 1, nil)) },
		"within":    func() error { return second(s.Within(ctx, area, hospital, 9000, nil)) },
	} {
		t.Run(name, func(t *testing.T) {
			if err := call(); !errors.Is(err, context.Canceled) || !strings.HasPrefix(err.Error(), "fleetstore: ") {
				t.Errorf("got %v, want the context's error with what was tried", err)
			}
		})
	}
}
