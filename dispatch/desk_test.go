package dispatch

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// naiveStore is the plainest store that keeps the PlanStore's word: one map, one lock. The desk's rules are tested on it;
// dispatch/planstore tests the real one against the same word.
type naiveStore struct {
	mu      sync.Mutex
	state   *State
	replies map[IdempotencyKey][]byte
	claims  map[Claim]int64
	events  []Event
}

func newNaiveStore() *naiveStore {
	return &naiveStore{state: NewState("kurobe", testDay), replies: map[IdempotencyKey][]byte{}, claims: map[Claim]int64{}}
}

func (s *naiveStore) Replay(_ context.Context, _ AreaID, key IdempotencyKey) ([]byte, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, reply := range s.replies {
		if k.Key == key.Key {
			if k.Hash != key.Hash {
				return nil, false, ErrKeyReused
			}
			return reply, true, nil
		}
	}
	return nil, false, nil
}

func (s *naiveStore) Load(context.Context, AreaID, Day) (*State, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state, nil
}

func (s *naiveStore) Commit(_ context.Context, c *Commit) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range c.Routes {
		if old := s.state.Routes[r.Shift]; old != nil && old.Version != r.Version-1 || old == nil && r.Version != 1 {
			return 0, ErrStale
		}
	}
	for _, r := range c.Rides {
		if old := s.state.Rides[r.After.ID]; old != nil && old.Version != r.After.Version-1 || old == nil && r.After.Version != 1 {
			return 0, ErrStale
		}
	}
	var claims []Claim
	for _, r := range c.Rides {
		for _, claim := range r.Claims() {
			taken := claim.Taken
			claim.Taken = false
			if taken && s.claims[claim] > c.Seen {
				return 0, ErrStale
			}
			claims = append(claims, claim)
		}
	}
	for _, claim := range claims {
		s.claims[claim] = s.state.Revision + 1
	}
	if c.Key.Key != "" {
		s.replies[c.Key] = c.Reply
	}
	s.events = append(s.events, c.Events...)
	s.state = s.state.With(c, s.state.Revision+1)
	return s.state.Revision, nil
}

func (s *naiveStore) Events(context.Context, AreaID, Day, EventID, int) ([]Event, error) {
	return s.events, nil
}

// fixedFleet is a fleet that never changes.
type fixedFleet struct {
	fleet  vehicles.Fleet
	shifts []vehicles.Shift
}

func (f fixedFleet) Fleet(context.Context, string) (vehicles.Fleet, error) { return f.fleet, nil }
func (f fixedFleet) Shifts(context.Context, string, string) ([]vehicles.Shift, error) {
	return f.shifts, nil
}

const testDay = Day("2026-01-20")

// grid is a town of 12 × 12 crossings, 500 m apart, driven at 36 km/h: 50 s a block.
func grid(t testing.TB) TravelTimes {
	t.Helper()
	b := routing.NewBuilder()
	const n = 12
	for i := range n * n {
		b.AddNode(corner(i%n, i/n))
	}
	for i := range int32(n) {
		row, column := make([]int32, n), make([]int32, n)
		for k := range int32(n) {
			row[k], column[k] = i*n+k, k*n+i
		}
		b.AddRoad(routing.Road{Nodes: row, Class: routing.Tertiary, SpeedKmh: 36})
		b.AddRoad(routing.Road{Nodes: column, Class: routing.Tertiary, SpeedKmh: 36})
	}
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return Roads{Router: routing.NewRouter(g, routing.RouterConfig{Workers: 1})}
}

// corner is the crossing of column x and row y of the grid.
func corner(x, y int) geo.LatLng {
	return geo.LatLng{Lat: 36.85 + float64(y)*0.0045, Lng: 137.43 + float64(x)*0.0056}
}

// bench is a desk with a clock that the test sets.
type bench struct {
	*Desk
	store *naiveStore
	now   time.Time
}

