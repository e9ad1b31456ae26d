package cch

import (
	"fmt"
	"math"
)

// Inf is the weight of a closed arc and the distance of an unreachable target: half the range of uint32, so that two of
// them may be added without wrapping. Distances saturate: a path of Inf or more (about 24.8 days in ms) counts as none.
const Inf uint32 = math.MaxInt32

// The proof of the sentence above: this constant expression does not compile if two Inf overflow.
const _ = uint32(Inf + Inf)

// None stands for "no node" and "no arc".
const None uint32 = math.MaxUint32

// maxArcs bounds input arcs and hierarchy arcs, so that twice an arc id still fits uint32.
const maxArcs = math.MaxInt32

// Graph is a directed multigraph as parallel arrays: arc i leads from Tail[i] to Head[i]; the position is the id. Nodes are
// 0 to Nodes-1. Parallel arcs, self loops and disconnected parts are allowed; the arcs need no particular sequence.
// The package reads the slices and never writes or keeps them.
type Graph struct {
	Nodes      int
	Tail, Head []uint32
}

// Validate reports the first array length or node id that is out of range, wrapped in ErrGraph. It takes one pass.
func (g Graph) Validate() error {
	if g.Nodes < 0 || g.Nodes > maxArcs || len(g.Tail) > maxArcs {
		return fmt.Errorf("cch: validate graph: %d nodes, %d arcs: %w", g.Nodes, len(g.Tail), ErrGraph)
	}
	if len(g.Tail) != len(g.Head) {
		return fmt.Errorf("cch: validate graph: %d tails but %d heads: %w", len(g.Tail), len(g.Head), ErrGraph)
	}
	n := uint32(g.Nodes)
	for i, t := range g.Tail {
		if h := g.Head[i]; t >= n || h >= n {
			return fmt.Errorf("cch: validate graph: arc %d leads from %d to %d of %d nodes: %w", i, t, h, n, ErrGraph)
		}
	}
	return nil
}

// invert returns the inverse of a permutation, or false where p is none.
func invert(p []uint32) ([]uint32, bool) {
	inv := make([]uint32, len(p))
	for i := range inv {
		inv[i] = None
	}
	for i, v := range p {
		if uint64(v) >= uint64(len(p)) || inv[v] != None {
			return nil, false
		}
		inv[v] = uint32(i)
	}
	return inv, true
}

// groupBy returns the CSR index of items by key in [0, groups): the items of group k are item[first[k]:first[k+1]], ascending.
// Items whose key is None are left out.
func groupBy(groups int, key []uint32) (first, item []uint32) {
	first = make([]uint32, groups+1)
	for _, k := range key {
		if k != None {
			first[k+1]++
		}
	}
	for k := range groups {
		first[k+1] += first[k]
	}
	item = make([]uint32, first[groups])
	next := append([]uint32(nil), first[:groups]...)
	for i, k := range key {
		if k != None {
			item[next[k]] = uint32(i)
			next[k]++
		}
	}
	return first, item
}
