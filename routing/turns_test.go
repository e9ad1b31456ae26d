package routing

import (
	"slices"
	"testing"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/routing/osm"
)

// network draws two-way roads at 36 km/h through nodes placed in metres; way i has the id i+1.
func network(places [][2]float64, class osm.RoadClass, ways ...[]int32) *osm.Network {
	net := &osm.Network{DriveLeft: true}
	for i, p := range places {
		net.Nodes = append(net.Nodes, osm.Node{ID: int64(i + 1), At: at(p[0], p[1])})
	}
	for i, nodes := range ways {
		net.Ways = append(net.Ways, osm.Way{ID: int64(i + 1), Nodes: nodes, Class: class, Forward: 36, Backward: 36})
	}
	return net
}

// seconds returns the time of a trip on a network.
func tripSeconds(t *testing.T, net *osm.Network, from, to geo.LatLng) (int32, []int64) {
	t.Helper()
	dropped := map[string]int{}
	g, err := assemble(net, dropped)
	if err != nil || len(dropped) > 0 {
		t.Fatalf("%v, dropped %v", err, dropped)
	}
	p, err := NewRouter(g, RouterConfig{}).Route(t.Context(), snap(t, g, from), snap(t, g, to))
	if err != nil {
		t.Fatal(err)
	}
	return p.Seconds, p.Ways
}

// ladder is two parallel roads 300 m apart, 1 and 2, with rungs 3, 4 and 5 between their nodes every 300 m:
//
//	3 ── 4 ── 5    way 2
//	│    │    │    ways 3, 4, 5
//	0 ── 1 ── 2    way 1
func ladder(class osm.RoadClass) *osm.Network {
	return network([][2]float64{{0, 0}, {300, 0}, {600, 0}, {0, 300}, {300, 300}, {600, 300}}, class,
		[]int32{0, 1, 2}, []int32{3, 4, 5}, []int32{0, 3}, []int32{1, 4}, []int32{2, 5})
}

func TestTurnRestrictionsAreExact(t *testing.T) {
	a, b := at(150, 0), at(300, 150) // 300 m: along way 1, up way 4
	for name, c := range map[string]struct {
		restriction osm.Restriction
		seconds     int32
	}{
		"none":                    {osm.Restriction{From: []int32{1}, ViaNode: 4, To: []int32{3}}, 30},
		"no turn":                 {osm.Restriction{From: []int32{0}, ViaNode: 1, To: []int32{3}}, 0},
		"only another":            {osm.Restriction{Only: true, From: []int32{0}, ViaNode: 1, To: []int32{0}}, 0},
		"no turn over a way":      {osm.Restriction{From: []int32{2}, ViaNode: -1, Via: [][]int32{{1}}, To: []int32{4}}, 30},
		"no entry from elsewhere": {osm.Restriction{From: []int32{3}, ViaNode: 1, To: []int32{0}}, 30},
	} {
		t.Run(name, func(t *testing.T) {
			net := ladder(osm.Residential)
			net.Ways[0].Nodes = []int32{0, 1} // ways end where restrictions name them
			net.Ways = append(net.Ways, osm.Way{ID: 6, Nodes: []int32{1, 2}, Class: osm.Residential, Forward: 36, Backward: 36})
			if c.restriction.Only {
				c.restriction.To = []int32{5} // straight on
			}
			if name == "none" {
				c.restriction.From, c.restriction.To = []int32{3}, []int32{5}
				c.restriction.ViaNode = 1
			}
			net.Restrictions = []osm.Restriction{c.restriction}
			got, ways := tripSeconds(t, net, a, b)
			want := c.seconds
			if want == 0 { // west and up way 3, along way 2 and down way 4: 150 + 300 + 300 + 150
				want = 90
			}
			if abs(got-want) > 1 {
				t.Errorf("%d s over %v, want %d s", got, ways, want)
			}
		})
	}
}

func TestARestrictionOverAWayBindsOnlyWhoComesFromItsBeginning(t *testing.T) {
	net := ladder(osm.Residential)
	// Not from way 3 along way 2's first half into way 4: the half is a way of its own here.
	net.Ways[1].Nodes = []int32{3, 4}
	net.Ways = append(net.Ways, osm.Way{ID: 6, Nodes: []int32{4, 5}, Class: osm.Residential, Forward: 36, Backward: 36})
	net.Restrictions = []osm.Restriction{{From: []int32{2}, ViaNode: -1, Via: [][]int32{{1}}, To: []int32{3}}}
	// From way 3 it takes way 1 instead: 200 + 300 + 200 m. Who starts on the via way itself may turn: 100 + 100 m.
	if got, ways := tripSeconds(t, net, at(0, 200), at(300, 200)); abs(got-70) > 1 {
		t.Errorf("from the beginning: %d s over %v, want 70 s", got, ways)
	}
	if got, ways := tripSeconds(t, net, at(200, 300), at(300, 200)); abs(got-20) > 1 {
		t.Errorf("from the middle: %d s over %v, want 20 s", got, ways)
	}
}

