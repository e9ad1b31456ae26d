package routing

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
)

// Matrix fills seconds and meters with the fastest trip from every point of from to every point of to: row-major, the cell
// of from[i] and to[j] is [i*len(to)+j]. Both slices belong to the caller and must hold len(from)*len(to) values; meters may
// be nil. Cells with no way hold Unreachable. Meters are those of the fastest trip. Errors: ErrInvalidPoint, and the
// context's, after either of which the slices hold nothing of use.
func (r *Router) Matrix(ctx context.Context, from, to []Point, seconds, meters []int32) error {
	if err := r.checkMatrix(from, to, seconds, meters); err != nil {
		return err
	}
	var wg sync.WaitGroup
	var next atomic.Int64
	for range min(r.cfg.Workers, len(from)) {
		wg.Go(func() {
			d := r.searches.Get().(*dijkstra)
			defer r.searches.Put(d)
			t := newTargets(r.g, to, d.weights)
			for i := int(next.Add(1)) - 1; i < len(from) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				row := i * len(to)
				t.search(d, from[i])
				for j, c := range t.best {
					seconds[row+j] = c.seconds()
					if meters != nil {
						meters[row+j] = c.meters()
					}
				}
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("routing: matrix: %w", err)
	}
	return nil
}

func (r *Router) checkMatrix(from, to []Point, seconds, meters []int32) error {
	cells := len(from) * len(to)
	if len(seconds) != cells || meters != nil && len(meters) != cells {
		return fmt.Errorf("routing: matrix: %d by %d points need %d cells, got %d and %d", len(from), len(to), cells, len(seconds), len(meters))
	}
	for i, p := range from {
		if !r.g.has(p) {
			return fmt.Errorf("routing: matrix: from[%d]: %w", i, ErrInvalidPoint)
		}
	}
	for i, p := range to {
		if !r.g.has(p) {
			return fmt.Errorf("routing: matrix: to[%d]: %w", i, ErrInvalidPoint)
		}
	}
	return nil
}

// targets is the destinations of a one-to-many search and its result.
type targets struct {
	g        *Graph
	points   []Point
	arrivals map[int32][]arrival // by vertex
	best     []cost              // by point
	buf      []seed
}

type arrival struct {
	point int32
	cost  cost
}

func newTargets(g *Graph, points []Point, weights []uint32) *targets {
	t := &targets{g: g, points: points, arrivals: map[int32][]arrival{}, best: make([]cost, len(points))}
	for j, p := range points {
		for _, s := range g.arrivals(p, weights, nil) {
			t.arrivals[s.vertex] = append(t.arrivals[s.vertex], arrival{int32(j), s.cost})
		}
	}
	return t
}

// search fills best with the costs from one point.
func (t *targets) search(d *dijkstra, from Point) {
	for j, p := range t.points {
		t.best[j], _ = t.g.direct(from, p, d.weights)
	}
	t.buf = t.g.departures(from, d.weights, t.buf[:0])
	d.start(t.buf)
	left := len(t.arrivals)
	for left > 0 {
		v, c, ok := d.step()
		if !ok {
			return
		}
		if list, hit := t.arrivals[v]; hit {
			left--
			for _, a := range list {
				t.best[a.point] = min(t.best[a.point], c+a.cost)
			}
		}
	}
}
