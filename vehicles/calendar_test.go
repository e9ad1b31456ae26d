package vehicles_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

const (
	tuesday  = vehicles.Date("2027-01-12")
	saturday = vehicles.Date("2027-01-16")
)

func hours(from, to int32) vehicles.Span { return vehicles.Span{Start: from * 3600, End: to * 3600} }

// weekdays is Monday to Friday, not on holidays.
func weekdays() vehicles.DayPattern {
	return vehicles.DayPattern{Weekdays: vehicles.On(time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday)}
}

// calendar is two vans with a driver each; V-1 has a template from 8 to 17.
func calendar(change func(c *vehicles.Calendar)) *vehicles.Calendar {
	home := geo.LatLng{Lat: 36.87, Lng: 137.45}
	cabin := vehicles.Cabin{{Seats: 4}}
	c := &vehicles.Calendar{
		Fleet: vehicles.Fleet{
			Facilities: []vehicles.Facility{{ID: "F-1", At: home}},
			Vehicles:   []vehicles.Vehicle{{ID: "V-1", Owner: "F-1", Home: home, Cabin: cabin}, {ID: "V-2", Owner: "F-1", Home: home, Cabin: cabin}},
			Drivers:    []vehicles.Driver{{ID: "D-1", Facility: "F-1"}, {ID: "D-2", Facility: "F-1"}},
		},
		Templates: []vehicles.ShiftTemplate{{ID: "S-1", Vehicle: "V-1", Driver: "D-1", Days: weekdays(), Span: hours(8, 17)}},
	}
	change(c)
	return c
}

// summary is shifts and problems in short: "S-1 V-1 D-1 8-17" and "DRIVER_AWAY S-1".
func summary(shifts []vehicles.Shift, problems []vehicles.Problem) []string {
	var out []string
	for _, s := range shifts {
		line := fmt.Sprintf("%s %s %s %d-%d", s.ID, s.Vehicle, s.Driver, s.Span.Start/3600, s.Span.End/3600)
		for _, r := range s.OwnRounds {
			line += fmt.Sprintf(" round %d-%d", r.Start/60, r.End/60)
		}
		out = append(out, line)
	}
	for _, p := range problems {
		out = append(out, fmt.Sprintf("%s %s", p.Kind, p.Shift))
	}
	return out
}

