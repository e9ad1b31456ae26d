package dispatch_test

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// conditionsRandom are the random commands about roads, vehicles and drivers that are not what the plan was made for.
func conditionsRandom() []randomCommand {
	return []randomCommand{
		{"close", 3, (*randomCaller).closeRoad},
		{"lift", 4, (*randomCaller).liftCondition},
		{"take out", 3, (*randomCaller).takeOut},
		{"bring back", 4, (*randomCaller).bringBack},
		{"snow mode", 2, (*randomCaller).snowMode},
		{"snow over", 4, (*randomCaller).snowOver},
		{"mend", 4, (*randomCaller).mend},
		{"stand down", 1, (*randomCaller).standDown},
		{"substitute", 3, (*randomCaller).substitute},
	}
}

// mostRandomConditions is how many conditions of roads hold on a day at once: the desk refuses too many different sets.
const mostRandomConditions = 3

// mendCodes are the codes of what was not asked for by the riders whom it moves.
func mendCodes() []string {
	return []string{
		"FLOOD", string(dispatch.Breakdown), string(dispatch.DriverSick), string(dispatch.StoodDown), dispatch.CodeMended,
		dispatch.CodeBackInService, dispatch.CodeBadWeather,
	}
}

// disturb notes that roads or vehicles of a day are no longer what was promised with: somebody may be late, and is told so.
func (l *ledger) disturb(day dispatch.AreaDay) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.disturbed[day] = true
}

func (l *ledger) isDisturbed(day dispatch.AreaDay) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.disturbed[day]
}

// shape is a random block of the town, two to four crossings wide.
func (c *randomCaller) shape() []geo.LatLng {
	x, y, n := c.random.IntN(9), c.random.IntN(9), 2+c.random.IntN(3)
	return []geo.LatLng{corner(x, y), corner(x+n, y), corner(x+n, y+n), corner(x, y+n)}
}

// closeRoad closes a road or a block, or makes it slow, for a while from about now on.
func (c *randomCaller) closeRoad() error {
	day := c.today()
	rows, err := c.desk().Conditions(c.ctx, day.Area, day.Day)
	if err != nil || len(rows)-len(lifted(rows)) >= mostRandomConditions {
		return err
	}
	from := c.now().Add(time.Duration(c.random.IntN(60)-20) * time.Minute)
	o := dispatch.ConditionOrder{From: from, Until: from.Add(time.Duration(20+c.random.IntN(120)) * time.Minute), Text: "water on the road"}
	o.Kind, o.Reason = dispatch.RoadClosed, "FLOOD"
	if c.random.IntN(2) == 0 {
		o.Road = fmt.Sprintf("%s %d", []string{"row", "column"}[c.random.IntN(2)], c.random.IntN(12))
	} else {
		o.Shape = c.shape()
	}
	if c.random.IntN(3) == 0 {
		o.Kind, o.Percent = dispatch.RoadSlow, int32(120+c.random.IntN(200))
	}
	c.ledger.disturb(day)
	return c.make("close", day, func(desk *dispatch.Desk, by dispatch.Actor, key string) (bool, error) {
		_, _, err := desk.SetCondition(c.ctx, by, day.Area, o, key)
		return err == nil, err
	})
}

// lifted lists the rows of conditions that hold no more.
func lifted(rows []dispatch.NoteRow[*dispatch.Condition]) (out []dispatch.NoteID) {
	for _, r := range rows {
		if r.Body.Lifted {
			out = append(out, r.ID)
		}
	}
	return out
}

func (c *randomCaller) liftCondition() error {
	day := c.today()
	rows, err := c.desk().Conditions(c.ctx, day.Area, day.Day)
	if err != nil {
		return err
	}
	over := lifted(rows)
	rows = slices.DeleteFunc(rows, func(r dispatch.NoteRow[*dispatch.Condition]) bool { return slices.Contains(over, r.ID) })
	if len(rows) == 0 {
		return nil
	}
	row := rows[c.random.IntN(len(rows))]
	return c.make("lift", day, func(desk *dispatch.Desk, by dispatch.Actor, key string) (bool, error) {
		_, err := desk.LiftCondition(c.ctx, by, day.Area, day.Day, row.ID, row.Version, key)
		return err == nil, err
	})
}

