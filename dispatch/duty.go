package dispatch

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/swmaas/swmaas/vehicles"
)

// OnDuty is a driver's day on one shift of the calendar, own rounds and all: who drives, since when, and the checks before and after.
// While Config.Unchecked is false no step of a driver is taken in without one that was begun with a passed check.
type OnDuty struct {
	Shift   vehicles.ShiftID // as the calendar names it, without the number of a part
	Vehicle vehicles.VehicleID
	Driver  vehicles.DriverID // who drives: of the shift, or a substitute
	On, Off time.Time         // device time of signing on, and off where that has happened
	// Before and After are the passed checks of this driver; empty while there is none.
	Before, After NoteID
	Checks        int    // taken so far, passed or not
	Odometer      int32  // km before the duty; 0 while unknown
	Stood         string // code why the driver was stood down; empty otherwise
}

func (*OnDuty) note() {}

// Check is a 点呼 that was taken, passed or not. What it says of the driver's health, and the instructions that were given,
// are in its note's sealed text.
type Check struct {
	Shift   vehicles.ShiftID
	Vehicle vehicles.VehicleID
	Driver  vehicles.DriverID
	Report  vehicles.SafetyCheck // without Unwell
	Taken   time.Time            // when the service took it in
	Faults  []vehicles.CheckFault
}

func (*Check) note() {}

// StoodAlcohol is why a driver is stood down whose breath had alcohol in it.
const StoodAlcohol = string(vehicles.AlcoholFound)

// Events about drivers.
const (
	DriverOn      EventKind = "driver_signed_on"
	DriverOff     EventKind = "driver_signed_off"
	CheckPassed   EventKind = "check_passed" // Detail is BEFORE or AFTER
	CheckFailed   EventKind = "check_failed" // likewise; why stands in the record alone
	DriverStood   EventKind = "driver_stood_down"
	DoorTried     EventKind = "door_tried"   // Detail is how
	StepHeld      EventKind = "step_held"    // waits for one before it that has not come yet
	StepRefused   EventKind = "step_refused" // contradicts what is known; Detail is a code
	IncidentOpen  EventKind = "incident"     // Detail is its kind
	IncidentOver  EventKind = "incident_over"
	ExceptionSeen EventKind = "exception_seen" // somebody looks after it; Detail is its kind
)

func dutyID(shift vehicles.ShiftID) NoteID { return NoteID("duty." + string(shift)) }

// wholeShift is the calendar's shift that a part of the plan belongs to, or nil. a.mu is held.
func (a *areaDay) wholeShift(part vehicles.ShiftID) *vehicles.Shift {
	for i := range a.given {
		if id := a.given[i].ID; part == id || strings.HasPrefix(string(part), string(id)+"/") {
			return &a.given[i]
		}
	}
	return nil
}

// duty is the duty of a shift of the calendar, or nil where nobody has signed on.
func (s *State) duty(shift vehicles.ShiftID) (*Note, *OnDuty) {
	n := s.Notes[dutyID(shift)]
	if n == nil {
		return nil, nil
	}
	d, _ := n.Body.(*OnDuty)
	return n, d
}

// mayLeave fails with ErrUnchecked where no step may be reported of a part of a shift. a.mu is held.
func (a *areaDay) mayLeave(part vehicles.ShiftID) error {
	if a.desk.cfg.Unchecked {
		return nil
	}
	shift := a.wholeShift(part)
	if shift == nil {
		return fmt.Errorf("%w: shift %s is not of the day", ErrUnchecked, part)
	}
	_, d := a.state.duty(shift.ID)
	switch {
	case d == nil || !d.Off.IsZero():
		return fmt.Errorf("%w: nobody has signed on to shift %s", ErrUnchecked, shift.ID)
	case d.Stood != "":
		return fmt.Errorf("%w: the driver of shift %s was stood down", ErrUnchecked, shift.ID)
	case d.Before == "":
		return fmt.Errorf("%w: the driver of shift %s has no passed check", ErrUnchecked, shift.ID)
	}
	return nil
}

