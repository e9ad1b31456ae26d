package api

import (
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
)

// TestARideIsAskedForWithLimits sends hard and soft limits over a connection: one that nothing can keep, some that can be kept, and one
// that is none.
func TestARideIsAskedForWithLimits(t *testing.T) {
	d := startDay(t)
	ctx := d.as(t, grantOf(Operator, "kurobe"))
	booking := swmaasv1.NewBookingClient(d.conn)
	minutes := func(n int) *durationpb.Duration { return durationpb.New(time.Duration(n) * time.Minute) }
	q := toTheClinic("R-0001")
	q.Limits = &swmaasv1.RideLimits{MaxRide: minutes(1)}
	refused, err := booking.Quote(ctx, q)
	if err != nil || len(refused.GetOffers()) > 0 || len(refused.GetRejections()) == 0 {
		t.Fatalf("%v, %v", refused, err)
	}
	if r := refused.GetRejections()[0]; r.GetCause() != "own_ride_time" || r.GetLimit() != 60 || r.GetActual() <= 60 || r.GetWayJa() == "" || r.GetWayEn() == "" || r.GetSentenceEn() == "" {
		t.Errorf("refused with %v", r)
	}
	q.Limits = &swmaasv1.RideLimits{
		MaxRide: minutes(40), MaxDetour: minutes(20), MaxWait: minutes(60), EasyRide: minutes(15), EasyWait: minutes(20),
		OnlyVehicleIds: []string{"V-02"}, LikeVehicleIds: []string{"V-01"}, LikeDriverIds: []string{"D-01"},
	}
	ride := d.book(t, ctx, q, "limited")
	if !proto.Equal(ride.GetLimits(), q.GetLimits()) || ride.GetVehicleId() != "V-02" {
		t.Errorf("booked on %s with %v", ride.GetVehicleId(), ride.GetLimits())
	}
	if limit := ride.GetPromise().GetMaxRide().AsDuration(); limit > 40*time.Minute || limit > ride.GetDirect().AsDuration()+20*time.Minute {
		t.Errorf("%v aboard is promised, direct is %v", limit, ride.GetDirect().AsDuration())
	}
	q = toTheClinic("R-0002")
	if got := d.book(t, ctx, q, "unlimited"); got.GetLimits() != nil {
		t.Errorf("limits that nobody asked for: %v", got.GetLimits())
	}
	q.Limits = &swmaasv1.RideLimits{MaxWait: minutes(5)}
	if _, err := booking.Quote(ctx, q); codeOf(err) != codes.InvalidArgument {
		t.Errorf("a wait that no promise can keep: %v", err)
	}
}
