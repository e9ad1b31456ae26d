package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/swmaas/swmaas/vehicles"
)

// ExceptionKind is what is not as it should be. The values are stored and part of the contract.
type ExceptionKind string

// What a dispatcher has to look at.
const (
	LateNow         ExceptionKind = "LATE_NOW"       // the promised pickup has passed and the vehicle is not there
	LatePredicted   ExceptionKind = "LATE_PREDICTED" // the vehicle will be later than promised
	NotSignedOn     ExceptionKind = "NOT_SIGNED_ON"  // no driver, though the vehicle leaves soon
	CheckMissing    ExceptionKind = "CHECK_MISSING"  // no passed check, though the vehicle leaves soon
	DriverStoodDown ExceptionKind = "DRIVER_STOOD_DOWN"
	VehicleSilent   ExceptionKind = "VEHICLE_SILENT"
	NoFollowUp      ExceptionKind = "NO_SHOW_OPEN" // nobody has looked after somebody who did not answer the door
	Untold          ExceptionKind = "UNTOLD"       // somebody had to be told and was not, past the deadline
	CallExceeded    ExceptionKind = "WILL_CALL_EXCEEDED"
	RideUnserved    ExceptionKind = "UNSERVED" // a promised ride that no vehicle carries
	IncidentRaised  ExceptionKind = "INCIDENT"
	BackLate        ExceptionKind = "BACK_LATE"        // the vehicle is not back when its owner needs it
	StepsHeld       ExceptionKind = "STEPS_HELD"       // a device's steps wait for one that was lost
	StepContrary    ExceptionKind = "STEP_REFUSED"     // a driver reported what cannot be
	SoftRuleBroken  ExceptionKind = "SOFT_RULE_BROKEN" // a dispatcher's override that breaks a soft rule stands
	ManifestUnseen  ExceptionKind = "MANIFEST_UNSEEN"  // a driver has not acknowledged a change that is near
	UnreadByDriver  ExceptionKind = "DRIVER_HAS_NOT_READ"
	UnreadByOffice  ExceptionKind = "OFFICE_HAS_NOT_READ"
)

// Alarm is one thing that is not as it should be.
type Alarm struct {
	ID       string // names it as long as it lasts
	Kind     ExceptionKind
	Severity Severity
	Ride     RideID
	Shift    vehicles.ShiftID
	Vehicle  vehicles.VehicleID
	Note     NoteID   // the Tell, incident, device or intervention that it is about
	Since    int32    // service-day second
	Seconds  int32    // by how much: late, silent, past the deadline
	Breaks   []string // of SoftRuleBroken: which rules
	Say      Sentences
	Ways     []Way // what can be done about it, the best first
	Seen     *Seen // who looks after it, nil while nobody does
}

// Way is something that can be done about an exception.
type Way struct {
	Code string
	Say  Sentences
}

// Seen is that somebody looks after an exception. Where it becomes more pressing after that, it counts as not seen.
type Seen struct {
	Exception string
	Kind      ExceptionKind
	Severity  Severity
	By        string
	At        time.Time
}

func (*Seen) note() {}

func seenID(exception string) NoteID { return NoteID("seen." + exception) }

// leavesSoon is how long before its first departure a vehicle without a checked driver is an exception, in seconds.
const leavesSoon = 20 * 60

// alarms collects exceptions of one state at one moment.
type alarms struct {
	state    *State
	rules    *Rules
	midnight time.Time
	now      int32
	out      []Alarm
}

// Exceptions lists what of an area-day is not as it should be now, the most pressing first. Errors: the store's.
func (d *Desk) Exceptions(ctx context.Context, area AreaID, day Day) ([]Alarm, error) {
	a, err := d.open(ctx, area, day)
	if err != nil {
		return nil, err
	}
	seen, err := a.lastSeen(ctx)
	if err != nil {
		return nil, err
	}
	v, err := a.look(ctx)
	if err != nil {
		return nil, err
	}
	defer a.endLook(v)
	return v.exceptions(v.expected(ctx, seen), seen), nil
}

