package routing

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/swmaas/swmaas/routing/cch"
)

// Matrix fills seconds and meters in the current view; see View.Matrix.
func (r *Router) Matrix(ctx context.Context, from, to []Point, seconds, meters []int32) error {
	return r.Now().Matrix(ctx, from, to, seconds, meters)
}

// Matrix fills seconds and meters with the fastest trip from every point of from to every point of to: row-major, the cell
// of from[i] and to[j] is [i*len(to)+j]. Both slices belong to the caller and must hold len(from)*len(to) values; meters may
// be nil. Cells with no way hold Unreachable. Meters are those of a fastest trip; the first call of a view that asks for them
// takes a few customizations longer. Errors: ErrInvalidPoint, and the context's, after either of which the slices hold nothing
// of use.
func (v *View) Matrix(ctx context.Context, from, to []Point, seconds, meters []int32) error {
	if err := v.r.checkMatrix(from, to, seconds, meters); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("routing: matrix: %w", err)
	}
	ws := v.r.free.Get().(*workspace)
	defer v.r.free.Put(ws)
	if err := v.fill(ws, from, to, meters != nil); err != nil {
		return fmt.Errorf("routing: matrix: %w", err)
	}
	for i, ms := range ws.cells {
		if ms >= closed {
			seconds[i] = Unreachable
		} else {
			seconds[i] = secondsUp(ms)
		}
	}
	if meters == nil {
		return nil
	}
	for i, cm := range ws.sums {
		if ws.cells[i] >= closed {
			meters[i] = Unreachable
		} else {
			meters[i] = makeCost(0, cm).meters()
		}
	}
	return nil
}

// fill computes ws.cells, driving times with closed where there is no way, and ws.sums, their lengths, where asked for.
func (v *View) fill(ws *workspace, from, to []Point, lengths bool) error {
	g, workers := v.r.g, v.r.cfg.Workers
	var along *cch.Along
	if lengths {
		var err error
		if along, err = v.along(); err != nil {
			return err
		}
	}
	label := func(l *cch.Labels, dir cch.Direction, points []Point, seedsOf func(Point, []uint32, []seed) []seed) error {
		ws.points.Reset()
		for _, p := range points {
			ws.from = seedsOf(p, v.weights, ws.from[:0])
			ws.start = places(ws.from, ws.start[:0])
			ws.points.Add(ws.start...)
		}
		if lengths {
			return along.Build(l, dir, &ws.points, workers)
		}
		return l.Build(v.metric, dir, &ws.points, workers)
	}
	if err := errors.Join(label(&ws.starts, cch.Forward, from, g.departures), label(&ws.ends, cch.Backward, to, g.arrivals)); err != nil {
		return err
	}
	n := len(from) * len(to)
	ws.cells = slices.Grow(ws.cells[:0], n)[:n]
	ws.sums = ws.sums[:0]
	if lengths {
		ws.sums = slices.Grow(ws.sums, n)[:n]
		cch.JoinAlong(&ws.starts, &ws.ends, ws.cells, ws.sums, workers)
	} else {
		cch.Join(&ws.starts, &ws.ends, ws.cells, workers)
	}
	v.alongOneSegment(ws, from, to)
	return nil
}

// alongOneSegment lowers the cells of pairs on one segment to the cost of driving along it.
func (v *View) alongOneSegment(ws *workspace, from, to []Point) {
	bySegment := make(map[int32][]int32, len(to))
	for j, p := range to {
		bySegment[p.seg] = append(bySegment[p.seg], int32(j))
	}
	for i, p := range from {
		for _, j := range bySegment[p.seg] {
			c, _ := v.r.g.direct(p, to[j], v.weights)
			k := i*len(to) + int(j)
			if c >= noCost || c.ms() > ws.cells[k] {
				continue
			}
			ws.cells[k] = c.ms()
			if len(ws.sums) > 0 {
				ws.sums[k] = c.cm()
			}
		}
	}
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
