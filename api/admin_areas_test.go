package api

import (
	"context"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
)

// smallTownEntry is an entry of an area around the small town, whose office is at a crossing.
func smallTownEntry(area string) *swmaasv1.Area {
	point := func(x, y int) *swmaasv1.LatLng { return &swmaasv1.LatLng{Lat: corner(x, y).Lat, Lng: corner(x, y).Lng} }
	return &swmaasv1.Area{
		Area: area, Name: "黒部市", MunicipalityCode: "162078", Bounds: &swmaasv1.AreaBounds{SouthWest: point(-1, -1), NorthEast: point(9, 9)},
		Office: point(3, 3), OfficePhone: "0765-54-1234",
	}
}

// levels are the checks of an area, by their codes.
func levels(t *testing.T, ctx context.Context, admin swmaasv1.AdminClient, area string) (map[string]swmaasv1.AreaCheckLevel, *swmaasv1.GetAreaResponse) {
	t.Helper()
	got, err := admin.GetArea(ctx, &swmaasv1.GetAreaRequest{Area: area})
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]swmaasv1.AreaCheckLevel{}
	for _, c := range got.GetChecks() {
		by[c.GetCode()] = c.GetLevel()
		if c.GetFoundJa() == "" || c.GetFoundEn() == "" || (c.GetLevel() == fine) != (c.GetDoJa() == "" && c.GetDoEn() == "") {
			t.Errorf("check %v has no words, or says what to do where nothing is to be done", c)
		}
	}
	return by, got
}

const (
	fine  = swmaasv1.AreaCheckLevel_AREA_CHECK_LEVEL_FINE
	warns = swmaasv1.AreaCheckLevel_AREA_CHECK_LEVEL_WARNING
	fails = swmaasv1.AreaCheckLevel_AREA_CHECK_LEVEL_FAULT
)

func TestANewAreaIsEnteredAndToldWhatItLacks(t *testing.T) {
	p := startPolicies(t)
	ctx, admin := p.as(t, grantOf(Admin, "uozu")), swmaasv1.NewAdminClient(p.conn)
	if by, got := levels(t, ctx, admin, "uozu"); got.GetReady() || got.GetEntry() != nil || by["ENTRY"] != warns || by["FLEET"] != fails || by["SHIFTS"] != fails || by["POLICY"] != warns {
		t.Errorf("before it is entered: %v", got)
	}
	create := &swmaasv1.CreateAreaRequest{Area: "uozu", IdempotencyKey: "1", Entry: smallTownEntry("uozu")}
	for range 2 {
		got, err := admin.CreateArea(ctx, create)
		if e := got.GetEntry(); err != nil || e.GetOfficePhone() != "+81765541234" || e.GetTimeZone() != "Asia/Tokyo" || e.GetEtag() != "v1" || e.GetChangedBy() != "test-admin" {
			t.Fatalf("%v, %v", got, err)
		}
	}
	if by, got := levels(t, ctx, admin, "uozu"); by["ENTRY"] != fine || by["ROADS"] != fine || got.GetEntry().GetName() != "黒部市" {
		t.Errorf("once it is entered: %v", got)
	}
	create.IdempotencyKey, create.Entry.Name = "2", "魚津市"
	_, err := admin.CreateArea(ctx, create)
	refusedAs(t, "an area that is there", err, codes.Aborted, "CHANGED")
	// kurobe, which was set up on the command line, has all but an entry and a policy of its own.
	own := p.as(t, grantOf(Admin, "kurobe"))
	by, got := levels(t, own, admin, "kurobe")
	if !got.GetReady() || by["FLEET"] != fine || by["SHIFTS"] != fine || by["ENTRY"] != warns || by["POLICY"] != warns || by["PAPERS"] != fine {
		t.Errorf("kurobe: %v", got)
	}
	list, err := admin.ListAreas(own, &swmaasv1.ListAreasRequest{Area: "kurobe"})
	if err != nil || len(list.GetAreas()) != 1 || list.GetAreas()[0].GetName() != "黒部市" || list.GetAreas()[0].GetOfficePhone() != "" || list.GetAreas()[0].GetBounds() != nil {
		t.Errorf("of another area %v, %v", list, err)
	}
	if list, err := admin.ListAreas(ctx, &swmaasv1.ListAreasRequest{Area: "uozu"}); err != nil || list.GetAreas()[0].GetOfficePhone() == "" {
		t.Errorf("of the own area %v, %v", list, err)
	}
}

