package solver

// Stop is one visit of a scheduled route: the vehicle arrives, starts service at Begin and leaves at Leave, all in ticks. Waiting is
// Begin - Arrive.
type Stop struct {
	Node                 Node
	Arrive, Begin, Leave int32
}

// Scheduler times routes. It is scratch for one goroutine; the zero value is ready.
//
// Among all feasible schedules of a route it picks one that is least, in this order, by the cost of its soft time limits, by the
// sum of ride times (which is waiting with passengers aboard, as driving and service are fixed), then by each start of service;
// the vehicle leaves its depot as late as that allows.
type Scheduler struct {
	rt    route
	arcs  []arc
	extra []int64 // [k] flow that still has to leave node k; negative: to arrive
	dist  []int64
	via   []int32 // arc by which the longest path enters a node
	stops []Stop
}

// arc says start(to) - start(from) >= least. Breaking it costs `room` a tick; room noRoom makes it hard. flow is the dual price.
type arc struct {
	from, to int32
	least    int64
	room     int64
	flow     int64
}

const noRoom = int64(1) << 60

// Schedule appends the stops of v running route to out, start and end depot included, and reports whether the times work. On
// failure out is returned as it was.
//
// The times minimise a weighted sum of starts under difference constraints, whose dual is a minimum-cost flow; it is solved by
// successive longest paths (Ahuja, Magnanti & Orlin 1993, section 9.7), one for every rider.
func (sc *Scheduler) Schedule(p *Problem, v Vehicle, route []Node, out []Stop) ([]Stop, bool) {
	return sc.scheduleWithin(p, v, route, None, TimeWindow{}, TimeWindow{}, out)
}

// scheduleWithin is Schedule with the windows of one request narrowed.
func (sc *Scheduler) scheduleWithin(p *Problem, v Vehicle, route []Node, r Request, pickup, delivery TimeWindow, out []Stop) ([]Stop, bool) {
	rt := &sc.rt
	rt.lay(p, v, route)
	if !rt.follow(p) || !rt.board(p) || !rt.closeTimes(p) {
		return out, false
	}
	sc.lay(p)
	for k, node := range rt.node {
		if r == None || p.RequestOf(node) != r {
			continue
		}
		w := pickup
		if p.IsDelivery(node) {
			w = delivery
		}
		sc.narrow(int32(k), w)
	}
	sc.balance(p)
	for sc.augment() {
	}
	sc.settle(rt.n)
	return sc.read(p, out), true
}

// lay writes the difference constraints as arcs; node n is the origin.
func (sc *Scheduler) lay(p *Problem) {
	rt := &sc.rt
	n := rt.n
	sc.arcs = sc.arcs[:0]
	hard := func(from, to int32, least int64) {
		sc.arcs = append(sc.arcs, arc{from, to, least, noRoom, 0})
	}
	for k := range n {
		node := rt.node[k]
		hard(n, k, int64(p.open.at(node)))
		hard(k, n, -int64(p.shut.at(node)))
		if k > 0 {
			hard(k-1, k, int64(rt.chain[k]-rt.chain[k-1]))
			if back, within := rt.backEdge(p, k); within < NoLimit {
				hard(k, back, -int64(within))
			}
		}
		sc.pricedArcs(p, k)
	}
}

// narrow adds a window to position k.
func (sc *Scheduler) narrow(k int32, w TimeWindow) {
	n := sc.rt.n
	sc.arcs = append(sc.arcs, arc{n, k, int64(w.Earliest), noRoom, 0}, arc{k, n, -int64(w.Latest), noRoom, 0})
	for i := range n {
		sc.rt.early[i] = max(sc.rt.early[i], w.Earliest+sc.rt.apart[k*n+i])
	}
}

// scheduleScale makes soft time limits outweigh ride times: shifting one start by a tick changes the sum of ride times by at most
// the number of riders of a route, which stays below.
const scheduleScale = 1 << 12

