package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/swmaas/swmaas/dispatch/solver"
)

// sketch is a plan in the making: the area-day as it is now, out of which rides are taken and into which rides are put,
// several of them where they belong together. Nobody sees any of it before its commit is written, which is all or nothing.
// It has a model of its own and is used with a.mu held.
type sketch struct {
	a *areaDay
	m *model
	// groups are the rules' groups that the model was made with.
	groups *CoRideGroups
	out    []RideID // that it was made without
	rides  []*Ride  // put in, in the order in which they were
	ended  []*Ride  // taken out for good
	log    []Event
}

// sketchLocked begins a sketch of the plan without the stops of the given rides. They are left out before the model is
// made, so that nothing is taken for granted that only they cause. a.mu is held.
func (a *areaDay) sketchLocked(without ...RideID) (*sketch, error) {
	a.expireLocked()
	whole := a.state
	defer func() { a.state = whole }()
	out := map[RideID]bool{}
	for _, id := range without {
		out[id] = true
	}
	a.state = whole.without(out)
	m, err := a.buildModel(a.second())
	if err != nil {
		return nil, fmt.Errorf("dispatch: sketch of %s %s: %w", a.key.Area, a.key.Day, err)
	}
	return &sketch{a: a, m: m, groups: a.legal.groups, out: without}, nil
}

// permit is permitLocked for a request of the sketch: for the quotas its rides count, and those that it was made without do not. It fails with ErrStale where the rules had to number their groups anew
// for it, which the sketch's model does not know of; the next one does.
func (s *sketch) permit(ctx context.Context, req *Request, mode LegalMode, at Window) (*permission, error) {
	req.instead, req.beside = union(req.instead, s.out), nil
	for _, r := range s.rides {
		if r.Rider == req.Rider {
			req.beside = append(req.beside, r.past())
		}
	}
	permit, err := s.a.permitLocked(ctx, req, mode, at)
	if err == nil && s.a.legal.groups != s.groups {
		return nil, fmt.Errorf("%w: the rules have new groups", ErrStale)
	}
	return permit, err
}

// again asks until what it looks at stands still, as changeLocked does.
func again[T any](ask func() (T, error)) (answer T, err error) {
	for range maxRaces {
		if answer, err = ask(); !errors.Is(err, ErrStale) {
			break
		}
	}
	return answer, err
}

// choices finds, for each candidate promise, the places in the sketch that keep it, or says why there is none.
func (s *sketch) choices(ride *Ride, candidates []candidate) ([]choice, refusals, error) {
	return s.a.insertLocked(s.m, ride, candidates)
}

// choose finds places in the sketch for a request in the first legal mode that has one, as a quote does, or says why there
// is none. What the register knows of the party is added to the request. direct is the unshared travel time.
func (s *sketch) choose(ctx context.Context, req *Request) (found []choice, causes []Refusal, direct int32, err error) {
	refusal, err := s.a.locateLocked(ctx, req)
	if err != nil {
		return nil, nil, 0, err
	}
	if refusal != nil {
		return nil, []Refusal{*refusal}, 0, nil
	}
	if len(s.a.shifts) == 0 {
		return nil, refusals{}.list(), 0, nil
	}
	direct, _ = s.a.directLocked(req)
	permit, err := s.permit(ctx, req, "", s.a.askedLocked(req, direct))
	if err != nil {
		return nil, nil, 0, err
	}
	if len(permit.options) == 0 {
		return nil, refusalsOf(permit.refusals), direct, nil
	}
	found, causes, err = s.a.chooseLocked(s.m, req, permit, direct)
	if err == nil && len(found) == 0 {
		var own ownRefusals
		own, err = s.a.ownLimits(s.m, req, permit, direct)
		causes = own.before(causes)
	}
	return found, causes, direct, err
}

// put gives a ride the place that was found for it. A ride of the state that has its id is replaced by it.
func (s *sketch) put(ride *Ride, c choice) error {
	ride.Promise, ride.Terms = c.promise, c.terms
	return s.place(ride, solver.Query{Vehicles: []solver.Vehicle{c.place.Vehicle}})
}

// place puts a ride into the cheapest place that keeps its promise, within what the query allows besides.
func (s *sketch) place(ride *Ride, q solver.Query) error {
	r, err := s.m.problem.Extend(s.a.spec(s.m, ride))
	if err != nil {
		return fmt.Errorf("dispatch: insert into %s %s: %w", s.a.key.Area, s.a.key.Day, err)
	}
	q.Request = r
	found, _ := s.a.affordable(s.m, q, ride, nil)
	if len(found) == 0 {
		s.m.problem.Withdraw()
		return fmt.Errorf("%w: ride %s has no place any more", ErrStale, ride.ID)
	}
	s.m.inserter.Apply(s.m.solution, found[0])
	s.added(ride)
	return nil
}

