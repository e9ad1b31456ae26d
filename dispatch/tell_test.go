package dispatch

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// moveBy commits another promise for a ride, as somebody does who was not asked to by its rider.
func (b *bench) moveBy(t *testing.T, id RideID, by int32, fill func(*Commit)) {
	t.Helper()
	b.commit(t, func(a *areaDay) *Commit {
		after := a.state.Rides[id].next(a.state.Rides[id].State)
		after.Promise.Pickup.Earliest += by
		after.Promise.Pickup.Latest += by
		c := &Commit{Rides: []RideChange{{Before: a.state.Rides[id], After: after}}}
		if fill != nil {
			fill(c)
		}
		return c
	})
}

// commit makes a change past every command.
func (b *bench) commit(t *testing.T, decide func(*areaDay) *Commit) {
	t.Helper()
	a, err := b.open(t.Context(), "kurobe", testDay)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.change(context.Background(), IdempotencyKey{}, func() (*Commit, error) { return decide(a), nil }); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) tells(t *testing.T, f TellFilter) []TellRow {
	t.Helper()
	rows, err := b.Tells(t.Context(), "kurobe", testDay, f)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func (b *bench) confirmed(t *testing.T, id RideID) Promise {
	t.Helper()
	state, err := b.State(t.Context(), "kurobe", testDay)
	if err != nil {
		t.Fatal(err)
	}
	midnight, _ := b.Midnight(testDay)
	return state.Confirmed(id, midnight)
}

func (b *bench) told(t *testing.T, row TellRow) error {
	t.Helper()
	_, _, err := b.MarkTold(t.Context(), Actor{"staff-1"}, TellMark{
		Area: "kurobe", Day: testDay, ID: row.ID, Version: row.Version, Channel: "phone",
	}, "told "+string(row.ID)+time.Now().String())
	return err
}

func TestAPromiseDoesNotMoveWithoutSomebodyToBeTold(t *testing.T) {
	b := newBench(t, 2)
	ride := b.mustBook(t, trip("P-1", 1, 1, 9, 9, 11*3600), "k1")
	if rows := b.tells(t, TellFilter{}); len(rows) != 0 {
		t.Fatalf("somebody who has just booked must be told: %+v", rows)
	}
	first := ride.Promise
	b.moveBy(t, ride.ID, 600, func(c *Commit) { c.because(ride.ID, "", "CLOSURE") })
	b.moveBy(t, ride.ID, 300, nil)
	rows := b.tells(t, TellFilter{Open: true})
	if len(rows) != 1 {
		t.Fatalf("two moves make %d entries, want one", len(rows))
	}
	row := rows[0]
	if row.Tell.Before != first || row.Tell.After.Pickup.Earliest != first.Pickup.Earliest+900 || row.Tell.Reason != TellPromiseMoved {
		t.Errorf("it says %+v, of a promise %+v", row.Tell, first)
	}
	if want := first.Pickup.Earliest - 1800; row.Tell.Deadline != want {
		t.Errorf("deadline %d, want half an hour before the pickup, %d", row.Tell.Deadline, want)
	}
	if got := b.confirmed(t, ride.ID); got != first {
		t.Errorf("untold, %+v counts, want %+v", got, first)
	}
	if err := b.told(t, TellRow{ID: row.ID, Version: row.Version - 1}); !errors.Is(err, ErrChanged) {
		t.Errorf("what was told is not what is promised by now: %v", err)
	}
	if err := b.told(t, row); err != nil {
		t.Fatal(err)
	}
	if err := b.told(t, row); !errors.Is(err, ErrWrongState) {
		t.Errorf("told twice: %v", err)
	}
	if got := b.confirmed(t, ride.ID); got != row.Tell.After {
		t.Errorf("told, %+v counts, want %+v", got, row.Tell.After)
	}
	b.moveBy(t, ride.ID, 60, nil)
	if rows := b.tells(t, TellFilter{Open: true}); len(rows) != 1 || rows[0].Tell.Before != row.Tell.After {
		t.Errorf("after it was told, the next move makes %+v", rows)
	}
	if got := b.confirmed(t, ride.ID); got != row.Tell.After {
		t.Errorf("the last that was told counts: %+v, want %+v", got, row.Tell.After)
	}
	b.moveBy(t, ride.ID, -60, nil)
	if rows := b.tells(t, TellFilter{Open: true}); len(rows) != 0 {
		t.Errorf("moved back to what the rider knows, and still to be told: %+v", rows)
	}
}

func TestWhatWasToldAfterTheVehicleCameDoesNotCount(t *testing.T) {
	b := newBench(t, 2)
	ride := b.mustBook(t, trip("P-1", 1, 1, 9, 9, 11*3600), "k1")
	first := ride.Promise
	b.moveBy(t, ride.ID, 600, nil)
	b.at(first.Pickup.Latest)
	b.commit(t, func(a *areaDay) *Commit {
		after := a.state.Rides[ride.ID].next(Booked)
		after.Actual.PickupArrive = first.Pickup.Latest - 60
		return &Commit{Rides: []RideChange{{Before: a.state.Rides[ride.ID], After: after}}}
	})
	if err := b.told(t, b.tells(t, TellFilter{Open: true})[0]); err != nil {
		t.Fatal(err)
	}
	if got := b.confirmed(t, ride.ID); got != first {
		t.Errorf("told at the door, %+v counts, want %+v", got, first)
	}
}

func TestWhoAsksForTheChangeNeedNotBeTold(t *testing.T) {
	b := newBench(t, 2)
	ride := b.mustBook(t, trip("P-1", 1, 1, 9, 9, 11*3600), "k1")
	b.moveBy(t, ride.ID, 600, nil)
	b.moveBy(t, ride.ID, 600, func(c *Commit) { c.asked(ride.ID) })
	if rows := b.tells(t, TellFilter{Open: true}); len(rows) != 0 {
		t.Errorf("the rider has just heard it: %+v", rows)
	}
	state, _ := b.State(t.Context(), "kurobe", testDay)
	if got := b.confirmed(t, ride.ID); got != state.Rides[ride.ID].Promise {
		t.Errorf("%+v counts, want what the rider asked for, %+v", got, state.Rides[ride.ID].Promise)
	}
	if _, _, err := b.CancelRide(t.Context(), Actor{"staff-1"}, "kurobe", Cancellation{Ride: ride.ID}, "k2"); err != nil {
		t.Fatal(err)
	}
	if rows := b.tells(t, TellFilter{Open: true}); len(rows) != 0 {
		t.Errorf("who cancels knows it: %+v", rows)
	}
}

func TestWhoseRideIsDroppedMustBeTold(t *testing.T) {
	b := newBench(t, 2)
	ride := b.mustBook(t, trip("P-1", 1, 1, 9, 9, 11*3600), "k1")
	first := ride.Promise
	b.moveBy(t, ride.ID, 600, nil) // never told: it is outdated by what follows
	if _, _, err := b.CancelRide(t.Context(), Actor{"staff-1"}, "kurobe", Cancellation{Ride: ride.ID, Kind: CancelProvider, Reason: "SNOW"}, "k2"); err != nil {
		t.Fatal(err)
	}
	rows := b.tells(t, TellFilter{Open: true})
	if len(rows) != 1 || rows[0].Tell.Reason != TellDropped || rows[0].Tell.Before != first || rows[0].Tell.Code != "SNOW" {
		t.Fatalf("to be told: %+v", rows)
	}
	if say := rows[0].Say; !strings.HasPrefix(say.Ja, "大雪のため、") || !strings.HasPrefix(say.En, "Because of heavy snow, we cannot") {
		t.Errorf("it says %q, %q", say.Ja, say.En)
	}
}

func TestALateVehicleIsToldOnceAndAgainWhenItGrows(t *testing.T) {
	b := newBench(t, 1)
	ride := b.mustBook(t, trip("P-1", 1, 1, 9, 9, 11*3600), "k1")
	last := ride.Promise.Pickup.Latest
	expect := func(at int32) {
		t.Helper()
		b.commit(t, func(a *areaDay) *Commit {
			old := a.state.RouteOf(ride.ID)
			next := &Route{Shift: old.Shift, Version: old.Version + 1, Stops: append([]Stop(nil), old.Stops...)}
			next.Stops[0].Arrive, next.Stops[1].Arrive = at, at+900
			return &Commit{Routes: []*Route{next}}
		})
	}
	open := func() []TellRow { t.Helper(); return b.tells(t, TellFilter{Open: true, Reason: TellLate}) }
	if expect(last + 300); len(open()) != 0 {
		t.Error("five minutes late is within the tolerance")
	}
	if expect(last + 400); len(open()) != 1 || open()[0].Tell.After.Pickup.Latest != last+400 {
		t.Errorf("late: %+v", open())
	}
	if expect(last + 600); open()[0].Tell.After.Pickup.Latest != last+400 {
		t.Error("little more is not worth another call")
	}
	if err := b.told(t, open()[0]); err != nil {
		t.Fatal(err)
	}
	if expect(last + 650); len(open()) != 0 {
		t.Error("who was told that it is late is not called for every minute")
	}
	if expect(last + 900); len(open()) != 1 {
		t.Error("eight minutes more must be told")
	}
	if got := b.confirmed(t, ride.ID); got != ride.Promise {
		t.Errorf("a late vehicle is no new promise: %+v", got)
	}
	if expect(last); len(open()) != 0 {
		t.Error("on time again, and still to be told")
	}
}

func TestRemindersOfTheEveningComeOnce(t *testing.T) {
	b := newBench(t, 2)
	b.at(-5 * 3600)
	b.mustBook(t, trip("P-1", 1, 1, 9, 9, 10*3600), "k1")
	b.mustBook(t, trip("P-1", 9, 9, 1, 1, 15*3600), "k2")
	b.mustBook(t, trip("P-2", 2, 1, 9, 9, 11*3600), "k3")
	for range 2 {
		rows, err := b.EveningBefore(t.Context(), Actor{"staff-1"}, "kurobe", testDay)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != 2 || rows[0].Tell.Deadline != -4*3600 {
			t.Fatalf("reminders: %+v, want one for each of two riders, by 20:00", rows)
		}
		for _, row := range rows {
			if row.Tell.Rider == "P-1" && strings.Count(row.Say.Ja, "のお迎え") != 2 {
				t.Errorf("P-1 has two rides: %q", row.Say.Ja)
			}
		}
	}
}

func TestACallBackIsKeptUntilItWasMade(t *testing.T) {
	b := newBench(t, 1)
	by := b.now.Add(time.Hour)
	call := CallBack{Area: "kurobe", Day: testDay, Rider: "P-1", By: by, Subject: "帰りの時間"}
	row, _, err := b.PromiseCallBack(t.Context(), Actor{"staff-1"}, call, "k1")
	if err != nil || row.Remark != "帰りの時間" || row.Tell.Deadline != 8*3600 {
		t.Fatalf("%+v, %v", row, err)
	}
	row, _, err = b.TellAttempt(t.Context(), Actor{"staff-1"}, "kurobe", testDay, row.ID, "k2")
	if err != nil || row.Tell.Tries != 1 || row.Tell.Told != nil {
		t.Fatalf("after an attempt: %+v, %v", row, err)
	}
	b.at(8*3600 + 1)
	if rows := b.tells(t, TellFilter{Open: true}); len(rows) != 1 || !rows[0].Overdue {
		t.Errorf("past its deadline: %+v", rows)
	}
	if _, _, err := b.PromiseCallBack(t.Context(), Actor{"staff-1"}, CallBack{Area: "kurobe", Day: testDay, Rider: "P-1"}, "k3"); !errors.Is(err, ErrInvalid) {
		t.Errorf("a call back about nothing: %v", err)
	}
}
