package dispatch

import (
	"context"
	"slices"
	"testing"

	"github.com/swmaas/swmaas/vehicles"
)

func TestRidesOfADayWhoseLastShiftVanishesAreDroppedAndMustBeTold(t *testing.T) {
	b := newBench(t, 1)
	aboard := b.mustBook(t, trip("P-1", 1, 1, 9, 9, 9*3600), "k1")
	later := b.mustBook(t, trip("P-2", 2, 1, 9, 9, 11*3600), "k2")
	call := trip("P-3", 1, 1, 9, 9, 0)
	call.Wish, call.MaxWait = Wish{Kind: DepartAfter, Window: Window{14 * 3600, 15 * 3600}}, 1800
	home := b.mustBook(t, call, "k3")
	if _, _, err := b.Lock(t.Context(), caller, "kurobe", testDay, LockChange{Kind: LockVehicle, Rides: []RideID{later.ID}}, "l1"); err != nil {
		t.Fatal(err)
	}
	door := StopID{aboard.ID, PickupStop}
	b.at(b.store.state.stop(door).LeaveBy)
	for _, kind := range []StepKind{StepDepart, StepArrive, StepBoard} {
		s := b.store.state.stop(door)
		b.at(max(s.Arrive, s.Begin, b.second(t)))
		b.report(t, kind, door)
	}
	b.vanish(t, "S-V-00")
	if list := b.alarms(t, RideUnserved); len(list) != 1 || list[0].Ride != later.ID {
		t.Errorf("who waits for a shift that does not take place any more: %+v", list)
	}
	done, err := b.Mend(t.Context(), "kurobe", testDay)
	if err != nil {
		t.Fatal(err)
	}
	dropped := []RideID{aboard.ID, later.ID}
	slices.Sort(dropped)
	if !slices.Equal(done.Dropped, dropped) || !slices.Equal(done.Waiting, []RideID{home.ID}) {
		t.Errorf("mended: %+v", done)
	}
	for id, want := range map[RideID]RideState{aboard.ID: Missed, later.ID: Cancelled, home.ID: Booked} {
		if got := b.store.state.Rides[id]; got.State != want || got.Locks.Any() && want == Cancelled {
			t.Errorf("ride %s is %s, locked %+v; want %s", id, got.State, got.Locks, want)
		}
		if on := b.store.state.RouteOf(id); on != nil {
			t.Errorf("ride %s is still on %s", id, on.Shift)
		}
	}
	for _, id := range dropped {
		if rows := b.tells(t, TellFilter{Open: true, Ride: id}); len(rows) != 1 || rows[0].Tell.Reason != TellDropped || rows[0].Tell.Code != CodeMended {
			t.Errorf("ride %s must be told: %+v", id, rows)
		}
	}
	if list := b.alarms(t, RideUnserved); len(list) != 0 {
		t.Errorf("nobody waits any more: %+v", list)
	}
	if again, err := b.Mend(t.Context(), "kurobe", testDay); err != nil || again.Revision != done.Revision || len(again.Dropped) > 0 {
		t.Errorf("mended again: %+v, %v", again, err)
	}
}

// rivalStore has another process write something right before the first commit that comes.
type rivalStore struct {
	*naiveStore
	rival func()
}

func (s *rivalStore) Commit(ctx context.Context, c *Commit) (int64, error) {
	if rival := s.rival; rival != nil {
		s.rival = nil
		rival()
	}
	return s.naiveStore.Commit(ctx, c)
}

func TestARepairThatAnotherProcessMadeFirstIsNotReported(t *testing.T) {
	b := newBench(t, 2)
	ride := b.mustBook(t, trip("P-1", 1, 1, 9, 9, 11*3600), "k1")
	shift := vehicles.ShiftID("S-" + string(b.vehicleOf(t, ride.ID)))
	other := newBench(t, 2)
	other.store, other.Desk.plans = b.store, b.store
	b.vanish(t, shift)
	other.vanish(t, shift)
	b.Desk.plans = &rivalStore{b.store, func() {
		done, err := other.Mend(t.Context(), "kurobe", testDay)
		if err != nil || !slices.Equal(done.Kept, []RideID{ride.ID}) {
			t.Errorf("the other process mends: %+v, %v", done, err)
		}
	}}
	done, err := b.Mend(t.Context(), "kurobe", testDay)
	if err != nil || len(done.Kept)+len(done.Retimed) > 0 || done.Revision != b.store.state.Revision {
		t.Errorf("nothing was left to mend: %+v, %v", done, err)
	}
}
