package dispatch

import (
	"slices"

	"github.com/swmaas/swmaas/vehicles"
)

// aboardRefusals are the reasons why the rider may not share the vehicle with those aboard, each reason once.
func (p *Policy) aboardRefusals(m *ModeRule, q *Question) []PolicyRefusal {
	rider := q.Passenger(m.Mode)
	var out []PolicyRefusal
	for _, other := range q.Aboard {
		r := p.Together(rider, other, q.Day)
		if r == nil || slices.ContainsFunc(out, func(x PolicyRefusal) bool { return x.Rule == r.Rule && x.Subject == r.Subject }) {
			continue
		}
		r.Mode = m.Mode
		out = append(out, *r)
	}
	return out
}

// Together returns why two passengers may not be aboard together on a day, or nil where they may. It is symmetric.
//
// First each one's own mode must pool for the purpose. Then riders of one mode, standing and facility may share unless a rule
// in force forbids it, and all others only where a rule in force permits it; users of different facilities need a joint
// agreement in force on top. A passenger of a mode that is not open that day shares with nobody.
func (p *Policy) Together(a, b Passenger, day Day) *PolicyRefusal {
	a, b = passenger(a.Mode, a.Standing, a.Facility, a.Purpose), passenger(b.Mode, b.Standing, b.Facility, b.Purpose)
	for _, x := range []Passenger{a, b} {
		if r := p.alone(x, day); r != nil {
			return r
		}
	}
	date := vehicles.Date(day)
	rule := p.coRideRule(a, b, date)
	alike := a.Mode == b.Mode && a.Standing == b.Standing && a.Facility == b.Facility
	switch {
	case rule != nil && !rule.Permit:
		return coRideRefusal("co_ride_forbidden", a, b).sourced(rule.Document)
	case rule == nil && a.Standing == b.Standing && a.Mode != b.Mode:
		return coRideRefusal("co_ride_mode", a, b)
	case rule == nil && a.Standing == b.Standing && a.Facility != b.Facility:
		return coRideRefusal("co_ride_facility", a, b)
	case rule == nil && !alike:
		return coRideRefusal("co_ride", a, b)
	case a.Facility != "" && b.Facility != "" && !p.joined(a.Facility, b.Facility, date):
		return coRideRefusal("co_ride_agreement", a, b)
	}
	return nil
}

// alone returns why a passenger may share with nobody, or nil.
func (p *Policy) alone(x Passenger, day Day) *PolicyRefusal {
	m := p.Rule(x.Mode, day)
	switch {
	case m == nil:
		r := refuse("co_ride_closed", x.Mode)
		return &r
	case m.Pooling.Kind == RideAlone:
		r := refuse("alone", x.Mode).from(m.Pooling.Source)
		return &r
	case m.Pooling.Kind == RideByPurpose && !slices.Contains(m.Pooling.Purposes, x.Purpose):
		r := refuse("alone_purpose", x.Mode).with("purpose", x.Purpose).from(m.Pooling.Source)
		return &r
	}
	return nil
}

// coRideRule is the rule in force that speaks about the pair: one that names the modes before one that does not.
func (p *Policy) coRideRule(a, b Passenger, day vehicles.Date) *CoRideRule {
	var general *CoRideRule
	for i := range p.CoRide {
		r := &p.CoRide[i]
		if !r.Dates.Contains(day) || !r.speaks(a, b) && !r.speaks(b, a) {
			continue
		}
		if r.Modes[0] != "" {
			return r
		}
		general = r
	}
	return general
}

// speaks reports whether the rule is about a and b in this order.
func (r *CoRideRule) speaks(a, b Passenger) bool {
	return r.Standings[0] == a.Standing && r.Standings[1] == b.Standing &&
		(r.Modes[0] == "" || r.Modes[0] == a.Mode && r.Modes[1] == b.Mode)
}

func coRideRefusal(rule string, a, b Passenger) *PolicyRefusal {
	if b.Standing < a.Standing || b.Standing == a.Standing && b.Facility < a.Facility {
		a, b = b, a
	}
	r := refuse(rule, "").told("a", a.Standing.ja(), a.Standing.en()).told("b", b.Standing.ja(), b.Standing.en())
	r.Subject = string(b.Facility)
	return &r
}