// takeOut has a vehicle break down at a random crossing, whoever is aboard, or its driver fall ill.
func (c *randomCaller) takeOut() error {
	day, shift := c.today(), c.shifts[c.random.IntN(len(c.shifts))]
	o := dispatch.StandDown{
		Day: day.Day, Vehicle: shift.Vehicle, Cause: dispatch.Breakdown, At: corner(c.random.IntN(12), c.random.IntN(12)), From: c.second(),
	}
	switch c.random.IntN(4) {
	case 0:
		o.Vehicle, o.Driver, o.Cause = "", shift.Driver, dispatch.DriverSick
	case 1:
		o.Cause, o.From = dispatch.StoodDown, c.second()+int32(c.random.IntN(2*3600))
	}
	c.ledger.disturb(day)
	return c.make("take out", day, func(desk *dispatch.Desk, by dispatch.Actor, key string) (bool, error) {
		_, err := desk.TakeOut(c.ctx, by, day.Area, o, key)
		return err == nil, err
	})
}

func (c *randomCaller) bringBack() error {
	day := c.today()
	rows, err := c.desk().Outages(c.ctx, day.Area, day.Day)
	if err != nil {
		return err
	}
	rows = slices.DeleteFunc(rows, func(r dispatch.NoteRow[*dispatch.Outage]) bool { return r.Body.Undone || r.Body.Until > 0 })
	if len(rows) == 0 {
		return nil
	}
	o := dispatch.BackInService{Day: day.Day, Vehicle: rows[c.random.IntN(len(rows))].Body.Vehicle}
	if c.random.IntN(2) == 0 {
		o.At, o.From = corner(c.random.IntN(12), c.random.IntN(12)), c.second()+int32(c.random.IntN(1800))
	}
	return c.make("bring back", day, func(desk *dispatch.Desk, by dispatch.Actor, key string) (bool, error) {
		_, err := desk.BringBack(c.ctx, by, day.Area, o, key)
		return err == nil, err
	})
}

// snowMode leaves only what cannot wait to be driven, in the whole area or a part of it.
func (c *randomCaller) snowMode() error {
	day := c.today()
	rows, err := c.desk().Storms(c.ctx, day.Area, day.Day)
	if err != nil || slices.ContainsFunc(rows, func(r dispatch.NoteRow[*dispatch.Storm]) bool { return !r.Body.Lifted }) {
		return err
	}
	from := max(0, c.second()+int32(c.random.IntN(5400))-1800)
	o := dispatch.StormOrder{Day: day.Day, Storm: dispatch.Storm{
		Window: dispatch.Window{Earliest: from, Latest: from + 3600}, Keep: []string{"dialysis"},
	}}
	if c.random.IntN(2) == 0 {
		o.Shape = c.shape()
	}
	if c.random.IntN(2) == 0 {
		o.Snow = []dispatch.SnowDepth{dispatch.LightSnow, dispatch.HeavySnow}[c.random.IntN(2)]
	}
	c.ledger.disturb(day)
	return c.make("snow mode", day, func(desk *dispatch.Desk, by dispatch.Actor, key string) (bool, error) {
		_, _, err := desk.SetStorm(c.ctx, by, day.Area, o, key)
		return err == nil, err
	})
}

func (c *randomCaller) snowOver() error {
	day := c.today()
	rows, err := c.desk().Storms(c.ctx, day.Area, day.Day)
	if err != nil {
		return err
	}
	rows = slices.DeleteFunc(rows, func(r dispatch.NoteRow[*dispatch.Storm]) bool { return r.Body.Lifted })
	if len(rows) == 0 {
		return nil
	}
	o := dispatch.StormOrder{ID: rows[0].ID, Version: rows[0].Version, Day: day.Day, Storm: *rows[0].Body}
	o.Lifted = true
	return c.make("snow over", day, func(desk *dispatch.Desk, by dispatch.Actor, key string) (bool, error) {
		_, _, err := desk.SetStorm(c.ctx, by, day.Area, o, key)
		return err == nil, err
	})
}

func (c *randomCaller) mend() error {
	day := c.today()
	_, err := c.desk().Mend(c.ctx, day.Area, day.Day)
	return err
}

// standDown has alcohol found in the breath of a driver who begins.
func (c *randomCaller) standDown() error {
	day, s := c.today(), c.shifts[c.random.IntN(len(c.shifts))]
	desk, by := c.desk(), dispatch.Actor{Subject: "office"}
	c.ledger.disturb(day)
	_, _, err := desk.SignOn(c.ctx, by, dispatch.SignOn{Area: day.Area, Day: day.Day, Vehicle: s.Vehicle, Shift: s.ID, Driver: s.Driver, At: c.now()}, "")
	if err != nil {
		return c.expected(err)
	}
	return c.check(day, s, 150)
}

