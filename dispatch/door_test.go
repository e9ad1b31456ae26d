package dispatch

import "testing"

// The day of seed 3 of the demo had it so: a van with somebody aboard stood at a door that nobody opened until the promise of the one who
// did not come was over, and the one inside rode for a quarter of an hour longer than was promised.
func TestWhoeverIsAboardIsNotKeptAtADoorThatNobodyOpensUntilTheOthersPromiseIsOver(t *testing.T) {
	b := newBench(t, 1)
	aboard := b.mustBook(t, trip("P-1", 1, 1, 9, 9, 10*3600), "k1")
	absent := b.mustBook(t, trip("P-2", 4, 4, 9, 9, 10*3600), "k2")
	door := StopID{absent.ID, PickupStop}
	if r := b.store.state.RouteOf(absent.ID); r != b.store.state.RouteOf(aboard.ID) || r.Stops[1].StopID != door {
		t.Fatalf("they do not share the van: %+v", r.Stops)
	}
	b.drive(t, b.store.state.stop(door).Arrive)
	came := max(b.store.state.Rides[absent.ID].Actual.PickupArrive, absent.Promise.Pickup.Earliest)
	b.giveUp(t, door)
	waited := b.store.state.stop(door).Depart - came
	if spare := absent.Promise.Pickup.Latest - came; waited > b.cfg.Rules.NoShowGrace || spare <= b.cfg.Rules.NoShowGrace {
		t.Errorf("waited for %d s at the door, with %d s left of the promise", waited, spare)
	}
	b.drive(t, 11*3600)
	done := b.store.state.Rides[aboard.ID]
	if rode := done.Actual.DropoffArrive - done.Actual.Board; done.State != Completed || rode > done.Promise.MaxRide {
		t.Errorf("%s after %d s aboard, %d s were promised", done.State, rode, done.Promise.MaxRide)
	}
}
