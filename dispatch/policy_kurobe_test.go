package dispatch_test

import (
	"testing"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/sim/town"
	"github.com/swmaas/swmaas/vehicles"
)

// Every call of the generated day, on every shift that the day has, in the company of anybody else who calls.
func TestKurobesPolicyPermitsItsDemoDay(t *testing.T) {
	zone := time.FixedZone("JST", 9*3600)
	policies, err := dispatch.KurobePolicies(zone)
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(3) {
		day, err := town.Generate(seed)
		if err != nil {
			t.Fatal(err)
		}
		midnight, err := time.ParseInLocation(time.DateOnly, string(day.Day), zone)
		if err != nil {
			t.Fatal(err)
		}
		candidates := candidatesOf(day)
		resident := dispatch.Passenger{Mode: dispatch.NoReg, Standing: dispatch.Resident}
		for _, call := range day.Calls {
			q := dispatch.Question{
				Area: town.Area, Day: day.Day, Pickup: call.Pickup.At, Dropoff: call.Dropoff.At, Purpose: call.Purpose,
				At: call.Wish.Window, Return: call.Outbound >= 0, Requested: midnight.Add(time.Duration(call.At) * time.Second),
				Aboard: []dispatch.Passenger{resident},
			}
			for i := range candidates {
				q.Shift = &candidates[i]
				if d := policies.Decide(q); d.Mode != dispatch.NoReg || !d.Price.Known || d.Price.Yen != 0 {
					t.Fatalf("seed %d, call at %d on %s: %+v", seed, call.At, candidates[i].Shift, d)
				}
			}
		}
		groups := policies.At(town.Area, day.Day).CoRideGroups(day.Day, []dispatch.Passenger{resident})
		if g, known := groups.Of(resident); g != 0 || !known || len(groups.Separate) != 0 {
			t.Errorf("seed %d: residents are group %d (known %v), separate %v", seed, g, known, groups.Separate)
		}
	}
}

func candidatesOf(day *town.Town) []dispatch.Candidate {
	vehicle := map[vehicles.VehicleID]vehicles.Vehicle{}
	for _, v := range day.Fleet.Vehicles {
		vehicle[v.ID] = v
	}
	driver := map[vehicles.DriverID]vehicles.Driver{}
	for _, d := range day.Fleet.Drivers {
		driver[d.ID] = d
	}
	var out []dispatch.Candidate
	for _, s := range day.Shifts {
		out = append(out, dispatch.Candidate{
			Shift: s.ID, Vehicle: vehicle[s.Vehicle], Papers: vehicles.Papers{Vehicle: s.Vehicle},
			Driver: vehicles.CredentialsOf(driver[s.Driver]), OwnRounds: s.OwnRounds,
		})
	}
	return out
}
