package planstore_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
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
