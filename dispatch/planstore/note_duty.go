package planstore

import (
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

const (
	kindDuty  = "duty"
	kindCheck = "check"
)

func writeDuty(w *writer, x *dispatch.OnDuty) {
	for _, s := range []string{string(x.Shift), string(x.Vehicle), string(x.Driver), string(x.Before), string(x.After), x.Stood} {
		w.text(s)
	}
	w.time(x.On)
	w.time(x.Off)
	w.nums(int64(x.Checks), int64(x.Odometer))
}

func readDuty(d *reader) *dispatch.OnDuty {
	return &dispatch.OnDuty{
		Shift: vehicles.ShiftID(d.text()), Vehicle: vehicles.VehicleID(d.text()), Driver: vehicles.DriverID(d.text()),
		Before: dispatch.NoteID(d.text()), After: dispatch.NoteID(d.text()), Stood: d.text(),
		On: d.time(), Off: d.time(), Checks: int(d.int32()), Odometer: d.int32(),
	}
}

// writeCheck leaves the driver's ailments out, which are in the note's sealed text.
func writeCheck(w *writer, x *dispatch.Check) {
	r := &x.Report
	for _, s := range []string{string(x.Shift), string(x.Vehicle), string(x.Driver), r.Checker, string(r.CheckerOf), string(r.Method), r.Detector} {
		w.text(s)
	}
	w.time(r.At)
	w.time(x.Taken)
	w.nums(asNum(r.After), asNum(r.Alcohol), int64(r.Reading), int64(r.Odometer))
	writeTexts(w, r.Looked)
	writeTexts(w, r.Defects)
	writeTexts(w, x.Faults)
}

func readCheck(d *reader) *dispatch.Check {
	x := &dispatch.Check{Shift: vehicles.ShiftID(d.text()), Vehicle: vehicles.VehicleID(d.text()), Driver: vehicles.DriverID(d.text())}
	r := &x.Report
	r.Checker, r.CheckerOf, r.Method, r.Detector = d.text(), vehicles.FacilityID(d.text()), vehicles.CheckMethod(d.text()), d.text()
	r.At, x.Taken = d.time(), d.time()
	r.After, r.Alcohol, r.Reading, r.Odometer = d.flag(), d.flag(), d.int32(), d.int32()
	r.Looked, r.Defects = readTexts[vehicles.InspectedPart](d), readTexts[vehicles.InspectedPart](d)
	x.Faults = readTexts[vehicles.CheckFault](d)
	return x
}
