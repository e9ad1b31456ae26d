package dispatch

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/swmaas/swmaas/dispatch/solver"
	"github.com/swmaas/swmaas/vehicles"
)

// model is an area-day as the solver sees it at one second: vehicle i is shift i, a tick is a second, what has happened is
// fixed, and what can no longer be kept is relaxed to what the plan now expects, so that the plan is always feasible.
type model struct {
	second   int32
	problem  *solver.Problem
	solution *solver.Solution
	inserter *solver.Inserter
	rides    []*Ride          // by request
	on       []solver.Vehicle // by request; None for a ride that no route holds
	request  map[RideID]solver.Request
	company  company
	bases    []base                       // by shift
	share    map[BookingID]int32          // of bookings whose rides ride in one vehicle
	turns    map[BookingID]bool           // of those that are not aboard at once as the plan stands
	begun    map[BookingID]solver.Vehicle // of those the shift that has finished a stop of theirs
	stray    map[RideID]*Ride             // on routes of shifts that there are no more: Mend gives them a vehicle, and they keep their times
}

// maxWheelchairs is the largest number of wheelchairs of a party; each number is a dwell class of its own.
const maxWheelchairs = 4

// buildModel makes a model anew. a.mu is held.
func (a *areaDay) buildModel(now int32) (*model, error) {
	kept := a.specs
	a.specs = nil // those are of the live model's numbers
	defer func() { a.specs = kept }()
	m := newModel(now)
	b := solver.NewBuilder(a.places, 1)
	rests := a.numberAll(m)
	a.describe(m, b, rests)
	return m, m.settle(b, rests)
}

// numberAll gives all open rides their request numbers and returns the rests of all routes. a.mu is held.
func (a *areaDay) numberAll(m *model) []*rest {
	rests := make([]*rest, len(a.shifts))
	for i := range a.shifts {
		rests[i] = a.restAt(i, m.second)
		m.number(rests[i])
	}
	a.numberWaiting(m)
	return rests
}

// describe tells the builder of every shift and every ride of the model. a.mu is held.
func (a *areaDay) describe(m *model, b *solver.Builder, rests []*rest) {
	for i, r := range rests {
		spec := r.vehicleSpec(m)
		m.bases = append(m.bases, r.base(&spec))
		b.AddVehicle(spec)
		for _, s := range r.stops {
			m.on[m.request[s.Ride]] = solver.Vehicle(i)
		}
	}
	a.begunLocked(m)
	a.learnNewLocked(m)
	a.legal.separate(b)
	b.SetFairness(solver.Fairness{Weight: fairWeight, Slack: fairSlack})
	a.companyLocked(m, rests)
	m.inTurns(rests)
	for r := range m.rides {
		b.AddRequest(a.specAt(m, solver.Request(r), rests))
	}
}

// numberWaiting gives the open rides that no route holds their request numbers, in the order of their ids.
func (a *areaDay) numberWaiting(m *model) {
	var waiting []*Ride
	for id, ride := range a.state.Rides {
		if _, planned := m.request[id]; !planned && (ride.State == Booked || ride.State == Published) {
			if rules := &a.desk.cfg.Rules; !rules.callOver(ride, m.second) {
				waiting = append(waiting, rules.lifted(ride, m.second))
			}
		}
	}
	m.stray = a.strayRidesLocked()
	slices.SortFunc(waiting, func(x, y *Ride) int { return cmp.Compare(x.ID, y.ID) })
	for _, ride := range waiting {
		m.add(ride)
	}
}

// newModel returns a model without rides.
func newModel(now int32) *model {
	return &model{second: now, request: map[RideID]solver.Request{}, share: map[BookingID]int32{}, turns: map[BookingID]bool{}}
}

// number gives the rides of a rest their request numbers.
func (m *model) number(r *rest) {
	for _, s := range r.stops {
		if _, known := m.request[s.Ride]; !known {
			m.add(r.rides(s.Ride))
		}
	}
}

// add gives a ride the next request number.
func (m *model) add(ride *Ride) {
	m.request[ride.ID] = solver.Request(len(m.rides))
	m.rides = append(m.rides, ride)
	m.on = append(m.on, solver.None)
}

// settle builds the problem and puts the routes into the solution.
func (m *model) settle(b *solver.Builder, rests []*rest) error {
	var err error
	if m.problem, err = b.Build(); err != nil {
		return err
	}
	m.solution, m.inserter = solver.NewSolution(m.problem), solver.NewInserter(m.problem)
	for i, r := range rests {
		if err := m.solution.SetRoute(solver.Vehicle(i), m.nodes(r.stops)); err != nil {
			return fmt.Errorf("shift %s: %w", r.shift.ID, err)
		}
	}
	return nil
}

// nodes translates stops to the solver's visits. A rider aboard has only a delivery.
func (m *model) nodes(stops []Stop) []solver.Node {
	nodes := make([]solver.Node, len(stops))
	for i, s := range stops {
		nodes[i] = m.problem.PickupOf(m.request[s.Ride])
		if s.Kind == DropoffStop {
			nodes[i] = m.problem.DeliveryOf(m.request[s.Ride])
		}
	}
	return nodes
}

func layouts(c vehicles.Cabin) [][]int32 {
	out := make([][]int32, len(c))
	for i, l := range c {
		out[i] = vector(l)
	}
	return out
}

func vector(l vehicles.Load) []int32 {
	return []int32{int32(l.Seats), int32(l.Wheelchairs), int32(l.Stretchers)}
}

func dwell(d vehicles.Dwell) []int32 {
	out := make([]int32, maxWheelchairs+1)
	for c := range out {
		out[c] = int32(d.PerStop + c*d.PerWheelchair)
	}
	return out
}

// shiftOrder sorts shifts so that every process numbers them alike.
func shiftOrder(a, b vehicles.Shift) int {
	return cmp.Or(cmp.Compare(a.Vehicle, b.Vehicle), cmp.Compare(a.Span.Start, b.Span.Start), cmp.Compare(a.ID, b.ID))
}
