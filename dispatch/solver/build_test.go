package solver

import (
	"errors"
	"math"
	"testing"
)

// Long because it is one table of cases.
func TestEveryBadSpecIsRefusedByRequestAndField(t *testing.T) {
	const huge, more = math.MaxInt32, MaxTick + 1
	for name, c := range map[string]struct {
		van     func(*VehicleSpec)
		rider   func(*RequestSpec) // of request 1
		problem func(*Builder)
		subject string
		field   string
	}{
		"a pickup window that closes before it opens": {rider: func(s *RequestSpec) { s.PickupWindow = TimeWindow{200, 100} }, field: "PickupWindow"},
		"a delivery window that closes before it opens": {
			rider: func(s *RequestSpec) { s.DeliveryWindow = TimeWindow{200, 100} }, field: "DeliveryWindow",
		},
		"a delivery that closes before the pickup opens": {
			rider: func(s *RequestSpec) { s.DeliveryWindow = TimeWindow{0, 50} }, field: "DeliveryWindow",
		},
		"a promise outside the window":              {rider: func(s *RequestSpec) { s.Promised = TimeWindow{400, 500} }, field: "Promised"},
		"a promise that the wait limit cannot keep": {rider: func(s *RequestSpec) { s.Promised, s.MaxWait = TimeWindow{150, 200}, 20 }, field: "Promised"},
		"a window before the day":                   {rider: func(s *RequestSpec) { s.PickupWindow.Earliest = -1 }, field: "PickupWindow"},
		"a window that ends beyond all ticks":       {rider: func(s *RequestSpec) { s.PickupWindow.Latest = huge }, field: "PickupWindow"},
		"a boarding time beyond all ticks":          {rider: func(s *RequestSpec) { s.PickupService = more }, field: "PickupService"},
		"an alighting time below 0":                 {rider: func(s *RequestSpec) { s.DeliveryService = -1 }, field: "DeliveryService"},
		"a ride limit beyond all ticks":             {rider: func(s *RequestSpec) { s.MaxRide = huge }, field: "MaxRide"},
		"a detour limit beyond all ticks":           {rider: func(s *RequestSpec) { s.MaxDetour = more }, field: "MaxDetour"},
		"a wait limit beyond all ticks":             {rider: func(s *RequestSpec) { s.MaxWait = huge }, field: "MaxWait"},
		"a ratio below the direct time":             {rider: func(s *RequestSpec) { s.MaxRatio = 999 }, field: "MaxRatio"},
		"a load below 0":                            {rider: func(s *RequestSpec) { s.Load = []int32{-1} }, field: "Load"},
		"a load that overflows sums":                {rider: func(s *RequestSpec) { s.Load = []int32{huge} }, field: "Load"},
		"a load of too many dimensions":             {rider: func(s *RequestSpec) { s.Load = make([]int32, maxDims+1) }, field: "Load"},
		"a price that overflows sums":               {rider: func(s *RequestSpec) { s.UnservedCost = math.MaxInt64 }, field: "UnservedCost"},
		"a price below 0":                           {rider: func(s *RequestSpec) { s.PreferredCost = -1 }, field: "PreferredCost"},
		"a due time beyond all ticks":               {rider: func(s *RequestSpec) { s.DueTime = huge }, field: "DueTime"},
		"a late cost below 0":                       {rider: func(s *RequestSpec) { s.LateCost = -1 }, field: "LateCost"},
		"an easy ride below 0":                      {rider: func(s *RequestSpec) { s.EasyRide = -1 }, field: "EasyRide"},
		"a pickup nowhere":                          {rider: func(s *RequestSpec) { s.Pickup = 100 }, field: "Pickup"},
		"a delivery nowhere":                        {rider: func(s *RequestSpec) { s.Delivery = -1 }, field: "Delivery"},
		"an unknown vehicle allowed":                {rider: func(s *RequestSpec) { s.Allowed = []Vehicle{1} }, field: "Allowed"},
		"an unknown vehicle forbidden":              {rider: func(s *RequestSpec) { s.Forbidden = []Vehicle{-1} }, field: "Forbidden"},
		"a lock to an unknown vehicle":              {rider: func(s *RequestSpec) { s.Locked, s.LockVehicle = true, 7 }, field: "LockVehicle"},
		"aboard an unknown vehicle":                 {rider: func(s *RequestSpec) { s.OnBoard, s.LockVehicle = true, 7 }, field: "LockVehicle"},
		"a price of what is liked below 0":          {rider: func(s *RequestSpec) { s.LikedCost = -1 }, field: "LikedCost"},
		"an unknown liked vehicle":                  {rider: func(s *RequestSpec) { s.Liked = []Vehicle{7} }, field: "Liked"},
		"an unknown preferred vehicle":              {rider: func(s *RequestSpec) { s.PreferredCost, s.Preferred = 1, 7 }, field: "Preferred"},
		"incompatible with itself":                  {rider: func(s *RequestSpec) { s.Incompatible = []Request{1} }, field: "Incompatible"},
		"incompatible with nobody there":            {rider: func(s *RequestSpec) { s.Incompatible = []Request{9} }, field: "Incompatible"},
		"a group beyond all bits":                   {rider: func(s *RequestSpec) { s.Group = 64 }, field: "Group"},
		"a fairness class that is not there":        {rider: func(s *RequestSpec) { s.Fairness = 16 }, field: "Fairness"},
		"a gather group below 0":                    {rider: func(s *RequestSpec) { s.Gather = -1 }, field: "Gather"},
		"a share group below 0":                     {rider: func(s *RequestSpec) { s.Share = -1 }, field: "Share"},
		"a dwell class beyond all":                  {rider: func(s *RequestSpec) { s.DwellClass = 256 }, field: "DwellClass"},
		"boarded beyond all ticks":                  {rider: func(s *RequestSpec) { s.OnBoard, s.Boarded = true, more }, field: "Boarded"},

		"a shift that ends before it begins": {van: func(s *VehicleSpec) { s.Window = TimeWindow{10, 5} }, subject: "vehicle", field: "Window"},
		"a cabin without layouts":            {van: func(s *VehicleSpec) { s.Layouts = nil }, subject: "vehicle", field: "Layouts"},
		"a layout that overflows sums":       {van: func(s *VehicleSpec) { s.Layouts = [][]int32{{huge}} }, subject: "vehicle", field: "Layouts"},
		"a class that is not there":          {van: func(s *VehicleSpec) { s.Class = 1 }, subject: "vehicle", field: "Class"},
		"a start nowhere":                    {van: func(s *VehicleSpec) { s.Start = -1 }, subject: "vehicle", field: "Start"},
		"a duration beyond all ticks":        {van: func(s *VehicleSpec) { s.MaxDuration = huge }, subject: "vehicle", field: "MaxDuration"},
		"a fixed cost below 0":               {van: func(s *VehicleSpec) { s.FixedCost = -1 }, subject: "vehicle", field: "FixedCost"},
		"a dwell addition below 0":           {van: func(s *VehicleSpec) { s.Dwell = []int32{-5} }, subject: "vehicle", field: "Dwell"},
		"too many breaks":                    {van: func(s *VehicleSpec) { s.Breaks = make([]BreakSpec, MaxBreaks+1) }, subject: "vehicle", field: "Breaks"},
		"a break that takes no time":         {van: func(s *VehicleSpec) { s.Breaks = make([]BreakSpec, 1) }, subject: "vehicle", field: "Breaks.Duration"},
		"a fixed beginning longer than its order": {
			van: func(s *VehicleSpec) { s.Fixed = 1 }, subject: "vehicle", field: "Fixed",
		},
		"an order that names somebody twice": {
			van:   func(s *VehicleSpec) { s.Order = []Visit{{1, false}, {1, false}} },
			rider: func(s *RequestSpec) { s.Locked = true }, subject: "vehicle", field: "Order",
		},
		"an order that sets down before it fetches": {
			van:   func(s *VehicleSpec) { s.Order = []Visit{{1, true}, {1, false}} },
			rider: func(s *RequestSpec) { s.Locked = true }, subject: "vehicle", field: "Order",
		},
		"an order of somebody who is not locked": {van: func(s *VehicleSpec) { s.Order = []Visit{{1, false}} }, subject: "vehicle", field: "Order"},
		"zero vehicles":                          {problem: func(b *Builder) { b.vehicles = nil }, subject: "problem", field: "Vehicles"},
		"no travel":                              {problem: func(b *Builder) { b.travel = nil }, subject: "problem", field: "Travel"},
		"no classes":                             {problem: func(b *Builder) { b.classes = 0 }, subject: "problem", field: "Classes"},
		"a fairness weight below 0":              {problem: func(b *Builder) { b.SetFairness(Fairness{Weight: -1}) }, subject: "problem", field: "Fairness"},
		"a group 0 kept apart":                   {problem: func(b *Builder) { b.Separate(0, 1) }, subject: "problem", field: "Separate"},
	} {
		t.Run(name, func(t *testing.T) {
			b := NewBuilder(line(100), 1)
			v, wish := van(), rideFrom(10, 60, 100, 300)
			if c.van != nil {
				c.van(&v)
			}
			if c.rider != nil {
				c.rider(&wish)
			}
			b.AddVehicle(v)
			b.AddRequest(rideFrom(10, 20, 100, 200))
			b.AddRequest(wish)
			if c.problem != nil {
				c.problem(b)
			}
			if c.subject == "" {
				c.subject = "request"
			}
			index := map[string]int{"request": 1}[c.subject]
			_, err := b.Build()
			refusedBy(t, err, c.subject, index, c.field)
		})
	}
}

