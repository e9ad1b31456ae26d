package planstore_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
	"github.com/swmaas/swmaas/dispatch/seal"
	"github.com/swmaas/swmaas/vehicles"
)

func BenchmarkLoad(b *testing.B) {
	for _, rides := range []int{250, 2500} {
		b.Run(fmt.Sprintf("requests=%d/vehicles=%d", rides, rides/6), func(b *testing.B) {
			client := startRedis(b)
			ring, err := seal.New(b.TempDir(), planstore.NewDataKeys(client), seal.Config{})
			if err != nil {
				b.Fatal(err)
			}
			s, err := planstore.New(client, ring, planstore.Config{})
			if err != nil {
				b.Fatal(err)
			}
			c := &dispatch.Commit{Area: area, Day: day}
			byShift := make([][]*dispatch.Ride, rides/6)
			for i := range rides {
				r := booked(i)
				c.Rides = append(c.Rides, dispatch.RideChange{After: r})
				byShift[i%len(byShift)] = append(byShift[i%len(byShift)], r)
			}
			for i, served := range byShift {
				c.Routes = append(c.Routes, route(vehicles.ShiftID(fmt.Sprintf("S-%03d", i)), 1, served...))
			}
			mustCommit(b, s, c)
			b.ReportAllocs()
			for b.Loop() {
				if got := mustLoad(b, s); len(got.Rides) != rides {
					b.Fatalf("%d rides", len(got.Rides))
				}
			}
		})
	}
}

// BenchmarkCommit books new rides from 32 writers, each on a route of its own, with everything durable and sealed.
func BenchmarkCommit(b *testing.B) {
	client := startRedis(b)
	ring, err := seal.New(b.TempDir(), planstore.NewDataKeys(client), seal.Config{})
	if err != nil {
		b.Fatal(err)
	}
	s, err := planstore.New(client, ring, planstore.Config{})
	if err != nil {
		b.Fatal(err)
	}
	var writers, rides atomic.Int64
	b.SetParallelism(16) // times GOMAXPROCS
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		shift, version := vehicles.ShiftID(fmt.Sprint("S-", writers.Add(1))), int64(0)
		for pb.Next() {
			version++
			r := booked(int(rides.Add(1)))
			c := booking(r, route(shift, version, r))
			c.Key, c.Reply = dispatch.IdempotencyKey{Key: string(r.ID)}, []byte(r.ID)
			if _, err := s.Commit(b.Context(), c); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
}
