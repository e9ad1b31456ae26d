package routing

import (
	"context"
	"fmt"
	"slices"

	"github.com/swmaas/swmaas/routing/geo"
)

// ArcID is the number of a directed piece of road in one Graph. It means nothing in another.
type ArcID int32

// Path is the fastest way between two points.
type Path struct {
	Seconds, Meters int32
	// Geometry runs from the first point's place on the road to the second's: at least one coordinate.
	Geometry []geo.LatLng
	// Steps are the roads used, in order; pieces of one name that follow each other are one step.
	Steps []Step
	// Ways are the ids of the OpenStreetMap ways used, in order, each named again where it is left and entered again.
	Ways []int64
	// Arcs are the pieces of road driven, in order; the first and the last in part.
	Arcs []ArcID
}

// Step is a stretch of a path on one road.
type Step struct {
	Name   string // "" where the road has none
	Class  RoadClass
	Meters int32
	First  int  // index into Geometry of the step's first coordinate
	Turn   Turn // how the step begins
}

// Route returns the fastest way from one point to another in the current view; see View.Route.
func (r *Router) Route(ctx context.Context, from, to Point) (Path, error) {
	return r.Now().Route(ctx, from, to)
}

// Route returns the fastest way from one point to another. Errors: ErrInvalidPoint, ErrUnreachable, and the context's.
func (v *View) Route(ctx context.Context, from, to Point) (Path, error) {
	ws := v.r.free.Get().(*workspace)
	defer v.r.free.Put(ws)
	if err := v.route(ctx, ws, from, to, &ws.path); err != nil {
		return Path{}, err
	}
	p := ws.path
	p.Geometry, p.Steps, p.Ways, p.Arcs = slices.Clone(p.Geometry), slices.Clone(p.Steps), slices.Clone(p.Ways), slices.Clone(p.Arcs)
	return p, nil
}

// RouteInto is Route that writes the way to p and reuses the slices there: who asks for many ways, each done with before
// the next, gets them without allocations. After an error the content of p is undefined.
func (v *View) RouteInto(ctx context.Context, p *Path, from, to Point) error {
	ws := v.r.free.Get().(*workspace)
	defer v.r.free.Put(ws)
	return v.route(ctx, ws, from, to, p)
}

func (v *View) route(ctx context.Context, ws *workspace, from, to Point, p *Path) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("routing: route: %w", err)
	}
	arcs, c, err := v.findPath(ws, from, to, ws.arcs[:0])
	if err != nil {
		return fmt.Errorf("routing: route: %w", err)
	}
	ws.arcs = arcs
	ws.pts = v.r.g.draw(p, from, to, arcs, ws.pts)
	p.Seconds, p.Meters = c.seconds(), c.meters()
	return nil
}

// Duration returns the driving time of the fastest trip in seconds, Unreachable where there is none. The only error is
// ErrInvalidPoint.
func (v *View) Duration(from, to Point) (int32, error) {
	if !v.r.g.has(from) || !v.r.g.has(to) {
		return 0, fmt.Errorf("routing: duration: %w", ErrInvalidPoint)
	}
	ws := v.r.free.Get().(*workspace)
	defer v.r.free.Put(ws)
	best, _ := v.r.g.direct(from, to, v.weights)
	v.seeds(ws, from, to)
	ms, err := ws.query.Distance(v.metric, ws.start, ws.end)
	if err != nil {
		return 0, fmt.Errorf("routing: duration: %w", err)
	}
	return minMs(ms, best).seconds(), nil
}

// minMs is the lesser of a time from the hierarchy and the cost of driving along one segment.
func minMs(ms uint32, direct cost) cost {
	if ms == closed || direct < noCost && direct.ms() <= ms {
		return direct
	}
	return makeCost(ms, 0)
}

// findPath appends to buf the arcs from one point to another, the first and last of which the points lie on, and returns
// the cost of the trip.
func (v *View) findPath(ws *workspace, from, to Point, buf []int32) ([]int32, cost, error) {
	g := v.r.g
	if !g.has(from) || !g.has(to) {
		return buf, noCost, ErrInvalidPoint
	}
	best, arc := g.direct(from, to, v.weights)
	v.seeds(ws, from, to)
	found, err := ws.query.Path(v.metric, ws.start, ws.end, ws.links[:0])
	if err != nil {
		return buf, noCost, err
	}
	ws.links = found.Arcs
	switch {
	case best < noCost && best.ms() <= found.Distance:
		return append(buf, arc), best, nil
	case found.Distance == closed:
		return buf, noCost, ErrUnreachable
	}
	start, end := ws.from[found.From], ws.to[found.To]
	buf = append(buf, start.arc)
	cm := start.cost.cm() + end.cost.cm()
	for _, l := range found.Arcs {
		a := g.arcOf(int32(l))
		cm += g.segCm[g.arcSeg[a]>>1]
		buf = append(buf, a)
	}
	return append(buf, end.arc), makeCost(found.Distance, cm), nil
}
