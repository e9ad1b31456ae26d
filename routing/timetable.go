package routing

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Period is a view with the time of day from which it holds.
type Period struct {
	From int32 // seconds from 00:00 of the service day; the first period holds before its From too
	View *View
}

// Timetable gives driving times by time of departure from one view a period. A trip keeps the view of the period in which
// it sets out, and no trip is overtaken by one that sets out later: where waiting for the next period would bring a
// driver there sooner, the time given is that of waiting, so that earlier departures never arrive later (FIFO). It
// is immutable and safe for concurrent use.
type Timetable struct {
	periods []Period
}

// NewTimetable returns the timetable of the given periods, ascending by From.
func NewTimetable(periods ...Period) (*Timetable, error) {
	if len(periods) == 0 {
		return nil, errors.New("routing: timetable: no periods")
	}
	for i, p := range periods {
		if p.View == nil || p.View.r != periods[0].View.r {
			return nil, fmt.Errorf("routing: timetable: period %d has no view, or one of another router", i)
		}
		if i > 0 && p.From <= periods[i-1].From {
			return nil, fmt.Errorf("routing: timetable: period %d does not begin after the one before it", i)
		}
	}
	return &Timetable{periods: slices.Clone(periods)}, nil
}

// at returns the position of the period that holds a time.
func (t *Timetable) at(depart int32) int {
	i := len(t.periods) - 1
	for i > 0 && depart < t.periods[i].From {
		i--
	}
	return i
}

// Views returns the views that a departure from earliest to latest, both included, may meet.
func (t *Timetable) Views(earliest, latest int32) []*View {
	var out []*View
	for i := t.at(earliest); i <= t.at(latest); i++ {
		out = append(out, t.periods[i].View)
	}
	return out
}

// Duration returns the seconds between departure and arrival; see View.Duration.
func (t *Timetable) Duration(depart int32, from, to Point) (int32, error) {
	i := t.at(depart)
	best, err := t.periods[i].View.Duration(from, to)
	if err != nil {
		return 0, err
	}
	for i++; i < len(t.periods) && t.periods[i].From-depart < best; i++ {
		later, err := t.periods[i].View.Duration(from, to)
		if err != nil {
			return 0, err
		}
		if later != Unreachable {
			best = min(best, t.periods[i].From-depart+later)
		}
	}
	return best, nil
}

// Matrix fills seconds for departures at one time; see View.Matrix.
func (t *Timetable) Matrix(ctx context.Context, depart int32, from, to []Point, seconds []int32) error {
	i := t.at(depart)
	if err := t.periods[i].View.Matrix(ctx, from, to, seconds, nil); err != nil {
		return err
	}
	var later []int32
	for i++; i < len(t.periods); i++ {
		wait := t.periods[i].From - depart
		if !slices.ContainsFunc(seconds, func(s int32) bool { return s > wait }) {
			return nil
		}
		later = slices.Grow(later[:0], len(seconds))[:len(seconds)]
		if err := t.periods[i].View.Matrix(ctx, from, to, later, nil); err != nil {
			return err
		}
		for k, s := range later {
			if s != Unreachable {
				seconds[k] = min(seconds[k], wait+s)
			}
		}
	}
	return nil
}
