package routing

import (
	"fmt"

	"github.com/swmaas/swmaas/routing/cch"
)

// Near is one of many points with its driving time.
type Near struct {
	Index   int // position in the slice that was asked about
	Seconds int32
}

// Nearest returns the k points of to that are reached soonest from one point, the soonest first, ties by position; fewer
// where fewer can be reached. The only error is ErrInvalidPoint.
func (v *View) Nearest(from Point, to []Point, k int) ([]Near, error) {
	ws := v.r.free.Get().(*workspace)
	defer v.r.free.Put(ws)
	one := []Point{from}
	if err := v.r.checkMatrix(one, to, make([]int32, len(to)), nil); err != nil {
		return nil, fmt.Errorf("routing: nearest: %w", err)
	}
	if err := v.fill(ws, one, to, false); err != nil {
		return nil, fmt.Errorf("routing: nearest: %w", err)
	}
	var out []Near
	for i, ms := range ws.cells {
		if ms >= closed || k <= 0 {
			continue
		}
		s := secondsUp(ms)
		if len(out) == k {
			if s >= out[k-1].Seconds {
				continue
			}
			out = out[:k-1]
		}
		out = append(out, Near{i, s})
		for j := len(out) - 1; j > 0 && out[j-1].Seconds > s; j-- {
			out[j-1], out[j] = out[j], out[j-1]
		}
	}
	return out, nil
}

// reach returns the driving time in ms to every vertex within limit, by vertex; closed beyond.
func (v *View) reach(from Point, limit uint32) ([]uint32, error) {
	ws := v.r.free.Get().(*workspace)
	defer v.r.free.Put(ws)
	ws.from = v.r.g.departures(from, v.weights, ws.from[:0])
	ws.start = places(ws.from, ws.start[:0])
	reached, err := ws.query.Reach(v.metric, ws.start, cch.Forward, limit, nil)
	if err != nil {
		return nil, err
	}
	times := make([]uint32, v.r.g.numVertices())
	for i := range times {
		times[i] = closed
	}
	for _, r := range reached {
		times[r.Node] = r.Distance
	}
	return times, nil
}
