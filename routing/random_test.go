package routing

import (
	"math/rand/v2"
	"testing"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/routing/osm"
)

// randomNetwork makes a network of short random ways with one-ways, bends, parallel roads, loops, blocked nodes and turn
// restrictions over nodes and ways, some of them contradictory.
func randomNetwork(seed uint64, nodes int) *osm.Network {
	rng := rand.New(rand.NewPCG(seed, 7))
	net := &osm.Network{DriveLeft: seed%2 == 0}
	for i := range nodes {
		net.Nodes = append(net.Nodes, osm.Node{ID: int64(i + 1), At: at(5000*rng.Float64(), 5000*rng.Float64()), Blocked: rng.IntN(60) == 0})
	}
	near := func(n int32) int32 { // one of the nearer of a few random nodes, so that roads are mostly short
		best := int32(-1)
		for range 8 {
			c := int32(rng.IntN(nodes))
			if c != n && (best < 0 || geo.Distance(net.Nodes[c].At, net.Nodes[n].At) < geo.Distance(net.Nodes[best].At, net.Nodes[n].At)) {
				best = c
			}
		}
		return best
	}
	for i := range nodes {
		w := osm.Way{ID: int64(1000 + i), Class: osm.RoadClass(rng.IntN(int(osm.NumRoadClasses))), Name: string(rune('a' + i%26))}
		w.Nodes = []int32{int32(i)}
		for range 1 + rng.IntN(3) {
			w.Nodes = append(w.Nodes, near(w.Nodes[len(w.Nodes)-1]))
		}
		w.Forward = 10 + 60*rng.Float64()
		if rng.IntN(4) > 0 {
			w.Backward = 10 + 60*rng.Float64()
		}
		w.Surface, w.Restricted = osm.Surface(rng.IntN(int(osm.NumSurfaces))), rng.IntN(6) == 0
		w.Gradient = osm.Gradient(rng.IntN(int(osm.NumGradients)))
		w.MaxHeightM = float64(rng.IntN(5))
		net.Ways = append(net.Ways, w)
	}
	addRandomRestrictions(rng, net)
	return net
}

func addRandomRestrictions(rng *rand.Rand, net *osm.Network) {
	touching := map[int32][]int32{}
	for i, w := range net.Ways {
		for _, n := range w.Nodes {
			touching[n] = append(touching[n], int32(i))
		}
	}
	for range len(net.Ways) {
		n := int32(rng.IntN(len(net.Nodes)))
		if len(touching[n]) < 2 {
			continue
		}
		pick := func(n int32) int32 { return touching[n][rng.IntN(len(touching[n]))] }
		r := osm.Restriction{Only: rng.IntN(5) == 0, From: []int32{pick(n)}, ViaNode: n}
		if rng.IntN(3) == 0 { // over a way, from n to its other end
			via := pick(n)
			nodes := net.Ways[via].Nodes
			end := nodes[0]
			if end == n {
				end = nodes[len(nodes)-1]
			}
			r.ViaNode, r.Via, r.To = -1, [][]int32{{via}}, []int32{pick(end)}
		} else {
			r.To = []int32{pick(n)}
		}
		net.Restrictions = append(net.Restrictions, r)
	}
}

func randomGraph(t testing.TB, seed uint64, nodes int) *Graph {
	t.Helper()
	g, err := assemble(randomNetwork(seed, nodes), map[string]int{})
	if err != nil {
		t.Fatal(err)
	}
	return g
}
