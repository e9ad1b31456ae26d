package dispatch

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

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

// Conditional is what a TravelTimes may say besides: how long vehicles take while roads are closed or slow.
type Conditional interface {
	// Under is the travel times while all of the conditions hold. Errors: routing.ErrInvalidConditions, routing.ErrUnknownRoad.
	Under(c routing.Conditions) (TravelTimes, error)
	// WaysNamed are the ways that carry a name, none where no road does.
	WaysNamed(name string) []int64
}

// pinTable numbers the pins of an area-day and keeps the times between all of them on an ordinary day. It only grows. It is
// safe for concurrent use.
type pinTable struct {
	travel TravelTimes // immutable, as rules
	rules  Rules

	growing sync.Mutex // one caller at a time adds places; taken before mu

	mu     sync.RWMutex // guards what follows, and is held for moments only
	index  map[geo.LatLng]solver.Place
	points []routing.Point
	direct *solver.Matrix // road seconds as time and metres as cost; never written to, but replaced by a larger one
	matrix *solver.Matrix // planned seconds as time and as cost; likewise
}

const firstPlaces = 256

func newPinTable(travel TravelTimes, rules Rules) *pinTable {
	return &pinTable{
		travel: travel, rules: rules, index: map[geo.LatLng]solver.Place{},
		direct: solver.NewMatrix(firstPlaces), matrix: solver.NewMatrix(firstPlaces),
	}
}

// add makes sure that every pin has a number and its four row blocks of times. It fails, and changes nothing, where a pin is far from every road.
func (t *pinTable) add(ctx context.Context, pins ...geo.LatLng) error {
	if t.has(pins) {
		return nil
	}
	t.growing.Lock()
	defer t.growing.Unlock()
	var fresh []geo.LatLng
	var points []routing.Point
	for _, p := range pins {
		if t.has([]geo.LatLng{p}) || slices.Contains(fresh, p) {
			continue
		}
		point, err := t.travel.Snap(p)
		if err != nil {
			return fmt.Errorf("dispatch: place %w", err)
		}
		fresh, points = append(fresh, p), append(points, point)
	}
	if len(fresh) == 0 {
		return nil
	}
	return t.grow(ctx, fresh, points)
}

// has reports whether every pin has a number.
func (t *pinTable) has(pins []geo.LatLng) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	for _, p := range pins {
		if _, known := t.index[p]; !known {
			return false
		}
	}
	return true
}

// grow adds places. The caller holds growing, so nobody else changes the table; readers go on meanwhile.
func (t *pinTable) grow(ctx context.Context, fresh []geo.LatLng, points []routing.Point) error {
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
	// The larger matrices may share memory with the present ones, whose readers never look beyond their own places.
	direct, matrix := *t.direct, *t.matrix
	direct.Grow(k)
	matrix.Grow(k)
	for i := range fresh {
		for j := range n {
			t.set(&direct, &matrix, solver.Place(old+i), solver.Place(j), outS[i*n+j], outM[i*n+j])
		}
		for j := range old {
			t.set(&direct, &matrix, solver.Place(j), solver.Place(old+i), inS[j*k+i], inM[j*k+i])
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.points, t.direct, t.matrix = all, &direct, &matrix
	for i, p := range fresh {
		t.index[p] = solver.Place(old + i)
	}
	return nil
}

func (t *pinTable) set(direct, matrix *solver.Matrix, from, to solver.Place, seconds, meters int32) {
	if from == to {
		return
	}
	direct.Set(from, to, seconds, meters)
	if seconds < routing.Unreachable {
		seconds = t.rules.planned(seconds)
	}
	matrix.Set(from, to, seconds, seconds)
}

// number is the number of a pin that was added before.
func (t *pinTable) number(p geo.LatLng) solver.Place {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.index[p]
}

// ordinary are the planned times, and the road times with their lengths, between the pins that are known now. Neither changes
// any more.
func (t *pinTable) ordinary() (planned, direct *solver.Matrix) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.matrix, t.direct
}

// ordinaryLeg is the road time in seconds and the length in metres between two pins that were added before, on an ordinary day.
func (t *pinTable) ordinaryLeg(from, to geo.LatLng) (seconds, meters int32) {
	_, direct := t.ordinary()
	times, lengths := direct.Row(0, t.number(from))
	n := t.number(to)
	return times[n], lengths[n]
}

// Roads is the TravelTimes of a router.
type Roads struct {
	Router *routing.Router
	Snaps  routing.SnapOptions
	view   *routing.View // under conditions; nil for the router's current one
}

// Snap finds the road point of a pin on the router's graph.
func (r Roads) Snap(p geo.LatLng) (routing.Point, error) {
	s, err := r.Router.Graph().Snap(p, r.Snaps)
	return s.Point, err
}

// Matrix asks the router, or the view that the conditions made.
func (r Roads) Matrix(ctx context.Context, from, to []routing.Point, seconds, meters []int32) error {
	if r.view != nil {
		return r.view.Matrix(ctx, from, to, seconds, meters)
	}
	return r.Router.Matrix(ctx, from, to, seconds, meters)
}

// Under is the same roads while all of the conditions hold, whatever their times.
func (r Roads) Under(c routing.Conditions) (TravelTimes, error) {
	view, err := r.Router.View(c, time.Time{})
	if err != nil {
		return nil, err
	}
	r.view = view
	return r, nil
}

// WaysNamed are the ways that carry a name.
func (r Roads) WaysNamed(name string) []int64 { return r.Router.Graph().WaysNamed(name) }

// NoRoads is the TravelTimes of an engine that has no road graph yet: every question fails with ErrNoRoads.
type NoRoads struct{}

// Snap fails with ErrNoRoads.
func (NoRoads) Snap(geo.LatLng) (routing.Point, error) { return routing.Point{}, ErrNoRoads }

// Matrix fails with ErrNoRoads.
func (NoRoads) Matrix(context.Context, []routing.Point, []routing.Point, []int32, []int32) error {
	return ErrNoRoads
}
