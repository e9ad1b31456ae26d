package dispatch_test

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// conditionCommands are the sentences about roads, vehicles out of service, snow, and who must be told.
func conditionCommands() []command {
	c := func(form string, run func(w *world, m []string) ([]string, error)) command {
		return command{regexp.MustCompile("^" + form + "$"), run}
	}
	return []command{
		c(`(?:(\S+) )?closes (.+?) from (\S+) to (\S+) because (\w+)(, again)?`, (*world).closes),
		c(`(?:(\S+) )?slows (.+?) to (\d+) % from (\S+) to (\S+) because (\w+)`, (*world).slows),
		c(`(light|heavy) snow from (\S+) to (\S+)`, (*world).snows),
		c(`(?:(\S+) )?lifts the condition(, as seen before)?`, (*world).lifts),
		c(`conditions`, (*world).conditions),
		c(`(V-\d+) breaks down(?: at (\S+?))?(, again)?`, (*world).breaksDown),
		c(`the driver of (V-\d+) falls ill(?: at (\d\d:\d\d))?`, (*world).fallsIll),
		c(`(V-\d+) is stood down from (\d\d:\d\d)`, (*world).standsDown),
		c(`(V-\d+) drives again(?: from (\S+))?`, (*world).drivesAgain),
		c(`snow mode from (\S+) to (\S+), only (.+?)(?:, (light|heavy) snow)?`, (*world).snowMode),
		c(`snow mode is lifted(, as seen before)?`, (*world).snowOver),
		c(`the calendar is looked at again`, (*world).mended),
		c(`must be told`, (*world).mustBeTold),
	}
}

// pin reads "6/6", a crossing that may lie between roads ("5.5/3"), or the name of a place.
func (w *world) pin(text string) (geo.LatLng, error) {
	if x, y, ok := strings.Cut(text, "/"); ok {
		column, err1 := strconv.ParseFloat(x, 64)
		row, err2 := strconv.ParseFloat(y, 64)
		if err1 != nil || err2 != nil {
			return geo.LatLng{}, fmt.Errorf("%q is no crossing", text)
		}
		return geo.LatLng{Lat: 36.85 + row*0.0045, Lng: 137.43 + column*0.0056}, nil
	}
	p, err := w.place(text)
	return p.At, err
}

// where reads "row 5", "the line 5.5/-1 5.5/10" or "the area 1/1 3/1 3/3".
func (w *world) where(text string, c *dispatch.Condition) error {
	rest, line := strings.CutPrefix(text, "the line ")
	if !line {
		var area bool
		if rest, area = strings.CutPrefix(text, "the area "); !area {
			c.Road = text
			return nil
		}
	}
	c.Line = line
	for corner := range strings.FieldsSeq(rest) {
		at, err := w.pin(corner)
		if err != nil {
			return err
		}
		c.Shape = append(c.Shape, at)
	}
	return nil
}

// moment is a time of the story's day, or of a later one, "D+1 10:00" written as D+1/10:00.
func (w *world) moment(text string) time.Time {
	midnight, err := time.ParseInLocation(time.DateOnly, string(w.day), jst())
	if err != nil {
		w.t.Fatal(err)
	}
	days := 0
	if n, at, ok := strings.Cut(strings.TrimPrefix(text, "D+"), "/"); ok {
		days, _ = strconv.Atoi(n)
		text = at
	}
	return midnight.AddDate(0, 0, days).Add(time.Duration(second(text)) * time.Second)
}

func (w *world) closes(m []string) ([]string, error) {
	o := dispatch.ConditionOrder{Condition: dispatch.Condition{Kind: dispatch.RoadClosed, Reason: m[5]}}
	if m[6] == "" {
		w.key++
	}
	return w.setCondition(m[1], m[2], m[3], m[4], o)
}

