package api

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/timestamppb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// startMobileLink passes connections on to a service as a mobile network in the mountains does: everything is late by delay
// in either direction, and one connection in twenty is cut: at once, or amid what the device or the service sends.
func startMobileLink(t *testing.T, target string, delay time.Duration) (addr string) {
	t.Helper()
	proxy := toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop()), "mobile", "127.0.0.1:0", target)
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		proxy.Stop()
		time.Sleep(delay + 100*time.Millisecond) // until what is still on its way has nowhere to go
	})
	ms := delay.Milliseconds()
	for _, toxic := range []string{
		fmt.Sprintf(`{"type": "latency", "stream": "upstream", "attributes": {"latency": %d}}`, ms),
		fmt.Sprintf(`{"type": "latency", "stream": "downstream", "attributes": {"latency": %d}}`, ms),
		`{"type": "reset_peer", "stream": "upstream", "toxicity": 0.0125}`,
		`{"name": "device", "type": "limit_data", "stream": "upstream", "toxicity": 0.0125, "attributes": {"bytes": 400}}`,
		`{"name": "greeting", "type": "limit_data", "stream": "downstream", "toxicity": 0.0125, "attributes": {"bytes": 20}}`,
		`{"name": "answer", "type": "limit_data", "stream": "downstream", "toxicity": 0.0125, "attributes": {"bytes": 60}}`,
		`{"name": "service", "type": "limit_data", "stream": "downstream", "toxicity": 0.0125, "attributes": {"bytes": 110}}`,
	} {
		if _, err := proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
			t.Fatalf("%s: %v", toxic, err)
		}
	}
	return proxy.Listen
}

// countedSteps counts the steps that reach the engine, repetitions included.
type countedSteps struct {
	Stepper
	reached atomic.Int64
}

func (c *countedSteps) Step(ctx context.Context, by dispatch.Actor, s dispatch.Step) (dispatch.StepResult, error) {
	c.reached.Add(1)
	return c.Stepper.Step(ctx, by, s)
}

// smallCars is n vehicles of one seat each, all at one corner of the town and on duty for the day: no two rides of an hour fit
// into one of them.
func smallCars(n int) (fleet vehicles.Fleet, shifts []vehicles.Shift) {
	fleet, _ = twoVans()
	fleet.Vehicles = nil
	home := corner(0, 0)
	for i := range n {
		id := vehicles.VehicleID(fmt.Sprintf("C-%03d", i))
		fleet.Vehicles = append(fleet.Vehicles, vehicles.Vehicle{ID: id, Name: string(id), Owner: "F-01", Home: home, Cabin: vehicles.Cabin{{Seats: 1}}})
		shifts = append(shifts, vehicles.Shift{
			ID: vehicles.ShiftID("S-" + string(id)), Vehicle: id, Driver: "D-01", Span: vehicles.Span{Start: 8 * 3600, End: 17 * 3600}, Start: home, End: home,
		})
	}
	return fleet, shifts
}

// acrossTown asks to be fetched at the hour, from one end of the town to the other.
func acrossTown(rider string, hour int) *swmaasv1.QuoteRequest {
	return &swmaasv1.QuoteRequest{
		Area: "kurobe", ServiceDate: serviceDate, RiderId: rider, Party: &swmaasv1.Party{Seats: 1},
		Pickup: pinned(0, 0), Dropoff: pinned(7, 7), Purpose: swmaasv1.Purpose_PURPOSE_MEDICAL,
		Wish: &swmaasv1.Wish{Kind: &swmaasv1.Wish_DepartAfter{DepartAfter: &swmaasv1.DepartAfter{Earliest: at(hour, 0), Latest: at(hour, 20)}}},
	}
}

