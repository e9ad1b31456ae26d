package dispatch

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/swmaas/swmaas/vehicles"
)

// chair asks for the only wheelchair place of a van, so that one ride fills it.
func chair(rider string, by int32) Request {
	req := trip(rider, 1, 1, 9, 9, by)
	req.Party.Load = vehicles.Load{Wheelchairs: 1}
	return req
}

// fullHour books the only wheelchair place until nobody else can be at the clinic by ten.
func (b *bench) fullHour(t *testing.T) (rides []*Ride) {
	t.Helper()
	for i := 0; ; i++ {
		quote, err := b.Quote(t.Context(), caller, chair(fmt.Sprint("F-", i), 10*3600))
		if err != nil {
			t.Fatal(err)
		}
		if len(quote.Offers) == 0 {
			return rides
		}
		result, err := b.Book(t.Context(), caller, "kurobe", quote.Offers[0].Token, fmt.Sprint("f", i))
		if err != nil || result.Ride == nil {
			t.Fatal(result, err)
		}
		rides = append(rides, result.Ride)
	}
}

func TestWhatBecomesFreeIsOfferedToTheWaitlistFirst(t *testing.T) {
	b := newBench(t, 1)
	rides := b.fullHour(t)
	first, _, err := b.JoinWaitlist(t.Context(), caller, chair("R-1", 10*3600), "w1")
	if err != nil || first.State != Draft {
		t.Fatal(first, err)
	}
	b.at(7*3600 + 60)
	second, _, err := b.JoinWaitlist(t.Context(), caller, chair("R-2", 10*3600), "w2")
	if err != nil {
		t.Fatal(err)
	}
	if offered, err := b.FreedOffers(t.Context(), "kurobe", testDay); err != nil || len(offered) != 0 {
		t.Fatalf("offered %v, %v while everything is full", offered, err)
	}
	if _, _, err := b.CancelRide(t.Context(), caller, "kurobe", Cancellation{Ride: rides[0].ID, Reason: "X"}, "c1"); err != nil {
		t.Fatal(err)
	}
	got := b.store.state.Rides[first.ID]
	if got.State != Offered || got.Promise.ArriveBy != 10*3600 || !got.keeps(b.now) || b.store.state.Rides[second.ID].State != Draft {
		t.Fatalf("first %+v, second %s", got, b.store.state.Rides[second.ID].State)
	}
	last := b.store.events[len(b.store.events)-2:]
	if last[0].Kind != RideOffered || last[0].Ride != first.ID || last[1].Kind != MustTell || last[1].Ride != first.ID {
		t.Errorf("events %+v, want the offer and that somebody must be told of it", last)
	}
	quote, err := b.Quote(t.Context(), caller, chair("R-3", 10*3600))
	if err != nil || len(quote.Offers) > 0 {
		t.Errorf("somebody else is offered the freed place: %+v, %v", quote.Offers, err)
	}
	booked, _, err := b.Accept(t.Context(), caller, "kurobe", first.ID, "a1")
	if err != nil || booked.State != Booked || booked.Reason != "" || booked.ID != first.ID {
		t.Errorf("accepted: %+v, %v", booked, err)
	}
	b.sound(t)
	checkWaiting(t, b)
}

// checkWaiting asserts that who is on the waitlist is in no route.
func checkWaiting(t *testing.T, b *bench) {
	t.Helper()
	for id, r := range b.store.state.Rides {
		if r.State == Draft && b.store.state.RouteOf(id) != nil {
			t.Errorf("ride %s waits and is planned", id)
		}
	}
}

