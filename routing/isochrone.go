package routing

import (
	"fmt"
	"math"

	"github.com/swmaas/swmaas/routing/geo"
)

// Isochrone is what can be reached from a point within a time.
type Isochrone struct {
	Seconds int32
	// Roads are the stretches of road that are reached in time, each in driving order.
	Roads [][]geo.LatLng
	// Rings enclose the land beside these roads: outer rings run counter-clockwise, holes clockwise, each closed by
	// repeating its first corner.
	Rings [][]geo.LatLng
}

// besideRoad is how far from a reached road the land counts as reached, metres, and half the width of the raster that the
// rings are traced on.
const besideRoad = 60

// Isochrone returns what can be reached from a point within seconds. The only error is ErrInvalidPoint.
func (v *View) Isochrone(from Point, seconds int32) (Isochrone, error) {
	g := v.r.g
	if !g.has(from) {
		return Isochrone{}, fmt.Errorf("routing: isochrone: %w", ErrInvalidPoint)
	}
	limit := uint32(max(0, min(int64(seconds)*1000, int64(closed)-1)))
	times, err := v.reach(from, limit)
	if err != nil {
		return Isochrone{}, fmt.Errorf("routing: isochrone: %w", err)
	}
	out := Isochrone{Seconds: seconds}
	for _, s := range g.departures(from, v.weights, nil) { // the first stretch, from the point itself
		full := v.weights[s.arc]
		driven := full - s.cost.ms()
		out.addRoad(g, s.arc, driven, uint32(min(uint64(full), uint64(driven)+uint64(limit))), full)
	}
	for vertex, at := range times {
		if at > limit {
			continue
		}
		for l := g.linkFirst[vertex]; l < g.linkFirst[vertex+1]; l++ {
			a := g.arcOf(l)
			if w, turn := v.weights[a], g.turnMs(l); w != closed && at+turn <= limit {
				out.addRoad(g, a, 0, min(w, limit-at-turn), w)
			}
		}
	}
	out.Rings = newRaster(out.Roads).rings()
	return out, nil
}

// addRoad adds the part of an arc between two times since its tail.
func (i *Isochrone) addRoad(g *Graph, arc int32, from, until, full uint32) {
	lo, hi := uint32(uint64(from)*fractionOne/uint64(full)), uint32(uint64(until)*fractionOne/uint64(full))
	s := g.arcSeg[arc]
	pts := g.segPoints(s>>1, nil)
	if s&1 == 1 {
		lo, hi = fractionOne-hi, fractionOne-lo
	}
	i.Roads = append(i.Roads, appendLine(nil, pts, lo, hi, s&1 == 1))
}

// raster marks squares of land. Cell (0, 0) and the outermost cells are never marked.
type raster struct {
	origin        geo.LatLng // south-west corner
	stepLat       float64    // degrees a cell
	stepLng       float64
	width, height int
	marked        []bool
}

// newRaster marks the squares that come within besideRoad of the roads. Where that would take more than maxCells, the
// squares are larger.
func newRaster(roads [][]geo.LatLng) *raster {
	south, west, north, east := 90.0, 180.0, -90.0, -180.0
	for _, road := range roads {
		for _, p := range road {
			south, north, west, east = min(south, p.Lat), max(north, p.Lat), min(west, p.Lng), max(east, p.Lng)
		}
	}
	if south > north {
		return &raster{}
	}
	const maxCells = 4 << 20
	perDegree := geo.EarthRadius * math.Pi / 180
	shrink := math.Max(0.01, math.Cos((south+north)/2*math.Pi/180))
	step := float64(besideRoad)
	for (north-south)*perDegree/step*(east-west)*perDegree*shrink/step > maxCells {
		step *= 2
	}
	r := &raster{stepLat: step / perDegree, stepLng: step / perDegree / shrink}
	r.origin = geo.LatLng{Lat: south - 3*r.stepLat, Lng: west - 3*r.stepLng}
	r.height, r.width = int((north-south)/r.stepLat)+8, int((east-west)/r.stepLng)+8
	r.marked = make([]bool, r.width*r.height)
	for _, road := range roads {
		r.draw(road)
	}
	return r
}

// draw marks the cells along a line and their neighbours.
func (r *raster) draw(line []geo.LatLng) {
	for k, b := range line {
		a := line[max(0, k-1)]
		n := int(math.Ceil(max(math.Abs(b.Lat-a.Lat)/r.stepLat, math.Abs(b.Lng-a.Lng)/r.stepLng)*2)) + 1
		for i := range n + 1 {
			f := float64(i) / float64(n)
			y := int((a.Lat + f*(b.Lat-a.Lat) - r.origin.Lat) / r.stepLat)
			x := int((a.Lng + f*(b.Lng-a.Lng) - r.origin.Lng) / r.stepLng)
			for dy := -1; dy <= 1; dy++ {
				for dx := -1; dx <= 1; dx++ {
					r.marked[(y+dy)*r.width+x+dx] = true
				}
			}
		}
	}
}

// rings traces the borders of the marked land with it on the left, so that outer rings run counter-clockwise. Where two
// marked cells touch at a corner only, they stay apart.
func (r *raster) rings() [][]geo.LatLng {
	type edge struct{ x, y, dx, dy int } // from corner (x, y) one cell along (dx, dy)
	open := map[edge]bool{}
	var order []edge
	add := func(e edge) { open[e] = true; order = append(order, e) }
	at := func(x, y int) bool { return x >= 0 && y >= 0 && x < r.width && y < r.height && r.marked[y*r.width+x] }
	for y := range r.height {
		for x := range r.width {
			if !at(x, y) {
				continue
			}
			if !at(x, y-1) {
				add(edge{x, y, 1, 0})
			}
			if !at(x+1, y) {
				add(edge{x + 1, y, 0, 1})
			}
			if !at(x, y+1) {
				add(edge{x + 1, y + 1, -1, 0})
			}
			if !at(x-1, y) {
				add(edge{x, y + 1, 0, -1})
			}
		}
	}
	var rings [][]geo.LatLng
	for _, first := range order {
		if !open[first] {
			continue
		}
		var ring []geo.LatLng
		usable := func(e edge) bool { return open[e] || e == first }
		for e, done := first, false; !done; done = e == first {
			delete(open, e)
			x, y := e.x+e.dx, e.y+e.dy
			next := edge{x, y, -e.dy, e.dx} // left before straight before right keeps corners apart
			if !usable(next) {
				next = edge{x, y, e.dx, e.dy}
			}
			if !usable(next) {
				next = edge{x, y, e.dy, -e.dx}
			}
			if next.dx != e.dx || next.dy != e.dy {
				ring = append(ring, geo.LatLng{Lat: r.origin.Lat + float64(y)*r.stepLat, Lng: r.origin.Lng + float64(x)*r.stepLng})
			}
			e = next
		}
		rings = append(rings, append(ring, ring[0]))
	}
	return rings
}
