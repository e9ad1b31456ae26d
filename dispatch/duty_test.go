package dispatch

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/swmaas/swmaas/vehicles"
)

// checked is a bench on which nobody leaves without a check.
func checkedBench(t *testing.T, vans int) *bench {
	b := newBench(t, vans)
	b.cfg.Unchecked = false
	return b
}

func (b *bench) signOn(t *testing.T, van vehicles.VehicleID, driver vehicles.DriverID, key string) error {
	t.Helper()
	_, _, err := b.SignOn(t.Context(), Actor{"driver"}, SignOn{Area: "kurobe", Day: testDay, Vehicle: van, Driver: driver, At: b.now}, key)
	return err
}

func (b *bench) check(t *testing.T, van vehicles.VehicleID, key string, change func(*vehicles.SafetyCheck)) ([]vehicles.CheckFault, error) {
	t.Helper()
	c := vehicles.SafetyCheck{
		At: b.now, Checker: "M-1", CheckerOf: "F-1", Method: vehicles.FaceToFace, Detector: "A-7", Looked: vehicles.InspectedParts(), Odometer: 41_200,
	}
	if change != nil {
		change(&c)
	}
	r, err := b.Check(t.Context(), Actor{"office"}, CheckReport{Area: "kurobe", Day: testDay, Vehicle: van, Check: c, Instructions: "凍結に注意"}, key)
	if err != nil {
		return nil, err
	}
	return r.Faults, nil
}

func TestNobodyLeavesInTheMomentInWhichTheirCheckFailsAtAnotherDesk(t *testing.T) {
	b := checkedBench(t, 1)
	ride := b.mustBook(t, trip("P-1", 1, 1, 9, 9, 11*3600), "k1")
	b.at(8 * 3600)
	if err := b.signOn(t, "V-00", "D-1", "s1"); err != nil {
		t.Fatal(err)
	}
	if faults, err := b.check(t, "V-00", "c1", nil); err != nil || len(faults) > 0 {
		t.Fatal(faults, err)
	}
	two := b.beside(t, 1)
	two.cfg.Unchecked = false
	if _, err := two.State(t.Context(), "kurobe", testDay); err != nil { // from now on it has not heard of anything
		t.Fatal(err)
	}
	if faults, err := b.check(t, "V-00", "c2", func(c *vehicles.SafetyCheck) { c.Reading = 150 }); err != nil || len(faults) == 0 {
		t.Fatal(faults, err)
	}
	_, err := two.Step(t.Context(), Actor{"driver"}, Step{
		Area: "kurobe", Day: testDay, Vehicle: "V-00", Kind: StepDepart, Stop: StopID{ride.ID, PickupStop}, Device: b.now,
	})
	if !errors.Is(err, ErrUnchecked) {
		t.Errorf("alcohol was found, and the driver leaves: %v", err)
	}
}

