package planstore_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
	"github.com/swmaas/swmaas/dispatch/seal"
)

// A store on the in-process server, as the demo has it where redis-server is not installed.
func Example() {
	ctx := context.Background()
	server, err := miniredis.Run()
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer func() { _ = client.Close() }()
	keys, err := os.MkdirTemp("", "keys-")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(keys) }()
	ring, err := seal.New(keys, planstore.NewDataKeys(client), seal.Config{})
	if err != nil {
		log.Fatal(err)
	}
	store, err := planstore.New(client, ring, planstore.Config{})
	if err != nil {
		log.Fatal(err)
	}

	ride := &dispatch.Ride{ID: "R-1", Version: 1, Area: "kurobe", Day: "2026-01-20", Rider: "P-1", State: dispatch.Booked}
	commit := &dispatch.Commit{
		Area: "kurobe", Day: "2026-01-20", Rides: []dispatch.RideChange{{After: ride}},
		Events: []dispatch.Event{{Kind: dispatch.RideBooked, Ride: "R-1", After: "booked"}},
	}
	revision, err := store.Commit(ctx, commit)
	fmt.Println("revision", revision, err)

	_, err = store.Commit(ctx, commit) // from a version that is not the last any more
	fmt.Println("stale:", errors.Is(err, dispatch.ErrStale))

	state, err := store.Load(ctx, "kurobe", "2026-01-20")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(state.Rides["R-1"].State, "at revision", state.Revision)
	// Output:
	// revision 1 <nil>
	// stale: true
	// booked at revision 1
}
