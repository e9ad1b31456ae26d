package main

import (
	"log/slog"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/testdata/redistest"
	"github.com/swmaas/swmaas/vehicles"
)

func TestWhatIsPastItsTimeIsDropped(t *testing.T) {
	now := time.Date(2026, 3, 20, 3, 0, 0, 0, time.UTC)
	e, err := startEngine(t.Context(), engineConfig{
		data: t.TempDir(), memory: true, now: func() time.Time { return now }, log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.close(t.Context()) }()
	for _, day := range []dispatch.Day{"2026-01-10", "2026-03-19"} {
		ride := &dispatch.Ride{ID: dispatch.RideID(day) + ".1", Area: "kurobe", Day: day, Rider: "P-1", Version: 1, State: dispatch.Completed}
		c := &dispatch.Commit{
			Area: "kurobe", Day: day, Rides: []dispatch.RideChange{{After: ride}},
			Events: []dispatch.Event{{Kind: dispatch.RideCompleted, Ride: ride.ID, After: "completed"}},
		}
		if _, err := e.plans.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	at := geo.LatLng{Lat: 36.87, Lng: 137.45}
	for id, seen := range map[vehicles.VehicleID]time.Time{"V-old": now.Add(-49 * time.Hour), "V-new": now.Add(-time.Hour)} {
		if _, err := e.fleet.Report(t.Context(), "kurobe", []vehicles.Position{{Vehicle: id, At: at, Seen: seen}}); err != nil {
			t.Fatal(err)
		}
	}
	log := slog.New(slog.DiscardHandler)
	e.purge(t.Context(), "2026-03-20", planstore.Retention{Days: 31}, log)
	e.forgetPositions(t.Context(), now.Add(-48*time.Hour), log)
	if days, err := e.plans.Days(t.Context()); err != nil || len(days) != 1 || days[0].Day != "2026-03-19" {
		t.Errorf("days %v, %v; want the fresh one", days, err)
	}
	if got, err := e.fleet.Positions(t.Context(), "kurobe"); err != nil || len(got) != 1 || got[0].Vehicle != "V-new" {
		t.Errorf("positions %+v, %v; want the fresh one", got, err)
	}
}

func TestServeRefusesToKeepLessThanQuotasCount(t *testing.T) {
	for _, flags := range [][]string{{"--keep-days", "7"}, {"--keep-days", "40", "--keep-events", "41"}, {"--keep-positions", "0s"}} {
		if code, _, errOut := runMain(t, append([]string{"serve", "--data", t.TempDir()}, flags...)...); code != exitUsage {
			t.Errorf("%v: exit %d, want %d: %s", flags, code, exitUsage, errOut)
		}
	}
}

// TestAClusterIsAsDurableAsItsWeakestMaster turns the log of one of three masters down.
func TestAClusterIsAsDurableAsItsWeakestMaster(t *testing.T) {
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: redistest.StartCluster(t)})
	defer func() { _ = client.Close() }()
	if got, err := weakestFsync(t.Context(), client); err != nil || got != "always" {
		t.Errorf("three durable masters: %q, %v", got, err)
	}
	master, err := client.MasterForKey(t.Context(), "any")
	if err != nil {
		t.Fatal(err)
	}
	if err := master.ConfigSet(t.Context(), "appendfsync", "everysec").Err(); err != nil {
		t.Fatal(err)
	}
	if got, err := weakestFsync(t.Context(), client); err != nil || got != "everysec" {
		t.Errorf("one of them turned down: %q, %v", got, err)
	}
}
