package dispatch

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/swmaas/swmaas/vehicles"
)

// alcohol signs the planned driver of a vehicle on and has alcohol found.
func (b *bench) alcohol(t *testing.T, van vehicles.VehicleID) {
	t.Helper()
	if err := b.signOn(t, van, "D-1", "s1"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.check(t, van, "c1", func(c *vehicles.SafetyCheck) { c.Reading = 150 }); err != nil {
		t.Fatal(err)
	}
}

func TestRidersOfADriverStoodDownGoToOthersWhenTheyAreNear(t *testing.T) {
	b := checkedBench(t, 2)
	ride := b.mustBook(t, trip("P-1", 1, 1, 9, 9, 11*3600), "k1")
	was := b.store.state.RouteOf(ride.ID).Shift
	leaves := b.store.state.Routes[was].Stops[0].LeaveBy
	b.at(leaves - substituteLead - 60)
	b.alcohol(t, b.vehicleOf(t, ride.ID))
	if on := b.store.state.RouteOf(ride.ID).Shift; on != was {
		t.Fatalf("an hour before, the ride goes to %s: somebody else may still come", on)
	}
	b.at(leaves - substituteLead)
	if _, err := b.Mend(t.Context(), "kurobe", testDay); err != nil {
		t.Fatal(err)
	}
	if on := b.store.state.RouteOf(ride.ID); on == nil || on.Shift == was {
		t.Fatalf("nobody has come, and the ride is on %+v", on)
	}
}

func TestAlcoholShortlyBeforeTheFirstRideIsAnOutageAtOnceUntilSomebodyElseSignsOn(t *testing.T) {
	b := checkedBench(t, 1)
	ride := b.mustBook(t, trip("P-1", 1, 1, 9, 9, 11*3600), "k1")
	a, err := b.open(t.Context(), "kurobe", testDay)
	if err != nil {
		t.Fatal(err)
	}
	a.calendar.Fleet.Drivers = []vehicles.Driver{{ID: "D-2", Licence: vehicles.FirstClass}}
	b.at(b.store.state.stop(StopID{ride.ID, PickupStop}).LeaveBy - 20*60)
	b.alcohol(t, "V-00")
	after := b.store.state.Rides[ride.ID]
	if after.State != Cancelled || after.Cancel != CancelProvider || after.Reason != string(StoodDown) {
		t.Fatalf("nobody else is there to drive, and the ride is %+v", after)
	}
	tells, err := b.Tells(t.Context(), "kurobe", testDay, TellFilter{Open: true, Ride: ride.ID, Reason: TellDropped})
	if err != nil || len(tells) != 1 || tells[0].Tell.Code != string(StoodDown) {
		t.Errorf("the rider must be told: %+v, %v", tells, err)
	}
	if err := b.signOn(t, "V-00", "D-2", "s2"); err != nil {
		t.Fatal(err)
	}
	rows, err := b.Outages(t.Context(), "kurobe", testDay)
	if err != nil || len(rows) == 0 || rows[0].Body.Until == 0 {
		t.Errorf("somebody else has signed on, and the shift is still out of service: %+v, %v", rows, err)
	}
	b.mustBook(t, trip("P-2", 1, 1, 9, 9, 12*3600), "k2")
}

func TestUndoGivesAPublishedRideBackAsPublished(t *testing.T) {
	for _, last := range []StepKind{StepNoShow, StepBoard} {
		b := newBench(t, 1)
		ride := b.mustBook(t, trip("P-1", 1, 1, 9, 9, 11*3600), "k1")
		if _, _, err := b.Publish(t.Context(), Actor{"staff"}, "kurobe", testDay, nil, PublishedByHand, "p1"); err != nil {
			t.Fatal(err)
		}
		stop := StopID{ride.ID, PickupStop}
		b.at(b.store.state.stop(stop).LeaveBy)
		for _, kind := range []StepKind{StepDepart, StepArrive, last, StepUndo} {
			if kind == last {
				b.at(ride.Promise.Pickup.Latest + 600)
			}
			_, err := b.Step(t.Context(), Actor{"driver"}, Step{
				Area: "kurobe", Day: testDay, Vehicle: "V-00", Kind: kind, Stop: stop, Device: b.now, Key: kind.String(), Override: true,
			})
			if err != nil && !errors.Is(err, ErrTooSoon) {
				t.Fatalf("%s: %v", kind, err)
			}
		}
		if got := b.store.state.Rides[ride.ID].State; got != Published {
			t.Errorf("after the undo of a %s the ride is %s, and the driver has it in the manifest", last, got)
		}
	}
}

// vanish takes a shift out of the calendar behind the desk's back, as another process may in the same moment in which somebody books.
func (b *bench) vanish(t *testing.T, shift vehicles.ShiftID) *areaDay {
	t.Helper()
	a, err := b.open(t.Context(), "kurobe", testDay)
	if err != nil {
		t.Fatal(err)
	}
	var left []vehicles.Shift
	for _, s := range a.given {
		if s.ID != shift {
			left = append(left, s)
		}
	}
	if len(left) == len(a.given) {
		t.Fatalf("there is no shift %s", shift)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.forgetLocked()
	if err := a.setFleet(t.Context(), a.calendar, left); err != nil {
		t.Fatal(err)
	}
	if err := a.refreshLocked(t.Context()); err != nil {
		t.Fatal(err)
	}
	a.openLooks() // those at hand have the calendar of before
	return a
}

func TestARouteOfAVanishedShiftIsAnOutageAndNeverThoseOfTheFirstShift(t *testing.T) {
	b := newBench(t, 3)
	var aboard, later *Ride
	for n := 0; later == nil; n++ { // two rides of one vehicle that is not the first
		ride := b.mustBook(t, trip(fmt.Sprint("P-", n), 1+n, 1, 9, 9-n, int32(9*3600+n*1800)), fmt.Sprint("k", n))
		switch van := b.vehicleOf(t, ride.ID); {
		case van == "V-00":
		case aboard == nil:
			aboard = ride
		case van == b.vehicleOf(t, aboard.ID):
			later = ride
		}
	}
	van, route := b.vehicleOf(t, aboard.ID), b.store.state.RouteOf(aboard.ID)
	b.at(route.Stops[0].LeaveBy)
	for _, kind := range []StepKind{StepDepart, StepArrive, StepBoard} {
		s := b.store.state.stop(StopID{aboard.ID, PickupStop})
		b.at(max(s.Arrive, s.Begin, b.second(t)))
		_, err := b.Step(t.Context(), Actor{"driver"}, Step{
			Area: "kurobe", Day: testDay, Vehicle: van, Kind: kind, Stop: s.StopID, Device: b.now, Key: kind.String(),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	a := b.vanish(t, vehicles.ShiftID("S-"+string(van)))
	if _, _, err := b.Lock(t.Context(), Actor{"staff"}, "kurobe", testDay, LockChange{Kind: LockVehicle, Rides: []RideID{later.ID}}, "l1"); !errors.Is(err, ErrWrongState) {
		t.Errorf("a ride is locked to a shift that does not take place: %v", err)
	}
	if got, err := b.Improve(t.Context(), "kurobe", testDay, ImproveOptions{Iterations: 50}); err != nil || got.Gain != 0 {
		t.Errorf("a plan that has to be mended first is improved: %+v, %v", got, err)
	}
	done, err := b.Mend(t.Context(), "kurobe", testDay)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(done.Fetched, []RideID{aboard.ID}) || len(done.Dropped) > 0 {
		t.Errorf("mended: %+v", done)
	}
	for _, id := range []RideID{aboard.ID, later.ID} {
		on := b.store.state.RouteOf(id)
		if on == nil {
			t.Fatalf("ride %s is on no route", id)
		}
		if _, runs := a.byShift[on.Shift]; !runs {
			t.Errorf("ride %s is still on %s", id, on.Shift)
		}
	}
	if tells := b.tells(t, TellFilter{Ride: aboard.ID, Open: true}); len(tells) != 1 {
		t.Errorf("who was aboard must be told who fetches them: %+v", tells)
	}
	b.sound(t)
	if again, err := b.Mend(t.Context(), "kurobe", testDay); err != nil || again.Revision != done.Revision {
		t.Errorf("mended again: %+v, %v", again, err)
	}
}

func TestARideOfAVanishedShiftCanBeCancelled(t *testing.T) {
	b := newBench(t, 1)
	ride := b.mustBook(t, trip("P-1", 1, 1, 9, 9, 11*3600), "k1")
	b.mustBook(t, trip("P-2", 1, 2, 9, 9, 11*3600), "k2")
	b.vanish(t, "S-V-00")
	if _, _, err := b.CancelRide(t.Context(), Actor{"caller"}, "kurobe", Cancellation{Ride: ride.ID, Reason: "CHANGED_MY_MIND"}, "c1"); err != nil {
		t.Fatal(err)
	}
	if route := b.store.state.RouteOf(ride.ID); route != nil {
		t.Errorf("a cancelled ride is on %s", route.Shift)
	}
}

func TestARideOfAVanishedShiftThatIsPlacedBeforeTheEngineMendsIsOnOneRoute(t *testing.T) {
	b := newBench(t, 2)
	req := trip("P-1", 1, 1, 9, 9, 0)
	req.Wish, req.MaxWait = Wish{Kind: DepartAfter, Window: Window{9 * 3600, 10 * 3600}}, 1800
	ride := b.mustBook(t, req, "k1")
	was := b.store.state.RouteOf(ride.ID).Shift
	if _, _, err := b.Lock(t.Context(), caller, "kurobe", testDay, LockChange{Kind: LockVehicle, Rides: []RideID{ride.ID}}, "l1"); err != nil {
		t.Fatal(err)
	}
	whole, _, _ := strings.Cut(string(was), "/")
	b.vanish(t, vehicles.ShiftID(whole))
	b.at(9 * 3600)
	if _, err := b.Activate(t.Context(), caller, "kurobe", Activation{Ride: ride.ID, Via: ViaPhone}, "a1"); err != nil {
		t.Fatal(err)
	}
	b.sound(t)
	route, now := b.store.state.RouteOf(ride.ID), b.store.state.Rides[ride.ID]
	if route == nil || route.Shift == was || now.Locks.Any() {
		t.Errorf("the ride is on %v, locked %+v", route, now.Locks)
	}
}

func TestAPlaceKeptOnAVanishedShiftStillTakesTheRidersTime(t *testing.T) {
	b := newBench(t, 2)
	req := trip("P-1", 1, 1, 9, 9, 10*3600)
	held, err := b.Hold(t.Context(), caller, "kurobe", b.quoteOf(t, req).Offers[0].Token, "h1")
	if err != nil || held.Ride == nil {
		t.Fatal(held, err)
	}
	whole, _, _ := strings.Cut(string(b.store.state.RouteOf(held.Ride.ID).Shift), "/")
	b.vanish(t, vehicles.ShiftID(whole))
	quote, err := b.Quote(t.Context(), caller, trip("P-1", 2, 2, 8, 8, 10*3600))
	if err != nil || len(quote.Offers) > 0 || len(quote.Refusals) != 1 || quote.Refusals[0].Cause != CauseOverlap {
		t.Errorf("while a place is kept for the rider at that time: %+v, %v", quote, err)
	}
	b.quoteOf(t, trip("P-2", 2, 2, 8, 8, 10*3600)) // for somebody else there is one
	b.at(b.second(t) + 61)                         // and for the rider once the place is not kept any more
	b.quoteOf(t, trip("P-1", 2, 2, 8, 8, 10*3600))
}

func TestARideLockedToATimePastTheMarginsDoesNotStopThePlanningOfItsDay(t *testing.T) {
	b := newBench(t, 2)
	ride := b.mustBook(t, trip("P-1", 1, 1, 9, 9, 10*3600), "k1")
	b.commit(t, func(a *areaDay) *Commit { // as after a repair that could not keep the margins
		after := a.state.Rides[ride.ID].next(Booked)
		after.Locks.At = after.Promise.ArriveBy - b.cfg.Rules.ArriveMargin + 3
		return &Commit{Rides: []RideChange{{Before: a.state.Rides[ride.ID], After: after}}}
	})
	whole, _, _ := strings.Cut(string(b.store.state.RouteOf(ride.ID).Shift), "/")
	b.vanish(t, vehicles.ShiftID(whole))
	b.quoteOf(t, trip("P-2", 2, 2, 8, 8, 11*3600))
	if _, err := b.Mend(t.Context(), "kurobe", testDay); err != nil {
		t.Fatal(err)
	}
	b.sound(t)
}

// second is the service-day second of the bench's clock.
func (b *bench) second(t *testing.T) int32 {
	t.Helper()
	second, err := b.Second(testDay, b.now)
	if err != nil {
		t.Fatal(err)
	}
	return second
}
