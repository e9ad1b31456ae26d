package routing

import "sync"

// Speeds collects driving times that vehicles really needed, by arc. It is safe for concurrent use.
type Speeds struct {
	g   *Graph
	min int

	mu   sync.Mutex
	sums map[int32]observed // guarded by mu
}

// observed sums up the passages over one arc.
type observed struct {
	n  int
	ms float64 // of all passages, each extended to the whole arc
}

// DefaultMinObservations is how many passages over an arc it takes before their mean is believed.
const DefaultMinObservations = 5

// NewSpeeds returns an empty collection for g that believes an arc's mean from minObservations passages on; 0 means
// DefaultMinObservations.
func NewSpeeds(g *Graph, minObservations int) *Speeds {
	if minObservations <= 0 {
		minObservations = DefaultMinObservations
	}
	return &Speeds{g: g, min: minObservations, sums: map[int32]observed{}}
}

// Passage is the drive over one arc, or a part of it.
type Passage struct {
	Arc   ArcID
	Share float64 // of the arc's length that was driven, above 0 and up to 1
	Ms    float64 // time it took, milliseconds
}

// minShare is the least part of an arc that says something about the whole.
const minShare = 0.3

// Observe adds passages. Those over less than minShare of an arc, or with impossible numbers, are ignored.
func (s *Speeds) Observe(passages ...Passage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range passages {
		if p.Arc < 0 || int(p.Arc) >= s.g.NumArcs() || !(p.Share >= minShare && p.Share <= 1) || !(p.Ms > 0 && p.Ms < maxArc) {
			continue
		}
		o := s.sums[int32(p.Arc)]
		s.sums[int32(p.Arc)] = observed{o.n + 1, o.ms + p.Ms/p.Share}
	}
}

// Observations returns how often an arc was driven.
func (s *Speeds) Observations(a ArcID) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sums[int32(a)].n
}

// apply replaces the times of arcs with enough observations by their mean.
func (s *Speeds) apply(w []uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for a, o := range s.sums {
		if o.n >= s.min && int(a) < len(w) {
			w[a] = slower(1, o.ms/float64(o.n))
		}
	}
}
