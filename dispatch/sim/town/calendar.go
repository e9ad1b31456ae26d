package town

import (
	"slices"

	"github.com/swmaas/swmaas/vehicles"
)

// Calendar is the fleet calendar of a town in which every day is like the generated one: day-service centres and homes lend
// their vans around their own rounds, the others drive by their shift templates. Its shifts of any day are Shifts.
func (t *Town) Calendar() *vehicles.Calendar {
	c := &vehicles.Calendar{Fleet: t.Fleet}
	every := vehicles.DayPattern{Holidays: true}
	for _, s := range t.Shifts {
		for _, r := range s.OwnRounds {
			c.Rounds = append(c.Rounds, vehicles.ProtectedRound{Vehicle: s.Vehicle, Days: every, Span: r})
		}
		if len(s.OwnRounds) > 0 && len(s.Breaks) == 0 {
			c.Windows = append(c.Windows, vehicles.ShareWindow{ID: s.ID, Vehicle: s.Vehicle, Driver: s.Driver, Days: every, Span: s.Span, BackAt: s.End})
			continue
		}
		c.Templates = append(c.Templates, vehicles.ShiftTemplate{
			ID: s.ID, Vehicle: s.Vehicle, Driver: s.Driver, Days: every, Span: s.Span, Start: s.Start, End: s.End, Breaks: slices.Clone(s.Breaks),
		})
	}
	return c
}
