package routing

import "fmt"

// Reference answers by plain Dijkstra search what a View answers by its hierarchy: the yardstick of tests and benchmarks.
// It belongs to one goroutine at a time.
type Reference struct {
	v        *View
	d        *dijkstra
	arrivals []seed
	seeds    []seed
}

// NewReference returns a reference for the driving times of v.
func NewReference(v *View) *Reference {
	return &Reference{v: v, d: newDijkstra(v.r.g, v.weights)}
}

// Duration returns what View.Duration returns.
func (r *Reference) Duration(from, to Point) (int32, error) {
	g := r.v.r.g
	if !g.has(from) || !g.has(to) {
		return 0, fmt.Errorf("routing: reference: %w", ErrInvalidPoint)
	}
	return r.cost(from, to).seconds(), nil
}

func (r *Reference) cost(from, to Point) cost {
	g := r.v.r.g
	best, _ := g.direct(from, to, r.v.weights)
	r.seeds = g.departures(from, r.v.weights, r.seeds[:0])
	r.arrivals = g.arrivals(to, r.v.weights, r.arrivals[:0])
	r.d.start(r.seeds)
	for {
		vertex, c, ok := r.d.step()
		if !ok || c >= best {
			return best
		}
		for _, s := range r.arrivals {
			if s.vertex == vertex {
				best = min(best, c+s.cost)
			}
		}
	}
}

// costs fills out with the costs from one point to many.
func (r *Reference) costs(from Point, to []Point, out []cost) {
	g := r.v.r.g
	r.seeds = g.departures(from, r.v.weights, r.seeds[:0])
	r.d.start(r.seeds)
	for _, _, ok := r.d.step(); ok; _, _, ok = r.d.step() {
	}
	for j, p := range to {
		out[j], _ = g.direct(from, p, r.v.weights)
		r.arrivals = g.arrivals(p, r.v.weights, r.arrivals[:0])
		for _, s := range r.arrivals {
			if r.d.stamp[s.vertex] == r.d.now {
				out[j] = min(out[j], r.d.dist[s.vertex]+s.cost)
			}
		}
	}
}
