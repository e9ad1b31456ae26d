package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// checkRoads measures plans by roads of its own, not by the tables that they were made with.
type checkRoads struct {
	graph  *routing.Graph
	router *routing.Router
}

func newCheckRoads(g *routing.Graph) *checkRoads {
	return &checkRoads{g, routing.NewRouter(g, routing.RouterConfig{})}
}

// legs are times and distances between the pins of a plan.
type legs struct {
	index           map[geo.LatLng]int
	seconds, meters []int32
}

// between is the road from one pin to another.
func (l *legs) between(from, to geo.LatLng) (seconds, meters int32) {
	if from == to {
		return 0, 0
	}
	k := l.index[from]*len(l.index) + l.index[to]
	return l.seconds[k], l.meters[k]
}

// legs works out the roads between all pins of a plan under conditions.
func (c *checkRoads) legs(ctx context.Context, p *checkedPlan, under routing.Conditions) (*legs, error) {
	l := &legs{index: map[geo.LatLng]int{}}
	var points []routing.Point
	add := func(at geo.LatLng) error {
		if _, known := l.index[at]; known || at == (geo.LatLng{}) {
			return nil
		}
		s, err := c.graph.Snap(at, routing.SnapOptions{})
		if err != nil {
			return err
		}
		l.index[at] = len(points)
		points = append(points, s.Point)
		return nil
	}
	for i := range p.shifts {
		if err := add(p.shifts[i].Start); err != nil {
			return nil, err
		}
		if err := add(p.shifts[i].End); err != nil {
			return nil, err
		}
	}
	for _, r := range p.state.Rides {
		if err := add(r.Pickup.At); err != nil {
			return nil, err
		}
		if err := add(r.Dropoff.At); err != nil {
			return nil, err
		}
	}
	view, err := c.router.View(under, time.Time{})
	if err != nil {
		return nil, err
	}
	l.seconds, l.meters = make([]int32, len(points)*len(points)), make([]int32, len(points)*len(points))
	return l, view.Matrix(ctx, points, points, l.seconds, l.meters)
}

// checkedPlan is a plan to be measured and checked.
type checkedPlan struct {
	state  *dispatch.State
	shifts []vehicles.Shift
	fleet  *vehicles.Fleet
	legs   *legs
	late   map[dispatch.RideID]bool // miss what they were promised, which the repair has said
	wrong  []string
}

func (p *checkedPlan) fault(format string, args ...any) {
	p.wrong = append(p.wrong, fmt.Sprintf(format, args...))
}

// km is the length of all routes in kilometres, from the beginning of the shift to its end.
func (p *checkedPlan) km() float64 {
	total := 0
	p.each(func(_ *vehicles.Shift, from, to geo.LatLng) {
		_, meters := p.legs.between(from, to)
		total += int(meters)
	})
	return float64(total) / 1000
}

// cutOff counts the rides that no vehicle can reach from where it starts, or bring to where they want to go.
func (p *checkedPlan) cutOff(rides []dispatch.RideID) (n int) {
	for _, id := range rides {
		r := p.state.Rides[id]
		reached := slices.ContainsFunc(p.shifts, func(s vehicles.Shift) bool {
			there, _ := p.legs.between(s.Start, r.Pickup.At)
			back, _ := p.legs.between(r.Dropoff.At, s.End)
			return max(there, back) < routing.Unreachable
		})
		if ride, _ := p.legs.between(r.Pickup.At, r.Dropoff.At); !reached || ride >= routing.Unreachable {
			n++
		}
	}
	return n
}

// each visits every drive of the plan.
func (p *checkedPlan) each(visit func(shift *vehicles.Shift, from, to geo.LatLng)) {
	for i := range p.shifts {
		shift := &p.shifts[i]
		route := p.state.Routes[shift.ID]
		if route == nil || len(route.Stops) == 0 {
			continue
		}
		at := shift.Start
		for _, s := range route.Stops {
			to := stopPlace(p.state.Rides[s.Ride], s.Kind)
			visit(shift, at, to)
			at = to
		}
		visit(shift, at, shift.End)
	}
}

func stopPlace(r *dispatch.Ride, kind dispatch.StopKind) geo.LatLng {
	if kind == dispatch.PickupStop {
		return r.Pickup.At
	}
	return r.Dropoff.At
}

