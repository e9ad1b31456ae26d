package api

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
)

func TestADriverWhoComesBackIsNotSentWhatIsKnown(t *testing.T) {
	d := startDay(t)
	operator := d.as(t, grantOf(Operator, "kurobe"))
	ride := d.book(t, operator, toTheClinic("R-0001"), "1")
	g := grantOf(Driver, "kurobe")
	g.Vehicle = ride.GetVehicleId()
	driver, ctx := swmaasv1.NewDriverClient(d.conn), d.as(t, g)
	request := &swmaasv1.StreamManifestRequest{Area: "kurobe", ServiceDate: serviceDate, VehicleId: g.Vehicle, ProgressNotify: true}
	first, hangUp := context.WithCancel(ctx)
	stream, err := driver.StreamManifest(first, request)
	if err != nil {
		t.Fatal(err)
	}
	message := nextManifest(t, stream)
	hangUp()
	request.ResumeToken = message.GetResumeToken()
	if stream, err = driver.StreamManifest(ctx, request); err != nil {
		t.Fatal(err)
	}
	resumed, err := stream.Recv()
	if err != nil || resumed.GetProgress().GetRevision() != message.GetManifest().GetRevision() {
		t.Errorf("after coming back: %v, %v; want progress to the revision that was seen", resumed, err)
	}
	if _, err := swmaasv1.NewBookingClient(d.conn).CancelRide(operator, &swmaasv1.CancelRideRequest{IdempotencyKey: "2", Area: "kurobe", RideId: ride.GetId()}); err != nil {
		t.Fatal(err)
	}
	if changed := nextManifest(t, stream); len(changed.GetManifest().GetStops()) != 0 {
		t.Errorf("after the cancellation: %v", changed)
	}
}

