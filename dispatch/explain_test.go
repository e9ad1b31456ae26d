package dispatch

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/swmaas/swmaas/dispatch/solver"
	"github.com/swmaas/swmaas/vehicles"
)

// refused asks for a ride that cannot be offered and returns the reasons.
func refused(t *testing.T, b *bench, req Request) []Refusal {
	t.Helper()
	quote, err := b.Quote(t.Context(), Actor{"test"}, req)
	if err != nil || len(quote.Offers) > 0 {
		t.Fatalf("got %+v, %v; want no offer", quote, err)
	}
	return quote.Refusals
}

func TestARefusalHasTheFiguresOfTheNearestMiss(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Request)
		want   Refusal
		ja, en string
	}{
		"six people for four seats": {
			func(r *Request) { r.Party.Load.Seats = 6 },
			Refusal{Code: CodeNoVehicle, Cause: CauseCapacity, Limit: 4, Actual: 6, Unit: UnitSeats, Shifts: 4},
			"その時間帯は座席が2席足りません。", "At that time the vehicles lack 2 seats.",
		},
		"two wheelchairs for one place": {
			func(r *Request) { r.Party.Load = vehicles.Load{Wheelchairs: 2} },
			Refusal{Code: CodeNoVehicle, Cause: CauseCapacity, Limit: 1, Actual: 2, Unit: UnitWheelchairs, Shifts: 4},
			"その時間帯は車いすの場所が1台分足りません。", "At that time the vehicles lack 1 wheelchair place.",
		},
		"a lift that no van has": {
			func(r *Request) { r.Party.Needs = vehicles.Lift },
			Refusal{Code: CodeNoVehicle, Cause: CauseEquipment, Shifts: 4},
			"必要な設備（リフトなど）のある車両がありません。", "No vehicle has the aids that are needed.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, 2) // each van has a shift before and one after its own round at noon
			req := trip("R-1", 1, 1, 9, 9, 10*3600)
			c.change(&req)
			got := refused(t, b, req)
			if len(got) != 1 {
				t.Fatalf("got %+v", got)
			}
			one := got[0]
			one.Relaxations = nil
			if fmt.Sprint(one) != fmt.Sprint(c.want) {
				t.Errorf("got %+v, want %+v", one, c.want)
			}
			if ja, en := got[0].Sentence("ja"), got[0].Sentence("en"); ja != c.ja || en != c.en {
				t.Errorf("said %q and %q", ja, en)
			}
		})
	}
}

func TestAWishBeforeTheVansStartIsPossibleLater(t *testing.T) {
	b := newBench(t, 2)
	req := trip("R-1", 1, 1, 9, 9, 8*3600+5*60) // the vans start at 8:00, and 16 blocks take over 13 minutes
	list := refused(t, b, req)
	said := false
	for i := range list {
		said = said || strings.Contains(list[i].Sentence("ja"), "後なら可能です。")
	}
	if !said {
		t.Errorf("nothing is said about later in %+v", list)
	}
}

