package dispatch

import (
	"fmt"
	"slices"

	"github.com/swmaas/swmaas/vehicles"
)

// Limits are what a party asks for beyond the rules of the town, each for itself and in seconds; 0 or empty asks for nothing. What
// the register has for the rider and what is asked for with a ride both count, the stricter of the two where they differ.
//
// Max and Only are hard: no plan breaks them, whoever makes it, and a ride that they make impossible is refused with them as the
// reason. MaxWait alone bounds what is offered, and not what becomes of a promise after a road was closed or a van broke
// down: then the rider is told and decides. Easy and Like are soft: what they miss weighs as much as the driving that it would
// cost to meet them.
type Limits struct {
	MaxRide   int32 // aboard at the longest
	MaxDetour int32 // aboard at the longest above the direct time
	// MaxWait is how long after the wished time the rider is fetched at the latest, how long before an appointment they are there
	// at the earliest, and of a will-call how long after the call it comes; minMaxWait or more.
	MaxWait  int32
	EasyRide int32 // longer rides weigh a second of driving a second
	EasyWait int32 // offers further from the wish come after others by a second of driving a second

	OnlyVehicles []vehicles.VehicleID // that alone may carry the party
	LikeVehicles []vehicles.VehicleID // that it would rather ride in; so much driving is spent on it as likeCost says
	LikeDrivers  []vehicles.DriverID  // whom it would rather ride with, likewise; Party.OnlyDrivers are the hard ones
}

const (
	minMaxWait = 10 * 60 // a promised window and the margin before an appointment need so much
	maxLimit   = 6 * 3600
	// likeCost is the driving in seconds that is spent so that a rider rides in a vehicle, or with a driver, that they like.
	likeCost = 5 * 60
	// longRideCost is what a second aboard beyond Limits.EasyRide costs, in seconds of driving.
	longRideCost = 1
)

// faults lists what cannot be used, by field.
func (l *Limits) faults(note func(field, reason string)) {
	for _, f := range []struct {
		field string
		value int32
		least int32
	}{
		{"max ride", l.MaxRide, 60}, {"max detour", l.MaxDetour, 60}, {"max wait", l.MaxWait, minMaxWait}, {"easy ride", l.EasyRide, 60}, {"easy wait", l.EasyWait, 60},
	} {
		if f.value != 0 && (f.value < f.least || f.value > maxLimit) {
			note(f.field, fmt.Sprintf("must lie between %d and %d min, or be left out", f.least/60, maxLimit/60))
		}
	}
	for _, n := range []int{len(l.OnlyVehicles), len(l.LikeVehicles), len(l.LikeDrivers)} {
		if n > maxList {
			note("vehicles and drivers", fmt.Sprintf("are more than %d", maxList))
		}
	}
}

// with is the limits with those of somebody else beside them, the stricter of each. Of vehicles and drivers it keeps its own
// where it has any.
func (l Limits) with(o *Limits) Limits {
	for _, f := range []struct{ own, other *int32 }{
		{&l.MaxRide, &o.MaxRide}, {&l.MaxDetour, &o.MaxDetour}, {&l.MaxWait, &o.MaxWait}, {&l.EasyRide, &o.EasyRide}, {&l.EasyWait, &o.EasyWait},
	} {
		*f.own = stricter(*f.own, *f.other)
	}
	if len(l.OnlyVehicles) == 0 {
		l.OnlyVehicles = o.OnlyVehicles
	}
	if len(l.LikeVehicles) == 0 {
		l.LikeVehicles = o.LikeVehicles
	}
	if len(l.LikeDrivers) == 0 {
		l.LikeDrivers = o.LikeDrivers
	}
	return l
}

// clone shares nothing with the limits.
func (l Limits) clone() Limits {
	l.OnlyVehicles, l.LikeVehicles, l.LikeDrivers = slices.Clone(l.OnlyVehicles), slices.Clone(l.LikeVehicles), slices.Clone(l.LikeDrivers)
	return l
}

// stricter is the smaller of two limits of which 0 is none.
func stricter(x, y int32) int32 {
	if x == 0 || y > 0 && y < x {
		return y
	}
	return x
}

// longest is the limit of the time aboard for a direct time, 0 for none.
func (l *Limits) longest(direct int32) int32 {
	if l.MaxDetour == 0 {
		return l.MaxRide
	}
	return stricter(l.MaxRide, direct+l.MaxDetour)
}

// ride is the longest time aboard that may be promised where the rules of the town allow limit.
func (l *Limits) ride(limit, direct int32) int32 { return stricter(limit, l.longest(direct)) }

// maxRide is the longest ride time that may be promised to the ride's party for a direct time.
func (r *Ride) maxRide(rules *Rules, direct int32) int32 {
	return r.Party.Limits.ride(rules.maxRide(direct), direct)
}

// carriedBy reports whether the vehicle may carry the party.
func (l *Limits) carriedBy(v vehicles.VehicleID) bool {
	return len(l.OnlyVehicles) == 0 || slices.Contains(l.OnlyVehicles, v)
}

// likes reports whether the party would rather ride on the shift than on others.
func (l *Limits) likes(s *vehicles.Shift) bool {
	return slices.Contains(l.LikeVehicles, s.Vehicle) || slices.Contains(l.LikeDrivers, s.Driver)
}

// bind cuts the promises that could answer a wish down to the limits, and leaves out those of which nothing is left; a soft
// wait makes those beyond it less welcome. travel is the planned direct time. It changes the list.
func (l *Limits) bind(list []candidate, wish Wish, direct, travel int32) []candidate {
	if l.MaxRide+l.MaxDetour+l.MaxWait+l.EasyWait == 0 {
		return list
	}
	kept := list[:0]
	for _, c := range list {
		p := &c.promise
		p.MaxRide = l.ride(p.MaxRide, direct)
		wait := p.Pickup.Earliest - wish.Window.Earliest
		if wish.Kind == ArriveBy {
			wait = wish.Window.Latest - travel - p.Pickup.Earliest
		}
		if l.EasyWait > 0 {
			c.penalty += max(0, wait-l.EasyWait)
		}
		if l.MaxWait > 0 {
			length := min(p.Pickup.Latest-p.Pickup.Earliest, minWindow)
			if wish.Kind == ArriveBy {
				p.Pickup.Earliest = max(p.Pickup.Earliest, wish.Window.Latest-travel-l.MaxWait)
			} else {
				p.Pickup.Latest = min(p.Pickup.Latest, wish.Window.Earliest+l.MaxWait)
			}
			if p.Pickup.Latest-p.Pickup.Earliest < length {
				continue
			}
		}
		kept = append(kept, c)
	}
	return kept
}

// wait is the promised wait of a will-call within the limit.
func (l *Limits) wait(promised int32) int32 {
	if promised == 0 {
		return 0
	}
	return stricter(promised, l.MaxWait)
}

// ownLimit is one hard limit of a party.
type ownLimit struct {
	cause string
	limit int32
	lift  func(*Limits)
}

// hard lists the hard limits that a request has.
func (l *Limits) hard(direct int32) (list []ownLimit) {
	if n := l.longest(direct); n > 0 {
		list = append(list, ownLimit{CauseOwnRide, n, func(l *Limits) { l.MaxRide, l.MaxDetour = 0, 0 }})
	}
	if l.MaxWait > 0 {
		list = append(list, ownLimit{CauseOwnWait, l.MaxWait, func(l *Limits) { l.MaxWait = 0 }})
	}
	if len(l.OnlyVehicles) > 0 {
		list = append(list, ownLimit{CauseOwnVehicle, 0, func(l *Limits) { l.OnlyVehicles = nil }})
	}
	return list
}

// ownLimits says which of the party's own limits stand in the way of a request that was refused: each without which there would
// be an offer, or all of them where it takes that. What is found otherwise is said in the figures. a.mu is held.
func (a *areaDay) ownLimits(m *model, req *Request, permit *permission, direct int32) (ownRefusals, error) {
	limits := req.Party.Limits.hard(direct)
	var out ownRefusals
	for i := range limits {
		free := *req
		limits[i].lift(&free.Party.Limits)
		found, _, err := a.chooseLocked(m, &free, permit, direct)
		if err != nil {
			return nil, err
		}
		if len(found) > 0 {
			out = append(out, limits[i].refusal(req, &pick(found, 1, 0)[0]))
		}
	}
	if len(out) > 0 || len(limits) < 2 {
		return out, nil
	}
	free := *req
	for _, l := range limits {
		l.lift(&free.Party.Limits)
	}
	found, _, err := a.chooseLocked(m, &free, permit, direct)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	best := pick(found, 1, 0)[0]
	for _, l := range limits {
		out = append(out, l.refusal(req, &best))
	}
	return out, nil
}

// ownRefusals are the refusals of a party's own limits.
type ownRefusals []Refusal

// before is these refusals, and behind them the others but for those that say the same of single vehicles.
func (own ownRefusals) before(others []Refusal) []Refusal {
	return append(own, slices.DeleteFunc(others, func(r Refusal) bool {
		return slices.ContainsFunc(own, func(o Refusal) bool { return o.Cause == r.Cause })
	})...)
}

// refusal says that the limit stands in the way, and what could be offered without it.
func (l *ownLimit) refusal(req *Request, instead *choice) Refusal {
	out := Refusal{Code: CodeNoVehicle, Cause: l.cause, Limit: int64(l.limit), Unit: UnitSeconds, Shifts: 1}
	window := Sentences{clockText(instead.promise.Pickup.Earliest) + "〜" + clockText(instead.promise.Pickup.Latest), clockText(instead.promise.Pickup.Earliest) + " to " + clockText(instead.promise.Pickup.Latest)}
	switch l.cause {
	case CauseOwnRide:
		out.Actual = int64(instead.rideTime)
		out.JaWay = "この上限がなければ、" + window.Ja + " のお迎え（乗車" + spanJapanese(out.Actual) + "）なら可能です。"
		out.EnWay = "Without it a pickup from " + window.En + " with " + spanEnglish(out.Actual) + " aboard would be possible."
	case CauseOwnWait:
		out.Actual = int64(instead.promise.Pickup.Latest - req.Wish.Window.Earliest)
		if req.Wish.Kind == ArriveBy {
			out.Actual = int64(req.Wish.Window.Latest - instead.place.DeliveryAt)
		}
		out.JaWay, out.EnWay = "この上限がなければ、"+window.Ja+" のお迎えなら可能です。", "Without it a pickup from "+window.En+" would be possible."
	default:
		out.Limit, out.Unit = 0, ""
		out.JaWay, out.EnWay = "ほかの車両なら、"+window.Ja+" のお迎えが可能です。", "Another vehicle could come from "+window.En+"."
	}
	return out
}
