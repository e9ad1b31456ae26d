package vehicles

import "slices"

// Certificate is a completed course or a held qualification by code, such as "FUKUSHI_YUSHO" (福祉有償運送運転者講習), "CARE_YUSO"
// (ケア輸送サービス従事者研修), "SEDAN" (セダン等運転者講習), "KAIGO_FUKUSHISHI" (介護福祉士) or "SHONINSHA" (介護職員初任者研修).
type Certificate struct {
	Code string
	Held Dates // from the day of completion; open where it does not expire
}

// Credentials are what a person who drives or accompanies holds, by number and without a name.
type Credentials struct {
	Person       DriverID
	Class        DriverClass
	Licence      Licence // 0 for an accompanying person without one
	LicenceUntil Date    // last day of validity; empty where it is not recorded
	Certificates []Certificate
	Suspensions  []Dates // of the licence, past ones too
	// AptitudeDue is set after an accident with a casualty until the aptitude test (適性診断) is taken.
	AptitudeDue bool
	Caps        WorkCaps
}

// CredentialsOf is what the fleet register alone says of a driver: courses without dates, no suspension.
func CredentialsOf(d Driver) Credentials {
	c := Credentials{Person: d.ID, Class: d.Class, Licence: d.Licence}
	for _, code := range d.Courses {
		c.Certificates = append(c.Certificates, Certificate{Code: code})
	}
	return c
}

// Holds reports whether one of the codes is held on the day.
func (c Credentials) Holds(day Date, codes []string) bool {
	return slices.ContainsFunc(c.Certificates, func(x Certificate) bool {
		return slices.Contains(codes, x.Code) && x.Held.Contains(day)
	})
}

// Clean reports whether no suspension touched the so many years that end with the day. With 0 years only the day counts.
func (c Credentials) Clean(day Date, years int) bool {
	since := Dates{From: day.Years(-years), To: day}
	return !slices.ContainsFunc(c.Suspensions, since.Overlaps)
}

// LicencePath is one way to be allowed to drive: a class of licence, at least one of the courses, and years without a suspension.
type LicencePath struct {
	Licence    Licence
	AnyOf      []string // empty for no course
	CleanYears int      // 0 where only a suspension in force matters
}

// Requirement is what a use of a vehicle demands of the people in it. The zero value demands a valid licence only.
type Requirement struct {
	Paths []LicencePath // one suffices; empty for any valid licence
	// PlainAnyOf is demanded on top in a vehicle that is no welfare vehicle, of the driver or of somebody accompanying.
	PlainAnyOf []string
	Classes    []DriverClass // whose staff may drive; empty for all
}

// ShortfallKind tells what is missing. The values are part of messages' codes.
type ShortfallKind string

// What a driver can lack.
const (
	LicenceMissing   ShortfallKind = "LICENCE_MISSING"
	LicenceExpired   ShortfallKind = "LICENCE_EXPIRED"
	LicenceSuspended ShortfallKind = "LICENCE_SUSPENDED"
	AptitudeTestDue  ShortfallKind = "APTITUDE_TEST_DUE"
	CourseMissing    ShortfallKind = "COURSE_MISSING"
	SuspendedBefore  ShortfallKind = "SUSPENDED_BEFORE"
	PlainCarCourse   ShortfallKind = "PLAIN_CAR_COURSE"
	WrongEmployer    ShortfallKind = "WRONG_EMPLOYER"
)

// Shortfall is one thing that keeps a driver from a use of a vehicle.
type Shortfall struct {
	Kind  ShortfallKind
	AnyOf []string // the courses of which one would do
	Years int      // the years without a suspension that are asked for
	Until Date     // when a licence ran out
}

// Check lists what is missing on the day, and nothing where the requirement is met. welfare tells whether the vehicle is a
// welfare vehicle (福祉自動車); staff are those who accompany the whole shift.
func (r Requirement) Check(day Date, driver Credentials, staff []Credentials, welfare bool) []Shortfall {
	var out []Shortfall
	add := func(fails bool, s Shortfall) {
		if fails {
			out = append(out, s)
		}
	}
	add(driver.Licence == 0, Shortfall{Kind: LicenceMissing})
	add(driver.LicenceUntil != "" && driver.LicenceUntil < day, Shortfall{Kind: LicenceExpired, Until: driver.LicenceUntil})
	add(!driver.Clean(day, 0), Shortfall{Kind: LicenceSuspended})
	add(driver.AptitudeDue, Shortfall{Kind: AptitudeTestDue})
	add(len(r.Classes) > 0 && !slices.Contains(r.Classes, driver.Class), Shortfall{Kind: WrongEmployer})
	if driver.Licence != 0 && driver.Clean(day, 0) {
		s, ok := r.path(day, driver)
		add(!ok, s)
	}
	if !welfare && len(r.PlainAnyOf) > 0 {
		held := func(c Credentials) bool { return c.Holds(day, r.PlainAnyOf) }
		add(!held(driver) && !slices.ContainsFunc(staff, held), Shortfall{Kind: PlainCarCourse, AnyOf: r.PlainAnyOf})
	}
	return out
}

// path reports whether one path is met; where none is, it returns what the last one within reach lacks.
func (r Requirement) path(day Date, driver Credentials) (Shortfall, bool) {
	if len(r.Paths) == 0 {
		return Shortfall{}, true
	}
	nearest := Shortfall{Kind: LicenceMissing}
	for _, p := range r.Paths {
		switch {
		case driver.Licence < p.Licence:
		case !driver.Clean(day, p.CleanYears):
			nearest = Shortfall{Kind: SuspendedBefore, Years: p.CleanYears}
		case len(p.AnyOf) > 0 && !driver.Holds(day, p.AnyOf):
			nearest = Shortfall{Kind: CourseMissing, AnyOf: p.AnyOf}
		default:
			return Shortfall{}, true
		}
	}
	return nearest, false
}

// Papers are the dated papers of a vehicle. Empty dates are not recorded.
type Papers struct {
	Vehicle    VehicleID
	Persons    int  // 乗車定員, the driver included; 0 where only the cabin is known
	Inspection Date // last day of the 車検
	Insurance  Date // last day of the voluntary insurance
	// Cover of the insurance in yen for persons and for property; NoLimit for unlimited, 0 where not recorded.
	PersonYen, PropertyYen int64
	Display                bool // side markings, fare table and copy of the registration in place
	Private                bool // belongs to a person, so that a use agreement is needed
	UseAgreement           string
	Business               bool     // carries a business plate (緑ナンバー)
	Forbidden              []string // uses that a grant or subsidy does not allow, by legal mode
}

// NoLimit is the cover of an unlimited insurance.
const NoLimit = int64(1) << 62

// PersonsIn is the number of persons that a vehicle may carry, the driver included: of its papers, or of its largest layout.
func (p Papers) PersonsIn(c Cabin) int {
	if p.Persons > 0 {
		return p.Persons
	}
	most := 0
	for _, l := range c {
		most = max(most, l.Seats+l.Wheelchairs+l.Stretchers)
	}
	return most + 1
}
