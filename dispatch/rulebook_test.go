package dispatch

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/swmaas/swmaas/dispatch/solver"
	"github.com/swmaas/swmaas/vehicles"
)

// ruled is a policy of the test town: care users of facilities 1 and 2 may share, facility 3 keeps to itself, residents ride
// for free with any driver, and a listed person in registered transport, alone and with a driver who has the course.
const ruled = `{
  "name": "R", "area": "kurobe", "from": "2026-01-01", "document": "R-1",
  "days": {"weekdays": ["mon", "tue", "wed", "thu", "fri"], "from": "8:00", "to": "16:00", "source": "R"},
  "booking": {"notice_min": 30, "cut_off": {"days_before": 0, "at": "15:00", "count": "CIVIL"}, "returns_exempt": true, "source": "R"},
  "limits": {"ride_ratio": 2, "ride_extra_min": 5, "max_ride_min": 40, "max_wait_min": 45, "source": "R"},
  "quotas": [{"id": "two", "rides": 2, "per": "WEEK", "outings": true, "purposes": ["grocery"], "source": "R"}],
  "taxi": {"base_yen": 710, "within_m": 1300, "step_yen": 100, "every_m": 270, "half_hour_yen": 3500, "source": "R"},
  "co_ride": [{"standings": ["CARE_USER", "CARE_USER"], "permit": true, "from": "2026-01-01", "document": "R-2"}],
  "joint_agreements": [{"id": "J", "parties": ["1", "2"], "from": "2026-01-01", "cost_key": "RIDER_KM", "liability": "owner", "document": "R-3"}],
  "modes": [
    {"mode": "KAIGO_SOUGEI", "basis": "B", "riders": {"standings": ["CARE_USER"], "own_users": true, "source": "R"},
      "pooling": {"kind": "FACILITY", "source": "R"}, "area": {"kind": "ANYWHERE", "source": "R"}, "driver": {"source": "R"},
      "vehicle": {"source": "R"}, "price": {"kind": "CARE_FEE", "source": "R"}},
    {"mode": "FUKUSHI_YUSHO", "basis": "B", "riders": {"standings": ["RESIDENT"], "listed": true, "source": "R"},
      "pooling": {"kind": "ALONE", "source": "R"}, "area": {"kind": "ANYWHERE", "source": "R"},
      "driver": {"licences": [{"class": "SECOND"}, {"class": "FIRST", "any_of": ["FUKUSHI"]}], "source": "R"},
      "vehicle": {"source": "R"}, "price": {"kind": "FLAT", "base_yen": 400, "cap_ratio": 0.8, "source": "R"}},
    {"mode": "NO_REG", "basis": "B", "riders": {"standings": ["RESIDENT"], "source": "R"},
      "pooling": {"kind": "FREE", "source": "R"}, "area": {"kind": "ANYWHERE", "source": "R"}, "driver": {"source": "R"},
      "vehicle": {"source": "R"}, "price": {"kind": "FREE", "source": "R"}}
  ]
}`

// roll is a register in a map.
type roll map[RiderID]*RiderProfile

func (r roll) Profile(_ context.Context, _ AreaID, id RiderID) (*RiderProfile, error) {
	if p := r[id]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("%w: rider %s", ErrNotFound, id)
}

func userOf(facility vehicles.FacilityID) *RiderProfile {
	return &RiderProfile{UserOf: []Membership{{Facility: facility, Standing: CareUser}}}
}

