package dispatch

import (
	"fmt"
	"maps"
	"slices"

	"github.com/swmaas/swmaas/dispatch/solver"
	"github.com/swmaas/swmaas/vehicles"
)

// arrangement is a change of the plan that is worked out: the order of the routes that differ, and who is promised what.
type arrangement struct {
	To       vehicles.ShiftID
	Moved    []RideID // that are placed anew
	Orders   []ShiftOrder
	Promises map[RideID]Promise // of all rides that are placed anew, or promised another time
	Locks    map[RideID]Locks   // that rides get; of others, what is left of theirs
	Untimed  bool               // locks in time of the rides that are placed anew end
}

// leeway is how far others' promises are moved for a ride that has priority, in seconds, the least first. A drag may use all
// of it.
func leeway() []int32 { return []int32{0, 10 * 60, 20 * 60, 30 * 60} }

// finder looks for ways to do what an override asks for. a.mu is held while it is used.
type finder struct {
	a     *areaDay
	o     *Override
	ride  *Ride
	from  *Route   // that carries the ride now, or nil
	party []*Ride  // that move together, the ride first, as they would be
	whole []RideID // their ids
	cause refusals
}

// gather takes in the rides that have to go with the ride.
func (f *finder) gather() error {
	members := []*Ride{f.ride}
	for _, id := range slices.Sorted(maps.Keys(f.a.state.Rides)) {
		r := f.a.state.Rides[id]
		if r.ID == f.ride.ID || !f.ride.Together || r.Booking != f.ride.Booking || !r.Together || !r.Open() {
			continue
		}
		if _, err := f.a.changeable(id, 0); err != nil {
			return fmt.Errorf("%w: the group of ride %s has been begun with", ErrWrongState, f.ride.ID)
		}
		members = append(members, r)
	}
	for _, r := range members {
		next := *r
		next.Locks.Shift, next.Locks.Order = "", false
		if f.untimed() {
			next.Locks.At = 0
		}
		f.party, f.whole = append(f.party, &next), append(f.whole, r.ID)
	}
	return nil
}

// untimed reports whether the ride may be fetched at another time than it is locked to.
func (f *finder) untimed() bool { return f.o.Mode == ReassignDrag || f.o.Mode == ReassignFlexible }

// targets are the shifts to try.
func (f *finder) targets() (list []int) {
	for i := range f.a.shifts {
		id := f.a.shifts[i].ID
		if f.o.Shift == id || f.o.Shift == "" && (f.from == nil || f.from.Shift != id) {
			list = append(list, i)
		}
	}
	return list
}

// find lists the ways, one for each shift that has any.
func (f *finder) find() ([]arrangement, error) {
	switch f.o.Mode {
	case ReassignFlexible:
		return f.flexible()
	case ReassignPriority:
		return f.priority()
	case ReassignDrag:
		return f.dragged()
	}
	return f.within(0, f.targets())
}

// within lists the ways on the targets where others' promises may move by so much.
func (f *finder) within(room int32, targets []int) ([]arrangement, error) {
	s, widened, err := f.sketch(room, targets)
	if err != nil {
		return nil, err
	}
	var ways []arrangement
	for _, v := range targets {
		if way, ok, err := f.on(s, v, f.party, widened); err != nil {
			return nil, err
		} else if ok {
			ways = append(ways, way)
		}
	}
	if len(ways) == 0 && room == 0 {
		return nil, f.explain(s, targets)
	}
	return ways, nil
}

// sketch is a sketch without the party in which the promises of others on the targets are wider by room.
func (f *finder) sketch(room int32, targets []int) (*sketch, []*Ride, error) {
	var widened []*Ride
	if room > 0 {
		for _, v := range targets {
			route := f.a.routeLocked(f.a.shifts[v].ID)
			for _, stop := range route.Stops[route.Executed():] {
				r := f.a.state.Rides[stop.Ride]
				if stop.Kind == PickupStop && stop.State == Pending && !r.Latent() && r.Locks.At == 0 && !slices.Contains(f.whole, r.ID) && r.State != Offered {
					widened = append(widened, r.wider(room))
				}
			}
		}
	}
	s, err := f.a.sketchWith(widened, f.whole...)
	return s, widened, err
}

// wider is the ride with a promise that may be kept so many seconds later.
func (r *Ride) wider(room int32) *Ride {
	w := *r
	w.Promise.Pickup.Latest += room
	w.Promise.MaxRide = w.Party.Limits.ride(w.Promise.MaxRide+room/2, r.Direct)
	if w.Promise.ArriveBy > 0 {
		w.Promise.ArriveBy += room
	}
	return &w
}

// on puts the party on shift v, if it can go there, and returns what the routes would be. The sketch is left as it was.
func (f *finder) on(s *sketch, v int, party, widened []*Ride) (way arrangement, ok bool, err error) {
	at := s.mark()
	defer s.back(at)
	for _, r := range party {
		err := s.place(r, solver.Query{Vehicles: []solver.Vehicle{solver.Vehicle(v)}})
		if err != nil {
			return way, false, nil //nolint:nilerr // there is no place there: the next shift is tried
		}
	}
	return f.way(s, v, party, widened), true, nil
}

