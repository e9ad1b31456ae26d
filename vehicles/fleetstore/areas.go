package fleetstore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

// Areas lists the areas that a fleet or a calendar was saved for, by name. It walks over all keys. It fails with the fault of the server.
func (s *Store) Areas(ctx context.Context) ([]string, error) {
	var mu sync.Mutex // ForEachMaster calls from several goroutines
	var areas []string
	walk := func(ctx context.Context, server redis.Cmdable) error {
		for _, name := range []string{"vehicles", "calendar"} {
			it := server.Scan(ctx, 0, "veh:{*}:"+name, 1000).Iterator()
			for it.Next(ctx) {
				area, _, _ := strings.Cut(strings.TrimPrefix(it.Val(), "veh:{"), "}:")
				mu.Lock()
				areas = append(areas, area)
				mu.Unlock()
			}
			if err := it.Err(); err != nil {
				return err
			}
		}
		return nil
	}
	var err error
	if cluster, ok := s.durable.(*redis.ClusterClient); ok {
		err = cluster.ForEachMaster(ctx, func(ctx context.Context, c *redis.Client) error { return walk(ctx, c) })
	} else {
		err = walk(ctx, s.durable)
	}
	if err != nil {
		return nil, fmt.Errorf("fleetstore: list areas: %w", err)
	}
	slices.Sort(areas)
	return slices.Compact(areas), nil
}
