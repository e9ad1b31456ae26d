package routing

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/swmaas/swmaas/routing/cch"
	"github.com/swmaas/swmaas/routing/geo"
)

// Measurement is the speed of a graph on this machine. Times are medians.
type Measurement struct {
	OrderS, BuildS                       float64 // the contraction order; the contraction
	CustomizeMs, CustomizeParallelMs     float64 // all driving times anew, on one processor and on all
	PartialCustomize10ArcsMs             float64 // ten arcs changed
	ClosureToQueryMs                     float64 // from a closure of one way as Conditions to the first query that knows
	OneToOneUs, PathUs                   float64 // View.Duration; View.Route with geometry
	Matrix100Ms, Matrix500Ms             float64 // View.Matrix of seconds, on all processors
	Matrix500OneThreadMs                 float64
	Matrix500MetersMs                    float64 // with lengths, on all processors
	PerfectMs                            float64 // View.Perfect
	OneToOnePerfectUs, PathPerfectUs     float64 // in such a view
	SnapUs                               float64
	LoadMs                               float64 // graph file to the first answer
	ResidentMB                           float64 // graph, hierarchy and one view, on the heap
	DijkstraUs                           float64 // the same as OneToOneUs by plain search
	Nodes, Arcs, Vertices, HierarchyArcs int
	ForbiddenTurns, Points               int
}

// Measure times every kind of query on the graph in a file between positions, of which the first 500 are used and at
// least two are needed, and everything that a change of the roads sets off. It computes the order anew, which on a
// country takes minutes.
func Measure(ctx context.Context, path string, positions []geo.LatLng) (Measurement, error) {
	m := &measuring{positions: positions}
	for _, step := range []func(context.Context, string) error{m.load, m.preprocess, m.customize, m.queries, m.matrices} {
		if err := ctx.Err(); err != nil {
			return Measurement{}, fmt.Errorf("routing: measure: %w", err)
		}
		if err := step(ctx, path); err != nil {
			return Measurement{}, fmt.Errorf("routing: measure: %w", err)
		}
	}
	return m.out, nil
}

// measuring is the state of one measurement.
type measuring struct {
	positions []geo.LatLng
	points    []Point
	g         *Graph
	r         *Router
	out       Measurement
}

// median runs f n times and returns the median time in seconds.
func median(n int, f func()) float64 {
	times := make([]float64, n)
	for i := range times {
		start := time.Now()
		f()
		times[i] = time.Since(start).Seconds()
	}
	slices.Sort(times)
	return times[n/2]
}

