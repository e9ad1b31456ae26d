package dispatch

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/swmaas/swmaas/vehicles"
)

// farePolicy is registered carriage at 300 yen a ride, everybody beside everybody, capped at 80 % of the taxi: 568 yen up to 1.3 km.
const farePolicy = `{
  "name": "F", "area": "kurobe", "from": "2026-01-01", "document": "F-1",
  "days": {"weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "holidays": true, "from": "6:00", "to": "20:00", "source": "F"},
  "booking": {"source": "F"},
  "limits": {"ride_ratio": 1.5, "ride_extra_min": 15, "max_wait_min": 90, "max_direct_min": 60, "source": "F"},
  "taxi": {"base_yen": 710, "within_m": 1300, "step_yen": 100, "every_m": 270, "half_hour_yen": 3500, "source": "F"},
  "modes": [
    {"mode": "KUHAKU_YUSHO", "basis": "B", "riders": {"standings": ["RESIDENT"], "source": "F"},
      "pooling": {"kind": "FREE", "source": "F"}, "area": {"kind": "ANYWHERE", "source": "F"}, "driver": {"source": "F"},
      "vehicle": {"plate": "PRIVATE", "source": "F"}, "price": {"kind": "FLAT", "base_yen": 300, "cap_ratio": 0.8, "source": "F"}}
  ]
}`

// fareBench is a bench under farePolicy.
func fareBench(t *testing.T, vans int) *bench { return ruledBench(t, vans, farePolicy) }

// ruledBench is a bench under a policy, with a driver of the first class.
func ruledBench(t *testing.T, vans int, policy string) *bench {
	t.Helper()
	set, err := ParsePolicies(time.FixedZone("JST", 9*3600), PolicyFile{Name: "fares.json", Text: []byte(policy)})
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, vans)
	b.cfg.Policies = set
	fleet := b.fleet.(fixedFleet)
	fleet.fleet.Drivers = []vehicles.Driver{{ID: "D-1", Licence: vehicles.FirstClass}}
	b.fleet = fleet
	return b
}

// runsOver adds up every run of the stored routes with nothing but the tariff in mind: 300 yen each, 568 yen for up to 1,300 m,
// and 80 yen for every 270 m begun beyond. Crossings are 500 m apart.
func (b *bench) runsOver(t *testing.T) {
	t.Helper()
	for _, route := range b.store.state.Routes {
		aboard, riders, blocks, x, y := 0, 0, 0, 0, 0
		for _, s := range route.Stops {
			at := place(b.store.state.Rides[s.Ride], s.Kind)
			i, j := int((at.Lng-137.43)/0.0056+0.5), int((at.Lat-36.85)/0.0045+0.5)
			if aboard > 0 {
				blocks += max(i-x, x-i) + max(j-y, y-j)
			}
			x, y = i, j
			if s.Kind == PickupStop {
				aboard, riders = aboard+1, riders+1
				continue
			}
			if aboard--; aboard > 0 {
				continue
			}
			limit := 568 + max(0, (blocks*500-1300+269)/270)*80
			if riders*300 > limit {
				t.Errorf("route %s: %d riders pay %d yen for %d m, and the cap is %d", route.Shift, riders, riders*300, blocks*500, limit)
			}
			riders, blocks = 0, 0
		}
	}
}

// Two people go the same short way at the same time: together would be shorter, and cost too much.
func TestImprovementPutsNobodyTogetherBeyondTheFareCap(t *testing.T) {
	b := fareBench(t, 2)
	for i := range 4 {
		req := trip(fmt.Sprint("R-", i), 5, 5, 6, 6, 0)
		req.Wish = Wish{PickupWithin, Window{10 * 3600, 10*3600 + 1800}}
		b.mustBook(t, req, fmt.Sprint("k", i))
	}
	b.runsOver(t)
	for i := range 6 { // longer ways, on which two are within the cap and three may be
		req := trip(fmt.Sprint("S-", i), i, 2, 9, 2+i, 0)
		req.Wish = Wish{PickupWithin, Window{9 * 3600, 11 * 3600}}
		if q := b.mustQuote(t, req); len(q.Offers) > 0 {
			b.mustBook(t, req, fmt.Sprint("s", i))
		}
	}
	b.runsOver(t)
	for seed := range uint64(8) {
		if _, err := b.Improve(t.Context(), "kurobe", testDay, ImproveOptions{Iterations: 300, Seed: seed, MinGain: 1}); err != nil {
			t.Fatal(err)
		}
		b.runsOver(t)
	}
	checkPlan(t, b)
}

// A will-call that is called for is not put beside somebody whose fare would be too much with its own.
func TestAWillCallIsFetchedWithinTheFareCap(t *testing.T) {
	b := fareBench(t, 1)
	home := trip("R-1", 5, 5, 6, 6, 0)
	home.Wish, home.MaxWait = Wish{DepartAfter, Window{9 * 3600, 12*3600 - 3600}}, 1800
	call := b.mustBook(t, home, "call")
	other := trip("R-2", 5, 5, 6, 6, 0)
	other.Wish = Wish{PickupWithin, Window{10 * 3600, 10*3600 + 1200}}
	b.mustBook(t, other, "other")
	b.runsOver(t)
	b.at(10*3600 - 600)
	called, err := b.Activate(t.Context(), caller, "kurobe", Activation{Ride: call.ID, Via: ViaPhone}, "now")
	if err != nil || !called.Placed || called.Late > 0 {
		t.Fatalf("%+v, %v", called, err)
	}
	b.runsOver(t)
}

// A quota counts the rides of one trip too, though none of them is booked before the others.
func TestAQuotaCountsTheRidesOfATripWithEachOther(t *testing.T) {
	text := strings.Replace(farePolicy, `"modes": [`,
		`"quotas": [{"id": "day", "rides": 2, "per": "DAY", "purposes": ["grocery"], "source": "F"}], "modes": [`, 1)
	b := ruledBench(t, 1, text)
	req := errands("R-1")
	for i := range req.Legs {
		req.Legs[i].Purpose = "grocery"
	}
	quote, err := b.QuoteTrip(t.Context(), caller, req)
	if err != nil || len(quote.Offers) > 0 || quote.Failed != 2 || quote.Refusals[0].Code != CodeQuota {
		t.Fatalf("four shopping rides where two are within the quota: failed at %d, %d offers, %v", quote.Failed, len(quote.Offers), err)
	}
	req.Legs = req.Legs[:2]
	rides := b.bookTrip(t, req, "two")
	if third, err := b.Quote(t.Context(), caller, func() Request {
		r := trip("R-1", 2, 2, 7, 7, 15*3600)
		r.Purpose = "grocery"
		return r
	}()); err != nil || len(third.Offers) > 0 || third.Refusals[0].Code != CodeQuota {
		t.Errorf("a third ride: %d offers, %v", len(third.Offers), err)
	}
	later := trip("R-1", 1, 1, 9, 9, 9*3600+900)
	later.Purpose = "grocery"
	b.change(t, rides[0], later) // it takes its own place
}
