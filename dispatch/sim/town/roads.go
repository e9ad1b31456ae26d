package town

import (
	"fmt"
	"math/rand/v2"

	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/testdata/kurobe"
)

const (
	roadSeed    = 8        // of the one network that all days share
	streetReach = 430.0    // metres from a town or public place within which there are streets
	streetShare = 80       // per cent of the possible streets that are there
	gorge       = "宇奈月町黒部" // the town in the Kurobe gorge, which no road open to cars reaches
)

// Roads generates the road network of the demo town: every town but the one in the gorge is on it, all of it is strongly
// connected, and it is the same on every call. It stands for no real road.
func Roads() (*routing.Graph, error) {
	facts, err := kurobe.Load()
	if err != nil {
		return nil, err
	}
	return roads(facts)
}

// Bridges lists the names of the bridges of the demo town, by which they can be closed.
func Bridges() (names []string) {
	for _, b := range kurobeTerrain().bridges {
		names = append(names, b.name)
	}
	return names
}

func roads(facts *kurobe.Facts) (*routing.Graph, error) {
	t, rng := kurobeTerrain(), rand.New(rand.NewPCG(roadSeed, 0))
	m := newMesh(&t, rng)
	sites := settlements(facts)
	for _, b := range t.bridges {
		m.span(&t, b)
	}
	for _, c := range t.corridors {
		for i := 1; i < len(c.points); i++ {
			end := m.nearest(c.points[i])
			m.path(m.nearest(c.points[i-1]), func(n int) bool { return n == end }, 0.8, c.kind, c.name)
		}
	}
	m.streets(sites, rng)
	centre := m.nearest(t.corridors[0].points[2])
	m.joinAll(m.nodesOf(sites), centre)
	return m.graph(centre)
}

// settlements is every place that people live at or go to.
func settlements(facts *kurobe.Facts) []metres {
	var sites []metres
	for _, d := range facts.Districts {
		sites = append(sites, onPlane(position(d.At)))
	}
	for _, s := range facts.Towns {
		if s.Name != gorge {
			sites = append(sites, onPlane(position(s.At)))
		}
	}
	for _, p := range facts.Places {
		sites = append(sites, onPlane(position(p.At)))
	}
	return sites
}

// streets builds most of the lattice around the sites.
func (m *mesh) streets(sites []metres, rng *rand.Rand) {
	near := make([]bool, len(m.at))
	for i, p := range m.at {
		for _, s := range sites {
			if s.minus(p).length() <= streetReach {
				near[i] = true
				break
			}
		}
	}
	for i := range m.at {
		for d := 0; d < 4; d += 2 {
			j, ok := m.neighbour(i, d)
			if ok && near[i] && near[j] && !m.edge[i][d].barred && rng.IntN(100) < streetShare {
				m.build(i, d, street(), "")
			}
		}
	}
}

func (m *mesh) nodesOf(sites []metres) []int {
	nodes := make([]int, len(sites))
	for i, s := range sites {
		nodes[i] = m.nearest(s)
	}
	return nodes
}

// joinAll lays a connecting road from every node that is cut off to the network of the centre.
func (m *mesh) joinAll(nodes []int, centre int) {
	joined := m.reachable(centre)
	for _, n := range nodes {
		if joined[n] {
			continue
		}
		m.path(n, func(k int) bool { return joined[k] }, 0.6, connecting(), "")
		joined = m.reachable(centre)
	}
}

// graph turns what is joined to the centre into a road graph.
func (m *mesh) graph(centre int) (*routing.Graph, error) {
	b, keep := routing.NewBuilder(), m.reachable(centre)
	number := make([]int32, len(m.at))
	for i, p := range m.at {
		if keep[i] {
			number[i] = b.AddNode(p.latLng())
		}
	}
	for i := range m.at {
		for d := 0; d < 8; d += 2 {
			e := &m.edge[i][d]
			if j, ok := m.neighbour(i, d); ok && keep[i] && e.built() {
				b.AddRoad(routing.Road{
					Nodes: []int32{number[i], number[j]}, Name: e.name, Class: e.class, SpeedKmh: e.kmh, WidthM: e.widthM, Bridge: e.bridge,
				})
			}
		}
	}
	g, err := b.Build()
	if err != nil {
		return nil, fmt.Errorf("town: roads: %w", err)
	}
	return g, nil
}