// Long because the table of what stands in the way of a shift reads best in one piece.
func TestCalendarDayIsWhatIsPlannedLessWhatStandsInTheWay(t *testing.T) {
	window := vehicles.ShareWindow{ID: "W-2", Vehicle: "V-2", Driver: "D-2", Days: weekdays(), Span: hours(9, 16)}
	for name, c := range map[string]struct {
		day    vehicles.Date
		change func(c *vehicles.Calendar)
		want   []string
	}{
		"a weekday has the template's shift": {tuesday, func(*vehicles.Calendar) {}, []string{"S-1 V-1 D-1 8-17"}},
		"a Saturday is not in the pattern":   {saturday, func(*vehicles.Calendar) {}, nil},
		"a holiday has none":                 {tuesday, func(c *vehicles.Calendar) { c.Holiday = func(vehicles.Date) bool { return true } }, nil},
		"a holiday pattern works on holidays": {tuesday, func(c *vehicles.Calendar) {
			c.Holiday, c.Templates[0].Days.Holidays = func(vehicles.Date) bool { return true }, true
		}, []string{"S-1 V-1 D-1 8-17"}},
		"a template ends with its dates": {tuesday, func(c *vehicles.Calendar) { c.Templates[0].Days.Dates.To = "2027-01-11" }, nil},
		"leave for the day drops the shift": {tuesday, func(c *vehicles.Calendar) {
			c.Leaves = []vehicles.Leave{{Driver: "D-1", Dates: vehicles.Dates{From: tuesday, To: tuesday}}}
		}, []string{"DRIVER_AWAY S-1"}},
		"leave at noon leaves two parts": {tuesday, func(c *vehicles.Calendar) {
			c.Leaves = []vehicles.Leave{{Driver: "D-1", Dates: vehicles.Dates{From: tuesday}, Span: hours(11, 13)}}
		}, []string{"S-1-1 V-1 D-1 8-11", "S-1-2 V-1 D-1 13-17", "DRIVER_AWAY S-1"}},
		"availability bounds the shift": {tuesday, func(c *vehicles.Calendar) {
			c.Available = []vehicles.Availability{{Driver: "D-1", Days: weekdays(), Span: hours(8, 12)}}
		}, []string{"S-1 V-1 D-1 8-12", "DRIVER_AWAY S-1"}},
		"availability on other days bounds it too": {tuesday, func(c *vehicles.Calendar) {
			c.Available = []vehicles.Availability{{Driver: "D-1", Days: vehicles.DayPattern{Weekdays: vehicles.On(time.Friday)}, Span: hours(0, 24)}}
		}, []string{"DRIVER_AWAY S-1"}},
		"a van in the workshop does not run": {tuesday, func(c *vehicles.Calendar) {
			c.Outages = []vehicles.Outage{{Vehicle: "V-1", Dates: vehicles.Dates{From: "2027-01-10", To: "2027-01-15"}, Reason: "車検"}}
		}, []string{"VEHICLE_OUT S-1"}},
		"a substitute vehicle runs instead": {tuesday, func(c *vehicles.Calendar) {
			c.Outages = []vehicles.Outage{{Vehicle: "V-1", Dates: vehicles.Dates{From: "2027-01-10", To: "2027-01-15"}}}
			c.Substitutions = []vehicles.Substitution{{Day: tuesday, Shift: "S-1", Vehicle: "V-2"}}
		}, []string{"S-1 V-2 D-1 8-17"}},
		"a substitute driver drives instead": {tuesday, func(c *vehicles.Calendar) {
			c.Leaves = []vehicles.Leave{{Driver: "D-1", Dates: vehicles.Dates{From: tuesday}}}
			c.Substitutions = []vehicles.Substitution{{Day: tuesday, Shift: "S-1", Driver: "D-2"}}
		}, []string{"S-1 V-1 D-2 8-17"}},
		"a cancelled shift is no problem": {tuesday, func(c *vehicles.Calendar) {
			c.Substitutions = []vehicles.Substitution{{Day: tuesday, Shift: "S-1", Cancelled: true}}
		}, nil},
		"a substitution for nothing is told": {tuesday, func(c *vehicles.Calendar) {
			c.Substitutions = []vehicles.Substitution{{Day: tuesday, Shift: "S-9", Driver: "D-2"}}
		}, []string{"S-1 V-1 D-1 8-17", "SUBSTITUTION_WITHOUT_SHIFT S-9"}},
		"the last day of the inspection is good": {tuesday, func(c *vehicles.Calendar) {
			c.Papers = []vehicles.Papers{{Vehicle: "V-1", Inspection: tuesday, Insurance: tuesday}}
		}, []string{"S-1 V-1 D-1 8-17"}},
		"the day after is not": {tuesday, func(c *vehicles.Calendar) {
			c.Papers = []vehicles.Papers{{Vehicle: "V-1", Inspection: "2027-01-11", Insurance: "2027-01-11"}}
		}, []string{"INSPECTION_EXPIRED S-1", "INSURANCE_EXPIRED S-1"}},
		"a licence that ran out": {tuesday, func(c *vehicles.Calendar) {
			c.Credentials = []vehicles.Credentials{{Person: "D-1", LicenceUntil: "2027-01-11"}}
		}, []string{"LICENCE_EXPIRED S-1"}},
		"a window is a shift": {tuesday, func(c *vehicles.Calendar) { c.Windows = []vehicles.ShareWindow{window} }, []string{
			"S-1 V-1 D-1 8-17", "W-2 V-2 D-2 9-16",
		}},
		"a window ends a margin before the vehicle must be back": {tuesday, func(c *vehicles.Calendar) {
			w := window
			w.BackBy, w.Margin = 15*3600, 3600
			c.Windows = []vehicles.ShareWindow{w}
		}, []string{"S-1 V-1 D-1 8-17", "W-2 V-2 D-2 9-14"}},
		"a window without a driver waits for one": {tuesday, func(c *vehicles.Calendar) {
			w := window
			w.Driver = ""
			c.Windows = []vehicles.ShareWindow{w}
		}, []string{"S-1 V-1 D-1 8-17", "NO_DRIVER W-2"}},
		"a window gets its driver by substitution": {tuesday, func(c *vehicles.Calendar) {
			w := window
			w.Driver = ""
			c.Windows = []vehicles.ShareWindow{w}
			c.Substitutions = []vehicles.Substitution{{Day: tuesday, Shift: "W-2", Driver: "D-2"}}
		}, []string{"S-1 V-1 D-1 8-17", "W-2 V-2 D-2 9-16"}},
		"rounds before and after are widened by their margins": {tuesday, func(c *vehicles.Calendar) {
			c.Windows = []vehicles.ShareWindow{window}
			c.Rounds = []vehicles.ProtectedRound{
				{Vehicle: "V-2", Days: weekdays(), Span: hours(8, 9), After: 600},
				{Vehicle: "V-2", Days: weekdays(), Span: hours(15, 17), Before: 900},
				{Vehicle: "V-1", Days: vehicles.DayPattern{Weekdays: vehicles.On(time.Monday)}, Span: hours(8, 9)},
			}
		}, []string{"S-1 V-1 D-1 8-17", "W-2 V-2 D-2 9-16 round 480-550 round 885-1020"}},
		"a driver is not in two vehicles": {tuesday, func(c *vehicles.Calendar) {
			w := window
			w.Driver = "D-1"
			c.Windows = []vehicles.ShareWindow{w}
		}, []string{"S-1 V-1 D-1 8-17", "DRIVER_TWICE W-2"}},
		"a vehicle is not in two shifts": {tuesday, func(c *vehicles.Calendar) {
			w := window
			w.Vehicle = "V-1"
			c.Windows = []vehicles.ShareWindow{w}
		}, []string{"S-1 V-1 D-1 8-17", "VEHICLE_TWICE W-2"}},
		"an unknown vehicle and driver": {tuesday, func(c *vehicles.Calendar) { c.Templates[0].Vehicle, c.Templates[0].Driver = "V-9", "D-9" }, []string{
			"UNKNOWN_VEHICLE S-1", "UNKNOWN_DRIVER S-1",
		}},
		"an id twice": {tuesday, func(c *vehicles.Calendar) {
			w := window
			w.ID = "S-1"
			c.Windows = []vehicles.ShareWindow{w}
		}, []string{"S-1 V-1 D-1 8-17", "SHIFT_INVALID S-1"}},
		"a margin longer than the window": {tuesday, func(c *vehicles.Calendar) {
			w := window
			w.Margin = 8 * 3600
			c.Windows = []vehicles.ShareWindow{w}
		}, []string{"S-1 V-1 D-1 8-17", "SHIFT_INVALID W-2"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := summary(calendar(c.change).Shifts(c.day)); !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestWindowEndsWhereTheOwnerWantsItsVehicle(t *testing.T) {
	back := geo.LatLng{Lat: 36.9, Lng: 137.42}
	c := calendar(func(c *vehicles.Calendar) {
		c.Templates = nil
		c.Windows = []vehicles.ShareWindow{{ID: "W", Vehicle: "V-1", Driver: "D-1", Span: hours(9, 15), BackAt: back}}
	})
	shifts, problems := c.Shifts(tuesday)
	if len(problems) > 0 || len(shifts) != 1 || shifts[0].End != back || shifts[0].Start != c.Fleet.Vehicles[0].Home {
		t.Errorf("shifts %+v, problems %v", shifts, problems)
	}
}

func TestPapersThatRunOutSoonAreTold(t *testing.T) {
	c := calendar(func(c *vehicles.Calendar) {
		c.Papers = []vehicles.Papers{{Vehicle: "V-1", Inspection: "2027-02-10", Insurance: "2027-02-11"}, {Vehicle: "V-2", Inspection: "2026-12-31"}}
		c.Credentials = []vehicles.Credentials{{
			Person: "D-1", LicenceUntil: "2027-01-20",
			Certificates: []vehicles.Certificate{{Code: "FUKUSHI_YUSHO", Held: vehicles.Dates{To: "2027-01-30"}}, {Code: "SEDAN"}},
		}}
	})
	var got []string
	for _, p := range c.Expiring(tuesday, 30) { // before 2027-02-11
		got = append(got, fmt.Sprintf("%s %s%s%s", p.Until, p.Kind, p.Vehicle, p.Driver))
	}
	want := []string{
		"2026-12-31 INSPECTION_EXPIREDV-2", "2027-01-20 LICENCE_EXPIREDD-1",
		"2027-01-30 CERTIFICATE_EXPIREDD-1", "2027-02-10 INSPECTION_EXPIREDV-1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// Hour by hour against the plain meaning: a vehicle is driven by a driver if and only if its template says so, both are
// there, and no shift with a smaller id that is driven then has either.
func TestDayAgreesWithEveryHourTakenByItself(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5))
	span := func() vehicles.Span {
		from := rng.Int32N(20)
		return hours(from, from+1+rng.Int32N(8))
	}
	for range 400 {
		c := calendar(func(c *vehicles.Calendar) { c.Templates = nil })
		one := rng.IntN(3)
		for i := range 1 + rng.IntN(2) { // at most two, apart in vehicle and driver unless one is set
			id := fmt.Sprintf("%d", i+1)
			c.Templates = append(c.Templates, vehicles.ShiftTemplate{ID: vehicles.ShiftID("S" + id), Vehicle: vehicles.VehicleID("V-" + id), Driver: vehicles.DriverID("D-" + id), Span: span()})
			for range rng.IntN(3) {
				c.Leaves = append(c.Leaves, vehicles.Leave{Driver: vehicles.DriverID("D-" + id), Dates: vehicles.Dates{From: tuesday}, Span: span()})
				c.Outages = append(c.Outages, vehicles.Outage{Vehicle: vehicles.VehicleID("V-" + id), Dates: vehicles.Dates{From: tuesday}, Span: span()})
			}
			for range rng.IntN(3) {
				c.Available = append(c.Available, vehicles.Availability{Driver: vehicles.DriverID("D-" + id), Span: span()})
			}
		}
		if one == 0 && len(c.Templates) == 2 {
			c.Templates[1].Span = vehicles.Span{Start: c.Templates[0].Span.End, End: c.Templates[0].Span.End + 3600}
			c.Templates[1].Vehicle = "V-1"
		}
		shifts, _ := c.Shifts(tuesday)
		for _, tpl := range c.Templates {
			for h := range int32(30) {
				at := h * 3600
				got := slices.ContainsFunc(shifts, func(s vehicles.Shift) bool {
					return s.Vehicle == tpl.Vehicle && s.Driver == tpl.Driver && s.Span.Start <= at && at < s.Span.End
				})
				if want := drives(c, tpl, at); got != want {
					t.Fatalf("hour %d of %s: driven %v, want %v\n%+v\nshifts %+v", h, tpl.ID, got, want, c, shifts)
				}
			}
		}
	}
}

func drives(c *vehicles.Calendar, tpl vehicles.ShiftTemplate, at int32) bool {
	in := func(s vehicles.Span) bool { return s.Start <= at && at < s.End }
	bound, offered := false, false
	for _, a := range c.Available {
		bound = bound || a.Driver == tpl.Driver
		offered = offered || a.Driver == tpl.Driver && in(a.Span)
	}
	return in(tpl.Span) && (!bound || offered) &&
		!slices.ContainsFunc(c.Leaves, func(l vehicles.Leave) bool { return l.Driver == tpl.Driver && in(l.Span) }) &&
		!slices.ContainsFunc(c.Outages, func(o vehicles.Outage) bool { return o.Vehicle == tpl.Vehicle && in(o.Span) })
}

func TestDatesAreCountedByTheCalendar(t *testing.T) {
	if d := vehicles.Date("2028-02-28").Add(2); d != "2028-03-01" {
		t.Errorf("two days after 2028-02-28 (a leap year) is %s", d)
	}
	if d := vehicles.Date("2028-02-29").Years(-2); d != "2026-03-01" {
		t.Errorf("two years before 2028-02-29 is %s", d)
	}
	if !vehicles.Date("2028-02-29").Valid() || vehicles.Date("2027-02-29").Valid() || vehicles.Date("2027-1-2").Valid() {
		t.Error("leap days or forms are taken wrongly")
	}
	open, early := vehicles.Dates{From: "2027-01-01"}, vehicles.Dates{To: "2027-01-01"}
	if !open.Overlaps(early) || open.Overlaps(vehicles.Dates{To: "2026-12-31"}) || !open.Contains("2099-01-01") || open.Contains("2026-12-31") {
		t.Error("intervals with an open end are taken wrongly")
	}
	if w := vehicles.On(time.Sunday, time.Monday); w.String() != "mon sun" || w.Has(time.Tuesday) || vehicles.Weekdays(0).String() != "daily" {
		t.Errorf("weekdays %s", w)
	}
}