func TestNobodyLeavesWithoutAPassedCheck(t *testing.T) {
	b := checkedBench(t, 1)
	ride := b.mustBook(t, trip("P-1", 1, 1, 9, 9, 11*3600), "k1")
	b.at(8 * 3600)
	leave := func() error {
		_, err := b.Step(t.Context(), Actor{"driver"}, Step{
			Area: "kurobe", Day: testDay, Vehicle: "V-00", Kind: StepDepart, Stop: StopID{ride.ID, PickupStop}, Device: b.now,
		})
		return err
	}
	if err := leave(); !errors.Is(err, ErrUnchecked) || !strings.Contains(err.Error(), "signed on") {
		t.Errorf("nobody has signed on: %v", err)
	}
	if _, err := b.check(t, "V-00", "c0", nil); !errors.Is(err, ErrWrongState) {
		t.Errorf("a check of nobody: %v", err)
	}
	if err := b.signOn(t, "V-00", "D-1", "s1"); err != nil {
		t.Fatal(err)
	}
	if err := leave(); !errors.Is(err, ErrUnchecked) || !strings.Contains(err.Error(), "no passed check") {
		t.Errorf("without a check: %v", err)
	}
	faults, err := b.check(t, "V-00", "c1", func(c *vehicles.SafetyCheck) { c.Defects = []vehicles.InspectedPart{vehicles.Brakes} })
	if err != nil || len(faults) != 1 || faults[0] != vehicles.VehicleDefect {
		t.Fatalf("brakes that do not hold: %v, %v", faults, err)
	}
	if err := leave(); !errors.Is(err, ErrUnchecked) {
		t.Errorf("with a failed check: %v", err)
	}
	if faults, err := b.check(t, "V-00", "c2", nil); err != nil || len(faults) > 0 {
		t.Fatalf("%v, %v", faults, err)
	}
	if err := leave(); err != nil {
		t.Errorf("after a passed check: %v", err)
	}
	if _, _, err := b.SignOff(t.Context(), Actor{"driver"}, SignOn{Area: "kurobe", Day: testDay, Vehicle: "V-00", At: b.now}, "o1"); !errors.Is(err, ErrUnchecked) {
		t.Errorf("signed off without the check after the duty: %v", err)
	}
	if faults, err := b.check(t, "V-00", "c3", func(c *vehicles.SafetyCheck) { c.After, c.Odometer = true, 41_260 }); err != nil || len(faults) > 0 {
		t.Fatalf("%v, %v", faults, err)
	}
	duty, _, err := b.SignOff(t.Context(), Actor{"driver"}, SignOn{Area: "kurobe", Day: testDay, Vehicle: "V-00", At: b.now}, "o2")
	if err != nil || duty.Off.IsZero() || duty.Checks != 3 {
		t.Errorf("%+v, %v", duty, err)
	}
}

func TestAlcoholStandsTheDriverDownAndASubstituteDrives(t *testing.T) {
	b := checkedBench(t, 1)
	ride := b.mustBook(t, trip("P-1", 1, 1, 9, 9, 11*3600), "k1")
	a, err := b.open(t.Context(), "kurobe", testDay)
	if err != nil {
		t.Fatal(err)
	}
	a.calendar.Fleet.Drivers = []vehicles.Driver{{ID: "D-2", Licence: vehicles.FirstClass}, {ID: "D-3"}}
	b.at(8 * 3600)
	if err := b.signOn(t, "V-00", "D-1", "s1"); err != nil {
		t.Fatal(err)
	}
	faults, err := b.check(t, "V-00", "c1", func(c *vehicles.SafetyCheck) { c.Reading = 150 })
	if err != nil || len(faults) != 1 || faults[0] != vehicles.AlcoholFound {
		t.Fatalf("%v, %v", faults, err)
	}
	if list := b.alarms(t, DriverStoodDown); len(list) != 1 || list[0].Severity != Critical || list[0].Ways[0].Code != WaySubstitute {
		t.Errorf("exceptions: %+v", list)
	}
	if _, err := b.check(t, "V-00", "c2", nil); !errors.Is(err, ErrWrongState) {
		t.Errorf("who was stood down is not checked again: %v", err)
	}
	for driver, want := range map[vehicles.DriverID]error{"D-1": ErrWrongState, "D-3": ErrUnqualified, "D-9": ErrNotFound} {
		if err := b.signOn(t, "V-00", driver, "s-"+string(driver)); !errors.Is(err, want) {
			t.Errorf("%s signs on: %v, want %v", driver, err, want)
		}
	}
	if err := b.signOn(t, "V-00", "D-2", "s2"); err != nil {
		t.Fatal(err)
	}
	shifts, err := b.Shifts(t.Context(), "kurobe", testDay)
	if err != nil || shifts[0].Driver != "D-2" {
		t.Errorf("the plan reckons with %s, %v", shifts[0].Driver, err)
	}
	if faults, err := b.check(t, "V-00", "c3", nil); err != nil || len(faults) > 0 {
		t.Fatalf("%v, %v", faults, err)
	}
	b.drive(t, b.store.state.stop(StopID{ride.ID, PickupStop}).Arrive)
	if len(b.alarms(t, DriverStoodDown)) > 0 {
		t.Error("somebody else drives, and still an exception")
	}
}

