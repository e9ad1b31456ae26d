package api

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// filled gives every field of a value something, so that a mapping that forgets one is seen. Texts are numbered, so that two
// fields that are exchanged are seen as well.
func filled(v reflect.Value, n *int) {
	if !v.CanSet() { // inside a moment
		return
	}
	*n++
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("t%d", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Uint8, reflect.Uint32:
		v.SetUint(1)
	case reflect.Float64:
		v.SetFloat(float64(*n) / 8)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		filled(v.Index(0), n)
	case reflect.Struct:
		for i := range v.NumField() {
			filled(v.Field(i), n)
		}
	}
}

func TestAnEntryOfTheRegisterIsTheSameOnBothSides(t *testing.T) {
	var n int
	want := new(dispatch.Rider)
	filled(reflect.ValueOf(want).Elem(), &n)
	want.Area, want.Phones[0], want.Contacts[0].Phone = "kurobe", "+81765541234", "+819012345678"
	want.Consents[0].Kind, want.Equipment = dispatch.ConsentShare, vehicles.Ramp
	got, err := riderOf("kurobe", riderMessage(want))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	empty := &dispatch.Rider{ID: "R-1", Area: "kurobe"}
	if got, err = riderOf("kurobe", riderMessage(empty)); err != nil || !reflect.DeepEqual(got, empty) {
		t.Errorf("%+v, %v", got, err)
	}
}

// somebody is an entry with everything that some may see and others may not.
func somebody(id string) *swmaasv1.Rider {
	home := corner(2, 5)
	return &swmaasv1.Rider{
		Id: id, Name: "利用者 0001", Kana: "リヨウシャ イチ", Phones: []string{"0765-54-1234"}, Standing: "RESIDENT",
		Home:        &swmaasv1.SavedPlace{Label: "自宅", Entrance: &swmaasv1.LatLng{Lat: home.Lat, Lng: home.Lng}},
		Memberships: []*swmaasv1.Membership{{FacilityId: "F-01", Standing: "CARE_USER"}},
		Categories:  []*swmaasv1.CategoryFact{{Category: "ニ", Evidence: "介護保険被保険者証", ValidTo: "2026-12-31"}},
		Care:        []string{"W", "MIP"}, DriverNote: "右側から声をかける",
	}
}

func create(t testing.TB, d *day, rider *swmaasv1.Rider) *swmaasv1.Rider {
	t.Helper()
	got, err := swmaasv1.NewBookingClient(d.conn).CreateRider(d.as(t, grantOf(Operator, "kurobe")),
		&swmaasv1.CreateRiderRequest{Area: "kurobe", IdempotencyKey: "create " + rider.GetId(), Rider: rider})
	if err != nil {
		t.Fatal(err)
	}
	return got.GetRider()
}

func TestARiderIsAddedChangedFoundAndListed(t *testing.T) {
	d := startDay(t)
	ctx, booking := d.as(t, grantOf(Operator, "kurobe")), swmaasv1.NewBookingClient(d.conn)
	request := &swmaasv1.CreateRiderRequest{Area: "kurobe", IdempotencyKey: "1", Rider: somebody("")}
	made, err := booking.CreateRider(ctx, request)
	id := made.GetRider().GetId()
	if err != nil || id == "" || made.GetRider().GetVersion() != 1 || made.GetRider().GetPhones()[0] != "+81765541234" {
		t.Fatalf("%v, %v", made, err)
	}
	again, err := booking.CreateRider(ctx, request)
	if err != nil || again.GetRider().GetId() != id || again.GetRider().GetVersion() != 1 {
		t.Errorf("the same key: %v, %v", again, err)
	}
	request.Rider.Name = "利用者 0002"
	if _, err := booking.CreateRider(ctx, request); codeOf(err) != codes.Aborted {
		t.Errorf("the same key for somebody else: %v", err)
	}
	taken := somebody(id)
	taken.Name = "利用者 0003"
	if _, err := booking.CreateRider(ctx, &swmaasv1.CreateRiderRequest{Area: "kurobe", IdempotencyKey: "2", Rider: taken}); codeOf(err) != codes.AlreadyExists {
		t.Errorf("an id that is taken: %v", err)
	}

	change := &swmaasv1.UpdateRiderRequest{
		Area: "kurobe", IdempotencyKey: "3", RiderId: id, Rider: &swmaasv1.Rider{Version: 1, Kana: "リヨウシャ ニ", Name: "not named in the mask"},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"kana", "driver_note"}},
	}
	changed, err := booking.UpdateRider(ctx, change)
	if r := changed.GetRider(); err != nil || r.GetVersion() != 2 || r.GetKana() != "リヨウシャ ニ" || r.GetDriverNote() != "" || r.GetName() != "利用者 0001" || len(r.GetCare()) != 2 {
		t.Errorf("%v, %v", changed, err)
	}
	if again, err := booking.UpdateRider(ctx, change); err != nil || again.GetRider().GetVersion() != 2 {
		t.Errorf("the same change again: %v, %v", again, err)
	}
	change.IdempotencyKey, change.Rider.Kana = "4", "リヨウシャ サン"
	if _, err := booking.UpdateRider(ctx, change); codeOf(err) != codes.Aborted {
		t.Errorf("from a version that is past: %v", err)
	}
	change.UpdateMask.Paths = []string{"no_such_field"}
	if _, err := booking.UpdateRider(ctx, change); codeOf(err) != codes.InvalidArgument {
		t.Errorf("a mask of no field: %v", err)
	}

	for name, query := range map[string]*swmaasv1.SearchRidersRequest{
		"number written otherwise": {Query: &swmaasv1.SearchRidersRequest_Phone{Phone: "(0765)54 1234"}},
		"half-width kana":          {Query: &swmaasv1.SearchRidersRequest_Text{Text: "ﾘﾖｳｼｬ"}},
		"id":                       {Query: &swmaasv1.SearchRidersRequest_Text{Text: strings.ToLower(id)}},
	} {
		query.Area, query.ReadMask = "kurobe", &fieldmaskpb.FieldMask{Paths: []string{"name"}}
		found, err := booking.SearchRiders(ctx, query)
		if err != nil || len(found.GetRiders()) != 1 || found.GetRiders()[0].GetId() != id || found.GetRiders()[0].GetPhones() != nil {
			t.Errorf("%s: %v, %v", name, found, err)
		}
	}
	for i := range 4 {
		create(t, d, somebody(fmt.Sprintf("A-%d", i)))
	}
	var ids []string
	list := &swmaasv1.ListRidersRequest{Area: "kurobe", PageSize: 2}
	for {
		got, err := booking.ListRiders(ctx, list)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range got.GetRiders() {
			ids = append(ids, r.GetId())
		}
		if list.PageToken = got.GetNextPageToken(); list.PageToken == "" {
			break
		}
	}
	if got := strings.Join(ids, " "); got != "A-0 A-1 A-2 A-3 "+id {
		t.Errorf("listed %s", got)
	}
}

