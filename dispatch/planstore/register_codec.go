package planstore

import (
	"encoding/binary"
	"fmt"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// A stored entry of the register is
//
//	byte 0       layout version, 1 to registerVersion
//	bytes 1-8    version of the entry, big-endian; in every layout, because register.lua compares it
//	bytes 9-     id, look-up hashes of the phone numbers, everything else sealed
//
// and its sealed part is the layout version and the fields in the order of sealedRider. The hashes are outside so that the
// look-ups of a person can be removed after the key that opens the entry was destroyed. Version 2 added the limits.
const registerVersion = 2

// encodeRider writes an entry.
func encodeRider(r *dispatch.Rider, hashes []string, sealed []byte) []byte {
	w := writer{make([]byte, 0, headerBytes+64+len(sealed))}
	w.buf = append(w.buf, registerVersion)
	w.buf = binary.BigEndian.AppendUint64(w.buf, uint64(r.Version))
	w.text(string(r.ID))
	writeTexts(&w, hashes)
	w.text(string(sealed))
	return w.buf
}

// decodeRider returns an entry without its sealed part, which comes beside it.
func decodeRider(raw []byte) (r *dispatch.Rider, hashes []string, sealed []byte, err error) {
	if len(raw) > 0 && (raw[0] < 1 || raw[0] > registerVersion) {
		return nil, nil, nil, &VersionError{"rider", int(raw[0])}
	}
	if len(raw) < headerBytes {
		return nil, nil, nil, &DamagedError{"rider", fmt.Sprintf("%d bytes", len(raw))}
	}
	r = &dispatch.Rider{Version: int64(binary.BigEndian.Uint64(raw[1:headerBytes]))}
	if r.Version < 1 {
		return nil, nil, nil, &DamagedError{"rider", fmt.Sprintf("version %d", r.Version)}
	}
	d := &reader{what: "rider", buf: raw[headerBytes:]}
	r.ID = dispatch.RiderID(d.text())
	hashes = readTexts[string](d)
	sealed = []byte(d.text())
	return r, hashes, sealed, d.end()
}

// encodeSealed writes everything of a rider but id, area and version.
func encodeSealed(r *dispatch.Rider) []byte {
	w := writer{append(make([]byte, 0, 512), registerVersion)}
	for _, s := range []string{r.Name, r.Kana, string(r.Born), string(r.Standing), r.DriverNote} {
		w.text(s)
	}
	writeTexts(&w, r.Phones)
	writeSaved(&w, &r.Home)
	writeList(&w, r.Places, writeSaved)
	writeList(&w, r.UserOf, writeMembership)
	writeList(&w, r.Categories, writeCategory)
	writeList(&w, r.Listed, writeListing)
	writeList(&w, r.Consents, writeConsent)
	writeList(&w, r.Contacts, writeContact)
	w.nums(asNum(r.NeedsHelp), asNum(r.OwnCar), asNum(r.Escorted))
	w.nums(int64(r.Load.Seats), int64(r.Load.Wheelchairs), int64(r.Load.Stretchers))
	w.nums(int64(r.Equipment), int64(r.Attendants), int64(r.Board), int64(r.Alight))
	writeTexts(&w, r.Care)
	writeTexts(&w, r.Apart)
	writeTexts(&w, r.NotDrivers)
	writeTexts(&w, r.OnlyDrivers)
	writeLimits(&w, &r.Limits)
	return w.buf
}

// decodeSealed fills in what encodeSealed wrote.
func decodeSealed(plain []byte, r *dispatch.Rider) error {
	if len(plain) == 0 {
		return &DamagedError{"rider", "no sealed fields"}
	}
	if plain[0] < 1 || plain[0] > registerVersion {
		return &VersionError{"rider", int(plain[0])}
	}
	d := &reader{what: "rider", buf: plain[1:]}
	r.Name, r.Kana, r.Born = d.text(), d.text(), vehicles.Date(d.text())
	r.Standing, r.DriverNote = dispatch.Standing(d.text()), d.text()
	r.Phones = readTexts[string](d)
	r.Home = readSaved(d)
	r.Places = readList(d, readSaved)
	r.UserOf = readList(d, readMembership)
	r.Categories = readList(d, readCategory)
	r.Listed = readList(d, readListing)
	r.Consents = readList(d, readConsent)
	r.Contacts = readList(d, readContact)
	r.NeedsHelp, r.OwnCar, r.Escorted = d.flag(), d.flag(), d.flag()
	r.Load = vehicles.Load{Seats: int(d.int32()), Wheelchairs: int(d.int32()), Stretchers: int(d.int32())}
	aids := d.num()
	if aids < 0 || aids > int64(^vehicles.Equipment(0)) {
		d.fail("equipment out of range")
	}
	r.Equipment = vehicles.Equipment(aids)
	r.Attendants, r.Board, r.Alight = int(d.int32()), d.int32(), d.int32()
	r.Care, r.Apart = readTexts[dispatch.Care](d), readTexts[dispatch.RiderID](d)
	r.NotDrivers, r.OnlyDrivers = readTexts[vehicles.DriverID](d), readTexts[vehicles.DriverID](d)
	if plain[0] >= 2 {
		r.Limits = readLimits(d)
	}
	return d.end()
}

// writeList writes a list with its length before it.
func writeList[T any](w *writer, list []T, write func(*writer, *T)) {
	w.num(int64(len(list)))
	for i := range list {
		write(w, &list[i])
	}
}

// readList reads a list; an empty one is nil.
func readList[T any](d *reader, read func(*reader) T) []T {
	n := d.num()
	if n < 0 || n > int64(len(d.buf)) {
		d.fail("more entries than bytes")
		return nil
	}
	if n == 0 {
		return nil
	}
	list := make([]T, n)
	for i := range list {
		list[i] = read(d)
	}
	return list
}

func writeSaved(w *writer, p *dispatch.SavedPlace) {
	w.text(p.Label)
	w.text(p.Address)
	w.text(p.Notes)
	for _, f := range []float64{p.Entrance.Lat, p.Entrance.Lng, p.Road.Lat, p.Road.Lng} {
		w.float(f)
	}
}

func readSaved(d *reader) (p dispatch.SavedPlace) {
	p.Label, p.Address, p.Notes = d.text(), d.text(), d.text()
	p.Entrance.Lat, p.Entrance.Lng = d.float(), d.float()
	p.Road.Lat, p.Road.Lng = d.float(), d.float()
	return p
}

func writeDates(w *writer, p vehicles.Dates) {
	w.text(string(p.From))
	w.text(string(p.To))
}

func readDates(d *reader) vehicles.Dates {
	return vehicles.Dates{From: vehicles.Date(d.text()), To: vehicles.Date(d.text())}
}

func writeMembership(w *writer, m *dispatch.Membership) {
	w.text(string(m.Facility))
	w.text(string(m.Standing))
	writeDates(w, m.Dates)
}

func readMembership(d *reader) dispatch.Membership {
	return dispatch.Membership{Facility: vehicles.FacilityID(d.text()), Standing: dispatch.Standing(d.text()), Dates: readDates(d)}
}

func writeCategory(w *writer, c *dispatch.CategoryFact) {
	w.text(string(c.Category))
	w.text(c.Evidence)
	w.text(string(c.ValidTo))
}

func readCategory(d *reader) dispatch.CategoryFact {
	return dispatch.CategoryFact{Category: dispatch.Category(d.text()), Evidence: d.text(), ValidTo: vehicles.Date(d.text())}
}

func writeListing(w *writer, l *dispatch.Listing) {
	w.text(string(l.Mode))
	w.text(string(l.ValidTo))
	writeTexts(w, l.Purposes)
}

func readListing(d *reader) dispatch.Listing {
	return dispatch.Listing{Mode: dispatch.LegalMode(d.text()), ValidTo: vehicles.Date(d.text()), Purposes: readTexts[string](d)}
}

func writeConsent(w *writer, c *dispatch.Consent) {
	for _, s := range []string{string(c.Kind), string(c.Given), string(c.Withdrawn), c.By, c.Document} {
		w.text(s)
	}
}

func readConsent(d *reader) dispatch.Consent {
	return dispatch.Consent{
		Kind: dispatch.ConsentKind(d.text()), Given: vehicles.Date(d.text()), Withdrawn: vehicles.Date(d.text()),
		By: d.text(), Document: d.text(),
	}
}

func writeContact(w *writer, c *dispatch.Contact) {
	for _, s := range []string{c.Name, c.Relation, c.Phone} {
		w.text(s)
	}
	w.num(asNum(c.Watch))
}

func readContact(d *reader) dispatch.Contact {
	return dispatch.Contact{Name: d.text(), Relation: d.text(), Phone: d.text(), Watch: d.flag()}
}
