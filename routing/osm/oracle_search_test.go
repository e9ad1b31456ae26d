package osm_test

import (
	"fmt"
	"math"
	"strings"

	"github.com/swmaas/swmaas/routing/geo"
)

// findMain marks the largest part in which every arc reaches every other, found from the arcs of a few tries.
func (o *oracle) findMain() {
	in := make([][]int, len(o.arcs))
	next := make([][]int, len(o.arcs))
	for a := range o.arcs {
		for _, b := range o.out[o.arcs[a].to] {
			if !o.banned(a, b) {
				next[a] = append(next[a], b)
				in[b] = append(in[b], a)
			}
		}
	}
	best := 0
	for try := 0; try < 20 && best*2 < len(o.arcs); try++ {
		start := try * len(o.arcs) / 20
		ahead, back := reach(next, start), reach(in, start)
		size := 0
		for a := range ahead {
			ahead[a] = ahead[a] && back[a]
			if ahead[a] {
				size++
			}
		}
		if size > best {
			best, o.main = size, ahead
		}
	}
}

// banned reports whether the pair a, b is a forbidden turn by itself.
func (o *oracle) banned(a, b int) bool {
	for _, f := range o.forbiddenFrom()[a] {
		if s := o.forbidden[f]; len(s) == 2 && s[1] == b {
			return true
		}
	}
	return false
}

func (o *oracle) forbiddenFrom() map[int][]int {
	if o.byFirst == nil {
		o.byFirst = map[int][]int{}
		for i, s := range o.forbidden {
			o.byFirst[s[0]] = append(o.byFirst[s[0]], i)
		}
	}
	return o.byFirst
}

func reach(next [][]int, start int) []bool {
	seen := make([]bool, len(next))
	seen[start] = true
	for queue := []int{start}; len(queue) > 0; {
		a := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, b := range next[a] {
			if !seen[b] {
				seen[b] = true
				queue = append(queue, b)
			}
		}
	}
	return seen
}

// place is a position on an arc: a share of its length from its start.
type place struct {
	arc   int
	share float64
}

// at returns the coordinate of a place.
func (o *oracle) at(p place) geo.LatLng {
	line := o.arcs[p.arc].line
	rest := p.share * o.arcs[p.arc].m
	for i := 1; ; i++ {
		d := geo.Distance(line[i-1], line[i])
		if rest <= d || i == len(line)-1 {
			f := min(1, rest/max(d, 1e-9))
			a, b := line[i-1], line[i]
			return geo.LatLng{Lat: a.Lat + f*(b.Lat-a.Lat), Lng: a.Lng + f*(b.Lng-a.Lng)}
		}
		rest -= d
	}
}

// state is an arc just driven with the forbidden turns that its driver has begun, and where the driver stands with respect
// to restricted roads: still on those of the start ('s'), on open ones ('o'), or on those of the end ('e').
type state struct {
	arc   int
	begun string // "restriction:arcs done" words
	mode  byte
}

// step is a state after one more arc, and what the turn into that arc costs.
type step struct {
	id int
	ms float64
}

type search struct {
	o      *oracle
	ids    map[state]int
	states []state
	next   [][]step // by state; nil where not computed
	dist   []float64
	enter  []float64 // by arc: least cost of reaching its start with leave to take it
}

func newSearch(o *oracle) *search {
	return &search{o: o, ids: map[state]int{}, enter: make([]float64, len(o.arcs))}
}

func (s *search) id(st state) int {
	id, ok := s.ids[st]
	if !ok {
		id = len(s.states)
		s.ids[st] = id
		s.states = append(s.states, st)
		s.next = append(s.next, nil)
		s.dist = append(s.dist, math.Inf(1))
	}
	return id
}

