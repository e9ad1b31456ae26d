package town

import (
	"reflect"
	"slices"
	"testing"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/testdata/kurobe"
	"github.com/swmaas/swmaas/vehicles"
)

// everySeed runs check on the towns of many seeds, all on one road network.
func everySeed(t *testing.T, seeds int, check func(t *testing.T, town *Town)) {
	t.Helper()
	facts, err := kurobe.Load()
	if err != nil {
		t.Fatal(err)
	}
	graph, err := roads(facts)
	if err != nil {
		t.Fatal(err)
	}
	if testing.Short() {
		seeds = min(seeds, 20)
	}
	for seed := range uint64(seeds) {
		town, err := generate(seed, 1, facts, graph)
		if err != nil {
			t.Fatal(err)
		}
		check(t, town)
	}
}

func TestEveryDayHoldsTheMixThatItMust(t *testing.T) {
	everySeed(t, 150, func(t *testing.T, town *Town) {
		m, n := counted(town), len(town.Calls)
		if n < 180 || m.chairs*100 < 15*n || m.chairRiders*100 < 15*m.riders || m.narrow*100 < 50*n || m.clinic*100 < 30*n || m.cancelled < 3 || m.noShows < 2 {
			t.Errorf("seed %d: %d calls, %+v", town.Seed, n, m)
		}
	})
}

// mix is counted apart from Mix, from the calls alone.
type mix struct{ chairs, riders, chairRiders, narrow, clinic, cancelled, noShows int }

func counted(town *Town) (m mix) {
	seen := map[dispatch.RiderID]bool{}
	for _, c := range town.Calls {
		chair := c.Party.Load.Wheelchairs >= 1
		if !seen[c.Rider] {
			seen[c.Rider] = true
			m.riders++
			if chair {
				m.chairRiders++
			}
		}
		if chair {
			m.chairs++
		}
		if c.Wish.Window.Latest-c.Wish.Window.Earliest <= 20*60 {
			m.narrow++
		}
		clinic := slices.ContainsFunc(town.Clinics, func(k Clinic) bool { return k.Place == c.Dropoff })
		if clinic && c.Appointment && c.Wish.Kind == dispatch.ArriveBy {
			m.clinic++
		}
		if c.CancelAt > c.At {
			m.cancelled++
		}
		if c.NoShow {
			m.noShows++
		}
	}
	return m
}

func TestCallsAreInOrderAndMakeSense(t *testing.T) {
	everySeed(t, 60, func(t *testing.T, town *Town) {
		riders := map[dispatch.RiderID]dispatch.Party{}
		for _, r := range town.Riders {
			riders[r.ID] = r.Party
		}
		type way struct {
			rider    dispatch.RiderID
			from, to geo.LatLng
		}
		ways := map[way]bool{}
		for i, c := range town.Calls {
			if i > 0 && c.At < town.Calls[i-1].At {
				t.Fatalf("seed %d: call %d rings before call %d", town.Seed, i, i-1)
			}
			if c.Outbound >= i || c.Group >= i {
				t.Fatalf("seed %d: call %d links to a later one", town.Seed, i)
			}
			if w := c.Wish.Window; w.Earliest >= w.Latest || w.Earliest < 8*3600 || w.Latest > 17*3600+10*60 || c.At >= w.Earliest {
				t.Errorf("seed %d: call %d at %d wishes %+v", town.Seed, i, c.At, w)
			}
			if c.Outbound >= 0 {
				if out := town.Calls[c.Outbound]; out.Rider != c.Rider || out.Dropoff != c.Pickup || out.Pickup != c.Dropoff || out.Wish.Window.Latest >= c.Wish.Window.Earliest {
					t.Errorf("seed %d: call %d is no way back of %d", town.Seed, i, c.Outbound)
				}
			}
			if !reflect.DeepEqual(riders[c.Rider], c.Party) || c.CancelAt != 0 && c.CancelAt <= c.At {
				t.Errorf("seed %d: call %d: %+v", town.Seed, i, c)
			}
			w := way{c.Rider, c.Pickup.At, c.Dropoff.At}
			if ways[w] || c.Pickup.At == c.Dropoff.At {
				t.Errorf("seed %d: call %d repeats a way or goes nowhere", town.Seed, i)
			}
			ways[w] = true
		}
	})
}

