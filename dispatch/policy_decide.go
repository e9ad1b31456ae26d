package dispatch

import (
	"cmp"
	"slices"
	"time"

	"github.com/swmaas/swmaas/vehicles"
)

// Decide answers whether a ride may happen, and in which legal mode. It is a pure function of the policies and the question.
// Without a shift it answers for the rider alone, without others aboard for the rider and the shift. The first mode of the
// policy that permits the ride is taken; where none does, the reasons of every mode are returned, and a reason that no mode
// can change once and without a mode.
func (s *PolicySet) Decide(q Question) Decision {
	p := s.At(q.Area, q.Day)
	if p == nil {
		return Decision{Refusals: []PolicyRefusal{refuse("no_policy", "")}}
	}
	d := Decision{Policy: p.Name, Document: p.Document}
	if d.Refusals = p.dayRefusals(&q); len(d.Refusals) > 0 {
		return d
	}
	for _, m := range p.open(&q) {
		refusals := p.riderRefusals(m, &q, s.zone)
		if q.Shift != nil {
			refusals = append(refusals, p.shiftRefusals(m, &q)...)
		}
		refusals = append(refusals, p.aboardRefusals(m, &q)...)
		price, over := p.price(m, &q)
		if over != nil {
			refusals = append(refusals, *over)
		}
		if len(refusals) == 0 {
			d.Mode, d.Limits, d.Price, d.Refusals = m.Mode, p.Limits, price, nil
			d.Begin, d.EligibleTo = p.begin(m, &q, s.zone), m.eligibleTo(&q)
			return d
		}
		d.Refusals = append(d.Refusals, refusals...)
	}
	if len(d.Refusals) == 0 {
		d.Refusals = []PolicyRefusal{refuse("mode_closed", q.Mode)}
	}
	return d
}

// Modes lists every mode in which the rider may travel, in the order of the policy, whatever the shift and whoever is aboard.
func (s *PolicySet) Modes(q Question) []LegalMode {
	q.Shift, q.Aboard = nil, nil
	return s.permitted(q)
}

// ModesOn lists every mode in which the rider may travel on the shift of the question, whoever is aboard.
func (s *PolicySet) ModesOn(q Question) []LegalMode {
	q.Aboard = nil
	return s.permitted(q)
}

func (s *PolicySet) permitted(q Question) []LegalMode {
	p := s.At(q.Area, q.Day)
	if p == nil {
		return nil
	}
	var modes []LegalMode
	for _, m := range p.open(&q) {
		q.Mode = m.Mode
		if d := s.Decide(q); d.Permitted() {
			modes = append(modes, m.Mode)
		}
	}
	return modes
}

// open lists the rules of the modes that are in force on the day and asked for.
func (p *Policy) open(q *Question) []*ModeRule {
	var open []*ModeRule
	for _, m := range p.Modes {
		if m.Dates.Contains(vehicles.Date(q.Day)) && (q.Mode == "" || q.Mode == m.Mode) {
			open = append(open, m)
		}
	}
	return open
}

// dayRefusals are the reasons that hold in every mode: the day, the time and the length of the ride.
func (p *Policy) dayRefusals(q *Question) []PolicyRefusal {
	var out []PolicyRefusal
	if !p.Serves(q.Day) {
		out = append(out, refuse("closed_day", "").with("day", string(q.Day)).from(p.Days.Source))
	} else if q.At != (Window{}) && (q.At.Latest < p.Days.Hours.Start || q.At.Earliest > p.Days.Hours.End) {
		r := refuse("outside_hours", "").with("from", clockText(p.Days.Hours.Start)).with("to", clockText(p.Days.Hours.End))
		out = append(out, r.from(p.Days.Source))
	}
	if limit := p.Limits.MaxDirect; limit > 0 && q.Direct > limit {
		out = append(out, refuse("direct_too_long", "").figures(int64(limit), int64(q.Direct), "s").from(p.Limits.Source))
	}
	return out
}

// riderRefusals are the reasons that lie with the rider, the places and the moment of the request.
func (p *Policy) riderRefusals(m *ModeRule, q *Question, zone *time.Location) []PolicyRefusal {
	out := m.eligibilityRefusals(q)
	if len(m.Riders.Purposes) > 0 && !slices.Contains(m.Riders.Purposes, q.Purpose) {
		out = append(out, refuse("purpose", m.Mode).with("purpose", q.Purpose).from(m.Riders.Source))
	}
	if q.Rider.Attendant && q.Rider.Attendants == 0 {
		out = append(out, refuse("attendant", m.Mode))
	}
	if !m.Area.admits(q) {
		out = append(out, refuse("area", m.Mode).from(m.Area.Source))
	}
	if r := p.bookingRefusal(m, q, zone); r != nil {
		out = append(out, *r)
	}
	return append(out, p.quotaRefusals(m, q)...)
}

// eligibilityRefusals are the reasons why the person may not ride in the mode on the day.
func (m *ModeRule) eligibilityRefusals(q *Question) []PolicyRefusal {
	var out []PolicyRefusal
	rule, day := &m.Riders, vehicles.Date(q.Day)
	standing := standingOf(q.Rider.Standing)
	if len(rule.Standings) > 0 && !slices.Contains(rule.Standings, standing) {
		out = append(out, refuse("standing", m.Mode).told("who", standing.ja(), standing.en()).from(rule.Source))
	}
	if r := m.categoryRefusal(q.Rider.Categories, day); r != nil {
		out = append(out, *r)
	}
	if r := m.listRefusal(q, day); r != nil {
		out = append(out, *r)
	}
	if rule.NeedsHelp && !q.Rider.NeedsHelp {
		out = append(out, refuse("needs_help", m.Mode).from(rule.Source))
	}
	if rule.OwnUsers && q.Rider.Facility == "" {
		out = append(out, refuse("own_users", m.Mode).from(rule.Source))
	}
	return out
}

