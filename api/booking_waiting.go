package api

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// callVias are the ways to call for a will-call; who says nothing has called by telephone.
var callVias = map[swmaasv1.CallVia]dispatch.CallVia{
	swmaasv1.CallVia_CALL_VIA_UNSPECIFIED: dispatch.ViaPhone,
	swmaasv1.CallVia_CALL_VIA_PHONE:       dispatch.ViaPhone,
	swmaasv1.CallVia_CALL_VIA_DRIVER:      dispatch.ViaDriver,
	swmaasv1.CallVia_CALL_VIA_APP:         dispatch.ViaApp,
}

func (s *bookingService) ActivateRide(ctx context.Context, q *swmaasv1.ActivateRideRequest) (*swmaasv1.ActivateRideResponse, error) {
	area, id := dispatch.AreaID(q.GetArea()), dispatch.RideID(q.GetRideId())
	ride, err := s.ride(ctx, area, id)
	if err != nil {
		return nil, err
	}
	clock, err := s.cfg.day(string(ride.Day))
	if err != nil {
		return nil, err
	}
	act := dispatch.Activation{Ride: id, Via: callVias[q.GetVia()]}
	if at := q.GetCalledAt(); at != nil {
		if !at.IsValid() {
			return nil, fmt.Errorf("%w: called_at: is no moment", ErrRequest)
		}
		act.At = at.AsTime()
	}
	called, err := s.engine.WillCalls.Activate(ctx, actor(ctx), area, act, q.GetIdempotencyKey())
	if err != nil {
		return nil, err
	}
	out, err := s.write(ctx, area, called.Ride)
	if err != nil {
		return nil, err
	}
	response := &swmaasv1.ActivateRideResponse{Ride: out, Placed: called.Placed, Late: seconds(called.Late), Revision: called.Revision}
	if called.Placed {
		response.PlannedPickup = clock.moment(called.Pickup)
	}
	return response, nil
}

func (s *bookingService) ListWillCalls(ctx context.Context, q *swmaasv1.ListWillCallsRequest) (*swmaasv1.ListWillCallsResponse, error) {
	after, view, err := s.begin(ctx, q)
	if err != nil {
		return nil, err
	}
	queue, err := s.engine.WillCalls.WillCalls(ctx, dispatch.AreaID(q.GetArea()), view.clock.day)
	if err != nil {
		return nil, err
	}
	caller := callerOf(ctx)
	queue = slices.DeleteFunc(queue, func(w dispatch.WillCall) bool { return !caller.mayActFor(string(w.Ride.Rider)) })
	// The token names the place in the queue and not a row number, so that nobody is passed over while others are fetched.
	place := func(w dispatch.WillCall) string {
		waits := 1
		if w.Ride.Call.Called {
			waits = 0
		}
		return fmt.Sprintf("%d %06d %s", waits, w.Since, w.Ride.ID)
	}
	slices.SortFunc(queue, func(a, b dispatch.WillCall) int { return cmp.Compare(place(a), place(b)) })
	queue, next := page(queue, place, after, pageSize(q.GetPageSize()))
	response := &swmaasv1.ListWillCallsResponse{WillCalls: make([]*swmaasv1.WillCall, len(queue)), NextPageToken: next}
	for i := range queue {
		w := &queue[i]
		response.WillCalls[i] = &swmaasv1.WillCall{
			Ride: view.write(w.Ride), Called: w.Ride.Call.Called, Since: view.clock.moment(w.Since), Latest: view.clock.moment(w.Latest),
			PlannedPickup: view.clock.momentOrNone(w.Planned), Late: seconds(w.Late), Overdue: w.Overdue,
		}
	}
	return response, nil
}

