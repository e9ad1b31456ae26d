package planstore

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

var update = flag.Bool("update", false, "write the golden bytes of the present layout version")

// goldenRide has another value in every field, so that no two can be swapped unseen.
func goldenRide() *dispatch.Ride {
	return &dispatch.Ride{
		ID: "R-1", Booking: "B-2", Version: 3, Area: "kurobe", Day: "2026-01-20", Rider: "P-4",
		Party: dispatch.Party{
			Load: vehicles.Load{Seats: 5, Wheelchairs: 6, Stretchers: 7}, Needs: vehicles.Ramp | vehicles.Step, Board: 9, Alight: 10,
			Attendants: 2, Care: []dispatch.Care{"calls_out"}, Apart: []dispatch.RiderID{"P-5", "P-6"},
			NotDrivers: []vehicles.DriverID{"D-7"}, OnlyDrivers: []vehicles.DriverID{"D-8"},
			Limits: dispatch.Limits{
				MaxRide: 4500, MaxDetour: 460, MaxWait: 4700, EasyRide: 480, EasyWait: 490, OnlyVehicles: []vehicles.VehicleID{"V-50"},
				LikeVehicles: []vehicles.VehicleID{"V-51", "V-52"}, LikeDrivers: []vehicles.DriverID{"D-53"},
			},
		},
		Pickup:  dispatch.Place{Label: "石田 11", At: geo.LatLng{Lat: 36.8612, Lng: 137.4413}},
		Dropoff: dispatch.Place{Label: "市民病院", At: geo.LatLng{Lat: 36.8714, Lng: 137.4515}},
		Purpose: "dialysis",
		Wish:    dispatch.Wish{Kind: dispatch.DepartAfter, Window: dispatch.Window{Earliest: 16000, Latest: 17000}},
		Promise: dispatch.Promise{Pickup: dispatch.Window{Earliest: 18000, Latest: 19000}, ArriveBy: 20000, MaxRide: 2100},
		Direct:  2200, State: dispatch.Cancelled, Linked: "R-23", Cancel: dispatch.CancelLate, Reason: "rider_ill",
		Actual:  dispatch.Actual{PickupArrive: 24000, Board: 25000, DropoffArrive: 26000, Alight: 27000},
		Created: time.Date(2026, 1, 19, 9, 30, 28, 29, time.UTC),
		Terms:   dispatch.Terms{Mode: "M-30", Standing: "S-31", Facility: "F-32", Yen: 330, FareKnown: true, Policy: "Pol-34"},
		Call:    dispatch.Call{MaxWait: 3500, At: 36000, Called: false}, Together: true, Order: "O-37",
		Held: time.Date(2026, 1, 19, 9, 31, 38, 39, time.UTC), By: "account-40",
		Locks: dispatch.Locks{Shift: "S-41", Order: true, At: 4200, By: "account-43"}, Amended: 44,
	}
}

// before is the ride without the fields that a layout version did not have.
func before(version int, r *dispatch.Ride) *dispatch.Ride {
	old := *r
	if version < 2 {
		old.Terms, old.Call, old.Together, old.Order, old.Held, old.By = dispatch.Terms{}, dispatch.Call{}, false, "", time.Time{}, ""
		p := &old.Party
		p.Attendants, p.Care, p.Apart, p.NotDrivers, p.OnlyDrivers = 0, nil, nil, nil, nil
	}
	if version < 3 {
		old.Locks, old.Amended = dispatch.Locks{}, 0
	}
	if version < 4 {
		old.Party.Limits = dispatch.Limits{}
	}
	return &old
}

func goldenRoute() *dispatch.Route {
	return &dispatch.Route{Shift: "S-1/2", Version: 3, Stops: []dispatch.Stop{
		{StopID: dispatch.StopID{Ride: "R-4", Kind: dispatch.PickupStop}, State: dispatch.Done, Arrive: 500, Begin: 600, Depart: 700, LeaveBy: 80},
		{StopID: dispatch.StopID{Ride: "R-4", Kind: dispatch.DropoffStop}, State: dispatch.EnRoute, Arrive: 9000, Begin: 10000, Depart: 11000, LeaveBy: 1200},
	}}
}

