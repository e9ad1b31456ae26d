package town

import (
	"container/heap"
	"math/rand/v2"
)

// The mesh that all roads are chosen from: a lattice turned along the slope of the plain, its nodes moved a little.
const (
	meshStep   = 150.0 // metres between neighbours
	meshJitter = 34.0  // metres that a node is moved at most, each way
	meshCols   = 130
	meshRows   = 130
	meshCos    = 0.8480480961564261 // of 32 degrees, about the course of the Kurobe over the plain
	meshSin    = 0.5299192642332049
)

// mesh is the nodes in row-major order and, of each, the edges to its eight neighbours.
type mesh struct {
	at   []metres
	open []bool // may carry a road: not in the sea
	// edge [n][d] is the road between n and its neighbour d; both directions hold the same.
	edge [][8]edge
}

// edge is a road between neighbours; a kind without a speed is no road.
type edge struct {
	kind
	name   string
	bridge bool
	barred bool // a river without a bridge, or another diagonal in the way
}

func (e *edge) built() bool { return e.kmh > 0 }

// steps are the neighbours of a node as column and row; d and d^1 are opposite, and d >= 4 is a diagonal.
func steps() [8][2]int {
	return [8][2]int{{1, 0}, {-1, 0}, {0, 1}, {0, -1}, {1, 1}, {-1, -1}, {1, -1}, {-1, 1}}
}

func newMesh(t *terrain, rng *rand.Rand) *mesh {
	n := meshCols * meshRows
	m := &mesh{at: make([]metres, n), open: make([]bool, n), edge: make([][8]edge, n)}
	for i := range m.at {
		col, row := float64(i%meshCols)-meshCols/2, float64(i/meshCols)-meshRows/2
		u := float64(col*meshStep) + jitter(rng)
		v := float64(row*meshStep) + jitter(rng)
		p := metres{float64(u*meshCos) + float64(v*meshSin), float64(v*meshCos) - float64(u*meshSin)}
		m.at[i] = p.plus(metres{3400, -2400}) // the middle of all towns
		m.open[i] = !t.sea(m.at[i])
	}
	for i := range m.at {
		for d := range 8 {
			j, ok := m.neighbour(i, d)
			m.edge[i][d].barred = !ok || !m.open[i] || !m.open[j] || t.wet(m.at[i], m.at[j])
		}
	}
	return m
}

// jitter is a whole number of decimetres, so that no rounding decides.
func jitter(rng *rand.Rand) float64 {
	return float64(rng.IntN(int(meshJitter*20)+1))/10 - meshJitter
}

// neighbour returns the neighbour of n in direction d, false beyond the border.
func (m *mesh) neighbour(n, d int) (int, bool) {
	s := steps()[d]
	col, row := n%meshCols+s[0], n/meshCols+s[1]
	return row*meshCols + col, col >= 0 && col < meshCols && row >= 0 && row < meshRows
}

// nearest returns the open node nearest to p.
func (m *mesh) nearest(p metres) int {
	best, at := -1, 0.0
	for i := range m.at {
		if d := m.at[i].minus(p).length(); m.open[i] && (best < 0 || d < at) {
			best, at = i, d
		}
	}
	return best
}

// build makes the edge a road of the kind unless it is a faster one already.
func (m *mesh) build(n, d int, k kind, name string) {
	o, _ := m.neighbour(n, d)
	for _, e := range [2]*edge{&m.edge[n][d], &m.edge[o][d^1]} {
		if e.kmh >= k.kmh {
			continue
		}
		e.kind = k
		if !e.bridge {
			e.name = name
		}
	}
	if d >= 4 { // the other diagonal of the square may not cross it
		s := steps()[d]
		corner, _ := m.neighbour(n, straight(s[0], 0))
		other := [2]int{-s[0], s[1]}
		for x, st := range steps() {
			if st == other && !m.edge[corner][x].built() {
				far, _ := m.neighbour(corner, x)
				m.edge[corner][x].barred, m.edge[far][x^1].barred = true, true
			}
		}
	}
}

// straight is the direction of a step along one axis.
func straight(col, row int) int {
	for d, s := range steps() {
		if s == [2]int{col, row} {
			return d
		}
	}
	return -1
}

// span makes the edge across a river that passes nearest to the bridge usable.
func (m *mesh) span(t *terrain, b bridge) {
	from, dir, off := -1, 0, 0.0
	for i := range m.at {
		for d := range 8 {
			j, ok := m.neighbour(i, d)
			if !ok || !m.open[i] || !m.open[j] || !t.wet(m.at[i], m.at[j]) {
				continue
			}
			mid := m.at[i].plus(m.at[j])
			if o := (metres{mid.x / 2, mid.y / 2}).minus(b.at).length(); from < 0 || o < off {
				from, dir, off = i, d, o
			}
		}
	}
	to, _ := m.neighbour(from, dir)
	for _, e := range [2]*edge{&m.edge[from][dir], &m.edge[to][dir^1]} {
		e.barred, e.bridge, e.name = false, true, b.name
	}
	m.build(from, dir, prefecture(), b.name)
}

// path lays a road of the kind from a node to the first node that reached accepts, by the shortest way, roads that are
// there already counting share of their length. It does nothing where there is no way.
func (m *mesh) path(from int, reached func(int) bool, share float64, k kind, name string) {
	const far = 1e12
	cost := make([]float64, len(m.at))
	by := make([]int8, len(m.at))
	for i := range cost {
		cost[i], by[i] = far, -1
	}
	cost[from] = 0
	queue := &meshQueue{{from, 0}}
	for queue.Len() > 0 {
		it := heap.Pop(queue).(meshItem)
		if it.cost > cost[it.node] {
			continue
		}
		if reached(it.node) {
			m.lay(it.node, from, by, k, name)
			return
		}
		for d := range 8 {
			e := &m.edge[it.node][d]
			if e.barred {
				continue
			}
			j, _ := m.neighbour(it.node, d)
			length := m.at[j].minus(m.at[it.node]).length()
			if e.built() {
				length *= share
			}
			if c := it.cost + length; c < cost[j] {
				cost[j], by[j] = c, int8(d)
				heap.Push(queue, meshItem{j, c})
			}
		}
	}
}

// lay builds the way that a search found, back from its end.
func (m *mesh) lay(n, from int, by []int8, k kind, name string) {
	for n != from {
		back := int(by[n]) ^ 1
		m.build(n, back, k, name)
		n, _ = m.neighbour(n, back)
	}
}

// reachable marks the nodes that built roads join to n.
func (m *mesh) reachable(n int) []bool {
	seen := make([]bool, len(m.at))
	seen[n] = true
	for stack := []int{n}; len(stack) > 0; {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for d := range 8 {
			if j, ok := m.neighbour(n, d); ok && m.edge[n][d].built() && !seen[j] {
				seen[j] = true
				stack = append(stack, j)
			}
		}
	}
	return seen
}

type meshItem struct {
	node int
	cost float64
}

// meshQueue orders by cost and then by node, so that ties are the same everywhere.
type meshQueue []meshItem

func (q meshQueue) Len() int { return len(q) }
func (q meshQueue) Less(i, j int) bool {
	return q[i].cost < q[j].cost || q[i].cost == q[j].cost && q[i].node < q[j].node
}
func (q meshQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *meshQueue) Push(x any)   { *q = append(*q, x.(meshItem)) }
func (q *meshQueue) Pop() any {
	old := *q
	it := old[len(old)-1]
	*q = old[:len(old)-1]
	return it
}
