package dispatch

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/vehicles"
)

// ConditionOrder sets a condition of roads, or changes one.
type ConditionOrder struct {
	ID      NoteID // of one that is to be changed; empty for a new one
	Day     Day    // that it was read from, where it is to be changed
	Version int64  // as the caller has seen it on that day
	From    time.Time
	Until   time.Time // at most MostConditionDays after From
	Text    string    // for colleagues, in their own words; stored sealed
	Condition
}

// MostConditionDays is how long a condition holds at the most; it can be set again.
const MostConditionDays = 31

// DayRepair is what a change came to on one day.
type DayRepair struct {
	Day Day
	Repair
}

// SetCondition makes a condition of roads hold from a moment to another, on all service days that it meets. Each day's routes are
// timed anew at once and its plan is mended; the answer says what has become of everybody concerned. From the next question on
// every desk reckons with it. It is one commit a day; where it fails half-way, the same call with the same key goes on. Errors:
// ErrInvalid, also for a road that nobody knows, ErrNotFound, ErrChanged where somebody else changed the condition, ErrKeyReused,
// or the store's.
func (d *Desk) SetCondition(ctx context.Context, by Actor, area AreaID, o ConditionOrder, key string) (NoteID, []DayRepair, error) {
	days, err := d.conditionDays(&o)
	if err != nil {
		return "", nil, err
	}
	o.By, o.At, o.Lifted = by.Subject, d.now(), false
	hash := hashRequest("condition", fmt.Sprint(o.ID, o.Day, o.Version, o.From.Unix(), o.Until.Unix(), o.Kind, o.Road, o.Ways, o.Shape, o.Line, o.Percent, o.Snow, o.Reason, o.Document), o.Text)
	id := o.ID
	if id == "" {
		id = noteID("road", area, key, hash)
	}
	if err := o.resolve(d.travel); err != nil {
		return "", nil, err
	}
	drop, err := d.outgrown(ctx, area, &o, days, IdempotencyKey{dayKey(key, o.Day), hash})
	if err != nil {
		return "", nil, err
	}
	var done []DayRepair
	for _, day := range append(days, drop...) {
		repair, err := d.conditionOn(ctx, by, area, day, id, &o, IdempotencyKey{dayKey(key, day), hash}, slices.Contains(drop, day), drop...)
		if err != nil {
			return "", nil, fmt.Errorf("%w (day %s)", err, day)
		}
		done = append(done, DayRepair{day, *repair})
	}
	return id, done, nil
}

// LiftCondition ends a condition on the day that it was read from and on all days after it, and in the night that the day before has of
// a condition that begins in it. Errors as SetCondition.
func (d *Desk) LiftCondition(ctx context.Context, by Actor, area AreaID, day Day, id NoteID, version int64, key string) ([]DayRepair, error) {
	n, c, err := conditionNote[*Condition](ctx, d, area, day, id)
	if err != nil {
		return nil, err
	}
	o := ConditionOrder{ID: id, Day: day, Version: version, From: c.From, Until: c.Until, Text: n.Text, Condition: *c}
	o.By, o.At, o.Lifted = by.Subject, d.now(), true
	days, err := d.serviceDays(c.From, c.Until)
	if err != nil {
		return nil, err
	}
	midnight, err := d.Midnight(day)
	if err != nil {
		return nil, err
	}
	var done []DayRepair
	for _, on := range days {
		if on < day && c.From.Before(midnight) {
			continue
		}
		hash := hashRequest("lift", string(id), fmt.Sprint(version))
		repair, err := d.conditionOn(ctx, by, area, on, id, &o, IdempotencyKey{dayKey(key, on), hash}, true)
		if err != nil {
			return nil, fmt.Errorf("%w (day %s)", err, on)
		}
		done = append(done, DayRepair{on, *repair})
	}
	return done, nil
}

// NoteRow is a note of a day with its body.
type NoteRow[B NoteBody] struct {
	ID      NoteID
	Version int64
	Text    string
	Body    B // shared, not to be changed
}

// Conditions lists the conditions of the roads on a day, those that hold first, then by when they begin.
func (d *Desk) Conditions(ctx context.Context, area AreaID, day Day) ([]NoteRow[*Condition], error) {
	return noteRows(ctx, d, area, day, func(x, y *Condition) int {
		return cmp.Or(cmp.Compare(fmt.Sprint(x.Lifted), fmt.Sprint(y.Lifted)), cmp.Compare(x.Window.Earliest, y.Window.Earliest))
	})
}

func noteRows[B NoteBody](ctx context.Context, d *Desk, area AreaID, day Day, order func(x, y B) int) ([]NoteRow[B], error) {
	state, err := d.State(ctx, area, day)
	if err != nil {
		return nil, err
	}
	var rows []NoteRow[B]
	notesOf(state, func(n *Note, body B) { rows = append(rows, NoteRow[B]{n.ID, n.Version, n.Text, body}) })
	slices.SortFunc(rows, func(x, y NoteRow[B]) int { return cmp.Or(order(x.Body, y.Body), cmp.Compare(x.ID, y.ID)) })
	return rows, nil
}