// balance sets what must flow for optimality from the earliest schedule: a unit from each pickup to its delivery, and the price of
// every soft time limit that the earliest schedule misses.
func (sc *Scheduler) balance(p *Problem) {
	rt := &sc.rt
	n := rt.n
	sc.extra = resize(sc.extra, int(n)+1)
	sc.dist = resize(sc.dist, int(n)+1)
	sc.via = resize(sc.via, int(n)+1)
	clear(sc.extra)
	for k := range n {
		if !p.IsDelivery(rt.node[k]) {
			continue
		}
		sc.extra[k]--
		if rt.pick[k] == None {
			sc.extra[n]++
		} else {
			sc.extra[rt.pick[k]]++
		}
	}
	at := func(k int32) int64 {
		if k == n {
			return 0
		}
		return int64(rt.early[k])
	}
	for i := range sc.arcs {
		a := &sc.arcs[i]
		if a.room < noRoom && at(a.to)-at(a.from) < a.least {
			a.flow = a.room
			sc.extra[a.to] += a.flow
			sc.extra[a.from] -= a.flow
		}
	}
}

// augment sends flow from one node that has too much to the one that it reaches by the longest path among those that have too
// little, and reports whether there was any.
func (sc *Scheduler) augment() bool {
	source := int32(-1)
	for k, x := range sc.extra {
		if x > 0 {
			source = int32(k)
			break
		}
	}
	if source < 0 {
		return false
	}
	sc.longest(source)
	sink := int32(-1)
	for k, x := range sc.extra {
		if x < 0 && sc.dist[k] > -noRoom && (sink < 0 || sc.dist[k] > sc.dist[sink]) {
			sink = int32(k)
		}
	}
	amount := min(sc.extra[source], -sc.extra[sink])
	for k := sink; k != source; {
		a := &sc.arcs[sc.via[k]>>1]
		if sc.via[k]&1 == 0 {
			amount = min(amount, a.room-a.flow)
			k = a.from
		} else {
			amount = min(amount, a.flow)
			k = a.to
		}
	}
	for k := sink; k != source; {
		a := &sc.arcs[sc.via[k]>>1]
		if sc.via[k]&1 == 0 {
			a.flow += amount
			k = a.from
		} else {
			a.flow -= amount
			k = a.to
		}
	}
	sc.extra[source] -= amount
	sc.extra[sink] += amount
	return true
}

// longest fills dist and via with the longest residual paths from source. An arc can be used forwards while it has room and
// backwards while it carries flow; via holds 2*arc, plus 1 for backwards.
func (sc *Scheduler) longest(source int32) {
	for k := range sc.dist {
		sc.dist[k] = -noRoom
	}
	sc.dist[source] = 0
	for changed := true; changed; {
		changed = false
		for i := range sc.arcs {
			a := &sc.arcs[i]
			if d := sc.dist[a.from] + a.least; a.flow < a.room && d > sc.dist[a.to] && sc.dist[a.from] > -noRoom {
				sc.dist[a.to], sc.via[a.to] = d, int32(2*i)
				changed = true
			}
			if d := sc.dist[a.to] - a.least; a.flow > 0 && d > sc.dist[a.from] && sc.dist[a.to] > -noRoom {
				sc.dist[a.from], sc.via[a.from] = d, int32(2*i+1)
				changed = true
			}
		}
	}
}

// settle reads the earliest optimal starts, which are the longest residual paths from the origin, into early.
func (sc *Scheduler) settle(n int32) {
	sc.longest(n)
	for k := range n {
		sc.rt.early[k] = int32(sc.dist[k])
	}
}

// read writes the stops, with the departure from the depot as late as the first stop allows.
func (sc *Scheduler) read(p *Problem, out []Stop) []Stop {
	rt := &sc.rt
	if rt.n > 1 {
		rt.early[0] = min(p.shut.at(rt.node[0]), rt.early[1]-(rt.chain[1]-rt.chain[0]))
	}
	for k := range rt.n {
		st := Stop{Node: rt.node[k], Begin: rt.early[k], Leave: rt.early[k] + rt.svc[k]}
		st.Arrive = st.Begin
		if k > 0 {
			st.Arrive = rt.early[k-1] + rt.chain[k] - rt.chain[k-1]
		}
		out = append(out, st)
	}
	return out
}
