package dispatch

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/swmaas/swmaas/dispatch/solver"
	"github.com/swmaas/swmaas/vehicles"
)

// Causes of a refusal: what stands in the way on most of the shifts that it speaks for.
const (
	CausePickupWindow = "pickup_window" // no vehicle can be there in time
	CauseArrival      = "arrival"       // no vehicle arrives by the wished time
	CauseRideTime     = "ride_time"     // the ride would be longer than is promised
	CauseCapacity     = "capacity"      // seats, wheelchair or stretcher places
	CauseEquipment    = "equipment"
	CauseShiftStart   = "shift_start"   // before the vehicle's hours
	CauseShiftEnd     = "shift_end"     // the vehicle is needed back before
	CauseProtectedRun = "protected_run" // an own round of the vehicle's owner
	CauseDuration     = "duration"      // the driver's longest time on duty
	CauseBreak        = "break"
	CausePromise      = "promise" // what was promised to somebody else
	CauseOrder        = "order"   // stops that are locked, or that the driver is under way to
	CauseFreeze       = "last_in" // somebody aboard is about to arrive
	CauseGroup        = "group"   // legal groups that may not ride together
	CauseIncompatible = "incompatible"
	CauseShare        = "share"         // the rest of the group rides in another vehicle
	CauseVehicle      = "vehicle"       // the vehicle is locked or forbidden
	CauseRoad         = "road"          // cannot be driven to
	CausePlace        = "place"         // no road near one end of the ride; the code says which
	CausePast         = "past"          // it is too late for the wished time
	CauseOutbound     = "outbound"      // the way there has not arrived by the wished time of the way back
	CauseNext         = "next_leg"      // the ride of the trip after it begins before it would arrive
	CauseNoShift      = "no_shift"      // no vehicle runs that day at all
	CauseOverlap      = "overlap"       // the rider has another ride at that time
	CauseStorm        = "storm"         // snow or a storm: only what cannot wait is driven then
	CauseDriver       = "driver"        // the driver is one whom the rider does not ride with
	CauseOwnRide      = "own_ride_time" // the rider's own limit of the time aboard
	CauseOwnWait      = "own_wait"      // and of the wait
	CauseOwnVehicle   = "own_vehicle"   // and the vehicles that alone may carry them
)

// CodeCoRide is the refusal code for people who may not share a vehicle.
const CodeCoRide = "CO_RIDE_NOT_PERMITTED"

// CodeOverlap is the refusal code for a rider who has another ride at that time.
const CodeOverlap = "RIDER_ALREADY_BOOKED"

// CodeBadWeather is the refusal code for what can wait while snow or a storm lets only the rest be driven.
const CodeBadWeather = "BAD_WEATHER"

// Units of the figures of refusals and relaxations.
const (
	UnitSeconds     = "s"     // a length of time
	UnitDaySecond   = "day_s" // a time of day, in seconds from 00:00
	UnitSeats       = "seats"
	UnitWheelchairs = "wheelchairs"
	UnitStretchers  = "stretchers"
)

// Changes that a Relaxation can name.
const (
	RelaxLater      = "later"       // the whole wish so much later
	RelaxEarlier    = "earlier"     // the whole wish so much earlier
	RelaxRide       = "longer_ride" // a longer time aboard
	RelaxShiftEnd   = "shift_end"   // the vehicle back later
	RelaxShiftStart = "shift_start" // the vehicle out earlier
	RelaxDuration   = "duration"    // a longer duty
	RelaxCapacity   = "capacity"    // more places
)

// Relaxation is the smallest change of one limit, everything else kept, that would have let a vehicle serve the ride.
type Relaxation struct {
	Change string
	Amount int64 // > 0
	Unit   string
	Shift  vehicles.ShiftID // the shift that could then serve it
}

