package solver

import "slices"

// leg is the time and the cost of driving from one place to another.
type leg struct{ time, cost int32 }

// grid is a packed copy of one class's travel rows, by origin and by destination, so that the legs between one place and all nodes of
// a route lie in two short stretches of memory.
type grid struct {
	places int32
	from   []leg // [a*places+b] a to b
	into   []leg // [b*places+a] a to b
}

// gridLimit is the number of places up to which a search packs its rows: 16 bytes a pair.
const gridLimit = 1500

// newGrids packs every class of p, or returns nil where there are too many places.
func newGrids(p *Problem) []grid {
	if p.places > gridLimit || int(p.classes)*p.places*p.places > gridLimit*gridLimit {
		return nil
	}
	grids := make([]grid, p.classes)
	for c := range grids {
		n := p.places
		g := &grids[c]
		g.places = int32(n)
		g.from, g.into = make([]leg, n*n), make([]leg, n*n)
		for a := range n {
			row := p.row(int32(c), Place(a))
			for b := range n {
				l := leg{row.time[b], row.cost[b]}
				g.from[a*n+b], g.into[b*n+a] = l, l
			}
		}
		if slices.Equal(g.from, g.into) {
			g.into = g.from // half the memory to keep near
		}
	}
	return grids
}