func (w *world) slows(m []string) ([]string, error) {
	percent, _ := strconv.Atoi(m[3])
	w.key++
	return w.setCondition(m[1], m[2], m[4], m[5], dispatch.ConditionOrder{
		Condition: dispatch.Condition{Kind: dispatch.RoadSlow, Percent: int32(percent), Reason: m[6]},
	})
}

func (w *world) snows(m []string) ([]string, error) {
	w.key++
	return w.setCondition("", "the area ", m[2], m[3], dispatch.ConditionOrder{
		Condition: dispatch.Condition{Kind: dispatch.RoadSnow, Snow: dispatch.SnowDepth(strings.ToUpper(m[1])), Reason: "SNOW"},
	})
}

func (w *world) setCondition(who, where, from, until string, o dispatch.ConditionOrder) ([]string, error) {
	if err := w.where(where, &o.Condition); err != nil {
		return nil, err
	}
	o.From, o.Until = w.moment(from), w.moment(until)
	id, days, err := w.desk("").SetCondition(w.ctx, dispatch.Actor{Subject: cmp.Or(who, "staff-1")}, storyArea, o, fmt.Sprint("roads-", w.key))
	if err != nil {
		return nil, err
	}
	w.condition = id
	var lines []string
	for i := range days {
		if days[i].Day == w.day {
			lines = append(lines, w.repaired(&days[i].Repair)...)
		}
	}
	return append(lines, fmt.Sprintf("holds on %d day(s)", len(days))), nil
}

// repaired says what became of whom.
func (w *world) repaired(r *dispatch.Repair) []string {
	var lines []string
	for _, list := range []struct {
		word  string
		rides []dispatch.RideID
	}{
		{"promise kept in another place", r.Kept},
		{"promise moved", r.Moved},
		{"waits where the vehicle stands", r.Fetched},
		{"will-call without a vehicle", r.Waiting},
		{"put off", r.Postponed},
		{"dropped", r.Dropped},
		{"late, and nothing can be done", r.Late},
	} {
		if len(list.rides) > 0 {
			lines = append(lines, fmt.Sprintf("%s: %s", list.word, w.nameList(list.rides)))
		}
	}
	for _, round := range r.Endangered {
		lines = append(lines, fmt.Sprintf("own round of %s, %s-%s with %s is endangered", round.Owner, hm(round.Span.Start), hm(round.Span.End), round.Vehicle))
	}
	if len(lines) == 0 {
		return []string{"everybody is driven as promised"}
	}
	return lines
}

// nameList is the names of rides in the order of the story's alphabet.
func (w *world) nameList(ids []dispatch.RideID) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = cmp.Or(w.names[id], string(id))
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func (w *world) lifts(m []string) ([]string, error) {
	rows, err := w.fresh().Conditions(w.ctx, storyArea, w.day)
	if err != nil {
		return nil, err
	}
	version := int64(0)
	for _, r := range rows {
		if r.ID == w.condition {
			version = r.Version
		}
	}
	if m[2] != "" {
		version--
	}
	days, err := w.desk("").LiftCondition(w.ctx, dispatch.Actor{Subject: cmp.Or(m[1], "staff-1")}, storyArea, w.day, w.condition, version, w.nextKey())
	if err != nil {
		return nil, err
	}
	return w.repaired(&days[0].Repair), nil
}

func (w *world) conditions([]string) ([]string, error) {
	rows, err := w.fresh().Conditions(w.ctx, storyArea, w.day)
	if err != nil {
		return nil, err
	}
	lines := []string{}
	for _, r := range rows {
		c, over := r.Body, ""
		if c.Lifted {
			over = ", lifted"
		}
		lines = append(lines, fmt.Sprintf("%s %s%s %s-%s because %s by %s, version %d%s", c.Kind, c.Road, c.Snow, hm(c.Window.Earliest), hm(c.Window.Latest), c.Reason, c.By, r.Version, over))
	}
	return lines, nil
}

