package dispatch_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/swmaas/swmaas/dispatch"
)

// Taxi of the fixture: 710 yen for 1,300 m, then 100 for every started 270 m; the cap is 80 %.
func TestPriceOfARideAndItsCap(t *testing.T) {
	for name, c := range map[string]struct {
		mode   dispatch.LegalMode
		meters int32
		want   dispatch.Price
	}{
		// 5,000 m: 710 + 14·100 (3,700 m, 14 started steps) = 2,110; 80 % of it is 1,688.
		"flat":                   {dispatch.KuhakuYusho, 5000, dispatch.Price{Kind: dispatch.PriceFlat, Known: true, Yen: 300, Taxi: 2110, Cap: 1688}},
		"flat, short":            {dispatch.KuhakuYusho, 100, dispatch.Price{Kind: dispatch.PriceFlat, Known: true, Yen: 300, Taxi: 710, Cap: 568}},
		"flat, length not known": {dispatch.KuhakuYusho, 0, dispatch.Price{Kind: dispatch.PriceFlat, Known: true, Yen: 300}},
		// 300 + 6·50 for 3,000 m beyond the first 2,000.
		"by distance":                   {dispatch.FukushiYusho, 5000, dispatch.Price{Kind: dispatch.PriceDistance, Known: true, Yen: 600, Taxi: 2110, Cap: 1688}},
		"by distance, one metre more":   {dispatch.FukushiYusho, 5001, dispatch.Price{Kind: dispatch.PriceDistance, Known: true, Yen: 650, Taxi: 2110, Cap: 1688}},
		"by distance, length not known": {dispatch.FukushiYusho, 0, dispatch.Price{Kind: dispatch.PriceDistance, Yen: 300}},
		"actual cost":                   {dispatch.NoReg, 5000, dispatch.Price{Kind: dispatch.PriceActual}},
		"by the operator":               {dispatch.TaxiContract, 5000, dispatch.Price{Kind: dispatch.PriceOperators}},
	} {
		q := inTown(shared)
		q.Mode, q.Meters = c.mode, c.meters
		if d := policies(t).Decide(q); d.Price != c.want {
			t.Errorf("%s: %+v, want %+v (%q)", name, d.Price, c.want, rulesOf(d))
		}
	}
}

func TestFaresTogetherStayWithinTheCap(t *testing.T) {
	policy := policies(t).At("M", shared)
	for name, c := range map[string]struct {
		mode   dispatch.LegalMode
		fares  []int64
		meters int32
		want   string // key of the refusal
	}{
		"one rider":                     {dispatch.KuhakuYusho, []int64{300}, 1000, ""},
		"two on a short way":            {dispatch.KuhakuYusho, []int64{300, 300}, 1000, "fare_above_cap"}, // 600 > 568
		"two just within":               {dispatch.KuhakuYusho, []int64{300, 268}, 1300, ""},
		"two a yen above":               {dispatch.KuhakuYusho, []int64{300, 269}, 1300, "fare_above_cap"},
		"two on a longer way":           {dispatch.KuhakuYusho, []int64{300, 300}, 1301, ""}, // 810·0.8 = 648
		"nobody pays for care":          {dispatch.KaigoSougei, []int64{100}, 1000, "fare_forbidden"},
		"nothing is right everywhere":   {dispatch.KaigoSougei, []int64{0, 0}, 1000, ""},
		"actual cost is no fare":        {dispatch.NoReg, []int64{120}, 1000, ""},
		"a mode that is not open":       {dispatch.HomonD, []int64{0}, 1000, "mode_closed"},
		"no riders are within any rule": {dispatch.KuhakuYusho, nil, 1000, ""},
	} {
		limit, taxi, r := policy.CheckFares(c.mode, shared, c.fares, c.meters, 600)
		got := ""
		if r != nil {
			got = r.Rule
			told(t, *r)
		}
		if got != c.want || c.mode == dispatch.KuhakuYusho && (limit == 0 || taxi == 0) {
			t.Errorf("%s: %q, cap %d of %d, want %q", name, got, limit, taxi, c.want)
		}
	}
}

func TestFirstModeThatPermitsIsTaken(t *testing.T) {
	set := policies(t)
	q := inTown(shared)
	if d := set.Decide(q); d.Mode != dispatch.NoReg || d.Policy != "M" || d.Document != "M-1" || d.Limits.MaxWait != 3600 {
		t.Errorf("a resident rides in %+v", d)
	}
	if got := set.Modes(q); !slices.Equal(got, []dispatch.LegalMode{dispatch.NoReg, dispatch.KuhakuYusho, dispatch.FukushiYusho, dispatch.TaxiContract}) {
		t.Errorf("a resident may ride in %q", got)
	}
	q.Shift = new(dispatch.Candidate)
	q.Shift.Driver.Licence, q.Shift.Papers.Business = 1, true
	if got := set.ModesOn(q); len(got) > 0 {
		t.Errorf("a business vehicle with a first-class driver serves %q", got)
	}
	q.Shift.Papers.Business = false
	if got := set.ModesOn(q); !slices.Equal(got, []dispatch.LegalMode{dispatch.NoReg}) {
		t.Errorf("a van with a first-class driver serves %q", got)
	}
	q.Aboard = []dispatch.Passenger{{Mode: dispatch.KaigoSougei, Standing: dispatch.CareUser, Facility: "1"}}
	if d := set.Decide(q); d.Mode != dispatch.NoReg {
		t.Errorf("with a care user on %s: %q", shared, rulesOf(d))
	}
	q.Day = before
	d := set.Decide(q)
	if d.Permitted() || !slices.ContainsFunc(d.Refusals, func(r dispatch.PolicyRefusal) bool {
		return r.Mode == dispatch.NoReg && r.Code == dispatch.CodeCoRide && r.En == "A care user and a resident may not be aboard together."
	}) {
		t.Errorf("with a care user on %s: %+v", before, d.Refusals)
	}
}

