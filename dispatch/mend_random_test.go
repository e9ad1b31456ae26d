package dispatch

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// A day is booked ride by ride and driven for a while; then something happens to its roads, vehicles or drivers. Whatever it is, the same
// must hold of the repair. Each case is made from its number alone: SWMAAS_REPAIR_CASES sets how many there are, and
// SWMAAS_REPAIR_FIRST the number of the first one.

// randomRepair is one case.
type randomRepair struct {
	*bench
	t      *testing.T
	random *rand.Rand
	was    *State             // before what happened
	missed map[RideID]int32   // before, by the stops' times
	late   map[RideID]bool    // said to be late by a repair
	lift   func() *Repair     // takes back what happened
	what   string             // happened
	under  map[string]planned // by what holds of the roads
}

// planned is the driving time that a plan reckons with on roads.
type planned func(from, to geo.LatLng) int32

func numberFrom(t *testing.T, variable string, usual int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

func TestWhateverHappensTheRepairKeepsWhatItMust(t *testing.T) {
	t.Parallel()
	first, happened := numberFrom(t, "SWMAAS_REPAIR_FIRST", 0), map[string]int{}
	for n := range numberFrom(t, "SWMAAS_REPAIR_CASES", 60) {
		r := &randomRepair{
			bench: newBench(t, 2+n%4), t: t, random: rand.New(rand.NewPCG(uint64(first+n), 1)), late: map[RideID]bool{}, under: map[string]planned{},
		}
		r.play(happened)
		if t.Failed() {
			t.Fatalf("case %d: %s", first+n, r.what)
		}
	}
	t.Log(happened)
	for _, what := range []string{"closure", "slow", "breakdown", "sick", "snow", "kept", "moved", "fetched", "dropped", "postponed", "late"} {
		if happened[what] == 0 && os.Getenv("SWMAAS_REPAIR_CASES") == "" {
			t.Errorf("%q never happened: the test shows little", what)
		}
	}
}

// play books, drives, has something happen, takes it back or not, and drives on.
func (r *randomRepair) play(happened map[string]int) {
	r.book()
	r.drive(r.t, int32(8*3600+r.random.IntN(4*3600)))
	r.was, r.missed = r.store.state, r.misses()
	repair, kind := r.happen()
	happened[kind]++
	for name, list := range map[string][]RideID{
		"kept": repair.Kept, "moved": repair.Moved, "fetched": repair.Fetched, "dropped": repair.Dropped, "postponed": repair.Postponed, "late": repair.Late,
	} {
		happened[name] += len(list)
	}
	r.repaired(repair)
	r.still()
	if r.random.IntN(2) == 0 {
		r.was, r.missed = r.store.state, r.misses()
		lifted := r.lift()
		r.what += ", and it is taken back"
		if n := len(lifted.Late) + len(lifted.Dropped) + len(lifted.Moved); n > 0 {
			r.t.Errorf("what happened is over, and somebody is the worse for it: %+v", lifted)
		}
		r.repaired(lifted)
		r.still()
	}
	r.answer()
	r.drive(r.t, 20*3600)
	for id, ride := range r.store.state.Rides {
		if ride.Open() {
			r.t.Errorf("at the end of the day ride %s is %s", id, ride.State)
		}
	}
}

// answer has those who were put off accept or decline the places that they are offered.
func (r *randomRepair) answer() {
	for n := 0; ; n++ {
		var id RideID
		for _, ride := range sortedIDs(r.store.state.Rides) {
			if r.store.state.Rides[ride].State == Offered {
				id = ride
			}
		}
		if id == "" {
			return
		}
		var err error
		if r.random.IntN(2) == 0 {
			_, _, err = r.Accept(r.t.Context(), caller, "kurobe", id, fmt.Sprint("a", n))
		} else {
			_, _, err = r.Decline(r.t.Context(), caller, "kurobe", id, "", fmt.Sprint("a", n))
		}
		if err != nil {
			r.t.Fatal(err)
		}
	}
}

// book fills the day.
func (r *randomRepair) book() {
	for n := range 8 + r.random.IntN(16) {
		x, y := r.random.IntN(12), r.random.IntN(12)
		req := trip(fmt.Sprint("P-", n), x, y, (x+1+r.random.IntN(11))%12, r.random.IntN(12), int32(9*3600+r.random.IntN(6*3600)))
		req.Purpose = []string{"dialysis", "medical", "grocery"}[r.random.IntN(3)]
		if r.random.IntN(4) == 0 {
			req.Party.Load = vehicles.Load{Wheelchairs: 1}
		}
		if from := req.Wish.Window.Latest; r.random.IntN(2) == 0 {
			req.Wish = Wish{Kind: PickupWithin, Window: Window{from - 1800, from}}
		}
		quote, err := r.Quote(r.t.Context(), caller, req)
		if err != nil {
			r.t.Fatal(err)
		}
		if len(quote.Offers) == 0 {
			continue
		}
		result, err := r.Book(r.t.Context(), caller, "kurobe", quote.Offers[0].Token, fmt.Sprint("k", n))
		if err != nil || result.Ride == nil {
			r.t.Fatalf("%+v, %v", result, err)
		}
		if r.random.IntN(8) == 0 {
			lock := LockChange{Kind: LockKind(1 + r.random.IntN(3)), Rides: []RideID{result.Ride.ID}}
			if _, _, err := r.Lock(r.t.Context(), caller, "kurobe", testDay, lock, fmt.Sprint("l", n)); err != nil {
				r.t.Fatal(err)
			}
		}
	}
}

// happen lets something happen.
func (r *randomRepair) happen() (*Repair, string) {
	switch kind := []string{"closure", "slow", "breakdown", "sick", "snow"}[r.random.IntN(5)]; kind {
	case "closure", "slow":
		return r.roads(kind == "slow"), kind
	case "snow":
		return r.storm(), kind
	default:
		return r.stands(kind == "sick"), kind
	}
}

// block is a random block of the town.
func (r *randomRepair) block() []geo.LatLng {
	x, y, n := r.random.IntN(9), r.random.IntN(9), 1+r.random.IntN(4)
	return []geo.LatLng{corner(x, y), corner(x+n, y), corner(x+n, y+n), corner(x, y+n)}
}

func (r *randomRepair) roads(slow bool) *Repair {
	from := r.now.Add(time.Duration(r.random.IntN(90)-30) * time.Minute)
	o := ConditionOrder{
		From: from, Until: from.Add(time.Duration(30+r.random.IntN(180)) * time.Minute),
		Condition: Condition{Kind: RoadClosed, Reason: "FLOOD", Shape: r.block()},
	}
	if x := 0.5 + float64(r.random.IntN(11)); r.random.IntN(2) == 0 { // the town is cut in two, or nearly
		west, last := 137.43+x*0.0056, 36.85+float64(7+r.random.IntN(6))*0.0045
		o.Shape, o.Line = []geo.LatLng{{Lat: 36.845, Lng: west}, {Lat: last, Lng: west}}, true
	}
	if slow {
		o.Kind, o.Percent = RoadSlow, int32(130+r.random.IntN(300))
	}
	r.what = fmt.Sprintf("%s %v from %s to %s", o.Kind, o.Shape, o.From.Format("15:04:05"), o.Until.Format("15:04:05"))
	id, days, err := r.SetCondition(r.t.Context(), caller, "kurobe", o, "c1")
	if err != nil {
		r.t.Fatal(err)
	}
	r.lift = func() *Repair {
		done, err := r.LiftCondition(r.t.Context(), caller, "kurobe", testDay, id, 1, "c2")
		if err != nil {
			r.t.Fatal(err)
		}
		return &done[0].Repair
	}
	return &days[0].Repair
}

func (r *randomRepair) storm() *Repair {
	second := int32(r.now.Sub(r.midnight(r.t)) / time.Second)
	from := second + int32(r.random.IntN(3600))
	o := StormOrder{Day: testDay, Storm: Storm{Window: Window{from, from + 3600}, Keep: []string{"dialysis", "medical"}[:1+r.random.IntN(2)]}}
	if r.random.IntN(2) == 0 {
		o.Shape = r.block()
	}
	o.Snow = []SnowDepth{"", LightSnow, HeavySnow}[r.random.IntN(3)]
	r.what = fmt.Sprintf("snow mode %+v", o.Storm)
	id, repair, err := r.SetStorm(r.t.Context(), caller, "kurobe", o, "c1")
	if err != nil {
		r.t.Fatal(err)
	}
	r.lift = func() *Repair {
		o.ID, o.Version, o.Lifted = id, 1, true
		_, done, err := r.SetStorm(r.t.Context(), caller, "kurobe", o, "c2")
		if err != nil {
			r.t.Fatal(err)
		}
		return done
	}
	return repair
}

func (r *randomRepair) stands(sick bool) *Repair {
	o := StandDown{Day: testDay, Vehicle: vehicles.VehicleID(fmt.Sprintf("V-%02d", r.random.IntN(2))), Cause: Breakdown, At: corner(r.random.IntN(12), r.random.IntN(12))}
	if sick {
		o.Cause = DriverSick
	}
	r.what = fmt.Sprintf("%s of %s at %v", o.Cause, o.Vehicle, r.now.Format("15:04:05"))
	repair, err := r.TakeOut(r.t.Context(), caller, "kurobe", o, "c1")
	if err != nil {
		r.t.Fatal(err)
	}
	r.lift = func() *Repair {
		done, err := r.BringBack(r.t.Context(), caller, "kurobe", BackInService{Day: testDay, Vehicle: o.Vehicle, At: o.At}, "c2")
		if err != nil {
			r.t.Fatal(err)
		}
		return done
	}
	return repair
}

// still makes sure that a repair leaves nothing to be mended.
func (r *randomRepair) still() {
	before := r.store.state.Revision
	for range 2 {
		if _, err := r.Mend(r.t.Context(), "kurobe", testDay); err != nil {
			r.t.Fatal(err)
		}
	}
	if got := r.store.state.Revision; got != before {
		r.t.Errorf("after the repair the engine mends again: %+v", r.store.events[max(0, len(r.store.events)-6):])
	}
}

// repaired holds a repair against the plan before it.
func (r *randomRepair) repaired(done *Repair) {
	now := r.store.state
	r.sound(r.t)
	wrong, err := r.Verified(r.t.Context(), "kurobe", testDay)
	if err != nil || len(wrong) > 0 {
		r.t.Errorf("the plan breaks a rule: %q, %v", wrong, err)
	}
	r.accounts(done)
	for _, id := range done.Late {
		r.late[id] = true
	}
	for id, by := range r.misses() {
		if before := r.missed[id]; by > before+missTolerance && !r.late[id] && !slices.Contains(done.Fetched, id) {
			r.t.Errorf("ride %s misses its promise by %d s, before by %d, and the repair does not say so", id, by, before)
		}
	}
	for id := range now.Routes {
		r.drivable(now.Routes[id])
	}
}

// accounts looks for every ride that was promised: it is promised the same and carried, or the repair says what has become of it, and
// who has to be told.
func (r *randomRepair) accounts(done *Repair) {
	now, told := r.store.state, map[RideID]bool{}
	for _, n := range now.Notes {
		if t, ok := n.Body.(*Tell); ok && t.Told == nil {
			told[t.Ride] = true
		}
	}
	for id, before := range r.was.Rides {
		after, lists := now.Rides[id], 0
		for _, list := range [][]RideID{done.Kept, done.Moved, done.Fetched, done.Dropped, done.Postponed} {
			if slices.Contains(list, id) {
				lists++
			}
		}
		carried := now.RouteOf(id) != nil
		moved := after.Promise != before.Promise
		switch {
		case lists > 1:
			r.t.Errorf("ride %s is in %d lists of the repair: %+v", id, lists, done)
		case before.State == UnderWay && after.State == UnderWay && carried, before.State.Ended(), before.waits():
		case before.State == UnderWay && slices.Contains(done.Fetched, id) && carried && told[id]:
		case slices.Contains(done.Dropped, id) && told[id] && !carried && after.State.Ended():
		case slices.Contains(done.Postponed, id) && told[id] && after.waits(): // perhaps with a place after the storm on offer already
		case before.State == Booked && after.State == Booked && carried && !moved:
		case before.State == Booked && after.State == Booked && carried && slices.Contains(done.Moved, id):
			if !told[id] && after.Promise.moved(before.Promise) {
				r.t.Errorf("ride %s was promised %+v and is promised %+v, and nobody has to be told", id, before.Promise, after.Promise)
			}
		default:
			r.t.Errorf("ride %s was %s and is %s, carried %v, told %v, moved %v: %+v", id, before.State, after.State, carried, told[id], moved, done)
		}
	}
}

// misses is by how many seconds the stops of the stored routes miss promises and locks in time; promises that are kept are left out.
func (r *randomRepair) misses() map[RideID]int32 {
	out := map[RideID]int32{}
	for _, route := range r.store.state.Routes {
		boarded := map[RideID]int32{}
		for _, s := range route.Stops {
			ride := r.store.state.Rides[s.Ride]
			by := s.Begin - ride.Promise.Pickup.Latest
			switch {
			case s.Kind == PickupStop && ride.Locks.At > 0:
				by = max(by, s.Begin-ride.Locks.At, ride.Locks.At-s.Begin)
			case s.Kind == PickupStop:
				by = max(by, ride.Promise.Pickup.Earliest-s.Begin)
			default:
				if by = s.Begin - boarded[s.Ride] - ride.Promise.MaxRide; ride.Promise.ArriveBy > 0 {
					by = max(by, s.Begin-ride.Promise.ArriveBy)
				}
			}
			if s.Kind == PickupStop {
				boarded[s.Ride] = s.Depart
			}
			if by > 0 && !s.State.Finished() {
				out[s.Ride] = max(out[s.Ride], by)
			}
		}
	}
	return out
}

// drivable drives a route in the mind, by what the roads are like in the second in which the vehicle leaves: nobody leaves before they are
// ready, is there before they can be, or takes more people than there are places.
func (r *randomRepair) drivable(route *Route) {
	var load vehicles.Load
	out := slices.ContainsFunc(r.store.state.outages(), func(o *Outage) bool { return o.Shift == route.Shift && o.Until == 0 })
	for i, s := range route.Stops {
		ride := r.store.state.Rides[s.Ride]
		sign := 1
		if s.Kind == DropoffStop {
			sign = -1
		}
		load.Seats, load.Wheelchairs = load.Seats+sign*ride.Party.Load.Seats, load.Wheelchairs+sign*ride.Party.Load.Wheelchairs
		if cabin := (vehicles.Cabin{{Seats: 4}, {Seats: 2, Wheelchairs: 1}}); !cabin.Holds(load) {
			r.t.Errorf("route %s: no cabin holds %+v at stop %d", route.Shift, load, i)
		}
		if out && !s.State.Finished() {
			r.t.Errorf("route %s does not take place, and has stop %v", route.Shift, s.StopID)
		}
		if i == 0 || s.State != Pending {
			continue
		}
		last := &route.Stops[i-1]
		leg := r.roadsAt(s.LeaveBy)(place(r.store.state.Rides[last.Ride], last.Kind), place(ride, s.Kind))
		back := slices.ContainsFunc(r.store.state.outages(), func(o *Outage) bool { return o.Shift == route.Shift }) // it stands elsewhere
		if s.LeaveBy < last.Depart || s.Arrive < s.LeaveBy+leg && !(back && last.State.Finished()) || s.Begin < s.Arrive {
			r.t.Errorf("route %s: stop %v is left for at %d after %d, %d s away, and reached at %d", route.Shift, s.StopID, s.LeaveBy, last.Depart, leg, s.Arrive)
		}
	}
}

// roadsAt are the roads as they are at a second, asked for anew.
func (r *randomRepair) roadsAt(second int32) planned {
	var sum routing.Conditions
	name := ""
	for _, c := range r.store.state.conditions() {
		if c.Window.Earliest <= second && second < c.Window.Latest {
			c.addTo(&sum)
			name += c.id + " "
		}
	}
	if r.under[name] != nil {
		return r.under[name]
	}
	travel, err := r.travel.(Conditional).Under(sum)
	if err != nil {
		r.t.Fatal(err)
	}
	r.under[name] = func(from, to geo.LatLng) int32 {
		if from == to {
			return 0
		}
		x, err1 := travel.Snap(from)
		y, err2 := travel.Snap(to)
		seconds := []int32{0}
		if err := travel.Matrix(r.t.Context(), []routing.Point{x}, []routing.Point{y}, seconds, nil); err != nil || err1 != nil || err2 != nil {
			r.t.Fatal(err, err1, err2)
		}
		if seconds[0] >= routing.Unreachable {
			return seconds[0]
		}
		return r.cfg.Rules.planned(seconds[0])
	}
	return r.under[name]
}
