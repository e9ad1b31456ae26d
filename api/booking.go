package api

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
)

// bookingService implements swmaas.v1.Booking.
type bookingService struct {
	swmaasv1.UnimplementedBookingServer
	engine Engine
	cfg    Config
}

func (s *bookingService) Quote(ctx context.Context, q *swmaasv1.QuoteRequest) (*swmaasv1.QuoteResponse, error) {
	if !callerOf(ctx).mayActFor(q.GetRiderId()) {
		return nil, ErrScope
	}
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	request, err := requestOf(q, clock)
	if err != nil {
		return nil, err
	}
	if request.Linked != "" {
		if _, err := s.ride(ctx, request.Area, request.Linked); err != nil {
			return nil, fmt.Errorf("outbound_ride_id: %w", err)
		}
	}
	quote, err := s.engine.Booker.Quote(ctx, actor(ctx), request)
	if err != nil {
		return nil, err
	}
	return &swmaasv1.QuoteResponse{
		Offers: clock.offers(quote.Offers), Rejections: rejections(quote.Refusals), Revision: quote.Revision,
		Alternatives: clock.offers(quote.Alternatives),
	}, nil
}

// Book does not ask for the rider again: a token can only be had from Quote, which did, and nobody can make or change one.
func (s *bookingService) Book(ctx context.Context, q *swmaasv1.BookRequest) (*swmaasv1.BookResponse, error) {
	area := dispatch.AreaID(q.GetArea())
	result, err := s.engine.Booker.Book(ctx, actor(ctx), area, q.GetOfferToken(), q.GetIdempotencyKey())
	if err != nil {
		return nil, err
	}
	response := &swmaasv1.BookResponse{Revision: result.Revision}
	if result.Gone != nil {
		gone, err := s.gone(result.Gone)
		response.Outcome = &swmaasv1.BookResponse_Gone{Gone: gone}
		return response, err
	}
	ride, err := s.write(ctx, area, result.Ride)
	response.Outcome = &swmaasv1.BookResponse_Ride{Ride: ride}
	return response, err
}

func (s *bookingService) CancelRide(ctx context.Context, q *swmaasv1.CancelRideRequest) (*swmaasv1.CancelRideResponse, error) {
	area, id := dispatch.AreaID(q.GetArea()), dispatch.RideID(q.GetRideId())
	if _, err := s.ride(ctx, area, id); err != nil {
		return nil, err
	}
	cancel := dispatch.Cancellation{Ride: id, Kind: cancelKinds[q.GetKind()], Reason: q.GetReason(), Scope: cancelScopes[q.GetScope()]}
	ride, revision, err := s.engine.Booker.CancelRide(ctx, actor(ctx), area, cancel, q.GetIdempotencyKey())
	if err != nil {
		return nil, err
	}
	view, err := s.view(ctx, area, ride.Day)
	if err != nil {
		return nil, err
	}
	response := &swmaasv1.CancelRideResponse{Ride: view.write(ride), Revision: revision}
	before, after := view.state.Trip(id)
	for _, leg := range append(before, after...) {
		if callerOf(ctx).mayActFor(string(leg.Rider)) {
			response.Others = append(response.Others, view.write(leg))
		}
	}
	return response, nil
}

func (s *bookingService) GetRide(ctx context.Context, q *swmaasv1.GetRideRequest) (*swmaasv1.GetRideResponse, error) {
	id := dispatch.RideID(q.GetRideId())
	day, err := dispatch.DayOf(id)
	if err != nil {
		return nil, err
	}
	clock, err := s.cfg.day(string(day))
	if err != nil {
		return nil, fmt.Errorf("%w: ride %s", dispatch.ErrNotFound, id)
	}
	view, err := s.viewAt(ctx, dispatch.AreaID(q.GetArea()), clock)
	if err != nil {
		return nil, err
	}
	ride, err := rideIn(ctx, view.state, id)
	if err != nil {
		return nil, err
	}
	return &swmaasv1.GetRideResponse{Ride: view.write(ride)}, nil
}

func (s *bookingService) ListRides(ctx context.Context, q *swmaasv1.ListRidesRequest) (*swmaasv1.ListRidesResponse, error) {
	after, err := pageAfter(q.GetPageToken())
	if err != nil {
		return nil, err
	}
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	view, err := s.view(ctx, dispatch.AreaID(q.GetArea()), clock.day)
	if err != nil {
		return nil, err
	}
	caller, wanted := callerOf(ctx), q.GetStates()
	rides := make([]*dispatch.Ride, 0, len(view.state.Rides))
	for id, ride := range view.state.Rides {
		inState := len(wanted) == 0 || slices.Contains(wanted, rideStateWords[ride.State])
		if string(id) > after && inState && caller.mayActFor(string(ride.Rider)) {
			rides = append(rides, ride)
		}
	}
	slices.SortFunc(rides, func(a, b *dispatch.Ride) int { return cmp.Compare(a.ID, b.ID) })
	rides, next := page(rides, func(r *dispatch.Ride) string { return string(r.ID) }, "", pageSize(q.GetPageSize()))
	view.index()
	response := &swmaasv1.ListRidesResponse{Rides: make([]*swmaasv1.Ride, len(rides)), NextPageToken: next}
	for i, ride := range rides {
		response.Rides[i] = view.write(ride)
	}
	return response, nil
}

// ride reads a ride that the caller may see; ErrScope for another rider's. That such a ride exists is no secret: its id
// holds nothing but a day and a number.
func (s *bookingService) ride(ctx context.Context, area dispatch.AreaID, id dispatch.RideID) (*dispatch.Ride, error) {
	day, err := dispatch.DayOf(id)
	if err != nil {
		return nil, err
	}
	if _, err := s.cfg.day(string(day)); err != nil {
		return nil, fmt.Errorf("%w: ride %s", dispatch.ErrNotFound, id)
	}
	state, err := s.engine.Days.State(ctx, area, day)
	if err != nil {
		return nil, err
	}
	return rideIn(ctx, state, id)
}

// rideIn is a ride of a day that the caller may see, as ride says.
func rideIn(ctx context.Context, state *dispatch.State, id dispatch.RideID) (*dispatch.Ride, error) {
	ride := state.Rides[id]
	if ride == nil {
		return nil, fmt.Errorf("%w: ride %s", dispatch.ErrNotFound, id)
	}
	if !callerOf(ctx).mayActFor(string(ride.Rider)) {
		return nil, ErrScope
	}
	return ride, nil
}

// view prepares to write rides of a day as it is now.
func (s *bookingService) view(ctx context.Context, area dispatch.AreaID, day dispatch.Day) (*rideView, error) {
	return viewOf(ctx, s.engine, s.cfg, area, day)
}

func (s *bookingService) viewAt(ctx context.Context, area dispatch.AreaID, clock dayClock) (*rideView, error) {
	return viewAt(ctx, s.engine, area, clock)
}

// actor is who the events of a change name.
func actor(ctx context.Context) dispatch.Actor { return dispatch.Actor{Subject: callerOf(ctx).Subject} }
