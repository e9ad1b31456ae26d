package dispatch

import (
	"slices"

	"github.com/swmaas/swmaas/dispatch/solver"
	"github.com/swmaas/swmaas/routing/geo"
)

// rest is what is left of a shift's route at a second of the day: where the vehicle stands, and the unfinished stops with
// times as they are now expected.
type rest struct {
	timer
	last  *Stop // the last finished stop, or nil
	stops []Stop
	// exact keeps every ride limit as it was promised; without it one that can no longer be kept is relaxed to what is
	// expected, so that the stops are always a feasible route.
	exact  bool
	cabin  [][]int32 // of the vehicle, as the solver's layouts and dwell times
	dwells []int32
	// until is the last second for which the stops would come out the same if nothing else changed.
	until int32
}

// restOf is the rest of a route of shift number i, in which the given rides stand in for what the state has. a.mu is held
// while it is used.
func (a *areaDay) restOf(i int, route *Route, now int32, changed ...*Ride) *rest {
	r := &rest{timer: *a.timerLocked(a.shifts[i].ID, changed...)}
	r.cabin, r.dwells = layouts(r.vehicle.Cabin), dwell(r.vehicle.Dwell)
	r.now = now
	stops := slices.Clone(route.Stops)
	k := route.Executed()
	if k < len(stops) && stops[k].State == Arrived {
		// Drivers board no earlier than their manifest says, which is the planned begin, and alight at once.
		r.begun = stops[k].Kind == DropoffStop || stops[k].Begin <= now
	}
	planned := begins(stops[k:])
	r.follow(stops, nil)
	if k > 0 {
		r.last = &stops[k-1]
	}
	r.stops = stops[k:]
	waits := r.waits(stops)
	amiss := !r.places.plain() && r.missed(stops) > 0
	r.until = r.lasts(waits || amiss)
	if waits {
		r.shorten(stops)
	}
	if waits || amiss {
		r.asPlanned(stops, planned)
	}
	return r
}

// shorten times the stops anew so that rides are as short as can be.
func (r *rest) shorten(stops []Stop) {
	for _, try := range []struct {
		exact bool
		rules Rules
	}{{true, r.rules}, {true, r.rules.tight()}, {false, r.rules}} {
		whole := r.rules
		r.exact, r.rules = try.exact, try.rules
		found := r.shortest()
		r.exact, r.rules = false, whole
		if found != nil {
			r.follow(stops, found)
			return
		}
	}
}

// asPlanned keeps the stops to when they were planned before, where less is missed then of what was promised: between roads that change, a
// later departure may be the shorter ride.
func (r *rest) asPlanned(stops []Stop, planned []int32) {
	missed := int32(0)
	if !r.places.plain() {
		missed = r.missed(stops)
	}
	if missed == 0 {
		return
	}
	before := slices.Clone(stops)
	if r.follow(before, planned); r.missed(before) < missed {
		copy(stops, before)
	}
}

// begins is when service is planned to begin at each stop.
func begins(stops []Stop) []int32 {
	out := make([]int32, len(stops))
	for i := range stops {
		out[i] = stops[i].Begin
	}
	return out
}

// missed is by how many seconds all rides together miss what they were promised, by these times.
func (r *rest) missed(stops []Stop) (sum int32) {
	for _, by := range breaches(stops, r.rides) {
		sum += by
	}
	return sum
}

// stands is where the vehicle is, or was when it left for its next stop, and the earliest second at which it may leave.
func (r *rest) stands() (geo.LatLng, int32) {
	if r.back != nil && (r.last == nil || r.back.after(r.last.Depart)) {
		return r.back.at, max(r.back.from, r.now)
	}
	if r.last != nil {
		return place(r.rides(r.last.Ride), r.last.Kind), max(r.last.Depart, r.now)
	}
	return r.shift.Start, max(r.shift.Span.Start, r.now)
}

