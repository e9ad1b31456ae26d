package kurobe_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/swmaas/swmaas/testdata/dataset"
	"github.com/swmaas/swmaas/testdata/kurobe"
)

// read returns the wanted columns of a shared file, a sorted line for each row.
func read(t *testing.T, name string, columns ...int) (lines []string) {
	t.Helper()
	file, err := os.Open(dataset.Path(t, "data/kurobe/"+name))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		line := ""
		for _, column := range columns {
			line += row[column] + " "
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}

// restated sorts the lines that format makes of a list.
func restated[T any](list []T, format func(T) string) (lines []string) {
	for _, item := range list {
		lines = append(lines, format(item))
	}
	slices.Sort(lines)
	return lines
}

func TestFactsEqualTheirSource(t *testing.T) {
	facts, err := kurobe.Load()
	if err != nil {
		t.Fatal(err)
	}
	at := func(p kurobe.Point) string { return fmt.Sprintf("%v %v ", p.Lat, p.Lng) }
	districts := restated(facts.Districts, func(d kurobe.District) string {
		return fmt.Sprintf("%s %d %d ", d.Name, d.Residents, d.Households) + at(d.At)
	})
	towns := restated(facts.Towns, func(s kurobe.Town) string { return s.Name + " " + s.Part + " " + at(s.At) })
	places := restated(facts.Places, func(p kurobe.Place) string { return p.Name + " " + at(p.At) })
	for _, c := range []struct {
		what      string
		got, want []string
	}{
		{"districts", districts, read(t, "districts.csv", 0, 1, 2, 3, 4)},
		{"towns", towns, read(t, "towns.csv", 0, 1, 2, 3)},
		{"places", places, read(t, "public_places.csv", 0, 1, 2)},
	} {
		if len(c.got) != len(c.want) {
			t.Errorf("%d %s, the source has %d", len(c.got), c.what, len(c.want))
			continue
		}
		for i := range c.got {
			if c.got[i] != c.want[i] {
				t.Errorf("%s: %q, the source has %q", c.what, c.got[i], c.want[i])
			}
		}
	}
}