// at sets the clock to a second of the test day.
func (b *bench) at(second int32) {
	midnight, _ := b.Midnight(testDay)
	b.now = midnight.Add(time.Duration(second) * time.Second)
}

func newBench(t testing.TB, vans int) *bench {
	t.Helper()
	fleet := fixedFleet{}
	for i := range vans {
		id := vehicles.VehicleID(fmt.Sprintf("V-%02d", i))
		home := corner(i%12, (i*5)%12)
		fleet.fleet.Vehicles = append(fleet.fleet.Vehicles, vehicles.Vehicle{
			ID: id, Home: home, Cabin: vehicles.Cabin{{Seats: 4}, {Seats: 2, Wheelchairs: 1}}, Equipment: vehicles.Ramp,
		})
		fleet.shifts = append(fleet.shifts, vehicles.Shift{
			ID: vehicles.ShiftID("S-" + string(id)), Vehicle: id, Driver: "D-1", Span: vehicles.Span{Start: 8 * 3600, End: 17 * 3600},
			Start: home, End: home, OwnRounds: []vehicles.Span{{Start: 12 * 3600, End: 13 * 3600}},
		})
	}
	b := &bench{store: newNaiveStore()}
	var err error
	b.Desk, err = NewDesk(Config{OfferKey: [32]byte{1}, Unchecked: true}, b.store, fleet, grid(t), func() time.Time { return b.now })
	if err != nil {
		t.Fatal(err)
	}
	b.at(7 * 3600)
	return b
}

// trip asks to be at (x2, y2) by a second of the day.
func trip(rider string, x1, y1, x2, y2 int, by int32) Request {
	return Request{
		Area: "kurobe", Day: testDay, Rider: RiderID(rider), Party: Party{Load: vehicles.Load{Seats: 1}, Board: 60, Alight: 40},
		Pickup: Place{Label: "home", At: corner(x1, y1)}, Dropoff: Place{Label: "clinic", At: corner(x2, y2)},
		Wish: Wish{Kind: ArriveBy, Window: Window{Latest: by}},
	}
}

// mustBook takes the first offer of a request that has one.
func (b *bench) mustBook(t *testing.T, req Request, key string) *Ride {
	t.Helper()
	quote, err := b.Quote(t.Context(), Actor{"test"}, req)
	if err != nil {
		t.Fatal(err)
	}
	if len(quote.Offers) == 0 {
		t.Fatalf("no offer: %+v", quote.Refusals)
	}
	result, err := b.Book(t.Context(), Actor{"test"}, "kurobe", quote.Offers[0].Token, key)
	if err != nil {
		t.Fatal(err)
	}
	if result.Ride == nil {
		t.Fatal("the offer was gone at once")
	}
	return result.Ride
}

func TestAQuoteIsBookedAsItWasOffered(t *testing.T) {
	b := newBench(t, 2)
	quote, err := b.Quote(t.Context(), Actor{"test"}, trip("R-1", 1, 1, 9, 9, 10*3600))
	if err != nil {
		t.Fatal(err)
	}
	if len(quote.Offers) == 0 {
		t.Fatalf("no offer: %+v", quote.Refusals)
	}
	offer := quote.Offers[0]
	result, err := b.Book(t.Context(), Actor{"test"}, "kurobe", offer.Token, "k1")
	if err != nil {
		t.Fatal(err)
	}
	ride := result.Ride
	if ride == nil || ride.Promise != offer.Promise || ride.State != Booked || ride.Promise.ArriveBy != 10*3600 {
		t.Fatalf("booked %+v for offer %+v", ride, offer)
	}
	again, err := b.Book(t.Context(), Actor{"test"}, "kurobe", offer.Token, "k1")
	if err != nil || again.Ride.ID != ride.ID || len(b.store.state.Rides) != 1 {
		t.Errorf("the same key booked again: %v, %v, %d rides", again, err, len(b.store.state.Rides))
	}
	if _, err := b.Book(t.Context(), Actor{"test"}, "kurobe", quote.Offers[1].Token, "k1"); !errors.Is(err, ErrKeyReused) {
		t.Errorf("the same key with another offer: got %v, want ErrKeyReused", err)
	}
	if _, err := b.Book(t.Context(), Actor{"test"}, "nanto", offer.Token, "k2"); !errors.Is(err, ErrBadOffer) {
		t.Errorf("another area's offer: got %v, want ErrBadOffer", err)
	}
}

