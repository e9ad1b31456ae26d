package dispatch

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/swmaas/swmaas/vehicles"
)

func at(label string, x, y int) Place { return Place{Label: label, At: corner(x, y)} }

// errands is home, clinic by 9:30, pharmacy after an hour, shop after ten minutes, home after half an hour.
func errands(rider string) TripRequest {
	home, clinic, pharmacy, shop := at("home", 1, 1), at("clinic", 9, 9), at("pharmacy", 9, 7), at("shop", 5, 5)
	return TripRequest{
		Area: "kurobe", Day: testDay, Rider: RiderID(rider), Party: Party{Load: vehicles.Load{Seats: 1}, Board: 60, Alight: 40},
		Legs: []TripLeg{
			{Pickup: home, Dropoff: clinic, Purpose: "medical", Wish: Wish{ArriveBy, Window{0, 9*3600 + 1800}}},
			{Pickup: clinic, Dropoff: pharmacy, Purpose: "pharmacy", Stay: 3600},
			{Pickup: pharmacy, Dropoff: shop, Purpose: "grocery", Stay: 600},
			{Pickup: shop, Dropoff: home, Purpose: "home", Stay: 1800},
		},
	}
}

// bookTrip takes the first offer of a trip that has one.
func (b *bench) bookTrip(t *testing.T, req TripRequest, key string) []*Ride {
	t.Helper()
	quote, err := b.QuoteTrip(t.Context(), caller, req)
	if err != nil || len(quote.Offers) == 0 {
		t.Fatalf("no offer: %+v, %v", quote, err)
	}
	result, err := b.BookTrip(t.Context(), caller, "kurobe", quote.Offers[0].Token, key)
	if err != nil || result.Gone != nil {
		t.Fatalf("not booked: %+v, %v", result, err)
	}
	for i, ride := range result.Rides {
		if ride.Promise != quote.Offers[0].Rides[i].Promise {
			t.Errorf("leg %d: booked %+v, offered %+v", i, ride.Promise, quote.Offers[0].Rides[i].Promise)
		}
	}
	return result.Rides
}

func TestAChainIsBookedInOneStepAndInOrder(t *testing.T) {
	b := newBench(t, 2)
	req := errands("R-1")
	rides := b.bookTrip(t, req, "k1")
	if len(rides) != 4 || b.store.state.Revision != 1 {
		t.Fatalf("%d rides at revision %d", len(rides), b.store.state.Revision)
	}
	for i, ride := range rides[1:] {
		before := rides[i]
		if ride.Linked != before.ID || ride.Booking != rides[0].Booking {
			t.Errorf("leg %d is linked to %q of booking %q", i+1, ride.Linked, ride.Booking)
		}
		if ride.Promise.Pickup.Earliest < before.Promise.arrives()+req.Legs[i+1].Stay {
			t.Errorf("leg %d begins at %d, leg %d arrives at %d", i+1, ride.Promise.Pickup.Earliest, i, before.Promise.arrives())
		}
	}
	quote, err := b.QuoteTrip(t.Context(), caller, errands("R-2"))
	if err != nil || len(quote.Offers) == 0 {
		t.Fatal(quote, err)
	}
	first, err := b.BookTrip(t.Context(), caller, "kurobe", quote.Offers[0].Token, "k2")
	again, err2 := b.BookTrip(t.Context(), caller, "kurobe", quote.Offers[0].Token, "k2")
	if err != nil || err2 != nil || len(again.Rides) != 4 || again.Rides[3].ID != first.Rides[3].ID || len(b.store.state.Rides) != 8 {
		t.Errorf("the same key again: %+v, %v, %v", again, err, err2)
	}
	if _, err := b.Book(t.Context(), caller, "kurobe", quote.Offers[0].Token, "k3"); !errors.Is(err, ErrBadOffer) {
		t.Errorf("a trip's token booked as a ride: %v", err)
	}
	b.sound(t)
	checkPlan(t, b)
}

