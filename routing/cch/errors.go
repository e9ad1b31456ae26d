package cch

import "errors"

// Faults of this package. Every error wraps one of them, and one from decoding may wrap two; an unreachable target is not an error but Inf.
var (
	// ErrGraph: arrays of unequal length, a node id out of range, a coordinate that is not finite, or too many nodes or arcs.
	ErrGraph = errors.New("invalid graph")
	// ErrOrder: the order is not a permutation of the nodes.
	ErrOrder = errors.New("order is not a permutation")
	// ErrWeights: a weight array of the wrong length, or a change that names an arc out of range.
	ErrWeights = errors.New("invalid weights")
	// ErrFormat: encoded bytes are cut off, of another version, damaged, or belong to another graph.
	ErrFormat = errors.New("invalid encoding")
	// ErrInvariant: Check found a structure that contradicts itself.
	ErrInvariant = errors.New("broken invariant")
	// ErrConfig: an option is out of its range.
	ErrConfig = errors.New("invalid option")
)