func (s *bookingService) JoinWaitlist(ctx context.Context, q *swmaasv1.JoinWaitlistRequest) (*swmaasv1.JoinWaitlistResponse, error) {
	if !callerOf(ctx).mayActFor(q.GetRiderId()) {
		return nil, ErrScope
	}
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	wish, err := wishOf(q.GetWish(), clock)
	if err != nil {
		return nil, err
	}
	request := dispatch.Request{
		Area: dispatch.AreaID(q.GetArea()), Day: clock.day, Rider: dispatch.RiderID(q.GetRiderId()), Party: partyOf(q),
		Pickup: placeOf(q.GetPickup()), Dropoff: placeOf(q.GetDropoff()), Purpose: purposes[q.GetPurpose()], Wish: wish,
		Linked: dispatch.RideID(q.GetOutboundRideId()), Facility: vehicles.FacilityID(q.GetFacilityId()),
	}
	if request.Linked != "" {
		if _, err := s.ride(ctx, request.Area, request.Linked); err != nil {
			return nil, fmt.Errorf("outbound_ride_id: %w", err)
		}
	}
	ride, revision, err := s.engine.Waitlist.JoinWaitlist(ctx, actor(ctx), request, q.GetIdempotencyKey())
	if err != nil {
		return nil, err
	}
	out, err := s.write(ctx, request.Area, ride)
	return &swmaasv1.JoinWaitlistResponse{Ride: out, Revision: revision}, err
}

func (s *bookingService) ListWaitlist(ctx context.Context, q *swmaasv1.ListWaitlistRequest) (*swmaasv1.ListWaitlistResponse, error) {
	rides, next, err := s.waitlist(ctx, q, func(*dispatch.Ride) bool { return true })
	return &swmaasv1.ListWaitlistResponse{Rides: rides, NextPageToken: next}, err
}

func (s *bookingService) ListFreedOffers(ctx context.Context, q *swmaasv1.ListFreedOffersRequest) (*swmaasv1.ListFreedOffersResponse, error) {
	now := s.cfg.Clock()
	rides, next, err := s.waitlist(ctx, q, func(r *dispatch.Ride) bool { return r.State == dispatch.Offered && now.Before(r.Held) })
	return &swmaasv1.ListFreedOffersResponse{Rides: rides, NextPageToken: next}, err
}

// waitlist is one page of the waitlist, of the rides that are wanted and that the caller may see.
func (s *bookingService) waitlist(ctx context.Context, q dayPage, want func(*dispatch.Ride) bool) ([]*swmaasv1.Ride, string, error) {
	after, view, err := s.begin(ctx, q)
	if err != nil {
		return nil, "", err
	}
	list, err := s.engine.Waitlist.Waitlist(ctx, dispatch.AreaID(q.GetArea()), view.clock.day)
	if err != nil {
		return nil, "", err
	}
	caller := callerOf(ctx)
	list = slices.DeleteFunc(list, func(r *dispatch.Ride) bool { return !want(r) || !caller.mayActFor(string(r.Rider)) })
	place := func(r *dispatch.Ride) string {
		held := int64(0)
		if !r.Held.IsZero() {
			held = r.Held.UnixMicro()
		}
		return fmt.Sprintf("%020d %020d %s", held, r.Created.UnixMicro(), r.ID)
	}
	slices.SortFunc(list, func(a, b *dispatch.Ride) int { return cmp.Compare(place(a), place(b)) })
	list, next := page(list, place, after, pageSize(q.GetPageSize()))
	rides := make([]*swmaasv1.Ride, len(list))
	for i, ride := range list {
		rides[i] = view.write(ride)
	}
	return rides, next, nil
}

// dayPage is a request for one page of a list of a service day.
type dayPage interface {
	GetArea() string
	GetServiceDate() string
	GetPageSize() int32
	GetPageToken() string
}

// begin reads where a page begins and prepares to write rides of its day.
func (s *bookingService) begin(ctx context.Context, q dayPage) (after string, view *rideView, err error) {
	if after, err = pageAfter(q.GetPageToken()); err != nil {
		return "", nil, err
	}
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return "", nil, err
	}
	view, err = s.view(ctx, dispatch.AreaID(q.GetArea()), clock.day)
	return after, view, err
}

func (s *bookingService) ExplainRide(ctx context.Context, q *swmaasv1.ExplainRideRequest) (*swmaasv1.ExplainRideResponse, error) {
	area, id := dispatch.AreaID(q.GetArea()), dispatch.RideID(q.GetRideId())
	if _, err := s.ride(ctx, area, id); err != nil {
		return nil, err
	}
	why, err := s.engine.Explainer.Why(ctx, area, id)
	if err != nil {
		return nil, err
	}
	return &swmaasv1.ExplainRideResponse{SentenceJa: why.Ja, SentenceEn: why.En}, nil
}
