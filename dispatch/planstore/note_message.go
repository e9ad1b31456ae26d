package planstore

import (
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

const kindMessage = "message"

// writeMessage leaves the words out, which are the note's sealed text.
func writeMessage(w *writer, m *dispatch.Message) {
	for _, s := range []string{string(m.Vehicle), m.Canned, string(m.Ride), m.By, m.ReadBy} {
		w.text(s)
	}
	w.nums(m.Number, asNum(m.Office), int64(m.Minutes), asNum(m.Urgent))
	w.time(m.Written)
	w.time(m.Taken)
	w.time(m.Read)
}

func readMessage(d *reader) *dispatch.Message {
	return &dispatch.Message{
		Vehicle: vehicles.VehicleID(d.text()), Canned: d.text(), Ride: dispatch.RideID(d.text()), By: d.text(), ReadBy: d.text(),
		Number: d.num(), Office: d.flag(), Minutes: d.int32(), Urgent: d.flag(), Written: d.time(), Taken: d.time(), Read: d.time(),
	}
}
