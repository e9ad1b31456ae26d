package api

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
	"github.com/swmaas/swmaas/dispatch/seal"
	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/testdata/redistest"
	"github.com/swmaas/swmaas/vehicles"
	"github.com/swmaas/swmaas/vehicles/fleetstore"
)

// day is a service on the real engine: desk, Redis, roads of a small town and two vans. Its clock is set by the test.
type day struct {
	*running
	clock    atomic.Int64 // service-day second
	taps     atomic.Int64 // of the device that drive reports for
	desk     *dispatch.Desk
	fleet    *fleetstore.Store
	plans    *planstore.Store
	accesses *planstore.AccessLog

	riders *dispatch.Register
	places *dispatch.PlaceBook
	orders *dispatch.Orders
	garage *dispatch.Garage

	policies *dispatch.PolicySet // of the files
	rulebook *dispatch.PolicyBook
	decided  bool // the desk decides by the book, and not without policies
}

const serviceDate = "2026-01-20"

// at is a moment of the day.
func at(hour, minute int) *timestamppb.Timestamp {
	return timestamppb.New(time.Date(2026, 1, 20, hour, minute, 0, 0, time.FixedZone("JST", 9*3600)))
}

func (d *day) now() time.Time {
	return at(0, 0).AsTime().Add(time.Duration(d.clock.Load()) * time.Second)
}

func (d *day) set(hour, minute int) { d.clock.Store(int64(hour*3600 + minute*60)) }

// corner is a crossing of the small town, whose blocks are 500 m long and take 50 s each.
func corner(x, y int) geo.LatLng {
	return geo.LatLng{Lat: 36.85 + float64(y)*0.0045, Lng: 137.43 + float64(x)*0.0056}
}

func smallTown(t testing.TB) *routing.Graph {
	t.Helper()
	const n = 8
	b := routing.NewBuilder()
	for i := range n * n {
		b.AddNode(corner(i%n, i/n))
	}
	for i := range int32(n) {
		row, column := make([]int32, n), make([]int32, n)
		for k := range int32(n) {
			row[k], column[k] = i*n+k, k*n+i
		}
		b.AddRoad(routing.Road{Nodes: row, Class: routing.Tertiary, SpeedKmh: 36})
		b.AddRoad(routing.Road{Nodes: column, Class: routing.Tertiary, SpeedKmh: 36})
	}
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// countedPositions gives the service the count that it asks for.
type countedPositions struct{ *fleetstore.Store }

func (c countedPositions) Report(ctx context.Context, area string, list []vehicles.Position) (int, error) {
	got, err := c.Store.Report(ctx, area, list)
	return got.Stored, err
}

// nearby gives the service the search that it asks for.
type nearby struct{ *fleetstore.Store }

func (n nearby) Nearest(ctx context.Context, area string, at geo.LatLng, k int, keep func(vehicles.VehicleID) bool) ([]vehicles.Near, error) {
	return n.Store.Nearest(ctx, area, at, k, keep)
}

// startDay starts a service at 7:30 of the day.
func startDay(t testing.TB) *day {
	t.Helper()
	d := new(day)
	d.set(7, 30)
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: redistest.Start(t)})
	t.Cleanup(func() { _ = client.Close() })
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ring, err := seal.New(t.TempDir(), planstore.NewDataKeys(client), seal.Config{})
	must(err)
	plans, err := planstore.New(client, ring, planstore.Config{})
	must(err)
	register, err := planstore.NewRegister(client, ring)
	must(err)
	d.riders, d.places = dispatch.NewRegister(register, d.now), dispatch.NewPlaceBook(register)
	d.policies, err = dispatch.CautiousPolicies(time.FixedZone("JST", 9*3600))
	must(err)
	d.fleet, err = fleetstore.New(client, client, fleetstore.Config{Now: d.now, Sealer: ring})
	must(err)
	fleet, shifts := twoVans()
	must(d.fleet.SaveFleet(t.Context(), "kurobe", fleet))
	must(d.fleet.SaveShifts(t.Context(), "kurobe", serviceDate, shifts))
	d.plans, d.accesses = plans, planstore.NewAccessLog(client)
	d.running = d.open(t, newKey(t))
	return d
}

