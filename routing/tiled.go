package routing

import (
	"fmt"

	"github.com/swmaas/swmaas/routing/geo"
)

// joins is the number of roads between two neighbouring copies of a tiled graph.
const joins = 8

// tileStep returns the distance between two copies of a tiled graph in degrees.
func (g *Graph) tileStep() (lat, lng float64) {
	in := g.Info()
	return (in.North - in.South) * 1.01, (in.East - in.West) * 1.01
}

// Tiled returns n by n copies of the graph side by side, to the north and the east, joined by a few straight roads between
// neighbours: a large network with the texture of a real one, for benchmarks.
func (g *Graph) Tiled(n int) (*Graph, error) {
	if n < 1 {
		return nil, fmt.Errorf("routing: tile graph: %d by %d copies", n, n)
	}
	lat, lng := g.tileStep()
	in := g.Info()
	far := geo.LatLng{Lat: in.North + float64(n-1)*lat, Lng: in.East + float64(n-1)*lng}
	if !far.Valid() {
		return nil, fmt.Errorf("routing: tile graph: the corner %v: %w", far, ErrInvalidPosition)
	}
	t := &tiler{from: g, to: &Graph{names: g.names}, n: n}
	t.to.segShapeFirst = []int32{0}
	for copyNo := range n * n {
		t.copy(positionOf(geo.LatLng{Lat: lat * float64(copyNo%n), Lng: lng * float64(copyNo/n)}))
	}
	t.join()
	t.to.buildArcs(t.ms)
	t.copyStates()
	t.to.markMain()
	t.to.buildTree()
	t.to.traffic = g.traffic
	if err := t.to.buildHierarchy(); err != nil {
		return nil, fmt.Errorf("routing: tile graph: %w", err)
	}
	return t.to, nil
}

type tiler struct {
	from, to *Graph
	n        int
	ms       []int32 // driving times as buildArcs takes them
}

// copy appends the nodes and segments of the small graph, moved by a shift.
func (t *tiler) copy(shift position) {
	g, out := t.from, t.to
	moved := func(p position) position { return position{p.lat + shift.lat, p.lng + shift.lng} }
	node, shape := int32(len(out.nodeAt)), int32(len(out.shape))
	for _, p := range g.nodeAt {
		out.nodeAt = append(out.nodeAt, moved(p))
	}
	for _, p := range g.shape {
		out.shape = append(out.shape, moved(p))
	}
	out.nodeSignals = append(out.nodeSignals, g.nodeSignals...)
	for s := range g.segTail {
		out.segTail = append(out.segTail, node+g.segTail[s])
		out.segHead = append(out.segHead, node+g.segHead[s])
		out.segShapeFirst = append(out.segShapeFirst, shape+g.segShapeFirst[s+1])
		for _, a := range g.segArcs[2*s : 2*s+2] {
			if a < 0 {
				t.ms = append(t.ms, -1)
			} else {
				t.ms = append(t.ms, int32(g.arcMs[a]))
			}
		}
	}
	out.segWay = append(out.segWay, g.segWay...)
	out.segCm = append(out.segCm, g.segCm...)
	out.segName = append(out.segName, g.segName...)
	out.segClass = append(out.segClass, g.segClass...)
	out.segSurface = append(out.segSurface, g.segSurface...)
	out.segGradient = append(out.segGradient, g.segGradient...)
	for _, f := range g.segFlags {
		out.segFlags = append(out.segFlags, f&^segMain)
	}
	out.segWidth = append(out.segWidth, g.segWidth...)
	out.segMaxWidth = append(out.segMaxWidth, g.segMaxWidth...)
	out.segMaxHeight = append(out.segMaxHeight, g.segMaxHeight...)
	out.segMaxWeight = append(out.segMaxWeight, g.segMaxWeight...)
}

// join adds two-way roads between neighbouring copies: in each of a few bands along their border, between the nodes that
// lie nearest to it on either side.
func (t *tiler) join() {
	nodes := int32(len(t.from.nodeAt))
	copyAt := func(north, east int) int32 { return int32(east*t.n+north) * nodes }
	south, west, north, east := t.rims()
	for e := range t.n {
		for n := range t.n {
			for k := range joins {
				if n+1 < t.n && north[k] >= 0 && south[k] >= 0 {
					t.road(copyAt(n, e)+north[k], copyAt(n+1, e)+south[k])
				}
				if e+1 < t.n && east[k] >= 0 && west[k] >= 0 {
					t.road(copyAt(n, e)+east[k], copyAt(n, e+1)+west[k])
				}
			}
		}
	}
}

