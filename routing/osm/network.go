package osm

import (
	"slices"

	"github.com/swmaas/swmaas/routing/geo"
)

// RoadClass is the rank of a road, from the highway tag.
type RoadClass uint8

// Road classes, the most important first; link roads (ramps) belong to the class that they join. The order is part of the
// graph file format.
const (
	Motorway RoadClass = iota
	Trunk
	Primary
	Secondary
	Tertiary
	Unclassified
	Residential
	LivingStreet
	Service
	Track
	Pedestrian // a street for walkers that motor vehicles may enter
	Ferry
	NumRoadClasses // how many there are; not a class
)

var classNames = [NumRoadClasses]string{
	"motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential",
	"living_street", "service", "track", "pedestrian", "ferry",
}

// String returns the tag value of the class, "unknown" outside the range.
func (c RoadClass) String() string {
	if c >= NumRoadClasses {
		return "unknown"
	}
	return classNames[c]
}

// Surface is what a road is covered with, as far as it matters for speed.
type Surface uint8

// Surfaces. Untagged roads have SurfaceUnknown, which is driven like a paved one. The order is part of the graph file
// format.
const (
	SurfaceUnknown Surface = iota
	SurfacePaved
	SurfaceRough // sett, cobbles, bad concrete plates
	SurfaceUnpaved
	SurfaceSoft // earth, grass, sand
	NumSurfaces
)

// Gradient is how steep a road is, from the incline tag.
type Gradient uint8

// Gradients. Few roads are tagged; those that are not have GradientUnknown. The order is part of the graph file format.
const (
	GradientUnknown Gradient = iota
	GradientGentle           // up to 4 %
	GradientHilly            // up to 8 %
	GradientSteep            // above, or tagged as going up or down without a figure
	NumGradients
)

// Node is a node that some kept way passes.
type Node struct {
	ID int64
	At geo.LatLng
	// Blocked means that no motor vehicle passes this node: a bollard, a closed gate. Roads that meet there do not connect.
	Blocked bool
	// Signals means that traffic lights stand here.
	Signals bool
}

// Way is a piece of road between two or more nodes with one set of attributes. A way of the file that loses nodes at the
// border of the extract gives several pieces with one ID.
type Way struct {
	ID    int64
	Nodes []int32 // indices into Network.Nodes, at least two, no two neighbours equal
	Name  string
	Class RoadClass
	// Forward and Backward are driving speeds in km/h along and against the node order; 0 means closed in that direction.
	Forward, Backward float64
	Surface           Surface
	Gradient          Gradient
	// Restricted means that the road may be used only by those who start or end a trip on it (access private,
	// destination, customers and the like).
	Restricted bool
	Roundabout bool
	Link       bool // ramp or slip road
	Bridge     bool
	Tunnel     bool
	Toll       bool
	// Seasonal means that tags close the road for a part of the year.
	Seasonal bool
	// Lanes is the number of marked lanes in both directions, 0 where it is not tagged.
	Lanes uint8
	// WidthM is the carriageway width in metres; the limits are the largest vehicle that may pass, in metres and tonnes.
	// 0 means not tagged.
	WidthM, MaxWidthM, MaxHeightM, MaxWeightT float64
}

// Restriction is one turn restriction: after From and the Via ways (or right at ViaNode where Via is empty) the way To must
// not be taken, or must be taken where Only is set. Ways are indices into Network.Ways; a From or To way of the file that
// lies in several pieces gives several candidates, of which only those that meet apply.
type Restriction struct {
	ID      int64
	Only    bool
	From    []int32
	ViaNode int32 // index into Network.Nodes, -1 where Via is given
	Via     [][]int32
	To      []int32
}

// Network is what a car may use of an extract.
type Network struct {
	Nodes        []Node
	Ways         []Way
	Restrictions []Restriction
	// DriveLeft is true where traffic keeps to the left.
	DriveLeft bool
	// Japan is true where Japanese speed defaults were used.
	Japan bool
}

// Report says what an import read and what it left out.
type Report struct {
	Nodes, Ways, Relations int     // elements read that had to do with roads
	Dropped                []Count // what was left out or ignored, by reason, the most frequent first
}

// Count is how often something happened.
type Count struct {
	Reason string
	N      int
}

// ParseRoadClass is the inverse of RoadClass.String.
func ParseRoadClass(name string) (RoadClass, bool) {
	i := slices.Index(classNames[:], name)
	return RoadClass(max(i, 0)), i >= 0
}

var surfaceNames = [NumSurfaces]string{"unknown", "paved", "rough", "unpaved", "soft"}

// String returns the name of the surface, "unknown" outside the range.
func (s Surface) String() string {
	if s >= NumSurfaces {
		return surfaceNames[SurfaceUnknown]
	}
	return surfaceNames[s]
}

var gradientNames = [NumGradients]string{"unknown", "gentle", "hilly", "steep"}

// String returns the name of the gradient, "unknown" outside the range.
func (g Gradient) String() string {
	if g >= NumGradients {
		return gradientNames[GradientUnknown]
	}
	return gradientNames[g]
}

// ParseGradient is the inverse of Gradient.String.
func ParseGradient(name string) (Gradient, bool) {
	i := slices.Index(gradientNames[:], name)
	return Gradient(max(i, 0)), i >= 0
}

// ParseSurface is the inverse of Surface.String.
func ParseSurface(name string) (Surface, bool) {
	i := slices.Index(surfaceNames[:], name)
	return Surface(max(i, 0)), i >= 0
}
