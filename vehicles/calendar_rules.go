package vehicles

import (
	"cmp"
	"slices"
)

// usable notes why the vehicle or the driver cannot be used on the day at all.
func (b *calendarDay) usable(d Shift) bool {
	before := len(b.problems)
	if b.vehicles[d.Vehicle] == nil {
		b.problem(UnknownVehicle, d, Problem{})
	}
	switch {
	case d.Driver == "":
		b.problem(NoDriver, d, Problem{})
	case b.drivers[d.Driver] == nil:
		b.problem(UnknownDriver, d, Problem{})
	}
	if p := b.papers[d.Vehicle]; p != nil {
		if p.Inspection != "" && p.Inspection < b.day {
			b.problem(InspectionOver, d, Problem{Until: p.Inspection})
		}
		if p.Insurance != "" && p.Insurance < b.day {
			b.problem(InsuranceOver, d, Problem{Until: p.Insurance})
		}
	}
	if h := b.held[d.Driver]; h != nil && h.LicenceUntil != "" && h.LicenceUntil < b.day {
		b.problem(LicenceOver, d, Problem{Until: h.LicenceUntil})
	}
	if h := b.held[d.Driver]; h != nil && h.Caps.Until != "" && h.Caps.Until < b.day {
		b.problem(DrivesNoMore, d, Problem{Until: h.Caps.Until})
	}
	return len(b.problems) == before
}

// rounds is the protected rounds of the vehicle, widened by their margins, that touch the shift.
func (b *calendarDay) rounds(d Shift) []Span {
	var rounds []Span
	for _, r := range b.Rounds {
		wide := Span{r.Span.Start - r.Before, r.Span.End + r.After}
		if r.Vehicle == d.Vehicle && r.Days.on(b.day, b.holiday) && wide.Overlaps(d.Span) {
			rounds = append(rounds, wide)
		}
	}
	slices.SortFunc(rounds, bySpan)
	return rounds
}

// blocked is when the vehicle is out or the driver is not there, each cause noted.
func (b *calendarDay) blocked(d Shift) []Span {
	var out []Span
	add := func(kind ProblemKind, span Span, detail string) {
		if span == (Span{}) {
			span = d.Span
		}
		if span.Overlaps(d.Span) {
			b.problem(kind, d, Problem{Span: span, Detail: detail})
			out = append(out, span)
		}
	}
	for _, o := range b.Outages {
		if o.Vehicle == d.Vehicle && o.Dates.Contains(b.day) {
			add(VehicleOut, o.Span, o.Reason)
		}
	}
	for _, l := range b.Leaves {
		if l.Driver == d.Driver && l.Dates.Contains(b.day) {
			add(DriverAway, l.Span, "")
		}
	}
	for _, span := range b.unavailable(d) {
		add(DriverAway, span, "")
	}
	if may, bound := b.hours[d.Driver]; bound {
		if d.Span.Start < may.Start {
			add(RestShort, Span{d.Span.Start, min(may.Start, d.Span.End)}, "")
		}
		if d.Span.End > may.End {
			add(HoursOver, Span{max(may.End, d.Span.Start), d.Span.End}, "")
		}
	}
	return out
}

// unavailable is the parts of the shift that lie outside what the driver has offered.
func (b *calendarDay) unavailable(d Shift) []Span {
	var offered []Span
	bound := false
	for _, a := range b.Available {
		if a.Driver != d.Driver {
			continue
		}
		bound = true
		if a.Days.on(b.day, b.holiday) {
			offered = append(offered, a.Span)
		}
	}
	if !bound {
		return nil
	}
	return subtract(d.Span, offered)
}

// subtract is what the gaps leave of a span, in order of time.
func subtract(from Span, gaps []Span) []Span {
	gaps = slices.Clone(gaps)
	slices.SortFunc(gaps, bySpan)
	var rest []Span
	at := from.Start
	for _, g := range gaps {
		if end := min(g.Start, from.End); end > at {
			rest = append(rest, Span{at, end})
		}
		at = max(at, g.End)
	}
	if at < from.End {
		rest = append(rest, Span{at, from.End})
	}
	return rest
}

func bySpan(x, y Span) int { return cmp.Or(cmp.Compare(x.Start, y.Start), cmp.Compare(x.End, y.End)) }

// Expiring lists the papers of vehicles and drivers that have run out or will within so many days from the day on, the soonest first.
func (c *Calendar) Expiring(day Date, days int) []Problem {
	last := day.Add(days)
	var out []Problem
	add := func(until Date, p Problem) {
		if until != "" && until < last {
			p.Day, p.Until = day, until
			out = append(out, p)
		}
	}
	for _, p := range c.Papers {
		add(p.Inspection, Problem{Kind: InspectionOver, Vehicle: p.Vehicle})
		add(p.Insurance, Problem{Kind: InsuranceOver, Vehicle: p.Vehicle})
	}
	for _, h := range c.Credentials {
		add(h.LicenceUntil, Problem{Kind: LicenceOver, Driver: h.Person})
		add(h.Caps.Until, Problem{Kind: DrivesNoMore, Driver: h.Person})
		for _, x := range h.Certificates {
			add(x.Held.To, Problem{Kind: CertificateOver, Driver: h.Person, Detail: x.Code})
		}
	}
	slices.SortStableFunc(out, func(x, y Problem) int { return cmp.Compare(x.Until, y.Until) })
	return out
}

// PapersOf is what is recorded of a vehicle's papers.
func (c *Calendar) PapersOf(v VehicleID) Papers {
	for _, p := range c.Papers {
		if p.Vehicle == v {
			return p
		}
	}
	return Papers{Vehicle: v}
}

// CredentialsFor is what a driver holds: the entry of the calendar, or what the fleet says.
func (c *Calendar) CredentialsFor(d DriverID) Credentials {
	for _, h := range c.Credentials {
		if h.Person == d {
			return h
		}
	}
	for _, x := range c.Fleet.Drivers {
		if x.ID == d {
			return CredentialsOf(x)
		}
	}
	return Credentials{Person: d}
}
