package api

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// toDialysis is an order of Tuesdays and Thursdays from the day of the tests on: there by 10:00, back two hours later.
func toDialysis(rider string) *swmaasv1.StandingOrder {
	home, clinic := pinned(2, 5), pinned(6, 6)
	return &swmaasv1.StandingOrder{
		RiderId: rider, Party: &swmaasv1.Party{Seats: 1}, Dates: &swmaasv1.Dates{From: serviceDate},
		Weekdays: []swmaasv1.Weekday{swmaasv1.Weekday_WEEKDAY_TUESDAY, swmaasv1.Weekday_WEEKDAY_THURSDAY},
		Legs: []*swmaasv1.OrderLeg{
			{Pickup: home, Dropoff: clinic, Purpose: swmaasv1.Purpose_PURPOSE_DIALYSIS, Wish: &swmaasv1.DailyWish{
				Kind: &swmaasv1.DailyWish_ArriveBy{ArriveBy: &swmaasv1.DailyWindow{Latest: durationpb.New(10 * time.Hour)}},
			}},
			{Pickup: clinic, Dropoff: home, Purpose: swmaasv1.Purpose_PURPOSE_DIALYSIS, Stay: durationpb.New(2 * time.Hour)},
		},
	}
}

// validOrder is a request of the methods about standing orders and of the watch of a ride; nil for another method.
func validOrder(method, area string) proto.Message {
	switch method {
	case swmaasv1.Booking_WatchRide_FullMethodName:
		return &swmaasv1.WatchRideRequest{Area: area, RideId: "2026-01-20.0001"}
	case swmaasv1.Booking_CreateStandingOrder_FullMethodName:
		return &swmaasv1.CreateStandingOrderRequest{Area: area, IdempotencyKey: "k", Order: toDialysis("R-0001")}
	case swmaasv1.Booking_GetStandingOrder_FullMethodName:
		return &swmaasv1.GetStandingOrderRequest{Area: area, OrderId: "O-1"}
	case swmaasv1.Booking_ListStandingOrders_FullMethodName:
		return &swmaasv1.ListStandingOrdersRequest{Area: area}
	case swmaasv1.Booking_UpdateStandingOrder_FullMethodName:
		o := toDialysis("R-0001")
		o.Id, o.Version = "O-1", 1
		return &swmaasv1.UpdateStandingOrderRequest{Area: area, IdempotencyKey: "k", OrderId: "O-1", Order: o}
	case swmaasv1.Booking_SuspendStandingOrder_FullMethodName:
		return &swmaasv1.SuspendStandingOrderRequest{Area: area, IdempotencyKey: "k", OrderId: "O-1", Suspension: &swmaasv1.OrderSuspension{Dates: &swmaasv1.Dates{From: serviceDate}}}
	case swmaasv1.Booking_SetOrderException_FullMethodName:
		return &swmaasv1.SetOrderExceptionRequest{Area: area, IdempotencyKey: "k", OrderId: "O-1", Exception: &swmaasv1.OrderException{ServiceDate: serviceDate, Skip: true}}
	case swmaasv1.Booking_DeleteStandingOrder_FullMethodName:
		return &swmaasv1.DeleteStandingOrderRequest{Area: area, IdempotencyKey: "k", OrderId: "O-1"}
	}
	return nil
}

func TestAStandingOrderIsTheSameOnBothSides(t *testing.T) {
	var n int
	want := new(dispatch.StandingOrder)
	filled(reflect.ValueOf(want).Elem(), &n)
	purpose := func(legs []dispatch.TripLeg) { legs[0].Purpose, legs[0].Wish.Kind = "dialysis", dispatch.PickupWithin }
	purpose(want.Legs)
	purpose(want.Exceptions[0].Legs)
	want.Weekdays, want.Party.Needs, want.Created = vehicles.On(time.Sunday, time.Monday), vehicles.Lift, time.Unix(5, 0).UTC()
	got := orderOf(orderMessage(want), *want)
	if diff := cmp.Diff(*want, got); diff != "" {
		t.Errorf("on what was there (-want +got):\n%s", diff)
	}
	got = orderOf(orderMessage(want), dispatch.StandingOrder{
		Area: want.Area, Created: want.Created, By: want.By, Through: want.Through,
		Party: dispatch.Party{Care: want.Party.Care, Apart: want.Party.Apart, NotDrivers: want.Party.NotDrivers, OnlyDrivers: want.Party.OnlyDrivers},
	})
	if diff := cmp.Diff(*want, got); diff != "" {
		t.Errorf("on nothing (-want +got):\n%s", diff)
	}
	for _, kind := range []dispatch.WishKind{dispatch.ArriveBy, dispatch.DepartAfter, dispatch.PickupWithin} {
		for _, w := range []dispatch.Window{{Earliest: 0, Latest: 36000}, {Earliest: 36000, Latest: vehicles.MaxDaySecond}, {Earliest: 1, Latest: 2}} {
			wish := dispatch.Wish{Kind: kind, Window: w}
			if got := dailyWishOf(dailyWish(wish)); got != wish {
				t.Errorf("%v became %v", wish, got)
			}
		}
	}
}

