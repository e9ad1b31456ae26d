package routing

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/routing/osm"
)

// The conditions file is JSON. Every field may be left out; unknown ones are errors, so that a typing mistake does not
// leave a bridge open.
type (
	conditionsFile struct {
		Closures  []closureFile  `json:"closures"`
		SlowDowns []slowDownFile `json:"slow_downs"`
		Weather   string         `json:"weather"`
		Winter    bool           `json:"winter"`
		Vehicle   struct {
			HeightM float64 `json:"height_m"`
			WidthM  float64 `json:"width_m"`
			WeightT float64 `json:"weight_t"`
		} `json:"vehicle"`
	}
	intervalFile struct {
		From  time.Time `json:"from"`
		Until time.Time `json:"until"`
		Note  string    `json:"note"` // for people
	}
	closureFile struct {
		Ways []int64      `json:"ways"`
		Area [][2]float64 `json:"area"` // corners as [lat, lng]
		intervalFile
	}
	slowDownFile struct {
		Factor    float64      `json:"factor"`
		Ways      []int64      `json:"ways"`
		Classes   []string     `json:"classes"`
		Surfaces  []string     `json:"surfaces"`
		Gradients []string     `json:"gradients"`
		Area      [][2]float64 `json:"area"`
		intervalFile
	}
)

// ReadConditions reads a conditions file. Errors name the file and, where the content is wrong, wrap
// ErrInvalidConditions and name the line or the entry.
func ReadConditions(path string) (Conditions, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return Conditions{}, fmt.Errorf("routing: read conditions: %w", err)
	}
	c, err := parseConditions(content)
	if err != nil {
		return Conditions{}, fmt.Errorf("routing: read conditions %s: %w", path, err)
	}
	return c, nil
}

func parseConditions(content []byte) (Conditions, error) {
	var f conditionsFile
	d := json.NewDecoder(bytes.NewReader(content))
	d.DisallowUnknownFields()
	err := d.Decode(&f)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something follows the closing brace")
		}
	}
	if err != nil {
		line := 1 + bytes.Count(content[:min(int(d.InputOffset()), len(content))], []byte("\n"))
		return Conditions{}, fmt.Errorf("%w: line %d: %w", ErrInvalidConditions, line, err)
	}
	c := Conditions{Winter: f.Winter, Vehicle: Vehicle(f.Vehicle)}
	if f.Weather != "" {
		weather, known := ParseWeather(f.Weather)
		if !known {
			return Conditions{}, fmt.Errorf("%w: weather %q is none of %q", ErrInvalidConditions, f.Weather, weatherNames)
		}
		c.Weather = weather
	}
	for _, x := range f.Closures {
		c.Closures = append(c.Closures, Closure{Ways: x.Ways, Area: areaOf(x.Area), When: x.interval()})
	}
	for i, x := range f.SlowDowns {
		s := SlowDown{Factor: x.Factor, Ways: x.Ways, Area: areaOf(x.Area), When: x.interval()}
		for _, name := range x.Classes {
			class, ok := osm.ParseRoadClass(name)
			if !ok {
				return Conditions{}, fmt.Errorf("%w: slow-down %d: unknown class %q", ErrInvalidConditions, i, name)
			}
			s.Classes = append(s.Classes, class)
		}
		for _, name := range x.Surfaces {
			surface, ok := osm.ParseSurface(name)
			if !ok {
				return Conditions{}, fmt.Errorf("%w: slow-down %d: unknown surface %q", ErrInvalidConditions, i, name)
			}
			s.Surfaces = append(s.Surfaces, surface)
		}
		for _, name := range x.Gradients {
			gradient, ok := osm.ParseGradient(name)
			if !ok {
				return Conditions{}, fmt.Errorf("%w: slow-down %d: unknown gradient %q", ErrInvalidConditions, i, name)
			}
			s.Gradients = append(s.Gradients, gradient)
		}
		c.SlowDowns = append(c.SlowDowns, s)
	}
	return c, c.Validate()
}

func (f intervalFile) interval() Interval { return Interval{From: f.From, Until: f.Until} }

func areaOf(corners [][2]float64) Area {
	var a Area
	for _, c := range corners {
		a = append(a, geo.LatLng{Lat: c[0], Lng: c[1]})
	}
	return a
}
