package routing

// zones are the roads that may be used only by trips that start or end on them: those tagged so (access private,
// destination, customers), and those that are reached over such roads only, like the yard behind a private drive.
type zones struct {
	inside []bool // by segment
	rim    []bool // by node: roads of a zone and the open network meet here
}

// restricted reports whether a segment belongs to a zone.
func (z zones) restricted(seg int32) bool { return z.inside[seg] }

// startMode is the mode of a trip that began in a zone and reaches a node on its roads.
func (z zones) startMode(node int32) mode {
	if z.rim[node] {
		return modeStart
	}
	return modeFree
}

// findZones takes the largest connected set of unrestricted roads for the open network, and all else for zones.
func (g *Graph) findZones() zones {
	n := len(g.nodeAt)
	parent := make([]int32, n)
	for v := range parent {
		parent[v] = int32(v)
	}
	root := func(v int32) int32 {
		for parent[v] != v {
			parent[v] = parent[parent[v]]
			v = parent[v]
		}
		return v
	}
	for s, f := range g.segFlags {
		if f&segRestricted == 0 {
			parent[root(g.segTail[s])] = root(g.segHead[s])
		}
	}
	size := make([]int32, n)
	largest := int32(0)
	for s, f := range g.segFlags {
		if f&segRestricted == 0 {
			r := root(g.segTail[s])
			size[r]++
			if size[r] > size[largest] {
				largest = r
			}
		}
	}
	z := zones{inside: make([]bool, len(g.segTail)), rim: make([]bool, n)}
	open := make([]bool, n)
	for s, f := range g.segFlags {
		z.inside[s] = f&segRestricted != 0 || root(g.segTail[s]) != largest
		if !z.inside[s] {
			open[g.segTail[s]], open[g.segHead[s]] = true, true
		}
	}
	for s, in := range z.inside {
		if in {
			tail, head := g.segTail[s], g.segHead[s]
			z.rim[tail], z.rim[head] = open[tail], open[head]
		}
	}
	return z
}
