package planstore_test

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
	"github.com/swmaas/swmaas/testdata/redistest"
)

const patience = 10 * time.Second

// take waits for the next wake-up.
func take(t testing.TB, wakes <-chan planstore.Wake) planstore.Wake {
	t.Helper()
	select {
	case w, ok := <-wakes:
		if !ok {
			t.Fatal("the channel was closed")
		}
		return w
	case <-time.After(patience):
		t.Fatal("no wake-up came")
	}
	return planstore.Wake{}
}

func testWatcherHearsOfCommitsOfItsArea(t *testing.T, client redis.UniversalClient) {
	s := newStore(t, client)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	wakes, err := s.Watch(ctx, area)
	if err != nil {
		t.Fatal(err)
	}
	other := booked(1)
	other.Area = "nyuzen"
	mustCommit(t, s, booking(other))
	mustCommit(t, s, booking(booked(1)))
	if got, want := take(t, wakes), (planstore.Wake{Day: day, Revision: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	stop()
	for range wakes { // closed once the goroutine has stopped
	}
}

func TestSlowWatcherGetsTheLatestRevisionOfEachDay(t *testing.T) {
	s := newStore(t, startRedis(t))
	wakes, err := s.Watch(t.Context(), area)
	if err != nil {
		t.Fatal(err)
	}
	awake, err := s.Watch(t.Context(), area)
	if err != nil {
		t.Fatal(err)
	}
	const commits = 300 // far more than any buffer on the way
	for i := range commits {
		r := booked(i)
		r.Day = []dispatch.Day{"2026-01-20", "2026-01-21"}[i%2]
		mustCommit(t, s, booking(r))
	}
	// Once another watcher has the last revisions, Redis has sent them to the sleeper, too, and the goroutines on the way have kept up.
	for told := map[dispatch.Day]int64{}; told["2026-01-20"] < commits/2 || told["2026-01-21"] < commits/2; {
		w := take(t, awake)
		told[w.Day] = w.Revision
	}
	latest := map[dispatch.Day]int64{}
	taken := 0
	for latest["2026-01-20"] < commits/2 || latest["2026-01-21"] < commits/2 {
		w := take(t, wakes)
		if w.Revision <= latest[w.Day] {
			t.Errorf("revision %d of %s after %d", w.Revision, w.Day, latest[w.Day])
		}
		latest[w.Day] = w.Revision
		taken++
	}
	if taken > commits/10 {
		t.Errorf("%d wake-ups for a watcher that slept, want a few", taken)
	}
}

func TestWatcherIsToldAfterALostConnection(t *testing.T) {
	server := redistest.New(t)
	s := newStore(t, onSocket(t, server.Socket))
	wakes, err := s.Watch(t.Context(), area)
	if err != nil {
		t.Fatal(err)
	}
	server.Restart()
	if got := take(t, wakes); got != (planstore.Wake{}) {
		t.Errorf("got %+v, want the zero value: read again", got)
	}
	mustCommit(t, s, booking(booked(1)))
	if got, want := take(t, wakes), (planstore.Wake{Day: day, Revision: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
