package sim

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// Record is an executed day: what drivers did and what riders had been promised. It does not change after Run.
type Record struct {
	Day        dispatch.Day
	Policy     *dispatch.Policy // by which it is judged who rode with whom; nil for none
	Vehicles   []Vehicle
	Rides      []Ride // by the order of the calls, then what was booked by hand
	Stops      []Stop // by the order of execution
	Meters     int64  // driven by road, empty drives and drives home included
	Direct     int64  // metres, had every completed booking been driven alone
	Told       int    // calls to people who had to be told something
	Untold     int    // who had to be, and were not by the end of the day
	QuoteTimes []time.Duration
}

// Vehicle is what a vehicle was able and free to do.
type Vehicle struct {
	ID        vehicles.VehicleID
	Cabin     vehicles.Cabin
	Windows   []vehicles.Span // when it may carry shared rides
	OwnRounds []vehicles.Span
	Drivers   []vehicles.DriverID // of its shifts, each once
}

// Ride is one call that was answered and what became of it.
type Ride struct {
	ID      dispatch.RideID // of the engine; "call-012" for a call that did not end in a booking
	Booking dispatch.BookingID
	State   dispatch.RideState
	Reason  string // why there is no booking
	Booked  bool
	Load    vehicles.Load
	Rider   dispatch.RiderID
	As      dispatch.Passenger // what the rider rode as
	// Apart and NotDrivers are whom the rider was not to meet and whom the rider does not ride with.
	Apart      []dispatch.RiderID
	NotDrivers []vehicles.DriverID
	Promise    dispatch.Promise // the last one that the engine confirmed; zero where not booked
	Direct     int32            // seconds of the unshared drive on the simulator's roads
	Meters     int32            // of the unshared drive
	Pickup     geo.LatLng
	Dropoff    geo.LatLng
}

// StopKind is what was done at a stop.
type StopKind uint8

// Kinds of executed stops.
const (
	PickupStop StopKind = iota + 1
	DropoffStop
	NoShowStop
)

// String returns the kind's name in stops.csv.
func (k StopKind) String() string {
	switch k {
	case PickupStop:
		return "pickup"
	case DropoffStop:
		return "dropoff"
	case NoShowStop:
		return "no_show"
	}
	return "unknown"
}

// executed is the kind of stop that a step ends.
func executed(step dispatch.StepKind) StopKind {
	switch step {
	case dispatch.StepBoard:
		return PickupStop
	case dispatch.StepNoShow:
		return NoShowStop
	}
	return DropoffStop
}

// Stop is one halt for one ride, in service-day seconds.
type Stop struct {
	Vehicle        vehicles.VehicleID
	Kind           StopKind
	Ride           dispatch.RideID
	Arrive, Depart int32
	At             geo.LatLng // where the vehicle stood
}