// open starts desk and service on what the stores have.
func (d *day) open(t testing.TB, key *TokenKey) *running {
	t.Helper()
	roads := dispatch.Roads{Router: routing.NewRouter(smallTown(t), routing.RouterConfig{Workers: 1})}
	cfg := dispatch.Config{OfferKey: [32]byte{1}, Calendars: d.fleet, Live: d.fleet, Unchecked: true}
	d.rulebook = dispatch.NewPolicyBook(d.policies, d.plans, d.now)
	if d.decided {
		cfg.Policies = d.rulebook
	}
	var err error
	if d.desk, err = dispatch.NewDesk(cfg, d.plans, d.fleet, roads, d.now); err != nil {
		t.Fatal(err)
	}
	d.orders, d.garage = dispatch.NewOrders(d.desk, d.plans), dispatch.NewGarage(d.desk, d.fleet, d.plans)
	return startWith(t, key, Config{Clock: d.now}, d.engine())
}

func (d *day) engine() Engine {
	return Engine{
		Booker: d.desk, Holds: d.desk, Changes: d.desk, Trips: d.desk, WillCalls: d.desk, Waitlist: d.desk, Explainer: d.desk,
		Days: d.desk, Watcher: d.desk, Stepper: d.desk, Duties: d.desk, Alarms: d.desk, Tells: d.desk, Mender: d.desk, Planner: d.desk, Board: d.desk, Messages: d.desk,
		Fleet: d.fleet, Positions: countedPositions{d.fleet}, Statuses: d.fleet,
		RiderFinder: d.riders, RiderKeeper: d.riders, Places: d.places, Intents: d.plans, Accesses: d.accesses,
		Orders: d.orders, OrderEdits: d.orders, Garage: d.garage, Calendars: d.garage, Nearby: nearby{d.fleet},
		Policies: dispatch.NewPolicyOffice(d.rulebook, d.desk), Areas: dispatch.NewAreaOffice(d.plans, d.desk), Overseer: d.desk, Lapses: d.riders, Tokens: emptyOffice{}, Eraser: d.riders, Files: emptyOffice{},
		Hurry: d.desk.Hurry,
	}
}

// restart starts desk and service anew on the same stores, as after a restart of the engine.
func (d *day) restart(t testing.TB) *running {
	t.Helper()
	return d.open(t, d.key)
}

// twoVans is V-01 of facility F-01 and V-02 of F-02, each on duty from 8:00 to 17:00 with an own round at noon.
func twoVans() (fleet vehicles.Fleet, shifts []vehicles.Shift) {
	for i := 1; i <= 2; i++ {
		owner, id := vehicles.FacilityID(fmt.Sprintf("F-%02d", i)), vehicles.VehicleID(fmt.Sprintf("V-%02d", i))
		home := corner(i, i)
		fleet.Facilities = append(fleet.Facilities, vehicles.Facility{ID: owner, Name: "施設", At: home})
		fleet.Drivers = append(fleet.Drivers, vehicles.Driver{ID: "D-01", Facility: owner, Class: vehicles.Employee, Licence: vehicles.FirstClass})
		fleet.Vehicles = append(fleet.Vehicles, vehicles.Vehicle{
			ID: id, Name: string(id), Owner: owner, Home: home, Cabin: vehicles.Cabin{{Seats: 4}, {Seats: 2, Wheelchairs: 1}}, Equipment: vehicles.Ramp,
		})
		shifts = append(shifts, vehicles.Shift{
			ID: vehicles.ShiftID("S-" + string(id)), Vehicle: id, Driver: "D-01", Span: vehicles.Span{Start: 8 * 3600, End: 17 * 3600},
			Start: home, End: home, OwnRounds: []vehicles.Span{{Start: 12 * 3600, End: 13 * 3600}},
		})
	}
	fleet.Drivers = fleet.Drivers[:1]
	return fleet, shifts
}

func pinned(x, y int) *swmaasv1.Place {
	p := corner(x, y)
	return &swmaasv1.Place{Label: fmt.Sprintf("角 %d-%d", x, y), Position: &swmaasv1.LatLng{Lat: p.Lat, Lng: p.Lng}}
}

