package dispatch

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/swmaas/swmaas/vehicles"
)

// fromTheClinic is a will-call home, to be called for between two seconds of the day.
func fromTheClinic(rider string, first, last, wait int32) Request {
	req := trip(rider, 9, 9, 1, 1, 0)
	req.Pickup, req.Dropoff = req.Dropoff, req.Pickup
	req.Pickup, req.Dropoff = at("clinic", 9, 9), at("home", 1, 1)
	req.Wish, req.MaxWait = Wish{DepartAfter, Window{first, last}}, wait
	return req
}

func TestAWillCallKeepsCapacityAndIsFetchedWithinItsWait(t *testing.T) {
	b := newBench(t, 1)
	ride := b.mustBook(t, fromTheClinic("R-1", 10*3600, 16*3600, 1800), "k1")
	if !ride.Latent() || ride.Promise.Pickup != (Window{10 * 3600, 16*3600 + 1800}) || b.store.state.RouteOf(ride.ID) == nil {
		t.Fatalf("booked %+v", ride)
	}
	queue, err := b.WillCalls(t.Context(), "kurobe", testDay)
	if err != nil || len(queue) != 1 || queue[0].Since != 10*3600 || queue[0].Latest != 16*3600 || queue[0].Planned == 0 {
		t.Errorf("queue %+v, %v", queue, err)
	}
	manifest, err := b.Manifest(t.Context(), "kurobe", testDay, "V-00")
	if err != nil || len(manifest.Stops) != 0 {
		t.Errorf("the driver sees %+v, %v", manifest, err)
	}
	b.at(11*3600 + 120)
	act := Activation{Ride: ride.ID, At: b.now.Add(-2 * time.Minute), Via: ViaDriver}
	called, err := b.Activate(t.Context(), Actor{"driver-1"}, "kurobe", act, "c1")
	if err != nil || !called.Placed || called.Late != 0 {
		t.Fatalf("called: %+v, %v", called, err)
	}
	if p := called.Ride.Promise.Pickup; p != (Window{11*3600 + 120, 11*3600 + 1800}) || !p.Contains(called.Pickup) {
		t.Errorf("promised %+v, planned %d: the wait counts from the call", p, called.Pickup)
	}
	again, err := b.Activate(t.Context(), Actor{"driver-1"}, "kurobe", act, "c1")
	if err != nil || again.Pickup != called.Pickup || again.Ride.Version != called.Ride.Version {
		t.Errorf("the same key again: %+v, %v", again, err)
	}
	if _, err := b.Activate(t.Context(), caller, "kurobe", act, "c2"); !errors.Is(err, ErrWrongState) {
		t.Errorf("called twice: %v", err)
	}
	queue, err = b.WillCalls(t.Context(), "kurobe", testDay)
	if err != nil || len(queue) != 1 || queue[0].Since != 11*3600 || queue[0].Latest != 11*3600+1800 || queue[0].Late != 0 {
		t.Errorf("queue %+v, %v", queue, err)
	}
	manifest, err = b.Manifest(t.Context(), "kurobe", testDay, "V-00")
	if err != nil || len(manifest.Stops) != 2 {
		t.Errorf("the driver sees %+v, %v", manifest, err)
	}
	b.drive(t, 13*3600)
	if r := b.store.state.Rides[ride.ID]; r.State != Completed || !called.Ride.Promise.Pickup.Contains(r.Actual.PickupArrive) {
		t.Errorf("ride %+v", r)
	}
}

func TestTheCapacityOfAWillCallIsNotSoldTwice(t *testing.T) {
	b := newBench(t, 1)
	req := fromTheClinic("R-1", 15*3600, 15*3600+600, 600) // once at three in the afternoon, with the only wheelchair place
	req.Party.Load = vehicles.Load{Wheelchairs: 1}
	ride := b.mustBook(t, req, "k1")
	rival := trip("R-2", 1, 1, 9, 9, 15*3600+30*60)
	rival.Party.Load = vehicles.Load{Wheelchairs: 1}
	for i := range 6 {
		rival.Wish = Wish{PickupWithin, Window{int32(14*3600 + i*900), int32(15*3600 + i*900)}}
		quote, err := b.Quote(t.Context(), caller, rival)
		if err != nil {
			t.Fatal(err)
		}
		if len(quote.Offers) > 0 {
			if _, err := b.Book(t.Context(), caller, "kurobe", quote.Offers[0].Token, fmt.Sprint("r", i)); err != nil {
				t.Fatal(err)
			}
		}
	}
	b.at(15*3600 - 900)
	stop := b.store.state.stop(StopID{ride.ID, PickupStop})
	if stop == nil || stop.Begin < 15*3600 || stop.Begin > 15*3600+1200 {
		t.Errorf("planned %+v", stop)
	}
}

