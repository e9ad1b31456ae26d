package town

import (
	"fmt"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

const (
	registered   = 420 // riders on the list, about one in thirty of those aged 65 or older
	homeReach    = 260 // metres between a home and the point of its town
	oldestYears  = 99
	wheelchair   = 24 // per cent of the list who ride in their wheelchair
	heavyChair   = 15 // per cent of those whose chair needs a lift
	withCompany  = 45 // per cent of those who bring somebody along
	companyOther = 12 // per cent of the others who do
)

// riders draws the list by the residents of the districts. Homes lie around the towns of the district: those to which its
// community centre is the nearest.
func (g *generator) riders() error {
	towns := g.townsByDistrict()
	for i := range registered * g.town.Times {
		d := g.pick(len(g.facts.Districts), func(k int) int { return g.facts.Districts[k].Residents })
		around := position(g.facts.Districts[d].At)
		if n := len(towns[d]); n > 0 {
			around = towns[d][g.rng.IntN(n)]
		}
		id := dispatch.RiderID(fmt.Sprintf("R-%04d", i+1))
		home, err := g.place(fmt.Sprintf("自宅 %s", id), around, homeReach)
		if err != nil {
			return err
		}
		g.town.Riders = append(g.town.Riders, Rider{ID: id, Home: home, District: g.facts.Districts[d].Name, Age: g.age(), Party: g.party()})
	}
	return nil
}

// townsByDistrict gives the towns of each district.
func (g *generator) townsByDistrict() [][]geo.LatLng {
	towns := make([][]geo.LatLng, len(g.facts.Districts))
	for _, t := range g.facts.Towns {
		if t.Name == gorge {
			continue
		}
		best := g.district(position(t.At))
		towns[best] = append(towns[best], position(t.At))
	}
	return towns
}

// district is the index of the district whose community centre is the nearest.
func (g *generator) district(p geo.LatLng) int {
	best, far := 0, -1.0
	for d := range g.facts.Districts {
		if m := geo.Distance(p, position(g.facts.Districts[d].At)); far < 0 || m < far {
			best, far = d, m
		}
	}
	return best
}

// age is 65 and up, mostly around 80; one rider in twelve is younger and rides with a disability.
func (g *generator) age() int {
	if g.chance(8) {
		return g.between(20, 64)
	}
	return min(65+g.between(0, 16)+g.between(0, 16), oldestYears)
}

// party draws who travels with a rider and how long they need at the door.
func (g *generator) party() dispatch.Party {
	p := dispatch.Party{Load: vehicles.Load{Seats: 1}, Board: int32(g.between(4, 8) * 15), Alight: int32(g.between(3, 6) * 15)}
	company := companyOther
	if g.chance(wheelchair) {
		p = g.seatedInChair(p)
		company = withCompany
	} else if g.chance(8) {
		p.Needs = vehicles.Step
	}
	if g.chance(company) {
		p.Load.Seats++
	}
	return p
}

// seatedInChair makes a rider one who stays in the wheelchair.
func (g *generator) seatedInChair(p dispatch.Party) dispatch.Party {
	p.Load.Seats--
	p.Load.Wheelchairs, p.Needs = 1, 0
	if g.chance(heavyChair) {
		p.Needs = vehicles.Lift
	}
	p.Board, p.Alight = int32(g.between(6, 10)*15), int32(g.between(5, 8)*15)
	return p
}
