package dispatch

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/swmaas/swmaas/vehicles"
)

// fixedCalendar is a calendar that does not change.
type fixedCalendar vehicles.Calendar

func (c *fixedCalendar) Calendar(context.Context, string) (*vehicles.Calendar, error) {
	out := vehicles.Calendar(*c)
	return &out, nil
}

// newCalendarBench is a desk whose shifts come from a calendar of a fleet of so many vans, one driver each.
func newCalendarBench(t *testing.T, vans int, fill func(c *fixedCalendar)) *bench {
	t.Helper()
	b := newBench(t, vans)
	fleet := b.fleet.(fixedFleet)
	fleet.shifts = nil
	for i := range vans {
		fleet.fleet.Drivers = append(fleet.fleet.Drivers, vehicles.Driver{ID: vehicles.DriverID(fmt.Sprintf("D-%02d", i)), Licence: vehicles.FirstClass})
	}
	c := new(fixedCalendar)
	fill(c)
	var err error
	b.Desk, err = NewDesk(Config{OfferKey: [32]byte{1}, Unchecked: true, Calendars: c}, b.store, fleet, b.travel, func() time.Time { return b.now })
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func clock(hour, minute int32) int32 { return hour*3600 + minute*60 }

// A day-service centre lends its van between its morning and its afternoon round. Callers ask for rides at every time of the
// day: the van drives only within the window, is never away during a round or its margins, and stands at the centre when it
// has to be back, even in the worst case that every stop is as late as was promised.
func TestALentVanDrivesWithinItsWindowAndIsBackInTime(t *testing.T) {
	centre := corner(3, 3)
	morning, noon := vehicles.Span{Start: clock(8, 0), End: clock(9, 15)}, vehicles.Span{Start: clock(12, 0), End: clock(12, 40)}
	b := newCalendarBench(t, 1, func(c *fixedCalendar) {
		c.Windows = []vehicles.ShareWindow{{
			ID: "W", Vehicle: "V-00", Driver: "D-00", Span: vehicles.Span{Start: clock(8, 0), End: clock(16, 0)},
			BackBy: clock(15, 0), BackAt: centre, Margin: 10 * 60,
		}}
		c.Rounds = []vehicles.ProtectedRound{
			{Vehicle: "V-00", Span: morning, Before: 600, After: 300},
			{Vehicle: "V-00", Span: noon, Before: 600, After: 300},
		}
	})
	rng := rand.New(rand.NewPCG(27, 1))
	booked := 0
	for i := range 80 {
		from := clock(7, 30) + rng.Int32N(9*3600)
		req := trip(fmt.Sprint("R-", i), rng.IntN(12), rng.IntN(6), rng.IntN(12), 6+rng.IntN(6), 0)
		req.Wish = Wish{PickupWithin, Window{from, from + 1800}}
		quote := b.mustQuote(t, req)
		if len(quote.Offers) == 0 {
			continue
		}
		if _, err := b.Book(t.Context(), Actor{"test"}, "kurobe", quote.Offers[0].Token, fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
		booked++
		if booked%5 == 0 {
			if _, err := b.Improve(t.Context(), "kurobe", testDay, ImproveOptions{Iterations: 300, Seed: uint64(i), MinGain: 1}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if booked < 8 {
		t.Fatalf("only %d of 80 were booked: the test shows nothing", booked)
	}
	state, err := b.State(t.Context(), "kurobe", testDay)
	if err != nil {
		t.Fatal(err)
	}
	shifts, err := b.Shifts(t.Context(), "kurobe", testDay)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := b.open(t.Context(), "kurobe", testDay)
	for _, s := range shifts {
		if s.Vehicle != "V-00" || s.End != centre {
			t.Errorf("shift %+v does not end at the centre", s)
		}
		route := state.Routes[s.ID]
		if route == nil {
			continue
		}
		first, last := &route.Stops[0], &route.Stops[len(route.Stops)-1]
		if first.LeaveBy < s.Span.Start || s.Span.Start < morning.End+300 {
			t.Errorf("shift %s leaves at %d of a window from %d", s.ID, first.LeaveBy, s.Span.Start)
		}
		home := last.Depart + a.places.planned(place(state.Rides[last.Ride], last.Kind), centre, Window{})
		back := clock(15, 0) - 600
		if s.Span.Start < noon.Start {
			back = noon.Start - 600
		}
		if home > back || home > s.Span.End {
			t.Errorf("shift %s is back at %d, wanted by %d", s.ID, home, back)
		}
		for _, r := range []vehicles.Span{morning, noon} {
			if (vehicles.Span{Start: first.LeaveBy, End: home}).Overlaps(vehicles.Span{Start: r.Start - 600, End: r.End + 300}) {
				t.Errorf("shift %s is out from %d to %d, during the round at %d", s.ID, first.LeaveBy, home, r.Start)
			}
		}
	}
}

func TestShiftsComeFromTheCalendarWithWhatStandsInTheirWay(t *testing.T) {
	b := newCalendarBench(t, 3, func(c *fixedCalendar) {
		for i := range 3 {
			id := fmt.Sprint(i)
			c.Templates = append(c.Templates, vehicles.ShiftTemplate{
				ID: vehicles.ShiftID("S-" + id), Vehicle: vehicles.VehicleID("V-0" + id), Driver: vehicles.DriverID("D-0" + id),
				Span: vehicles.Span{Start: clock(8, 0), End: clock(17, 0)},
			})
		}
		c.Leaves = []vehicles.Leave{{Driver: "D-01", Dates: vehicles.Dates{From: "2026-01-20", To: "2026-01-20"}}}
		c.Outages = []vehicles.Outage{{Vehicle: "V-02", Dates: vehicles.Dates{From: "2026-01-20"}, Span: vehicles.Span{Start: clock(8, 0), End: clock(12, 0)}, Reason: "車検"}}
		c.Papers = []vehicles.Papers{{Vehicle: "V-00", Inspection: "2026-02-01"}}
	})
	shifts, err := b.Shifts(t.Context(), "kurobe", testDay)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range shifts {
		got = append(got, fmt.Sprintf("%s %s %d-%d", s.ID, s.Driver, s.Span.Start/3600, s.Span.End/3600))
	}
	if want := []string{"S-0 D-00 8-17", "S-2 D-02 12-17"}; !slices.Equal(got, want) {
		t.Errorf("shifts %q, want %q", got, want)
	}
	problems, err := b.Problems(t.Context(), "kurobe", testDay)
	if err != nil {
		t.Fatal(err)
	}
	if len(problems) != 2 || problems[0].Kind != vehicles.DriverAway || problems[1].Kind != vehicles.VehicleOut || problems[1].Detail != "車検" {
		t.Errorf("problems %v", problems)
	}
	expiring, err := b.Expiring(t.Context(), "kurobe", testDay, 30)
	if err != nil || len(expiring) != 1 || expiring[0].Vehicle != "V-00" {
		t.Errorf("expiring %v, %v", expiring, err)
	}
}

// A shift that was saved for the day holds, whatever the calendar says of it.
func TestSavedShiftsGoBeforeTheCalendar(t *testing.T) {
	b := newCalendarBench(t, 1, func(c *fixedCalendar) {
		c.Templates = []vehicles.ShiftTemplate{{ID: "T", Vehicle: "V-00", Driver: "D-00", Span: vehicles.Span{Start: clock(8, 0), End: clock(17, 0)}}}
	})
	fleet := b.fleet.(fixedFleet)
	fleet.shifts = []vehicles.Shift{{
		ID: "saved", Vehicle: "V-00", Driver: "D-00", Span: vehicles.Span{Start: clock(10, 0), End: clock(12, 0)}, Start: corner(0, 0), End: corner(0, 0),
	}}
	b.Desk.fleet = fleet
	shifts, err := b.Shifts(t.Context(), "kurobe", testDay)
	if err != nil || len(shifts) != 1 || shifts[0].ID != "saved" {
		t.Errorf("shifts %v, %v", shifts, err)
	}
}
