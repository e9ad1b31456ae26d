package sim

import (
	"fmt"
	"maps"
	"slices"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// Tolerances of an executed day.
const (
	lateTolerance = 10 * 60 // seconds that a pickup, an arrival or a ride may run over before it is a violation
	topSpeed      = 120.0   // km/h in a straight line
	nearPlace     = 300.0   // metres between a stop and its ride's place
	standstill    = 50.0    // metres that no time is asked for
)

// Violations lists everything that went against a promise or against what is possible: loads that no layout holds, stops
// outside the windows of a vehicle or in its owner's rounds, pickups before or long after the promise, arrivals and rides
// far too late or long, impossible speeds, stops away from their place, rides without one pickup and one dropoff, people aboard
// together who may not be, and drivers whom somebody does not ride with.
func (r *Record) Violations() []string {
	j := &judge{day: r.Day, policy: r.Policy, rides: map[dispatch.RideID]*Ride{}, seen: map[dispatch.RideID][]Stop{}}
	for i := range r.Rides {
		j.rides[r.Rides[i].ID] = &r.Rides[i]
	}
	for i := range r.Vehicles {
		j.vehicle(&r.Vehicles[i], r.Stops)
	}
	for i := range r.Rides {
		j.ride(&r.Rides[i])
	}
	return j.found
}

type judge struct {
	day    dispatch.Day
	policy *dispatch.Policy
	rides  map[dispatch.RideID]*Ride
	seen   map[dispatch.RideID][]Stop
	found  []string
}

func (j *judge) note(format string, args ...any) {
	j.found = append(j.found, fmt.Sprintf(format, args...))
}

// vehicle judges the day of one vehicle.
func (j *judge) vehicle(v *Vehicle, stops []Stop) {
	var last *Stop
	var load vehicles.Load
	boarded := map[dispatch.RideID]int32{}
	for i := range stops {
		s := &stops[i]
		if s.Vehicle != v.ID {
			continue
		}
		where := fmt.Sprintf("vehicle %s at %d s, ride %s", v.ID, s.Arrive, s.Ride)
		j.moves(where, last, s)
		j.free(where, v, s, last, len(boarded) > 0)
		last = s
		ride := j.rides[s.Ride]
		if ride == nil {
			j.note("%s: unknown ride", where)
			continue
		}
		j.place(where, s, ride)
		j.seen[s.Ride] = append(j.seen[s.Ride], *s)
		switch s.Kind {
		case PickupStop:
			j.company(where, v, ride, boarded)
			boarded[s.Ride] = s.Depart
			load = load.Add(ride.Load)
			j.pickup(where, s, ride)
			if !v.Cabin.Holds(load) {
				j.note("%s: load %s fits no layout", where, load)
			}
		case DropoffStop:
			since, ok := boarded[s.Ride]
			if !ok {
				j.note("%s: not aboard", where)
				continue
			}
			delete(boarded, s.Ride)
			load = vehicles.Load{
				Seats: load.Seats - ride.Load.Seats, Wheelchairs: load.Wheelchairs - ride.Load.Wheelchairs,
				Stretchers: load.Stretchers - ride.Load.Stretchers,
			}
			j.dropoff(where, s, ride, since)
		}
	}
	if len(boarded) > 0 {
		j.note("vehicle %s: ends the day with %d rides aboard", v.ID, len(boarded))
	}
}

// company judges who drives a ride that boards, and who is aboard with it.
func (j *judge) company(where string, v *Vehicle, r *Ride, aboard map[dispatch.RideID]int32) {
	if len(v.Drivers) > 0 && !slices.ContainsFunc(v.Drivers, func(d vehicles.DriverID) bool { return !slices.Contains(r.NotDrivers, d) }) {
		j.note("%s: driven by somebody whom the rider does not ride with", where)
	}
	for _, id := range slices.Sorted(maps.Keys(aboard)) {
		o := j.rides[id]
		if slices.Contains(r.Apart, o.Rider) || slices.Contains(o.Apart, r.Rider) {
			j.note("%s: aboard with ride %s, and the two may not meet", where, id)
		}
		if j.policy == nil {
			continue
		}
		if refusal := j.policy.Together(r.As, o.As, j.day); refusal != nil {
			j.note("%s: aboard with ride %s against the policy: %s", where, id, refusal.En)
		}
	}
}

// moves judges whether the vehicle can have come from its last stop.
func (j *judge) moves(where string, last, s *Stop) {
	if s.Depart < s.Arrive {
		j.note("%s: departs before it arrives", where)
	}
	if last == nil {
		return
	}
	gap := s.Arrive - last.Depart
	if gap < 0 {
		j.note("%s: arrives before the last departure", where)
	}
	if m := geo.Distance(last.At, s.At); m > float64(max(gap, 0))*topSpeed/3.6+standstill {
		j.note("%s: %.0f m in %d s", where, m, gap)
	}
}

// free judges whether the vehicle was there to be used. aboard tells whether somebody was when it came.
func (j *judge) free(where string, v *Vehicle, s, last *Stop, aboard bool) {
	within := false
	for _, w := range v.Windows {
		within = within || w.Start <= s.Arrive && s.Depart <= w.End
	}
	if !within {
		j.note("%s: outside the vehicle's windows", where)
	}
	for _, o := range v.OwnRounds {
		if s.Arrive < o.End && s.Depart > o.Start {
			j.note("%s: inside an own round", where)
		}
		if aboard && last != nil && last.Depart < o.End && s.Arrive > o.Start {
			j.note("%s: somebody aboard during an own round", where)
		}
	}
}

func (j *judge) place(where string, s *Stop, r *Ride) {
	at := r.Pickup
	if s.Kind == DropoffStop {
		at = r.Dropoff
	}
	if m := geo.Distance(at, s.At); m > nearPlace {
		j.note("%s: %.0f m from the place", where, m)
	}
}

func (j *judge) pickup(where string, s *Stop, r *Ride) {
	if s.Depart < r.Promise.Pickup.Earliest {
		j.note("%s: left %d s before the promise", where, r.Promise.Pickup.Earliest-s.Depart)
	}
	if late := s.Arrive - r.Promise.Pickup.Latest; late > lateTolerance {
		j.note("%s: %d s late", where, late)
	}
}

func (j *judge) dropoff(where string, s *Stop, r *Ride, boarded int32) {
	if over := s.Arrive - boarded - r.Promise.MaxRide; over > lateTolerance {
		j.note("%s: aboard %d s longer than promised", where, over)
	}
	if late := s.Arrive - r.Promise.ArriveBy; r.Promise.ArriveBy > 0 && late > lateTolerance {
		j.note("%s: arrives %d s late", where, late)
	}
}

// ride judges whether a ride's stops are what its state says.
func (j *judge) ride(r *Ride) {
	stops := j.seen[r.ID]
	if r.State == dispatch.Completed {
		if len(stops) != 2 || stops[0].Kind != PickupStop || stops[1].Kind != DropoffStop || stops[0].Vehicle != stops[1].Vehicle {
			j.note("ride %s: completed with %d stops", r.ID, len(stops))
		}
		return
	}
	for _, s := range stops {
		if s.Kind == DropoffStop {
			j.note("ride %s: %s, but dropped off", r.ID, r.State)
		}
	}
}
