package planstore_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
)

// endedDay books a ride on a day and completes it, or leaves it open.
func endedDay(t *testing.T, s *planstore.Store, a dispatch.AreaID, d dispatch.Day, state dispatch.RideState) dispatch.AreaDay {
	t.Helper()
	r := booked(1)
	r.Area, r.Day = a, d
	mustCommit(t, s, booking(r, route("S-1", 1, r)))
	mustCommit(t, s, change(r, changed(r, state)))
	return dispatch.AreaDay{Area: a, Day: d}
}

func testDaysPastTheirTimeAreDropped(t *testing.T, client redis.UniversalClient) {
	s := newStore(t, client)
	// As of 20 March: 31 days before is 17 February, 10 days before is 10 March.
	old := endedDay(t, s, "kurobe", "2026-02-16", dispatch.Completed)
	other := endedDay(t, s, "uozu", "2026-01-02", dispatch.Cancelled) // on another master
	open := endedDay(t, s, "nyuzen", "2026-02-01", dispatch.UnderWay)
	last := endedDay(t, s, "kurobe", "2026-02-17", dispatch.NoShow)
	quiet := endedDay(t, s, "kurobe", "2026-03-09", dispatch.Completed)
	fresh := endedDay(t, s, "kurobe", "2026-03-10", dispatch.Completed)
	all := []dispatch.AreaDay{old, last, quiet, fresh, open, other}
	if got, err := s.Days(t.Context()); err != nil || !slices.Equal(got, all) {
		t.Fatalf("days %v, %v, want %v", got, err, all)
	}

	got, err := s.Purge(t.Context(), "2026-03-20", planstore.Retention{Days: 31, Events: 10})
	want := planstore.Purged{Days: []dispatch.AreaDay{old, other}, Events: []dispatch.AreaDay{last, quiet}, Open: []dispatch.AreaDay{open}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("purged %+v, %v, want %+v", got, err, want)
	}
	if keys := keysLike(t, client, "dsp:{kurobe}:2026-02-16:*"); len(keys) != 0 {
		t.Errorf("left over: %q", keys)
	}
	if got, err := s.Days(t.Context()); err != nil || !slices.Equal(got, []dispatch.AreaDay{last, quiet, fresh, open}) {
		t.Errorf("days %v, %v afterwards", got, err)
	}
	for day, events := range map[dispatch.AreaDay]int{quiet: 0, fresh: 2, open: 2} {
		if got, err := s.Events(t.Context(), day.Area, day.Day, "", 10); err != nil || len(got) != events {
			t.Errorf("%v: %d events, %v, want %d", day, len(got), err, events)
		}
	}
	// What lost its events is still checked as far as can be, and goes on where it was.
	state, err := s.Load(t.Context(), quiet.Area, quiet.Day)
	if err != nil || state.Revision != 2 || len(state.Rides) != 1 {
		t.Fatalf("a day without events: %+v, %v", state, err)
	}
	late := changed(state.Rides["R-0001"], dispatch.NoShow)
	if rev := mustCommit(t, s, change(state.Rides["R-0001"], late)); rev != 3 {
		t.Errorf("revision %d, want 3", rev)
	}
	if faults, err := s.Check(t.Context(), quiet.Area, quiet.Day); err != nil || len(faults) != 0 {
		t.Errorf("check: %+v, %v", faults, err)
	}
	again, err := s.Purge(t.Context(), "2026-03-20", planstore.Retention{Days: 31, Events: 10})
	if err != nil || len(again.Days) != 0 || !slices.Equal(again.Events, []dispatch.AreaDay{quiet}) {
		t.Errorf("purged again: %+v, %v", again, err)
	}
}

func TestNothingIsDroppedThatNobodyAskedToDrop(t *testing.T) {
	s := newStore(t, startMini(t))
	day := endedDay(t, s, "kurobe", "1990-01-01", dispatch.Completed)
	if got, err := s.Purge(t.Context(), "2026-03-20", planstore.Retention{}); err != nil || !reflect.DeepEqual(got, planstore.Purged{}) {
		t.Errorf("purged %+v, %v", got, err)
	}
	for _, keep := range []planstore.Retention{{Days: -1}, {Days: 7}, {Days: 40, Events: 41}, {Events: -1}} {
		if _, err := s.Purge(t.Context(), "2026-03-20", keep); err == nil {
			t.Errorf("%+v: no error", keep)
		}
	}
	if _, err := s.Purge(t.Context(), "today", planstore.Retention{Days: 31}); !errors.Is(err, dispatch.ErrInvalid) {
		t.Errorf("no date: %v, want ErrInvalid", err)
	}
	if got, err := s.Days(t.Context()); err != nil || !slices.Equal(got, []dispatch.AreaDay{day}) {
		t.Errorf("days %v, %v", got, err)
	}
}
