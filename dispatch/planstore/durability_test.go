package planstore_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
	"github.com/swmaas/swmaas/testdata/redistest"
	"github.com/swmaas/swmaas/vehicles"
)

func TestEveryAcknowledgedCommitIsSyncedFirst(t *testing.T) {
	client := startRedis(t)
	for setting, want := range map[string]string{"appendonly": "yes", "appendfsync": "always"} {
		if got, err := client.ConfigGet(t.Context(), setting).Result(); err != nil || got[setting] != want {
			t.Errorf("%s is %q, %v, want %q", setting, got[setting], err, want)
		}
	}
}

var kills = flag.Int("kills", 6, "how often TestKilledRedisKeepsEveryAcknowledgedCommit kills Redis")

// TestKilledRedisKeepsEveryAcknowledgedCommit kills Redis under load, on another service day each time. What was acknowledged
// is there; what was not is wholly there or wholly absent.
func TestKilledRedisKeepsEveryAcknowledgedCommit(t *testing.T) {
	server := redistest.New(t)
	random := rand.New(rand.NewPCG(3, 4))
	acknowledged := map[dispatch.Day]map[dispatch.RideID]bool{}
	for k := range *kills {
		today := dispatch.Day(time.Date(2026, 1, 1+k, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
		acknowledged[today] = bookUntilKilled(t, server, today, time.Duration(20+random.IntN(60))*time.Millisecond)
		server.Restart()
		checkDay(t, newStore(t, onSocket(t, server.Socket)), today, acknowledged[today])
	}
	s := newStore(t, onSocket(t, server.Socket))
	for d, rides := range acknowledged { // the days before as well
		checkDay(t, s, d, rides)
	}
}

// bookUntilKilled lets four writers book, kills the server after a while and returns every ride that was tried, with true for
// those that were acknowledged.
func bookUntilKilled(t *testing.T, server *redistest.Server, on dispatch.Day, after time.Duration) map[dispatch.RideID]bool {
	t.Helper()
	// Without repeats by the client, so that an error is seen as one.
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: server.Socket, MaxRetries: -1})
	defer func() { _ = client.Close() }()
	s := newStore(t, client)
	var mu sync.Mutex
	acknowledged := map[dispatch.RideID]bool{} // guarded by mu
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for n := 0; ; n++ {
				r := booked(w*10_000 + n)
				r.Day = on
				_, err := s.Commit(context.Background(), booking(r, route(vehicles.ShiftID(fmt.Sprint("S-", w)), int64(n)+1, r)))
				mu.Lock()
				acknowledged[r.ID] = err == nil
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	time.Sleep(after)
	server.Kill()
	wg.Wait()
	return acknowledged
}

// checkDay holds a day against what writers were told. Each commit wrote one ride, one version of a route and one event.
func checkDay(t *testing.T, s *planstore.Store, on dispatch.Day, acknowledged map[dispatch.RideID]bool) {
	t.Helper()
	state, err := s.Load(t.Context(), area, on)
	if err != nil {
		t.Fatal(err)
	}
	for id, told := range acknowledged {
		if told && state.Rides[id] == nil {
			t.Fatalf("%s: acknowledged ride %s is gone", on, id)
		}
	}
	for id := range state.Rides {
		if _, tried := acknowledged[id]; !tried {
			t.Fatalf("%s: ride %s was never written", on, id)
		}
	}
	versions := int64(0)
	for _, r := range state.Routes {
		versions += r.Version
	}
	events, err := s.Events(t.Context(), area, on, "", 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	if rides := int64(len(state.Rides)); rides != state.Revision || versions != state.Revision || int64(len(events)) != state.Revision {
		t.Fatalf("%s: %d rides, %d versions of routes and %d events at revision %d", on, rides, versions, len(events), state.Revision)
	}
	if faults, err := s.Check(t.Context(), area, on); err != nil || len(faults) != 0 {
		t.Fatalf("%s: %v, %v", on, faults, err)
	}
}

// TestLogCutAnywhereIsAPrefixOfWholeCommits cuts the append-only file at random bytes, as a power cut may, and compares what
// Redis starts with against the state after each commit.
func TestLogCutAnywhereIsAPrefixOfWholeCommits(t *testing.T) {
	const commits, cuts = 40, 25
	server := redistest.New(t)
	client := onSocket(t, server.Socket)
	s := newStore(t, client)
	history := []*dispatch.State{dispatch.NewState(area, day)} // [k] is the state after k commits
	for k := range commits {
		c := booking(booked(k), route("S-1", int64(k)+1, booked(k)))
		if k%3 == 2 {
			before := history[k].Rides[booked(k-1).ID]
			c.Rides = append(c.Rides, dispatch.RideChange{Before: before, After: changed(before, dispatch.Cancelled)})
			c.Events = append(c.Events, dispatch.Event{Kind: dispatch.RideCancelled, Ride: before.ID, Before: "booked", After: "cancelled"})
		}
		c.Key, c.Reply = dispatch.IdempotencyKey{Key: fmt.Sprint(k)}, []byte("ok")
		history = append(history, history[k].With(c, mustCommit(t, s, c)))
	}
	server.Kill()
	files, err := filepath.Glob(filepath.Join(server.Dir, "appendonlydir", "*.incr.aof"))
	if err != nil || len(files) != 1 {
		t.Fatalf("append-only files %v, %v, want one", files, err)
	}
	whole, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(5, 6))
	for range cuts {
		cut := random.IntN(len(whole) + 1)
		if err := os.WriteFile(files[0], whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		server.Restart()
		state := mustLoad(t, s)
		if !reflect.DeepEqual(state, history[state.Revision]) {
			t.Fatalf("cut at %d of %d: not what it was at revision %d", cut, len(whole), state.Revision)
		}
		if faults, err := s.Check(t.Context(), area, day); err != nil || len(faults) != 0 {
			t.Fatalf("cut at %d: %v, %v", cut, faults, err)
		}
		// The next request after the cut is new, the last before it was answered.
		for k, want := range map[int64]bool{state.Revision - 1: true, state.Revision: false} {
			_, found, err := s.Replay(t.Context(), area, dispatch.IdempotencyKey{Key: fmt.Sprint(k)})
			if k >= 0 && (err != nil || found != want) {
				t.Fatalf("cut at %d, revision %d: reply of commit %d found %v, %v", cut, state.Revision, k+1, found, err)
			}
		}
		server.Kill()
	}
}

func TestUnreachableRedisIsAnErrorAndNotAnAnswer(t *testing.T) {
	server := redistest.New(t)
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: server.Socket, MaxRetries: -1})
	defer func() { _ = client.Close() }()
	s := newStore(t, client)
	server.Kill()
	if _, err := s.Load(t.Context(), area, day); err == nil {
		t.Error("load: no error")
	}
	_, err := s.Commit(t.Context(), booking(booked(1)))
	if err == nil || errors.Is(err, dispatch.ErrStale) {
		t.Errorf("commit: %v, want an error that is not ErrStale", err)
	}
	if _, _, err := s.Replay(t.Context(), area, dispatch.IdempotencyKey{Key: "k"}); err == nil {
		t.Error("replay: no error")
	}
	if _, err := s.Watch(t.Context(), area); err == nil {
		t.Error("watch: no error")
	}
}
