package planstore_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// weekly is version 1 of a standing order with a value in every field.
func weekly(id, rider string) *dispatch.StandingOrder {
	home := dispatch.Place{Label: "三日市 7-2", At: geo.LatLng{Lat: 36.8661234567, Lng: 137.4412345678}}
	clinic := dispatch.Place{Label: "市民病院", At: geo.LatLng{Lat: 36.87, Lng: 137.45}}
	legs := []dispatch.TripLeg{
		{Pickup: home, Dropoff: clinic, Purpose: "dialysis", Wish: dispatch.Wish{Kind: dispatch.ArriveBy, Window: dispatch.Window{Latest: 32400}}},
		{Pickup: clinic, Dropoff: home, Purpose: "dialysis", Stay: 3600, MaxWait: 1800},
	}
	return &dispatch.StandingOrder{
		ID: dispatch.OrderID(id), Version: 1, Area: area, Rider: dispatch.RiderID(rider), Facility: "F-1", Legs: legs,
		Party: dispatch.Party{
			Load: vehicles.Load{Seats: 1, Wheelchairs: 1}, Needs: vehicles.Lift, Board: 60, Alight: 45, Attendants: 1, Care: []dispatch.Care{"OXYGEN"},
			Apart: []dispatch.RiderID{"P-9"}, NotDrivers: []vehicles.DriverID{"D-1"}, OnlyDrivers: []vehicles.DriverID{"D-2"},
		},
		Weekdays: 1 << time.Monday, EveryWeeks: 2, Dates: vehicles.Dates{From: "2026-01-05", To: "2026-12-31"}, Holidays: dispatch.HolidayMovedAfter,
		Suspended:  []dispatch.Suspension{{Dates: vehicles.Dates{From: "2026-03-01", To: "2026-03-20"}, Reason: "HOSPITAL"}},
		Exceptions: []dispatch.Exception{{Day: "2026-02-02", Skip: true, Reason: "TRAVEL"}, {Day: "2026-02-16", Legs: legs[:1]}},
		Through:    "2026-01-31", Created: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), By: "desk-1",
	}
}

func testStandingOrdersAreKeptByVersionAndSealed(t *testing.T, client redis.UniversalClient) {
	gone := map[string]bool{}
	s, err := planstore.New(client, lock{gone: gone}, planstore.Config{})
	if err != nil {
		t.Fatal(err)
	}
	one, two := weekly("O-1", "P-1"), weekly("O-2", "P-2")
	for _, o := range []*dispatch.StandingOrder{two, one} {
		if err := s.SaveOrder(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		if err := s.SaveOrder(t.Context(), o); !errors.Is(err, dispatch.ErrStale) {
			t.Errorf("written twice: %v, want ErrStale", err)
		}
	}
	got, err := s.Order(t.Context(), area, "O-1")
	if err != nil || !reflect.DeepEqual(got, one) {
		t.Errorf("got  %+v, %v\nwant %+v", got, err, one)
	}
	list, err := s.Orders(t.Context(), area)
	if err != nil || !reflect.DeepEqual(list, []*dispatch.StandingOrder{one, two}) {
		t.Errorf("got %+v, %v", list, err)
	}
	if areas, err := s.OrderAreas(t.Context()); err != nil || !reflect.DeepEqual(areas, []dispatch.AreaID{area}) {
		t.Errorf("areas with standing orders: %v, %v", areas, err)
	}
	if list, err := s.Orders(t.Context(), "nanto"); err != nil || len(list) != 0 {
		t.Errorf("another area has %v, %v", list, err)
	}
	if _, err := s.Order(t.Context(), area, "O-9"); !errors.Is(err, dispatch.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	third := weekly("O-3", "P-1")
	if err := s.SaveOrder(t.Context(), third); err != nil {
		t.Fatal(err)
	}
	for _, stale := range []int64{0, 2} {
		if err := s.RemoveOrder(t.Context(), area, "O-3", stale); !errors.Is(err, dispatch.ErrStale) {
			t.Errorf("removed at version %d: %v, want ErrStale", stale, err)
		}
	}
	if err := s.RemoveOrder(t.Context(), area, "O-3", 1); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Order(t.Context(), area, "O-3"); !errors.Is(err, dispatch.ErrNotFound) {
		t.Errorf("removed, and got %v", err)
	}
	for _, secret := range []string{"三日市", "dialysis", "2026-02-16", "HOSPITAL", "36.866"} {
		if text := dump(t, client); strings.Contains(text, secret) {
			t.Errorf("%s can be read in the keyspace", secret)
		}
	}
	gone["P-1"] = true
	if list, err = s.Orders(t.Context(), area); err != nil || len(list) != 1 || list[0].ID != "O-2" {
		t.Errorf("after erasing P-1: %v, %v", list, err)
	}
	if _, err := s.Order(t.Context(), area, "O-1"); !errors.Is(err, dispatch.ErrNotFound) {
		t.Errorf("order of an erased person: %v", err)
	}
	one.Version++
	if err := s.SaveOrder(t.Context(), one); !errors.Is(err, dispatch.ErrNotFound) {
		t.Errorf("writing for an erased person: %v", err)
	}
	racingOrders(t, s)
}

// racingOrders has eight writers add one exception each, reading again where they lose.
func racingOrders(t *testing.T, s *planstore.Store) {
	t.Helper()
	var work sync.WaitGroup
	for i := range 8 {
		work.Go(func() {
			for {
				o, err := s.Order(t.Context(), area, "O-2")
				if err != nil {
					t.Error(err)
					return
				}
				o.Version++
				o.Exceptions = append(o.Exceptions, dispatch.Exception{Day: dispatch.Day(fmt.Sprintf("2026-05-%02d", i+1)), Skip: true})
				err = s.SaveOrder(t.Context(), o)
				if err == nil {
					return
				}
				if !errors.Is(err, dispatch.ErrStale) {
					t.Error(err)
					return
				}
			}
		})
	}
	work.Wait()
	o, err := s.Order(t.Context(), area, "O-2")
	if err != nil || len(o.Exceptions) != 10 || o.Version != 9 {
		t.Errorf("%d exceptions at version %d, %v; want 10 at 9", len(o.Exceptions), o.Version, err)
	}
}