func TestWillCallsAreRefusedWhereTheyMakeNoSense(t *testing.T) {
	b := newBench(t, 1)
	for name, req := range map[string]Request{
		"an appointment":        {MaxWait: 1800, Wish: Wish{ArriveBy, Window{0, 36000}}},
		"a wait of four hours":  {MaxWait: 4 * 3600, Wish: Wish{DepartAfter, Window{36000, 37000}}},
		"a wait past the night": {MaxWait: 3 * 3600, Wish: Wish{DepartAfter, Window{36000, vehicles.MaxDaySecond}}},
		"a negative wait":       {MaxWait: -1, Wish: Wish{DepartAfter, Window{36000, 37000}}},
	} {
		full := trip("R-1", 1, 1, 9, 9, 0)
		full.MaxWait, full.Wish = req.MaxWait, req.Wish
		if _, err := b.Quote(t.Context(), caller, full); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
	fixed := b.mustBook(t, trip("R-1", 1, 1, 9, 9, 10*3600), "k1")
	if _, err := b.Activate(t.Context(), caller, "kurobe", Activation{Ride: fixed.ID}, "c1"); !errors.Is(err, ErrWrongState) {
		t.Errorf("called for a ride with a time: %v", err)
	}
	if _, err := b.Activate(t.Context(), caller, "kurobe", Activation{Ride: "2026-01-20.000000"}, "c2"); !errors.Is(err, ErrNotFound) {
		t.Errorf("called for no ride: %v", err)
	}
	open := b.mustBook(t, fromTheClinic("R-2", 10*3600, 16*3600, 1800), "k2")
	b.at(11 * 3600)
	if _, err := b.Activate(t.Context(), caller, "kurobe", Activation{Ride: open.ID, At: b.now.Add(time.Minute)}, "c3"); !errors.Is(err, ErrInvalid) {
		t.Errorf("called in a minute's time: %v", err)
	}
}

// At eleven the one van is sold out around the clinic for an hour: the ride is fetched as early as it can be, and the desk
// says so.
func TestAWillCallThatCannotBeKeptGetsTheBestThereIsAndIsRecorded(t *testing.T) {
	b := newBench(t, 1)
	req := fromTheClinic("R-1", 10*3600, 16*3600, 600)
	req.Party.Load = vehicles.Load{Wheelchairs: 1}
	ride := b.mustBook(t, req, "k1")
	rival := trip("R-2", 0, 0, 11, 0, 0)
	rival.Party.Load, rival.Wish = vehicles.Load{Wheelchairs: 1}, Wish{PickupWithin, Window{11 * 3600, 11*3600 + 600}}
	other := b.mustBook(t, rival, "k2")
	b.at(11*3600 - 300)
	called, err := b.Activate(t.Context(), caller, "kurobe", Activation{Ride: ride.ID, Via: ViaPhone}, "c1")
	if err != nil || !called.Placed || called.Late == 0 {
		t.Fatalf("called %+v, %v", called, err)
	}
	events := b.store.events[len(b.store.events)-2:]
	if events[0].Kind != RideCalled || events[1].Kind != RideExceeded || events[1].Detail != CallLate || events[1].Ride != ride.ID {
		t.Errorf("events %+v", events)
	}
	if p := called.Ride.Promise.Pickup; !p.Contains(called.Pickup) {
		t.Errorf("promised %+v, planned %d", p, called.Pickup)
	}
	queue, err := b.WillCalls(t.Context(), "kurobe", testDay)
	if err != nil || len(queue) != 1 || queue[0].Late != called.Late {
		t.Errorf("queue %+v, %v", queue, err)
	}
	if s := b.store.state.stop(StopID{other.ID, PickupStop}); !other.Promise.Pickup.Contains(s.Begin) {
		t.Errorf("the other ride is planned at %d, promised %+v", s.Begin, other.Promise.Pickup)
	}
	checkPlan(t, b)
}

// The will-call of the rider who waits can only be kept where a flexible ride makes room.
func TestACallMovesAFlexibleRideWithinItsPromise(t *testing.T) {
	moved := 0
	for n := range 144 {
		b := newBench(t, 2)
		b.cfg.Rules.Window = 3600 // flexible
		for i := range 3 {
			req := trip(fmt.Sprint("F-", i), (n+3*i)%12, (n/12+i)%12, 11-i, (n*5+n/12)%12, 0)
			if req.Pickup.At == req.Dropoff.At {
				continue
			}
			req.Party.Load = vehicles.Load{Wheelchairs: 1}
			req.Wish = Wish{PickupWithin, Window{10 * 3600, 11 * 3600}}
			if quote, err := b.Quote(t.Context(), caller, req); err == nil && len(quote.Offers) > 0 {
				_, _ = b.Book(t.Context(), caller, "kurobe", quote.Offers[0].Token, fmt.Sprint("f", i))
			}
		}
		req := fromTheClinic("R-1", 9*3600, 16*3600, 900)
		req.Party.Load = vehicles.Load{Wheelchairs: 1}
		quote, err := b.Quote(t.Context(), caller, req)
		if err != nil || len(quote.Offers) == 0 {
			continue
		}
		result, err := b.Book(t.Context(), caller, "kurobe", quote.Offers[0].Token, "w")
		if err != nil {
			t.Fatal(err)
		}
		b.drive(t, 10*3600-1500)
		before := b.store.state
		called, err := b.Activate(t.Context(), caller, "kurobe", Activation{Ride: result.Ride.ID, Via: ViaApp}, "c")
		if err != nil {
			t.Fatal(err)
		}
		checkPlan(t, b)
		b.sound(t)
		for id := range before.Rides {
			was, is := before.RouteOf(id), b.store.state.RouteOf(id)
			if called.Late == 0 && id != result.Ride.ID && was != nil && is != nil && was.Shift != is.Shift {
				moved++
			}
		}
	}
	if moved == 0 {
		t.Error("no flexible ride ever made room")
	}
}

func TestCapacityRollsOnUntilNobodyCanCallAnyMore(t *testing.T) {
	b := newBench(t, 1)
	ride := b.mustBook(t, fromTheClinic("R-1", 9*3600, 11*3600, 1200), "k1")
	other := b.mustBook(t, trip("R-2", 9, 9, 1, 1, 11*3600), "k2")
	for second := int32(9 * 3600); second < 11*3600+1800; second += 60 {
		b.drive(t, second)
		if _, err := b.Roll(t.Context(), "kurobe", testDay); err != nil {
			t.Fatal(err)
		}
		b.sound(t)
		if s := b.store.state.stop(StopID{other.ID, PickupStop}); !other.Promise.Pickup.Contains(s.Begin) {
			t.Fatalf("at %d the other ride is planned at %d, promised %+v", second, s.Begin, other.Promise.Pickup)
		}
	}
	if b.store.state.RouteOf(ride.ID) != nil {
		t.Error("capacity is still kept after the last call")
	}
	queue, err := b.WillCalls(t.Context(), "kurobe", testDay)
	if err != nil || len(queue) != 1 || !queue[0].Overdue || queue[0].Ride.State != Booked {
		t.Fatalf("queue %+v, %v: a person decides, not the clock", queue, err)
	}
	ended, _, err := b.GiveUp(t.Context(), caller, "kurobe", ride.ID, "NOT_CALLED", "g1")
	if err != nil || ended.State != Unmet || ended.Reason != "NOT_CALLED" {
		t.Errorf("got %+v, %v", ended, err)
	}
	if queue, err = b.WillCalls(t.Context(), "kurobe", testDay); err != nil || len(queue) != 0 {
		t.Errorf("queue %+v, %v", queue, err)
	}
}

func TestImprovementKeepsWillCallsFeasible(t *testing.T) {
	b := newBench(t, 3)
	var calls []*Ride
	for i := range 4 {
		calls = append(calls, b.mustBook(t, fromTheClinic(fmt.Sprint("W-", i), 9*3600, 16*3600, 1800), fmt.Sprint("w", i)))
	}
	for i := range 12 {
		req := trip(fmt.Sprint("R-", i), i, 11-i, (i*5)%12, i/2, int32(9*3600+i*600))
		if quote, err := b.Quote(t.Context(), caller, req); err != nil || len(quote.Offers) > 0 {
			b.mustBook(t, req, fmt.Sprint("k", i))
		}
	}
	for seed := range uint64(4) {
		b.drive(t, int32(8*3600+1800+seed*600))
		if _, err := b.Roll(t.Context(), "kurobe", testDay); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Improve(t.Context(), "kurobe", testDay, ImproveOptions{Iterations: 200, Seed: seed, MinGain: 1}); err != nil {
			t.Fatal(err)
		}
		checkPlan(t, b)
		b.sound(t)
	}
	for i, r := range calls {
		called, err := b.Activate(t.Context(), caller, "kurobe", Activation{Ride: r.ID}, fmt.Sprint("c", i))
		if err != nil || !called.Placed {
			t.Errorf("call %d: %+v, %v", i, called, err)
		}
		checkPlan(t, b)
	}
}

// Driver and caller both report the same rider ready, at two desks: one call counts.
func TestACallCountsOnce(t *testing.T) {
	one := newBench(t, 2)
	ride := one.mustBook(t, fromTheClinic("R-1", 9*3600, 16*3600, 1800), "k1")
	one.at(10 * 3600)
	two := one.beside(t, 2)
	var work sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		b := one
		if i%2 == 1 {
			b = two
		}
		work.Go(func() {
			_, errs[i] = b.Activate(t.Context(), caller, "kurobe", Activation{Ride: ride.ID, Via: ViaApp}, fmt.Sprint("c", i))
		})
	}
	work.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !errors.Is(err, ErrWrongState) {
			t.Error(err)
		}
	}
	if won != 1 || one.store.state.Rides[ride.ID].Version != 2 {
		t.Errorf("%d calls counted", won)
	}
}