func TestDriversFollowAndReportForTheirVehicleOnly(t *testing.T) {
	d := startDay(t)
	g := grantOf(Driver, "kurobe")
	g.Vehicle = "V-02"
	ctx, driver := d.as(t, g), swmaasv1.NewDriverClient(d.conn)
	stream, err := driver.StreamManifest(ctx, &swmaasv1.StreamManifestRequest{Area: "kurobe", ServiceDate: serviceDate, VehicleId: "V-01"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); codeOf(err) != codes.PermissionDenied {
		t.Errorf("manifest of another vehicle: %v", err)
	}
	steps := valid(t, swmaasv1.Driver_ReportSteps_FullMethodName, "kurobe").(*swmaasv1.ReportStepsRequest)
	if _, err := driver.ReportSteps(ctx, steps); codeOf(err) != codes.PermissionDenied {
		t.Errorf("steps of another vehicle: %v", err)
	}
	positions, err := driver.ReportPositions(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := positions.Send(valid(t, swmaasv1.Driver_ReportPositions_FullMethodName, "kurobe").(*swmaasv1.ReportPositionsRequest)); err != nil {
		t.Fatal(err)
	}
	if _, err := positions.CloseAndRecv(); codeOf(err) != codes.PermissionDenied {
		t.Errorf("positions of another vehicle: %v", err)
	}
}

func TestStepsThatNoClockCanHaveSeenAreRefused(t *testing.T) {
	d := startDay(t)
	g := grantOf(Driver, "kurobe")
	driver, ctx := swmaasv1.NewDriverClient(d.conn), d.as(t, g)
	for name, change := range map[string]func([]*swmaasv1.Step){
		"numbers that do not rise":     func(s []*swmaasv1.Step) { s[1].Sequence = 1 },
		"the day before":               func(s []*swmaasv1.Step) { s[1].DeviceTime = timestamppb.New(at(0, 0).AsTime().Add(-time.Hour)) },
		"six minutes ahead of 7:30":    func(s []*swmaasv1.Step) { s[1].DeviceTime = at(7, 36) },
		"a step without its ride":      func(s []*swmaasv1.Step) { s[1].RideId = "" },
		"an arrival without its stop":  func(s []*swmaasv1.Step) { s[1].Kind = swmaasv1.StepKind_STEP_KIND_ARRIVE },
		"a kind that does not exist":   func(s []*swmaasv1.Step) { s[1].Kind = 77 },
		"a moment that does not exist": func(s []*swmaasv1.Step) { s[1].DeviceTime = &timestamppb.Timestamp{Nanos: -1} },
	} {
		request := &swmaasv1.ReportStepsRequest{IdempotencyKey: "k", Area: "kurobe", ServiceDate: serviceDate, VehicleId: "V-01"}
		for n := range int64(2) {
			request.Steps = append(request.Steps, &swmaasv1.Step{
				Sequence: n + 1, Kind: swmaasv1.StepKind_STEP_KIND_BOARD, RideId: "2026-01-20.0001", DeviceTime: at(7, 30),
			})
		}
		change(request.Steps)
		if _, err := driver.ReportSteps(ctx, request); codeOf(err) != codes.InvalidArgument {
			t.Errorf("%s: %v, want InvalidArgument", name, err)
		}
	}
}

func TestTheCouncilSeesEveryEventOnceAlsoAfterComingBack(t *testing.T) {
	d := startDay(t)
	operator, watcher := d.as(t, grantOf(Operator, "kurobe")), d.as(t, grantOf(Council, "kurobe"))
	council := swmaasv1.NewCouncilClient(d.conn)
	var seen, booked []string
	after := ""
	for round := range 3 {
		booked = append(booked, d.book(t, operator, toTheClinic(fmt.Sprintf("R-%04d", round)), fmt.Sprint(round)).GetId())
		ctx, hangUp := context.WithCancel(watcher)
		stream, err := council.WatchDay(ctx, &swmaasv1.WatchDayRequest{Area: "kurobe", ServiceDate: serviceDate, AfterEventId: after})
		if err != nil {
			t.Fatal(err)
		}
		message, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		e := message.GetEvent()
		if e.GetKind() != swmaasv1.EventKind_EVENT_KIND_RIDE_BOOKED || e.GetActor() != "test-operator" {
			t.Errorf("event %v", e)
		}
		seen, after = append(seen, e.GetRideId()), e.GetId()
		hangUp()
	}
	if !slices.Equal(seen, booked) {
		t.Errorf("seen %v, want %v", seen, booked)
	}
	summary, err := council.GetDaySummary(watcher, &swmaasv1.GetDaySummaryRequest{Area: "kurobe", ServiceDate: serviceDate})
	if err != nil || len(summary.GetSummary().GetStates()) != 1 || summary.GetSummary().GetStates()[0].GetRides() != 3 {
		t.Errorf("%v, %v", summary, err)
	}
}

func TestVehiclesShowWhatTheyLastReported(t *testing.T) {
	d := startDay(t)
	d.set(9, 0)
	g := grantOf(Driver, "kurobe")
	driver := d.as(t, g)
	positions, err := swmaasv1.NewDriverClient(d.conn).ReportPositions(driver)
	if err != nil {
		t.Fatal(err)
	}
	here := corner(3, 3)
	for _, minute := range []int{58, 56} { // the second is older and dropped
		if err := positions.Send(&swmaasv1.ReportPositionsRequest{Area: "kurobe", VehicleId: "V-01", Positions: []*swmaasv1.Position{{
			Position: &swmaasv1.LatLng{Lat: here.Lat, Lng: here.Lng}, DeviceTime: at(8, minute), SpeedKmh: 30, Heading: 90,
		}}}); err != nil {
			t.Fatal(err)
		}
	}
	taken, err := positions.CloseAndRecv()
	if err != nil || taken.GetAccepted() != 1 || taken.GetDropped() != 1 {
		t.Errorf("%v, %v; want one taken and one dropped", taken, err)
	}
	fleet := swmaasv1.NewFleetClient(d.conn)
	reported, err := fleet.ReportVehicleState(driver, &swmaasv1.ReportVehicleStateRequest{
		IdempotencyKey: "k", Area: "kurobe", VehicleId: "V-01", Status: swmaasv1.VehicleStatus_VEHICLE_STATUS_OUT_OF_ORDER, DeviceTime: at(9, 0),
	})
	v := reported.GetVehicle()
	if err != nil || v.GetStatus() != swmaasv1.VehicleStatus_VEHICLE_STATUS_OUT_OF_ORDER || !v.GetLastSeen().AsTime().Equal(at(8, 58).AsTime()) {
		t.Errorf("%v, %v", v, err)
	}
	list, err := fleet.ListVehicles(d.as(t, grantOf(Facility, "kurobe")), &swmaasv1.ListVehiclesRequest{Area: "kurobe"})
	if err != nil || len(list.GetVehicles()) != 1 || list.GetVehicles()[0].GetId() != "V-01" || len(list.GetVehicles()[0].GetLayouts()) != 2 {
		t.Errorf("facility F-01 sees %v, %v; want its own vehicle", list, err)
	}
	shifts, err := fleet.ListShifts(d.as(t, grantOf(Council, "kurobe")), &swmaasv1.ListShiftsRequest{Area: "kurobe", ServiceDate: serviceDate})
	if err != nil || len(shifts.GetShifts()) != 2 || len(shifts.GetShifts()[0].GetOwnRounds()) != 1 {
		t.Errorf("%v, %v; want two shifts with a round each", shifts, err)
	}
	other := grantOf(Facility, "kurobe")
	other.Facility = "F-02"
	if _, err := fleet.ReportVehicleState(d.as(t, other), &swmaasv1.ReportVehicleStateRequest{
		IdempotencyKey: "k", Area: "kurobe", VehicleId: "V-01", Status: swmaasv1.VehicleStatus_VEHICLE_STATUS_AVAILABLE, DeviceTime: at(9, 0),
	}); codeOf(err) != codes.PermissionDenied {
		t.Errorf("the state of another facility's vehicle: %v", err)
	}
}

func TestAnOfferThatIsGoneComesWithFreshOnes(t *testing.T) {
	d := startDay(t)
	ctx, booking := d.as(t, grantOf(Operator, "kurobe")), swmaasv1.NewBookingClient(d.conn)
	quote, err := booking.Quote(ctx, toTheClinic("R-0001"))
	if err != nil {
		t.Fatal(err)
	}
	d.set(7, 50) // past the 10 minutes for which an offer is good
	booked, err := booking.Book(ctx, &swmaasv1.BookRequest{IdempotencyKey: "1", Area: "kurobe", OfferToken: quote.GetOffers()[0].GetToken()})
	if err != nil || len(booked.GetGone().GetOffers()) == 0 {
		t.Fatalf("%v, %v", booked, err)
	}
	if latest := booked.GetGone().GetOffers()[0].GetPromise().GetArriveBy(); !latest.AsTime().Equal(at(10, 0).AsTime()) {
		t.Errorf("the fresh offer arrives by %v", latest.AsTime())
	}
	if _, err := booking.Book(ctx, &swmaasv1.BookRequest{IdempotencyKey: "2", Area: "kurobe", OfferToken: "forged"}); codeOf(err) != codes.InvalidArgument {
		t.Errorf("a forged offer: %v", err)
	}
}

func TestARefusalSaysWhyInBothLanguages(t *testing.T) {
	d := startDay(t)
	ctx, booking := d.as(t, grantOf(Operator, "kurobe")), swmaasv1.NewBookingClient(d.conn)
	for name, change := range map[string]func(*swmaasv1.QuoteRequest){
		"a lift that no van has": func(q *swmaasv1.QuoteRequest) { q.Needs = []swmaasv1.Aid{swmaasv1.Aid_AID_LIFT} },
		"a stretcher":            func(q *swmaasv1.QuoteRequest) { q.Party = &swmaasv1.Party{Stretchers: 1} },
		"a place in the sea":     func(q *swmaasv1.QuoteRequest) { q.Pickup.Position.Lng = 137.2 },
		"before the vans start":  func(q *swmaasv1.QuoteRequest) { q.Wish.GetArriveBy().Latest = at(7, 45) },
	} {
		q := toTheClinic("R-0001")
		change(q)
		quote, err := booking.Quote(ctx, q)
		if err != nil || len(quote.GetOffers()) != 0 || len(quote.GetRejections()) == 0 {
			t.Errorf("%s: %v, %v; want reasons and no offer", name, quote, err)
			continue
		}
		for _, r := range quote.GetRejections() {
			if r.GetCode() == "" || r.GetSentenceJa() == "" || r.GetSentenceJa() == anySentence.ja || r.GetSentenceEn() == "" {
				t.Errorf("%s: rejection %v", name, r)
			}
		}
	}
}
