package fleetstore

import (
	"context"
	"fmt"

	"github.com/swmaas/swmaas/vehicles"
)

// SetStatus keeps the report unless one as new or newer is there, which it tells by stored false. It fails with ErrName,
// ErrStatus, ErrMoment, ErrAhead (dated more than Config.MaxAhead from now), or the fault of the server.
func (s *Store) SetStatus(ctx context.Context, area string, r vehicles.StatusReport) (stored bool, err error) {
	k, err := keysOf(area)
	if err != nil {
		return false, err
	}
	if err := checkID(r.Vehicle); err != nil {
		return false, err
	}
	if r.Status > vehicles.OutOfOrder {
		return false, fmt.Errorf("%w: vehicle %s: %d", ErrStatus, r.Vehicle, r.Status)
	}
	if err := s.checkMoment(r.Vehicle, r.Seen); err != nil {
		return false, err
	}
	kept, err := s.status.Run(ctx, s.durable, []string{k.status()}, string(r.Vehicle), encodeStatus(r)).Int()
	if err != nil {
		return false, fmt.Errorf("fleetstore: set status of %s in %s: %w", r.Vehicle, area, err)
	}
	return kept == 1, nil
}

// Statuses reads the last report of every vehicle of the area that has one. The caller owns the map. It fails with
// ErrName, a *DamagedError, or the fault of the server.
func (s *Store) Statuses(ctx context.Context, area string) (map[vehicles.VehicleID]vehicles.StatusReport, error) {
	k, err := keysOf(area)
	if err != nil {
		return nil, err
	}
	raw, err := s.durable.HGetAll(ctx, k.status()).Result()
	if err != nil {
		return nil, fmt.Errorf("fleetstore: read statuses of %s: %w", area, err)
	}
	all := make(map[vehicles.VehicleID]vehicles.StatusReport, len(raw))
	for id, record := range raw {
		r, err := decodeStatus(id, record)
		if err != nil {
			return nil, err
		}
		all[r.Vehicle] = r
	}
	return all, nil
}
