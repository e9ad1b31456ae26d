package dispatch_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// registered is a care user with something in every field.
func registered() *dispatch.Rider {
	return &dispatch.Rider{
		ID: "R-1", Area: "kurobe", Version: 2, Name: "名前", Kana: "ナマエ", Born: "1941-05-03", Phones: []string{"+81765990001"},
		Home:   dispatch.SavedPlace{Label: "自宅", Address: "自宅の住所", Entrance: geo.LatLng{Lat: 36.87, Lng: 137.44}, Road: geo.LatLng{Lat: 36.8702, Lng: 137.44}, Notes: "坂の下まで"},
		Places: []dispatch.SavedPlace{{Label: "通院先", Entrance: geo.LatLng{Lat: 36.88, Lng: 137.45}, Notes: "北口"}},
		UserOf: []dispatch.Membership{
			{Facility: "F-1", Standing: dispatch.CareUser, Dates: vehicles.Dates{From: "2026-04-01", To: "2026-12-31"}},
			{Facility: "F-2", Standing: dispatch.DisabilityUser},
		},
		Categories: []dispatch.CategoryFact{{Category: dispatch.CareNeed, Evidence: "被保険者証", ValidTo: "2027-03-31"}},
		Listed:     []dispatch.Listing{{Mode: dispatch.FukushiYusho}}, NeedsHelp: true, OwnCar: true, Escorted: true,
		Consents:   []dispatch.Consent{{Kind: dispatch.ConsentWatch, Given: "2026-04-01", Withdrawn: "2026-10-01", By: "同意した人"}},
		Attendants: 1, Load: vehicles.Load{Seats: 1, Wheelchairs: 1}, Equipment: vehicles.Lift,
		Care: []dispatch.Care{dispatch.CareKidney, dispatch.CareDementia, dispatch.CareNeverAlone, dispatch.CareWheelchair}, DriverNote: "右側から",
		Apart: []dispatch.RiderID{"R-2"}, NotDrivers: []vehicles.DriverID{"D-1"},
		Contacts: []dispatch.Contact{{Name: "家族の名", Relation: "長男", Phone: "+81765990002", Watch: true}},
	}
}

func TestEachViewerSeesWhatTheyNeedAndNoMore(t *testing.T) {
	r := registered()
	stops := []geo.LatLng{r.Home.Road}
	all := []string{"名前", "ナマエ", "1941", "990001", "自宅の住所", "坂の下", "通院先", "被保険者証", "FUKUSHI", "同意した人", "右側から", "R-2", "D-1", "家族の名", "KD", "MIP", "NLA", "F-1", "F-2"}
	for name, c := range map[string]struct {
		viewer dispatch.Viewer
		sees   []string // of all; nil for no entry
	}{
		"operator":                        {dispatch.Viewer{Kind: dispatch.OperatorViewer}, all},
		"the rider":                       {dispatch.Viewer{Kind: dispatch.RiderViewer}, all},
		"driver who fetches them at home": {dispatch.Viewer{Kind: dispatch.DriverViewer, Stops: stops, Fetches: stops}, []string{"名前", "ナマエ", "990001", "自宅の住所", "坂の下", "右側から", "NLA"}},
		"driver who takes them home":      {dispatch.Viewer{Kind: dispatch.DriverViewer, Stops: stops}, []string{"名前", "ナマエ", "自宅の住所", "坂の下", "右側から", "NLA"}},
		"driver who takes them elsewhere": {dispatch.Viewer{Kind: dispatch.DriverViewer}, []string{"名前", "ナマエ", "右側から", "NLA"}},
		"their facility": {
			dispatch.Viewer{Kind: dispatch.FacilityViewer, Facility: "F-1", Day: "2026-05-01"},
			[]string{"名前", "ナマエ", "990001", "自宅の住所", "坂の下", "通院先", "右側から", "R-2", "D-1", "家族の名", "NLA", "F-1"},
		},
		"their facility of another year": {dispatch.Viewer{Kind: dispatch.FacilityViewer, Facility: "F-1", Day: "2027-01-01"}, nil},
		"another facility":               {dispatch.Viewer{Kind: dispatch.FacilityViewer, Facility: "F-3", Day: "2026-05-01"}, nil},
		"no facility":                    {dispatch.Viewer{Kind: dispatch.FacilityViewer, Day: "2026-05-01"}, nil},
		"maker of figures":               {dispatch.Viewer{Kind: dispatch.FiguresViewer}, []string{}},
		"nobody in particular":           {dispatch.Viewer{}, nil},
	} {
		got, may := r.View(c.viewer)
		if may != (c.sees != nil) {
			t.Errorf("%s: may see it: %v", name, may)
		}
		if !may {
			continue
		}
		text := fmt.Sprintf("%+v", *got)
		for _, word := range all {
			if want := slices.Contains(c.sees, word); strings.Contains(text, word) != want {
				t.Errorf("%s: sees %q: %v, want %v, in %s", name, word, !want, want, text)
			}
		}
	}
	if !reflect.DeepEqual(r, registered()) {
		t.Error("looking has changed the entry")
	}
}

