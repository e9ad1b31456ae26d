package solver

// regretMost is the largest k of regret-k insertion.
const regretMost = 4

// repairRegret inserts the requests of todo, always the one next that would lose most by waiting: the sum over its 2nd to k-th
// best vehicles of what they cost more than its best one (regret-k heuristic, Ropke & Pisinger 2006, section 3.2.2). A vehicle that is
// not there counts as the price of being left out. k is drawn from 2 to regretMost.
//
// It gives up, and returns false, as repairGreedy does.
func (w *worker) repairRegret() bool {
	k := 2 + w.rnd.IntN(regretMost-1)
	pending := int64(0)
	for _, r := range w.todo {
		pending += w.st.penalty[r]
	}
	w.left = append(w.left[:0], w.todo...)
	for len(w.left) > 0 {
		pick, most := 0, int64(-1)
		var choice offer
		for i, r := range w.left {
			few := w.bestFew(r, k)
			if regret := few.regret(k, w.st.penalty[r]); regret > most {
				pick, most, choice = i, regret, few.best[0]
			}
		}
		r := w.left[pick]
		w.left[pick] = w.left[len(w.left)-1]
		w.left = w.left[:len(w.left)-1]
		room := w.ceiling - (w.st.cost - pending) + 1
		own := w.st.penalty[r]
		pending -= own
		if min(own, choice.sp.delta) >= room {
			return false
		}
		if choice.sp.delta < own {
			w.st.insert(choice.v, r, choice.variant, choice.sp)
		}
	}
	return true
}

// offer is the best insertion of a request into one vehicle.
type offer struct {
	v       Vehicle
	variant int32
	sp      spot
}

// offers are the best insertions of a request, cheapest first; count says how many.
type offers struct {
	best  [regretMost]offer
	count int
}

// regret is what waiting may cost: price for every one of the k that is not there.
func (f *offers) regret(k int, price int64) int64 {
	first := price
	if f.count > 0 {
		first = min(price, f.best[0].sp.delta)
	}
	sum := int64(0)
	for i := 1; i < k; i++ {
		next := price
		if i < f.count {
			next = min(price, f.best[i].sp.delta)
		}
		sum += next - first
	}
	return sum
}

// add keeps o if it is one of the k best.
func (f *offers) add(o offer, k int) {
	if f.count == k && o.sp.delta >= f.best[k-1].sp.delta {
		return
	}
	f.count = min(k, f.count+1)
	i := f.count - 1
	for ; i > 0 && f.best[i-1].sp.delta > o.sp.delta; i-- {
		f.best[i] = f.best[i-1]
	}
	f.best[i] = o
}

// bestFew finds the k cheapest insertions of r, one a vehicle. Without any, best[0] costs noDelta.
func (w *worker) bestFew(r Request, k int) offers {
	p, st := w.p, w.st
	var few offers
	few.best[0].sp.delta = noDelta
	home := Vehicle(None)
	if p.hasShare {
		home = p.shareVehicle(r, st.on)
	}
	w.seen++
	for _, v := range w.candidates(r) {
		if !p.compatible(v, r) || !fitsShare(v, home) || w.alike(v) {
			continue
		}
		sp, variant, exact := st.a.peek(st.route[v], r)
		if sp.delta == noDelta {
			continue
		}
		sp.delta += p.preferenceCost(v, r)
		if exact {
			few.add(offer{v, variant, sp}, k)
		} else {
			w.maybe = append(w.maybe, maybe{low: sp.delta, v: v})
		}
	}
	for len(w.maybe) > 0 {
		m := w.nextMaybe()
		if few.count == k && m.low >= few.best[k-1].sp.delta {
			break
		}
		if sp, variant := st.a.best(st.route[m.v], r); sp.delta != noDelta {
			sp.delta += p.preferenceCost(m.v, r)
			few.add(offer{m.v, variant, sp}, k)
		}
	}
	w.maybe = w.maybe[:0]
	return few
}
