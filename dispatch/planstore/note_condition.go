package planstore

import (
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

const (
	kindCondition = "condition"
	kindOutage    = "outage"
	kindStorm     = "storm"
)

func writeCondition(w *writer, c *dispatch.Condition) {
	for _, s := range []string{string(c.Kind), c.Road, string(c.Snow), c.Reason, c.Document, c.By} {
		w.text(s)
	}
	w.num(int64(len(c.Ways)))
	w.nums(c.Ways...)
	writeShape(w, c.Shape)
	w.nums(asNum(c.Line), int64(c.Percent), int64(c.Window.Earliest), int64(c.Window.Latest), asNum(c.Lifted))
	w.time(c.From)
	w.time(c.Until)
	w.time(c.At)
}

func readCondition(d *reader) *dispatch.Condition {
	c := &dispatch.Condition{
		Kind: dispatch.ConditionKind(d.text()), Road: d.text(), Snow: dispatch.SnowDepth(d.text()), Reason: d.text(), Document: d.text(), By: d.text(),
	}
	for range d.count() {
		c.Ways = append(c.Ways, d.num())
	}
	c.Shape = readShape(d)
	c.Line, c.Percent = d.flag(), d.int32()
	c.Window, c.Lifted = dispatch.Window{Earliest: d.int32(), Latest: d.int32()}, d.flag()
	c.From, c.Until, c.At = d.time(), d.time(), d.time()
	return c
}

func writeOutage(w *writer, o *dispatch.Outage) {
	for _, s := range []string{string(o.Shift), string(o.Vehicle), string(o.Cause), o.By} {
		w.text(s)
	}
	w.nums(int64(o.From), int64(o.Until), asNum(o.Undone))
	writeShape(w, []geo.LatLng{o.At, o.BackAt})
	w.time(o.Said)
}

func readOutage(d *reader) *dispatch.Outage {
	o := &dispatch.Outage{
		Shift: vehicles.ShiftID(d.text()), Vehicle: vehicles.VehicleID(d.text()), Cause: dispatch.OutageCause(d.text()), By: d.text(),
		From: d.int32(), Until: d.int32(), Undone: d.flag(),
	}
	if at := readShape(d); len(at) == 2 {
		o.At, o.BackAt = at[0], at[1]
	}
	o.Said = d.time()
	return o
}

func writeStorm(w *writer, b *dispatch.Storm) {
	w.nums(int64(b.Window.Earliest), int64(b.Window.Latest), asNum(b.Lifted))
	writeShape(w, b.Shape)
	writeTexts(w, b.Keep)
	for _, s := range []string{string(b.Snow), b.Document, b.By} {
		w.text(s)
	}
	w.time(b.At)
}

func readStorm(d *reader) *dispatch.Storm {
	return &dispatch.Storm{
		Window: dispatch.Window{Earliest: d.int32(), Latest: d.int32()}, Lifted: d.flag(), Shape: readShape(d), Keep: readTexts[string](d),
		Snow: dispatch.SnowDepth(d.text()), Document: d.text(), By: d.text(), At: d.time(),
	}
}

func writeShape(w *writer, shape []geo.LatLng) {
	w.num(int64(len(shape)))
	for _, p := range shape {
		w.float(p.Lat)
		w.float(p.Lng)
	}
}

func readShape(d *reader) (shape []geo.LatLng) {
	for range d.count() {
		shape = append(shape, geo.LatLng{Lat: d.float(), Lng: d.float()})
	}
	return shape
}

// count is the length of a list, each entry of which takes a byte at least.
func (d *reader) count() int {
	n := d.num()
	if n < 0 || n > int64(len(d.buf)) {
		d.fail("more entries than bytes")
		return 0
	}
	return int(n)
}
