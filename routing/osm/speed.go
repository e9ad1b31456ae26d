package osm

import (
	"math"
	"strings"
)

// profile holds the driving speeds of one region in km/h.
type profile struct {
	// class is the speed on a road of each class without a tagged limit, junctions and bends included.
	class [NumRoadClasses]float64
	// ofLimit is the share of a tagged limit that is reached on average over a road of the class, between junctions, bends
	// and other traffic.
	ofLimit [NumRoadClasses]float64
	// narrow is the speed on a two-way road too narrow for two cars to pass (under narrowM).
	narrow float64
}

// narrowM is the carriageway width in metres under which two cars cannot pass each other at speed: the width below which
// the Japanese building code asks for a set-back, and the one that Japanese maps class as a narrow street.
const narrowM = 4.0

// worldProfile serves every country without a profile of its own. The values follow common car profiles for OSM data; the
// shares of the limit are judgement, to be replaced by learned speeds where an operator has traces.
var worldProfile = profile{
	class:   [NumRoadClasses]float64{100, 80, 60, 50, 40, 35, 28, 10, 15, 12, 8, 12},
	ofLimit: [NumRoadClasses]float64{0.95, 0.90, 0.85, 0.85, 0.80, 0.80, 0.80, 0.80, 0.80, 0.80, 0.80, 1},
	narrow:  20,
}

// japanProfile has the lower speeds of Japanese roads: the statutory limit of ordinary roads is 60 km/h, that of
// streets without a centre line 30 km/h from September 2026 (Road Traffic Act, enforcement order, article 11), and
// residential streets are narrow.
var japanProfile = profile{
	class:   [NumRoadClasses]float64{80, 45, 38, 35, 30, 25, 20, 10, 12, 10, 8, 12},
	ofLimit: [NumRoadClasses]float64{0.95, 0.85, 0.80, 0.80, 0.80, 0.80, 0.75, 0.80, 0.80, 0.80, 0.80, 1},
	narrow:  15,
}

// linkShare is the part of its class's speed that is driven on a ramp without a limit of its own.
const linkShare = 0.6

// surfaceCap is the highest speed on each surface, km/h.
var surfaceCap = [NumSurfaces]float64{200, 200, 30, 35, 20}

func surfaceOf(t tags) Surface {
	switch t.get("surface") {
	case "":
		return SurfaceUnknown
	case "paved", "asphalt", "concrete", "concrete:lanes", "chipseal", "paving_stones", "metal", "wood", "bricks", "brick":
		return SurfacePaved
	case "sett", "cobblestone", "unhewn_cobblestone", "concrete:plates", "grass_paver", "stone":
		return SurfaceRough
	case "unpaved", "gravel", "fine_gravel", "compacted", "pebblestone", "rock":
		return SurfaceUnpaved
	case "dirt", "earth", "ground", "grass", "mud", "sand", "clay", "soil", "snow", "ice":
		return SurfaceSoft
	}
	return SurfaceUnknown
}

// gradientOf reads the incline tag: percent, degrees ("10°"), or just up or down.
func gradientOf(t tags) Gradient {
	v := strings.TrimLeft(t.get("incline"), "-+")
	if v == "up" || v == "down" {
		return GradientSteep
	}
	n, unit, ok := number(v)
	switch {
	case !ok:
		return GradientUnknown
	case unit == "°":
		n = 100 * math.Tan(min(n, 45)*math.Pi/180)
	case unit != "%":
		return GradientUnknown
	}
	switch {
	case n <= 4:
		return GradientGentle
	case n <= 8:
		return GradientHilly
	}
	return GradientSteep
}

// conditionCap is the highest speed that the grade of a track and the smoothness of a road leave, km/h; 0 means that a
// car cannot use it.
func conditionCap(t tags) float64 {
	limit := 200.0
	switch t.get("tracktype") {
	case "grade2":
		limit = 25
	case "grade3":
		limit = 18
	case "grade4":
		limit = 12
	case "grade5":
		limit = 8
	}
	switch t.get("smoothness") {
	case "intermediate":
		limit = min(limit, 60)
	case "bad":
		limit = min(limit, 30)
	case "very_bad":
		limit = min(limit, 15)
	case "horrible":
		limit = min(limit, 8)
	case "very_horrible", "impassable":
		limit = 0
	}
	return limit
}

// taggedLimit returns the speed limit in one direction in km/h, 0 where none is tagged.
func taggedLimit(t tags, direction string) float64 {
	for _, key := range [...]string{"maxspeed" + direction, "maxspeed", "maxspeed:type", "source:maxspeed", "zone:maxspeed"} {
		if v := t.get(key); v != "" {
			if kmh, ok := parseSpeed(v); ok {
				return kmh
			}
		}
	}
	return 0
}

// drivingSpeed is the average speed of a car on the way in one direction, km/h; 0 where it cannot pass at all.
func (p *profile) drivingSpeed(t tags, w *Way, direction string, both bool) float64 {
	speed := p.class[w.Class]
	if w.Link {
		speed *= linkShare
	}
	if limit := taggedLimit(t, direction); limit > 0 {
		speed = limit * p.ofLimit[w.Class]
	}
	if advised, ok := parseSpeed(t.first("maxspeed:advisory"+direction, "maxspeed:advisory")); ok {
		speed = min(speed, advised)
	}
	if w.WidthM > 0 && w.WidthM < narrowM && both {
		speed = min(speed, p.narrow)
	}
	switch t.get("service") {
	case "parking_aisle", "drive-through":
		speed = min(speed, 8)
	case "driveway", "alley":
		speed = min(speed, 12)
	}
	return min(speed, surfaceCap[w.Surface], conditionCap(t))
}
