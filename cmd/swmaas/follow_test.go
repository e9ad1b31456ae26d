package main

import (
	"math/rand/v2"
	"testing"
	"time"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch/sim/town"
	"github.com/swmaas/swmaas/testdata/redistest"
)

// TestTwoProcessesShareOneDay books through one service and reads through another on the same Redis.
func TestTwoProcessesShareOneDay(t *testing.T) {
	tn, err := town.Generate(1)
	if err != nil {
		t.Fatal(err)
	}
	redis := "unix://" + redistest.Start(t)
	data := t.TempDir()
	first, second := startService(t, data, "--redis", redis), startService(t, data, "--redis", redis)
	writer, reader := dial(t, first.addr, data), dial(t, second.addr, data)
	rng := rand.New(rand.NewPCG(1, 2))
	var ids []string
	for n := range 6 {
		by := []*caller{writer, reader}[n%2]
		id, err := by.book(tn, n, rng)
		if err != nil {
			t.Fatal(err)
		}
		if id != "" {
			ids = append(ids, id)
		}
	}
	if len(ids) < 4 {
		t.Fatalf("only %d of 6 wishes were booked", len(ids))
	}
	for _, c := range []*caller{writer, reader} {
		for _, id := range ids {
			until := time.Now().Add(30 * time.Second)
			for {
				_, err := c.booking.GetRide(c.ctx, &swmaasv1.GetRideRequest{Area: string(town.Area), RideId: id})
				if err == nil {
					break
				}
				if time.Now().After(until) {
					t.Fatalf("ride %s is not known to both: %v", id, err)
				}
				time.Sleep(20 * time.Millisecond)
			}
		}
	}
}
