package fleetstore

import (
	"embed"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/vehicles"
)

//go:embed scripts/*.lua
var scriptFiles embed.FS

// Store keeps the fleets of any number of areas. It holds nothing itself and is safe for concurrent use.
type Store struct {
	// immutable after New
	durable redis.UniversalClient // registry and status
	live    redis.UniversalClient // positions and their cells
	cfg     Config
	report  *redis.Script
	forget  *redis.Script
	status  *redis.Script
}

// New returns a store on the two servers, which may be one and the same client; the caller closes them. It fails where the
// settings are wrong and does not talk to the servers.
func New(durable, live redis.UniversalClient, cfg Config) (*Store, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	s := &Store{durable: durable, live: live, cfg: cfg.withDefaults()}
	for name, script := range map[string]**redis.Script{"report": &s.report, "forget": &s.forget, "status": &s.status} {
		text, err := scriptFiles.ReadFile("scripts/" + name + ".lua")
		if err != nil {
			return nil, fmt.Errorf("fleetstore: script %s: %w", name, err)
		}
		*script = redis.NewScript(string(text))
	}
	return s, nil
}

// checkID fails with ErrName where an id is empty or longer than a record takes.
func checkID(id vehicles.VehicleID) error {
	if id == "" || len(id) > maxIDBytes {
		return fmt.Errorf("%w: vehicle id of %d bytes, 1 to %d are possible", ErrName, len(id), maxIDBytes)
	}
	return nil
}
