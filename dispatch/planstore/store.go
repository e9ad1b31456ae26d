package planstore

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
)

var _ dispatch.PlanStore = (*Store)(nil)

//go:embed scripts/commit.lua
var commitSource string

//go:embed scripts/load.lua
var loadSource string

// Config is what a Store may be told. The zero value of a field means its default.
type Config struct {
	// IdempotencyTTL is how long replies are kept for repeated requests, in whole seconds. Default 48 h.
	IdempotencyTTL time.Duration
}

func (c Config) withDefaults() Config {
	if c.IdempotencyTTL == 0 {
		c.IdempotencyTTL = 48 * time.Hour
	}
	return c
}

// Validate reports what makes the settings unusable.
func (c Config) Validate() error {
	if c.IdempotencyTTL < 0 || c.IdempotencyTTL%time.Second != 0 {
		return fmt.Errorf("planstore: IdempotencyTTL %v is not a positive number of whole seconds", c.IdempotencyTTL)
	}
	return nil
}

// Store is dispatch.PlanStore on Redis. Safe for concurrent use; it keeps nothing that Redis does not have.
type Store struct {
	client                redis.UniversalClient // immutable after New, as everything here
	vault                 vault
	cfg                   Config
	commit, load, rebuild *redis.Script
	order, policy         *redis.Script
}

// New returns a store on the given Redis or cluster. The store does not own the client.
func New(client redis.UniversalClient, sealer Sealer, cfg Config) (*Store, error) {
	cfg = cfg.withDefaults()
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if client == nil || sealer == nil {
		return nil, errors.New("planstore: a client and a sealer are needed")
	}
	return &Store{
		client: client, vault: vault{sealer}, cfg: cfg,
		commit: redis.NewScript(commitSource), load: redis.NewScript(loadSource), rebuild: redis.NewScript(rebuildSource),
		order: redis.NewScript(orderSource), policy: redis.NewScript(policySource),
	}, nil
}

// Load implements dispatch.PlanStore: one script reads the day at one moment. Rides of erased persons come without places,
// party and purpose. Errors: dispatch.ErrInvalid, *DamagedError, *VersionError, those of Redis and of the sealer.
func (s *Store) Load(ctx context.Context, area dispatch.AreaID, day dispatch.Day) (*dispatch.State, error) {
	if err := checkNames(area, day); err != nil {
		return nil, err
	}
	k := keysOf(area, day)
	got, err := s.load.Run(ctx, s.client, []string{k.rev(), k.routes(), k.rides(), k.notes()},
		k.routePrefix(), k.ridePrefix(), k.notePrefix()).Slice()
	if err != nil {
		return nil, fmt.Errorf("planstore: load %s %s: %w", area, day, err)
	}
	state, err := s.decodeDay(area, day, got)
	if err != nil {
		return nil, fmt.Errorf("planstore: load %s %s: %w", area, day, err)
	}
	return state, nil
}

// decodeDay turns the answer of load.lua into a state.
func (s *Store) decodeDay(area dispatch.AreaID, day dispatch.Day, got []any) (*dispatch.State, error) {
	if len(got) != 4 {
		return nil, &DamagedError{"index", "answer of load.lua"}
	}
	state := dispatch.NewState(area, day)
	rev, _ := got[0].(string)
	var err error
	if state.Revision, err = strconv.ParseInt(rev, 10, 64); err != nil {
		return nil, &DamagedError{"revision", "not a number"}
	}
	routes, _ := got[1].([]any)
	for _, v := range routes {
		raw, ok := v.(string)
		if !ok {
			return nil, &DamagedError{"index", "a route that it names is missing"}
		}
		r, err := decodeRoute([]byte(raw))
		if err != nil {
			return nil, err
		}
		state.Routes[r.Shift] = r
	}
	values, _ := got[2].([]any)
	rides, err := s.decodeRides(area, day, values)
	if err != nil {
		return nil, err
	}
	for _, r := range rides {
		state.Rides[r.ID] = r
	}
	values, _ = got[3].([]any)
	notes, err := s.decodeNotes(area, day, values)
	if err != nil {
		return nil, err
	}
	for _, n := range notes {
		state.Notes[n.ID] = n
	}
	return state, nil
}

// decodeRides decodes and opens the rides of one day.
func (s *Store) decodeRides(area dispatch.AreaID, day dispatch.Day, values []any) ([]*dispatch.Ride, error) {
	rides, sealed := make([]*dispatch.Ride, len(values)), make([][]byte, len(values))
	for i, v := range values {
		raw, ok := v.(string)
		if !ok {
			return nil, &DamagedError{"index", "a ride that it names is missing"}
		}
		r, box, err := decodeRide([]byte(raw))
		if err != nil {
			return nil, err
		}
		r.Area, r.Day = area, day
		rides[i], sealed[i] = r, box
	}
	if err := s.vault.prepare(area, rides); err != nil {
		return nil, err
	}
	for i, r := range rides {
		if err := s.vault.openRide(r, sealed[i]); err != nil {
			return nil, err
		}
	}
	return rides, nil
}