// toTheClinic asks to be at the clinic at 10:00.
func toTheClinic(rider string) *swmaasv1.QuoteRequest {
	return &swmaasv1.QuoteRequest{
		Area: "kurobe", ServiceDate: serviceDate, RiderId: rider, Party: &swmaasv1.Party{Seats: 1},
		Pickup: pinned(2, 5), Dropoff: pinned(6, 6), Purpose: swmaasv1.Purpose_PURPOSE_MEDICAL,
		Wish: &swmaasv1.Wish{Kind: &swmaasv1.Wish_ArriveBy{ArriveBy: &swmaasv1.ArriveBy{Latest: at(10, 0)}}},
	}
}

// book quotes and books the ride, and fails the test where that is not possible.
func (d *day) book(t testing.TB, ctx context.Context, q *swmaasv1.QuoteRequest, key string) *swmaasv1.Ride {
	t.Helper()
	booking := swmaasv1.NewBookingClient(d.conn)
	quote, err := booking.Quote(ctx, q)
	if err != nil {
		t.Fatal(err)
	}
	if len(quote.GetOffers()) == 0 {
		t.Fatalf("no offers: %v", quote.GetRejections())
	}
	booked, err := booking.Book(ctx, &swmaasv1.BookRequest{IdempotencyKey: key, Area: "kurobe", OfferToken: quote.GetOffers()[0].GetToken()})
	if err != nil {
		t.Fatal(err)
	}
	if booked.GetRide() == nil {
		t.Fatalf("gone: %v", booked)
	}
	return booked.GetRide()
}

func TestARideIsQuotedBookedReadListedAndCancelled(t *testing.T) {
	d := startDay(t)
	ctx := d.as(t, grantOf(Operator, "kurobe"))
	booking := swmaasv1.NewBookingClient(d.conn)
	quote, err := booking.Quote(ctx, toTheClinic("R-0001"))
	if err != nil || len(quote.GetOffers()) == 0 {
		t.Fatalf("%v, %v", quote, err)
	}
	offer := quote.GetOffers()[0]
	if got := offer.GetPromise().GetArriveBy(); !got.AsTime().Equal(at(10, 0).AsTime()) {
		t.Errorf("arrival promised by %v, asked for 10:00", got.AsTime())
	}
	// 4 blocks east and 1 north of 500 m at 36 km/h are 250 s of driving and some for the turn.
	if direct := offer.GetDirect().AsDuration(); direct < 250*time.Second || direct > 280*time.Second {
		t.Errorf("direct time %v, want 250 s and a little", direct)
	}
	request := &swmaasv1.BookRequest{IdempotencyKey: "call-1", Area: "kurobe", OfferToken: offer.GetToken()}
	booked, err := booking.Book(ctx, request)
	if err != nil || booked.GetRide().GetState() != swmaasv1.RideState_RIDE_STATE_BOOKED {
		t.Fatalf("%v, %v", booked, err)
	}
	ride := booked.GetRide()
	again, err := booking.Book(ctx, request)
	if err != nil || again.GetRide().GetId() != ride.GetId() {
		t.Errorf("the same key gave %v, %v", again.GetRide().GetId(), err)
	}
	read, err := booking.GetRide(ctx, &swmaasv1.GetRideRequest{Area: "kurobe", RideId: ride.GetId()})
	if err != nil || read.GetRide().GetPickup().GetLabel() != "角 2-5" || read.GetRide().GetVehicleId() == "" ||
		!read.GetRide().GetPlannedPickup().IsValid() || read.GetRide().GetPurpose() != swmaasv1.Purpose_PURPOSE_MEDICAL {
		t.Errorf("%v, %v", read, err)
	}
	if wish := read.GetRide().GetRequested().GetArriveBy(); !wish.GetLatest().AsTime().Equal(at(10, 0).AsTime()) || wish.GetEarliest() != nil {
		t.Errorf("requested %v, want by 10:00 and nothing else", wish)
	}
	gone, err := booking.CancelRide(ctx, &swmaasv1.CancelRideRequest{IdempotencyKey: "call-2", Area: "kurobe", RideId: ride.GetId(), Reason: "CHANGED_MY_MIND"})
	if err != nil || gone.GetRide().GetState() != swmaasv1.RideState_RIDE_STATE_CANCELLED || gone.GetRide().GetCancelKind() != swmaasv1.CancelKind_CANCEL_KIND_SAME_DAY {
		t.Errorf("%v, %v", gone, err)
	}
	_, err = booking.CancelRide(ctx, &swmaasv1.CancelRideRequest{IdempotencyKey: "call-3", Area: "kurobe", RideId: ride.GetId()})
	if code, reason := reasonOf(err); code != codes.FailedPrecondition || reason != "WRONG_STATE" {
		t.Errorf("cancelled twice: %v", err)
	}
}