// newRuled is a desk under the policy, with vans owned by facilities 1, 2 and 3 in turn, van 0's driver with the course.
func newRuled(t testing.TB, vans int, riders Riders) *bench {
	t.Helper()
	zone := time.FixedZone("JST", 9*3600)
	set, err := ParsePolicies(zone, PolicyFile{"r.json", []byte(ruled)})
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, vans)
	fleet := b.fleet.(fixedFleet)
	for i := range fleet.fleet.Vehicles {
		driver := vehicles.Driver{ID: vehicles.DriverID(fmt.Sprintf("D-%d", i)), Licence: vehicles.FirstClass, Class: vehicles.Employee}
		if i == 0 {
			driver.Courses = []string{"FUKUSHI"}
		}
		fleet.fleet.Drivers = append(fleet.fleet.Drivers, driver)
		fleet.fleet.Vehicles[i].Owner = vehicles.FacilityID(fmt.Sprint(i%3 + 1))
		fleet.shifts[i].Driver = driver.ID
	}
	b.Desk, err = NewDesk(Config{OfferKey: [32]byte{1}, Unchecked: true, Policies: set, Riders: riders}, b.store, fleet, b.travel, func() time.Time { return b.now })
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) mustQuote(t *testing.T, req Request) *Quote {
	t.Helper()
	quote, err := b.Quote(t.Context(), Actor{"test"}, req)
	if err != nil {
		t.Fatal(err)
	}
	return quote
}

func TestARideIsBookedUnderTheTermsOfThePolicy(t *testing.T) {
	listed := &RiderProfile{Facts: RiderFacts{Listed: []Listing{{Mode: FukushiYusho}}}}
	b := newRuled(t, 3, roll{"care": userOf("1"), "listed": listed})
	care := trip("care", 1, 1, 9, 9, 10*3600)
	care.Facility = "1"
	for name, c := range map[string]struct {
		req  Request
		want Terms
	}{
		"a resident nobody knows":         {trip("R-9", 1, 1, 9, 9, 10*3600), Terms{NoReg, Resident, "", 0, true, "R"}},
		"a user on the facility's ride":   {care, Terms{KaigoSougei, CareUser, "1", 0, true, "R"}},
		"a user on an errand of her own":  {trip("care", 2, 1, 9, 9, 14*3600), Terms{NoReg, Resident, "", 0, true, "R"}},
		"a listed person, the first mode": {trip("listed", 1, 1, 9, 9, 14*3600), Terms{FukushiYusho, Resident, "", 400, true, "R"}},
	} {
		ride := b.mustBook(t, c.req, name)
		if ride.Terms != c.want {
			t.Errorf("%s: terms %+v, want %+v", name, ride.Terms, c.want)
		}
	}
}

func TestAClaimToBeAFacilitysUserCountsOnlyWithTheRegister(t *testing.T) {
	b := newRuled(t, 3, roll{})
	req := trip("R-1", 1, 1, 9, 9, 10*3600)
	req.Facility = "1"
	if ride := b.mustBook(t, req, "k"); ride.Terms.Mode != NoReg {
		t.Errorf("terms %+v", ride.Terms)
	}
}

func TestAQuoteRefusesWithThePolicysReason(t *testing.T) {
	shopper := trip("R-1", 1, 1, 9, 9, 10*3600)
	shopper.Purpose = "grocery"
	for name, c := range map[string]struct {
		at   int32
		req  Request
		code string
		rule string
	}{
		"after the hours":      {7 * 3600, Request{Wish: Wish{PickupWithin, Window{17 * 3600, 18 * 3600}}}, CodeOutsideService, "outside_hours"},
		"too late for notice":  {9 * 3600, Request{Wish: Wish{PickupWithin, Window{9*3600 + 600, 9*3600 + 1200}}}, CodeNotice, "notice"},
		"after the cut-off":    {15*3600 + 60, Request{Wish: Wish{PickupWithin, Window{15*3600 + 1800, 16 * 3600}}}, CodeNotice, "cut_off"},
		"the third of a week":  {7 * 3600, Request{Rider: "often", Purpose: "grocery", Wish: shopper.Wish}, CodeQuota, "quota"},
		"an attendant missing": {7 * 3600, Request{Rider: "helped", Wish: shopper.Wish}, CodeNeedAttendant, "attendant"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newRuled(t, 3, roll{"helped": {Facts: RiderFacts{Attendant: true}}})
			for i, x := range []int{3, 6} {
				often := trip("often", x, 1, 9, 9, 14*3600+int32(i)*3600)
				often.Purpose = "grocery"
				b.mustBook(t, often, fmt.Sprint("often", i))
			}
			b.at(c.at)
			req := shopper
			req.Rider, req.Wish, req.Purpose = cmpOr(c.req.Rider, req.Rider), c.req.Wish, c.req.Purpose
			quote := b.mustQuote(t, req)
			if len(quote.Offers) != 0 || len(quote.Refusals) == 0 {
				t.Fatalf("answer %+v", quote)
			}
			r := quote.Refusals[0]
			if r.Code != c.code || r.Cause != c.rule || r.Sentence("ja") == "" || r.Sentence("en") == "" || r.JaWay == "" || r.EnWay == "" {
				t.Errorf("refused with %+v", r)
			}
		})
	}
}

