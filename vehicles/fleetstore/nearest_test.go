package fleetstore_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
	"github.com/swmaas/swmaas/vehicles/fleetstore"
)

// requireSearches compares searches from the point with the slow answer.
func requireSearches(t *testing.T, s *fleetstore.Store, positions []vehicles.Position, at geo.LatLng, ks []int, radii []float64) {
	t.Helper()
	for _, k := range ks {
		got, err := s.Nearest(t.Context(), area, at, k, nil)
		if err != nil {
			t.Fatalf("nearest %d of %v: %v", k, at, err)
		}
		if want := nearestOf(positions, at, k, math.Inf(1)); !slices.Equal(want, got) {
			t.Fatalf("nearest %d of %v of %d (-want +got):\n%s", k, at, len(positions), cmp.Diff(want, got))
		}
	}
	for _, r := range radii {
		got, err := s.Within(t.Context(), area, at, r, nil)
		if err != nil {
			t.Fatalf("within %v m of %v: %v", r, at, err)
		}
		if want := nearestOf(positions, at, len(positions), r); !slices.Equal(want, got) {
			t.Fatalf("within %v m of %v of %d (-want +got):\n%s", r, at, len(positions), cmp.Diff(want, got))
		}
	}
}

func TestSearchesEqualBruteForce(t *testing.T) {
	client := startRedis(t)
	s := newStore(t, client)
	clinics := rect{36.8600, 137.4400, 36.8601, 137.4401}
	for _, c := range []struct {
		name     string
		vehicles rect
		from     rect
		n        int
	}{
		{"3,000 over the region", region, region, 3000},
		{"40 over 426 km²", city, city, 40},
		{"3,000 in the city asked from anywhere", city, region, 3000},
		{"300 at one clinic", clinics, city, 300},
		{"3,000 far away", rect{36.86, 139.0, 36.87, 139.1}, city, 3000},
		{"one", city, city, 1},
		{"over the date line", rect{-17.2, 179.9, -17.0, 180}, rect{-17.2, -180, -17.0, -179.9}, 500},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := client.FlushAll(t.Context()).Err(); err != nil {
				t.Fatal(err)
			}
			rng := rand.New(rand.NewPCG(1, uint64(c.n)))
			positions := spread(rng, c.vehicles, c.n)
			report(t, s, positions...)
			for range 25 {
				requireSearches(t, s, positions, c.from.point(rng), []int{1, 10, 37, c.n + 1}, []float64{0, 400, 2500, 9000, 200_000})
			}
		})
	}
}

func searchesEqualBruteForceWhileVehiclesMove(t *testing.T, client redis.UniversalClient) {
	s := newStore(t, client)
	rng := rand.New(rand.NewPCG(3, 4))
	positions := spread(rng, city, 400)
	report(t, s, positions...)
	for round := range 20 {
		moved := rng.Perm(len(positions))[:150]
		var reports []vehicles.Position
		for _, i := range moved {
			p := &positions[i]
			p.Seen = noon.Add(time.Duration(round+1) * time.Second)
			p.At.Lat += 0.02 * (rng.Float64() - 0.5)
			p.At.Lng += 0.02 * (rng.Float64() - 0.5)
			if rng.IntN(10) == 0 {
				p.At = city.point(rng)
			}
			reports = append(reports, *p)
		}
		report(t, s, reports...)
		requireSearches(t, s, positions, city.point(rng), []int{1, 10, 401}, []float64{800, 5000})
	}
}

func TestSearchOfNothingFindsNothing(t *testing.T) {
	s := newStore(t, startRedis(t))
	for _, k := range []int{-1, 0, 10} {
		if got, err := s.Nearest(t.Context(), area, geo.LatLng{Lat: 36.8, Lng: 137.4}, k, nil); err != nil || len(got) != 0 {
			t.Errorf("nearest %d of nothing: %v, %v", k, got, err)
		}
	}
	report(t, s, spread(rand.New(rand.NewPCG(1, 1)), city, 5)...)
	if got, err := s.Nearest(t.Context(), "elsewhere", geo.LatLng{Lat: 36.8, Lng: 137.4}, 5, nil); err != nil || len(got) != 0 {
		t.Errorf("another area's vehicles were found: %v, %v", got, err)
	}
}

func TestSearchLeavesOutOldPositions(t *testing.T) {
	s := newStore(t, startRedis(t)) // MaxAge 10 minutes
	at := geo.LatLng{Lat: 36.87, Lng: 137.45}
	report(t, s,
		vehicles.Position{Vehicle: "just in time", At: at, Seen: noon.Add(-10 * time.Minute)},
		vehicles.Position{Vehicle: "too old", At: at, Seen: noon.Add(-10*time.Minute - time.Microsecond)})
	near, err := s.Nearest(t.Context(), area, at, 5, nil)
	if err != nil || len(near) != 1 || near[0].Position.Vehicle != "just in time" {
		t.Errorf("nearest: %v, %v", near, err)
	}
	within, err := s.Within(t.Context(), area, at, 100, nil)
	if err != nil || len(within) != 1 {
		t.Errorf("within: %v, %v", within, err)
	}
	if p, err := s.Position(t.Context(), area, "too old"); err != nil || p.At != at {
		t.Errorf("the old position itself: %v, %v", p, err)
	}
}