// device is what one driver carries. It notes every tap with its own clock, and sends what it noted whenever it has a link.
type device struct {
	day     *day
	addr    string // of the link
	ctx     context.Context
	vehicle string
	n       int // which of the devices it is
	rng     *rand.Rand

	taps     []*swmaasv1.Step // of the whole day, in order
	accepted int64            // number of the last tap that the service says it has, and every one before it
	resume   string           // of the manifest's stream
	shown    *swmaasv1.Manifest

	repeats int // manifests that came again
	links   int // connections that were needed
	lost    int // calls without an answer
	late    int // batches that were sent after the one that follows them
	sent    int // taps of calls that were answered, those included that it was not sure about
}

// link is a connection of the device and the stream of the manifest on it.
func (d *device) link(use func(swmaasv1.DriverClient) error) error {
	d.links++
	conn, err := grpc.NewClient(d.addr, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithConnectParams(grpc.ConnectParams{
		Backoff: backoff.Config{BaseDelay: time.Minute, Multiplier: 1, MaxDelay: time.Minute}, MinConnectTimeout: 20 * time.Second,
	}))
	if err != nil {
		return err
	}
	ctx, hangUp := context.WithTimeout(d.ctx, 30*time.Second)
	driver := swmaasv1.NewDriverClient(conn)
	var reading sync.WaitGroup
	defer func() { hangUp(); _ = conn.Close(); reading.Wait() }()
	stream, err := driver.StreamManifest(ctx, &swmaasv1.StreamManifestRequest{Area: "kurobe", ServiceDate: serviceDate, VehicleId: d.vehicle, ResumeToken: d.resume})
	if err != nil {
		return err
	}
	if d.shown == nil {
		if err := d.read(stream); err != nil {
			return err
		}
	}
	reading.Go(func() {
		for d.read(stream) == nil {
		}
	})
	return use(driver)
}

func (d *device) read(stream grpc.ServerStreamingClient[swmaasv1.StreamManifestResponse]) error {
	message, err := stream.Recv()
	if err != nil {
		return err
	}
	if d.shown != nil && message.GetManifest().GetVersion() <= d.shown.GetVersion() {
		d.repeats++
	}
	d.shown, d.resume = message.GetManifest(), message.GetResumeToken()
	return nil
}

// tries makes connections until use was answered.
func (d *device) tries(use func(swmaasv1.DriverClient) error) error {
	for range 20 {
		err := d.link(use)
		if !isLinkFault(err) {
			return err
		}
		d.lost++
	}
	return fmt.Errorf("%s: no answer over 20 connections", d.vehicle)
}

func isLinkFault(err error) bool {
	switch codeOf(err).String() {
	case "Unavailable", "DeadlineExceeded", "Canceled":
		return true
	}
	return false
}

// plan notes the taps of the day that the manifest asks for. No two devices tap within the same millisecond.
func (d *device) plan() {
	for _, stop := range d.shown.GetStops() {
		arrival := stop.GetArrival().AsTime().Add(time.Duration(d.n) * time.Millisecond)
		last := swmaasv1.StepKind_STEP_KIND_BOARD
		if stop.GetKind() == swmaasv1.StopKind_STOP_KIND_DROPOFF {
			last = swmaasv1.StepKind_STEP_KIND_ALIGHT
		}
		for i, kind := range []swmaasv1.StepKind{swmaasv1.StepKind_STEP_KIND_DEPART, swmaasv1.StepKind_STEP_KIND_ARRIVE, last} {
			d.taps = append(d.taps, &swmaasv1.Step{
				Sequence: int64(len(d.taps) + 1), Kind: kind, Stop: stop.GetKind(), RideId: stop.GetRideId(),
				DeviceTime: timestamppb.New(arrival.Add(time.Duration(i-1) * 2 * time.Minute)),
			})
		}
	}
}

