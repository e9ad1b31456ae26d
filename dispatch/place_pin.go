package dispatch

import (
	"math"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/swmaas/swmaas/routing/geo"
)

// parsePin reads a position as map applications give it to be pasted: latitude and longitude in degrees with a decimal point,
// separated by a comma or space, in any width, in brackets or not.
func parsePin(text string) (geo.LatLng, bool) {
	text = norm.NFKC.String(strings.TrimSpace(text))
	text = strings.Trim(text, "()[] ")
	first, second, found := strings.Cut(strings.ReplaceAll(text, "、", ","), ",")
	if !found {
		first, second, _ = strings.Cut(text, " ")
	}
	lat, err1 := pinDegrees(first)
	lng, err2 := pinDegrees(second)
	at := geo.LatLng{Lat: lat, Lng: lng}
	return at, err1 && err2 && at.Valid() && at != (geo.LatLng{})
}

// pinDegrees reads degrees. A number without a decimal point is a house number rather than half a position.
func pinDegrees(text string) (float64, bool) {
	text = strings.TrimSuffix(strings.TrimSpace(text), "°")
	other := func(r rune) bool { return !isDigit(r) && r != '.' && r != '-' && r != '+' }
	if !strings.Contains(text, ".") || strings.ContainsFunc(text, other) { // most texts end here, without an error to be made
		return 0, false
	}
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil
}

// nearPin is how far from a place a pin may be, in metres, to be named after it.
const nearPin = 2000

// pin is the hit of a dropped pin, named after the nearest place.
func (g *Gazetteer) pin(at, near geo.LatLng) PlaceHit {
	h := PlaceHit{Kind: PinPlace, Match: PinMatch, SavedPlace: SavedPlace{Label: "地図の地点", Entrance: at}}
	if near != (geo.LatLng{}) {
		h.Meters = int32(geo.Distance(near, at))
	}
	best, closest := math.Inf(1), -1
	shrink := math.Cos(at.Lat * math.Pi / 180)
	for i := range g.places {
		p := &g.places[i].Entrance
		north, east := p.Lat-at.Lat, (p.Lng-at.Lng)*shrink
		if d := north*north + east*east; d < best {
			best, closest = d, i
		}
	}
	if closest >= 0 && geo.Distance(at, g.places[closest].Entrance) <= nearPin {
		h.Label = g.places[closest].Label + "付近"
	}
	return h
}
