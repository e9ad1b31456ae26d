package dispatch_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// planCheck looks at one state as it was read, knowing nothing but the fleet and the policy: the same rules as the desk's,
// written a second time and in the plainest way.
type planCheck struct {
	*randomWorld
	state  *dispatch.State
	policy *dispatch.Policy
	shifts map[vehicles.ShiftID]vehicles.Shift
	now    int32
	moment time.Time
	ledger *ledger
	wrong  []string

	excused func() map[dispatch.RideID]bool // rides that may be for the same time as another of the rider; read where it matters
}

func (p *planCheck) day() dispatch.AreaDay {
	return dispatch.AreaDay{Area: p.state.Area, Day: p.state.Day}
}

func (p *planCheck) fault(format string, args ...any) {
	p.wrong = append(p.wrong, fmt.Sprintf(format, args...))
}

func (w *randomWorld) newCheck(state *dispatch.State, ledger *ledger) *planCheck {
	p := &planCheck{
		randomWorld: w, state: state, policy: w.policies.At(state.Area, state.Day), shifts: map[vehicles.ShiftID]vehicles.Shift{},
		now: w.second(), moment: w.now(), ledger: ledger,
	}
	for _, s := range w.Parts() {
		p.shifts[s.ID] = s
	}
	return p
}

// planFaults lists everything that is wrong with a state.
func (w *randomWorld) planFaults(state *dispatch.State, ledger *ledger, excused func() map[dispatch.RideID]bool) []string {
	p := w.newCheck(state, ledger)
	p.excused = excused
	served := map[dispatch.StopID]vehicles.ShiftID{}
	for _, r := range state.Routes {
		for _, s := range r.Stops {
			if other, twice := served[s.StopID]; twice {
				p.fault("stop %v is on %s and on %s", s.StopID, other, r.Shift)
			}
			served[s.StopID] = r.Shift
		}
		p.route(r)
	}
	for id, r := range state.Rides {
		p.ride(id, r, served)
	}
	p.together(served)
	for _, r := range state.Routes {
		p.inTurns(r)
	}
	p.riders(served)
	return p.wrong
}

// Parts are the shifts without their owners' rounds, as routes name them.
func (w *randomWorld) Parts() []vehicles.Shift {
	var parts []vehicles.Shift
	for _, s := range w.everyShift() {
		parts = append(parts, s.Split(30*60)...)
	}
	return parts
}

// ride holds a ride against the stops that serve it: all of them on one route while it is open, none once it has ended but
// those that were driven.
func (p *planCheck) ride(id dispatch.RideID, r *dispatch.Ride, served map[dispatch.StopID]vehicles.ShiftID) {
	pickup, fetched := served[dispatch.StopID{Ride: id, Kind: dispatch.PickupStop}]
	dropoff, brought := served[dispatch.StopID{Ride: id, Kind: dispatch.DropoffStop}]
	kept := r.State == dispatch.Offered && p.moment.Before(r.Held)
	switch {
	case (r.Open() && r.Call.MaxWait == 0 || kept) && (!fetched || !brought): // a will-call may be without a vehicle
		p.fault("ride %s is %s and no route serves it", id, r.State)
	case fetched && brought && pickup != dropoff:
		p.fault("ride %s is fetched by %s and brought by %s", id, pickup, dropoff)
	case unplanned(r.State) && (fetched || brought):
		p.fault("ride %s is %s and still on %s%s", id, r.State, pickup, dropoff)
	case (r.State == dispatch.NoShow || r.State == dispatch.Missed) && brought:
		p.fault("nobody came for ride %s and it is still brought by %s", id, dropoff)
	case r.State == dispatch.Completed && (!fetched || !brought):
		p.fault("ride %s is completed and nobody drove it", id)
	}
}

// unplanned reports whether no route may serve a ride in the state.
func unplanned(s dispatch.RideState) bool {
	switch s {
	case dispatch.Draft, dispatch.Cancelled, dispatch.TurnedDown, dispatch.Unmet:
		return true
	}
	return false
}

