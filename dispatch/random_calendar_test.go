package dispatch_test

import (
	"slices"
	"strings"
	"sync"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// randomCalendar is what the calendars of the areas say of the shifts of today that they did not say in the morning. A shift is taken out,
// or another one of the same vehicle and driver takes its place, whatever is planned: as if somebody had booked in the same moment
// in which it was allowed. Safe for concurrent use.
type randomCalendar struct {
	mu     sync.Mutex
	edited map[dispatch.AreaID]map[vehicles.ShiftID]bool // guarded by mu: true where another takes its place
}

// mostEdited is how many shifts of an area differ from the morning's at once.
const mostEdited = 2

// instead is the shift that takes the place of another.
func instead(s vehicles.Shift) vehicles.Shift {
	s.ID = "R" + s.ID
	return s
}

// of is the shifts of an area now.
func (c *randomCalendar) of(area dispatch.AreaID, morning []vehicles.Shift) (shifts []vehicles.Shift) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range morning {
		switch another, edited := c.edited[area][s.ID]; {
		case !edited:
			shifts = append(shifts, s)
		case another:
			shifts = append(shifts, instead(s))
		}
	}
	return shifts
}

// edit changes one shift of an area, or puts one back that was changed, and reports whether it did.
func (c *randomCalendar) edit(area dispatch.AreaID, shift vehicles.ShiftID, another, back bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, edited := c.edited[area][shift]
	switch {
	case back != edited || !back && len(c.edited[area]) == mostEdited:
		return false
	case back:
		delete(c.edited[area], shift)
		return true
	}
	if c.edited == nil {
		c.edited = map[dispatch.AreaID]map[vehicles.ShiftID]bool{}
	}
	if c.edited[area] == nil {
		c.edited[area] = map[vehicles.ShiftID]bool{}
	}
	c.edited[area][shift] = another
	return true
}

// morning forgets what was edited yesterday.
func (c *randomCalendar) morning() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.edited)
}

// calendarRandom are the random commands about the calendar.
func calendarRandom() []randomCommand {
	return []randomCommand{
		{"calendar", 2, func(c *randomCaller) error { return c.editCalendar(false) }},
		{"calendar as before", 5, func(c *randomCaller) error { return c.editCalendar(true) }},
	}
}

// editCalendar takes a shift out of the calendar, or puts it back. Every desk reads the calendar again, one after the other.
func (c *randomCaller) editCalendar(back bool) error {
	day := c.today()
	shift := c.shifts[c.random.IntN(len(c.shifts))].ID
	if !back {
		c.ledger.disturb(day)
	}
	if !c.calendar.edit(day.Area, shift, c.random.IntN(3) == 0, back) {
		return nil
	}
	desks := slices.Clone(c.desks)
	c.random.Shuffle(len(desks), func(i, j int) { desks[i], desks[j] = desks[j], desks[i] })
	for _, desk := range desks {
		if err := desk.Reload(c.ctx, day.Area); err != nil {
			return err
		}
	}
	c.ledger.mu.Lock()
	defer c.ledger.mu.Unlock()
	c.ledger.ran["calendar"]++
	return nil
}

// everyShift is all shifts that there may be on a day.
func (w *randomWorld) everyShift() (shifts []vehicles.Shift) {
	for _, s := range w.shifts {
		shifts = append(shifts, s, instead(s))
	}
	return shifts
}

// wholeOf is the shift that a route's is a part of.
func wholeOf(route vehicles.ShiftID) vehicles.ShiftID {
	whole, _, _ := strings.Cut(string(route), "/")
	return vehicles.ShiftID(whole)
}
