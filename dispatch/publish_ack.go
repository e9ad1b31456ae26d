package dispatch

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/swmaas/swmaas/vehicles"
)

// Acknowledgement says that a driver has seen a manifest.
type Acknowledgement struct {
	Number int64 // of the manifest, 0 for none yet
	By     string
	At     time.Time
}

// Receipt is the manifest of a shift as its driver acknowledged it last: a note of the area-day, by which the driver is shown what
// has changed since.
type Receipt struct {
	Shift  vehicles.ShiftID
	Number int64 // of the manifest
	Stops  []PublishedStop
}

func (*Receipt) note() {}

// receiptID names the note of a shift's receipt.
func receiptID(shift vehicles.ShiftID) NoteID { return NoteID("receipt/" + string(shift)) }

// receipt is what the driver of a shift acknowledged last, with its note; nil where that was nothing.
func (s *State) receipt(shift vehicles.ShiftID) (*Note, *Receipt) {
	n := s.Notes[receiptID(shift)]
	if n == nil {
		return nil, nil
	}
	r, _ := n.Body.(*Receipt)
	return n, r
}

// receive is the note that the manifest was acknowledged.
func (s *State) receive(p *Publication) *Note {
	body := &Receipt{Shift: p.Shift, Number: p.Number, Stops: p.Stops}
	if n, _ := s.receipt(p.Shift); n != nil {
		return n.changed(body)
	}
	return &Note{ID: receiptID(p.Shift), Version: 1, Body: body}
}

// newTo lists how the published manifest of a route differs from the one that its driver acknowledged last; nothing where none was,
// since then all of it is new. a.mu is held.
func (a *areaDay) newTo(route *Route, now *Publication) []StopChange {
	_, had := a.state.receipt(route.Shift)
	if had == nil || had.Number == now.Number {
		return nil
	}
	return a.compare(route, had.Stops, now.Stops, nil)
}

// Acknowledge says that the driver of a vehicle has seen the manifest with a number, the one that Manifest gives. Errors:
// ErrNotFound, ErrWrongState where nothing was published, ErrChanged where a newer one was, ErrKeyReused, or the store's.
func (d *Desk) Acknowledge(ctx context.Context, by Actor, area AreaID, day Day, vehicle vehicles.VehicleID, number int64, key string) (int64, error) {
	a, err := d.open(ctx, area, day)
	if err != nil {
		return 0, err
	}
	hash := hashRequest("acknowledge", string(day), string(vehicle), strconv.FormatInt(number, 10))
	_, err = a.change(ctx, IdempotencyKey{key, hash}, func() (*Commit, error) {
		c := &Commit{Reply: []byte(vehicle)}
		sum := int64(0)
		for i := range a.shifts {
			note, was := a.state.published(a.shifts[i].ID)
			if a.shifts[i].Vehicle != vehicle || was == nil {
				continue
			}
			if sum += was.Number; was.Acked.Number == was.Number {
				continue
			}
			seen := *was
			seen.Acked = Acknowledgement{was.Number, by.Subject, a.desk.now().UTC()}
			c.Notes = append(c.Notes, note.changed(&seen), a.state.receive(was))
			c.Events = append(c.Events, Event{Actor: by.Subject, Kind: RouteAcked, Shift: was.Shift, After: strconv.FormatInt(was.Number, 10)})
		}
		switch {
		case sum == 0:
			return nil, fmt.Errorf("%w: no manifest of vehicle %s was published", ErrWrongState, vehicle)
		case sum != number:
			return nil, fmt.Errorf("%w: the manifest of vehicle %s is number %d, not %d", ErrChanged, vehicle, sum, number)
		}
		if len(c.Notes) == 0 { // acknowledged before
			return nil, nil
		}
		return c, nil
	})
	return a.current().Revision, err
}

// ackWithin is how long a driver may take to acknowledge a manifest before somebody looks, in seconds.
const ackWithin = 3 * 60

// manifestAlarms is about drivers who do not know of something near: what they were given is not acknowledged. Only of those who
// acknowledge at all, which all do where changes are drafts until they are published. a.mu is held.
func (a *areaDay) manifestAlarms(x *alarms) {
	for i := range a.shifts {
		route := a.routeLocked(a.shifts[i].ID)
		_, was := a.state.published(route.Shift)
		k := route.Executed()
		if was == nil || was.Acked.Number == was.Number || k == len(route.Stops) || x.now-x.second(was.At) < ackWithin {
			continue
		}
		leaves := route.Stops[k].LeaveBy
		if was.Acked.Number > 0 {
			leaves = nearest(a.newTo(route, was))
		} else if !a.desk.cfg.Rules.Drafts {
			continue
		}
		if leaves-x.now > leavesSoon {
			continue
		}
		e := Alarm{
			Kind: ManifestUnseen, Severity: Warning, Shift: route.Shift, Vehicle: a.shifts[i].Vehicle, Note: publicationID(route.Shift),
			Since: x.second(was.At), Seconds: x.now - x.second(was.At),
		}
		if x.now >= leaves {
			e.Severity = Urgent
		}
		x.add(e, string(route.Shift))
	}
}

// nearest is when the vehicle leaves for the first of the changes.
func nearest(changes []StopChange) int32 {
	first := int32(vehicles.MaxDaySecond) * 2 // later than anything of the day
	for _, c := range changes {
		first = min(first, c.leaveBy)
	}
	return first
}

// numbers takes what was published of a route into the manifest of its vehicle. a.mu is held.
func (m *Manifest) numbers(a *areaDay, route *Route, was *Publication) {
	m.Number, m.AckedNumber = m.Number+was.Number, m.AckedNumber+was.Acked.Number
	if was.At.After(m.Published) {
		m.Published = was.At
	}
	m.Changes = append(m.Changes, a.newTo(route, was)...)
}