func TestATripIsBookedWholeOrNotAtAll(t *testing.T) {
	b := newBench(t, 1)
	req := errands("R-1")
	req.Legs[2].Dropoff = Place{Label: "boat", At: corner(40, 90)}
	quote, err := b.QuoteTrip(t.Context(), caller, req)
	if err != nil || len(quote.Offers) > 0 || quote.Failed != 2 || len(quote.Refusals) == 0 || quote.Refusals[0].Code != CodeBadDropoff {
		t.Errorf("got %+v, %v", quote, err)
	}
	late := errands("R-1")
	late.Legs[3].Stay = 8 * 3600 // beyond every shift
	quote, err = b.QuoteTrip(t.Context(), caller, late)
	if err != nil || len(quote.Offers) > 0 || quote.Failed != 3 {
		t.Errorf("got %+v, %v", quote, err)
	}
	// The offer's last leg is taken by others before it is booked.
	quote, err = b.QuoteTrip(t.Context(), caller, errands("R-1"))
	if err != nil || len(quote.Offers) == 0 {
		t.Fatal(quote, err)
	}
	last := quote.Offers[0].Rides[3].Promise
	full := trip("R-9", 5, 5, 11, 0, 0)
	full.Party.Load.Seats, full.Wish = 4, Wish{PickupWithin, last.Pickup}
	b.mustBook(t, full, "k9")
	rides, revision := len(b.store.state.Rides), b.store.state.Revision
	result, err := b.BookTrip(t.Context(), caller, "kurobe", quote.Offers[0].Token, "k1")
	if err != nil {
		t.Fatal(err)
	}
	if result.Gone == nil && len(result.Rides) != 4 || result.Gone != nil && (len(b.store.state.Rides) != rides || b.store.state.Revision != revision) {
		t.Errorf("got %+v with %d rides", result, len(b.store.state.Rides))
	}
	b.sound(t)
}

func TestATripWithoutSenseIsRefused(t *testing.T) {
	b := newBench(t, 1)
	for name, change := range map[string]func(*TripRequest){
		"no legs":                        func(r *TripRequest) { r.Legs = nil },
		"nine legs":                      func(r *TripRequest) { r.Legs = slices.Repeat(r.Legs[:1], 9) },
		"no wish to begin with":          func(r *TripRequest) { r.Legs[0].Wish = Wish{} },
		"a negative stay":                func(r *TripRequest) { r.Legs[1].Stay = -1 },
		"a fixed leg after a will-call":  func(r *TripRequest) { r.Legs[2].MaxWait = 1800 },
		"a wait of a day after the call": func(r *TripRequest) { r.Legs[3].MaxWait = 86400 },
		"a leg to where it began":        func(r *TripRequest) { r.Legs[3].Dropoff = r.Legs[3].Pickup },
	} {
		req := errands("R-1")
		change(&req)
		if _, err := b.QuoteTrip(t.Context(), caller, req); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
}

func TestCancellingALegAsksWhatBecomesOfTheOthers(t *testing.T) {
	for _, c := range []struct {
		name  string
		leg   int
		scope CancelScope
		left  []int
	}{
		{"the first alone", 0, CancelOne, []int{1, 2, 3}},
		{"the second and the rest", 1, CancelRest, []int{0}},
		{"all, said of the third", 2, CancelAll, nil},
		{"the last and the rest", 3, CancelRest, []int{0, 1, 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, 2)
			rides := b.bookTrip(t, errands("R-1"), "k1")
			ask := Cancellation{Ride: rides[c.leg].ID, Reason: "CHANGED_MY_MIND"}
			_, _, err := b.CancelRide(t.Context(), caller, "kurobe", ask, "k2")
			linked, ok := errors.AsType[*LinkedError](err)
			if !ok || !errors.Is(err, ErrScope) || len(linked.Rides) != 3 || slices.Contains(linked.Rides, rides[c.leg].ID) {
				t.Fatalf("without a scope: %v", err)
			}
			before := b.store.state.Revision
			ask.Scope = c.scope
			if _, _, err := b.CancelRide(t.Context(), caller, "kurobe", ask, "k3"); err != nil || b.store.state.Revision != before+1 {
				t.Fatalf("%v at revision %d after %d", err, b.store.state.Revision, before)
			}
			for i, r := range rides {
				open := b.store.state.Rides[r.ID].Open()
				if open != slices.Contains(c.left, i) || open != (b.store.state.RouteOf(r.ID) != nil) {
					t.Errorf("leg %d is %s", i, b.store.state.Rides[r.ID].State)
				}
			}
			b.sound(t)
		})
	}
}

