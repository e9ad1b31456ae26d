package dispatch_test

import (
	"slices"
	"testing"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// Options and Decide say the same of every mode and shift.
func TestOptionsAreTheModesAndShiftsThatAreDecidedSo(t *testing.T) {
	set := policies(t)
	calendar := &vehicles.Calendar{
		Fleet: vehicles.Fleet{
			Vehicles: []vehicles.Vehicle{{ID: "welfare", Owner: "1", Welfare: true}, {ID: "plain", Owner: "2"}, {ID: "taxi", Owner: "3"}},
			Drivers:  []vehicles.Driver{{ID: "first", Licence: vehicles.FirstClass}, {ID: "course", Licence: vehicles.FirstClass, Courses: []string{"FUKUSHI"}}},
		},
		Credentials: []vehicles.Credentials{{Person: "second", Licence: vehicles.SecondClass, Class: vehicles.Contractor}},
		Papers:      []vehicles.Papers{{Vehicle: "taxi", Business: true}},
	}
	var shifts []dispatch.Candidate
	for _, v := range []vehicles.VehicleID{"welfare", "plain", "taxi"} {
		for _, d := range []vehicles.DriverID{"first", "course", "second"} {
			shifts = append(shifts, dispatch.CandidateOf(calendar, vehicles.Shift{ID: vehicles.ShiftID(v) + vehicles.ShiftID(d), Vehicle: v, Driver: d}))
		}
	}
	q := inTown(shared)
	options, refusals := set.Options(q, shifts)
	if len(refusals) > 0 || len(options) != 4 || options[0].Mode != dispatch.NoReg {
		t.Fatalf("options %+v, refusals %v", options, refusals)
	}
	for _, mode := range modes() {
		var got []int
		if i := slices.IndexFunc(options, func(o dispatch.Option) bool { return o.Mode == mode }); i >= 0 {
			got = options[i].Shifts
		}
		for i := range shifts {
			one := q
			one.Mode, one.Shift = mode, &shifts[i]
			if d := set.Decide(one); d.Permitted() != slices.Contains(got, i) {
				t.Errorf("%s on %s: decided %v, options %v", mode, shifts[i].Shift, d.Permitted(), got)
			}
		}
	}
	q.Mode = dispatch.TaxiContract
	options, refusals = set.Options(q, shifts[:2]) // a welfare van with first-class drivers
	if len(options) > 0 || len(refusals) != 3 || refusals[0].Shifts != 2 || refusals[0].Refusal().Code != dispatch.CodeNoDriver {
		t.Errorf("options %v, refusals %+v", options, refusals)
	}
	q.Rider.Standing = dispatch.CareUser
	if options, refusals = set.Options(q, shifts); len(options) > 0 || len(refusals) != 1 || refusals[0].Rule != "standing" {
		t.Errorf("options %v, refusals %+v", options, refusals)
	}
}