// added takes the ride that the problem was extended by into the sketch.
func (s *sketch) added(ride *Ride) {
	s.m.add(ride)
	s.a.meet(s.m, s.m.request[ride.ID], ride)
	s.rides = append(s.rides, ride)
}

// mark is a point that a sketch can be set back to.
type mark struct {
	plan   *solver.Solution
	rides  int
	groups uint64
}

func (s *sketch) mark() mark { return mark{s.m.solution.Clone(), len(s.rides), s.m.company.groups} }

// back undoes every put since the mark, the last one first.
func (s *sketch) back(to mark) {
	s.m.solution = to.plan.Clone()
	for len(s.rides) > to.rides {
		ride := s.rides[len(s.rides)-1]
		s.rides = s.rides[:len(s.rides)-1]
		s.m.problem.Withdraw()
		s.m.forget(ride.ID)
	}
	s.m.company.groups = to.groups
}

// forget takes the model's last ride out of it.
func (m *model) forget(id RideID) {
	last := len(m.rides) - 1
	m.rides, m.on = m.rides[:last], m.on[:last]
	delete(m.request, id)
	m.company.leave(solver.Request(last))
	for r, ride := range m.rides { // the one that it had replaced
		if ride.ID == id {
			m.request[id] = solver.Request(r)
		}
	}
}

// end adds a ride that the sketch was made without and that gets no place any more.
func (s *sketch) end(after *Ride) { s.ended = append(s.ended, after) }

// shiftOf is the shift whose route holds the ride in the sketch, or -1.
func (s *sketch) shiftOf(id RideID) int {
	if r, known := s.m.request[id]; known {
		if v := s.m.solution.VehicleOf(r); v != solver.None {
			return int(v)
		}
	}
	return -1
}

// commit is the change that the sketch comes to: every route that differs, the rides put in and those taken out.
func (s *sketch) commit() *Commit {
	c := &Commit{Events: s.log}
	for _, list := range [][]*Ride{s.ended, s.rides} {
		for _, ride := range list {
			c.Rides = append(c.Rides, RideChange{Before: s.a.state.Rides[ride.ID], After: ride})
		}
	}
	for i := range s.a.shifts {
		old, nodes := s.a.routeLocked(s.a.shifts[i].ID), s.m.solution.Route(solver.Vehicle(i))
		if !s.same(old.Stops[old.Executed():], nodes) {
			c.Routes = append(c.Routes, s.a.rerouted(s.m, old, nodes, s.rides...))
		}
	}
	return c
}

// same reports whether the nodes are the stops, in their order, and none of them belongs to a ride that the sketch changes.
func (s *sketch) same(stops []Stop, nodes []solver.Node) bool {
	if len(stops) != len(nodes) {
		return false
	}
	for i, n := range nodes {
		id := s.m.rides[s.m.problem.RequestOf(n)].ID
		if stops[i].StopID != s.m.stopOf(n) || slices.ContainsFunc(s.rides, func(r *Ride) bool { return r.ID == id }) {
			return false
		}
	}
	return true
}

// note adds an event about a ride, with its shift in the sketch and the states that it passes between.
func (s *sketch) note(by Actor, kind EventKind, after *Ride, detail string) {
	e := Event{Actor: by.Subject, Kind: kind, Ride: after.ID, After: after.State.String(), Detail: detail}
	if before := s.a.state.Rides[after.ID]; before != nil {
		e.Before = before.State.String()
	}
	if i := s.shiftOf(after.ID); i >= 0 {
		e.Shift = s.a.shifts[i].ID
	} else if route := s.a.state.RouteOf(after.ID); route != nil {
		e.Shift = route.Shift
	}
	s.log = append(s.log, e)
}

// spec describes a ride that is not in the model yet.
func (a *areaDay) spec(m *model, ride *Ride) solver.RequestSpec {
	return a.lawful(m, solver.None, ride, solver.None, promisedSpec(a.places, &a.desk.cfg.Rules, ride))
}

// shareOf is the solver's number of those that have to ride in one vehicle with the ride, or 0 where nobody has to.
func (m *model) shareOf(ride *Ride) int32 {
	if !ride.Together || ride.Booking == "" {
		return 0
	}
	if m.share[ride.Booking] == 0 {
		m.share[ride.Booking] = int32(len(m.share) + 1)
	}
	return m.share[ride.Booking]
}