// explain says why no shift of the plan can serve request r, which is what the ride would be under all its candidate promises at
// once. Without candidates it asks for the request as it is. a.mu is held.
func (a *areaDay) explain(m *model, plan *solver.Solution, r solver.Request, ride *Ride, candidates []candidate) refusals {
	causes, changes := m.inserter.Explain(plan, solver.Query{Request: r}, nil, nil)
	if len(causes) < len(a.shifts) && len(candidates) > 0 {
		causes, changes = a.explainRest(m, plan, r, ride, candidates, causes, changes)
	}
	rs := refusals{}
	for i := range causes {
		rs.add(a.refusal(m, ride, &causes[i]))
	}
	by := make([]string, len(a.shifts)) // cause of each shift
	for i := range causes {
		by[causes[i].Vehicle] = a.refusal(m, ride, &causes[i]).Cause
	}
	for _, x := range changes {
		if relax, ok := a.relaxation(&x); ok && by[x.Vehicle] != "" {
			rs[by[x.Vehicle]].relax(relax)
		}
	}
	return rs
}

// explainRest asks again for the shifts that could serve the ride within the candidates' windows taken together, though within none
// of them: by the candidate that is most welcome.
func (a *areaDay) explainRest(m *model, plan *solver.Solution, r solver.Request, ride *Ride, candidates []candidate,
	causes []solver.Explanation, changes []solver.Relaxation,
) ([]solver.Explanation, []solver.Relaxation) {
	best := slices.MinFunc(candidates, func(x, y candidate) int { return cmp.Compare(x.penalty, y.penalty) })
	q := a.query(r, ride, best.promise)
	for v := range solver.Vehicle(len(a.shifts)) {
		if !slices.ContainsFunc(causes, func(e solver.Explanation) bool { return e.Vehicle == v }) {
			q.Vehicles = append(q.Vehicles, v)
		}
	}
	return m.inserter.Explain(plan, q, causes, changes)
}

// query asks where request r can go under a promise.
func (a *areaDay) query(r solver.Request, ride *Ride, promise Promise) solver.Query {
	under := *ride
	under.Promise = promise
	spec := promisedSpec(a.places, &a.desk.cfg.Rules, &under)
	return solver.Query{Request: r, Pickup: spec.PickupWindow, Delivery: spec.DeliveryWindow}
}

// add counts a refusal under its cause and keeps the figures of the nearest miss.
func (rs refusals) add(one Refusal) {
	known := rs[one.Cause]
	if known == nil {
		rs[one.Cause] = &one
		return
	}
	known.Shifts++
	if one.Unit == known.Unit && miss(&one) < miss(known) {
		known.Limit, known.Actual = one.Limit, one.Actual
	}
}

func miss(r *Refusal) int64 { return max(r.Actual-r.Limit, r.Limit-r.Actual) }

// relax keeps the smallest relaxation of its kind, in the order in which they come.
func (r *Refusal) relax(x Relaxation) {
	for i := range r.Relaxations {
		if known := &r.Relaxations[i]; known.Change == x.Change && known.Unit == x.Unit {
			if x.Amount < known.Amount {
				*known = x
			}
			return
		}
	}
	r.Relaxations = append(r.Relaxations, x)
}

// refusal translates what the solver says about one shift.
func (a *areaDay) refusal(m *model, ride *Ride, e *solver.Explanation) Refusal {
	if e.Cause == solver.KindVehicle {
		return a.unfit(m, ride, int(e.Vehicle))
	}
	out := Refusal{Code: CodeNoVehicle, Cause: a.cause(m, e), Limit: e.Limit, Actual: e.Actual, Shifts: 1}
	switch out.Cause {
	case CauseGroup, CauseIncompatible:
		out.Code = CodeCoRide
	case CauseRoad:
		out.Code = CodeNoWay
	case CauseShiftStart, CauseShiftEnd:
		out.Code = CodeOutsideService
	case CauseProtectedRun:
		out.Code = CodeProtectedRun
	}
	switch out.Cause {
	case CauseCapacity:
		if e.Dim != solver.None { // else the load as a whole
			out.Unit = loadUnit(e.Dim)
		}
	case CauseRideTime, CauseDuration, CauseFreeze:
		out.Unit = UnitSeconds
	case CausePickupWindow, CauseArrival, CauseShiftStart, CauseShiftEnd, CauseProtectedRun:
		out.Unit = UnitDaySecond
	default:
		out.Limit, out.Actual = 0, 0
	}
	return out
}

