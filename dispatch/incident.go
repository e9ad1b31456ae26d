package dispatch

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/swmaas/swmaas/vehicles"
)

// Severity ranks incidents and exceptions. Values are stored.
type Severity uint8

// The ranks, the most pressing last.
const (
	Info     Severity = iota + 1 // good to know
	Warning                      // somebody should look at it
	Urgent                       // somebody has to act now
	Critical                     // somebody may be harmed or stranded
)

// Incident is something that went wrong on the road, as 事故記録 and its smaller kin ask for it. What happened is told in its
// note's sealed text.
type Incident struct {
	Kind     IncidentKind
	Severity Severity
	Ride     RideID // empty where none is concerned
	Shift    vehicles.ShiftID
	Vehicle  vehicles.VehicleID
	Driver   vehicles.DriverID // who was on duty, or empty
	At       time.Time         // by the device
	Taken    time.Time         // by the service
	By       string
	Over     time.Time // when it was settled; the zero time while it is open
	OverBy   string
}

func (*Incident) note() {}

// IncidentKind is what kind of thing went wrong. Values are stored.
type IncidentKind string

// The kinds of incidents.
const (
	Collision     IncidentKind = "COLLISION"
	Injury        IncidentKind = "INJURY"
	RiderIll      IncidentKind = "RIDER_ILL"
	Fall          IncidentKind = "FALL"
	NearMiss      IncidentKind = "NEAR_MISS" // ヒヤリハット
	VehicleFault  IncidentKind = "VEHICLE_FAULT"
	RoadTrouble   IncidentKind = "ROAD"
	Complaint     IncidentKind = "COMPLAINT"
	EmergencyCall IncidentKind = "EMERGENCY" // the driver needs help at once
	OtherIncident IncidentKind = "OTHER"
)

// IncidentKinds lists them all.
func IncidentKinds() []IncidentKind {
	return []IncidentKind{Collision, Injury, RiderIll, Fall, NearMiss, VehicleFault, RoadTrouble, Complaint, EmergencyCall, OtherIncident}
}

// IncidentReport is an incident as it is reported.
type IncidentReport struct {
	Area     AreaID
	Day      Day
	Vehicle  vehicles.VehicleID
	Kind     IncidentKind
	Severity Severity
	Ride     RideID // or empty
	At       time.Time
	Outline  string // what happened, in the driver's words; kept sealed
}

// IncidentRow is an incident of a day.
type IncidentRow struct {
	ID       NoteID
	Version  int64
	Incident *Incident // shared, not to be changed
	Outline  string
}

// Report records an incident, which stays open until somebody settles it. Errors: ErrNotFound for an unknown vehicle or ride,
// ErrInvalid, ErrKeyReused, or the store's.
func (d *Desk) Report(ctx context.Context, by Actor, r IncidentReport, key string) (IncidentRow, int64, error) {
	if !slices.Contains(IncidentKinds(), r.Kind) || r.Severity < Info || r.Severity > Critical || r.At.IsZero() || key == "" {
		return IncidentRow{}, 0, fmt.Errorf("%w: an incident needs a known kind, a severity from 1 to 4, a time and a key", ErrInvalid)
	}
	a, err := d.open(ctx, r.Area, r.Day)
	if err != nil {
		return IncidentRow{}, 0, err
	}
	hash := hashRequest("incident", fmt.Sprintf("%+v", r))
	id := NoteID("incident." + hex.EncodeToString(hash[:8]))
	_, err = a.change(ctx, IdempotencyKey{key, hash}, func() (*Commit, error) {
		if a.vehicles[r.Vehicle] == nil {
			return nil, fmt.Errorf("%w: vehicle %s", ErrNotFound, r.Vehicle)
		}
		if r.Ride != "" && a.state.Rides[r.Ride] == nil {
			return nil, fmt.Errorf("%w: ride %s", ErrNotFound, r.Ride)
		}
		if a.state.Notes[id] != nil {
			return nil, nil
		}
		i := &Incident{Kind: r.Kind, Severity: r.Severity, Ride: r.Ride, Vehicle: r.Vehicle, At: r.At, Taken: d.now(), By: by.Subject}
		if shift, err := a.shiftNow(r.Vehicle, "", int32(r.At.Sub(a.midnight)/time.Second)); err == nil {
			i.Shift, i.Driver = shift.ID, shift.Driver
			if _, duty := a.state.duty(shift.ID); duty != nil {
				i.Driver = duty.Driver
			}
		}
		return &Commit{
			Notes:  []*Note{{ID: id, Version: 1, Body: i, Text: r.Outline}},
			Events: []Event{{Actor: by.Subject, Kind: IncidentOpen, Ride: r.Ride, Shift: i.Shift, Device: r.At, Detail: string(r.Kind)}},
		}, nil
	})
	return a.incident(id, err)
}

// SettleIncident closes an incident; more of it may be told by adding to its outline. Errors: ErrNotFound, ErrWrongState where it is
// settled already, ErrKeyReused, or the store's.
func (d *Desk) SettleIncident(ctx context.Context, by Actor, area AreaID, day Day, id NoteID, more, key string) (IncidentRow, int64, error) {
	a, err := d.open(ctx, area, day)
	if err != nil {
		return IncidentRow{}, 0, err
	}
	_, err = a.change(ctx, IdempotencyKey{key, hashRequest("settle", string(day), string(id), more)}, func() (*Commit, error) {
		n := a.state.Notes[id]
		if n == nil {
			return nil, fmt.Errorf("%w: %s", ErrNotFound, id)
		}
		i, ok := n.Body.(*Incident)
		if !ok {
			return nil, fmt.Errorf("%w: %s is no incident", ErrNotFound, id)
		}
		if !i.Over.IsZero() {
			return nil, fmt.Errorf("%w: incident %s is settled", ErrWrongState, id)
		}
		next := *i
		next.Over, next.OverBy = d.now(), by.Subject
		changed := n.changed(&next)
		if more != "" {
			changed.Text = strings.TrimSpace(n.Text + "\n" + more)
		}
		return &Commit{
			Notes:  []*Note{changed},
			Events: []Event{{Actor: by.Subject, Kind: IncidentOver, Ride: i.Ride, Shift: i.Shift, Detail: string(i.Kind)}},
		}, nil
	})
	return a.incident(id, err)
}

// incident is one incident as it is now, or the error.
func (a *areaDay) incident(id NoteID, err error) (IncidentRow, int64, error) {
	if err != nil {
		return IncidentRow{}, 0, err
	}
	state := a.current()
	n := state.Notes[id]
	if n == nil {
		return IncidentRow{}, 0, fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	return IncidentRow{n.ID, n.Version, n.Body.(*Incident), n.Text}, state.Revision, nil
}

// Incidents lists the incidents of a day, the first one first.
func (d *Desk) Incidents(ctx context.Context, area AreaID, day Day) ([]IncidentRow, error) {
	state, err := d.State(ctx, area, day)
	if err != nil {
		return nil, err
	}
	var rows []IncidentRow
	notesOf(state, func(n *Note, i *Incident) { rows = append(rows, IncidentRow{n.ID, n.Version, i, n.Text}) })
	slices.SortFunc(rows, func(x, y IncidentRow) int {
		return cmp.Or(x.Incident.At.Compare(y.Incident.At), cmp.Compare(x.ID, y.ID))
	})
	return rows, nil
}
