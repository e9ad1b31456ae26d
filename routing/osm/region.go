package osm

import "github.com/swmaas/swmaas/routing/geo"

// outline is a coarse polygon around a region. It needs to be right on land only.
type outline []geo.LatLng

// japan passes between Tsushima and Korea, and west of the Yaeyama islands.
var japan = outline{
	{Lat: 20, Lng: 122.7},
	{Lat: 20, Lng: 154.5},
	{Lat: 43, Lng: 150},
	{Lat: 46, Lng: 149.5},
	{Lat: 45.8, Lng: 140.5},
	{Lat: 40, Lng: 137},
	{Lat: 37.3, Lng: 132},
	{Lat: 34.88, Lng: 129.6},
	{Lat: 34.6, Lng: 128.9},
	{Lat: 32, Lng: 127.5},
	{Lat: 27, Lng: 125},
	{Lat: 24.6, Lng: 122.7},
}

// leftDriving are the regions where traffic keeps to the left.
var leftDriving = []outline{
	japan,
	box(49.8, -11, 61, 1.9),                               // United Kingdom and Ireland; Calais lies south of a corner
	box(-48, 110, -9.5, 180),                              // Australia, New Zealand, and the islands between
	box(5.6, 97.4, 20.4, 101.2), box(-11, 95, 6.7, 119.5), // Thailand (west), Malaysia, Singapore, Indonesia
	box(11.7, 101.2, 17.9, 102.3),                   // Thailand (east)
	box(5.8, 68.2, 30, 88), box(21, 88, 26.6, 92.3), // India, Sri Lanka, Bangladesh
	box(24, 61.5, 36.5, 77.8),                            // Pakistan and the north-west of India
	box(-35, 11.8, -17, 33), box(-26.9, 30, -10.4, 40.8), // Southern Africa
	box(-11.7, 29.6, 4.2, 41.8),                                // East Africa
	box(34.5, 32.2, 35.75, 34.6), box(35.75, 14.1, 36.1, 14.6), // Cyprus, Malta
	box(22.13, 113.82, 22.57, 114.5), // Hong Kong
	box(17.6, -78.5, 18.6, -76.1), box(20.8, -79.5, 27.5, -72.6),
}

func box(south, west, north, east float64) outline {
	return outline{{Lat: south, Lng: west}, {Lat: south, Lng: east}, {Lat: north, Lng: east}, {Lat: north, Lng: west}}
}

// holds reports whether p lies inside the outline (even-odd rule).
func (o outline) holds(p geo.LatLng) bool {
	inside := false
	for i, j := 0, len(o)-1; i < len(o); j, i = i, i+1 {
		a, b := o[i], o[j]
		if (a.Lat > p.Lat) != (b.Lat > p.Lat) && p.Lng < (b.Lng-a.Lng)*(p.Lat-a.Lat)/(b.Lat-a.Lat)+a.Lng {
			inside = !inside
		}
	}
	return inside
}

// mostly reports whether more than half of a sample of the nodes lies in one of the outlines.
func mostly(nodes []Node, regions ...outline) bool {
	step := max(1, len(nodes)/1000)
	in, all := 0, 0
	for i := 0; i < len(nodes); i += step {
		if nodes[i].ID == 0 { // not in the extract
			continue
		}
		all++
		for _, r := range regions {
			if r.holds(nodes[i].At) {
				in++
				break
			}
		}
	}
	return 2*in > all
}