// exceptions is a pure function of the state, the clock, and where vehicles are. a.mu is held.
func (a *areaDay) exceptions(expected []ExpectedStop, seen map[vehicles.VehicleID]vehicles.Position) []Alarm {
	x := &alarms{state: a.state, rules: &a.desk.cfg.Rules, midnight: a.midnight, now: a.second()}
	x.late(expected)
	x.calls(expected)
	a.crewAlarms(x)
	a.manifestAlarms(x)
	a.roadAlarms(x, expected, seen)
	x.unserved(a)
	x.notes()
	for i := range x.out {
		e := &x.out[i]
		e.Say, e.Ways = e.sentences(), e.ways()
		if n := a.state.Notes[seenID(e.ID)]; n != nil {
			if s, ok := n.Body.(*Seen); ok && s.Severity >= e.Severity {
				e.Seen = s
			}
		}
	}
	slices.SortFunc(x.out, func(p, q Alarm) int {
		return cmp.Or(cmp.Compare(q.Severity, p.Severity), cmp.Compare(p.Since, q.Since), cmp.Compare(p.ID, q.ID))
	})
	return x.out
}

func (x *alarms) add(e Alarm, subject string) {
	e.ID = strings.ToLower(string(e.Kind)) + ":" + subject
	x.out = append(x.out, e)
}

// bySeconds is how pressing a delay is.
func bySeconds(late int32) Severity {
	switch {
	case late >= 30*60:
		return Critical
	case late >= 15*60:
		return Urgent
	}
	return Warning
}

// late is about stops that the vehicle reaches later than promised.
func (x *alarms) late(expected []ExpectedStop) {
	for _, e := range expected {
		ride := x.state.Rides[e.Ride]
		reached := e.State == Arrived
		if e.Late <= 0 || reached || ride.Call.MaxWait > 0 && e.Kind == PickupStop { // will-calls have an exception of their own
			continue
		}
		kind, late := LatePredicted, e.Late
		if x.now > e.Latest {
			kind = LateNow
		} else if late <= x.rules.LateTolerance {
			continue
		}
		severity := bySeconds(late)
		if e.Kind == DropoffStop && x.worse(e.Ride, kind, severity) {
			continue // said of its pickup
		}
		if kind == LateNow && ride.Purpose == "dialysis" {
			severity = min(severity+1, Critical)
		}
		x.add(Alarm{Kind: kind, Severity: severity, Ride: e.Ride, Shift: e.Shift, Vehicle: e.Vehicle, Since: e.Latest, Seconds: late},
			fmt.Sprintf("%s:%d", e.Ride, e.Kind))
	}
}

// worse makes the exception about the pickup of a ride as pressing as that about its arrival, and reports whether there is one.
func (x *alarms) worse(ride RideID, kind ExceptionKind, severity Severity) bool {
	for i := range x.out {
		if e := &x.out[i]; e.Ride == ride && (e.Kind == kind || e.Kind == LateNow) {
			e.Severity = max(e.Severity, severity)
			return true
		}
	}
	return false
}

// calls is about will-calls that are not fetched within their promised wait.
func (x *alarms) calls(expected []ExpectedStop) {
	for id, r := range x.state.Rides {
		if !r.Call.Called || !r.awaits() {
			continue
		}
		due := r.Call.At + r.Call.MaxWait
		late, placed := x.now-due, false
		var e Alarm
		for _, s := range expected {
			if s.StopID == (StopID{id, PickupStop}) {
				placed, late = true, s.Arrive-due
				e.Shift, e.Vehicle = s.Shift, s.Vehicle
				if s.State == Arrived {
					late = 0
				}
			}
		}
		if placed && late <= 0 {
			continue
		}
		e.Kind, e.Ride, e.Since, e.Seconds = CallExceeded, id, r.Call.At, max(late, 0)
		e.Severity = max(Urgent, bySeconds(late))
		if !placed {
			e.Severity = Critical // somebody waits somewhere with no way home
		}
		x.add(e, string(id))
	}
}

// unserved is about rides that were promised and that no vehicle carries: no route has them, or one whose shift does not take place any
// more. a.mu is held.
func (x *alarms) unserved(a *areaDay) {
	runs := func(route *Route) bool {
		if route == nil {
			return false
		}
		_, known := a.byShift[route.Shift]
		return known
	}
	for id, r := range x.state.Rides {
		if r.awaits() && r.Call.MaxWait == 0 && !runs(x.state.RouteOf(id)) {
			x.add(Alarm{Kind: RideUnserved, Severity: Critical, Ride: id, Since: r.Promise.Pickup.Earliest}, string(id))
		}
	}
}

