package dispatch_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/swmaas/swmaas/dispatch"
)

// faults lists the faults of a joined error.
func faults(err error) []*dispatch.PolicyError {
	if one, ok := errors.AsType[*dispatch.PolicyError](err); ok {
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			var out []*dispatch.PolicyError
			for _, e := range joined.Unwrap() {
				out = append(out, faults(e)...)
			}
			return out
		}
		return []*dispatch.PolicyError{one}
	}
	return nil
}

// Each case puts a text in place of another once; the fault must name the line on which the new text stands or, where
// something is missing, the line on which the object begins that lacks it.
func TestFaultyPolicyIsRefusedWithFileLineAndReason(t *testing.T) {
	for name, c := range map[string]struct{ old, text, reason string }{
		"unknown field":               {`"document": "M-1"`, `"document": "M-1", "documnet": "x"`, `field "documnet" is unknown`},
		"repeated field":              {`"document": "M-1"`, `"document": "M-1", "document": "M-2"`, `field "document" is repeated`},
		"empty name":                  {`"name": "M"`, `"name": ""`, `field "name" is empty`},
		"a number for a text":         {`"name": "M"`, `"name": 7`, `field "name" must be a text, not a number`},
		"no JSON":                     {`"area": "M",`, `"area" "M",`, "not JSON"},
		"unknown mode":                {`"mode": "NO_REG"`, `"mode": "NOREG"`, `"NOREG" is not known`},
		"mode twice":                  {`"mode": "NO_REG"`, `"mode": "KUHAKU_YUSHO"`, ""},
		"a tariff without a permit":   {`"price": {"kind": "ACTUAL_COST"`, `"price": {"kind": "FLAT", "base_yen": 100`, ""},
		"a tariff for care transport": {`{"kind": "CARE_FEE"`, `{"kind": "OPERATOR"`, ""},
		"a fare above its cap":        {`"base_yen": 300, "cap_ratio"`, `"base_yen": 600, "cap_ratio"`, ""},
		"a cap of one and a half":     {`"cap_ratio": 0.8, "source": "M"}},`, `"cap_ratio": 2.5, "source": "M"}},`, `"cap_ratio" must lie between 0 and 2`},
		"no source":                   {`"driver": {"source": "M"}`, `"driver": {}`, `field "source" is missing`},
		"a date that is none":         {`"to": "2028-03-31"`, `"to": "2028-02-30"`, `"2028-02-30" is not a date`},
		"an end before the begin":     {`"to": "2028-03-31"`, `"to": "2025-03-31"`, "ends before it begins"},
		"a weekday that is none":      {`"weekdays": ["mon",`, `"weekdays": ["moon",`, `"moon" is not known`},
		"hours turned round":          {`"from": "8:00"`, `"from": "19:00"`, "service hours end before they begin"},
		"a time of day that is none":  {`"at": "17:00"`, `"at": "17:61"`, `"17:61" is not a time of day`},
		"a time past 30:00":           {`"at": "17:00"`, `"at": "30:01"`, `"30:01" is not a time of day`},
		"a day of the year":           {`{"from": "12-29", "to": "01-03"}`, `{"from": "12-32", "to": "01-03"}`, `"12-32" is not a day of the year`},
		"a category":                  {`"categories": ["イ", "ニ"]`, `"categories": ["イ", "チ"]`, `"チ" is not known`},
		"a category twice":            {`"categories": ["イ", "ニ"]`, `"categories": ["イ", "イ"]`, `"イ" is repeated`},
		"two corners":                 {`[[[36, 137], [37, 137], [37, 138], [36, 138]]]`, `[[[36, 137], [37, 137]]]`, "at least three corners"},
		"degrees turned round":        {`[[[36, 137],`, `[[[137, 36],`, `"latitude" must lie between -90 and 90`},
		"no area":                     {`"EITHER_END", "polygons": [[[36, 137], [37, 137], [37, 138], [36, 138]]]`, `"EITHER_END"`, `field "polygons" is missing`},
		"purposes without a meaning":  {`"pooling": {"kind": "ALONE"`, `"pooling": {"kind": "ALONE", "purposes": ["x"]`, "purposes mean nothing"},
		"pooling without purposes":    {`"kind": "PURPOSES", "purposes": ["dialysis"]`, `"kind": "PURPOSES"`, `field "purposes" is missing`},
		"three standings":             {`"standings": ["RESIDENT", "CARE_USER"], "modes"`, `"standings": ["RESIDENT", "CARE_USER", "CARE_USER"], "modes"`, "standings must be two"},
		"a visitor aboard":            {`"standings": ["RESIDENT", "CARE_USER"], "modes"`, `"standings": ["VISITOR", "CARE_USER"], "modes"`, "visitors are aboard as residents"},
		"a rule without a document":   {`"document": "M-3"`, `"document": ""`, `field "document" is empty`},
		"a rule that says nothing":    {`"permit": true, "from": "2026-10-01", "document": "M-3"`, `"from": "2026-10-01", "document": "M-3"`, `field "permit" is missing`},
		"a rule on a closed mode":     {`"modes": ["NO_REG", "KAIGO_SOUGEI"]`, `"modes": ["HOMON_D", "KAIGO_SOUGEI"]`, "which the policy does not open"},
		"rules that contradict":       {`{"standings": ["DISABILITY_USER", "CARE_USER"], "permit": true`, `{"standings": ["CARE_USER", "CARE_USER"], "permit": false`, "contradicts the one on line 19"},
		"one party":                   {`"parties": ["1", "2"]`, `"parties": ["1"]`, "at least two parties"},
		"no liability":                {`"liability": "owner",`, ``, `field "liability" is missing`},
		"quota of minus one":          {`"rides": 2`, `"rides": -1`, `"rides" must be a whole number`},
		"quota of a half":             {`"rides": 2`, `"rides": 0.5`, `"rides" must be a whole number`},
		"quota twice":                 {`"id": "car"`, `"id": "two"`, ""},
		"closes before it opens":      {`"days_before": 2`, `"days_before": 15`, ""},
		"something after the end":     {`"vehicle": {"plate": "BUSINESS", "source": "M"}, "price": {"kind": "OPERATOR", "source": "M"}}` + "\n  ]\n}", `"vehicle": {"plate": "BUSINESS", "source": "M"}, "price": {"kind": "OPERATOR", "source": "M"}}` + "\n  ]\n} {}", "something follows"},
	} {
		t.Run(name, func(t *testing.T) {
			at := strings.Index(fixture, c.old)
			if at < 0 {
				t.Fatalf("the fixture has no %q", c.old)
			}
			text := strings.Replace(fixture, c.old, c.text, 1)
			_, err := dispatch.ParsePolicies(jst(), dispatch.PolicyFile{Name: "m.json", Text: []byte(text)})
			found := faults(err)
			if len(found) == 0 {
				t.Fatalf("accepted, or another error: %v", err)
			}
			if c.reason == "" { // told of the whole policy or mode: the line of its begin
				if found[0].File != "m.json" || found[0].Line < 1 || found[0].Reason == "" {
					t.Errorf("%v", found[0])
				}
				return
			}
			line := 1 + strings.Count(fixture[:at], "\n") + strings.Count(c.text, "\n")
			for _, f := range found {
				if strings.Contains(f.Reason, c.reason) && f.File == "m.json" && (f.Line == line || f.Line == 1 || f.Line == line-1) {
					return
				}
			}
			t.Errorf("got %v, want line %d: %s", err, line, c.reason)
		})
	}
}