func TestANoShowNeverCancelsTheReturn(t *testing.T) {
	b := newBench(t, 1)
	out := b.mustBook(t, trip("R-1", 9, 9, 1, 1, 9*3600), "k1")
	back := trip("R-1", 1, 1, 9, 9, 0)
	back.Wish, back.Linked = Wish{DepartAfter, Window{10 * 3600, 11 * 3600}}, out.ID
	home := b.mustBook(t, back, "k2")
	b.drive(t, b.store.state.stop(StopID{out.ID, PickupStop}).Arrive)
	b.giveUp(t, StopID{out.ID, PickupStop})
	if r := b.store.state.Rides[out.ID]; r.State != NoShow {
		t.Errorf("outbound is %s", r.State)
	}
	if r := b.store.state.Rides[home.ID]; r.State != Booked || r.Promise != home.Promise || b.store.state.RouteOf(home.ID) == nil {
		t.Errorf("the return is %+v", r)
	}
}

func TestCancellationKinds(t *testing.T) {
	for _, c := range []struct {
		name string
		when func(*bench, *testing.T, *Ride)
		kind CancelKind
		want CancelKind
	}{
		{"the evening before", func(b *bench, _ *testing.T, _ *Ride) { b.at(-4 * 3600) }, 0, CancelAdvance},
		{"in the morning", func(*bench, *testing.T, *Ride) {}, 0, CancelSameDay},
		{"the vehicle under way", func(b *bench, t *testing.T, r *Ride) {
			b.drive(t, b.store.state.stop(StopID{r.ID, PickupStop}).LeaveBy)
		}, 0, CancelLate},
		{"the vehicle at the door", func(b *bench, t *testing.T, r *Ride) {
			b.drive(t, b.store.state.stop(StopID{r.ID, PickupStop}).Arrive)
		}, 0, CancelAtDoor},
		{"the clinic closed", func(*bench, *testing.T, *Ride) {}, CancelSite, CancelSite},
		{"by the service", func(*bench, *testing.T, *Ride) {}, CancelProvider, CancelProvider},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, 1)
			ride := b.mustBook(t, trip("R-1", 9, 9, 1, 1, 10*3600), "k1")
			c.when(b, t, ride)
			got, _, err := b.CancelRide(t.Context(), caller, "kurobe", Cancellation{Ride: ride.ID, Kind: c.kind, Reason: "X"}, "k2")
			if err != nil || got.Cancel != c.want {
				t.Fatalf("got %d, %v; want %d", got.Cancel, err, c.want)
			}
			demand, err := b.Demand(t.Context(), "kurobe", testDay)
			if err != nil || demand.Cancelled[c.want] != 1 || demand.Reasons[Cancelled]["X"] != 1 || demand.Asked != 1 {
				t.Errorf("demand %+v, %v", demand, err)
			}
			b.sound(t)
		})
	}
	b := newBench(t, 1)
	if _, _, err := b.CancelRide(t.Context(), caller, "kurobe", Cancellation{Ride: "2026-01-20.1", Kind: 9}, "k"); !errors.Is(err, ErrInvalid) {
		t.Errorf("kind 9: %v", err)
	}
}

func TestAGroupRidesInOneVehicle(t *testing.T) {
	b := newBench(t, 4)
	var members []Request
	for i := range 3 {
		members = append(members, trip(fmt.Sprint("R-", i), 3*i, 2*i, 9, 9, 10*3600))
	}
	quote, err := b.QuoteGroup(t.Context(), caller, members)
	if err != nil || len(quote.Offers) == 0 {
		t.Fatal(quote, err)
	}
	result, err := b.BookTrip(t.Context(), caller, "kurobe", quote.Offers[0].Token, "k1")
	if err != nil || len(result.Rides) != 3 {
		t.Fatal(result, err)
	}
	together := func() {
		t.Helper()
		for _, r := range result.Rides {
			if b.store.state.RouteOf(r.ID) != b.store.state.RouteOf(result.Rides[0].ID) || !r.Together || r.Booking != result.Rides[0].Booking {
				t.Errorf("ride %s is in another vehicle", r.ID)
			}
		}
	}
	together()
	for i, r := range result.Rides { // the offer told the times of the plan with all of them in it
		o := quote.Offers[0].Rides[i]
		if in, out := b.store.state.stop(StopID{r.ID, PickupStop}), b.store.state.stop(StopID{r.ID, DropoffStop}); o.Pickup != in.Begin || o.Arrival != out.Arrive {
			t.Errorf("ride %d was offered for %d to %d and is planned for %d to %d", i, o.Pickup, o.Arrival, in.Begin, out.Arrive)
		}
	}
	for i := range 8 { // others, who invite the search to move the group apart
		b.mustBook(t, trip(fmt.Sprint("S-", i), 11-i, i, 2+i, 11, int32(9*3600+1800+i*600)), fmt.Sprint("s", i))
	}
	for seed := range uint64(5) {
		if _, err := b.Improve(t.Context(), "kurobe", testDay, ImproveOptions{Iterations: 300, Seed: seed, MinGain: 1}); err != nil {
			t.Fatal(err)
		}
		together()
	}
	checkPlan(t, b)
	big := trip("R-9", 1, 1, 9, 9, 10*3600)
	big.Party.Load.Seats = 3
	quote, err = b.QuoteGroup(t.Context(), caller, []Request{big, big})
	if err != nil || len(quote.Offers) > 0 || quote.Failed != 1 {
		t.Errorf("six in a vehicle of four, aboard together to one place: %+v, %v", quote, err)
	}
}

