package instance

import (
	"math"
	"math/rand/v2"

	"github.com/swmaas/swmaas/dispatch/solver"
)

// Town generates a day of a large town from a seed: requests between homes, clinics and shops, a fifth of them in a wheelchair, on
// vehicles with two or three cabin layouts, shifts, lifts and a lunch break for a third. Ticks are seconds; cost is metres.
func Town(requests, vehicles int, seed uint64) (*solver.Problem, error) {
	g := town{rnd: rand.New(rand.NewPCG(seed, 5))}
	g.lay(min(2400, 60+requests/2))
	b := solver.NewBuilder(g.travel(), 1)
	for v := range vehicles {
		b.AddVehicle(g.vehicle(v))
	}
	for range requests {
		b.AddRequest(g.request())
	}
	return b.Build()
}

type town struct {
	rnd     *rand.Rand
	x, y    []float64 // metres
	centres int       // the first places are clinics, shops and garages
}

// lay scatters homes around villages on a plain of 13 by 13 km.
func (g *town) lay(places int) {
	const villages, side = 14, 13000.0
	var vx, vy [villages]float64
	for i := range vx {
		vx[i], vy[i] = side*g.rnd.Float64(), side*g.rnd.Float64()
	}
	g.centres = max(20, places/20)
	for i := range places {
		k, spread := g.rnd.IntN(villages), 1200.0
		if i < g.centres {
			k, spread = g.rnd.IntN(1+villages/3), 900
		}
		g.x = append(g.x, vx[k]+spread*g.rnd.NormFloat64())
		g.y = append(g.y, vy[k]+spread*g.rnd.NormFloat64())
	}
}

// travel is the straight line at 40 km/h with a third added for the road.
func (g *town) travel() *solver.Matrix {
	m := solver.NewMatrix(len(g.x))
	m.Grow(len(g.x))
	for i := range g.x {
		for j := range g.x {
			d := 1.33 * math.Hypot(g.x[i]-g.x[j], g.y[i]-g.y[j])
			m.Set(solver.Place(i), solver.Place(j), int32(math.Ceil(d/11.1)), int32(d))
		}
	}
	return m
}

func (g *town) vehicle(v int) solver.VehicleSpec {
	depot := solver.Place(g.rnd.IntN(g.centres))
	start := int32(7*3600 + 1800*g.rnd.IntN(4))
	s := solver.VehicleSpec{
		Start: depot, End: depot, Window: solver.TimeWindow{Earliest: start, Latest: start + 9*3600 + 1800},
		MaxDuration: 9 * 3600, FixedCost: 2000, Dwell: []int32{0, 60 * int32(g.rnd.IntN(3))},
	}
	switch v % 3 {
	case 0: // kei van: two seats and a wheelchair, or three seats
		s.Layouts, s.Equipment = [][]int32{{2, 1}, {3, 0}}, 1
	case 1: // ten-seater with a lift
		s.Layouts, s.Equipment = [][]int32{{8, 0}, {6, 1}, {4, 2}}, 1
		s.FixedLayout = true
	default: // volunteer's car
		s.Layouts = [][]int32{{3, 0}}
	}
	if g.rnd.IntN(3) == 0 {
		s.Breaks = []solver.BreakSpec{{
			Place: depot, Window: solver.TimeWindow{Earliest: 11*3600 + 1800, Latest: 13*3600 + 1800}, Duration: 2700,
		}}
	}
	return s
}

func (g *town) request() solver.RequestSpec {
	home := solver.Place(g.centres + g.rnd.IntN(len(g.x)-g.centres))
	centre := solver.Place(g.rnd.IntN(g.centres))
	at := int32(8*3600 + g.rnd.IntN(7*3600))
	s := solver.RequestSpec{
		Pickup: home, Delivery: centre, PickupService: 60, DeliveryService: 60, Load: []int32{1, 0},
		MaxRatio: 2000, MaxDetour: 1800, DeliveryWindow: solver.TimeWindow{Earliest: at, Latest: at + 1200},
		PickupWindow: solver.TimeWindow{Earliest: 6 * 3600, Latest: at + 1200},
	}
	if g.rnd.IntN(2) == 0 { // the way home
		s.Pickup, s.Delivery = centre, home
		s.PickupWindow = solver.TimeWindow{Earliest: at, Latest: at + 1800}
		s.DeliveryWindow = solver.TimeWindow{Earliest: at, Latest: at + 3*3600}
	}
	if g.rnd.IntN(5) == 0 {
		s.Load, s.Needs, s.DwellClass, s.PickupService, s.DeliveryService = []int32{0, 1}, 1, 1, 240, 240
	} else if g.rnd.IntN(6) == 0 {
		s.Load = []int32{2, 0}
	}
	return s
}
