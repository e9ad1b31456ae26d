package solver

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// relaxedBuilder is the problem of b with one relaxation written into its specs, or false where the specs cannot say it.
func relaxedBuilder(b *Builder, p *Problem, r Request, x Relaxation) *Builder {
	c := *b
	c.requests, c.vehicles = slices.Clone(b.requests), slices.Clone(b.vehicles)
	rs, vs, amount := &c.requests[r], &c.vehicles[x.Vehicle], int32(x.Amount)
	switch x.Change {
	case ChangeLater:
		rs.PickupWindow.Latest = min(MaxTick, rs.PickupWindow.Latest+amount)
		rs.DeliveryWindow.Latest = min(MaxTick, rs.DeliveryWindow.Latest+amount)
		if rs.MaxWait > 0 {
			rs.MaxWait = min(MaxTick, rs.MaxWait+amount)
		}
		if rs.Promised != (TimeWindow{}) {
			rs.Promised.Latest = min(MaxTick, rs.Promised.Latest+amount)
		}
	case ChangeEarlier:
		pickup, _ := effectiveWindows(rs)
		rs.PickupWindow = TimeWindow{max(0, pickup.Earliest-amount), pickup.Latest}
		rs.DeliveryWindow.Earliest = max(0, rs.DeliveryWindow.Earliest-amount)
		rs.Promised, rs.MaxWait = TimeWindow{}, 0
	case ChangeRide:
		rs.MaxRide, rs.MaxRatio, rs.MaxDetour = p.ride.at(r)+amount, 0, 0
	case ChangeShiftEnd:
		vs.Window.Latest = min(MaxTick, vs.Window.Latest+amount)
	case ChangeShiftStart:
		vs.Window.Earliest = max(0, vs.Window.Earliest-amount)
	case ChangeDuration:
		vs.MaxDuration += amount
	case ChangeFreeze:
		vs.Freeze -= amount
	case ChangePlaces:
		vs.Layouts = slices.Clone(vs.Layouts)
		for i, l := range vs.Layouts {
			l = append(slices.Clone(l), make([]int32, int(p.dims)-len(l))...)
			l[x.Dim] += amount
			vs.Layouts[i] = l
		}
	default:
		waived(&c, r, x)
	}
	return &c
}

// waived writes the waiving of a rule into the specs.
func waived(c *Builder, r Request, x Relaxation) {
	rs, vs := &c.requests[r], &c.vehicles[x.Vehicle]
	switch x.Change {
	case ChangeGroup:
		rs.Group = 0
	case ChangeIncompatible:
		rs.Incompatible = nil
		for o := range c.requests {
			c.requests[o].Incompatible = slices.DeleteFunc(slices.Clone(c.requests[o].Incompatible), func(y Request) bool { return y == r })
		}
	case ChangeGather:
		rs.Gather = 0
	case ChangeBreak:
		vs.Breaks = nil
	case ChangeOrder:
		vs.Order, vs.Fixed = nil, 0
	case ChangeEquipment:
		vs.Equipment |= rs.Needs
	case ChangeVehicle:
		rs.Locked, rs.Allowed = false, nil
		rs.Forbidden = slices.DeleteFunc(slices.Clone(rs.Forbidden), func(v Vehicle) bool { return v == x.Vehicle })
	case ChangeShare:
		rs.Share = 0
	}
}

// fitsRelaxed asks the relaxed problem, by exhaustive trial and Verify for short routes and by Best for the others.
func fitsRelaxed(t *testing.T, b *Builder, p *Problem, s *Solution, r Request, x Relaxation) bool {
	t.Helper()
	relaxed, err := relaxedBuilder(b, p, r, x).Build()
	if err != nil {
		return false
	}
	plan := NewSolution(relaxed)
	for v := range Vehicle(p.vehicles) {
		var nodes []Node
		for _, n := range s.Route(v) {
			switch o := p.RequestOf(n); {
			case o != None:
				nodes = append(nodes, n-p.first+relaxed.first)
			case v != x.Vehicle || x.Change != ChangeBreak:
				i := n - p.BreakOf(v, 0)
				nodes = append(nodes, relaxed.BreakOf(v, int(i)))
			}
		}
		if err := plan.SetRoute(v, nodes); err != nil {
			t.Fatal(err)
		}
	}
	if len(plan.Route(x.Vehicle)) <= 4 {
		home := relaxed.shareVehicle(r, plan.on)
		_, ok := bestByCheck(relaxed, plan, x.Vehicle, r)
		return ok && fitsShare(x.Vehicle, home)
	}
	return len(NewInserter(relaxed).Best(plan, Query{Request: r, Vehicles: []Vehicle{x.Vehicle}}, nil)) > 0
}

