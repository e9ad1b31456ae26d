package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/swmaas/swmaas/api"
	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/sim/town"
	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/vehicles"
)

// dayWatchers is how many people in offices watch the day, beside every driver's manifest.
const dayWatchers = 8

// seen is a stream that has come up to a revision.
type seen struct {
	watcher  int
	revision int64
	at       time.Time
}

// dayStreams are the watchers of a day, each on a connection of its own, and the drivers' devices.
type dayStreams struct {
	b        *dayBench
	addr     string
	seen     chan seen
	failed   chan error
	reached  []int64 // by watcher
	devices  map[vehicles.VehicleID]swmaasv1.DriverClient
	sequence map[vehicles.VehicleID]int64
	conns    []*grpc.ClientConn
	reading  sync.WaitGroup
}

// drive plays the day step by step, with every watcher's stream measured and the service's improvement beside, and breaks a van down
// as soon as one is full enough.
func (b *dayBench) drive(ctx context.Context, steps, ahead int, f *dayFigures) (err error) {
	ctx, hangUp := context.WithCancel(ctx)
	addr, err := b.e.listen("127.0.0.1:0")
	if err != nil {
		hangUp()
		return err
	}
	w := &dayStreams{
		b: b, addr: addr.String(), seen: make(chan seen, 1024), failed: make(chan error, 64),
		devices: map[vehicles.VehicleID]swmaasv1.DriverClient{}, sequence: map[vehicles.VehicleID]int64{},
	}
	var beside sync.WaitGroup
	defer func() {
		hangUp()
		beside.Wait()
		w.reading.Wait()
		for _, conn := range w.conns {
			err = errors.Join(err, conn.Close())
		}
	}()
	if err := w.open(ctx); err != nil {
		return err
	}
	beside.Go(func() { b.e.improve(ctx, slog.New(slog.DiscardHandler)) })
	took, err := w.run(ctx, steps, ahead, f)
	if err != nil {
		return err
	}
	f.StepToWatchP50Ms, f.StepToWatchP99Ms, f.Steps, f.Watchers = took.ms(0.50), took.ms(0.99), len(took), len(w.reached)
	_, err = b.plan(ctx, routing.Conditions{}, nil)
	return err
}

// run reports steps until there are enough and the van has broken down, or the day is over.
func (w *dayStreams) run(ctx context.Context, steps, ahead int, f *dayFigures) (took durations, err error) {
	broken := false
	for len(took) < steps || !broken {
		step, at, ok, err := w.b.nextStep(ctx)
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		w.b.clock.second.Store(max(w.b.clock.second.Load(), int64(at)))
		step.Device = w.b.clock.now()
		one, counts, err := w.report(ctx, step)
		if err != nil {
			return nil, err
		}
		if counts && len(took) < steps {
			took = append(took, one)
		}
		if !broken && step.Kind == dispatch.StepBoard {
			if broken, err = w.b.breakdown(ctx, ahead, f); err != nil {
				return nil, fmt.Errorf("breakdown: %w", err)
			}
		}
	}
	if !broken {
		return nil, fmt.Errorf("no van had %d rides aboard or ahead with somebody aboard", ahead)
	}
	return took, nil
}

// open connects the watchers and the devices, and waits until all of them have seen the plan as it is.
func (w *dayStreams) open(ctx context.Context) error {
	if err := errors.Join(w.openOffices(ctx), w.openDevices(ctx)); err != nil {
		return err
	}
	state, err := w.b.e.desk.State(ctx, town.Area, w.b.town.Day)
	if err != nil {
		return err
	}
	_, err = w.await(ctx, state.Revision)
	return err
}

// openOffices lets offices watch the events of the day.
func (w *dayStreams) openOffices(ctx context.Context) error {
	for range dayWatchers {
		conn, err := w.dial(api.Grant{Subject: "bench-office", Role: api.Operator})
		if err != nil {
			return err
		}
		stream, err := swmaasv1.NewCouncilClient(conn).WatchDay(ctx, &swmaasv1.WatchDayRequest{Area: string(town.Area), ServiceDate: string(w.b.town.Day)})
		if err != nil {
			return err
		}
		w.follow(ctx, func() (int64, error) {
			message, err := stream.Recv()
			if err != nil {
				return 0, err
			}
			revision, _, _ := strings.Cut(message.GetEvent().GetId(), "-")
			return strconv.ParseInt(revision, 10, 64)
		})
	}
	return nil
}

