package api

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"

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
	server := start(t, Config{CallsPerSecond: 0.5, rateClock: func() time.Time { return now }}, emptyEngines())
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

func TestAnAddressIsLimitedWhateverItsTokens(t *testing.T) {
	server := start(t, Config{AddressCallsPerSecond: 1, rateClock: func() time.Time { return now }}, emptyEngines())
	booking := swmaasv1.NewBookingClient(server.conn)
	request := &swmaasv1.GetRideRequest{Area: "kurobe", RideId: "2026-01-20.0001"}
	var reasons []string
	for i := range 4 {
		ctx := t.Context() // without a token, and with one after another
		if i%2 == 1 {
			ctx = server.as(t, grantOf(Operator, "kurobe"))
		}
		_, err := booking.GetRide(ctx, request)
		_, reason := reasonOf(err)
		reasons = append(reasons, reason)
	}
	if want := []string{"TOKEN_MISSING", "NOT_FOUND", "TOO_MANY_CALLS", "TOO_MANY_CALLS"}; !slices.Equal(reasons, want) {
		t.Errorf("answers %v, want %v", reasons, want)
	}
}

func TestHealthTellsOfEveryDependency(t *testing.T) {
	server := start(t, Config{}, emptyEngines())
	health := healthv1.NewHealthClient(server.conn)
	status := func(name string) healthv1.HealthCheckResponse_ServingStatus {
		answer, err := health.Check(t.Context(), &healthv1.HealthCheckRequest{Service: name})
		if err != nil {
			t.Fatal(name, err)
		}
		return answer.GetStatus()
	}
	const up, down = healthv1.HealthCheckResponse_SERVING, healthv1.HealthCheckResponse_NOT_SERVING
	server.SetHealth(Dependency{Name: "redis", Up: true, Needed: true})
	server.SetHealth(Dependency{Name: "roads"})
	if status("redis") != up || status("roads") != down || status("") != up || status("swmaas.v1.Booking") != up {
		t.Error("something that is not needed takes the service down, or is not told")
	}
	server.SetHealth(Dependency{Name: "redis", Needed: true})
	if status("redis") != down || status("") != down || status("swmaas.v1.Booking") != down {
		t.Error("the service says that it serves without its store")
	}
	if list, ready := server.Health(); ready || len(list) != 2 || list[0].Name != "redis" {
		t.Errorf("health %v, %v", list, ready)
	}
}
