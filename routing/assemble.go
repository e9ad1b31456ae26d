package routing

import (
	"math"
	"slices"

	"github.com/swmaas/swmaas/routing/cch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/routing/osm"
)

// closed is the weight of an arc that cannot be driven.
const closed = cch.Inf

// assembly is the state of turning a network of ways into a graph.
type assembly struct {
	net     *osm.Network
	nodeOf  []int32   // graph node by network node, -1 where it is no junction
	waySegs [][]int32 // segments of each way, in way order
	names   map[string]int32
	g       *Graph
	dropped map[string]int
}

// assemble builds the graph of a network. dropped gains the restrictions that could not be kept. The one error is a network
// too large for the hierarchy.
func assemble(net *osm.Network, dropped map[string]int) (*Graph, error) {
	a := &assembly{
		net: net, nodeOf: make([]int32, len(net.Nodes)), waySegs: make([][]int32, len(net.Ways)),
		names: map[string]int32{"": 0}, g: &Graph{names: []string{""}}, dropped: dropped,
	}
	a.placeNodes()
	a.g.segShapeFirst = []int32{0}
	for i := range net.Ways {
		a.addWay(int32(i))
	}
	a.g.buildArcs(a.speeds())
	left := uint8(0)
	if net.DriveLeft {
		left = 1
	}
	a.g.traffic = []uint8{left}
	if net.Japan {
		a.g.traffic[0] |= 2
	}
	turns := a.forbiddenTurns()
	a.g.buildStates(turns, a.g.turnCosts(turns))
	a.g.markMain()
	a.g.buildTree()
	if err := a.g.buildHierarchy(); err != nil {
		return nil, err
	}
	return a.g, nil
}

// placeNodes finds the junctions: the ends of ways and the nodes that are passed more than once. A blocked node gets no
// graph node of its own: every road that reaches it ends there by itself.
func (a *assembly) placeNodes() {
	uses := make([]uint8, len(a.net.Nodes))
	for i := range a.net.Ways {
		nodes := a.net.Ways[i].Nodes
		for k, n := range nodes {
			if k == 0 || k == len(nodes)-1 {
				uses[n] = 2
			} else {
				uses[n] = min(2, uses[n]+1)
			}
		}
	}
	for n := range a.net.Nodes {
		a.nodeOf[n] = -1
		if uses[n] == 2 && !a.net.Nodes[n].Blocked {
			a.nodeOf[n] = a.newNode(int32(n))
		}
	}
}

func (a *assembly) newNode(n int32) int32 {
	signals := uint8(0)
	if a.net.Nodes[n].Signals {
		signals = 1
	}
	a.g.nodeAt = append(a.g.nodeAt, positionOf(a.net.Nodes[n].At))
	a.g.nodeSignals = append(a.g.nodeSignals, signals)
	return int32(len(a.g.nodeAt) - 1)
}

// end returns the graph node where a segment ends: the junction, or a new dead end at a blocked node.
func (a *assembly) end(n int32) int32 {
	if a.nodeOf[n] >= 0 {
		return a.nodeOf[n]
	}
	return a.newNode(n)
}

// addWay cuts a way into segments at its junctions and blocked nodes.
func (a *assembly) addWay(way int32) {
	nodes := a.net.Ways[way].Nodes
	start := 0
	for k := 1; k < len(nodes); k++ {
		if a.nodeOf[nodes[k]] >= 0 || a.net.Nodes[nodes[k]].Blocked {
			a.addSegment(way, nodes[start:k+1])
			start = k
		}
	}
}

