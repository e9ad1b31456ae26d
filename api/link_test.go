package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// badLink passes bytes on to a server as a bad mobile network would: late, and every connection is cut after a random
// number of bytes in either direction.
type badLink struct {
	listener net.Listener
	target   string
	open     sync.WaitGroup

	mu   sync.Mutex
	rng  *rand.Rand // guarded by mu
	cuts int        // guarded by mu
}

func startBadLink(t *testing.T, target string) *badLink {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &badLink{listener: listener, target: target, rng: rand.New(rand.NewPCG(7, 7))}
	l.open.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			l.open.Go(func() { l.pass(conn) })
		}
	})
	t.Cleanup(func() { _ = listener.Close(); l.open.Wait() })
	return l
}

// pass carries one connection until one of its sides ends or its luck does.
func (l *badLink) pass(device net.Conn) {
	server, err := net.Dial("tcp", l.target)
	if err != nil {
		_ = device.Close()
		return
	}
	l.mu.Lock()
	up, down := 1000+l.rng.Int64N(1500), 300+l.rng.Int64N(1500)
	l.cuts++
	l.mu.Unlock()
	var both sync.WaitGroup
	carry := func(to, from net.Conn, luck int64) {
		defer func() { _, _ = to.Close(), from.Close() }()
		buffer := make([]byte, 256)
		for luck > 0 {
			n, err := from.Read(buffer[:min(int64(len(buffer)), luck)])
			if err != nil {
				return
			}
			time.Sleep(time.Millisecond)
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
			luck -= int64(n)
		}
	}
	both.Go(func() { carry(server, device, up) })
	both.Go(func() { carry(device, server, down) })
	both.Wait()
}

