package api

import (
	"fmt"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
)

// offerFor quotes a ride and returns the token of the best offer.
func (d *day) offerFor(t testing.TB, booking swmaasv1.BookingClient, q *swmaasv1.QuoteRequest) string {
	t.Helper()
	quote, err := booking.Quote(d.as(t, grantOf(Operator, "kurobe")), q)
	if err != nil || len(quote.GetOffers()) == 0 {
		t.Fatalf("%v, %v", quote, err)
	}
	return quote.GetOffers()[0].GetToken()
}

func TestAnOfferIsHeldThenBookedOrGivenBack(t *testing.T) {
	d := startDay(t)
	ctx, booking := d.as(t, grantOf(Operator, "kurobe")), swmaasv1.NewBookingClient(d.conn)
	hold := func(rider, key string) *swmaasv1.Ride {
		t.Helper()
		held, err := booking.HoldOffer(ctx, &swmaasv1.HoldOfferRequest{Area: "kurobe", IdempotencyKey: key, OfferToken: d.offerFor(t, booking, toTheClinic(rider))})
		if err != nil || held.GetRide().GetState() != swmaasv1.RideState_RIDE_STATE_OFFERED || !held.GetRide().GetHeldUntil().AsTime().After(d.now()) {
			t.Fatalf("%v, %v", held, err)
		}
		return held.GetRide()
	}
	first, second, late := hold("R-0001", "h1"), hold("R-0002", "h2"), hold("R-0003", "h3")
	booked, err := booking.BookHeld(ctx, &swmaasv1.BookHeldRequest{Area: "kurobe", IdempotencyKey: "b1", RideId: first.GetId()})
	if err != nil || booked.GetRide().GetState() != swmaasv1.RideState_RIDE_STATE_BOOKED || booked.GetRide().GetHeldUntil() != nil {
		t.Errorf("%v, %v", booked, err)
	}
	back, err := booking.DeclineOffer(ctx, &swmaasv1.DeclineOfferRequest{Area: "kurobe", IdempotencyKey: "b2", RideId: second.GetId(), Reason: "TOO_LATE"})
	if err != nil || back.GetRide().GetState() != swmaasv1.RideState_RIDE_STATE_TURNED_DOWN || back.GetRide().GetReason() != "TOO_LATE" {
		t.Errorf("%v, %v", back, err)
	}
	if _, err := booking.BookHeld(d.as(t, grantOf(Rider, "kurobe")), &swmaasv1.BookHeldRequest{Area: "kurobe", IdempotencyKey: "b3", RideId: late.GetId()}); codeOf(err) != codes.PermissionDenied {
		t.Errorf("another rider's hold: %v", err)
	}
	d.set(7, 35)
	_, err = booking.BookHeld(ctx, &swmaasv1.BookHeldRequest{Area: "kurobe", IdempotencyKey: "b4", RideId: late.GetId()})
	if code, reason := reasonOf(err); code != codes.FailedPrecondition || reason != "HOLD_EXPIRED" {
		t.Errorf("a hold that has run out: %v", err)
	}
}

func TestABookedRideChangesInOneStep(t *testing.T) {
	d := startDay(t)
	ctx, booking := d.as(t, grantOf(Operator, "kurobe")), swmaasv1.NewBookingClient(d.conn)
	ride := d.book(t, ctx, toTheClinic("R-0001"), "1")
	later := &swmaasv1.QuoteChangeRequest{
		Area: "kurobe", RideId: ride.GetId(), Version: ride.GetVersion(),
		Wish: &swmaasv1.Wish{Kind: &swmaasv1.Wish_ArriveBy{ArriveBy: &swmaasv1.ArriveBy{Latest: at(11, 0)}}},
	}
	quote, err := booking.QuoteChange(ctx, later)
	if err != nil || len(quote.GetOffers()) == 0 {
		t.Fatalf("%v, %v", quote, err)
	}
	read, err := booking.GetRide(ctx, &swmaasv1.GetRideRequest{Area: "kurobe", RideId: ride.GetId()})
	if err != nil || !read.GetRide().GetPromise().GetArriveBy().AsTime().Equal(at(10, 0).AsTime()) {
		t.Errorf("a quote changed the promise: %v, %v", read, err)
	}
	booked, err := booking.Book(ctx, &swmaasv1.BookRequest{Area: "kurobe", IdempotencyKey: "2", OfferToken: quote.GetOffers()[0].GetToken()})
	got := booked.GetRide()
	if err != nil || got.GetId() != ride.GetId() || got.GetVersion() != ride.GetVersion()+1 || !got.GetPromise().GetArriveBy().AsTime().Equal(at(11, 0).AsTime()) ||
		got.GetPickup().GetLabel() != ride.GetPickup().GetLabel() || got.GetPurpose() != ride.GetPurpose() {
		t.Errorf("changed to %v, %v", booked, err)
	}
	_, err = booking.QuoteChange(ctx, later)
	if code, reason := reasonOf(err); code != codes.Aborted || reason != "CHANGED" {
		t.Errorf("from a version that is past: %v", err)
	}
}