// vehicleSpec describes what is left of the shift.
func (r *rest) vehicleSpec(m *model) solver.VehicleSpec {
	at, from := r.stands()
	from = r.sets(at, from)
	spec := solver.VehicleSpec{
		Start: r.places.left(at, from), End: r.places.of(r.shift.End, Window{}),
		Window:    solver.TimeWindow{Earliest: from, Latest: r.shift.Span.End - r.rules.ReturnMargin},
		Equipment: uint64(r.vehicle.Equipment), Layouts: r.cabin, Dwell: r.dwells, Freeze: max(r.rules.LastIn, 0),
	}
	if len(r.stops) > 0 {
		r.committed(m, &spec, at)
		r.ordered(m, &spec)
		spec.Freeze = r.lastIn()
		spec.Window.Latest = r.homeBy()
	}
	spec.Window.Latest = max(spec.Window.Latest, spec.Window.Earliest)
	return spec
}

// homeBy is when the vehicle is back at the latest: in time for its owner, or as it is expected where that is later.
func (r *rest) homeBy() int32 {
	end := &r.stops[len(r.stops)-1]
	_, home := r.places.soonest(place(r.rides(end.Ride), end.Kind), r.shift.End, end.Depart)
	return max(r.shift.Span.End-r.rules.ReturnMargin, home)
}

// sets is when the vehicle sets out at the earliest in a plan: at once, or, where its first stop waits for a road that is closed or slow
// until later, from when on the road is as the stop's times reckon with.
func (r *rest) sets(at geo.LatLng, from int32) int32 {
	if len(r.stops) == 0 || r.stops[0].State != Pending {
		return from
	}
	s := &r.stops[0]
	to := place(r.rides(s.Ride), s.Kind)
	begin := s.Depart - service(r.vehicle, r.rides(s.Ride), s.Kind)
	if from+r.places.longest(at, to, r.places.early(from), r.places.periodOf(from)) <= begin {
		return from
	}
	leaves, _ := r.places.soonest(at, to, from)
	return leaves
}

// committed fixes the stop that the driver is under way to or at as the first of the route.
func (r *rest) committed(m *model, spec *solver.VehicleSpec, at geo.LatLng) {
	first := &r.stops[0]
	ride := r.rides(first.Ride)
	there := place(ride, first.Kind)
	switch first.State {
	case EnRoute:
		spec.Start = r.places.left(at, first.LeaveBy)
		spec.Window.Earliest = max(0, first.Arrive-r.places.longest(at, there, r.places.early(first.LeaveBy), r.places.periodOf(first.LeaveBy)))
	case Arrived:
		spec.Start = r.places.left(there, r.now)
		spec.Window.Earliest = max(first.Arrive, r.now)
		if r.begun {
			spec.Window.Earliest = max(first.Arrive, r.now-service(r.vehicle, ride, first.Kind))
		}
	default:
		return
	}
	spec.Order = []solver.Visit{{Request: m.request[first.Ride], Delivery: first.Kind == DropoffStop}}
	spec.Fixed = 1
}

// requestSpec describes an open ride of the rest, served by vehicle v: what was promised, with the planned margins, or what
// is expected now where that is worse.
func (r *rest) requestSpec(ride *Ride, v solver.Vehicle) solver.RequestSpec {
	spec := promisedSpec(r.places, &r.rules, ride)
	var boarded, arrives int32
	only := false // this vehicle can be told to be at the stops when the roads need it to
	for i := range r.stops {
		s := &r.stops[i]
		// What the driver does now may take longer than planned, so the begin is reckoned back from the departure.
		begin := s.Depart - service(r.vehicle, ride, s.Kind)
		switch s.StopID {
		case StopID{ride.ID, PickupStop}:
			spec.PickupWindow.Latest = max(spec.PickupWindow.Latest, begin)
			if s.State == Arrived && r.begun {
				spec.PickupWindow.Latest = begin
			}
			spec.Pickup = r.leave(i, &spec.PickupWindow, &only)
			boarded = s.Depart
			if s.State != Pending {
				spec.Locked, spec.LockVehicle = true, v
			}
		case StopID{ride.ID, DropoffStop}:
			spec.DeliveryWindow.Latest = max(spec.DeliveryWindow.Latest, begin)
			spec.Delivery = r.leave(i, &spec.DeliveryWindow, &only)
			arrives = begin
		}
	}
	if only || ride.Locks.hold(r.shift.ID) {
		spec.Locked, spec.LockVehicle = true, v
	}
	if ride.State == UnderWay {
		spec.Locked, spec.OnBoard, spec.LockVehicle, spec.Boarded = false, true, v, ride.Actual.Board
		boarded = ride.Actual.Board
	}
	if !r.exact {
		spec.MaxRide = max(spec.MaxRide, arrives-boarded)
	}
	return spec
}

