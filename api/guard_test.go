package api

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/protobuf/types/known/emptypb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// A proxy that has cut a link leaves what still comes in over it standing.
		goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2/toxics.(*ToxicStub).Run"),
		goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2.(*ToxicLink).read"))
}

// panickyEngine breaks down on every read of a day.
type panickyEngine struct{ emptyEngine }

func (panickyEngine) State(context.Context, dispatch.AreaID, dispatch.Day) (*dispatch.State, error) {
	panic("broken invariant")
}

// waitingEngine answers a read of a day when its context ends, and never has anything new to watch.
type waitingEngine struct {
	emptyEngine
	watched chan struct{} // is told that somebody watches; nil for nobody
}

func (waitingEngine) State(ctx context.Context, _ dispatch.AreaID, _ dispatch.Day) (*dispatch.State, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (e waitingEngine) Watch(context.Context, dispatch.AreaID, dispatch.Day) (<-chan int64, error) {
	if e.watched != nil {
		close(e.watched)
	}
	return make(chan int64), nil
}

func TestAPanicIsCaughtAndReportedOnce(t *testing.T) {
	var log bytes.Buffer
	engine := emptyEngines()
	engine.Days = panickyEngine{}
	server := start(t, Config{Log: slog.New(slog.NewJSONHandler(&log, nil))}, engine)
	booking := swmaasv1.NewBookingClient(server.conn)
	_, err := booking.GetRide(server.as(t, grantOf(Operator, "kurobe")), &swmaasv1.GetRideRequest{Area: "kurobe", RideId: "2026-01-20.0001"})
	if code, reason := reasonOf(err); code != codes.Internal || reason != "INTERNAL" || strings.Contains(err.Error(), "invariant") {
		t.Errorf("the caller is told %v", err)
	}
	if n := strings.Count(log.String(), "broken invariant"); n != 1 {
		t.Errorf("the panic is reported %d times, want once:\n%s", n, log.String())
	}
}

func TestHealthAndReflectionNeedNoToken(t *testing.T) {
	server := start(t, Config{}, emptyEngines())
	health, err := healthv1.NewHealthClient(server.conn).Check(t.Context(), &healthv1.HealthCheckRequest{Service: "swmaas.v1.Booking"})
	if err != nil || health.GetStatus() != healthv1.HealthCheckResponse_SERVING {
		t.Errorf("health: %v, %v", health, err)
	}
	stream, err := reflectionv1.NewServerReflectionClient(server.conn).ServerReflectionInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(&reflectionv1.ServerReflectionRequest{MessageRequest: &reflectionv1.ServerReflectionRequest_ListServices{}}); err != nil {
		t.Fatal(err)
	}
	answer, err := stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range answer.GetListServicesResponse().GetService() {
		names = append(names, s.GetName())
	}
	for _, want := range services() {
		if !strings.Contains(strings.Join(names, " "), want.ServiceName) {
			t.Errorf("reflection lists %v, without %s", names, want.ServiceName)
		}
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
}

func TestBadTokensAndUnknownMethodsAreRefused(t *testing.T) {
	server := start(t, Config{}, emptyEngines())
	good := server.as(t, grantOf(Operator, "kurobe"))
	with := func(values ...string) context.Context {
		return metadata.NewOutgoingContext(t.Context(), metadata.MD{"authorization": values})
	}
	for _, c := range []struct {
		name   string
		ctx    context.Context
		method string
		code   codes.Code
		reason string
	}{
		{"no token", t.Context(), "/swmaas.v1.Booking/GetRide", codes.Unauthenticated, "TOKEN_MISSING"},
		{"another scheme", with("Basic abc"), "/swmaas.v1.Booking/GetRide", codes.Unauthenticated, "TOKEN_MISSING"},
		{"two tokens", with("Bearer a", "Bearer b"), "/swmaas.v1.Booking/GetRide", codes.Unauthenticated, "TOKEN_MISSING"},
		{"an empty token", with("Bearer "), "/swmaas.v1.Booking/GetRide", codes.Unauthenticated, "TOKEN_MISSING"},
		{"a forged token", with("Bearer a.b.c"), "/swmaas.v1.Booking/GetRide", codes.Unauthenticated, "TOKEN_INVALID"},
		{"an unknown method without a token", t.Context(), "/swmaas.v1.Booking/Nothing", codes.Unauthenticated, "TOKEN_MISSING"},
		{"an unknown service without a token", t.Context(), "/other.Service/Nothing", codes.Unauthenticated, "TOKEN_MISSING"},
		{"an unknown method", good, "/swmaas.v1.Booking/Nothing", codes.Unimplemented, "UNKNOWN_METHOD"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := server.conn.Invoke(c.ctx, c.method, &emptypb.Empty{}, &emptypb.Empty{})
			if code, reason := reasonOf(err); code != c.code || reason != c.reason {
				t.Errorf("%v %s, want %v %s", code, reason, c.code, c.reason)
			}
		})
	}
}

// rawCodec sends bytes as they are, to play a client that writes nonsense.
type rawCodec struct{}

func (rawCodec) Marshal(v any) ([]byte, error)      { return *v.(*[]byte), nil }
func (rawCodec) Unmarshal(data []byte, v any) error { *v.(*[]byte) = data; return nil }
func (rawCodec) Name() string                       { return "proto" }

func TestBadMessagesAreBlamedOnTheMessage(t *testing.T) {
	server := start(t, Config{MaxReceive: 4096}, emptyEngines())
	ctx := server.as(t, grantOf(Operator, "kurobe"))
	for _, c := range []struct {
		name string
		body []byte
		code codes.Code
	}{
		{"not a message", []byte{0xff, 0xff, 0xff}, codes.InvalidArgument},
		{"a name that is not UTF-8", []byte{0x0a, 0x02, 0xff, 0xfe}, codes.InvalidArgument},
		{"larger than the limit", make([]byte, 5000), codes.ResourceExhausted},
		{"nothing, which has no area", nil, codes.PermissionDenied},
	} {
		t.Run(c.name, func(t *testing.T) {
			var reply []byte
			err := server.conn.Invoke(ctx, "/swmaas.v1.Booking/GetRide", &c.body, &reply, grpc.ForceCodec(rawCodec{}))
			if code, _ := reasonOf(err); code != c.code {
				t.Errorf("%v, want %v", err, c.code)
			}
		})
	}
}

func TestABrokenRuleNamesItsField(t *testing.T) {
	server := start(t, Config{}, emptyEngines())
	booking := swmaasv1.NewBookingClient(server.conn)
	_, err := booking.GetRide(server.as(t, grantOf(Operator, "kurobe")), &swmaasv1.GetRideRequest{Area: "kurobe"})
	if code, reason := reasonOf(err); code != codes.InvalidArgument || reason != "INVALID_REQUEST" || !strings.Contains(err.Error(), "ride_id") {
		t.Errorf("%v, want INVALID_REQUEST that names ride_id", err)
	}
}

func TestACallerMayNameTheCall(t *testing.T) {
	server := start(t, Config{}, emptyEngines())
	for name, c := range map[string]struct {
		sent string
		kept bool
	}{
		"a plain word is kept":         {"call-17_a", true},
		"a line break is not":          {"a b", false},
		"a long one is not":            {strings.Repeat("a", 65), false},
		"none gives one of the server": {"", false},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			if c.sent != "" {
				ctx = metadata.AppendToOutgoingContext(ctx, requestIDHeader, c.sent)
			}
			var head metadata.MD
			_ = server.conn.Invoke(ctx, "/swmaas.v1.Booking/GetRide", &emptypb.Empty{}, &emptypb.Empty{}, grpc.Header(&head))
			got := strings.Join(head.Get(requestIDHeader), ",")
			if (got == c.sent) != c.kept || got == "" {
				t.Errorf("sent %q, got %q", c.sent, got)
			}
		})
	}
}