func TestATripIsBookedWholeAndCancelledAsTheScopeSays(t *testing.T) {
	d := startDay(t)
	ctx, booking := d.as(t, grantOf(Operator, "kurobe")), swmaasv1.NewBookingClient(d.conn)
	out := toTheClinic("R-0001")
	quote, err := booking.QuoteTrip(ctx, &swmaasv1.QuoteTripRequest{
		Area: "kurobe", ServiceDate: serviceDate, RiderId: "R-0001", Party: out.GetParty(),
		Legs: []*swmaasv1.TripLeg{
			{Pickup: out.GetPickup(), Dropoff: out.GetDropoff(), Wish: out.GetWish(), Purpose: out.GetPurpose()},
			{Pickup: out.GetDropoff(), Dropoff: out.GetPickup(), Stay: durationpb.New(time.Hour)},
		},
	})
	if err != nil || len(quote.GetOffers()) == 0 || len(quote.GetOffers()[0].GetRides()) != 2 {
		t.Fatalf("%v, %v", quote, err)
	}
	request := &swmaasv1.BookTripRequest{Area: "kurobe", IdempotencyKey: "1", OfferToken: quote.GetOffers()[0].GetToken()}
	booked, err := booking.BookTrip(ctx, request)
	if err != nil || len(booked.GetRides()) != 2 || booked.GetRides()[1].GetLinkedRideId() != booked.GetRides()[0].GetId() {
		t.Fatalf("%v, %v", booked, err)
	}
	there, back := booked.GetRides()[0], booked.GetRides()[1]
	if earliest := at(11, 0).AsTime(); back.GetPromise().GetPickup().GetEarliest().AsTime().Before(earliest) {
		t.Errorf("fetched from %v, an hour after 10:00 was asked for", back.GetPromise().GetPickup().GetEarliest().AsTime())
	}
	cancel := &swmaasv1.CancelRideRequest{Area: "kurobe", IdempotencyKey: "2", RideId: there.GetId()}
	_, err = booking.CancelRide(ctx, cancel)
	if code, reason := reasonOf(err); code != codes.FailedPrecondition || reason != "OTHER_LEGS" {
		t.Errorf("no word about the way back: %v", err)
	}
	cancel.Scope = swmaasv1.CancelScope_CANCEL_SCOPE_REST
	ended, err := booking.CancelRide(ctx, cancel)
	if err != nil || ended.GetRide().GetState() != swmaasv1.RideState_RIDE_STATE_CANCELLED || len(ended.GetOthers()) != 1 ||
		ended.GetOthers()[0].GetState() != swmaasv1.RideState_RIDE_STATE_CANCELLED {
		t.Errorf("%v, %v", ended, err)
	}
}

func TestAGroupRidesInOneVehicle(t *testing.T) {
	d := startDay(t)
	ctx, booking := d.as(t, grantOf(Operator, "kurobe")), swmaasv1.NewBookingClient(d.conn)
	request := &swmaasv1.QuoteGroupRequest{Area: "kurobe", ServiceDate: serviceDate}
	for i := range 3 {
		q := toTheClinic(fmt.Sprintf("R-%04d", i+1))
		request.Members = append(request.Members, &swmaasv1.GroupMember{RiderId: q.GetRiderId(), Party: q.GetParty(), Pickup: q.GetPickup(), Dropoff: q.GetDropoff(), Wish: q.GetWish()})
	}
	quote, err := booking.QuoteGroup(ctx, request)
	if err != nil || len(quote.GetOffers()) == 0 {
		t.Fatalf("%v, %v", quote, err)
	}
	booked, err := booking.BookTrip(ctx, &swmaasv1.BookTripRequest{Area: "kurobe", IdempotencyKey: "1", OfferToken: quote.GetOffers()[0].GetToken()})
	if err != nil || len(booked.GetRides()) != 3 {
		t.Fatalf("%v, %v", booked, err)
	}
	for _, r := range booked.GetRides() {
		if !r.GetTogether() || r.GetVehicleId() != booked.GetRides()[0].GetVehicleId() || r.GetBookingId() != booked.GetRides()[0].GetBookingId() {
			t.Errorf("%v", r)
		}
	}
	if _, err := booking.QuoteGroup(d.as(t, grantOf(Rider, "kurobe")), request); codeOf(err) != codes.PermissionDenied {
		t.Errorf("a rider asks for others too: %v", err)
	}
}

