package planstore_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// testRacingWritersLoseNoUpdate lets writers append rides to a few shared routes. Every acknowledged ride must be in its
// route, every version of a route must have been written exactly once, and the log must tell the same.
func testRacingWritersLoseNoUpdate(t *testing.T, client redis.UniversalClient) {
	const writers, each, shifts = 16, 15, 4
	s := newStore(t, client)
	var lost atomic.Int64
	var mu sync.Mutex
	versions := map[string]int{} // "<shift>@<version>" to how often it was acknowledged; guarded by mu
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				r := booked(w*each + i)
				shift := vehicles.ShiftID(fmt.Sprint("S-", (w+i)%shifts))
				for {
					state, err := s.Load(t.Context(), area, day)
					if err != nil {
						t.Error(err)
						return
					}
					next := &dispatch.Route{Shift: shift, Version: 1}
					if old := state.Routes[shift]; old != nil {
						next.Version, next.Stops = old.Version+1, append(next.Stops, old.Stops...)
					}
					next.Stops = append(next.Stops, route(shift, 1, r).Stops...)
					_, err = s.Commit(t.Context(), booking(r, next))
					if errors.Is(err, dispatch.ErrStale) {
						lost.Add(1)
						continue
					}
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					versions[fmt.Sprint(shift, "@", next.Version)]++
					mu.Unlock()
					break
				}
			}
		})
	}
	wg.Wait()

	state := mustLoad(t, s)
	if state.Revision != writers*each || len(state.Rides) != writers*each {
		t.Errorf("revision %d with %d rides, want %d of both", state.Revision, len(state.Rides), writers*each)
	}
	stops := 0
	for shift, r := range state.Routes {
		stops += len(r.Stops)
		if int64(len(r.Stops)) != 2*r.Version {
			t.Errorf("route %s at version %d has %d stops, want two a version", shift, r.Version, len(r.Stops))
		}
		for v := int64(1); v <= r.Version; v++ {
			if n := versions[fmt.Sprint(shift, "@", v)]; n != 1 {
				t.Errorf("version %d of %s was acknowledged %d times", v, shift, n)
			}
		}
	}
	if stops != 2*writers*each {
		t.Errorf("%d stops, want %d", stops, 2*writers*each)
	}
	for i, e := range allEvents(t, s) {
		if want := dispatch.EventID(fmt.Sprintf("%d-0", i+1)); e.ID != want {
			t.Fatalf("event %d is %s, want %s", i, e.ID, want)
		}
	}
	if faults, err := s.Check(t.Context(), area, day); err != nil || len(faults) != 0 {
		t.Errorf("check: %v, %v", faults, err)
	}
	if lost.Load() == 0 {
		t.Error("no writer ever lost: the test did not race")
	}
}