// openDevices lets every driver's device follow its manifest.
func (w *dayStreams) openDevices(ctx context.Context) error {
	for i := range w.b.town.Fleet.Vehicles {
		v := w.b.town.Fleet.Vehicles[i].ID
		conn, err := w.dial(api.Grant{Subject: "bench-" + string(v), Role: api.Driver, Vehicle: string(v)})
		if err != nil {
			return err
		}
		w.devices[v] = swmaasv1.NewDriverClient(conn)
		stream, err := w.devices[v].StreamManifest(ctx, &swmaasv1.StreamManifestRequest{
			Area: string(town.Area), ServiceDate: string(w.b.town.Day), VehicleId: string(v), ProgressNotify: true,
		})
		if err != nil {
			return err
		}
		w.follow(ctx, func() (int64, error) {
			message, err := stream.Recv()
			return max(message.GetManifest().GetRevision(), message.GetProgress().GetRevision()), err
		})
	}
	return nil
}

func (w *dayStreams) dial(g api.Grant) (*grpc.ClientConn, error) {
	g.Area, g.Life = string(town.Area), time.Hour
	token, err := w.b.e.keys.Issue(&g, time.Now())
	if err != nil {
		return nil, err
	}
	conn, err := grpc.NewClient(w.addr, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithPerRPCCredentials(bearer(token)))
	if err == nil {
		w.conns = append(w.conns, conn)
	}
	return conn, err
}

// follow reads one more stream until ctx ends.
func (w *dayStreams) follow(ctx context.Context, next func() (int64, error)) {
	number := len(w.reached)
	w.reached = append(w.reached, 0)
	w.reading.Go(func() {
		for {
			revision, err := next()
			if err != nil {
				if ctx.Err() == nil {
					w.failed <- fmt.Errorf("watcher %d: %w", number, err)
				}
				return
			}
			select {
			case w.seen <- seen{number, revision, time.Now()}:
			case <-ctx.Done():
				return
			}
		}
	})
}

// await waits until every watcher has seen a revision and returns when the last one had.
func (w *dayStreams) await(ctx context.Context, revision int64) (last time.Time, err error) {
	timeout := time.NewTimer(arrivalPatience)
	defer timeout.Stop()
	missing := 0
	for _, r := range w.reached {
		if r < revision {
			missing++
		}
	}
	for missing > 0 {
		select {
		case s := <-w.seen:
			if w.reached[s.watcher] < revision && s.revision >= revision {
				missing--
				last = s.at
			}
			w.reached[s.watcher] = max(w.reached[s.watcher], s.revision)
		case err := <-w.failed:
			return last, err
		case <-timeout.C:
			return last, fmt.Errorf("%d watchers have not seen revision %d within %v", missing, revision, arrivalPatience)
		case <-ctx.Done():
			return last, ctx.Err()
		}
	}
	return last, nil
}

// report sends a step and waits until all watchers have it. It does not count where the plan had become another one meanwhile.
func (w *dayStreams) report(ctx context.Context, s dispatch.Step) (took time.Duration, counts bool, err error) {
	w.sequence[s.Vehicle]++
	begin := time.Now()
	answer, err := w.devices[s.Vehicle].ReportSteps(ctx, &swmaasv1.ReportStepsRequest{
		IdempotencyKey: "bench-" + string(s.Vehicle), Area: string(s.Area), ServiceDate: string(s.Day), VehicleId: string(s.Vehicle),
		Steps: []*swmaasv1.Step{{
			Sequence: w.sequence[s.Vehicle], Kind: stepWord(s.Kind), RideId: string(s.Stop.Ride), Stop: stopWord(s.Stop.Kind), DeviceTime: timestamppb.New(s.Device),
		}},
	})
	if err != nil {
		return 0, false, err
	}
	last, err := w.await(ctx, answer.GetRevision())
	return max(last.Sub(begin), 0), err == nil && len(answer.GetConflicts()) == 0, err
}
