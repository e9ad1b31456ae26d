package routing

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"time"

	"github.com/swmaas/swmaas/routing/geo"
)

// Fix is one position report of a vehicle.
type Fix struct {
	At   geo.LatLng
	Time time.Time
}

// MatchConfig tunes trace matching. The zero value suits a telephone's receiver in a vehicle.
type MatchConfig struct {
	// SigmaM is the standard deviation of a position, metres; 0 means 8.
	SigmaM float64
	// BetaM is the mean difference between the length driven and the straight line between two fixes, metres; 0 means
	// 20. Newson and Krumm found it to grow with the time between fixes; 20 suits 10 to 30 seconds.
	BetaM float64
	// RadiusM is how far from a fix its road may be, metres; 0 means 60.
	RadiusM float64
}

func (c MatchConfig) withDefaults() MatchConfig {
	c.SigmaM = cmp.Or(c.SigmaM, 8)
	c.BetaM = cmp.Or(c.BetaM, 20)
	c.RadiusM = cmp.Or(c.RadiusM, 60)
	return c
}

// Validate reports what is wrong with the configuration.
func (c MatchConfig) Validate() error {
	for _, v := range [...]float64{c.SigmaM, c.BetaM, c.RadiusM} {
		if !(v >= 0 && v < 1e5) {
			return fmt.Errorf("routing: match config: %v metres", v)
		}
	}
	return nil
}

// Match is a drive that fits a run of fixes.
type Match struct {
	First    int     // position of its first fix in the trace
	Points   []Point // place of each fix on the road, from First on
	Times    []time.Time
	Arcs     [][]ArcID // [i] what was driven from Points[i] to Points[i+1], both ends included
	g        *Graph
	segments []float64 // [i] metres of Arcs[i]
}

// maxCandidates is how many roads are considered for a fix, the nearest ones.
const maxCandidates = 8

// maxDetour is how much longer than straight a drive between two fixes may be before it is not believed: factor, and
// metres on top.
const (
	maxDetourFactor = 4
	maxDetourMeters = 400
)

// candidate is a place that a fix may mean, with the best way to explain the trace up to it.
type candidate struct {
	point  Point
	cost   float64 // negative log likelihood
	parent int     // candidate of the fix before, -1 at the beginning of a run
}

// Match finds the drives that explain a trace best: a hidden Markov model whose states are places on roads, whose
// observations are the fixes and whose transitions prefer drives about as long as the straight line (Newson, Krumm 2009, doi
// 10.1145/1653771.1653818). Where no drive fits, or no road is near, the trace is split; fixes far from any road, or not
// later than the one before, are left out. A run of one fix is no Match. It deviates from the paper in taking the fastest
// drive between two places for the one driven. Errors: the configuration's, the context's.
func (v *View) Match(ctx context.Context, trace []Fix, cfg MatchConfig) ([]Match, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	m := &matcher{v: v, cfg: cfg.withDefaults()}
	ws := v.r.free.Get().(*workspace)
	defer v.r.free.Put(ws)
	m.ws = ws
	for i, f := range trace {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("routing: match: %w", err)
		}
		m.add(i, f)
	}
	m.end()
	return m.out, nil
}

// matcher is the state of one Match call.
type matcher struct {
	v      *View
	cfg    MatchConfig
	ws     *workspace
	fixes  []Fix         // of the current run
	index  []int         // their positions in the trace
	layers [][]candidate // by fix of the current run
	arcs   []int32
	out    []Match
}

// add extends the run by a fix, or ends it and begins another.
func (m *matcher) add(i int, f Fix) {
	if !f.At.Valid() || len(m.fixes) > 0 && !f.Time.After(m.fixes[len(m.fixes)-1].Time) {
		return
	}
	layer := m.candidates(f.At)
	if len(layer) == 0 {
		return
	}
	if len(m.layers) > 0 && !m.connect(m.fixes[len(m.fixes)-1], f, layer) {
		m.end()
		layer = m.candidates(f.At) // they begin a run, without the costs of failing to join the last one
	}
	m.fixes, m.index, m.layers = append(m.fixes, f), append(m.index, i), append(m.layers, layer)
}

// candidates returns the nearest places on roads around a position, each with the cost of its distance.
func (m *matcher) candidates(p geo.LatLng) []candidate {
	g := m.v.r.g
	const perDegree = geo.EarthRadius * math.Pi / 180
	perUnit := perDegree / positionScale
	bound := math.Pow(m.cfg.RadiusM/perUnit, 2)
	var hits minHeap[hit]
	g.visitNear(planeAt(p), func(h hit) float64 {
		if h.dist <= bound && g.drivable(h.seg, m.v.weights) {
			hits.push(h.dist, h)
		}
		return bound
	})
	var out []candidate
	for hits.len() > 0 && len(out) < maxCandidates {
		dist, h := hits.pop()
		z := math.Sqrt(dist) * perUnit / m.cfg.SigmaM
		out = append(out, candidate{point: Point{seg: h.seg + 1, frac: g.fraction(h)}, cost: z * z / 2, parent: -1})
	}
	return out
}

