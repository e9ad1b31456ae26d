package api

import (
	"fmt"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
)

func TestATokenHasItsShareOfCalls(t *testing.T) {
	limit, clock := newRateLimit(10), now
	taken := func() (n int) {
		for limit.allow("a", clock) {
			n++
		}
		return n
	}
	if n := taken(); n != 20 {
		t.Errorf("%d calls at once, want 20", n)
	}
	clock = clock.Add(500 * time.Millisecond)
	if n := taken(); n != 5 {
		t.Errorf("%d calls after half a second, want 5", n)
	}
	if !limit.allow("b", clock) {
		t.Error("one token uses up another's share")
	}
	clock = clock.Add(time.Hour)
	if n := taken(); n != 20 {
		t.Errorf("%d calls after an hour, want 20", n)
	}
}

func TestRateLimitsAreBoundedInMemory(t *testing.T) {
	limit := newRateLimit(1)
	for i := range maxRated + 10 {
		limit.allow(fmt.Sprint(i), now)
	}
	if n := len(limit.buckets); n > maxRated {
		t.Errorf("%d tokens kept, want at most %d", n, maxRated)
	}
}

func TestACallerBeyondItsShareIsToldToWait(t *testing.T) {
	server := start(t, Config{CallsPerSecond: 0.5}, emptyEngines())
	ctx := server.as(t, grantOf(Operator, "kurobe"))
	booking := swmaasv1.NewBookingClient(server.conn)
	request := &swmaasv1.GetRideRequest{Area: "kurobe", RideId: "2026-01-20.0001"}
	if _, err := booking.GetRide(ctx, request); codeOf(err) != codes.NotFound {
		t.Errorf("the first call: %v", err)
	}
	_, err := booking.GetRide(ctx, request)
	if code, reason := reasonOf(err); code != codes.ResourceExhausted || reason != "TOO_MANY_CALLS" {
		t.Errorf("the second call within two seconds: %v", err)
	}
}
