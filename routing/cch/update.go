package cch

import (
	"fmt"
	"slices"
)

// Change gives an input arc a new weight in ms; Inf or more closes it.
type Change struct {
	Arc    uint32
	Weight uint32
}

// Update returns a metric with some weights changed, as if customized from scratch with them. m is untouched and stays
// in use by whoever holds it; the two share every page without a difference. Of several changes to one arc the last counts. The only error is an arc out of range, wrapped
// in ErrWeights.
//
// Hierarchy arcs are recomputed in ascending sequence, and only those with a lower triangle whose change can matter: one that gave the arc
// its weight or that now equals or undercuts it (partial customization: Dibbelt, Strasser, Wagner 2016, section 7.4). The time is that of the arcs affected,
// plus a copy of the page tables; where a large share of all arcs changes, Customize is faster and Update calls it.
func (m *Metric) Update(changes []Change) (*Metric, error) {
	for _, c := range changes {
		if uint64(c.Arc) >= uint64(m.topo.inputArcs) {
			return nil, fmt.Errorf("cch: update arc %d of %d: %w", c.Arc, m.topo.inputArcs, ErrWeights)
		}
	}
	if len(changes) > m.topo.inputArcs/fullShare {
		return m.customizeWith(changes)
	}
	u := &updater{
		Metric:    &Metric{topo: m.topo, pages: slices.Clone(m.pages), input: slices.Clone(m.input), ways: slices.Clone(m.ways)},
		owned:     make([]bool, len(m.pages)),
		ownedWays: make([]bool, len(m.ways)),
	}
	ownedInput := make([]bool, len(m.input))
	for _, c := range changes {
		p := c.Arc >> inputShift
		if !ownedInput[p] {
			u.input[p], ownedInput[p] = slices.Clone(u.input[p]), true
		}
		u.input[p][c.Arc&inputMask] = min(c.Weight, Inf)
		if s := m.topo.slot[c.Arc]; s != None {
			arc, _ := m.topo.arcOfSlot(s)
			u.queue.push(arc)
		}
	}
	u.run()
	return u.Metric, nil
}

// fullShare: if more than one input arc in this many changes, all is computed anew. Spread at random, one changed arc in a
// thousand costs as much as all of them on two cores, on Delaware as on a million nodes.
const fullShare = 1000

// customizeWith is Update by a whole customization.
func (m *Metric) customizeWith(changes []Change) (*Metric, error) {
	weights := slices.Concat(m.input...)
	for _, c := range changes {
		weights[c.Arc] = c.Weight
	}
	return m.topo.Customize(weights, 0)
}

// arcOfSlot is the hierarchy arc whose weight is at the slot, and whether it is the weight downward. It undoes slotOf.
func (t *Topology) arcOfSlot(slot uint32) (arc uint32, down bool) {
	v := t.tail[slot>>1] // the slots of v are twice its arcs
	lo, hi := t.first[v], t.first[v+1]
	if arc = slot - lo; arc >= hi {
		return arc - (hi - lo), true
	}
	return arc, false
}

// updater is the metric in the making.
type updater struct {
	*Metric
	owned     []bool // [page] already a copy
	ownedWays []bool // [page] already a copy
	queue     arcQueue
}

// run recomputes arcs until no change is left to pass on.
func (u *updater) run() {
	last := None
	for len(u.queue) > 0 {
		arc := u.queue.pop()
		if arc == last { // pushed more than once; equal arcs follow each other
			continue
		}
		last = arc
		v := u.topo.tail[arc]
		i, deg := u.topo.place(v, arc)
		u.forgetWay(u.topo.first[v] + arc)
		u.forgetWay(u.topo.first[v] + arc + deg)
		row := u.row(v)
		oldUp, oldDown := row[i], row[i+deg]
		up, down := u.compute(v, arc)
		if up == oldUp && down == oldDown {
			continue
		}
		if p := v >> pageShift; !u.owned[p] {
			u.pages[p], u.owned[p] = slices.Clone(u.pages[p]), true
			row = u.row(v)
		}
		row[i], row[i+deg] = up, down
		u.pass(v, i, oldUp, oldDown)
	}
}

