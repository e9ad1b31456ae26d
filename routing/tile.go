package routing

import (
	"fmt"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/maptile"
	"github.com/paulmach/orb/simplify"

	"github.com/swmaas/swmaas/routing/geo"
)

// Overlay is something to draw over the roads of a map tile: lines, or rings of an area as Isochrone returns them.
type Overlay struct {
	Name  string // of the tile's layer
	Lines [][]geo.LatLng
	Rings [][]geo.LatLng
}

// MaxTileZoom is the closest zoom that Tile draws; a map shows these tiles larger beyond it.
const MaxTileZoom = 16

// lastClassAt is the least important road class drawn at each zoom.
func lastClassAt(zoom maptile.Zoom) RoadClass {
	switch {
	case zoom < 8:
		return Trunk
	case zoom < 10:
		return Primary
	case zoom < 12:
		return Tertiary
	case zoom < 13:
		return Unclassified
	case zoom < 14:
		return LivingStreet
	default:
		return Ferry
	}
}

// tileTolerance is by how much a line may be simplified, in units of the tile (4096 across): less than a pixel.
const tileTolerance = 6

// Tile returns a Mapbox vector tile, not compressed, of the roads in Web Mercator tile x, y at a zoom, in the layer
// "roads" with the properties class, name, way and oneway, and of the overlays. Less important roads appear from closer
// zooms on. The error is about numbers that name no tile.
func (g *Graph) Tile(zoom, x, y uint32, overlays ...Overlay) ([]byte, error) {
	if zoom > MaxTileZoom || x >= 1<<zoom || y >= 1<<zoom {
		return nil, fmt.Errorf("routing: tile %d/%d/%d: no such tile", zoom, x, y)
	}
	tile := maptile.New(x, y, maptile.Zoom(zoom))
	layers := mvt.Layers{mvt.NewLayer("roads", g.tileRoads(tile))}
	for _, o := range overlays {
		fc := geojson.NewFeatureCollection()
		for _, line := range o.Lines {
			fc.Append(geojson.NewFeature(lineString(line)))
		}
		for _, polygon := range polygons(o.Rings) {
			fc.Append(geojson.NewFeature(polygon))
		}
		layers = append(layers, mvt.NewLayer(o.Name, fc))
	}
	layers.ProjectToTile(tile)
	layers.Clip(mvt.MapboxGLDefaultExtentBound)
	layers.Simplify(simplify.DouglasPeucker(tileTolerance))
	layers.RemoveEmpty(2, 8)
	out, err := mvt.Marshal(layers)
	if err != nil {
		return nil, fmt.Errorf("routing: tile %d/%d/%d: %w", zoom, x, y, err)
	}
	return out, nil
}

// tileRoads returns the roads of a tile as features.
func (g *Graph) tileRoads(tile maptile.Tile) *geojson.FeatureCollection {
	fc := geojson.NewFeatureCollection()
	b := tile.Bound(0.05)
	sw, ne := positionOf(clamped(b.Min)), positionOf(clamped(b.Max))
	last := lastClassAt(tile.Z)
	var pts []position
	g.inBox(box{sw.lat, sw.lng, ne.lat, ne.lng}, func(seg int32) {
		class := RoadClass(g.segClass[seg])
		if class > last && class != Ferry {
			return
		}
		pts = g.segPoints(seg, pts[:0])
		line := make(orb.LineString, len(pts))
		for i, p := range pts {
			line[i] = point(p.latLng())
		}
		f := geojson.NewFeature(line)
		f.Properties["class"] = class.String()
		f.Properties["way"] = g.segWay[seg]
		if name := g.names[g.segName[seg]]; name != "" {
			f.Properties["name"] = name
		}
		if g.segArcs[2*seg] < 0 || g.segArcs[2*seg+1] < 0 {
			f.Properties["oneway"] = true
		}
		fc.Append(f)
	})
	return fc
}

// clamped keeps a padded bound within the range of coordinates.
func clamped(p orb.Point) geo.LatLng {
	return geo.LatLng{Lat: max(-90, min(90, p.Lat())), Lng: max(-180, min(180, p.Lon()))}
}

// point changes to the order of GeoJSON.
func point(p geo.LatLng) orb.Point { return orb.Point{p.Lng, p.Lat} }

func lineString(line []geo.LatLng) orb.LineString {
	out := make(orb.LineString, len(line))
	for i, p := range line {
		out[i] = point(p)
	}
	return out
}

// polygons gathers rings into polygons: each counter-clockwise ring begins one, and each clockwise ring is a hole of the
// one that holds it.
func polygons(rings [][]geo.LatLng) orb.MultiPolygon {
	var out orb.MultiPolygon
	var holes []orb.Ring
	for _, r := range rings {
		ring := orb.Ring(lineString(r))
		if ring.Orientation() == orb.CCW {
			out = append(out, orb.Polygon{ring})
		} else {
			holes = append(holes, ring)
		}
	}
	for _, hole := range holes {
		for i := range out {
			if out[i][0].Bound().Contains(hole[0]) && ringHolds(out[i][0], hole) {
				out[i] = append(out[i], hole)
				break
			}
		}
	}
	for _, polygon := range out { // vector tiles count y downwards, which turns every ring around
		for _, ring := range polygon {
			ring.Reverse()
		}
	}
	return out
}

// ringHolds reports whether the middle of a hole's first side lies inside a ring.
func ringHolds(ring, hole orb.Ring) bool {
	p := orb.Point{(hole[0][0] + hole[1][0]) / 2, (hole[0][1] + hole[1][1]) / 2}
	inside := false
	for i := 1; i < len(ring); i++ {
		a, b := ring[i-1], ring[i]
		if (a[1] > p[1]) != (b[1] > p[1]) && p[0] < (b[0]-a[0])*(p[1]-a[1])/(b[1]-a[1])+a[0] {
			inside = !inside
		}
	}
	return inside
}
