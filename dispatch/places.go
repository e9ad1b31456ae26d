package dispatch

import (
	"context"
	"fmt"

	"github.com/swmaas/swmaas/dispatch/solver"
	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/routing/geo"
)

// TravelTimes answers how long a vehicle takes between points of the road.
type TravelTimes interface {
	// Snap finds the road point of a pin. It fails where no road that can be used is near.
	Snap(p geo.LatLng) (routing.Point, error)
	// Matrix fills seconds row-major, [i*len(to)+j], with road times rounded up; routing.Unreachable where there is no way.
	// meters likewise, unless it is nil.
	Matrix(ctx context.Context, from, to []routing.Point, seconds, meters []int32) error
}

// placeTable numbers the places of an area-day for the solver and keeps the times between all of them. It only grows;
// a view taken from it stays valid while it does. Not safe for concurrent use.
type placeTable struct {
	travel TravelTimes
	rules  Rules
	index  map[geo.LatLng]solver.Place
	points []routing.Point
	direct *solver.Matrix // road seconds as time and metres as cost
	matrix *solver.Matrix // planned seconds as time and as cost
}

const firstPlaces = 256

func newPlaceTable(travel TravelTimes, rules Rules) *placeTable {
	return &placeTable{
		travel: travel, rules: rules, index: map[geo.LatLng]solver.Place{},
		direct: solver.NewMatrix(firstPlaces), matrix: solver.NewMatrix(firstPlaces),
	}
}

// add makes sure that every pin has a number and its four row blocks of times. It fails, and changes nothing, where a pin is far from every road.
func (t *placeTable) add(ctx context.Context, pins ...geo.LatLng) error {
	var fresh []geo.LatLng
	var points []routing.Point
	seen := map[geo.LatLng]bool{}
	for _, p := range pins {
		if _, known := t.index[p]; known || seen[p] {
			continue
		}
		point, err := t.travel.Snap(p)
		if err != nil {
			return fmt.Errorf("dispatch: place %w", err)
		}
		seen[p] = true
		fresh, points = append(fresh, p), append(points, point)
	}
	if len(fresh) == 0 {
		return nil
	}
	return t.grow(ctx, fresh, points)
}

func (t *placeTable) grow(ctx context.Context, fresh []geo.LatLng, points []routing.Point) error {
	old, all := len(t.points), append(t.points[:len(t.points):len(t.points)], points...)
	k, n := len(points), len(all)
	outS, outM := make([]int32, k*n), make([]int32, k*n)
	if err := t.travel.Matrix(ctx, points, all, outS, outM); err != nil {
		return fmt.Errorf("dispatch: travel times from new places: %w", err)
	}
	inS, inM := make([]int32, old*k), make([]int32, old*k)
	if old > 0 {
		if err := t.travel.Matrix(ctx, t.points, points, inS, inM); err != nil {
			return fmt.Errorf("dispatch: travel times to new places: %w", err)
		}
	}
	t.points = all
	t.direct.Grow(k)
	t.matrix.Grow(k)
	for i, p := range fresh {
		t.index[p] = solver.Place(old + i)
		for j := range n {
			t.set(solver.Place(old+i), solver.Place(j), outS[i*n+j], outM[i*n+j])
		}
		for j := range old {
			t.set(solver.Place(j), solver.Place(old+i), inS[j*k+i], inM[j*k+i])
		}
	}
	return nil
}

func (t *placeTable) set(from, to solver.Place, seconds, meters int32) {
	if from == to {
		return
	}
	t.direct.Set(from, to, seconds, meters)
	if seconds < routing.Unreachable {
		seconds = t.rules.planned(seconds)
	}
	t.matrix.Set(from, to, seconds, seconds)
}

// of is the number of a pin that was added before.
func (t *placeTable) of(p geo.LatLng) solver.Place { return t.index[p] }

// planned is the planned driving time between two pins that were added before.
func (t *placeTable) planned(from, to geo.LatLng) int32 {
	times, _ := t.matrix.Row(0, t.of(from))
	return times[t.of(to)]
}

// unshared is the road time in seconds and the length in metres between two pins that were added before.
func (t *placeTable) unshared(from, to geo.LatLng) (seconds, meters int32) {
	times, lengths := t.direct.Row(0, t.of(from))
	return times[t.of(to)], lengths[t.of(to)]
}

// view is the planned times as they are now; growing the table does not change it.
func (t *placeTable) view() *solver.Matrix {
	v := *t.matrix
	return &v
}

// Roads is the TravelTimes of a router.
type Roads struct {
	Router *routing.Router
	Snaps  routing.SnapOptions
}

// Snap finds the road point of a pin on the router's graph.
func (r Roads) Snap(p geo.LatLng) (routing.Point, error) {
	s, err := r.Router.Graph().Snap(p, r.Snaps)
	return s.Point, err
}

// Matrix asks the router.
func (r Roads) Matrix(ctx context.Context, from, to []routing.Point, seconds, meters []int32) error {
	return r.Router.Matrix(ctx, from, to, seconds, meters)
}

// NoRoads is the TravelTimes of an engine that has no road graph yet: every question fails with ErrNoRoads.
type NoRoads struct{}

// Snap fails with ErrNoRoads.
func (NoRoads) Snap(geo.LatLng) (routing.Point, error) { return routing.Point{}, ErrNoRoads }

// Matrix fails with ErrNoRoads.
func (NoRoads) Matrix(context.Context, []routing.Point, []routing.Point, []int32, []int32) error {
	return ErrNoRoads
}