// promisedSpec describes a ride by its promise alone. Its places were added before.
func promisedSpec(places *placeTable, rules *Rules, ride *Ride) solver.RequestSpec {
	spec := solver.RequestSpec{
		Pickup:         places.of(ride.Pickup.At, rules.leaving(places, ride, PickupStop)),
		Delivery:       places.of(ride.Dropoff.At, rules.leaving(places, ride, DropoffStop)),
		PickupWindow:   rules.fetchWindow(ride),
		DeliveryWindow: solver.TimeWindow{Latest: solver.MaxTick},
		PickupService:  ride.Party.Board, DeliveryService: ride.Party.Alight,
		DwellClass: int32(min(ride.Party.Load.Wheelchairs, maxWheelchairs)),
		Load:       vector(ride.Party.Load), Needs: uint64(ride.Party.Needs), Fairness: ride.Party.class().number(),
		MaxRide: rules.longestRide(&ride.Promise, ride.Direct),
	}
	if easy := ride.Party.Limits.EasyRide; easy > 0 {
		spec.EasyRide, spec.LongRideCost = easy, longRideCost
	}
	if ride.Promise.ArriveBy > 0 {
		spec.DeliveryWindow.Latest = ride.Promise.ArriveBy - rules.ArriveMargin
	}
	if !places.plain() { // so that nobody leaves later than the places say
		spec.DeliveryWindow.Latest = rules.latestDropoff(places, ride)
	}
	// A pickup may be locked to a time so late that only a plan without the margins keeps the promise: then this one has no place for it.
	spec.DeliveryWindow.Latest = max(spec.DeliveryWindow.Latest, spec.PickupWindow.Earliest)
	return spec
}

// retimeLocked sets the planned times of a route's unfinished stops, in place: rides as short as the promises allow, then
// every stop as early as they allow, and an empty vehicle leaving only when it has to. a.mu is held.
//
// A route whose shift the calendar does not have any more keeps its times: nobody drives it, and Mend gives its rides to others.
func (a *areaDay) retimeLocked(route *Route, changed ...*Ride) {
	i, runs := a.byShift[route.Shift]
	if !runs {
		return
	}
	r := a.restOf(i, route, a.second(), changed...)
	copy(route.Stops[route.Executed():], r.stops)
}

// shortest is when service begins at each stop of the rest where rides are as short as can be, or nil where the promises
// cannot be kept.
func (r *rest) shortest() []int32 {
	m := newModel(r.now)
	m.number(r)
	b := solver.NewBuilder(r.places, 1)
	b.AddVehicle(r.vehicleSpec(m))
	for _, ride := range m.rides {
		b.AddRequest(r.requestSpec(ride, 0))
	}
	if err := m.settle(b, []*rest{r}); err != nil {
		return nil
	}
	var sc solver.Scheduler
	stops, ok := sc.Schedule(m.problem, 0, m.solution.Route(0), nil)
	if !ok {
		return nil
	}
	begins := make([]int32, len(r.stops))
	for i := range begins {
		begins[i] = stops[i+1].Begin
	}
	return begins
}
