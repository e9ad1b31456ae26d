package dispatch

import (
	"slices"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// Viewer is who wants to see an entry, and for what.
type Viewer struct {
	Kind     ViewerKind
	Day      vehicles.Date       // on which they need it
	Facility vehicles.FacilityID // of FacilityViewer
	// Stops are where the rides that a driver drives the rider on begin and end: places elsewhere are none of their business.
	Stops []geo.LatLng
	// Fetches are those of the Stops where the driver fetches the rider and may have to call: a number is for nothing else.
	Fetches []geo.LatLng
}

// ViewerKind is a reason to see an entry.
type ViewerKind uint8

// The reasons to see an entry.
const (
	OperatorViewer ViewerKind = iota + 1 // takes calls and keeps the register
	DriverViewer                         // drives the rider today
	FacilityViewer                       // cares for its own users
	RiderViewer                          // the person, or who acts for them
	FiguresViewer                        // counts, and never names
)

// View is what a viewer may see of an entry, or nothing where they may not see it. The copy shares lists with the rider.
//
// A driver sees who it is, the party, what to do, the way to the doors of today's stops, and a telephone number where they have to
// find somebody at a door; a facility sees its own users
// with home, party and contacts, but not what they are eligible for; whoever makes figures sees no more than classes. A
// diagnosis is for the operator and the rider alone. An unknown kind sees nothing.
func (r *Rider) View(v Viewer) (*Rider, bool) {
	switch v.Kind {
	case OperatorViewer, RiderViewer:
		return r, true
	case DriverViewer:
		return r.forDriver(v.Stops, v.Fetches), true
	case FacilityViewer:
		own := slices.DeleteFunc(slices.Clone(r.UserOf), func(m Membership) bool {
			return m.Facility != v.Facility || !m.Dates.Contains(v.Day)
		})
		if v.Facility == "" || len(own) == 0 {
			return nil, false
		}
		out := r.forDriver(nil, nil)
		out.Phones, out.Home, out.Places, out.Contacts = r.Phones, r.Home, r.Places, r.Contacts
		out.UserOf, out.Apart, out.NotDrivers, out.OnlyDrivers = own, r.Apart, r.NotDrivers, r.OnlyDrivers
		return out, true
	case FiguresViewer:
		out := &Rider{ID: r.ID, Area: r.Area, Version: r.Version, Standing: r.Standing, Load: r.Load, Attendants: r.Attendants, OwnCar: r.OwnCar}
		for _, c := range r.Categories {
			out.Categories = append(out.Categories, CategoryFact{Category: c.Category, ValidTo: c.ValidTo})
		}
		return out, true
	}
	return nil, false
}

// forDriver is the entry as a driver sees it who goes to these places, and fetches the rider at some of them.
func (r *Rider) forDriver(stops, fetches []geo.LatLng) *Rider {
	out := &Rider{
		ID: r.ID, Area: r.Area, Version: r.Version, Name: r.Name, Kana: r.Kana, Load: r.Load, Equipment: r.Equipment, Attendants: r.Attendants,
		Escorted: r.Escorted, Care: careForDriver(r.Care), DriverNote: r.DriverNote, Board: r.Board, Alight: r.Alight,
	}
	goesTo := func(p *SavedPlace) bool {
		return slices.Contains(stops, p.Place().At) || slices.Contains(stops, p.Entrance)
	}
	if goesTo(&r.Home) {
		out.Home = r.Home
	}
	for i := range r.Places {
		if goesTo(&r.Places[i]) {
			out.Places = append(out.Places, r.Places[i])
		}
	}
	if phone := r.phoneAt(fetches); phone != "" {
		out.Phones = []string{phone}
	}
	return out
}

// phoneAt is the number under which the rider is found at one of the places: the first one at home, elsewhere the first that
// they carry with them; empty where there is none.
func (r *Rider) phoneAt(places []geo.LatLng) string {
	for _, at := range places {
		if len(r.Phones) > 0 && (at == r.Home.Place().At || at == r.Home.Entrance) {
			return r.Phones[0]
		}
	}
	if k := slices.IndexFunc(r.Phones, carriedPhone); k >= 0 && len(places) > 0 {
		return r.Phones[k]
	}
	return ""
}
