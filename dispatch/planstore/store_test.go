package planstore_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
	"github.com/swmaas/swmaas/vehicles"
)

func testDayNeverWrittenIsEmpty(t *testing.T, client redis.UniversalClient) {
	s := newStore(t, client)
	if got, want := mustLoad(t, s), dispatch.NewState(area, day); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if events := allEvents(t, s); len(events) != 0 {
		t.Errorf("events %v, want none", events)
	}
}

func testLoadGivesWhatWasCommitted(t *testing.T, client redis.UniversalClient) {
	s := newStore(t, client)
	want := dispatch.NewState(area, day)
	commit := func(c *dispatch.Commit) {
		rev := mustCommit(t, s, c)
		if rev != want.Revision+1 {
			t.Fatalf("revision %d after %d", rev, want.Revision)
		}
		want = want.With(c, rev)
	}
	a, b := booked(1), booked(2)
	b.Created = time.Date(2026, 1, 19, 9, 30, 0, 123456789, time.UTC)
	commit(booking(a, route("S-1", 1, a)))
	commit(booking(b, route("S-1", 2, a, b), route("S-2", 1)))
	commit(change(a, changed(a, dispatch.Published)))
	if got := mustLoad(t, s); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func testNotesAreKeptLikeRides(t *testing.T, client redis.UniversalClient) {
	s := newStore(t, client)
	tell := &dispatch.Note{ID: "T-1", Version: 1, About: "P-1", Text: "call the daughter", Body: &dispatch.Tell{
		Rider: "P-1", Ride: "R-1", Reason: dispatch.TellLate, Opened: time.Date(2026, 1, 19, 9, 30, 0, 0, time.UTC),
	}}
	first := &dispatch.Commit{Area: area, Day: day, Notes: []*dispatch.Note{tell}}
	want := dispatch.NewState(area, day).With(first, mustCommit(t, s, first))
	told := *tell
	told.Version, told.Body = 2, &dispatch.Tell{
		Rider: "P-1", Ride: "R-1", Reason: dispatch.TellLate, Opened: time.Date(2026, 1, 19, 9, 30, 0, 0, time.UTC),
		Told: &dispatch.Told{By: "account-1", Channel: "phone", At: time.Date(2026, 1, 19, 9, 31, 0, 0, time.UTC)},
	}
	second := &dispatch.Commit{Area: area, Day: day, Notes: []*dispatch.Note{&told}}
	want = want.With(second, mustCommit(t, s, second))
	if got := mustLoad(t, s); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	var lost *planstore.StaleError
	if _, err := s.Commit(t.Context(), second); !errors.As(err, &lost) || !slices.Equal(lost.Notes, []dispatch.NoteID{"T-1"}) {
		t.Errorf("the same change again: %v, want it stale on the note", err)
	}
	if strings.Contains(dump(t, client), "daughter") {
		t.Error("what somebody wrote is readable in Redis")
	}
	before := dump(t, client)
	key := "dsp:{" + string(area) + "}:" + string(day) + ":note"
	for _, spoil := range []func() error{
		func() error { return client.Set(t.Context(), key+":T-1", "x", 0).Err() },
		func() error { return client.Del(t.Context(), key+":T-1").Err() },
		func() error { return client.SRem(t.Context(), key+"s", "T-1").Err() },
		func() error { return client.SAdd(t.Context(), key+"s", "T-2").Err() },
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		faults, err := s.Rebuild(t.Context(), area, day)
		if err != nil || len(faults) == 0 {
			t.Errorf("rebuild found %v, %v", faults, err)
		}
		if after := dump(t, client); !sameLines(before, after) {
			t.Errorf("rebuild left\n%s\nwant\n%s", after, before)
		}
	}
}

func testThousandsOfRidesLoad(t *testing.T, client redis.UniversalClient) {
	s := newStore(t, client)
	c := &dispatch.Commit{Area: area, Day: day}
	for i := range 2500 { // more than one batch of load.lua
		c.Rides = append(c.Rides, dispatch.RideChange{After: booked(i)})
	}
	want := dispatch.NewState(area, day).With(c, mustCommit(t, s, c))
	if got := mustLoad(t, s); !reflect.DeepEqual(got, want) {
		t.Errorf("got %d rides at revision %d, want %d at %d", len(got.Rides), got.Revision, len(want.Rides), want.Revision)
	}
}

func testLostCommitNamesWhatWasStaleAndWritesNothing(t *testing.T, client redis.UniversalClient) {
	s := newStore(t, client)
	a, b := booked(1), booked(2)
	mustCommit(t, s, booking(a, route("S-1", 1, a)))
	mustCommit(t, s, change(a, changed(a, dispatch.Published)))
	before := dump(t, client)

	c := booking(b, route("S-1", 1, b), route("S-2", 1))                       // S-1 is at 1 already
	c.Rides = append(c.Rides, change(a, changed(a, dispatch.NoShow)).Rides...) // a is at 2
	c.Key = dispatch.IdempotencyKey{Key: "k"}
	_, err := s.Commit(t.Context(), c)
	var lost *planstore.StaleError
	if !errors.As(err, &lost) || !errors.Is(err, dispatch.ErrStale) {
		t.Fatalf("got %v, want a StaleError", err)
	}
	if want := (&planstore.StaleError{Routes: []vehicles.ShiftID{"S-1"}, Rides: []dispatch.RideID{a.ID}, Notes: []dispatch.NoteID{}}); !reflect.DeepEqual(lost, want) {
		t.Errorf("got %v, want %v", lost, want)
	}
	if after := dump(t, client); !sameLines(before, after) {
		t.Errorf("the lost commit changed the keyspace from\n%s\nto\n%s", before, after)
	}
}

// sameLines compares dumps, whose keys come in any order.
func sameLines(a, b string) bool {
	count := map[string]int{}
	for line := range strings.Lines(a) {
		count[line]++
	}
	for line := range strings.Lines(b) {
		count[line]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

func TestCommitThatContradictsItselfIsInvalid(t *testing.T) {
	s := newStore(t, startMini(t))
	a := booked(1)
	skips := changed(changed(a, dispatch.Published), dispatch.UnderWay)
	elsewhere := booked(1)
	elsewhere.Area = "another"
	other := changed(a, dispatch.Booked)
	other.Rider = "P-9999"
	for name, c := range map[string]*dispatch.Commit{
		"nothing changes":            {Area: area, Day: day},
		"the day is no date":         {Area: area, Day: "today", Routes: []*dispatch.Route{route("S-1", 1)}},
		"the area breaks the tag":    {Area: "a}b", Day: day, Routes: []*dispatch.Route{route("S-1", 1)}},
		"a route has no version":     {Area: area, Day: day, Routes: []*dispatch.Route{route("S-1", 0)}},
		"a route has no shift":       {Area: area, Day: day, Routes: []*dispatch.Route{route("", 1)}},
		"a route is there twice":     {Area: area, Day: day, Routes: []*dispatch.Route{route("S-1", 1), route("S-1", 2)}},
		"a ride skips a version":     change(a, skips),
		"a new ride is at version 2": change(nil, changed(a, dispatch.Booked)),
		"a ride has no new value":    {Area: area, Day: day, Rides: []dispatch.RideChange{{Before: a}}},
		"a ride is of another area":  {Area: area, Day: day, Rides: []dispatch.RideChange{{After: elsewhere}}},
		"a ride changes its rider":   change(a, other),
		"a ride is there twice":      {Area: area, Day: day, Rides: []dispatch.RideChange{{After: a}, {After: a}}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := s.Commit(t.Context(), c); !errors.Is(err, dispatch.ErrInvalid) {
				t.Errorf("got %v, want ErrInvalid", err)
			}
		})
	}
	if got := mustLoad(t, s); got.Revision != 0 {
		t.Errorf("revision %d, want 0", got.Revision)
	}
}

func testIdempotencyKeyGivesTheFirstReplyAgain(t *testing.T, client redis.UniversalClient) {
	s := newStore(t, client)
	a := booked(1)
	c := booking(a, route("S-1", 1, a))
	c.Key, c.Reply = dispatch.IdempotencyKey{Key: "k", Hash: [32]byte{1}}, []byte("first")
	if _, found, err := s.Replay(t.Context(), area, c.Key); found || err != nil {
		t.Fatalf("unknown key: found %v, %v", found, err)
	}
	mustCommit(t, s, c)

	again := booking(booked(2)) // what it would change does not matter
	again.Key, again.Reply = c.Key, []byte("second")
	_, err := s.Commit(t.Context(), again)
	var kept *dispatch.Replayed
	if !errors.As(err, &kept) || string(kept.Reply) != "first" {
		t.Errorf("same request: %v, want the first reply", err)
	}
	if reply, found, err := s.Replay(t.Context(), area, c.Key); !found || err != nil || string(reply) != "first" {
		t.Errorf("replay: %q, %v, %v, want the first reply", reply, found, err)
	}

	again.Key.Hash = [32]byte{2}
	if _, err := s.Commit(t.Context(), again); !errors.Is(err, dispatch.ErrKeyReused) {
		t.Errorf("other request: %v, want ErrKeyReused", err)
	}
	if _, _, err := s.Replay(t.Context(), area, again.Key); !errors.Is(err, dispatch.ErrKeyReused) {
		t.Errorf("replay of another request: %v, want ErrKeyReused", err)
	}
	if got := mustLoad(t, s); got.Revision != 1 || len(got.Rides) != 1 {
		t.Errorf("revision %d with %d rides, want 1 with 1", got.Revision, len(got.Rides))
	}
	keys := keysLike(t, client, "*idem*")
	if len(keys) != 1 {
		t.Fatalf("records %q, want one", keys)
	}
	if ttl := client.TTL(t.Context(), keys[0]).Val(); ttl <= 47*time.Hour || ttl > 48*time.Hour {
		t.Errorf("the record is kept %v, want 48 h", ttl)
	}
}

func testEventsComeInOrderAndPageByPage(t *testing.T, client redis.UniversalClient) {
	s := newStore(t, client)
	at := time.Date(2026, 1, 20, 0, 15, 0, 1, time.UTC)
	var want []dispatch.Event
	for i := range 4 {
		c := &dispatch.Commit{Area: area, Day: day, Routes: []*dispatch.Route{route("S-1", int64(i)+1)}}
		for range i { // 0 to 3 events a commit
			c.Events = append(c.Events, dispatch.Event{
				At: at, Actor: "S-1", Kind: dispatch.RideCancelled, Ride: "R-1", Shift: "S-1", Before: "booked", After: "cancelled", Detail: "late",
			})
		}
		mustCommit(t, s, c)
		want = append(want, c.Events...)
	}
	for i, id := range []dispatch.EventID{"2-0", "3-0", "3-1", "4-0", "4-1", "4-2"} {
		want[i].ID = id
	}
	if got := allEvents(t, s); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestEventsRefuseWhatIsNoPosition(t *testing.T) {
	s := newStore(t, startMini(t))
	for _, id := range []dispatch.EventID{"x", "1", "1-", "-1", "1-2-3", "+", "(1-1", "1-x"} {
		if _, err := s.Events(t.Context(), area, day, id, 1); !errors.Is(err, dispatch.ErrInvalid) {
			t.Errorf("after %q: %v, want ErrInvalid", id, err)
		}
	}
	if _, err := s.Events(t.Context(), area, day, "", 0); !errors.Is(err, dispatch.ErrInvalid) {
		t.Errorf("limit 0: %v, want ErrInvalid", err)
	}
}
