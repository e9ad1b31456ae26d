package routing

import (
	"encoding/binary"
	"slices"
	"unsafe"
)

// columnCodec reads and writes one column of a graph as raw little-endian memory, so that loading is one read and no
// parsing.
type columnCodec struct {
	name  string
	size  int                   // bytes an element
	bytes func() []byte         // memory of the column, empty for an empty one
	set   func(raw []byte) bool // adopts raw, whose length is a multiple of size and whose start is aligned to 8
}

// columnOf makes the codec of *at, whose elements are made of integers of unit bytes.
func columnOf[T any](name string, at *[]T, unit int) columnCodec {
	var zero T
	size := int(unsafe.Sizeof(zero))
	return columnCodec{
		name: name,
		size: size,
		bytes: func() []byte {
			if len(*at) == 0 {
				return nil
			}
			raw := unsafe.Slice((*byte)(unsafe.Pointer(&(*at)[0])), len(*at)*size)
			return littleEndian(raw, unit)
		},
		set: func(raw []byte) bool {
			if len(raw)%size != 0 {
				return false
			}
			if len(raw) == 0 {
				*at = nil
				return true
			}
			raw = littleEndian(raw, unit)
			*at = unsafe.Slice((*T)(unsafe.Pointer(&raw[0])), len(raw)/size)
			return true
		},
	}
}

// littleEndian returns raw itself where the machine is little-endian, and a copy with every integer turned around
// elsewhere.
func littleEndian(raw []byte, unit int) []byte {
	if unit == 1 || binary.NativeEndian.Uint16([]byte{1, 0}) == 1 {
		return raw
	}
	out := slices.Clone(raw)
	for i := 0; i+unit <= len(out); i += unit {
		slices.Reverse(out[i : i+unit])
	}
	return out
}

// columns lists the columns in file order. Changing it means a new file version.
func (d *graphData) columns() []columnCodec {
	return []columnCodec{
		columnOf("node positions", &d.nodeAt, 4),
		columnOf("node signals", &d.nodeSignals, 1),
		columnOf("segment ways", &d.segWay, 8),
		columnOf("segment tails", &d.segTail, 4),
		columnOf("segment heads", &d.segHead, 4),
		columnOf("segment shape index", &d.segShapeFirst, 4),
		columnOf("shape", &d.shape, 4),
		columnOf("segment lengths", &d.segCm, 4),
		columnOf("segment names", &d.segName, 4),
		columnOf("segment classes", &d.segClass, 1),
		columnOf("segment surfaces", &d.segSurface, 1),
		columnOf("segment gradients", &d.segGradient, 1),
		columnOf("segment flags", &d.segFlags, 2),
		columnOf("segment widths", &d.segWidth, 2),
		columnOf("segment width limits", &d.segMaxWidth, 2),
		columnOf("segment height limits", &d.segMaxHeight, 2),
		columnOf("segment weight limits", &d.segMaxWeight, 2),
		columnOf("first arcs", &d.firstOut, 4),
		columnOf("arc heads", &d.arcHead, 4),
		columnOf("arc segments", &d.arcSeg, 4),
		columnOf("arc times", &d.arcMs, 4),
		columnOf("segment arcs", &d.segArcs, 4),
		columnOf("vertex nodes", &d.stateNode, 4),
		columnOf("first links", &d.linkFirst, 4),
		columnOf("link heads", &d.linkHead, 4),
		columnOf("link arcs", &d.linkArc, 4),
		columnOf("turn times", &d.linkTurn, 4),
		columnOf("arc entries", &d.arcEntry, 4),
		columnOf("forbidden turns", &d.forbidden, 4),
		columnOf("tree boxes", &d.treeBoxes, 4),
		columnOf("tree items", &d.treeItems, 4),
		columnOf("traffic", &d.traffic, 1),
	}
}
