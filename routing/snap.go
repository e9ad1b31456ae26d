package routing

import (
	"fmt"
	"math"

	"github.com/swmaas/swmaas/routing/geo"
)

// DefaultSnapMeters is how far a road may be from a position when SnapOptions does not say: the farms and mountain houses
// of a rural town lie within it, and a point out at sea does not.
const DefaultSnapMeters = 1000

// SnapOptions limits what Snap may return. The zero value is any road that trips may start and end on, at most
// DefaultSnapMeters away.
type SnapOptions struct {
	// MaxMeters is the largest distance to the road, metres; 0 means DefaultSnapMeters.
	MaxMeters float64
	// Kerb asks that the vehicle stops with this side towards the position, so that nobody has to cross the road: the
	// side on which its passengers board. Roads that anybody crosses (residential streets and less) are stopped on in either direction.
	Kerb Kerb
	// Stop leaves out what nobody may board on: motorways and their ramps, ferries, tunnels and roundabouts.
	Stop bool
}

// allows reports whether a trip may start and end on a segment.
func (o SnapOptions) allows(g *Graph, seg int32) bool {
	f := g.segFlags[seg]
	if f&segMain == 0 {
		return false
	}
	class := RoadClass(g.segClass[seg])
	return !o.Stop || class != Motorway && class != Ferry && f&(segTunnel|segRoundabout) == 0
}

// Kerb is a side of a vehicle.
type Kerb uint8

// Kerbs.
const (
	KerbAny Kerb = iota
	KerbLeft
	KerbRight
)

// Snapped is a position brought to a road.
type Snapped struct {
	Point  Point
	Road   geo.LatLng // the place on the road
	Pin    geo.LatLng // the position that was asked for: the door, the entrance
	Meters float64    // distance between Road and Pin
	Name   string     // name of the road, "" where it has none
	Class  RoadClass
	Way    int64 // id of the OpenStreetMap way, or the number of a road that was built by hand
	// Crossing means that Kerb could not be met: the passenger has to cross this road.
	Crossing bool
}

// Snap finds the nearest place on a road to p where trips may start and end, which leaves out roads that are cut off from
// the largest connected part of the network. With a Kerb it prefers a road up to crossingMeters farther away over one that would have
// to be crossed. It returns ErrInvalidPosition for coordinates out of range, a *TooFarError (ErrTooFar)
// where the nearest such road lies beyond the limit, and ErrNoRoad where the graph has none.
func (g *Graph) Snap(p geo.LatLng, o SnapOptions) (Snapped, error) {
	if !p.Valid() {
		return Snapped{}, fmt.Errorf("routing: snap: %w", ErrInvalidPosition)
	}
	limit := o.MaxMeters
	if !(limit > 0) {
		limit = DefaultSnapMeters
	}
	hit := g.nearest(p, func(seg int32) bool { return o.allows(g, seg) })
	if hit.seg < 0 {
		return Snapped{}, fmt.Errorf("routing: snap: %w", ErrNoRoad)
	}
	s := g.snapped(p, hit)
	if s.Meters > limit {
		return Snapped{}, fmt.Errorf("routing: snap: %w", &TooFarError{Meters: s.Meters, Limit: limit})
	}
	if o.Kerb != KerbAny {
		return g.atKerb(p, o, limit, s), nil
	}
	return s, nil
}

// snapped describes a hit. A segment that connects in one direction only may be used in that one.
func (g *Graph) snapped(p geo.LatLng, h hit) Snapped {
	point := Point{seg: h.seg + 1, frac: g.fraction(h)}
	switch g.segFlags[h.seg] & segMain {
	case segMainAlong:
		point.sides = onlyAlong
	case segMainAgainst:
		point.sides = onlyAgainst
	}
	road := g.At(point)
	return Snapped{
		Point: point, Road: road, Pin: p, Meters: geo.Distance(p, road),
		Name: g.names[g.segName[h.seg]], Class: RoadClass(g.segClass[h.seg]), Way: g.segWay[h.seg],
	}
}