// fill books rides until the given number stands, or nothing more fits.
func fill(t testing.TB, b *bench, rnd *rand.Rand, rides int) {
	t.Helper()
	for i := range rides {
		quote, err := b.Quote(t.Context(), Actor{"test"}, randomTrip(rnd))
		if err != nil {
			t.Fatal(err)
		}
		if len(quote.Offers) > 0 {
			if _, err := b.Book(t.Context(), Actor{"test"}, "kurobe", quote.Offers[0].Token, fmt.Sprint(i)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func randomTrip(rnd *rand.Rand) Request {
	req := trip("R-1", rnd.IntN(12), rnd.IntN(12), rnd.IntN(12), rnd.IntN(12), 9*3600+rnd.Int32N(90*60))
	if rnd.IntN(3) == 0 {
		req.Wish = Wish{Kind: DepartAfter, Window: Window{req.Wish.Window.Latest, req.Wish.Window.Latest + 1800}}
	}
	if req.Pickup.At == req.Dropoff.At {
		req.Dropoff.At = corner(0, 0)
	}
	req.Party.Load.Seats = 1 + rnd.IntN(3)
	req.Rider = RiderID(fmt.Sprint("R-", req.Pickup.At, req.Dropoff.At, req.Wish)) // nobody rides twice at a time
	return req
}

func TestAWishMovedAsARefusalSaysHasAnOffer(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	b := newBench(t, 1)
	fill(t, b, rnd, 40)
	refusals, moves := 0, 0
	for range 60 {
		req := randomTrip(rnd)
		quote, err := b.Quote(t.Context(), Actor{"test"}, req)
		if err != nil || len(quote.Offers) > 0 {
			continue
		}
		refusals++
		for _, r := range quote.Refusals {
			if r.Sentence("ja") == "" || r.Sentence("en") == "" {
				t.Errorf("nothing to say for %+v", r)
			}
			for _, x := range r.Relaxations {
				by := int32(x.Amount)
				switch x.Change {
				default:
					continue
				case RelaxEarlier:
					by = -by
				case RelaxLater:
				}
				moves++
				moved := req
				moved.Wish = req.Wish.moved(by)
				again, err := b.Quote(t.Context(), Actor{"test"}, moved)
				if err != nil || len(again.Offers) == 0 {
					t.Errorf("%+v moved by %d s has no offer: %+v, %v", req.Wish, by, again, err)
				}
			}
		}
	}
	if refusals < 5 || moves < 5 {
		t.Errorf("only %d refusals and %d moves", refusals, moves)
	}
}

func TestEveryCauseHasASentence(t *testing.T) {
	for kind := solver.KindNone + 1; kind.String() != "none"; kind++ {
		switch kind {
		case solver.KindVisit, solver.KindWindow, solver.KindWait, solver.KindShift:
			continue // a plan can break the first, a refusal cannot; the others are told apart further
		}
		if kindCauses()[kind] == "" {
			t.Errorf("constraint %q has no cause", kind)
		}
	}
	for _, cause := range kindCauses() {
		if _, ok := causeSentences()[cause]; !ok {
			t.Errorf("cause %q has no sentence", cause)
		}
	}
	for cause := range causeSentences() {
		r := Refusal{Cause: cause, Limit: 1800, Actual: 2100, Relaxations: []Relaxation{{Change: RelaxLater, Amount: 4800}}}
		if ja := r.Sentence("ja"); !strings.HasSuffix(ja, "が、1時間20分後なら可能です。") || strings.Count(ja, "。") != 1 {
			t.Errorf("%s: %s", cause, ja)
		}
		if en := r.Sentence("en"); !strings.HasSuffix(en, "; 1 hour 20 minutes later it would be possible.") || strings.Count(en, ".") != 1 {
			t.Errorf("%s: %s", cause, en)
		}
	}
}

// BenchmarkQuoteWithoutAnOffer measures the answer to a wish that nobody can serve on a day of 40 shifts and 250 rides: the search and
// the explanation. A party of four finds the vans partly taken; six people fit none of them.
func BenchmarkQuoteWithoutAnOffer(b *testing.B) {
	rnd := rand.New(rand.NewPCG(3, 4))
	d := newBench(b, 20)
	fill(b, d, rnd, 250)
	for name, seats := range map[string]int{"seats=4": 4, "seats=6": 6} {
		b.Run(name, func(b *testing.B) {
			req := trip("R-1", 1, 1, 9, 9, 10*3600)
			req.Wish = Wish{Kind: PickupWithin, Window: Window{9*3600 + 1800, 9*3600 + 1800 + 300}}
			req.Party.Load.Seats = seats
			quote := new(Quote)
			for b.Loop() {
				quote, _ = d.Quote(b.Context(), Actor{"test"}, req)
			}
			b.ReportMetric(float64(len(quote.Offers)), "offers")
			b.ReportMetric(float64(len(quote.Refusals)), "causes")
		})
	}
}
