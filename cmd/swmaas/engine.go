package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/api"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
	"github.com/swmaas/swmaas/vehicles/fleetstore"
)

// engineConfig says what an engine stands on.
type engineConfig struct {
	data      string         // folder of keys and, where no URL is given, of the private Redis
	redis     string         // URL of a durable Redis, or addresses joined by ',' for a cluster; "" starts a private one
	live      string         // the same for live positions; "" starts a private one, or uses redis where that is given
	keys      keyFlags       // master key of the sealed fields
	memory    bool           // an in-process store that keeps nothing
	graph     *routing.Graph // roads of all areas; nil: nothing can be promised until there is one
	rules     dispatch.Rules
	unchecked bool                // drivers' steps are taken without sign-on and check
	policies  *dispatch.PolicySet // nil for the shipped ones, the demo town's among them
	riders    dispatch.Riders     // nil for the register of the store
	prefixes  []string            // what people may write before the name of any place, such as 富山県
	now       func() time.Time
	log       *slog.Logger
	workers   int                 // threads of one matrix; 0 means all
	providers []*api.OIDCVerifier // identity providers beside the installation itself
	service   api.Config          // transport and limits of the service; the engine fills in the rest
}

// engine is everything that runs behind the service, wired together. Its parts are safe for concurrent use.
type engine struct {
	desk     *dispatch.Desk
	plans    *planstore.Store
	riders   *dispatch.Register
	places   *planstore.Register
	fleet    *fleetstore.Store
	accesses *planstore.AccessLog
	keys     *api.TokenKey
	server   *api.Server
	orders   *standingOrders

	orderChanges chan dispatch.AreaID // areas whose standing orders were changed

	data                      string // folder
	roads                     bool   // there is a road graph
	measures                  *measures
	durableClient, liveClient redis.UniversalClient

	store       string // "redis" or "memory"
	appendFsync string // of the durable Redis, as it says itself
	reattached  bool   // the private Redis outlived an earlier engine

	closers []func(context.Context) error // run last first
}

// startEngine starts what the configuration asks for. The caller ends with close.
func startEngine(ctx context.Context, cfg engineConfig) (_ *engine, err error) {
	e := &engine{data: cfg.data, roads: cfg.graph != nil}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.close(context.WithoutCancel(ctx)))
		}
	}()
	if e.measures, err = newMeasures(cfg.service.Metrics, cfg.service.Tracer); err != nil {
		return nil, err
	}
	durable, live, err := e.openRedis(ctx, cfg)
	if err != nil {
		return nil, err
	}
	e.watchStores(durable, live)
	if e.keys, err = openTokenKey(cfg.data); err != nil {
		return nil, err
	}
	offerKey, err := openOfferKey(cfg.data)
	if err != nil {
		return nil, err
	}
	dataKeys := planstore.NewDataKeys(durable)
	ring, err := openRing(cfg.data, cfg.keys, dataKeys)
	if err != nil {
		return nil, err
	}
	if e.plans, err = planstore.New(durable, ring, planstore.Config{}); err != nil {
		return nil, err
	}
	if e.places, err = planstore.NewRegister(durable, ring); err != nil {
		return nil, err
	}
	e.riders = dispatch.NewRegister(e.places, cfg.now)
	e.accesses = planstore.NewAccessLog(durable)
	if e.fleet, err = fleetstore.New(durable, live, fleetstore.Config{Now: cfg.now, Sealer: ring}); err != nil {
		return nil, err
	}
	var roads dispatch.TravelTimes = dispatch.NoRoads{}
	if cfg.graph != nil {
		roads = dispatch.Roads{Router: routing.NewRouter(cfg.graph, routing.RouterConfig{Workers: cfg.workers})}
	}
	book, err := e.policyBook(ctx, cfg)
	if err != nil {
		return nil, err
	}
	desk := dispatch.Config{OfferKey: offerKey, Rules: cfg.rules, Policies: book, Riders: cfg.riders, Calendars: e.fleet, Live: e.fleet, Unchecked: cfg.unchecked}
	if desk.Riders == nil {
		desk.Riders = e.riders
	}
	newDesk := func() (*dispatch.Desk, error) {
		return dispatch.NewDesk(desk, measuredPlans{e.plans, e.measures}, e.fleet, roads, cfg.now)
	}
	if e.desk, err = newDesk(); err != nil {
		return nil, err
	}
	e.orderChanges = make(chan dispatch.AreaID, 16)
	e.orders = &standingOrders{newDesk: newDesk, store: e.plans, desk: e.desk, changed: e.orderChanges}
	revoked := newRevocations(cfg.data, time.Now)
	service := cfg.service
	service.Verifier, service.Clock = api.ByIssuer{
		Own: api.NewLocalVerifier(e.keys, time.Now, revoked.has), Providers: cfg.providers,
	}, cfg.now
	service.Log, service.Zone = cfg.log, e.desk.Zone()
	garage := dispatch.NewGarage(e.desk, e.fleet, e.plans)
	e.server, err = api.New(service, api.Engine{
		Booker: measuredDesk{e.desk, e.measures}, Holds: e.desk, Changes: e.desk, Trips: e.desk, WillCalls: e.desk, Waitlist: e.desk, Explainer: e.desk,
		Days: e.desk, Watcher: e.desk, Stepper: e.desk, Duties: e.desk, Alarms: e.desk, Tells: e.desk, Mender: e.desk, Planner: e.desk, Board: e.desk, Messages: e.desk,
		Fleet: roster{e.fleet, e.desk}, Positions: reporter{e.fleet}, Statuses: e.fleet,
		RiderFinder: e.riders, RiderKeeper: e.riders, Places: dispatch.NewPlaceBook(e.places, cfg.prefixes...), Intents: e.plans, Accesses: e.accesses,
		Orders: e.orders, OrderEdits: e.orders,
		Garage: garage, Calendars: garage, Nearby: nearby{e.fleet},
		Policies: dispatch.NewPolicyOffice(book, e.desk), Areas: dispatch.NewAreaOffice(e.plans, e.desk), Overseer: e.desk, Lapses: e.riders,
		Tokens: newIssuedTokens(cfg.data, e.keys, revoked, time.Now), Eraser: eraser{e.riders, e.plans, dataKeys, cfg.log},
		Files: registerFiles{e}, Hurry: e.desk.Hurry,
	})
	return e, err
}

