package routing

import (
	"slices"
	"sync"

	"github.com/swmaas/swmaas/routing/cch"
)

// View is the road network under one set of conditions: driving times that never change. Queries on one View agree with
// each other, whatever closes meanwhile. It is safe for concurrent use; several views of one router live side by side.
type View struct {
	r          *Router
	generation uint64
	weights    []uint32 // by arc, milliseconds; closed where it cannot be driven
	metric     *cch.Metric
	plain      *cch.Metric // what another view can be made out of; metric itself but in a perfect view

	lengthOnce sync.Once
	lengths    *cch.Along // centimetres along fastest ways; made by along
}

// Generation returns the number of the view. A later view of the same router has a higher one.
func (v *View) Generation() uint64 { return v.generation }

// newView makes the view with the given driving times by arc. Where they differ little from those of base, which may be
// nil, only the difference is worked out.
func (r *Router) newView(weights []uint32, base *View) (*View, error) {
	metric, err := r.customize(weights, base)
	if err != nil {
		return nil, err
	}
	return &View{r: r, generation: r.created.Add(1), weights: weights, metric: metric, plain: metric}, nil
}

// Perfect returns a view with the same answers and the same generation, whose searches for single trips take less time: three
// quarters of it on a county, half on a country. Drawing a path is not faster. It costs about three customizations, so on a large graph
// it pays for a view that lives for minutes (perfect customization: Dibbelt, Strasser, Wagner 2016, section 7.3).
func (v *View) Perfect() *View {
	return &View{r: v.r, generation: v.generation, weights: v.weights, metric: v.metric.Perfect(v.r.cfg.Workers), plain: v.plain}
}

// along returns the lengths along fastest ways, which are worked out when they are first asked for.
func (v *View) along() (*cch.Along, error) {
	var err error
	v.lengthOnce.Do(func() {
		g := v.r.g
		values := make([]uint32, len(g.linkHead))
		for l := range values {
			values[l] = g.segCm[g.arcSeg[g.arcOf(int32(l))]>>1]
		}
		v.lengths, err = v.metric.Along(values, v.r.cfg.Workers)
	})
	return v.lengths, err
}

// partialShare is the largest share of arcs, as one in so many, for which a metric is updated and not made anew; above it
// Update would do the same by itself at the price of collecting the changes.
const partialShare = 50

func (r *Router) customize(weights []uint32, base *View) (*cch.Metric, error) {
	g := r.g
	if base != nil {
		var changes []cch.Change
		for a, w := range weights {
			if w == base.weights[a] {
				continue
			}
			if len(changes) > len(weights)/partialShare {
				return r.customize(weights, nil)
			}
			changes = append(changes, cch.Change{Arc: uint32(a), Weight: w})
			for _, l := range r.extraLinks(int32(a)) {
				changes = append(changes, cch.Change{Arc: uint32(l), Weight: g.linkMs(l, w)})
			}
		}
		return base.plain.Update(changes)
	}
	links := make([]uint32, len(g.linkHead))
	copy(links, weights)
	for i, a := range g.linkArc {
		links[len(weights)+i] = g.linkMs(int32(len(weights)+i), weights[a])
	}
	return g.hierarchy.Customize(links, r.cfg.Workers)
}

// linkMs is the driving time of a link whose arc takes ms.
func (g *Graph) linkMs(link int32, ms uint32) uint32 {
	if ms == closed {
		return closed
	}
	return ms + g.turnMs(link)
}

// extraLinks returns the links that drive an arc out of vertices that remember turns.
func (r *Router) extraLinks(arc int32) []int32 {
	lo, _ := slices.BinarySearchFunc(r.extra, arc, func(l, arc int32) int { return int(r.g.arcOf(l)) - int(arc) })
	hi := lo
	for hi < len(r.extra) && r.g.arcOf(r.extra[hi]) == arc {
		hi++
	}
	return r.extra[lo:hi]
}

// workspace is the scratch memory of one query.
type workspace struct {
	query      *cch.Query
	from, to   []seed
	start, end []cch.Seed
	links      []uint32
	arcs       []int32
	path       Path
	pts        []position
	points     cch.Points
	starts     cch.Labels
	ends       cch.Labels
	cells      []uint32 // milliseconds
	sums       []uint32 // centimetres
}

// places turns seeds into those of the hierarchy.
func places(in []seed, out []cch.Seed) []cch.Seed {
	for _, s := range in {
		out = append(out, cch.Seed{Node: uint32(s.vertex), Offset: s.cost.ms(), Along: s.cost.cm()})
	}
	return out
}

// seeds prepares a one-to-one query.
func (v *View) seeds(ws *workspace, from, to Point) {
	g := v.r.g
	ws.from, ws.to = g.departures(from, v.weights, ws.from[:0]), g.arrivals(to, v.weights, ws.to[:0])
	ws.start, ws.end = places(ws.from, ws.start[:0]), places(ws.to, ws.end[:0])
}