// check has whoever is signed on checked.
func (c *randomCaller) check(day dispatch.AreaDay, s vehicles.Shift, reading int32) error {
	state, err := c.desk().State(c.ctx, day.Area, day.Day)
	if err != nil || checkedDuty(state, s.ID) {
		return err
	}
	_, err = c.desk().Check(c.ctx, dispatch.Actor{Subject: "office"}, dispatch.CheckReport{Area: day.Area, Day: day.Day, Vehicle: s.Vehicle, Shift: s.ID, Check: vehicles.SafetyCheck{
		At: c.now(), Checker: "M-1", Method: vehicles.FaceToFace, Detector: "A-1", Looked: vehicles.InspectedParts(), Odometer: 1000, Reading: reading,
	}}, "")
	return c.expected(err)
}

// substitute has somebody else drive where the driver was stood down.
func (c *randomCaller) substitute() error {
	day := c.today()
	state, err := c.desk().State(c.ctx, day.Area, day.Day)
	if err != nil {
		return err
	}
	for _, s := range c.shifts {
		d := dutyOf(state, s.ID)
		if d == nil || d.Stood == "" {
			continue
		}
		other := c.shifts[c.random.IntN(len(c.shifts))].Driver
		_, _, err := c.desk().SignOn(c.ctx, dispatch.Actor{Subject: "office"}, dispatch.SignOn{
			Area: day.Area, Day: day.Day, Vehicle: s.Vehicle, Shift: s.ID, Driver: other, At: c.now(),
		}, "")
		if errors.Is(err, dispatch.ErrUnqualified) {
			return nil
		}
		if err != nil {
			return c.expected(err)
		}
		return c.check(day, s, 0)
	}
	return nil
}

// dutyOf is who drives a shift, or nil.
func dutyOf(state *dispatch.State, shift vehicles.ShiftID) *dispatch.OnDuty {
	for _, n := range state.Notes {
		if d, ok := n.Body.(*dispatch.OnDuty); ok && d.Shift == shift {
			return d
		}
	}
	return nil
}

// unkept lists the rides that were taken from their riders without anybody having to tell them.
func (f *fold) unkept(day dispatch.AreaDay, state *dispatch.State) (wrong []string) {
	told := map[dispatch.RideID]bool{}
	for _, n := range state.Notes {
		if t, ok := n.Body.(*dispatch.Tell); ok {
			told[t.Ride] = true
		}
	}
	for key, e := range f.taken {
		if key.day == day && !told[key.id] {
			wrong = append(wrong, fmt.Sprintf("ride %s: %s, and nobody has to be told", key.id, e))
		}
	}
	clear(f.taken)
	return wrong
}

// take notes an event that takes a promised ride from its rider.
func (f *fold) take(key rideKey, e *dispatch.Event) {
	promised := e.Before == dispatch.Booked.String() || e.Before == dispatch.Published.String() || e.Before == dispatch.UnderWay.String()
	if promised && slices.Contains(mendCodes(), e.Detail) && e.Before != e.After && e.Kind != dispatch.RidePublished {
		f.taken[key] = fmt.Sprintf("%s because of %s", e.Kind, e.Detail)
	}
}

// manifest takes in a publication, whose number follows on the one before.
func (f *fold) manifest(day dispatch.AreaDay, e *dispatch.Event) string {
	key := shiftKey{day, e.Shift}
	was := ""
	if n := f.numbers[key]; n > 0 {
		was = fmt.Sprint(n)
	}
	if f.numbers[key]++; e.Before != was || e.After != fmt.Sprint(f.numbers[key]) {
		return fmt.Sprintf("event %s: the manifest of %s goes from %q to %q, and it was %q", e.ID, e.Shift, e.Before, e.After, was)
	}
	return ""
}

type shiftKey struct {
	day   dispatch.AreaDay
	shift vehicles.ShiftID
}

// manifests lists the published manifests that are not those of the events.
func (f *fold) manifests(day dispatch.AreaDay, state *dispatch.State) (wrong []string) {
	for _, n := range state.Notes {
		if p, ok := n.Body.(*dispatch.Publication); ok && p.Number != f.numbers[shiftKey{day, p.Shift}] {
			wrong = append(wrong, fmt.Sprintf("manifest %d of %s: the events tell of %d", p.Number, p.Shift, f.numbers[shiftKey{day, p.Shift}]))
		}
	}
	return wrong
}
