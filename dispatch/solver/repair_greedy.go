package solver

import "slices"

// blinkRate is the share of routes that greedy insertion overlooks, one in so many. From an experiment with R1a-R10a.
const blinkRate = 50

// repairGreedy inserts the unassigned requests of todo one by one, each at its cheapest place, in an order drawn at random:
// shuffled, or by how hard they are to place. Routes are overlooked at random (Christiaens & Vanden Berghe 2020, section 5.3).
//
// It gives up, and returns false, once the plan without those still to be placed costs more than the round may.
func (w *worker) repairGreedy() bool {
	w.order()
	// Whoever is placed may make the plan less fair until the next is: half of the rounds take that for a reason to leave them out.
	strict := w.p.fairness.Weight > 0 && w.rnd.IntN(2) == 0
	pending := int64(0)
	for _, r := range w.todo {
		pending += w.st.penalty[r]
	}
	for _, r := range w.todo {
		own := w.st.penalty[r]
		// The fairness term of a plan half made says nothing: those still to be placed may take it away.
		room := w.ceiling - (w.st.cost - pending - w.st.unfair()) + 1
		pending -= own
		if room <= 0 {
			return false
		}
		if w.placeOdd(r) {
			continue
		}
		if fair := w.st.relief(r); fair > 0 || strict {
			own += fair
		}
		if v, variant, sp := w.cheapest(r, blinks(len(w.mobile)), None, min(own, room)); v != None {
			w.st.insert(v, r, variant, sp)
		} else if own >= room {
			return false
		}
	}
	return true
}

// order sorts todo.
func (w *worker) order() {
	todo, p := w.todo, w.p
	w.rnd.Shuffle(len(todo), func(i, j int) { todo[i], todo[j] = todo[j], todo[i] })
	key := func(Request) int64 { return 0 }
	switch w.rnd.IntN(8) {
	case 0, 1, 2, 3:
		return
	case 4: // narrow first
		key = func(r Request) int64 {
			return int64(p.shut.at(p.PickupOf(r)) - p.open.at(p.PickupOf(r)) + p.shut.at(p.DeliveryOf(r)) - p.open.at(p.DeliveryOf(r)))
		}
	case 5: // long trips first
		key = func(r Request) int64 { return -int64(p.direct.at(r)) }
	case 6: // early first
		key = func(r Request) int64 { return int64(p.open.at(p.PickupOf(r))) }
	case 7: // heavy first
		key = func(r Request) int64 {
			sum := int64(0)
			for _, q := range p.loadOf(r) {
				sum -= int64(q)
			}
			return sum
		}
	}
	slices.SortStableFunc(todo, func(a, b Request) int {
		x, y := key(a), key(b)
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
}

// placeBest inserts r at its cheapest place, if that costs less than leaving it out. One route in blink is overlooked; 0 means none.
func (w *worker) placeBest(r Request, blink int) bool {
	v, variant, sp := w.cheapest(r, blink, None, w.st.penalty[r]+max(0, w.st.relief(r)))
	if v == None {
		return false
	}
	w.st.insert(v, r, variant, sp)
	return true
}

// cheapest finds the best insertion of r that costs less than limit over the vehicles that are worth a look, or over all where none
// of those has one, but for skip.
func (w *worker) cheapest(r Request, blink int, skip Vehicle, limit int64) (Vehicle, int32, spot) {
	list := w.candidates(r)
	v, variant, sp := w.cheapestOf(list, r, blink, skip, limit)
	if v == None && len(list) < len(w.active) && blink == 0 {
		return w.cheapestOf(w.active, r, blink, skip, limit)
	}
	return v, variant, sp
}

func (w *worker) cheapestOf(list []Vehicle, r Request, blink int, skip Vehicle, limit int64) (Vehicle, int32, spot) {
	p, st := w.p, w.st
	best, variant, found, chosen := Vehicle(None), int32(0), spot{delta: limit}, int64(0)
	home := Vehicle(None)
	if p.hasShare {
		home = p.shareVehicle(r, st.on)
	}
	w.seen++
	for _, v := range list {
		if v == skip || !p.compatible(v, r) || !fitsShare(v, home) {
			continue
		}
		if w.alike(v) || blink > 0 && w.rnd.IntN(blink) == 0 {
			continue
		}
		sp, o, exact := st.a.peek(st.route[v], r)
		if sp.delta == noDelta {
			continue
		}
		if p.hasPreferred {
			sp.delta += p.preferenceCost(v, r)
		}
		noise := int64(0)
		if w.noise > 0 {
			noise = w.rnd.Int64N(w.noise)
			sp.delta += noise
		}
		switch {
		case sp.delta >= found.delta:
		case exact:
			best, variant, found, chosen = v, o, sp, noise
		default:
			w.maybe = append(w.maybe, maybe{sp.delta, noise, v})
		}
	}
	return w.decide(r, offer{best, variant, found}, chosen)
}

// alike reports whether v stands empty as another vehicle of its kind does that was seen already: one of them is enough; and none
// in a round that opens no vehicle.
func (w *worker) alike(v Vehicle) bool {
	if w.st.route[v] != w.st.empty[v] || !w.keepShut && !w.p.plain.at(v) {
		return false
	}
	if w.keepShut {
		return true
	}
	k := w.p.kind.at(v)
	if w.kindSeen[k] == w.seen {
		return true
	}
	w.kindSeen[k] = w.seen
	return false
}

// maybe is a vehicle whose best insertion is only known to cost at least low, noise included.
type maybe struct {
	low, noise int64
	v          Vehicle
}

// nextMaybe takes the vehicle with the lowest bound from the list, which is not empty.
func (w *worker) nextMaybe() maybe {
	at := 0
	for i := range w.maybe {
		if w.maybe[i].low < w.maybe[at].low {
			at = i
		}
	}
	m := w.maybe[at]
	w.maybe[at] = w.maybe[len(w.maybe)-1]
	w.maybe = w.maybe[:len(w.maybe)-1]
	return m
}

// decide computes insertions in the order of their lower bounds until none can beat the best found, in which noise is included.
func (w *worker) decide(r Request, found offer, noise int64) (Vehicle, int32, spot) {
	for len(w.maybe) > 0 {
		m := w.nextMaybe()
		if m.low >= found.sp.delta {
			break
		}
		sp, variant := w.a.best(w.st.route[m.v], r)
		if sp.delta == noDelta {
			continue
		}
		if w.p.hasPreferred {
			sp.delta += w.p.preferenceCost(m.v, r)
		}
		sp.delta += m.noise
		if sp.delta < found.sp.delta {
			found, noise = offer{m.v, variant, sp}, m.noise
		}
	}
	w.maybe = w.maybe[:0]
	found.sp.delta -= noise
	return found.v, found.variant, found.sp
}