func TestADriverGetsANumberUnderWhichTheRiderIsFoundThere(t *testing.T) {
	r := registered()
	home, clinic := r.Home.Road, r.Places[0].Entrance
	for name, c := range map[string]struct {
		phones  []string
		fetches []geo.LatLng
		want    []string
	}{
		"fetched at home":                       {[]string{"+81765990001", "+819099900003"}, []geo.LatLng{home}, []string{"+81765990001"}},
		"fetched at a clinic, one carried":      {[]string{"+81765990001", "+819099900003"}, []geo.LatLng{clinic}, []string{"+819099900003"}},
		"fetched at a clinic, only one at home": {[]string{"+81765990001"}, []geo.LatLng{clinic}, nil},
		"fetched at both":                       {[]string{"+81765990001", "+819099900003"}, []geo.LatLng{clinic, home}, []string{"+81765990001"}},
		"set down only":                         {[]string{"+819099900003"}, nil, nil},
		"no number":                             {nil, []geo.LatLng{home}, nil},
	} {
		r.Phones = c.phones
		got, _ := r.View(dispatch.Viewer{Kind: dispatch.DriverViewer, Stops: []geo.LatLng{home, clinic}, Fetches: c.fetches})
		if !slices.Equal(got.Phones, c.want) {
			t.Errorf("%s: %v, want %v", name, got.Phones, c.want)
		}
	}
}

func TestDiagnosesStayInTheRegister(t *testing.T) {
	r := registered()
	want := []dispatch.Care{dispatch.CareWheelchair, dispatch.CareNeverAlone, dispatch.CareSpeakTo}
	if got := r.Party().Care; !slices.Equal(got, want) {
		t.Errorf("the party says %v, want %v", got, want)
	}
	if got := r.Profile().Care; !slices.Equal(got, want) {
		t.Errorf("the profile says %v, want %v", got, want)
	}
	for _, code := range dispatch.Cares() {
		told := code.ForDriver()
		if code.Kind() == dispatch.Medical && (told == code || told.Kind() == dispatch.Medical) {
			t.Errorf("a driver is told %s (%s)", code, code.Word())
		}
		if code.Word() == string(code) || told != "" && !told.Known() {
			t.Errorf("%s has no word, or an unknown one for the driver: %q", code, told)
		}
	}
	if n := len(dispatch.Cares()); n != 29+5 {
		t.Errorf("%d codes, want the 29 of TDS and 5 of ours", n)
	}
}

func TestPartyIsWhoTravelsAsUsual(t *testing.T) {
	onFoot := (&dispatch.Rider{Attendants: 1}).Party()
	if onFoot.Load != (vehicles.Load{Seats: 2}) || onFoot.Board != 60 || onFoot.Alight != 45 {
		t.Errorf("on foot with an attendant: %+v", onFoot)
	}
	seated := registered().Party()
	if seated.Load != (vehicles.Load{Seats: 1, Wheelchairs: 1}) || seated.Board != 120 || seated.Alight != 90 || seated.Needs != vehicles.Lift {
		t.Errorf("in a wheelchair: %+v", seated)
	}
	slow := (&dispatch.Rider{Board: 300, Alight: 200}).Party()
	if slow.Board != 300 || slow.Alight != 200 {
		t.Errorf("measured times: %+v", slow)
	}
}