func TestPoliciesOfOneAreaMayNotShareADay(t *testing.T) {
	other := strings.Replace(fixture, `"from": "2026-04-01"`, `"from": "2028-03-31"`, 1)
	other = strings.Replace(other, `"to": "2028-03-31"`, `"to": "2029-03-31"`, 1)
	load := func(text string) error {
		_, err := dispatch.ParsePolicies(jst(), dispatch.PolicyFile{Name: "a.json", Text: []byte(fixture)}, dispatch.PolicyFile{Name: "b.json", Text: []byte("\n" + text)})
		return err
	}
	want := `dispatch: policy b.json:2: policy "M" of area "M" from 2028-03-31 overlaps "M" of a.json:1 (2026-04-01 to 2028-03-31)`
	if err := load(other); err == nil || err.Error() != want {
		t.Errorf("one day shared: %v", err)
	}
	if err := load(strings.Replace(other, "2028-03-31", "2028-04-01", 1)); err != nil {
		t.Errorf("one after the other: %v", err)
	}
	if err := load(strings.Replace(other, `"area": "M"`, `"area": "N"`, 1)); err != nil {
		t.Errorf("another area: %v", err)
	}
}

func TestFolderOfPoliciesIsReadWhole(t *testing.T) {
	next := strings.Replace(strings.Replace(fixture, `"from": "2026-04-01"`, `"from": "2028-04-01"`, 1), `"to": "2028-03-31"`, `"to": "2029-03-31"`, 1)
	folder := fstest.MapFS{
		"a.json": {Data: []byte(fixture)}, "b.json": {Data: []byte("[" + next + "]")}, "notes.txt": {Data: []byte("not a policy")},
	}
	set, err := dispatch.LoadPolicies(jst(), folder)
	if err != nil || set.At("M", "2026-04-01") == nil || set.At("M", "2029-03-31") == nil || set.At("M", "2029-04-01") != nil {
		t.Errorf("set %v, error %v", set, err)
	}
	folder["c.json"] = &fstest.MapFile{Data: []byte("{")}
	if _, err := dispatch.LoadPolicies(jst(), folder); len(faults(err)) != 1 {
		t.Errorf("a damaged file beside good ones: %v", err)
	}
}

