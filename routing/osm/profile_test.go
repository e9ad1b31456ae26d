package osm

import (
	"math"
	"testing"
	"time"

	"github.com/swmaas/swmaas/routing/geo"
)

func tagged(pairs ...string) tags {
	var t tags
	for i := 0; i < len(pairs); i += 2 {
		t = append(t, tag{pairs[i], pairs[i+1]})
	}
	return t
}

func TestSpeedsAreReadWithTheirUnits(t *testing.T) {
	for v, want := range map[string]float64{
		"50": 50, "30 mph": 48.28032, "25mph": 40.2336, "10 knots": 18.52, "60 km/h": 60, "60 kmh": 60, "50;30": 30, "walk": 6,
		"DE:urban": 50, "DE:zone:30": 30, "DE:zone30": 30, "GB:nsl_single": 96.56064, "GB:zone:20": 32.18688, "JP:urban": 60,
		"JP:express": 100, "AT:bicycle_road": 20, "FR:rural": 80, "12,5": 12.5,
		"none": 0, "signals": 0, "variable": 0, "": 0, "-5": 0, "1e9": 0, "900": 0, "50 furlongs": 0, "urban": 0, "NaN": 0, "Inf": 0,
	} {
		if got, ok := parseSpeed(v); math.Abs(got-want) > 1e-9 || ok != (want > 0) {
			t.Errorf("%q is %v, want %v", v, got, want)
		}
	}
}

func TestSizesAndDurationsAreReadWithTheirUnits(t *testing.T) {
	for v, want := range map[string]float64{"2.5": 2.5, "2.5 m": 2.5, "8'": 2.4384, `6'6"`: 1.9812, "10 ft": 3.048, "250 cm": 2.5, "default": 0, "none": 0} {
		if got, _ := parseLength(v); math.Abs(got-want) > 1e-9 {
			t.Errorf("length %q is %v, want %v", v, got, want)
		}
	}
	for v, want := range map[string]float64{"3.5": 3.5, "3.5 t": 3.5, "10 st": 9.0718474, "2000 lbs": 0.90718474, "3500 kg": 3.5, "heavy": 0} {
		if got, _ := parseWeight(v); math.Abs(got-want) > 1e-9 {
			t.Errorf("weight %q is %v, want %v", v, got, want)
		}
	}
	for v, want := range map[string]time.Duration{
		"90": 90 * time.Minute, "1:30": 90 * time.Minute, "1:30:30": 90*time.Minute + 30*time.Second, "PT1H25M": 85 * time.Minute,
		"": 0, "soon": 0, "1:2:3:4": 0, "-5": 0, "PT": 0,
	} {
		if got, ok := parseDuration(v); got != want && ok || ok != (want > 0) {
			t.Errorf("duration %q is %v %v, want %v", v, got, ok, want)
		}
	}
}

