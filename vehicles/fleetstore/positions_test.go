package fleetstore_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
	"github.com/swmaas/swmaas/vehicles/fleetstore"
)

var (
	hospital = geo.LatLng{Lat: 36.8720, Lng: 137.4480}
	unazuki  = geo.LatLng{Lat: 36.8160, Lng: 137.5860}
)

func positionIsReadAsReported(t *testing.T, client redis.UniversalClient) {
	s := newStore(t, client)
	want := vehicles.Position{
		Vehicle: "V-1", At: geo.LatLng{Lat: 36.87123456789, Lng: 137.44987654321},
		Seen: noon.Add(-3*time.Second + 123456*time.Microsecond), SpeedKmh: 38.25, Heading: 271.5,
	}
	report(t, s, want)
	got, err := s.Position(t.Context(), area, "V-1")
	if err != nil || got != want {
		t.Errorf("position is %+v, %v; want %+v", got, err, want)
	}
	all, err := s.Positions(t.Context(), area)
	if err != nil || !slices.Equal(all, []vehicles.Position{want}) {
		t.Errorf("positions are %+v, %v", all, err)
	}
	if _, err := s.Position(t.Context(), area, "V-2"); !errors.Is(err, fleetstore.ErrNoPosition) {
		t.Errorf("a vehicle never seen: %v; want ErrNoPosition", err)
	}
	if _, err := s.Position(t.Context(), "elsewhere", "V-1"); !errors.Is(err, fleetstore.ErrNoPosition) {
		t.Errorf("another area's vehicle: %v; want ErrNoPosition", err)
	}
}

func newestReportStaysWhateverTheOrder(t *testing.T, client redis.UniversalClient) {
	s := newStore(t, client)
	at := func(seconds int, p geo.LatLng) vehicles.Position {
		return vehicles.Position{Vehicle: "V-1", At: p, Seen: noon.Add(time.Duration(seconds) * time.Second)}
	}
	for _, step := range []struct {
		name  string
		batch []vehicles.Position
		want  fleetstore.Received
		stays vehicles.Position
	}{
		{"first", []vehicles.Position{at(-10, hospital)}, fleetstore.Received{Stored: 1}, at(-10, hospital)},
		{"older", []vehicles.Position{at(-11, unazuki)}, fleetstore.Received{Older: 1}, at(-10, hospital)},
		{"same moment", []vehicles.Position{at(-10, unazuki)}, fleetstore.Received{Older: 1}, at(-10, hospital)},
		{"newer", []vehicles.Position{at(-9, unazuki)}, fleetstore.Received{Stored: 1}, at(-9, unazuki)},
		{
			"newest first in one batch",
			[]vehicles.Position{at(-2, hospital), at(-5, unazuki), at(-2, unazuki)},
			fleetstore.Received{Stored: 1, Older: 2},
			at(-2, hospital),
		},
	} {
		got, err := s.Report(t.Context(), area, step.batch)
		if err != nil || !cmp.Equal(got, step.want) {
			t.Fatalf("%s: %+v, %v; want %+v", step.name, got, err, step.want)
		}
		requireOnly(t, s, step.stays)
	}
}

// requireOnly checks that the vehicle of p is the area's only one, at p, by every way of reading.
func requireOnly(t *testing.T, s *fleetstore.Store, p vehicles.Position) {
	t.Helper()
	if got, err := s.Position(t.Context(), area, p.Vehicle); err != nil || got != p {
		t.Fatalf("position is %+v, %v; want %+v", got, err, p)
	}
	for _, from := range []geo.LatLng{hospital, unazuki} {
		near, err := s.Within(t.Context(), area, from, 500, nil)
		if err != nil || len(near) > 1 || (len(near) == 1) != (from == p.At) {
			t.Fatalf("within 500 m of %v: %+v, %v; the vehicle is at %v", from, near, err, p.At)
		}
	}
}

