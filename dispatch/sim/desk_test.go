package sim

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/sim/town"
	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/vehicles"
)

// The days of these tests are played against the real desk, called directly; over gRPC and Redis they are played by the
// tests of the command.

// mapStore keeps one area-day in memory by the word of dispatch.PlanStore, without idempotency: the tests repeat nothing.
type mapStore struct {
	mu    sync.Mutex
	state *dispatch.State
}

func (s *mapStore) Replay(context.Context, dispatch.AreaID, dispatch.IdempotencyKey) ([]byte, bool, error) {
	return nil, false, nil
}

func (s *mapStore) Load(context.Context, dispatch.AreaID, dispatch.Day) (*dispatch.State, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state, nil
}

func (s *mapStore) Commit(_ context.Context, c *dispatch.Commit) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range c.Routes {
		if old := s.state.Routes[r.Shift]; old != nil && old.Version != r.Version-1 {
			return 0, dispatch.ErrStale
		}
	}
	s.state = s.state.With(c, s.state.Revision+1)
	return s.state.Revision, nil
}

func (s *mapStore) Events(context.Context, dispatch.AreaID, dispatch.Day, dispatch.EventID, int) ([]dispatch.Event, error) {
	return nil, nil
}

// townFleet is the fleet of a town.
type townFleet struct{ *town.Town }

func (f townFleet) Fleet(context.Context, string) (vehicles.Fleet, error) { return f.Town.Fleet, nil }

func (f townFleet) Shifts(context.Context, string, string) ([]vehicles.Shift, error) {
	return f.Town.Shifts, nil
}

// counter is where everybody meets the desk.
type counter struct {
	desk *dispatch.Desk
	town *town.Town
	fits int
}

func (c *counter) Quote(ctx context.Context, r dispatch.Request) (*dispatch.Quote, error) {
	return c.desk.Quote(ctx, dispatch.Actor{}, r)
}

func (c *counter) Book(ctx context.Context, token, key string) (*dispatch.BookResult, error) {
	return c.desk.Book(ctx, dispatch.Actor{}, town.Area, token, key)
}

func (c *counter) Cancel(ctx context.Context, ride dispatch.RideID, reason, key string) (int64, error) {
	_, revision, err := c.desk.CancelRide(ctx, dispatch.Actor{}, town.Area, dispatch.Cancellation{Ride: ride, Reason: reason, Scope: dispatch.CancelOne}, key)
	if errors.Is(err, dispatch.ErrWrongState) {
		return 0, ErrRefused
	}
	return revision, err
}

func (c *counter) Connect(_ context.Context, v vehicles.VehicleID) (Line, error) {
	return &wire{c, v}, nil
}

func (c *counter) Rides(ctx context.Context) ([]*dispatch.Ride, error) {
	return c.desk.Rides(ctx, town.Area, c.town.Day, "", 1000)
}

func (c *counter) Improve(ctx context.Context) (int64, error) {
	c.fits++
	r, err := c.desk.Improve(ctx, town.Area, c.town.Day, dispatch.ImproveOptions{Iterations: 60, Seed: uint64(c.fits)})
	return r.Revision, err
}

// wire is one driver's line.
type wire struct {
	*counter
	vehicle vehicles.VehicleID
}

func (w *wire) Manifest(ctx context.Context, _ int64) (*dispatch.Manifest, error) {
	return w.desk.Manifest(ctx, town.Area, w.town.Day, w.vehicle)
}

func (w *wire) Report(ctx context.Context, s dispatch.Step) (int64, error) {
	r, err := w.desk.Step(ctx, dispatch.Actor{}, s)
	return r.Revision, err
}

func (w *wire) SignOn(ctx context.Context, shift vehicles.ShiftID, driver vehicles.DriverID, at time.Time, key string) (Duty, int64, error) {
	on, revision, err := w.desk.SignOn(ctx, dispatch.Actor{}, dispatch.SignOn{
		Area: town.Area, Day: w.town.Day, Vehicle: w.vehicle, Shift: shift, Driver: driver, At: at,
	}, key)
	if err != nil {
		return Duty{}, 0, err
	}
	return Duty{Before: on.Before != "", After: on.After != ""}, revision, nil
}

func (w *wire) Check(ctx context.Context, shift vehicles.ShiftID, c vehicles.SafetyCheck, key string) ([]vehicles.CheckFault, int64, error) {
	result, err := w.desk.Check(ctx, dispatch.Actor{}, dispatch.CheckReport{
		Area: town.Area, Day: w.town.Day, Vehicle: w.vehicle, Shift: shift, Check: c,
	}, key)
	if err != nil {
		return nil, 0, err
	}
	return result.Faults, result.Revision, nil
}

func (w *wire) SignOff(ctx context.Context, shift vehicles.ShiftID, at time.Time, key string) (int64, error) {
	_, revision, err := w.desk.SignOff(ctx, dispatch.Actor{}, dispatch.SignOn{Area: town.Area, Day: w.town.Day, Vehicle: w.vehicle, Shift: shift, At: at}, key)
	return revision, err
}

func (w *wire) Position(context.Context, vehicles.Position) error { return nil }

// office is a desk for a town with a clock.
func office(t *testing.T, w *town.Town, store *mapStore) Config {
	t.Helper()
	midnight, err := time.ParseInLocation(time.DateOnly, string(w.Day), time.FixedZone("JST", 9*3600))
	if err != nil {
		t.Fatal(err)
	}
	clock := NewClock(midnight, w.Calls[0].At)
	desk, err := dispatch.NewDesk(dispatch.Config{OfferKey: [32]byte{1}}, store, townFleet{w},
		dispatch.Roads{Router: routing.NewRouter(w.Graph, routing.RouterConfig{Workers: 1})}, clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	c := &counter{desk: desk, town: w}
	return Config{Scenario: scenario(w), Booker: c, Drivers: c, Register: c, Improver: c, Clock: clock, RunID: "test"}
}

// scenario is the town's day in the simulator's words.
func scenario(w *town.Town) Scenario {
	s := Scenario{Seed: w.Seed, Area: town.Area, Day: w.Day, Graph: w.Graph, Fleet: w.Fleet, Shifts: w.Shifts}
	for _, c := range w.Calls {
		s.Calls = append(s.Calls, Call(c))
	}
	return s
}

func play(t *testing.T, cfg Config) *Record {
	t.Helper()
	day, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	record, err := day.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return record
}

func newStore(w *town.Town) *mapStore {
	return &mapStore{state: dispatch.NewState(town.Area, w.Day)}
}
