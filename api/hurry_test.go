package api

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/emptypb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
)

// TestWhoHasSentHalfAMessageIsCutOffAndHoldsUpNobody opens a call and never sends the message of it.
func TestWhoHasSentHalfAMessageIsCutOffAndHoldsUpNobody(t *testing.T) {
	engine := emptyEngines()
	var hurried atomic.Int32
	engine.Hurry = func() func() {
		hurried.Add(1)
		return func() {}
	}
	server := start(t, Config{CallTimeout: 300 * time.Millisecond}, engine)
	const method = swmaasv1.Booking_GetRide_FullMethodName
	ctx, cancel := context.WithTimeout(server.as(t, grantOf(Operator, "kurobe")), 20*time.Second)
	defer cancel()
	stream, err := server.conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true}, method)
	if err != nil {
		t.Fatal(err)
	}
	err = stream.RecvMsg(&swmaasv1.GetRideResponse{})
	if codeOf(err) != codes.DeadlineExceeded || ctx.Err() != nil {
		t.Errorf("%v, want that the server ends the call", err)
	}
	if n := hurried.Load(); n != 0 {
		t.Errorf("the background stood back %d times for a message that never came", n)
	}
	ask := func(method string) {
		_ = server.conn.Invoke(server.as(t, grantOf(Dispatcher, "kurobe")), method, valid(t, method, "kurobe"), &emptypb.Empty{})
	}
	ask(method)
	if n := hurried.Load(); n != 1 {
		t.Errorf("the background stood back %d times for one whole call", n)
	}
	ask(swmaasv1.Council_QuoteWhatIf_FullMethodName)
	if n := hurried.Load(); n != 1 {
		t.Error("the background stood back for a day that is played through, which waits for it")
	}
}

// TestADayIsPlayedThroughAtLengthWithinTheTimeOfACall asks for as much improvement as a call may that names none.
func TestADayIsPlayedThroughAtLengthWithinTheTimeOfACall(t *testing.T) {
	d := startDay(t)
	d.book(t, d.as(t, grantOf(Operator, "kurobe")), toTheClinic("R-0001"), "1")
	got, err := swmaasv1.NewCouncilClient(d.conn).QuoteWhatIf(d.as(t, grantOf(Dispatcher, "kurobe")), &swmaasv1.QuoteWhatIfRequest{
		Area: "kurobe", ServiceDate: serviceDate, WithoutVehicleIds: []string{"V-02"},
	})
	if err != nil || got.GetNow().GetServed() != 1 || got.GetThen().GetServed() != 1 {
		t.Errorf("%v, %v", got, err)
	}
}