func TestUnusableReportsAreRefusedOneByOne(t *testing.T) {
	s := newStore(t, startRedis(t)) // MaxAhead 1 minute
	ok := vehicles.Position{Vehicle: "V-1", At: hospital, Seen: noon}
	with := func(change func(p *vehicles.Position)) vehicles.Position {
		p := ok
		change(&p)
		return p
	}
	wants := []error{
		fleetstore.ErrName, fleetstore.ErrName, fleetstore.ErrPosition, fleetstore.ErrPosition, fleetstore.ErrMoment, fleetstore.ErrMoment,
		fleetstore.ErrAhead,
	}
	batch := []vehicles.Position{
		with(func(p *vehicles.Position) { p.Vehicle = "" }),
		with(func(p *vehicles.Position) { p.Vehicle = vehicles.VehicleID(strings.Repeat("V", 65)) }),
		with(func(p *vehicles.Position) { p.At.Lat = 95 }),
		with(func(p *vehicles.Position) { p.At.Lng = math.NaN() }),
		with(func(p *vehicles.Position) { p.Seen = time.Time{} }),
		with(func(p *vehicles.Position) { p.Seen = time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC) }),
		with(func(p *vehicles.Position) { p.Seen = noon.Add(time.Minute + time.Microsecond) }),
		with(func(p *vehicles.Position) { p.Seen = noon.Add(time.Minute) }), // a clock a little fast
	}
	got, err := s.Report(t.Context(), area, batch)
	if err != nil || got.Stored != 1 || got.Older != 0 || len(got.Refused) != len(wants) {
		t.Fatalf("report: %+v, %v", got, err)
	}
	for i, want := range wants {
		if r := got.Refused[i]; r.Index != i || !errors.Is(r.Err, want) {
			t.Errorf("report %d was refused with %v as report %d; want %v", i, r.Err, r.Index, want)
		}
	}
	if _, err := s.Report(t.Context(), "no braces{}", batch); !errors.Is(err, fleetstore.ErrName) {
		t.Errorf("area with braces: %v; want ErrName", err)
	}
}

func TestSpeedThatMakesNoSenseIsUnknown(t *testing.T) {
	s := newStore(t, startMini(t))
	for i, v := range []float64{-1, math.NaN(), math.Inf(1), 501} {
		p := vehicles.Position{Vehicle: vehicleID(i), At: hospital, Seen: noon, SpeedKmh: v, Heading: v}
		report(t, s, p)
		p.SpeedKmh, p.Heading = 0, 0
		if got, err := s.Position(t.Context(), area, p.Vehicle); err != nil || got != p {
			t.Errorf("speed and heading %v: %+v, %v; want 0", v, got, err)
		}
	}
}

// Several devices' queues are emptied at once and out of order: the newest report of each vehicle stays, and hash and cells
// agree.
func concurrentReportsKeepTheNewest(t *testing.T, client redis.UniversalClient) {
	s := newStore(t, client)
	const n, reports, writers = 40, 2400, 4
	newest := make([]vehicles.Position, n)
	queues := make([][]vehicles.Position, writers)
	rng := rand.New(rand.NewPCG(11, 12))
	for i := range reports {
		p := vehicles.Position{Vehicle: vehicleID(i % n), At: city.point(rng), Seen: noon.Add(time.Duration(i) * time.Millisecond)}
		newest[i%n] = p
		w := rng.IntN(writers)
		queues[w] = append(queues[w], p)
	}
	var wg sync.WaitGroup
	for _, queue := range queues {
		rng.Shuffle(len(queue), func(i, j int) { queue[i], queue[j] = queue[j], queue[i] })
		wg.Go(func() {
			for part := range slices.Chunk(queue, 25) {
				if _, err := s.Report(t.Context(), area, part); err != nil {
					t.Errorf("report: %v", err)
				}
			}
		})
	}
	wg.Wait()
	for _, from := range newest[:8] {
		requireSearches(t, s, newest, from.At, []int{1, 10, n}, []float64{1, 1000})
	}
	requireIndexed(t, client, newest)
}

// requireIndexed checks that the cells hold just the given vehicles, each once, with the bytes of the hash of positions.
func requireIndexed(t *testing.T, client redis.UniversalClient, positions []vehicles.Position) {
	t.Helper()
	byID, err := client.HGetAll(t.Context(), "veh:{"+area+"}:positions").Result()
	if err != nil || len(byID) != len(positions) {
		t.Fatalf("%d positions, %v; want %d", len(byID), err, len(positions))
	}
	found := 0
	for _, key := range keysOfArea(t, client, "cell:") {
		inCell, err := client.HGetAll(t.Context(), key).Result()
		if err != nil {
			t.Fatal(err)
		}
		for id, record := range inCell {
			if found++; byID[id] != record {
				t.Errorf("%s in %s differs from its position", id, key)
			}
		}
	}
	if found != len(positions) {
		t.Errorf("the cells hold %d vehicles, want %d", found, len(positions))
	}
}

