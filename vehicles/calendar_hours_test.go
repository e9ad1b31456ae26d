package vehicles_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

func TestCapsCutWhatADriverMayNotWork(t *testing.T) {
	home := geo.LatLng{Lat: 36.87, Lng: 137.45}
	fleet := vehicles.Fleet{
		Facilities: []vehicles.Facility{{ID: "F-1", At: home}},
		Vehicles:   []vehicles.Vehicle{{ID: "V-1", Owner: "F-1", Home: home, Cabin: vehicles.Cabin{{Seats: 4}}}, {ID: "V-2", Owner: "F-1", Home: home, Cabin: vehicles.Cabin{{Seats: 4}}}},
		Drivers:    []vehicles.Driver{{ID: "D-1", Facility: "F-1"}},
	}
	template := func(id vehicles.ShiftID, v vehicles.VehicleID, from, to int32) vehicles.ShiftTemplate {
		return vehicles.ShiftTemplate{ID: id, Vehicle: v, Driver: "D-1", Days: vehicles.DayPattern{Holidays: true}, Span: vehicles.Span{Start: at(from, 0), End: at(to, 0)}}
	}
	for name, c := range map[string]struct {
		caps   vehicles.WorkCaps
		leave  vehicles.Span
		shifts []vehicles.ShiftTemplate
		want   string
	}{
		"no cap": {vehicles.WorkCaps{}, vehicles.Span{}, []vehicles.ShiftTemplate{template("S-1", "V-1", 8, 22)}, "S-1 8-22"},
		// 8:00 + 10 h = 18:00
		"a long day ends where the cap says": {vehicles.WorkCaps{Day: at(10, 0)}, vehicles.Span{}, []vehicles.ShiftTemplate{template("S-1", "V-1", 8, 22)}, "S-1 8-18 DRIVER_HOURS"},
		// the day begins with the first shift: 8:00 + 10 h = 18:00 in the second one
		"two shifts are one day": {
			vehicles.WorkCaps{Day: at(10, 0)},
			vehicles.Span{},
			[]vehicles.ShiftTemplate{template("S-1", "V-1", 8, 12), template("S-2", "V-2", 14, 20)},
			"S-1 8-12 S-2 14-18 DRIVER_HOURS",
		},
		// away until 12:00: the day begins then
		"a day begins when the driver comes": {
			vehicles.WorkCaps{Day: at(10, 0)},
			vehicles.Span{Start: at(8, 0), End: at(12, 0)},
			[]vehicles.ShiftTemplate{template("S-1", "V-1", 8, 22)},
			"S-1 12-22 DRIVER_AWAY",
		},
		// yesterday until 22:00, 11 h later it is 9:00
		"rest since the day before": {vehicles.WorkCaps{Rest: at(11, 0)}, vehicles.Span{}, []vehicles.ShiftTemplate{template("S-1", "V-1", 8, 22)}, "S-1 9-22 DRIVER_REST"},
		// yesterday from 8:00 for 13 h until 21:00 by the cap; 12 h later it is 9:00, and 13 h after that 22:00
		"both":                       {vehicles.WorkCaps{Day: at(13, 0), Rest: at(12, 0)}, vehicles.Span{}, []vehicles.ShiftTemplate{template("S-1", "V-1", 8, 23)}, "S-1 9-22 DRIVER_HOURS DRIVER_REST"},
		"a last day that has passed": {vehicles.WorkCaps{Until: "2026-01-19"}, vehicles.Span{}, []vehicles.ShiftTemplate{template("S-1", "V-1", 8, 17)}, "DRIVER_OVER"},
		"a last day that is today":   {vehicles.WorkCaps{Until: "2026-01-20"}, vehicles.Span{}, []vehicles.ShiftTemplate{template("S-1", "V-1", 8, 17)}, "S-1 8-17"},
	} {
		calendar := &vehicles.Calendar{Fleet: fleet, Templates: c.shifts, Credentials: []vehicles.Credentials{{Person: "D-1", Caps: c.caps}}}
		if c.leave != (vehicles.Span{}) {
			calendar.Leaves = []vehicles.Leave{{Driver: "D-1", Dates: vehicles.Dates{From: "2026-01-20", To: "2026-01-20"}, Span: c.leave}}
		}
		shifts, problems := calendar.Shifts("2026-01-20")
		if got := worded(shifts, problems); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// worded is shifts as "S-1 8-17" and the kinds of the problems, each once and in order.
func worded(shifts []vehicles.Shift, problems []vehicles.Problem) string {
	var words []string
	for _, s := range shifts {
		words = append(words, fmt.Sprintf("%s %d-%d", s.ID, s.Span.Start/3600, s.Span.End/3600))
	}
	var kinds []string
	for _, p := range problems {
		kinds = append(kinds, string(p.Kind))
	}
	slices.Sort(kinds)
	return strings.Join(append(words, slices.Compact(kinds)...), " ")
}

func TestFurtherWorkIsHeldAgainstTheCapsWithWhatTheCalendarHas(t *testing.T) {
	home := geo.LatLng{Lat: 36.87, Lng: 137.45}
	calendar := func(caps vehicles.WorkCaps) *vehicles.Calendar {
		return &vehicles.Calendar{
			Fleet: vehicles.Fleet{
				Facilities: []vehicles.Facility{{ID: "F-1", At: home}},
				Vehicles:   []vehicles.Vehicle{{ID: "V-1", Owner: "F-1", Home: home, Cabin: vehicles.Cabin{{Seats: 4}}}},
				Drivers:    []vehicles.Driver{{ID: "D-1", Facility: "F-1"}},
			},
			Templates: []vehicles.ShiftTemplate{{
				ID: "S-1", Vehicle: "V-1", Driver: "D-1", Days: vehicles.DayPattern{Holidays: true}, Span: vehicles.Span{Start: at(8, 0), End: at(12, 0)},
			}},
			Credentials: []vehicles.Credentials{{Person: "D-1", Caps: caps}},
		}
	}
	for name, c := range map[string]struct {
		caps vehicles.WorkCaps
		span vehicles.Span
		want []vehicles.ProblemKind
	}{
		"no caps":                             {vehicles.WorkCaps{}, vehicles.Span{Start: at(5, 0), End: at(23, 0)}, nil},
		"8:00 to 18:00 with a cap of 10 h":    {vehicles.WorkCaps{Day: at(10, 0)}, vehicles.Span{Start: at(14, 0), End: at(18, 0)}, nil},
		"a minute longer":                     {vehicles.WorkCaps{Day: at(10, 0)}, vehicles.Span{Start: at(14, 0), End: at(18, 1)}, []vehicles.ProblemKind{vehicles.HoursOver}},
		"before the rest since 12:00 is over": {vehicles.WorkCaps{Rest: at(19, 0)}, vehicles.Span{Start: at(6, 59), End: at(8, 0)}, []vehicles.ProblemKind{vehicles.RestShort}},
		"once it is over":                     {vehicles.WorkCaps{Rest: at(19, 0)}, vehicles.Span{Start: at(7, 0), End: at(8, 0)}, nil},
		"after the last day":                  {vehicles.WorkCaps{Until: "2026-01-19"}, vehicles.Span{Start: at(14, 0), End: at(15, 0)}, []vehicles.ProblemKind{vehicles.DrivesNoMore}},
	} {
		if got := calendar(c.caps).OverCaps("2026-01-20", "D-1", c.span); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	if got := calendar(vehicles.WorkCaps{Day: at(1, 0)}).OverCaps("2026-01-20", "D-9", vehicles.Span{Start: 0, End: at(24, 0)}); got != nil {
		t.Errorf("somebody without caps: %v", got)
	}
}
