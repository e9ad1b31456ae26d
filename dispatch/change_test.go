package dispatch

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/swmaas/swmaas/vehicles"
)

func TestAChangedRideKeepsItsIdAndTakesItsNewPlaceInOneStep(t *testing.T) {
	b := newBench(t, 1)
	ride := b.mustBook(t, trip("R-1", 1, 1, 9, 9, 10*3600), "k1")
	later := trip("R-1", 1, 1, 9, 9, 11*3600)
	later.Party.Load = vehicles.Load{Seats: 2}
	quote, err := b.QuoteChange(t.Context(), caller, ride.ID, ride.Version, later)
	if err != nil || len(quote.Offers) == 0 {
		t.Fatalf("got %+v, %v", quote, err)
	}
	if got := b.store.state.Rides[ride.ID]; got.Version != ride.Version {
		t.Errorf("the quote changed the ride")
	}
	before := b.store.state.Revision
	got, err := b.Book(t.Context(), caller, "kurobe", quote.Offers[0].Token, "c1")
	if err != nil || got.Ride == nil || got.Ride.ID != ride.ID || got.Ride.Promise.ArriveBy != 11*3600 || got.Ride.Party.Load.Seats != 2 {
		t.Fatalf("got %+v, %v", got, err)
	}
	if b.store.state.Revision != before+1 || got.Ride.Version != ride.Version+1 || got.Ride.Booking != ride.Booking {
		t.Errorf("revision %d after %d, ride %+v", b.store.state.Revision, before, got.Ride)
	}
	if again, err := b.Book(t.Context(), caller, "kurobe", quote.Offers[0].Token, "c1"); err != nil || again.Ride.Version != got.Ride.Version {
		t.Errorf("the same key changed again: %+v, %v", again, err)
	}
	if _, err := b.Book(t.Context(), caller, "kurobe", quote.Offers[0].Token, "c2"); !errors.Is(err, ErrChanged) {
		t.Errorf("an offer for the ride as it was: %v, want ErrChanged", err)
	}
	if _, err := b.QuoteChange(t.Context(), caller, ride.ID, ride.Version, later); !errors.Is(err, ErrChanged) {
		t.Errorf("a quote for the ride as it was: %v, want ErrChanged", err)
	}
	if _, err := b.Hold(t.Context(), caller, "kurobe", quote.Offers[0].Token, "h1"); !errors.Is(err, ErrInvalid) {
		t.Errorf("a change was held: %v", err)
	}
	b.sound(t)
	checkPlan(t, b)
}

