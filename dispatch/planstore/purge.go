package planstore

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
)

var (
	//go:embed scripts/drop_day.lua
	dropDaySource string
	//go:embed scripts/drop_events.lua
	dropEventsSource string
)

// MinRetention is the least number of days that days may be kept: quotas count over a month.
const MinRetention = 31

// Retention says how long days stay in the store, counted in days from the service day on. The zero value keeps everything:
// records that the law asks for are not dropped by a default.
type Retention struct {
	// Days is how long a day is kept, at least MinRetention; 0 for ever.
	Days int
	// Events is how long the events of a day are kept, at most as long as the day; 0 as long as the day. Without them a day
	// cannot be rebuilt any more.
	Events int
}

// Validate reports everything that is wrong with the settings.
func (r Retention) Validate() error {
	var problems []error
	if r.Days != 0 && r.Days < MinRetention {
		problems = append(problems, fmt.Errorf("planstore: days are kept for %d days, and quotas count over %d", r.Days, MinRetention))
	}
	if r.Events < 0 || r.Days > 0 && r.Events > r.Days {
		problems = append(problems, fmt.Errorf("planstore: events are kept for %d days and their day for %d", r.Events, r.Days))
	}
	return errors.Join(problems...)
}

// Purged tells what a purge did.
type Purged struct {
	Days   []dispatch.AreaDay // dropped
	Events []dispatch.AreaDay // whose events were dropped
	Open   []dispatch.AreaDay // past their time and kept, because a ride of theirs has not ended
}

// Days lists every area-day that something is stored for, by area and day.
func (s *Store) Days(ctx context.Context) ([]dispatch.AreaDay, error) {
	names, err := s.keysLike(ctx, "dsp:{*}:*:rev")
	if err != nil {
		return nil, fmt.Errorf("planstore: list days: %w", err)
	}
	found := map[dispatch.AreaDay]struct{}{}
	for _, name := range names {
		if day, ok := dayOfRevision(name); ok {
			found[day] = struct{}{}
		}
	}
	return slices.SortedFunc(maps.Keys(found), func(x, y dispatch.AreaDay) int {
		return cmp.Or(cmp.Compare(x.Area, y.Area), cmp.Compare(x.Day, y.Day))
	}), nil
}

// keysLike lists the keys of every server that match a pattern, in no order and some of them twice.
func (s *Store) keysLike(ctx context.Context, pattern string) ([]string, error) {
	cluster, ok := s.client.(*redis.ClusterClient)
	if !ok {
		return scanKeys(ctx, s.client, pattern)
	}
	var mu sync.Mutex // ForEachMaster calls from several goroutines
	var all []string
	err := cluster.ForEachMaster(ctx, func(ctx context.Context, master *redis.Client) error {
		names, err := scanKeys(ctx, master, pattern)
		mu.Lock()
		defer mu.Unlock()
		all = append(all, names...)
		return err
	})
	return all, err
}

// dayOfRevision is the area-day whose revision has the key; ok is false for another key.
func dayOfRevision(key string) (day dispatch.AreaDay, ok bool) {
	area, rest, braced := strings.Cut(strings.TrimPrefix(key, "dsp:{"), "}:")
	name, ends := strings.CutSuffix(rest, ":rev")
	day = dispatch.AreaDay{Area: dispatch.AreaID(area), Day: dispatch.Day(name)}
	return day, braced && ends && checkNames(day.Area, day.Day) == nil
}

// Purge drops the days and the events that are past their time as of today, each day in one step, and keeps a day of which
// a ride has not ended. A day that cannot be read is left alone and reported with the errors; the others are dropped all
// the same. Any number of processes may purge.
func (s *Store) Purge(ctx context.Context, today dispatch.Day, keep Retention) (Purged, error) {
	now, err := time.Parse(time.DateOnly, string(today))
	if err != nil {
		return Purged{}, fmt.Errorf("planstore: today %q is not a date: %w", today, dispatch.ErrInvalid)
	}
	if err := keep.Validate(); err != nil {
		return Purged{}, err
	}
	if keep == (Retention{}) {
		return Purged{}, nil
	}
	days, err := s.Days(ctx)
	if err != nil {
		return Purged{}, err
	}
	var done Purged
	var failures []error
	for _, day := range days {
		date, err := time.Parse(time.DateOnly, string(day.Day))
		if err != nil {
			return done, err // cannot be: Days has parsed it
		}
		age := int(now.Sub(date) / (24 * time.Hour))
		switch {
		case keep.Days > 0 && age > keep.Days:
			err = s.purgeDay(ctx, day, &done)
		case keep.Events > 0 && age > keep.Events:
			err = s.purgeEvents(ctx, day, &done)
		}
		failures = append(failures, err)
	}
	return done, errors.Join(failures...)
}

// over loads a day and reports its revision where all its rides have ended, and notes it as open where not.
func (s *Store) over(ctx context.Context, day dispatch.AreaDay, done *Purged) (revision int64, ended bool, err error) {
	state, err := s.Load(ctx, day.Area, day.Day)
	if err != nil {
		return 0, false, err
	}
	for _, r := range state.Rides {
		if r.Open() {
			done.Open = append(done.Open, day)
			return 0, false, nil
		}
	}
	return state.Revision, true, nil
}

// purgeDay drops a day; one that changes meanwhile has its turn the next time.
func (s *Store) purgeDay(ctx context.Context, day dispatch.AreaDay, done *Purged) error {
	revision, ended, err := s.over(ctx, day, done)
	if err != nil || !ended {
		return err
	}
	k := keysOf(day.Area, day.Day)
	names, err := s.scan(ctx, k)
	if err != nil {
		return fmt.Errorf("planstore: drop %s %s: %w", day.Area, day.Day, err)
	}
	keys := append([]string{k.rev()}, slices.DeleteFunc(names, func(name string) bool { return name == k.rev() })...)
	dropped, err := redis.NewScript(dropDaySource).Run(ctx, s.client, keys, strconv.FormatInt(revision, 10)).Int()
	if err != nil {
		return fmt.Errorf("planstore: drop %s %s: %w", day.Area, day.Day, err)
	}
	if dropped == 1 {
		done.Days = append(done.Days, day)
	}
	return nil
}

// purgeEvents drops the events of a day that has some.
func (s *Store) purgeEvents(ctx context.Context, day dispatch.AreaDay, done *Purged) error {
	k := keysOf(day.Area, day.Day)
	n, err := s.client.XLen(ctx, k.events()).Result()
	if err != nil || n == 0 {
		return err
	}
	revision, ended, err := s.over(ctx, day, done)
	if err != nil || !ended {
		return err
	}
	dropped, err := redis.NewScript(dropEventsSource).Run(ctx, s.client, []string{k.rev(), k.events()}, strconv.FormatInt(revision, 10)).Int()
	if err != nil {
		return fmt.Errorf("planstore: drop events of %s %s: %w", day.Area, day.Day, err)
	}
	if dropped > 0 {
		done.Events = append(done.Events, day)
	}
	return nil
}
