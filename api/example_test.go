package api_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/timestamppb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
)

// A client that asks for a ride to a clinic and takes the best offer, as the README of this package shows. It needs a
// service on 127.0.0.1:7443 (swmaas serve --town kurobe) and a token in SWMAAS_TOKEN (swmaas admin token).
func Example_bookARide() {
	conn, err := grpc.NewClient("127.0.0.1:7443", grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+os.Getenv("SWMAAS_TOKEN"))
	booking := swmaasv1.NewBookingClient(conn)

	tomorrow := time.Now().In(time.FixedZone("JST", 9*3600)).AddDate(0, 0, 1)
	ten := time.Date(tomorrow.Year(), tomorrow.Month(), tomorrow.Day(), 10, 0, 0, 0, tomorrow.Location())
	quote, err := booking.Quote(ctx, &swmaasv1.QuoteRequest{
		Area: "kurobe", ServiceDate: ten.Format(time.DateOnly), RiderId: "R-0001", Party: &swmaasv1.Party{Seats: 1},
		Pickup:  &swmaasv1.Place{Label: "自宅", Position: &swmaasv1.LatLng{Lat: 36.8670, Lng: 137.4490}},
		Dropoff: &swmaasv1.Place{Label: "病院", Position: &swmaasv1.LatLng{Lat: 36.8790, Lng: 137.4380}},
		Wish:    &swmaasv1.Wish{Kind: &swmaasv1.Wish_ArriveBy{ArriveBy: &swmaasv1.ArriveBy{Latest: timestamppb.New(ten)}}},
		Purpose: swmaasv1.Purpose_PURPOSE_MEDICAL,
	})
	if err != nil {
		log.Fatal(err)
	}
	if len(quote.GetOffers()) == 0 {
		for _, r := range quote.GetRejections() {
			fmt.Println(r.GetSentenceJa())
		}
		return
	}
	booked, err := booking.Book(ctx, &swmaasv1.BookRequest{
		IdempotencyKey: "call-2026-0001", Area: "kurobe", OfferToken: quote.GetOffers()[0].GetToken(),
	})
	if err != nil {
		log.Fatal(err)
	}
	if gone := booked.GetGone(); gone != nil {
		fmt.Println("somebody was faster; other offers:", len(gone.GetOffers()))
		return
	}
	ride := booked.GetRide()
	fmt.Println(ride.GetId(), ride.GetPromise().GetPickup().GetEarliest().AsTime().In(tomorrow.Location()).Format("15:04"))
}
