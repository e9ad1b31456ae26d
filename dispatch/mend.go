package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/swmaas/swmaas/dispatch/solver"
	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// When roads or vehicles are no longer what a plan was made for, the plan is mended: all routes are timed anew, and the rides
// that cannot be driven as promised are taken out of their routes, as few as will do. Each then gets, in this order,
//
//  1. another place that keeps its promise with the plan's margins, if need be by moving one other ride within what that one
//     was promised, or by a short search;
//  2. a place that keeps its promise without the margins;
//  3. a place under another promise, the smallest move first;
//  4. none: it is dropped.
//
// What begins with dialysis comes first, then everything medical, then the rest. Nobody aboard is left out: who sits in a vehicle
// that cannot go on waits there to be fetched, however late.

// Repair is what a change of roads or vehicles has come to. Lists are in the order of ids.
type Repair struct {
	Revision  int64
	Retimed   []vehicles.ShiftID // routes whose times or stops are others now
	Kept      []RideID           // have another place in the plan, and their promise holds
	Moved     []RideID           // have another promise, which they must be told
	Fetched   []RideID           // were aboard, and are fetched where the vehicle stands
	Waiting   []RideID           // will-calls that no vehicle has capacity for any more
	Postponed []RideID           // wait for better weather, which they must be told
	Dropped   []RideID           // cannot be driven, which they must be told
	Late      []RideID           // miss what they were promised, and nothing can be done: aboard, or a vehicle is nearly there
	// Endangered are own rounds of facilities that a vehicle which is out of service may not be back for.
	Endangered []OwnRound
}

// OwnRound is a round that a facility drives for itself.
type OwnRound struct {
	Vehicle vehicles.VehicleID
	Owner   vehicles.FacilityID
	Span    vehicles.Span
}

// mending is one repair in the making.
type mending struct {
	a      *areaDay
	by     Actor
	code   string // of the cause, for events and for who must be told
	s      *sketch
	out    map[RideID]bool  // rides without a place yet
	aboard []*Ride          // of a vehicle that cannot go on, as they are from now on
	put    []*Ride          // off because of a storm, as they are from now on
	freed  map[RideID]*Ride // from a lock to a shift that does not take place, as they are from now on
	before lateness         // what was missed before, and is borne
	done   Repair
}

// furthestMove is how far a promise is moved at the most before a ride is dropped, and moveStep by how much at a time, in seconds.
const (
	furthestMove = 90 * 60
	moveStep     = 5 * 60
)

// mendSearch is the work of the search for those that no single place is found for, counted so that it comes out alike on any
// machine.
const mendSearch = 400

// mend is the commit that writes the notes and mends the plan under them. a.mu is held.
func (a *areaDay) mend(ctx context.Context, by Actor, code string, notes []*Note) (*Commit, *Repair, error) {
	if err := a.wholeLocked(ctx); err != nil {
		return nil, nil, err
	}
	m := &mending{a: a, by: by, code: code, out: map[RideID]bool{}}
	was, before := a.state, a.missedLocked()
	if len(notes) == 0 {
		before = a.asRoadsWere(before)
	}
	if err := a.takeLocked(ctx, was.With(&Commit{Notes: notes}, was.Revision)); err != nil {
		return nil, nil, err
	}
	defer func() {
		if err := a.takeLocked(ctx, was); err != nil {
			a.loaded.Store(false) // the next question reads it again
		}
	}()
	if len(a.shifts) == 0 && !a.strayLocked() { // nobody drives at all that day: there is no plan to mend
		return &Commit{Notes: notes}, &m.done, nil
	}
	m.postpone()
	if err := m.strand(notes); err != nil {
		return nil, nil, err
	}
	m.before = before
	m.displace()
	c, err := m.rebuild(ctx, len(notes) > 0)
	if err != nil {
		return nil, nil, err
	}
	c.Notes = append(c.Notes, notes...)
	m.done.Endangered = a.endangered()
	return c, &m.done, nil
}