// rims returns, for each band, the node of the largest connected part nearest to each border of the small graph.
func (t *tiler) rims() (south, west, north, east [joins]int32) {
	g := t.from
	root := g.treeBoxes[len(g.treeBoxes)-1]
	band := func(v, lo, hi int32) int { return min(joins-1, int(span(lo, v)*joins/max(1, span(lo, hi)))) }
	for k := range joins {
		south[k], west[k], north[k], east[k] = -1, -1, -1, -1
	}
	nearer := func(slot *int32, n int32, less func(a, b position) bool) {
		if *slot < 0 || less(g.nodeAt[n], g.nodeAt[*slot]) {
			*slot = n
		}
	}
	for s, f := range g.segFlags {
		if f&segMain != segMain {
			continue
		}
		n := g.segTail[s]
		p := g.nodeAt[n]
		i, j := band(p.lng, root.minLng, root.maxLng), band(p.lat, root.minLat, root.maxLat)
		nearer(&south[i], n, func(a, b position) bool { return a.lat < b.lat })
		nearer(&north[i], n, func(a, b position) bool { return a.lat > b.lat })
		nearer(&west[j], n, func(a, b position) bool { return a.lng < b.lng })
		nearer(&east[j], n, func(a, b position) bool { return a.lng > b.lng })
	}
	return south, west, north, east
}

// joinKmh is the speed on the joining roads.
const joinKmh = 60

func (t *tiler) road(tail, head int32) {
	out := t.to
	metres := geo.Distance(out.nodeAt[tail].latLng(), out.nodeAt[head].latLng())
	out.segTail, out.segHead = append(out.segTail, tail), append(out.segHead, head)
	out.segShapeFirst = append(out.segShapeFirst, int32(len(out.shape)))
	out.segWay = append(out.segWay, 0)
	out.segCm = append(out.segCm, uint32(metres*100))
	out.segName = append(out.segName, 0)
	out.segClass = append(out.segClass, uint8(Primary))
	out.segSurface, out.segGradient = append(out.segSurface, 0), append(out.segGradient, 0)
	out.segFlags = append(out.segFlags, 0)
	for _, column := range []*[]uint16{&out.segWidth, &out.segMaxWidth, &out.segMaxHeight, &out.segMaxWeight} {
		*column = append(*column, 0)
	}
	ms := drivingMs(metres, joinKmh)
	t.ms = append(t.ms, ms, ms)
}

// copyStates repeats the vertices that remember turns for every copy. A joining road may be taken from any of them.
func (t *tiler) copyStates() {
	g, out := t.from, t.to
	nodes, states, segs := int32(len(g.nodeAt)), int32(len(g.stateNode)), int32(g.numSegments())
	copies := int32(t.n * t.n)
	vertex := func(copyNo, v int32) int32 {
		if v < nodes {
			return copyNo*nodes + v
		}
		return copies*nodes + copyNo*states + v - nodes
	}
	arc := func(copyNo, a int32) int32 { return out.segArcs[copyNo*2*segs+g.arcSeg[a]] }
	out.linkHead = append([]int32(nil), out.arcHead...)
	out.arcEntry = append([]int32(nil), out.arcHead...)
	out.linkFirst = append([]int32(nil), out.firstOut...)
	for c := range copies {
		for a := range int32(len(g.arcHead)) {
			out.linkHead[arc(c, a)] = vertex(c, g.linkHead[a])
			out.arcEntry[arc(c, a)] = vertex(c, g.arcEntry[a])
		}
	}
	for c := range copies {
		for i, node := range g.stateNode {
			v := nodes + int32(i)
			out.stateNode = append(out.stateNode, c*nodes+node)
			for l := g.linkFirst[v]; l < g.linkFirst[v+1]; l++ {
				out.linkHead = append(out.linkHead, vertex(c, g.linkHead[l]))
				out.linkArc = append(out.linkArc, arc(c, g.arcOf(l)))
				out.linkTurn = append(out.linkTurn, g.turnMs(l))
			}
			for a := out.firstOut[c*nodes+node]; a < out.firstOut[c*nodes+node+1]; a++ {
				if out.arcSeg[a] >= 2*segs*copies {
					out.linkHead, out.linkArc = append(out.linkHead, out.arcHead[a]), append(out.linkArc, a)
					out.linkTurn = append(out.linkTurn, 0)
				}
			}
			out.linkFirst = append(out.linkFirst, int32(len(out.linkHead)))
		}
	}
	out.forbidden = []int32{g.forbidden[0] * copies}
}