// ofOrder counts the booked rides of a day that came from a standing order.
func (d *day) ofOrder(t *testing.T, ctx context.Context, on, order string) (booked int) {
	t.Helper()
	list, err := swmaasv1.NewBookingClient(d.conn).ListRides(ctx, &swmaasv1.ListRidesRequest{Area: "kurobe", ServiceDate: on, States: []swmaasv1.RideState{swmaasv1.RideState_RIDE_STATE_BOOKED}})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range list.GetRides() {
		if r.GetOrderId() == order {
			booked++
		}
	}
	return booked
}

func TestAStandingOrderIsMadeChangedSuspendedAndEnded(t *testing.T) {
	d := startDay(t)
	_, shifts := twoVans()
	for _, day := range []string{"2026-01-22", "2026-01-27", "2026-01-29"} {
		if err := d.fleet.SaveShifts(t.Context(), "kurobe", day, shifts); err != nil {
			t.Fatal(err)
		}
	}
	ctx, booking := d.as(t, grantOf(Rider, "kurobe")), swmaasv1.NewBookingClient(d.conn)
	request := &swmaasv1.CreateStandingOrderRequest{Area: "kurobe", IdempotencyKey: "1", Order: toDialysis("R-0001")}
	made, err := booking.CreateStandingOrder(ctx, request)
	if err != nil || made.GetOrder().GetId() == "" || made.GetOrder().GetVersion() != 1 {
		t.Fatalf("%v, %v", made, err)
	}
	if again, err := booking.CreateStandingOrder(ctx, request); err != nil || again.GetOrder().GetId() != made.GetOrder().GetId() {
		t.Errorf("the same key: %v, %v", again, err)
	}
	if _, err := d.orders.Generate(t.Context(), "kurobe", "2026-01-29"); err != nil { // as the loop of the service does
		t.Fatal(err)
	}
	rides := func(day string) int { return d.ofOrder(t, ctx, day, made.GetOrder().GetId()) }
	if rides("2026-01-22") != 2 || rides("2026-01-27") != 2 {
		t.Fatalf("%d rides on Thursday, %d on Tuesday", rides("2026-01-22"), rides("2026-01-27"))
	}
	read, err := booking.GetStandingOrder(ctx, &swmaasv1.GetStandingOrderRequest{Area: "kurobe", OrderId: made.GetOrder().GetId()})
	if err != nil || read.GetOrder().GetGeneratedThrough() != "2026-01-29" {
		t.Fatalf("%v, %v", read, err)
	}
	id, version := read.GetOrder().GetId(), read.GetOrder().GetVersion()

	change := &swmaasv1.UpdateStandingOrderRequest{Area: "kurobe", IdempotencyKey: "2", OrderId: id, Order: proto.Clone(read.GetOrder()).(*swmaasv1.StandingOrder)}
	change.Order.Weekdays, change.UpdateMask = []swmaasv1.Weekday{swmaasv1.Weekday_WEEKDAY_THURSDAY}, &fieldmaskpb.FieldMask{Paths: []string{"weekdays"}}
	changed, err := booking.UpdateStandingOrder(ctx, change)
	if err != nil || len(changed.GetDays()) != 1 || changed.GetDays()[0].GetOutcome() != swmaasv1.OrderOutcome_ORDER_OUTCOME_ENDED || rides("2026-01-27") != 0 || rides("2026-01-22") != 2 {
		t.Errorf("%v, %v", changed, err)
	}
	if again, err := booking.UpdateStandingOrder(ctx, change); err != nil || again.GetOrder().GetVersion() != changed.GetOrder().GetVersion() {
		t.Errorf("the same change again: %v, %v", again, err)
	}
	pause := &swmaasv1.SuspendStandingOrderRequest{
		Area: "kurobe", IdempotencyKey: "3", OrderId: id, Version: version,
		Suspension: &swmaasv1.OrderSuspension{Dates: &swmaasv1.Dates{From: "2026-01-29", To: "2026-02-28"}, Reason: "HOSPITAL"},
	}
	if _, err := booking.SuspendStandingOrder(ctx, pause); codeOf(err) != codes.Aborted {
		t.Errorf("from a version that is past: %v", err)
	}
	pause.IdempotencyKey, pause.Version = "4", 0
	if paused, err := booking.SuspendStandingOrder(ctx, pause); err != nil || len(paused.GetOrder().GetSuspensions()) != 1 || rides("2026-01-29") != 0 {
		t.Errorf("%v, %v", paused, err)
	}
	later := &swmaasv1.SetOrderExceptionRequest{Area: "kurobe", IdempotencyKey: "5", OrderId: id, Exception: &swmaasv1.OrderException{ServiceDate: "2026-01-27", Legs: toDialysis("R-0001").GetLegs()}}
	if got, err := booking.SetOrderException(ctx, later); err != nil || len(got.GetDays()) != 1 || rides("2026-01-27") != 2 {
		t.Errorf("%v, %v", got, err)
	}
	end := &swmaasv1.DeleteStandingOrderRequest{Area: "kurobe", IdempotencyKey: "6", OrderId: id}
	for range 2 {
		if _, err := booking.DeleteStandingOrder(ctx, end); err != nil {
			t.Fatal(err)
		}
	}
	if rides("2026-01-22") != 0 || rides("2026-01-27") != 0 {
		t.Errorf("%d and %d rides are left of an order that was ended", rides("2026-01-22"), rides("2026-01-27"))
	}
	if list, err := booking.ListStandingOrders(ctx, &swmaasv1.ListStandingOrdersRequest{Area: "kurobe"}); err != nil || len(list.GetOrders()) != 0 {
		t.Errorf("%v, %v", list, err)
	}
	if _, err := booking.CreateStandingOrder(ctx, &swmaasv1.CreateStandingOrderRequest{Area: "kurobe", IdempotencyKey: "7", Order: toDialysis("R-0002")}); codeOf(err) != codes.PermissionDenied {
		t.Errorf("for another rider: %v", err)
	}
}