// work drives the day: three taps at each stop, sent together with the one before them, of which the device is not sure. Now
// and then a stop lies in a valley without any network, and its batch is sent after that of the next stop.
func (d *device) work() error {
	if err := d.tries(func(swmaasv1.DriverClient) error { return nil }); err != nil {
		return err
	}
	d.plan()
	var kept []*swmaasv1.Step // of the valley
	for from := 0; from < len(d.taps); from += 3 {
		batch := d.taps[max(0, from-1) : from+3]
		for end := batch[len(batch)-1].GetDeviceTime().AsTime(); d.day.now().Before(end); {
			time.Sleep(20 * time.Millisecond)
		}
		if kept == nil && from+3 < len(d.taps) && d.rng.IntN(3) == 0 {
			kept = batch
			continue
		}
		if kept != nil {
			batch = batch[1:] // what it is not sure about is in the batch of the valley
			d.late++
		}
		if err := d.report(batch); err != nil {
			return err
		}
		if kept != nil {
			if err := d.report(kept); err != nil {
				return err
			}
			kept = nil
		}
	}
	if d.accepted != int64(len(d.taps)) {
		return fmt.Errorf("%s: %d of %d taps were taken", d.vehicle, d.accepted, len(d.taps))
	}
	return nil
}

func (d *device) report(batch []*swmaasv1.Step) error {
	return d.tries(func(driver swmaasv1.DriverClient) error {
		answer, err := d.send(driver, batch)
		if err == nil && len(answer.GetConflicts()) > 0 {
			return fmt.Errorf("%s: %v", d.vehicle, answer.GetConflicts())
		}
		return err
	})
}

func (d *device) send(driver swmaasv1.DriverClient, batch []*swmaasv1.Step) (*swmaasv1.ReportStepsResponse, error) {
	ctx, cancel := context.WithTimeout(d.ctx, 20*time.Second)
	defer cancel()
	answer, err := driver.ReportSteps(ctx, &swmaasv1.ReportStepsRequest{
		IdempotencyKey: "device", Area: "kurobe", ServiceDate: serviceDate, VehicleId: d.vehicle, Steps: batch,
	})
	if err == nil {
		d.sent, d.accepted = d.sent+len(batch), answer.GetAcceptedSequence()
	}
	return answer, err
}

// bookEverybody books a ride of every vehicle at each of the hours.
func (d *day) bookEverybody(t *testing.T, n int, hours []int) {
	t.Helper()
	operator := d.as(t, grantOf(Operator, "kurobe"))
	for _, hour := range hours {
		used := map[string]bool{}
		for i := range n {
			name := fmt.Sprintf("R-%02d%04d", hour, i)
			used[d.book(t, operator, acrossTown(name, hour), name).GetVehicleId()] = true
		}
		if len(used) != n {
			t.Fatalf("the rides at %d are those of %d vehicles, want %d", hour, len(used), n)
		}
	}
}

// passes lets the day's clock run from 8:00 to 17:00 within length.
func (d *day) passes(t *testing.T, length time.Duration) {
	d.set(8, 0)
	const first, last = 8 * 3600, 17 * 3600
	begin, over := time.Now(), make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for d.clock.Load() < last {
			select {
			case <-over:
				return
			case <-tick.C:
			}
			d.clock.Store(min(last, first+int64(time.Since(begin)*(last-first)/length)))
		}
	})
	t.Cleanup(func() { close(over); running.Wait() })
}

// tapped is what the log must tell of a tap.
type tapped struct {
	kind   dispatch.EventKind
	ride   dispatch.RideID
	device time.Time
}

// tappedOf is what the log of the day tells of each vehicle's taps, in its order.
func (d *day) tappedOf(t *testing.T) map[string][]tapped {
	t.Helper()
	events, err := d.desk.Events(t.Context(), "kurobe", serviceDate, "", 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]tapped{}
	for i := range events {
		switch e := &events[i]; e.Kind {
		case dispatch.VehicleLeft, dispatch.VehicleArrived, dispatch.RideBoarded, dispatch.RideCompleted:
			vehicle := strings.TrimPrefix(string(e.Shift), "S-")
			got[vehicle] = append(got[vehicle], tapped{e.Kind, e.Ride, e.Device.UTC()})
		case dispatch.StepRefused:
			t.Errorf("a tap was refused: %+v", e)
		}
	}
	return got
}

