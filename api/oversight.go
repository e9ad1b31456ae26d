package api

import (
	"cmp"
	"context"
	"slices"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

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
