package dispatch

import "github.com/swmaas/swmaas/routing/geo"

// admits reports whether the ends of the ride lie as the rule asks.
func (r *AreaRule) admits(q *Question) bool {
	kind, polygons := r.Kind, r.Polygons
	for _, own := range r.Own {
		if own.Facility == q.Rider.Facility {
			polygons = own.Polygons
			if kind == Anywhere {
				kind = EitherEnd
			}
		}
	}
	if kind == Anywhere {
		return true
	}
	from, to := insideAny(polygons, q.Pickup), insideAny(polygons, q.Dropoff)
	switch kind {
	case EitherEnd:
		return from || to
	case DestInside:
		return to
	default:
		return from && to
	}
}

func insideAny(polygons []Polygon, at geo.LatLng) bool {
	for _, p := range polygons {
		if p.Contains(at) {
			return true
		}
	}
	return false
}

// Contains reports whether a place lies in the polygon, by counting the sides east of it; degrees are taken as a plane,
// which is exact enough for towns. Points on a side may fall either way.
func (p Polygon) Contains(at geo.LatLng) bool {
	inside := false
	for i, j := 0, len(p)-1; i < len(p); j, i = i, i+1 {
		a, b := p[i], p[j]
		if (a.Lat > at.Lat) != (b.Lat > at.Lat) && at.Lng < a.Lng+(b.Lng-a.Lng)*(at.Lat-a.Lat)/(b.Lat-a.Lat) {
			inside = !inside
		}
	}
	return inside
}
