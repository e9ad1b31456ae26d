package api

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
)

// validBooking is a request of the methods of Booking beside those that quote, book, read and cancel a single ride; nil for
// another method.
func validBooking(method, area string) proto.Message {
	here := &swmaasv1.Place{Position: &swmaasv1.LatLng{Lat: 36.87, Lng: 137.45}}
	there := &swmaasv1.Place{Position: &swmaasv1.LatLng{Lat: 36.88, Lng: 137.44}}
	wish := &swmaasv1.Wish{Kind: &swmaasv1.Wish_ArriveBy{ArriveBy: &swmaasv1.ArriveBy{Latest: timestamppb.New(now)}}}
	const ride, date = "2026-01-20.0001", "2026-01-20"
	one := &swmaasv1.Party{Seats: 1}
	switch method {
	case swmaasv1.Booking_HoldOffer_FullMethodName:
		return &swmaasv1.HoldOfferRequest{Area: area, IdempotencyKey: "k", OfferToken: "t"}
	case swmaasv1.Booking_BookHeld_FullMethodName:
		return &swmaasv1.BookHeldRequest{Area: area, IdempotencyKey: "k", RideId: ride}
	case swmaasv1.Booking_DeclineOffer_FullMethodName:
		return &swmaasv1.DeclineOfferRequest{Area: area, IdempotencyKey: "k", RideId: ride}
	case swmaasv1.Booking_QuoteChange_FullMethodName:
		return &swmaasv1.QuoteChangeRequest{Area: area, RideId: ride, Wish: wish}
	case swmaasv1.Booking_QuoteTrip_FullMethodName:
		return &swmaasv1.QuoteTripRequest{
			Area: area, ServiceDate: date, RiderId: "R-0001", Party: one,
			Legs: []*swmaasv1.TripLeg{{Pickup: here, Dropoff: there, Wish: wish}, {Pickup: there, Dropoff: here}},
		}
	case swmaasv1.Booking_QuoteGroup_FullMethodName:
		return &swmaasv1.QuoteGroupRequest{
			Area: area, ServiceDate: date,
			Members: []*swmaasv1.GroupMember{{RiderId: "R-0001", Party: one, Pickup: here, Dropoff: there, Wish: wish}},
		}
	case swmaasv1.Booking_BookTrip_FullMethodName:
		return &swmaasv1.BookTripRequest{Area: area, IdempotencyKey: "k", OfferToken: "t"}
	case swmaasv1.Booking_ActivateRide_FullMethodName:
		return &swmaasv1.ActivateRideRequest{Area: area, IdempotencyKey: "k", RideId: ride}
	case swmaasv1.Booking_ListWillCalls_FullMethodName:
		return &swmaasv1.ListWillCallsRequest{Area: area, ServiceDate: date}
	case swmaasv1.Booking_JoinWaitlist_FullMethodName:
		return &swmaasv1.JoinWaitlistRequest{
			Area: area, IdempotencyKey: "k", ServiceDate: date, RiderId: "R-0001", Party: one, Pickup: here, Dropoff: there, Wish: wish,
		}
	case swmaasv1.Booking_ListWaitlist_FullMethodName:
		return &swmaasv1.ListWaitlistRequest{Area: area, ServiceDate: date}
	case swmaasv1.Booking_ListFreedOffers_FullMethodName:
		return &swmaasv1.ListFreedOffersRequest{Area: area, ServiceDate: date}
	case swmaasv1.Booking_ExplainRide_FullMethodName:
		return &swmaasv1.ExplainRideRequest{Area: area, RideId: ride}
	}
	return nil
}

// validRegister is a request of the methods about riders and places; nil for another method.
func validRegister(method, area string) proto.Message {
	switch method {
	case swmaasv1.Booking_CreateRider_FullMethodName:
		return &swmaasv1.CreateRiderRequest{Area: area, IdempotencyKey: "k", Rider: somebody("R-0001")}
	case swmaasv1.Booking_GetRider_FullMethodName:
		return &swmaasv1.GetRiderRequest{Area: area, RiderId: "R-0001"}
	case swmaasv1.Booking_UpdateRider_FullMethodName:
		return &swmaasv1.UpdateRiderRequest{
			Area: area, IdempotencyKey: "k", RiderId: "R-0001", Rider: &swmaasv1.Rider{Version: 1, Phones: []string{"0765-54-1234"}},
			UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"phones"}},
		}
	case swmaasv1.Booking_SearchRiders_FullMethodName:
		return &swmaasv1.SearchRidersRequest{Area: area, Query: &swmaasv1.SearchRidersRequest_Text{Text: "り"}}
	case swmaasv1.Booking_ListRiders_FullMethodName:
		return &swmaasv1.ListRidersRequest{Area: area}
	case swmaasv1.Booking_SearchPlaces_FullMethodName:
		return &swmaasv1.SearchPlacesRequest{Area: area, Text: "い"}
	case swmaasv1.Booking_ListPlaces_FullMethodName:
		return &swmaasv1.ListPlacesRequest{Area: area}
	case swmaasv1.Booking_SavePlace_FullMethodName:
		return &swmaasv1.SavePlaceRequest{Area: area, IdempotencyKey: "k", Place: &swmaasv1.KnownPlace{
			Kind: swmaasv1.PlaceKind_PLACE_KIND_SHOP, Place: &swmaasv1.SavedPlace{Label: "店", Entrance: &swmaasv1.LatLng{Lat: 36.87, Lng: 137.45}},
		}}
	case swmaasv1.Booking_DeletePlace_FullMethodName:
		return &swmaasv1.DeletePlaceRequest{Area: area, IdempotencyKey: "k", PlaceId: "P-1", Etag: "e"}
	}
	return nil
}