func TestEveryRoleSeesItsOwnPartOfTheRegister(t *testing.T) {
	d := startDay(t)
	create(t, d, somebody("R-0001"))
	booking := swmaasv1.NewBookingClient(d.conn)
	other := grantOf(Facility, "kurobe")
	other.Facility = "F-02"
	driver := grantOf(Driver, "kurobe")
	read := func(g Grant) (*swmaasv1.Rider, error) {
		got, err := booking.GetRider(d.as(t, g), &swmaasv1.GetRiderRequest{Area: "kurobe", RiderId: "R-0001"})
		return got.GetRider(), err
	}
	if _, err := read(driver); codeOf(err) != codes.PermissionDenied {
		t.Errorf("a driver reads somebody who does not ride today: %v", err)
	}
	driver.Vehicle = d.book(t, d.as(t, grantOf(Operator, "kurobe")), toTheClinic("R-0001"), "1").GetVehicleId()
	mine := grantOf(Rider, "kurobe")
	mine.Riders = []string{"R-0002"}
	for name, g := range map[string]Grant{"another facility": other, "another rider": mine} {
		if _, err := read(g); codeOf(err) != codes.PermissionDenied {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, c := range []struct {
		g                                      Grant
		name, phones, home, care, note, reason string
	}{
		{g: grantOf(Operator, "kurobe"), name: "利用者 0001", phones: "+81765541234", home: "自宅", care: "W MIP", note: "右側から声をかける", reason: "介護保険被保険者証"},
		{g: grantOf(Rider, "kurobe"), name: "利用者 0001", phones: "+81765541234", home: "自宅", care: "W MIP", note: "右側から声をかける", reason: "介護保険被保険者証"},
		{g: driver, name: "利用者 0001", home: "自宅", care: "W X-SPEAK", note: "右側から声をかける"},
		{g: grantOf(Facility, "kurobe"), name: "利用者 0001", phones: "+81765541234", home: "自宅", care: "W X-SPEAK", note: "右側から声をかける"},
		{g: grantOf(Council, "kurobe")},
		{g: grantOf(Auditor, "kurobe")},
	} {
		r, err := read(c.g)
		if err != nil || r.GetVersion() != 1 || r.GetName() != c.name || strings.Join(r.GetPhones(), " ") != c.phones || r.GetHome().GetLabel() != c.home ||
			strings.Join(r.GetCare(), " ") != c.care || r.GetDriverNote() != c.note || len(r.GetCategories()) > 0 && r.GetCategories()[0].GetEvidence() != c.reason {
			t.Errorf("%s sees %v, %v", c.g.Role, r, err)
		}
	}
	found, err := booking.SearchRiders(d.as(t, other), &swmaasv1.SearchRidersRequest{Area: "kurobe", Query: &swmaasv1.SearchRidersRequest_Phone{Phone: "0765541234"}})
	if err != nil || len(found.GetRiders()) != 0 {
		t.Errorf("another facility finds %v, %v", found, err)
	}
}

func TestRidersChangeHowToReachThemAndNotWhatTheyMay(t *testing.T) {
	d := startDay(t)
	create(t, d, somebody("R-0001"))
	ctx, booking := d.as(t, grantOf(Rider, "kurobe")), swmaasv1.NewBookingClient(d.conn)
	change := &swmaasv1.UpdateRiderRequest{
		Area: "kurobe", IdempotencyKey: "1", RiderId: "R-0001", Rider: &swmaasv1.Rider{Version: 1, Phones: []string{"0765-52-0000"}},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"phones"}},
	}
	got, err := booking.UpdateRider(ctx, change)
	if err != nil || got.GetRider().GetPhones()[0] != "+81765520000" {
		t.Errorf("%v, %v", got, err)
	}
	change.IdempotencyKey, change.UpdateMask.Paths, change.Rider.Version = "2", []string{"categories"}, 2
	if _, err := booking.UpdateRider(ctx, change); codeOf(err) != codes.InvalidArgument {
		t.Errorf("a rider changes their own eligibility: %v", err)
	}
	change.Rider.Phones, change.UpdateMask.Paths = []string{"not a number"}, []string{"phones"}
	if _, err := booking.UpdateRider(ctx, change); codeOf(err) != codes.InvalidArgument || strings.Contains(err.Error(), "not a number") {
		t.Errorf("a telephone number that is none is refused without repeating it: %v", err)
	}
}