func TestADeskSeesWhatAnotherProcessWroteBesideItsOwnChange(t *testing.T) {
	one, two := newBench(t, 8), newBench(t, 8)
	two.plans = one.store
	ride := one.mustBook(t, trip("R-1", 0, 0, 11, 0, 9*3600), "k1")
	two.mustBook(t, trip("R-2", 0, 11, 11, 11, 9*3600), "k2") // far away, so on another route
	if _, _, err := one.CancelRide(t.Context(), Actor{"test"}, "kurobe", Cancellation{Ride: ride.ID, Reason: "CHANGED_MY_MIND"}, "k3"); err != nil {
		t.Fatal(err)
	}
	a, err := one.open(t.Context(), "kurobe", testDay)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := a.current(), one.store.state; !reflect.DeepEqual(got, want) {
		t.Errorf("the desk has %d rides at revision %d, the store %d at %d", len(got.Rides), got.Revision, len(want.Rides), want.Revision)
	}
}

func TestAnExpiredOfferIsAnsweredWithFreshOnes(t *testing.T) {
	b := newBench(t, 1)
	quote, err := b.Quote(t.Context(), Actor{"test"}, trip("R-1", 1, 1, 9, 9, 10*3600))
	if err != nil {
		t.Fatal(err)
	}
	b.at(7*3600 + 20*60)
	result, err := b.Book(t.Context(), Actor{"test"}, "kurobe", quote.Offers[0].Token, "k1")
	if err != nil || result.Ride != nil || result.Gone == nil || len(result.Gone.Offers) == 0 {
		t.Errorf("got %+v, %v; want fresh offers", result, err)
	}
}

func TestARequestThatFitsNoVehicleIsToldWhy(t *testing.T) {
	b := newBench(t, 2)
	req := trip("R-1", 1, 1, 9, 9, 10*3600)
	req.Party.Load = vehicles.Load{Stretchers: 1}
	quote, err := b.Quote(t.Context(), Actor{"test"}, req)
	if err != nil || len(quote.Offers) != 0 || len(quote.Refusals) == 0 {
		t.Fatalf("got %+v, %v; want a refusal", quote, err)
	}
	req = trip("R-1", 1, 1, 9, 9, 10*3600)
	req.Pickup.At = geo.LatLng{Lat: 37.2, Lng: 137.3}
	quote, err = b.Quote(t.Context(), Actor{"test"}, req)
	if err != nil || len(quote.Refusals) != 1 || quote.Refusals[0].Code != CodeBadPickup {
		t.Errorf("a pickup at sea: got %+v, %v", quote, err)
	}
}

func TestCancellingFreesThePlaceInTheRoute(t *testing.T) {
	b := newBench(t, 1)
	ride := b.mustBook(t, trip("R-1", 1, 1, 9, 9, 10*3600), "k1")
	got, _, err := b.CancelRide(t.Context(), Actor{"test"}, "kurobe", Cancellation{Ride: ride.ID, Reason: "CHANGED_MY_MIND"}, "k2")
	if err != nil || got.State != Cancelled || got.Cancel != CancelSameDay {
		t.Fatalf("got %+v, %v", got, err)
	}
	for _, r := range b.store.state.Routes {
		if len(r.Stops) != 0 {
			t.Errorf("route %s still has stops %v", r.Shift, r.Stops)
		}
	}
	if _, _, err := b.CancelRide(t.Context(), Actor{"test"}, "kurobe", Cancellation{Ride: ride.ID}, "k3"); !errors.Is(err, ErrWrongState) {
		t.Errorf("cancelled twice: got %v, want ErrWrongState", err)
	}
}

