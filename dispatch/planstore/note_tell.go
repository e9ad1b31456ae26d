package planstore

import "github.com/swmaas/swmaas/dispatch"

const kindTell = "tell"

func writeTell(w *writer, t *dispatch.Tell) {
	for _, s := range []string{string(t.Rider), string(t.Ride), string(t.Reason), t.Code} {
		w.text(s)
	}
	writePromise(w, &t.Before)
	writePromise(w, &t.After)
	w.nums(int64(t.Deadline), int64(t.Tries))
	w.time(t.Opened)
	w.num(asNum(t.Told != nil))
	if t.Told != nil {
		w.text(t.Told.By)
		w.text(t.Told.Channel)
		w.time(t.Told.At)
	}
}

func readTell(d *reader) *dispatch.Tell {
	t := &dispatch.Tell{
		Rider: dispatch.RiderID(d.text()), Ride: dispatch.RideID(d.text()), Reason: dispatch.TellReason(d.text()), Code: d.text(),
		Before: readPromise(d), After: readPromise(d), Deadline: d.int32(), Tries: int(d.int32()), Opened: d.time(),
	}
	if d.flag() {
		t.Told = &dispatch.Told{By: d.text(), Channel: d.text(), At: d.time()}
	}
	return t
}

func writePromise(w *writer, p *dispatch.Promise) {
	w.nums(int64(p.Pickup.Earliest), int64(p.Pickup.Latest), int64(p.ArriveBy), int64(p.MaxRide))
}

func readPromise(d *reader) dispatch.Promise {
	return dispatch.Promise{
		Pickup: dispatch.Window{Earliest: d.int32(), Latest: d.int32()}, ArriveBy: d.int32(), MaxRide: d.int32(),
	}
}