func (w *world) takeOut(o dispatch.StandDown, key string) ([]string, error) {
	o.Day = w.day
	got, err := w.desk("").TakeOut(w.ctx, dispatch.Actor{Subject: "staff-1"}, storyArea, o, key)
	if err != nil {
		return nil, err
	}
	return w.repaired(got), nil
}

func (w *world) breaksDown(m []string) ([]string, error) {
	o := dispatch.StandDown{Vehicle: vehicles.VehicleID(m[1]), Cause: dispatch.Breakdown}
	if m[2] != "" {
		at, err := w.pin(m[2])
		if err != nil {
			return nil, err
		}
		o.At = at
	}
	if m[3] == "" {
		w.key++
	}
	return w.takeOut(o, fmt.Sprint("breakdown-", w.key))
}

func (w *world) fallsIll(m []string) ([]string, error) {
	o := dispatch.StandDown{Driver: vehicles.DriverID("D-" + m[1]), Cause: dispatch.DriverSick}
	if m[2] != "" {
		o.From = second(m[2])
	}
	return w.takeOut(o, w.nextKey())
}

func (w *world) standsDown(m []string) ([]string, error) {
	return w.takeOut(dispatch.StandDown{Vehicle: vehicles.VehicleID(m[1]), Cause: dispatch.StoodDown, From: second(m[2])}, w.nextKey())
}

func (w *world) drivesAgain(m []string) ([]string, error) {
	o := dispatch.BackInService{Day: w.day, Vehicle: vehicles.VehicleID(m[1])}
	if m[2] != "" {
		at, err := w.pin(m[2])
		if err != nil {
			return nil, err
		}
		o.At = at
	}
	got, err := w.desk("").BringBack(w.ctx, dispatch.Actor{Subject: "staff-1"}, storyArea, o, w.nextKey())
	if err != nil {
		return nil, err
	}
	return w.repaired(got), nil
}

func (w *world) snowMode(m []string) ([]string, error) {
	o := dispatch.StormOrder{Day: w.day, Storm: dispatch.Storm{
		Window: dispatch.Window{Earliest: second(m[1]), Latest: second(m[2])}, Keep: strings.Split(m[3], ", "), Snow: dispatch.SnowDepth(strings.ToUpper(m[4])),
	}}
	id, got, err := w.desk("").SetStorm(w.ctx, dispatch.Actor{Subject: "staff-1"}, storyArea, o, w.nextKey())
	if err != nil {
		return nil, err
	}
	w.storm = id
	return w.repaired(got), nil
}

func (w *world) snowOver(m []string) ([]string, error) {
	rows, err := w.fresh().Storms(w.ctx, storyArea, w.day)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	o := dispatch.StormOrder{ID: rows[0].ID, Version: rows[0].Version, Day: w.day, Storm: *rows[0].Body}
	o.Lifted = true
	if m[1] != "" {
		o.Version--
	}
	_, got, err := w.desk("").SetStorm(w.ctx, dispatch.Actor{Subject: "staff-1"}, storyArea, o, w.nextKey())
	if err != nil {
		return nil, err
	}
	return w.repaired(got), nil
}

func (w *world) mended([]string) ([]string, error) {
	clear(w.desks)
	got, err := w.desk("").Mend(w.ctx, storyArea, w.day)
	if err != nil {
		return nil, err
	}
	return w.repaired(got), nil
}

// mustBeTold lists the open entries.
func (w *world) mustBeTold([]string) ([]string, error) {
	rows, err := w.fresh().Tells(w.ctx, storyArea, w.day, dispatch.TellFilter{Open: true})
	if err != nil {
		return nil, err
	}
	lines := []string{}
	for _, r := range rows {
		lines = append(lines, fmt.Sprintf("%s of %s by %s: %s %s: %s", r.Tell.Rider, r.Tell.Ride, hm(r.Tell.Deadline), r.Tell.Reason, r.Tell.Code, r.Say.Ja))
	}
	if len(lines) == 0 {
		return []string{"nobody"}, nil
	}
	return lines, nil
}
