package planstore

import (
	"encoding/binary"
	"math"
	"time"
)

// writer appends fields to a buffer; see codec.go for the layout.
type writer struct{ buf []byte }

func newWriter(version int64, capacity int) writer {
	w := writer{make([]byte, 0, headerBytes+capacity)}
	w.buf = append(w.buf, codecVersion)
	w.buf = binary.BigEndian.AppendUint64(w.buf, uint64(version))
	return w
}

func (w *writer) text(s string) {
	w.buf = append(binary.AppendUvarint(w.buf, uint64(len(s))), s...)
}

func (w *writer) num(n int64) { w.buf = binary.AppendVarint(w.buf, n) }

func (w *writer) nums(ns ...int64) {
	for _, n := range ns {
		w.num(n)
	}
}

// asNum is how a yes or no is written, as 1 or 0.
func asNum(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// writeTexts writes a list of texts with its length before it.
func writeTexts[T ~string](w *writer, list []T) {
	w.num(int64(len(list)))
	for _, s := range list {
		w.text(string(s))
	}
}

// float keeps all bits, so that a position comes back exactly.
func (w *writer) float(f float64) {
	w.buf = binary.BigEndian.AppendUint64(w.buf, math.Float64bits(f))
}

// time keeps the moment to the nanosecond; the zone is not kept. The zero time comes back as the zero time.
func (w *writer) time(t time.Time) { w.nums(t.Unix(), int64(t.Nanosecond())) }

// reader takes fields off a buffer. After the first failure every read gives zero; end reports it.
type reader struct {
	what string // for the error
	buf  []byte
	err  error
}

func (d *reader) fail(reason string) {
	if d.err == nil {
		d.err = &DamagedError{d.what, reason}
	}
	d.buf = nil
}

// end returns the first failure, or one for bytes that are left over.
func (d *reader) end() error {
	if d.err == nil && len(d.buf) > 0 {
		d.fail("bytes left over")
	}
	return d.err
}

func (d *reader) text() string {
	n, size := binary.Uvarint(d.buf)
	if size <= 0 || n > uint64(len(d.buf)-size) {
		d.fail("text cut off")
		return ""
	}
	s := string(d.buf[size : size+int(n)])
	d.buf = d.buf[size+int(n):]
	return s
}

func (d *reader) num() int64 {
	n, size := binary.Varint(d.buf)
	if size <= 0 {
		d.fail("number cut off")
		return 0
	}
	d.buf = d.buf[size:]
	return n
}

// int32 reads a number that must fit.
func (d *reader) int32() int32 {
	n := d.num()
	if n < math.MinInt32 || n > math.MaxInt32 {
		d.fail("number out of range")
		return 0
	}
	return int32(n)
}

// byte reads a small enumeration.
func (d *reader) byte() uint8 {
	n := d.num()
	if n < 0 || n > math.MaxUint8 {
		d.fail("number out of range")
		return 0
	}
	return uint8(n)
}

// flag reads a yes or no.
func (d *reader) flag() bool {
	n := d.num()
	if n != 0 && n != 1 {
		d.fail("neither yes nor no")
	}
	return n == 1
}

// readTexts reads a list of texts; an empty one is nil.
func readTexts[T ~string](d *reader) []T {
	n := d.num()
	if n < 0 || n > int64(len(d.buf)) {
		d.fail("more texts than bytes")
		return nil
	}
	if n == 0 {
		return nil
	}
	list := make([]T, n)
	for i := range list {
		list[i] = T(d.text())
	}
	return list
}

func (d *reader) float() float64 {
	if len(d.buf) < 8 {
		d.fail("number cut off")
		return 0
	}
	f := math.Float64frombits(binary.BigEndian.Uint64(d.buf))
	d.buf = d.buf[8:]
	return f
}

func (d *reader) time() time.Time {
	sec, nsec := d.num(), d.num()
	if nsec < 0 || nsec >= int64(time.Second) {
		d.fail("time out of range")
		return time.Time{}
	}
	return time.Unix(sec, nsec).UTC()
}
