package dispatch

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/swmaas/swmaas/vehicles"
)

var caller = Actor{Subject: "phone-1"}

// quoteOf asks for a request that must have an offer.
func (b *bench) quoteOf(t *testing.T, req Request) *Quote {
	t.Helper()
	quote, err := b.Quote(t.Context(), caller, req)
	if err != nil || len(quote.Offers) == 0 {
		t.Fatalf("no offer: %+v, %v", quote, err)
	}
	return quote
}

// beside is a second desk on the same store, with a clock of its own.
func (b *bench) beside(t *testing.T, vans int) *bench {
	t.Helper()
	two := newBench(t, vans)
	two.store, two.plans, two.now = b.store, b.store, b.now
	return two
}

// sound asserts that no ride is planned twice, that no route holds a ride that has ended, and that routes are in order.
func (b *bench) sound(t *testing.T) {
	t.Helper()
	seen := map[StopID]bool{}
	for _, route := range b.store.state.Routes {
		for _, s := range route.Stops {
			ride := b.store.state.Rides[s.Ride]
			switch {
			case ride == nil:
				t.Errorf("route %s has a stop of %s, which does not exist", route.Shift, s.Ride)
			case ride.unplanned() || ride.State == Draft:
				t.Errorf("route %s has a stop of %s, which is %s", route.Shift, s.Ride, ride.State)
			case seen[s.StopID]:
				t.Errorf("stop %v is planned twice", s.StopID)
			}
			seen[s.StopID] = true
		}
	}
}

func TestARepeatedRequestIsAnsweredByADeskThatHasNotSeenItsChange(t *testing.T) {
	b := newBench(t, 2)
	two := b.beside(t, 2)
	if _, err := two.State(t.Context(), "kurobe", testDay); err != nil { // it knows the day from now on, without rides
		t.Fatal(err)
	}
	token := b.quoteOf(t, trip("P-1", 1, 1, 9, 9, 10*3600)).Offers[0].Token
	booked, err := b.Book(t.Context(), caller, "kurobe", token, "k1")
	if err != nil || booked.Ride == nil {
		t.Fatal(booked, err)
	}
	again, err := two.Book(t.Context(), caller, "kurobe", token, "k1")
	if err != nil || again.Ride == nil || again.Ride.ID != booked.Ride.ID {
		t.Errorf("a booking made again at another desk: %+v, %v", again, err)
	}

	req := trip("P-2", 1, 2, 9, 9, 0)
	req.Wish, req.MaxWait = Wish{Kind: DepartAfter, Window: Window{9 * 3600, 10 * 3600}}, 1800
	ride := b.mustBook(t, req, "k2")
	b.at(9 * 3600)
	two.now = b.now
	act := Activation{Ride: ride.ID, Via: ViaPhone}
	called, err := b.Activate(t.Context(), caller, "kurobe", act, "a1")
	if err != nil {
		t.Fatal(err)
	}
	echo, err := two.Activate(t.Context(), caller, "kurobe", act, "a1")
	if err != nil || echo.Ride.ID != ride.ID || echo.Pickup != called.Pickup {
		t.Errorf("a call made again at another desk: %+v, %v; first %+v", echo, err, called)
	}
}

func TestAHeldOfferKeepsItsPlaceUntilItIsTaken(t *testing.T) {
	b := newBench(t, 1)
	b.at(8 * 3600)
	req := trip("R-1", 1, 1, 9, 9, 10*3600)
	req.Party.Load = vehicles.Load{Wheelchairs: 1}
	offer := b.quoteOf(t, req).Offers[0]
	held, err := b.Hold(t.Context(), caller, "kurobe", offer.Token, "h1")
	if err != nil || held.Ride == nil || held.Ride.State != Offered || held.Ride.Held.Sub(b.now) != time.Minute {
		t.Fatalf("got %+v, %v", held, err)
	}
	manifest, err := b.Manifest(t.Context(), "kurobe", testDay, "V-00")
	if err != nil || len(manifest.Stops) != 0 {
		t.Errorf("the driver sees %+v, %v", manifest, err)
	}
	left := Step{Area: "kurobe", Day: testDay, Vehicle: "V-00", Kind: StepDepart, Stop: StopID{held.Ride.ID, PickupStop}, Device: b.now}
	if _, err := b.Desk.Step(t.Context(), caller, left); !errors.Is(err, ErrNotFound) {
		t.Errorf("a driver left for a place that is only kept: %v", err)
	}
	other := req
	other.Rider = "R-2"
	quote, err := b.Quote(t.Context(), caller, other)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range quote.Offers {
		if o.Pickup < held.Ride.Promise.Pickup.Latest && o.Arrival > held.Ride.Promise.Pickup.Earliest {
			t.Errorf("the one wheelchair place is offered again: %+v", o)
		}
	}
	b.at(8*3600 + 59)
	got, err := b.Book(t.Context(), caller, "kurobe", offer.Token, "b1")
	if err != nil || got.Ride == nil || got.Ride.ID != held.Ride.ID || got.Ride.State != Booked || got.Ride.Version != 2 {
		t.Fatalf("booked %+v, %v; held was %s", got, err, held.Ride.ID)
	}
	again, err := b.Book(t.Context(), caller, "kurobe", offer.Token, "b1")
	if err != nil || again.Ride.ID != got.Ride.ID || len(b.store.state.Rides) != 1 {
		t.Errorf("the same key gave %+v, %v", again, err)
	}
	b.sound(t)
}

