package dispatch_test

import (
	"testing"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// One decision as a quote asks for it: a rider on one of its shifts, permitted in the second mode that is tried.
func BenchmarkDecide(b *testing.B) {
	set, err := dispatch.ParsePolicies(jst(), dispatch.PolicyFile{Name: "m.json", Text: []byte(fixture)})
	if err != nil {
		b.Fatal(err)
	}
	q := inTown(shared)
	q.Shift = &dispatch.Candidate{Vehicle: vehicles.Vehicle{Owner: "1", Welfare: true}, Driver: vehicles.Credentials{Licence: vehicles.FirstClass}}
	for _, c := range []struct {
		name string
		mode dispatch.LegalMode
	}{{"result=permitted", dispatch.NoReg}, {"result=refused", dispatch.FukushiYusho}, {"result=any_mode", ""}} {
		q.Mode = c.mode
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if d := set.Decide(q); d.Permitted() == (c.mode == dispatch.FukushiYusho) {
					b.Fatal(d)
				}
			}
		})
	}
}

func BenchmarkCoRideGroups(b *testing.B) {
	set, err := dispatch.KurobePolicies(jst())
	if err != nil {
		b.Fatal(err)
	}
	policy := set.At("kurobe", "2027-01-12")
	kinds := policy.Kinds("2027-01-12", []vehicles.FacilityID{"F-01", "F-02", "F-03", "F-04", "F-05", "F-06", "F-07", "F-08", "F-09", "F-10", "F-11"})
	b.ReportAllocs()
	for b.Loop() {
		policy.CoRideGroups("2027-01-12", kinds)
	}
}
