package api

import (
	"context"
	"fmt"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

func (s *bookingService) QuoteTrip(ctx context.Context, q *swmaasv1.QuoteTripRequest) (*swmaasv1.QuoteTripResponse, error) {
	if !callerOf(ctx).mayActFor(q.GetRiderId()) {
		return nil, ErrScope
	}
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	legs, err := legsOf(q.GetLegs(), clock)
	if err != nil {
		return nil, err
	}
	quote, err := s.engine.Trips.QuoteTrip(ctx, actor(ctx), dispatch.TripRequest{
		Area: dispatch.AreaID(q.GetArea()), Day: clock.day, Rider: dispatch.RiderID(q.GetRiderId()), Party: partyOf(q),
		Facility: vehicles.FacilityID(q.GetFacilityId()), Legs: legs, Offers: int(q.GetMaxOffers()),
	})
	if err != nil {
		return nil, err
	}
	return &swmaasv1.QuoteTripResponse{
		Offers: clock.tripOffers(quote.Offers), FailedRide: int32(quote.Failed), Rejections: rejections(quote.Refusals), Revision: quote.Revision,
	}, nil
}

func (s *bookingService) QuoteGroup(ctx context.Context, q *swmaasv1.QuoteGroupRequest) (*swmaasv1.QuoteGroupResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	members := make([]dispatch.Request, len(q.GetMembers()))
	for i, m := range q.GetMembers() {
		if !callerOf(ctx).mayActFor(m.GetRiderId()) {
			return nil, ErrScope
		}
		wish, err := wishOf(m.GetWish(), clock)
		if err != nil {
			return nil, fmt.Errorf("members[%d]: %w", i, err)
		}
		members[i] = dispatch.Request{
			Area: dispatch.AreaID(q.GetArea()), Day: clock.day, Rider: dispatch.RiderID(m.GetRiderId()), Party: partyOf(m),
			Pickup: placeOf(m.GetPickup()), Dropoff: placeOf(m.GetDropoff()), Purpose: purposes[m.GetPurpose()], Wish: wish,
			Facility: vehicles.FacilityID(m.GetFacilityId()), Offers: int(q.GetMaxOffers()),
		}
	}
	quote, err := s.engine.Trips.QuoteGroup(ctx, actor(ctx), members)
	if err != nil {
		return nil, err
	}
	return &swmaasv1.QuoteGroupResponse{
		Offers: clock.tripOffers(quote.Offers), FailedRide: int32(quote.Failed), Rejections: rejections(quote.Refusals), Revision: quote.Revision,
	}, nil
}

// BookTrip does not ask for the riders again, as Book does not.
func (s *bookingService) BookTrip(ctx context.Context, q *swmaasv1.BookTripRequest) (*swmaasv1.BookTripResponse, error) {
	area := dispatch.AreaID(q.GetArea())
	result, err := s.engine.Trips.BookTrip(ctx, actor(ctx), area, q.GetOfferToken(), q.GetIdempotencyKey())
	if err != nil {
		return nil, err
	}
	response := &swmaasv1.BookTripResponse{Revision: result.Revision}
	if gone := result.Gone; gone != nil {
		clock, err := s.cfg.day(string(gone.Day))
		if err != nil {
			return nil, err
		}
		response.Gone = &swmaasv1.TripGone{
			Offers: clock.tripOffers(gone.Offers), FailedRide: int32(gone.Failed), Rejections: rejections(gone.Refusals),
		}
		return response, nil
	}
	view, err := s.view(ctx, area, result.Rides[0].Day)
	if err != nil {
		return nil, err
	}
	for _, ride := range result.Rides {
		response.Rides = append(response.Rides, view.write(ride))
	}
	return response, nil
}

// legsOf reads the legs of a trip. A leg without a wish follows the one before it as soon as its stay is over. It fails with
// ErrRequest for a time outside the service day.
func legsOf(list []*swmaasv1.TripLeg, clock dayClock) ([]dispatch.TripLeg, error) {
	legs := make([]dispatch.TripLeg, len(list))
	for i, leg := range list {
		wish, err := wishOf(leg.GetWish(), clock)
		if err != nil {
			return nil, fmt.Errorf("legs[%d]: %w", i, err)
		}
		legs[i] = dispatch.TripLeg{
			Pickup: placeOf(leg.GetPickup()), Dropoff: placeOf(leg.GetDropoff()), Purpose: purposes[leg.GetPurpose()],
			Wish: wish, Stay: wholeSeconds(leg.GetStay()), MaxWait: wholeSeconds(leg.GetMaxWait()),
		}
	}
	return legs, nil
}

func (c dayClock) tripOffers(list []dispatch.TripOffer) []*swmaasv1.TripOffer {
	out := make([]*swmaasv1.TripOffer, len(list))
	for i := range list {
		out[i] = &swmaasv1.TripOffer{Token: list[i].Token, ExpiresAt: timestampOrNone(list[i].Expires), Rides: c.offers(list[i].Rides)}
	}
	return out
}
