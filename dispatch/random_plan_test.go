package dispatch_test

import (
	"fmt"
	"slices"
	"strings"
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
}

func (p *planCheck) day() dispatch.AreaDay {
	return dispatch.AreaDay{Area: p.state.Area, Day: p.state.Day}
}

func (p *planCheck) fault(format string, args ...any) {
	p.wrong = append(p.wrong, fmt.Sprintf(format, args...))
}

// planFaults lists everything that is wrong with a state.
func (w *randomWorld) planFaults(state *dispatch.State, ledger *ledger) []string {
	p := &planCheck{
		randomWorld: w, state: state, policy: w.policies.At(state.Area, state.Day), shifts: map[vehicles.ShiftID]vehicles.Shift{},
		now: w.second(), moment: w.now(), ledger: ledger,
	}
	for _, s := range w.Parts() {
		p.shifts[s.ID] = s
	}
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
	for _, s := range w.shifts {
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
	whole, _, _ := strings.Cut(string(r.Shift), "/")
	if d := dutyOf(p.state, vehicles.ShiftID(whole)); d != nil {
		shift.Driver = d.Driver
	}
	if len(r.Stops) > 0 && r.Stops[0].State != dispatch.Pending && !checkedDuty(p.state, vehicles.ShiftID(whole)) {
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
	p.locked(r, &shift)
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
// shift. A driver may be late, and may take a stop before its turn.
func (p *planCheck) punctual(r *dispatch.Route, shift *vehicles.Shift) {
	if len(r.Stops) == 0 || p.ledger.wasDriven(p.day(), shift.Vehicle) || p.ledger.isDisturbed(p.day()) || r.Stops[0].LeaveBy <= p.now {
		return
	}
	if r.Stops[0].LeaveBy < shift.Span.Start || r.Stops[len(r.Stops)-1].Depart > shift.Span.End {
		p.fault("route %s is driven from %d to %d, outside its shift", r.Shift, r.Stops[0].LeaveBy, r.Stops[len(r.Stops)-1].Depart)
	}
	boarded := map[dispatch.RideID]int32{}
	for _, s := range r.Stops {
		if p.state.Rides[s.Ride].Call.MaxWait > 0 { // a will-call has its place as time goes by
			continue
		}
		promise := p.state.Rides[s.Ride].Promise
		if s.Kind == dispatch.PickupStop {
			boarded[s.Ride] = s.Depart
			if !promise.Pickup.Contains(s.Begin) {
				p.fault("route %s fetches %s at %d, promised %+v", r.Shift, s.Ride, s.Begin, promise.Pickup)
			}
			continue
		}
		if promise.ArriveBy > 0 && s.Begin > promise.ArriveBy {
			p.fault("route %s brings %s at %d, promised by %d", r.Shift, s.Ride, s.Begin, promise.ArriveBy)
		}
		if aboard := s.Begin - boarded[s.Ride]; aboard > promise.MaxRide {
			p.fault("route %s keeps %s aboard for %d s, promised %d", r.Shift, s.Ride, aboard, promise.MaxRide)
		}
	}
}
