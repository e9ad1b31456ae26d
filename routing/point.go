package routing

import "github.com/swmaas/swmaas/routing/geo"

// Point is a place on a road of one Graph. Points are small values that compare with ==; the zero value is no place. A
// Point says nothing on another graph than the one that it was snapped to.
type Point struct {
	seg   int32  // segment + 1; 0 on the zero value
	frac  uint32 // share of the segment that lies before the point, in units of 1/fractionOne
	sides sides
}

// sides limits the directions in which a vehicle may reach and leave a Point. The zero value is no limit.
type sides uint8

const (
	onlyAlong   sides = 1 + iota // in the direction of the segment
	onlyAgainst                  // against it
)

// allows reports whether direction 0 (along) or 1 (against) may be used.
func (s sides) allows(direction int32) bool { return s == 0 || int32(s-onlyAlong) == direction }

// Valid reports whether p is not the zero value.
func (p Point) Valid() bool { return p.seg > 0 }

// has reports whether p is a place on g as far as its numbers tell.
func (g *Graph) has(p Point) bool {
	return p.seg > 0 && int(p.seg) <= g.numSegments() && p.frac <= fractionOne && p.sides <= onlyAgainst
}

// At returns the coordinate of a Point of this graph; the zero LatLng for any other.
func (g *Graph) At(p Point) geo.LatLng {
	if !g.has(p) {
		return geo.LatLng{}
	}
	pts := g.segPoints(p.seg-1, nil)
	k, f := locate(pts, p.frac)
	return between(pts, k, f)
}

// locate finds the piece k of the line pts, from pts[k] to pts[k+1], that holds the share frac of its length, and the
// share of that piece.
func locate(pts []position, frac uint32) (k int, f float64) {
	total := 0.0
	for i := 1; i < len(pts); i++ {
		total += geo.Distance(pts[i-1].latLng(), pts[i].latLng())
	}
	rest := total * float64(frac) / fractionOne
	for k = 0; ; k++ {
		d := geo.Distance(pts[k].latLng(), pts[k+1].latLng())
		if rest <= d || k == len(pts)-2 {
			if d == 0 {
				return k, 0
			}
			return k, min(1, rest/d)
		}
		rest -= d
	}
}

// between returns the point at share f of piece k; the ends of a piece exactly, so that the next one begins there.
func between(pts []position, k int, f float64) geo.LatLng {
	if f == 1 {
		return pts[k+1].latLng()
	}
	a, b := pts[k].latLng(), pts[k+1].latLng()
	return geo.LatLng{Lat: a.Lat + f*(b.Lat-a.Lat), Lng: a.Lng + f*(b.Lng-a.Lng)}
}

// seed is a vertex where a search starts or ends, with the cost between it and a Point.
type seed struct {
	vertex int32
	arc    int32 // the arc that the Point lies on
	cost   cost
}

// departures appends the vertices at which a vehicle that leaves p arrives first.
func (g *Graph) departures(p Point, w []uint32, buf []seed) []seed {
	s := p.seg - 1
	for d := range int32(2) {
		if a := g.segArcs[2*s+d]; a >= 0 && p.sides.allows(d) && w[a] != closed {
			full := makeCost(w[a], g.segCm[s])
			rest := full.part(p.frac)
			if d == 0 {
				rest = full - rest
			}
			buf = append(buf, seed{g.arcEntry[a], a, rest})
		}
	}
	return buf
}

// arrivals appends the vertices from which a vehicle may turn onto the arcs that lead to p.
func (g *Graph) arrivals(p Point, w []uint32, buf []seed) []seed {
	s := p.seg - 1
	for d := range int32(2) {
		a := g.segArcs[2*s+d]
		if a < 0 || !p.sides.allows(d) || w[a] == closed {
			continue
		}
		full := makeCost(w[a], g.segCm[s])
		rest := full.part(p.frac)
		if d == 1 {
			rest = full - rest
		}
		tail := g.arcTail(a)
		buf = append(buf, seed{tail, a, rest})
		for v, last := g.statesAt(tail); v < last; v++ {
			if l := g.linkFor(v, a); l >= 0 {
				buf = append(buf, seed{v, a, rest + makeCost(g.turnMs(l), 0)})
			}
		}
	}
	return buf
}

// direct returns the cost of driving from p to q without leaving their common segment, noCost where that is impossible,
// and the arc used.
func (g *Graph) direct(p, q Point, w []uint32) (cost, int32) {
	best, arc := noCost, int32(-1)
	if p.seg != q.seg {
		return best, arc
	}
	s := p.seg - 1
	for d := range int32(2) {
		a := g.segArcs[2*s+d]
		if a < 0 || !p.sides.allows(d) || !q.sides.allows(d) || w[a] == closed || d == 0 && p.frac > q.frac || d == 1 && p.frac < q.frac {
			continue
		}
		full := makeCost(w[a], g.segCm[s])
		c := full.part(max(p.frac, q.frac)) - full.part(min(p.frac, q.frac))
		if c < best {
			best, arc = c, a
		}
	}
	return best, arc
}
