package main

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/sim/town"
)

// killCallers is how many callers book and cancel while the engine or its Redis is killed.
const killCallers = 4

// kills is how often: SWMAAS_KILLS, else a few times.
func kills(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(cmp.Or(os.Getenv("SWMAAS_KILLS"), "4"))
	if err != nil {
		t.Fatalf("SWMAAS_KILLS: %v", err)
	}
	return n
}

// doomed is a caller who keeps account of what they were told. It belongs to one goroutine at a time.
type doomed struct {
	*caller
	town    *town.Town
	rng     *rand.Rand
	subject string
	count   int
	told    map[string]dispatch.RideState // what was acknowledged, by ride
	events  int                           // that the log must have of this caller
	pending *pendingCall                  // the one that was not acknowledged

	acknowledged atomic.Int64 // requests, all told; for any goroutine
}

// pendingCall is a request without an answer: a booking, or a cancellation where it has a ride.
type pendingCall struct{ token, ride, key string }

// call makes requests until one is not answered.
func (d *doomed) call() {
	for {
		d.count++
		p := &pendingCall{key: fmt.Sprintf("%s-%d", d.subject, d.count)}
		if ride := d.booked(); ride != "" && d.rng.IntN(3) == 0 {
			p.ride = ride
		} else {
			token, err := d.offer(d.town, d.rng)
			if status.Code(err) == codes.DeadlineExceeded { // a service that is busy, and not one that is gone
				continue
			}
			if err != nil {
				return // nothing was asked for that could have happened
			}
			if token == "" {
				continue
			}
			p.token = token
		}
		d.pending = p
		if err := d.ask(p); err != nil {
			return
		}
		d.pending = nil
	}
}

// ask makes a request and takes note of its answer; an error is none.
func (d *doomed) ask(p *pendingCall) error {
	if p.ride != "" {
		err := d.cancel(p.ride, p.key)
		if err == nil {
			d.told[p.ride] = dispatch.Cancelled
			d.events++
			d.acknowledged.Add(1)
		}
		return err
	}
	id, err := d.take(p.token, p.key)
	if err == nil && id != "" {
		d.told[id] = dispatch.Booked
		d.events++
		d.acknowledged.Add(1)
	}
	return err
}

// acknowledgedTo is how many requests of the callers were acknowledged so far.
func acknowledgedTo(callers ...*doomed) (n int64) {
	for _, c := range callers {
		n += c.acknowledged.Load()
	}
	return n
}

// awaitAcknowledged waits until n requests of the callers were acknowledged: a service that has just started may take a while.
func awaitAcknowledged(n int64, callers ...*doomed) {
	for until := time.Now().Add(20 * time.Second); acknowledgedTo(callers...) < n && time.Now().Before(until); {
		time.Sleep(5 * time.Millisecond)
	}
}

// booked is a ride that can be called off, or nothing.
func (d *doomed) booked() string {
	for id, state := range d.told {
		if state == dispatch.Booked {
			return id
		}
	}
	return ""
}

