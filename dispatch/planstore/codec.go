package planstore

import (
	"encoding/binary"
	"fmt"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// A stored route, ride or note is
//
//	byte 0       layout version, 1 to codecVersion
//	bytes 1-8    version of the route, ride or note, big-endian; in every layout, because commit.lua compares it
//	bytes 9-     the fields in the order of the functions below
//
// and a kept reply is
//
//	bytes 0-31   hash of the request; in every layout, because commit.lua compares it
//	byte 32      layout version
//	bytes 33-    person, sealed reply
//
// with whole numbers as zigzag varints and text as its length (uvarint) and its bytes. A field is added by a new layout
// version that writes it behind the others; the decoder keeps reading the old ones (testdata/v1_*.hex stay as they are).
// Version 2 added terms, will-calls, holds, standing orders and what a party needs besides its places; version 3 notes and
// locks; version 4 limits of a party.
const codecVersion = 4

const (
	headerBytes = 9  // layout version and version
	hashBytes   = 32 // of a request
)

// versionBytes is how commit.lua compares versions: 8 bytes big-endian, empty for 0 ("not there yet").
func versionBytes(v int64) []byte {
	if v == 0 {
		return nil
	}
	return binary.BigEndian.AppendUint64(nil, uint64(v))
}

func encodeRoute(r *dispatch.Route) []byte {
	w := newWriter(r.Version, 32+24*len(r.Stops))
	w.text(string(r.Shift))
	w.num(int64(len(r.Stops)))
	for i := range r.Stops {
		s := &r.Stops[i]
		w.text(string(s.Ride))
		w.nums(int64(s.Kind), int64(s.State), int64(s.Arrive), int64(s.Begin), int64(s.Depart), int64(s.LeaveBy))
	}
	return w.buf
}

func decodeRoute(raw []byte) (*dispatch.Route, error) {
	d, version, err := openValue("route", raw)
	if err != nil {
		return nil, err
	}
	r := &dispatch.Route{Shift: vehicles.ShiftID(d.text()), Version: version}
	n := d.num()
	const minStopBytes = 7 // an empty ride id and six one-byte numbers
	if n < 0 || n > int64(len(d.buf)/minStopBytes) {
		d.fail("more stops than bytes")
		n = 0
	}
	if n > 0 {
		r.Stops = make([]dispatch.Stop, n)
	}
	for i := range r.Stops {
		s := &r.Stops[i]
		s.Ride = dispatch.RideID(d.text())
		s.Kind, s.State = dispatch.StopKind(d.byte()), dispatch.StopState(d.byte())
		s.Arrive, s.Begin, s.Depart, s.LeaveBy = d.int32(), d.int32(), d.int32(), d.int32()
	}
	return r, d.end()
}

// encodeRide writes all of a ride but its area and day, which its key says, and the personal fields, which come sealed.
func encodeRide(r *dispatch.Ride, sealed []byte) []byte {
	w := newWriter(r.Version, 160+len(sealed))
	for _, s := range []string{string(r.ID), string(r.Booking), string(r.Rider), string(r.Linked), r.Reason} {
		w.text(s)
	}
	w.nums(int64(r.Wish.Kind), int64(r.Wish.Window.Earliest), int64(r.Wish.Window.Latest))
	p := &r.Promise
	w.nums(int64(p.Pickup.Earliest), int64(p.Pickup.Latest), int64(p.ArriveBy), int64(p.MaxRide))
	w.nums(int64(r.Direct), int64(r.State), int64(r.Cancel))
	a := &r.Actual
	w.nums(int64(a.PickupArrive), int64(a.Board), int64(a.DropoffArrive), int64(a.Alight))
	w.time(r.Created)
	w.text(string(sealed))
	t := &r.Terms
	for _, s := range []string{string(t.Mode), string(t.Standing), string(t.Facility), t.Policy, string(r.Order), r.By} {
		w.text(s)
	}
	w.nums(t.Yen, asNum(t.FareKnown), asNum(r.Together), int64(r.Call.MaxWait), int64(r.Call.At), asNum(r.Call.Called))
	w.time(r.Held)
	writeLocks(&w, &r.Locks)
	w.num(r.Amended)
	return w.buf
}

// decodeRide returns the ride without its area, day and personal fields, and the sealed bytes of the latter.
func decodeRide(raw []byte) (r *dispatch.Ride, sealed []byte, err error) {
	d, version, err := openValue("ride", raw)
	if err != nil {
		return nil, nil, err
	}
	r = &dispatch.Ride{Version: version}
	r.ID, r.Booking, r.Rider = dispatch.RideID(d.text()), dispatch.BookingID(d.text()), dispatch.RiderID(d.text())
	r.Linked, r.Reason = dispatch.RideID(d.text()), d.text()
	r.Wish.Kind = dispatch.WishKind(d.byte())
	r.Wish.Window = dispatch.Window{Earliest: d.int32(), Latest: d.int32()}
	r.Promise.Pickup = dispatch.Window{Earliest: d.int32(), Latest: d.int32()}
	r.Promise.ArriveBy, r.Promise.MaxRide = d.int32(), d.int32()
	r.Direct, r.State, r.Cancel = d.int32(), dispatch.RideState(d.byte()), dispatch.CancelKind(d.byte())
	r.Actual = dispatch.Actual{PickupArrive: d.int32(), Board: d.int32(), DropoffArrive: d.int32(), Alight: d.int32()}
	r.Created = d.time()
	sealed = []byte(d.text())
	if raw[0] >= 2 {
		t := &r.Terms
		t.Mode, t.Standing, t.Facility = dispatch.LegalMode(d.text()), dispatch.Standing(d.text()), vehicles.FacilityID(d.text())
		t.Policy, r.Order, r.By = d.text(), dispatch.OrderID(d.text()), d.text()
		t.Yen, t.FareKnown, r.Together = d.num(), d.flag(), d.flag()
		r.Call = dispatch.Call{MaxWait: d.int32(), At: d.int32(), Called: d.flag()}
		r.Held = d.time()
	}
	if raw[0] >= 3 {
		r.Locks = readLocks(d)
		r.Amended = d.num()
	}
	return r, sealed, d.end()
}

// encodePersonal writes the fields of a ride that tell where somebody lives, how they are and where they go.
func encodePersonal(r *dispatch.Ride) []byte {
	w := writer{make([]byte, 0, 64+len(r.Pickup.Label)+len(r.Dropoff.Label))}
	w.buf = append(w.buf, codecVersion)
	for _, p := range []*dispatch.Place{&r.Pickup, &r.Dropoff} {
		w.text(p.Label)
		w.float(p.At.Lat)
		w.float(p.At.Lng)
	}
	w.text(r.Purpose)
	l := &r.Party.Load
	w.nums(int64(l.Seats), int64(l.Wheelchairs), int64(l.Stretchers), int64(r.Party.Needs), int64(r.Party.Board), int64(r.Party.Alight))
	w.num(int64(r.Party.Attendants))
	writeTexts(&w, r.Party.Care)
	writeTexts(&w, r.Party.Apart)
	writeTexts(&w, r.Party.NotDrivers)
	writeTexts(&w, r.Party.OnlyDrivers)
	writeLimits(&w, &r.Party.Limits)
	return w.buf
}

// decodePersonal fills in what encodePersonal wrote.
func decodePersonal(plain []byte, r *dispatch.Ride) error {
	if len(plain) == 0 {
		return &DamagedError{"ride", "no personal fields"}
	}
	if plain[0] < 1 || plain[0] > codecVersion {
		return &VersionError{"ride", int(plain[0])}
	}
	d := reader{what: "ride", buf: plain[1:]}
	for _, p := range []*dispatch.Place{&r.Pickup, &r.Dropoff} {
		p.Label = d.text()
		p.At.Lat, p.At.Lng = d.float(), d.float()
	}
	r.Purpose = d.text()
	r.Party.Load = vehicles.Load{Seats: int(d.int32()), Wheelchairs: int(d.int32()), Stretchers: int(d.int32())}
	needs := d.num()
	if needs < 0 || needs > int64(^vehicles.Equipment(0)) {
		d.fail("equipment out of range")
	}
	r.Party.Needs = vehicles.Equipment(needs)
	r.Party.Board, r.Party.Alight = d.int32(), d.int32()
	if plain[0] >= 2 {
		r.Party.Attendants = int(d.int32())
		r.Party.Care, r.Party.Apart = readTexts[dispatch.Care](&d), readTexts[dispatch.RiderID](&d)
		r.Party.NotDrivers, r.Party.OnlyDrivers = readTexts[vehicles.DriverID](&d), readTexts[vehicles.DriverID](&d)
	}
	if plain[0] >= 4 {
		r.Party.Limits = readLimits(&d)
	}
	return d.end()
}

func writeLimits(w *writer, l *dispatch.Limits) {
	w.nums(int64(l.MaxRide), int64(l.MaxDetour), int64(l.MaxWait), int64(l.EasyRide), int64(l.EasyWait))
	writeTexts(w, l.OnlyVehicles)
	writeTexts(w, l.LikeVehicles)
	writeTexts(w, l.LikeDrivers)
}

func readLimits(d *reader) dispatch.Limits {
	return dispatch.Limits{
		MaxRide: d.int32(), MaxDetour: d.int32(), MaxWait: d.int32(), EasyRide: d.int32(), EasyWait: d.int32(),
		OnlyVehicles: readTexts[vehicles.VehicleID](d), LikeVehicles: readTexts[vehicles.VehicleID](d), LikeDrivers: readTexts[vehicles.DriverID](d),
	}
}

// encodeReply writes the record that commit.lua keeps under an idempotency key.
func encodeReply(hash [hashBytes]byte, person string, sealed []byte) []byte {
	w := writer{append(make([]byte, 0, hashBytes+8+len(person)+len(sealed)), hash[:]...)}
	w.buf = append(w.buf, codecVersion)
	w.text(person)
	w.text(string(sealed))
	return w.buf
}

func decodeReply(raw []byte) (person string, sealed []byte, err error) {
	if len(raw) <= hashBytes {
		return "", nil, &DamagedError{"reply", fmt.Sprintf("%d bytes", len(raw))}
	}
	if v := raw[hashBytes]; v < 1 || v > codecVersion {
		return "", nil, &VersionError{"reply", int(v)}
	}
	d := reader{what: "reply", buf: raw[hashBytes+1:]}
	person, sealed = d.text(), []byte(d.text())
	return person, sealed, d.end()
}

// openValue checks the header of a stored route, ride or note.
func openValue(what string, raw []byte) (d *reader, version int64, err error) {
	if len(raw) > 0 && (raw[0] < 1 || raw[0] > codecVersion) {
		return nil, 0, &VersionError{what, int(raw[0])}
	}
	if len(raw) < headerBytes {
		return nil, 0, &DamagedError{what, fmt.Sprintf("%d bytes", len(raw))}
	}
	version = int64(binary.BigEndian.Uint64(raw[1:headerBytes]))
	if version < 1 {
		return nil, 0, &DamagedError{what, fmt.Sprintf("version %d", version)}
	}
	return &reader{what: what, buf: raw[headerBytes:]}, version, nil
}