// SignOn begins a duty.
type SignOn struct {
	Area    AreaID
	Day     Day
	Vehicle vehicles.VehicleID
	Shift   vehicles.ShiftID  // empty for the vehicle's next one
	Driver  vehicles.DriverID // the driver of the shift, or a substitute
	At      time.Time         // device time
}

// SignOn notes who drives a shift. Somebody else than planned must be qualified for every ride that the shift has, and the plan
// reckons with their qualification from then on. Signing on again changes nothing. Errors: ErrNotFound for an unknown
// shift or driver, ErrUnqualified, ErrWrongState where another driver is on it, ErrInvalid, ErrKeyReused, or the store's.
func (d *Desk) SignOn(ctx context.Context, by Actor, s SignOn, key string) (*OnDuty, int64, error) {
	if s.Driver == "" || s.At.IsZero() {
		return nil, 0, fmt.Errorf("%w: a driver and a time are needed", ErrInvalid)
	}
	idem := IdempotencyKey{key, hashRequest("sign on", string(s.Day), string(s.Vehicle), string(s.Shift), string(s.Driver))}
	now, err := d.onDuty(ctx, s.Area, s.Day, s.Vehicle, s.Shift, s.At, idem, func(a *areaDay, shift *vehicles.Shift, n *Note, duty *OnDuty) (*Commit, error) {
		next := &OnDuty{Shift: shift.ID, Vehicle: shift.Vehicle, Driver: s.Driver, On: s.At}
		event := Event{Actor: by.Subject, Kind: DriverOn, Shift: shift.ID, Detail: string(s.Driver)}
		if duty != nil {
			switch same := duty.Driver == s.Driver && duty.Stood == ""; {
			case same && duty.Off.IsZero():
				return nil, nil
			case duty.Driver == s.Driver && duty.Stood != "":
				return nil, fmt.Errorf("%w: driver %s was stood down", ErrWrongState, s.Driver)
			case duty.Stood == "" && duty.Off.IsZero() && duty.Before != "":
				return nil, fmt.Errorf("%w: driver %s is on shift %s", ErrWrongState, duty.Driver, shift.ID)
			}
			next.Checks = duty.Checks
		}
		if err := a.qualified(shift, s.Driver); err != nil {
			return nil, err
		}
		c, on := &Commit{}, dutyNote(n, next)
		if back := a.relieved(by, shift); len(back) > 0 {
			var err error // the shift is given rides again that this driver may drive
			if c, _, err = a.mend(ctx, by, CodeBackInService, append(back, on)); err != nil {
				return nil, err
			}
			c.noted(by, back, CodeBackInService)
		} else {
			c.Notes = []*Note{on}
		}
		c.Events = append(c.Events, event)
		return c, nil
	})
	return now.duty, now.revision, err
}

// dutyNote is the duty as it is stored in the place of n, which may be nil.
func dutyNote(n *Note, d *OnDuty) *Note {
	if n != nil {
		return n.changed(d)
	}
	return &Note{ID: dutyID(d.Shift), Version: 1, Body: d}
}

// onDuty makes one change of the duty of a vehicle's shift. ErrNotFound where nobody has signed on to it.
func (d *Desk) onDuty(ctx context.Context, area AreaID, day Day, v vehicles.VehicleID, id vehicles.ShiftID, at time.Time, key IdempotencyKey,
	decide func(*areaDay, *vehicles.Shift, *Note, *OnDuty) (*Commit, error),
) (now dutyNow, err error) {
	a, err := d.open(ctx, area, day)
	if err != nil {
		return now, err
	}
	var of dutyReply
	reply, err := a.change(ctx, key, func() (*Commit, error) {
		shift, err := a.shiftNow(v, id, int32(at.Sub(a.midnight)/time.Second))
		if err != nil {
			return nil, err
		}
		of.Shift = shift.ID // of a change that changes nothing, of which no reply is kept
		n, duty := a.state.duty(shift.ID)
		c, err := decide(a, shift, n, duty)
		if err != nil || c == nil {
			return nil, err
		}
		a.withRoutes(c, shift)
		c.Reply, err = json.Marshal(dutyReply{shift.ID, c.checks()})
		return c, err
	})
	if err != nil {
		return now, err
	}
	if len(reply) > 0 {
		if err := json.Unmarshal(reply, &of); err != nil {
			return now, fmt.Errorf("dispatch: stored reply: %w", err)
		}
	}
	state := a.current()
	_, duty := state.duty(of.Shift)
	if duty == nil {
		return now, fmt.Errorf("%w: vehicle %s has no duty on shift %s", ErrNotFound, v, of.Shift)
	}
	return dutyNow{duty, of.Checks, state.Revision}, nil
}

