package dispatch_test

import (
	"slices"
	"testing"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// rulesOf is the keys of the reasons why a ride is refused.
func rulesOf(d dispatch.Decision) []string {
	var out []string
	for _, r := range d.Refusals {
		out = append(out, r.Rule)
	}
	return out
}

// The dates of the cabinet office (国民の祝日について), substitutes and days between included.
func TestNationalHolidaysAreThoseOfTheCabinetOffice(t *testing.T) {
	want := []dispatch.Day{
		"2026-01-01", "2026-01-12", "2026-02-11", "2026-02-23", "2026-03-20", "2026-04-29", "2026-05-03", "2026-05-04", "2026-05-05", "2026-05-06",
		"2026-07-20", "2026-08-11", "2026-09-21", "2026-09-22", "2026-09-23", "2026-10-12", "2026-11-03", "2026-11-23",
		"2027-01-01", "2027-01-11", "2027-02-11", "2027-02-23", "2027-03-21", "2027-03-22", "2027-04-29", "2027-05-03", "2027-05-04", "2027-05-05",
		"2027-07-19", "2027-08-11", "2027-09-20", "2027-09-23", "2027-10-11", "2027-11-03", "2027-11-23",
	}
	policy := policies(t).At("M", shared)
	var got []dispatch.Day
	for d := vehicles.Date("2026-01-01"); d < "2028-01-01"; d = d.Add(1) {
		if policy.Holiday(dispatch.Day(d)) {
			got = append(got, dispatch.Day(d))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestServiceDays(t *testing.T) {
	policy := policies(t).At("M", shared)
	for day, want := range map[dispatch.Day]bool{
		"2027-01-12": true,
		"2027-01-11": false,                                                                                   // holiday on a Monday
		"2027-01-09": false,                                                                                   // Saturday
		"2027-01-16": true,                                                                                    // Saturday served in addition
		"2026-12-28": true, "2026-12-29": false, "2027-01-01": false, "2027-01-03": false, "2027-01-04": true, // closed over the new year
		"2027-05-31": true, "2027-06-01": false, "2027-06-02": false, "2027-06-03": true, // shut this year
		"2027-03-22": false, // substitute of the equinox on a Sunday
	} {
		if got := policy.Serves(day); got != want {
			t.Errorf("%s: served %v, want %v", day, got, want)
		}
		q := inTown(day)
		if d := policies(t).Decide(q); slices.Contains(rulesOf(d), "closed_day") == want {
			t.Errorf("%s: %q", day, rulesOf(d))
		}
	}
}

// Moments are given in Japan and compared as instants: the same moment written in another zone decides alike.
func TestBookingOpensAndClosesAtInstants(t *testing.T) {
	at := func(text string) time.Time {
		m, err := time.ParseInLocation("2006-01-02 15:04:05", text, jst())
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for name, c := range map[string]struct {
		day  dispatch.Day
		at   string
		back bool
		want string // key of the refusal, empty where permitted
	}{
		// Two service days before Tuesday 12 January: Monday is a holiday, so Friday and Thursday.
		"last moment":            {"2027-01-12", "2027-01-07 17:00:00", false, ""},
		"a second later":         {"2027-01-12", "2027-01-07 17:00:01", false, "cut_off"},
		"a way back after it":    {"2027-01-12", "2027-01-12 11:00:00", true, ""},
		"Monday, by extra day":   {"2027-01-18", "2027-01-15 17:00:00", false, ""}, // Saturday the 16th is served
		"Monday, a second later": {"2027-01-18", "2027-01-15 17:00:01", false, "cut_off"},
		"after the new year":     {"2027-01-05", "2026-12-28 17:00:00", false, ""}, // the 4th, then the 28th of December
		"after it, later":        {"2027-01-05", "2026-12-28 17:00:01", false, "cut_off"},
		"first moment":           {"2027-01-12", "2026-12-29 09:00:00", false, ""},
		"a second before":        {"2027-01-12", "2026-12-29 08:59:59", false, "not_open_yet"},
		"a way back before it":   {"2027-01-12", "2026-12-29 08:59:59", true, "not_open_yet"},
	} {
		for _, zone := range []*time.Location{jst(), time.UTC, time.FixedZone("west", -8*3600)} {
			q := inTown(c.day)
			q.Mode, q.Requested, q.Return = dispatch.NoReg, at(c.at).In(zone), c.back
			d := policies(t).Decide(q)
			if c.want == "" && !d.Permitted() || c.want != "" && !slices.Equal(rulesOf(d), []string{c.want}) {
				t.Errorf("%s in %v: %q", name, zone, rulesOf(d))
			}
			for _, r := range d.Refusals {
				told(t, r)
			}
		}
	}
}

func TestNoticeIsCountedToTheLatestBegin(t *testing.T) {
	set := policies(t, `"to": "18:00"`, `"to": "26:00"`)
	day := dispatch.Day("2027-01-12")
	midnight := time.Date(2027, 1, 12, 0, 0, 0, 0, jst())
	for name, c := range map[string]struct {
		at       dispatch.Window
		second   int
		earliest int32 // where permitted
	}{
		"an hour before":               {dispatch.Window{Earliest: 9 * 3600, Latest: 10 * 3600}, 9 * 3600, 10 * 3600},
		"less than an hour":            {dispatch.Window{Earliest: 9 * 3600, Latest: 10 * 3600}, 9*3600 + 1, 0},
		"an hour before, past 24:00":   {dispatch.Window{Earliest: 25 * 3600, Latest: 25*3600 + 1800}, 24*3600 + 1800, 25*3600 + 1800},
		"less than an hour, past it":   {dispatch.Window{Earliest: 25 * 3600, Latest: 25*3600 + 1800}, 24*3600 + 1801, 0},
		"days ahead the hours bind":    {dispatch.Window{Earliest: 9 * 3600, Latest: 10 * 3600}, -48 * 3600, 8 * 3600},
		"without a time nothing binds": {dispatch.Window{}, 9 * 3600, 10 * 3600},
	} {
		q := inTown(day)
		q.Mode, q.At, q.Requested = dispatch.FukushiYusho, c.at, midnight.Add(time.Duration(c.second)*time.Second)
		d := set.Decide(q)
		if c.earliest == 0 && !slices.Equal(rulesOf(d), []string{"notice"}) || c.earliest > 0 && (!d.Permitted() || d.Begin.Earliest != c.earliest) {
			t.Errorf("%s: %q, begin %+v, want from %d", name, rulesOf(d), d.Begin, c.earliest)
		}
	}
}

func TestHoursAndLengthBoundARide(t *testing.T) {
	for name, c := range map[string]struct {
		at     dispatch.Window
		direct int32
		want   []string
	}{
		"within":             {dispatch.Window{Earliest: 8 * 3600, Latest: 9 * 3600}, 3600, nil},
		"touching the end":   {dispatch.Window{Earliest: 18 * 3600, Latest: 19 * 3600}, 0, nil},
		"after the end":      {dispatch.Window{Earliest: 18*3600 + 1, Latest: 19 * 3600}, 0, []string{"outside_hours"}},
		"before the begin":   {dispatch.Window{Earliest: 7 * 3600, Latest: 8*3600 - 1}, 0, []string{"outside_hours"}},
		"longer than served": {dispatch.Window{}, 3601, []string{"direct_too_long"}},
	} {
		q := inTown(shared)
		q.Mode, q.At, q.Direct = dispatch.NoReg, c.at, c.direct
		if got := rulesOf(policies(t).Decide(q)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	limits := policies(t).At("M", shared).Limits
	for direct, want := range map[int32]int32{600: 1500, 1200: 2400, 1400: 2700, 3600: 2700} { // 1.5 times and 10 min, never over 45 min
		if got := limits.For(direct); got != want {
			t.Errorf("longest ride for %d s direct: %d, want %d", direct, got, want)
		}
	}
	if got := (dispatch.RideLimits{}).For(600); got != 0 {
		t.Errorf("no limits give %d", got)
	}
}

func TestQuotasCountOutingsOfThePeriod(t *testing.T) {
	past := func(days ...dispatch.Day) []dispatch.PastRide {
		var out []dispatch.PastRide
		for _, d := range days {
			out = append(out, dispatch.PastRide{Day: d, Purpose: "medical"}, dispatch.PastRide{Day: d, Purpose: "medical", Return: true})
		}
		return out
	}
	day := dispatch.Day("2027-01-20") // a Wednesday
	for name, c := range map[string]struct {
		change func(q *dispatch.Question)
		want   []string
	}{
		"none used":                     {func(*dispatch.Question) {}, nil},
		"one of two used":               {func(q *dispatch.Question) { q.Past = past("2027-01-05") }, nil},
		"two of two used":               {func(q *dispatch.Question) { q.Past = past("2027-01-05", "2027-01-28") }, []string{"quota"}},
		"but in other months":           {func(q *dispatch.Question) { q.Past = past("2026-12-28", "2027-02-01", "2026-01-20") }, nil},
		"the way back goes with it":     {func(q *dispatch.Question) { q.Past, q.Return = past("2027-01-05", "2027-01-28"), true }, nil},
		"a family with a car":           {func(q *dispatch.Question) { q.Rider.OwnCar = true }, nil},
		"has one":                       {func(q *dispatch.Question) { q.Rider.OwnCar, q.Past = true, past("2027-01-05") }, []string{"quota_own_car"}},
		"one recreation a week":         {func(q *dispatch.Question) { q.Purpose, q.Past = "recreation", recreation("2027-01-17") }, nil}, // Sunday before
		"from Monday":                   {func(q *dispatch.Question) { q.Purpose, q.Past = "recreation", recreation("2027-01-18") }, []string{"quota"}},
		"to Sunday":                     {func(q *dispatch.Question) { q.Purpose, q.Past = "recreation", recreation("2027-01-24") }, []string{"quota"}},
		"other purposes do not count":   {func(q *dispatch.Question) { q.Past = recreation("2027-01-18") }, nil},
		"both reasons are told at once": {func(q *dispatch.Question) { q.Rider.OwnCar, q.Past = true, past("2027-01-05", "2027-01-06") }, []string{"quota", "quota_own_car"}},
	} {
		q := inTown(day)
		q.Mode = dispatch.NoReg
		c.change(&q)
		d := policies(t).Decide(q)
		if !slices.Equal(rulesOf(d), c.want) {
			t.Errorf("%s: %q, want %q", name, rulesOf(d), c.want)
		}
		for _, r := range d.Refusals {
			told(t, r)
			if r.Code != dispatch.CodeQuota || r.Subject == "" || r.Actual <= r.Limit {
				t.Errorf("%s: %+v", name, r)
			}
		}
	}
}

func TestQuotaOfADayCountsThatDay(t *testing.T) {
	set := policies(t, `"rides": 1, "per": "WEEK"`, `"rides": 1, "per": "DAY"`)
	for past, want := range map[dispatch.Day]bool{"2027-01-19": true, "2027-01-20": false} {
		q := inTown("2027-01-20")
		q.Mode, q.Purpose, q.Past = dispatch.NoReg, "recreation", recreation(past)
		if d := set.Decide(q); d.Permitted() != want {
			t.Errorf("after a ride on %s: %q", past, rulesOf(d))
		}
	}
}

func TestYearlyClosureMayLieWithinOneYear(t *testing.T) {
	policy := policies(t, `{"from": "12-29", "to": "01-03"}`, `{"from": "08-12", "to": "08-13"}`).At("M", shared)
	for day, want := range map[dispatch.Day]bool{"2027-08-10": true, "2027-08-12": false, "2027-08-13": false, "2027-08-16": true} {
		if policy.Serves(day) != want {
			t.Errorf("%s: served %v", day, !want)
		}
	}
}

func recreation(day dispatch.Day) []dispatch.PastRide {
	return []dispatch.PastRide{{Day: day, Purpose: "recreation"}}
}

func TestOneEndInsideTheAreaSuffices(t *testing.T) {
	in, out := geo.LatLng{Lat: 36.5, Lng: 137.5}, geo.LatLng{Lat: 35.5, Lng: 137.5}
	for _, c := range []struct {
		kind     string
		from, to geo.LatLng
		want     bool
	}{
		{"EITHER_END", in, in, true},
		{"EITHER_END", in, out, true},
		{"EITHER_END", out, in, true},
		{"EITHER_END", out, out, false},
		{"BOTH_ENDS", in, in, true},
		{"BOTH_ENDS", in, out, false},
		{"DESTINATION", out, in, true},
		{"DESTINATION", in, out, false},
	} {
		q := inTown(shared)
		q.Mode, q.Pickup, q.Dropoff = dispatch.KuhakuYusho, c.from, c.to
		d := policies(t, "EITHER_END", c.kind).Decide(q)
		if d.Permitted() != c.want || !c.want && d.Refusals[0].Code != dispatch.CodeOutsideArea {
			t.Errorf("%s from %v to %v: %q, want %v", c.kind, c.from, c.to, rulesOf(d), c.want)
		}
	}
}

func TestUsersOfAFacilityAreFetchedWithinItsServiceArea(t *testing.T) {
	set := policies(t, `"pooling": {"kind": "FACILITY", "source": "M"}, "area": {"kind": "ANYWHERE",`,
		`"pooling": {"kind": "FACILITY", "source": "M"}, "area": {"kind": "ANYWHERE", "facilities": [{"facility": "1", "polygons": [[[36, 137], [37, 137], [37, 138], [36, 138]]]}],`)
	far := geo.LatLng{Lat: 35.5, Lng: 137.5}
	for _, c := range []struct {
		facility vehicles.FacilityID
		from, to geo.LatLng
		want     bool
	}{{"1", far, far, false}, {"1", far, geo.LatLng{Lat: 36.5, Lng: 137.5}, true}, {"2", far, far, true}} {
		q := inTown(shared)
		q.Mode, q.Pickup, q.Dropoff, q.Rider = dispatch.KaigoSougei, c.from, c.to, dispatch.RiderFacts{Standing: dispatch.CareUser, Facility: c.facility}
		if d := set.Decide(q); d.Permitted() != c.want {
			t.Errorf("a user of %s from %v to %v: %q", c.facility, c.from, c.to, rulesOf(d))
		}
	}
}

func TestEligibilityThatEndsIsTold(t *testing.T) {
	for name, c := range map[string]struct {
		mode           dispatch.LegalMode
		list, category vehicles.Date
		want           vehicles.Date
	}{
		"the list ends first":     {dispatch.FukushiYusho, "2026-12-31", "2027-03-31", "2026-12-31"},
		"the category ends first": {dispatch.FukushiYusho, "2027-12-31", "2027-03-31", "2027-03-31"},
		"only one ends":           {dispatch.FukushiYusho, "", "2027-03-31", "2027-03-31"},
		"none ends":               {dispatch.FukushiYusho, "", "", ""},
		"none is asked for":       {dispatch.NoReg, "2026-12-31", "2027-03-31", ""},
	} {
		q := inTown(shared)
		q.Mode, q.Rider.Listed[0].ValidTo, q.Rider.Categories[0].ValidTo = c.mode, c.list, c.category
		if d := policies(t).Decide(q); !d.Permitted() || d.EligibleTo != c.want {
			t.Errorf("%s: %q, %q", name, d.EligibleTo, rulesOf(d))
		}
	}
}

func TestOwnersRoundIsProtected(t *testing.T) {
	for name, c := range map[string]struct {
		mode dispatch.LegalMode
		use  vehicles.Span
		want []string
	}{
		"before the round":             {dispatch.NoReg, vehicles.Span{Start: 3600, End: 7200}, nil},
		"into the round":               {dispatch.NoReg, vehicles.Span{Start: 3600, End: 7201}, []string{"protected_run"}},
		"the owner's own users ride":   {dispatch.KaigoSougei, vehicles.Span{Start: 7200, End: 7300}, nil},
		"a time that is not known yet": {dispatch.NoReg, vehicles.Span{}, nil},
	} {
		q := inTown(shared)
		if q.Mode = c.mode; c.mode == dispatch.KaigoSougei {
			q.Rider.Standing, q.Rider.Facility = dispatch.CareUser, "1"
		}
		q.Shift = &dispatch.Candidate{
			Vehicle: vehicles.Vehicle{Owner: "1"}, Driver: vehicles.Credentials{Licence: vehicles.FirstClass},
			OwnRounds: []vehicles.Span{{Start: 7200, End: 9000}}, Use: c.use,
		}
		if got := rulesOf(policies(t).Decide(q)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