func TestATripEndsWithAWillCall(t *testing.T) {
	b := newBench(t, 2)
	req := errands("R-1")
	req.Legs = slices.Clone(req.Legs[:2])
	req.Legs[1] = TripLeg{Pickup: req.Legs[0].Dropoff, Dropoff: req.Legs[0].Pickup, Stay: 1800, MaxWait: 2400}
	rides := b.bookTrip(t, req, "k1")
	home := rides[1]
	if !home.Latent() || home.Linked != rides[0].ID || home.Promise.Pickup.Earliest < 10*3600 || home.Wish.Window.Latest < 15*3600 {
		t.Errorf("the way back is %+v", home)
	}
}

// The vans go home at 17:00; from the clinic to the home and back to its place V-00 drives 1012 s by the plan, with 100 s of
// boarding and alighting and 600 s to spare.
func TestAWillCallIsPromisedNoLongerThanAVehicleCanFetch(t *testing.T) {
	b := newBench(t, 1)
	ride := b.mustBook(t, fromTheClinic("R-1", 10*3600, 20*3600, 1800), "k1")
	if p := ride.Promise.Pickup; max(p.Latest-(17*3600-600-1012-100), (17*3600-600-1012-100)-p.Latest) > 3 || ride.CallBy() != p.Latest-1800 {
		t.Errorf("promised %+v, to be called for by %d", p, ride.CallBy())
	}
	queue, err := b.WillCalls(t.Context(), "kurobe", testDay)
	if err != nil || queue[0].Latest != ride.CallBy() {
		t.Errorf("queue %+v, %v", queue, err)
	}
	quote, err := b.Quote(t.Context(), caller, fromTheClinic("R-2", 16*3600+1800, 20*3600, 1800))
	if err != nil || len(quote.Offers) > 0 || quote.Refusals[0].Cause != CauseShiftEnd {
		t.Errorf("got %+v, %v", quote, err)
	}
	chairs := fromTheClinic("R-3", 10*3600, 11*3600, 1800)
	chairs.Party.Load = vehicles.Load{Wheelchairs: 2}
	quote, err = b.Quote(t.Context(), caller, chairs)
	if err != nil || len(quote.Offers) > 0 || quote.Refusals[0].Cause != CauseCapacity {
		t.Errorf("two wheelchairs: %+v, %v", quote, err)
	}
}