// way is the arrangement that the sketch has come to, with promises that the times keep.
func (f *finder) way(s *sketch, v int, party, widened []*Ride) arrangement {
	a := f.a
	way := arrangement{To: a.shifts[v].ID, Moved: f.whole, Promises: map[RideID]Promise{}, Untimed: f.untimed()}
	changed := slices.Concat(widened, party)
	for i := range a.shifts {
		if i != v && (f.from == nil || a.shifts[i].ID != f.from.Shift) {
			continue
		}
		next := a.rerouted(s.m, a.routeLocked(a.shifts[i].ID), s.m.solution.Route(solver.Vehicle(i)), changed...)
		way.Orders = append(way.Orders, ShiftOrder{next.Shift, stopIDs(next.Stops[next.Executed():])})
		if i != v {
			continue
		}
		for _, w := range widened {
			a.settlePromise(next, a.state.Rides[w.ID], way.Promises)
		}
	}
	for _, r := range party {
		way.Promises[r.ID] = r.Promise
	}
	return way
}

// settlePromise moves the promise of a ride just so far that the times of its route keep it, with the margins of a plan. Nothing is
// added where it need not move.
func (a *areaDay) settlePromise(route *Route, ride *Ride, promises map[RideID]Promise) {
	rules := &a.desk.cfg.Rules
	moved := *ride
	p := &moved.Promise
	boarded := ride.Actual.Board
	for _, s := range route.Stops {
		switch s.StopID {
		case StopID{ride.ID, PickupStop}:
			boarded = s.Depart
			for s.Begin > rules.latestPickup(p.Pickup) {
				p.Pickup.Earliest, p.Pickup.Latest = p.Pickup.Earliest+rules.WindowGrid, p.Pickup.Latest+rules.WindowGrid
			}
		case StopID{ride.ID, DropoffStop}:
			for p.ArriveBy > 0 && s.Begin > p.ArriveBy-rules.ArriveMargin {
				p.ArriveBy += rules.WindowGrid
			}
			for s.Begin-boarded > rules.longestRide(p, ride.Direct) {
				p.MaxRide += 60
			}
		}
	}
	if *p != ride.Promise {
		promises[ride.ID] = *p
	}
}

// flexible lists the ways in which the ride's own promise moves by as little as can be, on each shift.
func (f *finder) flexible() ([]arrangement, error) {
	s, _, err := f.sketch(0, nil)
	if err != nil {
		return nil, err
	}
	var ways []arrangement
	left := f.targets()
	grid := f.a.desk.cfg.Rules.WindowGrid
	for off := int32(0); off <= flexibleMost && len(left) > 0; off += grid {
		for _, by := range []int32{off, -off}[:min(2, 1+off/grid)] {
			party, ok := f.shifted(by)
			if !ok {
				continue
			}
			var rest []int
			for _, v := range left {
				way, found, err := f.on(s, v, party, nil)
				if err != nil {
					return nil, err
				}
				if found {
					ways = append(ways, way)
				} else {
					rest = append(rest, v)
				}
			}
			left = rest
		}
	}
	if len(ways) == 0 {
		return nil, f.explain(s, f.targets())
	}
	return ways, nil
}

// shifted is the party with promises so much later; ok is false where that lies in the past or outside its trip.
func (f *finder) shifted(by int32) (party []*Ride, ok bool) {
	for _, r := range f.party {
		next := *r
		p := &next.Promise
		p.Pickup.Earliest, p.Pickup.Latest = p.Pickup.Earliest+by, p.Pickup.Latest+by
		if p.ArriveBy > 0 {
			p.ArriveBy += by
		}
		req := next.request()
		f.a.bind(r, req)
		if by != 0 && (p.Pickup.Earliest < max(f.a.second(), 0) || p.Pickup.Latest > vehicles.MaxDaySecond || !f.a.inTrip(req, *p)) {
			return nil, false
		}
		party = append(party, &next)
	}
	return party, true
}

// priority lists the ways in which the ride keeps its promise: with all others' kept, else by giving one other ride to another
// vehicle, else with others' promises moved by as little as can be.
func (f *finder) priority() ([]arrangement, error) {
	var ways []arrangement
	left := f.targets()
	for _, room := range leeway() {
		if len(left) == 0 {
			break
		}
		found, err := f.within(room, left)
		if err != nil {
			return nil, err
		}
		ways = append(ways, found...)
		left = slices.DeleteFunc(left, func(v int) bool {
			return slices.ContainsFunc(found, func(w arrangement) bool { return w.To == f.a.shifts[v].ID })
		})
	}
	aside, ok, err := f.aside()
	if ok {
		ways = append(ways, aside)
	}
	return ways, err
}