func testRepeatedRequestThatRacesItselfIsDoneOnce(t *testing.T, client redis.UniversalClient) {
	s := newStore(t, client)
	const rounds, callers = 20, 8
	for round := range rounds {
		var done, again atomic.Int64
		var wg sync.WaitGroup
		start := make(chan struct{})
		for caller := range callers {
			wg.Go(func() {
				c := booking(booked(round*callers + caller)) // each would book another ride
				c.Key, c.Reply = dispatch.IdempotencyKey{Key: fmt.Sprint("k", round)}, []byte(c.Rides[0].After.ID)
				<-start
				_, err := s.Commit(t.Context(), c)
				var kept *dispatch.Replayed
				switch {
				case err == nil:
					done.Add(1)
				case errors.As(err, &kept):
					again.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		close(start)
		wg.Wait()
		if done.Load() != 1 || again.Load() != callers-1 {
			t.Fatalf("round %d: done %d times, replayed %d times", round, done.Load(), again.Load())
		}
	}
	if got := mustLoad(t, s); len(got.Rides) != rounds || got.Revision != rounds {
		t.Errorf("%d rides at revision %d, want %d", len(got.Rides), got.Revision, rounds)
	}
}

// testLoadSeesWholeCommitsOnly reads while commits move one ride between two routes: it must be in exactly one of them, and the
// revision must be the sum of the versions.
func testLoadSeesWholeCommitsOnly(t *testing.T, client redis.UniversalClient) {
	s := newStore(t, client)
	r := booked(1)
	mustCommit(t, s, booking(r, route("S-1", 1, r), route("S-2", 1)))
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		defer stop()
		for v := int64(2); v < 150; v++ {
			here, there := route("S-1", v, r), route("S-2", v)
			if v%2 == 0 {
				here, there = route("S-1", v), route("S-2", v, r)
			}
			if _, err := s.Commit(t.Context(), &dispatch.Commit{Area: area, Day: day, Routes: []*dispatch.Route{here, there}}); err != nil {
				t.Error(err)
				return
			}
		}
	})
	for ctx.Err() == nil {
		state := mustLoad(t, s)
		one, two := state.Routes["S-1"], state.Routes["S-2"]
		if one.Version != state.Revision || two.Version != state.Revision || len(one.Stops)+len(two.Stops) != 2 {
			t.Fatalf("at revision %d: versions %d and %d, stops %d and %d", state.Revision, one.Version, two.Version, len(one.Stops), len(two.Stops))
		}
	}
	wg.Wait()
}

// testHistoryIsTheSumOfTheAcknowledgedCommits lets writers make random changes from states that may be old, each writer with
// a plan of its own. In the order of their revisions the acknowledged commits must lead from an empty day to what is loaded.
func testHistoryIsTheSumOfTheAcknowledgedCommits(t *testing.T, client redis.UniversalClient) {
	const writers, tries = 8, 60
	s := newStore(t, client)
	var mu sync.Mutex
	history := map[int64]*dispatch.Commit{} // by revision; guarded by mu
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(uint64(w), 9))
			state := dispatch.NewState(area, day)
			for n := range tries {
				c := randomChange(random, state, w*tries+n)
				rev, err := s.Commit(t.Context(), c)
				switch {
				case err == nil:
					mu.Lock()
					if history[rev] != nil {
						t.Errorf("revision %d was given twice", rev)
					}
					history[rev] = c
					mu.Unlock()
					state = state.With(c, rev)
				case errors.Is(err, dispatch.ErrStale):
					if state, err = s.Load(t.Context(), area, day); err != nil {
						t.Error(err)
						return
					}
				default:
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	want := dispatch.NewState(area, day)
	for rev := int64(1); rev <= int64(len(history)); rev++ {
		if history[rev] == nil {
			t.Fatalf("%d commits were acknowledged and none with revision %d", len(history), rev)
		}
		want = want.With(history[rev], rev)
	}
	if got := mustLoad(t, s); !reflect.DeepEqual(got, want) {
		t.Errorf("loaded revision %d is not the sum of %d commits", got.Revision, len(history))
	}
	if faults, err := s.Check(t.Context(), area, day); err != nil || len(faults) != 0 {
		t.Errorf("check: %v, %v", faults, err)
	}
	if len(history) == writers*tries {
		t.Error("no writer ever lost: the test did not race")
	}
}

// randomChange books a new ride on one of four routes, moves a ride between states and places, or changes two routes and a ride.
func randomChange(random *rand.Rand, state *dispatch.State, n int) *dispatch.Commit {
	nextRoute := func() *dispatch.Route {
		shift := vehicles.ShiftID(fmt.Sprint("S-", random.IntN(4)))
		version := int64(1)
		if old := state.Routes[shift]; old != nil {
			version = old.Version + 1
		}
		return route(shift, version, booked(random.IntN(100)))
	}
	var old *dispatch.Ride
	for _, r := range state.Rides { // any
		old = r
		break
	}
	kind := random.IntN(3)
	if old == nil || kind == 0 {
		return booking(booked(n), nextRoute())
	}
	next := changed(old, dispatch.RideState(random.IntN(int(dispatch.Unmet)+1)))
	next.Dropoff = booked(random.IntN(100)).Dropoff
	c := change(old, next)
	if kind == 1 {
		a, b := nextRoute(), nextRoute()
		c.Routes = append(c.Routes, a)
		if b.Shift != a.Shift {
			c.Routes = append(c.Routes, b)
		}
	}
	return c
}

func testAreasAndDaysDoNotMix(t *testing.T, client redis.UniversalClient) {
	s := newStore(t, client)
	want := map[string]*dispatch.State{}
	for _, a := range []dispatch.AreaID{"kurobe", "nyuzen", "uozu", "namerikawa"} { // on several masters
		for _, d := range []dispatch.Day{"2026-01-20", "2026-01-21"} {
			r := booked(len(want))
			r.Area, r.Day = a, d
			c := booking(r, route("S-1", 1, r))
			want[fmt.Sprint(a, d)] = dispatch.NewState(a, d).With(c, mustCommit(t, s, c))
		}
	}
	for _, w := range want {
		got, err := s.Load(t.Context(), w.Area, w.Day)
		if err != nil || !reflect.DeepEqual(got, w) {
			t.Errorf("%s %s: %+v, %v, want %+v", w.Area, w.Day, got, err, w)
		}
	}
}
