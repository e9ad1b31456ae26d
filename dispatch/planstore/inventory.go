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

// readBatch is how many keys or entries one round trip asks for.
const readBatch = 1000

// inventory is everything of an area-day found by walking over its keys, without trust in any index.
type inventory struct {
	keys     dayKeys
	area     dispatch.AreaID
	day      dispatch.Day
	revision string             // as stored; empty where it is missing or no text
	values   map[string]*string // routes, rides and notes as stored, by key; nil for one that is no text
	indexes  map[string]members // the sets and cells as they are, by key; nil for one of another type
	log      *history
}

// members of an index with their scores, 0 in the plain sets.
type members map[string]int32

// inventory reads the day at one revision. It fails with dispatch.ErrStale where commits come quicker than it reads.
func (s *Store) inventory(ctx context.Context, area dispatch.AreaID, day dispatch.Day) (*inventory, error) {
	if err := checkNames(area, day); err != nil {
		return nil, err
	}
	k := keysOf(area, day)
	for range readTries {
		before, err := s.storedRevision(ctx, k)
		if err != nil {
			return nil, fmt.Errorf("planstore: revision of %s %s: %w", area, day, err)
		}
		inv := &inventory{keys: k, area: area, day: day, revision: before}
		if err := s.walk(ctx, inv); err != nil {
			return nil, fmt.Errorf("planstore: walk %s %s: %w", area, day, err)
		}
		after, err := s.storedRevision(ctx, k)
		if err != nil {
			return nil, fmt.Errorf("planstore: revision of %s %s: %w", area, day, err)
		}
		if before == after {
			return inv, nil
		}
	}
	return nil, fmt.Errorf("planstore: read %s %s: %w", area, day, dispatch.ErrStale)
}

// storedRevision reads the revision as it is; empty where it is missing or no text.
func (s *Store) storedRevision(ctx context.Context, k dayKeys) (string, error) {
	rev, err := s.client.Get(ctx, k.rev()).Result()
	if errors.Is(err, redis.Nil) || wrongType(err) {
		return "", nil
	}
	return rev, err
}

// number is the stored revision, 0 where it is none.
func (inv *inventory) number() int64 {
	n, err := strconv.ParseInt(inv.revision, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// wrongType reports whether Redis refused because a key is of another type than the command is for.
func wrongType(err error) bool { return redis.HasErrorPrefix(err, "WRONGTYPE") }

// walk reads everything of the day once.
func (s *Store) walk(ctx context.Context, inv *inventory) error {
	names, err := s.scan(ctx, inv.keys)
	if err != nil {
		return err
	}
	var values, cells []string
	for _, name := range names {
		switch {
		case strings.HasPrefix(name, inv.keys.routePrefix()), strings.HasPrefix(name, inv.keys.ridePrefix()),
			strings.HasPrefix(name, inv.keys.notePrefix()):
			values = append(values, name)
		case strings.HasPrefix(name, inv.keys.cellPrefix()), name == inv.keys.claims():
			cells = append(cells, name)
		}
	}
	if inv.values, err = s.readValues(ctx, values); err != nil {
		return err
	}
	if inv.indexes, err = s.readIndexes(ctx, inv.keys, cells); err != nil {
		return err
	}
	inv.log, err = s.history(ctx, inv.keys)
	return err
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
	return scanKeys(ctx, master, escapePattern(k.prefix)+"*")
}

// escapePattern makes a pattern that matches the text itself.
func escapePattern(text string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(text)
}

// scanKeys lists every key of one server that matches, each once.
func scanKeys(ctx context.Context, server redis.Cmdable, pattern string) ([]string, error) {
	seen := map[string]struct{}{} // SCAN may name a key twice
	var names []string
	for it := server.Scan(ctx, 0, pattern, readBatch).Iterator(); ; {
		if !it.Next(ctx) {
			return names, it.Err()
		}
		if _, twice := seen[it.Val()]; !twice {
			seen[it.Val()] = struct{}{}
			names = append(names, it.Val())
		}
	}
}

// readValues reads routes, rides and notes as they are stored.
func (s *Store) readValues(ctx context.Context, names []string) (map[string]*string, error) {
	values := make(map[string]*string, len(names))
	for len(names) > 0 {
		batch := names[:min(readBatch, len(names))]
		names = names[len(batch):]
		got, err := s.client.MGet(ctx, batch...).Result()
		if err != nil {
			return nil, err
		}
		for i, v := range got {
			values[batch[i]] = nil
			if raw, ok := v.(string); ok {
				values[batch[i]] = &raw
			}
		}
	}
	return values, nil
}

// readIndexes reads the members of the sets of ids and of those with scores, the cells and the claims.
func (s *Store) readIndexes(ctx context.Context, k dayKeys, cells []string) (map[string]members, error) {
	indexes := make(map[string]members, 3+len(cells))
	for _, name := range k.sets() {
		ids, err := s.client.SMembers(ctx, name).Result()
		if wrongType(err) {
			indexes[name] = nil
			continue
		}
		if err != nil {
			return nil, err
		}
		list := members{}
		for _, id := range ids {
			list[id] = 0
		}
		indexes[name] = list
	}
	got := make([]*redis.ZSliceCmd, len(cells))
	_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, name := range cells {
			got[i] = p.ZRangeWithScores(ctx, name, 0, -1)
		}
		return nil
	})
	if err != nil && !wrongType(err) { // of the first command that failed; the others are looked at below
		return nil, err
	}
	for i, cmd := range got {
		if wrongType(cmd.Err()) {
			indexes[cells[i]] = nil
			continue
		}
		if cmd.Err() != nil {
			return nil, cmd.Err()
		}
		list := members{}
		for _, z := range cmd.Val() {
			member, ok := z.Member.(string)
			if !ok {
				return nil, &DamagedError{"index", fmt.Sprintf("cell member of type %T", z.Member)}
			}
			list[member] = int32(z.Score)
		}
		indexes[cells[i]] = list
	}
	return indexes, nil
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
