package dayfile

import (
	"fmt"
	"io"
	"strings"

	"github.com/swmaas/swmaas/dispatch"
)

// officePage is what the office's template prints.
type officePage struct {
	edition
	Warnings                             []string
	Calls                                []callRow // what must be told, reminders left out: they have a list of their own
	Duties                               []dutyText
	Idle                                 []dutyText
	Rides, Unplanned, WillCalls, Waiting rideTable
	People                               []personText
	Blank                                [blankLines]struct{}
}

// blankLines is how many lines the office's sheet has for rides that are asked for by hand: a page.
const blankLines = 17

type personText struct {
	ID, Name, Kana   string
	Phones, Contacts []string
}

// WriteOffice writes the sheet from which the office can run the day without a computer (緊急時運行表).
func (s *Sheets) WriteOffice(w io.Writer) error {
	o := s.Paper.OfficeSheet()
	page := officePage{edition: s.edition("緊急時運行表", "")}
	page.Warnings = s.warnings(o)
	urgent, _ := s.Paper.CallList()
	page.Calls = s.callRows(urgent)
	for i := range o.Duties {
		duty := s.dutyOf(&o.Duties[i])
		s.reach(&duty, &o.Duties[i])
		page.Duties = append(page.Duties, duty)
	}
	for _, v := range o.Idle {
		page.Idle = append(page.Idle, dutyText{Vehicle: vehicleText(v), Cabin: cabinText(v), Employer: s.facilityName(v.Owner), EmployerPhone: s.facilityPhone(v.Owner)})
	}
	for _, part := range []struct {
		to   *rideTable
		from []dispatch.OfficeRide
	}{{&page.Rides, o.Rides}, {&page.Unplanned, o.Unplanned}, {&page.WillCalls, o.WillCalls}, {&page.Waiting, o.Waiting}} {
		for i := range part.from {
			part.to.Rides = append(part.to.Rides, s.officeRide(&part.from[i]))
		}
	}
	for _, r := range o.People {
		page.People = append(page.People, s.personOf(r))
	}
	return write(w, "office", page)
}

// officeRide is a ride in a line of the office's lists, with its whole way.
func (s *Sheets) officeRide(f *dispatch.OfficeRide) rideText {
	r := f.Ride
	t := s.rideOf(f, f.From, f.To)
	if f.Pickup == 0 {
		t.Pickup, t.Arrive = "", ""
	}
	if r.Promise.ArriveBy > 0 {
		t.By = minute(r.Promise.ArriveBy) + " までに到着"
	}
	switch {
	case r.Latent():
		t.State = fmt.Sprintf("呼ばれてから %d 分以内にお迎え", r.Call.MaxWait/60)
	case r.State == dispatch.Offered || r.State == dispatch.Draft:
		t.Promise, t.By = "", "希望 "+wishText(r.Wish)
	case r.State == dispatch.UnderWay:
		t.State = "乗車中"
	case r.State == dispatch.Completed:
		t.State = "済"
	case r.State == dispatch.NoShow:
		t.State = "会えなかった"
	}
	return t
}

// wishText is what somebody asked for.
func wishText(w dispatch.Wish) string {
	switch w.Kind {
	case dispatch.ArriveBy:
		return minute(w.Window.Latest) + " までに到着"
	case dispatch.DepartAfter:
		return minute(w.Window.Earliest) + " 以降"
	}
	return windowText(w.Window)
}

func (s *Sheets) personOf(r *dispatch.Rider) personText {
	p := personText{ID: string(r.ID), Name: r.Name, Kana: s.kana(r.Name, r.Kana, Readings.Person)}
	for _, phone := range r.Phones {
		p.Phones = append(p.Phones, dispatch.ReadablePhone(phone))
	}
	for _, c := range r.Contacts {
		p.Contacts = append(p.Contacts, strings.TrimSpace(c.Relation+" "+c.Name+" "+dispatch.ReadablePhone(c.Phone)))
	}
	return p
}

// warnings says what somebody in the office has to see to.
func (s *Sheets) warnings(o *dispatch.OfficeSheet) (list []string) {
	if n := len(o.Unplanned); n > 0 {
		list = append(list, fmt.Sprintf("車両が決まっていない便が %d 件あります。", n))
	}
	for _, r := range o.Stray {
		list = append(list, fmt.Sprintf("勤務表にない勤務 %s に便が残っています。", r.Shift))
	}
	for _, p := range s.Paper.Problems {
		list = append(list, problemText(p))
	}
	return list
}
