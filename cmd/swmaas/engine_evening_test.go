package main

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/sim/town"
)

func TestTimeOfTheEveningsPlanning(t *testing.T) {
	for text, want := range map[string]struct {
		second int
		ok     bool
		wrong  bool
	}{
		"18:00": {second: 64800, ok: true}, "00:30": {second: 1800, ok: true}, "off": {}, "6 pm": {wrong: true}, "25:00": {wrong: true},
	} {
		second, ok, err := (&serveEvening{PlanAt: text}).planSecond()
		if second != want.second || ok != want.ok || (err != nil) != want.wrong {
			t.Errorf("%q: %d, %v, %v", text, second, ok, err)
		}
	}
}

// TestTheEveningBeforeDriversAreGivenTheirManifestsAndRidersAreToBeReminded runs the loop past the time of day, once too early.
func TestTheEveningBeforeDriversAreGivenTheirManifestsAndRidersAreToBeReminded(t *testing.T) {
	demo, err := town.Generate(townSeed)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 11, 23, 0, 0, 0, time.UTC) // Monday, 8:00 in Japan
	log := slog.New(slog.DiscardHandler)
	e, err := startEngine(t.Context(), engineConfig{data: t.TempDir(), memory: true, graph: demo.Graph, now: func() time.Time { return at }, log: log})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.close(t.Context()) }()
	order := weeklyShopping(t, e, demo, at)
	if _, _, err := e.orders.Put(t.Context(), dispatch.Actor{Subject: "staff-1"}, order); err != nil {
		t.Fatal(err)
	}
	e.generateArea(t.Context(), town.Area, "2026-01-16", log)
	at = time.Date(2026, 1, 15, 8, 59, 0, 0, time.UTC) // Thursday, 17:59
	const tomorrow = dispatch.Day("2026-01-16")
	given := func() (rides, manifests, reminders int) {
		state, err := e.plans.Load(t.Context(), town.Area, tomorrow)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range state.Rides {
			if r.State == dispatch.Published {
				rides++
			}
		}
		for _, n := range state.Notes {
			switch b := n.Body.(type) {
			case *dispatch.Publication:
				manifests++
			case *dispatch.Tell:
				if b.Reason == dispatch.TellEvening {
					reminders++
				}
			}
		}
		return rides, manifests, reminders
	}
	ctx, cancel := context.WithCancel(t.Context())
	tick, ended := make(chan time.Time), make(chan struct{})
	go func() {
		defer close(ended)
		e.evenings(ctx, 18*3600, func() time.Time { return at }, tick, log)
	}()
	tick <- at // the loop has looked at the clock before it takes this
	if rides, manifests, reminders := given(); rides+manifests+reminders > 0 {
		t.Errorf("before the time: %d rides, %d manifests, %d reminders", rides, manifests, reminders)
	}
	cancel()
	<-ended
	if !e.eveningOf(t.Context(), tomorrow, map[dispatch.AreaID]bool{}, log) {
		t.Error("not all went well")
	}
	rides, manifests, reminders := given()
	if rides != 2 || manifests < 1 || reminders != 1 {
		t.Errorf("%d rides are published in %d manifests, and %d riders are to be reminded", rides, manifests, reminders)
	}
}

// TestADayThatCouldNotBePlannedInTheEveningIsPlannedAtTheNextTick spoils what is stored of a day that nobody has asked about since the start.
func TestADayThatCouldNotBePlannedInTheEveningIsPlannedAtTheNextTick(t *testing.T) {
	now := func() time.Time { return time.Date(2026, 1, 19, 9, 0, 0, 0, time.UTC) } // Monday, 18:00 in Japan
	e, demo := townEngine(t, now)
	const tuesday = dispatch.Day("2026-01-20")
	bookedRide(t, e.plans, firstShift(t, e, tuesday).ID, demo.Register()[4], tuesday)
	e.desk.Forget(town.Area, tuesday)
	published := func() bool {
		t.Helper()
		state, err := e.plans.Load(t.Context(), town.Area, tuesday)
		if err != nil {
			t.Fatal(err)
		}
		return state.Rides[dispatch.RideID(tuesday)+".1"].State == dispatch.Published
	}
	keys, err := e.durableClient.Keys(t.Context(), "dsp:*"+string(tuesday)+":ride:*").Result()
	if err != nil || len(keys) != 1 {
		t.Fatal(keys, err)
	}
	sound, err := e.durableClient.GetSet(t.Context(), keys[0], "spoilt").Result()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	tick, ended := make(chan time.Time), make(chan struct{})
	go func() {
		defer close(ended)
		e.evenings(ctx, 18*3600, now, tick, slog.New(slog.DiscardHandler))
	}()
	tick <- now() // the loop has tried before it takes this
	if err := e.durableClient.Set(t.Context(), keys[0], sound, 0).Err(); err != nil {
		t.Fatal(err)
	}
	if published() {
		t.Error("a day that cannot be read was published")
	}
	tick <- now() // has tried once more, perhaps before the day was whole again
	tick <- now()
	cancel()
	<-ended
	if !published() {
		t.Error("the day is not published although it is whole again")
	}
}
