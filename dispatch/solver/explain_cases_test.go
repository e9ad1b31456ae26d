package solver

import "testing"

// line is a matrix of places on a line, one tick apart, where driving costs as much as it takes.
func line(places int) *Matrix {
	m := NewMatrix(places)
	m.Grow(places)
	for i := range places {
		for j := range places {
			d := int32(max(i-j, j-i))
			m.Set(Place(i), Place(j), d, d)
		}
	}
	return m
}

// van starts and ends at place 0, has four seats or two and a wheelchair place, and works from 0 to 1000.
func van() VehicleSpec {
	return VehicleSpec{Window: TimeWindow{0, 1000}, Layouts: [][]int32{{4, 0}, {2, 1}}}
}

// rideFrom is a request from one place to another with a pickup between earliest and latest.
func rideFrom(from, to Place, earliest, latest int32) RequestSpec {
	return RequestSpec{
		Pickup: from, Delivery: to, PickupWindow: TimeWindow{earliest, latest}, DeliveryWindow: TimeWindow{0, 1000}, Load: []int32{1, 0},
	}
}

// Long because it is one table of cases.
//
// TestTheCauseIsTheLimitMissedByLeast has one van and, where rider is given, one ride in it that comes first: from 10 to 60 at 100.
func TestTheCauseIsTheLimitMissedByLeast(t *testing.T) {
	rider := rideFrom(10, 60, 100, 100)
	rider.DeliveryWindow.Latest = 150 // 50 driving from 100: no time for a detour
	for name, c := range map[string]struct {
		van     func(*VehicleSpec)
		rider   func(*RequestSpec) // nil for an empty van
		wish    RequestSpec
		change  func(*RequestSpec)
		cause   Kind
		how     Change
		lim, at int64
	}{
		"lift wanted, none there": {
			wish: rideFrom(10, 20, 100, 200), change: func(r *RequestSpec) { r.Needs = 0b10 },
			cause: KindEquipment, how: ChangeEquipment, lim: 0, at: 0b10,
		},
		"vehicle forbidden": {
			wish: rideFrom(10, 20, 100, 200), change: func(r *RequestSpec) { r.Forbidden = []Vehicle{0} },
			cause: KindVehicle, how: ChangeVehicle, lim: None, at: 0,
		},
		"five people for four seats": {
			wish: rideFrom(10, 20, 100, 200), change: func(r *RequestSpec) { r.Load = []int32{5, 0} },
			cause: KindLayout, how: ChangePlaces, lim: 4, at: 5,
		},
		"direct drive of 10 over a limit of 8": {
			wish: rideFrom(10, 20, 100, 200), change: func(r *RequestSpec) { r.MaxRide = 8 },
			cause: KindRide, how: ChangeRide, lim: 8, at: 10,
		},
		// Pickup at 990, delivery at 1000 at the place 20: home by 1020.
		"back after the shift": {
			wish: rideFrom(10, 20, 990, 995), cause: KindShift, how: ChangeShiftEnd, lim: 1000, at: 1020,
		},
		// To be at place 50 by 120 the van leaves at 70 and not at 80.
		"out before the shift": {
			van: func(v *VehicleSpec) { v.Window.Earliest = 80 }, wish: rideFrom(50, 60, 100, 120),
			cause: KindShift, how: ChangeShiftStart, lim: 80, at: 70,
		},
		// 0 to 50 to 60 to 0 takes 120.
		"a longer duty than allowed": {
			van: func(v *VehicleSpec) { v.MaxDuration = 115 }, wish: rideFrom(50, 60, 100, 120),
			cause: KindDuration, how: ChangeDuration, lim: 115, at: 120,
		},
		// The van sets the rider down at 150 at place 60 and can be at 40 by 170: the window closes at 160.
		"ten ticks too early": {
			rider: func(*RequestSpec) {}, wish: rideFrom(40, 70, 140, 160),
			cause: KindWindow, how: ChangeLater, lim: 160, at: 170,
		},
		// The new rider lies on the way, 20 to 30, and the van is full: one seat is nearer than picking up at 190.
		"one seat too few on the way": {
			rider: func(r *RequestSpec) { r.Load = []int32{4, 0} }, wish: rideFrom(20, 30, 105, 115),
			cause: KindLayout, how: ChangePlaces, lim: 4, at: 5,
		},
		"two people who may not share": {
			rider: func(*RequestSpec) {}, wish: rideFrom(20, 30, 105, 115), change: func(r *RequestSpec) { r.Incompatible = []Request{0} },
			cause: KindIncompatible, how: ChangeIncompatible, lim: 0, at: 1,
		},
		// Picked up on the way at 20 there are 40 ticks left to the arrival at 60, and 45 are wanted.
		"shortly before an arrival": {
			van: func(v *VehicleSpec) { v.Freeze = 45 }, rider: func(*RequestSpec) {}, wish: rideFrom(20, 70, 105, 115),
			cause: KindFreeze, how: ChangeFreeze, lim: 45, at: 40,
		},
		// A stop of 3 ticks on the way makes the rider late by 3, and the wish cannot wait for as little.
		"a promise to somebody else": {
			rider: func(*RequestSpec) {}, wish: rideFrom(20, 30, 105, 115), change: func(r *RequestSpec) { r.PickupService = 3 },
			cause: KindPromise, how: ChangeNone, lim: 150, at: 153,
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := NewBuilder(line(100), 1)
			v, wish := van(), c.wish
			if c.van != nil {
				c.van(&v)
			}
			b.AddVehicle(v)
			if c.rider != nil {
				first := rider
				c.rider(&first)
				b.AddRequest(first)
			}
			if c.change != nil {
				c.change(&wish)
			}
			r := b.AddRequest(wish)
			p, err := b.Build()
			if err != nil {
				t.Fatal(err)
			}
			s := NewSolution(p)
			if c.rider != nil {
				if err := s.SetRoute(0, []Node{p.PickupOf(0), p.DeliveryOf(0)}); err != nil {
					t.Fatal(err)
				}
			}
			got, relaxations := NewInserter(p).Explain(s, Query{Request: r}, nil, nil)
			if len(got) != 1 {
				t.Fatalf("got %+v", got)
			}
			if e := got[0]; e.Cause != c.cause || e.Change != c.how || e.Limit != c.lim || e.Actual != c.at {
				t.Errorf("got %s %+v; want %s, change %d, limit %d, actual %d; relaxations %+v", e.Cause, e, c.cause, c.how, c.lim, c.at, relaxations)
			}
		})
	}
}

