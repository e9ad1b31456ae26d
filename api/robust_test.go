package api

import (
	"context"
	"fmt"
	"net"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
)

func TestTokensAreJudgedByTheClockWithinItsSkew(t *testing.T) {
	server := start(t, Config{}, emptyEngines())
	other := newKey(t)
	g := grantOf(Operator, "kurobe")
	issued := func(key *TokenKey, at time.Duration) string {
		token, err := key.Issue(&g, time.Now().Add(at))
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	unsigned := func() string {
		token, err := jwt.NewWithClaims(jwt.SigningMethodNone, jwt.MapClaims{
			"iss": issuer, "aud": issuer, "sub": "x", "jti": "x", "role": "admin", "area": "kurobe", "exp": time.Now().Add(time.Hour).Unix(),
		}).SignedString(jwt.UnsafeAllowNoneSignatureType)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	good := issued(server.key, 0)
	head, _, _ := strings.Cut(good, ".")
	for _, c := range []struct {
		name, token, reason string
		code                codes.Code
	}{
		{"issued now", good, "NOT_FOUND", codes.NotFound},
		{"issued by a clock 20 s ahead", issued(server.key, 20*time.Second), "NOT_FOUND", codes.NotFound},
		{"issued by a clock 10 min ahead", issued(server.key, 10*time.Minute), "TOKEN_INVALID", codes.Unauthenticated},
		{"ended 10 s ago, within the skew", issued(server.key, -time.Hour-10*time.Second), "NOT_FOUND", codes.NotFound},
		{"ended a minute ago", issued(server.key, -time.Hour-time.Minute), "TOKEN_EXPIRED", codes.Unauthenticated},
		{"signed by another installation", issued(other, 0), "TOKEN_INVALID", codes.Unauthenticated},
		{"signed by nobody", unsigned(), "TOKEN_INVALID", codes.Unauthenticated},
		{"with its signature cut off", good[:strings.LastIndex(good, ".")+1], "TOKEN_INVALID", codes.Unauthenticated},
		{"with another body", head + "." + strings.Split(issued(other, 0), ".")[1] + "." + strings.Split(good, ".")[2], "TOKEN_INVALID", codes.Unauthenticated},
	} {
		ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+c.token)
		_, err := swmaasv1.NewBookingClient(server.conn).GetRide(ctx, &swmaasv1.GetRideRequest{Area: "kurobe", RideId: "2026-01-20.0001"})
		if code, reason := reasonOf(err); code != c.code || reason != c.reason {
			t.Errorf("a token %s: %v %s, want %v %s", c.name, code, reason, c.code, c.reason)
		}
	}
}

// TestATokenReachesNoFartherThanItsScope asks, for every method whose request names a rider, a vehicle or a facility, for another one
// than the token is for. A new method is covered without a line here.
func TestATokenReachesNoFartherThanItsScope(t *testing.T) {
	server := start(t, Config{}, emptyEngines())
	tried := 0
	for name, m := range methods() {
		for field, roles := range map[protoreflect.Name][]Role{"rider_id": {Rider, Proxy}, "vehicle_id": {Driver}} {
			fd := m.Input().Fields().ByName(field)
			if fd == nil || fd.Kind() != protoreflect.StringKind || strings.HasPrefix(string(m.Name()), "List") {
				continue // a list leaves out what the token does not cover; tests of its own say so
			}
			for _, role := range roles {
				if !mayCall(role, name) {
					continue
				}
				request := proto.Clone(valid(t, name, "kurobe"))
				request.ProtoReflect().Set(fd, protoreflect.ValueOfString("X-9999"))
				tried++
				if code, reason := reasonOf(server.invoke(server.as(t, grantOf(role, "kurobe")), name, m, request)); code != codes.PermissionDenied || reason != "OUT_OF_SCOPE" {
					t.Errorf("%s with another %s as %s: %v %s, want OUT_OF_SCOPE", name, field, role, code, reason)
				}
			}
		}
	}
	if tried < 8 {
		t.Errorf("only %d combinations were tried", tried)
	}
}

// TestFacilitiesDriversAndAdminsReadNoRides: a driver has the manifest, a facility its own users' entries, and an admin neither.
func TestFacilitiesDriversAndAdminsReadNoRides(t *testing.T) {
	rides := regexp.MustCompile(`Booking/\w*(Ride|Rides|Waitlist|WillCalls|FreedOffers|Trip|Group)$`)
	read := 0
	for name := range methods() {
		for _, role := range []Role{Facility, Driver, Admin} {
			if rides.MatchString(name) {
				read++
				if mayCall(role, name) {
					t.Errorf("%s may call %s", role, name)
				}
			}
		}
	}
	if read < 20 {
		t.Errorf("only %d cells were looked at", read)
	}
}

// settled waits until there are no more goroutines than before, and tells how many are left over.
func settled(before int) int {
	for until := time.Now().Add(30 * time.Second); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		if n := runtime.NumGoroutine(); n <= before {
			return 0
		}
	}
	return runtime.NumGoroutine() - before
}

