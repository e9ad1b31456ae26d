package osm

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Kilometres an hour in one mile an hour and in one knot, metres in one foot and inch, tonnes in one short ton and pound
// (international definitions).
const (
	kmhPerMph   = 1.609344
	kmhPerKnot  = 1.852
	metrePerFt  = 0.3048
	metrePerIn  = 0.0254
	tonPerShort = 0.90718474
	tonPerLb    = 0.00045359237
)

// number splits a value such as "30 mph" into its number and its unit; ok is false where no finite, positive number leads
// it. A decimal comma is read as a point.
func number(v string) (n float64, unit string, ok bool) {
	v = strings.TrimSpace(v)
	end := strings.IndexFunc(v, func(r rune) bool { return (r < '0' || r > '9') && r != '.' && r != ',' })
	if end < 0 {
		end = len(v)
	}
	n, err := strconv.ParseFloat(strings.Replace(v[:end], ",", ".", 1), 64)
	if err != nil || n <= 0 || math.IsInf(n, 0) {
		return 0, "", false
	}
	return n, strings.ToLower(strings.TrimSpace(v[end:])), true
}

// parseSpeed reads a maxspeed value into km/h. Several values separated by semicolons give the lowest. ok is false for
// "none", "signals" and everything else that states no speed.
func parseSpeed(v string) (kmh float64, ok bool) {
	for part := range strings.SplitSeq(v, ";") {
		s, good := parseOneSpeed(strings.TrimSpace(part))
		if good && (!ok || s < kmh) {
			kmh, ok = s, true
		}
	}
	return kmh, ok
}

func parseOneSpeed(v string) (float64, bool) {
	if v == "walk" {
		return 6, true
	}
	n, unit, ok := number(v)
	if !ok {
		return zoneSpeed(v)
	}
	switch unit {
	case "", "km/h", "kmh", "kph":
	case "mph":
		n *= kmhPerMph
	case "knots", "knot", "kn":
		n *= kmhPerKnot
	default:
		return 0, false
	}
	if n < 1 || n > 200 {
		return 0, false
	}
	return n, true
}

// zoneSpeed reads implicit limits such as "DE:urban" or "AT:zone:30" (OSM wiki, "Default speed limits"). Countries differ;
// the common value is taken, and Japan and the United Kingdom have their own.
func zoneSpeed(v string) (float64, bool) {
	country, zone, found := strings.Cut(v, ":")
	if !found || len(country) != 2 {
		return 0, false
	}
	country = strings.ToUpper(country)
	zone = strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(zone), "zone"), ":")
	if n, unit, ok := number(zone); ok && unit == "" && n <= 130 {
		if country == "GB" {
			n *= kmhPerMph
		}
		return n, true
	}
	switch {
	case country == "JP" && (zone == "urban" || zone == "rural" || zone == "national"):
		return 60, true
	case country == "JP" && zone == "express", country == "JP" && zone == "motorway":
		return 100, true
	case country == "GB" && zone == "nsl_single":
		return 60 * kmhPerMph, true
	case country == "GB" && (zone == "nsl_dual" || zone == "motorway"):
		return 70 * kmhPerMph, true
	}
	switch zone {
	case "urban":
		return 50, true
	case "rural":
		return 80, true
	case "trunk":
		return 100, true
	case "motorway":
		return 120, true
	case "living_street", "bicycle_road", "pedestrian_zone":
		return 20, true
	}
	return 0, false
}

// parseLength reads a width or height in metres; feet and inches ("6'8\"", "7 ft") are converted.
func parseLength(v string) (metres float64, ok bool) {
	if feet, rest, found := strings.Cut(v, "'"); found {
		ft, _, good := number(feet)
		if !good {
			return 0, false
		}
		in, _, _ := number(rest) // no inches is fine
		return ft*metrePerFt + in*metrePerIn, true
	}
	n, unit, ok := number(v)
	if !ok {
		return 0, false
	}
	switch unit {
	case "", "m", "metre", "metres", "meter", "meters":
		return n, true
	case "ft", "feet":
		return n * metrePerFt, true
	case "cm":
		return n / 100, true
	}
	return 0, false
}

// parseWeight reads a weight limit in tonnes.
func parseWeight(v string) (tonnes float64, ok bool) {
	n, unit, ok := number(v)
	if !ok {
		return 0, false
	}
	switch unit {
	case "", "t", "tonnes":
		return n, true
	case "st", "tons", "ton":
		return n * tonPerShort, true
	case "lbs", "lb":
		return n * tonPerLb, true
	case "kg":
		return n / 1000, true
	}
	return 0, false
}

// parseDuration reads a ferry's duration tag: "90" (minutes), "1:30", "1:30:00", "PT1H30M".
func parseDuration(v string) (time.Duration, bool) {
	if rest, ok := strings.CutPrefix(strings.ToUpper(v), "PT"); ok {
		d, err := time.ParseDuration(strings.ToLower(rest))
		return d, err == nil && d > 0
	}
	parts := strings.Split(v, ":")
	if len(parts) > 3 {
		return 0, false
	}
	var d time.Duration
	unit := time.Hour
	if len(parts) == 1 {
		unit = time.Minute
	}
	for _, p := range parts {
		n, err := strconv.ParseUint(strings.TrimSpace(p), 10, 16)
		if err != nil {
			return 0, false
		}
		d += time.Duration(n) * unit
		unit /= 60
	}
	return d, d > 0
}

// truthy reads the many ways to write yes.
func truthy(v string) bool { return v == "yes" || v == "true" || v == "1" }