func TestWaysForCars(t *testing.T) {
	for name, c := range map[string]struct {
		tags              tags
		forward, backward float64 // km/h in the world profile
		restricted        bool
		reason            string
	}{
		"residential":                 {tagged("highway", "residential"), 28, 28, false, ""},
		"limit":                       {tagged("highway", "primary", "maxspeed", "60"), 51, 51, false, ""},
		"limit by direction":          {tagged("highway", "primary", "maxspeed:forward", "60", "maxspeed:backward", "40"), 51, 34, false, ""},
		"limit by zone":               {tagged("highway", "residential", "maxspeed:type", "DE:zone30"), 24, 24, false, ""},
		"advised":                     {tagged("highway", "primary", "maxspeed", "60", "maxspeed:advisory", "30"), 30, 30, false, ""},
		"motorway is one-way":         {tagged("highway", "motorway"), 100, 0, false, ""},
		"motorway with oneway=no":     {tagged("highway", "motorway", "oneway", "no"), 100, 100, false, ""},
		"ramp":                        {tagged("highway", "motorway_link", "oneway", "yes"), 60, 0, false, ""},
		"one-way":                     {tagged("highway", "tertiary", "oneway", "yes"), 40, 0, false, ""},
		"one-way back":                {tagged("highway", "tertiary", "oneway", "-1"), 0, 40, false, ""},
		"one-way but not for cars":    {tagged("highway", "tertiary", "oneway", "yes", "oneway:motor_vehicle", "no"), 40, 40, false, ""},
		"one-way for bicycles only":   {tagged("highway", "tertiary", "oneway:bicycle", "yes"), 40, 40, false, ""},
		"reversible":                  {tagged("highway", "tertiary", "oneway", "reversible"), 0, 0, false, "reversible one-way"},
		"roundabout":                  {tagged("highway", "tertiary", "junction", "roundabout"), 40, 0, false, ""},
		"closed in one direction":     {tagged("highway", "tertiary", "motor_vehicle:backward", "no"), 40, 0, false, ""},
		"no access":                   {tagged("highway", "service", "access", "no"), 0, 0, false, "closed to cars"},
		"no access but cars":          {tagged("highway", "service", "access", "no", "motorcar", "yes"), 15, 15, false, ""},
		"access, not for cars":        {tagged("highway", "service", "access", "yes", "motor_vehicle", "no"), 0, 0, false, "closed to cars"},
		"buses only":                  {tagged("highway", "service", "access", "psv"), 0, 0, false, "closed to cars"},
		"private":                     {tagged("highway", "service", "access", "private"), 15, 15, true, ""},
		"residents":                   {tagged("highway", "residential", "motor_vehicle", "destination"), 28, 28, true, ""},
		"unknown access value":        {tagged("highway", "residential", "access", "variable"), 28, 28, false, ""},
		"footway":                     {tagged("highway", "footway"), 0, 0, false, "way for walkers or riders"},
		"cycleway that admits cars":   {tagged("highway", "cycleway", "motor_vehicle", "yes"), 8, 8, false, ""},
		"pedestrian street":           {tagged("highway", "pedestrian", "access", "yes"), 0, 0, false, "way for walkers or riders"},
		"pedestrian, deliveries":      {tagged("highway", "pedestrian", "motor_vehicle", "delivery"), 8, 8, true, ""},
		"square":                      {tagged("highway", "residential", "area", "yes"), 0, 0, false, "area"},
		"under construction":          {tagged("highway", "construction"), 0, 0, false, "highway value that is no road for cars"},
		"made-up value":               {tagged("highway", "teleport"), 0, 0, false, "highway value that is no road for cars"},
		"emergency access":            {tagged("highway", "service", "service", "emergency_access"), 0, 0, false, "emergency access"},
		"parking aisle":               {tagged("highway", "service", "service", "parking_aisle"), 8, 8, false, ""},
		"gravel":                      {tagged("highway", "primary", "surface", "gravel"), 35, 35, false, ""},
		"track of the worst grade":    {tagged("highway", "track", "tracktype", "grade5"), 8, 8, false, ""},
		"impassable":                  {tagged("highway", "track", "smoothness", "impassable"), 0, 0, false, "impassable"},
		"narrow two-way":              {tagged("highway", "residential", "width", "3 m"), 20, 20, false, ""},
		"narrow one-way":              {tagged("highway", "residential", "width", "3 m", "oneway", "yes"), 28, 0, false, ""},
		"car ferry":                   {tagged("route", "ferry", "motor_vehicle", "yes"), 12, 12, false, ""},
		"ferry for walkers":           {tagged("route", "ferry", "foot", "yes"), 0, 0, false, "ferry without a tag that admits cars"},
		"nothing of it is understood": {tagged("highway", "residential", "maxspeed", "?", "width", "?", "lanes", "?", "surface", "?"), 28, 28, false, ""},
	} {
		w, reason := carWay(c.tags, &worldProfile)
		if reason != c.reason || math.Abs(w.Forward-c.forward) > 1e-9 || math.Abs(w.Backward-c.backward) > 1e-9 || reason == "" && w.Restricted != c.restricted {
			t.Errorf("%s: %v and %v km/h, restricted %v, %q", name, w.Forward, w.Backward, w.Restricted, reason)
		}
	}
}

