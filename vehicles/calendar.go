package vehicles

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/swmaas/swmaas/routing/geo"
)

// Calendar is what an area knows ahead of time about its vehicles and drivers: who drives what on which weekday, what owners
// lend, and what stands in the way. It is plain data; Shifts turns it into the shifts of one day. Not changed by any method
// and safe for concurrent reading.
type Calendar struct {
	Fleet         Fleet
	Credentials   []Credentials // of drivers; one without an entry has what the fleet says
	Papers        []Papers      // of vehicles; one without an entry has no recorded dates
	Templates     []ShiftTemplate
	Windows       []ShareWindow
	Rounds        []ProtectedRound
	Available     []Availability
	Leaves        []Leave
	Outages       []Outage
	Substitutions []Substitution
	Holiday       func(Date) bool // nil where no day is a holiday
}

// DayPattern is a set of days: these weekdays between these dates, on national holidays only where said.
type DayPattern struct {
	Weekdays Weekdays
	Dates    Dates
	Holidays bool
}

// ShiftTemplate is a shift that comes back every week.
type ShiftTemplate struct {
	ID         ShiftID
	Vehicle    VehicleID
	Driver     DriverID
	Days       DayPattern
	Span       Span
	Start, End geo.LatLng // the zero place stands for the vehicle's home
	Breaks     []Break
}

// ShareWindow is an owner's offer of a vehicle that stands idle, with or without a driver. A window without one becomes a
// shift only by a Substitution that names a driver.
type ShareWindow struct {
	ID      ShiftID
	Vehicle VehicleID
	Driver  DriverID
	Days    DayPattern
	Span    Span
	BackBy  int32      // second of the day at which the owner must have the vehicle back; 0 for the end of the span
	BackAt  geo.LatLng // where; the zero place stands for the vehicle's home
	Margin  int32      // seconds that the plan leaves before BackBy
}

// ProtectedRound is an owner's own round (protected run). The vehicle is back so many seconds before it and not asked for until so many after.
type ProtectedRound struct {
	Vehicle       VehicleID
	Days          DayPattern
	Span          Span
	Before, After int32
}

// Availability is when a driver may be asked to drive. A driver without any entry may be asked at any time; one with entries
// only within one of them.
type Availability struct {
	Driver DriverID
	Days   DayPattern
	Span   Span
}

// Leave is a time at which a driver does not drive: whole days where the span is zero.
type Leave struct {
	Driver DriverID
	Dates  Dates
	Span   Span
}

// Outage is a time at which a vehicle is out of service: whole days where the span is zero.
type Outage struct {
	Vehicle VehicleID
	Dates   Dates
	Span    Span
	Reason  string // such as "車検"
}

// Substitution changes one shift on one day.
type Substitution struct {
	Day       Date
	Shift     ShiftID   // of the template or window
	Driver    DriverID  // in place of the usual one; empty for no change
	Vehicle   VehicleID // likewise
	Cancelled bool      // the shift does not take place
}

// on reports whether the day is in the pattern.
func (p DayPattern) on(day Date, holiday bool) bool {
	return p.Dates.Contains(day) && p.Weekdays.Has(day.Weekday()) && (p.Holidays || !holiday)
}

// ProblemKind tells what stands in the way of a shift. The values are codes for surfaces to translate.
type ProblemKind string

// What can be wrong with a day.
const (
	UnknownVehicle    ProblemKind = "UNKNOWN_VEHICLE"
	UnknownDriver     ProblemKind = "UNKNOWN_DRIVER"
	NoDriver          ProblemKind = "NO_DRIVER"
	DriverAway        ProblemKind = "DRIVER_AWAY"
	VehicleOut        ProblemKind = "VEHICLE_OUT"
	InspectionOver    ProblemKind = "INSPECTION_EXPIRED"
	InsuranceOver     ProblemKind = "INSURANCE_EXPIRED"
	LicenceOver       ProblemKind = "LICENCE_EXPIRED"
	CertificateOver   ProblemKind = "CERTIFICATE_EXPIRED"
	VehicleTwice      ProblemKind = "VEHICLE_TWICE"
	DriverTwice       ProblemKind = "DRIVER_TWICE"
	HoursOver         ProblemKind = "DRIVER_HOURS" // longer at work than the driver's cap
	RestShort         ProblemKind = "DRIVER_REST"  // less rest since the day before than the driver's cap
	DrivesNoMore      ProblemKind = "DRIVER_OVER"  // the last day on which the person drives has passed
	ShiftInvalid      ProblemKind = "SHIFT_INVALID"
	SubstitutionStray ProblemKind = "SUBSTITUTION_WITHOUT_SHIFT"
)

