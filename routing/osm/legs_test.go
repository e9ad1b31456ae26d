package osm_test

import (
	"math"
	"slices"
	"testing"

	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/routing/osm"
)

// leg is a trip in Delaware whose outcome was worked out by hand from the tags of one way.
type leg struct {
	why      string
	way      int64
	from, to float64 // shares of the way's length, from its first node
	want     outcome
}

type outcome int

const (
	stays  outcome = iota // the trip is driven on this way alone, the length between the shares (round a closed way, on)
	leaves                // the way cannot be driven like that: the trip is longer, or there is none
	opens                 // the middle of the way is a place where trips may start and end
	shut                  // it is not: the nearest road is another one
)

// legs quote the tags that decide, as the extract has them.
var legs = []leg{
	{"oneway=yes, with it", 17208165, 0.3, 0.7, stays},
	{"oneway=yes, against it", 17208165, 0.7, 0.3, leaves},
	{"oneway=yes, with it", 17214179, 0.2, 0.8, stays},
	{"oneway=yes, against it", 17214179, 0.8, 0.2, leaves},
	{"oneway=yes, with it", 17217684, 0.3, 0.6, stays},
	{"oneway=yes, against it", 17217684, 0.6, 0.3, leaves},
	{"oneway=-1, against the node order", 17221568, 0.7, 0.3, stays},
	{"oneway=-1, along the node order", 17221568, 0.3, 0.7, leaves},
	{"oneway=-1, against the node order", 17222643, 0.8, 0.2, stays},
	{"oneway=-1, along the node order", 17222643, 0.2, 0.8, leaves},
	{"oneway=-1, against the node order", 17229684, 0.6, 0.4, stays},
	{"oneway=-1, along the node order", 17229684, 0.4, 0.6, leaves},
	{"oneway=no, along", 17210791, 0.3, 0.7, stays},
	{"oneway=no, back", 17210791, 0.7, 0.3, stays},
	{"roundabout with oneway=yes, ahead", 17216327, 0.2, 0.7, stays},
	{"roundabout with oneway=yes, round past its first node", 17216327, 0.7, 0.2, stays},
	{"roundabout without a oneway tag, ahead", 23131873, 0.2, 0.6, stays},
	{"roundabout without a oneway tag, round", 23131873, 0.6, 0.2, stays},
	{"roundabout of service roads, ahead", 83872731, 0.2, 0.6, stays},
	{"roundabout of service roads, round", 83872731, 0.6, 0.2, stays},
	{"access=no on a service road", 12160576, 0, 0, shut},
	{"access=no on a service road", 39022948, 0, 0, shut},
	{"motor_vehicle=no on a track", 17234899, 0, 0, shut},
	{"motor_vehicle=no on a pedestrian street", 42335598, 0, 0, shut},
	{"access=no, service=emergency_access", 48102648, 0, 0, shut},
	{"access=private: a resident may be fetched", 17219427, 0, 0, opens},
	{"access=private: a resident may be fetched", 17230437, 0, 0, opens},
	{"motor_vehicle=designated on sand", 122737921, 0, 0, opens},
	{"ferry with motorcar=yes, out", 48454457, 0.1, 0.9, stays},
	{"ferry with motorcar=yes, back", 48454457, 0.9, 0.1, stays},
	{"ferry with motorcar=yes", 372783628, 0.2, 0.7, stays},
	{"ferry without a tag for cars", 149935160, 0, 0, shut},
	{"ferry without a tag for cars", 51756615, 0, 0, shut},
}

func TestLegsCheckedByHandAgainstTheirTags(t *testing.T) {
	lines := wayLines(t, delaware(t))
	g, _, err := routing.Import(delaware(t), routing.ImportConfig{})
	if err != nil {
		t.Fatal(err)
	}
	r := routing.NewRouter(g, routing.RouterConfig{})
	for _, l := range legs {
		t.Run(l.why, func(t *testing.T) {
			line := lines[l.way]
			if len(line) == 0 {
				t.Fatalf("way %d is not in the extract", l.way)
			}
			if l.want == opens || l.want == shut {
				s, err := g.Snap(along(line, 0.5), routing.SnapOptions{MaxMeters: 20000})
				if err != nil || (s.Way == l.way) != (l.want == opens) {
					t.Errorf("middle of way %d snaps to way %d: %v", l.way, s.Way, err)
				}
				return
			}
			l.check(t, g, r, line)
		})
	}
}

func (l leg) check(t *testing.T, g *routing.Graph, r *routing.Router, line []geo.LatLng) {
	t.Helper()
	var points [2]routing.Point
	for i, share := range []float64{l.from, l.to} {
		s, err := g.Snap(along(line, share), routing.SnapOptions{})
		if err != nil || s.Way != l.way || s.Meters > 0.1 {
			t.Fatalf("share %v of way %d snaps to way %d, %.2f m away: %v", share, l.way, s.Way, s.Meters, err)
		}
		points[i] = s.Point
	}
	length := pathLength(line)
	want := math.Abs(l.to-l.from) * length
	if l.to < l.from && line[0] == line[len(line)-1] {
		want = (1 - l.from + l.to) * length
	}
	p, err := r.Route(t.Context(), points[0], points[1])
	switch {
	case l.want == stays && (err != nil || !slices.Equal(p.Ways, []int64{l.way}) || math.Abs(float64(p.Meters)-want) > 1.5):
		t.Errorf("%d m over ways %v, want %.1f m on way %d: %v", p.Meters, p.Ways, want, l.way, err)
	case l.want == leaves && err == nil && float64(p.Meters) < want+10:
		t.Errorf("%d m over ways %v, want more than the forbidden %.1f m", p.Meters, p.Ways, want)
	}
	if err == nil && math.Abs(pathLength(p.Geometry)-float64(p.Meters)) > 1.5 {
		t.Errorf("geometry is %.1f m long, the trip %d m", pathLength(p.Geometry), p.Meters)
	}
}

// wayLines reads the geometry of the ways named in legs.
func wayLines(t *testing.T, path string) map[int64][]geo.LatLng {
	t.Helper()
	nodes := map[int64]geo.LatLng{}
	refs := map[int64][]int64{}
	err := osm.Elements(path, func(kind byte, _ map[string]string) bool { return kind != 'r' }, func(e osm.Element) {
		if e.Kind == 'n' {
			nodes[e.ID] = geo.LatLng{Lat: e.Lat, Lng: e.Lng}
		} else if slices.ContainsFunc(legs, func(l leg) bool { return l.way == e.ID }) {
			refs[e.ID] = e.Refs
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	lines := map[int64][]geo.LatLng{}
	for id, list := range refs {
		for _, n := range list {
			lines[id] = append(lines[id], nodes[n])
		}
	}
	return lines
}

func pathLength(line []geo.LatLng) float64 {
	m := 0.0
	for i := 1; i < len(line); i++ {
		m += geo.Distance(line[i-1], line[i])
	}
	return m
}

// along returns the place at a share of a line's length.
func along(line []geo.LatLng, share float64) geo.LatLng {
	o := oracle{arcs: []oracleArc{{line: line, m: pathLength(line)}}}
	return o.at(place{0, share})
}
