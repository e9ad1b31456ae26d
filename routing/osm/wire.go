package osm

import "encoding/binary"

// Protobuf wire types (protobuf.dev, "Encoding").
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

// wire walks over the fields of one encoded protobuf message without copying it. The first malformed field ends the walk
// and sets bad; the values read so far must not be used then.
type wire struct {
	rest  []byte
	field int    // number of the current field
	kind  int    // wire type of the current field
	value uint64 // value where kind is wireVarint
	data  []byte // content where kind is wireBytes, aliasing the message
	bad   bool
}

// next moves to the next field; false at the end or at malformed content.
func (w *wire) next() bool {
	if len(w.rest) == 0 || w.bad {
		return false
	}
	key := w.varint()
	w.field, w.kind = int(key>>3), int(key&7)
	if key>>3 == 0 || key>>3 >= 1<<29 { // no such field number
		w.bad = true
		return false
	}
	switch w.kind {
	case wireVarint:
		w.value = w.varint()
	case wireFixed64:
		w.take(8)
	case wireBytes:
		w.data = w.take(w.varint())
	case wireFixed32:
		w.take(4)
	default:
		w.bad = true
	}
	return !w.bad
}

func (w *wire) take(n uint64) []byte {
	if w.bad || n > uint64(len(w.rest)) {
		w.bad = true
		return nil
	}
	out := w.rest[:n:n]
	w.rest = w.rest[n:]
	return out
}

func (w *wire) varint() uint64 {
	v, n := binary.Uvarint(w.rest)
	if n <= 0 {
		w.bad = true
		return 0
	}
	w.rest = w.rest[n:]
	return v
}

// message reports whether the current field is number n and holds bytes.
func (w *wire) message(n int) bool { return w.field == n && w.kind == wireBytes }

// packed reads the varints of a packed repeated field one at a time.
type packed struct {
	rest []byte
	bad  bool
}

func (p *packed) more() bool { return len(p.rest) > 0 && !p.bad }

func (p *packed) next() uint64 {
	v, n := binary.Uvarint(p.rest)
	if n <= 0 {
		p.bad = true
		return 0
	}
	p.rest = p.rest[n:]
	return v
}

// signed reads a zigzag-coded value.
func (p *packed) signed() int64 { return unzigzag(p.next()) }

func unzigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }
