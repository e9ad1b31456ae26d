package solver

import (
	"cmp"
	"slices"
)

// Rejection says what keeps a request out of one vehicle: the constraint, what it allows and the nearest value that would have to
// be allowed. Node is the visit whose bound it is, or None.
type Rejection struct {
	Vehicle       Vehicle
	Cause         Kind
	Node          Node
	Limit, Actual int64
	Unit          Unit
}

// Explanation is the rejection of one request by one vehicle: the limit that is missed by least, and the change that would let the
// request in.
//
// What no route of the vehicle changes comes first: equipment, the vehicle itself, a load that none of its layouts holds even
// alone, a must-share group elsewhere, a place that cannot be driven to, a ride limit below the direct time, windows that
// contradict each other, a shift that cannot serve the request even with nobody else. Otherwise the cause is the
// limit with the smallest Relaxation over all pairs of positions and arrangements of breaks; promises to the other riders
// count too. To compare, a time counts its ticks and a place or a waived rule as many ticks as the request's direct time.
// Where no single limit is enough, limits are taken back one by one from a vehicle without any, in the order of Change, and the
// first that leaves no insertion is the cause.
type Explanation struct {
	Rejection
	Change Change // what would have to be relaxed; ChangeNone where nothing that the operator can change helps
	Dim    int32  // dimension of the load for KindLayout
}

// Relaxation is the smallest change of one limit that makes room for a request in one vehicle, everything else kept: with Amount
// there is an insertion, with one unit less there is none.
type Relaxation struct {
	Change  Change
	Vehicle Vehicle
	Amount  int64 // > 0, in Unit
	Unit    Unit  // UnitTicks, UnitLoad, or UnitCount
	Dim     int32 // dimension of the load for ChangePlaces
}

// Change is one way to relax a problem for one request and one vehicle.
type Change uint8

// The ways to relax, in the order in which relaxations are sorted.
const (
	ChangeNone Change = iota
	// ChangeLater raises the latest starts of the request's pickup and delivery, of its promise and of its wait limit.
	ChangeLater
	// ChangeEarlier lowers the earliest starts of its pickup and delivery, though not below 0, and leaves all latest ones.
	ChangeEarlier
	// ChangeShiftEnd brings the vehicle back later than Window.Latest, ChangeShiftStart lets it leave before Earliest.
	ChangeShiftEnd
	ChangeShiftStart
	// ChangeDuration raises MaxDuration.
	ChangeDuration
	// changePromise raises the latest starts of all other riders of the vehicle. It is a cause and never proposed.
	changePromise
	// ChangeRide raises the request's ride-time limit.
	ChangeRide
	// changeOthersRide raises the ride-time limits of the other riders. It is a cause and never proposed.
	changeOthersRide
	// ChangePlaces adds places of one dimension to every layout of the vehicle.
	ChangePlaces
	// ChangeFreeze shortens the vehicle's last-in time.
	ChangeFreeze
	// Rules that are waived as a whole, by Amount 1: group and pair bans of the request, its gather group, the vehicle's breaks, its order and
	// fixed beginning.
	ChangeGroup
	ChangeIncompatible
	ChangeGather
	ChangeBreak
	ChangeOrder
	// ChangeEquipment adds the missing pieces, of which Amount says how many. ChangeVehicle allows the vehicle and ChangeShare
	// lets the request ride apart from its must-share group, by Amount 1.
	ChangeEquipment
	ChangeVehicle
	ChangeShare
	changeCount
)

// changeKinds is the constraint that each change relaxes.
func changeKinds() [changeCount]Kind {
	return [changeCount]Kind{
		ChangeLater: KindWindow, ChangeEarlier: KindWindow, ChangeShiftEnd: KindShift, ChangeShiftStart: KindShift,
		ChangeDuration: KindDuration, changePromise: KindPromise, ChangeRide: KindRide, changeOthersRide: KindRide,
		ChangePlaces: KindLayout, ChangeFreeze: KindFreeze, ChangeGroup: KindGroup, ChangeIncompatible: KindIncompatible,
		ChangeGather: KindGather,
		ChangeBreak:  KindBreak, ChangeOrder: KindOrder, ChangeEquipment: KindEquipment, ChangeVehicle: KindVehicle, ChangeShare: KindShare,
	}
}

// Kind is the constraint that the change relaxes.
func (c Change) Kind() Kind { return changeKinds()[c] }

// unit is what the amount of a change counts.
func (c Change) unit() Unit {
	switch {
	case c == ChangePlaces:
		return UnitLoad
	case c <= ChangeFreeze && c != ChangeNone:
		return UnitTicks
	}
	return UnitCount
}

// Relax appends every relaxation that would make room for the request to out: for each vehicle for which Best finds nothing and
// each change the smallest amount; sorted by change, then amount, then vehicle.
func (in *Inserter) Relax(s *Solution, q Query, out []Relaxation) []Relaxation {
	_, out = in.Explain(s, q, nil, out)
	return out
}

// Explain appends one explanation for every vehicle of the query for which Best finds nothing, in the order of the query, and what
// Relax appends. It is exact: a vehicle is explained if and only if Best finds no insertion there. Complexity: that of
// Best some ten times over, and of one closure for every pair of positions that a change makes possible. Scratch is reused.
func (in *Inserter) Explain(s *Solution, q Query, causes []Explanation, relaxations []Relaxation) ([]Explanation, []Relaxation) {
	ex := &in.ex
	ex.begin(in.p, s, &q)
	from := len(relaxations)
	one := func(v Vehicle) {
		if in.p.compatible(v, q.Request) && fitsShare(v, ex.home) {
			if in.vehicle(s, v, &q, noDelta, 1); len(in.found) > 0 {
				return
			}
		}
		ex.enter(v)
		ex.search()
		causes = append(causes, ex.explain())
		relaxations = ex.relax(relaxations)
	}
	if q.Vehicles != nil {
		for _, v := range q.Vehicles {
			one(v)
		}
	} else {
		for v := range Vehicle(in.p.vehicles) {
			one(v)
		}
	}
	slices.SortFunc(relaxations[from:], func(a, b Relaxation) int {
		return cmp.Or(cmp.Compare(a.Change, b.Change), cmp.Compare(a.Amount, b.Amount),
			cmp.Compare(a.Vehicle, b.Vehicle), cmp.Compare(a.Dim, b.Dim))
	})
	return causes, relaxations
}

// explain makes the explanation of the vehicle at hand from what search found.
func (ex *explainer) explain() Explanation {
	if no, found := ex.static(); found {
		return no
	}
	best, weight := -1, int64(noDelta)
	for i := range ex.misses {
		if w := ex.weigh(&ex.misses[i]); w < weight {
			best, weight = i, w
		}
	}
	if best >= 0 {
		return ex.explanation(&ex.misses[best])
	}
	return ex.joint()
}

// weigh makes misses of different units comparable, see Explanation.
func (ex *explainer) weigh(m *miss) int64 {
	direct := int64(max(1, ex.p.direct.at(ex.r)))
	switch {
	case m.change == ChangePlaces:
		return m.amount * direct
	case m.change > ChangeFreeze:
		return direct
	}
	return m.amount
}

func (ex *explainer) explanation(m *miss) Explanation {
	no := Explanation{Change: m.change, Dim: m.dim, Rejection: Rejection{
		Vehicle: ex.v, Cause: m.change.Kind(), Node: m.node,
		Limit: m.limit, Actual: m.actual, Unit: m.change.unit(),
	}}
	if no.Change == changePromise || no.Change == changeOthersRide {
		no.Change = ChangeNone
	}
	return no
}

// relax appends the relaxations of the vehicle at hand to out.
func (ex *explainer) relax(out []Relaxation) []Relaxation {
	for i := range ex.misses {
		m := &ex.misses[i]
		if m.change != changePromise && m.change != changeOthersRide {
			out = append(out, Relaxation{m.change, ex.v, m.amount, m.change.unit(), m.dim})
		}
	}
	return out
}

// Placement says what it costs to serve a request where the plan serves it, and where else it could go.
type Placement struct {
	Request Request
	Vehicle Vehicle // None for a request that nobody serves
	Cost    int64   // what the route would cost less without the request, its preference cost included
}

// Alternatives says why r rides where it does: the cost of its place, and its k cheapest insertions into other vehicles, one
// a vehicle, cheapest first, appended to out. The plan stays as it is; the insertions count in the plan without r.
func (in *Inserter) Alternatives(s *Solution, r Request, k int, out []Insertion) (Placement, []Insertion) {
	at := Placement{Request: r, Vehicle: s.VehicleOf(r)}
	q := Query{Request: r, Alternatives: k}
	if at.Vehicle == None {
		return at, in.Best(s, q, out)
	}
	without := s.Clone()
	without.Remove(r)
	at.Cost = in.p.RouteCost(at.Vehicle, s.Route(at.Vehicle)) - in.p.RouteCost(at.Vehicle, without.Route(at.Vehicle)) +
		in.p.preferenceCost(at.Vehicle, r)
	q.Vehicles = make([]Vehicle, 0, in.p.vehicles)
	for v := range Vehicle(in.p.vehicles) {
		if v != at.Vehicle {
			q.Vehicles = append(q.Vehicles, v)
		}
	}
	return at, in.Best(without, q, out)
}
