package planstore

import (
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

const (
	kindDoor     = "door"
	kindDevice   = "device"
	kindIncident = "incident"
	kindSeen     = "seen"
)

func writeDoor(w *writer, x *dispatch.Door) {
	w.text(string(x.Ride))
	w.num(int64(len(x.Tries)))
	for i := range x.Tries {
		t := &x.Tries[i]
		w.num(asNum(t.Knock))
		w.time(t.At)
		w.text(t.By)
	}
}

func readDoor(d *reader) *dispatch.Door {
	x := &dispatch.Door{Ride: dispatch.RideID(d.text())}
	for range listLength(d) {
		x.Tries = append(x.Tries, dispatch.DoorTry{Knock: d.flag(), At: d.time(), By: d.text()})
	}
	return x
}

// listLength reads the length of a list of which no element is smaller than a byte.
func listLength(d *reader) int {
	n := d.num()
	if n < 0 || n > int64(len(d.buf)) {
		d.fail("a list longer than its bytes")
		return 0
	}
	return int(n)
}

func writeStopID(w *writer, s dispatch.StopID) {
	w.text(string(s.Ride))
	w.num(int64(s.Kind))
}

func readStopID(d *reader) dispatch.StopID {
	return dispatch.StopID{Ride: dispatch.RideID(d.text()), Kind: dispatch.StopKind(d.byte())}
}

func writeDevice(w *writer, x *dispatch.Device) {
	w.text(string(x.Vehicle))
	w.nums(x.Next, int64(len(x.Gaps)))
	w.nums(x.Gaps...)
	w.num(int64(len(x.Held)))
	for i := range x.Held {
		h := &x.Held[i]
		w.nums(h.Seq, int64(h.Kind))
		writeStopID(w, h.Stop)
		w.time(h.At)
		w.time(h.Taken)
		w.text(h.By)
		w.num(asNum(h.Override))
	}
	w.num(int64(len(x.Refused)))
	for i := range x.Refused {
		r := &x.Refused[i]
		w.nums(r.Seq, int64(r.Kind))
		w.text(string(r.Ride))
		w.text(r.Code)
		w.time(r.At)
	}
}

func readDevice(d *reader) *dispatch.Device {
	x := &dispatch.Device{Vehicle: vehicles.VehicleID(d.text()), Next: d.num()}
	for range listLength(d) {
		x.Gaps = append(x.Gaps, d.num())
	}
	for range listLength(d) {
		x.Held = append(x.Held, dispatch.HeldStep{
			Seq: d.num(), Kind: dispatch.StepKind(d.byte()), Stop: readStopID(d), At: d.time(), Taken: d.time(), By: d.text(), Override: d.flag(),
		})
	}
	for range listLength(d) {
		x.Refused = append(x.Refused, dispatch.RefusedStep{
			Seq: d.num(), Kind: dispatch.StepKind(d.byte()), Ride: dispatch.RideID(d.text()), Code: d.text(), At: d.time(),
		})
	}
	return x
}

func writeIncident(w *writer, x *dispatch.Incident) {
	for _, s := range []string{string(x.Kind), string(x.Ride), string(x.Shift), string(x.Vehicle), string(x.Driver), x.By, x.OverBy} {
		w.text(s)
	}
	w.num(int64(x.Severity))
	w.time(x.At)
	w.time(x.Taken)
	w.time(x.Over)
}

func readIncident(d *reader) *dispatch.Incident {
	return &dispatch.Incident{
		Kind: dispatch.IncidentKind(d.text()), Ride: dispatch.RideID(d.text()), Shift: vehicles.ShiftID(d.text()),
		Vehicle: vehicles.VehicleID(d.text()), Driver: vehicles.DriverID(d.text()), By: d.text(), OverBy: d.text(),
		Severity: dispatch.Severity(d.byte()), At: d.time(), Taken: d.time(), Over: d.time(),
	}
}

func writeSeen(w *writer, x *dispatch.Seen) {
	w.text(x.Exception)
	w.text(string(x.Kind))
	w.text(x.By)
	w.num(int64(x.Severity))
	w.time(x.At)
}

func readSeen(d *reader) *dispatch.Seen {
	return &dispatch.Seen{
		Exception: d.text(), Kind: dispatch.ExceptionKind(d.text()), By: d.text(), Severity: dispatch.Severity(d.byte()), At: d.time(),
	}
}