// withRoutes adds the routes of a shift to a commit as they are: a departure or a booking that was decided in the same moment did not know
// who drives, and is decided again. a.mu is held.
func (a *areaDay) withRoutes(c *Commit, shift *vehicles.Shift) {
	for i := range a.whole {
		id := a.whole[i].ID
		written := slices.ContainsFunc(c.Routes, func(r *Route) bool { return r.Shift == id })
		if of := a.wholeShift(id); of == nil || of.ID != shift.ID || written {
			continue
		}
		old := a.routeLocked(id)
		c.Routes = append(c.Routes, &Route{Shift: id, Version: old.Version + 1, Stops: slices.Clone(old.Stops)})
	}
}

// dutyNow is a duty as it is after a change.
type dutyNow struct {
	duty     *OnDuty
	checks   int // taken when the change was made, which may have been long ago
	revision int64
}

// dutyReply is what is kept of a change of a duty under the key of its request: the calendar may have another shift by the time that the
// request is made again, and the driver another check.
type dutyReply struct {
	Shift  vehicles.ShiftID
	Checks int // taken so far then, the one of the request included
}

// checks is how many checks were taken of the duty that a commit writes.
func (c *Commit) checks() int {
	for _, n := range c.Notes {
		if duty, ok := n.Body.(*OnDuty); ok {
			return duty.Checks
		}
	}
	return 0
}

// shiftNow is the shift of that id, or the vehicle's first that is not over at a second. a.mu is held.
func (a *areaDay) shiftNow(v vehicles.VehicleID, id vehicles.ShiftID, at int32) (*vehicles.Shift, error) {
	var found *vehicles.Shift
	for i := range a.given {
		s := &a.given[i]
		switch {
		case s.Vehicle != v || id != "" && s.ID != id:
		case found == nil, found.Span.End < at && s.Span.Start > found.Span.Start, s.Span.End >= at && s.Span.Start < found.Span.Start:
			found = s
		}
	}
	if found == nil {
		return nil, fmt.Errorf("%w: vehicle %s has no shift %s", ErrNotFound, v, id)
	}
	return found, nil
}

// qualified fails with ErrUnqualified where a driver may not drive what the shift carries. The planned driver may, as long as nobody else
// has taken their place since. a.mu is held.
func (a *areaDay) qualified(shift *vehicles.Shift, driver vehicles.DriverID) error {
	crew := slices.DeleteFunc(slices.Clone(a.shifts), func(part vehicles.Shift) bool {
		whole := a.wholeShift(part.ID)
		return whole == nil || whole.ID != shift.ID || part.Driver == driver
	})
	planned := driver == shift.Driver
	if planned && len(crew) == 0 {
		return nil
	}
	if !planned && !slices.ContainsFunc(a.calendar.Fleet.Drivers, func(d vehicles.Driver) bool { return d.ID == driver }) {
		return fmt.Errorf("%w: driver %s", ErrNotFound, driver)
	}
	as := *shift
	as.Driver = driver
	on := CandidateOf(a.calendar, as)
	var lacks []string
	add := func(code string) {
		if !slices.Contains(lacks, code) {
			lacks = append(lacks, code)
		}
	}
	if !planned {
		for _, s := range (vehicles.Requirement{}).Check(vehicles.Date(a.key.Day), on.Driver, on.Staff, on.Vehicle.Welfare) {
			add(string(s.Kind))
		}
		rest := vehicles.Span{Start: max(shift.Span.Start, a.second()), End: shift.Span.End}
		for _, kind := range a.calendar.OverCaps(vehicles.Date(a.key.Day), driver, rest) {
			add(string(kind))
		}
	}
	for _, part := range crew {
		for _, stop := range a.routeLocked(part.ID).Stops {
			ride := a.state.Rides[stop.Ride]
			if stop.State.Finished() || ride == nil {
				continue
			}
			if !ride.Party.drivenBy(driver) {
				add(CauseDriver)
			}
			for _, r := range a.legal.onShift(&on, ride) {
				add(r.Code)
			}
		}
	}
	if len(lacks) > 0 {
		return fmt.Errorf("%w: %s: %s", ErrUnqualified, driver, strings.Join(lacks, ", "))
	}
	return nil
}