// Many callers at two desks book trips at once: every trip is there whole, and none is there twice.
func TestTripsBookedAtTwoDesksAtOnceAreWhole(t *testing.T) {
	one := newBench(t, 6)
	two := one.beside(t, 6)
	var work sync.WaitGroup
	var results [8]*TripResult
	for i := range results {
		b := one
		if i%2 == 1 {
			b = two
		}
		work.Go(func() {
			quote, err := b.QuoteTrip(t.Context(), caller, errands(fmt.Sprint("R-", i)))
			if err == nil && len(quote.Offers) > 0 {
				results[i], err = b.BookTrip(t.Context(), caller, "kurobe", quote.Offers[0].Token, fmt.Sprint("k", i))
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
	rides := 0
	for _, r := range results {
		if r != nil {
			rides += len(r.Rides)
		}
	}
	if rides == 0 || rides%4 != 0 || len(one.store.state.Rides) != rides {
		t.Errorf("%d rides booked, %d stored", rides, len(one.store.state.Rides))
	}
	one.sound(t)
	checkPlan(t, one)
}

func TestAGroupIsNotDrivenInTurns(t *testing.T) {
	b := newBench(t, 1)
	var members []Request
	for i, home := range [][2]int{{1, 1}, {1, 2}, {3, 1}, {2, 4}, {4, 2}} { // a van of four could fetch the fifth before or after
		members = append(members, trip(fmt.Sprint("R-", i), home[0], home[1], 8, 3, 10*3600))
	}
	quote, err := b.QuoteGroup(t.Context(), caller, members)
	if err != nil || len(quote.Offers) > 0 || quote.Failed != 4 || quote.Refusals[0].Cause != CauseShare {
		t.Errorf("got %+v, %v", quote, err)
	}
}

func TestALegThatDoesNotFitItsTripSaysWhy(t *testing.T) {
	b := newBench(t, 1)
	req := errands("R-1")
	req.Legs = req.Legs[:2]
	rides := b.bookTrip(t, req, "k1")
	back := trip("R-1", 9, 9, 1, 1, 0)
	back.Wish, back.Linked = Wish{PickupWithin, Window{8*3600 + 1800, 9*3600 - 600}}, rides[0].ID
	later := trip("R-1", 1, 1, 9, 9, 14*3600)
	changed, err := b.QuoteChange(t.Context(), caller, rides[0].ID, 0, later)
	if err != nil {
		t.Fatal(err)
	}
	b.at(8 * 3600)
	gone := trip("R-2", 1, 1, 9, 9, 7*3600)
	for _, c := range []struct {
		name, want string
		quote      *Quote
	}{
		{"a return before the way there has arrived", CauseOutbound, b.mustQuote(t, back)},
		{"a way there after the return begins", CauseNext, changed},
		{"a time that has passed", CausePast, b.mustQuote(t, gone)},
	} {
		if len(c.quote.Offers) > 0 || len(c.quote.Refusals) != 1 || c.quote.Refusals[0].Cause != c.want || c.quote.Refusals[0].Sentence("ja") == "" {
			t.Errorf("%s: %+v", c.name, c.quote)
		}
	}
}
