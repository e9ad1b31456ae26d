package solver

import (
	"math"
	"math/rand/v2"
	"testing"
)

// feature switches one part of the model on in random problems.
type feature uint32

const (
	withRide feature = 1 << iota
	withDuration
	withLayouts
	withFixedLayout
	withBreaks
	withEquipment
	withGroups
	withPairs
	withShare
	withFreeze
	withAboard
	withOrder
	withLocks
	withPromise
	withDwell
	withWait
	withPreferred
	withTimed
	withClasses
	withUnreachable
	withGather
	allFeatures = 1<<iota - 1
)

// tickScale is the size of random problems in ticks: places lie in a square of this side.
const tickScale = 100

// randomProblem makes a problem with the given features. Windows are loose enough that most requests fit somewhere.
func randomProblem(tb testing.TB, rnd *rand.Rand, requests, vehicles int, f feature) *Problem {
	tb.Helper()
	b := randomBuilder(rnd, requests, vehicles, f)
	p, err := b.Build()
	if err != nil {
		tb.Fatalf("random problem does not build: %v", err)
	}
	return p
}

func randomTravel(rnd *rand.Rand, places int, f feature) (Travel, int) {
	x, y := make([]float64, places), make([]float64, places)
	for i := range x {
		x[i], y[i] = rnd.Float64()*tickScale, rnd.Float64()*tickScale
	}
	island := -1
	if f&withUnreachable != 0 {
		island = rnd.IntN(places)
	}
	matrix := func(slow float64) *Matrix {
		m := NewMatrix(places)
		m.Grow(places)
		for i := range places {
			for j := range places {
				d := math.Hypot(x[i]-x[j], y[i]-y[j])
				t, c := int32(math.Ceil(d*slow)), int32(d*10)
				if i != j && (i == island || j == island) {
					t = Unreachable
				}
				m.Set(Place(i), Place(j), t, c)
			}
		}
		return m
	}
	if f&withClasses != 0 {
		return Classes{matrix(1), matrix(1.5)}, 2
	}
	return matrix(1), 1
}

func randomBuilder(rnd *rand.Rand, requests, vehicles int, f feature) *Builder {
	has := func(x feature) bool { return f&x != 0 }
	places := requests*2 + 3
	travel, classes := randomTravel(rnd, places, f)
	b := NewBuilder(travel, classes)
	horizon := int32(600)
	for v := range vehicles {
		b.AddVehicle(randomVehicle(rnd, v, classes, places, horizon, f))
	}
	for r := range requests {
		b.AddRequest(randomRequest(rnd, r, requests, vehicles, horizon, f))
	}
	if has(withGroups) {
		b.Separate(1, 2)
		b.Separate(3, 3)
	}
	if has(withOrder) && requests > 1 {
		v := Vehicle(rnd.IntN(vehicles))
		for r := range Request(2) {
			b.requests[r].Locked, b.requests[r].LockVehicle = true, v
			b.requests[r].OnBoard = false
			b.requests[r].Allowed, b.requests[r].Forbidden, b.requests[r].Needs, b.requests[r].Share = nil, nil, 0, 0
			b.vehicles[v].Order = append(b.vehicles[v].Order, Visit{r, false})
		}
		b.vehicles[v].Order = append(b.vehicles[v].Order, Visit{1, true})
		if rnd.IntN(2) == 0 {
			b.vehicles[v].Order = append(b.vehicles[v].Order, Visit{0, true})
		}
		if rnd.IntN(3) == 0 {
			b.vehicles[v].Fixed = 1 + rnd.IntN(len(b.vehicles[v].Order))
			for r := range b.requests[:2] { // who begins together may be together
				b.requests[r].Incompatible, b.requests[r].Group = nil, 0
			}
		}
	}
	return b
}

func randomVehicle(rnd *rand.Rand, v, classes, places int, horizon int32, f feature) VehicleSpec {
	has := func(x feature) bool { return f&x != 0 }
	s := VehicleSpec{
		Class: int32(rnd.IntN(classes)), Start: Place(rnd.IntN(places)), End: Place(rnd.IntN(places)),
		Window: TimeWindow{int32(rnd.IntN(60)), horizon - int32(rnd.IntN(60))}, Layouts: [][]int32{{3, 1}}, FixedCost: int64(rnd.IntN(200)),
	}
	if has(withDuration) && rnd.IntN(2) == 0 {
		s.MaxDuration = 250 + int32(rnd.IntN(300))
	}
	if has(withLayouts) {
		s.Layouts = [][]int32{{3, 0}, {1, 1}, {0, 2}}[:1+rnd.IntN(3)]
	}
	s.FixedLayout = has(withFixedLayout) && rnd.IntN(2) == 0
	if has(withEquipment) {
		s.Equipment = uint64(rnd.IntN(4))
	}
	if has(withDwell) {
		s.Dwell = []int32{0, int32(rnd.IntN(10)), int32(rnd.IntN(20))}
	}
	if has(withFreeze) && rnd.IntN(2) == 0 {
		s.Freeze = int32(rnd.IntN(60))
	}
	if has(withBreaks) {
		at := int32(100)
		for range 1 + rnd.IntN(2) {
			s.Breaks = append(s.Breaks, BreakSpec{
				Place: Place(rnd.IntN(places)), Window: TimeWindow{at, at + 60 + int32(rnd.IntN(200))},
				Duration: 10 + int32(rnd.IntN(30)), Aboard: rnd.IntN(3) == 0,
			})
			at += 150
		}
	}
	if has(withAboard) && v == 0 {
		s.UnderWay, s.Departed = true, s.Window.Earliest-int32(rnd.IntN(20))
		s.Departed = max(0, s.Departed)
	}
	return s
}

