package sim

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// roads answers how far it is, with the ways that were asked for kept.
type roads struct {
	graph  *routing.Graph
	router *routing.Router
	points map[geo.LatLng]routing.Point
	ways   map[[2]geo.LatLng]routing.Path
}

func newRoads(g *routing.Graph) *roads {
	return &roads{
		graph: g, router: routing.NewRouter(g, routing.RouterConfig{Workers: 1}),
		points: map[geo.LatLng]routing.Point{}, ways: map[[2]geo.LatLng]routing.Path{},
	}
}

// way is the fastest way between two places.
func (r *roads) way(ctx context.Context, from, to geo.LatLng) (routing.Path, error) {
	key := [2]geo.LatLng{from, to}
	if w, ok := r.ways[key]; ok {
		return w, nil
	}
	var ends [2]routing.Point
	for i, p := range key {
		point, ok := r.points[p]
		if !ok {
			near, err := r.graph.Snap(p, routing.SnapOptions{})
			if err != nil {
				return routing.Path{}, fmt.Errorf("sim: way: %w", err)
			}
			point = near.Point
			r.points[p] = point
		}
		ends[i] = point
	}
	w, err := r.router.Route(ctx, ends[0], ends[1])
	if err != nil {
		return routing.Path{}, fmt.Errorf("sim: way: %w", err)
	}
	r.ways[key] = w
	return w, nil
}

// along is the position after a share done/all of a way.
func along(w routing.Path, done, all int32) geo.LatLng {
	last := w.Geometry[len(w.Geometry)-1]
	total := 0.0
	for i := 1; i < len(w.Geometry); i++ {
		total += geo.Distance(w.Geometry[i-1], w.Geometry[i])
	}
	if all <= 0 || total == 0 {
		return last
	}
	left := total * float64(done) / float64(all)
	for i := 1; i < len(w.Geometry); i++ {
		a, b := w.Geometry[i-1], w.Geometry[i]
		d := geo.Distance(a, b)
		if left <= d && d > 0 {
			return geo.LatLng{Lat: a.Lat + (b.Lat-a.Lat)*left/d, Lng: a.Lng + (b.Lng-a.Lng)*left/d}
		}
		left -= d
	}
	return last
}

// luck is the source of chance for one vehicle at one stop: the same on every run, whatever else happens.
func luck(seed uint64, v vehicles.VehicleID, stop dispatch.StopID) *rand.Rand {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%s|%s|%d", v, stop.Ride, stop.Kind)
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

// Traffic: how much longer or shorter than the road's own time a drive takes, in thousandths.
const (
	fastest = 900
	slowest = 1150
)

// inTraffic is a driving time in traffic: the sum of three draws about the road's own time, and on one drive in eight a
// further delay, as behind a snow plough, within the bounds of [fastest, slowest] thousandths.
func inTraffic(seconds int32, rng *rand.Rand) int32 {
	share := int32(1000)
	for range 3 {
		share += rng.Int32N(71) - 35
	}
	if rng.IntN(8) == 0 {
		share += rng.Int32N(80)
	}
	share = min(max(share, fastest), slowest)
	return int32((int64(seconds)*int64(share) + 999) / 1000)
}
