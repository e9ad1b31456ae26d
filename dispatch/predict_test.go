package dispatch

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/swmaas/swmaas/vehicles"
)

// busy books a dozen rides before and after noon.
func (b *bench) busy(t *testing.T) {
	t.Helper()
	for i := range 12 {
		hour := []int32{10, 11, 15, 16}[i%4]
		b.mustBook(t, trip(fmt.Sprintf("P-%d", i), 1+i%9, 1+i%7, 9-i%8, 8, hour*3600), fmt.Sprint("k", i))
	}
}

// predicted asks for what is predicted of every ride of the day.
func (b *bench) predicted(t *testing.T) map[RideID]Prediction {
	t.Helper()
	all := map[RideID]Prediction{}
	for shift := range b.store.state.Routes {
		list, err := b.Predict(t.Context(), "kurobe", testDay, shift)
		if err != nil {
			t.Fatal(err)
		}
		for id, p := range list {
			all[id] = p
		}
	}
	return all
}

// expectations is the same by Expected, which looks at every shift anew.
func (b *bench) expectations(t *testing.T) map[RideID]Prediction {
	t.Helper()
	list, err := b.Expected(t.Context(), "kurobe", testDay, "")
	if err != nil {
		t.Fatal(err)
	}
	all := map[RideID]Prediction{}
	for _, e := range list {
		p := all[e.Ride]
		switch {
		case e.State == Arrived:
		case e.Kind == PickupStop:
			p.Pickup = e.Arrive
		default:
			p.Arrival = e.Arrive
		}
		if p != (Prediction{}) {
			all[e.Ride] = p
		}
	}
	return all
}

func TestWhatIsPredictedOfARideIsWhatIsExpectedOfItsVehicle(t *testing.T) {
	b := newBench(t, 3)
	b.busy(t)
	compared := 0
	for second := int32(7 * 3600); second < 17*3600; second += 7*60 + 13 {
		if second%3 == 0 {
			b.at(second) // nobody reports anything: the vehicles are late by the clock
		} else {
			b.drive(t, second)
		}
		got, want := b.predicted(t), b.expectations(t)
		if len(got) != len(want) {
			t.Fatalf("at %s %d rides are predicted, %d expected", clockText(second), len(got), len(want))
		}
		for id, p := range want {
			compared++
			if got[id] != p {
				t.Errorf("at %s ride %s: predicted %+v, expected %+v", clockText(second), id, got[id], p)
			}
		}
	}
	if compared < 200 {
		t.Errorf("only %d were compared", compared)
	}
}

func TestAPredictionIsGivenAgainUntilTheRouteOrTheClockMovesOn(t *testing.T) {
	b := newBench(t, 1)
	seen := new(livePositions)
	b.cfg.Live = seen
	ride := b.mustBook(t, trip("P-1", 9, 9, 1, 1, 11*3600), "k1")
	door := StopID{ride.ID, PickupStop}
	leave := b.store.state.stop(door).LeaveBy
	b.at(leave)
	b.report(t, StepDepart, door)
	first := b.predicted(t)[ride.ID]
	b.at(leave + 600)
	midnight := b.midnight(t)
	*seen = livePositions{{Vehicle: "V-00", At: corner(0, 0), Seen: midnight.Add(time.Duration(leave+600) * time.Second)}}
	second := b.predicted(t)[ride.ID]
	if second.Pickup <= first.Pickup {
		t.Fatalf("ten minutes of standing still: %+v, then %+v", first, second)
	}
	*seen = livePositions{{Vehicle: "V-00", At: corner(9, 9), Seen: midnight.Add(time.Duration(leave+605) * time.Second)}}
	b.at(leave + 605)
	if again := b.predicted(t)[ride.ID]; again != second {
		t.Errorf("five seconds later: %+v, was %+v", again, second)
	}
	b.at(leave + 610)
	if third := b.predicted(t)[ride.ID]; third.Pickup >= second.Pickup {
		t.Errorf("ten seconds later, seen at the door: %+v", third)
	}
	b.report(t, StepArrive, door)
	if there := b.predicted(t)[ride.ID]; there.Pickup != 0 || there.Arrival == 0 {
		t.Errorf("at the door: %+v", there)
	}
}

// brokenPositions is a store of positions that cannot be read.
type brokenPositions struct{}

func (brokenPositions) Positions(context.Context, string) ([]vehicles.Position, error) {
	return nil, errors.New("no positions")
}

func TestAPredictionDoesWithoutPositions(t *testing.T) {
	b := newBench(t, 1)
	b.cfg.Live = brokenPositions{}
	ride := b.mustBook(t, trip("P-1", 9, 9, 1, 1, 11*3600), "k1")
	door := StopID{ride.ID, PickupStop}
	b.at(b.store.state.stop(door).LeaveBy)
	b.report(t, StepDepart, door)
	if p := b.predicted(t)[ride.ID]; p.Pickup != b.store.state.stop(door).Arrive {
		t.Errorf("%+v, planned for %d", p, b.store.state.stop(door).Arrive)
	}
}

func TestAVehicleHasItsFillOfMessages(t *testing.T) {
	b := newBench(t, 1)
	for i := range maxMessages {
		m := MessageDraft{Area: "kurobe", Day: testDay, Vehicle: "V-00", Office: true, Text: fmt.Sprint("word ", i)}
		if _, _, err := b.SendMessage(t.Context(), Actor{"staff"}, m, fmt.Sprint("m", i)); err != nil {
			t.Fatal(err)
		}
	}
	one := MessageDraft{Area: "kurobe", Day: testDay, Vehicle: "V-00", Canned: "UNDERSTOOD"}
	if _, _, err := b.SendMessage(t.Context(), Actor{"driver"}, one, "more"); !errors.Is(err, ErrWrongState) {
		t.Errorf("one more: %v", err)
	}
	m, err := b.Manifest(t.Context(), "kurobe", testDay, "V-00")
	if err != nil || len(m.Messages) != maxMessages {
		t.Fatalf("%d of %d unread messages are with the manifest, %v", len(m.Messages), maxMessages, err)
	}
	if _, err := b.ReadMessages(t.Context(), Actor{"driver"}, "kurobe", testDay, "V-00", false, maxMessages-3, "r"); err != nil {
		t.Fatal(err)
	}
	after, err := b.Manifest(t.Context(), "kurobe", testDay, "V-00")
	if err != nil || len(after.Messages) != readMessages || after.Version != m.Version+maxMessages-3 || !after.Messages[readMessages-1].Message.Read.IsZero() {
		t.Errorf("after the driver read all but three: %d messages at version %d, was %d, %v", len(after.Messages), after.Version, m.Version, err)
	}
}

func TestAWhatIfIsBrokenOffWithItsCaller(t *testing.T) {
	b := newBench(t, 3)
	b.busy(t)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	begun := time.Now()
	_, err := b.WhatIf(ctx, "kurobe", testDay, WhatIf{Without: []vehicles.VehicleID{"V-01"}, Iterations: 100 * whatIfIterations})
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) > 30*time.Second {
		t.Errorf("%v after %v", err, time.Since(begun))
	}
}
