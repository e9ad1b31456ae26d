package dayfile_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/dayfile"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// sheetsDay is the day of the sheets' tests, a Tuesday; it is printed the evening before.
const sheetsDay = dispatch.Day("2026-01-20")

var (
	printedAt = time.Date(2026, 1, 19, 18, 0, 0, 0, time.FixedZone("JST", 9*3600))
	daycare   = geo.LatLng{Lat: 36.8671, Lng: 137.4532}
	otherHome = geo.LatLng{Lat: 36.8802, Lng: 137.4611}
	clinic    = geo.LatLng{Lat: 36.8711, Lng: 137.4433}
)

// The stores of a day that is given.
type (
	givenPlans struct {
		dispatch.PlanStore
		state *dispatch.State
	}
	givenFleet struct {
		fleet  vehicles.Fleet
		shifts []vehicles.Shift
	}
	givenRegister struct {
		dispatch.RegisterStore
		riders map[dispatch.RiderID]*dispatch.Rider
	}
)

func (g givenPlans) Load(context.Context, dispatch.AreaID, dispatch.Day) (*dispatch.State, error) {
	return g.state, nil
}
func (g givenFleet) Fleet(context.Context, string) (vehicles.Fleet, error) { return g.fleet, nil }
func (g givenFleet) Shifts(context.Context, string, string) ([]vehicles.Shift, error) {
	return g.shifts, nil
}

func (g givenRegister) RidersOf(_ context.Context, _ dispatch.AreaID, ids []dispatch.RiderID) ([]*dispatch.Rider, error) {
	out := make([]*dispatch.Rider, len(ids))
	for i, id := range ids {
		out[i] = g.riders[id]
	}
	return out, nil
}

// fixture is a day that is made ride by ride.
type fixture struct {
	state  *dispatch.State
	fleet  givenFleet
	people map[dispatch.RiderID]*dispatch.Rider
}

func hm(h, m int32) int32 { return h*3600 + m*60 }

// fullDay is a day with everything that a sheet has to show: names beyond the basic plane and without a reading, long addresses, parties
// with many needs, own rounds, a break, a will-call, a waitlist, two facilities and a booking that no vehicle has.
func fullDay() *fixture {
	f := &fixture{state: dispatch.NewState("kurobe", sheetsDay), people: map[dispatch.RiderID]*dispatch.Rider{}}
	f.state.Revision = 128
	f.fleet.fleet = vehicles.Fleet{
		Facilities: []vehicles.Facility{{ID: "F-1", Name: "デイサービス ひまわり", At: daycare, Phone: "+81765540101", Office: true}, {ID: "F-2", Name: "特別養護老人ホーム 立山の里 宇奈月温泉前", At: otherHome, Phone: "+81765540102"}},
		Vehicles: []vehicles.Vehicle{
			{ID: "V-01", Name: "ひまわり 2号", Owner: "F-1", Home: daycare, Cabin: vehicles.Cabin{{Seats: 7}, {Seats: 4, Wheelchairs: 2}}, Equipment: vehicles.Lift | vehicles.Step},
			{ID: "V-02", Name: "立山の里 送迎車", Owner: "F-2", Home: otherHome, Cabin: vehicles.Cabin{{Seats: 4}}},
			{ID: "V-03", Owner: "F-2", Home: otherHome, Cabin: vehicles.Cabin{{Seats: 3, Stretchers: 1}}},
		},
		Drivers: []vehicles.Driver{{ID: "D-01", Facility: "F-1", Phone: "+819012340101"}, {ID: "D-02", Facility: "F-2"}},
	}
	f.fleet.shifts = []vehicles.Shift{
		{
			ID: "S-01", Vehicle: "V-01", Driver: "D-01", Span: vehicles.Span{Start: hm(8, 0), End: hm(17, 0)}, Start: daycare, End: daycare,
			OwnRounds: []vehicles.Span{{Start: hm(8, 0), End: hm(9, 30)}, {Start: hm(15, 30), End: hm(17, 0)}},
			Breaks:    []vehicles.Break{{Window: vehicles.Span{Start: hm(12, 0), End: hm(12, 30)}, Seconds: 45 * 60}},
		},
		{ID: "S-02", Vehicle: "V-02", Driver: "D-02", Span: vehicles.Span{Start: hm(9, 0), End: hm(15, 0)}, Start: otherHome, End: otherHome},
	}
	f.riders()
	f.rides()
	f.state.Notes = map[dispatch.NoteID]*dispatch.Note{
		"tell.1": {ID: "tell.1", Version: 1, About: "R-0002", Text: "娘さんの携帯にもかける", Body: &dispatch.Tell{
			Rider: "R-0002", Ride: "20260120-0002", Reason: dispatch.TellPromiseMoved, Code: "CLOSURE", Deadline: -5 * 3600, Tries: 1,
			Before: dispatch.Promise{Pickup: dispatch.Window{Earliest: hm(9, 50), Latest: hm(10, 10)}}, After: f.state.Rides["20260120-0002"].Promise,
		}},
		"tell.2": {ID: "tell.2", Version: 2, About: "R-0004", Body: &dispatch.Tell{
			Rider: "R-0004", Ride: "20260120-0007", Reason: dispatch.TellEvening, Deadline: -4 * 3600, Told: &dispatch.Told{By: "staff-1", Channel: "phone"},
		}},
		"published/S-01/2": {ID: "published/S-01/2", Version: 1, Body: &dispatch.Publication{Shift: "S-01/2", Number: 1, Stops: []dispatch.PublishedStop{
			f.published("20260120-0005", dispatch.PickupStop, -1200), f.published("20260120-0005", dispatch.DropoffStop, 0),
			f.published("20260120-0002", dispatch.PickupStop, 0),
		}}},
	}
	return f
}

