package vehicles

import (
	"testing"

	"github.com/swmaas/swmaas/routing/geo"
)

func TestSplitCutsOwnRoundsOutOfAShift(t *testing.T) {
	at := geo.LatLng{Lat: 36.87, Lng: 137.44}
	day := Shift{ID: "S", Vehicle: "V", Driver: "D", Span: Span{100, 1000}, Start: at, End: at}
	for name, c := range map[string]struct {
		rounds []Span
		breaks []Break
		min    int32
		want   []Span
	}{
		"no round leaves the shift whole":            {nil, nil, 1, []Span{{100, 1000}}},
		"rounds in any order leave the gaps between": {[]Span{{700, 800}, {200, 300}}, nil, 1, []Span{{100, 200}, {300, 700}, {800, 1000}}},
		"overlapping rounds count once":              {[]Span{{200, 400}, {300, 500}}, nil, 1, []Span{{100, 200}, {500, 1000}}},
		"a round over the end cuts the end":          {[]Span{{900, 1200}}, nil, 1, []Span{{100, 900}}},
		"a round over the start cuts the start":      {[]Span{{0, 150}}, nil, 1, []Span{{150, 1000}}},
		"a round after the shift changes nothing":    {[]Span{{2000, 2100}}, nil, 1, []Span{{100, 1000}}},
		"short rests are not worth a ride":           {[]Span{{150, 300}}, nil, 60, []Span{{300, 1000}}},
		"a break is a gap as well":                   {nil, []Break{{Span{500, 600}, 45}}, 1, []Span{{100, 500}, {545, 1000}}},
		"rounds all day leave nothing":               {[]Span{{0, 2000}}, nil, 1, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := day
			s.OwnRounds, s.Breaks = c.rounds, c.breaks
			parts := s.Split(c.min)
			if len(parts) != len(c.want) {
				t.Fatalf("got %d parts %+v, want %v", len(parts), parts, c.want)
			}
			for i, p := range parts {
				if p.Span != c.want[i] || len(p.OwnRounds) != 0 {
					t.Errorf("part %d: got %v with rounds %v, want %v", i, p.Span, p.OwnRounds, c.want[i])
				}
				if (len(parts) > 1) != (p.ID != "S") {
					t.Errorf("part %d of %d has id %s", i, len(parts), p.ID)
				}
			}
		})
	}
}