func TestAGroupElsewhereIsTheCause(t *testing.T) {
	b := NewBuilder(line(100), 1)
	b.AddVehicle(van())
	b.AddVehicle(van())
	first, second := rideFrom(10, 60, 100, 200), rideFrom(20, 50, 100, 200)
	first.Share, second.Share = 1, 1
	b.AddRequest(first)
	r := b.AddRequest(second)
	p, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	s := NewSolution(p)
	if err := s.SetRoute(1, []Node{p.PickupOf(0), p.DeliveryOf(0)}); err != nil {
		t.Fatal(err)
	}
	want := Explanation{Rejection{0, KindShare, None, 1, 0, UnitIndex}, ChangeShare, 0}
	if got, _ := NewInserter(p).Explain(s, Query{Request: r}, nil, nil); len(got) != 1 || got[0] != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestAQueryWithNarrowWindowsIsExplainedWithinThem(t *testing.T) {
	b := NewBuilder(line(100), 1)
	b.AddVehicle(van())
	r := b.AddRequest(rideFrom(50, 60, 0, 500))
	p, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	s, in := NewSolution(p), NewInserter(p)
	q := Query{Request: r, Pickup: TimeWindow{0, 45}, Delivery: TimeWindow{0, 57}}
	// The van is at place 50 at 50 and at 60 at 60: the delivery is late by 3 and the pickup by 5.
	if got := in.Relax(s, q, nil); len(got) != 1 || got[0].Change != ChangeLater || got[0].Amount != 5 {
		t.Errorf("got %+v", got)
	}
	q.Pickup.Latest, q.Delivery.Latest = 50, 60
	if got := in.Relax(s, q, nil); len(got) != 0 {
		t.Errorf("nothing is wrong and yet %+v", got)
	}
}

func TestAlternativesCompareThePlaceWithTheNextBest(t *testing.T) {
	b := NewBuilder(line(100), 1)
	b.AddVehicle(van())
	far := van()
	far.Start, far.End, far.FixedCost = 90, 90, 7
	b.AddVehicle(far)
	r := b.AddRequest(rideFrom(10, 20, 0, 500))
	p, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	s, in := NewSolution(p), NewInserter(p)
	in.Apply(s, in.Best(s, Query{Request: r}, nil)[0])
	at, others := in.Alternatives(s, r, 3, nil)
	// From 0: 10 + 10 + 20. From 90: 80 + 10 + 70 and 7 for using the vehicle.
	if at != (Placement{r, 0, 40}) || len(others) != 1 || others[0].Vehicle != 1 || others[0].Cost != 167 {
		t.Errorf("got %+v and %+v; want cost 40 on vehicle 0, and 167 on vehicle 1", at, others)
	}
	if s.VehicleOf(r) != 0 {
		t.Error("the plan was changed")
	}
	s.Remove(r)
	if at, others := in.Alternatives(s, r, 3, nil); at.Vehicle != None || len(others) != 2 {
		t.Errorf("unserved: got %+v and %+v", at, others)
	}
}

func TestExplainAllocatesNothingOnceWarm(t *testing.T) {
	b := NewBuilder(line(100), 1)
	b.AddVehicle(van())
	b.AddRequest(rideFrom(10, 60, 100, 100))
	r := b.AddRequest(rideFrom(40, 70, 10, 20))
	p, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	s, in := NewSolution(p), NewInserter(p)
	var causes []Explanation
	var relaxations []Relaxation
	run := func() { causes, relaxations = in.Explain(s, Query{Request: r}, causes[:0], relaxations[:0]) }
	run()
	if n := testing.AllocsPerRun(50, run); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