func TestPlacesAreSavedFoundAndTakenOut(t *testing.T) {
	d := startDay(t)
	create(t, d, somebody("R-0001"))
	ctx, booking := d.as(t, grantOf(Operator, "kurobe")), swmaasv1.NewBookingClient(d.conn)
	at := func(p geo.LatLng) *swmaasv1.LatLng { return &swmaasv1.LatLng{Lat: p.Lat, Lng: p.Lng} }
	clinic := &swmaasv1.KnownPlace{
		Kind: swmaasv1.PlaceKind_PLACE_KIND_FACILITY, Kana: "ゲンリュウイイン", Place: &swmaasv1.SavedPlace{Label: "源流医院", Entrance: at(corner(6, 6))},
	}
	saved, err := booking.SavePlace(ctx, &swmaasv1.SavePlaceRequest{Area: "kurobe", IdempotencyKey: "1", Place: clinic})
	if err != nil || saved.GetPlace().GetId() == "" || saved.GetPlace().GetEtag() == "" {
		t.Fatalf("%v, %v", saved, err)
	}
	find := func(text string) *swmaasv1.PlaceHit {
		t.Helper()
		got, err := booking.SearchPlaces(ctx, &swmaasv1.SearchPlacesRequest{Area: "kurobe", Text: text, RiderId: "R-0001"})
		if err != nil {
			t.Fatal(err)
		}
		if len(got.GetHits()) == 0 {
			return nil
		}
		return got.GetHits()[0]
	}
	if hit := find("ｹﾞﾝﾘｭｳ"); hit.GetPlaceId() != saved.GetPlace().GetId() || hit.GetMatch() != swmaasv1.PlaceMatch_PLACE_MATCH_PREFIX || hit.GetDistanceMeters() == 0 {
		t.Errorf("the clinic by its reading, seen from home: %v", hit)
	}
	if hit := find("自宅"); hit.GetKind() != swmaasv1.PlaceKind_PLACE_KIND_OWN {
		t.Errorf("the rider's home: %v", hit)
	}
	moved := saved.GetPlace()
	moved.Place.Label = "源流クリニック"
	later, err := booking.SavePlace(ctx, &swmaasv1.SavePlaceRequest{Area: "kurobe", IdempotencyKey: "2", Place: moved})
	if err != nil || later.GetPlace().GetEtag() == moved.GetEtag() {
		t.Fatalf("%v, %v", later, err)
	}
	moved.Place.Label = "源流病院"
	if _, err := booking.SavePlace(ctx, &swmaasv1.SavePlaceRequest{Area: "kurobe", IdempotencyKey: "3", Place: moved}); codeOf(err) != codes.Aborted {
		t.Errorf("from an etag that is past: %v", err)
	}
	list, err := booking.ListPlaces(ctx, &swmaasv1.ListPlacesRequest{Area: "kurobe"})
	if err != nil || len(list.GetPlaces()) != 1 || list.GetPlaces()[0].GetEtag() != later.GetPlace().GetEtag() {
		t.Errorf("%v, %v", list, err)
	}
	out := &swmaasv1.DeletePlaceRequest{Area: "kurobe", IdempotencyKey: "4", PlaceId: moved.GetId(), Etag: later.GetPlace().GetEtag()}
	for range 2 { // the second time the answer to the first was lost
		if _, err := booking.DeletePlace(ctx, out); err != nil {
			t.Error(err)
		}
	}
	if hit := find("源流"); hit != nil {
		t.Errorf("found after it was taken out: %v", hit)
	}
	if _, err := booking.SearchPlaces(d.as(t, grantOf(Rider, "kurobe")), &swmaasv1.SearchPlacesRequest{Area: "kurobe", Text: "自宅", RiderId: "R-0002"}); codeOf(err) != codes.PermissionDenied {
		t.Errorf("another's home is searched: %v", err)
	}
}
