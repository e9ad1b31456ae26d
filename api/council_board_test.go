package api

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/vehicles"
)

// validBoard is a request of a method of the board that keeps all rules of its message.
func validBoard(method, area string) proto.Message {
	switch method {
	case swmaasv1.Council_ListExpectedStops_FullMethodName:
		return &swmaasv1.ListExpectedStopsRequest{Area: area, ServiceDate: serviceDate}
	case swmaasv1.Council_ListManifests_FullMethodName:
		return &swmaasv1.ListManifestsRequest{Area: area, ServiceDate: serviceDate}
	case swmaasv1.Council_ListOverrides_FullMethodName:
		return &swmaasv1.ListOverridesRequest{Area: area, ServiceDate: serviceDate}
	case swmaasv1.Council_QuoteWhatIf_FullMethodName:
		return &swmaasv1.QuoteWhatIfRequest{Area: area, ServiceDate: serviceDate, WithoutVehicleIds: []string{"V-01"}, Iterations: 1}
	case swmaasv1.Council_RecordNoShow_FullMethodName:
		return &swmaasv1.RecordNoShowRequest{IdempotencyKey: "k", Area: area, RideId: serviceDate + ".0001", Reason: "OTHER"}
	}
	return nil
}

// drive reports steps of a vehicle, each of a ride's pickup.
func (d *day) drive(t testing.TB, ctx context.Context, ride *swmaasv1.Ride, when *timestamppb.Timestamp, kinds ...swmaasv1.StepKind) {
	t.Helper()
	q := &swmaasv1.ReportStepsRequest{IdempotencyKey: "device", Area: "kurobe", ServiceDate: serviceDate, VehicleId: ride.GetVehicleId()}
	for _, kind := range kinds {
		q.Steps = append(q.Steps, &swmaasv1.Step{
			Sequence: d.taps.Add(1), Kind: kind, RideId: ride.GetId(), Stop: swmaasv1.StopKind_STOP_KIND_PICKUP, DeviceTime: when,
		})
	}
	got, err := swmaasv1.NewDriverClient(d.conn).ReportSteps(ctx, q)
	if err != nil || len(got.GetConflicts()) > 0 {
		t.Fatalf("%v, %v", got, err)
	}
}

func TestARideShowsWhenItsVehicleIsExpectedWhatIsFixedAndWhatItsRiderWasToldLast(t *testing.T) {
	d := startDay(t)
	operator, office, rider := d.as(t, grantOf(Operator, "kurobe")), d.as(t, grantOf(Dispatcher, "kurobe")), d.as(t, grantOf(Rider, "kurobe"))
	booking, council := swmaasv1.NewBookingClient(d.conn), swmaasv1.NewCouncilClient(d.conn)
	booked := d.book(t, operator, toTheClinic("R-0001"), "1")
	read := func(ctx context.Context) *swmaasv1.Ride {
		t.Helper()
		got, err := booking.GetRide(ctx, &swmaasv1.GetRideRequest{Area: "kurobe", RideId: booked.GetId()})
		if err != nil {
			t.Fatal(err)
		}
		return got.GetRide()
	}
	r := read(rider)
	if !proto.Equal(r.GetPredictedPickup(), r.GetPlannedPickup()) || !proto.Equal(r.GetPredictedArrival(), r.GetPlannedArrival()) || !proto.Equal(r.GetConfirmed(), r.GetPromise()) {
		t.Errorf("before anybody drives: %v", r)
	}
	_, err := council.LockRides(office, &swmaasv1.LockRidesRequest{
		IdempotencyKey: "l", Area: "kurobe", ServiceDate: serviceDate, Kind: swmaasv1.LockKind_LOCK_KIND_TIME, RideIds: []string{r.GetId()}, Pickup: r.GetPromise().GetPickup().GetEarliest(),
	})
	if err != nil {
		t.Fatal(err)
	}
	if l := read(operator).GetLocks(); !proto.Equal(l.GetPickup(), r.GetPromise().GetPickup().GetEarliest()) || l.GetSetBy() != "test-dispatcher" || l.GetShiftId() != "" {
		t.Errorf("locked: %v", l)
	}
	if l := read(rider).GetLocks(); l != nil {
		t.Errorf("the rider is shown %v", l)
	}
	g := grantOf(Driver, "kurobe")
	g.Vehicle = r.GetVehicleId()
	d.set(9, 20)
	driver := d.as(t, g)
	d.drive(t, driver, r, at(9, 20), swmaasv1.StepKind_STEP_KIND_DEPART)
	// Seen at the far end of the town, 14 blocks of 50 s from the pickup, when it should be nearly there.
	d.set(9, 40)
	far := corner(7, 0)
	if _, err := d.fleet.Report(t.Context(), "kurobe", []vehicles.Position{{Vehicle: vehicles.VehicleID(g.Vehicle), At: far, Seen: d.now()}}); err != nil {
		t.Fatal(err)
	}
	r = read(rider)
	late := r.GetPredictedPickup().AsTime().Sub(d.now())
	// 5 blocks west and 5 north: 500 s by the road and 8 % more by the plan, and some for turns.
	if late < 500*time.Second || late > 700*time.Second || !r.GetPredictedArrival().AsTime().After(r.GetPredictedPickup().AsTime()) {
		t.Errorf("expected %v from now: %v", late, r)
	}
	stops, err := council.ListExpectedStops(office, &swmaasv1.ListExpectedStopsRequest{Area: "kurobe", ServiceDate: serviceDate, PageSize: 1})
	if err != nil || len(stops.GetStops()) != 1 || stops.GetNextPageToken() == "" {
		t.Fatalf("%v, %v", stops, err)
	}
	if e := stops.GetStops()[0]; !e.GetByPosition() || !proto.Equal(e.GetArrival(), r.GetPredictedPickup()) || e.GetRideId() != r.GetId() || e.GetState() != swmaasv1.StopState_STOP_STATE_HEADING {
		t.Errorf("on the board: %v", e)
	}
	d.set(9, 50)
	d.drive(t, driver, r, at(9, 50), swmaasv1.StepKind_STEP_KIND_ARRIVE)
	if r = read(rider); r.GetPredictedPickup() != nil || r.GetPredictedArrival() == nil {
		t.Errorf("at the door: %v", r)
	}
}