func cmpOr(a, b RiderID) RiderID {
	if a != "" {
		return a
	}
	return b
}

func TestNobodyIsPromisedARideOutsideTheHoursOrWithoutNotice(t *testing.T) {
	b := newRuled(t, 4, nil)
	rng := rand.New(rand.NewPCG(3, 3))
	for range 200 {
		now := rng.Int32N(9*3600) + 7*3600
		b.at(now)
		from := now + rng.Int32N(5*3600)
		req := trip("R", rng.IntN(12), rng.IntN(12), rng.IntN(12), rng.IntN(12), 0)
		req.Dropoff.At.Lat += 0.001
		req.Wish = Wish{PickupWithin, Window{from, from + rng.Int32N(2*3600)}}
		for _, o := range b.mustQuote(t, req).Offers {
			if w := o.Promise.Pickup; w.Earliest < max(8*3600, now+30*60) || w.Latest > 16*3600 || o.Promise.MaxRide > 40*60 {
				t.Fatalf("at %d: %+v", now, o.Promise)
			}
		}
	}
}

func TestABookingIsDecidedAgainByTheClock(t *testing.T) {
	b := newRuled(t, 3, nil)
	req := trip("R-1", 1, 1, 9, 9, 0)
	req.Wish = Wish{PickupWithin, Window{9 * 3600, 9*3600 + 900}}
	b.at(8*3600 + 30*60)
	quote := b.mustQuote(t, req)
	if len(quote.Offers) == 0 {
		t.Fatalf("no offer: %+v", quote.Refusals)
	}
	last := quote.Offers[0].Promise.Pickup.Latest
	b.at(last - 30*60 + 1)
	b.cfg.OfferLife = time.Hour
	result, err := b.Book(t.Context(), Actor{"test"}, "kurobe", quote.Offers[0].Token, "late")
	if err != nil {
		t.Fatal(err)
	}
	if result.Ride != nil || result.Gone == nil {
		t.Fatalf("booked %+v with less than the notice", result.Ride)
	}
}

func TestOnlyAQualifiedDriverIsAssigned(t *testing.T) {
	listed := &RiderProfile{Facts: RiderFacts{Listed: []Listing{{Mode: FukushiYusho}}}}
	b := newRuled(t, 5, roll{"listed": listed})
	for i, hour := range []int32{9, 10, 11, 14, 15} {
		req := trip("listed", i, 1, 9, 9, hour*3600)
		if ride := b.mustBook(t, req, fmt.Sprint(i)); ride.Terms.Mode == FukushiYusho {
			if v := b.vehicleOf(t, ride.ID); v != "V-00" {
				t.Errorf("ride %d is on %s, whose driver lacks the course", i, v)
			}
		}
	}
}

// vehicleOf is the vehicle that carries a ride.
func (b *bench) vehicleOf(t *testing.T, id RideID) vehicles.VehicleID {
	t.Helper()
	state, err := b.State(t.Context(), "kurobe", testDay)
	if err != nil {
		t.Fatal(err)
	}
	route := state.RouteOf(id)
	shifts, _ := b.Shifts(t.Context(), "kurobe", testDay)
	for _, s := range shifts {
		if route != nil && s.ID == route.Shift {
			return s.Vehicle
		}
	}
	t.Fatalf("ride %s is on no route", id)
	return ""
}

