package dispatch

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// Wishes that cannot be met on a busy morning: wherever a later or earlier time is proposed there is an offer for it, which
// can be booked and keeps the wish as it was asked.
func TestAWishThatCannotBeMetIsAnsweredWithTheNearestTimes(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 57))
	b := newBench(t, 1)
	alternatives := 0
	for i := range 80 {
		from := clock(8, 0) + rng.Int32N(8*3600)
		req := trip(fmt.Sprint("R-", i), rng.IntN(12), rng.IntN(6), rng.IntN(12), 6+rng.IntN(6), from)
		if i%2 == 0 {
			req.Wish = Wish{PickupWithin, Window{from, from + 600}}
		}
		quote := b.mustQuote(t, req)
		if len(quote.Offers) > 0 {
			if len(quote.Alternatives) > 0 {
				t.Fatalf("offers and alternatives: %+v", quote)
			}
			b.mustBook(t, req, fmt.Sprint("first", i))
			continue
		}
		if want := len(moves(quote.Refusals)); len(quote.Alternatives) != want {
			t.Fatalf("%d times were proposed and %d offered: %+v", want, len(quote.Alternatives), quote.Refusals)
		}
		for k, o := range quote.Alternatives {
			off := o.Promise.Pickup.Earliest - req.Wish.Window.Earliest
			if req.Wish.Kind == ArriveBy {
				off = o.Promise.ArriveBy - req.Wish.Window.Latest
			}
			if off == 0 || o.Why("ja") == "" {
				t.Errorf("the alternative %+v is the wish itself", o.Promise)
			}
			if k > 0 || rng.IntN(2) > 0 {
				continue
			}
			alternatives++
			result, err := b.Book(t.Context(), Actor{"test"}, "kurobe", o.Token, fmt.Sprint("other", i))
			if err != nil || result.Ride == nil {
				t.Fatalf("the alternative cannot be booked: %+v, %v", result, err)
			}
			if result.Ride.Wish != req.Wish || result.Ride.Promise != o.Promise {
				t.Errorf("booked %+v for a wish of %+v", result.Ride, req.Wish)
			}
			break
		}
	}
	if alternatives < 3 {
		t.Errorf("only %d alternatives were booked: the test shows nothing", alternatives)
	}
}
