package solver

import (
	"fmt"
	"slices"
)

// Solution is a plan: a route for every vehicle and who is served. A route leaves the depots out and lists the breaks. It
// is not safe for concurrent use; Clone is cheap, as routes are shared until one is set.
type Solution struct {
	p      *Problem
	routes [][]Node  // [v]; never changed in place
	on     []Vehicle // [r], None for unassigned; shorter than the problem where requests were added later
}

// NewSolution is the plan in which nobody is served.
func NewSolution(p *Problem) *Solution {
	s := &Solution{p: p, routes: make([][]Node, p.vehicles), on: make([]Vehicle, p.requests)}
	for r := range s.on {
		s.on[r] = None
	}
	return s
}

// Clone returns an independent copy.
func (s *Solution) Clone() *Solution {
	return &Solution{p: s.p, routes: slices.Clone(s.routes), on: slices.Clone(s.on)}
}

// Rebase returns the same routes as a plan of p, which must number nodes and vehicles as the plan's own problem does: an
// extended problem or a snapshot.
func (s *Solution) Rebase(p *Problem) *Solution {
	c := s.Clone()
	c.p = p
	return c
}

// Route is the nodes of v in order. The caller must not change the slice; it stays as it is when the plan changes.
func (s *Solution) Route(v Vehicle) []Node { return s.routes[v] }

// VehicleOf is the vehicle that serves r, or None.
func (s *Solution) VehicleOf(r Request) Vehicle {
	if int(r) >= len(s.on) {
		return None
	}
	return s.on[r]
}

// Unassigned appends the requests that nobody serves to out, lowest number first.
func (s *Solution) Unassigned(out []Request) []Request {
	for r := range Request(s.p.requests) {
		if s.VehicleOf(r) == None {
			out = append(out, r)
		}
	}
	return out
}

// Cost is the objective of the plan.
func (s *Solution) Cost() int64 { return s.p.Cost(s) }

// SetRoute replaces the route of v by a copy of nodes, depots left out. Requests that were on v and are not in nodes become
// unassigned. It refuses a sequence that is no route (unknown nodes, a node twice, a request that another vehicle serves);
// whether the route keeps the constraints is Verify's question.
func (s *Solution) SetRoute(v Vehicle, nodes []Node) error {
	p := s.p
	s.grow()
	for i, n := range nodes {
		r := p.RequestOf(n)
		switch {
		case n < Node(2*p.vehicles) || int(n) >= p.Nodes():
			return fmt.Errorf("solver: set route of vehicle %d: node %d does not exist: %w", v, n, ErrRoute)
		case slices.Contains(nodes[:i], n):
			return fmt.Errorf("solver: set route of vehicle %d: node %d comes twice: %w", v, n, ErrRoute)
		case r != None && s.on[r] != None && s.on[r] != v:
			return fmt.Errorf("solver: set route of vehicle %d: request %d rides in vehicle %d: %w", v, r, s.on[r], ErrRoute)
		}
	}
	s.put(v, slices.Clone(nodes))
	return nil
}

// put replaces the route of v by nodes, which it keeps.
func (s *Solution) put(v Vehicle, nodes []Node) {
	for _, n := range s.routes[v] {
		if r := s.p.RequestOf(n); r != None {
			s.on[r] = None
		}
	}
	s.routes[v] = nodes
	for _, n := range nodes {
		if r := s.p.RequestOf(n); r != None {
			s.on[r] = v
		}
	}
}

// Remove takes r out of its route. The last request to leave takes the breaks with it.
func (s *Solution) Remove(r Request) {
	v := s.VehicleOf(r)
	if v == None {
		return
	}
	var rest []Node
	served := false
	for _, n := range s.routes[v] {
		if s.p.RequestOf(n) == r {
			continue
		}
		rest = append(rest, n)
		served = served || s.p.RequestOf(n) != None
	}
	if !served {
		rest = nil
	}
	s.put(v, rest)
}

// grow makes room for requests that the problem got since.
func (s *Solution) grow() {
	for len(s.on) < int(s.p.requests) {
		s.on = append(s.on, None)
	}
	s.on = s.on[:s.p.requests]
}
