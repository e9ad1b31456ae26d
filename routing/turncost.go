package routing

import "math"

// Costs of turns, milliseconds. Turning across oncoming traffic means waiting for a gap, longer on a busier road;
// turning around in the road takes most. They are judgement, in the range that common car profiles use.
const (
	uTurnMs        = 20000
	maxTurnMs      = 60000
	uTurnNearM     = 400.0 // how far from a forbidden turn turning around is priced
	acrossFromDeg  = 45.0  // turns by less go with the road
	acrossUntilDeg = 165.0
)

// acrossMs is what it costs to turn across traffic where the busier of the two roads is of a class, milliseconds.
var acrossMs = [numClasses]uint32{Motorway: 0, Trunk: 8000, Primary: 8000, Secondary: 6000}

// turnCosts prices pairs of arcs that follow each other:
//
//   - turns across oncoming traffic (to the right where traffic keeps left) out of or into a road of the classes in acrossMs,
//     at junctions of three roads or more,
//   - turning around at a junction near a forbidden turn. Elsewhere no fastest way does it: only a restriction
//     makes a driver overshoot and come back.
func (g *Graph) turnCosts(turns [][]int32) map[[2]int32]uint32 {
	costs := map[[2]int32]uint32{}
	degree := make([]int32, len(g.nodeAt))
	for s := range g.segTail {
		degree[g.segTail[s]]++
		degree[g.segHead[s]]++
	}
	for a := range int32(len(g.arcHead)) {
		v := g.arcHead[a]
		if degree[v] < 3 || g.segFlags[g.arcSeg[a]>>1]&segRoundabout != 0 {
			continue
		}
		for b := g.firstOut[v]; b < g.firstOut[v+1]; b++ {
			if ms := g.acrossCost(a, b); ms > 0 {
				costs[[2]int32{a, b}] = ms
			}
		}
	}
	for a := range g.arcsNear(turns) {
		v := g.arcHead[a]
		for b := g.firstOut[v]; b < g.firstOut[v+1]; b++ {
			if g.arcSeg[b] == g.arcSeg[a]^1 && g.firstOut[v+1]-g.firstOut[v] > 1 {
				costs[[2]int32{a, b}] = uTurnMs
			}
		}
	}
	return costs
}

// acrossCost prices a turn across oncoming traffic, 0 for every other one.
func (g *Graph) acrossCost(a, b int32) uint32 {
	sa, sb := g.arcSeg[a]>>1, g.arcSeg[b]>>1
	ms := max(acrossMs[g.segClass[sa]], acrossMs[g.segClass[sb]])
	if ms == 0 || sa == sb || g.segFlags[sb]&segRoundabout != 0 {
		return 0
	}
	if g.segArcs[2*sa] < 0 || g.segArcs[2*sa+1] < 0 { // one-way: nothing comes towards the driver on this road
		if acrossMs[g.segClass[sb]] == 0 || g.segArcs[2*sb] < 0 || g.segArcs[2*sb+1] < 0 {
			return 0
		}
	}
	angle := g.turnAngle(a, b)
	if !g.DriveLeft() {
		angle = -angle
	}
	if angle < acrossFromDeg || angle > acrossUntilDeg {
		return 0
	}
	return ms
}

// turnAngle is the change of direction from arc a to arc b, degrees, positive to the right, in (-180, 180].
func (g *Graph) turnAngle(a, b int32) float64 {
	in, out := g.endPiece(a, true), g.endPiece(b, false)
	return math.Remainder(bearingOf(out[0], out[1])-bearingOf(in[0], in[1]), 360)
}

// endPiece returns the last straight piece of an arc, or its first, in driving order.
func (g *Graph) endPiece(arc int32, last bool) [2]position {
	s := g.arcSeg[arc]
	pts := g.segPoints(s>>1, nil)
	n := len(pts)
	switch against := s&1 == 1; {
	case last && !against:
		return [2]position{pts[n-2], pts[n-1]}
	case last:
		return [2]position{pts[1], pts[0]}
	case !against:
		return [2]position{pts[0], pts[1]}
	default:
		return [2]position{pts[n-1], pts[n-2]}
	}
}

// bearingOf is the direction of a short piece in degrees clockwise from north.
func bearingOf(a, b position) float64 {
	k := math.Cos(a.latLng().Lat * math.Pi / 180)
	return math.Atan2(span(a.lng, b.lng)*k, span(a.lat, b.lat)) * 180 / math.Pi
}

// arcsNear returns the arcs that begin within uTurnNearM, along the road, of the last junction of a forbidden turn.
func (g *Graph) arcsNear(turns [][]int32) map[int32]bool {
	arcs := map[int32]bool{}
	metres := map[int32]float64{} // by node
	var heap minHeap[int32]
	for _, t := range turns {
		v := g.arcHead[t[len(t)-2]]
		metres[v] = 0
		heap.push(0, v)
	}
	for heap.len() > 0 {
		m, v := heap.pop()
		if m > metres[v] {
			continue
		}
		for a := g.firstOut[v]; a < g.firstOut[v+1]; a++ {
			arcs[a] = true
			h := g.arcHead[a]
			next := m + float64(g.segCm[g.arcSeg[a]>>1])/100
			if old, ok := metres[h]; next <= uTurnNearM && (!ok || next < old) {
				metres[h] = next
				heap.push(next, h)
			}
		}
	}
	return arcs
}
