package dispatch

import (
	"slices"

	"github.com/swmaas/swmaas/vehicles"
)

// calendar tells a standing order of an area's days.
type calendar struct {
	holiday func(Day) bool
	serves  func(Day) bool // whether there is any service
}

// mostMoved is how many days a day of a pattern may be moved by a holiday.
const mostMoved = 7

// legsOn is what the order asks for on a day: nil where it is not served then.
func (o *StandingOrder) legsOn(day Day, c *calendar) []TripLeg {
	for _, e := range o.Exceptions {
		if e.Day == day {
			if e.Skip {
				return nil
			}
			return e.Legs
		}
	}
	if o.suspended(day) {
		return nil
	}
	if o.inPattern(day) {
		if o.Holidays == HolidayServed || !c.holiday(day) {
			return o.Legs
		}
		return nil
	}
	if o.movedTo(day, c) {
		return o.Legs
	}
	return nil
}

// inPattern reports whether weekday, week and dates are the order's.
func (o *StandingOrder) inPattern(day Day) bool {
	d := vehicles.Date(day)
	if !o.Dates.Contains(d) || !o.Weekdays.Has(d.Weekday()) {
		return false
	}
	if o.EveryWeeks <= 1 {
		return true
	}
	weeks := 0
	for from, to := monday(o.Dates.From), monday(d); from < to; from = from.Add(7) {
		weeks++
	}
	return weeks%o.EveryWeeks == 0
}

func (o *StandingOrder) suspended(day Day) bool {
	return slices.ContainsFunc(o.Suspended, func(s Suspension) bool { return s.Dates.Contains(vehicles.Date(day)) })
}

// movedTo reports whether a holiday of the pattern is served on a day instead.
func (o *StandingOrder) movedTo(day Day, c *calendar) bool {
	step := 1
	switch o.Holidays {
	case HolidayMovedBefore:
		step = -1
	case HolidayMovedAfter:
	default:
		return false
	}
	if !c.free(o, day) {
		return false
	}
	for n := 1; n <= mostMoved; n++ {
		from := Day(vehicles.Date(day).Add(-n * step))
		if o.inPattern(from) && c.holiday(from) && !o.suspended(from) && !o.excepted(from) {
			return true
		}
		if c.free(o, from) {
			return false // an earlier holiday would have been moved there
		}
	}
	return false
}

func (o *StandingOrder) excepted(day Day) bool {
	return slices.ContainsFunc(o.Exceptions, func(e Exception) bool { return e.Day == day })
}

// free reports whether a day of the order's can be moved to a day.
func (c *calendar) free(o *StandingOrder, day Day) bool {
	return !o.inPattern(day) && !c.holiday(day) && c.serves(day)
}
