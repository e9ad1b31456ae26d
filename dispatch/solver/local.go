package solver

// localSearch moves single requests of the routes that changed since the mark, to another route or within their own, and swaps tails of
// theirs with others', as long as that helps. Every route that a move touches is looked at again.
func (w *worker) localSearch(mark int) {
	w.queue = w.queue[:0]
	w.seen++
	for _, c := range w.st.log[mark:] {
		// The first entry of a vehicle tells what it ran at the mark. A repair often gives back what was there.
		if c.v != None && w.nearAt[c.v] != w.seen {
			w.nearAt[c.v] = w.seen
			if c.old != w.st.route[c.v] {
				w.enqueue(c.v)
			}
		}
	}
	for budget := 200; len(w.queue) > 0 && budget > 0; budget-- {
		v := w.queue[len(w.queue)-1]
		w.queue = w.queue[:len(w.queue)-1]
		w.queued[v] = false
		w.relocateFrom(v)
		w.swapTails(v)
		if budget&15 == 0 && w.stop() {
			break
		}
	}
	for _, v := range w.queue {
		w.queued[v] = false
	}
}

func (w *worker) enqueue(v Vehicle) {
	if !w.queued[v] {
		w.queued[v] = true
		w.queue = append(w.queue, v)
	}
}

// relocateFrom tries every request of v once and moves it where that saves most.
func (w *worker) relocateFrom(v Vehicle) {
	st := w.st
	w.members = w.members[:0]
	for _, n := range st.a.at(st.route[v]).node {
		if r := w.p.RequestOf(n); r != None && w.p.IsDelivery(n) && w.movable(r) {
			w.members = append(w.members, r)
		}
	}
	for _, r := range w.members {
		if st.on[r] == v {
			w.relocate(r, v)
		}
	}
}

// relocate moves r, which rides in v, to its best place if that saves something.
func (w *worker) relocate(r Request, v Vehicle) {
	st := w.st
	save := w.saving(r)
	if save <= 0 {
		return
	}
	to, variant, sp := w.cheapest(r, 0, v, save)
	h := st.route[v]
	settled := st.a.settled(h, r)
	if to == None && settled {
		return
	}
	rest := st.without(v, func(o Request) bool { return o == r })
	limit := save
	if to != None {
		limit = sp.delta
	}
	alone := !w.p.hasPreferred || w.p.preferenceCost(v, r) == 0
	if !settled && alone {
		if own, o, exact := st.a.peek(rest, r); own.delta < limit {
			if !exact {
				own, o = st.a.best(rest, r)
			}
			if own.delta < limit {
				before := st.cost
				st.setRoute(v, st.a.inserted(o, r, own))
				st.moved(before, own.delta-save)
				w.enqueue(v)
				return
			}
		}
	}
	if to == None {
		if alone {
			st.a.settle(h, r)
		}
		return
	}
	before := st.cost
	st.setRoute(v, rest)
	st.setVehicle(r, None)
	st.moved(before, st.penalty[r]-save)
	st.insert(to, r, variant, sp)
	w.enqueue(v)
	w.enqueue(to)
}

// saving is what the objective loses with r out of its route, penalties aside.
func (w *worker) saving(r Request) int64 {
	st, p := w.st, w.p
	v := st.on[r]
	s := st.a.at(st.route[v])
	save := int64(0)
	if p.hasPreferred {
		save = p.preferenceCost(v, r)
	}
	if s.soft || p.BreaksOf(v) > 0 {
		h := st.without(v, func(o Request) bool { return o == r })
		return save + s.cost - st.a.at(h).cost
	}
	if s.n == 4 || s.n == 3 {
		return save + s.cost
	}
	return save + s.cost - w.bridged(s, r, v)
}

// bridged is the cost of the route of v with the two nodes of r left out.
func (w *worker) bridged(s *interned, r Request, v Vehicle) int64 {
	p := w.p
	pickup, delivery := p.PickupOf(r), p.DeliveryOf(r)
	class := p.vehicleSpec[v].Class
	cost := s.cost
	for k := int32(1); k < s.n-1; k++ {
		if n := s.node[k]; n != pickup && n != delivery {
			continue
		}
		from, to := k-1, k+1
		cost -= int64(s.leg[k-1]) + int64(s.leg[k])
		if s.node[k] == pickup && s.node[to] == delivery {
			cost -= int64(s.leg[to])
			to++
			k++
		}
		cost += int64(p.row(class, s.at[from]).cost[s.at[to]])
	}
	return cost
}