// TestWhatWasAcknowledgedSurvivesAnyKill kills the engine, its Redis or both at random moments while callers book and cancel.
// After each start every acknowledged request is there; one without an answer is wholly there or wholly absent, and asking
// again with the same key does it exactly once. Where every request happened to be answered in time it goes on for longer.
func TestWhatWasAcknowledgedSurvivesAnyKill(t *testing.T) {
	tn, err := town.Generate(1)
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	t.Cleanup(func() { killRedis(t, data) })
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	callers := make([]*doomed, killCallers)
	for i := range callers {
		callers[i] = &doomed{town: tn, rng: rand.New(rand.NewPCG(rng.Uint64(), 2)), subject: fmt.Sprint("caller-", i)}
	}
	unanswered, kept, told := 0, 0, 0
	day := time.Now().In(serviceZone())
	storeDied := true
	wanted, round := kills(t), 0
	for ; ; round++ {
		s := startService(t, data)
		if got := strings.Contains(s.line, "reattached=true"); got == storeDied || !strings.Contains(s.line, "appendfsync=always") {
			t.Errorf("round %d: the store died is %v: %s", round, storeDied, s.line)
		}
		for _, c := range callers {
			c.caller = dialAs(t, s.addr, data, c.subject)
			c.day = day.Format(time.DateOnly)
			if c.pending != nil {
				unanswered++
			}
		}
		kept += mustTell(t, data, callers, true)
		for _, c := range callers {
			c.again(t)
		}
		mustTell(t, data, callers, false)
		if round >= wanted && (unanswered > 0 || round >= 5*wanted) {
			break
		}
		if round%10 == 0 { // another day: this one is full
			day = openDay(t, day, 1)
			for _, c := range callers {
				told += len(c.told)
				c.told, c.events, c.day = map[string]dispatch.RideState{}, 0, day.Format(time.DateOnly)
			}
		}
		var wg sync.WaitGroup
		before := acknowledgedTo(callers...)
		for _, c := range callers {
			wg.Go(c.call)
		}
		awaitAcknowledged(before+1, callers...)
		time.Sleep(time.Duration(50+rng.IntN(600)) * time.Millisecond)
		if storeDied = round%3 != 0; round%3 == 1 {
			killRedis(t, data) // under an engine that lives on for a moment
		}
		s.kill(t, data, storeDied)
		wg.Wait()
	}
	for _, c := range callers {
		told += len(c.told)
	}
	if unanswered == 0 || told == 0 {
		t.Errorf("%d rides and %d requests without an answer: the test shows little", told, unanswered)
	}
	t.Logf("%d kills: %d rides were acknowledged and are there; of %d requests without an answer %d had happened and %d had not",
		round, told, unanswered, kept, unanswered-kept)
}

// again asks once more for what was not answered.
func (d *doomed) again(t *testing.T) {
	t.Helper()
	p := d.pending
	d.pending = nil
	if p == nil {
		return
	}
	if err := d.ask(p); err != nil && status.Code(err) != codes.FailedPrecondition {
		t.Fatalf("%s asks again with key %s: %v", d.subject, p.key, err)
	}
}

// mustTell holds the store against what callers were told. With open, a caller's unanswered request may have happened as
// well; it returns how many had.
func mustTell(t *testing.T, data string, callers []*doomed, open bool) (happened int) {
	t.Helper()
	plans, closer, err := openPlans(t.Context(), data, "", keyFlags{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = closer(t.Context()) }()
	day := dispatch.Day(callers[0].day)
	// Routes, rides, indexes and events agree, so whatever is there of a request is wholly there.
	if faults, err := plans.Check(t.Context(), town.Area, day); err != nil || len(faults) > 0 {
		t.Fatalf("%s: %+v, %v", filepath.Base(data), faults, err)
	}
	state, err := plans.Load(t.Context(), town.Area, day)
	if err != nil {
		t.Fatal(err)
	}
	events, err := plans.Events(t.Context(), town.Area, day, "", 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]int{}
	for i := range events {
		by[events[i].Actor]++
	}
	for _, c := range callers {
		for id, want := range c.told {
			r := state.Rides[dispatch.RideID(id)]
			if r == nil {
				t.Fatalf("%s was told of ride %s and it is gone", c.subject, id)
			}
			unanswered := open && c.pending != nil && c.pending.ride == id
			if r.State != want && !(unanswered && r.State == dispatch.Cancelled) {
				t.Fatalf("%s was told that ride %s is %s and it is %s", c.subject, id, want, r.State)
			}
			if served := state.RouteOf(r.ID) != nil; served != (r.State == dispatch.Booked) {
				t.Fatalf("ride %s is %s and a route serves it: %v", id, r.State, served)
			}
		}
		more := by[c.subject] - c.events
		if more < 0 || more > 1 || more == 1 && (!open || c.pending == nil) {
			t.Fatalf("%s was told of %d changes and the log has %d", c.subject, c.events, by[c.subject])
		}
		happened += more
	}
	return happened
}