func (d *device) wantTapped() (want []tapped) {
	kinds := map[swmaasv1.StepKind]dispatch.EventKind{
		swmaasv1.StepKind_STEP_KIND_DEPART: dispatch.VehicleLeft, swmaasv1.StepKind_STEP_KIND_ARRIVE: dispatch.VehicleArrived,
		swmaasv1.StepKind_STEP_KIND_BOARD: dispatch.RideBoarded, swmaasv1.StepKind_STEP_KIND_ALIGHT: dispatch.RideCompleted,
	}
	for _, tap := range d.taps {
		want = append(want, tapped{kinds[tap.GetKind()], dispatch.RideID(tap.GetRideId()), tap.GetDeviceTime().AsTime()})
	}
	return want
}

// TestADayOfDriversOverAMobileNetwork has 200 drivers, each with a vehicle and rides of their own, work a day over a network
// that is 2 s late in either direction and cuts one connection in twenty. The day takes 24 s, so that reports come some hours late
// as well. What they tapped is in the log once, in the order of each driver, at the time of the device.
func TestADayOfDriversOverAMobileNetwork(t *testing.T) {
	drivers, delay, length := 200, 2*time.Second, 24*time.Second
	if testing.Short() {
		drivers, delay, length = 20, 200*time.Millisecond, 3*time.Second
	}
	hours := []int{9, 13}
	d := startDay(t)
	fleet, shifts := smallCars(drivers)
	for _, err := range []error{
		d.fleet.SaveFleet(t.Context(), "kurobe", fleet), d.fleet.SaveShifts(t.Context(), "kurobe", serviceDate, shifts),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	begin := time.Now()
	d.bookEverybody(t, drivers, hours)
	booked := time.Since(begin)
	engine, steps := d.engine(), &countedSteps{Stepper: d.desk}
	engine.Stepper = steps
	d.running = startWith(t, d.key, Config{Clock: d.now}, engine)
	addr := startMobileLink(t, d.overTCP(t), delay)
	devices := make([]*device, drivers)
	for i := range devices {
		g := grantOf(Driver, "kurobe")
		g.Vehicle = string(fleet.Vehicles[i].ID)
		devices[i] = &device{day: d, addr: addr, ctx: d.as(t, g), vehicle: g.Vehicle, n: i, rng: rand.New(rand.NewPCG(7, uint64(i)))}
	}
	d.passes(t, length)
	var driving sync.WaitGroup
	for _, device := range devices {
		driving.Go(func() {
			if err := device.work(); err != nil {
				t.Error(err)
			}
		})
	}
	driving.Wait()
	d.mustHaveTapped(t, devices)
	sum := device{}
	for _, device := range devices {
		sum.taps = append(sum.taps, device.taps...)
		sum.links, sum.lost, sum.late, sum.sent = sum.links+device.links, sum.lost+device.lost, sum.late+device.late, sum.sent+device.sent
	}
	again := int(steps.reached.Load()) - sum.sent
	if sum.late == 0 || !testing.Short() && (40*sum.lost < sum.links || 10*sum.lost > sum.links || again <= 0) {
		t.Errorf("of %d connections %d were lost, %d taps came again because nobody heard the answer, %d batches were late: not the link it should be", sum.links, sum.lost, again, sum.late)
	}
	t.Logf("%d taps over %d connections, of which %d were lost; %d came again because nobody heard the answer, %d batches were late; booked in %v, all in %v",
		len(sum.taps), sum.links, sum.lost, again, sum.late, booked, time.Since(begin))
}

// mustHaveTapped holds the log of the day against what was tapped on the devices.
func (d *day) mustHaveTapped(t *testing.T, devices []*device) {
	t.Helper()
	got := d.tappedOf(t)
	if len(got) != len(devices) {
		t.Errorf("the log tells of %d vehicles, want %d", len(got), len(devices))
	}
	for _, device := range devices {
		if want := device.wantTapped(); len(want) == 0 || !slices.Equal(got[device.vehicle], want) {
			t.Errorf("%s: the log tells %v, tapped was %v", device.vehicle, got[device.vehicle], want)
		}
		if device.repeats > 0 {
			t.Errorf("%s was sent %d manifests that it had", device.vehicle, device.repeats)
		}
	}
}
