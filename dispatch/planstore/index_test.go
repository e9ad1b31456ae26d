package planstore_test

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
	"github.com/swmaas/swmaas/vehicles"
	"github.com/swmaas/swmaas/vehicles/cells"
)

// cellOf is the cell of one end of a ride.
func cellOf(t testing.TB, p dispatch.Place) vehicles.CellID {
	t.Helper()
	c, err := cells.CellOf(p.At)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// stopsIn reads the open stops of the places' cells between two seconds of the day.
func stopsIn(t testing.TB, s *planstore.Store, from, to int32, places ...dispatch.Place) []dispatch.StopID {
	t.Helper()
	in := make([]vehicles.CellID, len(places))
	for i, p := range places {
		in[i] = cellOf(t, p)
	}
	got, err := s.StopsIn(t.Context(), area, day, in, from, to)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func testOpenRideIsFoundAtBothEndsUntilItIsServed(t *testing.T, client redis.UniversalClient) {
	s := newStore(t, client)
	r := booked(1)
	pickup, dropoff := dispatch.StopID{Ride: r.ID, Kind: dispatch.PickupStop}, dispatch.StopID{Ride: r.ID, Kind: dispatch.DropoffStop}
	// The pickup window starts at 33000; the dropoff is 600 s away, so its window starts at 33600.
	expect := func(when string, from, to int32, want ...dispatch.StopID) {
		t.Helper()
		if got := stopsIn(t, s, from, to, r.Pickup, r.Dropoff); !reflect.DeepEqual(got, want) {
			t.Errorf("%s, %d to %d: %v, want %v", when, from, to, got, want)
		}
	}
	step := func(edit func(*dispatch.Ride)) {
		t.Helper()
		next := *r
		next.Version++
		edit(&next)
		mustCommit(t, s, change(r, &next))
		r = &next
	}
	mustCommit(t, s, booking(r))
	expect("booked", 33000, 33600, pickup, dropoff)
	expect("booked", 33001, 33599)
	expect("booked", 0, 33000, pickup)
	expect("booked", 33600, 90000, dropoff)

	step(func(r *dispatch.Ride) { r.Promise.Pickup.Earliest = 34000 })
	expect("an hour later", 0, 33999)
	expect("an hour later", 34000, 34600, pickup, dropoff)

	before := r.Pickup
	step(func(r *dispatch.Ride) { r.Pickup.At.Lat += 0.05 })
	if got := stopsIn(t, s, 0, 90000, before); len(got) != 0 {
		t.Errorf("moved away and still found where it was: %v", got)
	}
	expect("moved", 0, 90000, pickup, dropoff)

	step(func(r *dispatch.Ride) { r.State, r.Actual.Board = dispatch.UnderWay, 34500 })
	expect("aboard", 0, 90000, dropoff)
	step(func(r *dispatch.Ride) { r.State, r.Actual.Alight = dispatch.Completed, 35100 })
	expect("completed", 0, 90000)
}

// TestIndexIsWhatTheRidesSay makes random changes and compares the index with the rides after each, found by brute force.
func TestIndexIsWhatTheRidesSay(t *testing.T) {
	s := newStore(t, startRedis(t))
	random := rand.New(rand.NewPCG(1, 2))
	state := dispatch.NewState(area, day)
	places := []dispatch.Place{}
	for i := range 70 { // every place that a ride can be at
		places = append(places, booked(i).Pickup, booked(i).Dropoff)
	}
	for n := range 150 {
		var c *dispatch.Commit
		if before := state.Rides[booked(random.IntN(n+1)).ID]; before != nil && random.IntN(2) == 0 {
			after := changed(before, []dispatch.RideState{dispatch.Booked, dispatch.Published, dispatch.UnderWay, dispatch.Cancelled, dispatch.Completed}[random.IntN(5)])
			after.Pickup, after.Dropoff = places[random.IntN(len(places))], places[random.IntN(len(places))]
			after.Promise.Pickup.Earliest = 30000 + random.Int32N(600)
			if after.State == dispatch.UnderWay {
				after.Actual.Board = 31000
			}
			c = change(before, after)
		} else {
			c = booking(booked(n))
		}
		state = state.With(c, mustCommit(t, s, c))

		from := 30000 + random.Int32N(4000)
		to := from + random.Int32N(2000)
		at := places[random.IntN(len(places))]
		got := stopsIn(t, s, from, to, at)
		want := bruteStops(t, state, cellOf(t, at), from, to)
		if !slices.Equal(sorted(got), sorted(want)) {
			t.Fatalf("after commit %d: %v, want %v", n, got, want)
		}
	}
	if faults, err := s.Check(t.Context(), area, day); err != nil || len(faults) != 0 {
		t.Errorf("check: %+v, %v", faults, err)
	}
}

// bruteStops finds the open stops in a cell by looking at every ride.
func bruteStops(t testing.TB, state *dispatch.State, in vehicles.CellID, from, to int32) []dispatch.StopID {
	t.Helper()
	var found []dispatch.StopID
	for _, r := range state.Rides {
		if r.State != dispatch.Booked && r.State != dispatch.Published && r.State != dispatch.UnderWay {
			continue
		}
		start := r.Promise.Pickup.Earliest
		if cellOf(t, r.Pickup) == in && r.Actual.Board == 0 && from <= start && start <= to {
			found = append(found, dispatch.StopID{Ride: r.ID, Kind: dispatch.PickupStop})
		}
		start += r.Direct
		if cellOf(t, r.Dropoff) == in && from <= start && start <= to {
			found = append(found, dispatch.StopID{Ride: r.ID, Kind: dispatch.DropoffStop})
		}
	}
	return found
}

func sorted(stops []dispatch.StopID) []dispatch.StopID {
	return slices.SortedFunc(slices.Values(stops), func(a, b dispatch.StopID) int {
		if c := strings.Compare(string(a.Ride), string(b.Ride)); c != 0 {
			return c
		}
		return int(a.Kind) - int(b.Kind)
	})
}

func testRebuildMakesDamagedIndexesAnew(t *testing.T, client redis.UniversalClient) {
	s := newStore(t, client)
	a, b := booked(1), booked(2)
	mustCommit(t, s, booking(a, route("S-1", 1, a)))
	mustCommit(t, s, booking(b, route("S-2", 1, b)))
	if faults, err := s.Check(t.Context(), area, day); err != nil || len(faults) != 0 {
		t.Fatalf("before any damage: %v, %v", faults, err)
	}
	whole := mustLoad(t, s)

	prefix := "dsp:{kurobe}:2026-01-20:"
	cell := prefix + "cells:" + hexCell(cellOf(t, a.Pickup))
	ctx := t.Context()
	for _, damage := range []error{
		client.Del(ctx, prefix+"rides").Err(),
		client.SAdd(ctx, prefix+"routes", "S-9").Err(),
		client.ZAdd(ctx, cell, redis.Z{Score: 1, Member: "R-9999:p"}).Err(),
		client.ZAdd(ctx, cell, redis.Z{Score: 7, Member: string(a.ID) + ":p"}).Err(),
		client.ZAdd(ctx, prefix+"cells:abc", redis.Z{Score: 7, Member: string(a.ID) + ":d"}).Err(),
	} {
		if damage != nil {
			t.Fatal(damage)
		}
	}
	faults, err := s.Rebuild(t.Context(), area, day)
	if err != nil || len(faults) != 6 { // two rides missing, a route, a member, a score and a cell too many
		t.Errorf("rebuild found %+v, %v, want 6 faults", faults, err)
	}
	if faults, err := s.Check(t.Context(), area, day); err != nil || len(faults) != 0 {
		t.Errorf("after the rebuild: %+v, %v", faults, err)
	}
	if got := mustLoad(t, s); !reflect.DeepEqual(got, whole) {
		t.Errorf("loaded %+v, want %+v", got, whole)
	}
	if faults, err := s.Rebuild(t.Context(), area, day); err != nil || len(faults) != 0 {
		t.Errorf("rebuilt again: %+v, %v", faults, err)
	}
}

func hexCell(c vehicles.CellID) string {
	const digits = "0123456789abcdef"
	out := []byte{}
	for ; c > 0; c >>= 4 {
		out = append(out, digits[c&15])
	}
	slices.Reverse(out)
	return string(out)
}

func TestCheckSeesWhereEventsAndRidesDisagree(t *testing.T) {
	s := newStore(t, startMini(t))
	a := booked(1)
	mustCommit(t, s, booking(a))
	silent := change(a, changed(a, dispatch.Cancelled))
	silent.Events = nil
	mustCommit(t, s, silent)
	faults, err := s.Check(t.Context(), area, day)
	want := []planstore.Fault{{Key: "dsp:{kurobe}:2026-01-20:ride:R-0001", Reason: "is cancelled and the log has it as booked"}}
	if err != nil || !slices.Equal(faults, want) {
		t.Errorf("got %+v, %v, want %+v", faults, err, want)
	}
}

func TestLoadOfDamagedDayFails(t *testing.T) {
	for name, damage := range map[string]func(client redis.UniversalClient) error{
		"a ride that is gone": func(c redis.UniversalClient) error {
			return c.Del(t.Context(), "dsp:{kurobe}:2026-01-20:ride:R-0001").Err()
		},
		"a route that is gone": func(c redis.UniversalClient) error {
			return c.Del(t.Context(), "dsp:{kurobe}:2026-01-20:route:S-1").Err()
		},
		"a revision that is a word": func(c redis.UniversalClient) error {
			return c.Set(t.Context(), "dsp:{kurobe}:2026-01-20:rev", "x", 0).Err()
		},
		"a ride of nonsense": func(c redis.UniversalClient) error {
			return c.Set(t.Context(), "dsp:{kurobe}:2026-01-20:ride:R-0001", "\x01nonsense", 0).Err()
		},
	} {
		t.Run(name, func(t *testing.T) {
			client := startMini(t)
			s := newStore(t, client)
			a := booked(1)
			mustCommit(t, s, booking(a, route("S-1", 1, a)))
			if err := damage(client); err != nil {
				t.Fatal(err)
			}
			var damaged *planstore.DamagedError
			if _, err := s.Load(t.Context(), area, day); !errors.As(err, &damaged) {
				t.Errorf("got %v, want a DamagedError", err)
			}
		})
	}
}
