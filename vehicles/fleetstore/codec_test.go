package fleetstore

import (
	"encoding/hex"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// goldens are values as they are written to testdata/v1_*.hex. The files stay as they are: what a release has stored, all
// later ones read.
func goldens() map[string]struct {
	value  any
	bytes  []byte
	decode func(string) (any, error)
} {
	at := geo.LatLng{Lat: 36.872, Lng: 137.448}
	position := vehicles.Position{Vehicle: "V-01", At: at, Seen: time.Date(2026, 1, 20, 3, 0, 0, 5000, time.UTC), SpeedKmh: 38.25, Heading: 271.5}
	status := vehicles.StatusReport{Vehicle: "V-01", Status: vehicles.OwnRound, Seen: time.Date(2026, 1, 20, 3, 0, 0, 5000, time.UTC)}
	facility := vehicles.Facility{ID: "F-01", Name: "デイサービス ひまわり", At: at, Phone: "+81765540101", Office: true}
	vehicle := vehicles.Vehicle{
		ID: "V-01", Name: "ひまわり 2号", Owner: "F-01", Home: at, Cabin: vehicles.Cabin{{Seats: 9}, {Seats: 5, Wheelchairs: 2, Stretchers: 1}},
		Equipment: vehicles.Lift | vehicles.ChildSeat, Dwell: vehicles.Dwell{PerStop: 20, PerWheelchair: 150}, WidthCM: 188, Welfare: true,
	}
	driver := vehicles.Driver{ID: "D-001", Facility: "F-01", Class: vehicles.Contractor, Licence: vehicles.SecondClass, Courses: []string{"FUKUSHI_YUSHO"}}
	shift := vehicles.Shift{
		ID: "S-01", Vehicle: "V-01", Driver: "D-001", Span: vehicles.Span{Start: 28_800, End: 88_200}, Start: at, End: at,
		OwnRounds: []vehicles.Span{{Start: 30_000, End: 34_000}},
		Breaks:    []vehicles.Break{{Window: vehicles.Span{Start: 42_000, End: 44_000}, Seconds: 3600}},
	}
	calendar := goldenCalendar(at)
	return map[string]struct {
		value  any
		bytes  []byte
		decode func(string) (any, error)
	}{
		"calendar": {calendar, encodeCalendar(calendar), func(s string) (any, error) { return decodeCalendar(s) }},
		"position": {position, encodePosition(position, 0x882e604989fffff), func(s string) (any, error) { return decodePosition(s) }},
		"status":   {status, encodeStatus(status), func(s string) (any, error) { return decodeStatus("V-01", s) }},
		"facility": {facility, encodeFacility(facility), func(s string) (any, error) { return decodeFacility(s) }},
		"vehicle":  {vehicle, encodeVehicle(vehicle), func(s string) (any, error) { return decodeVehicle(s) }},
		"driver":   {driver, encodeDriver(driver, []byte("sealed")), func(s string) (any, error) { return withoutPhone(s) }},
		"shift":    {shift, encodeShift(shift), func(s string) (any, error) { return decodeShift(s) }},
	}
}

// goldenCalendar has an entry of every list, with every field set.
func goldenCalendar(at geo.LatLng) *vehicles.Calendar {
	always := vehicles.DayPattern{Weekdays: vehicles.On(time.Tuesday, time.Friday), Dates: vehicles.Dates{From: "2026-01-01", To: "2026-03-31"}, Holidays: true}
	span := vehicles.Span{Start: 30_000, End: 60_000}
	return &vehicles.Calendar{
		Templates: []vehicles.ShiftTemplate{{
			ID: "S-01", Vehicle: "V-01", Driver: "D-001", Days: always, Span: span, Start: at, End: at,
			Breaks: []vehicles.Break{{Window: vehicles.Span{Start: 42_000, End: 44_000}, Seconds: 3600}},
		}},
		Windows:       []vehicles.ShareWindow{{ID: "W-01", Vehicle: "V-01", Driver: "D-001", Days: always, Span: span, BackBy: 59_000, BackAt: at, Margin: 600}},
		Rounds:        []vehicles.ProtectedRound{{Vehicle: "V-01", Days: always, Span: span, Before: 900, After: 300}},
		Available:     []vehicles.Availability{{Driver: "D-001", Days: always, Span: span}},
		Leaves:        []vehicles.Leave{{Driver: "D-001", Dates: always.Dates, Span: span}},
		Outages:       []vehicles.Outage{{Vehicle: "V-01", Dates: always.Dates, Span: span, Reason: "車検"}},
		Substitutions: []vehicles.Substitution{{Day: "2026-01-20", Shift: "S-01", Driver: "D-002", Vehicle: "V-02", Cancelled: true}},
		Papers: []vehicles.Papers{{
			Vehicle: "V-01", Persons: 10, Inspection: "2027-01-31", Insurance: "2026-12-31", PersonYen: vehicles.NoLimit, PropertyYen: 2_000_000,
			Display: true, Private: true, UseAgreement: "2025-4", Business: true, Forbidden: []string{"TAXI_CONTRACT"},
		}},
		Credentials: []vehicles.Credentials{{
			Person: "D-001", Class: vehicles.Volunteer, Licence: vehicles.SecondClass, LicenceUntil: "2028-05-01",
			Certificates: []vehicles.Certificate{{Code: "SEDAN", Held: vehicles.Dates{From: "2020-01-01"}}},
			Suspensions:  []vehicles.Dates{{From: "2019-01-01", To: "2019-02-01"}}, AptitudeDue: true,
			Caps: vehicles.WorkCaps{Day: 46_800, Rest: 39_600, Until: "2029-03-31"},
		}},
	}
}

// withoutPhone reads a driver as it is without the sealed number.
func withoutPhone(raw string) (vehicles.Driver, error) {
	d, _, err := decodeDriver(raw)
	return d, err
}

// newest is the newest layout of each value: positions and status have layouts of their own.
func newest(name string) int {
	if name == "position" || name == "status" {
		return 1
	}
	return registryVersion
}

// before is a value without the fields that a layout version did not have.
func before(version int, value any) any {
	if f, ok := value.(vehicles.Facility); ok && version < 2 {
		f.Phone, f.Office = "", false
		return f
	}
	if c, ok := value.(*vehicles.Calendar); ok && version < 2 {
		old := *c
		old.Credentials = slices.Clone(c.Credentials)
		for i := range old.Credentials {
			old.Credentials[i].Caps = vehicles.WorkCaps{}
		}
		return &old
	}
	return value
}

func TestStoredLayoutsStayReadable(t *testing.T) {
	for name, g := range goldens() {
		for version := 1; version <= newest(name); version++ {
			t.Run(fmt.Sprintf("%s/%d", name, version), func(t *testing.T) {
				text, err := os.ReadFile(fmt.Sprintf("testdata/v%d_%s.hex", version, name))
				if err != nil {
					t.Fatal(err)
				}
				stored, err := hex.DecodeString(strings.TrimSpace(string(text)))
				if err != nil {
					t.Fatal(err)
				}
				if got, err := g.decode(string(stored)); err != nil || !reflect.DeepEqual(got, before(version, g.value)) {
					t.Errorf("stored bytes read as %+v, %v; want %+v", got, err, before(version, g.value))
				}
				if version == newest(name) && string(g.bytes) != string(stored) {
					t.Errorf("layout %d is now written as %x, stored %x", version, g.bytes, stored)
				}
			})
		}
	}
}

// A value cut off anywhere, or with bytes left over, is damaged; a position or status of fixed length likewise.
func TestCutOffValuesAreDamaged(t *testing.T) {
	for name, g := range goldens() {
		t.Run(name, func(t *testing.T) {
			whole := len(g.bytes)
			if name == "position" {
				whole = positionHeader + 1 // the id that follows may be of any length
			}
			for n := range whole {
				if _, err := g.decode(string(g.bytes[:n])); err == nil {
					t.Errorf("the first %d of %d bytes were read", n, len(g.bytes))
				}
			}
			if _, err := g.decode(string(g.bytes) + "\x00"); err == nil && name != "position" {
				t.Error("a byte too many was read")
			}
			later := append([]byte{9}, g.bytes[1:]...)
			if _, err := g.decode(string(later)); err == nil {
				t.Error("layout 9 was read")
			}
		})
	}
}

// Whatever is stored, decoding neither panics nor takes more memory than the bytes justify, and what it accepts it writes
// back to a value that reads the same.
func FuzzDecode(f *testing.F) {
	for _, g := range goldens() {
		f.Add(string(g.bytes))
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if p, err := decodePosition(raw); err == nil {
			again, err := decodePosition(string(encodePosition(p, 0)))
			if err != nil || again != p {
				t.Errorf("position %+v reads back as %+v, %v", p, again, err)
			}
		}
		if r, err := decodeStatus("V-01", raw); err == nil {
			again, err := decodeStatus("V-01", string(encodeStatus(r)))
			if err != nil || again != r {
				t.Errorf("status %+v reads back as %+v, %v", r, again, err)
			}
		}
		sameAgain(t, raw, decodeFacility, encodeFacility)
		sameAgain(t, raw, decodeVehicle, encodeVehicle)
		sameAgain(t, raw, withoutPhone, func(d vehicles.Driver) []byte { return encodeDriver(d, nil) })
		sameAgain(t, raw, decodeShift, encodeShift)
		sameAgain(t, raw, decodeCalendar, encodeCalendar)
	})
}

// sameAgain compares encodings, in which a NaN equals itself.
func sameAgain[T any](t *testing.T, raw string, decode func(string) (T, error), encode func(T) []byte) {
	t.Helper()
	v, err := decode(raw)
	if err != nil {
		return
	}
	once := encode(v)
	again, err := decode(string(once))
	if err != nil || string(encode(again)) != string(once) {
		t.Errorf("%+v reads back as %+v, %v", v, again, err)
	}
}
