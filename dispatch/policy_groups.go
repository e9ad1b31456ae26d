package dispatch

import (
	"cmp"
	"slices"

	"github.com/swmaas/swmaas/vehicles"
)

// MostGroups is how many legal groups the solver tells apart; group 0 conflicts with nobody.
const MostGroups = 63

// CoRideGroups is the co-ride part of a policy on one day in the solver's terms: a group for every kind of passenger, and
// the pairs of groups that may not be aboard together. It is immutable and safe for concurrent use.
type CoRideGroups struct {
	// Separate lists the pairs that may not be aboard together, the smaller group first; a group may be paired with itself.
	Separate [][2]int32

	policy *Policy
	day    Day
	group  map[rideClass]int32
}

// loose is the group of classes for which no number was left; Pairs names what they may not ride with.
const loose = int32(-1)

// rideClass is what passengers of one kind have in common; all who must ride alone are one class.
type rideClass struct {
	mode     LegalMode
	standing Standing
	facility vehicles.FacilityID
	alone    bool
}

// CoRideGroups compiles the co-ride decisions between passengers of these kinds. Kinds that decide alike share a group.
// Where more than MostGroups groups are needed the rest is left to Pairs, so that the answer stays exact.
func (p *Policy) CoRideGroups(day Day, kinds []Passenger) *CoRideGroups {
	g := &CoRideGroups{policy: p, day: day, group: map[rideClass]int32{}}
	classes, of := g.classes(kinds)
	rows := make([][]bool, len(classes))
	for i := range classes {
		rows[i] = make([]bool, len(classes))
		for j := range classes {
			rows[i][j] = p.Together(of[i], of[j], day) != nil
		}
	}
	var leaders []int // the first class of every group
	for i, c := range classes {
		if !slices.Contains(rows[i], true) {
			g.group[c] = 0
			continue
		}
		k := slices.IndexFunc(leaders, func(l int) bool { return slices.Equal(rows[l], rows[i]) })
		if k < 0 {
			k, leaders = len(leaders), append(leaders, i)
		}
		g.group[c] = int32(k + 1)
		if k >= MostGroups {
			g.group[c] = loose
		}
	}
	leaders = leaders[:min(len(leaders), MostGroups)]
	for a, i := range leaders {
		for b := a; b < len(leaders); b++ {
			if rows[i][leaders[b]] {
				g.Separate = append(g.Separate, [2]int32{int32(a + 1), int32(b + 1)})
			}
		}
	}
	return g
}

// classes lists the distinct classes in a fixed order, with one passenger of each.
func (g *CoRideGroups) classes(kinds []Passenger) ([]rideClass, []Passenger) {
	seen := map[rideClass]Passenger{}
	var classes []rideClass
	for _, k := range kinds {
		c := g.class(k)
		if _, known := seen[c]; !known {
			seen[c], classes = k, append(classes, c)
		}
	}
	slices.SortFunc(classes, func(x, y rideClass) int {
		first := 0
		if x.alone != y.alone { // those who ride alone conflict with all, so they come first and always get a number
			first = 1
			if x.alone {
				first = -1
			}
		}
		users := 0 // of facilities: there may be more of them than numbers, so they come last
		if (x.facility == "") != (y.facility == "") {
			users = 1
			if x.facility == "" {
				users = -1
			}
		}
		return cmp.Or(first, users, cmp.Compare(x.mode, y.mode), cmp.Compare(x.standing, y.standing), cmp.Compare(x.facility, y.facility))
	})
	of := make([]Passenger, len(classes))
	for i, c := range classes {
		of[i] = seen[c]
	}
	return classes, of
}

func (g *CoRideGroups) class(x Passenger) rideClass {
	if g.policy.alone(x, g.day) != nil {
		return rideClass{alone: true}
	}
	x = passenger(x.Mode, x.Standing, x.Facility, x.Purpose)
	return rideClass{mode: x.Mode, standing: x.Standing, facility: x.Facility}
}

// Of is the group of a passenger, 0 to MostGroups. known is false where passengers of this kind were not compiled.
func (g *CoRideGroups) Of(x Passenger) (group int32, known bool) {
	group, known = g.group[g.class(x)]
	return max(group, 0), known
}

// Pairs lists the pairs i < j of the passengers that may not be aboard together although their groups do not say so: of
// kinds that found no number or were not compiled. It is empty where all kinds were compiled into at most MostGroups groups.
func (g *CoRideGroups) Pairs(passengers []Passenger) [][2]int {
	free := make([]bool, len(passengers))
	for i, x := range passengers {
		group, known := g.group[g.class(x)]
		free[i] = !known || group == loose
	}
	var pairs [][2]int
	for i := range passengers {
		for j := i + 1; j < len(passengers); j++ {
			if (free[i] || free[j]) && g.policy.Together(passengers[i], passengers[j], g.day) != nil {
				pairs = append(pairs, [2]int{i, j})
			}
		}
	}
	return pairs
}

// Kinds lists one passenger of every kind that can be aboard under the policy on a day, for the users of these facilities:
// compiled once, the groups then hold for every ride of the day.
func (p *Policy) Kinds(day Day, facilities []vehicles.FacilityID) []Passenger {
	var kinds []Passenger
	for _, m := range p.Modes {
		if !m.Dates.Contains(vehicles.Date(day)) {
			continue
		}
		users := facilities
		if !m.Riders.OwnUsers {
			users = append([]vehicles.FacilityID{""}, facilities...)
		}
		for _, purpose := range append([]string{""}, m.Pooling.Purposes...) {
			for _, standing := range []Standing{Resident, Visitor, CareUser, DisabilityUser} {
				switch {
				case len(m.Riders.Standings) > 0 && !slices.Contains(m.Riders.Standings, standing):
				case standing == Resident || standing == Visitor:
					kinds = append(kinds, Passenger{Mode: m.Mode, Standing: standing, Purpose: purpose})
				default:
					for _, f := range users {
						kinds = append(kinds, Passenger{m.Mode, standing, f, purpose})
					}
				}
			}
		}
	}
	return kinds
}
