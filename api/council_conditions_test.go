package api

import (
	"slices"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
)

// validConditions is a request of a method about roads, outages and storms that keeps all rules of its message.
func validConditions(method, area string) proto.Message {
	const day = serviceDate
	switch method {
	case swmaasv1.Council_SetCondition_FullMethodName:
		return &swmaasv1.SetConditionRequest{IdempotencyKey: "k", Area: area, Condition: bridgeClosed()}
	case swmaasv1.Council_LiftCondition_FullMethodName:
		return &swmaasv1.LiftConditionRequest{IdempotencyKey: "k", Area: area, ServiceDate: day, ConditionId: "road.1", Version: 1}
	case swmaasv1.Council_ListConditions_FullMethodName:
		return &swmaasv1.ListConditionsRequest{Area: area, ServiceDate: day}
	case swmaasv1.Council_TakeOut_FullMethodName:
		return &swmaasv1.TakeOutRequest{IdempotencyKey: "k", Area: area, ServiceDate: day, VehicleId: "V-01", Cause: swmaasv1.OutageCause_OUTAGE_CAUSE_BREAKDOWN}
	case swmaasv1.Council_BringBack_FullMethodName:
		return &swmaasv1.BringBackRequest{IdempotencyKey: "k", Area: area, ServiceDate: day, VehicleId: "V-01"}
	case swmaasv1.Council_ListOutages_FullMethodName:
		return &swmaasv1.ListOutagesRequest{Area: area, ServiceDate: day}
	case swmaasv1.Council_SetStorm_FullMethodName:
		return &swmaasv1.SetStormRequest{IdempotencyKey: "k", Area: area, ServiceDate: day, Storm: snowMode()}
	case swmaasv1.Council_ListStorms_FullMethodName:
		return &swmaasv1.ListStormsRequest{Area: area, ServiceDate: day}
	case swmaasv1.Council_MendDay_FullMethodName:
		return &swmaasv1.MendDayRequest{IdempotencyKey: "k", Area: area, ServiceDate: day}
	}
	return nil
}

// across are the corners of a line between two columns of the small town, so that nobody drives from one side to the other on
// the rows from a to b.
func across(column, from, to int) []*swmaasv1.LatLng {
	a, b, west := corner(column, from), corner(column, to), 0.0028
	return []*swmaasv1.LatLng{{Lat: a.Lat - 0.002, Lng: a.Lng + west}, {Lat: b.Lat + 0.002, Lng: b.Lng + west}}
}

// bridgeClosed closes the streets of the rows 1 to 7 between the columns 3 and 4.
func bridgeClosed() *swmaasv1.RoadCondition {
	return &swmaasv1.RoadCondition{
		Kind: swmaasv1.ConditionKind_CONDITION_KIND_CLOSURE, Shape: across(3, 1, 7), Line: true, From: at(8, 0), Until: at(18, 0), Reason: "FLOOD",
		Document: "R8-12", Remark: "水位が下がるまで",
	}
}

func snowMode() *swmaasv1.Storm {
	return &swmaasv1.Storm{
		Window: &swmaasv1.TimeWindow{Earliest: at(8, 0), Latest: at(12, 0)}, Keep: []swmaasv1.Purpose{swmaasv1.Purpose_PURPOSE_DIALYSIS},
		Snow: swmaasv1.SnowDepth_SNOW_DEPTH_HEAVY, Document: "R8-13",
	}
}

