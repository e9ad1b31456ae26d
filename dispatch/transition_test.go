package dispatch

import (
	"errors"
	"testing"
)

func twoRides() (*Route, map[RideID]*Ride) {
	route := &Route{Shift: "S", Version: 4, Stops: stopsOf(
		StopID{"a", PickupStop}, StopID{"b", PickupStop}, StopID{"a", DropoffStop}, StopID{"b", DropoffStop})}
	return route, map[RideID]*Ride{"a": lineRide("a", 1, 3, 5000, 6200), "b": lineRide("b", 1.5, 3, 5000, 6200)}
}

// play applies steps one after the other and stops at the first that is refused.
func play(route *Route, rides map[RideID]*Ride, steps ...Step) (*Route, error) {
	for i, s := range steps {
		next, ride, _, err := applyStep(route, rides[s.Stop.Ride], s.Kind, s.Stop, int32(5000+100*i))
		if err != nil {
			return route, err
		}
		route, rides[s.Stop.Ride] = next, ride
	}
	return route, nil
}

func step(kind StepKind, ride RideID, stop StopKind) Step {
	return Step{Kind: kind, Stop: StopID{ride, stop}}
}

func TestARideIsDrivenFromDoorToDoor(t *testing.T) {
	route, rides := twoRides()
	got, err := play(route, rides,
		step(StepDepart, "a", PickupStop), step(StepArrive, "a", PickupStop), step(StepBoard, "a", PickupStop),
		step(StepArrive, "b", PickupStop), step(StepNoShow, "b", PickupStop),
		step(StepDepart, "a", DropoffStop), step(StepArrive, "a", DropoffStop), step(StepAlight, "a", DropoffStop))
	if err != nil {
		t.Fatal(err)
	}
	if rides["a"].State != Completed || rides["b"].State != NoShow {
		t.Errorf("a is %s and b is %s", rides["a"].State, rides["b"].State)
	}
	if want := (Actual{PickupArrive: 5100, Board: 5200, DropoffArrive: 5600, Alight: 5700}); rides["a"].Actual != want {
		t.Errorf("actual times of a: got %+v, want %+v", rides["a"].Actual, want)
	}
	if len(got.Stops) != 3 || got.Executed() != 3 || got.Version != 12 {
		t.Errorf("route has %d stops, %d executed, version %d; want 3, 3, 12", len(got.Stops), got.Executed(), got.Version)
	}
}

func TestImpossibleStepsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		steps []Step
		want  error
	}{
		"nobody alights who has not boarded":       {[]Step{step(StepArrive, "a", DropoffStop)}, ErrWrongState},
		"nobody boards before the vehicle arrives": {[]Step{step(StepBoard, "a", PickupStop)}, ErrWrongState},
		"a finished stop stays finished": {[]Step{
			step(StepArrive, "a", PickupStop), step(StepBoard, "a", PickupStop), step(StepArrive, "a", PickupStop),
		}, ErrWrongState},
		"a no-show needs a visit": {[]Step{step(StepNoShow, "a", PickupStop)}, ErrWrongState},
		"nothing to undo":         {[]Step{step(StepUndo, "a", PickupStop)}, ErrWrongState},
	} {
		t.Run(name, func(t *testing.T) {
			route, rides := twoRides()
			if _, err := play(route, rides, c.steps...); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestAStopTakenBeforeItsTurnMovesThere(t *testing.T) {
	route, rides := twoRides()
	got, err := play(route, rides, step(StepDepart, "a", PickupStop), step(StepArrive, "b", PickupStop))
	if err != nil {
		t.Fatal(err)
	}
	if got.Stops[0].StopID != (StopID{"b", PickupStop}) || got.Stops[1].State != Pending {
		t.Errorf("first stop %+v, second %+v; want b's pickup first and a's pending", got.Stops[0], got.Stops[1])
	}
}

func TestUndoTakesBackExactlyOneStep(t *testing.T) {
	route, rides := twoRides()
	arrived, err := play(route, rides, step(StepDepart, "a", PickupStop), step(StepArrive, "a", PickupStop))
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []StepKind{StepBoard, StepNoShow} {
		then := map[RideID]*Ride{"a": rides["a"], "b": rides["b"]}
		undone, err := play(arrived, then, step(kind, "a", PickupStop), step(StepUndo, "a", PickupStop))
		if err != nil {
			t.Fatal(err)
		}
		if then["a"].State != Booked || undone.Stops[0].State != Arrived || len(undone.Stops) != 4 {
			t.Errorf("after step %d and undo: ride %s, stop %d, %d stops", kind, then["a"].State, undone.Stops[0].State, len(undone.Stops))
		}
	}
}

// TestAReportOfThePastDoesNotTurnTheRouteBack: a device sends late, or its clock is behind.
func TestAReportOfThePastDoesNotTurnTheRouteBack(t *testing.T) {
	route, rides := twoRides()
	route, err := play(route, rides, step(StepArrive, "a", PickupStop), step(StepBoard, "a", PickupStop))
	if err != nil {
		t.Fatal(err)
	}
	left := route.Stops[0].Depart
	for _, kind := range []StepKind{StepDepart, StepArrive, StepBoard} {
		next, ride, _, err := applyStep(route, rides["b"], kind, StopID{"b", PickupStop}, left-600)
		if err != nil {
			t.Fatal(err)
		}
		route, rides["b"] = next, ride
	}
	b := route.Stops[1]
	if b.LeaveBy < left || b.Arrive < left || b.Begin < b.Arrive || b.Depart < b.Begin {
		t.Errorf("left the first stop at %d, then %+v", left, b)
	}
	if a := rides["b"].Actual; a.PickupArrive != left-600 || a.Board != left-600 {
		t.Errorf("what the device said is lost: %+v", a)
	}
}
