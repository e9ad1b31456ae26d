package planstore

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
)

// Replay implements dispatch.PlanStore. The reply is empty where the person that it was about was erased since.
func (s *Store) Replay(ctx context.Context, area dispatch.AreaID, key dispatch.IdempotencyKey) (reply []byte, found bool, err error) {
	if err := checkArea(area); err != nil {
		return nil, false, err
	}
	if key.Key == "" {
		return nil, false, nil
	}
	record, err := s.client.Get(ctx, idemKey(area, key.Key)).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("planstore: kept reply: %w", err)
	}
	if len(record) < hashBytes || subtle.ConstantTimeCompare(record[:hashBytes], key.Hash[:]) == 0 {
		return nil, false, fmt.Errorf("planstore: kept reply: %w", dispatch.ErrKeyReused)
	}
	reply, err = s.vault.openReply(area, key.Key, record)
	return reply, err == nil, err
}

// appendReply adds the idempotency record, or what stands for none.
func (s *Store) appendReply(keys []string, args []any, c *dispatch.Commit) ([]string, []any, error) {
	if c.Key.Key == "" {
		return append(keys, keysOf(c.Area, c.Day).rev()), append(args, "", "", 0), nil
	}
	record, err := s.vault.sealReply(c)
	if err != nil {
		return nil, nil, err
	}
	ttl := int64(s.cfg.IdempotencyTTL.Seconds())
	return append(keys, idemKey(c.Area, c.Key.Key)), append(args, record[:hashBytes], record, ttl), nil
}
