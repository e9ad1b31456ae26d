package solver

import (
	"math/bits"
	"slices"
)

// oracle finds the least objective of a small problem by walking every sequence of visits of every vehicle, and then every way to
// deal the requests out. It knows the specs and the travel rows and nothing else: no column, schedule, closure or check of the
// package has a part in it, but for the price of soft time limits, which TestSchedulesAreFeasibleAndOptimal proves on its own. A sequence
// is given up only where the constraints among the visits already made are broken, which no later visit can mend.
type oracle struct {
	p        *Problem
	requests []RequestSpec
	direct   []int64 // [r] shortest time over all classes
	limit    []int64 // [r] ride limit, forever for none
	apart    []uint  // [r] requests that may not be aboard with r
	walked   int     // sequences looked at, beginnings included
}

// forever is later than any tick.
const forever = int64(1) << 40

func newOracle(p *Problem) *oracle {
	o := &oracle{p: p, requests: p.requestSpec}
	for i := range o.requests {
		s := &o.requests[i]
		direct := int64(Unreachable)
		for c := range p.classes {
			time, _ := p.travel.Row(c, s.Pickup)
			direct = min(direct, int64(time[s.Delivery]))
		}
		limit := forever
		if s.MaxRide > 0 {
			limit = int64(s.MaxRide)
		}
		if s.MaxRatio > 0 && direct <= int64(MaxTick) {
			limit = min(limit, direct*int64(s.MaxRatio)/1000)
		}
		if s.MaxDetour > 0 && direct <= int64(MaxTick) {
			limit = min(limit, direct+int64(s.MaxDetour))
		}
		o.direct, o.limit, o.apart = append(o.direct, direct), append(o.limit, limit), append(o.apart, 0)
	}
	for i := range o.requests {
		for j := range o.requests {
			g, h := o.requests[i].Group, o.requests[j].Group
			banned := i != j && g > 0 && h > 0 && p.separate[g]>>h&1 == 1
			if banned || slices.Contains(o.requests[i].Incompatible, Request(j)) {
				o.apart[i] |= 1 << j
				o.apart[j] |= 1 << i
			}
		}
	}
	return o
}

// optimum is the least objective of all plans, and false where what has begun cannot be finished.
func (o *oracle) optimum() (int64, bool) {
	full := 1 << len(o.requests)
	best := make([]int64, full) // [set] least cost of serving exactly set with the vehicles so far
	for set := range best {
		best[set] = noDelta
	}
	best[0] = 0
	for v := range o.p.vehicleSpec {
		alone := o.routes(Vehicle(v))
		next := make([]int64, full)
		for set := range next {
			next[set] = noDelta
			for sub := set; ; sub = (sub - 1) & set {
				if alone[sub] < noDelta && best[set^sub] < noDelta && o.together(sub, set^sub) {
					next[set] = min(next[set], best[set^sub]+alone[sub])
				}
				if sub == 0 {
					break
				}
			}
		}
		best = next
	}
	least := int64(noDelta)
	for set, c := range best {
		if c < noDelta {
			least = min(least, c+o.left(set))
		}
	}
	return least, least < noDelta
}

// begun reports whether every vehicle can finish what it has begun: set down its riders and serve its fixed beginning.
func (o *oracle) begun() bool {
	for v := range o.p.vehicleSpec {
		set, vs := 0, &o.p.vehicleSpec[v]
		for _, visit := range vs.Order[:vs.Fixed] {
			set |= 1 << visit.Request
		}
		for i := range o.requests {
			if s := &o.requests[i]; s.OnBoard && s.LockVehicle == Vehicle(v) {
				set |= 1 << i
			}
		}
		if o.routes(Vehicle(v))[set] == noDelta {
			return false
		}
	}
	return true
}

// together reports whether no must-share group has members in both sets.
func (o *oracle) together(a, b int) bool {
	for i := range o.requests {
		for j := range o.requests {
			if g := o.requests[i].Share; g != 0 && g == o.requests[j].Share && a>>i&1 == 1 && b>>j&1 == 1 {
				return false
			}
		}
	}
	return true
}

