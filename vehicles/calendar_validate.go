package vehicles

import (
	"errors"
	"fmt"
)

// Validate reports everything about the calendar that no day could be worked out from: an empty or repeated shift id, a time
// outside the service day or turned round, a date that is none, a vehicle or driver that is left empty. Whether vehicles and
// drivers exist is asked day by day, since fleets change; see Shifts.
func (c *Calendar) Validate() error {
	v := &calendarCheck{shifts: map[ShiftID]bool{}}
	for _, t := range c.Templates {
		what := fmt.Sprintf("shift template %q", t.ID)
		v.shift(what, t.ID, t.Vehicle)
		v.pattern(what, t.Days)
		v.span(what, t.Span, false)
	}
	for _, w := range c.Windows {
		what := fmt.Sprintf("share window %q", w.ID)
		v.shift(what, w.ID, w.Vehicle)
		v.pattern(what, w.Days)
		v.span(what, w.Span, false)
		if w.Margin < 0 || w.BackBy < 0 || w.BackBy > MaxDaySecond {
			v.note("%s: back by %d s with a margin of %d s is not within the service day", what, w.BackBy, w.Margin)
		}
	}
	for _, r := range c.Rounds {
		what := fmt.Sprintf("protected round of vehicle %q", r.Vehicle)
		v.named(what, r.Vehicle != "")
		v.pattern(what, r.Days)
		v.span(what, r.Span, false)
		if r.Before < 0 || r.After < 0 {
			v.note("%s: a margin is negative", what)
		}
	}
	v.absences(c)
	for _, s := range c.Substitutions {
		what := fmt.Sprintf("substitution of shift %q", s.Shift)
		v.named(what, s.Shift != "")
		v.date(what, s.Day, false)
	}
	return errors.Join(v.faults...)
}

// absences checks when drivers and vehicles are there, and their papers.
func (v *calendarCheck) absences(c *Calendar) {
	for _, a := range c.Available {
		what := fmt.Sprintf("availability of driver %q", a.Driver)
		v.named(what, a.Driver != "")
		v.pattern(what, a.Days)
		v.span(what, a.Span, false)
	}
	for _, l := range c.Leaves {
		what := fmt.Sprintf("leave of driver %q", l.Driver)
		v.named(what, l.Driver != "")
		v.dates(what, l.Dates)
		v.span(what, l.Span, true)
	}
	for _, o := range c.Outages {
		what := fmt.Sprintf("outage of vehicle %q", o.Vehicle)
		v.named(what, o.Vehicle != "")
		v.dates(what, o.Dates)
		v.span(what, o.Span, true)
	}
	for _, p := range c.Papers {
		what := fmt.Sprintf("papers of vehicle %q", p.Vehicle)
		v.named(what, p.Vehicle != "")
		v.date(what, p.Inspection, true)
		v.date(what, p.Insurance, true)
	}
	for _, h := range c.Credentials {
		what := fmt.Sprintf("credentials of driver %q", h.Person)
		v.named(what, h.Person != "")
		v.date(what, h.LicenceUntil, true)
		v.date(what, h.Caps.Until, true)
		if min(h.Caps.Day, h.Caps.Rest) < 0 || max(h.Caps.Day, h.Caps.Rest) > 24*3600 {
			v.note("%s: a cap of hours is not within a day", what)
		}
		for _, x := range h.Certificates {
			v.dates(what, x.Held)
		}
		for _, s := range h.Suspensions {
			v.dates(what, s)
		}
	}
}

// calendarCheck collects what is wrong with a calendar.
type calendarCheck struct {
	shifts map[ShiftID]bool
	faults []error
}

func (v *calendarCheck) note(format string, args ...any) {
	v.faults = append(v.faults, fmt.Errorf("vehicles: calendar: "+format, args...))
}

func (v *calendarCheck) named(what string, ok bool) {
	if !ok {
		v.note("%s: an id is missing", what)
	}
}

func (v *calendarCheck) shift(what string, id ShiftID, vehicle VehicleID) {
	v.named(what, id != "" && vehicle != "")
	if v.shifts[id] {
		v.note("%s: the id is repeated", what)
	}
	v.shifts[id] = true
}

func (v *calendarCheck) span(what string, s Span, open bool) {
	if open && s == (Span{}) {
		return
	}
	if s.Start < 0 || s.End > MaxDaySecond || s.Seconds() <= 0 {
		v.note("%s: %d-%d s is not a part of the service day", what, s.Start, s.End)
	}
}

func (v *calendarCheck) pattern(what string, p DayPattern) { v.dates(what, p.Dates) }

func (v *calendarCheck) dates(what string, d Dates) {
	v.date(what, d.From, true)
	v.date(what, d.To, true)
	if d.To != "" && d.To < d.From {
		v.note("%s: %s to %s is turned round", what, d.From, d.To)
	}
}

func (v *calendarCheck) date(what string, d Date, open bool) {
	if !(open && d == "") && !d.Valid() {
		v.note("%s: %q is not a date such as 2026-01-20", what, d)
	}
}