func (b *bench) alarms(t *testing.T, kind ExceptionKind) (out []Alarm) {
	t.Helper()
	list, err := b.Exceptions(t.Context(), "kurobe", testDay)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if e.Say.Ja == "" || e.Say.En == "" || len(e.Ways) == 0 || e.Ways[0].Say.Ja == "" {
			t.Errorf("%s says nothing, or not what can be done: %+v", e.ID, e)
		}
		if e.Kind == kind {
			out = append(out, e)
		}
	}
	return out
}

func TestADriverWaitsAndKnocksBeforeGivingUp(t *testing.T) {
	b := newBench(t, 1)
	ride := b.mustBook(t, trip("P-1", 1, 1, 9, 9, 11*3600), "k1")
	back := trip("P-1", 9, 9, 1, 1, 0)
	back.Wish, back.Linked = Wish{DepartAfter, Window{13*3600 + 1800, 15 * 3600}}, ride.ID
	b.at(7 * 3600)
	home := b.mustBook(t, back, "k2")
	door := StopID{ride.ID, PickupStop}
	b.drive(t, b.store.state.stop(door).Arrive)
	give := func(override bool) error {
		_, err := b.Step(t.Context(), Actor{"driver"}, Step{
			Area: "kurobe", Day: testDay, Vehicle: "V-00", Kind: StepNoShow, Stop: door, Device: b.now, Override: override,
		})
		return err
	}
	until := b.cfg.Rules.giveUpAt(b.store.state.Rides[ride.ID])
	if b.at(until - 1); !errors.Is(give(false), ErrTooSoon) {
		t.Error("given up before the time of grace was over")
	}
	if b.at(until); !errors.Is(give(false), ErrTooSoon) {
		t.Error("given up without a knock")
	}
	b.report(t, StepKnocked, door)
	if err := give(false); err != nil {
		t.Fatal(err)
	}
	if r := b.store.state.Rides[ride.ID]; r.State != NoShow {
		t.Errorf("it is %s", r.State)
	}
	open := map[TellReason]RideID{}
	for _, row := range b.tells(t, TellFilter{Open: true}) {
		open[row.Tell.Reason] = row.Tell.Ride
	}
	if open[TellWatchOver] != ride.ID || open[TellReturnOpen] != home.ID {
		t.Errorf("somebody must look after them and ask about the way home: %v", open)
	}
	b.at(until + 60)
	if list := b.alarms(t, NoFollowUp); len(list) != 1 {
		t.Errorf("exceptions: %+v", list)
	}
	b.report(t, StepUndo, door)
	if rows := b.tells(t, TellFilter{Open: true}); len(rows) > 0 {
		t.Errorf("taken back, and still to be told: %+v", rows)
	}
}

func TestALateVehicleMakesTheRideMissedAndNotANoShow(t *testing.T) {
	b := newBench(t, 1)
	ride := b.mustBook(t, trip("P-1", 1, 1, 9, 9, 11*3600), "k1")
	door := StopID{ride.ID, PickupStop}
	b.at(ride.Promise.Pickup.Latest + b.cfg.Rules.LateTolerance + 1)
	b.report(t, StepDepart, door)
	b.report(t, StepArrive, door)
	b.giveUp(t, door)
	r := b.store.state.Rides[ride.ID]
	if r.State != Missed || r.Reason != ReasonLate {
		t.Errorf("it is %s because %s", r.State, r.Reason)
	}
	if rows := b.tells(t, TellFilter{Open: true, Reason: TellDropped}); len(rows) != 1 {
		t.Errorf("the rider must hear it: %+v", rows)
	}
}

