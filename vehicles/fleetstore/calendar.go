package fleetstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/vehicles"
)

// SaveCalendar makes c the calendar of the area, in one step; its fleet and its holidays are not part of what is kept. It fails
// with what Calendar.Validate reports, ErrName, or the fault of the server; then nothing is changed.
func (s *Store) SaveCalendar(ctx context.Context, area string, c *vehicles.Calendar) error {
	k, err := keysOf(area)
	if err != nil {
		return err
	}
	if err := c.Validate(); err != nil {
		return fmt.Errorf("fleetstore: calendar of %s: %w", area, err)
	}
	if err := s.durable.Set(ctx, k.calendar(), encodeCalendar(c), 0).Err(); err != nil {
		return fmt.Errorf("fleetstore: save calendar of %s: %w", area, err)
	}
	return nil
}

// Calendar reads the calendar of the area, without fleet and holidays; nil for an area that none was saved for. The caller
// owns the result. It fails with ErrName, a *DamagedError, or the fault of the server.
func (s *Store) Calendar(ctx context.Context, area string) (*vehicles.Calendar, error) {
	k, err := keysOf(area)
	if err != nil {
		return nil, err
	}
	raw, err := s.durable.Get(ctx, k.calendar()).Result()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("fleetstore: read calendar of %s: %w", area, err)
	}
	return decodeCalendar(raw)
}
