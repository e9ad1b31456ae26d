package planstore

import (
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

const kindIntervention = "intervention"

func writeIntervention(w *writer, v *dispatch.Intervention) {
	for _, s := range []string{string(v.Ride), string(v.Mode), string(v.From), string(v.To), v.By, v.UndoneBy} {
		w.text(s)
	}
	w.time(v.At)
	w.time(v.Undone)
	writeTexts(w, v.Breaks)
	w.num(int64(len(v.Before)))
	for i := range v.Before {
		w.text(string(v.Before[i].Shift))
		w.num(int64(len(v.Before[i].Stops)))
		for _, s := range v.Before[i].Stops {
			w.text(string(s.Ride))
			w.num(int64(s.Kind))
		}
	}
	w.num(int64(len(v.Moved)))
	for i := range v.Moved {
		m := &v.Moved[i]
		for _, s := range []string{string(m.Ride), string(m.From), string(m.To)} {
			w.text(s)
		}
		writePromise(w, &m.Before)
		writePromise(w, &m.After)
		writeLocks(w, &m.Locks)
	}
}

func readIntervention(d *reader) *dispatch.Intervention {
	v := &dispatch.Intervention{
		Ride: dispatch.RideID(d.text()), Mode: dispatch.ReassignMode(d.text()), From: vehicles.ShiftID(d.text()), To: vehicles.ShiftID(d.text()),
		By: d.text(), UndoneBy: d.text(), At: d.time(), Undone: d.time(), Breaks: readTexts[string](d),
	}
	const minOrderBytes, minStopBytes, minMovedBytes = 2, 2, 15 // empty texts and numbers of one byte
	for range d.many(minOrderBytes) {
		o := dispatch.ShiftOrder{Shift: vehicles.ShiftID(d.text())}
		for range d.many(minStopBytes) {
			o.Stops = append(o.Stops, dispatch.StopID{Ride: dispatch.RideID(d.text()), Kind: dispatch.StopKind(d.byte())})
		}
		v.Before = append(v.Before, o)
	}
	for range d.many(minMovedBytes) {
		v.Moved = append(v.Moved, dispatch.MovedRide{
			Ride: dispatch.RideID(d.text()), From: vehicles.ShiftID(d.text()), To: vehicles.ShiftID(d.text()),
			Before: readPromise(d), After: readPromise(d), Locks: readLocks(d),
		})
	}
	return v
}

// many is a number of things that follow, each at least so many bytes long; 0, and damage, where there are too few bytes for it.
func (d *reader) many(bytes int) int64 {
	n := d.num()
	if n < 0 || n > int64(len(d.buf)/bytes) {
		d.fail("more entries than bytes")
		return 0
	}
	return n
}

func writeLocks(w *writer, l *dispatch.Locks) {
	w.text(string(l.Shift))
	w.text(l.By)
	w.nums(asNum(l.Order), int64(l.At))
}

func readLocks(d *reader) dispatch.Locks {
	return dispatch.Locks{Shift: vehicles.ShiftID(d.text()), By: d.text(), Order: d.flag(), At: d.int32()}
}