// aside is the way in which one other ride makes room by going to another vehicle, all promises kept.
func (f *finder) aside() (way arrangement, ok bool, err error) {
	if len(f.party) > 1 {
		return way, false, nil
	}
	s, _, err := f.sketch(0, nil)
	if err != nil {
		return way, false, err
	}
	r, err := s.m.problem.Extend(f.a.spec(s.m, f.party[0]))
	if err != nil {
		return way, false, err
	}
	q := solver.Query{Request: r}
	for _, v := range f.targets() {
		q.Vehicles = append(q.Vehicles, solver.Vehicle(v))
	}
	e, ok := s.m.inserter.Eject(s.m.solution, q, func(o solver.Request) bool {
		return !s.m.rides[o].Together && s.m.rides[o].State != Offered && !s.m.rides[o].Latent()
	})
	if !ok {
		return way, false, nil
	}
	before := s.m.solution.Clone()
	s.m.inserter.ApplyEjection(s.m.solution, e)
	s.added(f.party[0])
	out := s.m.rides[e.Out]
	way = arrangement{
		To: f.a.shifts[e.In.Vehicle].ID, Moved: append(slices.Clone(f.whole), out.ID),
		Promises: map[RideID]Promise{f.ride.ID: f.party[0].Promise, out.ID: out.Promise},
	}
	for i := range f.a.shifts {
		v := solver.Vehicle(i)
		if f.from != nil && f.a.shifts[i].ID == f.from.Shift || !slices.Equal(before.Route(v), s.m.solution.Route(v)) {
			way.Orders = append(way.Orders, ShiftOrder{f.a.shifts[i].ID, s.order(v)})
		}
	}
	return way, true, nil
}

// order is the stops of a vehicle in the sketch.
func (s *sketch) order(v solver.Vehicle) []StopID {
	nodes := s.m.solution.Route(v)
	out := make([]StopID, len(nodes))
	for i, n := range nodes {
		out[i] = s.m.stopOf(n)
	}
	return out
}

// dragged is the one way that has the ride's stops where the dispatcher dropped them. The promises on the shift move as far as
// they have to, within the leeway.
func (f *finder) dragged() ([]arrangement, error) {
	if len(f.party) > 1 {
		return nil, fmt.Errorf("%w: ride %s belongs to a group that rides together; give the group another vehicle instead", ErrWrongState, f.ride.ID)
	}
	v := f.a.byShift[f.o.Shift]
	for _, room := range leeway() {
		s, widened, err := f.sketch(room, []int{v})
		if err != nil {
			return nil, err
		}
		own := f.party[0]
		if room > 0 {
			own = own.wider(room)
		}
		r, err := s.m.problem.Extend(f.a.spec(s.m, own))
		if err != nil {
			return nil, err
		}
		nodes := slices.Clone(s.m.solution.Route(solver.Vehicle(v)))
		if f.o.Dropoff > len(nodes)+1 {
			return nil, fmt.Errorf("%w: dropoff: the route has %d stops that are not finished", ErrInvalid, len(nodes)+2)
		}
		nodes = slices.Insert(nodes, f.o.Pickup, s.m.problem.PickupOf(r))
		nodes = slices.Insert(nodes, f.o.Dropoff, s.m.problem.DeliveryOf(r))
		if err := s.m.solution.SetRoute(solver.Vehicle(v), nodes); err != nil {
			return nil, err
		}
		s.added(own)
		if wrong := s.wrong([]int{v}); len(wrong) > 0 {
			f.note(wrong)
			continue
		}
		way := f.way(s, v, []*Ride{own}, widened)
		delete(way.Promises, own.ID)
		next := f.a.rerouted(s.m, f.a.routeLocked(f.a.shifts[v].ID), nodes, slices.Concat(widened, []*Ride{own})...)
		way.Promises[own.ID] = f.party[0].Promise
		f.a.settlePromise(next, f.party[0], way.Promises)
		return []arrangement{way}, nil
	}
	return nil, nil
}

// explain keeps why no target can take the ride.
func (f *finder) explain(s *sketch, targets []int) error {
	r, err := s.m.problem.Extend(f.a.spec(s.m, f.party[0]))
	if err != nil {
		return err
	}
	defer s.m.problem.Withdraw()
	q := solver.Query{Request: r}
	for _, v := range targets {
		q.Vehicles = append(q.Vehicles, solver.Vehicle(v))
	}
	causes, _ := s.m.inserter.Explain(s.m.solution, q, nil, nil)
	f.cause = refusals{}
	for i := range causes {
		f.cause.add(f.a.refusal(s.m, f.party[0], &causes[i]))
	}
	return nil
}

// note keeps the first of several sets of reasons.
func (f *finder) note(wrong refusals) {
	if f.cause == nil {
		f.cause = wrong
	}
}

// refusals is why nothing was found.
func (f *finder) refusals() []Refusal {
	if len(f.cause) == 0 {
		return []Refusal{{Code: CodeNoVehicle, Cause: CausePromise}}
	}
	return f.cause.list()
}