// left is what it costs that only the set is served: priorities and the fairness term.
func (o *oracle) left(set int) int64 {
	sum := int64(0)
	var all, out [fairnessClasses]int64
	for i := range o.requests {
		all[o.requests[i].Fairness]++
		if set>>i&1 == 0 {
			sum += o.requests[i].UnservedCost
			out[o.requests[i].Fairness]++
		}
	}
	unserved := int64(len(o.requests) - bits.OnesCount(uint(set)))
	for c := range all {
		if over := out[c] - o.p.fairness.Slack - unserved*all[c]/int64(len(o.requests)); over > 0 {
			sum += over * o.p.fairness.Weight
		}
	}
	return sum
}

// march is one sequence of a vehicle as far as it goes, position 0 being the start depot.
type march struct {
	o     *oracle
	v     Vehicle
	vs    *VehicleSpec
	least []int64 // [set]
	steps []step
	begin [][]int64 // [length] earliest start of every position in any schedule of that beginning
}

// step is one visit. back and within say that its start is at most within after the start of step back.
type step struct {
	node         Node
	place        Place
	pickup       bool
	request      Request // None for breaks and depots
	open, shut   int64
	service      int64
	drive        int64 // from the step before, its service aside
	back, within int64
	cost         int64 // of all legs so far
	served       int   // set of those set down so far
	aboard       int
	breaks       int
	layouts      uint64 // that held ever since the vehicle was last empty, for FixedLayout
}

// routes is the least cost of v serving exactly each set.
func (o *oracle) routes(v Vehicle) []int64 {
	m := &march{o: o, v: v, vs: &o.p.vehicleSpec[v], least: make([]int64, 1<<len(o.requests))}
	for set := range m.least {
		m.least[set] = noDelta
	}
	start := step{node: o.p.StartOf(v), place: m.vs.Start, request: None, layouts: ^uint64(0), within: forever}
	start.open, start.shut = int64(m.vs.Window.Earliest), int64(m.vs.Window.Latest)
	if m.vs.UnderWay {
		start.shut = start.open
	}
	for i := range o.requests {
		if s := &o.requests[i]; s.OnBoard && s.LockVehicle == v {
			start.aboard |= 1 << i
		}
	}
	if start.aboard == 0 && m.vs.Fixed == 0 {
		m.least[0] = 0
	}
	if start.layouts = m.holding(start); start.layouts == 0 {
		return m.least
	}
	m.steps = append(m.steps, start)
	m.begin = append(m.begin, []int64{start.open})
	m.extend()
	return m.least
}

// holding is the set of layouts that hold the riders aboard after the step.
func (m *march) holding(s step) uint64 {
	mask := uint64(0)
	for l, layout := range m.vs.Layouts {
		ok := true
		for d := range maxDims {
			sum, room := int32(0), int32(0)
			for i := range m.o.requests {
				if load := m.o.requests[i].Load; s.aboard>>i&1 == 1 && d < len(load) {
					sum += load[d]
				}
			}
			if d < len(layout) {
				room = layout[d]
			}
			ok = ok && sum <= room
		}
		if ok {
			mask |= 1 << l
		}
	}
	return mask
}

// extend tries everything that can come next.
func (m *march) extend() {
	m.o.walked++
	last := m.steps[len(m.steps)-1]
	if last.aboard == 0 && last.breaks == len(m.vs.Breaks) && last.served != 0 && len(m.steps) > m.vs.Fixed {
		m.arrive(last)
	}
	if last.breaks < len(m.vs.Breaks) {
		b := &m.vs.Breaks[last.breaks]
		s := step{node: m.o.p.BreakOf(m.v, last.breaks), place: b.Place, request: None, open: int64(b.Window.Earliest)}
		s.shut, s.service, s.within = int64(b.Window.Latest), int64(b.Duration), forever
		s.served, s.aboard, s.breaks = last.served, last.aboard, last.breaks+1
		if b.Aboard || s.aboard == 0 {
			m.try(s)
		}
	}
	for i := range m.o.requests {
		r := Request(i)
		switch {
		case last.aboard>>i&1 == 1:
			m.try(m.setDown(r, last))
		case last.served>>i&1 == 0 && m.mayServe(r) && m.o.apart[i]&uint(last.aboard) == 0 && !m.late(r, last):
			m.try(m.pickUp(r, last))
		}
	}
}