// conditionNote is a note of a day by its id, with a body of the kind.
func conditionNote[B NoteBody](ctx context.Context, d *Desk, area AreaID, day Day, id NoteID) (*Note, B, error) {
	var none B
	state, err := d.State(ctx, area, day)
	if err != nil {
		return nil, none, err
	}
	if n := state.Notes[id]; n != nil {
		if body, ok := n.Body.(B); ok {
			return n, body, nil
		}
	}
	return nil, none, fmt.Errorf("%w: %s on %s", ErrNotFound, id, day)
}

// conditionDays are the service days that an order meets, which it checks.
func (d *Desk) conditionDays(o *ConditionOrder) ([]Day, error) {
	days, err := d.serviceDays(o.From, o.Until)
	if err != nil {
		return nil, err
	}
	o.Condition.From, o.Condition.Until = o.From, o.Until
	o.Window = Window{0, 1} // each day has its own
	return days, o.validate()
}

// serviceDays are the days that a stretch of time meets. Up to the end of its service, at vehicles.MaxDaySecond, the day before its first
// is met as well, as long as that day is not over.
func (d *Desk) serviceDays(from, until time.Time) ([]Day, error) {
	if from.IsZero() || !until.After(from) || until.Sub(from) > MostConditionDays*24*time.Hour {
		return nil, fmt.Errorf("%w: times: from %s to %s; they are in this order and at most %d days apart", ErrInvalid,
			from.In(d.cfg.Zone).Format("2006-01-02 15:04"), until.In(d.cfg.Zone).Format("2006-01-02 15:04"), MostConditionDays)
	}
	var days []Day
	last := Day(until.Add(-time.Second).In(d.cfg.Zone).Format(time.DateOnly))
	first := Day(from.In(d.cfg.Zone).Format(time.DateOnly))
	if before := Day(vehicles.Date(first).Add(-1)); d.serves(before, from) && d.serves(before, d.now()) {
		first = before
	}
	for day := first; day <= last; day = Day(vehicles.Date(day).Add(1)) {
		days = append(days, day)
	}
	return days, nil
}

// serves reports whether the service of a day is not over at a moment.
func (d *Desk) serves(day Day, at time.Time) bool {
	second, err := d.Second(day, at)
	return err == nil && second < vehicles.MaxDaySecond
}

// resolve finds the ways of the road's name and makes sure that the roads can be driven under the condition.
func (o *ConditionOrder) resolve(travel TravelTimes) error {
	roads, ok := travel.(Conditional)
	if !ok {
		return ErrNoRoads
	}
	if o.Road != "" {
		named := roads.WaysNamed(o.Road)
		if len(named) == 0 {
			return fmt.Errorf("%w: condition: road: no road is called so; draw a line across it instead", ErrInvalid)
		}
		o.Ways = union(o.Ways, named)
	}
	var alone routing.Conditions
	o.addTo(&alone)
	if _, err := roads.Under(alone); err != nil {
		return fmt.Errorf("%w: condition: %w", ErrInvalid, err)
	}
	return nil
}

// outgrown are the days that a condition held on before and does not any more after it is changed: those that are told of where the day
// that it was read from was changed with the key before.
func (d *Desk) outgrown(ctx context.Context, area AreaID, o *ConditionOrder, days []Day, key IdempotencyKey) (drop []Day, err error) {
	if o.ID == "" {
		return nil, nil
	}
	if key.Key != "" {
		reply, found, err := d.plans.Replay(ctx, area, key)
		if err != nil {
			return nil, err
		}
		if found {
			var before mended
			err = unpack(reply, &before)
			return before.Outgrown, err
		}
	}
	_, old, err := conditionNote[*Condition](ctx, d, area, o.Day, o.ID)
	if err != nil {
		return nil, err
	}
	had, err := d.serviceDays(old.From, old.Until)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(had, func(day Day) bool { return slices.Contains(days, day) }), nil
}

// conditionOn writes a condition on one day and mends its plan.
func (d *Desk) conditionOn(ctx context.Context, by Actor, area AreaID, day Day, id NoteID, o *ConditionOrder, key IdempotencyKey, lift bool, outgrown ...Day) (*Repair, error) {
	a, err := d.open(ctx, area, day)
	if err != nil {
		return nil, err
	}
	body := o.Condition
	body.Lifted = lift
	body.Window = Window{max(0, int32(o.From.Sub(a.midnight)/time.Second)), min(vehicles.MaxDaySecond, int32(o.Until.Sub(a.midnight)/time.Second))}
	return a.mendWith(ctx, by, key, string(body.Reason), func() ([]*Note, error) {
		next := &Note{ID: id, Version: 1, Body: &body, Text: o.Text}
		old := a.state.Notes[id]
		switch {
		case old == nil && lift:
			return nil, nil
		case old == nil:
		case o.ID == "":
			return nil, fmt.Errorf("%w: condition %s is there already", ErrChanged, id)
		case day == o.Day && old.Version != o.Version:
			return nil, fmt.Errorf("%w: condition %s is at version %d, not %d", ErrChanged, id, old.Version, o.Version)
		default:
			next.Version = old.Version + 1
		}
		return []*Note{next}, nil
	}, outgrown...)
}

