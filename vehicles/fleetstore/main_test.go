package fleetstore_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/testdata/redistest"
	"github.com/swmaas/swmaas/vehicles"
	"github.com/swmaas/swmaas/vehicles/fleetstore"
)

const (
	area = "kurobe"
	day  = "2026-01-20"
)

// noon is what every store of the tests takes for now.
var noon = time.Date(2026, 1, 20, 3, 0, 0, 0, time.UTC)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// onSocket connects to a server on a Unix socket.
func onSocket(t testing.TB, socket string) redis.UniversalClient {
	t.Helper()
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: socket})
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// startRedis starts a server that keeps nothing on disk, as the live one does not.
func startRedis(t testing.TB) redis.UniversalClient {
	t.Helper()
	client := onSocket(t, redistest.Start(t))
	if err := client.ConfigSet(t.Context(), "appendonly", "no").Err(); err != nil {
		t.Fatal(err)
	}
	return client
}

func startCluster(t testing.TB) redis.UniversalClient {
	t.Helper()
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: redistest.StartCluster(t)})
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func startMini(t testing.TB) redis.UniversalClient {
	t.Helper()
	server := miniredis.NewMiniRedis()
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// What must hold on any server: each test gets the server empty. A server is started once, for a cluster takes seconds.
func TestEverywhere(t *testing.T) {
	tests := []struct {
		name string
		test func(t *testing.T, client redis.UniversalClient)
	}{
		{"searches equal brute force while vehicles move", searchesEqualBruteForceWhileVehiclesMove},
		{"position is read as reported", positionIsReadAsReported},
		{"newest report stays whatever the order", newestReportStaysWhateverTheOrder},
		{"concurrent reports keep the newest", concurrentReportsKeepTheNewest},
		{"forget removes what is old", forgetRemovesWhatIsOld},
		{"registry is read as saved", registryIsReadAsSaved},
		{"newest status stays", newestStatusStays},
		{"calendar is read as saved", calendarIsReadAsSaved},
	}
	for name, start := range map[string]func(testing.TB) redis.UniversalClient{
		"redis": startRedis, "cluster": startCluster, "in process": startMini,
	} {
		t.Run(name, func(t *testing.T) {
			client := start(t)
			for _, c := range tests {
				empty(t, client)
				t.Run(c.name, func(t *testing.T) { c.test(t, client) })
			}
		})
	}
}

// empty removes every key from the server or servers.
func empty(t *testing.T, client redis.UniversalClient) {
	t.Helper()
	flush := func(ctx context.Context, c *redis.Client) error { return c.FlushAll(ctx).Err() }
	var err error
	if cluster, ok := client.(*redis.ClusterClient); ok {
		err = cluster.ForEachMaster(t.Context(), flush)
	} else {
		err = client.FlushAll(t.Context()).Err()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// newStore returns a store of the default settings at noon with one server for everything.
func newStore(t testing.TB, client redis.UniversalClient) *fleetstore.Store {
	t.Helper()
	s, err := fleetstore.New(client, client, fleetstore.Config{Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// report stores the positions and fails the test unless every one was new.
func report(t testing.TB, s *fleetstore.Store, positions ...vehicles.Position) {
	t.Helper()
	got, err := s.Report(t.Context(), area, positions)
	if err != nil || got.Stored != len(positions) {
		t.Fatalf("report of %d positions: %+v, %v", len(positions), got, err)
	}
}

// rect is a rectangle of the map in degrees.
type rect struct{ south, west, north, east float64 }

// region is 60 × 44 km around Kurobe; city is 426 km² of it, as large as the municipality.
var (
	region = rect{36.6, 137.1, 36.6 + 44/111.195, 137.1 + 60/88.9}
	city   = rect{36.72, 137.40, 36.72 + 20.64/111.195, 137.40 + 20.64/88.9}
)

func (r rect) point(rng *rand.Rand) geo.LatLng {
	return geo.LatLng{Lat: r.south + (r.north-r.south)*rng.Float64(), Lng: r.west + (r.east-r.west)*rng.Float64()}
}

// spread returns n vehicles anywhere in the rectangle, seen at noon.
func spread(rng *rand.Rand, r rect, n int) []vehicles.Position {
	positions := make([]vehicles.Position, n)
	for i := range positions {
		positions[i] = vehicles.Position{Vehicle: vehicleID(i), At: r.point(rng), Seen: noon}
	}
	return positions
}

func vehicleID(i int) vehicles.VehicleID { return vehicles.VehicleID(fmt.Sprintf("V-%05d", i)) }

// nearestOf is the slow answer: every distance, sorted.
func nearestOf(positions []vehicles.Position, at geo.LatLng, k int, radius float64) []vehicles.Near {
	near := []vehicles.Near{}
	for _, p := range positions {
		if d := geo.Distance(at, p.At); d <= radius {
			near = append(near, vehicles.Near{Position: p, Meters: d})
		}
	}
	slices.SortFunc(near, func(a, b vehicles.Near) int {
		return cmp.Or(cmp.Compare(a.Meters, b.Meters), cmp.Compare(a.Position.Vehicle, b.Position.Vehicle))
	})
	return near[:min(k, len(near))]
}
