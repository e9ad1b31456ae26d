package dispatch

import (
	"slices"
	"strings"

	"github.com/swmaas/swmaas/vehicles"
)

// shiftRefusals are the reasons that lie with the driver, the vehicle and its owner.
func (p *Policy) shiftRefusals(m *ModeRule, q *Question) []PolicyRefusal {
	c, day := q.Shift, vehicles.Date(q.Day)
	var out []PolicyRefusal
	for _, s := range m.Driver.Check(day, c.Driver, c.Staff, c.Vehicle.Welfare) {
		r := refuse("driver_"+strings.ToLower(string(s.Kind)), m.Mode).with("courses", strings.Join(s.AnyOf, " / "))
		out = append(out, r.with("until", string(s.Until)).figures(int64(s.Years), 0, "years").from(m.Driver.Source))
	}
	for _, rule := range m.Vehicle.faults(c, m.Mode, day) {
		out = append(out, refuse(rule, m.Mode).figures(int64(m.Vehicle.MaxPersons), int64(c.Papers.PersonsIn(c.Vehicle.Cabin)), "persons").from(m.Vehicle.Source))
	}
	if m.Riders.OwnUsers && q.Rider.Facility != "" && !p.joined(q.Rider.Facility, c.Vehicle.Owner, day) {
		r := refuse("other_facility", m.Mode).from(m.Riders.Source)
		r.Subject = string(c.Vehicle.Owner)
		out = append(out, r)
	}
	if c.Use != (vehicles.Span{}) && slices.ContainsFunc(c.OwnRounds, c.Use.Overlaps) && !p.ownRound(m, q) {
		r := refuse("protected_run", m.Mode)
		r.Subject = string(c.Vehicle.Owner)
		out = append(out, r)
	}
	return out
}

// ownRound reports whether the ride is itself part of the owner's round.
func (p *Policy) ownRound(m *ModeRule, q *Question) bool {
	return m.Mode == KaigoSougei && p.joined(q.Rider.Facility, q.Shift.Vehicle.Owner, vehicles.Date(q.Day))
}

// faults lists the keys of the rules that the vehicle breaks.
func (v *VehicleRule) faults(c *Candidate, mode LegalMode, day vehicles.Date) []string {
	papers := &c.Papers
	var out []string
	for _, f := range []struct {
		fails bool
		rule  string
	}{
		{v.MaxPersons > 0 && papers.PersonsIn(c.Vehicle.Cabin) > v.MaxPersons, "vehicle_persons"},
		{v.Plate == PrivatePlate && papers.Business, "vehicle_plate_private"},
		{v.Plate == BusinessPlate && !papers.Business, "vehicle_plate_business"},
		{v.Display && !papers.Display, "vehicle_display"},
		{v.Agreement && papers.Private && papers.UseAgreement == "", "vehicle_agreement"},
		{papers.Inspection != "" && papers.Inspection < day, "vehicle_inspection"},
		{papers.Insurance != "" && papers.Insurance < day, "vehicle_insurance"},
		{v.Papers && (papers.Inspection == "" || papers.Insurance == ""), "vehicle_papers"},
		{papers.PersonYen < v.PersonYen || papers.PropertyYen < v.PropertyYen, "vehicle_cover"},
		{slices.Contains(papers.Forbidden, string(mode)), "vehicle_forbidden"},
	} {
		if f.fails {
			out = append(out, f.rule)
		}
	}
	return out
}

// joined reports whether two facilities are one or share a joint agreement that is in force on the day.
func (p *Policy) joined(a, b vehicles.FacilityID, day vehicles.Date) bool {
	return a == b || slices.ContainsFunc(p.Joint, func(j JointAgreement) bool {
		return j.Dates.Contains(day) && slices.Contains(j.Parties, a) && slices.Contains(j.Parties, b)
	})
}
