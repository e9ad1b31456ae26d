package planstore_test

import (
	"context"
	"errors"
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

// TestKilledRedisKeepsEveryAcknowledgedCommit kills Redis under load. What was acknowledged is there; what was not is
// wholly there or wholly absent.
func TestKilledRedisKeepsEveryAcknowledgedCommit(t *testing.T) {
	const rounds, writers = 6, 4
	server := redistest.New(t)
	random := rand.New(rand.NewPCG(3, 4))
	acknowledged := map[dispatch.RideID]bool{}
	attempted := map[dispatch.RideID]bool{}
	for round := range rounds {
		// Without repeats by the client, so that an error is seen as one.
		client := redis.NewClient(&redis.Options{Network: "unix", Addr: server.Socket, MaxRetries: -1})
		s := newStore(t, client)
		var mu sync.Mutex
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for n := 0; ; n++ {
					r := booked(round*100_000 + w*10_000 + n)
					_, err := s.Commit(context.Background(), booking(r, route(shiftOf(round, w), int64(n)+1, r)))
					mu.Lock()
					attempted[r.ID] = true
					acknowledged[r.ID] = err == nil
					mu.Unlock()
					if err != nil {
						return
					}
				}
			})
		}
		time.Sleep(time.Duration(20+random.IntN(60)) * time.Millisecond)
		server.Kill()
		wg.Wait()
		_ = client.Close()
		server.Restart()

		s = newStore(t, onSocket(t, server.Socket))
		state := mustLoad(t, s)
		for id, ok := range acknowledged {
			if ok && state.Rides[id] == nil {
				t.Fatalf("round %d: acknowledged ride %s is gone", round, id)
			}
		}
		for id := range state.Rides {
			if !attempted[id] {
				t.Fatalf("round %d: ride %s was never written", round, id)
			}
		}
		versions := int64(0) // each commit wrote one ride and one version of a route
		for _, r := range state.Routes {
			versions += r.Version
		}
		if versions != state.Revision {
			t.Fatalf("round %d: %d versions of routes at revision %d", round, versions, state.Revision)
		}
		if faults, err := s.Check(t.Context(), area, day); err != nil || len(faults) != 0 {
			t.Fatalf("round %d: %v, %v", round, faults, err)
		}
		if events := allEvents(t, s); int64(len(events)) != state.Revision || len(events) != len(state.Rides) {
			t.Fatalf("round %d: %d events and %d rides at revision %d", round, len(events), len(state.Rides), state.Revision)
		}
	}
}

// shiftOf is the route that a writer of a round writes; each version of it serves that version's ride alone.
func shiftOf(round, writer int) vehicles.ShiftID {
	return vehicles.ShiftID(fmt.Sprintf("S-%d-%d", round, writer))
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