// faults lists what is wrong with the plan: rides without their two stops on one route, promises that the planned times do not keep,
// drives faster than the roads allow, loads that no layout holds, and times outside the shift.
func (p *checkedPlan) faults() []string {
	stops := map[dispatch.RideID]int{}
	for _, id := range slices.Sorted(maps.Keys(p.state.Routes)) {
		route := p.state.Routes[id]
		k := slices.IndexFunc(p.shifts, func(s vehicles.Shift) bool { return s.ID == id })
		for _, s := range route.Stops {
			stops[s.Ride]++
		}
		if k < 0 {
			p.fault("route %s is of no shift", id)
			continue
		}
		p.route(route, &p.shifts[k])
	}
	for _, id := range slices.Sorted(maps.Keys(p.state.Rides)) {
		if r := p.state.Rides[id]; r.Open() && stops[id] != 2 {
			p.fault("ride %s is %s with %d stops", id, r.State, stops[id])
		}
	}
	return p.wrong
}

// route drives a route in the mind.
func (p *checkedPlan) route(route *dispatch.Route, shift *vehicles.Shift) {
	at, depart := shift.Start, shift.Span.Start
	boarded := map[dispatch.RideID]int32{}
	k := slices.IndexFunc(p.fleet.Vehicles, func(v vehicles.Vehicle) bool { return v.ID == shift.Vehicle })
	for i := range route.Stops {
		s, ride := &route.Stops[i], p.state.Rides[route.Stops[i].Ride]
		to := stopPlace(ride, s.Kind)
		if seconds, _ := p.legs.between(at, to); s.State == dispatch.Pending && s.Arrive-depart < seconds {
			p.fault("%s: %d s to stop %d of ride %s, by road %d s", route.Shift, s.Arrive-depart, i, ride.ID, seconds)
		}
		if s.Kind == dispatch.PickupStop {
			boarded[ride.ID] = s.Depart
			p.boards(route, s, ride)
		} else {
			p.alights(route, s, ride, boarded)
			delete(boarded, ride.ID)
		}
		load := vehicles.Load{}
		for id := range boarded {
			load = load.Add(p.state.Rides[id].Party.Load)
		}
		if !p.fleet.Vehicles[k].Cabin.Holds(load) {
			p.fault("%s: load %s after stop %d fits no layout", route.Shift, load, i)
		}
		at, depart = to, s.Depart
	}
	if n := len(route.Stops); n > 0 && !route.Stops[n-1].State.Finished() {
		if seconds, _ := p.legs.between(at, shift.End); depart+seconds > shift.Span.End {
			p.fault("%s: back at %d, the shift ends at %d", route.Shift, depart+seconds, shift.Span.End)
		}
	}
	if len(boarded) > 0 {
		p.fault("%s: ends with %d rides aboard", route.Shift, len(boarded))
	}
}

// boards holds a pickup that is still to come against its promise.
func (p *checkedPlan) boards(route *dispatch.Route, s *dispatch.Stop, ride *dispatch.Ride) {
	if !s.State.Finished() && !p.late[ride.ID] && !ride.Promise.Pickup.Contains(s.Begin) {
		p.fault("%s: ride %s is fetched at %d, promised %+v", route.Shift, ride.ID, s.Begin, ride.Promise.Pickup)
	}
}

// alights holds a dropoff that is still to come against its promise.
func (p *checkedPlan) alights(route *dispatch.Route, s *dispatch.Stop, ride *dispatch.Ride, boarded map[dispatch.RideID]int32) {
	since, aboard := boarded[ride.ID]
	switch {
	case !aboard:
		p.fault("%s: ride %s is brought and was not fetched", route.Shift, ride.ID)
	case s.State.Finished() || p.late[ride.ID]:
	case ride.Promise.ArriveBy > 0 && s.Begin > ride.Promise.ArriveBy:
		p.fault("%s: ride %s arrives at %d, promised by %d", route.Shift, ride.ID, s.Begin, ride.Promise.ArriveBy)
	case s.Begin-since > ride.Promise.MaxRide:
		p.fault("%s: ride %s is aboard for %d s, promised %d", route.Shift, ride.ID, s.Begin-since, ride.Promise.MaxRide)
	}
}