// goldenNotes has a note of every kind, with another value in every field. Its id names the file of its bytes.
func goldenNotes() []*dispatch.Note {
	return append(goldenPlanNotes(), goldenDriveNotes()...)
}

// goldenPlanNotes are those that the office makes.
func goldenPlanNotes() []*dispatch.Note {
	return []*dispatch.Note{
		{ID: "tell", Version: 4, About: "P-5", Body: &dispatch.Tell{
			Rider: "P-6", Ride: "R-7", Reason: dispatch.TellPromiseMoved, Code: "CLOSURE",
			Before:   dispatch.Promise{Pickup: dispatch.Window{Earliest: 800, Latest: 900}, ArriveBy: 1000, MaxRide: 1100},
			After:    dispatch.Promise{Pickup: dispatch.Window{Earliest: 1200, Latest: 1300}, ArriveBy: 1400, MaxRide: 1500},
			Deadline: 16000, Tries: 17, Opened: time.Date(2026, 1, 19, 9, 18, 19, 20, time.UTC),
			Told: &dispatch.Told{By: "account-21", Channel: "phone", At: time.Date(2026, 1, 19, 9, 22, 23, 24, time.UTC)},
		}},
		{ID: "intervention", Version: 6, About: "P-7", Body: &dispatch.Intervention{
			Ride: "R-8", Mode: dispatch.ReassignDrag, From: "S-9", To: "S-10", By: "account-11", UndoneBy: "account-12",
			At: time.Date(2026, 1, 19, 9, 18, 19, 20, time.UTC), Undone: time.Date(2026, 1, 19, 9, 22, 23, 24, time.UTC),
			Breaks: []string{dispatch.BreaksLock},
			Before: []dispatch.ShiftOrder{{Shift: "S-13", Stops: []dispatch.StopID{{Ride: "R-14", Kind: dispatch.DropoffStop}}}},
			Moved: []dispatch.MovedRide{{
				Ride: "R-15", From: "S-16", To: "S-17",
				Before: dispatch.Promise{Pickup: dispatch.Window{Earliest: 1800, Latest: 1900}, ArriveBy: 2000, MaxRide: 2100},
				After:  dispatch.Promise{Pickup: dispatch.Window{Earliest: 2200, Latest: 2300}, ArriveBy: 2400, MaxRide: 2500},
				Locks:  dispatch.Locks{Shift: "S-26", Order: true, At: 2700, By: "account-28"},
			}},
		}},
		{ID: "moves", Version: 7, Body: &dispatch.MoveTally{Moved: []int64{8, 9, 10}}},
		{ID: "publication", Version: 5, Body: &dispatch.Publication{
			Shift: "S-6", Number: 7, At: time.Date(2026, 1, 19, 9, 18, 19, 20, time.UTC), By: "account-8", Why: dispatch.PublishedByRule,
			Stops: []dispatch.PublishedStop{
				{StopID: dispatch.StopID{Ride: "R-9", Kind: dispatch.DropoffStop}, LeaveBy: 1000, Arrive: 1100, NotBefore: 1200, Latest: 1300, Seen: 14},
			},
			Acked: dispatch.Acknowledgement{Number: 15, By: "driver-16", At: time.Date(2026, 1, 19, 9, 22, 23, 24, time.UTC)},
		}},
		{ID: "receipt", Version: 8, Body: &dispatch.Receipt{
			Shift: "S-9", Number: 10, Stops: []dispatch.PublishedStop{
				{StopID: dispatch.StopID{Ride: "R-11", Kind: dispatch.PickupStop}, LeaveBy: 1200, Arrive: 1300, NotBefore: 1400, Latest: 1500, Seen: 16},
			},
		}},
	}
}

