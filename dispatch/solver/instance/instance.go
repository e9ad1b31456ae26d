// Package instance reads published dial-a-ride and pickup-and-delivery benchmark formats, makes problems of them for the solver and
// checks the answers in double precision, as the published costs are.
package instance

import (
	"errors"
	"fmt"
	"math"

	"github.com/swmaas/swmaas/dispatch/solver"
)

// Format is a published file format.
type Format string

// The formats.
const (
	// Cordeau is the format of Cordeau & Laporte (2003) and Cordeau (2006): `m N T Q L`, then node lines. N is the number of
	// requests where 2N+2 node lines follow, and the number of nodes where N+1 do.
	Cordeau Format = "cordeau"
	// MDHDARP is the heterogeneous multi-depot format of Malheiros et al. (2021): `m n`, m vehicle lines `T c0 c1 c2 c3`, then
	// node lines with a ride limit and four demands. Vehicle k starts and ends at depot k mod 4 of the four fixed ones.
	MDHDARP Format = "mdhdarp"
	// LiLim is the format of Li & Lim (2001): `K Q speed`, then node lines that name their partner. Vehicles come first, then
	// distance.
	LiLim Format = "lilim"
)

// ErrFormat is wrapped by every error about the content of a file.
var ErrFormat = errors.New("bad instance file")

// node is one node line; times are in the file's unit.
type node struct {
	x, y, service    float64
	earliest, latest float64
	ride             float64 // ride limit of the request, on its pickup; +Inf for none
	load             []float64
}

// vehicle is one vehicle in the file's unit.
type vehicle struct {
	duration         float64 // +Inf for none
	capacity         []float64
	x, y             float64
	earliest, latest float64
}

// Instance is one benchmark problem in the file's own units and numbering.
type Instance struct {
	// Name is what the caller called it.
	Name string
	// Format it was read from.
	Format Format

	nodes    []node // [0] is the depot where the format has one
	vehicles []vehicle
	pickups  []int // [r] node of the pickup of request r
	drops    []int // [r] node of its delivery
	scale    float64
}

// Requests is the number of requests.
func (in *Instance) Requests() int { return len(in.pickups) }

// Vehicles is the number of vehicles.
func (in *Instance) Vehicles() int { return len(in.vehicles) }

// vehicleFirst is the fixed cost that makes one vehicle outweigh all distance; unserved outweighs all vehicles.
const (
	vehicleFirst = int64(1) << 40
	unserved     = int64(1) << 45
)

// setScale picks ticks per unit: as fine as five decimals, with the latest time well inside the solver's range.
func (in *Instance) setScale() {
	latest := 1.0
	for _, n := range in.nodes {
		latest = max(latest, n.latest+n.service)
	}
	in.scale = 1e5
	for latest*in.scale > float64(solver.MaxTick)/1.5 && in.scale > 1 {
		in.scale /= 10
	}
}

// Problem makes the solver's problem: arcs rounded up in time, so that what the solver finds feasible is feasible in double
// precision, and to the nearest in cost. Places are nodes, then depots: one for all vehicles that start at the same point, so that the
// solver sees which of them can swap routes.
func (in *Instance) Problem() (*solver.Problem, error) {
	places := len(in.nodes)
	x, y := make([]float64, 0, places), make([]float64, 0, places)
	for _, n := range in.nodes {
		x, y = append(x, n.x), append(y, n.y)
	}
	depots, seen := make([]solver.Place, len(in.vehicles)), map[[2]float64]solver.Place{}
	for k, v := range in.vehicles {
		at := [2]float64{v.x, v.y}
		if _, ok := seen[at]; !ok {
			seen[at] = solver.Place(len(x))
			x, y = append(x, v.x), append(y, v.y)
		}
		depots[k] = seen[at]
	}
	m := solver.NewMatrix(len(x))
	m.Grow(len(x))
	for i := range x {
		for j := range x {
			d := math.Hypot(x[i]-x[j], y[i]-y[j]) * in.scale
			if d >= float64(solver.MaxTick) {
				return nil, fmt.Errorf("instance: %s: nodes %d and %d are too far apart: %w", in.Name, i, j, ErrFormat)
			}
			m.Set(solver.Place(i), solver.Place(j), int32(math.Ceil(d-1e-7)), int32(math.Round(d)))
		}
	}
	b := solver.NewBuilder(m, 1)
	for k := range in.vehicles {
		b.AddVehicle(in.vehicleSpec(k, depots[k]))
	}
	for r := range in.pickups {
		b.AddRequest(in.requestSpec(r))
	}
	p, err := b.Build()
	if err != nil {
		return nil, fmt.Errorf("instance: %s: %w", in.Name, err)
	}
	return p, nil
}

func (in *Instance) vehicleSpec(k int, depot solver.Place) solver.VehicleSpec {
	v := in.vehicles[k]
	s := solver.VehicleSpec{
		Start: depot, End: depot, Layouts: [][]int32{whole(v.capacity)},
		Window: solver.TimeWindow{Earliest: in.up(v.earliest), Latest: in.down(v.latest)},
	}
	if !math.IsInf(v.duration, 1) {
		s.MaxDuration = in.down(v.duration)
	}
	if in.Format == LiLim {
		s.FixedCost = vehicleFirst
	}
	return s
}

func (in *Instance) requestSpec(r int) solver.RequestSpec {
	a, b := in.nodes[in.pickups[r]], in.nodes[in.drops[r]]
	s := solver.RequestSpec{
		Pickup: solver.Place(in.pickups[r]), Delivery: solver.Place(in.drops[r]),
		PickupWindow:   solver.TimeWindow{Earliest: in.up(a.earliest), Latest: in.down(a.latest)},
		DeliveryWindow: solver.TimeWindow{Earliest: in.up(b.earliest), Latest: in.down(b.latest)},
		PickupService:  in.up(a.service), DeliveryService: in.up(b.service),
		Load: whole(a.load), UnservedCost: unserved,
	}
	if !math.IsInf(a.ride, 1) {
		s.MaxRide = in.down(a.ride)
	}
	return s
}

func (in *Instance) up(t float64) int32 {
	return int32(min(math.Ceil(t*in.scale-1e-6), float64(solver.MaxTick)))
}

func (in *Instance) down(t float64) int32 {
	return int32(min(math.Floor(t*in.scale+1e-6), float64(solver.MaxTick)))
}

func whole(load []float64) []int32 {
	out := make([]int32, len(load))
	for k, q := range load {
		out[k] = int32(math.Round(q))
	}
	return out
}

// Routes expresses a plan by the file's node numbers, depots left out. Empty routes are kept only where the position in the list
// names the vehicle (MDHDARP).
func (in *Instance) Routes(p *solver.Problem, s *solver.Solution) [][]int {
	routes := [][]int{}
	for v := range in.vehicles {
		nodes := s.Route(solver.Vehicle(v))
		if len(nodes) == 0 && in.Format != MDHDARP {
			continue
		}
		route := []int{}
		for _, n := range nodes {
			r := p.RequestOf(n)
			if p.IsDelivery(n) {
				route = append(route, in.drops[r])
			} else {
				route = append(route, in.pickups[r])
			}
		}
		routes = append(routes, route)
	}
	return routes
}

// Unassigned lists the pickup node numbers of the requests that the plan leaves out.
func (in *Instance) Unassigned(s *solver.Solution) []int {
	out := []int{}
	for _, r := range s.Unassigned(nil) {
		out = append(out, in.pickups[r])
	}
	return out
}