// Whatever the text, the loader returns or names lines that exist, and what it accepts decides alike both ways round.
func FuzzParsePolicies(f *testing.F) {
	f.Add([]byte(fixture))
	f.Add([]byte("[" + fixture + "]"))
	f.Add([]byte(`{"name": "x", "modes": [[[]]]}`))
	f.Add([]byte(`{"days": {"extra": ["2027-99-99"]}, "co_ride": [{"standings": [1, null]}]}`))
	f.Add([]byte("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["))
	f.Fuzz(func(t *testing.T, text []byte) {
		set, err := dispatch.ParsePolicies(jst(), dispatch.PolicyFile{Name: "f", Text: text})
		if (set == nil) == (err == nil) {
			t.Fatalf("set %v, error %v", set, err)
		}
		lines := 1 + strings.Count(string(text), "\n")
		for _, e := range faults(err) {
			if e.Line < 1 || e.Line > lines || e.File != "f" || e.Reason == "" {
				t.Fatalf("%d lines: %v", lines, e)
			}
		}
		if set == nil {
			return
		}
		kinds := []dispatch.Passenger{
			{Mode: dispatch.NoReg},
			{Mode: dispatch.FukushiYusho, Purpose: "dialysis"},
			{Mode: dispatch.KaigoSougei, Standing: dispatch.CareUser, Facility: "1"},
			{Mode: dispatch.KaigoSougei, Standing: dispatch.CareUser, Facility: "2"},
		}
		for _, day := range []dispatch.Day{before, shared, after} {
			q := inTown(day)
			d := set.Decide(q)
			if d.Permitted() == (len(d.Refusals) > 0) {
				t.Fatalf("%+v", d)
			}
			policy := set.At("M", day)
			for i := 0; policy != nil && i < len(kinds)*len(kinds); i++ {
				a, b := kinds[i%len(kinds)], kinds[i/len(kinds)]
				if (policy.Together(a, b, day) == nil) != (policy.Together(b, a, day) == nil) {
					t.Fatalf("%+v and %+v", a, b)
				}
			}
		}
	})
}
