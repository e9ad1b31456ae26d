package routing

import (
	"slices"

	"github.com/swmaas/swmaas/routing/osm"
)

// forbiddenTurns resolves the network's restrictions to sequences of two or more arcs that must not be driven in a row.
// A mandatory turn forbids every other one: after its last via way where it has ways between, so a driver who leaves
// those early is not bound.
func (a *assembly) forbiddenTurns() [][]int32 {
	var out [][]int32
	mandatory := map[int32]int32{} // arc before a mandatory turn to the arc after it
	for i := range a.net.Restrictions {
		r := &a.net.Restrictions[i]
		paths, reason := a.turnPaths(r)
		if reason != "" {
			a.dropped[reason]++
			continue
		}
		for _, p := range paths {
			from, to := p[:len(p)-1], p[len(p)-1]
			if !r.Only {
				out = append(out, p)
				continue
			}
			if len(from) == 1 {
				if before, ok := mandatory[from[0]]; ok && before != to {
					a.dropped["turn restriction that contradicts another"]++
					continue
				}
				mandatory[from[0]] = to
			}
			v := a.g.arcHead[from[len(from)-1]]
			for b := a.g.firstOut[v]; b < a.g.firstOut[v+1]; b++ {
				if b != to {
					out = append(out, append(slices.Clone(from), b))
				}
			}
		}
	}
	slices.SortFunc(out, slices.Compare)
	return slices.CompactFunc(out, slices.Equal)
}

// turnPaths returns the arc sequences from-via-to of one restriction. There is exactly one where the map is unambiguous;
// several only where the relation has several from or to ways (no_entry, no_exit).
func (a *assembly) turnPaths(r *osm.Restriction) (paths [][]int32, reason string) {
	if r.ViaNode >= 0 {
		v := a.nodeOf[r.ViaNode]
		if v < 0 {
			return nil, "turn restriction at a node that is no junction"
		}
		from, to := a.arcsAt(r.From, v, true), a.arcsAt(r.To, v, false)
		if len(from) > len(r.From) || len(to) > len(r.To) {
			return nil, "turn restriction whose way passes its via node"
		}
		for _, f := range from {
			for _, t := range to {
				paths = append(paths, []int32{f, t})
			}
		}
	} else {
		for _, f := range r.From {
			paths = append(paths, a.viaWayPaths(f, r.Via, r.To)...)
		}
		if len(paths) > len(r.From)*len(r.To) {
			return nil, "turn restriction over ways that meet more than once"
		}
	}
	if len(paths) == 0 {
		return nil, "turn restriction between roads that do not meet, or against their direction"
	}
	return paths, ""
}

// arcsAt returns the arcs of the ways that enter (in) or leave node v.
func (a *assembly) arcsAt(ways []int32, v int32, in bool) []int32 {
	var out []int32
	for _, w := range ways {
		for _, s := range a.waySegs[w] {
			for _, arc := range a.g.segArcs[2*s : 2*s+2] {
				if arc < 0 {
					continue
				}
				if in && a.g.arcHead[arc] == v || !in && a.g.arcTail(arc) == v {
					out = append(out, arc)
				}
			}
		}
	}
	return out
}

// viaWayPaths returns the arc sequences from an end of the way from, along parts of each via way, onto a way of to.
func (a *assembly) viaWayPaths(from int32, via [][]int32, to []int32) [][]int32 {
	segs := a.waySegs[from]
	if len(segs) == 0 {
		return nil
	}
	var paths [][]int32
	first, last := segs[0], segs[len(segs)-1]
	ends := []int32{a.g.segArcs[2*first+1], a.g.segArcs[2*last]} // the arcs that leave the way at its two ends
	for _, e := range ends {
		if e >= 0 {
			paths = append(paths, []int32{e})
		}
	}
	for i, ways := range via {
		next := to
		if i+1 < len(via) {
			next = via[i+1]
		}
		var longer [][]int32
		for _, p := range paths {
			for _, w := range ways {
				longer = append(longer, a.along(p, w, next)...)
			}
		}
		paths = longer
	}
	var out [][]int32
	for _, p := range paths {
		v := a.g.arcHead[p[len(p)-1]]
		for _, t := range a.arcsAt(to, v, false) {
			out = append(out, append(slices.Clone(p), t))
		}
	}
	return out
}

// along extends path p over the way w in either direction, up to each node where a way of next begins or ends.
func (a *assembly) along(p []int32, w int32, next []int32) [][]int32 {
	var out [][]int32
	segs := a.waySegs[w]
	for _, dir := range [...]int32{0, 1} {
		path := slices.Clone(p)
		v := a.g.arcHead[p[len(p)-1]]
		for k := range segs {
			s := segs[k]
			if dir == 1 {
				s = segs[len(segs)-1-k]
			}
			arc := a.g.segArcs[2*s+dir]
			if arc < 0 || a.g.arcTail(arc) != v {
				if len(path) > len(p) {
					break
				}
				continue // not there yet
			}
			path = append(path, arc)
			v = a.g.arcHead[arc]
			if a.endsAt(next, v) {
				out = append(out, slices.Clone(path))
			}
		}
	}
	return out
}

// endsAt reports whether one of the ways begins or ends at node v.
func (a *assembly) endsAt(ways []int32, v int32) bool {
	for _, w := range ways {
		segs := a.waySegs[w]
		if len(segs) > 0 && (a.g.segTail[segs[0]] == v || a.g.segHead[segs[len(segs)-1]] == v) {
			return true
		}
	}
	return false
}
