package town

import (
	"fmt"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/testdata/kurobe"
)

// Register is the town's register of riders as an installation keeps it, by number. Everybody is named by number; the phone
// numbers are of a range (090-0) that is given to nobody. It agrees with Profile in all that a policy looks at.
func (t *Town) Register() []*dispatch.Rider {
	riders := make([]*dispatch.Rider, len(t.Riders))
	for i := range t.Riders {
		r := &t.Riders[i]
		facts := &r.Profile.Facts
		riders[i] = &dispatch.Rider{
			ID: r.ID, Area: Area, Name: fmt.Sprintf("利用者 %04d", i+1), Kana: fmt.Sprintf("リヨウシャ %04d", i+1),
			Phones:   []string{fmt.Sprintf("+81900000%04d", i+1)},
			Home:     dispatch.SavedPlace{Label: r.Home.Label, Address: r.District, Entrance: r.Home.At},
			Standing: facts.Standing, UserOf: r.Profile.UserOf, Categories: facts.Categories, Listed: facts.Listed,
			NeedsHelp: facts.NeedsHelp, OwnCar: facts.OwnCar,
			Consents: []dispatch.Consent{{Kind: dispatch.ConsentKeep, Given: "2026-04-01"}, {Kind: dispatch.ConsentShare, Given: "2026-04-01"}},
			Load:     r.Party.Load, Equipment: r.Party.Needs, Board: r.Party.Board, Alight: r.Party.Alight,
			Apart: r.Profile.Apart, NotDrivers: r.Profile.NotDrivers, OnlyDrivers: r.Profile.OnlyDrivers,
		}
		if chair(r) {
			riders[i].Care = []dispatch.Care{dispatch.CareWheelchair}
		}
	}
	return riders
}

// Places is the town's gazetteer: the real towns and public places with the generated clinics and shops, which say so by their
// numbers. An error means damaged facts.
func (t *Town) Places() ([]dispatch.KnownPlace, error) {
	facts, err := kurobe.Load()
	if err != nil {
		return nil, err
	}
	var places []dispatch.KnownPlace
	add := func(letter string, kind dispatch.PlaceKind, p dispatch.SavedPlace) {
		places = append(places, dispatch.KnownPlace{ID: fmt.Sprintf("%s-%03d", letter, len(places)+1), Kind: kind, SavedPlace: p})
	}
	for _, f := range facts.Towns {
		add("T", dispatch.TownPlace, dispatch.SavedPlace{Label: f.Name + f.Part, Entrance: position(f.At)})
	}
	for _, f := range facts.Places {
		add("P", dispatch.LandmarkPlace, dispatch.SavedPlace{Label: f.Name, Entrance: position(f.At)})
	}
	for _, c := range t.Clinics {
		add("C", dispatch.FacilityPlace, dispatch.SavedPlace{Label: c.Place.Label, Entrance: c.Place.At})
	}
	for _, s := range t.Shops {
		add("S", dispatch.ShopPlace, dispatch.SavedPlace{Label: s.Label, Entrance: s.At})
	}
	return places, nil
}