func TestAWatchedRideIsSentAgainWhenItsVehicleIsExpectedAtAnotherTime(t *testing.T) {
	d := startDay(t)
	d.running = startWith(t, d.key, Config{Clock: d.now, PredictEvery: 20 * time.Millisecond}, d.engine())
	ride := d.book(t, d.as(t, grantOf(Operator, "kurobe")), toTheClinic("R-0001"), "1")
	g := grantOf(Driver, "kurobe")
	g.Vehicle = ride.GetVehicleId()
	d.set(9, 20)
	d.drive(t, d.as(t, g), ride, at(9, 20), swmaasv1.StepKind_STEP_KIND_DEPART)
	booking, rider := swmaasv1.NewBookingClient(d.conn), d.as(t, grantOf(Rider, "kurobe"))
	watch := func(token string) (next func() *swmaasv1.WatchRideResponse, hangUp func()) {
		ctx, cancel := context.WithCancel(rider)
		stream, err := booking.WatchRide(ctx, &swmaasv1.WatchRideRequest{Area: "kurobe", RideId: ride.GetId(), ResumeToken: token})
		if err != nil {
			t.Fatal(err)
		}
		return func() *swmaasv1.WatchRideResponse {
			t.Helper()
			message, err := stream.Recv()
			if err != nil {
				t.Fatal(err)
			}
			return message
		}, cancel
	}
	// report moves the clock, then the vehicle, and then on by more than a prediction is remembered: a watcher may look at any time.
	report := func(x, y, hour, minute int) {
		t.Helper()
		d.set(hour, minute)
		p := vehicles.Position{Vehicle: vehicles.VehicleID(g.Vehicle), At: corner(x, y), Seen: at(hour, minute).AsTime()}
		if got, err := d.fleet.Report(t.Context(), "kurobe", []vehicles.Position{p}); err != nil || got.Stored != 1 {
			t.Fatal(got, err)
		}
		d.clock.Add(15)
	}
	// after is the first message with a pickup expected after a moment.
	after := func(next func() *swmaasv1.WatchRideResponse, moment, floor *timestamppb.Timestamp) *swmaasv1.WatchRideResponse {
		t.Helper()
		for {
			m := next()
			expected := m.GetRide().GetPredictedPickup().AsTime()
			if expected.Before(floor.AsTime()) {
				t.Fatalf("what was as expected was sent again: %v", m)
			}
			if expected.After(moment.AsTime()) {
				return m
			}
		}
	}
	next, hangUp := watch("")
	first := next()
	report(7, 0, 9, 45)
	second := after(next, at(9, 50), at(9, 0))
	if moved := second.GetRide().GetPredictedPickup().AsTime().Sub(first.GetRide().GetPredictedPickup().AsTime()); moved < time.Minute || second.GetRide().GetVersion() != first.GetRide().GetVersion() {
		t.Errorf("expected %v later: %v", moved, second)
	}
	hangUp()
	report(6, 0, 9, 46) // a minute nearer, 50 s of driving: as expected
	next, hangUp = watch(second.GetResumeToken())
	defer hangUp()
	report(7, 7, 10, 0)
	after(next, at(10, 5), at(10, 0)) // what is expected at 9:46 is not among it
}