// hit is the place on a segment nearest to a position.
type hit struct {
	seg   int32   // -1 where none was found
	piece int     // piece of its line
	share float64 // share of the piece
	dist  float64 // squared distance on the local plane, units of 1e-7 degree of latitude
}

// plane measures squared distances around a position in units of 1e-7 degree of latitude.
type plane struct{ lat, lng, k float64 }

func planeAt(p geo.LatLng) plane {
	return plane{p.Lat * positionScale, p.Lng * positionScale, math.Cos(p.Lat * math.Pi / 180)}
}

// toBox is the squared distance to the nearest place of a box: a lower bound for everything inside.
func (pl plane) toBox(b box) float64 {
	dy := max(float64(b.minLat)-pl.lat, 0, pl.lat-float64(b.maxLat))
	dx := max(float64(b.minLng)-pl.lng, 0, pl.lng-float64(b.maxLng)) * pl.k
	return dx*dx + dy*dy
}

// toPiece is the squared distance to a straight piece of road and the share of it where the nearest place lies.
func (pl plane) toPiece(a, b position) (dist, share float64) {
	ax, ay := (float64(a.lng)-pl.lng)*pl.k, float64(a.lat)-pl.lat
	dx, dy := span(a.lng, b.lng)*pl.k, span(a.lat, b.lat)
	if length := dx*dx + dy*dy; length > 0 {
		share = max(0, min(1, -(ax*dx+ay*dy)/length))
	}
	x, y := ax+share*dx, ay+share*dy
	return x*x + y*y, share
}

// nearest searches the tree best-first, the nearest box first, and returns the nearest segment that fits; of several at
// the same distance the one with the lowest number.
func (g *Graph) nearest(p geo.LatLng, fits func(seg int32) bool) hit {
	best := hit{seg: -1, dist: math.Inf(1)}
	g.visitNear(planeAt(p), func(h hit) float64 {
		if (h.dist < best.dist || h.dist == best.dist && h.seg < best.seg) && fits(h.seg) {
			best = h
		}
		return best.dist
	})
	return best
}

// visitNear calls visit with the nearest place of segments in no strict order, the near boxes first, until no box is
// nearer than the bound (a squared distance) that visit returned last.
func (g *Graph) visitNear(pl plane, visit func(hit) float64) {
	n := len(g.treeItems)
	if n == 0 {
		return
	}
	levels := treeLevels(n)
	type entry struct{ level, box int }
	var heap minHeap[entry]
	bound := math.Inf(1)
	top := len(levels) - 2
	heap.push(pl.toBox(g.treeBoxes[levels[top]]), entry{level: top})
	var pts []position
	for heap.len() > 0 {
		dist, e := heap.pop()
		if dist > bound {
			return
		}
		if e.level == 0 {
			seg := g.treeItems[e.box]
			pts = g.segPoints(seg, pts[:0])
			h := hit{seg: seg, dist: math.Inf(1)}
			for k := 1; k < len(pts); k++ {
				if d, share := pl.toPiece(pts[k-1], pts[k]); d < h.dist {
					h.piece, h.share, h.dist = k-1, share, d
				}
			}
			bound = visit(h)
			continue
		}
		below := e.level - 1
		size := levels[below+1] - levels[below]
		for c := e.box * treeFanout; c < min(size, (e.box+1)*treeFanout); c++ {
			if d := pl.toBox(g.treeBoxes[levels[below]+c]); d <= bound {
				heap.push(d, entry{level: below, box: c})
			}
		}
	}
}

// fraction turns a place on a line into the share of the segment's length that lies before it.
func (g *Graph) fraction(h hit) uint32 {
	pts := g.segPoints(h.seg, nil)
	before, total := 0.0, 0.0
	for k := 1; k < len(pts); k++ {
		d := geo.Distance(pts[k-1].latLng(), pts[k].latLng())
		switch {
		case k-1 < h.piece:
			before += d
		case k-1 == h.piece:
			before += h.share * d
		}
		total += d
	}
	if total == 0 {
		return 0
	}
	return uint32(math.Round(min(1, before/total) * fractionOne))
}