func TestSearchIsExactAmongWhatIsKept(t *testing.T) {
	s := newStore(t, startRedis(t))
	rng := rand.New(rand.NewPCG(5, 6))
	positions := spread(rng, city, 2000)
	report(t, s, positions...)
	// One in forty is wanted, so the nearest of them are far outside the first disk.
	wanted := func(id vehicles.VehicleID) bool { return id[len(id)-1] == '0' && id[len(id)-2]%4 == 0 }
	kept := slices.DeleteFunc(slices.Clone(positions), func(p vehicles.Position) bool { return !wanted(p.Vehicle) })
	for range 20 {
		at := city.point(rng)
		got, err := s.Nearest(t.Context(), area, at, 10, wanted)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(nearestOf(kept, at, 10, math.Inf(1)), got); diff != "" {
			t.Fatalf("nearest 10 kept of %v (-want +got):\n%s", at, diff)
		}
	}
}

func TestSearchRefusesWhatIsNoQuestion(t *testing.T) {
	s := newStore(t, startMini(t))
	here := geo.LatLng{Lat: 36.87, Lng: 137.45}
	for name, c := range map[string]struct {
		err  error
		want error
	}{
		"nearest to latitude 95": {second(s.Nearest(t.Context(), area, geo.LatLng{Lat: 95}, 1, nil)), fleetstore.ErrPosition},
		"within of NaN":          {second(s.Within(t.Context(), area, geo.LatLng{Lat: math.NaN()}, 1, nil)), fleetstore.ErrPosition},
		"within -1 m":            {second(s.Within(t.Context(), area, here, -1, nil)), fleetstore.ErrRadius},
		"within NaN m":           {second(s.Within(t.Context(), area, here, math.NaN(), nil)), fleetstore.ErrRadius},
		"area with a brace":      {second(s.Nearest(t.Context(), "a}b", here, 1, nil)), fleetstore.ErrName},
		"no area":                {second(s.Within(t.Context(), "", here, 1, nil)), fleetstore.ErrName},
	} {
		t.Run(name, func(t *testing.T) {
			if !errors.Is(c.err, c.want) {
				t.Errorf("got %v, want %v", c.err, c.want)
			}
		})
	}
}

func second[T any](_ T, err error) error { return err }

// Vehicles move between two places while others ask. At every moment each is at one of its two, so an answer must hold
// every vehicle once, at one of them.
func TestSearchNeverLosesOrDoublesAMovingVehicle(t *testing.T) {
	client := startRedis(t)
	s := newStore(t, client)
	rng := rand.New(rand.NewPCG(9, 9))
	const n, rounds, enough = 60, 150, 10          // vehicles, moves and questions, at the least
	here := rect{36.870, 137.450, 36.885, 137.468} // a few cells, all within the first disk
	places := [2][]vehicles.Position{spread(rng, here, n), spread(rng, here, n)}
	far := spread(rng, rect{36.6, 137.1, 36.7, 137.2}, 2000) // so that cells are read and not the fleet
	for i := range far {
		far[i].Vehicle += "-far"
	}
	report(t, s, far...)
	report(t, s, places[0]...)
	var movers sync.WaitGroup
	defer movers.Wait()
	var asked atomic.Int64
	defer asked.Store(enough) // also where the test ends early
	for part := range 3 {
		movers.Go(func() {
			for round := 1; round <= rounds || asked.Load() < enough; round++ {
				var reports []vehicles.Position
				for i := part; i < n; i += 3 {
					p := places[round%2][i]
					p.Seen = noon.Add(time.Duration(round) * time.Millisecond)
					reports = append(reports, p)
				}
				if _, err := s.Report(t.Context(), area, reports); err != nil {
					t.Errorf("report: %v", err)
					return
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { movers.Wait(); close(done) }()
	at := geo.LatLng{Lat: 36.8775, Lng: 137.459}
	for ; ; asked.Add(1) {
		near, err := s.Within(t.Context(), area, at, 1300, nil)
		if err != nil {
			t.Fatal(err)
		}
		requireEachOnce(t, near, places)
		select {
		case <-done:
			return
		default:
		}
	}
}

// requireEachOnce checks that every vehicle is there once, at one of its two places.
func requireEachOnce(t *testing.T, near []vehicles.Near, places [2][]vehicles.Position) {
	t.Helper()
	where := make(map[vehicles.VehicleID]geo.LatLng, len(near))
	for _, v := range near {
		if _, twice := where[v.Position.Vehicle]; twice {
			t.Fatalf("%s was found twice", v.Position.Vehicle)
		}
		where[v.Position.Vehicle] = v.Position.At
	}
	for i := range places[0] {
		a, b := places[0][i], places[1][i]
		if at, found := where[a.Vehicle]; !found || (at != a.At && at != b.At) {
			t.Fatalf("%s is at %v, found %v; it was only ever at %v and %v", a.Vehicle, at, found, a.At, b.At)
		}
	}
}

func BenchmarkNearest(b *testing.B) {
	for _, c := range []struct {
		vehicles int
		in       rect
	}{{10_000, region}, {40, city}} {
		b.Run(fmt.Sprintf("vehicles=%d", c.vehicles), func(b *testing.B) {
			s := newStore(b, startRedis(b))
			rng := rand.New(rand.NewPCG(1, 2))
			report(b, s, spread(rng, c.in, c.vehicles)...)
			var took []time.Duration
			b.ReportAllocs()
			for b.Loop() {
				start := time.Now()
				if near, err := s.Nearest(b.Context(), area, c.in.point(rng), 10, nil); err != nil || len(near) != 10 {
					b.Fatal(len(near), err)
				}
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Nanoseconds())/1e3, "p50-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds())/1e3, "p99-µs")
		})
	}
}
