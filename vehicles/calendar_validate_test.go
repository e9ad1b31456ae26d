package vehicles_test

import (
	"strings"
	"testing"

	"github.com/swmaas/swmaas/vehicles"
)

func TestACalendarThatNoDayCouldBeWorkedOutFromIsRefused(t *testing.T) {
	if err := calendar(func(*vehicles.Calendar) {}).Validate(); err != nil {
		t.Errorf("a sound calendar is refused: %v", err)
	}
	turned := vehicles.Dates{From: "2027-02-01", To: "2027-01-01"}
	for name, c := range map[string]struct {
		spoil func(c *vehicles.Calendar)
		want  string
	}{
		"a template without a vehicle": {func(c *vehicles.Calendar) { c.Templates[0].Vehicle = "" }, "an id is missing"},
		"a window with a taken id": {func(c *vehicles.Calendar) {
			c.Windows = []vehicles.ShareWindow{{ID: "S-1", Vehicle: "V-2", Span: hours(9, 10)}}
		}, "the id is repeated"},
		"a window with a negative margin": {func(c *vehicles.Calendar) {
			c.Windows = []vehicles.ShareWindow{{ID: "W", Vehicle: "V-2", Span: hours(9, 10), Margin: -1}}
		}, "with a margin of -1 s"},
		"a round past the day": {func(c *vehicles.Calendar) {
			c.Rounds = []vehicles.ProtectedRound{{Vehicle: "V-1", Span: hours(29, 31)}}
		}, "is not a part of the service day"},
		"an offer turned round":    {func(c *vehicles.Calendar) { c.Available = []vehicles.Availability{{Driver: "D-1", Span: hours(9, 8)}} }, "is not a part"},
		"a leave turned round":     {func(c *vehicles.Calendar) { c.Leaves = []vehicles.Leave{{Driver: "D-1", Dates: turned}} }, "is turned round"},
		"an outage of no vehicle":  {func(c *vehicles.Calendar) { c.Outages = []vehicles.Outage{{}} }, "an id is missing"},
		"a substitution on no day": {func(c *vehicles.Calendar) { c.Substitutions = []vehicles.Substitution{{Shift: "S-1"}} }, "is not a date"},
		"an inspection on no date": {func(c *vehicles.Calendar) { c.Papers = []vehicles.Papers{{Vehicle: "V-1", Inspection: "soon"}} }, "\"soon\" is not a date"},
		"a suspension turned round": {func(c *vehicles.Calendar) {
			c.Credentials = []vehicles.Credentials{{Person: "D-1", Suspensions: []vehicles.Dates{turned}}}
		}, "is turned round"},
		"a template on no such dates": {func(c *vehicles.Calendar) { c.Templates[0].Days.Dates.To = "2027-02-30" }, "is not a date"},
	} {
		err := calendar(c.spoil).Validate()
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
