package dispatch

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/swmaas/swmaas/dispatch/solver"
	"github.com/swmaas/swmaas/vehicles"
)

// Two desks work on the same plan, one with the filter of shifts and one without: for random wishes over a random day, with
// drivers under way, they answer alike.
func TestTheFilterOfShiftsChangesNoAnswer(t *testing.T) {
	left := 0
	for seed := range uint64(4) {
		rng := rand.New(rand.NewPCG(seed, 11))
		with := newBench(t, 6)
		with.shorten(rng)
		cfg := with.cfg
		cfg.AllShifts = true
		without, err := NewDesk(cfg, with.store, with.fleet, with.travel, func() time.Time { return with.now })
		if err != nil {
			t.Fatal(err)
		}
		for i := range 60 {
			now := int32(7*3600 + i*9*60)
			with.at(now)
			from := now + rng.Int32N(2*3600) - 600
			req := trip(fmt.Sprint("R-", i), rng.IntN(12), rng.IntN(12), rng.IntN(12), rng.IntN(12), 0)
			req.Dropoff.At.Lat += 0.0003
			req.Wish = Wish{[]WishKind{ArriveBy, DepartAfter, PickupWithin}[rng.IntN(3)], Window{max(from, 0), max(from, 0) + rng.Int32N(3600)}}
			got := with.mustQuote(t, req)
			want, err := without.Quote(t.Context(), Actor{"test"}, req)
			if err != nil {
				t.Fatal(err)
			}
			if answer(got) != answer(want) {
				t.Fatalf("seed %d, at %d, %+v:\nwith the filter    %s\nwithout the filter %s", seed, now, req.Wish, answer(got), answer(want))
			}
			left += with.leftOut(t, req)
			if len(got.Offers) > 0 && rng.IntN(3) > 0 {
				if _, err := with.Book(t.Context(), Actor{"test"}, "kurobe", got.Offers[0].Token, fmt.Sprint(i)); err != nil {
					t.Fatal(err)
				}
				if err := without.Refresh(t.Context(), AreaDay{"kurobe", testDay}, 1<<40); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if left == 0 {
		t.Error("the filter left nothing out: the test shows nothing")
	}
}

// shorten gives every van a shift of its own length, so that the filter has something to leave out.
func (b *bench) shorten(rng *rand.Rand) {
	fleet := b.fleet.(fixedFleet)
	for i := range fleet.shifts {
		start := clock(8, 0) + rng.Int32N(5*3600)
		fleet.shifts[i].Span = vehicles.Span{Start: start, End: min(start+5400+rng.Int32N(3*3600), clock(17, 0))}
		fleet.shifts[i].OwnRounds = nil
	}
}

// answer is all of a quote that a caller learns, without the token, whose seal is random.
func answer(q *Quote) string {
	out := ""
	for _, o := range q.Offers {
		o.Token = ""
		out += fmt.Sprintf("%+v; ", o)
	}
	return out + fmt.Sprintf("%+v", q.Refusals)
}

// leftOut is how many shifts the filter leaves out for the wish of a request as it is.
func (b *bench) leftOut(t *testing.T, req Request) int {
	t.Helper()
	a, err := b.open(t.Context(), req.Area, req.Day)
	if err != nil {
		t.Fatal(err)
	}
	m, err := a.buildModel(a.second())
	if err != nil {
		t.Fatal(err)
	}
	ride := a.draft(&req, Promise{}, 0)
	spec := solver.RequestSpec{
		PickupWindow: solver.TimeWindow{Earliest: req.Wish.Window.Earliest, Latest: req.Wish.Window.Latest}, DeliveryWindow: solver.Always(),
	}
	return len(a.shifts) - len(a.filter.detourOf(ride, m.bases).shifts(&spec, []solver.Vehicle{}))
}
