package routing

import (
	"slices"

	"github.com/swmaas/swmaas/routing/geo"
)

// drawer draws one path: what is known of its last step and way while it grows.
type drawer struct {
	g     *Graph
	p     *Path
	name  int32  // of the last step
	class uint8  // of the last step
	cm    uint64 // length of the last step
	pts   []position
}

// draw fills in the geometry and steps of a trip from one point along arcs to another: the first arc is the one that from
// lies on, the last the one that to lies on, and they may be the same single arc. It reuses the slices of p, and pts as
// scratch, which it returns.
func (g *Graph) draw(p *Path, from, to Point, arcs []int32, pts []position) []position {
	d := drawer{g: g, p: p, pts: pts}
	p.Geometry, p.Steps, p.Ways, p.Arcs = p.Geometry[:0], p.Steps[:0], p.Ways[:0], slices.Grow(p.Arcs[:0], len(arcs))
	for _, a := range arcs {
		p.Arcs = append(p.Arcs, ArcID(a))
	}
	last := len(arcs) - 1
	if last == 0 {
		d.part(arcs[0], from.frac, to.frac)
	} else {
		d.part(arcs[0], from.frac, g.arcEnd(arcs[0]))
		for _, a := range arcs[1:last] {
			d.whole(a)
		}
		d.part(arcs[last], fractionOne-g.arcEnd(arcs[last]), to.frac)
	}
	d.endStep()
	for i := range p.Steps {
		if k := p.Steps[i].First; i > 0 && k > 0 && k+1 < len(p.Geometry) {
			p.Steps[i].Turn = turnBetween(p.Geometry[k-1], p.Geometry[k], p.Geometry[k+1])
		}
	}
	return d.pts
}

// arcEnd is the share of its segment at which an arc ends: one of its two ends.
func (g *Graph) arcEnd(arc int32) uint32 {
	if g.arcSeg[arc]&1 == 1 {
		return 0
	}
	return fractionOne
}

// part draws an arc from one share of its segment to another.
func (d *drawer) part(arc int32, from, to uint32) {
	s := d.g.arcSeg[arc] >> 1
	lo, hi := min(from, to), max(from, to)
	d.step(s, makeCost(0, d.g.segCm[s]).part(hi-lo).cm())
	d.pts = d.g.segPoints(s, d.pts[:0])
	d.p.Geometry = appendLine(d.p.Geometry, d.pts, lo, hi, d.g.arcSeg[arc]&1 == 1)
}

// whole draws an arc whose first point is drawn already.
func (d *drawer) whole(arc int32) {
	g := d.g
	s := g.arcSeg[arc] >> 1
	d.step(s, g.segCm[s])
	shape := g.shape[g.segShapeFirst[s]:g.segShapeFirst[s+1]]
	line := slices.Grow(d.p.Geometry, len(shape)+1)
	last := g.nodeAt[g.arcTail(arc)]
	if g.arcSeg[arc]&1 == 0 {
		for _, at := range shape {
			if at != last {
				line = append(line, at.latLng())
			}
			last = at
		}
	} else {
		for i := len(shape) - 1; i >= 0; i-- {
			if shape[i] != last {
				line = append(line, shape[i].latLng())
			}
			last = shape[i]
		}
	}
	if at := g.nodeAt[g.arcHead[arc]]; at != last {
		line = append(line, at.latLng())
	}
	d.p.Geometry = line
}

// step adds cm of a segment to the path's last step and way, or begins new ones where the road's name, class or way
// changes. A step begins at the last coordinate drawn so far.
func (d *drawer) step(seg int32, cm uint32) {
	g, p := d.g, d.p
	if n := len(p.Ways); n == 0 || p.Ways[n-1] != g.segWay[seg] {
		p.Ways = append(p.Ways, g.segWay[seg])
	}
	if name, class := g.segName[seg], g.segClass[seg]; len(p.Steps) == 0 || name != d.name || class != d.class {
		d.endStep()
		d.name, d.class, d.cm = name, class, 0
		p.Steps = append(p.Steps, Step{Name: g.names[name], Class: RoadClass(class), First: max(0, len(p.Geometry)-1)})
	}
	d.cm += uint64(cm)
}

// endStep writes down the length of the last step.
func (d *drawer) endStep() {
	if n := len(d.p.Steps); n > 0 {
		d.p.Steps[n-1].Meters = int32((d.cm + 50) / 100)
	}
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