func TestNoShiftIsUsedDuringItsOwnersRound(t *testing.T) {
	b := newBench(t, 1)
	quote, err := b.Quote(t.Context(), Actor{"test"}, trip("R-1", 1, 1, 9, 9, 12*3600+50*60))
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range quote.Offers {
		if o.Arrival > 12*3600 {
			t.Errorf("an offer arrives at %d, within the own round", o.Arrival)
		}
	}
}

// TestADayOfRandomCommandsKeepsEveryPromise books, cancels, drives and improves at random and checks the plan after each.
func TestADayOfRandomCommandsKeepsEveryPromise(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) { randomDay(t, seed) })
	}
}

func randomDay(t *testing.T, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 1))
	b := newBench(t, 4)
	for n := range 60 {
		b.drive(t, int32(7*3600+n*300))
		req := trip(fmt.Sprint("R-", n), rng.IntN(12), rng.IntN(12), rng.IntN(12), rng.IntN(12), int32(8*3600+1800+n*450+rng.IntN(3600)))
		if req.Pickup.At == req.Dropoff.At {
			continue
		}
		quote, err := b.Quote(t.Context(), Actor{"test"}, req)
		if err != nil {
			t.Fatal(err)
		}
		if len(quote.Offers) > 0 {
			if _, err := b.Book(t.Context(), Actor{"test"}, "kurobe", quote.Offers[rng.IntN(len(quote.Offers))].Token, fmt.Sprint("b", n)); err != nil {
				t.Fatal(err)
			}
		}
		if n%7 == 3 {
			if _, err := b.Improve(t.Context(), "kurobe", testDay, ImproveOptions{Iterations: 200, Seed: seed}); err != nil {
				t.Fatal(err)
			}
		}
		checkPlan(t, b)
	}
	b.drive(t, 20*3600)
	checkPlan(t, b)
	done := 0
	for _, r := range b.store.state.Rides {
		if r.State == Completed {
			done++
		}
	}
	if done < 20 || done != len(b.store.state.Rides) {
		t.Errorf("%d of %d rides were completed; all of at least 20 should be", done, len(b.store.state.Rides))
	}
}

// drive lets every driver do what the plan says, to the second, until the clock stands at a second of the day.
func (b *bench) drive(t *testing.T, until int32) {
	t.Helper()
	for {
		next, at := Step{}, until+1
		for _, route := range b.store.state.Routes {
			i := route.Executed()
			for i < len(route.Stops) && (b.store.state.Rides[route.Stops[i].Ride].Latent() || b.store.state.Rides[route.Stops[i].Ride].State == Offered) {
				i++ // drivers do not see it
			}
			if i == len(route.Stops) {
				continue
			}
			s := route.Stops[i]
			kind, when := StepDepart, s.LeaveBy
			switch {
			case s.State == EnRoute:
				kind, when = StepArrive, s.Arrive
			case s.State == Arrived && s.Kind == PickupStop:
				kind, when = StepBoard, s.Depart
			case s.State == Arrived:
				kind, when = StepAlight, s.Depart
			}
			if when < at {
				next, at = Step{Kind: kind, Stop: s.StopID, Vehicle: vehicles.VehicleID(string(route.Shift)[2:6])}, when
			}
		}
		if at > until {
			b.at(until)
			return
		}
		second := int32(b.now.Sub(b.midnight(t)) / time.Second)
		b.at(max(at, second))
		next.Area, next.Day, next.Device = "kurobe", testDay, b.now
		if _, err := b.Step(t.Context(), Actor{"driver"}, next); err != nil {
			t.Fatal(err)
		}
	}
}

func (b *bench) midnight(t *testing.T) time.Time {
	t.Helper()
	midnight, err := b.Midnight(testDay)
	if err != nil {
		t.Fatal(err)
	}
	return midnight
}

