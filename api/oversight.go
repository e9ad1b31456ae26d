package api

import (
	"cmp"
	"context"
	"errors"
	"slices"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// Policies is by what rides are decided. What it returns is shared and never changed.
type Policies interface {
	// All lists the policies of an area and those that hold wherever no other does.
	All(ctx context.Context, area dispatch.AreaID) ([]*dispatch.Policy, error)
	// Of is the policy of a day; dispatch.ErrNotFound for none.
	Of(ctx context.Context, area dispatch.AreaID, day dispatch.Day) (*dispatch.Policy, error)
	// Check reads the text of a policy file and changes nothing. It fails with *dispatch.PolicyError, several joined.
	Check(ctx context.Context, area dispatch.AreaID, text []byte) ([]*dispatch.Policy, error)
}

// Overseer counts a day and says what is wrong with it. Errors are those of dispatch.
type Overseer interface {
	Demand(ctx context.Context, area dispatch.AreaID, day dispatch.Day) (*dispatch.Demand, error)
	Problems(ctx context.Context, area dispatch.AreaID, day dispatch.Day) ([]vehicles.Problem, error)
	Expiring(ctx context.Context, area dispatch.AreaID, day dispatch.Day, days int) ([]vehicles.Problem, error)
}

// Lapses is whose eligibility ends.
type Lapses interface {
	Lapsing(ctx context.Context, area dispatch.AreaID, day vehicles.Date, days int) ([]dispatch.Lapse, error)
}

func policyMessage(p *dispatch.Policy) *swmaasv1.Policy {
	return &swmaasv1.Policy{
		Name: p.Name, Area: string(p.Area), Dates: datesMessage(p.Dates), Document: p.Document, OpensDaysAhead: int32(p.Booking.AheadDays),
		Modes: mapped(p.Modes, func(m *dispatch.ModeRule) *swmaasv1.PolicyMode {
			return &swmaasv1.PolicyMode{LegalMode: string(m.Mode), Basis: m.Basis, Dates: datesMessage(m.Dates)}
		}),
	}
}

func (s *councilService) ListPolicies(ctx context.Context, q *swmaasv1.ListPoliciesRequest) (*swmaasv1.ListPoliciesResponse, error) {
	all, err := s.engine.Policies.All(ctx, dispatch.AreaID(q.GetArea()))
	return &swmaasv1.ListPoliciesResponse{Policies: mapped(all, policyMessage)}, err
}

func (s *councilService) GetPolicy(ctx context.Context, q *swmaasv1.GetPolicyRequest) (*swmaasv1.GetPolicyResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	p, err := s.engine.Policies.Of(ctx, dispatch.AreaID(q.GetArea()), clock.day)
	if err != nil {
		return nil, err
	}
	return &swmaasv1.GetPolicyResponse{Policy: policyMessage(p)}, nil
}

func (s *councilService) CheckPolicies(ctx context.Context, q *swmaasv1.CheckPoliciesRequest) (*swmaasv1.CheckPoliciesResponse, error) {
	policies, err := s.engine.Policies.Check(ctx, dispatch.AreaID(q.GetArea()), []byte(q.GetText()))
	response := &swmaasv1.CheckPoliciesResponse{Policies: mapped(policies, policyMessage)}
	if err == nil {
		return response, nil
	}
	for _, fault := range faultsOf(err) {
		response.Faults = append(response.Faults, &swmaasv1.PolicyFault{Line: int32(fault.Line), Reason: fault.Reason})
	}
	if len(response.GetFaults()) > 0 {
		return response, nil
	}
	return nil, err
}

// faultsOf lists the faults of a policy file that an error is made of.
func faultsOf(err error) []*dispatch.PolicyError {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*dispatch.PolicyError
		for _, e := range joined.Unwrap() {
			all = append(all, faultsOf(e)...)
		}
		return all
	}
	if fault, ok := errors.AsType[*dispatch.PolicyError](err); ok {
		return []*dispatch.PolicyError{fault}
	}
	return nil
}

func (s *councilService) GetDemand(ctx context.Context, q *swmaasv1.GetDemandRequest) (*swmaasv1.GetDemandResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	d, err := s.engine.Overseer.Demand(ctx, dispatch.AreaID(q.GetArea()), clock.day)
	if err != nil {
		return nil, err
	}
	response := &swmaasv1.GetDemandResponse{Asked: int64(d.Asked), WillCalls: int64(d.WillCalls), Standing: int64(d.Standing)}
	for state, rides := range d.Outcomes {
		word := rideStateWords[state]
		for reason, n := range d.Reasons[state] {
			response.Outcomes = append(response.Outcomes, &swmaasv1.DemandOutcome{State: word, Reason: reason, Rides: int64(n)})
			rides -= n
		}
		if rides > 0 {
			response.Outcomes = append(response.Outcomes, &swmaasv1.DemandOutcome{State: word, Rides: int64(rides)})
		}
	}
	slices.SortFunc(response.GetOutcomes(), func(a, b *swmaasv1.DemandOutcome) int {
		return cmp.Or(cmp.Compare(a.State, b.State), cmp.Compare(b.Rides, a.Rides), cmp.Compare(a.Reason, b.Reason))
	})
	return response, nil
}

func problemMessage(p vehicles.Problem) *swmaasv1.RosterProblem {
	return &swmaasv1.RosterProblem{
		Code: string(p.Kind), ServiceDate: string(p.Day), ShiftId: string(p.Shift), VehicleId: string(p.Vehicle), DriverId: string(p.Driver),
		Span: daySpanOrNone(p.Span), ValidTo: string(p.Until), Detail: p.Detail,
	}
}

func (s *councilService) ListRosterProblems(ctx context.Context, q *swmaasv1.ListRosterProblemsRequest) (*swmaasv1.ListRosterProblemsResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	problems, err := s.engine.Overseer.Problems(ctx, dispatch.AreaID(q.GetArea()), clock.day)
	return &swmaasv1.ListRosterProblemsResponse{Problems: mapped(problems, problemMessage)}, err
}

func (s *councilService) ListExpiring(ctx context.Context, q *swmaasv1.ListExpiringRequest) (*swmaasv1.ListExpiringResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	area, days := dispatch.AreaID(q.GetArea()), int(q.GetDays())
	papers, err := s.engine.Overseer.Expiring(ctx, area, clock.day, days)
	if err != nil {
		return nil, err
	}
	response := &swmaasv1.ListExpiringResponse{Papers: mapped(papers, problemMessage)}
	if viewers[callerOf(ctx).Role] != dispatch.OperatorViewer {
		return response, nil
	}
	lapses, err := s.engine.Lapses.Lapsing(ctx, area, vehicles.Date(clock.day), days)
	response.Lapses = mapped(lapses, func(l dispatch.Lapse) *swmaasv1.EligibilityLapse {
		return &swmaasv1.EligibilityLapse{RiderId: string(l.Rider), Category: string(l.Category), LegalMode: string(l.Mode), ValidTo: string(l.Until)}
	})
	return response, err
}
