package dispatch

import (
	"time"

	"github.com/rickar/cal/v2/jp"

	"github.com/swmaas/swmaas/vehicles"
)

// The years for which national holidays are known. Equinoxes are announced a year ahead, so the later ones are the
// astronomers' forecast; ServiceDays.Shut and Extra correct what the cabinet decides otherwise.
const (
	firstHolidayYear = 2020
	lastHolidayYear  = 2050
)

// nationalHolidays lists the national holidays of Japan with their substitutes, and the days between two of them, which are
// holidays as well (国民の祝日に関する法律 第3条).
func nationalHolidays() map[Day]bool {
	off := map[Day]bool{}
	named := map[Day]bool{}
	for _, shared := range jp.Holidays {
		h := *shared // calculating an equinox writes to the holiday, and the library's own are shared
		for year := firstHolidayYear; year <= lastHolidayYear; year++ {
			actual, observed := h.Calc(year)
			if actual.IsZero() {
				continue
			}
			named[civil(actual)], off[civil(actual)] = true, true
			if !observed.IsZero() {
				off[civil(observed)] = true
			}
		}
	}
	for day := range named {
		between := vehicles.Date(day).Add(1)
		if next := Day(between.Add(1)); named[next] {
			off[Day(between)] = true
		}
	}
	return off
}

func civil(t time.Time) Day { return Day(t.Format(time.DateOnly)) }