// riders are made up. Their names are what is hard to print, and say what they are.
func (f *fixture) riders() {
	home := func(i int, label, address, notes string) dispatch.SavedPlace {
		at := geo.LatLng{Lat: 36.86 + float64(i)*0.004, Lng: 137.43 + float64(i)*0.003}
		return dispatch.SavedPlace{Label: label, Address: address, Entrance: at, Road: geo.LatLng{Lat: at.Lat + 0.0002, Lng: at.Lng}, Notes: notes}
	}
	user := []dispatch.Membership{{Facility: "F-1", Standing: dispatch.CareUser}}
	for i, r := range []*dispatch.Rider{
		{Name: "𠮷野 試験", Kana: "ヨシノ シケン", Phones: []string{"+81765540001", "+819012340001"}, Home: home(1, "自宅", "黒部市三日市 試験 1-2-3", "冬は坂の下まで。玄関は北側の引き戸、呼び鈴は鳴らないのでノックする"), UserOf: user, Care: []dispatch.Care{dispatch.CareWheelchair, dispatch.CareDementia, dispatch.CareNeverAlone}, Load: vehicles.Load{Seats: 1, Wheelchairs: 1}, Attendants: 1, Equipment: vehicles.Lift, DriverNote: "右側から声をかける。補聴器は左耳", Contacts: []dispatch.Contact{{Name: "試験 長女", Relation: "長女", Phone: "+81765540901"}}},
		{Name: "髙橋﨑 見本", Kana: "タカハシザキ ミホン", Phones: []string{"+81765540002"}, Home: home(2, "自宅", "黒部市生地 見本 45", ""), UserOf: user, Care: []dispatch.Care{dispatch.CareCane, dispatch.CareHearing}},
		{Name: "黒部 架空太郎", Phones: []string{"+81765540003"}, Home: home(3, "自宅", "黒部市宇奈月町下立 架空 6789番地 架空ハイツ 202号室", "階段は使えない"), Care: []dispatch.Care{dispatch.CareVision, dispatch.CareServiceAnimal, dispatch.CareOxygen, dispatch.CareSpeech}, Equipment: vehicles.Lift, Escorted: true},
		{Name: "ながいながいなまえのみほん ひらがなだけでかいたひと", Kana: "ナガイナガイナマエノミホン ヒラガナダケデカイタヒト", Phones: []string{"+81765540004"}, Home: home(4, "自宅（離れ）", "黒部市石田 見本 1", "犬がいる"), UserOf: []dispatch.Membership{{Facility: "F-2", Standing: dispatch.CareUser}}},
		{Name: "辻󠄀 異体字", Kana: "ツジ イタイジ", Home: home(5, "自宅", "黒部市荻生 見本 7", "")},
	} {
		r.ID, r.Area = dispatch.RiderID(fmt.Sprintf("R-%04d", i+1)), "kurobe"
		f.people[r.ID] = r
	}
}

// ride adds a ride of rider i to a place, with its stops at the end of the shift's route.
func (f *fixture) ride(i int, shift vehicles.ShiftID, pickup, arrive int32, from, to dispatch.Place, change func(*dispatch.Ride)) {
	rider := f.people[dispatch.RiderID(fmt.Sprintf("R-%04d", i))]
	r := &dispatch.Ride{
		ID: dispatch.RideID(fmt.Sprintf("20260120-%04d", len(f.state.Rides)+1)), Area: "kurobe", Day: sheetsDay, Rider: rider.ID, Party: rider.Party(),
		Pickup: from, Dropoff: to, State: dispatch.Booked, Promise: dispatch.Promise{Pickup: dispatch.Window{Earliest: pickup - 300, Latest: pickup + 900}},
	}
	if change != nil {
		change(r)
	}
	f.state.Rides[r.ID] = r
	if shift == "" {
		return
	}
	route := f.state.Routes[shift]
	if route == nil {
		route = &dispatch.Route{Shift: shift, Version: 3}
		f.state.Routes[shift] = route
	}
	stop := func(kind dispatch.StopKind, at int32) dispatch.Stop {
		return dispatch.Stop{StopID: dispatch.StopID{Ride: r.ID, Kind: kind}, LeaveBy: at - 600, Arrive: at, Begin: at, Depart: at + 120}
	}
	route.Stops = append(route.Stops, stop(dispatch.PickupStop, pickup), stop(dispatch.DropoffStop, arrive))
}

