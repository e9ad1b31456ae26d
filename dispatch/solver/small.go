package solver

// What a search does otherwise where there are few requests, and at its end.
//
// With few requests one move is a large share of the plan's cost, there is nothing far away to spread chance over, and the plan that
// differs in everybody's place is still near: so temperatures are higher, more routes are overlooked and everybody may be
// taken out at once. Measured on the small problems of TestAThousandDaysAreFeasibleAndSmallOnesOptimal, by the share
// that ends at the optimum.

const (
	// quotaSmall is how many requests a round may take out however few there are.
	quotaSmall = 6
	// fewRequests is the number of requests below which temperatures rise as the number falls.
	fewRequests = 24
	// blinkMost is the largest share of routes that is overlooked, one in so many; blinkEach is how many requests stand for one route
	// less in so many, until blinkRate is reached.
	blinkMost = 5
	blinkEach = 2
)

// heat is the factor by which a search of so few requests is hotter.
func heat(requests int) float64 { return max(1, fewRequests/float64(max(1, requests))) }

// blinks is the share of routes that greedy insertion overlooks, one in so many.
func blinks(requests int) int { return min(blinkRate, max(blinkMost, blinkEach*requests)) }

// oddRate says how many insertions of a search of few requests there are for one at a place that is not the best, and oddSpots from
// how many places it is drawn: some sequences no order of best insertions makes.
const (
	oddRate  = 8
	oddSpots = 8
)

// placeOdd inserts r at one of its better places in a random vehicle, and reports whether it did.
func (w *worker) placeOdd(r Request) bool {
	if len(w.mobile) >= fewRequests || len(w.active) == 0 || w.p.aboard.at(r) || w.rnd.IntN(oddRate) > 0 {
		return false
	}
	p, st, a := w.p, w.st, w.a
	v := w.active[w.rnd.IntN(len(w.active))]
	if !p.compatible(v, r) || p.hasShare && !fitsShare(v, p.shareVehicle(r, st.on)) {
		return false
	}
	h := st.route[v]
	if p.BreaksOf(v) > 0 {
		list := a.arrangements(h)
		if len(list) == 0 {
			return false
		}
		h = list[w.rnd.IntN(len(list))]
	}
	if !a.ready(h) {
		return false
	}
	a.pr.aim(p, r, Always(), Always())
	a.pr.many, a.pr.spots = oddSpots, a.pr.spots[:0]
	a.pr.best(&a.slots[h].route, noDelta)
	a.pr.many = 0
	if len(a.pr.spots) == 0 {
		return false
	}
	sp := a.pr.spots[w.rnd.IntN(len(a.pr.spots))]
	rt := &a.slots[h].route
	sp.delta += rt.cost - a.at(st.route[v]).cost + p.preferenceCost(v, r)
	if rt.empty {
		sp.delta += p.vehicleSpec[v].FixedCost + baseLegs(rt)
	}
	st.insert(v, r, h, sp)
	return true
}

// endFrom is the share of the search after which it reckons with the requests' own unserved costs.
const endFrom = 0.5

// settlePrices takes the requests' own unserved costs for penalties towards the end, and begins that part from the best plan: until
// then the penalties are smaller and nearer to one another, so that the search passes through plans that leave
// somebody out, but which ones are best left out only the true costs say. Where they are all alike the penalties say it too.
func (w *worker) settlePrices(done float64) {
	switch late := done >= endFrom; {
	case late == w.priced:
	case !late:
		w.priced = false
		w.rescale()
		w.best.search = w.st.cost
	case w.choosy && w.best.served(w.p) < int(w.p.requests):
		w.priced = true
		w.best.load(w.st)
		copy(w.st.penalty, w.p.unserved)
		w.st.recount()
		w.best.search = w.st.cost
	}
}

// served is the number of requests that the copy serves.
func (c *planCopy) served(p *Problem) int {
	n := 0
	for _, route := range c.routes {
		for _, node := range route {
			if p.IsDelivery(node) {
				n++
			}
		}
	}
	return n
}

// choosy reports whether it matters which requests are left out.
func (p *Problem) choosy() bool {
	first := int64(noDelta)
	for r := range Request(p.requests) {
		if p.aboard.at(r) {
			continue
		}
		if first == noDelta {
			first = p.unserved.at(r)
		}
		if p.unserved.at(r) != first {
			return true
		}
	}
	return p.fairness.Weight > 0
}
