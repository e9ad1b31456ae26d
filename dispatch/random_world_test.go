package dispatch_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
	"github.com/swmaas/swmaas/dispatch/seal"
	"github.com/swmaas/swmaas/testdata/redistest"
	"github.com/swmaas/swmaas/vehicles"
)

const (
	randomDesks = 3 // each stands for a process of its own: its own client, key ring and memory
	randomVans  = 5 // of an area
	randomHomes = 30
)

// randomAreas lie on different masters of a cluster of three: slots 2843, 8122 and 15118.
func randomAreas() []dispatch.AreaID { return []dispatch.AreaID{"kurobe", "nyuzen", "uozu"} }

// randomPolicy lets residents share with residents and care users of one facility with each other, and nobody else.
const randomPolicy = `{
  "name": "P", "area": "AREA", "from": "2026-04-01", "document": "P-1",
  "days": {"weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "holidays": true, "from": "6:00", "to": "20:00", "source": "P"},
  "booking": {"notice_min": 5, "ahead_days": 60, "returns_exempt": true, "source": "P"},
  "limits": {"ride_ratio": 1.5, "ride_extra_min": 15, "max_wait_min": 90, "max_direct_min": 60, "source": "P"},
  "quotas": [{"id": "day", "rides": 3, "per": "DAY", "purposes": ["grocery"], "source": "P"}],
  "modes": [
    {"mode": "KAIGO_SOUGEI", "basis": "B", "riders": {"standings": ["CARE_USER"], "own_users": true, "source": "P"},
      "pooling": {"kind": "FACILITY", "source": "P"}, "area": {"kind": "ANYWHERE", "source": "P"}, "driver": {"source": "P"},
      "vehicle": {"source": "P"}, "price": {"kind": "CARE_FEE", "source": "P"}},
    {"mode": "NO_REG", "basis": "B", "riders": {"standings": ["RESIDENT"], "source": "P"},
      "pooling": {"kind": "FREE", "source": "P"}, "area": {"kind": "ANYWHERE", "source": "P"}, "driver": {"source": "P"},
      "vehicle": {"plate": "PRIVATE", "source": "P"}, "price": {"kind": "FREE", "source": "P"}}
  ]
}`

// randomWorld is a few areas with a fleet and riders each, several desks on one store, and a clock that only the test moves.
type randomWorld struct {
	// immutable after newRandomWorld
	fleet    vehicles.Fleet
	shifts   []vehicles.Shift
	policies *dispatch.PolicySet
	travel   dispatch.TravelTimes
	connect  func() redis.UniversalClient
	keys     string // folder of the key ring
	store    *planstore.Store
	desks    []*dispatch.Desk

	calendar randomCalendar // of today

	seconds atomic.Int64 // of the clock, since 1970
	day     dispatch.Day // the service day of now; changed between rounds only
}

// oneRedis starts a Redis until the test ends, and returns how to connect to it.
func oneRedis(t *testing.T) (connect func() redis.UniversalClient) {
	socket := redistest.Start(t)
	return func() redis.UniversalClient {
		client := redis.NewClient(&redis.Options{Network: "unix", Addr: socket})
		t.Cleanup(func() { _ = client.Close() })
		return client
	}
}

func newRandomWorld(t *testing.T, connect func() redis.UniversalClient) *randomWorld {
	t.Helper()
	w := &randomWorld{travel: storyRoads(t), connect: connect, keys: t.TempDir(), day: "2026-06-01"}
	var files []dispatch.PolicyFile
	for _, area := range randomAreas() {
		text := strings.Replace(randomPolicy, "AREA", string(area), 1)
		files = append(files, dispatch.PolicyFile{Name: string(area) + ".json", Text: []byte(text)})
	}
	var err error
	if w.policies, err = dispatch.ParsePolicies(jst(), files...); err != nil {
		t.Fatal(err)
	}
	w.buildFleet()
	w.at(6*3600 + 1800)
	w.store = w.newStore(t)
	for range randomDesks {
		w.desks = append(w.desks, w.newDesk(t))
	}
	return w
}

