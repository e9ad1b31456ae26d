package api

import (
	"context"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
)

// HoldOffer does not ask for the rider again, as Book does not.
func (s *bookingService) HoldOffer(ctx context.Context, q *swmaasv1.HoldOfferRequest) (*swmaasv1.HoldOfferResponse, error) {
	area := dispatch.AreaID(q.GetArea())
	result, err := s.engine.Holds.Hold(ctx, actor(ctx), area, q.GetOfferToken(), q.GetIdempotencyKey())
	if err != nil {
		return nil, err
	}
	response := &swmaasv1.HoldOfferResponse{Revision: result.Revision}
	if result.Gone != nil {
		gone, err := s.gone(result.Gone)
		response.Outcome = &swmaasv1.HoldOfferResponse_Gone{Gone: gone}
		return response, err
	}
	ride, err := s.write(ctx, area, result.Ride)
	response.Outcome = &swmaasv1.HoldOfferResponse_Ride{Ride: ride}
	return response, err
}

func (s *bookingService) BookHeld(ctx context.Context, q *swmaasv1.BookHeldRequest) (*swmaasv1.BookHeldResponse, error) {
	area, id := dispatch.AreaID(q.GetArea()), dispatch.RideID(q.GetRideId())
	if _, err := s.ride(ctx, area, id); err != nil {
		return nil, err
	}
	booked, revision, err := s.engine.Holds.Accept(ctx, actor(ctx), area, id, q.GetIdempotencyKey())
	if err != nil {
		return nil, err
	}
	ride, err := s.write(ctx, area, booked)
	return &swmaasv1.BookHeldResponse{Ride: ride, Revision: revision}, err
}

func (s *bookingService) DeclineOffer(ctx context.Context, q *swmaasv1.DeclineOfferRequest) (*swmaasv1.DeclineOfferResponse, error) {
	area, id := dispatch.AreaID(q.GetArea()), dispatch.RideID(q.GetRideId())
	if _, err := s.ride(ctx, area, id); err != nil {
		return nil, err
	}
	ended, revision, err := s.engine.Holds.Decline(ctx, actor(ctx), area, id, q.GetReason(), q.GetIdempotencyKey())
	if err != nil {
		return nil, err
	}
	ride, err := s.write(ctx, area, ended)
	return &swmaasv1.DeclineOfferResponse{Ride: ride, Revision: revision}, err
}

func (s *bookingService) QuoteChange(ctx context.Context, q *swmaasv1.QuoteChangeRequest) (*swmaasv1.QuoteChangeResponse, error) {
	area := dispatch.AreaID(q.GetArea())
	ride, err := s.ride(ctx, area, dispatch.RideID(q.GetRideId()))
	if err != nil {
		return nil, err
	}
	clock, err := s.cfg.day(string(ride.Day))
	if err != nil {
		return nil, err
	}
	request, err := changeOf(q, ride, clock)
	if err != nil {
		return nil, err
	}
	quote, err := s.engine.Changes.QuoteChange(ctx, actor(ctx), ride.ID, q.GetVersion(), request)
	if err != nil {
		return nil, err
	}
	return &swmaasv1.QuoteChangeResponse{
		Offers: clock.offers(quote.Offers), Rejections: rejections(quote.Refusals), Revision: quote.Revision,
	}, nil
}

// changeOf is what a ride is to become: as it is, but for what the request has set. It fails with ErrRequest for a time
// outside the service day.
func changeOf(q *swmaasv1.QuoteChangeRequest, ride *dispatch.Ride, clock dayClock) (dispatch.Request, error) {
	request := dispatch.Request{
		Area: ride.Area, Day: ride.Day, Rider: ride.Rider, Booking: ride.Booking, Party: ride.Party,
		Pickup: ride.Pickup, Dropoff: ride.Dropoff, Purpose: ride.Purpose, Wish: ride.Wish, Linked: ride.Linked,
		Facility: ride.Terms.Facility, Together: ride.Together, MaxWait: ride.Call.MaxWait, Offers: int(q.GetMaxOffers()),
	}
	if q.GetParty() != nil {
		party := partyOf(q)
		p := &request.Party
		p.Load, p.Needs, p.Board, p.Alight, p.Attendants = party.Load, party.Needs, party.Board, party.Alight, party.Attendants
	}
	if q.GetLimits() != nil {
		request.Party.Limits = limitsOf(q.GetLimits())
	}
	if q.GetPickup() != nil {
		request.Pickup = placeOf(q.GetPickup())
	}
	if q.GetDropoff() != nil {
		request.Dropoff = placeOf(q.GetDropoff())
	}
	var err error
	if q.GetWish() != nil {
		request.Wish, err = wishOf(q.GetWish(), clock)
	}
	return request, err
}

// gone gives the contract's form of fresh offers in the place of one that cannot be kept.
func (s *bookingService) gone(q *dispatch.Quote) (*swmaasv1.OfferGone, error) {
	clock, err := s.cfg.day(string(q.Day))
	if err != nil {
		return nil, err
	}
	return &swmaasv1.OfferGone{
		Offers: clock.offers(q.Offers), Rejections: rejections(q.Refusals), Alternatives: clock.offers(q.Alternatives),
	}, nil
}

// write gives the contract's form of one ride.
func (s *bookingService) write(ctx context.Context, area dispatch.AreaID, ride *dispatch.Ride) (*swmaasv1.Ride, error) {
	if ride == nil { // a repetition of a call about somebody who was erased since
		return nil, dispatch.ErrErased
	}
	view, err := s.view(ctx, area, ride.Day)
	if err != nil {
		return nil, err
	}
	return view.write(ride), nil
}