func TestAClosedRoadIsSetChangedAndLiftedOverTheWire(t *testing.T) {
	d := startDay(t)
	ride := d.book(t, d.as(t, grantOf(Operator, "kurobe")), toTheClinic("R-0001"), "1")
	council, office := swmaasv1.NewCouncilClient(d.conn), d.as(t, grantOf(Dispatcher, "kurobe"))
	request := &swmaasv1.SetConditionRequest{IdempotencyKey: "close", Area: "kurobe", Condition: bridgeClosed()}
	set, err := council.SetCondition(office, request)
	if err != nil || set.GetConditionId() == "" || len(set.GetDays()) != 1 || set.GetDays()[0].GetServiceDate() != serviceDate {
		t.Fatalf("%v, %v", set, err)
	}
	if repair := set.GetDays()[0].GetRepair(); !slices.Contains(repair.GetRetimedShiftIds(), ride.GetShiftId()) {
		t.Errorf("the way round takes no longer: %v", repair)
	}
	if again, err := council.SetCondition(office, request); err != nil || !proto.Equal(set, again) {
		t.Errorf("the same key: %v, %v", again, err)
	}
	list := func() []*swmaasv1.RoadCondition {
		t.Helper()
		got, err := council.ListConditions(office, &swmaasv1.ListConditionsRequest{Area: "kurobe", ServiceDate: serviceDate})
		if err != nil || len(got.GetConditions()) != 1 {
			t.Fatalf("%v, %v", got, err)
		}
		return got.GetConditions()
	}
	was := list()[0]
	want := bridgeClosed()
	want.Id, want.Version, want.SetBy, want.SetAt = set.GetConditionId(), 1, "test-dispatcher", timestamppb.New(d.now())
	if !proto.Equal(was, want) {
		t.Errorf("%v is read as %v", want, was)
	}
	slow := proto.Clone(was).(*swmaasv1.RoadCondition)
	slow.Kind, slow.Percent = swmaasv1.ConditionKind_CONDITION_KIND_SLOW, 150
	change := &swmaasv1.SetConditionRequest{IdempotencyKey: "slow", Area: "kurobe", ServiceDate: serviceDate, Condition: slow}
	if _, err := council.SetCondition(office, change); err != nil {
		t.Fatal(err)
	}
	change.IdempotencyKey = "late"
	if _, err := council.SetCondition(office, change); codeOf(err) != codes.Aborted {
		t.Errorf("from a version that is past: %v", err)
	}
	lifted, err := council.LiftCondition(office, &swmaasv1.LiftConditionRequest{
		IdempotencyKey: "lift", Area: "kurobe", ServiceDate: serviceDate, ConditionId: was.GetId(), Version: 2,
	})
	if err != nil || len(lifted.GetDays()) != 1 || !list()[0].GetLifted() {
		t.Errorf("%v, %v", lifted, err)
	}
}