// heapBytes is what is in use on the heap. What lay in a sync.Pool needs two collections to go.
func heapBytes() uint64 {
	for range 3 {
		runtime.GC()
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// load weighs the graph and times the way from the file to the first answer. It keeps the last router.
func (m *measuring) load(_ context.Context, path string) error {
	before := heapBytes()
	if err := m.loadOnce(path); err != nil {
		return err
	}
	m.out.ResidentMB = float64(heapBytes()-before) / 1e6
	var err error
	m.out.LoadMs = 1000 * median(5, func() {
		if err == nil {
			err = m.loadOnce(path)
		}
	})
	if err != nil {
		return err
	}
	m.out.Nodes, m.out.Arcs, m.out.Vertices = m.g.NumNodes(), m.g.NumArcs(), m.g.numVertices()
	m.out.HierarchyArcs, m.out.ForbiddenTurns = m.g.hierarchy.Arcs(), m.g.NumForbiddenTurns()
	return nil
}

func (m *measuring) loadOnce(path string) (err error) {
	if m.g, err = ReadFile(path); err != nil {
		return err
	}
	m.r = NewRouter(m.g, RouterConfig{})
	if m.points == nil {
		if err = m.snap(); err != nil {
			return err
		}
	}
	_, err = m.r.Now().Duration(m.points[0], m.points[1])
	return err
}

func (m *measuring) snap() error {
	for _, p := range m.positions[:min(500, len(m.positions))] {
		s, err := m.g.Snap(p, SnapOptions{})
		if err != nil {
			return err
		}
		m.points = append(m.points, s.Point)
	}
	m.out.Points = len(m.points)
	if len(m.points) < 2 {
		return errors.New("fewer than two positions")
	}
	return nil
}

func (m *measuring) preprocess(context.Context, string) error {
	var order []uint32
	var err error
	m.out.OrderS = median(1, func() { order, err = m.g.order() })
	if err != nil {
		return err
	}
	links := m.g.linkGraph()
	m.out.BuildS = median(3, func() {
		if err == nil {
			_, err = cch.NewTopology(links, order)
		}
	})
	return err
}

func (m *measuring) customize(context.Context, string) error {
	weights := make([]uint32, len(m.g.linkHead))
	for l := range weights {
		weights[l] = m.g.linkMs(int32(l), m.g.arcMs[m.g.arcOf(int32(l))])
	}
	var err error
	run := func(workers int) func() {
		return func() {
			if _, e := m.g.hierarchy.Customize(weights, workers); e != nil {
				err = e
			}
		}
	}
	m.out.CustomizeMs = 1000 * median(9, run(1))
	m.out.CustomizeParallelMs = 1000 * median(9, run(0))
	rng := rand.New(rand.NewPCG(1, 1))
	metric := m.r.Now().metric
	m.out.PartialCustomize10ArcsMs = 1000 * median(101, func() {
		changes := make([]cch.Change, 10)
		for i := range changes {
			changes[i] = cch.Change{Arc: uint32(rng.IntN(len(weights))), Weight: cch.Inf}
		}
		if _, e := metric.Update(changes); e != nil {
			err = e
		}
	})
	m.out.ClosureToQueryMs = 1000 * median(51, func() {
		way := m.g.segWay[rng.IntN(len(m.g.segWay))]
		v, e := m.r.View(Conditions{Closures: []Closure{{Ways: []int64{way}}}}, time.Time{})
		if e == nil {
			_, e = v.Duration(m.points[0], m.points[1])
		}
		if e != nil {
			err = e
		}
	})
	return err
}

func (m *measuring) queries(ctx context.Context, _ string) error {
	v := m.r.Now()
	rng := rand.New(rand.NewPCG(2, 2))
	pick := func() Point { return m.points[rng.IntN(len(m.points))] }
	var err error
	note := func(e error) {
		if e != nil && !errors.Is(e, ErrUnreachable) {
			err = e
		}
	}
	m.out.OneToOneUs = 1e6 * median(5000, func() {
		_, e := v.Duration(pick(), pick())
		note(e)
	})
	m.out.PathUs = 1e6 * median(2000, func() {
		_, e := v.Route(ctx, pick(), pick())
		note(e)
	})
	m.out.SnapUs = 1e6 * median(2000, func() {
		_, e := m.g.Snap(m.positions[rng.IntN(len(m.points))], SnapOptions{})
		note(e)
	})
	var perfect *View
	m.out.PerfectMs = 1000 * median(3, func() { perfect = v.Perfect() })
	m.out.OneToOnePerfectUs = 1e6 * median(5000, func() {
		_, e := perfect.Duration(pick(), pick())
		note(e)
	})
	m.out.PathPerfectUs = 1e6 * median(2000, func() {
		_, e := perfect.Route(ctx, pick(), pick())
		note(e)
	})
	ref := NewReference(v)
	m.out.DijkstraUs = 1e6 * median(51, func() {
		_, e := ref.Duration(pick(), pick())
		note(e)
	})
	return err
}

func (m *measuring) matrices(ctx context.Context, _ string) error {
	var err error
	run := func(r *Router, n int, lengths bool) float64 {
		points := m.points[:min(n, len(m.points))]
		cells := make([]int32, len(points)*len(points))
		var meters []int32
		if lengths {
			meters = make([]int32, len(cells))
		}
		return 1000 * median(9, func() {
			if e := r.Matrix(ctx, points, points, cells, meters); e != nil {
				err = e
			}
		})
	}
	m.out.Matrix100Ms, m.out.Matrix500Ms = run(m.r, 100, false), run(m.r, 500, false)
	m.out.Matrix500MetersMs = run(m.r, 500, true)
	m.out.Matrix500OneThreadMs = run(NewRouter(m.g, RouterConfig{Workers: 1}), 500, false)
	return err
}

// MeasureTiled is Measure on n by n copies of the graph laid side by side and joined by roads, with positions in every
// copy. It writes the large graph to a temporary file, which it removes.
func MeasureTiled(ctx context.Context, path string, positions []geo.LatLng, n int) (m Measurement, err error) {
	g, err := ReadFile(path)
	if err != nil {
		return m, err
	}
	large, err := g.Tiled(n)
	if err != nil {
		return m, err
	}
	dir, err := os.MkdirTemp("", "swmaas-tiled-")
	if err != nil {
		return m, fmt.Errorf("routing: measure: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := filepath.Join(dir, "tiled.graph")
	if err := large.WriteFile(file); err != nil {
		return m, err
	}
	lat, lng := g.tileStep()
	spread := make([]geo.LatLng, len(positions))
	for i, p := range positions {
		spread[i] = geo.LatLng{Lat: p.Lat + lat*float64(i%n), Lng: p.Lng + lng*float64(i/n%n)}
	}
	return Measure(ctx, file, spread)
}
