package dispatch_test

import (
	"strings"
	"testing"
	"time"

	"github.com/swmaas/swmaas/dispatch"
)

func jst() *time.Location { return time.FixedZone("JST", 9*3600) }

// fixture is a policy of the made-up town M with every mode open. On 2026-10-01 residents and care users may share, and
// facilities 1 and 2 agree; on 2027-04-01 both end, and care and disability users may share.
const fixture = `{
  "name": "M",
  "area": "M",
  "from": "2026-04-01",
  "to": "2028-03-31",
  "document": "M-1",
  "days": {"weekdays": ["mon", "tue", "wed", "thu", "fri"], "from": "8:00", "to": "18:00", "source": "M",
    "closed_every_year": [{"from": "12-29", "to": "01-03"}], "shut": [{"from": "2027-06-01", "to": "2027-06-02"}], "extra": ["2027-01-16"]},
  "booking": {"cut_off": {"days_before": 2, "at": "17:00", "count": "SERVICE"}, "ahead_days": 14, "opens_at": "9:00", "returns_exempt": true, "source": "M"},
  "limits": {"ride_ratio": 1.5, "ride_extra_min": 10, "max_ride_min": 45, "max_wait_min": 60, "max_direct_min": 60, "source": "M"},
  "quotas": [
    {"id": "two", "rides": 2, "per": "MONTH", "outings": true, "source": "M"},
    {"id": "car", "rides": 1, "per": "MONTH", "outings": true, "own_car": true, "source": "M"},
    {"id": "week", "rides": 1, "per": "WEEK", "purposes": ["recreation"], "source": "M"}
  ],
  "taxi": {"base_yen": 710, "within_m": 1300, "step_yen": 100, "every_m": 270, "half_hour_yen": 3500, "source": "M"},
  "co_ride": [
    {"standings": ["RESIDENT", "CARE_USER"], "modes": ["NO_REG", "KAIGO_SOUGEI"], "permit": true, "from": "2026-10-01", "to": "2027-03-31", "document": "M-2"},
    {"standings": ["CARE_USER", "CARE_USER"], "permit": true, "from": "2026-10-01", "document": "M-3"},
    {"standings": ["DISABILITY_USER", "CARE_USER"], "permit": true, "from": "2027-04-01", "document": "M-4"}
  ],
  "joint_agreements": [
    {"id": "J", "parties": ["1", "2"], "from": "2026-10-01", "to": "2027-03-31", "cost_key": "RIDER_KM", "liability": "owner", "document": "M-5"}
  ],
  "modes": [
    {"mode": "KAIGO_SOUGEI", "basis": "B", "riders": {"standings": ["CARE_USER", "DISABILITY_USER"], "own_users": true, "source": "M"},
      "pooling": {"kind": "FACILITY", "source": "M"}, "area": {"kind": "ANYWHERE", "source": "M"}, "driver": {"source": "M"},
      "vehicle": {"source": "M"}, "price": {"kind": "CARE_FEE", "source": "M"}},
    {"mode": "NO_REG", "basis": "B", "riders": {"standings": ["RESIDENT", "VISITOR"], "source": "M"},
      "pooling": {"kind": "FREE", "source": "M"}, "area": {"kind": "ANYWHERE", "source": "M"}, "driver": {"source": "M"},
      "vehicle": {"plate": "PRIVATE", "source": "M"}, "price": {"kind": "ACTUAL_COST", "source": "M"}},
    {"mode": "KUHAKU_YUSHO", "basis": "B", "riders": {"standings": ["RESIDENT", "VISITOR"], "source": "M"},
      "pooling": {"kind": "FREE", "source": "M"},
      "area": {"kind": "EITHER_END", "polygons": [[[36, 137], [37, 137], [37, 138], [36, 138]]], "source": "M"},
      "driver": {"licences": [{"class": "SECOND"}, {"class": "FIRST", "any_of": ["KUHAKU", "FUKUSHI"], "clean_years": 2}], "source": "M"},
      "vehicle": {"max_persons": 10, "plate": "PRIVATE", "source": "M"},
      "price": {"kind": "FLAT", "base_yen": 300, "cap_ratio": 0.8, "source": "M"}},
    {"mode": "FUKUSHI_YUSHO", "basis": "B",
      "riders": {"standings": ["RESIDENT"], "categories": ["イ", "ニ"], "listed": true, "needs_help": true, "source": "M"},
      "pooling": {"kind": "PURPOSES", "purposes": ["dialysis"], "source": "M"},
      "area": {"kind": "EITHER_END", "polygons": [[[36, 137], [37, 137], [37, 138], [36, 138]]], "source": "M"},
      "driver": {"licences": [{"class": "SECOND"}, {"class": "FIRST", "any_of": ["FUKUSHI"], "clean_years": 2}],
        "plain_vehicle_any_of": ["SEDAN", "KAIGO"], "source": "M"},
      "vehicle": {"max_persons": 10, "plate": "PRIVATE", "source": "M"},
      "price": {"kind": "DISTANCE", "base_yen": 300, "within_m": 2000, "step_yen": 50, "every_m": 500, "cap_ratio": 0.8, "source": "M"},
      "booking": {"notice_min": 60, "source": "M"}},
    {"mode": "TAXI_CONTRACT", "basis": "B", "riders": {"standings": ["RESIDENT", "VISITOR"], "source": "M"},
      "pooling": {"kind": "ALONE", "source": "M"}, "area": {"kind": "ANYWHERE", "source": "M"},
      "driver": {"licences": [{"class": "SECOND"}], "employers": ["CONTRACTOR"], "source": "M"},
      "vehicle": {"plate": "BUSINESS", "source": "M"}, "price": {"kind": "OPERATOR", "source": "M"}}
  ]
}`

// policies loads the fixture with a text in place of another.
func policies(t *testing.T, replace ...string) *dispatch.PolicySet {
	t.Helper()
	set, err := dispatch.ParsePolicies(jst(), dispatch.PolicyFile{Name: "m.json", Text: []byte(strings.NewReplacer(replace...).Replace(fixture))})
	if err != nil {
		t.Fatal(err)
	}
	return set
}
