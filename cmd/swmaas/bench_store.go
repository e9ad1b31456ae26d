package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/cmd/swmaas/redisd"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
	"github.com/swmaas/swmaas/vehicles/fleetstore"
)

// benchStoreCmd is `swmaas bench store`: positions and nearest vehicles on a private Redis, against Redis' own GEOSEARCH,
// and bookings from many writers.
type benchStoreCmd struct {
	Rounds     int           `default:"150" help:"Rounds of 500 position reports and 20 searches of each kind."`
	ReportTime time.Duration `default:"5s" help:"How long to report positions without a pause."`
	CommitTime time.Duration `default:"5s" help:"How long to write bookings without a pause."`
	Seed       uint64        `default:"1" help:"Seed of the random numbers."`
	JSON       string        `name:"json" type:"path" help:"Also write the figures to this file, - for standard output."`
}

// storeFigures is the file that bench store writes; scripts rely on it. Times are of one call as its caller sees it.
type storeFigures struct {
	Nearest10P50   float64 `json:"nearest10_p50_us"`
	Nearest10P99   float64 `json:"nearest10_p99_us"`
	Geosearch10P50 float64 `json:"geosearch10_p50_us"`
	SparseP50      float64 `json:"sparse_nearest10_p50_us"`
	PositionsPerS  float64 `json:"positions_per_s"`
	CommitsPerS    float64 `json:"commits_per_s"`
	LostUpdates    int     `json:"lost_updates"`
}

const (
	geoKey           = "bench:geo" // sorted set of the dense fleet for GEOSEARCH
	reportBatch      = 500
	searchesPerRound = 20
)

// benchFleet is one area's fleet, anywhere in a rectangle that has its south-west corner in Toyama Bay.
type benchFleet struct {
	area                    string
	eastMeters, northMeters float64
	positions               []vehicles.Position // as last reported
}

// storeBench is one run. It belongs to one goroutine.
type storeBench struct {
	rng           *rand.Rand
	redis         *redis.Client
	store         *fleetstore.Store
	dense, sparse benchFleet
	next          int // the vehicle of the dense fleet whose turn it is to report
}

// Run implements the command.
func (c *benchStoreCmd) Run(ctx context.Context, std streams) (err error) {
	if c.Rounds < 1 || c.ReportTime <= 0 || c.CommitTime <= 0 {
		return usageError("--rounds must be at least 1, --report-time and --commit-time above 0")
	}
	dir, err := os.MkdirTemp("", "swmaas-bench-")
	if err != nil {
		return fmt.Errorf("bench store: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	server, err := redisd.Start(ctx, redisd.Config{Dir: dir})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop(context.WithoutCancel(ctx))) }()
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: server.Socket(), PoolSize: commitWriters})
	defer func() { err = errors.Join(err, client.Close()) }()
	store, err := fleetstore.New(client, client, fleetstore.Config{})
	if err != nil {
		return err
	}
	b := &storeBench{
		rng: rand.New(rand.NewPCG(c.Seed, 0)), redis: client, store: store,
		dense:  benchFleet{area: "bench-dense", eastMeters: 60_000, northMeters: 44_000, positions: make([]vehicles.Position, 10_000)},
		sparse: benchFleet{area: "bench-sparse", eastMeters: 20_640, northMeters: 20_640, positions: make([]vehicles.Position, 40)}, // 426 km²
	}
	figures, err := b.run(ctx, c.Rounds, c.ReportTime, std.err)
	if err != nil {
		return fmt.Errorf("bench store: %w", err)
	}
	commits, err := benchCommits(ctx, client, c.CommitTime)
	if err != nil {
		return fmt.Errorf("bench store: %w", err)
	}
	figures.CommitsPerS, figures.LostUpdates = commits.PerSecond, commits.LostUpdates
	return c.write(figures, std)
}

// write prints the table and, where asked for, the file.
func (c *benchStoreCmd) write(f storeFigures, std streams) error {
	return writeFigures(std, c.JSON, f, func(to io.Writer) error {
		w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintf(w, "nearest 10 of 10,000 moving over 60 × 44 km\tp50 %.0f µs\tp99 %.0f µs\n", f.Nearest10P50, f.Nearest10P99)
		_, _ = fmt.Fprintf(w, "GEOSEARCH 5 km, nearest 10 of the same\tp50 %.0f µs\t\n", f.Geosearch10P50)
		_, _ = fmt.Fprintf(w, "nearest 10 of 40 over 426 km²\tp50 %.0f µs\t\n", f.SparseP50)
		_, _ = fmt.Fprintf(w, "position reports in batches of %d\t%.0f/s\t\n", reportBatch, f.PositionsPerS)
		_, _ = fmt.Fprintf(w, "bookings by %d writers, each synced to disk\t%.0f/s\t%d lost\n", commitWriters, f.CommitsPerS, f.LostUpdates)
		return w.Flush()
	})
}

