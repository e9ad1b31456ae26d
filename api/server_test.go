package api

import (
	"context"
	"net"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// now is the moment at which the tests of this package take place on the clock of service days.
var now = time.Date(2026, 1, 20, 9, 0, 0, 0, time.FixedZone("JST", 9*3600))

// emptyEngine has no rides, no vehicles and no days: whoever reaches it is told that nothing is there.
type emptyEngine struct{}

func (emptyEngine) Quote(context.Context, dispatch.Actor, dispatch.Request) (*dispatch.Quote, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyEngine) Book(context.Context, dispatch.Actor, dispatch.AreaID, string, string) (*dispatch.BookResult, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyEngine) CancelRide(context.Context, dispatch.Actor, dispatch.AreaID, dispatch.Cancellation, string) (*dispatch.Ride, int64, error) {
	return nil, 0, dispatch.ErrNotFound
}

func (emptyEngine) State(context.Context, dispatch.AreaID, dispatch.Day) (*dispatch.State, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyEngine) Shifts(context.Context, dispatch.AreaID, dispatch.Day) ([]vehicles.Shift, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyEngine) Summary(context.Context, dispatch.AreaID, dispatch.Day) (*dispatch.Summary, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyEngine) Watch(context.Context, dispatch.AreaID, dispatch.Day) (<-chan int64, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyEngine) Manifest(context.Context, dispatch.AreaID, dispatch.Day, vehicles.VehicleID) (*dispatch.Manifest, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyEngine) Events(context.Context, dispatch.AreaID, dispatch.Day, dispatch.EventID, int) ([]dispatch.Event, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyEngine) Predict(context.Context, dispatch.AreaID, dispatch.Day, vehicles.ShiftID) (map[dispatch.RideID]dispatch.Prediction, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyEngine) Acknowledge(context.Context, dispatch.Actor, dispatch.AreaID, dispatch.Day, vehicles.VehicleID, int64, string) (int64, error) {
	return 0, dispatch.ErrNotFound
}

func (emptyEngine) Step(context.Context, dispatch.Actor, dispatch.Step) (dispatch.StepResult, error) {
	return dispatch.StepResult{}, dispatch.ErrNotFound
}

// emptyFleet is the fleet of an area without vehicles.
type emptyFleet struct{}

func (emptyFleet) Fleet(context.Context, string) (vehicles.Fleet, error) {
	return vehicles.Fleet{}, dispatch.ErrNotFound
}

func (emptyFleet) Shifts(context.Context, string, string) ([]vehicles.Shift, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyFleet) Report(context.Context, string, []vehicles.Position) (int, error) {
	return 0, dispatch.ErrNotFound
}

func (emptyFleet) Positions(context.Context, string) ([]vehicles.Position, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyFleet) SetStatus(context.Context, string, vehicles.StatusReport) (bool, error) {
	return false, dispatch.ErrNotFound
}

func (emptyFleet) Statuses(context.Context, string) (map[vehicles.VehicleID]vehicles.StatusReport, error) {
	return nil, dispatch.ErrNotFound
}

// emptyLog has no looks, and takes every one.
type emptyLog struct{}

func (emptyLog) Record(context.Context, dispatch.AreaID, dispatch.Access) error { return nil }

func (emptyLog) Accesses(context.Context, dispatch.AreaID, dispatch.AccessQuery) ([]dispatch.Access, dispatch.AccessID, error) {
	return nil, "", dispatch.ErrNotFound
}

func emptyEngines() Engine {
	var e emptyEngine
	return Engine{
		Booker: e, Holds: e, Changes: e, Trips: e, WillCalls: e, Waitlist: e, Explainer: e,
		Days: e, Watcher: e, Stepper: e, Duties: emptyDay{}, Alarms: emptyDay{}, Tells: emptyDay{}, Mender: emptyDay{}, Planner: emptyDay{}, Board: emptyDay{}, Messages: emptyDay{}, Fleet: emptyFleet{}, Positions: emptyFleet{}, Statuses: emptyFleet{},
		RiderFinder: emptyRegister{}, RiderKeeper: emptyRegister{}, Places: emptyPlaces{}, Intents: emptyRegister{}, Accesses: emptyLog{},
		Orders: emptyOrders{}, OrderEdits: emptyOrders{}, Garage: emptyGarage{}, Calendars: emptyGarage{}, Nearby: emptyGarage{},
		Policies: emptyOffice{}, Areas: emptyAreas{}, Overseer: emptyOffice{}, Lapses: emptyOffice{}, Tokens: emptyOffice{}, Eraser: emptyOffice{}, Files: emptyOffice{},
	}
}

// running is a server on an in-memory listener, a connection to it and the key of its tokens.
type running struct {
	*Server
	conn *grpc.ClientConn
	key  *TokenKey
}

// start runs a server with cfg on the engine until the test ends.
func start(t testing.TB, cfg Config, engine Engine) *running {
	t.Helper()
	return startWith(t, newKey(t), cfg, engine)
}

// startWith is start with a key that was there before.
func startWith(t testing.TB, key *TokenKey, cfg Config, engine Engine) *running {
	t.Helper()
	cfg.Verifier = NewLocalVerifier(key, time.Now, nil)
	if cfg.Clock == nil {
		cfg.Clock = func() time.Time { return now }
	}
	server, err := New(cfg, engine)
	if err != nil {
		t.Fatal(err)
	}
	listener := bufconn.Listen(1 << 20)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:///test",
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		server.Shutdown(ctx)
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return &running{server, conn, key}
}

// grantOf is the plainest grant of a role in an area.
func grantOf(role Role, area string) Grant {
	g := Grant{Subject: "test-" + string(role), Role: role, Area: area, Life: time.Hour}
	switch role {
	case Rider, Proxy:
		g.Riders = []string{"R-0001"}
	case Driver:
		g.Vehicle = "V-01"
	case Facility:
		g.Facility = "F-01"
	}
	return g
}

// as is a context that carries a token for the grant.
func (r *running) as(t testing.TB, g Grant) context.Context {
	t.Helper()
	token, err := r.key.Issue(&g, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+token)
}

// reasonOf is the code and the reason that a caller was given.
func reasonOf(err error) (codes.Code, string) {
	s := status.Convert(err)
	for _, d := range s.Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			return s.Code(), info.GetReason()
		}
	}
	return s.Code(), ""
}
