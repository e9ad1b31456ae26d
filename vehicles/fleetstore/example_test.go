package fleetstore_test

import (
	"context"
	"fmt"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
	"github.com/swmaas/swmaas/vehicles/fleetstore"
)

func Example() {
	server := miniredis.NewMiniRedis() // stands in for a Redis, as in the demo without one
	if err := server.Start(); err != nil {
		panic(err)
	}
	defer server.Close()
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer client.Close()
	store, err := fleetstore.New(client, client, fleetstore.Config{})
	if err != nil {
		panic(err)
	}

	ctx, now := context.Background(), time.Now()
	got, err := store.Report(ctx, "kurobe", []vehicles.Position{
		{Vehicle: "V-01", At: geo.LatLng{Lat: 36.8720, Lng: 137.4480}, Seen: now},
		{Vehicle: "V-02", At: geo.LatLng{Lat: 36.8160, Lng: 137.5860}, Seen: now},
		{Vehicle: "V-02", At: geo.LatLng{Lat: 36.9000, Lng: 137.4000}, Seen: now.Add(-time.Minute)}, // out of a queue, too late
	})
	if err != nil {
		panic(err)
	}
	fmt.Println("stored", got.Stored, "older", got.Older)

	near, err := store.Nearest(ctx, "kurobe", geo.LatLng{Lat: 36.8650, Lng: 137.4500}, 10, nil)
	if err != nil {
		panic(err)
	}
	for _, n := range near {
		fmt.Printf("%s %.1f km\n", n.Position.Vehicle, n.Meters/1000)
	}
	// Output:
	// stored 2 older 1
	// V-01 0.8 km
	// V-02 13.3 km
}
