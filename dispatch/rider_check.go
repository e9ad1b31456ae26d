package dispatch

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// FieldFault is something wrong with one field of a record that people fill in.
type FieldFault struct {
	Field   string // the field of the record, such as "Phones"
	Reason  string // what is wrong with it, without its content
	Instead string // what to write
}

// Error implements error.
func (f FieldFault) Error() string { return f.Field + " " + f.Reason + "; " + f.Instead }

// Limits of what an entry may hold: they keep a slip of the keyboard, or a file in the wrong columns, out of the register.
const (
	maxText     = 500 // bytes of a text
	maxList     = 50  // entries of a list
	maxAboard   = 20  // places of one kind that a party takes
	maxDwellS   = 1800
	maxIDLength = 64
)

// Faults lists all that is wrong with an entry, in the order of its fields; none of them repeats what the field holds.
func (r *Rider) Faults() []FieldFault {
	var c fieldCheck
	c.id("ID", string(r.ID))
	c.need("Name", r.Name)
	c.text("Kana", r.Kana)
	c.date("Born", r.Born)
	c.phones(r.Phones)
	c.place("Home", &r.Home, true)
	c.list("Places", len(r.Places))
	for i := range r.Places {
		c.place("Places", &r.Places[i], false)
	}
	c.when(r.Standing != "" && r.Standing != Resident && r.Standing != Visitor, "Standing", "is not known", "write RESIDENT or VISITOR")
	c.memberships(r.UserOf)
	c.eligibility(r)
	c.consents(r.Consents)
	c.party(r)
	c.people(r)
	return c.faults
}

// Validate reports with ErrInvalid, in one error, all that Faults lists.
func (r *Rider) Validate() error {
	var errs []error
	for _, f := range r.Faults() {
		errs = append(errs, f)
	}
	if len(errs) == 0 {
		return nil
	}
	return fmt.Errorf("%w: rider %q: %w", ErrInvalid, r.ID, errors.Join(errs...))
}

// fieldCheck gathers faults.
type fieldCheck struct{ faults []FieldFault }

func (c *fieldCheck) when(bad bool, field, reason, instead string) {
	if bad {
		c.faults = append(c.faults, FieldFault{field, reason, instead})
	}
}

func (c *fieldCheck) id(field, id string) {
	plain := func(r rune) bool {
		return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == '-' || r == '_' || r == '.'
	}
	bad := id == "" || len(id) > maxIDLength || strings.ContainsFunc(id, func(r rune) bool { return !plain(r) })
	c.when(bad, field, "is not an id", "write 1 to 64 letters, digits, '-', '_' or '.', and nothing that tells who it is")
}

func (c *fieldCheck) need(field, text string) {
	c.when(strings.TrimSpace(text) == "", field, "is empty", "fill it in")
	c.text(field, text)
}

func (c *fieldCheck) text(field, text string) {
	c.when(len(text) > maxText, field, "is too long", fmt.Sprintf("shorten it to %d characters", maxText/len("字")))
	c.when(strings.TrimSpace(text) != text, field, "begins or ends with a space", "leave the space out")
	control := strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == '\x7f' || r == '\ufffd' })
	c.when(control, field, "holds a line break or an unreadable character", "write it on one line, in UTF-8 or Shift_JIS")
}

func (c *fieldCheck) list(field string, n int) {
	c.when(n > maxList, field, fmt.Sprintf("has %d entries", n), fmt.Sprintf("keep the %d that matter", maxList))
}

func (c *fieldCheck) date(field string, d vehicles.Date) {
	c.when(d != "" && !d.Valid(), field, "is not a date", "write it as 2026-04-01")
}

func (c *fieldCheck) dates(field string, d vehicles.Dates) {
	c.date(field, d.From)
	c.date(field, d.To)
	c.when(d.To != "" && d.From > d.To, field, "ends before it begins", "exchange the two dates")
}

func (c *fieldCheck) phone(field, phone string) {
	normal, err := NormalPhone(phone)
	c.when(err != nil || normal != phone, field, "is not a phone number", "write one such as 0765-54-1234")
}

func (c *fieldCheck) phones(phones []string) {
	c.list("Phones", len(phones))
	for _, p := range phones {
		c.phone("Phones", p)
	}
}

// place checks a saved place; one that may be empty is a home that is not recorded.
func (c *fieldCheck) place(field string, p *SavedPlace, mayBeEmpty bool) {
	if mayBeEmpty && *p == (SavedPlace{}) {
		return
	}
	c.text(field, p.Label)
	c.text(field, p.Address)
	c.text(field, p.Notes)
	c.when(p.Label == "" && !mayBeEmpty, field, "has no label", "give it one such as 通院先")
	bad := !p.Entrance.Valid() || p.Entrance == (geo.LatLng{}) || !p.Road.Valid()
	c.when(bad, field, "has no position on the earth", "give latitude and longitude in degrees such as 36.8712 and 137.4431")
}