func TestAChangeThatIsGoneLeavesTheOldPromise(t *testing.T) {
	b := newBench(t, 1)
	req := trip("R-1", 1, 1, 9, 9, 10*3600)
	req.Party.Load = vehicles.Load{Wheelchairs: 1}
	ride := b.mustBook(t, req, "k1")
	later := req
	later.Wish.Window.Latest = 11 * 3600
	quote, err := b.QuoteChange(t.Context(), caller, ride.ID, 0, later)
	if err != nil || len(quote.Offers) == 0 {
		t.Fatalf("got %+v, %v", quote, err)
	}
	rival := later
	rival.Rider = "R-2"
	for i := 0; ; i++ { // until nobody else can be at 11
		q, err := b.Quote(t.Context(), caller, rival)
		if err != nil {
			t.Fatal(err)
		}
		k := slices.IndexFunc(q.Offers, func(o Offer) bool { return o.Promise == quote.Offers[0].Promise })
		if k < 0 {
			break
		}
		if _, err := b.Book(t.Context(), caller, "kurobe", q.Offers[k].Token, fmt.Sprint("r", i)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := b.Book(t.Context(), caller, "kurobe", quote.Offers[0].Token, "c1")
	if err != nil || got.Ride != nil || got.Gone == nil {
		t.Fatalf("got %+v, %v; want fresh offers", got, err)
	}
	if now := b.store.state.Rides[ride.ID]; now.Promise != ride.Promise || now.State != Booked || b.store.state.RouteOf(ride.ID) == nil {
		t.Errorf("the ride is %+v", now)
	}
	b.sound(t)
}

func TestALegIsNotChangedAcrossTheNext(t *testing.T) {
	b := newBench(t, 2)
	out := b.mustBook(t, trip("R-1", 1, 1, 9, 9, 9*3600), "k1")
	back := trip("R-1", 9, 9, 1, 1, 0)
	back.Wish, back.Linked = Wish{DepartAfter, Window{10 * 3600, 11 * 3600}}, out.ID
	home := b.mustBook(t, back, "k2")
	quote, err := b.QuoteChange(t.Context(), caller, out.ID, 0, trip("R-1", 1, 1, 9, 9, 11*3600))
	if err != nil || len(quote.Offers) > 0 {
		t.Errorf("outbound moved to 11:00, return at %+v: offers %+v, %v", home.Promise, quote.Offers, err)
	}
	quote, err = b.QuoteChange(t.Context(), caller, out.ID, 0, trip("R-1", 1, 1, 9, 9, 9*3600+1800))
	if err != nil || len(quote.Offers) == 0 {
		t.Errorf("outbound moved to 9:30: %+v, %v", quote, err)
	}
	early := back
	early.Wish.Window = Window{8 * 3600, 12 * 3600}
	quote, err = b.QuoteChange(t.Context(), caller, home.ID, 0, early)
	if err != nil || len(quote.Offers) == 0 {
		t.Fatalf("return: %+v, %v", quote, err)
	}
	for _, o := range quote.Offers {
		if o.Promise.Pickup.Earliest < out.Promise.ArriveBy {
			t.Errorf("a return from %d, arrival promised for %d", o.Promise.Pickup.Earliest, out.Promise.ArriveBy)
		}
	}
}

func TestARideIsNotChangedOnceTheVehicleIsUnderWayToIt(t *testing.T) {
	b := newBench(t, 1)
	ride := b.mustBook(t, trip("R-1", 9, 9, 1, 1, 10*3600), "k1")
	stop := b.store.state.stop(StopID{ride.ID, PickupStop})
	b.drive(t, stop.LeaveBy)
	if _, err := b.QuoteChange(t.Context(), caller, ride.ID, 0, trip("R-1", 9, 9, 1, 1, 11*3600)); !errors.Is(err, ErrWrongState) {
		t.Errorf("got %v, want ErrWrongState", err)
	}
	wrong := trip("R-1", 9, 9, 1, 1, 11*3600)
	wrong.Day = "2026-01-21"
	if _, err := b.QuoteChange(t.Context(), caller, ride.ID, 0, wrong); !errors.Is(err, ErrInvalid) {
		t.Errorf("another day: %v, want ErrInvalid", err)
	}
}

// Two desks change one ride to different times: one wins, the other learns that the ride has changed.
func TestTwoDesksChangeOneRideOnce(t *testing.T) {
	one := newBench(t, 2)
	ride := one.mustBook(t, trip("R-1", 1, 1, 9, 9, 9*3600), "k1")
	two := one.beside(t, 2)
	var work sync.WaitGroup
	var errs [2]error
	var tokens [2]string
	desks := []*bench{one, two}
	for i, b := range desks {
		quote, err := b.QuoteChange(t.Context(), caller, ride.ID, 0, trip("R-1", 1, 1, 9, 9, int32(10+i)*3600))
		if err != nil || len(quote.Offers) == 0 {
			t.Fatal(quote, err)
		}
		tokens[i] = quote.Offers[0].Token
	}
	for i, b := range desks {
		work.Go(func() { _, errs[i] = b.Book(t.Context(), caller, "kurobe", tokens[i], fmt.Sprint("c", i)) })
	}
	work.Wait()
	if (errs[0] == nil) == (errs[1] == nil) || !errors.Is(errors.Join(errs[0], errs[1]), ErrChanged) {
		t.Errorf("got %v and %v", errs[0], errs[1])
	}
	if got := one.store.state.Rides[ride.ID]; got.Version != 2 {
		t.Errorf("the ride is at version %d", got.Version)
	}
	one.sound(t)
}
