package fleetstore

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// A stored facility, vehicle, driver or shift is one byte of layout version and then its fields in the order of the
// functions below: whole numbers as zigzag varints, degrees as float64 bits (big-endian), text and lists as their length
// and their parts. A field is added by a new layout version that writes it behind the others; the decoder keeps reading
// the old ones. Version 2 added telephone numbers, a driver's sealed, and caps of working hours.
const registryVersion = 2

func encodeFacility(f vehicles.Facility) []byte {
	w := newWriter()
	w.text(string(f.ID))
	w.text(f.Name)
	w.place(f.At)
	w.text(f.Phone)
	w.flag(f.Office)
	return w.buf
}

func decodeFacility(raw string) (vehicles.Facility, error) {
	r := newReader(raw)
	f := vehicles.Facility{ID: vehicles.FacilityID(r.text()), Name: r.text(), At: r.place()}
	if r.version >= 2 {
		f.Phone, f.Office = r.text(), r.num() == 1
	}
	return f, r.end("facility")
}

func encodeVehicle(v vehicles.Vehicle) []byte {
	w := newWriter()
	w.text(string(v.ID))
	w.text(v.Name)
	w.text(string(v.Owner))
	w.place(v.Home)
	w.num(len(v.Cabin))
	for _, l := range v.Cabin {
		w.num(l.Seats, l.Wheelchairs, l.Stretchers)
	}
	w.num(int(v.Equipment), v.Dwell.PerStop, v.Dwell.PerWheelchair, v.WidthCM)
	w.flag(v.Welfare)
	return w.buf
}

func decodeVehicle(raw string) (vehicles.Vehicle, error) {
	r := newReader(raw)
	v := vehicles.Vehicle{ID: vehicles.VehicleID(r.text()), Name: r.text(), Owner: vehicles.FacilityID(r.text()), Home: r.place()}
	for range r.count(3) {
		v.Cabin = append(v.Cabin, vehicles.Load{Seats: r.num(), Wheelchairs: r.num(), Stretchers: r.num()})
	}
	v.Equipment = vehicles.Equipment(r.num())
	v.Dwell = vehicles.Dwell{PerStop: r.num(), PerWheelchair: r.num()}
	v.WidthCM = r.num()
	v.Welfare = r.num() == 1
	return v, r.end("vehicle")
}

// encodeDriver writes all of a driver but the telephone number, which comes sealed, or empty where there is none.
func encodeDriver(d vehicles.Driver, phone []byte) []byte {
	w := newWriter()
	w.text(string(d.ID))
	w.text(string(d.Facility))
	w.num(int(d.Class), int(d.Licence), len(d.Courses))
	for _, c := range d.Courses {
		w.text(c)
	}
	w.text(string(phone))
	return w.buf
}

// decodeDriver returns a driver without the telephone number, which comes sealed beside.
func decodeDriver(raw string) (vehicles.Driver, []byte, error) {
	r := newReader(raw)
	d := vehicles.Driver{
		ID: vehicles.DriverID(r.text()), Facility: vehicles.FacilityID(r.text()),
		Class: vehicles.DriverClass(r.num()), Licence: vehicles.Licence(r.num()),
	}
	for range r.count(1) {
		d.Courses = append(d.Courses, r.text())
	}
	var phone []byte
	if r.version >= 2 {
		phone = []byte(r.text())
	}
	return d, phone, r.end("driver")
}

func encodeShift(s vehicles.Shift) []byte {
	w := newWriter()
	w.text(string(s.ID))
	w.text(string(s.Vehicle))
	w.text(string(s.Driver))
	w.span(s.Span)
	w.place(s.Start)
	w.place(s.End)
	w.num(len(s.OwnRounds))
	for _, o := range s.OwnRounds {
		w.span(o)
	}
	w.num(len(s.Breaks))
	for _, b := range s.Breaks {
		w.span(b.Window)
		w.num(int(b.Seconds))
	}
	return w.buf
}

