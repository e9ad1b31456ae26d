package vehicles_test

import (
	"math"
	"strings"
	"testing"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

func fleet() vehicles.Fleet {
	home := geo.LatLng{Lat: 36.87, Lng: 137.45}
	return vehicles.Fleet{
		Facilities: []vehicles.Facility{{ID: "F-1", At: home}},
		Vehicles:   []vehicles.Vehicle{{ID: "V-1", Owner: "F-1", Home: home, Cabin: vehicles.Cabin{{Seats: 3}, {Seats: 1, Wheelchairs: 1}}}},
		Drivers:    []vehicles.Driver{{ID: "D-1", Facility: "F-1"}},
	}
}

func TestFleetThatContradictsItselfIsRefused(t *testing.T) {
	if err := fleet().Validate(); err != nil {
		t.Fatalf("a usable fleet: %v", err)
	}
	for name, c := range map[string]struct {
		change func(f *vehicles.Fleet)
		says   string
	}{
		"facility twice":         {func(f *vehicles.Fleet) { f.Facilities = append(f.Facilities, f.Facilities[0]) }, `facility "F-1": id is empty or repeated`},
		"facility off the globe": {func(f *vehicles.Fleet) { f.Facilities[0].At.Lng = 181 }, `facility "F-1": place`},
		"vehicle without an id":  {func(f *vehicles.Fleet) { f.Vehicles[0].ID = "" }, `vehicle "": id is empty`},
		"owner unknown":          {func(f *vehicles.Fleet) { f.Vehicles[0].Owner = "F-9" }, `owner "F-9"`},
		"home not a number":      {func(f *vehicles.Fleet) { f.Vehicles[0].Home.Lat = math.NaN() }, `vehicle "V-1": home`},
		"no cabin":               {func(f *vehicles.Fleet) { f.Vehicles[0].Cabin = nil }, "no cabin layout"},
		"cabin for nobody":       {func(f *vehicles.Fleet) { f.Vehicles[0].Cabin[1] = vehicles.Load{} }, "carries nobody"},
		"cabin of minus one":     {func(f *vehicles.Fleet) { f.Vehicles[0].Cabin[1].Seats = -1 }, "carries nobody"},
		"negative dwell":         {func(f *vehicles.Fleet) { f.Vehicles[0].Dwell.PerStop = -1 }, "negative"},
		"driver twice":           {func(f *vehicles.Fleet) { f.Drivers = append(f.Drivers, f.Drivers[0]) }, `driver "D-1"`},
		"driver of nobody":       {func(f *vehicles.Fleet) { f.Drivers[0].Facility = "" }, `facility ""`},
	} {
		t.Run(name, func(t *testing.T) {
			f := fleet()
			c.change(&f)
			if err := f.Validate(); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %q", err, c.says)
			}
		})
	}
}

func TestCabinHoldsWhatFitsOneLayout(t *testing.T) {
	cabin := vehicles.Cabin{{Seats: 9}, {Seats: 5, Wheelchairs: 2}} // two folded seats a wheelchair bay
	for _, c := range []struct {
		load vehicles.Load
		want bool
	}{
		{vehicles.Load{}, true},
		{vehicles.Load{Seats: 9}, true},
		{vehicles.Load{Seats: 5, Wheelchairs: 2}, true},
		{vehicles.Load{Seats: 6, Wheelchairs: 1}, false}, // seats of one layout, wheelchair of the other
		{vehicles.Load{Wheelchairs: 3}, false},
		{vehicles.Load{Stretchers: 1}, false},
	} {
		if got := cabin.Holds(c.load); got != c.want {
			t.Errorf("cabin holds %v: %v, want %v", c.load, got, c.want)
		}
	}
	if (vehicles.Cabin{}).Holds(vehicles.Load{}) {
		t.Error("a vehicle without a layout holds something")
	}
	sum := vehicles.Load{Seats: 1, Wheelchairs: 2}.Add(vehicles.Load{Seats: 3, Stretchers: 1})
	if sum.String() != "4:2:1" {
		t.Errorf("the loads add up to %v", sum)
	}
}

func TestEquipmentCoversItsSubsets(t *testing.T) {
	have := vehicles.Lift | vehicles.OxygenHolder
	for need, want := range map[vehicles.Equipment]bool{
		0: true, vehicles.Lift: true, have: true, vehicles.Ramp: false, vehicles.Lift | vehicles.Ramp: false,
	} {
		if have.Covers(need) != want {
			t.Errorf("lift and oxygen holder cover %b: %v, want %v", need, !want, want)
		}
	}
}