// notes is about what is kept beside routes and rides.
func (x *alarms) notes() {
	for id, n := range x.state.Notes {
		switch body := n.Body.(type) {
		case *Tell:
			x.tell(id, body)
		case *Intervention:
			x.override(id, body)
		case *Message:
			x.message(id, body)
		case *Incident:
			if body.Over.IsZero() {
				x.add(Alarm{
					Kind: IncidentRaised, Severity: body.Severity, Ride: body.Ride, Shift: body.Shift, Vehicle: body.Vehicle, Note: id,
					Since: x.second(body.At), Seconds: max(0, x.now-x.second(body.At)),
				}, string(id))
			}
		case *Device:
			if len(body.Held) > 0 {
				since := x.second(body.Held[0].Taken)
				x.add(Alarm{Kind: StepsHeld, Severity: Info, Vehicle: body.Vehicle, Note: id, Since: since, Seconds: x.now - since}, string(id))
			}
			for _, r := range body.Refused {
				if ride := x.state.Rides[r.Ride]; ride != nil && ride.State.Ended() && (r.Code == "WRONG_STATE" || r.Code == "TOO_SOON") {
					continue // it has come to its end since
				}
				x.add(Alarm{Kind: StepContrary, Severity: Warning, Ride: r.Ride, Vehicle: body.Vehicle, Note: id, Since: x.second(r.At)},
					fmt.Sprintf("%s.%d", id, r.Seq))
			}
		}
	}
}

// override is about an override that breaks soft rules, until it is taken back or its ride is on the way: from then on nothing can be
// done about it.
func (x *alarms) override(id NoteID, done *Intervention) {
	ride := x.state.Rides[done.Ride]
	if len(done.Breaks) == 0 || !done.Undone.IsZero() || ride == nil || !ride.awaits() {
		return
	}
	e := Alarm{Kind: SoftRuleBroken, Severity: Info, Ride: done.Ride, Note: id, Since: x.second(done.At), Breaks: done.Breaks, Seconds: max(0, x.now-x.second(done.At))}
	if route := x.state.RouteOf(done.Ride); route != nil {
		e.Shift = route.Shift
	}
	x.add(e, string(id))
}

func (x *alarms) second(t time.Time) int32 { return int32(t.Sub(x.midnight) / time.Second) }

// tell is about somebody who must be told.
func (x *alarms) tell(id NoteID, t *Tell) {
	if t.Told != nil {
		return
	}
	e := Alarm{Kind: Untold, Severity: Urgent, Ride: t.Ride, Note: id, Since: t.Deadline, Seconds: max(0, x.now-t.Deadline)}
	switch {
	case t.Reason == TellWatchOver:
		e.Kind, e.Severity, e.Since = NoFollowUp, Urgent, x.second(t.Opened)
		if x.now > t.Deadline {
			e.Severity = Critical
		}
	case x.now <= t.Deadline:
		return
	case t.Reason == TellEvening:
		e.Severity = Warning
	case t.Reason == TellDropped || t.Reason == TellReturnOpen:
		e.Severity = Critical
	}
	x.add(e, string(id))
}

// crewAlarms is about drivers of vehicles that leave soon. a.mu is held.
func (a *areaDay) crewAlarms(x *alarms) {
	if a.desk.cfg.Unchecked {
		return
	}
	done := map[vehicles.ShiftID]bool{}
	for i := range a.shifts {
		route, whole := a.routeLocked(a.shifts[i].ID), a.wholeShift(a.shifts[i].ID)
		if whole == nil || done[whole.ID] {
			continue
		}
		k := route.Executed()
		if k == len(route.Stops) {
			continue
		}
		_, duty := a.state.duty(whole.ID)
		e := Alarm{Shift: whole.ID, Vehicle: whole.Vehicle, Since: route.Stops[k].LeaveBy, Seconds: max(0, x.now-route.Stops[k].LeaveBy), Severity: Warning}
		if x.now >= e.Since {
			e.Severity = Urgent
		}
		soon := route.Stops[k].LeaveBy-x.now <= leavesSoon
		switch {
		case duty != nil && duty.Stood != "":
			e.Kind, e.Severity = DriverStoodDown, Critical
		case !soon:
			continue
		case duty == nil || !duty.Off.IsZero():
			e.Kind = NotSignedOn
		case duty.Before == "":
			e.Kind = CheckMissing
		default:
			continue
		}
		done[whole.ID] = true
		x.add(e, string(whole.ID))
	}
}