func (a *assembly) addSegment(way int32, nodes []int32) {
	g, w := a.g, &a.net.Ways[way]
	seg := int32(len(g.segTail))
	metres := 0.0
	last := positionOf(a.net.Nodes[nodes[0]].At)
	for k, n := range nodes[1:] {
		at := positionOf(a.net.Nodes[n].At)
		metres += geo.Distance(last.latLng(), at.latLng())
		if k < len(nodes)-2 {
			g.shape = append(g.shape, at)
		}
		last = at
	}
	g.segTail = append(g.segTail, a.end(nodes[0]))
	g.segHead = append(g.segHead, a.end(nodes[len(nodes)-1]))
	g.segShapeFirst = append(g.segShapeFirst, int32(len(g.shape)))
	g.segWay = append(g.segWay, w.ID)
	g.segCm = append(g.segCm, uint32(math.Round(min(metres*100, maxArc))))
	g.segName = append(g.segName, a.name(w.Name))
	g.segClass = append(g.segClass, uint8(w.Class))
	g.segSurface = append(g.segSurface, uint8(w.Surface))
	g.segGradient = append(g.segGradient, uint8(w.Gradient))
	g.segFlags = append(g.segFlags, flagsOf(w))
	g.segWidth = append(g.segWidth, hundredths(w.WidthM))
	g.segMaxWidth = append(g.segMaxWidth, hundredths(w.MaxWidthM))
	g.segMaxHeight = append(g.segMaxHeight, hundredths(w.MaxHeightM))
	g.segMaxWeight = append(g.segMaxWeight, hundredths(w.MaxWeightT))
	g.segArcs = append(g.segArcs, drivingMs(metres, w.Forward), drivingMs(metres, w.Backward))
	a.waySegs[way] = append(a.waySegs[way], seg)
}

// drivingMs is the time for a length at a speed in km/h: milliseconds, at least 1, -1 where the speed is 0.
func drivingMs(metres, kmh float64) int32 {
	if !(kmh > 0) {
		return -1
	}
	return int32(max(1, math.Round(min(metres*3600/kmh, maxArc))))
}

// speeds takes over the driving times that addSegment left in segArcs.
func (a *assembly) speeds() []int32 {
	ms := a.g.segArcs
	a.g.segArcs = nil
	return ms
}

func (a *assembly) name(s string) int32 {
	id, ok := a.names[s]
	if !ok {
		id = int32(len(a.g.names))
		a.names[s] = id
		a.g.names = append(a.g.names, s)
	}
	return id
}

func flagsOf(w *osm.Way) segFlags {
	var f segFlags
	for _, b := range [...]struct {
		on   bool
		flag segFlags
	}{
		{w.Restricted, segRestricted},
		{w.Roundabout, segRoundabout},
		{w.Link, segLink},
		{w.Bridge, segBridge},
		{w.Tunnel, segTunnel},
		{w.Toll, segToll},
		{w.Seasonal, segSeasonal},
	} {
		if b.on {
			f |= b.flag
		}
	}
	return f
}

// hundredths stores a limit in hundredths of its unit, at most 655.35.
func hundredths(v float64) uint16 { return uint16(math.Round(min(max(v, 0)*100, math.MaxUint16))) }

// buildArcs makes the forward star from segment times: ms[2*s] along segment s, ms[2*s+1] against it, -1 where closed.
func (g *Graph) buildArcs(ms []int32) {
	n := len(g.nodeAt)
	g.firstOut = make([]int32, n+1)
	each := func(visit func(tail, head, arcSeg, ms int32)) {
		for s := range g.segTail {
			if ms[2*s] >= 0 {
				visit(g.segTail[s], g.segHead[s], int32(2*s), ms[2*s])
			}
			if ms[2*s+1] >= 0 {
				visit(g.segHead[s], g.segTail[s], int32(2*s+1), ms[2*s+1])
			}
		}
	}
	each(func(tail, _, _, _ int32) { g.firstOut[tail+1]++ })
	for i := range n {
		g.firstOut[i+1] += g.firstOut[i]
	}
	m := g.firstOut[n]
	g.arcHead, g.arcSeg, g.arcMs = make([]int32, m), make([]int32, m), make([]uint32, m)
	g.segArcs = make([]int32, len(ms))
	for i := range g.segArcs {
		g.segArcs[i] = -1
	}
	next := slices.Clone(g.firstOut)
	each(func(tail, head, arcSeg, ms int32) {
		a := next[tail]
		next[tail]++
		g.arcHead[a], g.arcSeg[a], g.arcMs[a] = head, arcSeg, uint32(ms)
		g.segArcs[arcSeg] = a
	})
}