// most is a relaxation by as much as the specs allow.
func most(c Change, v Vehicle, dim int32) Relaxation {
	x := Relaxation{Change: c, Vehicle: v, Amount: int64(MaxTick) / 2, Dim: dim}
	if c == ChangePlaces {
		x.Amount = maxLoad / 2
	}
	return x
}

func TestRelaxationsAreEnoughAndNoneSmallerIs(t *testing.T) {
	seen := map[Change]int{}
	for seed := range trials(100) {
		rnd := rand.New(rand.NewPCG(uint64(seed), 77))
		f := feature(rnd.Uint32()) & allFeatures
		switch seed % 4 {
		case 0:
			f &^= withLocks | withEquipment | withAboard | withUnreachable // what rules vehicles out whatever their route
		case 1:
			f = withRide | withWait
		case 2:
			f |= withGroups | withPairs | withGather
		}
		b := randomBuilder(rnd, 2+rnd.IntN(6), 1+rnd.IntN(3), f)
		if seed%4 == 1 {
			b.vehicles[0].Freeze = 90
		}
		p, err := b.Build()
		if err != nil {
			t.Fatal(err)
		}
		s, ok := Initial(p)
		if !ok {
			continue
		}
		in := NewInserter(p)
		for _, r := range s.Unassigned(nil) {
			if p.aboard.at(r) {
				continue // they cannot be left out of a plan
			}
			checkExplained(t, b, in, s, r, seen)
			if found := in.Best(s, Query{Request: r}, nil); len(found) > 0 {
				in.Apply(s, found[0])
			}
		}
	}
	for c := ChangeLater; c < changeCount; c++ {
		if seen[c] == 0 && c != changePromise && c != changeOthersRide {
			t.Errorf("change %d never came up in %v", c, seen)
		}
	}
}

// checkExplained checks everything that Explain says about one request, and counts the changes it proposes.
func checkExplained(t *testing.T, b *Builder, in *Inserter, s *Solution, r Request, seen map[Change]int) {
	t.Helper()
	p := in.p
	causes, relaxations := in.Explain(s, Query{Request: r}, nil, nil)
	checkCauses(t, in, s, r, causes)
	for _, x := range relaxations {
		seen[x.Change]++
		if x.Change == ChangeVehicle && p.requestSpec[r].Locked {
			continue // an order may name the lock
		}
		if !fitsRelaxed(t, b, p, s, r, x) {
			t.Fatalf("request %d: %+v is not enough", r, x)
		}
		if x.Amount--; x.Change <= ChangeFreeze && fitsRelaxed(t, b, p, s, r, x) {
			t.Fatalf("request %d: %+v would be enough", r, x)
		}
	}
	for _, no := range causes {
		v := no.Vehicle
		if p.fitsEquipment(v, r) && p.fitsVehicle(v, r) && fitsShare(v, p.shareVehicle(r, s.on)) {
			checkNoOthers(t, b, p, s, r, v, relaxations)
		}
	}
}

// checkCauses checks that exactly the vehicles without an insertion are explained, each once.
func checkCauses(t *testing.T, in *Inserter, s *Solution, r Request, list []Explanation) {
	t.Helper()
	for v := range Vehicle(in.p.vehicles) {
		count := 0
		for _, no := range list {
			if no.Vehicle == v {
				count++
				if no.Cause == KindNone {
					t.Errorf("vehicle %d is explained without a cause: %+v", v, no)
				}
			}
		}
		if found := in.Best(s, Query{Request: r, Vehicles: []Vehicle{v}}, nil); len(found)+count != 1 {
			t.Fatalf("request %d vehicle %d: insertions %v, causes %+v", r, v, found, list)
		}
	}
}

// checkNoOthers checks that a change that is not listed for v does not help by any amount.
func checkNoOthers(t *testing.T, b *Builder, p *Problem, s *Solution, r Request, v Vehicle, list []Relaxation) {
	t.Helper()
	for c := ChangeLater; c <= ChangeFreeze; c++ {
		vs := &p.vehicleSpec[v]
		switch {
		case c == changePromise || c == changeOthersRide,
			c == ChangeDuration && vs.MaxDuration == 0, c == ChangeRide && p.ride.at(r) >= NoLimit,
			c == ChangeFreeze, c == ChangeShiftStart && vs.UnderWay:
			continue
		}
		for dim := range p.dims {
			listed := slices.ContainsFunc(list, func(x Relaxation) bool {
				return x.Vehicle == v && x.Change == c && (c != ChangePlaces || x.Dim == dim)
			})
			if listed {
				continue
			}
			if x := most(c, v, dim); fitsRelaxed(t, b, p, s, r, x) {
				t.Fatalf("request %d: %+v helps and is not listed", r, x)
			}
		}
	}
}