func TestWhereNoPolicyIsInForceNothingIsPermitted(t *testing.T) {
	for _, c := range []struct {
		area dispatch.AreaID
		day  dispatch.Day
	}{{"M", "2026-03-31"}, {"M", "2028-04-03"}, {"N", shared}} {
		q := inTown(c.day)
		q.Area = c.area
		if d := policies(t).Decide(q); d.Permitted() || d.Refusals[0].Code != dispatch.CodeNoPolicy {
			t.Errorf("%s on %s: %+v", c.area, c.day, d)
		}
	}
	q := inTown(shared)
	q.Mode = dispatch.HomonD
	if d := policies(t).Decide(q); d.Permitted() || d.Refusals[0].Code != dispatch.CodeWrongLevel {
		t.Errorf("a mode that is not open: %+v", d)
	}
}

func TestCautiousSetHoldsWhereATownHasNone(t *testing.T) {
	set, err := dispatch.KurobePolicies(jst())
	if err != nil {
		t.Fatal(err)
	}
	if own, other := set.At("kurobe", shared), set.At("elsewhere", shared); own == other || own.Area != "kurobe" || other.Area != dispatch.AnyArea {
		t.Errorf("kurobe has %q, elsewhere %q", own.Name, other.Name)
	}
	cautious, err := dispatch.CautiousPolicies(jst())
	if err != nil {
		t.Fatal(err)
	}
	policy := cautious.At("anywhere", shared)
	resident := dispatch.Passenger{Mode: dispatch.NoReg}
	one := dispatch.Passenger{Mode: dispatch.KaigoSougei, Standing: dispatch.CareUser, Facility: "F-1"}
	two := one
	two.Facility = "F-2"
	if policy.Together(resident, one, shared) == nil || policy.Together(one, two, shared) == nil {
		t.Error("the cautious set lets residents or another facility's users ride with care users")
	}
	if policy.Together(resident, resident, shared) != nil || policy.Together(one, one, shared) != nil {
		t.Error("the cautious set keeps alike riders apart")
	}
	if policy.Rule(dispatch.FukushiYusho, shared) != nil || policy.Rule(dispatch.KuhakuYusho, shared) != nil {
		t.Error("the cautious set opens a mode that needs a registration")
	}
}

// 500 yen for a quarter of an hour, 200 for every ten minutes beyond; a taxi by time is 3,500 yen a started half-hour.
func TestPriceByTimeIsCappedByTheTaxisTime(t *testing.T) {
	byTime := `"price": {"kind": "TIME", "base_yen": 500, "within_s": 900, "step_yen": 200, "every_s": 600, "cap_ratio": 0.8, "source": "M"}`
	flat := `"price": {"kind": "FLAT", "base_yen": 300, "cap_ratio": 0.8, "source": "M"}`
	for direct, want := range map[int32]dispatch.Price{
		900:  {Kind: dispatch.PriceTime, Known: true, Yen: 500, Taxi: 3500, Cap: 2800},
		901:  {Kind: dispatch.PriceTime, Known: true, Yen: 700, Taxi: 3500, Cap: 2800},
		1801: {Kind: dispatch.PriceTime, Known: true, Yen: 900, Taxi: 7000, Cap: 5600}, // 901 s beyond are two started steps
	} {
		q := inTown(shared)
		q.Mode, q.Meters, q.Direct = dispatch.KuhakuYusho, 5000, direct
		if d := policies(t, flat, byTime).Decide(q); d.Price != want {
			t.Errorf("%d s: %+v, want %+v", direct, d.Price, want)
		}
	}
	for reason, replace := range map[string][]string{
		"has no half_hour_yen": {flat, byTime, `, "half_hour_yen": 3500`, ""},
		"no taxi tariff":       {`  "taxi": {"base_yen": 710, "within_m": 1300, "step_yen": 100, "every_m": 270, "half_hour_yen": 3500, "source": "M"},` + "\n", ""},
		"at 100 s exceeds":     {flat, strings.Replace(byTime, "500", "2900", 1)},
	} {
		_, err := dispatch.ParsePolicies(jst(), dispatch.PolicyFile{Name: "m.json", Text: []byte(strings.NewReplacer(replace...).Replace(fixture))})
		if err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("got %v, want %q", err, reason)
		}
	}
}
