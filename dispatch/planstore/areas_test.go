package planstore_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
	"github.com/swmaas/swmaas/routing/geo"
)

func testEntriesOfAreasAreKeptByVersion(t *testing.T, client redis.UniversalClient) {
	s := newStore(t, client)
	if _, err := s.Area(t.Context(), area); !errors.Is(err, dispatch.ErrNotFound) {
		t.Errorf("before it is entered: %v", err)
	}
	a := &dispatch.Area{
		ID: area, Version: 1, Name: "黒部市", Municipality: "162078", SouthWest: geo.LatLng{Lat: 36.7, Lng: 137.3}, NorthEast: geo.LatLng{Lat: 37, Lng: 137.7},
		Office: geo.LatLng{Lat: 36.87, Lng: 137.45}, OfficePhone: "+81765541234", At: time.Unix(1767225600, 5).UTC(), By: "admin",
	}
	if err := s.SaveArea(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveArea(t.Context(), a); !errors.Is(err, dispatch.ErrStale) {
		t.Errorf("a second time: %v", err)
	}
	a.Version, a.Name = 2, "黒部"
	if err := s.SaveArea(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Area(t.Context(), area); err != nil || !reflect.DeepEqual(got, a) {
		t.Errorf("%+v, %v, want %+v", got, err, a)
	}
	other := *a
	other.ID, other.Version = "asahi", 1
	if err := s.SaveArea(t.Context(), &other); err != nil {
		t.Fatal(err)
	}
	if list, err := s.AreaEntries(t.Context()); err != nil || !reflect.DeepEqual(list, []dispatch.Area{other, *a}) {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestADamagedEntryOfAnAreaIsNotReadAsAnother(t *testing.T) {
	client := startMini(t)
	s := newStore(t, client)
	read := func(raw string) error {
		t.Helper()
		if err := client.HSet(t.Context(), "dsp:{kurobe}:area", "entry", raw).Err(); err != nil {
			t.Fatal(err)
		}
		_, err := s.Area(t.Context(), area)
		return err
	}
	for name, raw := range map[string]string{"nothing": "", "cut off": "\x01\x00\x00\x00\x00\x00\x00\x00\x01\x02"} {
		var damaged *planstore.DamagedError
		if err := read(raw); !errors.As(err, &damaged) {
			t.Errorf("%s: %v, want a DamagedError", name, err)
		}
	}
	var version *planstore.VersionError
	if err := read("\x02"); !errors.As(err, &version) {
		t.Errorf("a later layout: %v, want a VersionError", err)
	}
}
