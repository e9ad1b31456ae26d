package dayfile

import (
	"io"
	"strings"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// facilityPage is what the facility's template prints.
type facilityPage struct {
	edition
	Name, Phone     string
	Office          phoneText
	To, From, Other rideTable
	Lent            []lentText
}

// rideTable is a list of rides under one heading. Where is the heading of its places.
type rideTable struct {
	Where string
	Rides []rideText
}

// rideText is one ride in a line of a list.
type rideText struct {
	Ride, Pickup, Arrive, Promise, By, State string
	Name, Kana, Phone, Vehicle               string
	Places                                   []placeText
	Wants                                    wantsText
}

type lentText struct{ Vehicle, Driver, Span, Out, Last, BackBy, Own string }

// WriteFacility writes the sheet of one facility (送迎表), to hang up there: its users' rides to and from it, and when its
// vehicles are out. Errors: those of Paper.FacilitySheet, and the writer's.
func (s *Sheets) WriteFacility(w io.Writer, id vehicles.FacilityID, v dispatch.Viewer) error {
	f, err := s.Paper.FacilitySheet(id, v)
	if err != nil {
		return err
	}
	page := facilityPage{edition: s.edition("送迎表", string(id)), Name: f.Facility.Name, Office: s.officePhone()}
	page.Phone = dispatch.ReadablePhone(f.Facility.Phone)
	page.To, page.From, page.Other = rideTable{Where: "お迎え先"}, rideTable{Where: "お送り先"}, rideTable{Where: "行き先"}
	for i := range f.To {
		page.To.Rides = append(page.To.Rides, s.rideOf(&f.To[i], f.To[i].From))
	}
	for i := range f.From {
		page.From.Rides = append(page.From.Rides, s.rideOf(&f.From[i], f.From[i].To))
	}
	for i := range f.Other {
		page.Other.Rides = append(page.Other.Rides, s.rideOf(&f.Other[i], f.Other[i].From, f.Other[i].To))
	}
	for i := range f.Lent {
		l := &f.Lent[i]
		var own []string
		for _, r := range l.Shift.OwnRounds {
			own = append(own, span(r.Start, r.End))
		}
		page.Lent = append(page.Lent, lentText{
			Vehicle: vehicleText(l.Vehicle), Driver: string(l.Shift.Driver), Span: span(l.Shift.Span.Start, l.Shift.Span.End),
			Out: known(l.Out), Last: known(l.Last), BackBy: minute(l.Shift.Span.End), Own: strings.Join(own, "、"),
		})
	}
	return write(w, "facility", page)
}

// rideOf is a ride in a line with the places that its list shows.
func (s *Sheets) rideOf(f *dispatch.FacilityRide, places ...dispatch.PaperPlace) rideText {
	r := f.Ride
	t := rideText{Ride: string(r.ID), Pickup: known(f.Pickup), Arrive: known(f.Arrive), Promise: windowText(r.Promise.Pickup), Wants: wantsOf(&f.Wants)}
	t.Name, t.Kana = s.riderText(r, f.Rider)
	if f.Vehicle != nil {
		t.Vehicle = vehicleText(f.Vehicle) + " " + string(f.Driver)
	}
	if r.Latent() {
		t.Promise = windowText(dispatch.Window{Earliest: r.Wish.Window.Earliest, Latest: r.CallBy()}) + " に電話で呼ぶ"
	}
	if f.Rider != nil && len(f.Rider.Phones) > 0 {
		t.Phone = dispatch.ReadablePhone(f.Rider.Phones[0])
	}
	for _, p := range places {
		t.Places = append(t.Places, s.placeOf(p))
	}
	return t
}
