package dispatch

import (
	"testing"

	"github.com/swmaas/swmaas/dispatch/solver"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// lineTimer is a timer on a straight road along the equator where a degree of longitude takes 1000 s.
func lineTimer(now int32, rides ...*Ride) *timer {
	byID := map[RideID]*Ride{}
	for _, r := range rides {
		byID[r.ID] = r
	}
	return &timer{
		shift:   &vehicles.Shift{ID: "S", Span: vehicles.Span{Start: 1000, End: 20000}},
		vehicle: &vehicles.Vehicle{Dwell: vehicles.Dwell{PerStop: 10, PerWheelchair: 60}},
		rides:   func(id RideID) *Ride { return byID[id] },
		places:  linePlaces(rides),
		rules:   Rules{}.withDefaults(),
		now:     now,
	}
}

// linePlaces are the ends of the rides and where the road begins, with the times between them.
func linePlaces(rides []*Ride) *placeTable {
	pins := []geo.LatLng{{}}
	for _, r := range rides {
		pins = append(pins, r.Pickup.At, r.Dropoff.At)
	}
	t := newPlaceTable(nil, Rules{})
	t.matrix.Grow(len(pins))
	t.direct.Grow(len(pins))
	for i, a := range pins {
		t.index[a] = solver.Place(i)
		for j, b := range pins {
			seconds := int32(max(a.Lng-b.Lng, b.Lng-a.Lng) * 1000)
			t.matrix.Set(solver.Place(i), solver.Place(j), seconds, seconds)
			t.direct.Set(solver.Place(i), solver.Place(j), seconds, 0)
		}
	}
	return t
}

// lineRide goes from degree a to degree b, promised within the window; boarding and alighting take 20 s each.
func lineRide(id RideID, a, b float64, earliest, latest int32) *Ride {
	return &Ride{
		ID: id, State: Booked, Party: Party{Load: vehicles.Load{Seats: 1}, Board: 20, Alight: 20},
		Pickup: Place{At: geo.LatLng{Lng: a}}, Dropoff: Place{At: geo.LatLng{Lng: b}},
		Promise: Promise{Pickup: Window{earliest, latest}, MaxRide: 5000},
	}
}

func stopsOf(ids ...StopID) []Stop {
	stops := make([]Stop, len(ids))
	for i, id := range ids {
		stops[i].StopID = id
	}
	return stops
}

func TestEmptyVehicleLeavesOnlyWhenItHasTo(t *testing.T) {
	r := lineRide("r", 1, 2, 5000, 6200)
	stops := stopsOf(StopID{"r", PickupStop}, StopID{"r", DropoffStop})
	lineTimer(0, r).follow(stops, nil)
	// 1000 s of road to the pickup and two minutes early: leave at 5000-1000-120 = 3880, there at 4880, begin at 5000,
	// 30 s of boarding, 1000 s of road, 30 s of alighting.
	want := []Stop{
		{StopID: StopID{"r", PickupStop}, LeaveBy: 3880, Arrive: 4880, Begin: 5000, Depart: 5030},
		{StopID: StopID{"r", DropoffStop}, LeaveBy: 5030, Arrive: 6030, Begin: 6030, Depart: 6060},
	}
	for i := range want {
		if stops[i] != want[i] {
			t.Errorf("stop %d: got %+v, want %+v", i, stops[i], want[i])
		}
	}
}

func TestLatenessIsCarriedDownstream(t *testing.T) {
	r := lineRide("r", 1, 2, 5000, 6200)
	stops := stopsOf(StopID{"r", PickupStop}, StopID{"r", DropoffStop})
	stops[0].State, stops[0].LeaveBy = EnRoute, 5100
	lineTimer(6500, r).follow(stops, nil)
	// It left at 5100 and should have arrived at 6100; at 6500 it has not, so it arrives now at the earliest.
	if stops[0].Arrive != 6500 || stops[0].Depart != 6530 || stops[1].Arrive != 7530 {
		t.Errorf("got arrivals %d and %d, departure %d", stops[0].Arrive, stops[1].Arrive, stops[0].Depart)
	}
}

func TestWheelchairTakesLonger(t *testing.T) {
	r := lineRide("r", 1, 2, 5000, 6200)
	r.Party.Load = vehicles.Load{Wheelchairs: 2}
	if got := service(lineTimer(0).vehicle, r, PickupStop); got != 20+10+2*60 {
		t.Errorf("boarding of two wheelchairs: got %d s, want 150", got)
	}
}

// A vehicle stands at a pickup since 5200. The plan may have the party wait at home for as long as it does not board yet; the
// driver is told so.
func TestBoardingCanBePutOffOnlyBeforeItBegins(t *testing.T) {
	r := lineRide("r", 1, 2, 5000, 6200)
	for name, c := range map[string]struct {
		begun      bool
		now        int32
		wantBegin  int32
		wantDepart int32
		wantTold   int32 // not before, on the manifest
	}{
		"a party that boards since 5200 goes on boarding": {true, 5210, 5200, 5230, 5200},
		"a party that takes longer leaves now or later":   {true, 5300, 5200, 5300, 5200},
		"a party that still waits boards when planned":    {false, 5210, 5600, 5630, 5600},
		"nobody boards in the past":                       {false, 5700, 5700, 5730, 5700},
	} {
		t.Run(name, func(t *testing.T) {
			stops := stopsOf(StopID{"r", PickupStop}, StopID{"r", DropoffStop})
			stops[0].State, stops[0].Arrive, stops[0].Begin = Arrived, 5200, 5200
			line := lineTimer(c.now, r)
			line.begun = c.begun
			line.follow(stops, []int32{5600, 0})
			if stops[0].Begin != c.wantBegin || stops[0].Depart != c.wantDepart {
				t.Errorf("begins %d, departs %d; want %d, %d", stops[0].Begin, stops[0].Depart, c.wantBegin, c.wantDepart)
			}
			if got := manifestStop("S", stops[0], r).NotBefore; got != c.wantTold {
				t.Errorf("the driver is told %d, want %d", got, c.wantTold)
			}
		})
	}
}
