package api

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"google.golang.org/protobuf/types/known/emptypb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
)

func TestCallsAreCountedByMethodAndCode(t *testing.T) {
	registry := prometheus.NewRegistry()
	server := start(t, Config{Metrics: registry}, emptyEngines())
	ctx := server.as(t, grantOf(Operator, "kurobe"))
	for range 2 {
		_, _ = swmaasv1.NewBookingClient(server.conn).GetRide(ctx, &swmaasv1.GetRideRequest{Area: "kurobe", RideId: "2026-01-20.0001"})
	}
	for _, method := range []string{"/swmaas.v1.Booking/Nothing", "/made.up/Name"} {
		_ = server.conn.Invoke(ctx, method, &emptypb.Empty{}, &emptypb.Empty{})
	}
	want := `
# HELP swmaas_calls_total Calls that ended, by method and gRPC code.
# TYPE swmaas_calls_total counter
swmaas_calls_total{code="NotFound",method="/swmaas.v1.Booking/GetRide"} 2
swmaas_calls_total{code="Unimplemented",method="unknown"} 2
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "swmaas_calls_total"); err != nil {
		t.Error(err)
	}
	if n := testutil.CollectAndCount(registry, "swmaas_call_seconds"); n != 1 {
		t.Errorf("%d histograms, want one: of GetRide", n)
	}
}
