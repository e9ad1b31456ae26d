package routing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/swmaas/swmaas/routing/cch"
)

// Matrix fills seconds and meters in the current view; see View.Matrix.
func (r *Router) Matrix(ctx context.Context, from, to []Point, seconds, meters []int32) error {
	return r.Now().Matrix(ctx, from, to, seconds, meters)
}

// Matrix fills seconds and meters with the fastest trip from every point of from to every point of to: row-major, the cell
// of from[i] and to[j] is [i*len(to)+j]. Both slices belong to the caller and must hold len(from)*len(to) values; meters may
// be nil. Cells with no way hold Unreachable. Meters are those of a fastest trip; they cost far more time than seconds, for
// every trip is then followed road by road. Errors: ErrInvalidPoint, and the context's, after either of which the slices
// hold nothing of use.
func (v *View) Matrix(ctx context.Context, from, to []Point, seconds, meters []int32) error {
	if err := v.r.checkMatrix(from, to, seconds, meters); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("routing: matrix: %w", err)
	}
	if meters != nil {
		return v.longMatrix(ctx, from, to, seconds, meters)
	}
	ws := v.r.free.Get().(*workspace)
	defer v.r.free.Put(ws)
	if err := v.milliseconds(ws, from, to); err != nil {
		return fmt.Errorf("routing: matrix: %w", err)
	}
	for i, ms := range ws.cells {
		if ms >= closed {
			seconds[i] = Unreachable
		} else {
			seconds[i] = secondsUp(ms)
		}
	}
	return nil
}

// milliseconds fills ws.cells with driving times, closed where there is no way.
func (v *View) milliseconds(ws *workspace, from, to []Point) error {
	g, workers := v.r.g, v.r.cfg.Workers
	label := func(l *cch.Labels, dir cch.Direction, points []Point, seedsOf func(Point, []uint32, []seed) []seed) error {
		ws.points.Reset()
		for _, p := range points {
			ws.from = seedsOf(p, v.weights, ws.from[:0])
			ws.start = places(ws.from, ws.start[:0])
			ws.points.Add(ws.start...)
		}
		return l.Build(v.metric, dir, &ws.points, workers)
	}
	if err := errors.Join(label(&ws.starts, cch.Forward, from, g.departures), label(&ws.ends, cch.Backward, to, g.arrivals)); err != nil {
		return err
	}
	ws.cells = slices.Grow(ws.cells[:0], len(from)*len(to))[:len(from)*len(to)]
	cch.Join(&ws.starts, &ws.ends, ws.cells, workers)
	v.alongOneSegment(from, to, ws.cells)
	return nil
}

// alongOneSegment lowers the cells of pairs on one segment to the time of driving along it.
func (v *View) alongOneSegment(from, to []Point, cells []uint32) {
	bySegment := make(map[int32][]int32, len(to))
	for j, p := range to {
		bySegment[p.seg] = append(bySegment[p.seg], int32(j))
	}
	for i, p := range from {
		for _, j := range bySegment[p.seg] {
			if c, _ := v.r.g.direct(p, to[j], v.weights); c < noCost {
				cell := &cells[i*len(to)+int(j)]
				*cell = min(*cell, c.ms())
			}
		}
	}
}

// longMatrix fills times and lengths by finding every path.
func (v *View) longMatrix(ctx context.Context, from, to []Point, seconds, meters []int32) error {
	var wg sync.WaitGroup
	var next atomic.Int64
	var failed atomic.Pointer[error]
	for range min(v.r.cfg.Workers, len(from)) {
		wg.Go(func() {
			ws := v.r.free.Get().(*workspace)
			defer v.r.free.Put(ws)
			var arcs []int32
			for i := int(next.Add(1)) - 1; i < len(from) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				for j, p := range to {
					var c cost
					var err error
					arcs, c, err = v.findPath(ws, from[i], p, arcs[:0])
					if err != nil && !errors.Is(err, ErrUnreachable) {
						failed.Store(&err)
						return
					}
					seconds[i*len(to)+j], meters[i*len(to)+j] = c.seconds(), c.meters()
				}
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return fmt.Errorf("routing: matrix: %w", *err)
	}
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