// unfit is why shift i may not carry the ride whatever its route: what the policy says first, the driver, or the group of the
// ride that another one has begun with.
func (a *areaDay) unfit(m *model, ride *Ride, i int) Refusal {
	out := Refusal{Code: CodeNoVehicle, Cause: CauseVehicle}
	if why := a.legal.carriers(ride.Terms.Mode, ride.Terms.Facility).why[i]; len(why) > 0 {
		out = why[0].Refusal()
	} else if !ride.Party.drivenBy(a.shifts[i].Driver) {
		out.Cause = CauseDriver
	} else if !ride.Party.Limits.carriedBy(a.shifts[i].Vehicle) {
		out.Cause = CauseOwnVehicle
	} else if home, begun := m.homeOf(ride); begun && home != solver.Vehicle(i) {
		out.Cause = CauseShare
	}
	out.Shifts = 1
	return out
}

// cause is the word for what stands in the way.
func (a *areaDay) cause(m *model, e *solver.Explanation) string {
	switch e.Cause {
	case solver.KindWindow, solver.KindWait:
		if e.Node != solver.None && m.problem.IsDelivery(e.Node) {
			return CauseArrival
		}
		return CausePickupWindow
	case solver.KindShift:
		s := &a.shifts[e.Vehicle]
		if e.Actual >= e.Limit {
			if a.ownRound(s.Vehicle, func(r vehicles.Span) bool { return r.Start == s.Span.End }) {
				return CauseProtectedRun
			}
			return CauseShiftEnd
		}
		if e.Limit > int64(s.Span.Start) {
			return CausePickupWindow // the shift has begun: the vehicle is elsewhere now
		}
		if a.ownRound(s.Vehicle, func(r vehicles.Span) bool { return r.End == s.Span.Start }) {
			return CauseProtectedRun
		}
		return CauseShiftStart
	case solver.KindRide:
		if e.Change != solver.ChangeRide {
			return CausePromise
		}
	}
	return kindCauses()[e.Cause]
}

// ownRound reports whether the vehicle's owner has an own round of that kind on the day.
func (a *areaDay) ownRound(v vehicles.VehicleID, is func(vehicles.Span) bool) bool {
	return slices.ContainsFunc(a.given, func(s vehicles.Shift) bool { return s.Vehicle == v && slices.ContainsFunc(s.OwnRounds, is) })
}

// kindCauses gives the words of the constraints that have one each.
func kindCauses() map[solver.Kind]string {
	return map[solver.Kind]string{
		solver.KindVehicle: CauseVehicle, solver.KindEquipment: CauseEquipment, solver.KindLayout: CauseCapacity, solver.KindOrder: CauseOrder,
		solver.KindBreak: CauseBreak, solver.KindGroup: CauseGroup, solver.KindIncompatible: CauseIncompatible, solver.KindShare: CauseShare, solver.KindGather: CauseShare,
		solver.KindFreeze: CauseFreeze, solver.KindReach: CauseRoad, solver.KindPromise: CausePromise, solver.KindRide: CauseRideTime,
		solver.KindDuration: CauseDuration,
	}
}

func loadUnit(dim int32) string { return [...]string{UnitSeats, UnitWheelchairs, UnitStretchers}[dim] }

