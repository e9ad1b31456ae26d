package fleetstore_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/vehicles"
)

func calendarIsReadAsSaved(t *testing.T, client redis.UniversalClient) {
	s := newStore(t, client)
	if got, err := s.Calendar(t.Context(), area); got != nil || err != nil {
		t.Fatalf("a calendar before any was saved: %+v, %v", got, err)
	}
	want := &vehicles.Calendar{
		Templates: []vehicles.ShiftTemplate{{ID: "S-01", Vehicle: "V-01", Driver: "D-001", Span: vehicles.Span{Start: 28_800, End: 61_200}}},
		Rounds:    []vehicles.ProtectedRound{{Vehicle: "V-01", Days: vehicles.DayPattern{Weekdays: vehicles.On(time.Monday)}, Span: vehicles.Span{Start: 30_000, End: 34_000}}},
	}
	if err := s.SaveCalendar(t.Context(), area, want); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]func(c *vehicles.Calendar){
		"a repeated shift": func(c *vehicles.Calendar) { c.Templates = append(c.Templates, c.Templates[0]) },
		"a span turned":    func(c *vehicles.Calendar) { c.Templates[0].Span.End = 0 },
		"a date that isn't": func(c *vehicles.Calendar) {
			c.Leaves = []vehicles.Leave{{Driver: "D-001", Dates: vehicles.Dates{From: "2026-02-30"}}}
		},
		"nobody's leave": func(c *vehicles.Calendar) { c.Leaves = []vehicles.Leave{{}} },
	} {
		changed := *want
		changed.Templates = append([]vehicles.ShiftTemplate(nil), want.Templates...)
		bad(&changed)
		if err := s.SaveCalendar(t.Context(), area, &changed); err == nil {
			t.Errorf("%s was saved", name)
		}
	}
	got, err := s.Calendar(t.Context(), area)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("calendar (-want +got):\n%s", diff)
	}
}