func TestAHoldThatRanOutIsFreeAtOnceAndSweptLater(t *testing.T) {
	b := newBench(t, 1)
	b.at(8 * 3600)
	req := trip("R-1", 1, 1, 9, 9, 10*3600)
	req.Party.Load = vehicles.Load{Wheelchairs: 1}
	held, err := b.Hold(t.Context(), caller, "kurobe", b.quoteOf(t, req).Offers[0].Token, "h1")
	if err != nil {
		t.Fatal(err)
	}
	b.at(8*3600 + 60)
	if _, _, err := b.Accept(t.Context(), caller, "kurobe", held.Ride.ID, "a1"); !errors.Is(err, ErrHoldExpired) {
		t.Errorf("accepted a hold that has run out: %v", err)
	}
	other := req
	other.Rider = "R-2"
	taken := b.mustBook(t, other, "b2")
	if taken.Promise.ArriveBy != 10*3600 {
		t.Errorf("the freed place was not offered: %+v", taken.Promise)
	}
	b.sound(t)
	if n, err := b.Sweep(t.Context(), "kurobe", testDay); err != nil || n != 1 {
		t.Fatalf("swept %d, %v", n, err)
	}
	ended := b.store.state.Rides[held.Ride.ID]
	if ended.State != TurnedDown || ended.Reason != ReasonLapsed {
		t.Errorf("the hold became %s, %s", ended.State, ended.Reason)
	}
	if n, err := b.Sweep(t.Context(), "kurobe", testDay); err != nil || n != 0 {
		t.Errorf("swept again: %d, %v", n, err)
	}
	b.sound(t)
}

func TestADeclinedOfferIsFreeAndCountsAsTurnedDown(t *testing.T) {
	b := newBench(t, 1)
	held, err := b.Hold(t.Context(), caller, "kurobe", b.quoteOf(t, trip("R-1", 1, 1, 9, 9, 10*3600)).Offers[0].Token, "h1")
	if err != nil {
		t.Fatal(err)
	}
	ended, _, err := b.Decline(t.Context(), caller, "kurobe", held.Ride.ID, "", "d1")
	if err != nil || ended.State != TurnedDown || ended.Reason != ReasonDeclined {
		t.Fatalf("got %+v, %v", ended, err)
	}
	if _, _, err := b.Accept(t.Context(), caller, "kurobe", held.Ride.ID, "a1"); !errors.Is(err, ErrWrongState) {
		t.Errorf("accepted after declining: %v", err)
	}
	b.sound(t)
}

// Two desks whose clocks differ by two seconds disagree on whether a hold has run out: one books it, the other gives its
// place away. Exactly one of them has its way.
func TestAHoldIsGivenToOneOfTwoDesks(t *testing.T) {
	for round := range 20 {
		one := newBench(t, 1)
		one.at(8 * 3600)
		req := trip("R-1", 1, 1, 9, 9, 10*3600)
		req.Party.Load = vehicles.Load{Wheelchairs: 1}
		held, err := one.Hold(t.Context(), caller, "kurobe", one.quoteOf(t, req).Offers[0].Token, "h")
		if err != nil {
			t.Fatal(err)
		}
		two := one.beside(t, 1)
		one.at(8*3600 + 59)
		two.at(8*3600 + 61)
		other := req
		other.Rider = "R-2"
		quote := two.quoteOf(t, other)
		var work sync.WaitGroup
		var accepted *Ride
		work.Go(func() {
			accepted, _, err = one.Accept(t.Context(), caller, "kurobe", held.Ride.ID, fmt.Sprint("a", round))
		})
		var booked *BookResult
		var failed error
		work.Go(func() {
			booked, failed = two.Book(t.Context(), caller, "kurobe", quote.Offers[0].Token, fmt.Sprint("b", round))
		})
		work.Wait()
		if failed != nil || err != nil && !errors.Is(err, ErrHoldExpired) {
			t.Fatal(failed, err)
		}
		if (accepted != nil) == (booked.Ride != nil && booked.Ride.Promise == quote.Offers[0].Promise) {
			t.Errorf("accepted %v and booked %+v", accepted != nil, booked.Ride)
		}
		one.sound(t)
	}
}

func TestRideIDsComeFromTheRequestAndNeverCollide(t *testing.T) {
	one, two := newBench(t, 6), newBench(t, 6)
	for i := range 5 {
		req := trip(fmt.Sprint("R-", i), i, 0, 11, 11, 10*3600)
		x, y := one.mustBook(t, req, fmt.Sprint("k", i)), two.mustBook(t, req, fmt.Sprint("k", i))
		if x.ID != y.ID {
			t.Errorf("request %d is ride %s in one run and %s in another", i, x.ID, y.ID)
		}
	}
	a := one.days[AreaDay{"kurobe", testDay}]
	a.mu.Lock()
	defer a.mu.Unlock()
	first := a.newRideID(IdempotencyKey{Key: "x"}, 0, nil)
	a.state = a.state.With(&Commit{Rides: []RideChange{{After: &Ride{ID: first}}}}, a.state.Revision)
	second := a.newRideID(IdempotencyKey{Key: "x"}, 0, nil)
	third := a.newRideID(IdempotencyKey{Key: "x"}, 0, map[RideID]*Ride{second: {}})
	if first == second || second == third || third == first {
		t.Errorf("ids %s, %s, %s", first, second, third)
	}
}