// relaxation translates a change that staff or the caller can decide; rules of law and of locks are not proposed.
func (a *areaDay) relaxation(x *solver.Relaxation) (Relaxation, bool) {
	shift := &a.shifts[x.Vehicle]
	out := Relaxation{Amount: x.Amount, Unit: UnitSeconds, Shift: shift.ID}
	switch x.Change {
	case solver.ChangeLater:
		out.Change, out.Amount = RelaxLater, a.fullSteps(x.Amount)
	case solver.ChangeEarlier:
		out.Change, out.Amount = RelaxEarlier, a.fullSteps(x.Amount)
	case solver.ChangeRide:
		out.Change = RelaxRide
	case solver.ChangeShiftEnd:
		out.Change = RelaxShiftEnd
	case solver.ChangeShiftStart:
		out.Change = RelaxShiftStart
		if a.second() > shift.Span.Start-int32(min(x.Amount, solverDay)) {
			return out, false // too late for that
		}
	case solver.ChangeDuration:
		out.Change = RelaxDuration
	case solver.ChangePlaces:
		out.Change, out.Unit = RelaxCapacity, loadUnit(x.Dim)
	default:
		return out, false
	}
	return out, true
}

// solverDay is the length of a service day in seconds, the longest that a shift could be moved by.
const solverDay = 30 * 3600

// fullSteps rounds a shift of the wish up to the grid on which windows are offered.
func (a *areaDay) fullSteps(amount int64) int64 {
	grid := int64(a.desk.cfg.Rules.WindowGrid)
	return (amount + grid - 1) / grid * grid
}

// mostSteps is how many full steps further a moved wish is tried before it is dropped.
const mostSteps = 3

// settleMoves makes sure of the relaxations that move the wish: each is kept with the smallest number of full steps, from the
// one found up, with which its shift has an offer, or dropped. a.mu is held.
func (a *areaDay) settleMoves(m *model, ride *Ride, rs refusals) error {
	free := promisedSpec(a.places, &a.desk.cfg.Rules, ride)
	free.PickupWindow, free.DeliveryWindow = solver.Always(), solver.Always()
	r, err := m.problem.Extend(a.lawful(m, solver.None, ride, solver.None, free))
	if err != nil {
		return fmt.Errorf("dispatch: explain %s %s: %w", a.key.Area, a.key.Day, err)
	}
	defer m.problem.Withdraw()
	for _, refusal := range rs {
		kept := refusal.Relaxations[:0]
		for _, x := range refusal.Relaxations {
			if x.Change != RelaxLater && x.Change != RelaxEarlier || a.offered(m, r, ride, &x) {
				kept = append(kept, x)
			}
		}
		refusal.Relaxations = kept
	}
	return nil
}

// offered looks for an offer of the relaxation's shift for the moved wish, from its amount up, and sets the amount that has one.
func (a *areaDay) offered(m *model, r solver.Request, ride *Ride, x *Relaxation) bool {
	shift := solver.Vehicle(a.byShift[x.Shift])
	var found []solver.Insertion
	for range mostSteps {
		by := int32(x.Amount)
		if x.Change == RelaxEarlier {
			by = -by
		}
		req := Request{Party: ride.Party, Pickup: ride.Pickup, Dropoff: ride.Dropoff, Linked: ride.Linked, Wish: ride.Wish.moved(by)}
		for _, c := range a.candidates(&req, ride.Terms.Mode, ride.Direct) {
			q := a.query(r, ride, c.promise)
			q.Vehicles = []solver.Vehicle{shift}
			if found = m.inserter.Best(m.solution, q, found[:0]); len(found) > 0 {
				return true
			}
		}
		x.Amount += int64(a.desk.cfg.Rules.WindowGrid)
	}
	return false
}

// moved is the wish so many seconds later. An arrival without an earliest time stays without one.
func (w Wish) moved(by int32) Wish {
	w.Window.Latest += by
	if w.Window.Earliest > 0 || w.Kind != ArriveBy {
		w.Window.Earliest = max(0, w.Window.Earliest+by)
	}
	return w
}
