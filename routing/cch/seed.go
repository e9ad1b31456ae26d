package cch

// Seed is one way to enter or leave the graph: a node and the cost, in ms, between it and the real place. A place in the
// middle of an arc has the arc's head as a seed on the way out and its tail on the way in; a two-way road gives two.
// An Offset of Inf or more makes the seed useless but not wrong.
type Seed struct {
	Node   uint32
	Offset uint32
	Along  uint32 // the second quantity between node and place, where Along is used; see there
}

// Direction tells which way a search runs along arcs.
type Direction uint8

const (
	Forward  Direction = iota // from the seeds, along the arcs
	Backward                  // to the seeds, against the arcs
)

// chain is a group of seeds on one way to a root: all are leaf or its ancestors. One climb from leaf serves them all.
// Both ends of an arc always form one chain.
type chain struct {
	leaf        uint32
	first, last uint32 // the seeds are chains.seeds[first:last], ascending by rank
}

// rankedSeed is a seed by rank, with its position in the caller's slice.
type rankedSeed struct {
	node, offset, index, along uint32
}

// chains is reusable scratch that splits seeds into chains.
type chains struct {
	seeds  []rankedSeed
	groups []chain
	sorted []rankedSeed
}

// split groups the seeds; it fails on a node out of range. The number of seeds is expected to be small: the time is quadratic in it at worst.
func (c *chains) split(t *Topology, seeds []Seed) error {
	c.seeds, c.groups, c.sorted = c.seeds[:0], c.groups[:0], c.sorted[:0]
	for i, s := range seeds {
		v, err := t.nodeOfInput(s.Node)
		if err != nil {
			return err
		}
		c.insert(rankedSeed{v, min(s.Offset, Inf), uint32(i), s.Along})
	}
	for len(c.sorted) > 0 {
		g := chain{leaf: c.sorted[0].node, first: uint32(len(c.seeds))}
		rest := c.sorted[:0]
		for _, s := range c.sorted {
			if t.contains(s.node, g.leaf) {
				c.seeds = append(c.seeds, s)
			} else {
				rest = append(rest, s)
			}
		}
		c.sorted = rest
		g.last = uint32(len(c.seeds))
		c.groups = append(c.groups, g)
	}
	return nil
}

// insert keeps sorted ascending by rank.
func (c *chains) insert(s rankedSeed) {
	c.sorted = append(c.sorted, s)
	for i := len(c.sorted) - 1; i > 0 && c.sorted[i-1].node > s.node; i-- {
		c.sorted[i-1], c.sorted[i] = s, c.sorted[i-1]
	}
}

// of returns the seeds of a chain.
func (c *chains) of(g chain) []rankedSeed { return c.seeds[g.first:g.last] }
