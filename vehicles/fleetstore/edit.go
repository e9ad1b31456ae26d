package fleetstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/vehicles"
)

// maxEdits bounds how often an edit is made again after another one came between.
const maxEdits = 16

// EditFleet changes the fleet of the area as it is now, in one step: change is given a copy and may be called more than once;
// its error is returned and ends the edit. It fails as SaveFleet, and with ErrRaces where others edit all the time.
func (s *Store) EditFleet(ctx context.Context, area string, change func(*vehicles.Fleet) error) error {
	k, err := keysOf(area)
	if err != nil {
		return err
	}
	return s.edit(ctx, "fleet of "+area, []string{k.facilities(), k.vehicles(), k.drivers()}, func(tx *redis.Tx) error {
		fleet, err := s.Fleet(ctx, area)
		if err != nil {
			return err
		}
		if err := change(&fleet); err != nil {
			return err
		}
		return s.saveFleet(ctx, tx, area, k, fleet)
	})
}

// EditCalendar changes the calendar of the area as it is now, in one step, in the manner of EditFleet. Fleet and holidays are not
// part of what change is given. It fails as SaveCalendar, and with ErrRaces.
func (s *Store) EditCalendar(ctx context.Context, area string, change func(*vehicles.Calendar) error) error {
	k, err := keysOf(area)
	if err != nil {
		return err
	}
	return s.edit(ctx, "calendar of "+area, []string{k.calendar()}, func(tx *redis.Tx) error {
		c, err := s.Calendar(ctx, area)
		if err != nil {
			return err
		}
		if c == nil {
			c = &vehicles.Calendar{}
		}
		if err := change(c); err != nil {
			return err
		}
		if err := c.Validate(); err != nil {
			return fmt.Errorf("fleetstore: calendar of %s: %w", area, err)
		}
		_, err = tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
			p.Set(ctx, k.calendar(), encodeCalendar(c), 0)
			return nil
		})
		return err
	})
}

// edit runs do on keys that nobody else changes meanwhile, again where somebody did.
func (s *Store) edit(ctx context.Context, what string, keys []string, do func(*redis.Tx) error) error {
	for range maxEdits {
		if err := s.durable.Watch(ctx, do, keys...); !errors.Is(err, redis.TxFailedErr) {
			return err
		}
	}
	return fmt.Errorf("fleetstore: edit %s: %w", what, ErrRaces)
}