func TestEveryPlaceLiesOnARoad(t *testing.T) {
	everySeed(t, 10, func(t *testing.T, town *Town) {
		for i, c := range town.Calls {
			for _, p := range []dispatch.Place{c.Pickup, c.Dropoff} {
				s, err := town.Graph.Snap(p.At, routing.SnapOptions{})
				if err != nil || s.Meters > 1 {
					t.Fatalf("seed %d: call %d: %s is %.1f m from a road (%v)", town.Seed, i, p.Label, s.Meters, err)
				}
			}
		}
	})
}

func TestEveryPartyFitsSomeVehicleWithoutRoundsInTheMorning(t *testing.T) {
	everySeed(t, 60, func(t *testing.T, town *Town) {
		n := len(town.Fleet.Vehicles)
		if n < 25 || n > 40 || len(town.Shifts) != n || len(town.Fleet.Facilities) < 11 || len(town.Fleet.Facilities) > 20 {
			t.Fatalf("seed %d: %d vehicles, %d shifts, %d facilities", town.Seed, n, len(town.Shifts), len(town.Fleet.Facilities))
		}
		byID := map[vehicles.VehicleID]vehicles.Vehicle{}
		for _, v := range town.Fleet.Vehicles {
			byID[v.ID] = v
		}
		free := 0
		for _, s := range town.Shifts {
			if len(s.OwnRounds) == 0 && byID[s.Vehicle].Welfare {
				free++
			}
		}
		if free < 8 {
			t.Errorf("seed %d: only %d welfare vehicles have no round of their own", town.Seed, free)
		}
		for i, c := range town.Calls {
			if !slices.ContainsFunc(town.Shifts, func(s vehicles.Shift) bool {
				v := byID[s.Vehicle]
				return len(s.OwnRounds) == 0 && v.Cabin.Holds(c.Party.Load) && v.Equipment.Covers(c.Party.Needs)
			}) {
				t.Errorf("seed %d: call %d fits no free vehicle: %+v", town.Seed, i, c.Party)
			}
		}
	})
}

func TestASeedGivesTheSameDayAgain(t *testing.T) {
	a, err := Generate(7)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Generate(7)
	if err != nil {
		t.Fatal(err)
	}
	a.Graph, b.Graph = nil, nil
	if !reflect.DeepEqual(a, b) {
		t.Error("seed 7 gives two days")
	}
	c, err := Generate(8)
	if err != nil {
		t.Fatal(err)
	}
	if reflect.DeepEqual(a.Calls, c.Calls) {
		t.Error("seeds 7 and 8 give the same calls")
	}
}

func TestALargerTownIsSpreadOut(t *testing.T) {
	one, err := Generate(1)
	if err != nil {
		t.Fatal(err)
	}
	ten, err := GenerateTimes(1, 10)
	if err != nil {
		t.Fatal(err)
	}
	if v, c := len(ten.Fleet.Vehicles), len(ten.Calls); v < 370 || v > 400 || len(ten.Shifts) != v || c < 1800 || c < 8*len(one.Calls) || c > 12*len(one.Calls) {
		t.Errorf("%d vehicles, %d shifts, %d calls; Kurobe has %d and %d", v, len(ten.Shifts), c, len(one.Fleet.Vehicles), len(one.Calls))
	}
	homes, depots := map[geo.LatLng]bool{}, map[geo.LatLng]bool{}
	for _, r := range ten.Riders {
		homes[r.Home.At] = true
	}
	for _, f := range ten.Fleet.Facilities {
		depots[f.At] = true
	}
	if len(homes) < len(ten.Riders)*9/10 || len(depots) < len(ten.Fleet.Facilities)*9/10 {
		t.Errorf("%d riders live at %d places, %d facilities stand at %d", len(ten.Riders), len(homes), len(ten.Fleet.Facilities), len(depots))
	}
	if m := ten.Mix(); m.Riders < 8*one.Mix().Riders {
		t.Errorf("%d riders call, in Kurobe %d", m.Riders, one.Mix().Riders)
	}
	if _, err := GenerateTimes(1, 0); err == nil {
		t.Error("a town of nothing was generated")
	}
}