func TestStepsComeLateTwiceAndOutOfOrder(t *testing.T) {
	b := newBench(t, 1)
	ride := b.mustBook(t, trip("P-1", 1, 1, 9, 9, 11*3600), "k1")
	door, there := StopID{ride.ID, PickupStop}, StopID{ride.ID, DropoffStop}
	begin := ride.Promise.Pickup.Earliest
	step := func(seq int64, kind StepKind, stop StopID, at int32) Step {
		midnight, _ := b.Midnight(testDay)
		return Step{
			Area: "kurobe", Day: testDay, Vehicle: "V-00", Kind: kind, Stop: stop, Device: midnight.Add(time.Duration(at) * time.Second),
			Sender: "device-1", Seq: seq,
		}
	}
	steps := []Step{
		step(1, StepDepart, door, begin-600), step(2, StepArrive, door, begin), step(3, StepAlight, there, begin+30), // not aboard yet
		step(4, StepBoard, door, begin+60), step(5, StepArrive, there, begin+900), step(6, StepAlight, there, begin+960),
	}
	b.at(begin + 1000)
	for _, n := range []int{1, 0, 0, 5, 4, 3, 1, 2, 2, 5} {
		r, err := b.Step(t.Context(), Actor{"driver"}, steps[n])
		if n == 2 {
			if want := int64(7); r.Next != want {
				t.Errorf("after step 3 has come the next is %d, want %d", r.Next, want)
			}
		} else if err != nil {
			t.Errorf("step %d: %v", n+1, err)
		}
	}
	r := b.store.state.Rides[ride.ID]
	if want := (Actual{begin, begin + 60, begin + 900, begin + 960}); r.State != Completed || r.Actual != want {
		t.Errorf("it is %s: %+v, want %+v", r.State, r.Actual, want)
	}
	counts := map[EventKind]int{}
	for _, e := range b.store.events {
		counts[e.Kind]++
		if e.Kind == RideBoarded && e.Device.IsZero() {
			t.Error("the device's time is not kept beside the service's")
		}
	}
	if counts[RideBoarded] != 1 || counts[VehicleArrived] != 2 || counts[StepRefused] != 1 || counts[StepHeld] == 0 {
		t.Errorf("events: %v", counts)
	}
}

