package routing

import (
	"slices"

	"github.com/swmaas/swmaas/routing/geo"
)

// draw makes the geometry and steps of a trip from one point along arcs to another: the first arc is the one that from
// lies on, the last the one that to lies on, and they may be the same single arc.
func (g *Graph) draw(from, to Point, arcs []int32) Path {
	shape := 2
	for _, a := range arcs {
		s := g.arcSeg[a] >> 1
		shape += int(g.segShapeFirst[s+1]-g.segShapeFirst[s]) + 1
	}
	p := Path{Geometry: make([]geo.LatLng, 0, shape), Arcs: make([]ArcID, len(arcs))}
	var pts []position
	for i, a := range arcs {
		p.Arcs[i] = ArcID(a)
		s := g.arcSeg[a] >> 1
		lo, hi := uint32(0), uint32(fractionOne) // the shares of the segment between which the arc is driven
		against := g.arcSeg[a]&1 == 1
		if i == 0 {
			if against {
				hi = from.frac
			} else {
				lo = from.frac
			}
		}
		if i == len(arcs)-1 {
			if against {
				lo = to.frac
			} else {
				hi = to.frac
			}
		}
		g.addStep(&p, s, hi-lo)
		pts = g.segPoints(s, pts[:0])
		p.Geometry = appendLine(p.Geometry, pts, lo, hi, against)
	}
	for i := range p.Steps {
		if k := p.Steps[i].First; i > 0 && k > 0 && k+1 < len(p.Geometry) {
			p.Steps[i].Turn = turnBetween(p.Geometry[k-1], p.Geometry[k], p.Geometry[k+1])
		}
	}
	return p
}

// addStep adds the share of a segment to the path's last step and way, or begins new ones where the road's name, class or
// way changes. A step begins at the last coordinate drawn so far.
func (g *Graph) addStep(p *Path, seg int32, share uint32) {
	if n := len(p.Ways); n == 0 || p.Ways[n-1] != g.segWay[seg] {
		p.Ways = append(p.Ways, g.segWay[seg])
	}
	name, class := g.names[g.segName[seg]], RoadClass(g.segClass[seg])
	meters := makeCost(0, g.segCm[seg]).part(share).meters()
	if n := len(p.Steps); n > 0 && p.Steps[n-1].Name == name && p.Steps[n-1].Class == class {
		p.Steps[n-1].Meters += meters
		return
	}
	p.Steps = append(p.Steps, Step{Name: name, Class: class, Meters: meters, First: max(0, len(p.Geometry)-1)})
}

// appendLine appends the points of a segment between two shares of its length, from the later one back where against is
// set, without repeating the last point of out.
func appendLine(out []geo.LatLng, pts []position, lo, hi uint32, against bool) []geo.LatLng {
	if against {
		slices.Reverse(pts)
		lo, hi = fractionOne-hi, fractionOne-lo
	}
	add := func(c geo.LatLng) {
		if n := len(out); n == 0 || out[n-1] != c {
			out = append(out, c)
		}
	}
	if lo == 0 && hi == fractionOne {
		for _, p := range pts {
			add(p.latLng())
		}
		return out
	}
	first, f := 0, 0.0
	last, l := len(pts)-2, 1.0
	if lo > 0 {
		first, f = locate(pts, lo)
	}
	if hi < fractionOne {
		last, l = locate(pts, hi)
	}
	add(between(pts, first, f))
	for k := first + 1; k <= last; k++ {
		add(pts[k].latLng())
	}
	add(between(pts, last, l))
	return out
}
