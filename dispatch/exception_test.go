package dispatch

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/swmaas/swmaas/vehicles"
)

// livePositions are where vehicles are, as the test says.
type livePositions []vehicles.Position

func (l *livePositions) Positions(context.Context, string) ([]vehicles.Position, error) {
	return *l, nil
}

func TestAVehicleIsExpectedByWhereItWasSeen(t *testing.T) {
	b := newBench(t, 1)
	seen := new(livePositions)
	b.cfg.Live = seen
	ride := b.mustBook(t, trip("P-1", 9, 9, 1, 1, 11*3600), "k1")
	door := StopID{ride.ID, PickupStop}
	leave := b.store.state.stop(door).LeaveBy
	b.at(leave)
	b.report(t, StepDepart, door)
	planned := b.expect(t, door)
	if planned.Seen || planned.Late != 0 {
		t.Errorf("by the plan alone: %+v", planned)
	}
	// Thirty-five minutes later it still stands at the start, 18 crossings of 50 s away from the door.
	b.at(leave + 2100)
	midnight, _ := b.Midnight(testDay)
	*seen = livePositions{{Vehicle: "V-00", At: corner(0, 0), Seen: midnight.Add(time.Duration(leave+2100) * time.Second)}}
	late := b.expect(t, door)
	if want := leave + 2100 + int32(float64(18*50)*b.cfg.Rules.TravelFactor); !late.Seen || max(late.Arrive-want, want-late.Arrive) > 5 { // a crossing is 500 m to a metre
		t.Errorf("expected at %d, want %d: %+v", late.Arrive, want, late)
	}
	if next := b.expect(t, StopID{ride.ID, DropoffStop}); next.Arrive <= late.Arrive {
		t.Errorf("the delay is not carried on: %+v", next)
	}
	if _, err := b.Tend(t.Context(), "kurobe", testDay); err != nil {
		t.Fatal(err)
	}
	if late.Late <= b.cfg.Rules.LateTolerance {
		t.Fatalf("the test shows nothing: late by %d s", late.Late)
	}
	if rows := b.tells(t, TellFilter{Open: true, Reason: TellLate}); len(rows) != 1 || rows[0].Tell.After.Pickup.Latest != late.Arrive {
		t.Errorf("the rider must be told: %+v", rows)
	}
	if list := b.alarms(t, LatePredicted); len(list) == 0 || list[0].Vehicle != "V-00" {
		t.Errorf("exceptions: %+v", list)
	}
	// It was seen at the door after all.
	(*seen)[0].At, (*seen)[0].Seen = corner(9, 9), midnight.Add(time.Duration(leave+2110)*time.Second)
	b.at(leave + 2110)
	if _, err := b.Tend(t.Context(), "kurobe", testDay); err != nil {
		t.Fatal(err)
	}
	if rows := b.tells(t, TellFilter{Open: true, Reason: TellLate}); b.expect(t, door).Late == 0 && len(rows) != 0 {
		t.Errorf("on time again: %+v", rows)
	}
	b.at(leave + 2110 + b.cfg.Rules.SilentAfter + 1)
	if list := b.alarms(t, VehicleSilent); len(list) != 1 {
		t.Errorf("not heard of for more than ten minutes: %+v", list)
	}
}

func (b *bench) expect(t *testing.T, stop StopID) ExpectedStop {
	t.Helper()
	list, err := b.Expected(t.Context(), "kurobe", testDay, "")
	if err != nil {
		t.Fatal(err)
	}
	k := slices.IndexFunc(list, func(e ExpectedStop) bool { return e.StopID == stop })
	if k < 0 {
		t.Fatalf("nothing is expected at %+v: %+v", stop, list)
	}
	return list[k]
}

func TestWhatIsNotAsItShouldBeIsListedByHowPressingItIs(t *testing.T) {
	b := checkedBench(t, 1)
	b.mustBook(t, trip("P-1", 1, 1, 9, 9, 11*3600), "k1")
	ride := b.mustBook(t, trip("P-2", 2, 1, 9, 9, 11*3600), "k2")
	if list, err := b.Exceptions(t.Context(), "kurobe", testDay); err != nil || len(list) != 0 {
		t.Fatalf("early in the morning: %+v, %v", list, err)
	}
	b.moveBy(t, ride.ID, 600, nil)
	_, _, err := b.Report(t.Context(), Actor{"driver"}, IncidentReport{
		Area: "kurobe", Day: testDay, Vehicle: "V-00", Kind: EmergencyCall, Severity: Critical, At: b.now, Outline: "胸が痛い",
	}, "i1")
	if err != nil {
		t.Fatal(err)
	}
	b.at(ride.Promise.Pickup.Latest + 20*60)
	list, err := b.Exceptions(t.Context(), "kurobe", testDay)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[ExceptionKind]bool{}
	for i, e := range list {
		kinds[e.Kind] = true
		if i > 0 && e.Severity > list[i-1].Severity {
			t.Errorf("%s is more pressing than %s before it", e.ID, list[i-1].ID)
		}
	}
	for _, want := range []ExceptionKind{IncidentRaised, LateNow, NotSignedOn, Untold} {
		if !kinds[want] {
			t.Errorf("%s is missing: %+v", want, list)
		}
	}
	if list[0].Kind != IncidentRaised || list[0].Ways[0].Code != WayEmergency {
		t.Errorf("first is %+v", list[0])
	}
	late := b.alarms(t, LateNow)[0]
	if _, _, err := b.SeeException(t.Context(), Actor{"staff-1"}, "kurobe", testDay, late.ID, "x1"); err != nil {
		t.Fatal(err)
	}
	if e := b.alarms(t, LateNow)[0]; e.Seen == nil || e.Seen.By != "staff-1" {
		t.Errorf("somebody looks after it: %+v", e)
	}
	b.at(ride.Promise.Pickup.Latest + 45*60)
	for _, e := range b.alarms(t, LateNow) {
		if e.ID == late.ID && e.Seen != nil && e.Severity > late.Severity {
			t.Errorf("it is more pressing than when somebody looked at it: %+v", e)
		}
	}
}

func TestAnIncidentIsOpenUntilItIsSettled(t *testing.T) {
	b := newBench(t, 1)
	row, _, err := b.Report(t.Context(), Actor{"driver"}, IncidentReport{
		Area: "kurobe", Day: testDay, Vehicle: "V-00", Kind: NearMiss, Severity: Warning, At: b.now.Add(2 * time.Hour), Outline: "飛び出し",
	}, "i1")
	if err != nil || row.Outline != "飛び出し" || row.Incident.Driver != "D-1" {
		t.Fatalf("%+v, %v", row, err)
	}
	if len(b.alarms(t, IncidentRaised)) != 1 {
		t.Error("it is no exception")
	}
	row, _, err = b.SettleIncident(t.Context(), Actor{"staff-1"}, "kurobe", testDay, row.ID, "原因: 見通し", "i2")
	if err != nil || row.Incident.OverBy != "staff-1" || row.Outline != "飛び出し\n原因: 見通し" {
		t.Errorf("%+v, %v", row, err)
	}
	if len(b.alarms(t, IncidentRaised)) != 0 {
		t.Error("it is settled and still an exception")
	}
}
