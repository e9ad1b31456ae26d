package dayfile

import (
	"io"
	"slices"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// manifestPage is what the manifest template prints: a section for each duty of each driver.
type manifestPage struct {
	edition
	Office  phoneText // whom a driver rings
	Drivers []driverPage
}

// phoneText is a number and whose it is; empty where none is recorded.
type phoneText struct{ Name, Number string }

type driverPage struct {
	ID     vehicles.DriverID
	Duties []dutyText
}

// dutyText is one duty in words, on the driver's own sheet and on the office's.
type dutyText struct {
	Vehicle, Cabin, Span, BackBy string
	Driver, Employer             string
	DriverPhone, EmployerPhone   string // on the office's sheet alone
	From, To                     placeText
	Changes                      []string
	Halts                        int
	Entries                      []entryText
}

type entryText struct {
	Block, Short          string // what the vehicle or driver does that is not the plan's; empty for a halt
	Time, LeaveBy, Depart string
	Changed               bool
	Place                 placeText
	Pin                   string
	Calls                 []callText
}

type callText struct {
	Boards              bool
	Name, Kana          string
	Ride, Promise, Done string
	Phone               string
	Wants               wantsText
}

// WriteManifest writes the sheets of some drivers, or of all who have a shift: what each needs and nothing else.
func (s *Sheets) WriteManifest(w io.Writer, drivers ...vehicles.DriverID) error {
	page := manifestPage{}
	whose := ""
	if len(drivers) == 1 {
		whose = string(drivers[0])
	}
	page.edition = s.edition("運行指示・乗務予定表", whose)
	page.Office = s.officePhone()
	if len(drivers) == 0 {
		drivers = s.Paper.Drivers()
	}
	for _, d := range drivers {
		driver := driverPage{ID: d}
		for _, duty := range s.Paper.DriverSheet(d) {
			driver.Duties = append(driver.Duties, s.dutyOf(&duty))
		}
		page.Drivers = append(page.Drivers, driver)
	}
	return write(w, "manifest", page)
}

func (s *Sheets) dutyOf(d *dispatch.Duty) dutyText {
	t := dutyText{
		Vehicle: vehicleText(d.Vehicle), Cabin: cabinText(d.Vehicle), Span: span(d.Shift.Span.Start, d.Shift.Span.End),
		BackBy: minute(d.Shift.Span.End), Driver: string(d.Shift.Driver), From: s.placeOf(d.From), To: s.placeOf(d.To),
	}
	k := slices.IndexFunc(s.Paper.Fleet.Drivers, func(x vehicles.Driver) bool { return x.ID == d.Shift.Driver })
	if k >= 0 {
		t.Employer = s.facilityName(s.Paper.Fleet.Drivers[k].Facility)
	}
	for i := range d.Changes {
		t.Changes = append(t.Changes, s.changeText(&d.Changes[i]))
	}
	for i := range d.Entries {
		e := s.entryOf(&d.Entries[i])
		if e.Block == "" {
			t.Halts++
		}
		t.Entries = append(t.Entries, e)
	}
	return t
}

// officePhone is the number of the place from which the area is dispatched.
func (s *Sheets) officePhone() phoneText {
	office := s.Paper.Fleet.OfficeOf()
	if office == nil || office.Phone == "" {
		return phoneText{}
	}
	return phoneText{office.Name, dispatch.ReadablePhone(office.Phone)}
}

// reach adds to a duty of the office's sheet how the driver and the owner of the vehicle are reached.
func (s *Sheets) reach(t *dutyText, d *dispatch.Duty) {
	for i := range s.Paper.Fleet.Drivers {
		if x := &s.Paper.Fleet.Drivers[i]; x.ID == d.Shift.Driver {
			t.DriverPhone = dispatch.ReadablePhone(x.Phone)
		}
	}
	t.EmployerPhone = s.facilityPhone(d.Vehicle.Owner)
}

// facilityPhone is the number of a facility, empty where none is recorded.
func (s *Sheets) facilityPhone(id vehicles.FacilityID) string {
	for i := range s.Paper.Fleet.Facilities {
		if f := &s.Paper.Fleet.Facilities[i]; f.ID == id {
			return dispatch.ReadablePhone(f.Phone)
		}
	}
	return ""
}

func (s *Sheets) facilityName(id vehicles.FacilityID) string {
	for i := range s.Paper.Fleet.Facilities {
		if f := &s.Paper.Fleet.Facilities[i]; f.ID == id {
			return f.Name
		}
	}
	return string(id)
}

func (s *Sheets) entryOf(d *dispatch.DutyEntry) entryText {
	switch d.Kind {
	case dispatch.DutyOwn:
		return entryText{Time: span(d.Span.Start, d.Span.End), Block: "施設の送迎（予約の便は入りません）", Short: "施設の送迎"}
	case dispatch.DutyBreak:
		return entryText{Time: span(d.Span.Start, d.Span.End), Block: "休憩", Short: "休憩"}
	}
	e := entryText{
		Time: minute(d.Span.Start), Depart: minute(d.Span.End), Place: s.placeOf(d.Place), Pin: pinText(d.Place.Entrance), Changed: d.Changed,
	}
	if d.LeaveBy > 0 {
		e.LeaveBy = minute(d.LeaveBy)
	}
	for i := range d.Calls {
		e.Calls = append(e.Calls, s.callOf(&d.Calls[i]))
	}
	return e
}

func (s *Sheets) callOf(d *dispatch.DutyCall) callText {
	r := d.Ride
	c := callText{Boards: d.Stop.Kind == dispatch.PickupStop, Ride: string(r.ID), Wants: wantsOf(&d.Wants)}
	c.Name, c.Kana = s.riderText(r, d.Rider)
	switch d.Stop.State {
	case dispatch.Done:
		c.Done = "済 " + minute(d.Stop.Depart)
	case dispatch.Skipped:
		c.Done = "会えなかった"
	}
	if c.Boards {
		c.Promise = windowText(r.Promise.Pickup)
		if d.Rider != nil && len(d.Rider.Phones) > 0 {
			c.Phone = dispatch.ReadablePhone(d.Rider.Phones[0])
		}
	} else if r.Promise.ArriveBy > 0 {
		c.Promise = minute(r.Promise.ArriveBy) + " までに到着"
	}
	return c
}

// changeWords say how a stop differs from what its driver was given.
var changeWords = map[string]string{
	dispatch.ChangeAdded: "加わった", dispatch.ChangeRemoved: "なくなった（行かない）", dispatch.ChangeMoved: "順番が変わった",
	dispatch.ChangeRetimed: "時刻が変わった", dispatch.ChangeNeeds: "人数・場所・配慮が変わった",
}

// changeText is a change in one line.
func (s *Sheets) changeText(c *dispatch.DutyChange) string {
	name, _ := s.riderText(c.Ride, c.Rider)
	what := "を乗せる"
	if c.StopID.Kind == dispatch.DropoffStop {
		what = "を降ろす"
	}
	text := name + what + "：" + changeWords[c.StopChange.Kind]
	switch {
	case c.Before > 0 && c.After > 0 && c.Before != c.After:
		text += " " + minute(c.Before) + " → " + minute(c.After)
	case c.After > 0:
		text += " " + minute(c.After)
	case c.Before > 0:
		text += " " + minute(c.Before)
	}
	return text
}