// goldenDriveNotes are those of drivers, and of roads and vehicles.
func goldenDriveNotes() []*dispatch.Note {
	return []*dispatch.Note{
		{ID: "duty", Version: 25, Body: &dispatch.OnDuty{
			Shift: "S-26", Vehicle: "V-27", Driver: "D-28", On: goldenTime(29), Off: goldenTime(30), Before: "check-31", After: "check-32",
			Checks: 33, Odometer: 34, Stood: "ALCOHOL",
		}},
		{ID: "check", Version: 35, Body: &dispatch.Check{
			Shift: "S-36", Vehicle: "V-37", Driver: "D-38", Taken: goldenTime(39), Faults: []vehicles.CheckFault{"NOT_FIT", "ALCOHOL"},
			Report: vehicles.SafetyCheck{
				After: true, At: goldenTime(40), Checker: "M-41", CheckerOf: "F-42", Method: "PHONE", Detector: "A-43", Alcohol: true, Reading: 44,
				Looked: []vehicles.InspectedPart{"BRAKES", "LIFT"}, Defects: []vehicles.InspectedPart{"LIFT"}, Odometer: 45,
			},
		}},
		{ID: "door", Version: 46, Body: &dispatch.Door{Ride: "R-47", Tries: []dispatch.DoorTry{
			{At: goldenTime(48), By: "V-49"}, {Knock: true, At: goldenTime(50), By: "V-51"},
		}}},
		{ID: "device", Version: 52, Body: &dispatch.Device{
			Vehicle: "V-53", Next: 54, Gaps: []int64{55, 56},
			Held: []dispatch.HeldStep{{
				Seq: 57, Kind: dispatch.StepBoard, Stop: dispatch.StopID{Ride: "R-58", Kind: dispatch.DropoffStop}, At: goldenTime(59),
				Taken: goldenTime(60), By: "V-61", Override: true,
			}},
			Refused: []dispatch.RefusedStep{{Seq: 62, Kind: dispatch.StepAlight, Ride: "R-63", Code: "WRONG_STATE", At: goldenTime(64)}},
		}},
		{ID: "incident", Version: 65, Body: &dispatch.Incident{
			Kind: dispatch.NearMiss, Severity: dispatch.Urgent, Ride: "R-66", Shift: "S-67", Vehicle: "V-68", Driver: "D-69",
			At: goldenTime(70), Taken: goldenTime(71), By: "V-72", Over: goldenTime(73), OverBy: "account-74",
		}},
		{ID: "message", Version: 9, About: "P-10", Body: &dispatch.Message{
			Vehicle: "V-11", Number: 12, Office: true, Canned: "READY_LATE", Minutes: 13, Urgent: true, Ride: "R-14", By: "account-15",
			Written: goldenTime(16), Taken: goldenTime(17), Read: goldenTime(18), ReadBy: "V-19",
		}},
		{ID: "seen", Version: 75, Body: &dispatch.Seen{
			Exception: "late_now:R-76", Kind: dispatch.LateNow, Severity: dispatch.Critical, By: "account-77", At: goldenTime(78),
		}},
		{ID: "condition", Version: 5, Body: &dispatch.Condition{
			Kind: dispatch.RoadSlow, Road: "bridge", Ways: []int64{6, -7}, Shape: []geo.LatLng{{Lat: 8, Lng: 9}, {Lat: 10, Lng: 11}}, Line: true,
			Percent: 120, Snow: dispatch.HeavySnow, Window: dispatch.Window{Earliest: 13, Latest: 14},
			From: time.Date(2026, 1, 15, 1, 2, 3, 0, time.UTC), Until: time.Date(2026, 1, 16, 1, 2, 3, 0, time.UTC),
			Reason: "WORKS", Document: "notice-17", By: "account-18", At: time.Date(2026, 1, 19, 1, 2, 3, 4, time.UTC), Lifted: true,
		}},
		{ID: "outage", Version: 6, Body: &dispatch.Outage{
			Shift: "S-1", Vehicle: "V-2", Cause: dispatch.Breakdown, From: 7, At: geo.LatLng{Lat: 8, Lng: 9}, Until: 10, BackAt: geo.LatLng{Lat: 11, Lng: 12},
			By: "account-13", Said: time.Date(2026, 1, 14, 1, 2, 3, 4, time.UTC), Undone: true,
		}},
		{ID: "storm", Version: 7, Body: &dispatch.Storm{
			Window: dispatch.Window{Earliest: 8, Latest: 9}, Shape: []geo.LatLng{{Lat: 10, Lng: 11}}, Keep: []string{"dialysis", "medical"},
			Snow: dispatch.LightSnow, Document: "notice-12", By: "account-13", At: time.Date(2026, 1, 14, 1, 2, 3, 4, time.UTC), Lifted: true,
		}},
	}
}