func TestTheCouncilSeesManifestsOverridesAndWhatWouldBe(t *testing.T) {
	d := startDay(t)
	operator, office := d.as(t, grantOf(Operator, "kurobe")), d.as(t, grantOf(Dispatcher, "kurobe"))
	council := swmaasv1.NewCouncilClient(d.conn)
	ride := d.book(t, operator, toTheClinic("R-0001"), "1")
	manifests := func() []*swmaasv1.ManifestStatus {
		t.Helper()
		got, err := council.ListManifests(d.as(t, grantOf(Council, "kurobe")), &swmaasv1.ListManifestsRequest{Area: "kurobe", ServiceDate: serviceDate})
		if err != nil {
			t.Fatal(err)
		}
		return got.GetManifests()
	}
	if m := manifests(); len(m) != 1 || m[0].GetNumber() != 0 || m[0].GetVehicleId() != ride.GetVehicleId() || len(m[0].GetChanges()) != 2 {
		t.Errorf("a draft: %v", m)
	}
	if _, err := council.PublishManifests(office, &swmaasv1.PublishManifestsRequest{IdempotencyKey: "p", Area: "kurobe", ServiceDate: serviceDate}); err != nil {
		t.Fatal(err)
	}
	if m := manifests(); len(m) != 1 || m[0].GetNumber() != 1 || m[0].GetCause() != "BY_HAND" || m[0].GetPublishedBy() != "test-dispatcher" || len(m[0].GetChanges()) != 0 || m[0].GetAcknowledgedNumber() != 0 {
		t.Errorf("published: %v", m)
	}
	ways, err := council.QuoteReassign(office, &swmaasv1.QuoteReassignRequest{Area: "kurobe", RideId: ride.GetId(), Mode: swmaasv1.ReassignMode_REASSIGN_MODE_BEST})
	if err != nil || len(ways.GetProposals()) == 0 {
		t.Fatalf("%v, %v", ways, err)
	}
	done, err := council.OverridePlan(office, &swmaasv1.OverridePlanRequest{IdempotencyKey: "o", Area: "kurobe", Token: ways.GetProposals()[0].GetToken(), Reason: "本人の希望"})
	if err != nil {
		t.Fatal(err)
	}
	list, err := council.ListOverrides(office, &swmaasv1.ListOverridesRequest{Area: "kurobe", ServiceDate: serviceDate})
	if err != nil || len(list.GetOverrides()) != 1 {
		t.Fatalf("%v, %v", list, err)
	}
	o := list.GetOverrides()[0]
	if o.GetId() != done.GetOverrideId() || o.GetRemark() != "本人の希望" || o.GetMadeBy() != "test-dispatcher" || o.GetRides()[0].GetRideId() != ride.GetId() ||
		len(o.GetBreaks()) == 0 || o.GetBreaks()[0] != "PUBLISHED" || o.GetUndoneAt() != nil || o.GetMode() != swmaasv1.ReassignMode_REASSIGN_MODE_BEST {
		t.Errorf("%v", o)
	}
	if _, err := council.ListOverrides(operator, &swmaasv1.ListOverridesRequest{Area: "kurobe", ServiceDate: serviceDate}); codeOf(err) != codes.PermissionDenied {
		t.Errorf("an operator: %v", err)
	}
	what := &swmaasv1.QuoteWhatIfRequest{Area: "kurobe", ServiceDate: serviceDate, WithoutVehicleIds: []string{"V-01", "V-02"}, Iterations: 10}
	then, err := council.QuoteWhatIf(office, what)
	if err != nil || then.GetNow().GetServed() != 1 || then.GetThen().GetServed() != 0 || then.GetThen().GetVehicles() != 0 ||
		len(then.GetLostRideIds()) != 1 || then.GetLostRideIds()[0] != ride.GetId() || then.GetThen().GetTold() != 1 {
		t.Errorf("%v, %v", then, err)
	}
	what.WithoutVehicleIds = []string{"V-99"}
	if _, err := council.QuoteWhatIf(office, what); codeOf(err) != codes.NotFound {
		t.Errorf("a vehicle that is not there: %v", err)
	}
	what.WithoutVehicleIds = nil
	if _, err := council.QuoteWhatIf(office, what); codeOf(err) != codes.InvalidArgument {
		t.Errorf("nothing is different: %v", err)
	}
	what.Conditions = []*swmaasv1.RoadCondition{{
		Kind: swmaasv1.ConditionKind_CONDITION_KIND_SLOW, Percent: 200, From: at(8, 0), Until: at(12, 0), Reason: "SNOW",
	}}
	if then, err := council.QuoteWhatIf(office, what); err != nil || then.GetThen().GetServed() != 1 || then.GetThen().GetDriving().AsDuration() <= then.GetNow().GetDriving().AsDuration() {
		t.Errorf("roads of half the speed: %v, %v", then, err)
	}
	summary, err := council.GetDaySummary(office, &swmaasv1.GetDaySummaryRequest{Area: "kurobe", ServiceDate: serviceDate})
	if c := summary.GetSummary().GetClasses(); err != nil || len(c) != 1 || c[0].GetClass() != swmaasv1.RiderClass_RIDER_CLASS_SEATED || c[0].GetAsked() != 1 || c[0].GetServed() != 1 || c[0].GetBehind() {
		t.Errorf("%v, %v", c, err)
	}
}