func TestRidersSeeTheirOwnRidesOnly(t *testing.T) {
	d := startDay(t)
	operator := d.as(t, grantOf(Operator, "kurobe"))
	own := d.book(t, operator, toTheClinic("R-0001"), "1")
	other := d.book(t, operator, toTheClinic("R-0002"), "2")
	rider := d.as(t, grantOf(Rider, "kurobe"))
	booking := swmaasv1.NewBookingClient(d.conn)
	list, err := booking.ListRides(rider, &swmaasv1.ListRidesRequest{Area: "kurobe", ServiceDate: serviceDate})
	if err != nil || len(list.GetRides()) != 1 || list.GetRides()[0].GetId() != own.GetId() {
		t.Errorf("the rider sees %v, %v", list, err)
	}
	back := toTheClinic("R-0001")
	back.OutboundRideId = other.GetId()
	for name, call := range map[string]func() error{
		"reading": func() error {
			_, err := booking.GetRide(rider, &swmaasv1.GetRideRequest{Area: "kurobe", RideId: other.GetId()})
			return err
		},
		"cancelling": func() error {
			_, err := booking.CancelRide(rider, &swmaasv1.CancelRideRequest{IdempotencyKey: "3", Area: "kurobe", RideId: other.GetId()})
			return err
		},
		"asking for":      func() error { _, err := booking.Quote(rider, toTheClinic("R-0002")); return err },
		"a way back from": func() error { _, err := booking.Quote(rider, back); return err },
	} {
		if code, reason := reasonOf(call()); code != codes.PermissionDenied || reason != "OUT_OF_SCOPE" {
			t.Errorf("%s another's ride: %v %s", name, code, reason)
		}
	}
}

func TestListsArePaged(t *testing.T) {
	d := startDay(t)
	ctx := d.as(t, grantOf(Operator, "kurobe"))
	var booked []string
	for i := range 5 {
		booked = append(booked, d.book(t, ctx, toTheClinic(fmt.Sprintf("R-%04d", i)), fmt.Sprint(i)).GetId())
	}
	slices.Sort(booked)
	booking := swmaasv1.NewBookingClient(d.conn)
	request := &swmaasv1.ListRidesRequest{
		Area: "kurobe", ServiceDate: serviceDate, PageSize: 2, States: []swmaasv1.RideState{swmaasv1.RideState_RIDE_STATE_BOOKED},
	}
	var ids []string
	for {
		list, err := booking.ListRides(ctx, request)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list.GetRides() {
			ids = append(ids, r.GetId())
		}
		if list.GetNextPageToken() == "" {
			break
		}
		request.PageToken = list.GetNextPageToken()
	}
	if !slices.Equal(ids, booked) {
		t.Errorf("pages of two gave %v, booked were %v", ids, booked)
	}
	request.PageToken = "%%%"
	if _, err := booking.ListRides(ctx, request); codeOf(err) != codes.InvalidArgument {
		t.Errorf("a made-up page token: %v", err)
	}
}

func codeOf(err error) codes.Code { code, _ := reasonOf(err); return code }

// stops reads the next manifest of a stream.
func nextManifest(t testing.TB, stream grpc.ServerStreamingClient[swmaasv1.StreamManifestResponse]) *swmaasv1.StreamManifestResponse {
	t.Helper()
	for {
		message, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		if message.GetManifest() != nil {
			return message
		}
	}
}