// roadAlarms is about vehicles that were not heard of, and those that will not be back in time. a.mu is held.
func (a *areaDay) roadAlarms(x *alarms, expected []ExpectedStop, seen map[vehicles.VehicleID]vehicles.Position) {
	for i := range a.shifts {
		shift := &a.shifts[i]
		route := a.routeLocked(shift.ID)
		k := route.Executed()
		if k == len(route.Stops) {
			continue
		}
		if heard := a.heard(shift, route, k, seen); heard > 0 && x.now-heard > x.rules.SilentAfter {
			severity := Warning
			if x.now-heard > 3*x.rules.SilentAfter {
				severity = Urgent
			}
			x.add(Alarm{Kind: VehicleSilent, Severity: severity, Shift: shift.ID, Vehicle: shift.Vehicle, Since: heard, Seconds: x.now - heard}, string(shift.ID))
		}
		last := slices.IndexFunc(expected, func(e ExpectedStop) bool {
			return e.Shift == shift.ID && e.StopID == route.Stops[len(route.Stops)-1].StopID
		})
		if last < 0 {
			continue
		}
		e := &expected[last]
		ride := a.state.Rides[e.Ride]
		home := e.Depart + a.places.plannedAt(place(ride, e.Kind), shift.End, e.Depart)
		if over := home - shift.Span.End; over > 0 {
			severity := bySeconds(over)
			if x.now > shift.Span.End {
				severity = max(severity, Urgent)
			}
			x.add(Alarm{Kind: BackLate, Severity: severity, Shift: shift.ID, Vehicle: shift.Vehicle, Since: shift.Span.End, Seconds: over}, string(shift.ID))
		}
	}
}

// heard is when a vehicle that is out was heard of last, by step or position; 0 for one that is not out.
func (a *areaDay) heard(shift *vehicles.Shift, route *Route, k int, seen map[vehicles.VehicleID]vehicles.Position) int32 {
	heard := int32(0)
	switch s := &route.Stops[k]; s.State {
	case EnRoute:
		heard = s.LeaveBy
	case Arrived:
		heard = s.Arrive
	default:
		for _, s := range route.Stops[k:] { // somebody is aboard
			if r := a.state.Rides[s.Ride]; r != nil && r.State == UnderWay {
				heard = route.Stops[k-1].Depart
			}
		}
	}
	if p, ok := seen[shift.Vehicle]; ok && heard > 0 {
		heard = max(heard, int32(p.Seen.Sub(a.midnight)/time.Second))
	}
	return heard
}

// SeeException notes that somebody looks after an exception, as pressing as it is now. Errors: ErrNotFound where there is none of that
// id, ErrKeyReused, or the store's.
func (d *Desk) SeeException(ctx context.Context, by Actor, area AreaID, day Day, id, key string) (Alarm, int64, error) {
	list, err := d.Exceptions(ctx, area, day)
	if err != nil {
		return Alarm{}, 0, err
	}
	k := slices.IndexFunc(list, func(e Alarm) bool { return e.ID == id })
	if k < 0 {
		return Alarm{}, 0, fmt.Errorf("%w: exception %s", ErrNotFound, id)
	}
	e := list[k]
	a, err := d.open(ctx, area, day)
	if err != nil {
		return Alarm{}, 0, err
	}
	_, err = a.change(ctx, IdempotencyKey{key, hashRequest("see", string(day), id)}, func() (*Commit, error) {
		body := &Seen{Exception: id, Kind: e.Kind, Severity: e.Severity, By: by.Subject, At: d.now()}
		n := &Note{ID: seenID(id), Version: 1, Body: body}
		if old := a.state.Notes[n.ID]; old != nil {
			n = old.changed(body)
		}
		return &Commit{
			Notes:  []*Note{n},
			Events: []Event{{Actor: by.Subject, Kind: ExceptionSeen, Ride: e.Ride, Shift: e.Shift, Detail: string(e.Kind)}},
		}, nil
	})
	if err != nil {
		return Alarm{}, 0, err
	}
	state := a.current()
	if n := state.Notes[seenID(id)]; n != nil {
		e.Seen, _ = n.Body.(*Seen)
	}
	return e, state.Revision, nil
}