// route drives a route in the mind: who is aboard after each stop, and at what time.
func (p *planCheck) route(r *dispatch.Route) {
	shift, known := p.shifts[r.Shift]
	if !known {
		p.fault("route %s is of no shift", r.Shift)
		return
	}
	van := p.van(shift.Vehicle)
	var aboard []*dispatch.Ride
	finished, before := true, int32(0)
	whole := wholeOf(r.Shift)
	if d := dutyOf(p.state, whole); d != nil {
		shift.Driver = d.Driver
	}
	if len(r.Stops) > 0 && r.Stops[0].State != dispatch.Pending && !checkedDuty(p.state, whole) {
		p.fault("route %s is under way and its driver has no passed check", r.Shift)
	}
	for i, s := range r.Stops {
		ride := p.state.Rides[s.Ride]
		if ride == nil {
			p.fault("route %s serves ride %s that is not there", r.Shift, s.Ride)
			return
		}
		if s.State.Finished() && !finished {
			p.fault("route %s: stop %d is finished and one before it is not", r.Shift, i)
		}
		finished = s.State.Finished()
		if s.Arrive > s.Begin && !finished || s.Begin > s.Depart || s.Arrive < before && !finished {
			p.fault("route %s: stop %d at %d, %d, %d after %d", r.Shift, i, s.Arrive, s.Begin, s.Depart, before)
		}
		before = s.Depart
		p.stateOf(r.Shift, s, ride)
		if s.Kind == dispatch.PickupStop {
			if s.State != dispatch.Skipped {
				p.boards(van, &shift, ride, aboard)
				aboard = append(aboard, ride)
			}
			continue
		}
		if !slices.Contains(aboard, ride) {
			p.fault("route %s brings ride %s without having fetched it", r.Shift, s.Ride)
		}
		aboard = slices.DeleteFunc(aboard, func(o *dispatch.Ride) bool { return o == ride })
	}
	if len(aboard) > 0 {
		p.fault("route %s ends with ride %s aboard", r.Shift, aboard[0].ID)
	}
	p.punctual(r, &shift)
	p.locked(r)
}

// stateOf holds the state of a stop against that of its ride.
func (p *planCheck) stateOf(shift vehicles.ShiftID, s dispatch.Stop, ride *dispatch.Ride) {
	ok := true
	switch {
	case s.Kind == dispatch.PickupStop && s.State == dispatch.Done:
		ok = ride.State == dispatch.UnderWay || ride.State == dispatch.Completed
	case s.Kind == dispatch.PickupStop && s.State == dispatch.Skipped:
		ok = ride.State == dispatch.NoShow || ride.State == dispatch.Missed
	case s.Kind == dispatch.PickupStop:
		ok = ride.State == dispatch.Booked || ride.State == dispatch.Published || ride.State == dispatch.Offered && s.State == dispatch.Pending
	case s.State == dispatch.Done:
		ok = ride.State == dispatch.Completed
	case s.State == dispatch.EnRoute || s.State == dispatch.Arrived:
		ok = ride.State == dispatch.UnderWay
	default:
		ok = ride.Open() || ride.State == dispatch.Offered
	}
	if !ok {
		p.fault("route %s: stop %v is at state %d and its ride %s", shift, s.StopID, s.State, ride.State)
	}
}

func (p *planCheck) van(id vehicles.VehicleID) *vehicles.Vehicle {
	for i := range p.fleet.Vehicles {
		if p.fleet.Vehicles[i].ID == id {
			return &p.fleet.Vehicles[i]
		}
	}
	return nil
}