func TestADriverFollowsTheManifestAndReportsEveryStep(t *testing.T) {
	d := startDay(t)
	ride := d.book(t, d.as(t, grantOf(Operator, "kurobe")), toTheClinic("R-0001"), "1")
	g := grantOf(Driver, "kurobe")
	g.Vehicle = ride.GetVehicleId()
	ctx := d.as(t, g)
	driver := swmaasv1.NewDriverClient(d.conn)
	stream, err := driver.StreamManifest(ctx, &swmaasv1.StreamManifestRequest{Area: "kurobe", ServiceDate: serviceDate, VehicleId: g.Vehicle})
	if err != nil {
		t.Fatal(err)
	}
	manifest := nextManifest(t, stream).GetManifest()
	if len(manifest.GetStops()) != 2 || manifest.GetStops()[0].GetKind() != swmaasv1.StopKind_STOP_KIND_PICKUP ||
		manifest.GetStops()[0].GetPlace().GetLabel() != "角 2-5" || manifest.GetStops()[0].GetRideId() != ride.GetId() {
		t.Fatalf("manifest %v", manifest)
	}
	d.set(10, 30)
	step := func(n int64, kind swmaasv1.StepKind, stop swmaasv1.StopKind, when *timestamppb.Timestamp) *swmaasv1.Step {
		return &swmaasv1.Step{Sequence: n, Kind: kind, Stop: stop, RideId: ride.GetId(), DeviceTime: when}
	}
	pickup, dropoff := swmaasv1.StopKind_STOP_KIND_PICKUP, swmaasv1.StopKind_STOP_KIND_DROPOFF
	batch := &swmaasv1.ReportStepsRequest{
		IdempotencyKey: "device-1", Area: "kurobe", ServiceDate: serviceDate, VehicleId: g.Vehicle,
		Steps: []*swmaasv1.Step{
			step(1, swmaasv1.StepKind_STEP_KIND_DEPART, pickup, at(9, 20)),
			step(2, swmaasv1.StepKind_STEP_KIND_ARRIVE, pickup, at(9, 30)),
			step(3, swmaasv1.StepKind_STEP_KIND_BOARD, 0, at(9, 34)),
			step(4, swmaasv1.StepKind_STEP_KIND_NO_SHOW, 0, at(9, 35)), // contradicts the one before
			step(5, swmaasv1.StepKind_STEP_KIND_ARRIVE, dropoff, at(9, 40)),
			step(6, swmaasv1.StepKind_STEP_KIND_ALIGHT, 0, at(9, 42)),
		},
	}
	first, err := driver.ReportSteps(ctx, batch)
	if err != nil || first.GetAcceptedSequence() != 6 || len(first.GetConflicts()) != 1 ||
		first.GetConflicts()[0].GetSequence() != 4 || first.GetConflicts()[0].GetReason() != "WRONG_STATE" {
		t.Fatalf("%v, %v", first, err)
	}
	again, err := driver.ReportSteps(ctx, batch)
	if err != nil || again.GetRevision() != first.GetRevision() || again.GetManifestVersion() != first.GetManifestVersion() {
		t.Errorf("the same steps again changed something: %v, %v", again, err)
	}
	for manifest.GetVersion() < first.GetManifestVersion() {
		manifest = nextManifest(t, stream).GetManifest()
	}
	if got := manifest.GetStops()[1].GetState(); got != swmaasv1.StopState_STOP_STATE_DONE {
		t.Errorf("the dropoff is %v after the last step", got)
	}
	read, err := swmaasv1.NewBookingClient(d.conn).GetRide(d.as(t, grantOf(Council, "kurobe")), &swmaasv1.GetRideRequest{Area: "kurobe", RideId: ride.GetId()})
	actual := read.GetRide().GetActual()
	if err != nil || read.GetRide().GetState() != swmaasv1.RideState_RIDE_STATE_COMPLETED ||
		!actual.GetBoarded().AsTime().Equal(at(9, 34).AsTime()) || !actual.GetAlighted().AsTime().Equal(at(9, 42).AsTime()) {
		t.Errorf("%v, %v", read, err)
	}
}