func TestARideIsWatchedAcrossARestart(t *testing.T) {
	d := startDay(t)
	operator := d.as(t, grantOf(Operator, "kurobe"))
	ride := d.book(t, operator, toTheClinic("R-0001"), "1")
	request := &swmaasv1.WatchRideRequest{Area: "kurobe", RideId: ride.GetId()}
	watch := func(r *running) (func() *swmaasv1.WatchRideResponse, context.CancelFunc) {
		ctx, hangUp := context.WithCancel(d.as(t, grantOf(Rider, "kurobe")))
		stream, err := swmaasv1.NewBookingClient(r.conn).WatchRide(ctx, request)
		if err != nil {
			t.Fatal(err)
		}
		return func() *swmaasv1.WatchRideResponse {
			t.Helper()
			got, err := stream.Recv()
			if err != nil {
				t.Fatal(err)
			}
			return got
		}, hangUp
	}
	next, hangUp := watch(d.running)
	first := next()
	if first.GetRide().GetVersion() != ride.GetVersion() || first.GetResumeToken() == "" {
		t.Errorf("%v", first)
	}
	hangUp()
	request.ResumeToken = first.GetResumeToken()
	d.Shutdown(context.Background())
	again := d.restart(t)
	next, hangUp = watch(again)
	defer hangUp()
	// What was seen is not sent again: the next message is the cancellation.
	cancel := &swmaasv1.CancelRideRequest{Area: "kurobe", IdempotencyKey: "2", RideId: ride.GetId()}
	if _, err := swmaasv1.NewBookingClient(again.conn).CancelRide(operator, cancel); err != nil {
		t.Fatal(err)
	}
	if last := next(); last.GetRide().GetState() != swmaasv1.RideState_RIDE_STATE_CANCELLED {
		t.Errorf("%v", last)
	}
}
