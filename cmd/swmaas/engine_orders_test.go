package main

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/sim/town"
	"github.com/swmaas/swmaas/vehicles"
)

// weeklyShopping is a standing order of a rider of the town: out and back on Tuesdays and Fridays.
func weeklyShopping(t *testing.T, e *engine, demo *town.Town, now time.Time) dispatch.StandingOrder {
	t.Helper()
	if err := e.settle(t.Context(), demo); err != nil {
		t.Fatal(err)
	}
	riders, err := e.riders.All(t.Context(), town.Area)
	if err != nil || len(riders) < 2 {
		t.Fatal(len(riders), err)
	}
	calendar, err := e.fleet.Calendar(t.Context(), string(town.Area))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range demo.Fleet.Vehicles {
		calendar.Papers = append(calendar.Papers, vehicles.Papers{Vehicle: v.ID, Inspection: "2027-12-31", Insurance: "2027-12-31"})
	}
	if err := e.fleet.SaveCalendar(t.Context(), string(town.Area), calendar); err != nil {
		t.Fatal(err)
	}
	desk, err := e.orders.newDesk()
	if err != nil {
		t.Fatal(err)
	}
	for i, rider := range riders {
		home, shop := rider.Home.Place(), riders[(i+len(riders)/2)%len(riders)].Home.Place()
		legs := []dispatch.TripLeg{
			{Pickup: home, Dropoff: shop, Purpose: "grocery", Wish: dispatch.Wish{Kind: dispatch.ArriveBy, Window: dispatch.Window{Latest: 11 * 3600}}},
			{Pickup: shop, Dropoff: home, Purpose: "grocery", Stay: 3600},
		}
		trip := dispatch.TripRequest{Area: town.Area, Day: "2026-01-16", Rider: rider.ID, Party: rider.Party(), Legs: legs}
		if quote, err := desk.QuoteTrip(t.Context(), dispatch.Actor{}, trip); err != nil || len(quote.Offers) == 0 {
			continue // the rules of the town do not let everybody ride as they like
		}
		return dispatch.StandingOrder{
			ID: "SO-1", Area: town.Area, Rider: rider.ID, Party: rider.Party(), Legs: legs,
			Weekdays: vehicles.On(time.Tuesday, time.Friday),
			Dates:    vehicles.Dates{From: vehicles.Date(now.Format(time.DateOnly))},
		}
	}
	t.Fatal("nobody in the town can go shopping")
	return dispatch.StandingOrder{}
}

// ofOrder counts the rides that standing orders have on a day, in the store.
func ofOrder(t *testing.T, e *engine, day dispatch.Day) (n int) {
	t.Helper()
	state, err := e.plans.Load(t.Context(), town.Area, day)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range state.Rides {
		if r.Order != "" && r.State == dispatch.Booked {
			n++
		}
	}
	return n
}

func TestStandingOrdersAreGeneratedWhenChangedAndAfterMidnight(t *testing.T) {
	demo, err := town.Generate(townSeed)
	if err != nil {
		t.Fatal(err)
	}
	var clock atomic.Int64
	clock.Store(time.Date(2026, 1, 12, 14, 50, 0, 0, time.UTC).Unix()) // Monday, 23:50 in Japan
	now := func() time.Time { return time.Unix(clock.Load(), 0) }
	log := slog.New(slog.DiscardHandler)
	e, err := startEngine(t.Context(), engineConfig{data: t.TempDir(), memory: true, graph: demo.Graph, now: now, log: log})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.close(t.Context()) }()
	order := weeklyShopping(t, e, demo, now())
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	tick := make(chan time.Time)
	go func() { defer close(ended); e.generate(ctx, 4, now, tick, log) }()
	if _, _, err := e.orders.Put(t.Context(), dispatch.Actor{Subject: "desk-1"}, order); err != nil {
		t.Fatal(err)
	}
	until := time.Now().Add(30 * time.Second)
	for ofOrder(t, e, "2026-01-16") < 2 && time.Now().Before(until) { // there and back
		time.Sleep(10 * time.Millisecond)
	}
	// The rules of the town take nothing for tomorrow so late: that day is recorded as unmet.
	for day, want := range map[dispatch.Day]int{"2026-01-13": 0, "2026-01-14": 0, "2026-01-16": 2, "2026-01-20": 0} {
		if got := ofOrder(t, e, day); got != want {
			t.Errorf("%s: %d rides, want %d", day, got, want)
		}
	}
	clock.Add(4 * 24 * 3600)
	tick <- now()
	tick <- now() // taken once the round before has ended
	if got := ofOrder(t, e, "2026-01-20"); got != 2 {
		t.Errorf("four midnights later the next day of the order has %d rides, want 2", got)
	}
	if open := e.desk.OpenDays(); len(open) != 0 {
		t.Errorf("the improvement would search %v", open)
	}
	cancel()
	<-ended
}

func TestAChangedOrderIsSeenAtOnceOnAnOpenDay(t *testing.T) {
	demo, err := town.Generate(townSeed)
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return time.Date(2026, 1, 12, 9, 0, 0, 0, serviceZone()) }
	e, err := startEngine(t.Context(), engineConfig{data: t.TempDir(), memory: true, graph: demo.Graph, now: now, log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.close(t.Context()) }()
	by := dispatch.Actor{Subject: "desk-1"}
	order, _, err := e.orders.Put(t.Context(), by, weeklyShopping(t, e, demo, now()))
	if err != nil || !e.generateAll(t.Context(), "2026-01-20", slog.New(slog.DiscardHandler)) {
		t.Fatal(err)
	}
	if _, err := e.desk.State(t.Context(), town.Area, "2026-01-16"); err != nil {
		t.Fatal(err)
	}
	pause := dispatch.Suspension{Dates: vehicles.Dates{From: "2026-01-16", To: "2026-01-16"}, Reason: "HOSPITAL"}
	if _, _, err := e.orders.Suspend(t.Context(), by, town.Area, order.ID, 0, pause); err != nil {
		t.Fatal(err)
	}
	state, err := e.desk.State(t.Context(), town.Area, "2026-01-16")
	if err != nil || len(state.Rides) != 2 {
		t.Fatalf("%d rides, %v; want two", len(state.Rides), err)
	}
	for id, r := range state.Rides {
		if r.State != dispatch.Cancelled || r.Reason != dispatch.ReasonOrder {
			t.Errorf("ride %s is %v (%s) after the suspension", id, r.State, r.Reason)
		}
	}
	if got := ofOrder(t, e, "2026-01-20"); got != 2 {
		t.Errorf("the day after the suspension has %d rides, want 2", got)
	}
}
