package cch

import (
	"encoding/binary"
	"fmt"
)

// codecMagic begins an encoded topology; the digits are the version of the layout.
const codecMagic = "CCH00001"

// codecHeader is the magic and the counts of nodes, input arcs and hierarchy arcs.
const codecHeader = len(codecMagic) + 3*4

// AppendBinary appends an encoding of the topology to b for DecodeTopology. It holds what is dear to recompute: magic, three counts,
// then order[nodes], first[nodes+1] and head[arcs], all uint32 little-endian. There is no checksum: whoever stores it has one for the
// whole file, and decoding verifies the structure itself. The error is always nil.
func (t *Topology) AppendBinary(b []byte) ([]byte, error) {
	b = append(b, codecMagic...)
	for _, n := range [...]int{len(t.order), t.inputArcs, len(t.head)} {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	for _, list := range [...][]uint32{t.order, t.first, t.head} {
		for _, v := range list {
			b = binary.LittleEndian.AppendUint32(b, v)
		}
	}
	return b, nil
}

// DecodeTopology restores the topology that AppendBinary wrote for the same graph. Data may be hostile: memory is bounded
// by the length of data and the size of g, and whatever is accepted is a hierarchy that answers correctly for g, though not
// necessarily a good one. Errors wrap ErrGraph or ErrFormat. Nothing of data is kept.
func DecodeTopology(g Graph, data []byte) (*Topology, error) {
	if err := g.Validate(); err != nil {
		return nil, err
	}
	if len(data) < codecHeader || string(data[:len(codecMagic)]) != codecMagic {
		return nil, fmt.Errorf("cch: decode header: %w", ErrFormat)
	}
	var count [3]uint64
	for i := range count {
		count[i] = uint64(binary.LittleEndian.Uint32(data[len(codecMagic)+4*i:]))
	}
	nodes, inputs, arcs := count[0], count[1], count[2]
	if nodes != uint64(g.Nodes) || inputs != uint64(len(g.Tail)) {
		return nil, fmt.Errorf("cch: decode hierarchy of %d nodes and %d arcs for a graph of %d and %d: %w", nodes, inputs, g.Nodes, len(g.Tail), ErrFormat)
	}
	if arcs > maxArcs || uint64(len(data)-codecHeader) != 4*(2*nodes+1+arcs) {
		return nil, fmt.Errorf("cch: decode %d arcs from %d bytes: %w", arcs, len(data), ErrFormat)
	}
	data = data[codecHeader:]
	take := func(n uint64) []uint32 {
		list := make([]uint32, n)
		for i := range list {
			list[i] = binary.LittleEndian.Uint32(data[4*i:])
		}
		data = data[4*n:]
		return list
	}
	t := &Topology{inputArcs: len(g.Tail), order: take(nodes), first: take(nodes + 1), head: take(arcs)}
	return t.restore(g)
}

// restore derives the rest of a decoded topology, verifying before it relies on anything.
func (t *Topology) restore(g Graph) (*Topology, error) {
	rank, ok := invert(t.order)
	if !ok {
		return nil, fmt.Errorf("cch: decode order: %w", ErrFormat)
	}
	t.rank = rank
	if err := checkRows(len(t.order), t.first, t.head); err != nil {
		return nil, fmt.Errorf("cch: decode: %w: %w", err, ErrFormat)
	}
	t.derive()
	if err := t.checkTree(); err != nil {
		return nil, fmt.Errorf("cch: decode: %w: %w", err, ErrFormat)
	}
	if err := t.attach(g); err != nil {
		return nil, fmt.Errorf("cch: decode: %w: %w", err, ErrFormat)
	}
	return t, nil
}