func TestAWillCallWaitsForItsCall(t *testing.T) {
	d := startDay(t)
	ctx, booking := d.as(t, grantOf(Operator, "kurobe")), swmaasv1.NewBookingClient(d.conn)
	q := toTheClinic("R-0001")
	q.Wish = &swmaasv1.Wish{Kind: &swmaasv1.Wish_DepartAfter{DepartAfter: &swmaasv1.DepartAfter{Earliest: at(9, 0), Latest: at(11, 0)}}}
	q.MaxWait = durationpb.New(30 * time.Minute)
	ride := d.book(t, ctx, q, "1")
	if ride.GetMaxWait().AsDuration() != 30*time.Minute || ride.GetCalledAt() != nil {
		t.Errorf("%v", ride)
	}
	list := func() *swmaasv1.WillCall {
		t.Helper()
		got, err := booking.ListWillCalls(ctx, &swmaasv1.ListWillCallsRequest{Area: "kurobe", ServiceDate: serviceDate})
		if err != nil || len(got.GetWillCalls()) != 1 {
			t.Fatalf("%v, %v", got, err)
		}
		return got.GetWillCalls()[0]
	}
	if row := list(); row.GetCalled() || !row.GetLatest().AsTime().Equal(at(11, 0).AsTime()) {
		t.Errorf("%v", row)
	}
	d.set(9, 40)
	call := &swmaasv1.ActivateRideRequest{Area: "kurobe", IdempotencyKey: "2", RideId: ride.GetId(), CalledAt: at(9, 38), Via: swmaasv1.CallVia_CALL_VIA_DRIVER}
	called, err := booking.ActivateRide(ctx, call)
	if err != nil || !called.GetPlaced() || called.GetLate().AsDuration() != 0 || called.GetPlannedPickup().AsTime().After(at(10, 8).AsTime()) ||
		!called.GetRide().GetCalledAt().AsTime().Equal(at(9, 38).AsTime()) {
		t.Errorf("%v, %v", called, err)
	}
	if row := list(); !row.GetCalled() || !row.GetLatest().AsTime().Equal(at(10, 8).AsTime()) {
		t.Errorf("%v", row)
	}
	call.IdempotencyKey = "3"
	if _, err := booking.ActivateRide(ctx, call); codeOf(err) != codes.FailedPrecondition {
		t.Errorf("called twice: %v", err)
	}
}

func TestTheWaitlistIsReadInItsOrderAndByPages(t *testing.T) {
	d := startDay(t)
	ctx, booking := d.as(t, grantOf(Operator, "kurobe")), swmaasv1.NewBookingClient(d.conn)
	for i := range 3 {
		q := toTheClinic(fmt.Sprintf("R-%04d", i+1))
		joined, err := booking.JoinWaitlist(ctx, &swmaasv1.JoinWaitlistRequest{
			Area: "kurobe", IdempotencyKey: fmt.Sprint(i), ServiceDate: serviceDate, RiderId: q.GetRiderId(), Party: q.GetParty(),
			Pickup: q.GetPickup(), Dropoff: q.GetDropoff(), Wish: q.GetWish(),
		})
		if err != nil || joined.GetRide().GetState() != swmaasv1.RideState_RIDE_STATE_DRAFT {
			t.Fatalf("%v, %v", joined, err)
		}
		d.set(7, 31+i)
	}
	request := &swmaasv1.ListWaitlistRequest{Area: "kurobe", ServiceDate: serviceDate, PageSize: 2}
	var riders string
	for {
		list, err := booking.ListWaitlist(ctx, request)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list.GetRides() {
			riders += r.GetRiderId() + " "
		}
		if request.PageToken = list.GetNextPageToken(); request.PageToken == "" {
			break
		}
	}
	if riders != "R-0001 R-0002 R-0003 " {
		t.Errorf("the waitlist is %s", riders)
	}
	own, err := booking.ListWaitlist(d.as(t, grantOf(Rider, "kurobe")), &swmaasv1.ListWaitlistRequest{Area: "kurobe", ServiceDate: serviceDate})
	if err != nil || len(own.GetRides()) != 1 {
		t.Errorf("a rider sees %v, %v", own, err)
	}
	// A change of capacity finds them: a ride that is booked and cancelled frees its place.
	ride := d.book(t, ctx, toTheClinic("R-0009"), "9")
	cancel := &swmaasv1.CancelRideRequest{Area: "kurobe", IdempotencyKey: "10", RideId: ride.GetId()}
	if _, err := booking.CancelRide(ctx, cancel); err != nil {
		t.Fatal(err)
	}
	freed, err := booking.ListFreedOffers(ctx, &swmaasv1.ListFreedOffersRequest{Area: "kurobe", ServiceDate: serviceDate})
	if err != nil || len(freed.GetRides()) == 0 || freed.GetRides()[0].GetState() != swmaasv1.RideState_RIDE_STATE_OFFERED || freed.GetRides()[0].GetHeldUntil() == nil {
		t.Errorf("%v, %v", freed, err)
	}
}

func TestARideIsExplainedToThoseWhoMaySeeIt(t *testing.T) {
	d := startDay(t)
	ctx, booking := d.as(t, grantOf(Operator, "kurobe")), swmaasv1.NewBookingClient(d.conn)
	ride := d.book(t, ctx, toTheClinic("R-0002"), "1")
	why, err := booking.ExplainRide(ctx, &swmaasv1.ExplainRideRequest{Area: "kurobe", RideId: ride.GetId()})
	if err != nil || why.GetSentenceJa() == "" || why.GetSentenceEn() == "" {
		t.Errorf("%v, %v", why, err)
	}
	if _, err := booking.ExplainRide(d.as(t, grantOf(Rider, "kurobe")), &swmaasv1.ExplainRideRequest{Area: "kurobe", RideId: ride.GetId()}); codeOf(err) != codes.PermissionDenied {
		t.Errorf("another's ride is explained: %v", err)
	}
}