// late reports whether somebody of the gather group of r was set down already.
func (m *march) late(r Request, last step) bool {
	for i := range m.o.requests {
		if g := m.o.requests[r].Gather; g != 0 && last.served>>i&1 == 1 && m.o.requests[i].Gather == g {
			return true
		}
	}
	return false
}

// mayServe joins what does not depend on the route.
func (m *march) mayServe(r Request) bool {
	s := &m.o.requests[r]
	switch {
	case s.OnBoard, s.Needs&^m.vs.Equipment != 0, s.Locked && s.LockVehicle != m.v,
		len(s.Allowed) > 0 && !slices.Contains(s.Allowed, m.v), slices.Contains(s.Forbidden, m.v):
		return false
	}
	return true
}

func (m *march) dwell(s *RequestSpec, service int32) int64 {
	t := int64(service)
	if int(s.DwellClass) < len(m.vs.Dwell) {
		t += int64(m.vs.Dwell[s.DwellClass])
	}
	return t
}

func (m *march) pickUp(r Request, last step) step {
	rs := &m.o.requests[r]
	s := step{node: m.o.p.PickupOf(r), place: rs.Pickup, pickup: true, request: r, within: forever}
	s.open, s.shut, s.service = int64(rs.PickupWindow.Earliest), int64(rs.PickupWindow.Latest), m.dwell(rs, rs.PickupService)
	if rs.MaxWait > 0 {
		s.shut = min(s.shut, s.open+int64(rs.MaxWait))
	}
	if rs.Promised != (TimeWindow{}) {
		s.open, s.shut = max(s.open, int64(rs.Promised.Earliest)), min(s.shut, int64(rs.Promised.Latest))
	}
	s.served, s.aboard, s.breaks = last.served, last.aboard|1<<r, last.breaks
	return s
}

func (m *march) setDown(r Request, last step) step {
	rs := &m.o.requests[r]
	s := step{node: m.o.p.DeliveryOf(r), place: rs.Delivery, request: r, within: forever}
	s.open, s.shut = int64(rs.DeliveryWindow.Earliest), int64(rs.DeliveryWindow.Latest)
	s.service = m.dwell(rs, rs.DeliveryService)
	s.served, s.aboard, s.breaks = last.served|1<<r, last.aboard&^(1<<r), last.breaks
	if rs.OnBoard {
		s.shut = min(s.shut, int64(rs.Boarded)+m.o.limit[r])
		return s
	}
	for k := range m.steps {
		if m.steps[k].request == r {
			s.back, s.within = int64(k), min(forever, m.o.limit[r]+m.steps[k].service)
		}
	}
	return s
}

// try goes on with the step where the visits so far allow it.
func (m *march) try(s step) {
	last := &m.steps[len(m.steps)-1]
	time, cost := m.o.p.travel.Row(m.vs.Class, last.place)
	if time[s.place] >= Unreachable {
		return
	}
	s.drive, s.cost = int64(time[s.place]), last.cost+int64(cost[s.place])
	s.layouts = m.holding(s)
	if m.vs.FixedLayout && last.aboard != 0 && s.aboard != 0 {
		s.layouts &= last.layouts
	}
	m.steps = append(m.steps, s)
	if s.layouts != 0 && m.inOrder() && m.lastIn() {
		if begin, ok := m.times(); ok {
			m.begin = append(m.begin, begin)
			m.extend()
			m.begin = m.begin[:len(m.begin)-1]
		}
	}
	m.steps = m.steps[:len(m.steps)-1]
}

