package fleetstore

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
	"github.com/swmaas/swmaas/vehicles/cells"
)

const (
	// firstRings is the disk that a search for the nearest begins with: 37 cells, 27 km², which reach 1.4 km at least. The
	// tenth nearest of 10,000 vehicles over 60 × 44 km is 0.9 km away, give or take 0.15.
	firstRings = 3
	// cellCost is what reading one cell costs, in positions read from the one hash: 0.9 µs against 0.14 µs (19 cells with 45
	// positions 24 µs, 7 larger ones with 113 22 µs, Redis 7.0 on a Unix socket, round trip taken off).
	cellCost = 6
)

// Keep tells whether a search may answer with the vehicle. It must not call the store.
type Keep func(vehicles.VehicleID) bool

// Nearest returns the k vehicles nearest to at in a straight line, nearest first, ties by id; fewer where the area has
// fewer. Only positions seen within Config.MaxAge count, and only vehicles that keep allows (nil allows all). The answer is
// exact for the positions of one moment, however far the k-th is. The caller owns the slice.
//
// It fails with ErrName, ErrPosition, a *DamagedError, or the fault of the server.
func (s *Store) Nearest(ctx context.Context, area string, at geo.LatLng, k int, keep Keep) ([]vehicles.Near, error) {
	if !at.Valid() {
		return nil, ErrPosition
	}
	if k <= 0 {
		return nil, nil
	}
	search := s.search(at, k, math.Inf(1), keep)
	for rings := firstRings; rings <= cells.MaxRings; {
		disk, err := s.readDisk(ctx, area, at, rings)
		if err != nil {
			return nil, err
		}
		near, err := search.rank(disk.found)
		if err != nil {
			return nil, err
		}
		if len(disk.found) == disk.fleet || len(near) == k && near[k-1].Meters <= cells.Reach(rings) {
			return near, nil
		}
		if rings, err = wider(rings, near, k); err != nil {
			return nil, err
		}
		if disk.fleet <= cellCost*cells.Count(rings) {
			break
		}
	}
	return s.searchAll(ctx, area, search)
}

// wider is the next disk to read: just wide enough where k vehicles are known, since no farther one can be among the
// nearest, and else twice as wide. It is more than MaxRings where no disk will do.
func wider(rings int, near []vehicles.Near, k int) (int, error) {
	if len(near) < k {
		return 2*rings + 1, nil
	}
	if near[k-1].Meters > cells.Reach(cells.MaxRings) {
		return cells.MaxRings + 1, nil
	}
	return cells.Rings(near[k-1].Meters)
}

// Within returns the vehicles within radius metres of at in a straight line, nearest first, ties by id. What counts, what
// is exact and how it fails is as for Nearest, and ErrRadius where the radius is negative or not a number.
func (s *Store) Within(ctx context.Context, area string, at geo.LatLng, radius float64, keep Keep) ([]vehicles.Near, error) {
	switch {
	case !at.Valid():
		return nil, ErrPosition
	case math.IsNaN(radius) || radius < 0:
		return nil, fmt.Errorf("%w: %v m", ErrRadius, radius)
	}
	search := s.search(at, math.MaxInt, radius, keep)
	if radius > cells.Reach(cells.MaxRings) {
		return s.searchAll(ctx, area, search)
	}
	rings, err := cells.Rings(radius)
	if err != nil {
		return nil, err
	}
	if rings > firstRings {
		fleet, err := s.fleetSize(ctx, area)
		if err != nil {
			return nil, err
		}
		if fleet <= cellCost*cells.Count(rings) {
			return s.searchAll(ctx, area, search)
		}
	}
	disk, err := s.readDisk(ctx, area, at, rings)
	if err != nil {
		return nil, err
	}
	return search.rank(disk.found)
}

// searchAll ranks the whole fleet.
func (s *Store) searchAll(ctx context.Context, area string, search search) ([]vehicles.Near, error) {
	raw, err := s.records(ctx, area)
	if err != nil {
		return nil, err
	}
	return search.rank(raw)
}

// fleetSize is the number of vehicles with a position.
func (s *Store) fleetSize(ctx context.Context, area string) (int, error) {
	k, err := keysOf(area)
	if err != nil {
		return 0, err
	}
	n, err := s.live.HLen(ctx, k.positions()).Result()
	if err != nil {
		return 0, fmt.Errorf("fleetstore: count positions of %s: %w", area, err)
	}
	return int(n), nil
}

// diskRead is what a disk of cells held at one moment.
type diskRead struct {
	fleet int      // number of vehicles with a position, in the disk or not
	found []string // encoded positions
}

// readDisk reads the cells around at in one transaction; a pipeline alone would let a vehicle slip from a cell not read yet
// to one read already. Commands in a row are quicker here than a script, which spends as long again on its replies.
func (s *Store) readDisk(ctx context.Context, area string, at geo.LatLng, rings int) (diskRead, error) {
	k, err := keysOf(area)
	if err != nil {
		return diskRead{}, err
	}
	centre, err := cells.CellOf(at)
	if err != nil {
		return diskRead{}, err
	}
	disk, err := cells.Disk(centre, rings)
	if err != nil {
		return diskRead{}, err
	}
	read := make([]*redis.StringSliceCmd, len(disk))
	var fleet *redis.IntCmd
	_, err = s.live.TxPipelined(ctx, func(p redis.Pipeliner) error {
		fleet = p.HLen(ctx, k.positions())
		for i, c := range disk {
			read[i] = p.HVals(ctx, k.cell(c))
		}
		return nil
	})
	if err != nil {
		return diskRead{}, fmt.Errorf("fleetstore: read %d cells of %s: %w", len(disk), area, err)
	}
	got := diskRead{fleet: int(fleet.Val())}
	for _, cmd := range read {
		got.found = append(got.found, cmd.Val()...)
	}
	return got, nil
}

// search is what a search looks for.
type search struct {
	at     geo.LatLng
	k      int     // at most that many
	radius float64 // metres, inclusive
	oldest int64   // microseconds since 1970; positions seen before do not count
	keep   Keep
}

func (s *Store) search(at geo.LatLng, k int, radius float64, keep Keep) search {
	return search{at: at, k: k, radius: radius, oldest: s.cfg.Now().Add(-s.cfg.MaxAge).UnixMicro(), keep: keep}
}

// rank returns the k nearest of the encoded positions that count, nearest first, ties by id.
func (q search) rank(raw []string) ([]vehicles.Near, error) {
	k := min(q.k, len(raw))
	near := make([]vehicles.Near, 0, min(2*k, len(raw)))
	limit := q.radius
	for _, record := range raw {
		p, err := decodePosition(record)
		if err != nil {
			return nil, err
		}
		meters := geo.Distance(q.at, p.At)
		if meters > limit || p.Seen.UnixMicro() < q.oldest || (q.keep != nil && !q.keep(p.Vehicle)) {
			continue
		}
		// Half of what was gathered is dropped at a time, which costs less than keeping the list in order.
		if near = append(near, vehicles.Near{Position: p, Meters: meters}); len(near) == 2*k {
			slices.SortFunc(near, nearer)
			near = near[:k]
			limit = near[k-1].Meters
		}
	}
	slices.SortFunc(near, nearer)
	return near[:min(k, len(near))], nil
}

// nearer orders by distance, then by id.
func nearer(a, b vehicles.Near) int {
	return cmp.Or(cmp.Compare(a.Meters, b.Meters), cmp.Compare(a.Position.Vehicle, b.Position.Vehicle))
}