// onShift is why the policy does not let a shift carry a ride in the ride's mode.
func (b *rulebook) onShift(on *Candidate, ride *Ride) []PolicyRefusal {
	if b.policy == nil {
		return nil
	}
	rule := b.policy.Rule(ride.Terms.Mode, b.day)
	if rule == nil {
		return nil
	}
	q := Question{Day: b.day, Mode: ride.Terms.Mode, Rider: RiderFacts{Facility: ride.Terms.Facility}, Shift: on}
	return b.policy.shiftRefusals(rule, &q)
}

// crewed is the shifts with the drivers who signed on to them in the place of those that the calendar names.
func (a *areaDay) crewed(shifts []vehicles.Shift, s *State) []vehicles.Shift {
	out := shifts
	for i := range shifts {
		whole := a.wholeShift(shifts[i].ID)
		if whole == nil {
			continue
		}
		driver := whole.Driver
		if _, d := s.duty(whole.ID); d != nil {
			driver = d.Driver
		}
		if driver != out[i].Driver {
			if &out[0] == &shifts[0] {
				out = slices.Clone(shifts) // others share the list
			}
			out[i].Driver = driver
		}
	}
	return out
}

// CheckReport is a 点呼 as it is reported.
type CheckReport struct {
	Area         AreaID
	Day          Day
	Vehicle      vehicles.VehicleID
	Shift        vehicles.ShiftID // empty for the vehicle's next one
	Check        vehicles.SafetyCheck
	Instructions string // what the driver was told, and remarks; kept sealed
}

// checkWords is what of a check is kept sealed.
type checkWords struct {
	Unwell       []vehicles.Ailment `json:",omitempty"`
	Instructions string             `json:",omitempty"`
}

// CheckResult is what came of a check.
type CheckResult struct {
	Duty     *OnDuty
	Faults   []vehicles.CheckFault // empty where it was passed
	Revision int64
}

