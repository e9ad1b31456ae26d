package api

import (
	"context"
	"io"
	"regexp"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
)

// methods lists every method of the contract by its name on the wire.
func methods() map[string]protoreflect.MethodDescriptor {
	list := map[string]protoreflect.MethodDescriptor{}
	protoregistry.GlobalFiles.RangeFilesByPackage("swmaas.v1", func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			for k := range service.Methods().Len() {
				m := service.Methods().Get(k)
				list["/"+string(service.FullName())+"/"+string(m.Name())] = m
			}
		}
		return true
	})
	return list
}

func TestEveryMethodHasARowAndEveryRowAMethod(t *testing.T) {
	all := methods()
	for name := range all {
		if len(access[name]) == 0 {
			t.Errorf("%s has no row in the access table", name)
		}
	}
	for name := range access {
		if all[name] == nil {
			t.Errorf("the access table has a row for %s, which is not in the contract", name)
		}
	}
	registered := 0
	for _, service := range services() {
		registered += len(service.Methods) + len(service.Streams)
	}
	if registered != len(all) {
		t.Errorf("%d methods are served, the contract has %d", registered, len(all))
	}
}

func TestEveryRequestNamesItsArea(t *testing.T) {
	for name, m := range methods() {
		field := m.Input().Fields().ByName("area")
		if field == nil || field.Kind() != protoreflect.StringKind {
			t.Errorf("%s: %s has no area", name, m.Input().FullName())
		}
	}
}

func TestEveryChangeTakesAnIdempotencyKey(t *testing.T) {
	// Reads by their names, and positions, which are lossy by design.
	unchanging := regexp.MustCompile(`^(Get|List|Search|Find|Quote|Explain|Watch|Stream|Check|Export)|^ReportPositions$`)
	for name, m := range methods() {
		if !unchanging.MatchString(string(m.Name())) && m.Input().Fields().ByName("idempotency_key") == nil {
			t.Errorf("%s changes something and has no idempotency key", name)
		}
	}
}

// valid is a request of every method that keeps all rules of its message.
func valid(t testing.TB, method, area string) proto.Message {
	t.Helper()
	here := &swmaasv1.Place{Position: &swmaasv1.LatLng{Lat: 36.87, Lng: 137.45}}
	there := &swmaasv1.Place{Position: &swmaasv1.LatLng{Lat: 36.88, Lng: 137.44}}
	switch method {
	case swmaasv1.Booking_Quote_FullMethodName:
		return &swmaasv1.QuoteRequest{
			Area: area, ServiceDate: "2026-01-20", RiderId: "R-0001", Party: &swmaasv1.Party{Seats: 1}, Pickup: here, Dropoff: there,
			Wish: &swmaasv1.Wish{Kind: &swmaasv1.Wish_ArriveBy{ArriveBy: &swmaasv1.ArriveBy{Latest: timestamppb.New(now)}}},
		}
	case swmaasv1.Booking_Book_FullMethodName:
		return &swmaasv1.BookRequest{Area: area, IdempotencyKey: "k", OfferToken: "t"}
	case swmaasv1.Booking_CancelRide_FullMethodName:
		return &swmaasv1.CancelRideRequest{Area: area, IdempotencyKey: "k", RideId: "2026-01-20.0001"}
	case swmaasv1.Booking_GetRide_FullMethodName:
		return &swmaasv1.GetRideRequest{Area: area, RideId: "2026-01-20.0001"}
	case swmaasv1.Booking_ListRides_FullMethodName:
		return &swmaasv1.ListRidesRequest{Area: area, ServiceDate: "2026-01-20"}
	case swmaasv1.Driver_StreamManifest_FullMethodName:
		return &swmaasv1.StreamManifestRequest{Area: area, ServiceDate: "2026-01-20", VehicleId: "V-01"}
	case swmaasv1.Driver_ReportSteps_FullMethodName:
		return &swmaasv1.ReportStepsRequest{
			Area: area, ServiceDate: "2026-01-20", VehicleId: "V-01", IdempotencyKey: "k",
			Steps: []*swmaasv1.Step{{Sequence: 1, Kind: swmaasv1.StepKind_STEP_KIND_BOARD, RideId: "2026-01-20.0001", DeviceTime: timestamppb.New(now)}},
		}
	case swmaasv1.Driver_ReportPositions_FullMethodName:
		return &swmaasv1.ReportPositionsRequest{
			Area: area, VehicleId: "V-01",
			Positions: []*swmaasv1.Position{{Position: here.Position, DeviceTime: timestamppb.New(now)}},
		}
	case swmaasv1.Fleet_ListVehicles_FullMethodName:
		return &swmaasv1.ListVehiclesRequest{Area: area}
	case swmaasv1.Fleet_ListShifts_FullMethodName:
		return &swmaasv1.ListShiftsRequest{Area: area, ServiceDate: "2026-01-20"}
	case swmaasv1.Fleet_ReportVehicleState_FullMethodName:
		return &swmaasv1.ReportVehicleStateRequest{
			Area: area, IdempotencyKey: "k", VehicleId: "V-01", DeviceTime: timestamppb.New(now),
			Status: swmaasv1.VehicleStatus_VEHICLE_STATUS_AVAILABLE,
		}
	case swmaasv1.Council_WatchDay_FullMethodName:
		return &swmaasv1.WatchDayRequest{Area: area, ServiceDate: "2026-01-20"}
	case swmaasv1.Council_GetDaySummary_FullMethodName:
		return &swmaasv1.GetDaySummaryRequest{Area: area, ServiceDate: "2026-01-20"}
	}
	for _, part := range []func(method, area string) proto.Message{validBooking, validRegister, validOrder, validFleet, validOffice, validAdmin, validDriverDay, validCouncilDay, validConditions, validPlanning, validBoard, validMessage} {
		if request := part(method, area); request != nil {
			return request
		}
	}
	t.Fatalf("%s: a valid request is missing here", method)
	return nil
}