func goldenTime(n int) time.Time { return time.Date(2026, 1, 19, 9, 0, n, n, time.UTC) }

// mustEncode is the note as it is stored, with "sealed" in the place of its sealed text.
func mustEncode(t testing.TB, n *dispatch.Note) []byte {
	t.Helper()
	raw, err := encodeNote(n, []byte("sealed"))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// golden compares with the committed bytes of a layout version, or writes them with -update.
func golden(t *testing.T, version int, name string, got []byte) []byte {
	t.Helper()
	path := filepath.Join("testdata", fmt.Sprintf("v%d_%s.hex", version, name))
	if *update && version == codecVersion {
		if err := os.WriteFile(path, []byte(hex.EncodeToString(got)+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return want
}

// TestEveryLayoutVersionIsStillRead holds the bytes of version 1 and of each later one against the decoder of today.
func TestEveryLayoutVersionIsStillRead(t *testing.T) {
	ride, route := goldenRide(), goldenRoute()
	personal := encodePersonal(ride)
	now := map[string][]byte{
		"personal": personal, "ride": encodeRide(ride, personal), "route": encodeRoute(route),
		"reply": encodeReply([32]byte{1, 2, 3}, "P-4", []byte("sealed reply")),
	}
	for version := 1; version <= codecVersion; version++ {
		stored := map[string][]byte{}
		for name, raw := range now {
			stored[name] = golden(t, version, name, raw)
			if version == codecVersion && !bytes.Equal(stored[name], raw) {
				t.Errorf("%s: %x is written, %x is the golden: a changed layout needs a new version", name, raw, stored[name])
			}
		}
		gotRoute, err := decodeRoute(stored["route"])
		if err != nil || !reflect.DeepEqual(gotRoute, route) {
			t.Errorf("version %d: route %+v, %v", version, gotRoute, err)
		}
		got, sealed, err := decodeRide(stored["ride"])
		if err != nil || !reflect.DeepEqual(sealed, stored["personal"]) {
			t.Fatalf("version %d: ride %+v, %v", version, got, err)
		}
		got.Area, got.Day = ride.Area, ride.Day
		if err := decodePersonal(stored["personal"], got); err != nil || !reflect.DeepEqual(got, before(version, ride)) {
			t.Errorf("version %d: ride %+v, %v, want %+v", version, got, err, before(version, ride))
		}
		person, box, err := decodeReply(stored["reply"])
		if err != nil || person != "P-4" || string(box) != "sealed reply" {
			t.Errorf("version %d: reply %q %q, %v", version, person, box, err)
		}
	}
}

// TestLoggedValuesOfEveryLayoutVersionAreStillRead does the same for what a commit logs, which version 1 did not.
func TestLoggedValuesOfEveryLayoutVersionAreStillRead(t *testing.T) {
	k := keysOf("kurobe", "2026-01-20")
	for version := 2; version <= codecVersion; version++ {
		route := golden(t, version, "route", encodeRoute(goldenRoute()))
		ride := golden(t, version, "ride", encodeRide(goldenRide(), encodePersonal(goldenRide())))
		var notes [][]byte
		want := logged{k.route("S-1/2"): string(route), k.ride("R-1"): string(ride)}
		if version >= 3 {
			for i, n := range goldenNotes() {
				note := golden(t, version, "note_"+string(n.ID), mustEncode(t, n))
				if version == codecVersion && !bytes.Equal(note, mustEncode(t, n)) {
					t.Errorf("note %s: %x is written, %x is the golden: a changed layout needs a new version", n.ID, mustEncode(t, n), note)
				}
				got, sealed, err := decodeNote(note)
				if err != nil || string(sealed) != "sealed" || !reflect.DeepEqual(got, n) {
					t.Errorf("version %d: note %+v %q, %v, want %+v", version, got, sealed, err, n)
				}
				if i == 0 {
					notes = [][]byte{note}
					want[k.note(n.ID)] = string(note)
				}
			}
		}
		now := encodeLogged([][]byte{route}, [][]byte{ride}, notes)
		stored := golden(t, version, "log", now)
		if version == codecVersion && !reflect.DeepEqual(stored, now) {
			t.Errorf("%x is written, %x is the golden: a changed layout needs a new version", now, stored)
		}
		got, err := decodeLogged(k, string(stored))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("version %d: %q, %v, want %q", version, got, err, want)
		}
	}
}

func TestLaterLayoutVersionIsNamedInTheError(t *testing.T) {
	ride := encodeRide(goldenRide(), nil)
	ride[0] = 9
	route := encodeRoute(goldenRoute())
	route[0] = 0
	reply := encodeReply([32]byte{}, "", nil)
	reply[hashBytes] = 7
	personal := encodePersonal(goldenRide())
	personal[0] = 200
	log := encodeLogged(nil, nil, nil)
	log[0] = 201
	_, logErr := decodeLogged(keysOf("kurobe", "2026-01-20"), string(log))
	_, _, rideErr := decodeRide(ride)
	_, routeErr := decodeRoute(route)
	_, _, replyErr := decodeReply(reply)
	for version, err := range map[int]error{9: rideErr, 0: routeErr, 7: replyErr, 201: logErr, 200: decodePersonal(personal, new(dispatch.Ride))} {
		var unknown *VersionError
		if !errors.As(err, &unknown) || unknown.Version != version || !strings.Contains(err.Error(), fmt.Sprint("version ", version)) {
			t.Errorf("layout %d: %v", version, err)
		}
	}
}

func TestValueCutOffOrLongerIsDamaged(t *testing.T) {
	ride, route := encodeRide(goldenRide(), []byte("sealed")), encodeRoute(goldenRoute())
	personal, reply := encodePersonal(goldenRide()), encodeReply([32]byte{}, "P-1", []byte("sealed"))
	for name, c := range map[string]struct {
		raw    []byte
		decode func([]byte) error
	}{
		"ride":     {ride, func(b []byte) error { _, _, err := decodeRide(b); return err }},
		"route":    {route, func(b []byte) error { _, err := decodeRoute(b); return err }},
		"reply":    {reply, func(b []byte) error { _, _, err := decodeReply(b); return err }},
		"personal": {personal, func(b []byte) error { return decodePersonal(b, new(dispatch.Ride)) }},
		"note":     {mustEncode(t, goldenNotes()[0]), func(b []byte) error { _, _, err := decodeNote(b); return err }},
		"log": {encodeLogged([][]byte{route}, [][]byte{ride}, [][]byte{mustEncode(t, goldenNotes()[0])}), func(b []byte) error {
			_, err := decodeLogged(keysOf("kurobe", "2026-01-20"), string(b))
			return err
		}},
	} {
		var damaged *DamagedError
		for n := range c.raw {
			if err := c.decode(c.raw[:n]); !errors.As(err, &damaged) || damaged.What == "" {
				t.Errorf("%s cut to %d of %d bytes: %v, want a DamagedError", name, n, len(c.raw), err)
			}
		}
		if err := c.decode(append(c.raw, 0)); !errors.As(err, &damaged) {
			t.Errorf("%s with a byte more: %v, want a DamagedError", name, err)
		}
	}
}

func drawInt32(t *rapid.T, what string) int32 { return rapid.Int32().Draw(t, what) }

func drawWindow(t *rapid.T, what string) dispatch.Window {
	return dispatch.Window{Earliest: drawInt32(t, what), Latest: drawInt32(t, what)}
}

func drawRide(t *rapid.T) *dispatch.Ride {
	text := func(what string) string { return rapid.String().Draw(t, what) }
	place := func(what string) dispatch.Place {
		return dispatch.Place{Label: text(what), At: geo.LatLng{Lat: rapid.Float64Range(-90, 90).Draw(t, what), Lng: rapid.Float64Range(-180, 180).Draw(t, what)}}
	}
	small := rapid.IntRange(0, 100)
	return &dispatch.Ride{
		ID: dispatch.RideID(text("id")), Booking: dispatch.BookingID(text("booking")), Version: rapid.Int64Min(1).Draw(t, "version"),
		Rider: dispatch.RiderID(text("rider")),
		Party: dispatch.Party{
			Load:  vehicles.Load{Seats: small.Draw(t, "seats"), Wheelchairs: small.Draw(t, "wheelchairs"), Stretchers: small.Draw(t, "stretchers")},
			Needs: vehicles.Equipment(rapid.Uint32().Draw(t, "needs")), Board: drawInt32(t, "board"), Alight: drawInt32(t, "alight"),
			Attendants: small.Draw(t, "attendants"),
			Care:       drawTexts[dispatch.Care](t, "care"), Apart: drawTexts[dispatch.RiderID](t, "apart"),
			NotDrivers: drawTexts[vehicles.DriverID](t, "not drivers"), OnlyDrivers: drawTexts[vehicles.DriverID](t, "only drivers"),
			Limits: dispatch.Limits{
				MaxRide: rapid.Int32().Draw(t, "max ride"), MaxDetour: rapid.Int32().Draw(t, "max detour"), MaxWait: rapid.Int32().Draw(t, "max wait"),
				EasyRide: rapid.Int32().Draw(t, "easy ride"), EasyWait: rapid.Int32().Draw(t, "easy wait"),
				OnlyVehicles: drawTexts[vehicles.VehicleID](t, "only vehicles"), LikeVehicles: drawTexts[vehicles.VehicleID](t, "like vehicles"),
				LikeDrivers: drawTexts[vehicles.DriverID](t, "like drivers"),
			},
		},
		Pickup: place("pickup"), Dropoff: place("dropoff"), Purpose: text("purpose"),
		Wish:    dispatch.Wish{Kind: dispatch.WishKind(rapid.Byte().Draw(t, "wish")), Window: drawWindow(t, "wish")},
		Promise: dispatch.Promise{Pickup: drawWindow(t, "promise"), ArriveBy: drawInt32(t, "arrive by"), MaxRide: drawInt32(t, "max ride")},
		Direct:  drawInt32(t, "direct"), State: dispatch.RideState(rapid.Byte().Draw(t, "state")),
		Linked: dispatch.RideID(text("linked")), Cancel: dispatch.CancelKind(rapid.Byte().Draw(t, "cancel")), Reason: text("reason"),
		Actual:  dispatch.Actual{PickupArrive: drawInt32(t, "actual"), Board: drawInt32(t, "actual"), DropoffArrive: drawInt32(t, "actual"), Alight: drawInt32(t, "actual")},
		Created: drawTime(t, "created"),
		Terms: dispatch.Terms{
			Mode: dispatch.LegalMode(text("mode")), Standing: dispatch.Standing(text("standing")), Facility: vehicles.FacilityID(text("facility")),
			Yen: rapid.Int64().Draw(t, "yen"), FareKnown: rapid.Bool().Draw(t, "fare known"), Policy: text("policy"),
		},
		Together: rapid.Bool().Draw(t, "together"),
		Call:     dispatch.Call{MaxWait: drawInt32(t, "max wait"), At: drawInt32(t, "called at"), Called: rapid.Bool().Draw(t, "called")},
		Order:    dispatch.OrderID(text("order")), Held: drawTime(t, "held"), By: text("by"),
		Locks: dispatch.Locks{
			Shift: vehicles.ShiftID(text("locked")), Order: rapid.Bool().Draw(t, "order"), At: drawInt32(t, "locked at"), By: text("locked by"),
		},
		Amended: rapid.Int64Min(0).Draw(t, "amended"),
	}
}

func drawTime(t *rapid.T, what string) time.Time {
	return time.Unix(rapid.Int64Range(-1e12, 1e12).Draw(t, what), rapid.Int64Range(0, 999_999_999).Draw(t, what)).UTC()
}

// drawTexts draws a list of texts; an empty one is nil, as it is read.
func drawTexts[T ~string](t *rapid.T, what string) []T {
	var list []T
	for range rapid.IntRange(0, 4).Draw(t, what) {
		list = append(list, T(rapid.String().Draw(t, what)))
	}
	return list
}

func TestAnyRideComesBackAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawRide(t)
		got, sealed, err := decodeRide(encodeRide(want, encodePersonal(want)))
		if err != nil {
			t.Fatal(err)
		}
		if err := decodePersonal(sealed, got); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %+v\nwant %+v", got, want)
		}
	})
}

