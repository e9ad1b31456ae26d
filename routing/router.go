package routing

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/swmaas/swmaas/routing/geo"
)

// RouterConfig sets up a Router. The zero value is right for most callers.
type RouterConfig struct {
	// Workers is how many goroutines one Matrix call may use; 0 means one a processor.
	Workers int
}

func (c RouterConfig) withDefaults() RouterConfig {
	if c.Workers == 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	return c
}

// Validate reports what is wrong with the configuration.
func (c RouterConfig) Validate() error {
	if c.Workers < 0 {
		return errors.New("routing: router config: workers must not be negative")
	}
	return nil
}

// Router answers how long trips take on one graph. It is safe for concurrent use.
type Router struct {
	g          *Graph
	cfg        RouterConfig
	generation atomic.Uint64
	searches   sync.Pool
}

// NewRouter returns a router over g with the graph's own driving times.
func NewRouter(g *Graph, cfg RouterConfig) *Router {
	r := &Router{g: g, cfg: cfg.withDefaults()}
	r.generation.Store(1)
	r.searches.New = func() any { return newDijkstra(g, g.arcMs) }
	return r
}

// Graph returns the graph that the router works on.
func (r *Router) Graph() *Graph { return r.g }

// Generation returns the number of the current metric. It grows by at least one whenever driving times change, so results
// that were computed under the same number belong together.
func (r *Router) Generation() uint64 { return r.generation.Load() }

// Path is the fastest way between two points.
type Path struct {
	Seconds, Meters int32
	// Geometry runs from the first point's place on the road to the second's: at least one coordinate.
	Geometry []geo.LatLng
	// Steps are the roads used, in order; pieces of one name that follow each other are one step.
	Steps []Step
	// Ways are the ids of the OpenStreetMap ways used, in order, each named again where it is left and entered again.
	Ways []int64
}

// Step is a stretch of a path on one road.
type Step struct {
	Name   string // "" where the road has none
	Class  RoadClass
	Meters int32
	First  int // index into Geometry of the step's first coordinate
}

// Route returns the fastest way from one point to another. Errors: ErrInvalidPoint, ErrUnreachable, and the context's.
func (r *Router) Route(ctx context.Context, from, to Point) (Path, error) {
	if !r.g.has(from) || !r.g.has(to) {
		return Path{}, fmt.Errorf("routing: route: %w", ErrInvalidPoint)
	}
	if err := ctx.Err(); err != nil {
		return Path{}, fmt.Errorf("routing: route: %w", err)
	}
	d := r.searches.Get().(*dijkstra)
	defer r.searches.Put(d)
	best, arc := r.g.direct(from, to, d.weights)
	arcs := []int32{arc}
	departures, arrivals := r.g.departures(from, d.weights, nil), r.g.arrivals(to, d.weights, nil)
	d.start(departures)
	end := seed{vertex: -1}
	d.runUntil(func() cost { return best }, func(v int32, c cost) {
		for _, s := range arrivals {
			if s.vertex == v && c+s.cost < best {
				best, end = c+s.cost, s
			}
		}
	})
	if best >= noCost {
		return Path{}, fmt.Errorf("routing: route: %w", ErrUnreachable)
	}
	if end.vertex >= 0 {
		links, start := d.linksTo(end.vertex)
		arcs = append(arcs[:0], startArc(departures, start, d.distance(start)))
		for _, l := range links {
			arcs = append(arcs, r.g.arcOf(l))
		}
		arcs = append(arcs, end.arc)
	}
	p := r.g.draw(from, to, arcs)
	p.Seconds, p.Meters = best.seconds(), best.meters()
	return p, nil
}

// startArc returns the arc of the seed that a search began from.
func startArc(seeds []seed, vertex int32, c cost) int32 {
	for _, s := range seeds {
		if s.vertex == vertex && s.cost == c {
			return s.arc
		}
	}
	return -1
}