func TestConsentHoldsFromItsDateUntilItIsWithdrawn(t *testing.T) {
	r := registered()
	for day, want := range map[vehicles.Date]bool{"2026-03-31": false, "2026-04-01": true, "2026-09-30": true, "2026-10-01": false} {
		if got := r.Consented(dispatch.ConsentWatch, day); got != want {
			t.Errorf("%s: %v", day, got)
		}
	}
	if r.Consented(dispatch.ConsentTown, "2026-05-01") {
		t.Error("a consent that nobody gave holds")
	}
}

func TestFaultsNameTheFieldAndNeverItsContent(t *testing.T) {
	if faults := registered().Faults(); len(faults) > 0 {
		t.Errorf("a complete entry: %v", faults)
	}
	for name, c := range map[string]struct {
		change func(*dispatch.Rider)
		field  string
	}{
		"id with a name in it":      {func(r *dispatch.Rider) { r.ID = "秘密" }, "ID"},
		"no name":                   {func(r *dispatch.Rider) { r.Name = "" }, "Name"},
		"line break":                {func(r *dispatch.Rider) { r.DriverNote = "秘密\n" }, "DriverNote"},
		"number not in E.164 form":  {func(r *dispatch.Rider) { r.Phones = []string{"0765-99-0001"} }, "Phones"},
		"home without a position":   {func(r *dispatch.Rider) { r.Home.Entrance = geo.LatLng{} }, "Home"},
		"place without a label":     {func(r *dispatch.Rider) { r.Places[0].Label = "" }, "Places"},
		"user standing of a rider":  {func(r *dispatch.Rider) { r.Standing = dispatch.CareUser }, "Standing"},
		"dates exchanged":           {func(r *dispatch.Rider) { r.UserOf[0].Dates.To = "2026-01-01" }, "UserOf"},
		"unknown category":          {func(r *dispatch.Rider) { r.Categories[0].Category = "秘密" }, "Categories"},
		"unknown mode":              {func(r *dispatch.Rider) { r.Listed[0].Mode = "秘密" }, "Listed"},
		"consent without a date":    {func(r *dispatch.Rider) { r.Consents[0].Given = "" }, "Consents"},
		"nobody but attendants":     {func(r *dispatch.Rider) { r.Attendants = 2 }, "Load"},
		"an hour to board":          {func(r *dispatch.Rider) { r.Board = 3600 }, "Board"},
		"unknown need":              {func(r *dispatch.Rider) { r.Care[0] = "秘密" }, "Care"},
		"kept apart from oneself":   {func(r *dispatch.Rider) { r.Apart[0] = "R-1" }, "Apart"},
		"driver both ways":          {func(r *dispatch.Rider) { r.OnlyDrivers = r.NotDrivers }, "OnlyDrivers"},
		"contact without a number":  {func(r *dispatch.Rider) { r.Contacts[0].Phone = "秘密" }, "Contacts"},
		"too many of a list":        {func(r *dispatch.Rider) { r.Apart = make([]dispatch.RiderID, 51) }, "Apart"},
		"aid that is not known yet": {func(r *dispatch.Rider) { r.Equipment = 1 << 20 }, "Equipment"},
	} {
		r := registered().Clone()
		c.change(r)
		faults := r.Faults()
		if len(faults) == 0 || !slices.ContainsFunc(faults, func(f dispatch.FieldFault) bool { return f.Field == c.field }) {
			t.Errorf("%s: %v, want a fault of %s", name, faults, c.field)
		}
		for _, f := range faults {
			if f.Reason == "" || f.Instead == "" || strings.Contains(f.Error(), "秘密") {
				t.Errorf("%s: %q", name, f.Error())
			}
		}
		if err := r.Validate(); !errors.Is(err, dispatch.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPhoneNumbersHaveOneForm(t *testing.T) {
	for text, want := range map[string]string{
		"0765-54-1234": "+81765541234", "０７６５ー５４ー１２３４": "+81765541234", "(0765)54-1234": "+81765541234", "+81 765 54 1234": "+81765541234",
		"09000000001": "+819000000001", "+44 20 7946 0000": "+442079460000",
	} {
		if got, err := dispatch.NormalPhone(text); err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"", "でんわ", "54-1234x", "0765", "1", "0765-54-1234 内線 5"} {
		if got, err := dispatch.NormalPhone(text); !errors.Is(err, dispatch.ErrInvalid) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	if got := dispatch.ReadablePhone("+81765541234"); got != "0765-54-1234" {
		t.Errorf("as people write it: %q", got)
	}
}
