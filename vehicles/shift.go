package vehicles

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/swmaas/swmaas/routing/geo"
)

// MaxDaySecond is the last second of a service day, 30:00:00.
const MaxDaySecond = 30 * 3600

// Span is an interval of a service day in seconds from 00:00, Start inclusive and End exclusive; it may pass 24:00 (86400).
type Span struct{ Start, End int32 }

// Seconds is the length of the span.
func (s Span) Seconds() int32 { return s.End - s.Start }

// Overlaps reports whether the two spans share a moment.
func (s Span) Overlaps(o Span) bool { return s.Start < o.End && o.Start < s.End }

// Shift is the availability of one vehicle with one driver on a service day.
//
// Own rounds (protected runs) are the owner's own pick-up and drop-off rounds inside the shift: the vehicle is back at End
// before one begins and is free again at Start after it. Split turns a shift with own rounds into the gap-free shifts
// that a plan works with.
type Shift struct {
	ID         ShiftID
	Vehicle    VehicleID
	Driver     DriverID
	Span       Span
	Start, End geo.LatLng
	OwnRounds  []Span
	Breaks     []Break
}

// Break is a rest of the driver with nobody aboard. It is taken at the start of its window (closed at both ends), with the
// vehicle at the end place of the shift, and lasts Seconds.
type Break struct {
	Window  Span
	Seconds int32
}

// Validate reports the first thing that makes the shift unusable.
func (s Shift) Validate() error {
	switch {
	case s.ID == "" || s.Vehicle == "" || s.Driver == "":
		return fmt.Errorf("vehicles: shift %q: id, vehicle and driver are needed", s.ID)
	case s.Span.Start < 0 || s.Span.End > MaxDaySecond || s.Span.Seconds() <= 0:
		return fmt.Errorf("vehicles: shift %q: span %d-%d is not within the service day (0 to %d)", s.ID, s.Span.Start, s.Span.End, MaxDaySecond)
	case !s.Start.Valid() || !s.End.Valid():
		return fmt.Errorf("vehicles: shift %q: start or end place is out of range", s.ID)
	}
	for _, r := range s.OwnRounds {
		if r.Seconds() <= 0 {
			return fmt.Errorf("vehicles: shift %q: own round %d-%d is empty or turned round", s.ID, r.Start, r.End)
		}
	}
	for _, b := range s.Breaks {
		if b.Seconds <= 0 || b.Window.Start < s.Span.Start || b.Window.Start > b.Window.End || b.Window.End+b.Seconds > s.Span.End {
			return fmt.Errorf("vehicles: shift %q: break %d-%d of %d s lies outside the shift", s.ID, b.Window.Start, b.Window.End, b.Seconds)
		}
	}
	return nil
}

// Split cuts the own rounds and the breaks out of the shift and returns the gap-free shifts that remain, in order of time,
// each at least minSeconds long. Their ids are the shift's id with "/1", "/2", ... appended where there is more than one part.
func (s Shift) Split(minSeconds int32) []Shift {
	open := s.open(max(minSeconds, 1))
	parts := make([]Shift, 0, len(open))
	for i, span := range open {
		part := s
		part.Span, part.OwnRounds, part.Breaks = span, nil, nil
		if len(open) > 1 {
			part.ID = ShiftID(fmt.Sprintf("%s/%d", s.ID, i+1))
		}
		parts = append(parts, part)
	}
	return parts
}

// open lists the spans of at least minSeconds that the own rounds and the breaks leave.
func (s Shift) open(minSeconds int32) []Span {
	gaps := slices.Clone(s.OwnRounds)
	for _, b := range s.Breaks {
		gaps = append(gaps, Span{b.Window.Start, b.Window.Start + b.Seconds})
	}
	slices.SortFunc(gaps, func(a, b Span) int { return cmp.Compare(a.Start, b.Start) })
	var open []Span
	from := s.Span.Start
	for _, gap := range append(gaps, Span{s.Span.End, s.Span.End}) {
		if to := min(gap.Start, s.Span.End); to-from >= minSeconds {
			open = append(open, Span{from, to})
		}
		from = max(from, gap.End)
	}
	return open
}