// timed is a route without the stops of some rides, timed as of now. a.mu is held.
func (a *areaDay) timed(route *Route, out map[RideID]bool) *Route {
	next := &Route{Shift: route.Shift, Version: route.Version + 1, Stops: slices.Clone(route.Stops)}
	next.Stops = slices.DeleteFunc(next.Stops, func(s Stop) bool { return out[s.Ride] })
	a.retimeLocked(next)
	return next
}

// strand takes those out who sit in a vehicle that cannot go on: they wait where it stands. A vehicle whose shift the calendar does not
// have any more stands where its driver last reported something, and so does one of which nobody has said where it stands, unless the notes are
// about it: who writes them can be asked.
func (m *mending) strand(notes []*Note) error {
	a := m.a
	for _, o := range a.state.outages() {
		route := a.state.Routes[o.Shift]
		if route == nil || o.Until > 0 || o.From > a.second() {
			continue
		}
		at := o.At
		if at == (geo.LatLng{}) && !slices.ContainsFunc(notes, func(n *Note) bool { return n.ID == outageID(o.Shift) }) {
			at = a.lastAt(route)
		}
		if err := m.leave(route, at); err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(a.state.Routes)) {
		if _, runs := a.byShift[id]; runs {
			continue
		}
		if err := m.leave(a.state.Routes[id], a.lastAt(a.state.Routes[id])); err != nil {
			return err
		}
	}
	return nil
}

// leave has everybody aboard of a route wait where the vehicle stands.
func (m *mending) leave(route *Route, at geo.LatLng) error {
	for i := range route.Stops {
		s := &route.Stops[i]
		ride := m.a.state.Rides[s.Ride]
		if s.Kind != DropoffStop || s.State.Finished() || ride.State != UnderWay || m.out[ride.ID] {
			continue
		}
		if at == (geo.LatLng{}) && m.by == Engine { // nobody can be asked
			at = m.a.lastAt(route)
		}
		if at == (geo.LatLng{}) {
			return fmt.Errorf("%w: ride %s is aboard: say where the vehicle stands", ErrInvalid, ride.ID)
		}
		m.out[ride.ID] = true
		m.aboard = append(m.aboard, m.waitsAt(ride, at))
	}
	return nil
}

// lastAt is where the driver of a route reported the last finished stop, or zero where none is. a.mu is held.
func (a *areaDay) lastAt(route *Route) geo.LatLng {
	k := route.Executed()
	if k == 0 {
		return geo.LatLng{}
	}
	last := &route.Stops[k-1]
	return place(a.state.Rides[last.Ride], last.Kind)
}

// breakdownLabel is what the place is called where a vehicle stands that cannot go on.
const breakdownLabel = "車両の停止場所"

// waitsAt is the ride of somebody aboard who now waits to be fetched at a place.
func (m *mending) waitsAt(ride *Ride, at geo.LatLng) *Ride {
	a, now := m.a, m.a.second()
	after := ride.next(Booked)
	after.Pickup = Place{Label: breakdownLabel, At: at}
	after.Actual = Actual{}
	after.Locks = Locks{}
	if after.Call.MaxWait > 0 {
		after.Call = Call{}
	}
	after.Direct, _ = a.places.unshared(at, after.Dropoff.At, Window{now, now})
	if after.Direct >= routing.Unreachable { // nobody can fetch them, and they are told so
		after.Direct, _ = a.roads.plain.unshared(at, after.Dropoff.At, Window{now, now})
	}
	after.Promise.Pickup = Window{now, now + a.rules.Window}
	after.Promise.MaxRide = max(after.Promise.MaxRide, after.maxRide(&a.rules, after.Direct))
	return after
}

