package solver

// Tails: two vehicles swap all that they do after points at which they stand empty (2-opt*, Potvin & Rousseau 1995, doi
// 10.1057/jors.1995.204, at the empty points of pickups and deliveries; every vehicle still ends at its own end). Taking out and putting back
// single requests hardly ever finds such a swap, for all requests of a tail would have to move together.

// tailSwap gives v what u does after position l, and u what v does after k.
type tailSwap struct {
	delta int64 // of the routes' costs
	v, u  Vehicle
	k, l  int32
}

// swapTries is how many swaps of one vehicle are tried as whole routes.
const swapTries = 6

// tailSwaps are the cheapest of those that were added, the cheapest first.
type tailSwaps struct {
	list  [swapTries]tailSwap
	count int
}

func (ts *tailSwaps) add(t tailSwap) {
	if ts.count == swapTries && t.delta >= ts.list[ts.count-1].delta {
		return
	}
	ts.count = min(swapTries, ts.count+1)
	i := ts.count - 1
	for ; i > 0 && ts.list[i-1].delta > t.delta; i-- {
		ts.list[i] = ts.list[i-1]
	}
	ts.list[i] = t
}

// mayCut reports whether tails of v may be swapped at all: breaks would have to be placed anew, and the cost of soft times is not that of legs.
func (w *worker) mayCut(v Vehicle) bool {
	return w.open[v] && w.p.BreaksOf(v) == 0 && !w.a.at(w.st.route[v]).soft && !w.p.hasShare
}

// swapTails makes the swap between v and another vehicle that saves most, and reports whether there was one. The other vehicle may stand
// empty: it then takes over a tail, or, being of another kind, the whole route.
func (w *worker) swapTails(v Vehicle) bool {
	if !w.mayCut(v) || w.st.route[v] == w.st.empty[v] {
		return false
	}
	w.cuts = w.emptyPoints(v, w.cuts[:0])
	w.swaps.count = 0
	w.seen++
	for _, u := range w.active {
		if u == v || w.p.vehicleSpec[u].Class != w.p.vehicleSpec[v].Class || !w.mayCut(u) || w.alike(u) {
			continue
		}
		w.otherCuts = w.emptyPoints(u, w.otherCuts[:0])
		for _, k := range w.cuts {
			for _, l := range w.otherCuts {
				if t, ok := w.tailSwap(v, u, k, l); ok && t.delta < 0 {
					w.swaps.add(t)
				}
			}
		}
	}
	for _, t := range w.swaps.list[:w.swaps.count] {
		if w.swap(t, w.st.cost) {
			w.enqueue(v)
			w.enqueue(t.u)
			return true
		}
	}
	return false
}

// emptyPoints appends the positions of v's route that nobody is aboard after, the end left out.
func (w *worker) emptyPoints(v Vehicle, buf []int32) []int32 {
	s := w.a.at(w.st.route[v])
	aboard := w.p.startRiders.at(v)
	for k := range s.n - 1 {
		switch n := s.node[k]; {
		case w.p.IsPickup(n):
			aboard++
		case w.p.IsDelivery(n):
			aboard--
		}
		if aboard == 0 {
			buf = append(buf, k)
		}
	}
	return buf
}

// tailSwap prices a swap; ok is false where it would change nothing or the windows do not allow it.
func (w *worker) tailSwap(v, u Vehicle, k, l int32) (t tailSwap, ok bool) {
	a, b := w.a.at(w.st.route[v]), w.a.at(w.st.route[u])
	if k == 0 && l == 0 && w.p.kind.at(v) == w.p.kind.at(u) || k == a.n-2 && l == b.n-2 {
		return t, false
	}
	mine, ok := w.graft(a, b, k, l)
	if !ok {
		return t, false
	}
	theirs, ok := w.graft(b, a, l, k)
	return tailSwap{mine + theirs, v, u, k, l}, ok
}

// graft is what a costs more with the tail of b after l in place of its own after k, but for the legs within the tails, and whether the
// windows may allow it.
func (w *worker) graft(a, b *interned, k, l int32) (delta int64, ok bool) {
	if k == 0 && l == b.n-2 {
		return w.tailCost(a, 0) - a.cost, true // nobody is left, and nothing is paid
	}
	p := w.p
	class, end := p.vehicleSpec[a.v].Class, a.n-1
	row := p.row(class, a.at[k])
	switch {
	case a.empty:
		delta = p.vehicleSpec[a.v].FixedCost // and its legs were not paid for
	case k < end-1:
		delta = -int64(a.leg[k]) - int64(a.leg[end-1])
	default:
		delta = -int64(a.leg[k])
	}
	at := a.early[k] + a.svc[k]
	if l < b.n-2 {
		first := b.at[l+1]
		delta += int64(row.cost[first])
		if at += row.time[first]; at > b.late[l+1] {
			return 0, false
		}
		at += b.chain[b.n-2] - b.chain[l+1] + b.svc[b.n-2]
		row = p.row(class, b.at[b.n-2])
	}
	return delta + int64(row.cost[a.at[end]]), at+row.time[a.at[end]] <= a.late[end]
}

// tailCost is the cost of the legs between the nodes of a after position k, depots left out.
func (w *worker) tailCost(a *interned, k int32) int64 {
	sum := int64(0)
	for _, c := range a.leg[k+1 : a.n-2] {
		sum += int64(c)
	}
	return sum
}

// swap makes the swap if it is allowed and the plan then costs less than limit, and reports whether it did.
func (w *worker) swap(t tailSwap, limit int64) bool {
	p, st := w.p, w.st
	a, b := w.a.at(st.route[t.v]), w.a.at(st.route[t.u])
	if !w.mayRide(a.node[t.k+1:a.n-1], t.u) || !w.mayRide(b.node[t.l+1:b.n-1], t.v) {
		return false
	}
	w.tails = append(append(w.tails[:0], a.node[1:t.k+1]...), b.node[t.l+1:b.n-1]...)
	split := len(w.tails)
	w.tails = append(append(w.tails, b.node[1:t.l+1]...), a.node[t.k+1:a.n-1]...)
	h, g := w.whole(t.v, w.tails[:split]), w.whole(t.u, w.tails[split:])
	if !w.a.sound(h) || !w.a.sound(g) {
		return false
	}
	before, mark := st.cost, st.mark()
	st.setRoute(t.v, h)
	st.setRoute(t.u, g)
	for i, n := range w.tails {
		to := t.v
		if i >= split {
			to = t.u
		}
		if r := p.RequestOf(n); p.IsDelivery(n) && st.on[r] != to {
			t.delta += p.preferenceCost(to, r) - p.preferenceCost(st.on[r], r)
			st.setVehicle(r, to)
		}
	}
	if st.cost >= limit {
		st.undo(mark)
		return false
	}
	st.moved(before, t.delta)
	return true
}

// whole is the handle of v running nodes.
func (w *worker) whole(v Vehicle, nodes []Node) int32 {
	if len(nodes) == 0 {
		return w.st.empty[v]
	}
	return w.a.intern(v, nodes)
}

// mayRide reports whether all requests of the nodes may move to v.
func (w *worker) mayRide(nodes []Node, v Vehicle) bool {
	for _, n := range nodes {
		if r := w.p.RequestOf(n); r == None || !w.movable(r) || !w.p.compatible(v, r) {
			return false
		}
	}
	return true
}
