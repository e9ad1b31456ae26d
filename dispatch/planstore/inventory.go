package planstore

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
)

// readTries bounds how often a day is read for Check and Rebuild while commits keep changing it.
const readTries = 10

// readBatch is how many keys one round trip asks for.
const readBatch = 1000

// inventory is everything of an area-day found by walking over its keys, without trust in any index.
type inventory struct {
	revision int64
	state    *dispatch.State // without personal fields, but for what cells need
	// members of the indexes as they are: key, then member, then score (0 in the plain sets)
	indexes map[string]members
	events  []dispatch.Event
}

type members map[string]int32

// inventory reads the day at one revision. It fails with dispatch.ErrStale where commits come quicker than it reads.
func (s *Store) inventory(ctx context.Context, area dispatch.AreaID, day dispatch.Day) (*inventory, error) {
	if err := checkNames(area, day); err != nil {
		return nil, err
	}
	for range readTries {
		before, err := s.revision(ctx, area, day)
		if err != nil {
			return nil, err
		}
		inv, err := s.walk(ctx, area, day)
		if err != nil {
			return nil, err
		}
		after, err := s.revision(ctx, area, day)
		if err != nil {
			return nil, err
		}
		if before == after {
			inv.revision = after
			return inv, nil
		}
	}
	return nil, fmt.Errorf("planstore: read %s %s: %w", area, day, dispatch.ErrStale)
}

func (s *Store) revision(ctx context.Context, area dispatch.AreaID, day dispatch.Day) (int64, error) {
	rev, err := s.client.Get(ctx, keysOf(area, day).rev()).Int64()
	if err != nil && !errors.Is(err, redis.Nil) {
		return 0, fmt.Errorf("planstore: revision of %s %s: %w", area, day, err)
	}
	return rev, nil
}

// walk reads everything of the day once.
func (s *Store) walk(ctx context.Context, area dispatch.AreaID, day dispatch.Day) (*inventory, error) {
	k := keysOf(area, day)
	names, err := s.scan(ctx, k)
	if err != nil {
		return nil, fmt.Errorf("planstore: walk %s %s: %w", area, day, err)
	}
	inv := &inventory{state: dispatch.NewState(area, day), indexes: map[string]members{k.routes(): {}, k.rides(): {}}}
	var values, cells []string
	for _, name := range names {
		switch {
		case strings.HasPrefix(name, k.routePrefix()), strings.HasPrefix(name, k.ridePrefix()):
			values = append(values, name)
		case strings.HasPrefix(name, k.cellPrefix()):
			cells = append(cells, name)
		}
	}
	if err := s.readValues(ctx, inv, values); err != nil {
		return nil, fmt.Errorf("planstore: walk %s %s: %w", area, day, err)
	}
	if err := s.readIndexes(ctx, inv, cells); err != nil {
		return nil, fmt.Errorf("planstore: walk %s %s: %w", area, day, err)
	}
	after := dispatch.EventID("")
	for {
		page, err := s.Events(ctx, area, day, after, readBatch)
		if err != nil {
			return nil, err
		}
		inv.events = append(inv.events, page...)
		if len(page) < readBatch {
			return inv, nil
		}
		after = page[len(page)-1].ID
	}
}

// scan returns the names of the day's keys, from the one master that has them.
func (s *Store) scan(ctx context.Context, k dayKeys) ([]string, error) {
	var master redis.Cmdable = s.client
	if cluster, ok := s.client.(*redis.ClusterClient); ok {
		node, err := cluster.MasterForKey(ctx, k.rev())
		if err != nil {
			return nil, err
		}
		master = node
	}
	escaped := strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(k.prefix)
	seen := map[string]struct{}{} // SCAN may name a key twice
	var names []string
	for it := master.Scan(ctx, 0, escaped+"*", readBatch).Iterator(); ; {
		if !it.Next(ctx) {
			return names, it.Err()
		}
		if _, twice := seen[it.Val()]; !twice {
			seen[it.Val()] = struct{}{}
			names = append(names, it.Val())
		}
	}
}

// readValues decodes routes and rides and opens the rides.
func (s *Store) readValues(ctx context.Context, inv *inventory, names []string) error {
	k := keysOf(inv.state.Area, inv.state.Day)
	var rides []any
	for len(names) > 0 {
		batch := names[:min(readBatch, len(names))]
		names = names[len(batch):]
		got, err := s.client.MGet(ctx, batch...).Result()
		if err != nil {
			return err
		}
		for i, v := range got {
			if !strings.HasPrefix(batch[i], k.routePrefix()) {
				rides = append(rides, v)
				continue
			}
			raw, _ := v.(string)
			r, err := decodeRoute([]byte(raw))
			if err != nil {
				return err
			}
			inv.state.Routes[r.Shift] = r
		}
	}
	opened, err := s.decodeRides(inv.state.Area, inv.state.Day, rides)
	for _, r := range opened {
		inv.state.Rides[r.ID] = r
	}
	return err
}

// readIndexes reads the members of the two sets and of the cells.
func (s *Store) readIndexes(ctx context.Context, inv *inventory, cells []string) error {
	for name, list := range inv.indexes {
		ids, err := s.client.SMembers(ctx, name).Result()
		if err != nil {
			return err
		}
		for _, id := range ids {
			list[id] = 0
		}
	}
	got := make([]*redis.ZSliceCmd, len(cells))
	_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, name := range cells {
			got[i] = p.ZRangeWithScores(ctx, name, 0, -1)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, cmd := range got {
		list := members{}
		for _, z := range cmd.Val() {
			member, ok := z.Member.(string)
			if !ok {
				return &DamagedError{"index", fmt.Sprintf("cell member of type %T", z.Member)}
			}
			list[member] = int32(z.Score)
		}
		inv.indexes[cells[i]] = list
	}
	return nil
}

// wanted computes the indexes from the routes and rides alone.
func (inv *inventory) wanted() (map[string]members, error) {
	k := keysOf(inv.state.Area, inv.state.Day)
	want := map[string]members{k.routes(): {}, k.rides(): {}}
	for id := range inv.state.Routes {
		want[k.routes()][string(id)] = 0
	}
	for id, r := range inv.state.Rides {
		want[k.rides()][string(id)] = 0
		entries, err := cellEntries(r)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			name := k.cells(e.cell)
			if want[name] == nil {
				want[name] = members{}
			}
			want[name][e.member] = e.start
		}
	}
	return want, nil
}

// eventRevision is the revision that an event's id begins with, 0 where it has none.
func eventRevision(id dispatch.EventID) int64 {
	rev, _, _ := strings.Cut(string(id), "-")
	n, err := strconv.ParseInt(rev, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