// forgetWay makes the way of a slot unknown, in the new metric only. Even where the weight stays it may come from elsewhere.
func (u *updater) forgetWay(slot uint32) {
	p := slot >> wayShift
	if !u.ownedWays[p] {
		u.ways[p], u.ownedWays[p] = u.ways[p].clone(), true
	}
	if page := u.ways[p].at.Load(); page != nil {
		page[slot&wayMask].Store(0)
	}
}

// place is the position of an arc in the row of its tail v, and the number of up-arcs of v.
func (t *Topology) place(v, arc uint32) (i, deg uint32) {
	return arc - t.first[v], t.first[v+1] - t.first[v]
}

// compute returns the weights of an arc of v from its input arcs and lower triangles.
func (m *Metric) compute(v, arc uint32) (up, down uint32) {
	t := m.topo
	up, down = Inf, Inf
	upSlot, downSlot := t.slotOf(arc, false), t.slotOf(arc, true)
	for i := t.inputFirst[v]; i < t.inputFirst[v+1]; i++ {
		switch t.inputSlot[i] {
		case upSlot:
			up = min(up, m.Weight(t.inputArc[i]))
		case downSlot:
			down = min(down, m.Weight(t.inputArc[i]))
		}
	}
	w := t.head[arc]
	for _, near := range t.lowerArc[t.lowerFirst[v]:t.lowerFirst[v+1]] {
		u := t.tail[near]
		far := t.findAfter(near, t.first[u+1], w)
		if far == None {
			continue
		}
		i, deg := t.place(u, near)
		j := far - t.first[u]
		row := m.row(u)
		up = min(up, row[i+deg]+row[j])
		down = min(down, row[j+deg]+row[i])
	}
	return up, down
}

// findAfter returns the arc to w among the arcs after arc and before end, or None.
func (t *Topology) findAfter(arc, end, w uint32) uint32 {
	for b := arc + 1; b < end; b++ {
		if h := t.head[b]; h >= w {
			if h == w {
				return b
			}
			break
		}
	}
	return None
}

// pass queues the arcs above v that the change of its i-th arc from the old weights may affect.
func (u *updater) pass(v, i, oldUp, oldDown uint32) {
	t := u.topo
	row := u.row(v)
	lo, deg := t.first[v], uint32(len(row)/2)
	newUp, newDown := row[i], row[i+deg]
	w := t.head[lo+i]
	for j := range deg {
		if j == i {
			continue
		}
		x := t.head[lo+j]
		arc := t.arcBetween(min(w, x), max(w, x))
		k, d := t.place(t.tail[arc], arc)
		above := u.row(t.tail[arc])
		fromW, toW := above[k], above[k+d] // weights of the arc between w and x, away from w and back
		if x < w {
			fromW, toW = toW, fromW
		}
		if matters(oldDown+row[j], newDown+row[j], fromW) || matters(oldUp+row[j+deg], newUp+row[j+deg], toW) {
			u.queue.push(arc)
		}
	}
}

// matters reports whether replacing a triangle of weight before by one of weight after may change the weight of an arc,
// which is now, or where it comes from.
func matters(before, after, now uint32) bool {
	return before != after && (before <= now || after <= now)
}

// arcQueue is a binary heap of arcs, least first.
type arcQueue []uint32

func (q *arcQueue) push(arc uint32) {
	*q = append(*q, arc)
	h := *q
	for i := len(h) - 1; i > 0; {
		up := (i - 1) / 2
		if h[up] <= h[i] {
			break
		}
		h[up], h[i] = h[i], h[up]
		i = up
	}
}

func (q *arcQueue) pop() uint32 {
	h := *q
	least, last := h[0], len(h)-1
	h[0] = h[last]
	h = h[:last]
	for i := 0; ; {
		c := 2*i + 1
		if c >= last {
			break
		}
		if c+1 < last && h[c+1] < h[c] {
			c++
		}
		if h[i] <= h[c] {
			break
		}
		h[i], h[c] = h[c], h[i]
		i = c
	}
	*q = h
	return least
}
