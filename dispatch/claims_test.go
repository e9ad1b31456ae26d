package dispatch_test

import (
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/testdata/redistest"
	"github.com/swmaas/swmaas/vehicles"
)

func TestTwoDesksNeverBookOneRiderTwiceOnOneRedis(t *testing.T) {
	t.Parallel()
	oneRiderAtTwoDesks(t, oneRedis(t))
}

func TestTwoDesksNeverBookOneRiderTwiceOnACluster(t *testing.T) {
	t.Parallel()
	addrs := redistest.StartCluster(t)
	oneRiderAtTwoDesks(t, func() redis.UniversalClient {
		client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: addrs})
		t.Cleanup(func() { _ = client.Close() })
		return client
	})
}

// oneRiderAtTwoDesks lets a daughter and a care manager book the same rider for the same time in the same instant, at the desks
// of two processes that know nothing of each other, on different vehicles.
func oneRiderAtTwoDesks(t *testing.T, connect func() redis.UniversalClient) {
	w := newRandomWorld(t, connect)
	const rounds = 20
	for round := range rounds {
		rider := riderID(1 + round*3) // those of no facility
		var offers [2]dispatch.Offer
		for i, from := range [][2]int{{round % 12, 0}, {11 - round%12, 11}} {
			req := dispatch.Request{
				Area: "kurobe", Day: w.day, Rider: rider, Party: dispatch.Party{Load: vehicles.Load{Seats: 1}}, Purpose: "medical",
				Pickup: dispatch.Place{Label: "home", At: corner(from[0], from[1])}, Dropoff: dispatch.Place{Label: "clinic", At: corner(5, 6)},
				Wish: dispatch.Wish{Kind: dispatch.ArriveBy, Window: dispatch.Window{Latest: 9*3600 + int32(round%5)*1800}},
			}
			quote, err := w.desks[i].Quote(t.Context(), dispatch.Actor{Subject: "x"}, req)
			if err != nil || len(quote.Offers) == 0 {
				t.Fatalf("round %d: no offer: %v", round, err)
			}
			offers[i] = quote.Offers[0]
		}
		var rides [2]*dispatch.Ride
		var work sync.WaitGroup
		start := make(chan struct{})
		for i := range rides {
			work.Go(func() {
				<-start
				got, err := w.desks[i].Book(t.Context(), dispatch.Actor{Subject: "x"}, "kurobe", offers[i].Token, string(rider)+string(rune('a'+i)))
				if err != nil {
					t.Error(err)
					return
				}
				rides[i] = got.Ride
				if got.Ride == nil && got.Gone == nil {
					t.Errorf("round %d: neither booked nor gone: %+v", round, got)
				}
			})
		}
		close(start)
		work.Wait()
		if (rides[0] == nil) == (rides[1] == nil) {
			t.Fatalf("round %d: booked %v and %v", round, rides[0], rides[1])
		}
	}
	if faults, err := w.store.Check(t.Context(), "kurobe", w.day); err != nil || len(faults) > 0 {
		t.Errorf("check: %+v, %v", faults, err)
	}
	state, err := w.store.Load(t.Context(), "kurobe", w.day)
	if err != nil || len(state.Rides) != rounds {
		t.Errorf("%d rides of %d riders, %v", len(state.Rides), rounds, err)
	}
}
