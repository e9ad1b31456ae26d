package dispatch_test

import (
	"fmt"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// A resident of the demo town asks for a ride, first as one who is not on any list, then on the van of a driver without a course.
func ExamplePolicySet_Decide() {
	jst := time.FixedZone("JST", 9*3600)
	policies, err := dispatch.KurobePolicies(jst)
	if err != nil {
		fmt.Println(err)
		return
	}
	q := dispatch.Question{
		Area: "kurobe", Day: "2027-01-20", Purpose: "medical", Meters: 4200, Direct: 540,
		Pickup: geo.LatLng{Lat: 36.891, Lng: 137.419}, Dropoff: geo.LatLng{Lat: 36.867, Lng: 137.449},
		At: dispatch.Window{Earliest: 9 * 3600, Latest: 10 * 3600}, Requested: time.Date(2027, 1, 19, 11, 0, 0, 0, jst),
	}
	fmt.Println(policies.Modes(q))

	q.Mode = dispatch.KuhakuYusho
	d := policies.Decide(q)
	fmt.Println(d.Mode, d.Price.Yen, "yen of at most", d.Price.Cap)

	q.Shift = &dispatch.Candidate{Vehicle: vehicles.Vehicle{Welfare: true}, Driver: vehicles.Credentials{Licence: vehicles.FirstClass}}
	for _, r := range policies.Decide(q).Refusals {
		fmt.Println(r.Code, r.En, r.EnWay)
	}
	// Output:
	// [NO_REG KUHAKU_YUSHO TAXI_CONTRACT]
	// KUHAKU_YUSHO 300 yen of at most 1448
	// NO_QUALIFIED_DRIVER A course is missing: KUHAKU_YUSHO / FUKUSHI_YUSHO / CARE_YUSO. Take the course, or change the driver.
}
