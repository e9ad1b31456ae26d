package sim

import (
	"strings"
	"testing"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// smallDay is two rides that share one vehicle: A aboard 9:05–9:30, B aboard 9:15–9:40.
func smallDay() *Record {
	a, b := geo.LatLng{Lat: 36.87, Lng: 137.44}, geo.LatLng{Lat: 36.88, Lng: 137.45}
	promise := dispatch.Promise{Pickup: dispatch.Window{Earliest: 9 * 3600, Latest: 9*3600 + 1200}, ArriveBy: 10 * 3600, MaxRide: 1800}
	ride := func(id string) Ride {
		return Ride{
			ID: dispatch.RideID(id), Booking: dispatch.BookingID(id), State: dispatch.Completed, Booked: true,
			Load: vehicles.Load{Seats: 1}, Rider: dispatch.RiderID("R-" + id), As: dispatch.Passenger{Mode: dispatch.NoReg}, Promise: promise, Direct: 1000, Meters: 8000, Pickup: a, Dropoff: b,
		}
	}
	stop := func(kind StopKind, id string, arrive, depart int32, at geo.LatLng) Stop {
		return Stop{Vehicle: "V-1", Kind: kind, Ride: dispatch.RideID(id), Arrive: arrive, Depart: depart, At: at}
	}
	policies, err := dispatch.KurobePolicies(time.FixedZone("JST", 9*3600))
	if err != nil {
		panic(err) // the shipped policies are tested where they are
	}
	return &Record{
		Day: "2027-01-20", Policy: policies.At("kurobe", "2027-01-20"),
		Vehicles: []Vehicle{{ID: "V-1", Cabin: vehicles.Cabin{{Seats: 2}}, Windows: []vehicles.Span{{Start: 8 * 3600, End: 12 * 3600}}, Drivers: []vehicles.DriverID{"D-1"}}},
		Rides:    []Ride{ride("A"), ride("B")},
		Stops: []Stop{
			stop(PickupStop, "A", 32600, 32700, a), stop(PickupStop, "B", 33200, 33300, a),
			stop(DropoffStop, "A", 34200, 34260, b), stop(DropoffStop, "B", 34800, 34860, b),
		},
	}
}

func TestFiguresOfASmallDay(t *testing.T) {
	f := smallDay().Figures()
	// A: 34200 - 32700 = 1500 s of 1000; B: 34800 - 33300 = 1500 s of 1000.
	if f.PooledShare != 1 || f.OnTimeShare != 1 || f.MeanRideRatio != 1.5 || f.P90RideRatio != 1.5 || len(f.Violations) != 0 || f.Completed != 2 {
		t.Errorf("%+v", f)
	}
	group := smallDay()
	group.Rides[1].Booking = "A"
	if got := group.Figures().PooledShare; got != 0 {
		t.Errorf("a group among itself counts as pooled: %g", got)
	}
	late := smallDay()
	late.Rides[0].Promise.ArriveBy = 34199
	if got := late.Figures().OnTimeShare; got != 0.5 {
		t.Errorf("one of two arrives a second late: share %g", got)
	}
}

func TestEveryViolationIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*Record)
		want  string
	}{
		"a driver who was banned": {func(r *Record) { r.Rides[0].NotDrivers = []vehicles.DriverID{"D-1"} }, "does not ride with"},
		"people who may not meet": {func(r *Record) { r.Rides[1].Apart = []dispatch.RiderID{"R-A"} }, "may not meet"},
		"a resident with a care user": {func(r *Record) {
			r.Rides[1].As = dispatch.Passenger{Mode: dispatch.KaigoSougei, Standing: dispatch.CareUser, Facility: "F-01"}
		}, "against the policy"},
		"two on one seat":                  {func(r *Record) { r.Vehicles[0].Cabin[0].Seats = 1 }, "fits no layout"},
		"outside the windows":              {func(r *Record) { r.Vehicles[0].Windows[0].End = 34800 }, "outside"},
		"in an own round":                  {func(r *Record) { r.Vehicles[0].OwnRounds = []vehicles.Span{{Start: 34850, End: 40000}} }, "inside an own round"},
		"somebody aboard in a round":       {func(r *Record) { r.Vehicles[0].OwnRounds = []vehicles.Span{{Start: 33400, End: 33500}} }, "aboard during"},
		"left before the promise":          {func(r *Record) { r.Rides[0].Promise.Pickup.Earliest = 32701 }, "before the promise"},
		"picked up eleven minutes late":    {func(r *Record) { r.Rides[0].Promise.Pickup.Latest = 32600 - 660 }, "late"},
		"arrived eleven minutes late":      {func(r *Record) { r.Rides[0].Promise.ArriveBy = 34200 - 660 }, "arrives"},
		"aboard eleven minutes too long":   {func(r *Record) { r.Rides[0].Promise.MaxRide = 1500 - 660 }, "longer than promised"},
		"faster than any car":              {func(r *Record) { r.Stops[2].Arrive, r.Stops[2].Depart = 33310, 33320 }, " m in "},
		"time runs backwards":              {func(r *Record) { r.Stops[1].Arrive = 32000 }, "arrives before"},
		"departs before it arrives":        {func(r *Record) { r.Stops[0].Depart = 32500 }, "departs before"},
		"a stop elsewhere":                 {func(r *Record) { r.Rides[0].Pickup.Lat += 0.01 }, "from the place"},
		"alights without having boarded":   {func(r *Record) { r.Stops[0].Ride = "B" }, "not aboard"},
		"nobody alights":                   {func(r *Record) { r.Stops = r.Stops[:3] }, "aboard"},
		"completed on two vehicles":        {func(r *Record) { r.Stops[3].Vehicle = "V-2" }, "completed with"},
		"called off, and yet dropped off":  {func(r *Record) { r.Rides[0].State = dispatch.Cancelled }, "but dropped off"},
		"a stop of a ride nobody asked of": {func(r *Record) { r.Stops[0].Ride = "X" }, "unknown ride"},
	} {
		t.Run(name, func(t *testing.T) {
			r := smallDay()
			c.spoil(r)
			if found := strings.Join(r.Violations(), "\n"); !strings.Contains(found, c.want) {
				t.Errorf("found %q, want %q", found, c.want)
			}
		})
	}
}

