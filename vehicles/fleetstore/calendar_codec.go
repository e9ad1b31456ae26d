package fleetstore

import "github.com/swmaas/swmaas/vehicles"

// A stored calendar is one byte of layout version and then its lists in the order of encodeCalendar, each as its length and
// its entries, with the field encodings of registry_codec.go. A list is added by a new layout version that writes it behind
// the others.

func encodeCalendar(c *vehicles.Calendar) []byte {
	w := newWriter()
	writeAll(w, c.Templates, writeTemplate)
	writeAll(w, c.Windows, writeWindow)
	writeAll(w, c.Rounds, func(w *writer, r vehicles.ProtectedRound) {
		w.text(string(r.Vehicle))
		w.pattern(r.Days)
		w.span(r.Span)
		w.num(int(r.Before), int(r.After))
	})
	writeAll(w, c.Available, func(w *writer, a vehicles.Availability) {
		w.text(string(a.Driver))
		w.pattern(a.Days)
		w.span(a.Span)
	})
	writeAll(w, c.Leaves, func(w *writer, l vehicles.Leave) {
		w.text(string(l.Driver))
		w.dates(l.Dates)
		w.span(l.Span)
	})
	writeAll(w, c.Outages, func(w *writer, o vehicles.Outage) {
		w.text(string(o.Vehicle))
		w.dates(o.Dates)
		w.span(o.Span)
		w.text(o.Reason)
	})
	writeAll(w, c.Substitutions, func(w *writer, s vehicles.Substitution) {
		w.text(string(s.Day))
		w.text(string(s.Shift))
		w.text(string(s.Driver))
		w.text(string(s.Vehicle))
		w.flag(s.Cancelled)
	})
	writeAll(w, c.Papers, writePapers)
	writeAll(w, c.Credentials, writeCredentials)
	return w.buf
}

func decodeCalendar(raw string) (*vehicles.Calendar, error) {
	r := newReader(raw)
	c := &vehicles.Calendar{Templates: readAll(r, readTemplate), Windows: readAll(r, readWindow)}
	c.Rounds = readAll(r, func(r *reader) vehicles.ProtectedRound {
		x := vehicles.ProtectedRound{Vehicle: vehicles.VehicleID(r.text()), Days: r.pattern(), Span: r.span()}
		x.Before, x.After = int32(r.num()), int32(r.num())
		return x
	})
	c.Available = readAll(r, func(r *reader) vehicles.Availability {
		return vehicles.Availability{Driver: vehicles.DriverID(r.text()), Days: r.pattern(), Span: r.span()}
	})
	c.Leaves = readAll(r, func(r *reader) vehicles.Leave {
		return vehicles.Leave{Driver: vehicles.DriverID(r.text()), Dates: r.dates(), Span: r.span()}
	})
	c.Outages = readAll(r, func(r *reader) vehicles.Outage {
		return vehicles.Outage{Vehicle: vehicles.VehicleID(r.text()), Dates: r.dates(), Span: r.span(), Reason: r.text()}
	})
	c.Substitutions = readAll(r, func(r *reader) vehicles.Substitution {
		return vehicles.Substitution{
			Day: r.date(), Shift: vehicles.ShiftID(r.text()), Driver: vehicles.DriverID(r.text()), Vehicle: vehicles.VehicleID(r.text()),
			Cancelled: r.flag(),
		}
	})
	c.Papers, c.Credentials = readAll(r, readPapers), readAll(r, readCredentials)
	if err := r.end("calendar"); err != nil {
		return nil, err
	}
	return c, nil
}

func writeTemplate(w *writer, t vehicles.ShiftTemplate) {
	w.text(string(t.ID))
	w.text(string(t.Vehicle))
	w.text(string(t.Driver))
	w.pattern(t.Days)
	w.span(t.Span)
	w.place(t.Start)
	w.place(t.End)
	writeAll(w, t.Breaks, func(w *writer, b vehicles.Break) {
		w.span(b.Window)
		w.num(int(b.Seconds))
	})
}

func readTemplate(r *reader) vehicles.ShiftTemplate {
	return vehicles.ShiftTemplate{
		ID: vehicles.ShiftID(r.text()), Vehicle: vehicles.VehicleID(r.text()), Driver: vehicles.DriverID(r.text()),
		Days: r.pattern(), Span: r.span(), Start: r.place(), End: r.place(),
		Breaks: readAll(r, func(r *reader) vehicles.Break { return vehicles.Break{Window: r.span(), Seconds: int32(r.num())} }),
	}
}