// refusedBy checks that err is a validation error that names the subject and the field.
func refusedBy(t *testing.T, err error, subject string, index int, field string) {
	t.Helper()
	if !errors.Is(err, ErrInvalid) {
		t.Fatalf("got %v", err)
	}
	var list interface{ Unwrap() []error }
	if !errors.As(err, &list) {
		t.Fatalf("not a list of faults: %v", err)
	}
	for _, one := range list.Unwrap() {
		var fault *SpecError
		if errors.As(one, &fault) && fault.Subject == subject && fault.Index == index && fault.Field == field {
			return
		}
	}
	t.Errorf("no fault names %s %d, field %s: %v", subject, index, field, err)
}

func TestWhatHasBegunAndContradictsItselfIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(b *Builder)
		field  string
	}{
		"two who may not share are aboard": {func(b *Builder) { b.requests[0].Incompatible = []Request{1} }, "Incompatible"},
		"two groups that are kept apart are aboard": {func(b *Builder) {
			b.Separate(1, 2)
			b.requests[0].Group, b.requests[1].Group = 1, 2
		}, "Group"},
		"a must-share group is aboard two vehicles": {func(b *Builder) {
			b.requests[0].Share, b.requests[1].Share = 4, 4
			b.requests[1].LockVehicle = 1
		}, "Share"},
		"somebody is fetched first who may not share with a rider aboard": {func(b *Builder) {
			b.requests[1].OnBoard, b.requests[1].Locked = false, true
			b.requests[1].Incompatible = []Request{0}
			b.vehicles[0].Order, b.vehicles[0].Fixed = []Visit{{1, false}}, 1
		}, "Incompatible"},
	} {
		t.Run(name, func(t *testing.T) {
			b := NewBuilder(line(100), 1)
			b.AddVehicle(van())
			b.AddVehicle(van())
			for range 2 {
				s := rideFrom(10, 60, 0, 300)
				s.OnBoard = true
				b.AddRequest(s)
			}
			if _, err := b.Build(); err != nil {
				t.Fatalf("without the contradiction: %v", err)
			}
			c.change(b)
			_, err := b.Build()
			refusedBy(t, err, "request", 1, c.field)
		})
	}
}

