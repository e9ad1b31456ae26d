package dispatch

import (
	"context"
	"fmt"
)

// All lists the policies of an area and those that hold wherever no other does, in the order in which they were loaded.
func (s *PolicySet) All(_ context.Context, area AreaID) ([]*Policy, error) {
	var list []*Policy
	for _, p := range s.policies {
		if p.Area == area || p.Area == AnyArea {
			list = append(list, p)
		}
	}
	return list, nil
}

// Of is At that fails with ErrNotFound for a day without a policy.
func (s *PolicySet) Of(_ context.Context, area AreaID, day Day) (*Policy, error) {
	p := s.At(area, day)
	if p == nil {
		return nil, fmt.Errorf("%w: policy of %s on %s", ErrNotFound, area, day)
	}
	return p, nil
}

// Check reads the text of a policy file of an area as ParsePolicies does, and changes nothing. A policy that is made for another
// area is a fault too.
func (s *PolicySet) Check(_ context.Context, area AreaID, text []byte) ([]*Policy, error) {
	fresh, err := ParsePolicies(s.zone, PolicyFile{Name: "draft", Text: text})
	if err != nil {
		return nil, err
	}
	for _, p := range fresh.policies {
		if p.Area != area && p.Area != AnyArea {
			return nil, p.at.fault("policy %q is made for area %q, not %q", p.Name, p.Area, area)
		}
	}
	return fresh.policies, nil
}
