package dispatch

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// What is expected of the vehicles on the road is worked out when somebody asks: from the plan, the clock and where vehicles were
// seen last. Positions are lossy and never part of a commit.

// Live tells where vehicles are; vehicles/fleetstore implements it on Redis.
type Live interface {
	// Positions is the last of every vehicle that ever reported, in no order.
	Positions(ctx context.Context, area string) ([]vehicles.Position, error)
}

// ExpectedStop is when a vehicle is expected at a stop that it has not finished. Times are service-day seconds.
type ExpectedStop struct {
	StopID
	Shift   vehicles.ShiftID
	Vehicle vehicles.VehicleID
	State   StopState
	Arrive  int32 // expected, or reported
	Depart  int32 // expected
	Latest  int32 // promised: latest pickup, or latest arrival where one was asked for (0: none)
	Late    int32 // seconds by which Arrive exceeds Latest, 0 where it does not
	Seen    bool  // Arrive follows from a position and not from the plan alone
}

// Expected lists what is expected of the vehicles of an area-day now, by shift and in the order of driving; of one vehicle where it
// is not empty. Stops of rides that drivers do not see are left out. Errors: the store's.
func (d *Desk) Expected(ctx context.Context, area AreaID, day Day, vehicle vehicles.VehicleID) ([]ExpectedStop, error) {
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
	var out []ExpectedStop
	for _, s := range v.expected(ctx, seen) {
		if vehicle == "" || s.Vehicle == vehicle {
			out = append(out, s)
		}
	}
	return out, nil
}

// lastSeen is where the vehicles of the area were seen last.
func (a *areaDay) lastSeen(ctx context.Context) (map[vehicles.VehicleID]vehicles.Position, error) {
	seen := map[vehicles.VehicleID]vehicles.Position{}
	if a.desk.cfg.Live == nil {
		return seen, nil
	}
	list, err := a.desk.cfg.Live.Positions(ctx, string(a.key.Area))
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		seen[p.Vehicle] = p
	}
	return seen, nil
}

// expected lists the unfinished stops with their times as of now. a.mu is held.
func (a *areaDay) expected(ctx context.Context, seen map[vehicles.VehicleID]vehicles.Position) []ExpectedStop {
	now := a.second()
	var out []ExpectedStop
	for i := range a.shifts {
		out = append(out, a.expectedOn(ctx, i, seen, now)...)
	}
	return out
}

// expectedOn lists those of shift number i. a.mu is held.
func (a *areaDay) expectedOn(ctx context.Context, i int, seen map[vehicles.VehicleID]vehicles.Position, now int32) (out []ExpectedStop) {
	shift := &a.shifts[i]
	route := a.routeLocked(shift.ID)
	k := route.Executed()
	if k == len(route.Stops) {
		return nil
	}
	arrival, known := a.arrivesBy(ctx, route, k, seen[shift.Vehicle], now)
	a.near = nearing{shift.ID, arrival}
	stops := a.restOf(i, route, now).stops
	a.near = nearing{}
	for n, s := range stops {
		ride := a.state.Rides[s.Ride]
		if ride == nil || !ride.shown() {
			continue
		}
		e := ExpectedStop{StopID: s.StopID, Shift: shift.ID, Vehicle: shift.Vehicle, State: s.State, Arrive: s.Arrive, Depart: s.Depart, Seen: n == 0 && known}
		if e.Latest = ride.Promise.Pickup.Latest; s.Kind == DropoffStop {
			e.Latest = ride.Promise.ArriveBy
		}
		if e.Latest > 0 {
			e.Late = max(0, e.Arrive-e.Latest)
		}
		out = append(out, e)
	}
	return out
}

// nearing is when the vehicle of a shift is expected at the stop that it is under way to, by where it was seen.
type nearing struct {
	shift   vehicles.ShiftID
	arrival int32
}

// arrivesBy is when the vehicle reaches stop k of its route, to which it is under way, by where it was seen last; known is false where it
// is not under way, or was not seen since it left. a.mu is held.
func (a *areaDay) arrivesBy(ctx context.Context, route *Route, k int, p vehicles.Position, now int32) (arrival int32, known bool) {
	s := &route.Stops[k]
	at := int32(p.Seen.Sub(a.midnight) / time.Second)
	if s.State != EnRoute || p.Seen.IsZero() || at < s.LeaveBy || at > now+60 {
		return 0, false
	}
	ride := a.state.Rides[s.Ride]
	seconds, ok := a.places.from(ctx, p.At, place(ride, s.Kind), now)
	if !ok {
		return 0, false
	}
	return max(at+seconds, 1), true
}

// from is the planned driving time from any point of the road to a pin that was added before, under the conditions of a second.
func (t *timeTable) from(ctx context.Context, at, to geo.LatLng, second int32) (int32, bool) {
	travel := t.travel
	if m := t.periods[t.periodOf(second)].metric; m > 0 {
		t.under.RLock()
		travel = t.metrics[m].travel
		t.under.RUnlock()
	}
	here, err := travel.Snap(at)
	if err != nil {
		return 0, false
	}
	there, err := travel.Snap(to)
	if err != nil {
		return 0, false
	}
	seconds := []int32{0}
	if err := travel.Matrix(ctx, []routing.Point{here}, []routing.Point{there}, seconds, nil); err != nil || seconds[0] >= routing.Unreachable {
		return 0, false
	}
	return int32(float64(seconds[0]) * t.rules.TravelFactor), true // it is on the road already: nothing is added for setting off
}

// Tend does for an area-day what only time makes necessary: it opens the Tells about vehicles that are expected late by the clock and
// by where they were seen, and takes the steps that have waited in vain for one before them. It is for the engine's loop.
// It returns how much it did. Errors: the store's.
func (d *Desk) Tend(ctx context.Context, area AreaID, day Day) (int, error) {
	a, err := d.open(ctx, area, day)
	if err != nil {
		return 0, err
	}
	n, err := a.releaseHeld(ctx)
	if err != nil {
		return n, err
	}
	expected, err := d.Expected(ctx, area, day, "")
	if err != nil {
		return n, err
	}
	_, err = a.change(ctx, IdempotencyKey{}, func() (*Commit, error) {
		c := &Commit{}
		t := teller{a, c, a.second()}
		byRide := map[RideID]Promise{}
		for _, e := range expected {
			p := byRide[e.Ride]
			if e.Kind == PickupStop && e.State < Arrived {
				p.Pickup = Window{e.Arrive, e.Arrive}
			} else if e.Kind == DropoffStop {
				p.ArriveBy = e.Arrive
			}
			byRide[e.Ride] = p
		}
		for _, id := range sortedIDs(byRide) {
			ride, p := a.state.Rides[id], byRide[id]
			stop := a.state.stop(StopID{id, PickupStop})
			if p.Pickup == (Window{}) || !ride.awaits() || ride.Latent() || stop == nil || stop.State >= Arrived {
				continue
			}
			p.Pickup.Latest = max(p.Pickup.Latest, ride.Promise.Pickup.Earliest)
			t.expect(ride, p)
		}
		if len(c.Notes) == 0 {
			return nil, nil
		}
		n += len(c.Notes)
		return c, nil
	})
	return n, err
}

func sortedIDs[V any](m map[RideID]V) []RideID {
	ids := make([]RideID, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(x, y RideID) int { return cmp.Compare(x, y) })
	return ids
}
