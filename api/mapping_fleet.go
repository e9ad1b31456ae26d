package api

import (
	"fmt"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

var (
	driverClasses = map[swmaasv1.DriverClass]vehicles.DriverClass{
		swmaasv1.DriverClass_DRIVER_CLASS_EMPLOYEE:   vehicles.Employee,
		swmaasv1.DriverClass_DRIVER_CLASS_VOLUNTEER:  vehicles.Volunteer,
		swmaasv1.DriverClass_DRIVER_CLASS_CONTRACTOR: vehicles.Contractor,
	}
	licences = map[swmaasv1.Licence]vehicles.Licence{
		swmaasv1.Licence_LICENCE_FIRST_CLASS:  vehicles.FirstClass,
		swmaasv1.Licence_LICENCE_SECOND_CLASS: vehicles.SecondClass,
	}
	driverClassWords = inverse(driverClasses)
	licenceWords     = inverse(licences)
)

// place of a shift or window: the zero place stands for the vehicle's home and is unset in the contract.
func latLngOrNone(p geo.LatLng) *swmaasv1.LatLng {
	if p == (geo.LatLng{}) {
		return nil
	}
	return latLng(p)
}

func vehicleEntry(v vehicles.Vehicle) *swmaasv1.VehicleEntry {
	out := &swmaasv1.VehicleEntry{
		Id: string(v.ID), Name: v.Name, FacilityId: string(v.Owner), Home: latLng(v.Home), Layouts: mapped(v.Cabin, capacity),
		DwellPerStop: secondsOrNone(int32(v.Dwell.PerStop)), DwellPerWheelchair: secondsOrNone(int32(v.Dwell.PerWheelchair)),
		WidthCm: int32(v.WidthCM), Welfare: v.Welfare,
	}
	if v.Equipment != 0 {
		out.Aids = aidList(v.Equipment)
	}
	out.Etag = etagOf(out)
	return out
}

func vehicleOf(m *swmaasv1.VehicleEntry) vehicles.Vehicle {
	return vehicles.Vehicle{
		ID: vehicles.VehicleID(m.GetId()), Name: m.GetName(), Owner: vehicles.FacilityID(m.GetFacilityId()), Home: latLngOf(m.GetHome()),
		Cabin: mapped(m.GetLayouts(), func(c *swmaasv1.Capacity) vehicles.Load {
			return vehicles.Load{Seats: int(c.GetSeats()), Wheelchairs: int(c.GetWheelchairs()), Stretchers: int(c.GetStretchers())}
		}),
		Equipment: aidSet(m.GetAids()), Dwell: vehicles.Dwell{PerStop: int(wholeSeconds(m.GetDwellPerStop())), PerWheelchair: int(wholeSeconds(m.GetDwellPerWheelchair()))},
		WidthCM: int(m.GetWidthCm()), Welfare: m.GetWelfare(),
	}
}

func facilityMessage(f vehicles.Facility) *swmaasv1.Facility {
	out := &swmaasv1.Facility{Id: string(f.ID), Name: f.Name, Position: latLng(f.At), Phone: f.Phone, Office: f.Office}
	out.Etag = etagOf(out)
	return out
}

// facilityOf is the facility that a message describes. It fails with ErrRequest where the telephone number is none.
func facilityOf(m *swmaasv1.Facility) (vehicles.Facility, error) {
	phone, err := phoneOf("facility.phone", m.GetPhone())
	return vehicles.Facility{ID: vehicles.FacilityID(m.GetId()), Name: m.GetName(), At: latLngOf(m.GetPosition()), Phone: phone, Office: m.GetOffice()}, err
}

// phoneOf is a number in E.164 form, empty for an empty text. It fails with ErrRequest where it is none.
func phoneOf(field, text string) (string, error) {
	if text == "" {
		return "", nil
	}
	normal, err := dispatch.NormalPhone(text)
	if err != nil {
		return "", fmt.Errorf("%w: %s: not a telephone number such as 0765-54-1234", ErrRequest, field)
	}
	return normal, nil
}

func driverEntry(d vehicles.Driver) *swmaasv1.DriverEntry {
	out := &swmaasv1.DriverEntry{
		Id: string(d.ID), FacilityId: string(d.Facility), DriverClass: driverClassWords[d.Class], Licence: licenceWords[d.Licence], Courses: d.Courses,
		Phone: d.Phone,
	}
	out.Etag = etagOf(out)
	return out
}

// driverOf is the driver that a message describes. It fails with ErrRequest where the telephone number is none.
func driverOf(m *swmaasv1.DriverEntry) (vehicles.Driver, error) {
	phone, err := phoneOf("driver.phone", m.GetPhone())
	return vehicles.Driver{
		ID: vehicles.DriverID(m.GetId()), Facility: vehicles.FacilityID(m.GetFacilityId()), Class: driverClasses[m.GetDriverClass()],
		Licence: licences[m.GetLicence()], Courses: m.GetCourses(), Phone: phone,
	}, err
}

func daySpan(s vehicles.Span) *swmaasv1.DaySpan {
	return &swmaasv1.DaySpan{Start: seconds(s.Start), End: seconds(s.End)}
}

// daySpanOrNone leaves the zero span, which stands for all of the day, unset.
func daySpanOrNone(s vehicles.Span) *swmaasv1.DaySpan {
	if s == (vehicles.Span{}) {
		return nil
	}
	return daySpan(s)
}

func daySpanOf(m *swmaasv1.DaySpan) vehicles.Span {
	return vehicles.Span{Start: wholeSeconds(m.GetStart()), End: wholeSeconds(m.GetEnd())}
}

func dayPattern(p vehicles.DayPattern) *swmaasv1.DayPattern {
	return &swmaasv1.DayPattern{Weekdays: weekdayList(p.Weekdays), Dates: datesMessage(p.Dates), Holidays: p.Holidays}
}

func dayPatternOf(m *swmaasv1.DayPattern) vehicles.DayPattern {
	return vehicles.DayPattern{Weekdays: weekdaysOf(m.GetWeekdays()), Dates: datesOf(m.GetDates()), Holidays: m.GetHolidays()}
}

func templateMessage(t vehicles.ShiftTemplate) *swmaasv1.ShiftTemplate {
	out := &swmaasv1.ShiftTemplate{
		Id: string(t.ID), VehicleId: string(t.Vehicle), DriverId: string(t.Driver), Days: dayPattern(t.Days), Span: daySpan(t.Span),
		Start: latLngOrNone(t.Start), End: latLngOrNone(t.End),
		Breaks: mapped(t.Breaks, func(b vehicles.Break) *swmaasv1.ShiftBreak {
			return &swmaasv1.ShiftBreak{Window: daySpan(b.Window), Length: seconds(b.Seconds)}
		}),
	}
	out.Etag = etagOf(out)
	return out
}

func templateOf(m *swmaasv1.ShiftTemplate) vehicles.ShiftTemplate {
	return vehicles.ShiftTemplate{
		ID: vehicles.ShiftID(m.GetId()), Vehicle: vehicles.VehicleID(m.GetVehicleId()), Driver: vehicles.DriverID(m.GetDriverId()),
		Days: dayPatternOf(m.GetDays()), Span: daySpanOf(m.GetSpan()), Start: latLngOf(m.GetStart()), End: latLngOf(m.GetEnd()),
		Breaks: mapped(m.GetBreaks(), func(b *swmaasv1.ShiftBreak) vehicles.Break {
			return vehicles.Break{Window: daySpanOf(b.GetWindow()), Seconds: wholeSeconds(b.GetLength())}
		}),
	}
}

func windowMessage(w vehicles.ShareWindow) *swmaasv1.ShareWindow {
	out := &swmaasv1.ShareWindow{
		Id: string(w.ID), VehicleId: string(w.Vehicle), DriverId: string(w.Driver), Days: dayPattern(w.Days), Span: daySpan(w.Span),
		BackBy: secondsOrNone(w.BackBy), BackAt: latLngOrNone(w.BackAt), Margin: secondsOrNone(w.Margin),
	}
	out.Etag = etagOf(out)
	return out
}

func shareWindowOf(m *swmaasv1.ShareWindow) vehicles.ShareWindow {
	return vehicles.ShareWindow{
		ID: vehicles.ShiftID(m.GetId()), Vehicle: vehicles.VehicleID(m.GetVehicleId()), Driver: vehicles.DriverID(m.GetDriverId()),
		Days: dayPatternOf(m.GetDays()), Span: daySpanOf(m.GetSpan()), BackBy: wholeSeconds(m.GetBackBy()), BackAt: latLngOf(m.GetBackAt()),
		Margin: wholeSeconds(m.GetMargin()),
	}
}

// noLimit is the unlimited cover of an insurance in the contract.
const noLimit = -1

func yen(n int64) int64 {
	if n == vehicles.NoLimit {
		return noLimit
	}
	return n
}

func yenOf(n int64) int64 {
	if n == noLimit {
		return vehicles.NoLimit
	}
	return n
}

// vehicleCalendar is what a calendar says of one vehicle.
func vehicleCalendar(c *vehicles.Calendar, id vehicles.VehicleID) *swmaasv1.VehicleCalendar {
	out := &swmaasv1.VehicleCalendar{VehicleId: string(id)}
	for _, r := range c.Rounds {
		if r.Vehicle == id {
			out.ProtectedRuns = append(out.ProtectedRuns, &swmaasv1.ProtectedRun{
				Days: dayPattern(r.Days), Span: daySpan(r.Span), Before: secondsOrNone(r.Before), After: secondsOrNone(r.After),
			})
		}
	}
	for _, o := range c.Outages {
		if o.Vehicle == id {
			out.Outages = append(out.Outages, &swmaasv1.PlannedOutage{Dates: &swmaasv1.Dates{From: string(o.Dates.From), To: string(o.Dates.To)}, Span: daySpanOrNone(o.Span), Reason: o.Reason})
		}
	}
	for _, p := range c.Papers {
		if p.Vehicle == id {
			out.Papers = &swmaasv1.VehiclePapers{
				Persons: int32(p.Persons), InspectionTo: string(p.Inspection), InsuranceTo: string(p.Insurance),
				PersonCoverYen: yen(p.PersonYen), PropertyCoverYen: yen(p.PropertyYen), Display: p.Display, Private: p.Private,
				UseAgreement: p.UseAgreement, Business: p.Business, ForbiddenModes: p.Forbidden,
			}
		}
	}
	out.Etag = etagOf(out)
	return out
}

// setVehicleCalendar replaces what a calendar says of one vehicle.
func setVehicleCalendar(c *vehicles.Calendar, m *swmaasv1.VehicleCalendar) {
	id := vehicles.VehicleID(m.GetVehicleId())
	c.Rounds = without(c.Rounds, func(r vehicles.ProtectedRound) bool { return r.Vehicle == id })
	for _, r := range m.GetProtectedRuns() {
		c.Rounds = append(c.Rounds, vehicles.ProtectedRound{
			Vehicle: id, Days: dayPatternOf(r.GetDays()), Span: daySpanOf(r.GetSpan()), Before: wholeSeconds(r.GetBefore()), After: wholeSeconds(r.GetAfter()),
		})
	}
	c.Outages = without(c.Outages, func(o vehicles.Outage) bool { return o.Vehicle == id })
	for _, o := range m.GetOutages() {
		c.Outages = append(c.Outages, vehicles.Outage{Vehicle: id, Dates: datesOf(o.GetDates()), Span: daySpanOf(o.GetSpan()), Reason: o.GetReason()})
	}
	c.Papers = without(c.Papers, func(p vehicles.Papers) bool { return p.Vehicle == id })
	if p := m.GetPapers(); p != nil {
		c.Papers = append(c.Papers, vehicles.Papers{
			Vehicle: id, Persons: int(p.GetPersons()), Inspection: vehicles.Date(p.GetInspectionTo()), Insurance: vehicles.Date(p.GetInsuranceTo()),
			PersonYen: yenOf(p.GetPersonCoverYen()), PropertyYen: yenOf(p.GetPropertyCoverYen()), Display: p.GetDisplay(), Private: p.GetPrivate(),
			UseAgreement: p.GetUseAgreement(), Business: p.GetBusiness(), Forbidden: p.GetForbiddenModes(),
		})
	}
}

// without is the list less some entries, in an array of its own.
func without[T any](list []T, drop func(T) bool) []T {
	var kept []T
	for _, x := range list {
		if !drop(x) {
			kept = append(kept, x)
		}
	}
	return kept
}

// driverCalendar is what a calendar says of one driver.
func driverCalendar(c *vehicles.Calendar, id vehicles.DriverID) *swmaasv1.DriverCalendar {
	out := &swmaasv1.DriverCalendar{DriverId: string(id)}
	for _, a := range c.Available {
		if a.Driver == id {
			out.Availability = append(out.Availability, &swmaasv1.DriverAvailability{Days: dayPattern(a.Days), Span: daySpan(a.Span)})
		}
	}
	for _, l := range c.Leaves {
		if l.Driver == id {
			out.Leaves = append(out.Leaves, &swmaasv1.DriverLeave{Dates: &swmaasv1.Dates{From: string(l.Dates.From), To: string(l.Dates.To)}, Span: daySpanOrNone(l.Span)})
		}
	}
	for _, h := range c.Credentials {
		if h.Person == id {
			out.Credentials = &swmaasv1.DriverCredentials{
				LicenceTo: string(h.LicenceUntil), AptitudeDue: h.AptitudeDue,
				LongestDay: secondsOrNone(h.Caps.Day), LeastRest: secondsOrNone(h.Caps.Rest), DrivesTo: string(h.Caps.Until),
				Certificates: mapped(h.Certificates, func(x vehicles.Certificate) *swmaasv1.Certificate {
					return &swmaasv1.Certificate{Code: x.Code, Held: datesMessage(x.Held)}
				}),
				Suspensions: mapped(h.Suspensions, func(d vehicles.Dates) *swmaasv1.Dates { return &swmaasv1.Dates{From: string(d.From), To: string(d.To)} }),
			}
		}
	}
	out.Etag = etagOf(out)
	return out
}

// setDriverCalendar replaces what a calendar says of one driver. Class and licence are those of the fleet's entry.
func setDriverCalendar(c *vehicles.Calendar, m *swmaasv1.DriverCalendar, entry vehicles.Driver) {
	c.Available = without(c.Available, func(a vehicles.Availability) bool { return a.Driver == entry.ID })
	for _, a := range m.GetAvailability() {
		c.Available = append(c.Available, vehicles.Availability{Driver: entry.ID, Days: dayPatternOf(a.GetDays()), Span: daySpanOf(a.GetSpan())})
	}
	c.Leaves = without(c.Leaves, func(l vehicles.Leave) bool { return l.Driver == entry.ID })
	for _, l := range m.GetLeaves() {
		c.Leaves = append(c.Leaves, vehicles.Leave{Driver: entry.ID, Dates: datesOf(l.GetDates()), Span: daySpanOf(l.GetSpan())})
	}
	c.Credentials = without(c.Credentials, func(h vehicles.Credentials) bool { return h.Person == entry.ID })
	if h := m.GetCredentials(); h != nil {
		c.Credentials = append(c.Credentials, vehicles.Credentials{
			Person: entry.ID, Class: entry.Class, Licence: entry.Licence, LicenceUntil: vehicles.Date(h.GetLicenceTo()), AptitudeDue: h.GetAptitudeDue(),
			Caps: vehicles.WorkCaps{Day: wholeSeconds(h.GetLongestDay()), Rest: wholeSeconds(h.GetLeastRest()), Until: vehicles.Date(h.GetDrivesTo())},
			Certificates: mapped(h.GetCertificates(), func(x *swmaasv1.Certificate) vehicles.Certificate {
				return vehicles.Certificate{Code: x.GetCode(), Held: datesOf(x.GetHeld())}
			}),
			Suspensions: mapped(h.GetSuspensions(), datesOf),
		})
	}
}