// drive returns the state after taking arc b, false where a restriction forbids it.
func (s *search) drive(st state, b int) (state, bool) {
	var begun []string
	for w := range strings.FieldsSeq(st.begun) {
		var r, done int
		if _, err := fmt.Sscanf(w, "%d:%d", &r, &done); err != nil {
			panic(err)
		}
		if f := s.o.forbidden[r]; f[done] == b {
			if done == len(f)-1 {
				return state{}, false
			}
			begun = append(begun, fmt.Sprintf("%d:%d", r, done+1))
		}
	}
	for _, r := range s.o.forbiddenFrom()[b] {
		begun = append(begun, fmt.Sprintf("%d:1", r))
	}
	mode := byte('o')
	switch restricted := s.o.arcs[b].restricted; {
	case restricted && (st.arc < 0 || st.mode == 's'):
		mode = 's'
	case restricted:
		mode = 'e'
	case st.mode == 'e':
		return state{}, false
	}
	return state{b, strings.Join(begun, " "), mode}, true
}

func (s *search) after(id int) []step {
	if s.next[id] == nil {
		list := []step{}
		st := s.states[id]
		for _, b := range s.o.out[s.o.arcs[st.arc].to] {
			if n, ok := s.drive(st, b); ok {
				list = append(list, step{s.id(n), s.o.turnCost(st.arc, b)})
			}
		}
		s.next[id] = list
	}
	return s.next[id]
}

type queued struct {
	cost float64
	id   int
}

// queue is a binary heap, the least cost first.
type queue []queued

func (q *queue) push(it queued) {
	*q = append(*q, it)
	h := *q
	for i := len(h) - 1; i > 0 && h[(i-1)/2].cost > h[i].cost; i = (i - 1) / 2 {
		h[i], h[(i-1)/2] = h[(i-1)/2], h[i]
	}
}

func (q *queue) pop() queued {
	h := *q
	top := h[0]
	h[0] = h[len(h)-1]
	h = h[:len(h)-1]
	*q = h
	for i := 0; ; {
		c := 2*i + 1
		if c+1 < len(h) && h[c+1].cost < h[c].cost {
			c++
		}
		if c >= len(h) || h[i].cost <= h[c].cost {
			return top
		}
		h[i], h[c] = h[c], h[i]
		i = c
	}
}

// from runs a search from a place; to reads its results.
func (s *search) from(p place) {
	for i := range s.dist {
		s.dist[i] = math.Inf(1)
	}
	for i := range s.enter {
		s.enter[i] = math.Inf(1)
	}
	q := &queue{}
	push := func(id int, c float64) {
		if c < s.dist[id] {
			s.dist[id] = c
			q.push(queued{c, id})
		}
	}
	start := func(arc int, share float64) {
		st, _ := s.drive(state{arc: -1}, arc)
		push(s.id(st), (1-share)*s.o.arcs[arc].ms)
	}
	start(p.arc, p.share)
	if tw := s.o.arcs[p.arc].twin; tw >= 0 {
		start(tw, 1-p.share)
	}
	for len(*q) > 0 {
		it := q.pop()
		if it.cost > s.dist[it.id] {
			continue
		}
		for _, n := range s.after(it.id) {
			b := s.states[n.id].arc
			s.enter[b] = min(s.enter[b], it.cost+n.ms)
			push(n.id, it.cost+n.ms+s.o.arcs[b].ms)
		}
	}
}

// to returns the milliseconds from p, where the search started, to t.
func (s *search) to(p, t place) float64 {
	best := math.Inf(1)
	try := func(arc int, share float64) {
		a := s.o.arcs[arc]
		best = min(best, s.enter[arc]+share*a.ms)
		switch {
		case arc == p.arc && share >= p.share:
			best = min(best, (share-p.share)*a.ms)
		case arc == s.o.arcs[p.arc].twin && share >= 1-p.share:
			best = min(best, (share-(1-p.share))*a.ms)
		}
	}
	try(t.arc, t.share)
	if tw := s.o.arcs[t.arc].twin; tw >= 0 {
		try(tw, 1-t.share)
	}
	return best
}