// buildFleet makes vans of two facilities, some with a ramp, all free but for an own round at noon.
func (w *randomWorld) buildFleet() {
	for _, id := range []vehicles.FacilityID{"F-1", "F-2"} {
		w.fleet.Facilities = append(w.fleet.Facilities, vehicles.Facility{ID: id, Name: string(id), At: corner(5, 5)})
	}
	for i := range randomVans {
		id := vehicles.VehicleID(fmt.Sprintf("V-%02d", i))
		home := corner(i*2%12, i*5%12)
		van := vehicles.Vehicle{
			ID: id, Owner: w.fleet.Facilities[i%2].ID, Home: home, Cabin: vehicles.Cabin{{Seats: 4}, {Seats: 2, Wheelchairs: 1}},
			Dwell: vehicles.Dwell{PerStop: 20, PerWheelchair: 90},
		}
		if i%2 == 0 {
			van.Equipment = vehicles.Ramp
		}
		driver := vehicles.DriverID(fmt.Sprintf("D-%02d", i))
		w.fleet.Vehicles = append(w.fleet.Vehicles, van)
		w.fleet.Drivers = append(w.fleet.Drivers, vehicles.Driver{ID: driver, Facility: van.Owner, Licence: vehicles.FirstClass})
		w.shifts = append(w.shifts, vehicles.Shift{
			ID: vehicles.ShiftID("S-" + string(id)), Vehicle: id, Driver: driver, Start: home, End: home,
			Span: vehicles.Span{Start: 7 * 3600, End: 18 * 3600}, OwnRounds: []vehicles.Span{{Start: 12 * 3600, End: 13 * 3600}},
		})
	}
}

// Fleet and Shifts make the world the fleet store of its desks; every area and every day begins like the others.
func (w *randomWorld) Fleet(context.Context, string) (vehicles.Fleet, error) { return w.fleet, nil }

func (w *randomWorld) Shifts(_ context.Context, area, _ string) ([]vehicles.Shift, error) {
	return w.calendar.of(dispatch.AreaID(area), w.shifts), nil
}

// Profile makes the world the register of its desks: every third rider is a user of a facility as well, and every seventh
// does not get on with the next one. Some bear no long ride or wait, or ride in few vehicles.
func (w *randomWorld) Profile(_ context.Context, _ dispatch.AreaID, id dispatch.RiderID) (*dispatch.RiderProfile, error) {
	n := riderNumber(id)
	p := &dispatch.RiderProfile{Facts: dispatch.RiderFacts{Standing: dispatch.Resident}, Board: 60, Alight: 45}
	if f := userOf(n); f != "" {
		p.UserOf = []dispatch.Membership{{Facility: f, Standing: dispatch.CareUser, Dates: vehicles.Dates{From: "2026-04-01"}}}
	}
	if n%7 == 0 {
		p.Apart = []dispatch.RiderID{riderID(n + 1)}
	}
	if n%10 == 9 {
		p.NotDrivers = []vehicles.DriverID{"D-01"}
	}
	p.Limits = limitsOf(n)
	return p, nil
}

// limitsOf is what a rider asks for beyond the rules.
func limitsOf(n int) (l dispatch.Limits) {
	switch n % 6 {
	case 1:
		l.MaxRide = 25 * 60
	case 2:
		l.MaxWait, l.EasyWait = 40*60, 10*60
	case 3:
		l.EasyRide, l.LikeDrivers = 12*60, []vehicles.DriverID{"D-02", "D-03"}
	}
	if n%8 == 5 {
		l.OnlyVehicles = []vehicles.VehicleID{"V-00", "V-01", "V-04"}
	}
	return l
}

func riderID(n int) dispatch.RiderID { return dispatch.RiderID(fmt.Sprintf("P-%03d", n)) }

