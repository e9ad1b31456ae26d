package planstore

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
)

// Done reports whether the change of a key was noted before, for changes that are not commits of a day. It fails with
// dispatch.ErrKeyReused where another request was noted under the key.
func (s *Store) Done(ctx context.Context, area dispatch.AreaID, key dispatch.IdempotencyKey) (bool, error) {
	if err := checkArea(area); err != nil {
		return false, err
	}
	hash, err := s.client.Get(ctx, intentKey(area, key.Key)).Bytes()
	if errors.Is(err, redis.Nil) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("planstore: noted change: %w", err)
	}
	if subtle.ConstantTimeCompare(hash, key.Hash[:]) == 0 {
		return false, fmt.Errorf("planstore: noted change: %w", dispatch.ErrKeyReused)
	}
	return true, nil
}

// Keep notes that the change of a key was made. The first note stays.
func (s *Store) Keep(ctx context.Context, area dispatch.AreaID, key dispatch.IdempotencyKey) error {
	if err := checkArea(area); err != nil {
		return err
	}
	err := s.client.SetArgs(ctx, intentKey(area, key.Key), key.Hash[:], redis.SetArgs{Mode: "NX", TTL: s.cfg.IdempotencyTTL}).Err()
	if err != nil && !errors.Is(err, redis.Nil) {
		return fmt.Errorf("planstore: note change: %w", err)
	}
	return nil
}
