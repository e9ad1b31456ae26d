package dispatch_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// randomRules writes random co-ride rules, agreements and pooling into the fixture.
func randomRules(rng *rand.Rand, facilities int) string {
	standings := []string{"RESIDENT", "CARE_USER", "DISABILITY_USER"}
	names := []string{"KAIGO_SOUGEI", "NO_REG", "KUHAKU_YUSHO", "FUKUSHI_YUSHO", "TAXI_CONTRACT"}
	var rules, joint []string
	seen := map[string]bool{}
	for range rng.IntN(8) {
		a, b := rng.IntN(len(standings)), rng.IntN(len(standings))
		m, n := rng.IntN(len(names)), rng.IntN(len(names))
		modes, key := "", fmt.Sprint(min(a, b), max(a, b))
		if rng.IntN(2) == 0 {
			modes = fmt.Sprintf(`"modes": [%q, %q],`, names[m], names[n])
			key = fmt.Sprint("modes", min(a*10+m, b*10+n), max(a*10+m, b*10+n))
		}
		if !seen[key] {
			seen[key] = true
			rules = append(rules, fmt.Sprintf(`{"standings": [%q, %q], %s "permit": %v, "from": "2026-04-01", "document": "R"}`,
				standings[a], standings[b], modes, rng.IntN(3) > 0))
		}
	}
	for i := range rng.IntN(4) {
		a := rng.IntN(facilities - 2)
		joint = append(joint, fmt.Sprintf(`{"id": "J%d", "parties": ["%d", "%d", "%d"], "from": "2026-04-01", "cost_key": "K", "liability": "L", "document": "R"}`, i, a, a+1, a+2))
	}
	text := fixture
	from, to := strings.Index(text, `  "co_ride"`), strings.Index(text, `  "modes"`)
	text = text[:from] + fmt.Sprintf("\"co_ride\": [%s],\n\"joint_agreements\": [%s],\n", strings.Join(rules, ","), strings.Join(joint, ",")) + text[to:]
	for _, kind := range []string{`"FREE"`, `"ALONE"`, `"FACILITY"`} {
		if rng.IntN(3) == 0 {
			text = strings.Replace(text, `"kind": "FREE"`, `"kind": `+kind, 1)
		}
	}
	return text
}

// Groups and pairs together say just what the decision between two passengers says, whatever the policy.
func TestGroupsSeparateJustThoseWhoMayNotShare(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 11))
	overflowed, merged := 0, 0
	for round := range 150 {
		facilities := 3 + rng.IntN(5)
		if round%10 == 0 {
			facilities = 90 // more kinds than groups
		}
		set, err := dispatch.ParsePolicies(jst(), dispatch.PolicyFile{Name: "r.json", Text: []byte(randomRules(rng, facilities))})
		if err != nil {
			t.Fatal(err)
		}
		policy := set.At("M", shared)
		aboard := make([]dispatch.Passenger, 60)
		for i := range aboard {
			aboard[i] = dispatch.Passenger{
				Mode:     append(modes(), dispatch.HomonD)[rng.IntN(6)], // the last is not open
				Standing: []dispatch.Standing{"", dispatch.Resident, dispatch.Visitor, dispatch.CareUser, dispatch.DisabilityUser}[rng.IntN(5)],
				Facility: vehicles.FacilityID(fmt.Sprint(rng.IntN(facilities))),
				Purpose:  []string{"dialysis", "medical"}[rng.IntN(2)],
			}
		}
		kinds := aboard
		if rng.IntN(2) == 0 {
			var all []vehicles.FacilityID
			for f := range facilities {
				all = append(all, vehicles.FacilityID(fmt.Sprint(f)))
			}
			kinds = policy.Kinds(shared, all)
		}
		groups := policy.CoRideGroups(shared, kinds)
		pairs := groups.Pairs(aboard)
		if len(pairs) > 0 {
			overflowed++
		}
		for i, x := range aboard {
			g, _ := groups.Of(x)
			if g < 0 || g > dispatch.MostGroups {
				t.Fatalf("group %d", g)
			}
			for j := i + 1; j < len(aboard); j++ {
				h, _ := groups.Of(aboard[j])
				said := slices.Contains(groups.Separate, [2]int32{min(g, h), max(g, h)}) || slices.Contains(pairs, [2]int{i, j})
				if meant := policy.Together(x, aboard[j], shared) != nil; said != meant {
					t.Fatalf("round %d: %+v (group %d) and %+v (group %d): separated %v, want %v", round, x, g, aboard[j], h, said, meant)
				}
				if g == h && g > 0 && x.Mode != aboard[j].Mode {
					merged++
				}
			}
		}
	}
	if overflowed == 0 || merged == 0 {
		t.Errorf("%d rounds with more kinds than groups, %d pairs of merged kinds: the test does not reach both", overflowed, merged)
	}
}

func TestKindsOfADayNeedFewGroups(t *testing.T) {
	set, err := dispatch.KurobePolicies(jst())
	if err != nil {
		t.Fatal(err)
	}
	day := dispatch.Day("2027-01-12")
	policy := set.At("kurobe", day)
	var facilities []vehicles.FacilityID
	for i := range 20 {
		facilities = append(facilities, vehicles.FacilityID(fmt.Sprintf("F-%02d", i+1)))
	}
	kinds := policy.Kinds(day, facilities)
	if pairs := policy.CoRideGroups(day, kinds).Pairs(kinds); len(pairs) > 0 {
		t.Errorf("%d kinds of 20 facilities leave %d pairs to be told one by one", len(kinds), len(pairs))
	}
}
