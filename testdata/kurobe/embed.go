// Package kurobe holds the facts about Kurobe City, Toyama, that the demo town is generated from: districts with their
// residents, towns and public places with their positions. README.md names the sources. It imports the standard library
// only, so that any test or tool can use it.
package kurobe

import (
	"embed"
	"encoding/csv"
	"fmt"
	"strconv"
)

//go:embed districts.csv towns.csv places.csv
var files embed.FS

// OldAgeShare is the share of residents aged 65 or older (2022-05-31).
const OldAgeShare = 0.321

// Point is a position in WGS84 degrees.
type Point struct{ Lat, Lng float64 }

// District is a school district with its residents and households (2021-03-31) and the position of its community centre.
type District struct {
	Number                int
	Name                  string
	At                    Point
	Residents, Households int
}

// Town is a town (大字・町) of the city with its representative point. Part is the name of a part of it, mostly empty.
type Town struct {
	Name, Part string
	At         Point
}

// Place is a public place: a school, a community centre, a gymnasium.
type Place struct {
	Name string
	At   Point
}

// Facts is everything this package knows.
type Facts struct {
	Districts []District // 16, by number
	Towns     []Town     // 121, from north to south
	Places    []Place    // 76, from north to south
}

// Load reads the facts. The caller owns the result. An error means that the embedded files are damaged; it names file and line.
func Load() (*Facts, error) {
	f := new(Facts)
	err := read("districts.csv", 6, func(r record) {
		f.Districts = append(f.Districts, District{r.whole(0), r.text(1), r.point(2), r.whole(4), r.whole(5)})
	})
	if err != nil {
		return nil, err
	}
	err = read("towns.csv", 4, func(r record) { f.Towns = append(f.Towns, Town{r.text(0), r.text(1), r.point(2)}) })
	if err != nil {
		return nil, err
	}
	err = read("places.csv", 3, func(r record) { f.Places = append(f.Places, Place{r.text(0), r.point(1)}) })
	if err != nil {
		return nil, err
	}
	return f, nil
}

// record is one line of a file; err keeps the first thing that is wrong with it.
type record struct {
	fields []string
	err    *error
}

func (r record) text(i int) string { return r.fields[i] }

func (r record) whole(i int) int {
	n, err := strconv.Atoi(r.fields[i])
	r.note(err)
	return n
}

func (r record) point(i int) Point {
	lat, err := strconv.ParseFloat(r.fields[i], 64)
	r.note(err)
	lng, err := strconv.ParseFloat(r.fields[i+1], 64)
	r.note(err)
	return Point{lat, lng}
}

func (r record) note(err error) {
	if *r.err == nil {
		*r.err = err
	}
}

// read calls add with every line of a file after its header.
func read(name string, columns int, add func(record)) error {
	f, err := files.Open(name)
	if err != nil {
		return fmt.Errorf("kurobe: read %s: %w", name, err)
	}
	defer func() { _ = f.Close() }()
	lines := csv.NewReader(f)
	lines.FieldsPerRecord = columns
	all, err := lines.ReadAll()
	if err != nil {
		return fmt.Errorf("kurobe: read %s: %w", name, err)
	}
	for i, fields := range all[1:] {
		var bad error
		if add(record{fields, &bad}); bad != nil {
			return fmt.Errorf("kurobe: read %s: line %d: %w", name, i+2, bad)
		}
	}
	return nil
}
