package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/sim/town"
	"github.com/swmaas/swmaas/routing"
)

// seedFigures is one day before and after improvement.
type seedFigures struct {
	Seed        uint64  `json:"seed"`
	Rides       int     `json:"rides"`
	InsertionKm float64 `json:"insertion_only_km"`
	ImprovedKm  float64 `json:"improved_km"`
	GainPercent float64 `json:"gain_percent"`
}

// dayBench is an engine with a day of the town on a clock that only the bench moves. Its methods are run one after another.
type dayBench struct {
	e     *engine
	town  *town.Town
	clock benchClock
	roads *checkRoads
	calls int // made so far, for keys and further callers
	std   streams
	found *int // violations so far
}

// benchClock is a clock that stands until it is moved. It is safe for concurrent use.
type benchClock struct {
	midnight time.Time    // immutable
	second   atomic.Int64 // of the service day
}

func (c *benchClock) now() time.Time { return c.at(int32(c.second.Load())) }

func (c *benchClock) at(second int32) time.Time {
	return c.midnight.Add(time.Duration(second) * time.Second)
}

// bookingHour is when all calls of a day come in: noon of the day before, when every notice is kept.
const bookingHour = -12 * 3600

// startDay starts an engine for the town of a seed with its fleet, in an in-process store where asked for.
func startDay(ctx context.Context, dir string, seed uint64, memory bool, roads *checkRoads, std streams, found *int) (*dayBench, error) {
	b := &dayBench{roads: roads, std: std, found: found}
	var err error
	if b.town, err = town.Generate(seed); err != nil {
		return nil, err
	}
	if b.clock.midnight, err = time.ParseInLocation(time.DateOnly, string(b.town.Day), serviceZone()); err != nil {
		return nil, err
	}
	b.clock.second.Store(bookingHour)
	b.e, err = startEngine(ctx, engineConfig{
		unchecked: true, memory: memory, data: dir, graph: b.town.Graph, riders: b.town, log: slog.New(slog.DiscardHandler), now: b.clock.now,
	})
	if err != nil {
		return nil, err
	}
	err = errors.Join(b.e.fleet.SaveFleet(ctx, string(town.Area), b.town.Fleet),
		b.e.fleet.SaveShifts(ctx, string(town.Area), string(b.town.Day), b.town.Shifts))
	if err != nil {
		return nil, errors.Join(err, b.e.close(context.WithoutCancel(ctx)))
	}
	return b, nil
}

// book asks for a call's ride and takes the best offer; booked is false where there is none.
func (b *dayBench) book(ctx context.Context, call *town.Call, rider dispatch.RiderID) (booked bool, err error) {
	b.calls++
	quote, err := b.e.desk.Quote(ctx, benchActor, dispatch.Request{
		Area: town.Area, Day: b.town.Day, Rider: rider, Party: call.Party, Pickup: call.Pickup, Dropoff: call.Dropoff, Wish: call.Wish, Purpose: call.Purpose,
	})
	if err != nil || len(quote.Offers) == 0 {
		return false, err
	}
	got, err := b.e.desk.Book(ctx, benchActor, town.Area, quote.Offers[0].Token, fmt.Sprint("book-", b.calls))
	return err == nil && got.Ride != nil, err
}

var benchActor = dispatch.Actor{Subject: "bench"}

// fill books the calls of the day one after another, and then those of further days for other riders, until there are enough; most 0
// is the calls of the day alone.
func (b *dayBench) fill(ctx context.Context, most int) (rides int, err error) {
	take := func(calls []town.Call, rider func(*town.Call) dispatch.RiderID) error {
		for i := range calls {
			if most > 0 && rides == most {
				return nil
			}
			booked, err := b.book(ctx, &calls[i], rider(&calls[i]))
			if err != nil {
				return err
			}
			if booked {
				rides++
			}
		}
		return nil
	}
	if err := take(b.town.Calls, func(c *town.Call) dispatch.RiderID { return c.Rider }); err != nil || most == 0 {
		return rides, err
	}
	for seed := b.town.Seed + 1; rides < most && seed < b.town.Seed+20; seed++ {
		others, err := town.Generate(seed)
		if err != nil {
			return rides, err
		}
		err = take(others.Calls, func(c *town.Call) dispatch.RiderID {
			return dispatch.RiderID(fmt.Sprintf("other-%d-%s", seed, c.Rider))
		})
		if err != nil {
			return rides, err
		}
	}
	if rides < most {
		return rides, fmt.Errorf("only %d of %d rides found a place", rides, most)
	}
	return rides, nil
}