func TestCallsThatAreHungUpOnLeaveNothingBehind(t *testing.T) {
	engine := emptyEngines()
	engine.Days, engine.Watcher = waitingEngine{}, waitingEngine{}
	registry := prometheus.NewRegistry()
	server := start(t, Config{Metrics: registry}, engine)
	operator := server.as(t, grantOf(Operator, "kurobe"))
	booking, council := swmaasv1.NewBookingClient(server.conn), swmaasv1.NewCouncilClient(server.conn)
	_, _ = booking.GetRide(t.Context(), &swmaasv1.GetRideRequest{}) // connects
	before := runtime.NumGoroutine()
	var wg sync.WaitGroup
	for i := range 150 {
		wg.Go(func() {
			ctx, hangUp := context.WithTimeout(operator, time.Duration(5+i%40)*time.Millisecond)
			defer hangUp()
			if i%2 == 0 {
				_, err := booking.GetRide(ctx, &swmaasv1.GetRideRequest{Area: "kurobe", RideId: "2026-01-20.0001"})
				if code := codeOf(err); code != codes.DeadlineExceeded && code != codes.Canceled {
					t.Errorf("%v", err)
				}
				return
			}
			if stream, err := council.WatchDay(ctx, &swmaasv1.WatchDayRequest{Area: "kurobe", ServiceDate: "2026-01-20"}); err == nil {
				_, _ = stream.Recv()
			}
		})
	}
	wg.Wait()
	if left := settled(before); left > 0 {
		t.Errorf("%d goroutines are left over", left)
	}
	// A handler may still be ending: `before` may have counted a goroutine that has gone since.
	open := counted(t, registry, "swmaas_calls_open")
	for end := time.Now().Add(30 * time.Second); open != 0 && time.Now().Before(end); open = counted(t, registry, "swmaas_calls_open") {
		time.Sleep(10 * time.Millisecond)
	}
	if open != 0 {
		t.Errorf("%v calls are still counted as open", open)
	}
}

// counted is the sum over all labels of a counter or gauge, which has to be there.
func counted(t *testing.T, registry *prometheus.Registry, name string) (sum float64) {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, f := range families {
		if f.GetName() == name {
			for _, m := range f.GetMetric() {
				found, sum = true, sum+m.GetGauge().GetValue()+m.GetCounter().GetValue()
			}
		}
	}
	if !found {
		t.Fatalf("there is no %s", name)
	}
	return sum
}

// TestAThousandConnectionsThatDoNothingAreLetGo opens connections that say nothing, or half of a greeting, or open a stream and fall
// silent; others are answered meanwhile, and nothing is left when they are cut.
func TestAThousandConnectionsThatDoNothingAreLetGo(t *testing.T) {
	d := startDay(t)
	addr := d.overTCP(t)
	before := runtime.NumGoroutine()
	greeting := "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	idle := make([]net.Conn, 1000)
	for i := range idle {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(i, err)
		}
		if i%3 == 1 {
			_, _ = conn.Write([]byte(greeting[:i%len(greeting)]))
		}
		if i%3 == 2 {
			_, _ = conn.Write([]byte(greeting + "\x00\x00\x00\x04\x00\x00\x00\x00\x00")) // greeted, and then nothing
		}
		idle[i] = conn
	}
	var half []*grpc.ClientConn // streams whose caller falls silent
	for i := range 20 {
		conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			t.Fatal(err)
		}
		half = append(half, conn)
		g := grantOf(Driver, "kurobe")
		if _, err := swmaasv1.NewDriverClient(conn).ReportPositions(d.as(t, g)); err != nil {
			t.Fatal(i, err)
		}
	}
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	operator := d.as(t, grantOf(Operator, "kurobe"))
	for i := range 20 {
		ctx, cancel := context.WithTimeout(operator, 30*time.Second)
		_, err := swmaasv1.NewBookingClient(conn).ListRides(ctx, &swmaasv1.ListRidesRequest{Area: "kurobe", ServiceDate: serviceDate})
		cancel()
		if err != nil {
			t.Errorf("call %d beside them: %v", i, err)
		}
	}
	_ = conn.Close()
	for _, c := range half {
		_ = c.Close()
	}
	for _, c := range idle {
		_ = c.Close()
	}
	if left := settled(before); left > 0 {
		t.Error(fmt.Sprint(left, " goroutines are left over"))
	}
}