func TestAnEntryOfAnAreaIsChangedFieldByField(t *testing.T) {
	d := startDay(t)
	ctx, admin := d.as(t, grantOf(Admin, "kurobe")), swmaasv1.NewAdminClient(d.conn)
	change := &swmaasv1.UpdateAreaRequest{Area: "kurobe", IdempotencyKey: "1", Entry: smallTownEntry("kurobe"), UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"office_phone"}}}
	change.Entry.Etag = "v1"
	_, err := admin.UpdateArea(ctx, change)
	refusedAs(t, "what was never entered", err, codes.NotFound, "NOT_FOUND")
	if _, err := admin.CreateArea(ctx, &swmaasv1.CreateAreaRequest{Area: "kurobe", IdempotencyKey: "2", Entry: smallTownEntry("kurobe")}); err != nil {
		t.Fatal(err)
	}
	change.Entry.OfficePhone, change.Entry.Name = "0765-22-0000", "別の市"
	council := d.as(t, grantOf(Council, "kurobe"))
	got, err := admin.UpdateArea(council, change)
	if e := got.GetEntry(); err != nil || e.GetName() != "黒部市" || e.GetOfficePhone() != "+81765220000" || e.GetEtag() != "v2" || e.GetChangedBy() != "test-council" {
		t.Errorf("%v, %v", got, err)
	}
	change.IdempotencyKey, change.Entry.OfficePhone = "3", "0765-22-1111"
	_, err = admin.UpdateArea(ctx, change)
	refusedAs(t, "an old etag", err, codes.Aborted, "CHANGED")
	change.UpdateMask.Paths = []string{"time_zone"}
	_, err = admin.UpdateArea(ctx, change)
	refusedAs(t, "a field that is fixed", err, codes.InvalidArgument, "INVALID_REQUEST")
}

func TestAnEntryThatCannotBeRightIsRefused(t *testing.T) {
	d := startDay(t)
	ctx, admin := d.as(t, grantOf(Admin, "kurobe")), swmaasv1.NewAdminClient(d.conn)
	for name, c := range map[string]struct {
		spoil  func(*swmaasv1.Area)
		code   codes.Code
		reason string
		tells  string
	}{
		"another area":            {func(a *swmaasv1.Area) { a.Area = "uozu" }, codes.InvalidArgument, "INVALID_REQUEST", "entry.area"},
		"a name in other letters": {func(a *swmaasv1.Area) { a.Name = "Kurobe" }, codes.InvalidArgument, "INVALID_REQUEST", "name"},
		"a code of no town":       {func(a *swmaasv1.Area) { a.MunicipalityCode = "162079" }, codes.InvalidArgument, "INVALID_REQUEST", "municipality_code"},
		"a box turned around": {func(a *swmaasv1.Area) {
			a.Bounds.SouthWest, a.Bounds.NorthEast = a.Bounds.NorthEast, a.Bounds.SouthWest
		}, codes.InvalidArgument, "INVALID_REQUEST", "bounds"},
		"a box abroad":             {func(a *swmaasv1.Area) { a.Bounds.SouthWest = &swmaasv1.LatLng{Lat: -5, Lng: 137} }, codes.InvalidArgument, "INVALID_REQUEST", "bounds"},
		"an office elsewhere":      {func(a *swmaasv1.Area) { a.Office = &swmaasv1.LatLng{Lat: 35, Lng: 137} }, codes.InvalidArgument, "INVALID_REQUEST", "office"},
		"no phone number":          {func(a *swmaasv1.Area) { a.OfficePhone = "phone" }, codes.InvalidArgument, "INVALID_REQUEST", "office_phone"},
		"an etag of something new": {func(a *swmaasv1.Area) { a.Etag = "v1" }, codes.InvalidArgument, "INVALID_REQUEST", "etag"},
		"an office without roads": {func(a *swmaasv1.Area) {
			a.Bounds.NorthEast = &swmaasv1.LatLng{Lat: 40, Lng: 140}
			a.Office = &swmaasv1.LatLng{Lat: 39, Lng: 139}
		}, codes.FailedPrecondition, "OUTSIDE_ROADS", "swmaas graph build"},
	} {
		entry := smallTownEntry("kurobe")
		c.spoil(entry)
		_, err := admin.CreateArea(ctx, &swmaasv1.CreateAreaRequest{Area: "kurobe", IdempotencyKey: name, Entry: entry})
		refusedAs(t, name, err, c.code, c.reason)
		if err == nil || !strings.Contains(err.Error(), c.tells) {
			t.Errorf("%s: %v does not tell of %s", name, err, c.tells)
		}
	}
}
