package town

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// Per cent of the riders on the list whom something is recorded of.
const (
	supported   = 45 // of those of 65 or older without a wheelchair, need for support is certified
	carAtHome   = 12 // of those without a wheelchair, somebody in the household has a car
	keptApart   = 2  // may not be aboard with one certain neighbour
	otherDriver = 2  // do not ride with one certain driver
)

// registerStream keeps the draws of the register apart from those of the day, so that a seed's calls stay what they are.
const registerStream = 0x726567697374

// register draws what the service has recorded of its riders: who belongs to which category of the registered transport, with
// evidence that holds, who is on its list, who has a car at home, and whom riders do not ride with.
func (g *generator) register() error {
	rng := rand.New(rand.NewPCG(g.town.Seed, registerStream))
	chance := func(percent int) bool { return rng.IntN(100) < percent }
	valid := vehicles.Date(g.town.Day).Add(60 + rng.IntN(300))
	for i := range g.town.Riders {
		r := &g.town.Riders[i]
		facts := &r.Profile.Facts
		facts.Standing = dispatch.Resident
		if c, ok := category(r, chance(supported)); ok {
			facts.Categories, facts.NeedsHelp = []dispatch.CategoryFact{c}, true
			facts.Categories[0].ValidTo = valid
			facts.Listed = []dispatch.Listing{{Mode: dispatch.FukushiYusho, ValidTo: valid}}
		}
		facts.OwnCar = !chair(r) && chance(carAtHome)
		if other := rng.IntN(len(g.town.Riders)); chance(keptApart) && other != i {
			r.Profile.Apart = []dispatch.RiderID{g.town.Riders[other].ID}
		}
		if chance(otherDriver) {
			r.Profile.NotDrivers = []vehicles.DriverID{g.town.Fleet.Drivers[rng.IntN(len(g.town.Fleet.Drivers))].ID}
		}
	}
	return nil
}

// category is what a rider is registered by, ok false for one who needs no help on the way.
func category(r *Rider, certified bool) (c dispatch.CategoryFact, ok bool) {
	switch {
	case r.Age < 65:
		return dispatch.CategoryFact{Category: dispatch.PhysicalDisability, Evidence: "身体障害者手帳"}, true
	case chair(r):
		return dispatch.CategoryFact{Category: dispatch.CareNeed, Evidence: "介護保険被保険者証"}, true
	case certified:
		return dispatch.CategoryFact{Category: dispatch.SupportNeed, Evidence: "介護保険被保険者証"}, true
	}
	return c, false
}

// Profile is what the register has of a rider: a Town is the register of its riders. ErrNotFound for anybody else.
func (t *Town) Profile(_ context.Context, area dispatch.AreaID, id dispatch.RiderID) (*dispatch.RiderProfile, error) {
	number, _ := strings.CutPrefix(string(id), "R-")
	n, err := strconv.Atoi(number)
	if area != Area || err != nil || n < 1 || n > len(t.Riders) || t.Riders[n-1].ID != id {
		return nil, fmt.Errorf("%w: rider %s", dispatch.ErrNotFound, id)
	}
	return &t.Riders[n-1].Profile, nil
}
