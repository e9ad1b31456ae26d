package vehicles_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// at is a moment of the service day in seconds.
func at(hour, minute int32) int32 { return hour*3600 + minute*60 }

func shift(change func(s *vehicles.Shift)) vehicles.Shift {
	s := vehicles.Shift{
		ID: "S-1", Vehicle: "V-1", Driver: "D-1", Span: vehicles.Span{Start: at(8, 0), End: at(17, 0)},
		Start: geo.LatLng{Lat: 36.87, Lng: 137.45}, End: geo.LatLng{Lat: 36.87, Lng: 137.45},
	}
	change(&s)
	return s
}

func TestPartsAreNumberedWhereThereAreSeveral(t *testing.T) {
	whole := shift(func(*vehicles.Shift) {}).Split(0)
	if len(whole) != 1 || whole[0].ID != "S-1" {
		t.Errorf("a whole shift splits into %+v", whole)
	}
	parts := shift(func(s *vehicles.Shift) { s.OwnRounds = []vehicles.Span{{Start: at(9, 0), End: at(10, 0)}} }).Split(0)
	if len(parts) != 2 || parts[0].ID != "S-1/1" || parts[1].ID != "S-1/2" || parts[1].OwnRounds != nil || parts[1].Vehicle != "V-1" {
		t.Errorf("a divided shift splits into %+v", parts)
	}
}

// Second by second: a second is in a part if and only if it is in the shift and in no round and no break.
func TestSplitCoversJustTheFreeSeconds(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		s := shift(func(s *vehicles.Shift) {
			s.Span = vehicles.Span{Start: 10 + rng.Int32N(20), End: 60 + rng.Int32N(60)}
			for range rng.IntN(4) {
				from := rng.Int32N(130)
				s.OwnRounds = append(s.OwnRounds, vehicles.Span{Start: from, End: from + 1 + rng.Int32N(30)})
			}
			if rng.IntN(2) == 0 {
				from := s.Span.Start + rng.Int32N(10)
				s.Breaks = []vehicles.Break{{Window: vehicles.Span{Start: from, End: from}, Seconds: 1 + rng.Int32N(20)}}
			}
		})
		parts := s.Split(0)
		for sec := int32(0); sec < 150; sec++ {
			if got, want := within(sec, parts), free(sec, s); got != want {
				t.Fatalf("second %d of %+v: in a part %v, free %v; parts %+v", sec, s, got, want, parts)
			}
		}
	}
}

func within(sec int32, parts []vehicles.Shift) bool {
	return slices.ContainsFunc(parts, func(p vehicles.Shift) bool { return sec >= p.Span.Start && sec < p.Span.End })
}

func free(sec int32, s vehicles.Shift) bool {
	in := func(from, to int32) bool { return sec >= from && sec < to }
	return in(s.Span.Start, s.Span.End) &&
		!slices.ContainsFunc(s.OwnRounds, func(r vehicles.Span) bool { return in(r.Start, r.End) }) &&
		!slices.ContainsFunc(s.Breaks, func(b vehicles.Break) bool { return in(b.Window.Start, b.Window.Start+b.Seconds) })
}

func TestShiftThatCannotBeDrivenIsRefused(t *testing.T) {
	if err := shift(func(*vehicles.Shift) {}).Validate(); err != nil {
		t.Fatalf("a usable shift: %v", err)
	}
	if err := shift(func(s *vehicles.Shift) { s.Span.End = vehicles.MaxDaySecond }).Validate(); err != nil {
		t.Fatalf("a shift until 30:00: %v", err)
	}
	for name, c := range map[string]struct {
		change func(s *vehicles.Shift)
		says   string
	}{
		"no driver":             {func(s *vehicles.Shift) { s.Driver = "" }, "id, vehicle and driver"},
		"ends before it starts": {func(s *vehicles.Shift) { s.Span.End = s.Span.Start }, "service day"},
		"past 30:00":            {func(s *vehicles.Shift) { s.Span.End = vehicles.MaxDaySecond + 1 }, "service day"},
		"starts off the globe":  {func(s *vehicles.Shift) { s.Start.Lat = 95 }, "out of range"},
		"own round turned round": {
			func(s *vehicles.Shift) { s.OwnRounds = []vehicles.Span{{Start: at(10, 0), End: at(9, 0)}} }, "own round",
		},
		"break after the end": {
			func(s *vehicles.Shift) {
				s.Breaks = []vehicles.Break{{Window: vehicles.Span{Start: at(16, 30), End: at(16, 45)}, Seconds: 1800}}
			}, "break",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if err := shift(c.change).Validate(); err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), `"S-1"`) {
				t.Errorf("got %v, want the shift and %q", err, c.says)
			}
		})
	}
}