func TestAttributesAreKept(t *testing.T) {
	w, _ := carWay(tagged("highway", "secondary", "name", "県道14号", "maxheight", "3.2", "maxwidth", "2.5", "maxweight", "5", "width", "5.5", "lanes", "2",
		"bridge", "viaduct", "tunnel", "no", "toll", "yes", "motor_vehicle:conditional", "no @ (Dec-Mar)"), &japanProfile)
	if w.Name != "県道14号" || w.MaxHeightM != 3.2 || w.MaxWidthM != 2.5 || w.MaxWeightT != 5 || w.WidthM != 5.5 || w.Lanes != 2 ||
		!w.Bridge || w.Tunnel || !w.Toll || !w.Seasonal || w.Forward != 35 {
		t.Errorf("%+v", w)
	}
	for v, want := range map[string]bool{"no @ (Nov-Apr)": true, "no @ winter": true, "no @ (22:00-06:00)": false, "destination @ (Dec-Mar)": false} {
		if closedByMonth(v) != want {
			t.Errorf("%q closes by month: %v", v, !want)
		}
	}
}

func TestGradients(t *testing.T) {
	for v, want := range map[string]Gradient{
		"": GradientUnknown, "0%": GradientUnknown, "3%": GradientGentle, "-6 %": GradientHilly, "12%": GradientSteep, "up": GradientSteep,
		"-down": GradientSteep, "5°": GradientSteep, "2°": GradientGentle, "steep": GradientUnknown, "7": GradientUnknown,
	} {
		if got := gradientOf(tagged("incline", v)); got != want {
			t.Errorf("%q is %v, want %v", v, got, want)
		}
		if again, ok := ParseGradient(want.String()); !ok || again != want {
			t.Errorf("%v is not read back", want)
		}
	}
}

func TestBarriers(t *testing.T) {
	for name, c := range map[string]struct {
		tags tags
		want bool
	}{
		"crossing":         {tagged("highway", "crossing"), false},
		"bollard":          {tagged("barrier", "bollard"), true},
		"rising bollard":   {tagged("barrier", "bollard", "bollard", "rising"), false},
		"gate":             {tagged("barrier", "gate"), false},
		"locked gate":      {tagged("barrier", "gate", "locked", "yes"), true},
		"private gate":     {tagged("barrier", "gate", "access", "private"), true},
		"gate for cars":    {tagged("barrier", "gate", "access", "no", "motor_vehicle", "yes"), false},
		"toll booth":       {tagged("barrier", "toll_booth"), false},
		"block":            {tagged("barrier", "block"), true},
		"unknown":          {tagged("barrier", "moat"), true},
		"bench":            {tagged("amenity", "bench"), false},
		"ford without car": {tagged("ford", "yes", "motor_vehicle", "no"), true},
	} {
		if blocksCars(c.tags) != c.want {
			t.Errorf("%s blocks cars: %v", name, !c.want)
		}
	}
}

func TestTrafficKeepsLeftWhereItDoes(t *testing.T) {
	for name, c := range map[string]struct {
		at          geo.LatLng
		left, japan bool
	}{
		"Kurobe":   {geo.LatLng{Lat: 36.87, Lng: 137.45}, true, true},
		"Naha":     {geo.LatLng{Lat: 26.21, Lng: 127.68}, true, true},
		"Wakkanai": {geo.LatLng{Lat: 45.4, Lng: 141.7}, true, true},
		"Tsushima": {geo.LatLng{Lat: 34.2, Lng: 129.29}, true, true},
		"Busan":    {geo.LatLng{Lat: 35.18, Lng: 129.07}, false, false},
		"Taipei":   {geo.LatLng{Lat: 25.04, Lng: 121.56}, false, false},
		"London":   {geo.LatLng{Lat: 51.5, Lng: -0.12}, true, false},
		"Paris":    {geo.LatLng{Lat: 48.86, Lng: 2.35}, false, false},
		"Bangkok":  {geo.LatLng{Lat: 13.75, Lng: 100.5}, true, false},
		"Sydney":   {geo.LatLng{Lat: -33.87, Lng: 151.2}, true, false},
		"Delhi":    {geo.LatLng{Lat: 28.6, Lng: 77.2}, true, false},
		"Nairobi":  {geo.LatLng{Lat: -1.29, Lng: 36.8}, true, false},
		"New York": {geo.LatLng{Lat: 40.7, Lng: -74}, false, false},
	} {
		nodes := []Node{{ID: 1, At: c.at}}
		if mostly(nodes, leftDriving...) != c.left || mostly(nodes, japan) != c.japan {
			t.Errorf("%s: left %v, Japan %v", name, !c.left, mostly(nodes, japan))
		}
	}
}
