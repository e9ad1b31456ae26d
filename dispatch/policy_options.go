package dispatch

import "github.com/swmaas/swmaas/vehicles"

// Option is one legal mode in which a rider may travel, with the shifts that may carry the ride in it.
type Option struct {
	Decision
	Shifts []int // indices of the candidates, ascending; at least one
}

// Options lists the modes in which the rider of the question may travel on at least one of the shifts, in the order of the
// policy, whoever is aboard: that is left to CoRideGroups. Where there is none, the reasons say why: those of the rider, or
// where the rider is eligible those of the shifts, each once for a mode with the number of shifts. The cost is a decision
// for every mode and a check of every shift.
func (s *PolicySet) Options(q Question, shifts []Candidate) ([]Option, []PolicyRefusal) {
	q.Shift, q.Aboard = nil, nil
	p := s.At(q.Area, q.Day)
	modes := s.Modes(q)
	if p == nil || len(modes) == 0 {
		d := s.Decide(q)
		return nil, d.Refusals
	}
	var options []Option
	var refusals []PolicyRefusal
	for _, mode := range modes {
		q.Mode, q.Shift = mode, nil
		option := Option{Decision: s.Decide(q)}
		m := p.Rule(mode, q.Day)
		for i := range shifts {
			q.Shift = &shifts[i]
			found := p.shiftRefusals(m, &q)
			if len(found) == 0 {
				option.Shifts = append(option.Shifts, i)
			}
			refusals = tally(refusals, found)
		}
		if len(option.Shifts) > 0 {
			options = append(options, option)
		}
	}
	if len(options) > 0 {
		return options, nil
	}
	return nil, refusals
}

// tally adds refusals of one shift to those that were counted before.
func tally(counted, found []PolicyRefusal) []PolicyRefusal {
next:
	for _, r := range found {
		for i := range counted {
			if counted[i].Mode == r.Mode && counted[i].Rule == r.Rule {
				counted[i].Shifts++
				continue next
			}
		}
		r.Shifts = 1
		counted = append(counted, r)
	}
	return counted
}

// CandidateOf is a shift as a policy looks at it, from what the calendar records of its vehicle and driver.
func CandidateOf(c *vehicles.Calendar, s vehicles.Shift) Candidate {
	out := Candidate{Shift: s.ID, Papers: c.PapersOf(s.Vehicle), Driver: c.CredentialsFor(s.Driver), OwnRounds: s.OwnRounds}
	for _, v := range c.Fleet.Vehicles {
		if v.ID == s.Vehicle {
			out.Vehicle = v
		}
	}
	return out
}