func TestAFreedPlaceThatNobodyTakesGoesToTheNext(t *testing.T) {
	b := newBench(t, 1)
	rides := b.fullHour(t)
	var waiting []*Ride
	for i := range 2 {
		r, _, err := b.JoinWaitlist(t.Context(), caller, chair(fmt.Sprint("R-", i), 10*3600), fmt.Sprint("w", i))
		if err != nil {
			t.Fatal(err)
		}
		waiting = append(waiting, r)
		b.at(7*3600 + 60)
	}
	if _, _, err := b.CancelRide(t.Context(), caller, "kurobe", Cancellation{Ride: rides[0].ID, Reason: "X"}, "c1"); err != nil {
		t.Fatal(err)
	}
	b.at(7*3600 + 12*60)
	if n, err := b.Sweep(t.Context(), "kurobe", testDay); err != nil || n != 1 {
		t.Fatalf("swept %d, %v", n, err)
	}
	state := b.store.state
	if state.Rides[waiting[0].ID].State != Draft || state.Rides[waiting[1].ID].State != Offered {
		t.Errorf("first %s, second %s", state.Rides[waiting[0].ID].State, state.Rides[waiting[1].ID].State)
	}
	list, err := b.Waitlist(t.Context(), "kurobe", testDay)
	if err != nil || len(list) != 2 {
		t.Errorf("waitlist %v, %v", list, err)
	}
	if _, _, err := b.Decline(t.Context(), caller, "kurobe", waiting[1].ID, "OTHER_PLANS", "d1"); err != nil {
		t.Fatal(err)
	}
	if got := b.store.state.Rides[waiting[0].ID]; got.State != Offered {
		t.Errorf("declined, and the first in the list is %s", got.State)
	}
	b.at(10*3600 + 60)
	for range 2 {
		if _, err := b.Sweep(t.Context(), "kurobe", testDay); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.store.state.Rides[waiting[0].ID]; got.State != Unmet || got.Reason != ReasonNoPlace {
		t.Errorf("after its time the first is %s, %s", got.State, got.Reason)
	}
	b.sound(t)
	checkWaiting(t, b)
}

func TestACallWithoutAVehicleComesBeforeTheWaitlist(t *testing.T) {
	b := newBench(t, 1)
	req := fromTheClinic("R-1", 9*3600, 16*3600, 900)
	req.Party.Load = vehicles.Load{Wheelchairs: 1}
	call := b.mustBook(t, req, "k1")
	waits, _, err := b.JoinWaitlist(t.Context(), caller, chair("R-2", 10*3600), "w1")
	if err != nil {
		t.Fatal(err)
	}
	b.at(9*3600 + 600)
	b.lose(t, call) // as after a breakdown
	offered, err := b.FreedOffers(t.Context(), "kurobe", testDay)
	if err != nil {
		t.Fatal(err)
	}
	got := b.store.state.Rides[call.ID]
	if s := b.store.state.stop(StopID{call.ID, PickupStop}); s == nil || !got.Promise.Pickup.Contains(s.Begin) {
		t.Errorf("the call is %+v at %+v", got, s)
	}
	for _, r := range offered {
		if r.ID != waits.ID {
			t.Errorf("offered %s", r.ID)
		}
	}
	b.sound(t)
}

// lose has a ride called for and takes it out of its route.
func (b *bench) lose(t *testing.T, ride *Ride) {
	t.Helper()
	a, err := b.open(t.Context(), "kurobe", testDay)
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.change(t.Context(), IdempotencyKey{}, func() (*Commit, error) {
		after := a.state.Rides[ride.ID].next(Booked)
		after.Call.Called, after.Call.At = true, a.second()
		return a.ending(Engine, RideExceeded, after), nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEveryOutcomeIsDemand(t *testing.T) {
	b := newBench(t, 1)
	b.mustBook(t, trip("R-1", 1, 1, 9, 9, 10*3600), "k1")
	sea := trip("R-2", 1, 1, 9, 9, 10*3600)
	sea.Pickup.At.Lat = 37.4
	if _, _, err := b.RecordUnmet(t.Context(), caller, sea, CodeBadPickup, "u1"); err != nil {
		t.Fatal(err)
	}
	down, _, err := b.TurnDown(t.Context(), caller, trip("R-3", 1, 1, 9, 9, 11*3600), "TOO_EARLY", "t1")
	if err != nil || down.State != TurnedDown {
		t.Fatal(down, err)
	}
	again, _, err := b.TurnDown(t.Context(), caller, trip("R-3", 1, 1, 9, 9, 11*3600), "TOO_EARLY", "t1")
	if err != nil || again.ID != down.ID {
		t.Errorf("the same key: %+v, %v", again, err)
	}
	if _, _, err := b.TurnDown(t.Context(), caller, trip("R-4", 1, 1, 9, 9, 11*3600), "TOO_EARLY", "t1"); !errors.Is(err, ErrKeyReused) {
		t.Errorf("the key for another caller: %v", err)
	}
	b.mustBook(t, fromTheClinic("R-5", 13*3600, 15*3600, 1800), "k5")
	two := b.beside(t, 1) // reads the day anew, the place at sea included
	for _, desk := range []*bench{b, two} {
		demand, err := desk.Demand(t.Context(), "kurobe", testDay)
		if err != nil || demand.Asked != 4 || demand.Outcomes[Booked] != 2 || demand.WillCalls != 1 ||
			demand.Reasons[Unmet][CodeBadPickup] != 1 || demand.Reasons[TurnedDown]["TOO_EARLY"] != 1 {
			t.Errorf("demand %+v, %v", demand, err)
		}
	}
	if _, _, err := b.JoinWaitlist(t.Context(), caller, sea, "w1"); !errors.Is(err, ErrInvalid) {
		t.Errorf("waits for a place that no vehicle reaches: %v", err)
	}
	b.sound(t)
}

func TestAFreedPlaceIsOfferedOnlyInTimeForAnAnswer(t *testing.T) {
	for _, c := range []struct {
		name  string
		ahead int32 // of the only window
		want  RideState
	}{
		{"two minutes ahead", 120, Offered},
		{"half a minute ahead", 30, Draft},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, 1)
			nine := func(rider string) Request {
				req := chair(rider, 0)
				req.Wish = Wish{PickupWithin, Window{9 * 3600, 9*3600 + 1200}}
				return req
			}
			first := b.mustBook(t, nine("R-1"), "k1")
			waits, _, err := b.JoinWaitlist(t.Context(), caller, nine("R-2"), "w1")
			if err != nil {
				t.Fatal(err)
			}
			b.at(9*3600 - c.ahead)
			if _, _, err := b.CancelRide(t.Context(), caller, "kurobe", Cancellation{Ride: first.ID}, "c1"); err != nil {
				t.Fatal(err)
			}
			if got := b.store.state.Rides[waits.ID]; got.State != c.want || got.State == Offered && !got.keeps(b.now.Add(time.Minute)) {
				t.Errorf("got %+v", got)
			}
		})
	}
}