// boards checks what must hold when a party boards: room, aids, the driver, the policy and the people aboard.
func (p *planCheck) boards(van *vehicles.Vehicle, shift *vehicles.Shift, ride *dispatch.Ride, aboard []*dispatch.Ride) {
	load := ride.Party.Load
	suspect := p.ledger.isSuspect(p.day(), shift.Vehicle)
	for _, o := range aboard {
		load.Seats += o.Party.Load.Seats
		load.Wheelchairs += o.Party.Load.Wheelchairs
		load.Stretchers += o.Party.Load.Stretchers
		if suspect {
			continue
		}
		if slices.Contains(o.Party.Apart, ride.Rider) || slices.Contains(ride.Party.Apart, o.Rider) {
			p.fault("shift %s: riders of %s and %s are aboard together and do not want to be", shift.ID, ride.ID, o.ID)
		}
		if r := p.policy.Together(passengerOf(ride), passengerOf(o), p.state.Day); r != nil {
			p.fault("shift %s: %s and %s are aboard together: %s", shift.ID, ride.ID, o.ID, r.En)
		}
	}
	room := slices.ContainsFunc(van.Cabin, func(l vehicles.Load) bool {
		return load.Seats <= l.Seats && load.Wheelchairs <= l.Wheelchairs && load.Stretchers <= l.Stretchers
	})
	if !room {
		p.fault("shift %s: no layout takes %+v when %s boards", shift.ID, load, ride.ID)
	}
	if ride.Party.Needs&^van.Equipment != 0 {
		p.fault("shift %s lacks the aids of %s", shift.ID, ride.ID)
	}
	if slices.Contains(ride.Party.NotDrivers, shift.Driver) {
		p.fault("shift %s: its driver may not drive %s", shift.ID, ride.ID)
	}
	limits := limitsOf(riderNumber(ride.Rider))
	if len(limits.OnlyVehicles) > 0 && !slices.Contains(limits.OnlyVehicles, shift.Vehicle) {
		p.fault("shift %s: %s rides in other vehicles only", shift.ID, ride.ID)
	}
	if limits.MaxRide > 0 && ride.Promise.MaxRide > limits.MaxRide {
		p.fault("shift %s: %s is promised %d s aboard, and bears %d", shift.ID, ride.ID, ride.Promise.MaxRide, limits.MaxRide)
	}
	p.lawful(shift, ride)
}

// lawful asks the policy function for the ride as it was booked, on the shift that carries it.
func (p *planCheck) lawful(shift *vehicles.Shift, ride *dispatch.Ride) {
	on := dispatch.CandidateOf(&vehicles.Calendar{Fleet: p.fleet}, *shift)
	facts := dispatch.RiderFacts{Standing: ride.Terms.Standing, Facility: ride.Terms.Facility}
	d := p.policies.Decide(dispatch.Question{
		Area: ride.Area, Day: ride.Day, Mode: ride.Terms.Mode, Rider: facts, Pickup: ride.Pickup.At, Dropoff: ride.Dropoff.At,
		Purpose: ride.Purpose, At: ride.Promise.Pickup, Requested: ride.Created, Direct: ride.Direct, Shift: &on,
	})
	if !d.Permitted() {
		p.fault("shift %s carries %s against the policy: %+v", shift.ID, ride.ID, d.Refusals)
	}
}

func passengerOf(r *dispatch.Ride) dispatch.Passenger {
	return dispatch.Passenger{Mode: r.Terms.Mode, Standing: r.Terms.Standing, Facility: r.Terms.Facility, Purpose: r.Purpose}
}

// punctual holds a route that nobody has driven, and that should not be under way yet, against what was promised and the
// shift. A driver may be late, and may take a stop before its turn. What is missed on a day that is no longer as was promised with is looked
// at when all have made their commands: see unlisted.
func (p *planCheck) punctual(r *dispatch.Route, shift *vehicles.Shift) {
	if p.driven(r, shift) {
		return
	}
	for _, m := range p.missed(r, shift) {
		if !p.ledger.isDisturbed(p.day()) || m.by <= 0 {
			p.fault("route %s: %s", r.Shift, m.text)
		}
	}
}

// driven reports whether a route's times are the driver's affair: it was driven, or should be under way.
func (p *planCheck) driven(r *dispatch.Route, shift *vehicles.Shift) bool {
	return len(r.Stops) == 0 || p.ledger.wasDriven(p.day(), shift.Vehicle) || r.Stops[0].LeaveBy <= p.now
}

// miss is a promise, a lock or a shift that a route does not keep.
type miss struct {
	ride dispatch.RideID // empty for the shift
	by   int32           // seconds too late; 0 where roads cannot be the reason
	text string
}