func (f *fixture) rides() {
	home := func(i int) dispatch.Place {
		h := f.people[dispatch.RiderID(fmt.Sprintf("R-%04d", i))].Home
		return h.Place()
	}
	at := func(label string, p geo.LatLng) dispatch.Place { return dispatch.Place{Label: label, At: p} }
	byUser := func(r *dispatch.Ride) { r.Terms.Facility = "F-1" }
	f.ride(1, "S-01/1", hm(9, 40), hm(9, 58), home(1), at("デイサービス ひまわり", daycare), byUser)
	f.ride(2, "S-01/1", hm(10, 5), hm(10, 20), home(2), at("市民病院", clinic), func(r *dispatch.Ride) { r.Promise.ArriveBy = hm(10, 30) })
	f.ride(3, "S-01/1", hm(10, 40), hm(11, 10), home(3), at("市民病院", clinic), func(r *dispatch.Ride) { r.Party.Needs = 0 })
	f.ride(2, "S-01/1", hm(11, 10), hm(11, 30), at("市民病院", clinic), home(2), nil)
	f.ride(1, "S-01/2", hm(13, 0), hm(13, 20), at("デイサービス ひまわり", daycare), home(1), byUser)
	f.ride(5, "S-01/2", hm(13, 40), hm(13, 55), home(5), at("スーパー中央", geo.LatLng{Lat: 36.864, Lng: 137.449}), nil)
	f.ride(4, "S-02", hm(9, 30), hm(9, 50), home(4), at("市民病院", clinic), nil)
	f.ride(4, "S-02", hm(11, 30), hm(11, 50), at("市民病院", clinic), home(4), nil)
	f.ride(3, "", 0, 0, at("市民病院", clinic), home(3), func(r *dispatch.Ride) {
		r.Wish, r.Call = dispatch.Wish{Window: dispatch.Window{Earliest: hm(11, 0), Latest: hm(15, 0)}}, dispatch.Call{MaxWait: 1800}
		r.Promise.Pickup = dispatch.Window{Earliest: hm(11, 0), Latest: hm(15, 30)}
	})
	f.ride(5, "", hm(14, 30), 0, at("スーパー中央", geo.LatLng{Lat: 36.864, Lng: 137.449}), home(5), nil)
	f.ride(4, "", 0, 0, home(4), at("公民館", geo.LatLng{Lat: 36.87, Lng: 137.46}), func(r *dispatch.Ride) {
		r.State, r.Reason = dispatch.Draft, dispatch.ReasonWaitlisted
		r.Wish = dispatch.Wish{Kind: dispatch.ArriveBy, Window: dispatch.Window{Latest: hm(14, 0)}}
	})
}

// published is a stop as its driver was given it: planned so many seconds from now's plan.
func (f *fixture) published(ride dispatch.RideID, kind dispatch.StopKind, off int32) dispatch.PublishedStop {
	p := dispatch.PublishedStop{StopID: dispatch.StopID{Ride: ride, Kind: kind}, Arrive: hm(12, 30), Seen: 1}
	for _, route := range f.state.Routes {
		for _, s := range route.Stops {
			if s.StopID == p.StopID {
				p.Arrive, p.LeaveBy = s.Arrive+off, s.LeaveBy+off
			}
		}
	}
	if kind == dispatch.PickupStop {
		p.NotBefore, p.Latest = f.state.Rides[ride].Promise.Pickup.Earliest, f.state.Rides[ride].Promise.Pickup.Latest
	}
	return p
}

// sheets reads the day as a desk without roads does.
func (f *fixture) sheets(t *testing.T) *dayfile.Sheets {
	t.Helper()
	desk, err := dispatch.NewDesk(dispatch.Config{OfferKey: [32]byte{1}, Unchecked: true}, givenPlans{state: f.state}, f.fleet, dispatch.NoRoads{}, func() time.Time { return printedAt })
	if err != nil {
		t.Fatal(err)
	}
	register := dispatch.NewRegister(givenRegister{riders: f.people}, func() time.Time { return printedAt })
	paper, err := desk.Paper(t.Context(), "kurobe", sheetsDay, dispatch.PaperBooks{Riders: register, Places: []dispatch.KnownPlace{
		{ID: "P-1", Kind: dispatch.FacilityPlace, Kana: "シミンビョウイン", SavedPlace: dispatch.SavedPlace{Label: "市民病院", Address: "黒部市三日市 見本 100", Entrance: clinic, Notes: "正面玄関の屋根の下"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return &dayfile.Sheets{Paper: paper, Readings: readings}
}

var readings = dayfile.NewDictionary()
