package dispatch_test

import (
	"strings"
	"testing"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// The matrix of the fixture's policy: who may ride with whom, on which days, in which modes, with which drivers and vehicles. Every
// letter of a table is a cell:
//
//   - permitted                       1 rides alone               x standings that may not share
//     m different modes                 f different facilities      a no agreement in force
//     u not eligible                    e eligibility expired       t attendant needed
//     d driver not qualified            v vehicle not permitted
const (
	before = dispatch.Day("2026-09-30") // a Wednesday; everybody apart
	shared = dispatch.Day("2026-10-01") // residents with care users, facility 1 with 2
	after  = dispatch.Day("2027-04-01") // both over; care with disability users
)

// leastCells is how many cells the matrix must have at least.
const leastCells = 120

func TestCoRideAndModeMatrix(t *testing.T) {
	cells := coRideMatrix(t) + riderMatrix(t) + vehicleMatrix(t) + facilityMatrix(t)
	if cells < leastCells {
		t.Errorf("the matrix has %d cells, fewer than %d", cells, leastCells)
	}
}

// rows splits a table into its lines and each line into the name before the bar and the cells after it.
func rows(table string) (names []string, cells [][]string) {
	for line := range strings.Lines(strings.TrimSpace(table)) {
		name, row, _ := strings.Cut(line, "|")
		names, cells = append(names, strings.TrimSpace(name)), append(cells, strings.Fields(row))
	}
	return names, cells
}

// coRideMatrix is the triangle of all pairs of kinds aboard, on three days.
func coRideMatrix(t *testing.T) (cells int) {
	p := func(mode dispatch.LegalMode, s dispatch.Standing, f vehicles.FacilityID, purpose string) dispatch.Passenger {
		return dispatch.Passenger{Mode: mode, Standing: s, Facility: f, Purpose: purpose}
	}
	kinds := []dispatch.Passenger{
		p(dispatch.NoReg, dispatch.Resident, "", "grocery"),
		p(dispatch.KuhakuYusho, dispatch.Visitor, "", "medical"),
		p(dispatch.FukushiYusho, dispatch.Resident, "", "dialysis"),
		p(dispatch.FukushiYusho, dispatch.Resident, "", "medical"),
		p(dispatch.TaxiContract, dispatch.Resident, "", "medical"),
		p(dispatch.KaigoSougei, dispatch.CareUser, "1", ""),
		p(dispatch.KaigoSougei, dispatch.CareUser, "2", ""),
		p(dispatch.KaigoSougei, dispatch.CareUser, "3", ""),
		p(dispatch.KaigoSougei, dispatch.DisabilityUser, "1", ""),
	}
	letter := map[string]string{
		"alone": "1", "alone_purpose": "1", "co_ride": "x", "co_ride_mode": "m", "co_ride_facility": "f", "co_ride_agreement": "a",
	}
	set := policies(t)
	for day, table := range map[dispatch.Day]string{
		before: `
			resident, no registration   | +
			visitor, kuhaku             | m +
			resident, fukushi, dialysis | m m +
			resident, fukushi, doctor   | 1 1 1 1
			resident, taxi              | 1 1 1 1 1
			care user of 1              | x x x 1 1 +
			care user of 2              | x x x 1 1 f +
			care user of 3              | x x x 1 1 f f +
			disability user of 1        | x x x 1 1 x x x +`,
		shared: `
			resident, no registration   | +
			visitor, kuhaku             | m +
			resident, fukushi, dialysis | m m +
			resident, fukushi, doctor   | 1 1 1 1
			resident, taxi              | 1 1 1 1 1
			care user of 1              | + x x 1 1 +
			care user of 2              | + x x 1 1 + +
			care user of 3              | + x x 1 1 a a +
			disability user of 1        | x x x 1 1 x x x +`,
		after: `
			resident, no registration   | +
			visitor, kuhaku             | m +
			resident, fukushi, dialysis | m m +
			resident, fukushi, doctor   | 1 1 1 1
			resident, taxi              | 1 1 1 1 1
			care user of 1              | x x x 1 1 +
			care user of 2              | x x x 1 1 a +
			care user of 3              | x x x 1 1 a a +
			disability user of 1        | x x x 1 1 + a a +`,
	} {
		policy := set.At("M", day)
		names, want := rows(table)
		for i, row := range want {
			for j, cell := range row {
				cells++
				for _, pair := range [][2]int{{i, j}, {j, i}} {
					got := "+"
					if r := policy.Together(kinds[pair[0]], kinds[pair[1]], day); r != nil {
						got = letter[r.Rule]
						told(t, *r)
					}
					if got != cell {
						t.Errorf("%s: %s with %s: %s, want %s", day, names[pair[0]], names[pair[1]], got, cell)
					}
				}
			}
		}
	}
	return cells
}

// modes are the columns of the other tables.
func modes() []dispatch.LegalMode {
	return []dispatch.LegalMode{dispatch.KaigoSougei, dispatch.NoReg, dispatch.KuhakuYusho, dispatch.FukushiYusho, dispatch.TaxiContract}
}

// inTown is a question of a fully eligible resident on a day of the fixture.
func inTown(day dispatch.Day) dispatch.Question {
	return dispatch.Question{
		Area: "M", Day: day, Pickup: geo.LatLng{Lat: 36.5, Lng: 137.5}, Dropoff: geo.LatLng{Lat: 36.6, Lng: 137.6}, Purpose: "medical",
		Rider: dispatch.RiderFacts{
			Categories: []dispatch.CategoryFact{{Category: dispatch.CareNeed, Evidence: "被保険者証", ValidTo: "2028-03-31"}},
			Listed:     []dispatch.Listing{{Mode: dispatch.FukushiYusho, ValidTo: "2028-03-31"}},
			NeedsHelp:  true,
		},
	}
}

// decided is the cell of one question: how it was refused, or permitted in the mode asked for.
func decided(t *testing.T, set *dispatch.PolicySet, q dispatch.Question) string {
	t.Helper()
	d := set.Decide(q)
	if d.Permitted() {
		if d.Mode != q.Mode || len(d.Refusals) > 0 {
			t.Errorf("asked for %s: %+v", q.Mode, d)
		}
		return "+"
	}
	cell := ""
	for _, r := range d.Refusals {
		told(t, r)
		letter := map[string]string{
			dispatch.CodeBadUser: "u", dispatch.CodeExpired: "e", dispatch.CodeNeedAttendant: "t",
			dispatch.CodeNoDriver: "d", dispatch.CodeVehicle: "v", dispatch.CodeCoRide: "x",
		}[r.Code]
		if !strings.Contains(cell, letter) {
			cell += letter
		}
	}
	return cell
}

// told checks that a refusal is complete: a code, both sentences and both ways out, every word filled in.
func told(t *testing.T, r dispatch.PolicyRefusal) {
	t.Helper()
	text := r.Ja + r.En + r.JaWay + r.EnWay
	if r.Code == "" || r.Ja == "" || r.En == "" || r.JaWay == "" || r.EnWay == "" || strings.ContainsAny(text, "{}") {
		t.Errorf("refusal %q is not complete: %+v", r.Rule, r)
	}
}

// riderMatrix is riders by modes.
func riderMatrix(t *testing.T) (cells int) {
	change := map[string]func(r *dispatch.RiderFacts){
		"listed with a care need":  func(*dispatch.RiderFacts) {},
		"list expired":             func(r *dispatch.RiderFacts) { r.Listed[0].ValidTo = "2026-09-30" },
		"list good for the day":    func(r *dispatch.RiderFacts) { r.Listed[0].ValidTo = vehicles.Date(shared) },
		"not on the list":          func(r *dispatch.RiderFacts) { r.Listed = nil },
		"on another list":          func(r *dispatch.RiderFacts) { r.Listed[0].Mode = dispatch.KuhakuYusho },
		"listed for dialysis only": func(r *dispatch.RiderFacts) { r.Listed[0].Purposes = []string{"dialysis"} },
		"listed for doctors too":   func(r *dispatch.RiderFacts) { r.Listed[0].Purposes = []string{"dialysis", "medical"} },
		"category expired":         func(r *dispatch.RiderFacts) { r.Categories[0].ValidTo = "2026-09-30" },
		"category not served":      func(r *dispatch.RiderFacts) { r.Categories[0].Category = dispatch.SupportNeed },
		"evidence not seen":        func(r *dispatch.RiderFacts) { r.Categories[0].Evidence = "" },
		"can take a bus":           func(r *dispatch.RiderFacts) { r.NeedsHelp = false },
		"needs an attendant":       func(r *dispatch.RiderFacts) { r.Attendant = true },
		"with an attendant":        func(r *dispatch.RiderFacts) { r.Attendant, r.Attendants = true, 1 },
		"visitor":                  func(r *dispatch.RiderFacts) { *r = dispatch.RiderFacts{Standing: dispatch.Visitor} },
		"care user of facility 1":  func(r *dispatch.RiderFacts) { r.Standing, r.Facility = dispatch.CareUser, "1" },
		"care user of no facility": func(r *dispatch.RiderFacts) { r.Standing = dispatch.CareUser },
		"disability user of 1":     func(r *dispatch.RiderFacts) { r.Standing, r.Facility = dispatch.DisabilityUser, "1" },
	}
	names, want := rows(`
		listed with a care need  | u + + + +
		list expired             | u + + e +
		list good for the day    | u + + + +
		not on the list          | u + + u +
		on another list          | u + + u +
		listed for dialysis only | u + + u +
		listed for doctors too   | u + + + +
		category expired         | u + + e +
		category not served      | u + + u +
		evidence not seen        | u + + u +
		can take a bus           | u + + u +
		needs an attendant       | ut t t t t
		with an attendant        | u + + + +
		visitor                  | u + + u +
		care user of facility 1  | + u u u u
		care user of no facility | u u u u u
		disability user of 1     | + u u u u`)
	set := policies(t)
	for i, name := range names {
		for j, mode := range modes() {
			cells++
			q := inTown(shared)
			q.Mode = mode
			change[name](&q.Rider)
			if got := decided(t, set, q); got != want[i][j] {
				t.Errorf("%s in %s: %s, want %s", name, mode, got, want[i][j])
			}
		}
	}
	return cells
}

// vehicleMatrix is drivers and vehicles by modes; the vehicle is facility 1's.
func vehicleMatrix(t *testing.T) (cells int) {
	change := map[string]func(c *dispatch.Candidate){
		"1st class":   func(*dispatch.Candidate) {},
		"1st, course": func(c *dispatch.Candidate) { c.Driver.Certificates = held("FUKUSHI") },
		"1st, course from next day": func(c *dispatch.Candidate) {
			c.Driver.Certificates = held("FUKUSHI")
			c.Driver.Certificates[0].Held.From = "2026-10-02"
		},
		"1st, course, plain car": func(c *dispatch.Candidate) { c.Driver.Certificates = held("FUKUSHI"); c.Vehicle.Welfare = false },
		"1st, both, plain car": func(c *dispatch.Candidate) {
			c.Driver.Certificates = held("FUKUSHI", "SEDAN")
			c.Vehicle.Welfare = false
		},
		"1st, course, plain, care staff": func(c *dispatch.Candidate) {
			c.Driver.Certificates, c.Vehicle.Welfare = held("FUKUSHI"), false
			c.Staff = []vehicles.Credentials{{Certificates: held("KAIGO")}}
		},
		"1st, course, suspended 2025": func(c *dispatch.Candidate) {
			c.Driver.Certificates = held("FUKUSHI")
			c.Driver.Suspensions = []vehicles.Dates{{From: "2025-01-01", To: "2025-01-31"}}
		},
		"1st, course, suspended 2024": func(c *dispatch.Candidate) {
			c.Driver.Certificates = held("FUKUSHI")
			c.Driver.Suspensions = []vehicles.Dates{{From: "2024-09-01", To: "2024-09-30"}}
		},
		"2nd class": func(c *dispatch.Candidate) { c.Driver.Licence = vehicles.SecondClass },
		"2nd, licence over": func(c *dispatch.Candidate) {
			c.Driver.Licence, c.Driver.LicenceUntil = vehicles.SecondClass, "2026-09-30"
		},
		"contractor's taxi": func(c *dispatch.Candidate) {
			c.Driver.Licence, c.Driver.Class, c.Papers.Business = vehicles.SecondClass, vehicles.Contractor, true
		},
		"contractor, private van": func(c *dispatch.Candidate) {
			c.Driver.Licence, c.Driver.Class = vehicles.SecondClass, vehicles.Contractor
		},
		"2nd, eleven persons": func(c *dispatch.Candidate) { c.Driver.Licence, c.Papers.Persons = vehicles.SecondClass, 11 },
		"2nd, inspection over": func(c *dispatch.Candidate) {
			c.Driver.Licence, c.Papers.Inspection = vehicles.SecondClass, "2026-09-30"
		},
		"2nd, grant forbids": func(c *dispatch.Candidate) {
			c.Driver.Licence, c.Papers.Forbidden = vehicles.SecondClass, []string{"KUHAKU_YUSHO"}
		},
	}
	names, want := rows(`
		1st class                      | + + d d dv
		1st, course                    | + + + + dv
		1st, course from next day      | + + d d dv
		1st, course, plain car         | + + + d dv
		1st, both, plain car           | + + + + dv
		1st, course, plain, care staff | + + + + dv
		1st, course, suspended 2025    | + + d d dv
		1st, course, suspended 2024    | + + + + dv
		2nd class                      | + + + + dv
		2nd, licence over              | d d d d dv
		contractor's taxi              | + v v v +
		contractor, private van        | + + + + v
		2nd, eleven persons            | + + v v dv
		2nd, inspection over           | v v v v dv
		2nd, grant forbids             | + + v + dv`)
	set := policies(t)
	for i, name := range names {
		for j, mode := range modes() {
			cells++
			q := inTown(shared)
			if q.Mode = mode; mode == dispatch.KaigoSougei {
				q.Rider.Standing, q.Rider.Facility = dispatch.CareUser, "1"
			}
			q.Shift = &dispatch.Candidate{
				Shift:   "S",
				Vehicle: vehicles.Vehicle{ID: "V", Owner: "1", Welfare: true, Cabin: vehicles.Cabin{{Seats: 4}}},
				Driver:  vehicles.Credentials{Person: "D", Class: vehicles.Employee, Licence: vehicles.FirstClass},
			}
			change[name](q.Shift)
			if got := decided(t, set, q); got != want[i][j] {
				t.Errorf("%s in %s: %s, want %s", name, mode, got, want[i][j])
			}
		}
	}
	return cells
}

func held(codes ...string) []vehicles.Certificate {
	var out []vehicles.Certificate
	for _, code := range codes {
		out = append(out, vehicles.Certificate{Code: code})
	}
	return out
}

// facilityMatrix is users of a facility by the owner of the vehicle, on three days.
func facilityMatrix(t *testing.T) (cells int) {
	set := policies(t)
	facilities := []vehicles.FacilityID{"1", "2", "3"}
	for day, table := range map[dispatch.Day]string{
		before: `
			1 | + v v
			2 | v + v
			3 | v v +`,
		shared: `
			1 | + + v
			2 | + + v
			3 | v v +`,
		after: `
			1 | + v v
			2 | v + v
			3 | v v +`,
	} {
		_, want := rows(table)
		for i, rider := range facilities {
			for j, owner := range facilities {
				cells++
				q := inTown(day)
				q.Mode, q.Rider.Standing, q.Rider.Facility = dispatch.KaigoSougei, dispatch.CareUser, rider
				q.Shift = &dispatch.Candidate{Vehicle: vehicles.Vehicle{Owner: owner}, Driver: vehicles.Credentials{Licence: vehicles.FirstClass}}
				if got := decided(t, set, q); got != want[i][j] {
					t.Errorf("%s: a user of %s in a van of %s: %s, want %s", day, rider, owner, got, want[i][j])
				}
			}
		}
	}
	return cells
}