func decodeShift(raw string) (vehicles.Shift, error) {
	r := newReader(raw)
	s := vehicles.Shift{ID: vehicles.ShiftID(r.text()), Vehicle: vehicles.VehicleID(r.text()), Driver: vehicles.DriverID(r.text())}
	s.Span, s.Start, s.End = r.span(), r.place(), r.place()
	for range r.count(2) {
		s.OwnRounds = append(s.OwnRounds, r.span())
	}
	for range r.count(3) {
		s.Breaks = append(s.Breaks, vehicles.Break{Window: r.span(), Seconds: int32(r.num())})
	}
	return s, r.end("shift")
}

// writer appends fields to buf.
type writer struct{ buf []byte }

func newWriter() *writer { return &writer{[]byte{registryVersion}} }

func (w *writer) text(s string) {
	w.buf = binary.AppendUvarint(w.buf, uint64(len(s)))
	w.buf = append(w.buf, s...)
}

func (w *writer) num(values ...int) {
	for _, v := range values {
		w.buf = binary.AppendVarint(w.buf, int64(v))
	}
}

func (w *writer) span(s vehicles.Span) { w.num(int(s.Start), int(s.End)) }

func (w *writer) place(p geo.LatLng) {
	w.buf = binary.BigEndian.AppendUint64(w.buf, math.Float64bits(p.Lat))
	w.buf = binary.BigEndian.AppendUint64(w.buf, math.Float64bits(p.Lng))
}

// reader takes fields off buf. After the first failure it returns zero values; end tells.
type reader struct {
	buf     []byte
	version byte   // of the layout
	reason  string // "" while all is well
}

func newReader(raw string) *reader {
	r := &reader{buf: []byte(raw)}
	switch {
	case raw == "":
		r.fail("it is empty")
	case raw[0] < 1 || raw[0] > registryVersion:
		r.fail(fmt.Sprintf("layout %d is not known", raw[0]))
	default:
		r.version, r.buf = raw[0], r.buf[1:]
	}
	return r
}

func (r *reader) fail(reason string) {
	if r.reason == "" {
		r.reason, r.buf = reason, nil
	}
}

// end fails with a *DamagedError unless everything was read and nothing is left.
func (r *reader) end(what string) error {
	if len(r.buf) > 0 {
		r.fail(fmt.Sprintf("%d bytes are left over", len(r.buf)))
	}
	if r.reason != "" {
		return &DamagedError{what, r.reason}
	}
	return nil
}

func (r *reader) take(n uint64) []byte {
	if n > uint64(len(r.buf)) {
		r.fail("it is cut off")
		return nil
	}
	part := r.buf[:n]
	r.buf = r.buf[n:]
	return part
}

func (r *reader) text() string {
	n, used := binary.Uvarint(r.buf)
	if used <= 0 {
		r.fail("it is cut off")
		return ""
	}
	r.buf = r.buf[used:]
	return string(r.take(n))
}

func (r *reader) num() int {
	v, used := binary.Varint(r.buf)
	if used <= 0 {
		r.fail("it is cut off")
		return 0
	}
	r.buf = r.buf[used:]
	return int(v)
}

// count reads the length of a list whose parts take at least that many bytes each.
func (r *reader) count(partBytes int) int {
	n := r.num()
	if n < 0 || n > len(r.buf)/partBytes {
		r.fail("a list is longer than its bytes")
		return 0
	}
	return n
}

func (r *reader) span() vehicles.Span {
	return vehicles.Span{Start: int32(r.num()), End: int32(r.num())}
}

func (r *reader) place() geo.LatLng {
	b := r.take(16)
	if b == nil {
		return geo.LatLng{}
	}
	return geo.LatLng{
		Lat: math.Float64frombits(binary.BigEndian.Uint64(b)), Lng: math.Float64frombits(binary.BigEndian.Uint64(b[8:])),
	}
}