// Problem is one thing that keeps a shift, or a part of it, from taking place, or that is about to.
type Problem struct {
	Kind    ProblemKind
	Day     Date
	Shift   ShiftID
	Vehicle VehicleID
	Driver  DriverID
	Span    Span   // the part of the day concerned; the zero Span for all of it
	Until   Date   // last valid day of a paper
	Detail  string // a reason given, or the name of a paper; never a person's name
}

// String is the problem in one English line for logs and lists.
func (p Problem) String() string {
	s := fmt.Sprintf("%s %s: shift %q vehicle %q driver %q", p.Day, p.Kind, p.Shift, p.Vehicle, p.Driver)
	if p.Span != (Span{}) {
		s += fmt.Sprintf(" %d-%d s", p.Span.Start, p.Span.End)
	}
	if p.Until != "" {
		s += " until " + string(p.Until)
	}
	if p.Detail != "" {
		s += " (" + p.Detail + ")"
	}
	return s
}

// Shifts is what can be driven on the day, ordered by id, and everything that stands in the way, in the order in which it was
// found. A shift that is not driven at all times of its span comes in parts, their ids with "-1", "-2", ... appended. Of two
// shifts that need one vehicle or driver at once the one with the smaller id takes place. Protected rounds are in
// OwnRounds with their margins; Shift.Split cuts them out. The cost is proportional to templates times restrictions.
func (c *Calendar) Shifts(day Date) ([]Shift, []Problem) {
	b := c.newDay(day)
	b.hours = c.workHours(day)
	var shifts []Shift
	for _, d := range b.drafts() {
		for _, part := range b.parts(d) {
			if kind := twice(shifts, part); kind != "" {
				b.problem(kind, d, Problem{Span: part.Span})
				continue
			}
			if slices.ContainsFunc(shifts, func(s Shift) bool { return s.ID == part.ID }) {
				b.problem(ShiftInvalid, d, Problem{Detail: fmt.Sprintf("id %q is repeated", part.ID)})
				continue
			}
			if err := part.Validate(); err != nil {
				b.problem(ShiftInvalid, d, Problem{Detail: err.Error()})
				continue
			}
			shifts = append(shifts, part)
		}
	}
	return shifts, b.problems
}

// twice tells whether the vehicle or the driver is already taken at some moment of the shift.
func twice(taken []Shift, s Shift) ProblemKind {
	for i := range taken {
		switch t := &taken[i]; {
		case !t.Span.Overlaps(s.Span):
		case t.Vehicle == s.Vehicle:
			return VehicleTwice
		case t.Driver == s.Driver:
			return DriverTwice
		}
	}
	return ""
}

// calendarDay is one day being worked out.
type calendarDay struct {
	*Calendar
	day      Date
	holiday  bool
	vehicles map[VehicleID]*Vehicle
	drivers  map[DriverID]*Driver
	papers   map[VehicleID]*Papers
	held     map[DriverID]*Credentials
	hours    map[DriverID]Span // within which drivers with caps may work
	problems []Problem
}