// categoryRefusal is nil where one of the rule's categories is held with evidence that is valid on the day.
func (m *ModeRule) categoryRefusal(held []CategoryFact, day vehicles.Date) *PolicyRefusal {
	if len(m.Riders.Categories) == 0 {
		return nil
	}
	reason, until := "category_none", vehicles.Date("")
	for _, c := range held {
		switch {
		case !slices.Contains(m.Riders.Categories, c.Category):
		case c.Evidence == "":
			if reason == "category_none" {
				reason = "category_evidence"
			}
		case c.ValidTo != "" && c.ValidTo < day:
			reason, until = "category_expired", max(until, c.ValidTo)
		default:
			return nil
		}
	}
	r := refuse(reason, m.Mode).with("until", string(until)).from(m.Riders.Source)
	return &r
}

// listRefusal is nil where the mode keeps no list, or the rider is on it on the day and for the purpose.
func (m *ModeRule) listRefusal(q *Question, day vehicles.Date) *PolicyRefusal {
	if !m.Riders.Listed {
		return nil
	}
	reason, until := "not_listed", vehicles.Date("")
	for i := range q.Rider.Listed {
		switch l := &q.Rider.Listed[i]; {
		case l.Mode != m.Mode:
		case l.ValidTo != "" && l.ValidTo < day:
			reason, until = "list_expired", max(until, l.ValidTo)
		case !l.covers(q.Purpose):
			reason = "list_purpose"
		default:
			return nil
		}
	}
	r := refuse(reason, m.Mode).with("until", string(until)).from(m.Riders.Source)
	return &r
}

func (l *Listing) covers(purpose string) bool {
	return len(l.Purposes) == 0 || slices.Contains(l.Purposes, purpose)
}

// eligibleTo is the last day on which a rider who may ride in the mode stays eligible as far as is recorded, empty for no end.
func (m *ModeRule) eligibleTo(q *Question) vehicles.Date {
	var ends []vehicles.Date
	if len(m.Riders.Categories) > 0 {
		end := vehicles.Date("")
		for _, c := range q.Rider.Categories {
			if slices.Contains(m.Riders.Categories, c.Category) && c.Evidence != "" {
				end = max(end, cmp.Or(c.ValidTo, endless))
			}
		}
		ends = append(ends, end)
	}
	if m.Riders.Listed {
		end := vehicles.Date("")
		for i := range q.Rider.Listed {
			if l := &q.Rider.Listed[i]; l.Mode == m.Mode && l.covers(q.Purpose) {
				end = max(end, cmp.Or(l.ValidTo, endless))
			}
		}
		ends = append(ends, end)
	}
	if len(ends) == 0 || slices.Min(ends) == endless {
		return ""
	}
	return slices.Min(ends)
}

// endless sorts after every date.
const endless vehicles.Date = "9999-12-31"

// quotaRefusals lists the quotas that the ride would exceed.
func (p *Policy) quotaRefusals(m *ModeRule, q *Question) []PolicyRefusal {
	var out []PolicyRefusal
	for i := range p.Quotas {
		quota := &p.Quotas[i]
		if !quota.counts(m.Mode, q.Purpose, q.Return) || quota.OwnCar && !q.Rider.OwnCar {
			continue
		}
		used := 0
		for _, past := range q.Past {
			if quota.counts(past.Mode, past.Purpose, past.Return) && quota.Per.same(past.Day, q.Day) {
				used++
			}
		}
		if used >= quota.Rides {
			rule := "quota"
			if quota.OwnCar {
				rule = "quota_own_car"
			}
			r := refuse(rule, m.Mode).told("period", quota.Per.ja(), quota.Per.en())
			r.Subject = quota.ID
			out = append(out, r.figures(int64(quota.Rides), int64(used+1), "rides").from(quota.Source))
		}
	}
	return out
}

// counts reports whether a ride counts for the quota.
func (u *Quota) counts(mode LegalMode, purpose string, back bool) bool {
	return !(u.Outings && back) &&
		(len(u.Modes) == 0 || slices.Contains(u.Modes, mode)) &&
		(len(u.Purposes) == 0 || slices.Contains(u.Purposes, purpose))
}

// same reports whether two days lie in one period.
func (p Period) same(a, b Day) bool {
	switch p {
	case PerMonth:
		return len(a) >= 7 && len(b) >= 7 && a[:7] == b[:7]
	case PerWeek:
		return monday(vehicles.Date(a)) == monday(vehicles.Date(b))
	default:
		return a == b
	}
}

// monday is the Monday of the day's week.
func monday(d vehicles.Date) vehicles.Date { return d.Add(-(int(d.Weekday()) + 6) % 7) }

// standingOf takes the empty standing for a resident.
func standingOf(s Standing) Standing {
	if s == "" {
		return Resident
	}
	return s
}

// passenger is a normalised Passenger: visitors are aboard as residents are, and both ride for themselves.
func passenger(mode LegalMode, s Standing, f vehicles.FacilityID, purpose string) Passenger {
	if s = standingOf(s); s == Resident || s == Visitor {
		s, f = Resident, ""
	}
	return Passenger{mode, s, f, purpose}
}