// checkPlan asserts that every open ride is on one route, in order, as promised by the planned times.
func checkPlan(t *testing.T, b *bench) {
	t.Helper()
	state := b.store.state
	pickup, dropoff := map[RideID]Stop{}, map[RideID]Stop{}
	for _, route := range state.Routes {
		for i, s := range route.Stops {
			if i > 0 && s.Arrive < route.Stops[i-1].Depart {
				t.Errorf("route %s: stop %d is reached at %d before %d", route.Shift, i, s.Arrive, route.Stops[i-1].Depart)
			}
			if s.Kind == PickupStop {
				pickup[s.Ride] = s
			} else {
				dropoff[s.Ride] = s
			}
		}
	}
	for id, r := range state.Rides {
		p, d := pickup[id], dropoff[id]
		switch {
		case r.State == Cancelled:
		case p.Ride == "" || d.Ride == "":
			t.Errorf("ride %s is on no route", id)
		case !r.Promise.Pickup.Contains(p.Begin) || d.Arrive-p.Depart > r.Promise.MaxRide:
			t.Errorf("ride %s: pickup at %d, ride of %d s; promised %+v", id, p.Begin, d.Arrive-p.Depart, r.Promise)
		case r.Promise.ArriveBy > 0 && d.Arrive > r.Promise.ArriveBy:
			t.Errorf("ride %s arrives at %d, promised %+v", id, d.Arrive, r.Promise)
		}
	}
}

func TestNobodyIsPromisedTwoRidesForTheSameTime(t *testing.T) {
	b := newBench(t, 3)
	first := b.mustBook(t, trip("R-1", 1, 1, 9, 9, 10*3600), "daughter")
	second, err := b.Quote(t.Context(), Actor{"care-manager"}, trip("R-1", 2, 2, 7, 7, 10*3600))
	if err != nil || len(second.Offers) > 0 || len(second.Refusals) != 1 || second.Refusals[0].Cause != CauseOverlap {
		t.Fatalf("a second ride at the same time: %+v, %v", second, err)
	}
	if other, err := b.Quote(t.Context(), Actor{"test"}, trip("R-2", 2, 2, 7, 7, 10*3600)); err != nil || len(other.Offers) == 0 {
		t.Errorf("somebody else: %+v, %v", other, err)
	}
	moved := trip("R-1", 1, 1, 9, 9, 10*3600+1800)
	if q, err := b.QuoteChange(t.Context(), Actor{"test"}, first.ID, 0, moved); err != nil || len(q.Offers) == 0 {
		t.Errorf("the ride itself, later: %+v, %v", q, err)
	}
	if _, _, err := b.CancelRide(t.Context(), Actor{"test"}, "kurobe", Cancellation{Ride: first.ID, Scope: CancelOne}, "c"); err != nil {
		t.Fatal(err)
	}
	b.mustBook(t, trip("R-1", 2, 2, 7, 7, 10*3600), "again")
}

// TestTwoOffersToOnePersonAreNotBothBooked: both callers were told what was possible before either took it.
func TestTwoOffersToOnePersonAreNotBothBooked(t *testing.T) {
	b := newBench(t, 3)
	one, two := b.mustQuote(t, trip("R-1", 1, 1, 9, 9, 10*3600)), b.mustQuote(t, trip("R-1", 2, 2, 9, 9, 10*3600))
	if got, err := b.Book(t.Context(), Actor{"a"}, "kurobe", one.Offers[0].Token, "k1"); err != nil || got.Ride == nil {
		t.Fatalf("%+v, %v", got, err)
	}
	for _, token := range []string{two.Offers[0].Token, one.Offers[0].Token} {
		if got, err := b.Book(t.Context(), Actor{"b"}, "kurobe", token, "k2"+token[:4]); err != nil || got.Ride != nil || got.Gone == nil {
			t.Errorf("booked as well: %+v, %v", got, err)
		}
	}
}
