package routing

import (
	"errors"
	"fmt"
	"math"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/routing/osm"
)

// Road is a road for a Builder: a line of nodes with one set of attributes.
type Road struct {
	Nodes    []int32 // as AddNode returned them, in driving order of the first direction; at least two
	Name     string
	Class    RoadClass
	SpeedKmh float64 // average driving speed; must be positive
	OneWay   bool    // only in the order of Nodes
	WidthM   float64 // carriageway width in metres, 0 unknown
	Bridge   bool
	Tunnel   bool
	Seasonal bool  // closed in winter
	WayID    int64 // number by which Conditions may name the road; 0 gives it the number of the AddRoad call, from 1
}

// Builder makes a graph by hand, for generated towns and tests. It is not safe for concurrent use.
type Builder struct {
	net  osm.Network
	errs []error
}

// NewBuilder returns an empty builder of a place where traffic keeps to the left, as in Japan.
func NewBuilder() *Builder {
	return &Builder{net: osm.Network{DriveLeft: true, Japan: true}}
}

// KeepRight makes traffic keep to the right.
func (b *Builder) KeepRight() { b.net.DriveLeft, b.net.Japan = false, false }

// AddNode adds a place where roads may meet and returns its number, counted from 0.
func (b *Builder) AddNode(at geo.LatLng) int32 {
	n := int32(len(b.net.Nodes))
	if !at.Valid() {
		b.errs = append(b.errs, fmt.Errorf("node %d at %v: %w", n, at, ErrInvalidPosition))
		at = geo.LatLng{}
	}
	b.net.Nodes = append(b.net.Nodes, osm.Node{ID: int64(n) + 1, At: at})
	return n
}

// AddRoad adds a road. What is wrong with it is reported by Build.
func (b *Builder) AddRoad(r Road) {
	number := int64(len(b.net.Ways) + 1)
	if err := b.check(r); err != nil {
		b.errs = append(b.errs, fmt.Errorf("road %d %q: %w: %w", number, r.Name, ErrInvalidRoad, err))
		return
	}
	w := osm.Way{
		ID: r.WayID, Nodes: append([]int32(nil), r.Nodes...), Name: r.Name, Class: r.Class, Forward: r.SpeedKmh, Backward: r.SpeedKmh,
		WidthM: r.WidthM, Bridge: r.Bridge, Tunnel: r.Tunnel, Seasonal: r.Seasonal,
	}
	if w.ID == 0 {
		w.ID = number
	}
	if r.OneWay {
		w.Backward = 0
	}
	b.net.Ways = append(b.net.Ways, w)
}

func (b *Builder) check(r Road) error {
	if len(r.Nodes) < 2 {
		return errors.New("fewer than two nodes")
	}
	for i, n := range r.Nodes {
		if n < 0 || int(n) >= len(b.net.Nodes) {
			return fmt.Errorf("node %d does not exist", n)
		}
		if i > 0 && r.Nodes[i-1] == n {
			return fmt.Errorf("node %d comes twice in a row", n)
		}
	}
	if !(r.SpeedKmh > 0) || math.IsInf(r.SpeedKmh, 0) {
		return fmt.Errorf("speed %v km/h", r.SpeedKmh)
	}
	if r.Class >= osm.NumRoadClasses {
		return fmt.Errorf("class %d", r.Class)
	}
	return nil
}

// Build returns the graph of everything added, or all that is wrong, each error wrapping ErrInvalidRoad or
// ErrInvalidPosition. A builder without roads gives ErrNoRoad.
func (b *Builder) Build() (*Graph, error) {
	if len(b.errs) > 0 {
		return nil, fmt.Errorf("routing: build graph: %w", errors.Join(b.errs...))
	}
	if len(b.net.Ways) == 0 {
		return nil, fmt.Errorf("routing: build graph: %w", ErrNoRoad)
	}
	g, err := assemble(&b.net, map[string]int{})
	if err != nil {
		return nil, fmt.Errorf("routing: build graph: %w", err)
	}
	return g, nil
}
