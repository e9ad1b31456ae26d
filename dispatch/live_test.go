package dispatch

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/swmaas/swmaas/dispatch/solver"
	"github.com/swmaas/swmaas/vehicles"
)

// inWords is a model without its numbers: every shift and every ride by name, so that two models can be compared.
type inWords struct {
	Shifts   []solver.VehicleSpec
	Order    [][]StopID // of each shift
	Routes   [][]StopID
	Requests map[RideID]solver.RequestSpec
	Apart    map[[2]RideID]bool
	Shared   map[RideID]int // by ride the number of rides that share a vehicle with it
}

func (m *model) words() inWords {
	w := inWords{Requests: map[RideID]solver.RequestSpec{}, Apart: map[[2]RideID]bool{}, Shared: map[RideID]int{}}
	stop := func(r solver.Request, delivery bool) StopID {
		if delivery {
			return StopID{m.rides[r].ID, DropoffStop}
		}
		return StopID{m.rides[r].ID, PickupStop}
	}
	for v := range solver.Vehicle(m.problem.Vehicles()) {
		spec := m.problem.VehicleSpec(v)
		var order, route []StopID
		for _, o := range spec.Order {
			order = append(order, stop(o.Request, o.Delivery))
		}
		for _, n := range m.solution.Route(v) {
			route = append(route, stop(m.problem.RequestOf(n), m.problem.IsDelivery(n)))
		}
		spec.Order = nil
		w.Shifts, w.Order, w.Routes = append(w.Shifts, spec), append(w.Order, order), append(w.Routes, route)
	}
	sharing := map[int32]int{}
	for r := range m.rides {
		sharing[m.problem.RequestSpec(solver.Request(r)).Share]++
	}
	for r, ride := range m.rides {
		spec := m.problem.RequestSpec(solver.Request(r))
		for _, o := range spec.Incompatible {
			w.Apart[[2]RideID{min(ride.ID, m.rides[o].ID), max(ride.ID, m.rides[o].ID)}] = true
		}
		w.Shared[ride.ID] = sharing[spec.Share]
		spec.Incompatible, spec.Share = nil, 0
		w.Requests[ride.ID] = spec
	}
	return w
}

func TestTheLiveModelIsTheOneThatIsBuiltAnew(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) { liveDay(t, seed) })
	}
}

// liveDay lets callers, drivers and the improvement work on a day in turn and compares all models after each command.
func liveDay(t *testing.T, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 3))
	b := newBench(t, 5)
	for n := range 70 {
		if until := int32(7*3600 + n*400); rng.IntN(3) > 0 {
			b.drive(t, until)
		} else {
			b.at(until) // nobody reports anything meanwhile: vehicles are late
		}
		req := trip(fmt.Sprint("R-", n%25), rng.IntN(12), rng.IntN(12), rng.IntN(12), rng.IntN(12), int32(8*3600+1800+n*400+rng.IntN(3600)))
		if req.Pickup.At == req.Dropoff.At {
			continue
		}
		if rng.IntN(4) == 0 {
			req.Party.Apart = []RiderID{RiderID(fmt.Sprint("R-", rng.IntN(25)))}
		}
		if rng.IntN(5) == 0 {
			req.Party.Load = vehicles.Load{Wheelchairs: 1}
		}
		quote := sameQuote(t, b, req)
		if len(quote.Offers) > 0 && rng.IntN(5) > 0 {
			if _, err := b.Book(t.Context(), Actor{"test"}, "kurobe", quote.Offers[rng.IntN(len(quote.Offers))].Token, fmt.Sprint("b", n)); err != nil {
				t.Fatal(err)
			}
		}
		if rng.IntN(4) == 0 {
			cancelSome(t, b, rng, n)
		}
		if n%9 == 3 {
			if _, err := b.Improve(t.Context(), "kurobe", testDay, ImproveOptions{Iterations: 100, Seed: seed}); err != nil {
				t.Fatal(err)
			}
		}
		sameModels(t, b)
	}
}

// cancelSome calls off a ride that has not begun.
func cancelSome(t *testing.T, b *bench, rng *rand.Rand, n int) {
	t.Helper()
	var open []RideID
	for id, r := range b.store.state.Rides {
		if r.State == Booked {
			open = append(open, id)
		}
	}
	if len(open) == 0 {
		return
	}
	slices.Sort(open)
	if _, _, err := b.CancelRide(t.Context(), Actor{"test"}, "kurobe", Cancellation{Ride: open[rng.IntN(len(open))], Reason: "CHANGED_MY_MIND"}, fmt.Sprint("c", n)); err != nil {
		t.Fatal(err)
	}
}

// sameQuote asks, and compares the answer with that of a desk that knows nothing but what is stored.
func sameQuote(t *testing.T, b *bench, req Request) *Quote {
	t.Helper()
	got, err := b.Quote(t.Context(), Actor{"test"}, req)
	if err != nil {
		t.Fatal(err)
	}
	anew := newBench(t, 5)
	anew.plans, anew.travel, anew.now = b.plans, b.travel, b.now
	want, err := anew.Quote(t.Context(), Actor{"test"}, req)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []*Quote{got, want} {
		for i := range q.Offers {
			q.Offers[i].Expires = q.Offers[0].Expires
		}
	}
	told := func(q *Quote) (out []any) {
		for _, o := range q.Offers {
			out = append(out, o.Promise, o.Pickup, o.Arrival, o.RideTime, o.Direct)
		}
		return append(out, fmt.Sprint(q.Refusals))
	}
	if x, y := told(got), told(want); !reflect.DeepEqual(x, y) {
		t.Fatalf("at %v the live desk answers\n%v\nand one opened anew\n%v", b.now, x, y)
	}
	return got
}

// sameModels compares the model of the area-day and of every look with the one that is built anew.
func sameModels(t *testing.T, b *bench) {
	t.Helper()
	a, err := b.open(t.Context(), "kurobe", testDay)
	if err != nil {
		t.Fatal(err)
	}
	a.mu.Lock()
	same(t, b, a)
	a.mu.Unlock()
	for range cap(a.looks) {
		v, err := a.look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		same(t, b, v)
		a.endLook(v)
	}
}

func same(t *testing.T, b *bench, a *areaDay) {
	t.Helper()
	live, err := a.modelLocked()
	if err != nil {
		t.Fatal(err)
	}
	memo, specs := a.rests, a.specs
	a.rests, a.specs = nil, nil
	anew, err := a.buildModel(live.second)
	if err != nil {
		t.Fatal(err)
	}
	a.rests, a.specs = memo, specs
	if x, y := live.words(), anew.words(); !reflect.DeepEqual(x, y) {
		t.Fatalf("at %v the live model is\n%+v\nand the one built anew\n%+v", b.now, x, y)
	}
	if bad := solver.Verify(live.problem, live.solution); fmt.Sprint(bad) != fmt.Sprint(solver.Verify(anew.problem, anew.solution)) {
		t.Fatalf("at %v the check says of the live model: %v", b.now, bad)
	}
}