func writeWindow(w *writer, x vehicles.ShareWindow) {
	w.text(string(x.ID))
	w.text(string(x.Vehicle))
	w.text(string(x.Driver))
	w.pattern(x.Days)
	w.span(x.Span)
	w.num(int(x.BackBy), int(x.Margin))
	w.place(x.BackAt)
}

func readWindow(r *reader) vehicles.ShareWindow {
	x := vehicles.ShareWindow{
		ID: vehicles.ShiftID(r.text()), Vehicle: vehicles.VehicleID(r.text()), Driver: vehicles.DriverID(r.text()),
		Days: r.pattern(), Span: r.span(),
	}
	x.BackBy, x.Margin, x.BackAt = int32(r.num()), int32(r.num()), r.place()
	return x
}

func writePapers(w *writer, p vehicles.Papers) {
	w.text(string(p.Vehicle))
	w.num(p.Persons)
	w.text(string(p.Inspection))
	w.text(string(p.Insurance))
	w.num(int(p.PersonYen), int(p.PropertyYen))
	w.flag(p.Display)
	w.flag(p.Private)
	w.text(p.UseAgreement)
	w.flag(p.Business)
	writeAll(w, p.Forbidden, func(w *writer, s string) { w.text(s) })
}

func readPapers(r *reader) vehicles.Papers {
	return vehicles.Papers{
		Vehicle: vehicles.VehicleID(r.text()), Persons: r.num(), Inspection: r.date(), Insurance: r.date(),
		PersonYen: int64(r.num()), PropertyYen: int64(r.num()), Display: r.flag(), Private: r.flag(), UseAgreement: r.text(),
		Business: r.flag(), Forbidden: readAll(r, func(r *reader) string { return r.text() }),
	}
}

func writeCredentials(w *writer, c vehicles.Credentials) {
	w.text(string(c.Person))
	w.num(int(c.Class), int(c.Licence))
	w.text(string(c.LicenceUntil))
	writeAll(w, c.Certificates, func(w *writer, x vehicles.Certificate) {
		w.text(x.Code)
		w.dates(x.Held)
	})
	writeAll(w, c.Suspensions, func(w *writer, d vehicles.Dates) { w.dates(d) })
	w.flag(c.AptitudeDue)
	w.num(int(c.Caps.Day), int(c.Caps.Rest))
	w.text(string(c.Caps.Until))
}

func readCredentials(r *reader) vehicles.Credentials {
	c := vehicles.Credentials{
		Person: vehicles.DriverID(r.text()), Class: vehicles.DriverClass(r.num()), Licence: vehicles.Licence(r.num()), LicenceUntil: r.date(),
		Certificates: readAll(r, func(r *reader) vehicles.Certificate { return vehicles.Certificate{Code: r.text(), Held: r.dates()} }),
		Suspensions:  readAll(r, func(r *reader) vehicles.Dates { return r.dates() }),
		AptitudeDue:  r.flag(),
	}
	if r.version >= 2 {
		c.Caps = vehicles.WorkCaps{Day: int32(r.num()), Rest: int32(r.num()), Until: r.date()}
	}
	return c
}

func writeAll[T any](w *writer, list []T, write func(*writer, T)) {
	w.num(len(list))
	for _, x := range list {
		write(w, x)
	}
}

// readAll reads a list; an empty one is nil.
func readAll[T any](r *reader, read func(*reader) T) []T {
	var list []T
	for range r.count(1) {
		list = append(list, read(r))
	}
	return list
}

func (w *writer) flag(b bool) {
	if b {
		w.num(1)
	} else {
		w.num(0)
	}
}

func (w *writer) dates(d vehicles.Dates) {
	w.text(string(d.From))
	w.text(string(d.To))
}

func (w *writer) pattern(p vehicles.DayPattern) {
	w.num(int(p.Weekdays))
	w.dates(p.Dates)
	w.flag(p.Holidays)
}

func (r *reader) flag() bool { return r.num() == 1 }

func (r *reader) date() vehicles.Date { return vehicles.Date(r.text()) }

func (r *reader) dates() vehicles.Dates { return vehicles.Dates{From: r.date(), To: r.date()} }

func (r *reader) pattern() vehicles.DayPattern {
	return vehicles.DayPattern{Weekdays: vehicles.Weekdays(r.num()), Dates: r.dates(), Holidays: r.flag()}
}
