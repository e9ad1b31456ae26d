package town

import (
	"math"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/testdata/kurobe"
)

// metres is a position on the local plane: east and north of the middle of the plain. Products are rounded by explicit
// conversions before they are added, so that a processor with fused multiply-add gives the same roads.
type metres struct{ x, y float64 }

const (
	middleLat, middleLng = 36.87, 137.46
	metresPerLat         = 111195.0
	metresPerLng         = 88950.0 // at the middle latitude
)

func onPlane(p geo.LatLng) metres {
	return metres{(p.Lng - middleLng) * metresPerLng, (p.Lat - middleLat) * metresPerLat}
}

// latLng returns the position in degrees, rounded to six decimals.
func (m metres) latLng() geo.LatLng {
	lat, lng := m.y/metresPerLat, m.x/metresPerLng
	return geo.LatLng{Lat: math.Round(float64((middleLat+lat)*1e6)) / 1e6, Lng: math.Round(float64((middleLng+lng)*1e6)) / 1e6}
}

func (m metres) plus(o metres) metres  { return metres{m.x + o.x, m.y + o.y} }
func (m metres) minus(o metres) metres { return metres{m.x - o.x, m.y - o.y} }

// cross is the z component of the cross product: positive where o lies to the left of m.
func (m metres) cross(o metres) float64 { return float64(m.x*o.y) - float64(m.y*o.x) }

func (m metres) length() float64 { return math.Sqrt(float64(m.x*m.x) + float64(m.y*m.y)) }

// crosses reports whether the segments a-b and c-d share a point.
func crosses(a, b, c, d metres) bool {
	ab, cd := b.minus(a), d.minus(c)
	s, t := ab.cross(c.minus(a)), ab.cross(d.minus(a))
	u, v := cd.cross(a.minus(c)), cd.cross(b.minus(c))
	return (s <= 0) != (t <= 0) && (u <= 0) != (v <= 0)
}

func position(p kurobe.Point) geo.LatLng { return geo.LatLng{Lat: p.Lat, Lng: p.Lng} }

func line(points ...[2]float64) []metres {
	out := make([]metres, len(points))
	for i, p := range points {
		out[i] = onPlane(geo.LatLng{Lat: p[0], Lng: p[1]})
	}
	return out
}
