package routing

import (
	"fmt"

	"github.com/swmaas/swmaas/routing/osm"
)

// check makes sure that every index of a graph from a file points into its column, so that no search can leave the
// arrays whatever the file holds. It returns what is wrong, "" where nothing is.
func (g *Graph) check() string {
	n, m, s := len(g.nodeAt), len(g.arcHead), len(g.segTail)
	vertices := n + len(g.stateNode)
	for _, c := range [...]struct {
		name      string
		got, want int
	}{
		{"node signals", len(g.nodeSignals), n},
		{"segment ways", len(g.segWay), s},
		{"segment heads", len(g.segHead), s},
		{"segment shape index", len(g.segShapeFirst), s + 1},
		{"segment lengths", len(g.segCm), s},
		{"segment names", len(g.segName), s},
		{"segment classes", len(g.segClass), s},
		{"segment surfaces", len(g.segSurface), s},
		{"segment gradients", len(g.segGradient), s},
		{"segment flags", len(g.segFlags), s},
		{"segment widths", len(g.segWidth), s},
		{"segment width limits", len(g.segMaxWidth), s},
		{"segment height limits", len(g.segMaxHeight), s},
		{"segment weight limits", len(g.segMaxWeight), s},
		{"first arcs", len(g.firstOut), n + 1},
		{"arc segments", len(g.arcSeg), m},
		{"arc times", len(g.arcMs), m},
		{"segment arcs", len(g.segArcs), 2 * s},
		{"first links", len(g.linkFirst), vertices + 1},
		{"link heads", len(g.linkHead), m + len(g.linkArc)},
		{"turn times", len(g.linkTurn), len(g.linkArc)},
		{"arc entries", len(g.arcEntry), m},
		{"forbidden turns", len(g.forbidden), 1},
		{"tree items", len(g.treeItems), s},
		{"tree boxes", len(g.treeBoxes), treeSize(s)},
		{"traffic", len(g.traffic), 1},
	} {
		if c.got != c.want {
			return fmt.Sprintf("%d %s instead of %d", c.got, c.name, c.want)
		}
	}
	for _, c := range [...]struct {
		name   string
		values []int32
		lo, hi int // lowest allowed, first one not allowed
	}{
		{"segment tail", g.segTail, 0, n},
		{"segment head", g.segHead, 0, n},
		{"segment name", g.segName, 0, len(g.names)},
		{"arc head", g.arcHead, 0, n},
		{"arc segment", g.arcSeg, 0, 2 * s},
		{"segment arc", g.segArcs, -1, m},
		{"vertex node", g.stateNode, 0, n},
		{"link head", g.linkHead, 0, vertices},
		{"link arc", g.linkArc, 0, m},
		{"arc entry", g.arcEntry, 0, vertices},
		{"tree item", g.treeItems, 0, s},
	} {
		for i, v := range c.values {
			if int(v) < c.lo || int(v) >= c.hi {
				return fmt.Sprintf("%s %d is %d", c.name, i, v)
			}
		}
	}
	return g.checkShape(vertices)
}

// checkShape makes sure that ranges ascend and that arcs and links belong together.
func (g *Graph) checkShape(vertices int) string {
	m := len(g.arcHead)
	switch {
	case !ascends(g.segShapeFirst, len(g.shape)):
		return "segment shape index is out of order"
	case !ascends(g.firstOut, m):
		return "first arcs are out of order"
	case !ascends(g.linkFirst, len(g.linkHead)):
		return "first links are out of order"
	}
	for v := range g.nodeAt {
		if g.linkFirst[v+1] != g.firstOut[v+1] {
			return fmt.Sprintf("links of vertex %d are not its arcs", v)
		}
		for a := g.firstOut[v]; a < g.firstOut[v+1]; a++ {
			if g.segArcs[g.arcSeg[a]] != a || g.arcTail(a) != int32(v) {
				return fmt.Sprintf("arc %d does not lie on its segment", a)
			}
		}
	}
	for v := len(g.nodeAt); v < vertices; v++ {
		i := v - len(g.nodeAt)
		if i > 0 && g.stateNode[i] < g.stateNode[i-1] {
			return "vertex nodes are out of order"
		}
		for l := g.linkFirst[v]; l < g.linkFirst[v+1]; l++ {
			if g.arcTail(g.arcOf(l)) != g.stateNode[i] {
				return fmt.Sprintf("link %d does not leave its vertex", l)
			}
		}
	}
	for l, head := range g.linkHead {
		if g.node(head) != g.arcHead[g.arcOf(int32(l))] {
			return fmt.Sprintf("link %d does not reach its vertex", l)
		}
	}
	for a, v := range g.arcEntry {
		if g.node(v) != g.arcHead[a] {
			return fmt.Sprintf("arc %d does not enter its vertex", a)
		}
	}
	for l, ms := range g.linkTurn {
		if ms > maxTurnMs {
			return fmt.Sprintf("turn %d takes %d ms", l, ms)
		}
	}
	for s := range g.segTail {
		if g.segClass[s] >= uint8(osm.NumRoadClasses) || g.segSurface[s] >= uint8(osm.NumSurfaces) || g.segGradient[s] >= uint8(osm.NumGradients) {
			return fmt.Sprintf("segment %d has an unknown class, surface or gradient", s)
		}
		for d, a := range g.segArcs[2*s : 2*s+2] {
			if a >= 0 && int(g.arcSeg[a]) != 2*s+d {
				return fmt.Sprintf("segment %d does not hold its arcs", s)
			}
		}
	}
	for a, ms := range g.arcMs {
		if ms == 0 || ms > maxArc || g.segCm[g.arcSeg[a]>>1] > maxArc {
			return fmt.Sprintf("arc %d has an impossible time or length", a)
		}
	}
	for i, p := range g.nodeAt {
		if !p.latLng().Valid() {
			return fmt.Sprintf("node %d is out of range", i)
		}
	}
	return ""
}

// ascends reports whether the values start at 0, never fall and end at last.
func ascends(values []int32, last int) bool {
	if len(values) == 0 || values[0] != 0 || int(values[len(values)-1]) != last {
		return false
	}
	for i := 1; i < len(values); i++ {
		if values[i] < values[i-1] {
			return false
		}
	}
	return true
}

// treeSize is the number of boxes of a tree over n items.
func treeSize(n int) int {
	if n == 0 {
		return 0
	}
	levels := treeLevels(n)
	return levels[len(levels)-1]
}
