package osm_test

import (
	"math"
	"slices"

	"github.com/swmaas/swmaas/routing/geo"
)

// turnCost is what taking arc b after arc a costs beside driving, milliseconds.
func (o *oracle) turnCost(a, b int) float64 {
	from, to := o.arcs[a], o.arcs[b]
	if from.twin == b {
		if o.nearBan[a] && len(o.out[from.to]) > 1 {
			return 20000
		}
		return 0
	}
	price := map[string]float64{"trunk": 8000, "primary": 8000, "secondary": 6000}
	ms := max(price[from.class], price[to.class])
	if ms == 0 || o.roads[from.to] < 3 || from.roundabout || to.roundabout {
		return 0
	}
	if from.twin < 0 && (price[to.class] == 0 || to.twin < 0) { // nobody comes the other way
		return 0
	}
	n := len(from.line)
	angle := geo.Bearing(to.line[0], to.line[1]) - geo.Bearing(from.line[n-2], from.line[n-1])
	angle = math.Mod(angle+540, 360) - 180
	if !o.japan { // every other test extract keeps to the right
		angle = -angle
	}
	if angle < 45 || angle > 165 {
		return 0
	}
	return ms
}

// findNearBans finds the arcs that begin within 400 m by road of a junction where a forbidden turn ends.
func (o *oracle) findNearBans() {
	o.nearBan = map[int]bool{}
	left := map[int64]float64{} // metres that may still be driven from a junction
	var spread func(node int64, rest float64)
	spread = func(node int64, rest float64) {
		if old, seen := left[node]; seen && old >= rest {
			return
		}
		left[node] = rest
		for _, a := range o.out[node] {
			o.nearBan[a] = true
			if o.arcs[a].m <= rest {
				spread(o.arcs[a].to, rest-o.arcs[a].m)
			}
		}
	}
	for _, f := range o.forbidden {
		spread(o.arcs[f[len(f)-1]].from, 400)
	}
}

// restrictYards restricts the open roads that cannot be reached from most others without passing a restricted one.
func (o *oracle) restrictYards() {
	touching := map[int64][]int{}
	for i, a := range o.arcs {
		if !a.restricted {
			touching[a.from], touching[a.to] = append(touching[a.from], i), append(touching[a.to], i)
		}
	}
	group := map[int64]int{} // by junction
	var sizes []int
	for i, a := range o.arcs {
		if _, seen := group[a.from]; seen || o.arcs[i].restricted {
			continue
		}
		id := len(sizes)
		sizes = append(sizes, 0)
		group[a.from] = id
		for todo := []int64{a.from}; len(todo) > 0; {
			v := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			for _, k := range touching[v] {
				if b := o.arcs[k]; b.twin < 0 || b.twin > k {
					sizes[id]++ // once at either end
				}
				for _, w := range []int64{o.arcs[k].from, o.arcs[k].to} {
					if _, seen := group[w]; !seen {
						group[w] = id
						todo = append(todo, w)
					}
				}
			}
		}
	}
	main := slices.Index(sizes, slices.Max(append(sizes, 0)))
	for i := range o.arcs {
		if !o.arcs[i].restricted && group[o.arcs[i].from] != main {
			o.arcs[i].restricted = true
		}
	}
}