func TestACallWithoutADeadlineEndsAllTheSame(t *testing.T) {
	engine := emptyEngines()
	engine.Days = waitingEngine{}
	server := start(t, Config{CallTimeout: 20 * time.Millisecond}, engine)
	booking := swmaasv1.NewBookingClient(server.conn)
	_, err := booking.GetRide(server.as(t, grantOf(Operator, "kurobe")), &swmaasv1.GetRideRequest{Area: "kurobe", RideId: "2026-01-20.0001"})
	if code, reason := reasonOf(err); code != codes.DeadlineExceeded || reason != "DEADLINE_EXCEEDED" {
		t.Errorf("%v, want DEADLINE_EXCEEDED from the server", err)
	}
}

func TestStreamsEndWithTheirTokenAndWithTheServer(t *testing.T) {
	for _, c := range []struct {
		name, reason string
		code         codes.Code
		issued       time.Duration // before now, of a token that is good for an hour
		end          func(*running)
	}{
		{"the token ends", "TOKEN_EXPIRED", codes.Unauthenticated, time.Hour + clockSkew - time.Second, func(*running) {}},
		{"the server shuts down", "DRAINING", codes.Unavailable, 0, func(r *running) { r.Shutdown(context.Background()) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			engine, watched := emptyEngines(), make(chan struct{})
			engine.Watcher = waitingEngine{watched: watched}
			server := start(t, Config{}, engine)
			g := grantOf(Council, "kurobe")
			token, err := server.key.Issue(&g, time.Now().Add(-c.issued))
			if err != nil {
				t.Fatal(err)
			}
			ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+token)
			stream, err := swmaasv1.NewCouncilClient(server.conn).WatchDay(ctx, &swmaasv1.WatchDayRequest{Area: "kurobe", ServiceDate: "2026-01-20"})
			if err != nil {
				t.Fatal(err)
			}
			go func() {
				select {
				case <-watched:
					c.end(server)
				case <-t.Context().Done():
				}
			}()
			_, err = stream.Recv()
			if code, reason := reasonOf(err); code != c.code || reason != c.reason {
				t.Errorf("%v, want %v %s", err, c.code, c.reason)
			}
		})
	}
}