func TestRestrictedRoadsAreNoShortCut(t *testing.T) {
	net := ladder(osm.Residential)
	net.Ways[3].Restricted = true // the rung in the middle
	if got, ways := tripSeconds(t, net, at(200, 0), at(200, 300)); abs(got-70) > 1 || slices.Contains(ways, 4) {
		t.Errorf("through: %d s over %v, want 70 s round way 3", got, ways)
	}
	for name, c := range map[string]struct {
		from, to geo.LatLng
		seconds  int32
	}{
		"to a house on it":             {at(200, 0), at(300, 250), 35},
		"from a house on it, down":     {at(300, 200), at(200, 0), 30},
		"from a house on it, up":       {at(300, 200), at(200, 300), 20},
		"between two houses on it":     {at(300, 50), at(300, 250), 20},
		"open road past both its ends": {at(0, 100), at(600, 100), 80},
	} {
		if got, ways := tripSeconds(t, net, c.from, c.to); abs(got-c.seconds) > 1 {
			t.Errorf("%s: %d s over %v, want %d s", name, got, ways, c.seconds)
		}
	}
}

func TestAYardBehindAPrivateDriveIsReached(t *testing.T) {
	net := ladder(osm.Residential)
	net.Nodes = append(net.Nodes, osm.Node{ID: 7, At: at(300, -200)}, osm.Node{ID: 8, At: at(300, -400)})
	net.Ways = append(net.Ways,
		osm.Way{ID: 6, Nodes: []int32{1, 6}, Class: osm.Service, Forward: 36, Backward: 36, Restricted: true},
		osm.Way{ID: 7, Nodes: []int32{6, 7}, Class: osm.Service, Forward: 36, Backward: 36})
	if got, ways := tripSeconds(t, net, at(200, 0), at(300, -300)); abs(got-40) > 1 {
		t.Errorf("into the yard: %d s over %v, want 40 s", got, ways)
	}
	if got, ways := tripSeconds(t, net, at(300, -300), at(200, 0)); abs(got-40) > 1 {
		t.Errorf("out of the yard: %d s over %v, want 40 s", got, ways)
	}
}

func TestTurningAcrossTrafficCostsTimeOnBusyRoads(t *testing.T) {
	for _, c := range []struct {
		name    string
		class   osm.RoadClass
		left    bool
		house   geo.LatLng // reached from the west along way 1 by turning into way 4, north, or a mirrored one, south
		seconds int32
	}{
		{"keeping left, turning left", osm.Primary, true, at(300, 100), 20},
		{"keeping right, turning left", osm.Primary, false, at(300, 100), 28},
		{"keeping left, turning right", osm.Primary, true, at(300, -100), 28},
		{"keeping right, turning right", osm.Primary, false, at(300, -100), 20},
		{"a secondary road", osm.Secondary, true, at(300, -100), 26},
		{"a quiet road", osm.Residential, true, at(300, -100), 20},
	} {
		net := network([][2]float64{{0, 0}, {300, 0}, {600, 0}, {300, 300}, {300, -300}}, osm.Residential,
			[]int32{0, 1}, []int32{1, 2}, []int32{1, 3}, []int32{1, 4})
		net.DriveLeft = c.left
		net.Ways[0].Class, net.Ways[1].Class = c.class, c.class
		if got, _ := tripSeconds(t, net, at(200, 0), c.house); abs(got-c.seconds) > 1 {
			t.Errorf("%s: %d s, want %d s", c.name, got, c.seconds)
		}
	}
}

func TestTurningAroundToGetPastARestrictionCostsTime(t *testing.T) {
	// A road 0-1-2-3 with a side street at 1: no turn into it from the west. Driving on to 2, turning around there and
	// coming back costs 2 * 100 m and uTurnMs; at the dead end 3, 200 m farther on, turning around is free.
	net := network([][2]float64{{0, 0}, {300, 0}, {400, 0}, {600, 0}, {300, 300}, {400, 300}}, osm.Residential,
		[]int32{0, 1}, []int32{1, 2}, []int32{2, 3}, []int32{1, 4}, []int32{2, 5})
	net.Restrictions = []osm.Restriction{{From: []int32{0}, ViaNode: 1, To: []int32{3}}}
	got, ways := tripSeconds(t, net, at(200, 0), at(300, 100))
	if abs(got-(10+10+20+10+10)) > 1 {
		t.Errorf("%d s over %v, want 60 s", got, ways)
	}
}

func TestContradictoryRestrictionsAreDroppedAndCounted(t *testing.T) {
	net := ladder(osm.Residential)
	net.Ways[0].Nodes = []int32{0, 1}
	net.Ways = append(net.Ways, osm.Way{ID: 6, Nodes: []int32{1, 2}, Class: osm.Residential, Forward: 36, Backward: 36})
	net.Restrictions = []osm.Restriction{
		{ID: 1, Only: true, From: []int32{0}, ViaNode: 1, To: []int32{5}},
		{ID: 2, Only: true, From: []int32{0}, ViaNode: 1, To: []int32{3}},
		{ID: 3, From: []int32{2}, ViaNode: 1, To: []int32{3}}, // way 3 does not reach node 1
		{ID: 4, From: []int32{1}, ViaNode: 4, To: []int32{3}}, // way 2 passes node 4
	}
	dropped := map[string]int{}
	g, err := assemble(net, dropped)
	if err != nil || g.NumForbiddenTurns() != 2 || len(dropped) != 3 {
		t.Errorf("%d forbidden turns, dropped %v: %v", g.NumForbiddenTurns(), dropped, err)
	}
}