func (c *Calendar) newDay(day Date) *calendarDay {
	b := &calendarDay{
		Calendar: c, day: day, holiday: c.Holiday != nil && c.Holiday(day),
		vehicles: map[VehicleID]*Vehicle{}, drivers: map[DriverID]*Driver{},
		papers: map[VehicleID]*Papers{}, held: map[DriverID]*Credentials{},
	}
	for i := range c.Fleet.Vehicles {
		b.vehicles[c.Fleet.Vehicles[i].ID] = &c.Fleet.Vehicles[i]
	}
	for i := range c.Fleet.Drivers {
		b.drivers[c.Fleet.Drivers[i].ID] = &c.Fleet.Drivers[i]
	}
	for i := range c.Papers {
		b.papers[c.Papers[i].Vehicle] = &c.Papers[i]
	}
	for i := range c.Credentials {
		b.held[c.Credentials[i].Person] = &c.Credentials[i]
	}
	return b
}

// problem notes a problem of a draft.
func (b *calendarDay) problem(kind ProblemKind, d Shift, p Problem) {
	p.Kind, p.Day, p.Shift, p.Vehicle, p.Driver = kind, b.day, d.ID, d.Vehicle, d.Driver
	b.problems = append(b.problems, p)
}

// drafts lists the shifts that the templates and windows ask for, substitutions applied, by id.
func (b *calendarDay) drafts() []Shift {
	var drafts []Shift
	for _, t := range b.Templates {
		if t.Days.on(b.day, b.holiday) {
			drafts = append(drafts, Shift{
				ID: t.ID, Vehicle: t.Vehicle, Driver: t.Driver, Span: t.Span, Start: t.Start, End: t.End, Breaks: slices.Clone(t.Breaks),
			})
		}
	}
	for _, w := range b.Windows {
		if w.Days.on(b.day, b.holiday) {
			s := Shift{ID: w.ID, Vehicle: w.Vehicle, Driver: w.Driver, Span: w.Span, End: w.BackAt}
			if w.BackBy > 0 {
				s.Span.End = min(s.Span.End, w.BackBy-w.Margin)
			} else {
				s.Span.End -= w.Margin
			}
			drafts = append(drafts, s)
		}
	}
	slices.SortStableFunc(drafts, func(x, y Shift) int { return cmp.Compare(x.ID, y.ID) })
	return b.substitute(drafts)
}

func (b *calendarDay) substitute(drafts []Shift) []Shift {
	for _, s := range b.Substitutions {
		if s.Day != b.day {
			continue
		}
		i := slices.IndexFunc(drafts, func(d Shift) bool { return d.ID == s.Shift })
		switch {
		case i < 0:
			b.problem(SubstitutionStray, Shift{ID: s.Shift, Vehicle: s.Vehicle, Driver: s.Driver}, Problem{})
		case s.Cancelled:
			drafts = slices.Delete(drafts, i, i+1)
		default:
			drafts[i].Driver = cmp.Or(s.Driver, drafts[i].Driver)
			drafts[i].Vehicle = cmp.Or(s.Vehicle, drafts[i].Vehicle)
		}
	}
	return drafts
}

// parts is what remains of a draft: nothing, all of it, or the spans at which vehicle and driver are both there.
func (b *calendarDay) parts(d Shift) []Shift {
	if !b.usable(d) {
		return nil
	}
	v := b.vehicles[d.Vehicle]
	d.Start, d.End = cmp.Or(d.Start, v.Home), cmp.Or(d.End, v.Home)
	if d.Span.Seconds() <= 0 {
		b.problem(ShiftInvalid, d, Problem{Span: d.Span, Detail: "no time is left"})
		return nil
	}
	d.OwnRounds = b.rounds(d)
	spans := subtract(d.Span, b.blocked(d))
	whole := len(spans) == 1
	parts := make([]Shift, 0, len(spans))
	for i, span := range spans {
		part := d
		part.Span = span
		if !whole {
			part.ID = ShiftID(fmt.Sprintf("%s-%d", d.ID, i+1))
		}
		part.OwnRounds = slices.DeleteFunc(slices.Clone(d.OwnRounds), func(r Span) bool { return !r.Overlaps(span) })
		part.Breaks = slices.DeleteFunc(slices.Clone(d.Breaks), func(k Break) bool {
			return span != d.Span && (k.Window.Start < span.Start || k.Window.End+k.Seconds > span.End)
		})
		parts = append(parts, part)
	}
	return parts
}
