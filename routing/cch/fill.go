package cch

import (
	"math"
	"math/bits"
	"slices"
)

// finish fills out with the nodes of the connected part p, greedily by least fill-in, ties by least degree, then by number. The neighbours outside
// p go later, so they count and are never chosen; as p is connected they end as a clique whatever the sequence, and are one from
// the start.
func (d *dissection) finish(p *part, out []uint32) {
	const crowd = 500 // neighbours; roads have none such, and the matrix is quadratic
	n := p.len()
	ids := append([]uint32(nil), p.id...)
	for _, v := range p.id {
		for _, w := range d.whole.near(v) {
			if len(ids) > crowd {
				p.leastDegreeFirst(out)
				return
			}
			if !slices.Contains(ids, w) {
				ids = append(ids, w)
			}
		}
	}
	m := newBitMatrix(len(ids))
	for i, v := range p.id {
		for _, w := range d.whole.near(v) {
			m.join(i, slices.Index(ids, w))
		}
	}
	for i := n; i < len(ids); i++ {
		for j := n; j < i; j++ {
			m.join(i, j)
		}
	}
	gone := make([]bool, n)
	for i := range out {
		best, least, smallest := 0, math.MaxInt, math.MaxInt
		for v := range n {
			if gone[v] {
				continue
			}
			fill, degree := m.fill(v)
			if fill < least || fill == least && degree < smallest {
				best, least, smallest = v, fill, degree
			}
		}
		gone[best] = true
		out[i] = p.id[best]
		m.eliminate(best)
	}
}

// bitMatrix is the adjacency matrix of a small graph.
type bitMatrix struct {
	words int
	bits  []uint64
}

func newBitMatrix(n int) bitMatrix {
	words := (n + 63) / 64
	return bitMatrix{words, make([]uint64, n*words)}
}

func (m bitMatrix) row(v int) []uint64 { return m.bits[v*m.words : (v+1)*m.words] }

func (m bitMatrix) join(v, w int) {
	m.row(v)[w/64] |= 1 << (w % 64)
	m.row(w)[v/64] |= 1 << (v % 64)
}

// fill is twice the number of edges that eliminating v would add, and its degree.
func (m bitMatrix) fill(v int) (fill, degree int) {
	own := m.row(v)
	for k, word := range own {
		degree += bits.OnesCount64(word)
		for ; word != 0; word &= word - 1 {
			w := k*64 + bits.TrailingZeros64(word)
			for j, other := range m.row(w) {
				fill += bits.OnesCount64(own[j] &^ other)
			}
			fill-- // w itself
		}
	}
	return fill, degree
}

// eliminate removes v and makes its neighbours adjacent to each other.
func (m bitMatrix) eliminate(v int) {
	own := m.row(v)
	for k, word := range own {
		for ; word != 0; word &= word - 1 {
			w := k*64 + bits.TrailingZeros64(word)
			other := m.row(w)
			for j := range other {
				other[j] |= own[j]
			}
			other[w/64] &^= 1 << (w % 64)
			other[v/64] &^= 1 << (v % 64)
		}
	}
	clear(own)
}
