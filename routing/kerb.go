package routing

import (
	"math"

	"github.com/swmaas/swmaas/routing/geo"
)

// crossingMeters is how much farther a road may be that need not be crossed, before crossing is the lesser evil: what a
// person in a wheelchair goes along a pavement rather than over a busy road.
const crossingMeters = 100

// onTheRoad is the distance, metres, below which a position counts as on the road itself, on neither side of it.
const onTheRoad = 1.0

// crossableWidthM is the carriageway width up to which an unclassified road counts as small enough to cross.
const crossableWidthM = 6

// crossable reports whether a road is small enough that its passengers may cross it: residential streets and less, and
// unclassified ones that are narrow.
func (g *Graph) crossable(seg int32) bool {
	switch class := RoadClass(g.segClass[seg]); {
	case class == Ferry:
		return true
	case class == Unclassified:
		return g.segWidth[seg] > 0 && g.segWidth[seg] <= 100*crossableWidthM
	default:
		return class >= Residential
	}
}

// atKerb looks for the best place to stop with the kerb side towards p, among the roads at most crossingMeters farther
// away than the nearest one. Of those that need no crossing the nearest wins; where there is none, the nearest of all,
// marked as a crossing.
func (g *Graph) atKerb(p geo.LatLng, o SnapOptions, limit float64, nearest Snapped) Snapped {
	best, found := Snapped{}, false
	pl := planeAt(p)
	reach := min(limit, nearest.Meters+crossingMeters)
	const perDegree = geo.EarthRadius * math.Pi / 180
	bound := math.Pow((reach+1)/perDegree*positionScale, 2)
	g.visitNear(pl, func(h hit) float64 {
		if h.dist > bound || !o.allows(g, h.seg) {
			return bound
		}
		s := g.snapped(p, h)
		sides, ok := g.kerbSides(pl, h, s, o.Kerb)
		if ok && s.Meters <= reach && (!found || s.Meters < best.Meters || s.Meters == best.Meters && s.Point.seg < best.Point.seg) {
			s.Point.sides = sides
			best, found = s, true
		}
		return bound
	})
	if found {
		return best
	}
	nearest.Crossing = true
	return nearest
}

// kerbSides returns the directions in which a vehicle may stop at a hit with its kerb side towards the position, and
// whether there is one.
func (g *Graph) kerbSides(pl plane, h hit, s Snapped, kerb Kerb) (sides, bool) {
	if g.crossable(h.seg) || s.Meters < onTheRoad {
		return s.Point.sides, true
	}
	pts := g.segPoints(h.seg, nil)
	a, b := pts[h.piece], pts[h.piece+1]
	dx, dy := span(a.lng, b.lng)*pl.k, span(a.lat, b.lat)
	px, py := (pl.lng-float64(a.lng))*pl.k, pl.lat-float64(a.lat)
	onLeft := dx*py-dy*px > 0
	want := onlyAlong
	if onLeft != (kerb == KerbLeft) {
		want = onlyAgainst
	}
	open := g.segFlags[h.seg]&(segMainAlong<<(want-onlyAlong)) != 0
	return want, open
}