// displace finds the rides that have to leave their places: all of a shift that does not take place, and as few as will do of
// every route that otherwise misses more than it did before.
func (m *mending) displace() {
	a := m.a
	gone := map[vehicles.ShiftID]bool{}
	for _, o := range a.state.outages() {
		gone[o.Shift] = o.Until == 0 && o.From <= a.second()
	}
	for _, id := range slices.Sorted(maps.Keys(a.state.Routes)) {
		route := a.state.Routes[id]
		_, runs := a.byShift[id]
		if runs && !gone[id] {
			m.thin(route)
			continue
		}
		for _, s := range route.Stops[route.Executed():] {
			m.out[s.Ride] = true
		}
	}
}

// movable lists the rides of a route that nobody is under way to and that are not locked to it; a lock does not hold where the shift
// stops before its time.
func (m *mending) movable(route *Route) (ids []RideID) {
	for _, s := range route.Stops[route.Executed():] {
		ride := m.a.state.Rides[s.Ride]
		if s.Kind == PickupStop && s.State == Pending && !m.out[s.Ride] && (!ride.Locks.hold(route.Shift) || m.a.cutShort(m.a.byShift[route.Shift])) {
			ids = append(ids, s.Ride)
		}
	}
	return ids
}

// rank is in which order rides get the places that are left.
func (r *Ride) rank() int {
	switch r.Purpose {
	case "dialysis":
		return 0
	case "medical":
		return 1
	}
	return 2
}

// rebuild gives those that are out other places, and makes the commit; news tells that something new holds of the day.
func (m *mending) rebuild(ctx context.Context, news bool) (*Commit, error) {
	if len(m.a.shifts) == 0 {
		return m.dropAll(news)
	}
	if err := m.sketch(); err != nil {
		return nil, err
	}
	for _, after := range m.put {
		m.putOff(after)
	}
	for _, after := range m.aboard {
		if err := m.fetch(after); err != nil {
			return nil, err
		}
		if after.Open() {
			m.follow(after)
		}
	}
	left, err := m.search(m.again(m.waiting()))
	if err != nil {
		return nil, err
	}
	for len(left) > 0 {
		k := m.next(left)
		more, err := m.yield(ctx, left[k])
		if err != nil {
			return nil, err
		}
		left = append(slices.Delete(left, k, k+1), more...)
	}
	return m.commit(news), nil
}

// next is the number of the first ride whose trip has no leg before it in the list: a leg goes by how the one before it comes out.
func (m *mending) next(list []*Ride) int {
	for k, ride := range list {
		before, _ := m.a.state.Trip(ride.ID)
		if !slices.ContainsFunc(before, func(leg *Ride) bool { return slices.Contains(list, leg) }) {
			return k
		}
	}
	return 0
}

// sketch begins the plan of the repair, which knows of those that are put off as they are from now on: they are no requests that a
// search could find a place for. Those that were locked to a shift that does not take place are free to go to any.
func (m *mending) sketch() (err error) {
	a, off := m.a, &Commit{}
	for _, after := range m.put {
		off.Rides = append(off.Rides, RideChange{Before: a.state.Rides[after.ID], After: after})
	}
	m.freed = map[RideID]*Ride{}
	for _, ride := range m.waiting() {
		if after := m.a.unlocked(ride); after.Locks != ride.Locks {
			m.freed[ride.ID] = after
			off.Rides = append(off.Rides, RideChange{Before: ride, After: after})
		}
	}
	whole := a.state
	a.state = whole.With(off, whole.Revision)
	m.s, err = a.sketchLocked(slices.Sorted(maps.Keys(m.out))...)
	a.state = whole
	return err
}

// waiting lists the rides that are out and were not aboard, those that come first first.
func (m *mending) waiting() (list []*Ride) {
	for id := range m.out {
		same := func(r *Ride) bool { return r.ID == id }
		if !slices.ContainsFunc(m.aboard, same) && !slices.ContainsFunc(m.put, same) {
			list = append(list, m.a.state.Rides[id])
		}
	}
	slices.SortFunc(list, func(x, y *Ride) int {
		return cmp.Or(cmp.Compare(x.rank(), y.rank()), cmp.Compare(x.Promise.Pickup.Earliest, y.Promise.Pickup.Earliest), cmp.Compare(x.ID, y.ID))
	})
	return list
}