// mended is what is kept of a repair under the key of its request.
type mended struct {
	Repair
	Outgrown []Day // on which a condition does not hold any more that was changed
}

// unpack reads what is kept of a repair.
func unpack(reply []byte, into *mended) error {
	if len(reply) == 0 {
		return nil
	}
	if err := json.Unmarshal(reply, into); err != nil {
		return fmt.Errorf("dispatch: stored reply: %w", err)
	}
	return nil
}

// mendWith writes the notes that it is given, with the plan mended under them. Where there are none nothing changes, and where the
// key's request was answered before, the answer is what was mended then. outgrown is kept with it.
func (a *areaDay) mendWith(
	ctx context.Context, by Actor, key IdempotencyKey, code string, notes func() ([]*Note, error), outgrown ...Day,
) (*Repair, error) {
	var done mended
	reply, err := a.free(ctx, key, func() (*Commit, error) {
		list, err := notes()
		if err != nil || len(list) == 0 {
			return nil, err
		}
		c, repair, err := a.mend(ctx, by, code, list)
		if err != nil {
			return nil, err
		}
		c.noted(by, list, code)
		c.Reply, err = json.Marshal(mended{*repair, outgrown})
		return c, err
	})
	if err != nil {
		return nil, err
	}
	if err := unpack(reply, &done); err != nil {
		return nil, err
	}
	done.Revision = a.current().Revision
	return &done.Repair, nil
}

// noted adds the events about notes that say what holds of the day.
func (c *Commit) noted(by Actor, notes []*Note, code string) {
	for _, n := range notes {
		c.Events = append(c.Events, Event{Actor: by.Subject, Kind: ConditionsChanged, Detail: string(n.ID), After: code})
	}
}

// Mend times the routes of a day anew and mends what cannot be driven as promised because of the roads, of outages, or of shifts
// that the calendar does not have any more: what another process promised in the same moment in which they changed. It takes shifts out
// of service whose driver was stood down where nobody has come to drive them, see stoodLocked. It is for the engine's loop: it changes
// nothing where nothing is amiss or can be mended, and leaves days alone that are over. Errors: the store's.
func (d *Desk) Mend(ctx context.Context, area AreaID, day Day) (*Repair, error) {
	a, err := d.open(ctx, area, day)
	if err != nil {
		return nil, err
	}
	done := &Repair{}
	_, err = a.free(ctx, IdempotencyKey{}, func() (*Commit, error) {
		done = &Repair{} // what was mended before a lost race was never written
		if a.second() > vehicles.MaxDaySecond {
			return nil, nil
		}
		code, stood := CodeMended, a.stoodLocked()
		if len(stood) > 0 {
			code = string(StoodDown)
		} else if !a.amissLocked() {
			return nil, nil
		}
		c, repair, err := a.mend(ctx, Engine, code, stood)
		if err != nil || len(stood) == 0 && !a.reordersLocked(c) {
			return nil, err
		}
		c.noted(Engine, stood, code)
		done = repair
		return c, nil
	})
	done.Revision = a.current().Revision
	return done, err
}

// reordersLocked reports whether a commit does more than to time routes anew, which every change of them does anyway. a.mu is held.
func (a *areaDay) reordersLocked(c *Commit) bool {
	return len(c.Rides) > 0 || slices.ContainsFunc(c.Routes, func(r *Route) bool {
		return !slices.Equal(stopIDs(r.Stops), stopIDs(a.routeLocked(r.Shift).Stops))
	})
}

// CodeMended is the code of what the engine mended by itself.
const CodeMended = "PLAN_MENDED"

// amissLocked reports whether a route has stops that its shift, or no shift, can drive. a.mu is held.
func (a *areaDay) amissLocked() bool {
	for id, route := range a.state.Routes {
		i, runs := a.byShift[id]
		if route.Executed() < len(route.Stops) && (!runs || a.outOfService(i)) {
			return true
		}
	}
	if a.places.plain() {
		return false
	}
	missed := a.missedLocked()
	ordinary := a.asRoadsWere(lateness{maps.Clone(missed.rides), nil})
	m := &mending{a: a, out: map[RideID]bool{}}
	for _, route := range a.state.Routes {
		if slices.ContainsFunc(m.movable(route), func(id RideID) bool { return worse(missed.rides[id], ordinary.rides[id]) }) {
			return true
		}
	}
	return false
}

// noteID is the id of a new note, the same for the same request.
func noteID(kind string, area AreaID, key string, hash [32]byte) NoteID {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %s %x", kind, area, key, hash))
	return NoteID(kind + "-" + hex.EncodeToString(sum[:6]))
}

// dayKey is a caller's key for one of the days of a request; none where there is none.
func dayKey(key string, day Day) string {
	if key == "" {
		return ""
	}
	return key + "@" + string(day)
}
