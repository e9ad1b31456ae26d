package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/api"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// healthEvery is how often the service looks at what it stands on, and how long it waits for an answer.
const healthEvery, healthPatience = 5 * time.Second, 2 * time.Second

// watchHealth looks at what the service stands on, at once and then every few seconds, until ctx ends.
func (e *engine) watchHealth(ctx context.Context, now func() time.Time, log *slog.Logger) {
	tick := time.NewTicker(healthEvery)
	defer tick.Stop()
	for {
		e.look(ctx, now(), log)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// look tells health, metrics and log how everything is. The log hears of changes only.
func (e *engine) look(ctx context.Context, now time.Time, log *slog.Logger) {
	pingCtx, cancel := context.WithTimeout(ctx, healthPatience)
	defer cancel()
	durable := e.durableClient.Ping(pingCtx).Err()
	list := []api.Dependency{
		{Name: "redis", Up: durable == nil, Needed: true},
		{Name: "redis-live", Up: e.liveClient.Ping(pingCtx).Err() == nil},
		{Name: "roads", Up: e.roads},
	}
	if ctx.Err() != nil {
		return
	}
	before := map[string]bool{}
	known, _ := e.server.Health()
	for _, d := range known {
		before[d.Name] = d.Up
	}
	for _, d := range list {
		e.server.SetHealth(d)
		e.measures.up.WithLabelValues(d.Name).Set(oneIf(d.Up))
		if was, ok := before[d.Name]; ok && was != d.Up {
			log.Warn("dependency changed", "dependency", d.Name, "up", d.Up)
		}
	}
	if durable == nil {
		if fsync, err := weakestFsync(pingCtx, e.durableClient); err == nil {
			e.measures.aof.WithLabelValues("durable").Set(oneIf(fsync == "always"))
		}
	}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(e.data, &disk); err == nil {
		e.measures.free.Set(float64(disk.Bavail) * float64(disk.Bsize))
		e.measures.size.Set(float64(disk.Blocks) * float64(disk.Bsize))
	}
	e.lookAtDays(ctx, now)
}

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// lookAtDays counts open days and the people who should have been told something by now.
func (e *engine) lookAtDays(ctx context.Context, now time.Time) {
	days := e.desk.OpenDays()
	e.measures.days.Set(float64(len(days)))
	overdue := map[dispatch.AreaID]int{}
	for _, day := range days {
		overdue[day.Area] += 0
		state, err := e.desk.State(ctx, day.Area, day.Day)
		if err != nil {
			continue
		}
		second, ok := secondOf(now, day.Day, e.desk.Zone())
		for _, note := range state.Notes {
			if tell, is := note.Body.(*dispatch.Tell); is && tell.Told == nil && ok && tell.Deadline < second {
				overdue[day.Area]++
			}
		}
	}
	for area, n := range overdue {
		e.measures.tells.WithLabelValues(string(area)).Set(float64(n))
	}
}

// secondOf is the service-day second of a moment, which may lie outside the day.
func secondOf(now time.Time, day dispatch.Day, zone *time.Location) (int32, bool) {
	midnight, err := time.ParseInLocation(time.DateOnly, string(day), zone)
	if err != nil {
		return 0, false
	}
	return int32(min(max(now.Sub(midnight).Seconds(), -1), float64(vehicles.MaxDaySecond)+1)), true
}

// ready answers whoever runs the service, such as Kubernetes, with each dependency by name: 200 where calls can be answered,
// 503 where not.
func (e *engine) ready(w http.ResponseWriter, _ *http.Request) {
	list, ready := e.server.Health()
	body := map[string]any{"ready": ready}
	for _, d := range list {
		body[d.Name] = d.Up
	}
	w.Header().Set("Content-Type", "application/json")
	if !ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(body)
}

// watchStores lets the commands of both stores be measured, which may be one.
func (e *engine) watchStores(durable, live redis.UniversalClient) {
	e.durableClient, e.liveClient = durable, live
	durable.AddHook(redisHook{"durable", e.measures})
	if live != durable {
		live.AddHook(redisHook{"live", e.measures})
	}
}