// plan is the plan as it is now, with the roads under conditions, checked. The check is once by the solver's own rules and once by the
// promises, the roads and the vehicles alone.
func (b *dayBench) plan(ctx context.Context, under routing.Conditions, late []dispatch.RideID) (*checkedPlan, error) {
	wrong, err := b.e.desk.Verified(ctx, town.Area, b.town.Day)
	if err != nil {
		return nil, err
	}
	p := &checkedPlan{fleet: &b.town.Fleet, late: map[dispatch.RideID]bool{}, wrong: wrong}
	for _, id := range late {
		p.late[id] = true
	}
	if p.state, err = b.e.plans.Load(ctx, town.Area, b.town.Day); err != nil {
		return nil, err
	}
	if p.shifts, err = b.e.desk.Shifts(ctx, town.Area, b.town.Day); err != nil {
		return nil, err
	}
	if p.legs, err = b.roads.legs(ctx, p, under); err != nil {
		return nil, err
	}
	for _, w := range p.faults() {
		*b.found++
		_, _ = fmt.Fprintf(b.std.err, "bench day: violation: %s\n", w)
	}
	return p, nil
}

// improve books the day of a seed by insertion alone and improves it then, the same rides under the same promises.
func (c *benchDayCmd) improve(ctx context.Context, dir string, seed uint64, roads *checkRoads, std streams, f *dayFigures) (err error) {
	begin := time.Now()
	b, err := startDay(ctx, dir, seed, true, roads, std, &f.Violations)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.e.close(context.WithoutCancel(ctx))) }()
	s := seedFigures{Seed: seed}
	if s.Rides, err = b.fill(ctx, c.Calls); err != nil {
		return err
	}
	before, err := b.plan(ctx, routing.Conditions{}, nil)
	if err != nil {
		return err
	}
	booked := time.Since(begin)
	result, err := b.e.desk.Improve(ctx, town.Area, b.town.Day, dispatch.ImproveOptions{
		Iterations: c.Iterations, Seed: seed, Threads: c.Threads, Stop: func() bool { return ctx.Err() != nil || time.Since(begin) > booked+c.Time },
	})
	if err != nil {
		return err
	}
	after, err := b.plan(ctx, routing.Conditions{}, nil)
	if err != nil {
		return err
	}
	if err := samePromises(before.state, after.state); err != nil {
		return err
	}
	s.InsertionKm, s.ImprovedKm = before.km(), after.km()
	s.GainPercent = 100 * (1 - s.ImprovedKm/s.InsertionKm)
	f.InsertionOnlyKm, f.ImprovedKm, f.Seeds = f.InsertionOnlyKm+s.InsertionKm, f.ImprovedKm+s.ImprovedKm, append(f.Seeds, s)
	_, _ = fmt.Fprintf(std.err, "bench day: seed %d: %d of %d calls booked in %.1f s; %.1f km, %.1f km after %.1f s of improvement (%.1f %% less, %d s of driving saved)\n",
		seed, s.Rides, len(b.town.Calls), booked.Seconds(), s.InsertionKm, s.ImprovedKm, (time.Since(begin) - booked).Seconds(), s.GainPercent, result.Gain)
	return nil
}

// samePromises makes sure that two plans are of the same rides and promises.
func samePromises(x, y *dispatch.State) error {
	if len(x.Rides) != len(y.Rides) {
		return fmt.Errorf("%d rides became %d", len(x.Rides), len(y.Rides))
	}
	for id, r := range x.Rides {
		if o := y.Rides[id]; o == nil || o.Promise != r.Promise || o.State != r.State {
			return fmt.Errorf("ride %s is another one after improvement", id)
		}
	}
	return nil
}
