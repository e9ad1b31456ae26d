package solver

// Where a vehicle's fixed cost outweighs whole routes, the number of vehicles comes first. Annealing at the temperature of travel
// costs would never pass through a plan with one vehicle more, so the search then works in two phases: it closes a vehicle,
// lets requests be unserved at growing prices until all find a place, and goes on; when that has not succeeded for a while,
// it keeps the fleet and looks for the shortest routes. The growing prices follow the absence counters of Christiaens & Vanden
// Berghe (2020, section 5.4).

// fleetFirst is how many times the routing cost of an average request a fixed cost must be to come first.
const fleetFirst = 30

// reduceShare is the temperature while vehicles are closed.
const reduceShare = 0.0012

// fleetPatience is the share of the search after which a fleet that could not be reduced is kept, and fleetEnd the share at which
// the second phase begins at the latest.
const (
	fleetPatience = 0.25
	fleetEnd      = 0.6
)

// soften returns the problem that the search works on: p itself, or p without fixed costs where those come first. routing is the
// routing cost of an average request.
func (p *Problem) soften(routing float64) (shown *Problem, fleet bool) {
	most := int64(0)
	for v := range p.vehicleSpec {
		most = max(most, p.vehicleSpec[v].FixedCost)
	}
	if routing <= 0 || float64(most) < fleetFirst*routing {
		return p, false
	}
	c := *p
	c.vehicleSpec = clone(p.vehicleSpec)
	for v := range c.vehicleSpec {
		c.vehicleSpec[v].FixedCost = 0
	}
	return &c, true
}

// averageRouting is the mean cost of the legs of a request driven alone from the nearest thing to a depot that there is: its direct
// leg twice. It is a scale, not a bound.
func (p *Problem) averageRouting() float64 {
	sum, n := 0.0, 0
	for r := range p.requestSpec {
		s := &p.requestSpec[r]
		if c := p.row(0, s.Pickup).cost[s.Delivery]; c < Unreachable {
			sum += 2 * float64(c)
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

// fixedCost is what the vehicles in use cost beyond what the search charges.
func (w *worker) fixedCost() int64 {
	if !w.fleet {
		return 0
	}
	sum := int64(0)
	for v, h := range w.st.route {
		if !w.a.at(h).empty {
			sum += w.orig.vehicleSpec[v].FixedCost
		}
	}
	return sum
}

// closeOne ends the use of the vehicle in use with the fewest requests that may all move, and of all that stand empty. It reports
// whether there was one; the last is never closed.
func (w *worker) closeOne() bool {
	pick, fewest, used := Vehicle(None), int32(1<<30), 0
	for _, v := range w.active {
		s := w.a.at(w.st.route[v])
		if s.empty {
			continue
		}
		used++
		if s.n < fewest && w.allMove(s) {
			pick, fewest = v, s.n
		}
	}
	if pick == None || used < 2 {
		return false
	}
	w.stamp++
	w.taken = w.taken[:0]
	for _, n := range w.a.at(w.st.route[pick]).node {
		if r := w.p.RequestOf(n); r != None {
			w.take(r)
		}
	}
	w.todo = w.todo[:0]
	w.removeTaken()
	w.st.keep()
	w.closeIdle()
	return true
}

func (w *worker) allMove(s *interned) bool {
	for _, n := range s.node {
		if r := w.p.RequestOf(n); r != None && (!w.movable(r) || w.p.aboard.at(r)) {
			return false
		}
	}
	return true
}

// closeIdle takes the vehicles that serve nobody out of the search.
func (w *worker) closeIdle() {
	kept := w.active[:0]
	for _, v := range w.active {
		if w.st.route[v] != w.st.empty[v] {
			kept = append(kept, v)
		} else {
			w.open[v] = false
		}
	}
	w.active = kept
}

// reopen makes exactly the vehicles that the best plan uses available, and runs it.
func (w *worker) reopen() {
	w.best.load(w.st)
	w.active = w.active[:0]
	for v := range Vehicle(w.p.vehicles) {
		w.open[v] = w.mayOpen[v] && w.st.route[v] != w.st.empty[v]
		if w.open[v] {
			w.active = append(w.active, v)
		}
	}
	w.rescale()
	w.best.search = w.st.cost
}

// reduceFleet runs between rounds of the first phase: it closes the next vehicle when everybody is served, raises the prices of those
// who are not, and ends the phase when it has lasted long enough.
func (w *worker) reduceFleet(done float64) {
	if len(w.st.out) == 0 {
		w.fleetSince = done
		if !w.closeOne() {
			w.fleetDone(done)
		}
		return
	}
	if done >= fleetEnd || done > w.fleetSince+fleetPatience {
		w.fleetDone(done)
		return
	}
	for _, r := range w.st.out {
		more := max(1, int64(w.base/4))
		w.st.penalty[r] += more
		w.st.cost += more
	}
}

// fleetDone begins the second phase.
func (w *worker) fleetDone(done float64) {
	w.reducing = false
	w.coolFrom = done
	w.reopen()
}

// adoptFleet takes over the best plan of another worker that needs fewer vehicles.
func (w *worker) adoptFleet(other *worker) {
	for v := range w.best.routes {
		w.best.routes[v] = append(w.best.routes[v][:0], other.best.routes[v]...)
	}
	w.bestCost = other.bestCost
	w.reopen()
}