func TestVehiclesThatCannotFinishWhatTheyHaveBegunKeepTheirRoutes(t *testing.T) {
	b := NewBuilder(line(100), 1)
	late := van()
	late.UnderWay = true
	b.AddVehicle(late)
	b.AddVehicle(van())
	rider := rideFrom(10, 60, 0, 300)
	rider.OnBoard, rider.DeliveryWindow = true, TimeWindow{0, 50} // 60 away: ten ticks late
	b.AddRequest(rider)
	b.AddRequest(rideFrom(20, 30, 100, 300))
	p, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	s, begun := Initial(p)
	if begun {
		t.Error("the rider is said to be in time")
	}
	if err := s.SetRoute(0, []Node{p.DeliveryOf(0)}); err != nil {
		t.Fatal(err)
	}
	out := Improve(p, s, Options{Iterations: 200, Seed: 1})
	if bad := Verify(p, out); len(bad) != 1 || bad[0].Kind != KindWindow || out.VehicleOf(0) != 0 || out.VehicleOf(1) != 1 {
		t.Errorf("routes %v and %v, %v", out.Route(0), out.Route(1), bad)
	}
}

func TestWhatNoVehicleCanServeStaysOutWithItsCause(t *testing.T) {
	island := line(100)
	for i := range Place(99) {
		island.Set(99, i, Unreachable, 0)
		island.Set(i, 99, Unreachable, 0)
	}
	for name, c := range map[string]struct {
		wish  RequestSpec
		load  []int32
		cause Kind
	}{
		"a load that no vehicle holds": {rideFrom(10, 20, 0, 300), []int32{9, 0}, KindLayout},
		"a place that nobody reaches":  {rideFrom(10, 99, 0, 300), []int32{1, 0}, KindReach},
	} {
		t.Run(name, func(t *testing.T) {
			b := NewBuilder(island, 1)
			b.AddVehicle(van())
			b.AddVehicle(van())
			c.wish.Load = c.load
			r := b.AddRequest(c.wish)
			p, err := b.Build()
			if err != nil {
				t.Fatal(err)
			}
			s := Improve(p, NewSolution(p), Options{Iterations: 50, Seed: 1})
			no, _ := NewInserter(p).Explain(s, Query{Request: r}, nil, nil)
			if s.VehicleOf(r) != None || len(no) != 2 || no[0].Cause != c.cause || no[1].Cause != c.cause {
				t.Errorf("served by %d, causes %+v", s.VehicleOf(r), no)
			}
		})
	}
}

func TestWindowsWiderThanADayAndTheSameWishTwiceAreServed(t *testing.T) {
	b := NewBuilder(line(100), 1)
	v := van()
	v.Window = TimeWindow{0, MaxTick}
	b.AddVehicle(v)
	wish := rideFrom(10, 20, 0, MaxTick)
	wish.DeliveryWindow = Always()
	b.AddRequest(wish)
	b.AddRequest(wish)
	p, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	s := Improve(p, NewSolution(p), Options{Iterations: 50, Seed: 1})
	// Out 10, both along 10, home 20.
	if bad := Verify(p, s); len(bad) > 0 || len(s.Unassigned(nil)) > 0 || s.Cost() != 40 {
		t.Errorf("%v, %v unserved, cost %d", bad, s.Unassigned(nil), s.Cost())
	}
}