// missed lists what a route misses of what was promised, of locks in time, and of its shift.
func (p *planCheck) missed(r *dispatch.Route, shift *vehicles.Shift) (list []miss) {
	late := func(ride dispatch.RideID, by int32, format string, args ...any) {
		list = append(list, miss{ride, max(by, 0), fmt.Sprintf(format, args...)})
	}
	span := p.left(r.Shift, shift.Span)
	switch first, last := r.Stops[0].LeaveBy, r.Stops[len(r.Stops)-1].Depart; {
	case first < span.Start:
		late("", 0, "is driven from %d on, before its shift begins at %d", first, span.Start)
	case last > span.End:
		late("", last-span.End, "is driven until %d, and its shift ends at %d", last, span.End)
	}
	boarded := map[dispatch.RideID]int32{}
	for _, s := range r.Stops {
		ride := p.state.Rides[s.Ride]
		promise := ride.Promise
		if s.Kind == dispatch.PickupStop {
			boarded[s.Ride] = s.Depart
		}
		if l := ride.Locks.At; l > 0 && s.Kind == dispatch.PickupStop && s.Begin != l {
			late(s.Ride, s.Begin-l, "locks %s in time to %d and fetches it at %d", s.Ride, l, s.Begin)
		}
		if ride.Call.MaxWait > 0 { // a will-call has its place as time goes by
			continue
		}
		switch {
		case s.Kind == dispatch.PickupStop && !promise.Pickup.Contains(s.Begin):
			late(s.Ride, s.Begin-promise.Pickup.Latest, "fetches %s at %d, promised %+v", s.Ride, s.Begin, promise.Pickup)
		case s.Kind == dispatch.PickupStop:
		case promise.ArriveBy > 0 && s.Begin > promise.ArriveBy:
			late(s.Ride, s.Begin-promise.ArriveBy, "brings %s at %d, promised by %d", s.Ride, s.Begin, promise.ArriveBy)
		case s.Begin-boarded[s.Ride] > promise.MaxRide:
			late(s.Ride, s.Begin-boarded[s.Ride]-promise.MaxRide, "keeps %s aboard for %d s, promised %d", s.Ride, s.Begin-boarded[s.Ride], promise.MaxRide)
		}
	}
	return list
}

// left is what outages leave of a shift.
func (p *planCheck) left(id vehicles.ShiftID, span vehicles.Span) vehicles.Span {
	for _, n := range p.state.Notes {
		o, ok := n.Body.(*dispatch.Outage)
		switch {
		case !ok || o.Shift != id || o.Undone:
		case o.Until > 0:
			span.Start = max(span.Start, min(o.Until, span.End))
		default:
			span.End = min(span.End, max(o.From, span.Start))
		}
	}
	return span
}

// borne is by how many seconds a ride may miss its promise after roads or vehicles are others, and nobody says so.
const borne = 30

// unlisted lists what routes miss on a day that is no longer as was promised with, although no repair has said so and nobody has to be
// told. It is looked at while nothing is under way.
func (w *randomWorld) unlisted(state *dispatch.State, ledger *ledger, f *fold) []string {
	p := w.newCheck(state, ledger)
	if !ledger.isDisturbed(p.day()) {
		return nil
	}
	said := map[dispatch.RideID]bool{}
	for _, n := range state.Notes {
		if t, ok := n.Body.(*dispatch.Tell); ok && t.Reason == dispatch.TellLate && (t.Told == nil || t.Told.Channel != dispatch.ChannelOutdated) {
			said[t.Ride] = true
		}
	}
	for _, r := range state.Routes {
		shift, known := p.shifts[r.Shift]
		if !known || p.driven(r, &shift) {
			continue
		}
		for _, m := range p.missed(r, &shift) {
			if m.by > borne && !said[m.ride] && !f.late[rideKey{p.day(), m.ride}] {
				p.fault("route %s: %s, and no repair has said so, after %q on %+v", r.Shift, m.text, f.story[rideKey{p.day(), m.ride}], r.Stops)
			}
		}
	}
	return p.wrong
}