// fetch has somebody fetched who waits where a vehicle stands, as soon as can be.
func (m *mending) fetch(after *Ride) error {
	placed, err := m.s.fetchSoon(after)
	if err == nil && !placed && after.Promise.ArriveBy > 0 { // they are late, but they arrive
		after.Promise.ArriveBy = 0
		placed, err = m.s.fetchSoon(after)
	}
	if err != nil {
		return err
	}
	if !placed {
		return m.drop(after)
	}
	m.done.Fetched = append(m.done.Fetched, after.ID)
	m.s.note(m.by, RideStranded, after, m.code)
	return nil
}

// again puts each ride into the best place that keeps its promise with the margins, and returns those that have none, or may not have
// one because another ride of the rider has moved.
func (m *mending) again(list []*Ride) (left []*Ride) {
	s := m.s
	for _, ride := range list {
		r, known := s.m.request[ride.ID]
		if !known || !m.fits(ride, ride.Promise, false) {
			left = append(left, ride)
			continue
		}
		q := solver.Query{Request: r}
		if found := s.m.inserter.Best(s.m.solution, q, nil); len(found) > 0 {
			s.m.inserter.Apply(s.m.solution, found[0])
		} else if moved, ok := s.m.inserter.Eject(s.m.solution, q, m.near(ride)); ok {
			s.m.inserter.ApplyEjection(s.m.solution, moved)
		} else {
			left = append(left, ride)
			continue
		}
		m.keep(ride.ID)
	}
	return left
}

// keep notes that a ride has another place with its promise unchanged.
func (m *mending) keep(id RideID) {
	r := m.s.m.request[id]
	m.s.m.on[r] = m.s.m.solution.VehicleOf(r)
	m.done.Kept = append(m.done.Kept, id)
	put := func(ride *Ride) bool { return ride.ID == id }
	if after := m.freed[id]; after != nil && !slices.ContainsFunc(m.s.rides, put) { // the model may know it by a copy
		m.s.rides = append(m.s.rides, after)
		m.s.note(m.by, RideUnlocked, after, LockVehicle.String())
	}
}

// nearTime is how far apart in time rides may be that make room for each other, in seconds.
const nearTime = 45 * 60

// near tells which requests may make room for a ride: those about the same time that are not locked.
func (m *mending) near(ride *Ride) func(solver.Request) bool {
	return func(r solver.Request) bool {
		other := m.s.m.rides[r]
		apart := other.Promise.Pickup.Earliest - ride.Promise.Pickup.Earliest
		return max(apart, -apart) <= nearTime && !other.Locks.Any()
	}
}

// search looks for a plan that serves those that are left as well, all others as before, and returns who is left then.
func (m *mending) search(left []*Ride) ([]*Ride, error) {
	s := m.s
	if !slices.ContainsFunc(left, func(r *Ride) bool { _, known := s.m.request[r.ID]; return known && !r.Latent() }) {
		return left, nil
	}
	better := solver.Improve(s.m.problem, s.m.solution, solver.Options{Iterations: mendSearch, Seed: uint64(m.a.state.Revision), Threads: 1})
	for _, ride := range left {
		if r, known := s.m.request[ride.ID]; known && better.VehicleOf(r) != solver.None && !m.fits(ride, ride.Promise, false) {
			better.Remove(r)
		}
	}
	for r := range s.m.rides {
		if s.m.solution.VehicleOf(solver.Request(r)) != solver.None && better.VehicleOf(solver.Request(r)) == solver.None {
			return left, nil // one for another is no gain
		}
	}
	var still []*Ride
	for _, ride := range left {
		if r, known := s.m.request[ride.ID]; !known || better.VehicleOf(r) == solver.None {
			still = append(still, ride)
		}
	}
	if len(still) == len(left) {
		return left, nil // nothing is moved for nothing
	}
	s.m.solution = better
	for _, ride := range left {
		if !slices.Contains(still, ride) {
			m.keep(ride.ID)
		}
	}
	return still, nil
}