// run measures. The first round warms up; every answer of it is compared with the distances to all vehicles, and every
// answer about the sparse fleet.
func (b *storeBench) run(ctx context.Context, rounds int, reportTime time.Duration, progress io.Writer) (storeFigures, error) {
	if err := b.populate(ctx); err != nil {
		return storeFigures{}, err
	}
	_, _ = fmt.Fprintf(progress, "bench store: %d rounds of %d reports and %d searches of each kind\n", rounds, reportBatch, searchesPerRound)
	var nearest, geosearch, sparse []time.Duration
	for round := range rounds + 1 {
		if err := b.report(ctx, reportBatch, true); err != nil {
			return storeFigures{}, err
		}
		for range searchesPerRound {
			// The kinds take turns, so that a busy moment of the machine meets all of them.
			at := b.dense.point(b.rng)
			n, err := b.askNearest(ctx, b.dense, at, round == 0)
			if err != nil {
				return storeFigures{}, err
			}
			g, err := b.askGeosearch(ctx, at)
			if err != nil {
				return storeFigures{}, err
			}
			s, err := b.askNearest(ctx, b.sparse, b.sparse.point(b.rng), true)
			if err != nil {
				return storeFigures{}, err
			}
			if round > 0 {
				nearest, geosearch, sparse = append(nearest, n), append(geosearch, g), append(sparse, s)
			}
		}
	}
	perSecond, err := b.throughput(ctx, reportTime)
	return storeFigures{
		Nearest10P50: quantileMicros(nearest, 0.5), Nearest10P99: quantileMicros(nearest, 0.99), Geosearch10P50: quantileMicros(geosearch, 0.5),
		SparseP50: quantileMicros(sparse, 0.5), PositionsPerS: perSecond,
	}, err
}

// point is anywhere in the fleet's rectangle, evenly.
func (f benchFleet) point(rng *rand.Rand) geo.LatLng {
	const south, west = 36.60, 137.10
	const metersPerDegree = 111_195
	lat := south + f.northMeters*rng.Float64()/metersPerDegree
	return geo.LatLng{Lat: lat, Lng: west + f.eastMeters*rng.Float64()/(metersPerDegree*math.Cos(south*math.Pi/180))}
}

// populate puts both fleets on the road.
func (b *storeBench) populate(ctx context.Context) error {
	for _, fleet := range []benchFleet{b.dense, b.sparse} {
		for i := range fleet.positions {
			fleet.positions[i] = vehicles.Position{
				Vehicle: vehicles.VehicleID(fmt.Sprintf("V-%05d", i)), At: fleet.point(b.rng), Seen: time.Now(), SpeedKmh: 30,
			}
		}
		if err := b.send(ctx, fleet.area, fleet.positions); err != nil {
			return err
		}
	}
	return b.geoAdd(ctx, b.dense.positions)
}

// report moves the next n vehicles of the dense fleet by up to 100 m and reports them, to the set of GEOSEARCH as well
// where asked.
func (b *storeBench) report(ctx context.Context, n int, geoToo bool) error {
	const degrees = 0.0018 // 200 m of latitude
	part := b.dense.positions[b.next : b.next+n]
	b.next = (b.next + n) % len(b.dense.positions)
	now := time.Now()
	for i := range part {
		part[i].At.Lat += degrees * (b.rng.Float64() - 0.5)
		part[i].At.Lng += degrees * (b.rng.Float64() - 0.5)
		part[i].Seen = now
	}
	if err := b.send(ctx, b.dense.area, part); err != nil || !geoToo {
		return err
	}
	return b.geoAdd(ctx, part)
}

// send reports positions, all of which must be news.
func (b *storeBench) send(ctx context.Context, area string, positions []vehicles.Position) error {
	got, err := b.store.Report(ctx, area, positions)
	if err == nil && got.Stored != len(positions) {
		err = fmt.Errorf("%d of %d positions were stored", got.Stored, len(positions))
	}
	return err
}

func (b *storeBench) geoAdd(ctx context.Context, positions []vehicles.Position) error {
	places := make([]*redis.GeoLocation, len(positions))
	for i, p := range positions {
		places[i] = &redis.GeoLocation{Name: string(p.Vehicle), Longitude: p.At.Lng, Latitude: p.At.Lat}
	}
	return b.redis.GeoAdd(ctx, geoKey, places...).Err()
}

// askNearest times one search for the ten nearest and compares it with the distances to all vehicles where asked.
func (b *storeBench) askNearest(ctx context.Context, fleet benchFleet, at geo.LatLng, check bool) (time.Duration, error) {
	const k = 10
	began := time.Now()
	near, err := b.store.Nearest(ctx, fleet.area, at, k, nil)
	took := time.Since(began)
	if err != nil || !check {
		return took, err
	}
	meters := make([]float64, len(fleet.positions))
	for i, p := range fleet.positions {
		meters[i] = geo.Distance(at, p.At)
	}
	slices.Sort(meters)
	same := slices.EqualFunc(near, meters[:k], func(n vehicles.Near, m float64) bool { return n.Meters == m })
	if !same {
		return 0, fmt.Errorf("nearest %d of %v in %s: the answer differs from the distances to all %d vehicles", k, at, fleet.area, len(meters))
	}
	return took, nil
}

// askGeosearch times the same question as Redis answers it by itself, which is right where ten are within 5 km.
func (b *storeBench) askGeosearch(ctx context.Context, at geo.LatLng) (time.Duration, error) {
	query := &redis.GeoSearchQuery{Longitude: at.Lng, Latitude: at.Lat, Radius: 5, RadiusUnit: "km", Sort: "ASC", Count: 10}
	began := time.Now()
	_, err := b.redis.GeoSearch(ctx, geoKey, query).Result()
	return time.Since(began), err
}

// throughput is how many positions a second one caller stores in batches, over the given time.
func (b *storeBench) throughput(ctx context.Context, limit time.Duration) (float64, error) {
	began, sent := time.Now(), 0
	for time.Since(began) < limit {
		if err := b.report(ctx, reportBatch, false); err != nil {
			return 0, err
		}
		sent += reportBatch
	}
	return float64(sent) / time.Since(began).Seconds(), nil
}

// quantileMicros sorts the durations and returns the one at that share of them, in microseconds. There is at least one.
func quantileMicros(took []time.Duration, share float64) float64 {
	slices.Sort(took)
	return float64(took[int(share*float64(len(took)-1))].Nanoseconds()) / 1e3
}
