package api

import (
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/timestamppb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
)

// keptLog keeps everything that is logged.
type keptLog struct {
	mu   sync.Mutex
	text strings.Builder // guarded by mu
}

func (l *keptLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func TestLogsHoldNothingPersonalAndNoSecret(t *testing.T) {
	log := new(keptLog)
	d := startDay(t)
	d.running = startWith(t, d.key, Config{
		Clock: d.now, Log: slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}, d.engine())
	ctx := d.as(t, grantOf(Operator, "kurobe"))
	booking := swmaasv1.NewBookingClient(d.conn)
	q := toTheClinic("R-0001")
	q.Pickup.Label, q.Dropoff.Label = "みどり町一丁目の家", "透析クリニック"
	q.Purpose = swmaasv1.Purpose_PURPOSE_DIALYSIS
	ride := d.book(t, ctx, q, "secret-key-1")
	office := d.as(t, grantOf(Dispatcher, "kurobe"))
	for _, phone := range []string{"090-1234-0555", "090-1234-0555-not-one"} {
		_, err := swmaasv1.NewFleetClient(d.conn).SaveDriver(office, &swmaasv1.SaveDriverRequest{Area: "kurobe", IdempotencyKey: "driver-" + phone, Driver: &swmaasv1.DriverEntry{
			Id: "D-77", FacilityId: "F-01", DriverClass: swmaasv1.DriverClass_DRIVER_CLASS_EMPLOYEE, Licence: swmaasv1.Licence_LICENCE_FIRST_CLASS, Phone: phone,
		}})
		if (err == nil) != (phone == "090-1234-0555") {
			t.Errorf("%v", err)
		}
	}
	// Calls that go wrong are logged more about than those that go well.
	far := toTheClinic("R-0001")
	far.Pickup = &swmaasv1.Place{Label: q.Pickup.Label, Position: &swmaasv1.LatLng{Lat: 36.123456, Lng: 137.654321}}
	_, _ = booking.Quote(ctx, far)
	wrong := toTheClinic("R-0001")
	wrong.Pickup = &swmaasv1.Place{Label: strings.Repeat(q.Pickup.Label, 30), Position: q.Pickup.Position}
	_, _ = booking.Quote(ctx, wrong)
	_, _ = booking.Book(ctx, &swmaasv1.BookRequest{IdempotencyKey: "secret-key-1", Area: "kurobe", OfferToken: "another"})
	_, _ = booking.GetRide(metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer stolen.token.value"), &swmaasv1.GetRideRequest{Area: "kurobe", RideId: ride.GetId()})
	g := grantOf(Driver, "kurobe")
	g.Vehicle = ride.GetVehicleId()
	driver := d.as(t, g)
	_, _ = swmaasv1.NewDriverClient(d.conn).ReportSteps(driver, &swmaasv1.ReportStepsRequest{
		IdempotencyKey: "device", Area: "kurobe", ServiceDate: serviceDate, VehicleId: g.Vehicle,
		Steps: []*swmaasv1.Step{{
			Sequence: 1, Kind: swmaasv1.StepKind_STEP_KIND_BOARD, RideId: ride.GetId(), DeviceTime: timestamppb.New(d.now()),
			Position: &swmaasv1.LatLng{Lat: 36.123456, Lng: 137.654321},
		}},
	})
	if _, err := booking.ListRides(ctx, &swmaasv1.ListRidesRequest{Area: "kurobe", ServiceDate: serviceDate}); err != nil {
		t.Fatal(err)
	}
	sent, _ := metadata.FromOutgoingContext(ctx)
	time.Sleep(50 * time.Millisecond) // the last line is written after its answer
	log.mu.Lock()
	defer log.mu.Unlock()
	text := log.text.String()
	if lines := strings.Count(text, "\n"); lines < 7 || !strings.Contains(text, "/swmaas.v1.Booking/Quote") {
		t.Fatalf("%d lines are logged:\n%s", lines, text)
	}
	for what, secret := range map[string]string{
		"a home": "みどり町", "a clinic": "透析", "a purpose": "DIALYSIS", "the engine's word for it": "dialysis",
		"a latitude": "36.123", "a longitude": "137.654", "a latitude of the town": "36.87", "an idempotency key": "secret-key",
		"a token": strings.TrimPrefix(sent.Get("authorization")[0], "Bearer "), "a forged token": "stolen.token", "a rider": "R-0001",
		"a driver's number": "1234-0555", "the same in its one form": "9012340555",
	} {
		if i := strings.Index(text, secret); i >= 0 {
			t.Errorf("%s is logged: %s", what, text[max(0, i-200):min(len(text), i+100)])
		}
	}
}
