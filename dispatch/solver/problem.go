package solver

import "sync/atomic"

// Problem is a dial-a-ride problem as immutable columns, made by Builder.Build. Any number of goroutines may read it.
//
// Only Extend and Withdraw change it, and then nobody else may use it: a live problem belongs to one goroutine, which takes a
// Snapshot for the others.
//
// Nodes are numbered so that a new request never renumbers an old one: vehicle v starts at node v and ends at node
// Vehicles()+v, breaks follow, then request r has its pickup at PickupOf(r) and its delivery at the next node.
type Problem struct {
	travel  Travel
	classes int32
	places  int
	rows    []atomic.Pointer[legs] // [class*places+place], nil until first read

	vehicles, breaks, requests int32
	first                      Node // pickup of request 0

	dims   int32 // entries of a load vector
	dwells int32 // dwell classes

	place   column[Node, Place]
	open    column[Node, int32] // earliest start of service that any feasible route can have
	shut    column[Node, int32] // latest
	service column[Node, int32] // without the vehicle's addition
	dwell   column[Node, int32] // dwell class; breaks and depots have 0 and no service addition

	load      []int32                 // [r*dims+k]
	direct    column[Request, int32]  // shortest time from pickup to delivery over all classes
	ride      column[Request, int32]  // largest ride time, NoLimit for none
	group     column[Request, uint64] // bit of the legal group, 0 for none
	banned    column[Request, uint64] // bits of the groups that may not be aboard with it
	unserved  column[Request, int64]
	share     column[Request, int32]
	gather    column[Request, int32]
	aboard    column[Request, bool]      // rides already: delivery only
	pinned    column[Request, bool]      // a node of it lies in a fixed beginning: it cannot be taken out
	timed     column[Request, bool]      // has a soft time limit
	conflicts column[Request, []Request] // both directions of every pair
	homes     column[Request, Vehicle]   // the locked or preferred vehicle, or None

	words  int32
	compat []uint64 // [r*words+v/64], bit v%64: vehicle v may serve request r by everything that does not depend on a route

	kind        column[Vehicle, int32]  // vehicles of one kind are interchangeable in every route
	plain       column[Vehicle, bool]   // no request names the vehicle
	breakAt     column[Vehicle, int32]  // first break of v as an index of breakSpec; breakAt[Vehicles()] closes the last
	startLoad   []int32                 // [v*dims+k] of the riders already aboard
	startMask   column[Vehicle, uint64] // their groups
	startRiders column[Vehicle, int32]
	boarded     column[Vehicle, []Request] // riders already aboard
	orderAt     column[Node, int32]        // place in its vehicle's Order, or None
	dwellAdd    []int32                    // [v*dwells+c]

	hasGroups, hasConflicts, hasShare, hasGather, hasTimed, hasPreferred bool

	separate        [64]uint64
	fairness        Fairness
	requestSpec     []RequestSpec
	vehicleSpec     []VehicleSpec
	breakSpec       []BreakSpec
	defaultUnserved int64
	generation      uint64 // raised by Extend, Withdraw and Revise

	vehicleAt column[Vehicle, uint64] // generation at which it was last described
	requestAt column[Request, uint64]
}

// Requests is the number of requests.
func (p *Problem) Requests() int { return int(p.requests) }

// Vehicles is the number of vehicles.
func (p *Problem) Vehicles() int { return int(p.vehicles) }

// Nodes is one past the largest node.
func (p *Problem) Nodes() int { return len(p.place) }

// PickupOf is the pickup node of r. Riders already aboard have the number too, though no route visits it.
func (p *Problem) PickupOf(r Request) Node { return p.first + 2*Node(r) }

// DeliveryOf is the delivery node of r.
func (p *Problem) DeliveryOf(r Request) Node { return p.first + 2*Node(r) + 1 }

// StartOf and EndOf are the depot nodes of v, which routes leave out.
func (p *Problem) StartOf(v Vehicle) Node { return Node(v) }

// EndOf is the node at which v ends its route.
func (p *Problem) EndOf(v Vehicle) Node { return Node(p.vehicles) + Node(v) }

// BreakOf is the i-th break node of v.
func (p *Problem) BreakOf(v Vehicle, i int) Node { return Node(2*p.vehicles+p.breakAt.at(v)) + Node(i) }

// BreaksOf is the number of breaks of v.
func (p *Problem) BreaksOf(v Vehicle) int { return int(p.breakAt.at(v+1) - p.breakAt.at(v)) }

// RequestOf is the request of a pickup or delivery node, or None for depots and breaks.
func (p *Problem) RequestOf(n Node) Request {
	if n < p.first {
		return None
	}
	return Request(n-p.first) / 2
}

// IsDelivery reports whether n is the delivery of a request.
func (p *Problem) IsDelivery(n Node) bool { return n >= p.first && (n-p.first)&1 == 1 }

// IsPickup reports whether n is the pickup of a request.
func (p *Problem) IsPickup(n Node) bool { return n >= p.first && (n-p.first)&1 == 0 }

// isBreak reports whether n is a break of a vehicle.
func (p *Problem) isBreak(n Node) bool { return n >= Node(2*p.vehicles) && n < p.first }

// PlaceOf is where n happens.
func (p *Problem) PlaceOf(n Node) Place { return p.place.at(n) }

// RequestSpec and VehicleSpec return what was built. The slices inside are the problem's own and must not be changed.
func (p *Problem) RequestSpec(r Request) RequestSpec { return p.requestSpec[r] }

// VehicleSpec returns the description of v. The slices inside are the problem's own and must not be changed.
func (p *Problem) VehicleSpec(v Vehicle) VehicleSpec { return p.vehicleSpec[v] }

// DirectTime is the unshared travel time of r in ticks, by the fastest class.
func (p *Problem) DirectTime(r Request) int32 { return p.direct.at(r) }

// RideLimit is the largest ride time of r in ticks, or NoLimit.
func (p *Problem) RideLimit(r Request) int32 { return p.ride.at(r) }

// UnservedCost is what leaving r out costs.
func (p *Problem) UnservedCost(r Request) int64 { return p.unserved.at(r) }

// ServiceTime is how long vehicle v halts at n, in ticks.
func (p *Problem) ServiceTime(v Vehicle, n Node) int32 {
	if n < p.first {
		return p.service.at(n)
	}
	return p.service.at(n) + p.dwellAdd[int32(v)*p.dwells+p.dwell.at(n)]
}

// Leg is the travel time in ticks and the cost of vehicle v driving from the place of node a to that of node b.
func (p *Problem) Leg(v Vehicle, a, b Node) (time, cost int32) {
	row := p.row(p.vehicleSpec[v].Class, p.place.at(a))
	to := p.place.at(b)
	return row.time[to], row.cost[to]
}

// row returns a travel row and remembers it. Two goroutines may both ask the Travel for a missing one; either answer serves.
func (p *Problem) row(class int32, from Place) *legs {
	slot := &p.rows[int(class)*p.places+int(from)]
	if row := slot.Load(); row != nil {
		return row
	}
	row := new(legs)
	row.time, row.cost = p.travel.Row(class, from)
	slot.Store(row)
	return row
}

// compatible reports whether vehicle v may serve r by everything that does not depend on its route.
func (p *Problem) compatible(v Vehicle, r Request) bool {
	return p.compat[int32(r)*p.words+int32(v)>>6]>>(uint(v)&63)&1 == 1
}

// loadOf is the load vector of r.
func (p *Problem) loadOf(r Request) []int32 {
	return p.load[int32(r)*p.dims : (int32(r)+1)*p.dims]
}
