package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/sim/town"
)

// follower reads a stream of the service over its restarts and remembers where it was. Between two runs it is read by one
// goroutine only.
type follower struct {
	token string // bearer token
	day   string
	mu    sync.Mutex

	events  []string // guarded by mu: ids in the order in which they came
	vehicle string   // of a driver; empty follows the events of the day
	resume  string   // guarded by mu
	shown   *swmaasv1.Manifest
	faults  []error // guarded by mu: what came twice
}

// tokenFor has the service's key issue a token.
func tokenFor(t *testing.T, data, role string, flags ...string) string {
	t.Helper()
	args := append([]string{"admin", "token", "--data", data, "--area", string(town.Area), "--role", role, "--subject", "follower"}, flags...)
	code, token, errOut := runMain(t, args...)
	if code != exitDone {
		t.Fatalf("token: exit %d\n%s", code, errOut)
	}
	return strings.TrimSpace(token)
}

// follow reads until the connection breaks, as it does where the engine is killed, or ctx ends.
func (f *follower) follow(ctx context.Context, addr string) error {
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+f.token)
	if f.vehicle == "" {
		err = f.watch(ctx, conn)
	} else {
		err = f.drive(ctx, conn)
	}
	switch status.Code(err) {
	case codes.Unavailable, codes.Canceled: // killed, or told to stop
		return nil
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func (f *follower) watch(ctx context.Context, conn *grpc.ClientConn) error {
	stream, err := swmaasv1.NewCouncilClient(conn).WatchDay(ctx, &swmaasv1.WatchDayRequest{Area: string(town.Area), ServiceDate: f.day, AfterEventId: f.resume})
	if err != nil {
		return err
	}
	for {
		message, err := stream.Recv()
		if err != nil {
			return err
		}
		f.mu.Lock()
		f.resume = message.GetEvent().GetId()
		f.events = append(f.events, f.resume)
		f.mu.Unlock()
	}
}

func (f *follower) drive(ctx context.Context, conn *grpc.ClientConn) error {
	stream, err := swmaasv1.NewDriverClient(conn).StreamManifest(ctx, &swmaasv1.StreamManifestRequest{
		Area: string(town.Area), ServiceDate: f.day, VehicleId: f.vehicle, ResumeToken: f.resume,
	})
	if err != nil {
		return err
	}
	for {
		message, err := stream.Recv()
		if err != nil {
			return err
		}
		f.mu.Lock()
		if m := message.GetManifest(); f.shown != nil && m.GetVersion() <= f.shown.GetVersion() {
			f.faults = append(f.faults, fmt.Errorf("%s: version %d after version %d", f.vehicle, m.GetVersion(), f.shown.GetVersion()))
		}
		f.shown, f.resume = message.GetManifest(), message.GetResumeToken()
		f.mu.Unlock()
	}
}

// TestStreamsResumeAfterTheEngineWasKilled kills the engine again and again while rides are booked and called off, and
// followers come back each time with the token that they have. A council has then seen every event of the log once, in order;
// every driver has been shown no manifest twice, and holds the one that is true.
func TestStreamsResumeAfterTheEngineWasKilled(t *testing.T) {
	tn, err := town.Generate(1)
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	t.Cleanup(func() { killRedis(t, data) })
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 3))
	desk := &doomed{town: tn, rng: rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 4)), subject: "desk", told: map[string]dispatch.RideState{}}
	var followers []*follower
	for round := range 3 {
		s := startService(t, data)
		desk.caller = dialAs(t, s.addr, data, desk.subject)
		if round > 0 {
			desk.day = followers[0].day // also past midnight
		} else {
			followers = append(followers, &follower{token: tokenFor(t, data, "council"), day: desk.day})
			for i := range tn.Fleet.Vehicles {
				id := string(tn.Fleet.Vehicles[i].ID)
				followers = append(followers, &follower{token: tokenFor(t, data, "driver", "--vehicle", id), day: desk.day, vehicle: id})
			}
		}
		var running sync.WaitGroup
		for _, f := range followers {
			running.Go(func() {
				if err := f.follow(t.Context(), s.addr); err != nil {
					t.Error(err)
				}
			})
		}
		desk.again(t)
		before := acknowledgedTo(desk)
		running.Go(desk.call)
		time.Sleep(time.Duration(700+rng.IntN(800)) * time.Millisecond)
		awaitAcknowledged(before+4, desk)
		s.kill(t, data, round == 1) // its store dies with it, once
		running.Wait()
	}
	s := startService(t, data)
	ctx, hangUp := context.WithCancel(t.Context())
	var running sync.WaitGroup
	defer running.Wait()
	defer hangUp()
	for _, f := range followers {
		running.Go(func() {
			if err := f.follow(ctx, s.addr); err != nil {
				t.Error(err)
			}
		})
	}
	mustHaveFollowed(t, data, followers)
}

// mustHaveFollowed waits until the followers know what the store has, and holds them against it.
func mustHaveFollowed(t *testing.T, data string, followers []*follower) {
	t.Helper()
	plans, closer, err := openPlans(t.Context(), data, "", keyFlags{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = closer(t.Context()) }()
	day, rides := dispatch.Day(followers[0].day), 0
	for until := time.Now().Add(60 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		log, err := plans.Events(t.Context(), town.Area, day, "", 1_000_000)
		if err != nil {
			t.Fatal(err)
		}
		state, err := plans.Load(t.Context(), town.Area, day)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for i := range log {
			want = append(want, string(log[i].ID))
		}
		served := map[string]bool{} // stops of all routes
		for _, r := range state.Routes {
			for _, stop := range r.Stops {
				served[fmt.Sprint(stop.Ride, stop.Kind)] = true
			}
		}
		rides = len(served) / 2
		var open []error
		shown := 0
		for _, f := range followers {
			f.mu.Lock()
			if f.vehicle == "" && !slices.Equal(f.events, want) {
				open = append(open, fmt.Errorf("the council saw %v, the log has %v", f.events, want))
			}
			shown += len(f.shown.GetStops())
			for _, fault := range f.faults {
				t.Error(fault)
			}
			f.mu.Unlock()
		}
		if shown != len(served) {
			open = append(open, fmt.Errorf("drivers have %d stops, the plan %d", shown, len(served)))
		}
		if len(open) == 0 {
			break
		}
		if time.Now().After(until) {
			t.Fatal(errors.Join(open...))
		}
	}
	if n := len(followers[0].events); n < 10 || rides == 0 {
		t.Errorf("%d events and %d rides show little", n, rides)
	}
	t.Logf("%d events, %d rides, %d drivers", len(followers[0].events), rides, len(followers)-1)
}