func TestPeopleAreKeptApartAndDriversAreKept(t *testing.T) {
	riders := roll{
		"shy":   {Apart: []RiderID{"loud"}},
		"picky": {NotDrivers: []vehicles.DriverID{"D-0"}},
		"loyal": {OnlyDrivers: []vehicles.DriverID{"D-1"}},
	}
	b := newRuled(t, 2, riders)
	for i, name := range []string{"loud", "shy", "picky", "loyal", "loud", "picky", "loyal", "shy"} {
		b.mustBook(t, trip(name, i%3, 1, 9, 9, int32(10+i/3*2)*3600), fmt.Sprint(i))
	}
	for seed := range uint64(3) {
		if _, err := b.Improve(t.Context(), "kurobe", testDay, ImproveOptions{Iterations: 2000, Seed: seed, MinGain: 1}); err != nil {
			t.Fatal(err)
		}
	}
	b.checkLaw(t)
}

// checkLaw goes through every route and finds who is aboard with whom and who drives whom, by the policy function alone.
func (b *bench) checkLaw(t *testing.T) {
	t.Helper()
	state, err := b.State(t.Context(), "kurobe", testDay)
	if err != nil {
		t.Fatal(err)
	}
	shifts, _ := b.Shifts(t.Context(), "kurobe", testDay)
	fleet := b.fleet.(fixedFleet).fleet
	policy := b.cfg.Policies.(*PolicySet).At("kurobe", testDay)
	for _, s := range shifts {
		route := state.Routes[s.ID]
		if route == nil {
			continue
		}
		var aboard []*Ride
		for _, stop := range route.Stops {
			ride := state.Rides[stop.Ride]
			if stop.Kind == DropoffStop {
				aboard = slices.DeleteFunc(aboard, func(r *Ride) bool { return r == ride })
				continue
			}
			c := CandidateOf(&vehicles.Calendar{Fleet: fleet}, s)
			q := Question{Area: "kurobe", Day: testDay, Mode: ride.Terms.Mode, Rider: RiderFacts{Standing: ride.Terms.Standing, Facility: ride.Terms.Facility, Listed: []Listing{{Mode: FukushiYusho}}}, Shift: &c}
			for _, o := range aboard {
				x := Passenger{o.Terms.Mode, o.Terms.Standing, o.Terms.Facility, o.Purpose}
				q.Aboard = append(q.Aboard, x)
				if slices.Contains(ride.Party.Apart, o.Rider) || slices.Contains(o.Party.Apart, ride.Rider) {
					t.Errorf("%s and %s are aboard %s together", ride.Rider, o.Rider, s.ID)
				}
			}
			if d := b.cfg.Policies.(*PolicySet).Decide(q); !d.Permitted() {
				t.Errorf("ride %s on %s: %+v", ride.ID, s.ID, d.Refusals)
			}
			if slices.Contains(ride.Party.NotDrivers, s.Driver) || len(ride.Party.OnlyDrivers) > 0 && !slices.Contains(ride.Party.OnlyDrivers, s.Driver) {
				t.Errorf("%s is driven by %s", ride.Rider, s.Driver)
			}
			aboard = append(aboard, ride)
		}
	}
	if policy == nil {
		t.Fatal("no policy")
	}
}

