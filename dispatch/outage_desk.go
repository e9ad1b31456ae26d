package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// StandDown takes a vehicle, or all that a driver drives, out of service.
type StandDown struct {
	Day     Day
	Vehicle vehicles.VehicleID // or empty, and
	Driver  vehicles.DriverID
	Cause   OutageCause
	From    int32      // service-day second; 0 is now, and all of a day that has not begun
	At      geo.LatLng // where it stands; the zero value is at its base, with nobody aboard
	Text    string     // for colleagues, in their own words; stored sealed
}

// BackInService says that a vehicle drives again.
type BackInService struct {
	Day     Day
	Vehicle vehicles.VehicleID
	From    int32      // service-day second; 0 is now
	At      geo.LatLng // where; the zero value is at its base
	Mistake bool       // it had never been out of service
}

// TakeOut ends the shifts of a vehicle or a driver at a second, because of a breakdown, a sick driver, or as somebody decides. Its
// riders are given to others at once, with the least that can be changed; who is aboard waits where it stands and is fetched.
// Own rounds of its facility that are endangered by it are named. Errors: ErrInvalid, also where somebody is aboard and nobody
// says where the vehicle stands, ErrNotFound where no shift takes place then, ErrWrongState where it is out of service already,
// ErrKeyReused, or the store's.
func (d *Desk) TakeOut(ctx context.Context, by Actor, area AreaID, o StandDown, key string) (*Repair, error) {
	if o.Vehicle == "" == (o.Driver == "") {
		return nil, fmt.Errorf("%w: out of service: name a vehicle or a driver", ErrInvalid)
	}
	if !slices.Contains([]OutageCause{Breakdown, DriverSick, StoodDown, OutOfService}, o.Cause) {
		return nil, fmt.Errorf("%w: out of service: cause: %q is none of BREAKDOWN, DRIVER_SICK, STOOD_DOWN, OUT_OF_SERVICE", ErrInvalid, o.Cause)
	}
	a, err := d.open(ctx, area, o.Day)
	if err != nil {
		return nil, err
	}
	if o.At != (geo.LatLng{}) {
		if err := a.roads.plain.add(ctx, o.At); err != nil {
			return nil, fmt.Errorf("%w: out of service: at: no road is near", ErrInvalid)
		}
	}
	idem := IdempotencyKey{key, hashRequest("out", string(o.Day), string(o.Vehicle), string(o.Driver), string(o.Cause), fmt.Sprint(o.From, o.At), o.Text)}
	return a.mendWith(ctx, by, idem, string(o.Cause), func() ([]*Note, error) { return a.takeOut(by, &o) })
}

// takeOut is the notes about the shifts that end. a.mu is held.
func (a *areaDay) takeOut(by Actor, o *StandDown) (notes []*Note, err error) {
	from := cmp.Or(o.From, max(a.second(), 1)) // of a day that has not begun, all of it
	if from < 0 || from > vehicles.MaxDaySecond {
		return nil, fmt.Errorf("%w: out of service: second %d is not of day %s", ErrInvalid, from, a.key.Day)
	}
	out := false
	for i := range a.whole {
		s := &a.whole[i]
		if s.Vehicle != o.Vehicle && s.Driver != o.Driver || a.overBy(s, from) {
			continue
		}
		body := &Outage{Shift: s.ID, Vehicle: s.Vehicle, Cause: o.Cause, From: from, By: by.Subject, Said: a.desk.now()}
		if s.Span.Start <= from || a.routeLocked(s.ID).Executed() > 0 { // its driver may have begun before the shift does
			body.At = o.At
		}
		n := &Note{ID: outageID(s.ID), Version: 1, Body: body, Text: o.Text}
		if old := a.state.Notes[n.ID]; old != nil {
			was := old.Body.(*Outage)
			if out = !was.Undone && was.Until == 0 && was.From <= from; out {
				continue
			}
			n.Version = old.Version + 1
		}
		notes = append(notes, n)
	}
	switch {
	case len(notes) == 0 && out:
		return nil, fmt.Errorf("%w: %s%s is out of service already", ErrWrongState, o.Vehicle, o.Driver)
	case len(notes) == 0:
		return nil, fmt.Errorf("%w: no shift of %s%s takes place then", ErrNotFound, o.Vehicle, o.Driver)
	}
	return notes, nil
}

// BringBack puts a vehicle into service again. Who waits for a place gets one; what was given to others stays with them. Errors:
// ErrInvalid, ErrWrongState where it is not out of service, ErrKeyReused, or the store's.
func (d *Desk) BringBack(ctx context.Context, by Actor, area AreaID, o BackInService, key string) (*Repair, error) {
	a, err := d.open(ctx, area, o.Day)
	if err != nil {
		return nil, err
	}
	if o.At != (geo.LatLng{}) {
		if err := a.roads.plain.add(ctx, o.At); err != nil {
			return nil, fmt.Errorf("%w: in service: at: no road is near", ErrInvalid)
		}
	}
	idem := IdempotencyKey{key, hashRequest("back", string(o.Day), string(o.Vehicle), fmt.Sprint(o.From, o.At, o.Mistake))}
	return a.mendWith(ctx, by, idem, CodeBackInService, func() ([]*Note, error) { return a.bringBack(by, &o) })
}

// CodeBackInService is the code of what happened because a vehicle drives again.
const CodeBackInService = "BACK_IN_SERVICE"

// bringBack is the notes about the shifts that go on. a.mu is held.
func (a *areaDay) bringBack(by Actor, o *BackInService) (notes []*Note, err error) {
	now := a.second()
	for i := range a.whole {
		old := a.state.Notes[outageID(a.whole[i].ID)]
		if old == nil || a.whole[i].Vehicle != o.Vehicle {
			continue
		}
		body := *old.Body.(*Outage)
		if body.Undone || body.Until > 0 {
			continue
		}
		body.By, body.Said = by.Subject, a.desk.now()
		if body.Undone = o.Mistake || body.From > now; !body.Undone {
			body.Until, body.BackAt = max(o.From, now, 1), o.At
		}
		next := old.changed(&body)
		notes = append(notes, next)
	}
	if len(notes) == 0 {
		return nil, fmt.Errorf("%w: %s is not out of service", ErrWrongState, o.Vehicle)
	}
	return notes, nil
}

// Outages lists what is, or was, out of service on a day, by shift.
func (d *Desk) Outages(ctx context.Context, area AreaID, day Day) ([]NoteRow[*Outage], error) {
	return noteRows(ctx, d, area, day, func(x, y *Outage) int { return cmp.Compare(x.Shift, y.Shift) })
}