// Check takes in a check before the first departure of a duty, or after the last return. One that is not passed is recorded as
// well, and may be made again; alcohol stands the driver down, and somebody else has to drive: where nobody does by the time that the first
// ride is near, at once or by the engine's loop, the shift's riders are given to others. Errors: ErrNotFound,
// ErrWrongState where nobody has signed on or the driver was stood down, ErrInvalid, ErrKeyReused, or the store's.
func (d *Desk) Check(ctx context.Context, by Actor, r CheckReport, key string) (*CheckResult, error) {
	if err := r.Check.Validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	words, err := json.Marshal(checkWords{r.Check.Unwell, r.Instructions})
	if err != nil {
		return nil, fmt.Errorf("dispatch: check: %w", err)
	}
	text := string(words)
	if text == "{}" {
		text = ""
	}
	idem := IdempotencyKey{key, hashRequest("check", fmt.Sprintf("%+v", r))}
	now, err := d.onDuty(ctx, r.Area, r.Day, r.Vehicle, r.Shift, r.Check.At, idem,
		func(a *areaDay, shift *vehicles.Shift, n *Note, duty *OnDuty) (*Commit, error) {
			switch {
			case duty == nil || !duty.Off.IsZero():
				return nil, fmt.Errorf("%w: nobody has signed on to shift %s", ErrWrongState, shift.ID)
			case duty.Stood != "":
				return nil, fmt.Errorf("%w: the driver of shift %s was stood down", ErrWrongState, shift.ID)
			}
			return a.check(by, &r, text, n, duty), nil
		})
	if err != nil {
		return nil, err
	}
	if now.duty.Stood != "" { // who is near to be fetched must know at once
		if _, err := d.Mend(ctx, r.Area, r.Day); err != nil {
			return nil, err
		}
	}
	state, err := d.State(ctx, r.Area, r.Day)
	if err != nil {
		return nil, err
	}
	id := checkID(now.duty.Shift, now.checks)
	taken := state.Notes[id]
	if taken == nil {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	return &CheckResult{Duty: now.duty, Faults: taken.Body.(*Check).Faults, Revision: state.Revision}, nil
}

func checkID(shift vehicles.ShiftID, n int) NoteID {
	return NoteID(fmt.Sprintf("check.%s.%d", shift, n))
}

// check is the commit that a check of a duty makes. a.mu is held.
func (a *areaDay) check(by Actor, r *CheckReport, text string, n *Note, duty *OnDuty) *Commit {
	next := *duty
	next.Checks++
	id := checkID(duty.Shift, next.Checks)
	c := &Check{Shift: duty.Shift, Vehicle: duty.Vehicle, Driver: duty.Driver, Report: r.Check, Taken: a.desk.now()}
	c.Faults = r.Check.Faults(duty.Driver, duty.Odometer)
	c.Report.Unwell = nil
	when := "BEFORE"
	if r.Check.After {
		when = "AFTER"
	}
	event := Event{Actor: by.Subject, Kind: CheckPassed, Shift: duty.Shift, Detail: when}
	switch {
	case len(c.Faults) > 0:
		event.Kind = CheckFailed
	case r.Check.After:
		next.After = id
	default:
		next.Before, next.Odometer = id, r.Check.Odometer
	}
	commit := &Commit{Events: []Event{event}}
	if slices.Contains(c.Faults, vehicles.AlcoholFound) {
		next.Stood, next.Before = StoodAlcohol, ""
		commit.Events = append(commit.Events, Event{Actor: by.Subject, Kind: DriverStood, Shift: duty.Shift})
	}
	commit.Notes = []*Note{dutyNote(n, &next), {ID: id, Version: 1, Body: c, Text: text}}
	return commit
}

// SignOff ends the duty of a vehicle's driver. Errors: ErrNotFound, ErrWrongState where nobody is signed on, somebody is still
// aboard or stops remain, ErrUnchecked where the check after the duty is missing, ErrKeyReused, or the store's.
func (d *Desk) SignOff(ctx context.Context, by Actor, s SignOn, key string) (*OnDuty, int64, error) {
	idem := IdempotencyKey{key, hashRequest("sign off", string(s.Day), string(s.Vehicle), string(s.Shift))}
	now, err := d.onDuty(ctx, s.Area, s.Day, s.Vehicle, s.Shift, s.At, idem, func(a *areaDay, shift *vehicles.Shift, n *Note, duty *OnDuty) (*Commit, error) {
		if duty == nil || !duty.Off.IsZero() {
			return nil, fmt.Errorf("%w: nobody has signed on to shift %s", ErrWrongState, shift.ID)
		}
		if a.busy(shift) {
			return nil, fmt.Errorf("%w: shift %s has passengers aboard", ErrWrongState, shift.ID)
		}
		if duty.Before != "" && duty.After == "" && duty.Stood == "" && !d.cfg.Unchecked {
			return nil, fmt.Errorf("%w: the check after the duty of shift %s is missing", ErrUnchecked, shift.ID)
		}
		next := *duty
		next.Off = s.At
		return &Commit{Notes: []*Note{n.changed(&next)}, Events: []Event{{Actor: by.Subject, Kind: DriverOff, Shift: shift.ID, Detail: string(duty.Driver)}}}, nil
	})
	return now.duty, now.revision, err
}

// busy reports whether somebody is aboard on a part of the shift. a.mu is held.
func (a *areaDay) busy(shift *vehicles.Shift) bool {
	for _, part := range a.shifts {
		if whole := a.wholeShift(part.ID); whole == nil || whole.ID != shift.ID {
			continue
		}
		for _, s := range a.routeLocked(part.ID).Stops {
			if r := a.state.Rides[s.Ride]; r != nil && r.State == UnderWay && !s.State.Finished() {
				return true
			}
		}
	}
	return false
}