// invoke makes one call of any kind: the request is sent and one answer read.
func (r *running) invoke(ctx context.Context, method string, m protoreflect.MethodDescriptor, request proto.Message) error {
	reply := dynamicpb.NewMessage(m.Output())
	if !m.IsStreamingClient() && !m.IsStreamingServer() {
		return r.conn.Invoke(ctx, method, request, reply)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	desc := &grpc.StreamDesc{ClientStreams: m.IsStreamingClient(), ServerStreams: m.IsStreamingServer()}
	stream, err := r.conn.NewStream(ctx, desc, method)
	if err != nil {
		return err
	}
	if err := stream.SendMsg(request); err != nil && err != io.EOF { //nolint:errorlint // io.EOF is never wrapped here
		return err
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	return stream.RecvMsg(reply)
}

func TestEveryCellOfMethodAndRoleIsEnforced(t *testing.T) {
	server := start(t, Config{}, emptyEngines())
	for _, role := range Roles() {
		own, other := server.as(t, grantOf(role, "kurobe")), server.as(t, grantOf(role, "toyooka"))
		for name, m := range methods() {
			request := valid(t, name, "kurobe")
			code, reason := reasonOf(server.invoke(own, name, m, request))
			// The engine is empty: whoever gets through to it is told that nothing is there.
			want, wantReason := codes.NotFound, "NOT_FOUND"
			if !mayCall(role, name) {
				want, wantReason = codes.PermissionDenied, "ROLE_NOT_PERMITTED"
			}
			if code != want || reason != wantReason {
				t.Errorf("%s as %s: %v %s, want %v %s", name, role, code, reason, want, wantReason)
			}
			if mayCall(role, name) {
				wantReason = "OTHER_AREA"
			}
			if code, reason := reasonOf(server.invoke(other, name, m, request)); code != codes.PermissionDenied || reason != wantReason {
				t.Errorf("%s as %s of another area: %v %s, want PermissionDenied %s", name, role, code, reason, wantReason)
			}
		}
	}
}

func TestNoMethodAnswersWithoutAToken(t *testing.T) {
	server := start(t, Config{}, emptyEngines())
	for name, m := range methods() {
		// An empty request breaks rules as well: the token comes first.
		if code, reason := reasonOf(server.invoke(t.Context(), name, m, dynamicpb.NewMessage(m.Input()))); code != codes.Unauthenticated || reason != "TOKEN_MISSING" {
			t.Errorf("%s: %v %s, want Unauthenticated TOKEN_MISSING", name, code, reason)
		}
	}
}
