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

// buildHierarchy orders the road network and contracts the search graph. The order is found on the plain network: the
// vertices that remember turns stay beside their node (cch.DeriveOrder), so restrictions cost next to nothing here.
func (g *Graph) buildHierarchy() error {
	order, err := g.order()
	if err != nil {
		return err
	}
	g.hierarchy, err = cch.NewTopology(g.linkGraph(), order)
	return err
}

// order computes the contraction order of the search graph's vertices.
func (g *Graph) order() ([]uint32, error) {
	plain := cch.Graph{Nodes: len(g.nodeAt), Tail: make([]uint32, len(g.arcHead)), Head: make([]uint32, len(g.arcHead))}
	for v := range g.nodeAt {
		for a := g.firstOut[v]; a < g.firstOut[v+1]; a++ {
			plain.Tail[a], plain.Head[a] = uint32(v), uint32(g.arcHead[a])
		}
	}
	x, y := make([]float32, len(g.nodeAt)), make([]float32, len(g.nodeAt))
	for n, p := range g.nodeAt {
		at := p.latLng()
		x[n], y[n] = float32(at.Lng*math.Cos(at.Lat*math.Pi/180)), float32(at.Lat)
	}
	order, err := cch.Order(plain, x, y, cch.OrderConfig{})
	if err != nil {
		return nil, err
	}
	origin := make([]uint32, g.numVertices())
	for v := range origin {
		origin[v] = uint32(g.node(int32(v)))
	}
	return cch.DeriveOrder(order, origin)
}

// adoptHierarchy takes the hierarchy from its encoding in a graph file.
func (g *Graph) adoptHierarchy(encoded []byte) (err error) {
	if g.hierarchy, err = cch.DecodeTopology(g.linkGraph(), encoded); err != nil {
		return fmt.Errorf("%w: %w", ErrNotGraphFile, err)
	}
	return nil
}