// randomLikings draws the vehicle that a request is kept with, and those that it likes.
func randomLikings(rnd *rand.Rand, s *RequestSpec, vehicles int) {
	if rnd.IntN(2) == 0 {
		s.Preferred, s.PreferredCost = Vehicle(rnd.IntN(vehicles)), int64(rnd.IntN(500))
	}
	if rnd.IntN(3) == 0 {
		s.Liked, s.LikedCost = []Vehicle{Vehicle(rnd.IntN(vehicles)), Vehicle(rnd.IntN(vehicles))}, int64(rnd.IntN(500))
	}
}

func randomRequest(rnd *rand.Rand, r, requests, vehicles int, horizon int32, f feature) RequestSpec {
	has := func(x feature) bool { return f&x != 0 }
	at := int32(rnd.IntN(int(horizon) - 250))
	s := RequestSpec{
		Pickup: Place(2 * r), Delivery: Place(2*r + 1),
		PickupWindow: TimeWindow{at, at + 40 + int32(rnd.IntN(200))}, DeliveryWindow: TimeWindow{at, min(horizon, at+120+int32(rnd.IntN(300)))},
		PickupService: int32(rnd.IntN(10)), DeliveryService: int32(rnd.IntN(10)),
		Load: []int32{1, 0}, UnservedCost: 100000 + int64(rnd.IntN(1000)),
	}
	if rnd.IntN(5) == 0 {
		s.Pickup = Place(2 * rnd.IntN(requests))
	}
	if has(withRide) {
		s.MaxRide = 60 + int32(rnd.IntN(150))
		if rnd.IntN(3) == 0 {
			s.MaxRatio = 1200 + int32(rnd.IntN(2000))
		}
		if rnd.IntN(3) == 0 {
			s.MaxDetour = 5 + int32(rnd.IntN(100))
		}
	}
	if has(withLayouts) && rnd.IntN(3) == 0 {
		s.Load = []int32{0, 1}
	}
	if has(withEquipment) && rnd.IntN(3) == 0 {
		s.Needs = 1
	}
	if has(withGroups) {
		s.Group = int32(rnd.IntN(4))
	}
	if has(withPairs) && requests > 1 && rnd.IntN(2) == 0 {
		if o := Request(rnd.IntN(requests)); int(o) != r {
			s.Incompatible = []Request{o}
		}
	}
	if has(withShare) {
		s.Share = int32(rnd.IntN(3))
	}
	if has(withGather) {
		s.Gather = int32(rnd.IntN(3))
	}
	if has(withDwell) {
		s.DwellClass = int32(rnd.IntN(3))
	}
	if has(withWait) && rnd.IntN(2) == 0 {
		s.MaxWait = 20 + int32(rnd.IntN(60))
	}
	if has(withPromise) && rnd.IntN(2) == 0 {
		s.Promised = TimeWindow{at + int32(rnd.IntN(10)), at + 20 + int32(rnd.IntN(40))}
	}
	if has(withPreferred) {
		randomLikings(rnd, &s, vehicles)
	}
	if has(withTimed) && rnd.IntN(2) == 0 {
		s.PreferredTime, s.PreferredTimeCost = at+int32(rnd.IntN(60)), int32(1+rnd.IntN(5))
	}
	if has(withTimed) && rnd.IntN(3) == 0 {
		s.DueTime, s.LateCost = at+60+int32(rnd.IntN(100)), int32(1+rnd.IntN(5))
	}
	if has(withTimed) && rnd.IntN(3) == 0 {
		s.EasyRide, s.LongRideCost = 20+int32(rnd.IntN(80)), int32(1+rnd.IntN(5))
	}
	if has(withLocks) {
		switch rnd.IntN(6) {
		case 0:
			s.Locked, s.LockVehicle = true, Vehicle(rnd.IntN(vehicles))
		case 1:
			s.Allowed = []Vehicle{Vehicle(rnd.IntN(vehicles))}
		case 2:
			s.Forbidden = []Vehicle{Vehicle(rnd.IntN(vehicles))}
		}
	}
	if has(withAboard) && r < 2 && rnd.IntN(2) == 0 {
		s.OnBoard, s.LockVehicle, s.Boarded = true, 0, 0
		s.DeliveryWindow = TimeWindow{0, horizon}
		s.Locked, s.Allowed, s.Forbidden, s.Incompatible, s.Group, s.Needs, s.Share = false, nil, nil, nil, 0, 0, 0
	}
	return s
}
