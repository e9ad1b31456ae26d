package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
	"github.com/swmaas/swmaas/dispatch/seal"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

const (
	commitArea    = "bench-commits"
	commitWriters = 32
	commitShifts  = 400  // of a day, as in the larger town
	ridesPerDay   = 2500 // then the writers go on with the next day
)

// commitFigures is how quick bookings are written, and whether all of them are there afterwards.
type commitFigures struct {
	PerSecond   float64
	LostUpdates int // acknowledged bookings that are not in the plan, and versions of routes that are not there
}

// commitDay is what the writers know of a day.
type commitDay struct {
	routes [commitShifts]atomic.Pointer[dispatch.Route] // each as the last commit left it
	seen   atomic.Int64                                 // the latest revision that a writer was told of
}

// tell notes a revision that a writer was told of.
func (d *commitDay) tell(revision int64) {
	for old := d.seen.Load(); old < revision && !d.seen.CompareAndSwap(old, revision); old = d.seen.Load() {
	}
}

// commitBench lets writers book rides on the routes of one area.
type commitBench struct {
	store *planstore.Store // immutable, as first
	first time.Time        // the first service day

	next atomic.Int64 // number of the next ride

	mu     sync.Mutex
	days   []*commitDay                       // guarded by mu; the days themselves are safe
	booked map[dispatch.Day][]dispatch.RideID // guarded by mu: acknowledged
}

// benchCommits books rides from 32 writers in one area for the given time, each on a route picked in turn, sealed and with
// an idempotency key, and reads everything back.
func benchCommits(ctx context.Context, client redis.UniversalClient, length time.Duration) (figures commitFigures, err error) {
	dir, err := os.MkdirTemp("", "swmaas-bench-keys-")
	if err != nil {
		return figures, fmt.Errorf("bench commits: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	ring, err := seal.New(dir, planstore.NewDataKeys(client), seal.Config{})
	if err != nil {
		return figures, err
	}
	store, err := planstore.New(client, ring, planstore.Config{})
	if err != nil {
		return figures, err
	}
	b := &commitBench{
		store: store, first: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), booked: map[dispatch.Day][]dispatch.RideID{},
	}
	begin := time.Now()
	failures := make([]error, commitWriters)
	var wg sync.WaitGroup
	for w := range failures {
		wg.Go(func() {
			for failures[w] == nil && time.Since(begin) < length {
				failures[w] = b.book(ctx, b.next.Add(1)-1)
			}
		})
	}
	wg.Wait()
	took := time.Since(begin)
	if err := errors.Join(failures...); err != nil {
		return figures, err
	}
	for _, rides := range b.booked {
		figures.PerSecond += float64(len(rides)) / took.Seconds()
	}
	figures.LostUpdates, err = b.lost(ctx)
	return figures, err
}

// day returns the day that ride n is booked on.
func (b *commitBench) day(n int64) (dispatch.Day, *commitDay) {
	i := int(n / ridesPerDay)
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.days) <= i {
		b.days = append(b.days, new(commitDay))
	}
	return dispatch.Day(b.first.AddDate(0, 0, i).Format(time.DateOnly)), b.days[i]
}

// book books ride n on its route, again and again while other writers are quicker.
func (b *commitBench) book(ctx context.Context, n int64) error {
	day, known := b.day(n)
	ride := commitRide(day, n)
	route := &known.routes[n*7%commitShifts]
	for {
		seen, old := known.seen.Load(), route.Load()
		next := &dispatch.Route{Shift: vehicles.ShiftID(fmt.Sprintf("S-%03d", n*7%commitShifts)), Version: 1}
		if old != nil {
			next.Version, next.Stops = old.Version+1, append(next.Stops, old.Stops...)
		}
		for kind := dispatch.PickupStop; kind <= dispatch.DropoffStop; kind++ {
			next.Stops = append(next.Stops, dispatch.Stop{StopID: dispatch.StopID{Ride: ride.ID, Kind: kind}, Arrive: 30_000, Begin: 30_000, Depart: 30_090})
		}
		revision, err := b.store.Commit(ctx, &dispatch.Commit{
			Area: commitArea, Day: day, Seen: seen, Routes: []*dispatch.Route{next}, Rides: []dispatch.RideChange{{After: ride}},
			Events: []dispatch.Event{{At: time.Now(), Actor: "bench", Kind: dispatch.RideBooked, Ride: ride.ID, Shift: next.Shift, After: ride.State.String()}},
			Key:    dispatch.IdempotencyKey{Key: string(day) + string(ride.ID)}, Reply: []byte(ride.ID),
		})
		switch {
		case err == nil:
			route.Store(next) // nobody else can have written this version
			known.tell(revision)
			b.mu.Lock()
			b.booked[day] = append(b.booked[day], ride.ID)
			b.mu.Unlock()
			return nil
		case !errors.Is(err, dispatch.ErrStale):
			return err
		}
		for route.Load() == old && known.seen.Load() == seen { // the winner is about to say so
			if err := ctx.Err(); err != nil {
				return err
			}
			runtime.Gosched()
		}
	}
}

// commitRide is a booked ride with all the fields that a real one has.
func commitRide(day dispatch.Day, n int64) *dispatch.Ride {
	at := func(k int64) geo.LatLng {
		return geo.LatLng{Lat: 36.60 + float64(k%97)*0.004, Lng: 137.10 + float64(k%89)*0.007}
	}
	return &dispatch.Ride{
		ID: dispatch.RideID(fmt.Sprintf("R-%06d", n)), Booking: dispatch.BookingID(fmt.Sprintf("B-%06d", n)), Version: 1,
		Area: commitArea, Day: day, Rider: dispatch.RiderID(fmt.Sprintf("P-%04d", n%2000)),
		Party:  dispatch.Party{Load: vehicles.Load{Seats: 1}, Board: 60, Alight: 45},
		Pickup: dispatch.Place{Label: "home", At: at(n)}, Dropoff: dispatch.Place{Label: "clinic", At: at(3 * n)}, Purpose: "medical",
		Wish:    dispatch.Wish{Kind: dispatch.ArriveBy, Window: dispatch.Window{Earliest: 29_000, Latest: 31_000}},
		Promise: dispatch.Promise{Pickup: dispatch.Window{Earliest: 28_000, Latest: 29_200}, ArriveBy: 31_000, MaxRide: 1800},
		Direct:  600, State: dispatch.Booked, Created: time.Now(),
	}
}

// lost counts the acknowledged bookings that are not in the plan with both stops, and routes that are not at the version of
// their number of bookings.
func (b *commitBench) lost(ctx context.Context) (lost int, err error) {
	for day, rides := range b.booked {
		state, err := b.store.Load(ctx, commitArea, day)
		if err != nil {
			return 0, err
		}
		stops := map[dispatch.RideID]int{}
		for _, r := range state.Routes {
			for i := range r.Stops {
				stops[r.Stops[i].Ride]++
			}
			if int64(len(r.Stops)) != 2*r.Version {
				lost++
			}
		}
		for _, id := range rides {
			if state.Rides[id] == nil || stops[id] != 2 {
				lost++
			}
		}
	}
	return lost, nil
}
