package routing

import (
	"math"
	"sync"

	"github.com/swmaas/swmaas/routing/cch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/routing/osm"
)

// RoadClass is the rank of a road, from motorway down to service road.
type RoadClass = osm.RoadClass

// Road classes, the most important first.
const (
	Motorway     = osm.Motorway
	Trunk        = osm.Trunk
	Primary      = osm.Primary
	Secondary    = osm.Secondary
	Tertiary     = osm.Tertiary
	Unclassified = osm.Unclassified
	Residential  = osm.Residential
	LivingStreet = osm.LivingStreet
	Service      = osm.Service
	Track        = osm.Track
	Pedestrian   = osm.Pedestrian
	Ferry        = osm.Ferry
)

// position is a coordinate in units of 1e-7 degree, the resolution of OpenStreetMap (about a centimetre).
type position struct{ lat, lng int32 }

const positionScale = 1e7

func positionOf(p geo.LatLng) position {
	return position{int32(math.Round(p.Lat * positionScale)), int32(math.Round(p.Lng * positionScale))}
}

func (p position) latLng() geo.LatLng {
	return geo.LatLng{Lat: float64(p.lat) / positionScale, Lng: float64(p.lng) / positionScale}
}

// segFlags are yes-or-no attributes of a segment. The bits are part of the file format.
type segFlags uint16

const (
	segRestricted segFlags = 1 << iota // only for trips that start or end here
	segRoundabout
	segLink
	segBridge
	segTunnel
	segToll
	segSeasonal
	segMainAlong   // trips may start and end here in the direction of the segment: the largest connected part is reached
	segMainAgainst // the same against it
	segMain        = segMainAlong | segMainAgainst
)

// Graph is a road network. It is immutable, so any number of goroutines may use it. The zero value is not usable.
type Graph struct {
	graphData
	names     []string // by the values of segName
	hierarchy *cch.Topology

	wayOnce  sync.Once
	wayOrder []int32 // segments ascending by way id; made by waySegments
}

// graphData holds the columns of a graph that the file stores, in file order. Every column is read-only.
type graphData struct {
	// Nodes: nodeAt[n] is where node n is, nodeSignals[n] is 1 where traffic lights stand.
	nodeAt      []position
	nodeSignals []uint8

	// Segments, by segment number.
	segWay        []int64    // id of the OSM way; 0 on a road that was built by hand
	segTail       []int32    // node at its start
	segHead       []int32    // node at its end
	segShapeFirst []int32    // shape[segShapeFirst[s]:segShapeFirst[s+1]] are the points between tail and head
	shape         []position // see segShapeFirst
	segCm         []uint32   // length in centimetres
	segName       []int32    // index into names
	segClass      []uint8    // RoadClass
	segSurface    []uint8    // osm.Surface
	segGradient   []uint8    // osm.Gradient
	segFlags      []segFlags
	segWidth      []uint16 // carriageway width, cm; 0 unknown
	segMaxWidth   []uint16 // widest vehicle, cm; 0 no limit tagged
	segMaxHeight  []uint16 // highest vehicle, cm; 0 no limit tagged
	segMaxWeight  []uint16 // heaviest vehicle, units of 10 kg; 0 no limit tagged

	// Arcs in forward-star order: arcs firstOut[n] to firstOut[n+1] leave node n.
	firstOut []int32
	arcHead  []int32
	arcSeg   []int32  // segment<<1, plus 1 where the arc runs against the segment
	arcMs    []uint32 // driving time with no conditions, milliseconds, at least 1
	segArcs  []int32  // [2*s] is the arc along segment s, [2*s+1] the one against it, -1 where closed

	// Search graph. Vertices 0 to nodes-1 are the nodes with nothing remembered; further ones are nodes with something
	// behind them that bears on what may be driven next, ascending by node. Links 0 to arcs-1 are the arcs, leaving the
	// plain vertices; further ones leave the remembering vertices.
	stateNode []int32  // node of vertex nodes+i
	linkFirst []int32  // link range by vertex, for all vertices
	linkHead  []int32  // vertex by link
	linkArc   []int32  // arc of link arcs+i
	linkTurn  []uint32 // milliseconds that the turn into link arcs+i costs beside its arc
	arcEntry  []int32  // vertex reached by a trip that began on the arc
	forbidden []int32  // number of forbidden turns kept; one element

	// Index over segments, see rtree.
	treeBoxes []box
	treeItems []int32

	traffic []uint8 // one element: 1 where traffic keeps to the left, plus 2 where Japanese defaults were used
}