// overTCP serves the day on a real port.
func (d *day) overTCP(t *testing.T) (addr string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	served.Go(func() {
		if err := d.Serve(listener); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { d.Shutdown(context.Background()); served.Wait() })
	return listener.Addr().String()
}

// tries calls until the answer is not "try again".
func tries(t *testing.T, call func() error) {
	t.Helper()
	for range 400 {
		err := call()
		if code := codeOf(err); code != codes.Unavailable && code != codes.DeadlineExceeded && code != codes.Canceled {
			if err != nil {
				t.Fatal(err)
			}
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("no answer after 400 tries")
}

func TestStepsArriveOnceAndInOrderOverABadLink(t *testing.T) {
	d := startDay(t)
	ride := d.book(t, d.as(t, grantOf(Operator, "kurobe")), toTheClinic("R-0001"), "1")
	d.set(11, 0)
	link := startBadLink(t, d.overTCP(t))
	conn, err := grpc.NewClient(link.listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: backoff.Config{BaseDelay: time.Millisecond, Multiplier: 1, MaxDelay: time.Millisecond}}))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	g := grantOf(Driver, "kurobe")
	g.Vehicle = ride.GetVehicleId()
	ctx, driver := d.as(t, g), swmaasv1.NewDriverClient(conn)
	// The driver arrives and takes it back twenty times over before boarding: every tap changes the plan, so that one that
	// is applied twice, left out or taken in another order ends otherwise.
	kinds := []swmaasv1.StepKind{swmaasv1.StepKind_STEP_KIND_DEPART}
	for range 20 {
		kinds = append(kinds, swmaasv1.StepKind_STEP_KIND_ARRIVE, swmaasv1.StepKind_STEP_KIND_UNDO)
	}
	kinds = append(kinds, swmaasv1.StepKind_STEP_KIND_ARRIVE, swmaasv1.StepKind_STEP_KIND_BOARD)
	batch := &swmaasv1.ReportStepsRequest{IdempotencyKey: "device", Area: "kurobe", ServiceDate: serviceDate, VehicleId: g.Vehicle}
	for i, kind := range kinds {
		batch.Steps = append(batch.Steps, &swmaasv1.Step{
			Sequence: int64(i + 1), Kind: kind, Stop: swmaasv1.StopKind_STOP_KIND_PICKUP, RideId: ride.GetId(), DeviceTime: at(9, i),
		})
		if len(batch.GetSteps()) < 3 && i < len(kinds)-1 {
			continue
		}
		tries(t, func() error {
			ctx, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			answer, err := driver.ReportSteps(ctx, batch)
			if err == nil && (len(answer.GetConflicts()) > 0 || answer.GetAcceptedSequence() != int64(i+1)) {
				t.Fatalf("steps up to %d: %v", i+1, answer)
			}
			return err
		})
		batch.Steps = batch.GetSteps()[len(batch.GetSteps())-1:] // the device was not sure about the last one
	}
	events, err := d.desk.Events(t.Context(), "kurobe", serviceDate, "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	var got []dispatch.EventKind
	for _, e := range events[1:] { // the first is the booking
		if e.Kind == dispatch.MustTell || e.Kind == dispatch.TellOutdated {
			continue // the device's clock is two hours behind the engine's, so that the vehicle counts as late
		}
		got = append(got, e.Kind)
	}
	want := []dispatch.EventKind{dispatch.VehicleLeft}
	for range 20 {
		want = append(want, dispatch.VehicleArrived, dispatch.StepUndone)
	}
	want = append(want, dispatch.VehicleArrived, dispatch.RideBoarded)
	if !slices.Equal(got, want) {
		t.Errorf("events %v", got)
	}
	link.mu.Lock()
	defer link.mu.Unlock()
	if link.cuts < 5 {
		t.Errorf("only %d connections were needed: the link was not bad enough to prove anything", link.cuts)
	}
}

func TestEventsAreSeenOnceAcrossARestart(t *testing.T) {
	d := startDay(t)
	operator := d.as(t, grantOf(Operator, "kurobe"))
	var want []string
	watch := func(server *running, after string, until int) (seen []string, last string) {
		g := grantOf(Council, "kurobe")
		token, err := d.key.Issue(&g, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		ctx, hangUp := context.WithCancel(metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+token))
		defer hangUp()
		stream, err := swmaasv1.NewCouncilClient(server.conn).WatchDay(ctx, &swmaasv1.WatchDayRequest{Area: "kurobe", ServiceDate: serviceDate, AfterEventId: after})
		if err != nil {
			t.Fatal(err)
		}
		for len(seen) < until {
			message, err := stream.Recv()
			if err != nil {
				t.Fatal(err)
			}
			seen, last = append(seen, message.GetEvent().GetRideId()), message.GetEvent().GetId()
		}
		return seen, last
	}
	for i := range 6 {
		ride := d.book(t, operator, toTheClinic(fmt.Sprintf("R-%04d", i)), fmt.Sprint(i))
		want = append(want, ride.GetId())
	}
	first, last := watch(d.running, "", 3)
	d.Shutdown(context.Background())
	again := d.restart(t)
	rest, _ := watch(again, last, 3)
	if got := append(first, rest...); !slices.Equal(got, want) {
		t.Errorf("seen %v, want %v", got, want)
	}
}

// floodingWatcher has a new manifest of about 100 kB whenever it is asked.
type floodingWatcher struct{ emptyEngine }

func (floodingWatcher) Watch(ctx context.Context, _ dispatch.AreaID, _ dispatch.Day) (<-chan int64, error) {
	revisions := make(chan int64)
	go func() {
		for n := int64(1); ; n++ {
			select {
			case revisions <- n:
			case <-ctx.Done():
				return
			}
		}
	}()
	return revisions, nil
}

func (floodingWatcher) Manifest(context.Context, dispatch.AreaID, dispatch.Day, vehicles.VehicleID) (*dispatch.Manifest, error) {
	return &dispatch.Manifest{Version: time.Now().UnixNano(), Stops: make([]dispatch.ManifestStop, 1500)}, nil
}

// oneVehicle is a fleet of V-01.
type oneVehicle struct{ emptyFleet }

func (oneVehicle) Fleet(context.Context, string) (vehicles.Fleet, error) {
	return vehicles.Fleet{Vehicles: []vehicles.Vehicle{{ID: "V-01"}}}, nil
}

func TestAReaderWhoDoesNotReadIsDroppedAndTold(t *testing.T) {
	engine := emptyEngines()
	engine.Watcher, engine.Fleet = floodingWatcher{}, oneVehicle{}
	registry := prometheus.NewRegistry()
	server := start(t, Config{StreamPatience: 5 * time.Second, Metrics: registry}, engine)
	ctx, driver := server.as(t, grantOf(Driver, "kurobe")), swmaasv1.NewDriverClient(server.conn)
	request := &swmaasv1.StreamManifestRequest{Area: "kurobe", ServiceDate: serviceDate, VehicleId: "V-01"}
	bounded, stop := context.WithTimeout(ctx, time.Minute) // one who is not dropped would read for ever
	defer stop()
	lazy, err := driver.StreamManifest(bounded, request)
	if err != nil {
		t.Fatal(err)
	}
	reading, hangUp := context.WithCancel(ctx)
	defer hangUp()
	eager, err := driver.StreamManifest(reading, request)
	if err != nil {
		t.Fatal(err)
	}
	for bounded.Err() == nil && counted(t, registry, "swmaas_streams_dropped_total") == 0 {
		if _, err := eager.Recv(); err != nil {
			t.Fatalf("a reader who reads is dropped too: %v", err)
		}
	}
	for err == nil {
		_, err = lazy.Recv()
	}
	if code, reason := reasonOf(err); code != codes.ResourceExhausted || reason != "SLOW_CONSUMER" {
		t.Errorf("%v, want SLOW_CONSUMER", err)
	}
}

func TestIdleConnectionsHoldNobodyUp(t *testing.T) {
	d := startDay(t)
	addr := d.overTCP(t)
	idle := make([]net.Conn, 300)
	for i := range idle {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		idle[i] = conn
	}
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	ctx, cancel := context.WithTimeout(d.as(t, grantOf(Operator, "kurobe")), 30*time.Second)
	defer cancel()
	if _, err := swmaasv1.NewBookingClient(conn).ListRides(ctx, &swmaasv1.ListRidesRequest{Area: "kurobe", ServiceDate: serviceDate}); err != nil {
		t.Error(err)
	}
	if _, err := idle[0].Write([]byte("GET / HTTP/1.1\r\n\r\n")); err != nil && !errors.Is(err, io.EOF) {
		t.Error(err)
	}
}