func TestAnyRouteComesBackAsItWas(t *testing.T) {
	stop := rapid.Custom(func(t *rapid.T) dispatch.Stop {
		return dispatch.Stop{
			StopID: dispatch.StopID{Ride: dispatch.RideID(rapid.String().Draw(t, "ride")), Kind: dispatch.StopKind(rapid.Byte().Draw(t, "kind"))},
			State:  dispatch.StopState(rapid.Byte().Draw(t, "state")),
			Arrive: drawInt32(t, "arrive"), Begin: drawInt32(t, "begin"), Depart: drawInt32(t, "depart"), LeaveBy: drawInt32(t, "leave by"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		want := &dispatch.Route{Shift: vehicles.ShiftID(rapid.String().Draw(t, "shift")), Version: rapid.Int64Min(1).Draw(t, "version")}
		if stops := rapid.SliceOfN(stop, 0, 20).Draw(t, "stops"); len(stops) > 0 {
			want.Stops = stops
		}
		if got, err := decodeRoute(encodeRoute(want)); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v, %v, want %+v", got, err, want)
		}
	})
}

// FuzzDecode feeds the decoders any bytes: they answer with an error or with something that is written back as it was read.
func FuzzDecode(f *testing.F) {
	ride := goldenRide()
	f.Add(encodeRide(ride, encodePersonal(ride)))
	f.Add(encodeRoute(goldenRoute()))
	f.Add(encodePersonal(ride))
	f.Add(encodeReply([32]byte{}, "P-1", []byte("x")))
	f.Add(encodeLogged([][]byte{encodeRoute(goldenRoute())}, [][]byte{encodeRide(ride, nil)}, [][]byte{mustEncode(f, goldenNotes()[0])}))
	f.Add([]byte{1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0xff, 0xff, 0xff, 0xff, 0x0f}) // a route of very many stops
	f.Fuzz(func(t *testing.T, raw []byte) {
		if r, sealed, err := decodeRide(raw); err == nil {
			again, box, err := decodeRide(encodeRide(r, sealed))
			if err != nil || !reflect.DeepEqual(again, r) || !reflect.DeepEqual(box, sealed) {
				t.Errorf("ride %+v became %+v, %v", r, again, err)
			}
		}
		if r, err := decodeRoute(raw); err == nil {
			if again, err := decodeRoute(encodeRoute(r)); err != nil || !reflect.DeepEqual(again, r) {
				t.Errorf("route %+v became %+v, %v", r, again, err)
			}
		}
		_ = decodePersonal(raw, new(dispatch.Ride))
		_, _, _ = decodeReply(raw)
		_, _ = decodeLogged(keysOf("kurobe", "2026-01-20"), string(raw))
	})
}