// policyBook is the policies of the files with what was put while a service ran. It fails where these contradict each other.
func (e *engine) policyBook(ctx context.Context, cfg engineConfig) (*dispatch.PolicyBook, error) {
	base := cfg.policies
	if base == nil {
		var err error
		if base, err = dispatch.KurobePolicies(serviceZone()); err != nil {
			return nil, err
		}
	}
	book := dispatch.NewPolicyBook(base, e.plans, cfg.now)
	areas, err := e.plans.PolicyAreas(ctx)
	if err != nil {
		return nil, err
	}
	return book, book.Check(ctx, areas)
}

// serviceZone is the time zone of service days.
func serviceZone() *time.Location { return time.FixedZone("JST", 9*3600) }

// roster gives the service the shifts of a day as the desk takes them, from the calendar where none were saved.
type roster struct {
	*fleetstore.Store
	desk *dispatch.Desk
}

// Shifts lists the shifts of a day, own rounds still in them.
func (r roster) Shifts(ctx context.Context, area, day string) ([]vehicles.Shift, error) {
	return r.desk.Roster(ctx, dispatch.AreaID(area), dispatch.Day(day))
}

// reporter gives the service the count of positions that it asks for.
type reporter struct{ *fleetstore.Store }

// Report takes in positions and returns how many were newer than what is known.
func (r reporter) Report(ctx context.Context, area string, positions []vehicles.Position) (int, error) {
	got, err := r.Store.Report(ctx, area, positions)
	return got.Stored, err
}

// eraser destroys a person's key and entry, takes their open rides out of the cells, and starts rewriting Redis's files so that they leave the disk too.
type eraser struct {
	riders   *dispatch.Register
	plans    *planstore.Store
	dataKeys *planstore.DataKeys
	log      *slog.Logger
}

// Erase erases a person. That Redis does not rewrite its files is no failure of it: the key is destroyed, and the log says so.
func (x eraser) Erase(ctx context.Context, actor string, area dispatch.AreaID, id dispatch.RiderID) error {
	if err := x.riders.Erase(ctx, actor, area, id); err != nil {
		return err
	}
	if err := x.plans.ForgetPlaces(ctx, area, id); err != nil {
		return err // to be asked again: what is done already stays done
	}
	if err := x.dataKeys.ForgetHistory(ctx); err != nil {
		x.log.Error("Redis did not rewrite its files after somebody was erased; run BGREWRITEAOF there", "area", area, "err", err)
	}
	return nil
}

// nearby gives the service the search for vehicles that it asks for.
type nearby struct{ *fleetstore.Store }

// Nearest finds the k nearest vehicles that keep allows.
func (n nearby) Nearest(ctx context.Context, area string, at geo.LatLng, k int, keep func(vehicles.VehicleID) bool) ([]vehicles.Near, error) {
	return n.Store.Nearest(ctx, area, at, k, keep)
}

// listen serves the API on an address until the engine is closed and returns the address taken.
func (e *engine) listen(addr string) (net.Addr, error) {
	return e.background(addr, e.server.Serve, func(ctx context.Context) error {
		e.server.Shutdown(ctx)
		return nil
	})
}

// Times for ending: of the calls of one listener, and of every other part by itself. There are three listeners and two private stores at the most,
// so that all is over before a service manager loses patience (45 s in deploy).
const (
	drainTime = 10 * time.Second / 3
	closeTime = 10 * time.Second
)

// close stops everything in the opposite order of its start. Each part has its own time: callers who hold on use up none of what Redis needs to end in order.
func (e *engine) close(ctx context.Context) error {
	var errs []error
	for i := len(e.closers) - 1; i >= 0; i-- {
		errs = append(errs, e.closePart(ctx, e.closers[i]))
	}
	e.closers = nil
	return errors.Join(errs...)
}

func (e *engine) closePart(ctx context.Context, closer func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, closeTime)
	defer cancel()
	return closer(ctx)
}