func TestTheOfficeLetsADriverLeaveADoor(t *testing.T) {
	d := startDay(t)
	operator, office := d.as(t, grantOf(Operator, "kurobe")), d.as(t, grantOf(Dispatcher, "kurobe"))
	council := swmaasv1.NewCouncilClient(d.conn)
	ride := d.book(t, operator, toTheClinic("R-0001"), "1")
	leave := func(ctx context.Context, key string) (*swmaasv1.Ride, error) {
		got, err := council.RecordNoShow(ctx, &swmaasv1.RecordNoShowRequest{IdempotencyKey: key, Area: "kurobe", RideId: ride.GetId(), Reason: "IN_HOSPITAL"})
		return got.GetRide(), err
	}
	if _, err := leave(office, "early"); codeOf(err) != codes.FailedPrecondition {
		t.Errorf("no vehicle is at the door: %v", err)
	}
	g := grantOf(Driver, "kurobe")
	g.Vehicle = ride.GetVehicleId()
	d.set(9, 21)
	driver := d.as(t, g)
	d.drive(t, driver, ride, at(9, 20), swmaasv1.StepKind_STEP_KIND_DEPART, swmaasv1.StepKind_STEP_KIND_ARRIVE)
	if _, err := leave(driver, "driver"); codeOf(err) != codes.PermissionDenied {
		t.Errorf("the driver decides: %v", err)
	}
	left, err := leave(office, "k")
	if err != nil || left.GetState() != swmaasv1.RideState_RIDE_STATE_NO_SHOW || left.GetReason() != "IN_HOSPITAL" {
		t.Errorf("%v, %v", left, err)
	}
	d.set(9, 25)
	if again, err := leave(office, "k"); err != nil || again.GetVersion() != left.GetVersion() {
		t.Errorf("the same key: %v, %v", again, err)
	}
	d.drive(t, driver, ride, at(9, 24), swmaasv1.StepKind_STEP_KIND_UNDO)
	got, err := swmaasv1.NewBookingClient(d.conn).GetRide(operator, &swmaasv1.GetRideRequest{Area: "kurobe", RideId: ride.GetId()})
	if err != nil || got.GetRide().GetState() != swmaasv1.RideState_RIDE_STATE_BOOKED {
		t.Errorf("taken back: %v, %v", got, err)
	}
}
