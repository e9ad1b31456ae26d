package dispatch

import (
	"cmp"
	"context"
	"fmt"
)

// StormOrder begins a time of snow or storm on a day, changes it, or ends it (Lifted).
type StormOrder struct {
	ID      NoteID // of one that is to be changed; empty for a new one
	Version int64  // as the caller has seen it
	Day     Day
	Text    string // for colleagues, in their own words; stored sealed
	Storm
}

// SetStorm decides what is driven on a day of snow or storm: rides of other purposes are put off, and their riders have to be told;
// they wait on the waitlist and are offered a place when the storm is lifted. New ones are refused with CodeBadWeather. Where
// roads are slower meanwhile, the plan is timed anew and mended. Who is out already is brought home. Errors: ErrInvalid,
// ErrNotFound, ErrChanged, ErrKeyReused, or the store's.
func (d *Desk) SetStorm(ctx context.Context, by Actor, area AreaID, o StormOrder, key string) (NoteID, *Repair, error) {
	if err := o.validate(); err != nil {
		return "", nil, err
	}
	a, err := d.open(ctx, area, o.Day)
	if err != nil {
		return "", nil, err
	}
	body := o.Storm
	body.By, body.At = by.Subject, d.now()
	hash := hashRequest("storm", string(o.Day), fmt.Sprint(o.ID, o.Version, o.Window, o.Shape, o.Keep, o.Snow, o.Document, o.Lifted), o.Text)
	id := o.ID
	if id == "" {
		id = noteID("storm", area, key, hash)
	}
	repair, err := a.mendWith(ctx, by, IdempotencyKey{key, hash}, CodeBadWeather, func() ([]*Note, error) {
		next := &Note{ID: id, Version: 1, Body: &body, Text: o.Text}
		old := a.state.Notes[id]
		switch {
		case old == nil && o.ID != "":
			return nil, fmt.Errorf("%w: storm %s on %s", ErrNotFound, id, o.Day)
		case old != nil && o.Version != old.Version:
			return nil, fmt.Errorf("%w: storm %s is at version %d, not %d", ErrChanged, id, old.Version, o.Version)
		case old != nil:
			if _, ok := old.Body.(*Storm); !ok {
				return nil, fmt.Errorf("%w: storm %s on %s", ErrNotFound, id, o.Day)
			}
			next.Version = old.Version + 1
		}
		return []*Note{next}, nil
	})
	return id, repair, err
}

// Storms lists the times of snow and storm of a day, by when they begin.
func (d *Desk) Storms(ctx context.Context, area AreaID, day Day) ([]NoteRow[*Storm], error) {
	return noteRows(ctx, d, area, day, func(x, y *Storm) int { return cmp.Compare(x.Window.Earliest, y.Window.Earliest) })
}
