package routing

import "github.com/swmaas/swmaas/routing/geo"

// draw makes the geometry and steps of a trip from one point along arcs to another: the first arc is the one that from
// lies on, the last the one that to lies on, and they may be the same single arc.
func (g *Graph) draw(from, to Point, arcs []int32) Path {
	var p Path
	var pts []position
	for i, a := range arcs {
		p.Arcs = append(p.Arcs, ArcID(a))
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
		pts = g.segPoints(s, pts[:0])
		line := cut(pts, lo, hi)
		if against {
			for i, j := 0, len(line)-1; i < j; i, j = i+1, j-1 {
				line[i], line[j] = line[j], line[i]
			}
		}
		g.addStep(&p, s, hi-lo)
		if n := len(p.Ways); n == 0 || p.Ways[n-1] != g.segWay[s] {
			p.Ways = append(p.Ways, g.segWay[s])
		}
		for _, c := range line {
			if n := len(p.Geometry); n == 0 || p.Geometry[n-1] != c {
				p.Geometry = append(p.Geometry, c)
			}
		}
	}
	for i := range p.Steps {
		if k := p.Steps[i].First; i > 0 && k > 0 && k+1 < len(p.Geometry) {
			p.Steps[i].Turn = turnBetween(p.Geometry[k-1], p.Geometry[k], p.Geometry[k+1])
		}
	}
	return p
}

// addStep adds the share of a segment to the path's last step, or begins a new one where the road's name changes. A step
// begins at the last coordinate drawn so far.
func (g *Graph) addStep(p *Path, seg int32, share uint32) {
	name, class := g.names[g.segName[seg]], RoadClass(g.segClass[seg])
	meters := makeCost(0, g.segCm[seg]).part(share).meters()
	if n := len(p.Steps); n > 0 && p.Steps[n-1].Name == name && p.Steps[n-1].Class == class {
		p.Steps[n-1].Meters += meters
		return
	}
	p.Steps = append(p.Steps, Step{Name: name, Class: class, Meters: meters, First: max(0, len(p.Geometry)-1)})
}

// cut returns the line between two shares of its length, both ends included.
func cut(pts []position, lo, hi uint32) []geo.LatLng {
	var out []geo.LatLng
	first, f := 0, 0.0
	last, l := len(pts)-2, 1.0
	if lo > 0 {
		first, f = locate(pts, lo)
	}
	if hi < fractionOne {
		last, l = locate(pts, hi)
	}
	out = append(out, between(pts, first, f))
	for k := first + 1; k <= last; k++ {
		out = append(out, pts[k].latLng())
	}
	return append(out, between(pts, last, l))
}