func TestCallersTakeWhatSuitsThem(t *testing.T) {
	at := func(kind dispatch.WishKind) *Call {
		return &Call{Wish: dispatch.Wish{Kind: kind, Window: dispatch.Window{Earliest: 36000, Latest: 37200}}, Patience: 1800}
	}
	pickup := func(from int32) dispatch.Offer {
		return dispatch.Offer{Promise: dispatch.Promise{Pickup: dispatch.Window{Earliest: from, Latest: from + 1200}}}
	}
	arrival := func(by, planned int32) dispatch.Offer {
		return dispatch.Offer{Promise: dispatch.Promise{ArriveBy: by}, Arrival: planned}
	}
	for name, c := range map[string]struct {
		call  *Call
		offer dispatch.Offer
		want  bool
	}{
		"an appointment that is kept":            {at(dispatch.ArriveBy), arrival(37200, 36600), true},
		"an appointment that is missed":          {at(dispatch.ArriveBy), arrival(37260, 36600), false},
		"half an hour in the waiting room":       {at(dispatch.ArriveBy), arrival(37200, 34200), true},
		"more than that":                         {at(dispatch.ArriveBy), arrival(37200, 34199), false},
		"fetched before being ready":             {at(dispatch.DepartAfter), pickup(35999), false},
		"fetched once ready":                     {at(dispatch.DepartAfter), pickup(36000), true},
		"fetched within patience":                {at(dispatch.DepartAfter), pickup(39000), true},
		"fetched when patience has run out":      {at(dispatch.DepartAfter), pickup(39001), false},
		"an errand may begin a little earlier":   {at(dispatch.PickupWithin), pickup(35100), true},
		"an errand does not begin much earlier":  {at(dispatch.PickupWithin), pickup(35099), false},
		"an errand does not begin an hour later": {at(dispatch.PickupWithin), pickup(40800), false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := suits(c.call, &c.offer); got != c.want {
				t.Errorf("suits = %v", got)
			}
		})
	}
}

func TestTrafficStaysWithinItsBounds(t *testing.T) {
	low, high, total := int32(2000), int32(0), int64(0)
	const drives = 20000
	for i := range int32(drives) {
		stop := dispatch.StopID{Ride: dispatch.RideID(string(rune('A' + i%26))), Kind: dispatch.PickupStop}
		v := inTraffic(1000, luck(uint64(i), "V-01", stop))
		low, high, total = min(low, v), max(high, v), total+int64(v)
		if v != inTraffic(1000, luck(uint64(i), "V-01", stop)) {
			t.Fatal("the same drive takes two times")
		}
	}
	if low < 900 || high > 1150 || low > 930 || high < 1120 || total < 990*drives || total > 1020*drives {
		t.Errorf("from %d to %d, mean %d thousandths", low, high, total/drives)
	}
}

func TestPositionsRunAlongTheWay(t *testing.T) {
	w := newTown(t, 1)
	r := newRoads(w.Graph)
	way, err := r.way(t.Context(), w.Calls[0].Pickup.At, w.Calls[0].Dropoff.At)
	if err != nil {
		t.Fatal(err)
	}
	last := way.Geometry[0]
	for s := int32(0); s <= 600; s += 60 {
		here := along(way, s, 600)
		if m := geo.Distance(last, here); m > float64(way.Meters)/10*1.05 {
			t.Errorf("%.0f m in a tenth of %d m", m, way.Meters)
		}
		last = here
	}
	if last != way.Geometry[len(way.Geometry)-1] {
		t.Error("the drive does not end at its end")
	}
}