func (c *fieldCheck) memberships(list []Membership) {
	c.list("UserOf", len(list))
	for _, m := range list {
		c.id("UserOf", string(m.Facility))
		c.when(m.Standing != CareUser && m.Standing != DisabilityUser, "UserOf", "has an unknown standing", "write CARE_USER or DISABILITY_USER")
		c.dates("UserOf", m.Dates)
	}
}

// eligibility checks categories and listings.
func (c *fieldCheck) eligibility(r *Rider) {
	known := []Category{PhysicalDisability, MentalDisability, IntellectualDisability, CareNeed, SupportNeed, ChecklistNeed, OtherDisability}
	c.list("Categories", len(r.Categories))
	for _, f := range r.Categories {
		c.when(!slices.Contains(known, f.Category), "Categories", "has an unknown category", "write one of イ, ロ, ハ, ニ, ホ, ヘ, ト")
		c.text("Categories", f.Evidence)
		c.date("Categories", f.ValidTo)
	}
	modes := []LegalMode{FukushiYusho, KuhakuYusho, NoReg, KaigoSougei, TaxiContract, HomonB, HomonD}
	c.list("Listed", len(r.Listed))
	for _, l := range r.Listed {
		c.when(!slices.Contains(modes, l.Mode), "Listed", "has an unknown mode", "write FUKUSHI_YUSHO, KUHAKU_YUSHO or another legal mode")
		c.date("Listed", l.ValidTo)
		c.list("Listed", len(l.Purposes))
		for _, p := range l.Purposes {
			c.need("Listed", p)
		}
	}
}

func (c *fieldCheck) consents(list []Consent) {
	kinds := []ConsentKind{ConsentKeep, ConsentFacilities, ConsentTown, ConsentWatch, ConsentShare}
	c.list("Consents", len(list))
	for _, s := range list {
		c.when(!slices.Contains(kinds, s.Kind), "Consents", "has an unknown kind", "write KEEP, FACILITIES, TOWN, WATCH or SHARE")
		c.when(s.Given == "", "Consents", "has no date", "write when it was given, as 2026-04-01")
		c.date("Consents", s.Given)
		c.date("Consents", s.Withdrawn)
		c.when(s.Withdrawn != "" && s.Withdrawn < s.Given, "Consents", "is withdrawn before it was given", "exchange the two dates")
		c.text("Consents", s.By)
		c.text("Consents", s.Document)
	}
}

func (c *fieldCheck) party(r *Rider) {
	for _, n := range []int{r.Load.Seats, r.Load.Wheelchairs, r.Load.Stretchers} {
		c.when(n < 0 || n > maxAboard, "Load", "is not a number of places", fmt.Sprintf("write 0 to %d", maxAboard))
	}
	c.when(r.Attendants < 0 || r.Attendants > maxAboard, "Attendants", "is not a number of people", fmt.Sprintf("write 0 to %d", maxAboard))
	places := r.Load.Seats + r.Load.Wheelchairs + r.Load.Stretchers
	c.when(!r.Load.IsZero() && places <= r.Attendants, "Load", "has no place for the rider", "count the rider and the attendants")
	c.when(r.Board < 0 || r.Board > maxDwellS, "Board", "is not a number of seconds", fmt.Sprintf("write 0 to %d", maxDwellS))
	c.when(r.Alight < 0 || r.Alight > maxDwellS, "Alight", "is not a number of seconds", fmt.Sprintf("write 0 to %d", maxDwellS))
	all := vehicles.Lift | vehicles.Ramp | vehicles.OxygenHolder | vehicles.Step | vehicles.ChildSeat
	c.when(!all.Covers(r.Equipment), "Equipment", "has an unknown aid", "write lift, ramp, oxygen, step or child_seat")
	c.list("Care", len(r.Care))
	for _, need := range r.Care {
		c.when(!need.Known(), "Care", "has an unknown code", "write codes of TDS such as W, WT or NLA")
	}
	c.text("DriverNote", r.DriverNote)
	r.Limits.faults(func(field, reason string) { c.when(true, "Limits", "has a "+field, "write a number that "+reason) })
}

// people checks who is kept apart and whom to call.
func (c *fieldCheck) people(r *Rider) {
	c.list("Apart", len(r.Apart))
	c.list("NotDrivers", len(r.NotDrivers))
	c.list("OnlyDrivers", len(r.OnlyDrivers))
	c.list("Contacts", len(r.Contacts))
	for _, id := range r.Apart {
		c.id("Apart", string(id))
		c.when(id == r.ID, "Apart", "names the rider", "name the others")
	}
	for _, id := range r.NotDrivers {
		c.id("NotDrivers", string(id))
		c.when(slices.Contains(r.OnlyDrivers, id), "OnlyDrivers", "names a driver who may not drive the rider", "take the driver out of one of the two")
	}
	for _, id := range r.OnlyDrivers {
		c.id("OnlyDrivers", string(id))
	}
	for _, p := range r.Contacts {
		c.need("Contacts", p.Name)
		c.text("Contacts", p.Relation)
		c.phone("Contacts", p.Phone)
	}
}
