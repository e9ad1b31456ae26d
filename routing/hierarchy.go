package routing

import (
	"fmt"
	"math"

	"github.com/swmaas/swmaas/routing/cch"
)

// linkGraph returns the search graph as the hierarchy takes it: vertices as nodes, links as arcs.
func (g *Graph) linkGraph() cch.Graph {
	out := cch.Graph{Nodes: g.numVertices(), Tail: make([]uint32, len(g.linkHead)), Head: make([]uint32, len(g.linkHead))}
	for v := range g.numVertices() {
		for l := g.linkFirst[v]; l < g.linkFirst[v+1]; l++ {
			out.Tail[l], out.Head[l] = uint32(v), uint32(g.linkHead[l])
		}
	}
	return out
}

// buildHierarchy orders and contracts the search graph.
func (g *Graph) buildHierarchy() error {
	order, err := g.order()
	if err != nil {
		return err
	}
	g.hierarchy, err = cch.NewTopology(g.linkGraph(), order)
	return err
}

// orderDirections is how many lines each part is cut along on trial. Four take half the time of eight for 1.4 % more
// triangles on Delaware (2.0 s, 1,422,471; 3.9 s, 1,402,633); three or two save little more.
const orderDirections = 4

// order computes the contraction order of the search graph's vertices. It is found on the search graph itself: an order of the
// plain road network in which the copies of a node stay together (cch.DeriveOrder) comes faster but cuts through
// junctions, where all the copies are, instead of between them, and gives three and a half times the work to
// customize (see the package comment).
func (g *Graph) order() ([]uint32, error) {
	x, y := make([]float32, g.numVertices()), make([]float32, g.numVertices())
	for v := range x {
		at := g.nodeAt[g.node(int32(v))].latLng()
		x[v], y[v] = float32(at.Lng*math.Cos(at.Lat*math.Pi/180)), float32(at.Lat)
	}
	return cch.Order(g.linkGraph(), x, y, cch.OrderConfig{Directions: orderDirections})
}

// adoptHierarchy takes the hierarchy from its encoding in a graph file.
func (g *Graph) adoptHierarchy(encoded []byte) (err error) {
	if g.hierarchy, err = cch.DecodeTopology(g.linkGraph(), encoded); err != nil {
		return fmt.Errorf("%w: %w", ErrNotGraphFile, err)
	}
	return nil
}