func TestAConditionThatCannotHoldIsRefused(t *testing.T) {
	d := startDay(t)
	council, office := swmaasv1.NewCouncilClient(d.conn), d.as(t, grantOf(Dispatcher, "kurobe"))
	for name, spoil := range map[string]func(*swmaasv1.SetConditionRequest){
		"a closure nowhere":    func(q *swmaasv1.SetConditionRequest) { q.Condition.Shape, q.Condition.Line = nil, false },
		"a line of one corner": func(q *swmaasv1.SetConditionRequest) { q.Condition.Shape = q.Condition.Shape[:1] },
		"an unknown road":      func(q *swmaasv1.SetConditionRequest) { q.Condition.Road = "国道8号" },
		"backwards":            func(q *swmaasv1.SetConditionRequest) { q.Condition.Until = at(7, 0) },
		"far away": func(q *swmaasv1.SetConditionRequest) {
			q.Condition.From = timestamppb.New(at(0, 0).AsTime().AddDate(-2, 0, 0))
		},
		"no snow":            func(q *swmaasv1.SetConditionRequest) { q.Condition.Kind = swmaasv1.ConditionKind_CONDITION_KIND_SNOW },
		"slow by nothing":    func(q *swmaasv1.SetConditionRequest) { q.Condition.Kind = swmaasv1.ConditionKind_CONDITION_KIND_SLOW },
		"of another reason":  func(q *swmaasv1.SetConditionRequest) { q.Condition.Reason = "whim" },
		"new with a version": func(q *swmaasv1.SetConditionRequest) { q.Condition.Version = 3 },
		"changed, of no day": func(q *swmaasv1.SetConditionRequest) { q.Condition.Id = "road.1" },
	} {
		q := &swmaasv1.SetConditionRequest{IdempotencyKey: name, Area: "kurobe", Condition: bridgeClosed()}
		spoil(q)
		if _, err := council.SetCondition(office, q); codeOf(err) != codes.InvalidArgument {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := council.SetCondition(d.as(t, grantOf(Operator, "kurobe")), &swmaasv1.SetConditionRequest{IdempotencyKey: "o", Area: "kurobe", Condition: bridgeClosed()}); codeOf(err) != codes.PermissionDenied {
		t.Errorf("an operator: %v", err)
	}
}

func TestAVehicleIsTakenOutAndBroughtBackOverTheWire(t *testing.T) {
	d := startDay(t)
	operator := d.as(t, grantOf(Operator, "kurobe"))
	ride := d.book(t, operator, toTheClinic("R-0001"), "1")
	council, office := swmaasv1.NewCouncilClient(d.conn), d.as(t, grantOf(Dispatcher, "kurobe"))
	request := &swmaasv1.TakeOutRequest{
		IdempotencyKey: "out", Area: "kurobe", ServiceDate: serviceDate, VehicleId: ride.GetVehicleId(), Cause: swmaasv1.OutageCause_OUTAGE_CAUSE_BREAKDOWN, Remark: "パンク",
	}
	out, err := council.TakeOut(office, request)
	if err != nil || !slices.Equal(out.GetRepair().GetKeptRideIds(), []string{ride.GetId()}) || out.GetRepair().GetRevision() == 0 {
		t.Fatalf("%v, %v", out, err)
	}
	if again, err := council.TakeOut(office, request); err != nil || !proto.Equal(out, again) {
		t.Errorf("the same key: %v, %v", again, err)
	}
	now, err := swmaasv1.NewBookingClient(d.conn).GetRide(operator, &swmaasv1.GetRideRequest{Area: "kurobe", RideId: ride.GetId()})
	if err != nil || now.GetRide().GetVehicleId() == ride.GetVehicleId() || now.GetRide().GetVehicleId() == "" || !proto.Equal(now.GetRide().GetPromise(), ride.GetPromise()) {
		t.Errorf("%v, %v", now, err)
	}
	if len(out.GetRepair().GetEndangered()) != 1 || out.GetRepair().GetEndangered()[0].GetVehicleId() != ride.GetVehicleId() {
		t.Errorf("the own round at noon is not named: %v", out.GetRepair())
	}
	request.IdempotencyKey = "twice"
	if code, reason := reasonOf(func() error { _, err := council.TakeOut(office, request); return err }()); code != codes.FailedPrecondition || reason != "WRONG_STATE" {
		t.Errorf("out already: %v %s", code, reason)
	}
	request.DriverId = "D-01"
	if _, err := council.TakeOut(office, request); codeOf(err) != codes.InvalidArgument {
		t.Errorf("a vehicle and a driver: %v", err)
	}
	list, err := council.ListOutages(office, &swmaasv1.ListOutagesRequest{Area: "kurobe", ServiceDate: serviceDate})
	if err != nil || len(list.GetOutages()) == 0 || list.GetOutages()[0].GetRemark() != "パンク" || list.GetOutages()[0].GetUntil() != nil {
		t.Fatalf("%v, %v", list, err)
	}
	back := &swmaasv1.BringBackRequest{IdempotencyKey: "back", Area: "kurobe", ServiceDate: serviceDate, VehicleId: ride.GetVehicleId(), From: at(9, 0)}
	if got, err := council.BringBack(office, back); err != nil || got.GetRepair().GetRevision() <= out.GetRepair().GetRevision() {
		t.Errorf("%v, %v", got, err)
	}
	back.IdempotencyKey = "again"
	if _, err := council.BringBack(office, back); codeOf(err) != codes.FailedPrecondition {
		t.Errorf("in service already: %v", err)
	}
	if _, err := council.MendDay(office, &swmaasv1.MendDayRequest{IdempotencyKey: "m", Area: "kurobe", ServiceDate: serviceDate}); err != nil {
		t.Error(err)
	}
}

func TestWhoIsAboardABrokenVehicleIsFetchedWhereItStands(t *testing.T) {
	d := startDay(t)
	ride := d.book(t, d.as(t, grantOf(Operator, "kurobe")), toTheClinic("R-0001"), "1")
	g := grantOf(Driver, "kurobe")
	g.Vehicle = ride.GetVehicleId()
	for i, kind := range []swmaasv1.StepKind{swmaasv1.StepKind_STEP_KIND_DEPART, swmaasv1.StepKind_STEP_KIND_ARRIVE, swmaasv1.StepKind_STEP_KIND_BOARD} {
		pickup := ride.GetPlannedPickup().AsTime().Sub(at(0, 0).AsTime())
		d.clock.Store(int64(pickup.Seconds()) + int64(60*(i-1)))
		got, err := swmaasv1.NewDriverClient(d.conn).ReportSteps(d.as(t, g), &swmaasv1.ReportStepsRequest{
			IdempotencyKey: "device", Area: "kurobe", ServiceDate: serviceDate, VehicleId: g.Vehicle, Steps: []*swmaasv1.Step{{
				Sequence: int64(i + 1), Kind: kind, RideId: ride.GetId(), Stop: swmaasv1.StopKind_STOP_KIND_PICKUP, DeviceTime: timestamppb.New(d.now()),
			}},
		})
		if err != nil || len(got.GetConflicts()) > 0 {
			t.Fatalf("%v: %v, %v", kind, got, err)
		}
	}
	council, office := swmaasv1.NewCouncilClient(d.conn), d.as(t, grantOf(Dispatcher, "kurobe"))
	request := &swmaasv1.TakeOutRequest{
		IdempotencyKey: "out", Area: "kurobe", ServiceDate: serviceDate, VehicleId: ride.GetVehicleId(), Cause: swmaasv1.OutageCause_OUTAGE_CAUSE_BREAKDOWN,
	}
	if _, err := council.TakeOut(office, request); codeOf(err) != codes.InvalidArgument {
		t.Errorf("nobody says where it stands: %v", err)
	}
	request.IdempotencyKey, request.Position = "out at", latLng(corner(4, 5))
	if out, err := council.TakeOut(office, request); err != nil || !slices.Equal(out.GetRepair().GetFetchedRideIds(), []string{ride.GetId()}) {
		t.Errorf("%v, %v", out, err)
	}
}

func TestSnowModeDrivesOnlyWhatCannotWait(t *testing.T) {
	d := startDay(t)
	operator := d.as(t, grantOf(Operator, "kurobe"))
	ride := d.book(t, operator, toTheClinic("R-0001"), "1")
	council, office := swmaasv1.NewCouncilClient(d.conn), d.as(t, grantOf(Council, "kurobe"))
	set, err := council.SetStorm(office, &swmaasv1.SetStormRequest{IdempotencyKey: "s", Area: "kurobe", ServiceDate: serviceDate, Storm: snowMode()})
	if err != nil || !slices.Equal(set.GetRepair().GetPostponedRideIds(), []string{ride.GetId()}) {
		t.Fatalf("%v, %v", set, err)
	}
	booking := swmaasv1.NewBookingClient(d.conn)
	quote, err := booking.Quote(operator, toTheClinic("R-0002"))
	if err != nil || len(quote.GetOffers()) > 0 || len(quote.GetRejections()) == 0 || quote.GetRejections()[0].GetCode() != "BAD_WEATHER" || quote.GetRejections()[0].GetSentenceJa() == "" {
		t.Errorf("%v, %v", quote, err)
	}
	dialysis := toTheClinic("R-0002")
	dialysis.Purpose = swmaasv1.Purpose_PURPOSE_DIALYSIS
	if quote, err := booking.Quote(operator, dialysis); err != nil || len(quote.GetOffers()) == 0 {
		t.Errorf("dialysis cannot wait: %v, %v", quote, err)
	}
	list, err := council.ListStorms(office, &swmaasv1.ListStormsRequest{Area: "kurobe", ServiceDate: serviceDate})
	if err != nil || len(list.GetStorms()) != 1 {
		t.Fatalf("%v, %v", list, err)
	}
	storm, want := list.GetStorms()[0], snowMode()
	want.Id, want.Version, want.SetBy, want.SetAt = set.GetStormId(), 1, "test-council", timestamppb.New(d.now())
	if !proto.Equal(storm, want) {
		t.Errorf("%v is read as %v", want, storm)
	}
	storm.Lifted = true
	over := &swmaasv1.SetStormRequest{IdempotencyKey: "over", Area: "kurobe", ServiceDate: serviceDate, Storm: storm}
	if _, err := council.SetStorm(office, over); err != nil {
		t.Fatal(err)
	}
	if quote, err := booking.Quote(operator, toTheClinic("R-0002")); err != nil || len(quote.GetOffers()) == 0 {
		t.Errorf("after the storm: %v, %v", quote, err)
	}
	over.IdempotencyKey = "late"
	if _, err := council.SetStorm(office, over); codeOf(err) != codes.Aborted {
		t.Errorf("from a version that is past: %v", err)
	}
}

// TestWhatColleaguesTellEachOtherOfRoadsAndStormsIsForThem lists both as everybody who may.
func TestWhatColleaguesTellEachOtherOfRoadsAndStormsIsForThem(t *testing.T) {
	d := startDay(t)
	council, office := swmaasv1.NewCouncilClient(d.conn), d.as(t, grantOf(Council, "kurobe"))
	if _, err := council.SetCondition(d.as(t, grantOf(Dispatcher, "kurobe")), &swmaasv1.SetConditionRequest{IdempotencyKey: "c", Area: "kurobe", Condition: bridgeClosed()}); err != nil {
		t.Fatal(err)
	}
	storm := snowMode()
	storm.Remark = "午後に見直す"
	if _, err := council.SetStorm(office, &swmaasv1.SetStormRequest{IdempotencyKey: "s", Area: "kurobe", ServiceDate: serviceDate, Storm: storm}); err != nil {
		t.Fatal(err)
	}
	for role, colleague := range map[Role]bool{Operator: true, Dispatcher: true, Council: true, Auditor: true, Driver: false, Facility: false} {
		ctx := d.as(t, grantOf(role, "kurobe"))
		roads, err := council.ListConditions(ctx, &swmaasv1.ListConditionsRequest{Area: "kurobe", ServiceDate: serviceDate})
		if err != nil || len(roads.GetConditions()) != 1 {
			t.Fatalf("%s: %v, %v", role, roads, err)
		}
		storms, err := council.ListStorms(ctx, &swmaasv1.ListStormsRequest{Area: "kurobe", ServiceDate: serviceDate})
		if err != nil || len(storms.GetStorms()) != 1 {
			t.Fatalf("%s: %v, %v", role, storms, err)
		}
		c, s := roads.GetConditions()[0], storms.GetStorms()[0]
		for name, shown := range map[string]string{"remark of a road": c.GetRemark(), "account": c.GetSetBy(), "remark of a storm": s.GetRemark(), "its account": s.GetSetBy()} {
			if (shown != "") != colleague {
				t.Errorf("%s: %s is %q", role, name, shown)
			}
		}
		if c.GetReason() != "FLOOD" || c.GetSetAt() == nil || s.GetDocument() != "R8-13" || s.GetSetAt() == nil {
			t.Errorf("%s does not see what holds: %v, %v", role, c, s)
		}
	}
}
