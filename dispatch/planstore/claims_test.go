package planstore_test

import (
	"errors"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
	"github.com/swmaas/swmaas/vehicles"
)

// seen is the commit as made from a state at a revision.
func seen(revision int64, c *dispatch.Commit) *dispatch.Commit {
	c.Seen = revision
	return c
}

func testWhatARideClaimsIsTakenOnce(t *testing.T, client redis.UniversalClient) {
	group := func(n int) *dispatch.Ride {
		r := booked(n)
		r.Together, r.Booking = true, "B-1"
		return r
	}
	same := func(n int) *dispatch.Ride {
		r := booked(n)
		r.Rider = "P-0001"
		return r
	}
	for _, c := range []struct {
		name          string
		first, second *dispatch.Ride
		seen          int64 // by the second
		lost          bool
	}{
		{"two rides of one rider, neither knew of the other", same(1), same(2), 0, true},
		{"two rides of one rider, the second knew of the first", same(1), same(2), 1, false},
		{"rides of two riders", booked(1), booked(2), 0, false},
		{"rides of nobody in particular", nobodys(1), nobodys(2), 0, false},
		{"two of a group, neither knew of the other's place", group(1), group(2), 0, true},
		{"two of a group, the second knew", group(1), group(2), 1, false},
		{"a ride that ended before", changedNow(same(1), dispatch.Cancelled), same(2), 0, false},
		{"somebody on the waitlist", changedNow(same(1), dispatch.Draft), same(2), 0, false},
		{"two places that are kept", changedNow(same(1), dispatch.Offered), changedNow(same(2), dispatch.Offered), 0, true},
	} {
		flush(t, client)
		s := newStore(t, client)
		first := seen(0, booking(c.first, route("S-1", 1, c.first)))
		first.Events[0].After = c.first.State.String()
		if _, err := s.Commit(t.Context(), first); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		before := dump(t, client)
		_, err := s.Commit(t.Context(), seen(c.seen, booking(c.second, route("S-2", 1, c.second))))
		if !c.lost {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		want := &planstore.StaleError{Routes: []vehicles.ShiftID{}, Rides: []dispatch.RideID{c.second.ID}, Notes: []dispatch.NoteID{}}
		if lost, ok := errors.AsType[*planstore.StaleError](err); !ok || !reflect.DeepEqual(lost, want) {
			t.Errorf("%s: %v, want %v", c.name, err, want)
		}
		if after := dump(t, client); !sameLines(before, after) {
			t.Errorf("%s: the lost commit changed the keyspace", c.name)
		}
		if faults, err := s.Check(t.Context(), area, day); err != nil || len(faults) > 0 {
			t.Errorf("%s: %+v, %v", c.name, faults, err)
		}
	}
	flush(t, client)
	s := newStore(t, client)
	old := same(1) // what has its place already may go on, whatever was booked meanwhile
	for _, c := range []*dispatch.Commit{booking(old), seen(1, booking(same(2))), change(old, changed(old, dispatch.UnderWay))} {
		if _, err := s.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
}

// nobodys is a ride of which nobody said whose it is.
func nobodys(n int) *dispatch.Ride {
	r := booked(n)
	r.Rider = ""
	return r
}

// changedNow is the ride in another state, at its version.
func changedNow(r *dispatch.Ride, state dispatch.RideState) *dispatch.Ride {
	r.State = state
	return r
}

// testRacingClaimsAreTakenOnce lets callers book one rider on a route each, all made from the same state.
func testRacingClaimsAreTakenOnce(t *testing.T, client redis.UniversalClient) {
	const rounds, callers = 20, 8
	s := newStore(t, client)
	for round := range int64(rounds) {
		var done, lost atomic.Int64
		var wg sync.WaitGroup
		start := make(chan struct{})
		for caller := range callers {
			wg.Go(func() {
				r := booked(int(round)*callers + caller)
				r.Rider = dispatch.RiderID([]byte{'A' + byte(round)})
				<-start
				_, err := s.Commit(t.Context(), seen(round, booking(r)))
				switch {
				case err == nil:
					done.Add(1)
				case errors.Is(err, dispatch.ErrStale):
					lost.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		close(start)
		wg.Wait()
		if done.Load() != 1 || lost.Load() != callers-1 {
			t.Fatalf("round %d: booked %d times, lost %d times", round, done.Load(), lost.Load())
		}
	}
	if faults, err := s.Check(t.Context(), area, day); err != nil || len(faults) > 0 {
		t.Errorf("check: %+v, %v", faults, err)
	}
}