// gather completes the record at the end of the day.
func (d *Day) gather(ctx context.Context) error {
	d.rec.Day, d.rec.Policy = d.cfg.Scenario.Day, d.cfg.Scenario.Policy
	for _, v := range d.cfg.Scenario.Fleet.Vehicles {
		kept := Vehicle{ID: v.ID, Cabin: v.Cabin}
		for _, s := range d.cfg.Scenario.Shifts {
			if s.Vehicle != v.ID {
				continue
			}
			kept.OwnRounds = append(kept.OwnRounds, s.OwnRounds...)
			if !slices.Contains(kept.Drivers, s.Driver) {
				kept.Drivers = append(kept.Drivers, s.Driver)
			}
			for _, part := range s.Split(1) {
				kept.Windows = append(kept.Windows, part.Span)
			}
		}
		d.rec.Vehicles = append(d.rec.Vehicles, kept)
	}
	var err error
	for i := range d.callers {
		if d.callers[i].rang {
			if err = d.answered(ctx, i); err != nil {
				return err
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(d.rides)) {
		if _, ok := d.byRide[id]; !ok { // booked by hand
			if err = d.outcome(ctx, d.rides[id]); err != nil {
				return err
			}
		}
	}
	if d.cfg.Office != nil {
		if d.rec.Untold, err = d.cfg.Office.Untold(ctx); err != nil {
			return err
		}
	}
	d.rec.Direct, err = d.directMeters(ctx)
	return err
}

// answered adds what became of a call.
func (d *Day) answered(ctx context.Context, i int) error {
	c, state := &d.cfg.Scenario.Calls[i], &d.callers[i]
	if state.ride != nil {
		return d.outcome(ctx, d.rides[state.ride.ID])
	}
	way, err := d.roads.way(ctx, c.Pickup.At, c.Dropoff.At)
	if err != nil {
		return err
	}
	id := fmt.Sprintf("call-%03d", i+1)
	out := Ride{
		ID: dispatch.RideID(id), Booking: dispatch.BookingID(id), State: dispatch.Unmet, Reason: state.reason,
		Load: c.Party.Load, Direct: way.Seconds, Meters: way.Meters, Pickup: c.Pickup.At, Dropoff: c.Dropoff.At,
	}
	if state.offers {
		out.State = dispatch.TurnedDown
	}
	d.rec.Rides = append(d.rec.Rides, out)
	return nil
}

// outcome adds what became of a booked ride.
func (d *Day) outcome(ctx context.Context, r *dispatch.Ride) error {
	way, err := d.roads.way(ctx, r.Pickup.At, r.Dropoff.At)
	if err != nil {
		return err
	}
	promise, err := d.confirmed(ctx, r)
	if err != nil {
		return err
	}
	state := r.State
	if r.Open() { // nobody came, and the day is over
		state = dispatch.Missed
	}
	out := Ride{
		ID: r.ID, Booking: r.Booking, State: state, Booked: true, Load: r.Party.Load, Rider: r.Rider, As: r.Passenger(), Promise: promise,
		Direct: way.Seconds, Meters: way.Meters, Pickup: r.Pickup.At, Dropoff: r.Dropoff.At,
	}
	if riders := d.cfg.Scenario.Riders; riders != nil {
		profile, err := riders.Profile(ctx, d.cfg.Scenario.Area, r.Rider)
		if err != nil && !errors.Is(err, dispatch.ErrNotFound) { // somebody who is not registered may have been booked by hand
			return err
		}
		if err == nil {
			out.Apart, out.NotDrivers = profile.Apart, profile.NotDrivers
		}
	}
	d.rec.Rides = append(d.rec.Rides, out)
	return nil
}

// directMeters is how far the completed bookings would have been driven alone: a group in one vehicle, from door to door by
// the shortest order.
func (d *Day) directMeters(ctx context.Context) (int64, error) {
	total := int64(0)
	for i, r := range d.rec.Rides {
		if r.State != dispatch.Completed {
			continue
		}
		var pickups, dropoffs []geo.LatLng
		first := true
		for k, o := range d.rec.Rides {
			if o.Booking == r.Booking && o.State == dispatch.Completed {
				first = first && k >= i
				pickups, dropoffs = append(pickups, o.Pickup), append(dropoffs, o.Dropoff)
			}
		}
		if !first {
			continue
		}
		meters, err := d.tour(ctx, pickups, dropoffs)
		if err != nil {
			return 0, err
		}
		total += meters
	}
	return total, nil
}

// tour is the length of the shortest way over all pickups and then all dropoffs. Groups are small; every order is tried.
func (d *Day) tour(ctx context.Context, pickups, dropoffs []geo.LatLng) (int64, error) {
	best, failed := int64(-1), error(nil)
	var visit func(at geo.LatLng, begun bool, pickups, dropoffs []geo.LatLng, length int64)
	visit = func(at geo.LatLng, begun bool, pickups, dropoffs []geo.LatLng, length int64) {
		open := pickups
		if len(open) == 0 {
			open = dropoffs
		}
		if len(open) == 0 {
			if best < 0 || length < best {
				best = length
			}
			return
		}
		for i, to := range open {
			leg := int64(0)
			if begun && at != to {
				way, err := d.roads.way(ctx, at, to)
				if err != nil {
					failed = err
					return
				}
				leg = int64(way.Meters)
			}
			rest := append(append([]geo.LatLng(nil), open[:i]...), open[i+1:]...)
			if len(pickups) > 0 {
				visit(to, true, rest, dropoffs, length+leg)
			} else {
				visit(to, true, nil, rest, length+leg)
			}
		}
	}
	visit(geo.LatLng{}, false, pickups, dropoffs, 0)
	return best, failed
}