func riderNumber(id dispatch.RiderID) int {
	n := 0
	_, _ = fmt.Sscanf(string(id), "P-%d", &n)
	return n
}

// userOf is the facility whose user the rider is, or empty.
func userOf(n int) vehicles.FacilityID {
	if n%3 != 0 {
		return ""
	}
	return vehicles.FacilityID(fmt.Sprint("F-", 1+n/3%2))
}

func (w *randomWorld) newStore(t *testing.T) *planstore.Store {
	t.Helper()
	client := w.connect()
	ring, err := seal.New(w.keys, planstore.NewDataKeys(client), seal.Config{})
	if err != nil {
		t.Fatal(err)
	}
	store, err := planstore.New(client, ring, planstore.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func (w *randomWorld) newDesk(t *testing.T) *dispatch.Desk {
	t.Helper()
	desk, err := dispatch.NewDesk(dispatch.Config{OfferKey: [32]byte{1}, Policies: w.policies, Riders: w}, w.newStore(t), w, w.travel, w.now)
	if err != nil {
		t.Fatal(err)
	}
	return desk
}

func (w *randomWorld) now() time.Time { return time.Unix(w.seconds.Load(), 0).In(jst()) }

// at sets the clock to a second of the service day.
func (w *randomWorld) at(second int32) {
	midnight, _ := time.ParseInLocation(time.DateOnly, string(w.day), jst())
	w.seconds.Store(midnight.Unix() + int64(second))
}

// second is the service-day second of now.
func (w *randomWorld) second() int32 {
	midnight, _ := time.ParseInLocation(time.DateOnly, string(w.day), jst())
	return int32(w.seconds.Load() - midnight.Unix())
}

// pass lets time go by between two rounds, and reports whether a new service day has begun.
func (w *randomWorld) pass(random *rand.Rand) (next bool) {
	second := w.second() + 60*random.Int32N(12)
	if second < 17*3600+1800 {
		w.at(second)
		return false
	}
	w.day = dispatch.Day(vehicles.Date(w.day).Add(1))
	w.calendar.morning()
	w.at(6*3600 + 1800)
	return true
}

// request is what a random caller asks for.
func (w *randomWorld) request(random *rand.Rand, area dispatch.AreaID) dispatch.Request {
	n := random.IntN(randomHomes)
	req := dispatch.Request{
		Area: area, Day: w.day, Rider: riderID(n), Party: dispatch.Party{Load: vehicles.Load{Seats: 1 + random.IntN(2)}},
		Pickup:  dispatch.Place{Label: fmt.Sprint("home of ", n), At: corner(n%12, n*7%12)},
		Dropoff: dispatch.Place{Label: "clinic", At: corner((n%12+1+random.IntN(11))%12, random.IntN(12))}, // in another column
		Purpose: []string{"medical", "grocery", "dialysis"}[random.IntN(3)],
	}
	if n%5 == 4 {
		req.Party = dispatch.Party{Load: vehicles.Load{Wheelchairs: 1}, Needs: vehicles.Ramp}
	}
	if random.IntN(2) == 0 {
		req.Facility = userOf(n)
	}
	if random.IntN(2) == 0 {
		req.Pickup, req.Dropoff = req.Dropoff, req.Pickup
	}
	from := max(w.second(), 7*3600) + 600 + random.Int32N(3*3600)
	req.Wish = dispatch.Wish{Kind: dispatch.DepartAfter, Window: dispatch.Window{Earliest: from, Latest: from + 3600}}
	switch random.IntN(4) {
	case 3: // home from the clinic, whenever they are ready
		req.MaxWait = 1800
	case 0:
		req.Wish = dispatch.Wish{Kind: dispatch.ArriveBy, Window: dispatch.Window{Latest: from + 1800}}
	case 1:
		req.Wish.Kind = dispatch.PickupWithin
	}
	return req
}
