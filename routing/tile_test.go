package routing

import (
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"

	"github.com/swmaas/swmaas/routing/geo"
)

func tileLayers(t *testing.T, g *Graph, zoom uint32, over geo.LatLng, overlays ...Overlay) map[string]*mvt.Layer {
	t.Helper()
	tile := maptile.At(point(over), maptile.Zoom(zoom))
	content, err := g.Tile(zoom, tile.X, tile.Y, overlays...)
	if err != nil {
		t.Fatal(err)
	}
	layers, err := mvt.Unmarshal(content)
	if err != nil {
		t.Fatal(err)
	}
	layers.ProjectToWGS84(tile)
	out := map[string]*mvt.Layer{}
	for _, l := range layers {
		out[l.Name] = l
	}
	return out
}

func TestATileHoldsTheRoadsOfItsZoom(t *testing.T) {
	g := twoBridges(t)
	for _, c := range []struct {
		zoom    uint32
		over    geo.LatLng
		classes []string
		hidden  string
	}{
		{9, at(100, 250), nil, "tertiary"},
		{11, at(100, 250), []string{"secondary", "tertiary"}, "residential"},
		{12, at(2950, 250), []string{"tertiary", "unclassified"}, "residential"},
		{14, at(2950, 250), []string{"tertiary", "unclassified", "residential"}, "track"},
	} {
		got := map[string]bool{}
		for _, f := range tileLayers(t, g, c.zoom, c.over)["roads"].Features {
			got[f.Properties["class"].(string)] = true
			if f.Properties["class"] == "secondary" && (f.Properties["name"] != "west bridge" || f.Properties["way"] != 1.0) {
				t.Errorf("properties %v", f.Properties)
			}
		}
		for _, class := range c.classes {
			if !got[class] {
				t.Errorf("zoom %d: no %s among %v", c.zoom, class, got)
			}
		}
		if got[c.hidden] {
			t.Errorf("zoom %d: %v", c.zoom, got)
		}
	}
	if far := tileLayers(t, g, 14, at(50000, 0)); len(far["roads"].Features) != 0 {
		t.Error("a tile elsewhere has roads")
	}
}

func TestATileHoldsARouteAndAnIsochrone(t *testing.T) {
	g := grid(t, 8)
	v := NewRouter(g, RouterConfig{}).Now()
	from := snap(t, g, at(700, 700))
	path, err := v.Route(t.Context(), from, snap(t, g, at(100, 1300)))
	if err != nil {
		t.Fatal(err)
	}
	iso, err := v.Isochrone(from, 60)
	if err != nil {
		t.Fatal(err)
	}
	layers := tileLayers(t, g, 13, at(700, 700), Overlay{Name: "route", Lines: [][]geo.LatLng{path.Geometry}}, Overlay{Name: "reach", Rings: iso.Rings})
	if f := layers["route"].Features; len(f) != 1 || f[0].Geometry.GeoJSONType() != "LineString" {
		t.Errorf("route: %v", f)
	}
	reach := layers["reach"].Features
	if len(reach) != 1 {
		t.Fatalf("%d areas", len(reach))
	}
	area, ok := reach[0].Geometry.(orb.Polygon)
	if !ok || len(area) < 2 { // blocks of 200 m leave land farther than 60 m from any road
		t.Errorf("area %v", reach[0].Geometry)
	}
}

func TestNoSuchTile(t *testing.T) {
	g := square(t)
	for _, c := range [][3]uint32{{17, 0, 0}, {3, 8, 0}, {3, 0, 8}} {
		if _, err := g.Tile(c[0], c[1], c[2]); err == nil {
			t.Errorf("%v is a tile", c)
		}
	}
}