// times is the earliest schedule of the steps: it pushes starts later until every bound holds or one is missed.
func (m *march) times() ([]int64, bool) {
	n := len(m.steps)
	at := append(slices.Clone(m.begin[len(m.begin)-1]), m.steps[n-1].open)
	for changed := true; changed; {
		changed = false
		for k, s := range m.steps {
			if k > 0 {
				if t := at[k-1] + m.steps[k-1].service + s.drive; t > at[k] {
					at[k], changed = t, true
				}
				if t := at[k] - s.within; s.within < forever && t > at[s.back] {
					at[s.back], changed = t, true
				}
			}
			if at[k] > s.shut {
				return nil, false
			}
		}
	}
	return at, true
}

// inOrder reports whether the last step keeps the vehicle's order and fixed beginning.
func (m *march) inOrder() bool {
	visit := func(s step) Visit { return Visit{s.request, !s.pickup} }
	k := len(m.steps) - 1
	if k <= m.vs.Fixed {
		return visit(m.steps[k]) == m.vs.Order[k-1]
	}
	at := slices.Index(m.vs.Order, visit(m.steps[k]))
	for _, s := range m.steps[1:k] {
		if at >= 0 && slices.Index(m.vs.Order, visit(s)) > at {
			return false
		}
	}
	return true
}

// lastIn reports whether nobody was fetched within Freeze before the arrival of the last step.
func (m *march) lastIn() bool {
	k := len(m.steps) - 1
	d := m.steps[k]
	if m.vs.Freeze == 0 || d.request == None || d.pickup {
		return true
	}
	rs, chain := &m.o.requests[d.request], int64(0)
	for q := k - 1; q > max(int(d.back), m.vs.Fixed); q-- {
		s := m.steps[q]
		chain += s.service + m.steps[q+1].drive
		if s.pickup && s.place != rs.Pickup && s.place != rs.Delivery && chain < int64(m.vs.Freeze) {
			return false
		}
	}
	return true
}

// arrive ends the route at its depot and prices it.
func (m *march) arrive(last step) {
	time, cost := m.o.p.travel.Row(m.vs.Class, last.place)
	end := step{node: m.o.p.EndOf(m.v), place: m.vs.End, request: None, drive: int64(time[m.vs.End]), within: forever}
	end.open, end.shut = int64(m.vs.Window.Earliest), int64(m.vs.Window.Latest)
	switch {
	case time[m.vs.End] >= Unreachable:
		return
	case m.vs.MaxDuration > 0 && m.vs.UnderWay:
		end.shut = min(end.shut, int64(m.vs.Departed)+int64(m.vs.MaxDuration))
	case m.vs.MaxDuration > 0:
		end.within = int64(m.vs.MaxDuration)
	}
	total := last.cost + int64(cost[m.vs.End]) + m.vs.FixedCost
	timed := false
	for i := range m.o.requests {
		s := &m.o.requests[i]
		if last.served>>i&1 == 1 && s.PreferredCost > 0 && s.Preferred != m.v {
			total += s.PreferredCost
		}
		if last.served>>i&1 == 1 && s.LikedCost > 0 && !slices.Contains(s.Liked, m.v) {
			total += s.LikedCost
		}
		timed = timed || last.served>>i&1 == 1 && s.PreferredTimeCost+s.LateCost+s.LongRideCost > 0
	}
	if total >= m.least[last.served] {
		return
	}
	m.steps = append(m.steps, end)
	if _, ok := m.times(); ok {
		if timed {
			total += m.timeCost()
		}
		m.least[last.served] = min(m.least[last.served], total)
	}
	m.steps = m.steps[:len(m.steps)-1]
}

// timeCost is the least price of soft time limits, by the package's schedule.
func (m *march) timeCost() int64 {
	var nodes []Node
	for _, s := range m.steps[1 : len(m.steps)-1] {
		nodes = append(nodes, s.node)
	}
	return m.o.p.timeCost(m.v, nodes)
}
