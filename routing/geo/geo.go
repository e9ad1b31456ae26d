// Package geo holds the one coordinate type of the project and the few spherical formulas on it.
//
// It is the leaf that every other package except the solver and the hierarchy may import.
package geo

import (
	"fmt"
	"math"
)

// EarthRadius is the mean radius of the Earth in metres (IUGG R1), the sphere on which all distances here are taken.
const EarthRadius = 6371008.8

// LatLng is a position in WGS84 degrees: Lat in [-90, 90], Lng in [-180, 180]. The zero value is a valid point in the
// Gulf of Guinea; "no position" needs a pointer or a flag of its own.
type LatLng struct{ Lat, Lng float64 }

// Valid reports whether both degrees are finite and in range.
func (p LatLng) Valid() bool {
	return p.Lat >= -90 && p.Lat <= 90 && p.Lng >= -180 && p.Lng <= 180
}

// String formats the point as "lat,lng" with six decimals (about 0.1 m).
func (p LatLng) String() string { return fmt.Sprintf("%.6f,%.6f", p.Lat, p.Lng) }

// Distance is the great-circle distance in metres between a and b (haversine formula, exact to rounding on the sphere).
func Distance(a, b LatLng) float64 {
	la, lb := radians(a.Lat), radians(b.Lat)
	dLat, dLng := (lb-la)/2, radians(b.Lng-a.Lng)/2
	h := math.Sin(dLat)*math.Sin(dLat) + math.Cos(la)*math.Cos(lb)*math.Sin(dLng)*math.Sin(dLng)
	return 2 * EarthRadius * math.Asin(math.Min(1, math.Sqrt(h)))
}

// Bearing is the initial course from a to b in degrees clockwise from north, in [0, 360). It is 0 where a equals b.
func Bearing(a, b LatLng) float64 {
	la, lb, d := radians(a.Lat), radians(b.Lat), radians(b.Lng-a.Lng)
	y := math.Sin(d) * math.Cos(lb)
	x := math.Cos(la)*math.Sin(lb) - math.Sin(la)*math.Cos(lb)*math.Cos(d)
	deg := math.Atan2(y, x) * 180 / math.Pi
	return math.Mod(deg+360, 360)
}

// Project returns the point of the segment a-b nearest to p and its fraction along the segment in [0, 1]. It works on the
// local plane at p, which is good to a millimetre for segments of a few kilometres.
func Project(p, a, b LatLng) (LatLng, float64) {
	k := math.Cos(radians(p.Lat))
	ax, ay := (a.Lng-p.Lng)*k, a.Lat-p.Lat
	bx, by := (b.Lng-p.Lng)*k, b.Lat-p.Lat
	dx, dy := bx-ax, by-ay
	length := dx*dx + dy*dy
	if length == 0 {
		return a, 0
	}
	f := math.Max(0, math.Min(1, -(ax*dx+ay*dy)/length))
	return LatLng{Lat: a.Lat + f*(b.Lat-a.Lat), Lng: a.Lng + f*(b.Lng-a.Lng)}, f
}

func radians(deg float64) float64 { return deg * math.Pi / 180 }
