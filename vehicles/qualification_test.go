package vehicles_test

import (
	"testing"

	"github.com/swmaas/swmaas/vehicles"
)

// Second class without a course, or first class with a course and two clean years; a plain car needs SEDAN or a care worker.
func TestDriverIsQualifiedByOneFullPath(t *testing.T) {
	rule := vehicles.Requirement{
		Paths:      []vehicles.LicencePath{{Licence: vehicles.SecondClass}, {Licence: vehicles.FirstClass, AnyOf: []string{"FUKUSHI", "CARE"}, CleanYears: 2}},
		PlainAnyOf: []string{"SEDAN", "KAIGO"},
	}
	day := vehicles.Date("2027-01-12")
	holds := func(l vehicles.Licence, codes ...string) vehicles.Credentials {
		c := vehicles.Credentials{Licence: l}
		for _, code := range codes {
			c.Certificates = append(c.Certificates, vehicles.Certificate{Code: code})
		}
		return c
	}
	suspended := func(c vehicles.Credentials, from, to vehicles.Date) vehicles.Credentials {
		c.Suspensions = []vehicles.Dates{{From: from, To: to}}
		return c
	}
	for name, c := range map[string]struct {
		driver  vehicles.Credentials
		staff   []vehicles.Credentials
		welfare bool
		want    []vehicles.ShortfallKind
	}{
		"second class in a welfare vehicle":      {holds(vehicles.SecondClass), nil, true, nil},
		"first class with the course":            {holds(vehicles.FirstClass, "CARE"), nil, true, nil},
		"first class without":                    {holds(vehicles.FirstClass), nil, true, []vehicles.ShortfallKind{vehicles.CourseMissing}},
		"no licence":                             {holds(0, "FUKUSHI"), nil, true, []vehicles.ShortfallKind{vehicles.LicenceMissing}},
		"a plain car needs more":                 {holds(vehicles.SecondClass), nil, false, []vehicles.ShortfallKind{vehicles.PlainCarCourse}},
		"which the driver may hold":              {holds(vehicles.SecondClass, "SEDAN"), nil, false, nil},
		"or somebody who accompanies":            {holds(vehicles.SecondClass), []vehicles.Credentials{holds(0, "KAIGO")}, false, nil},
		"but not the course for driving":         {holds(vehicles.FirstClass), []vehicles.Credentials{holds(vehicles.FirstClass, "FUKUSHI")}, true, []vehicles.ShortfallKind{vehicles.CourseMissing}},
		"suspended until two years ago less one": {suspended(holds(vehicles.FirstClass, "CARE"), "2024-12-01", "2025-01-12"), nil, true, []vehicles.ShortfallKind{vehicles.SuspendedBefore}},
		"suspended until before that":            {suspended(holds(vehicles.FirstClass, "CARE"), "2024-12-01", "2025-01-11"), nil, true, nil},
		"second class after a suspension":        {suspended(holds(vehicles.SecondClass), "2026-12-01", "2027-01-11"), nil, true, nil},
		"second class during one":                {suspended(holds(vehicles.SecondClass), "2026-12-01", "2027-01-12"), nil, true, []vehicles.ShortfallKind{vehicles.LicenceSuspended}},
		"licence over":                           {vehicles.Credentials{Licence: vehicles.SecondClass, LicenceUntil: "2027-01-11"}, nil, true, []vehicles.ShortfallKind{vehicles.LicenceExpired}},
		"aptitude test due":                      {vehicles.Credentials{Licence: vehicles.SecondClass, AptitudeDue: true}, nil, true, []vehicles.ShortfallKind{vehicles.AptitudeTestDue}},
	} {
		t.Run(name, func(t *testing.T) {
			got := rule.Check(day, c.driver, c.staff, c.welfare)
			if len(got) != len(c.want) {
				t.Fatalf("got %+v, want %v", got, c.want)
			}
			for i := range got {
				if got[i].Kind != c.want[i] {
					t.Errorf("got %+v, want %v", got, c.want)
				}
			}
		})
	}
}

func TestPersonsAreThoseOfThePapersOrTheLargestLayoutWithItsDriver(t *testing.T) {
	cabin := vehicles.Cabin{{Seats: 9}, {Seats: 4, Wheelchairs: 2}}
	if n := (vehicles.Papers{}).PersonsIn(cabin); n != 10 {
		t.Errorf("nine seats and a driver are %d persons", n)
	}
	if n := (vehicles.Papers{Persons: 8}).PersonsIn(cabin); n != 8 {
		t.Errorf("the papers say 8, not %d", n)
	}
}