// drivable reports whether a segment is open in some direction.
func (g *Graph) drivable(seg int32, w []uint32) bool {
	a, b := g.segArcs[2*seg], g.segArcs[2*seg+1]
	return a >= 0 && w[a] != closed || b >= 0 && w[b] != closed
}

// connect finds the best predecessor of every candidate of a new layer, and reports whether there is any.
func (m *matcher) connect(last, next Fix, layer []candidate) bool {
	before := m.layers[len(m.layers)-1]
	straight := geo.Distance(last.At, next.At)
	limit := straight*maxDetourFactor + maxDetourMeters
	found := false
	for i := range layer {
		best := math.Inf(1)
		for k, b := range before {
			if math.IsInf(b.cost, 1) {
				continue
			}
			arcs, c, err := m.v.findPath(m.ws, b.point, layer[i].point, m.arcs[:0])
			m.arcs = arcs
			if err != nil {
				continue
			}
			metres := float64(c.cm()) / 100
			if metres > limit {
				continue
			}
			if total := b.cost + math.Abs(metres-straight)/m.cfg.BetaM; total < best {
				best, layer[i].parent = total, k
			}
		}
		layer[i].cost += best
		found = found || !math.IsInf(best, 1)
	}
	return found
}

// end turns the run into a Match and begins an empty one.
func (m *matcher) end() {
	n := len(m.layers)
	if n >= 2 {
		best := 0
		for i, c := range m.layers[n-1] {
			if c.cost < m.layers[n-1][best].cost {
				best = i
			}
		}
		match := Match{First: m.index[0], g: m.v.r.g, Points: make([]Point, n), Times: make([]time.Time, n)}
		for k := n - 1; k >= 0; k-- {
			match.Points[k], match.Times[k] = m.layers[k][best].point, m.fixes[k].Time
			best = m.layers[k][best].parent
		}
		for k := 1; k < n; k++ {
			arcs, c, err := m.v.findPath(m.ws, match.Points[k-1], match.Points[k], nil)
			if err != nil {
				break // cannot be: connect found it
			}
			ids := make([]ArcID, len(arcs))
			for i, a := range arcs {
				ids[i] = ArcID(a)
			}
			match.Arcs = append(match.Arcs, ids)
			match.segments = append(match.segments, float64(c.cm())/100)
		}
		m.out = append(m.out, match)
	}
	m.fixes, m.index, m.layers = nil, nil, nil
}

// Passages spreads the time between fixes over the roads driven, in proportion to the times of a view, and returns what
// was measured for each arc: the input of Speeds. Stretches between fixes where the vehicle hardly moved, which are stops and not
// driving, are left out.
func (m Match) Passages(v *View) []Passage {
	const slowest = 1.0 // metres a second, below which a vehicle is taken to have stopped
	var out []Passage
	for i, arcs := range m.Arcs {
		ms := float64(m.Times[i+1].Sub(m.Times[i])) / float64(time.Millisecond)
		if m.segments[i] < slowest*ms/1000 {
			continue
		}
		shares := make([]float64, len(arcs))
		expected := 0.0
		for k, a := range arcs {
			lo, hi := 0.0, 1.0
			if k == 0 {
				lo = m.g.shareAlong(m.Points[i], a)
			}
			if k == len(arcs)-1 {
				hi = m.g.shareAlong(m.Points[i+1], a)
			}
			shares[k] = max(0, hi-lo)
			expected += shares[k] * float64(v.weights[a])
		}
		for k, a := range arcs {
			if expected > 0 && shares[k] > 0 {
				out = append(out, Passage{Arc: a, Share: shares[k], Ms: ms * shares[k] * float64(v.weights[a]) / expected})
			}
		}
	}
	return join(out)
}

// join adds up passages over one arc that follow each other: an arc that several fixes lie on is driven once.
func join(in []Passage) []Passage {
	var out []Passage
	for _, p := range in {
		if n := len(out); n > 0 && out[n-1].Arc == p.Arc && out[n-1].Share+p.Share <= 1+1e-6 {
			out[n-1].Share, out[n-1].Ms = min(1, out[n-1].Share+p.Share), out[n-1].Ms+p.Ms
			continue
		}
		out = append(out, p)
	}
	return out
}

// shareAlong returns the share of an arc that lies before a point on it.
func (g *Graph) shareAlong(p Point, a ArcID) float64 {
	f := float64(p.frac) / fractionOne
	if g.arcSeg[a]&1 == 1 {
		return 1 - f
	}
	return f
}