// keysOfArea lists the area's keys that go on like that, on whichever server they are.
func keysOfArea(t *testing.T, client redis.UniversalClient, part string) []string {
	t.Helper()
	pattern := "veh:{" + area + "}:" + part + "*"
	cluster, ok := client.(*redis.ClusterClient)
	if !ok {
		return client.Keys(t.Context(), pattern).Val()
	}
	master, err := cluster.MasterForKey(t.Context(), "veh:{"+area+"}:positions")
	if err != nil {
		t.Fatal(err)
	}
	return master.Keys(t.Context(), pattern).Val()
}

func forgetRemovesWhatIsOld(t *testing.T, client redis.UniversalClient) {
	s := newStore(t, client)
	rng := rand.New(rand.NewPCG(21, 22))
	positions := spread(rng, city, 1200)
	for i := range positions[:1100] {
		positions[i].Seen = noon.Add(-time.Hour)
	}
	report(t, s, positions...)
	removed, err := s.Forget(t.Context(), area, noon.Add(-time.Minute))
	if err != nil || removed != 1100 {
		t.Fatalf("forget removed %d, %v; want 1100", removed, err)
	}
	requireIndexed(t, client, positions[1100:])
	requireSearches(t, s, positions[1100:], hospital, []int{5, 200}, []float64{3000})
}

func TestKeysOfPositionsExpire(t *testing.T) {
	client := startRedis(t)
	s := newStore(t, client) // KeepFor 48 hours
	report(t, s, spread(rand.New(rand.NewPCG(1, 1)), city, 20)...)
	keys := keysOfArea(t, client, "")
	if len(keys) < 2 {
		t.Fatalf("keys are %v", keys)
	}
	for _, key := range keys {
		if ttl := client.TTL(t.Context(), key).Val(); ttl <= 47*time.Hour || ttl > 48*time.Hour {
			t.Errorf("%s lives for %v", key, ttl)
		}
	}
}

func TestDamagedPositionIsToldNotGuessed(t *testing.T) {
	client := startMini(t)
	s := newStore(t, client)
	for name, raw := range map[string]string{"empty": "", "cut off": "\x01abc", "of a later layout": "\x02" + strings.Repeat("x", 60)} {
		t.Run(name, func(t *testing.T) {
			if err := client.HSet(t.Context(), "veh:{"+area+"}:positions", "V-1", raw).Err(); err != nil {
				t.Fatal(err)
			}
			_, one := s.Position(t.Context(), area, "V-1")
			_, all := s.Positions(t.Context(), area)
			_, near := s.Nearest(t.Context(), area, hospital, 1, nil)
			_, forget := s.Forget(t.Context(), area, noon)
			for _, err := range []error{one, all, near, forget} {
				if _, ok := errors.AsType[*fleetstore.DamagedError](err); !ok {
					t.Errorf("got %v, want a DamagedError", err)
				}
			}
		})
	}
}

func TestConfigThatCannotWorkIsRefused(t *testing.T) {
	for name, cfg := range map[string]fleetstore.Config{
		"negative age":          {MaxAge: -time.Second},
		"negative ahead":        {MaxAhead: -time.Second},
		"gone before it is old": {MaxAge: time.Hour, KeepFor: time.Minute},
		"kept for no second":    {MaxAge: time.Millisecond, KeepFor: time.Millisecond},
	} {
		if _, err := fleetstore.New(nil, nil, cfg); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func BenchmarkReport(b *testing.B) {
	for _, size := range []int{1, 100, 500} {
		b.Run(fmt.Sprintf("vehicles=10000/batch=%d", size), func(b *testing.B) {
			s := newStore(b, startRedis(b))
			rng := rand.New(rand.NewPCG(1, 2))
			positions := spread(rng, region, 10_000)
			report(b, s, positions...)
			next, seen := 0, noon
			b.ReportAllocs()
			for b.Loop() {
				seen = seen.Add(time.Microsecond)
				part := positions[next : next+size]
				for i := range part {
					part[i].Seen = seen
					part[i].At.Lat += 0.0005 * (rng.Float64() - 0.5) // up to 28 m
					part[i].At.Lng += 0.0005 * (rng.Float64() - 0.5)
				}
				if got, err := s.Report(b.Context(), area, part); err != nil || got.Stored != size {
					b.Fatal(got, err)
				}
				next = (next + size) % len(positions)
			}
			b.ReportMetric(float64(b.N*size)/b.Elapsed().Seconds(), "positions/s")
		})
	}
}