// NumNodes is the number of junctions and road ends.
func (g *Graph) NumNodes() int { return len(g.nodeAt) }

// NumArcs is the number of directed pieces of road.
func (g *Graph) NumArcs() int { return len(g.arcHead) }

// NumForbiddenTurns is the number of turns, over a node or over ways, that restrictions forbid.
func (g *Graph) NumForbiddenTurns() int { return int(g.forbidden[0]) }

// DriveLeft reports whether traffic keeps to the left.
func (g *Graph) DriveLeft() bool { return g.traffic[0]&1 != 0 }

func (g *Graph) numSegments() int { return len(g.segTail) }
func (g *Graph) numVertices() int { return len(g.linkFirst) - 1 }

// node returns the node of a vertex.
func (g *Graph) node(vertex int32) int32 {
	if n := int32(len(g.nodeAt)); vertex >= n {
		return g.stateNode[vertex-n]
	}
	return vertex
}

// arcOf returns the arc of a link.
func (g *Graph) arcOf(link int32) int32 {
	if m := int32(len(g.arcHead)); link >= m {
		return g.linkArc[link-m]
	}
	return link
}

// turnMs returns what the turn into a link costs beside its arc, milliseconds.
func (g *Graph) turnMs(link int32) uint32 {
	if m := int32(len(g.arcHead)); link >= m {
		return g.linkTurn[link-m]
	}
	return 0
}

// arcTail returns the node that an arc leaves.
func (g *Graph) arcTail(arc int32) int32 {
	s := g.arcSeg[arc]
	if s&1 == 0 {
		return g.segTail[s>>1]
	}
	return g.segHead[s>>1]
}

// segPoints appends the points of a segment from tail to head to buf.
func (g *Graph) segPoints(seg int32, buf []position) []position {
	buf = append(buf, g.nodeAt[g.segTail[seg]])
	buf = append(buf, g.shape[g.segShapeFirst[seg]:g.segShapeFirst[seg+1]]...)
	return append(buf, g.nodeAt[g.segHead[seg]])
}

// Info describes a graph for people.
type Info struct {
	Nodes, Arcs, Segments, ForbiddenTurns int
	Kilometers                            float64 // length of all segments
	MainShare                             float64 // share of the segments that trips may start and end on, 0 to 1
	DriveLeft, Japan                      bool
	South, West, North, East              float64 // bounds, degrees
}

// Info computes the description in one pass over the graph.
func (g *Graph) Info() Info {
	in := Info{
		Nodes: g.NumNodes(), Arcs: g.NumArcs(), Segments: g.numSegments(), ForbiddenTurns: g.NumForbiddenTurns(),
		DriveLeft: g.DriveLeft(), Japan: g.traffic[0]&2 != 0,
	}
	main := 0
	for s, cm := range g.segCm {
		in.Kilometers += float64(cm) / 1e5
		if g.segFlags[s]&segMain != 0 {
			main++
		}
	}
	in.MainShare = float64(main) / float64(max(1, len(g.segCm)))
	if len(g.treeBoxes) > 0 {
		root := g.treeBoxes[len(g.treeBoxes)-1]
		sw, ne := position{root.minLat, root.minLng}.latLng(), position{root.maxLat, root.maxLng}.latLng()
		in.South, in.West, in.North, in.East = sw.Lat, sw.Lng, ne.Lat, ne.Lng
	}
	return in
}