func TestAStepThatWasLostDoesNotHoldUpTheOthersForEver(t *testing.T) {
	b := newBench(t, 1)
	ride := b.mustBook(t, trip("P-1", 1, 1, 9, 9, 11*3600), "k1")
	door := StopID{ride.ID, PickupStop}
	b.at(ride.Promise.Pickup.Earliest)
	send := func(seq int64, kind StepKind) StepResult {
		t.Helper()
		r, err := b.Step(t.Context(), Actor{"driver"}, Step{
			Area: "kurobe", Day: testDay, Vehicle: "V-00", Kind: kind, Stop: door, Device: b.now, Sender: "device-1", Seq: seq,
		})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := send(2, StepArrive); !r.Held || r.Next != 1 {
		t.Errorf("the first is missing: %+v", r)
	}
	if list := b.alarms(t, StepsHeld); len(list) != 1 {
		t.Errorf("exceptions: %+v", list)
	}
	b.at(ride.Promise.Pickup.Earliest + 299)
	if _, err := b.Tend(t.Context(), "kurobe", testDay); err != nil || b.store.state.stop(door).State != Pending {
		t.Errorf("taken too soon: %v", err)
	}
	b.at(ride.Promise.Pickup.Earliest + 300)
	if _, err := b.Tend(t.Context(), "kurobe", testDay); err != nil || b.store.state.stop(door).State != Arrived {
		t.Errorf("not taken: %v", err)
	}
	if r := b.store.state.Rides[ride.ID]; r.Actual.PickupArrive != ride.Promise.Pickup.Earliest {
		t.Errorf("arrived at %d, want by the clock of the device", r.Actual.PickupArrive)
	}
	if r := send(3, StepBoard); r.Held || r.Next != 4 {
		t.Errorf("the next: %+v", r)
	}
}

func TestThePlannedDriverDoesNotComeBackToRidersThatOnlyTheSubstituteMayDrive(t *testing.T) {
	b := checkedBench(t, 1)
	a, err := b.open(t.Context(), "kurobe", testDay)
	if err != nil {
		t.Fatal(err)
	}
	a.calendar.Fleet.Drivers = []vehicles.Driver{{ID: "D-2", Licence: vehicles.FirstClass}}
	if err := b.signOn(t, "V-00", "D-2", "s1"); err != nil {
		t.Fatal(err)
	}
	req := trip("P-1", 1, 1, 9, 9, 11*3600)
	req.Party.NotDrivers = []vehicles.DriverID{"D-1"}
	ride := b.mustBook(t, req, "k1")
	if err := b.signOn(t, "V-00", "D-1", "s2"); !errors.Is(err, ErrUnqualified) {
		t.Errorf("the planned driver signs on: %v", err)
	}
	if _, _, err := b.CancelRide(t.Context(), Actor{"test"}, "kurobe", Cancellation{Ride: ride.ID, Reason: "CHANGED_MY_MIND"}, "k2"); err != nil {
		t.Fatal(err)
	}
	if err := b.signOn(t, "V-00", "D-1", "s3"); err != nil {
		t.Errorf("nothing stands in the planned driver's way any more: %v", err)
	}
}

func TestACheckThatIsReportedAgainAnswersAsThen(t *testing.T) {
	b := checkedBench(t, 1)
	b.at(8 * 3600)
	if err := b.signOn(t, "V-00", "D-1", "s1"); err != nil {
		t.Fatal(err)
	}
	defect := func(c *vehicles.SafetyCheck) { c.Defects = []vehicles.InspectedPart{vehicles.Brakes} }
	for _, key := range []string{"c1", "c1"} {
		if faults, err := b.check(t, "V-00", key, defect); err != nil || !slices.Equal(faults, []vehicles.CheckFault{vehicles.VehicleDefect}) {
			t.Fatalf("brakes that do not hold: %v, %v", faults, err)
		}
	}
	if faults, err := b.check(t, "V-00", "c2", nil); err != nil || len(faults) > 0 {
		t.Fatalf("%v, %v", faults, err)
	}
	if faults, err := b.check(t, "V-00", "c1", defect); err != nil || !slices.Equal(faults, []vehicles.CheckFault{vehicles.VehicleDefect}) {
		t.Errorf("the check that was not passed, again after one that was: %v, %v", faults, err)
	}
	b.rename(t, "S-V-00", "S-9")
	if faults, err := b.check(t, "V-00", "c1", defect); err != nil || !slices.Equal(faults, []vehicles.CheckFault{vehicles.VehicleDefect}) {
		t.Errorf("again, when the calendar has another shift: %v, %v", faults, err)
	}
	on := SignOn{Area: "kurobe", Day: testDay, Vehicle: "V-00", Driver: "D-1", At: b.now}
	if duty, _, err := b.SignOn(t.Context(), Actor{"driver"}, on, "s1"); err != nil || duty.Shift != "S-V-00" || duty.Checks != 2 {
		t.Errorf("signed on again, when the calendar has another shift: %+v, %v", duty, err)
	}
	if _, err := b.check(t, "V-00", "c3", nil); !errors.Is(err, ErrWrongState) {
		t.Errorf("a check of the other shift, which nobody has signed on to: %v", err)
	}
}

// rename puts another shift into the calendar in the place of one, with all else as it was.
func (b *bench) rename(t *testing.T, from, to vehicles.ShiftID) {
	t.Helper()
	a, err := b.open(t.Context(), "kurobe", testDay)
	if err != nil {
		t.Fatal(err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	given := slices.Clone(a.given)
	given[slices.IndexFunc(given, func(s vehicles.Shift) bool { return s.ID == from })].ID = to
	a.forgetLocked()
	if err := a.setFleet(t.Context(), a.calendar, given); err != nil {
		t.Fatal(err)
	}
	if err := a.refreshLocked(t.Context()); err != nil {
		t.Fatal(err)
	}
	a.openLooks() // those at hand have the calendar of before
}
