package osm_test

import (
	"slices"
	"strings"

	"github.com/swmaas/swmaas/routing/osm"
)

// addRestrictions resolves turn restrictions to forbidden sequences of arcs.
func (o *oracle) addRestrictions(relations []osm.Element) {
	byWay := map[int64][]int{}
	for i, a := range o.arcs {
		byWay[a.way] = append(byWay[a.way], i)
	}
	chosen := map[int]int{} // arc before a mandatory turn at a node, to the arc after it
	for _, r := range relations {
		rule := ""
		for _, k := range []string{"restriction:motorcar", "restriction:motor_vehicle", "restriction:vehicle", "restriction"} {
			if rule = r.Tags[k]; rule != "" {
				break
			}
		}
		only := strings.HasPrefix(rule, "only_")
		if !only && !strings.HasPrefix(rule, "no_") || slices.ContainsFunc(strings.Split(r.Tags["except"], ";"), func(e string) bool {
			return word(strings.TrimSpace(e), "motorcar motor_vehicle vehicle")
		}) {
			continue
		}
		for _, path := range o.sequences(r, byWay) {
			if !only {
				o.forbidden = append(o.forbidden, path)
				continue
			}
			n := len(path) - 1
			if n == 1 {
				if b, ok := chosen[path[0]]; ok && b != path[1] {
					continue
				}
				chosen[path[0]] = path[1]
			}
			for _, b := range o.out[o.arcs[path[n-1]].to] {
				if b != path[n] {
					o.forbidden = append(o.forbidden, append(slices.Clone(path[:n]), b))
				}
			}
		}
	}
}

// sequences returns the arc sequences a restriction speaks of, none where it is broken or ambiguous.
func (o *oracle) sequences(r osm.Element, byWay map[int64][]int) [][]int {
	var from, to, via []int64
	var viaNodes []int64
	for _, m := range r.Members {
		switch {
		case m.Kind == 'w' && word(m.Role, "from to via"):
			if len(byWay[m.Ref]) == 0 {
				return nil
			}
			switch m.Role {
			case "from":
				from = append(from, m.Ref)
			case "to":
				to = append(to, m.Ref)
			default:
				via = append(via, m.Ref)
			}
		case m.Kind == 'n' && m.Role == "via":
			viaNodes = append(viaNodes, m.Ref)
		}
	}
	if len(from) == 0 || len(to) == 0 || len(viaNodes) > 1 || (len(viaNodes) == 1) == (len(via) > 0) {
		return nil
	}
	var paths [][]int
	if len(via) == 0 {
		in, out := 0, 0
		for _, w := range from {
			for _, f := range byWay[w] {
				if o.arcs[f].to != viaNodes[0] {
					continue
				}
				in++
				out = 0
				for _, v := range to {
					for _, t := range byWay[v] {
						if o.arcs[t].from == viaNodes[0] {
							out++
							paths = append(paths, []int{f, t})
						}
					}
				}
			}
		}
		if in > len(from) || out > len(to) {
			return nil
		}
		return paths
	}
	for _, w := range from {
		for _, f := range byWay[w] {
			if o.isEnd(byWay[w], o.arcs[f].to) {
				o.follow([]int{f}, via, to, byWay, &paths)
			}
		}
	}
	if len(paths) > len(from)*len(to) {
		return nil
	}
	return paths
}

// isEnd reports whether a way's arcs begin or end at a node that only one of its roads touches: one of its two ends.
func (o *oracle) isEnd(arcs []int, node int64) bool {
	touching := map[int]bool{}
	for _, a := range arcs {
		if o.arcs[a].from == node || o.arcs[a].to == node {
			id := a
			if tw := o.arcs[a].twin; tw >= 0 {
				id = min(a, tw)
			}
			touching[id] = true
		}
	}
	return len(touching) == 1
}

// follow extends a path over the first of the ways via, without turning around, up to an end of the way after it.
func (o *oracle) follow(path []int, via, to []int64, byWay map[int64][]int, paths *[][]int) {
	node := o.arcs[path[len(path)-1]].to
	if len(via) == 0 {
		for _, w := range to {
			for _, t := range byWay[w] {
				if o.arcs[t].from == node {
					*paths = append(*paths, append(slices.Clone(path), t))
				}
			}
		}
		return
	}
	next := to
	if len(via) > 1 {
		next = via[1:2]
	}
	var walk func(path []int)
	walk = func(path []int) {
		last := path[len(path)-1]
		for _, a := range byWay[via[0]] {
			if o.arcs[a].from != o.arcs[last].to || a == o.arcs[last].twin || slices.Contains(path, a) {
				continue
			}
			longer := append(slices.Clone(path), a)
			if slices.ContainsFunc(next, func(w int64) bool { return o.isEnd(byWay[w], o.arcs[a].to) }) {
				o.follow(longer, via[1:], to, byWay, paths)
			}
			walk(longer)
		}
	}
	walk(path)
}
