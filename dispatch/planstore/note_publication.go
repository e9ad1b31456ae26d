package planstore

import (
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

const (
	kindPublication = "publication"
	kindReceipt     = "receipt"
)

func writePublication(w *writer, p *dispatch.Publication) {
	w.text(string(p.Shift))
	w.num(p.Number)
	w.time(p.At)
	w.text(p.By)
	w.text(p.Why)
	writePublished(w, p.Stops)
	w.num(p.Acked.Number)
	w.text(p.Acked.By)
	w.time(p.Acked.At)
}

func readPublication(d *reader) *dispatch.Publication {
	p := &dispatch.Publication{Shift: vehicles.ShiftID(d.text()), Number: d.num(), At: d.time(), By: d.text(), Why: d.text()}
	p.Stops = readPublished(d)
	p.Acked = dispatch.Acknowledgement{Number: d.num(), By: d.text(), At: d.time()}
	return p
}

func writeReceipt(w *writer, r *dispatch.Receipt) {
	w.text(string(r.Shift))
	w.num(r.Number)
	writePublished(w, r.Stops)
}

func readReceipt(d *reader) *dispatch.Receipt {
	return &dispatch.Receipt{Shift: vehicles.ShiftID(d.text()), Number: d.num(), Stops: readPublished(d)}
}

func writePublished(w *writer, stops []dispatch.PublishedStop) {
	w.num(int64(len(stops)))
	for i := range stops {
		s := &stops[i]
		w.text(string(s.Ride))
		w.nums(int64(s.Kind), int64(s.LeaveBy), int64(s.Arrive), int64(s.NotBefore), int64(s.Latest), s.Seen)
	}
}

func readPublished(d *reader) (stops []dispatch.PublishedStop) {
	const minStopBytes = 7 // an empty ride id and six one-byte numbers
	for range d.many(minStopBytes) {
		stops = append(stops, dispatch.PublishedStop{
			StopID:  dispatch.StopID{Ride: dispatch.RideID(d.text()), Kind: dispatch.StopKind(d.byte())},
			LeaveBy: d.int32(), Arrive: d.int32(), NotBefore: d.int32(), Latest: d.int32(), Seen: d.num(),
		})
	}
	return stops
}
