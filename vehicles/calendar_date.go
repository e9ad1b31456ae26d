package vehicles

import (
	"strings"
	"time"
)

// Date is a civil date of the area's zone, "2026-01-20". Dates order as strings. The empty Date means that none is known or
// that an interval has no end.
type Date string

// Valid reports whether d names a day of the calendar.
func (d Date) Valid() bool {
	_, err := time.Parse(time.DateOnly, string(d))
	return err == nil
}

// noon is a moment of the day by which days are counted; noon never meets a change of clocks.
func (d Date) noon() time.Time {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Time{}
	}
	return t.Add(12 * time.Hour)
}

// Weekday is the day of the week of a valid date.
func (d Date) Weekday() time.Weekday { return d.noon().Weekday() }

// Add is the date so many days later, or earlier where days is negative.
func (d Date) Add(days int) Date { return Date(d.noon().AddDate(0, 0, days).Format(time.DateOnly)) }

// Years is the date so many years later; 29 February becomes 1 March where the year has none.
func (d Date) Years(n int) Date { return Date(d.noon().AddDate(n, 0, 0).Format(time.DateOnly)) }

// Dates is an interval of days, both ends included; an empty end is open.
type Dates struct{ From, To Date }

// Contains reports whether the day lies in the interval.
func (p Dates) Contains(d Date) bool { return p.From <= d && (p.To == "" || d <= p.To) }

// Overlaps reports whether the two intervals share a day.
func (p Dates) Overlaps(o Dates) bool {
	return (p.To == "" || o.From <= p.To) && (o.To == "" || p.From <= o.To)
}

// Weekdays is a set of days of the week. The empty set means every day.
type Weekdays uint8

// On returns the set of the given days.
func On(days ...time.Weekday) Weekdays {
	var w Weekdays
	for _, d := range days {
		w |= 1 << d
	}
	return w
}

// Has reports whether the day of the week is in the set.
func (w Weekdays) Has(d time.Weekday) bool { return w == 0 || w>>d&1 == 1 }

// String lists the days of the set from Monday on, "mon tue", or "daily".
func (w Weekdays) String() string {
	if w == 0 {
		return "daily"
	}
	var days []string
	for i := range 7 {
		if d := time.Weekday((i + 1) % 7); w.Has(d) {
			days = append(days, strings.ToLower(d.String()[:3]))
		}
	}
	return strings.Join(days, " ")
}