func TestEveryPlanKeepsThePolicy(t *testing.T) {
	riders := roll{}
	for i := range 40 {
		id := RiderID(fmt.Sprint("R-", i))
		switch i % 5 {
		case 0, 1:
			riders[id] = userOf(vehicles.FacilityID(fmt.Sprint(i%3 + 1)))
		case 2:
			riders[id] = &RiderProfile{Facts: RiderFacts{Listed: []Listing{{Mode: FukushiYusho}}}}
		case 3:
			riders[id] = &RiderProfile{Apart: []RiderID{RiderID(fmt.Sprint("R-", (i+3)%40))}}
		}
	}
	rng := rand.New(rand.NewPCG(1, 9))
	b := newRuled(t, 4, riders)
	pooled := 0
	for i := range 60 {
		n := rng.IntN(40)
		req := trip(fmt.Sprint("R-", n), rng.IntN(12), rng.IntN(6), rng.IntN(12), 6+rng.IntN(6), int32(9+rng.IntN(6))*3600)
		if p := riders[req.Rider]; p != nil && len(p.UserOf) > 0 && rng.IntN(3) > 0 {
			req.Facility = p.UserOf[0].Facility
		}
		quote := b.mustQuote(t, req)
		if len(quote.Offers) == 0 {
			continue
		}
		if _, err := b.Book(t.Context(), Actor{"test"}, "kurobe", quote.Offers[0].Token, fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
		if i%10 == 9 {
			if _, err := b.Improve(t.Context(), "kurobe", testDay, ImproveOptions{Iterations: 500, Seed: uint64(i), MinGain: 1}); err != nil {
				t.Fatal(err)
			}
			b.checkLaw(t)
		}
	}
	a, _ := b.open(t.Context(), "kurobe", testDay)
	m, err := a.buildModel(a.second())
	if err != nil {
		t.Fatal(err)
	}
	if bad := solver.Verify(m.problem, m.solution); len(bad) > 0 {
		t.Errorf("the plan breaks the model: %v", bad)
	}
	for _, route := range a.state.Routes {
		for i := 1; i < len(route.Stops); i++ {
			if route.Stops[i].Kind == PickupStop && route.Stops[i-1].Kind == PickupStop {
				pooled++
			}
		}
	}
	if pooled == 0 {
		t.Error("nobody shares a ride: the test shows nothing")
	}
}

// A rule that changes does not tear a plan apart that was made before it: the model stays feasible.
func TestAPlanFromBeforeARuleIsLeftAsItIs(t *testing.T) {
	free := newBench(t, 1) // without policies
	for i := range 3 {
		free.mustBook(t, trip(fmt.Sprint("R-", i), i, 1, 9, 9, 10*3600), fmt.Sprint(i))
	}
	b := newRuled(t, 1, roll{"R-1": {NotDrivers: []vehicles.DriverID{"D-0"}}})
	b.store.state = free.store.state
	a, err := b.open(t.Context(), "kurobe", testDay)
	if err != nil {
		t.Fatal(err)
	}
	m, err := a.buildModel(a.second())
	if err != nil {
		t.Fatal(err)
	}
	if bad := solver.Verify(m.problem, m.solution); len(bad) > 0 {
		t.Errorf("the plan breaks the model: %v", bad)
	}
	if ride := b.mustBook(t, trip("R-9", 5, 1, 2, 9, 14*3600), "next"); ride.Terms.Mode != NoReg {
		t.Errorf("terms %+v", ride.Terms)
	}
}

func TestTheRulebooksOptionsAreThePolicySets(t *testing.T) {
	b := newRuled(t, 5, nil)
	a, err := b.open(t.Context(), "kurobe", testDay)
	if err != nil {
		t.Fatal(err)
	}
	facts := []RiderFacts{
		{},
		{Facility: "1", Standing: CareUser},
		{Facility: "3", Standing: CareUser},
		{Facility: "9", Standing: CareUser},
		{Listed: []Listing{{Mode: FukushiYusho}}},
		{Standing: Visitor},
		{Standing: DisabilityUser, Facility: "1"},
	}
	for i, f := range facts {
		q := Question{Area: "kurobe", Day: testDay, Rider: f, Pickup: corner(1, 1), Dropoff: corner(4, 4), Meters: 3000, Direct: 300}
		options, refusals := a.legal.options(q)
		wantOptions, wantRefusals := b.cfg.Policies.(*PolicySet).Options(q, a.legal.shifts)
		if !reflect.DeepEqual(options, wantOptions) || !reflect.DeepEqual(refusals, wantRefusals) {
			t.Errorf("facts %d:\n got %+v %+v\nwant %+v %+v", i, options, refusals, wantOptions, wantRefusals)
		}
	}
}
