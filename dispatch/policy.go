package dispatch

import (
	"time"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// LegalMode is the legal form of a ride. Every ride has exactly one; it decides who may ride, with whom, who may drive, what
// may be charged and which records are due. Values are stored.
type LegalMode string

// The legal modes that a policy may open. Their legal bases are data of the policy (ModeRule.Basis), since article numbers shift.
const (
	FukushiYusho LegalMode = "FUKUSHI_YUSHO" // registered transport of named persons with a disability or care need (福祉有償運送)
	KuhakuYusho  LegalMode = "KUHAKU_YUSHO"  // registered transport in areas without transport (交通空白地有償運送)
	NoReg        LegalMode = "NO_REG"        // transport that needs no permit or registration; never a tariff
	KaigoSougei  LegalMode = "KAIGO_SOUGEI"  // a facility's transport of its own users, paid within the care fee
	TaxiContract LegalMode = "TAXI_CONTRACT" // a licensed operator under contract
	HomonB       LegalMode = "HOMON_B"       // resident-run home help that accompanies on the way (訪問型B)
	HomonD       LegalMode = "HOMON_D"       // resident-run transport support (訪問型D)
)

// Standing is what somebody rides as. A care user on the way to a shop in a shared ride is a resident of that ride.
type Standing string

// The standings.
const (
	Resident       Standing = "RESIDENT"
	Visitor        Standing = "VISITOR"         // somebody from outside the municipality
	CareUser       Standing = "CARE_USER"       // on the way to or from a care facility as its user
	DisabilityUser Standing = "DISABILITY_USER" // on the way to or from a disability service as its user
)

// Category is a class of persons for whom registered welfare transport exists, by its letter in the ordinance.
type Category string

// The seven categories (道路運送法施行規則 since November 2020).
const (
	PhysicalDisability     Category = "イ" // 身体障害者
	MentalDisability       Category = "ロ" // 精神障害者
	IntellectualDisability Category = "ハ" // 知的障害者
	CareNeed               Category = "ニ" // 要介護者
	SupportNeed            Category = "ホ" // 要支援者
	ChecklistNeed          Category = "ヘ" // 基本チェックリスト該当者
	OtherDisability        Category = "ト" // その他の障害を有する者
)

// PolicySet is every policy that was loaded. It is immutable and safe for concurrent use.
type PolicySet struct {
	zone     *time.Location
	policies []*Policy
}

// Policy is the rules of one area (usually a municipality) between two dates.
type Policy struct {
	Name     string
	Area     AreaID // AnyArea where it holds for areas that have no policy of their own
	Dates    vehicles.Dates
	Document string      // the decision that put it in force
	Modes    []*ModeRule // in the order in which they are tried
	CoRide   []CoRideRule
	Joint    []JointAgreement
	Booking  BookingRule
	Days     ServiceDays
	Quotas   []Quota
	Limits   RideLimits
	Taxi     *TaxiTariff // reference for the cap of registered transport; nil where none is recorded
	ID       string      // of one that was put while the service ran; empty for one of a file
	Version  int64       // of it, from 1

	at  position     // in its file
	off map[Day]bool // national holidays
}

// AnyArea is the area of a policy that holds wherever no other does.
const AnyArea AreaID = "*"

// ModeRule is what one legal mode asks for. Figures carry the source that they were taken from, because most of them are
// agreed locally or change by notice.
type ModeRule struct {
	Mode    LegalMode
	Basis   string // legal basis in words, for people
	Dates   vehicles.Dates
	Riders  RiderRule
	Pooling PoolingRule
	Area    AreaRule
	Driver  DriverRule
	Vehicle VehicleRule
	Price   PriceRule
	Booking *BookingRule // in place of the policy's own; nil for none

	at position
}

// RiderRule says who may ride.
type RiderRule struct {
	Standings  []Standing // empty for all
	Categories []Category // one must be held, with evidence that is still valid; empty for none
	Listed     bool       // named on the list (旅客の名簿) of this mode's registration
	NeedsHelp  bool       // cannot move without help and cannot use a taxi or bus alone
	OwnUsers   bool       // a user of the facility whose vehicle it is, or of one in a joint agreement with it
	Purposes   []string   // TDS purposes that the mode serves; empty for all
	Source     string
}

// PoolingKind says who may be aboard together.
type PoolingKind string

// The kinds of pooling.
const (
	RideAlone     PoolingKind = "ALONE"    // one rider (with attendants) at a time
	RideByPurpose PoolingKind = "PURPOSES" // several riders for the agreed purposes, one at a time otherwise
	RideTogether  PoolingKind = "FREE"     // several riders
	RideOwnUsers  PoolingKind = "FACILITY" // users of one facility, or of facilities in a joint agreement
)

// PoolingRule says whether riders of a mode may be aboard together.
type PoolingRule struct {
	Kind     PoolingKind
	Purposes []string // of RideByPurpose
	Source   string
}

// AreaKind says which ends of a ride must lie in the area.
type AreaKind string

// The kinds of area rule.
const (
	Anywhere   AreaKind = "ANYWHERE"
	EitherEnd  AreaKind = "EITHER_END" // origin or destination inside suffices
	BothEnds   AreaKind = "BOTH_ENDS"
	DestInside AreaKind = "DESTINATION"
)

// AreaRule is the agreed area of transport (運送の区域).
type AreaRule struct {
	Kind     AreaKind
	Polygons []Polygon // inside one of them is inside
	// Own are the service areas of facilities, which stand in for Polygons on rides of their users; where the kind is
	// Anywhere, one end of such a ride must still lie in them.
	Own    []FacilityArea
	Source string
}

// FacilityArea is the normal service area of one facility.
type FacilityArea struct {
	Facility vehicles.FacilityID
	Polygons []Polygon
}

// Polygon is a closed ring of at least three corners; the last is joined to the first.
type Polygon []geo.LatLng

// DriverRule is what the people in the vehicle must hold.
type DriverRule struct {
	vehicles.Requirement
	Source string
}

// VehicleRule is what the vehicle and its papers must be.
type VehicleRule struct {
	MaxPersons  int   // 乗車定員, the driver included; 0 for no limit
	Plate       Plate // which plates may be used
	Display     bool  // markings and fare table are needed
	Agreement   bool  // a private car needs a use agreement
	Papers      bool  // inspection and insurance dates must be recorded; an expired date refuses in any case
	PersonYen   int64 // least insurance cover for persons; 0 for none
	PropertyYen int64 // and for property
	Source      string
}

// Plate is a class of number plates.
type Plate string

// The plates that a rule may ask for.
const (
	AnyPlate      Plate = "ANY"
	PrivatePlate  Plate = "PRIVATE"  // 自家用: no business vehicle
	BusinessPlate Plate = "BUSINESS" // 事業用
)

// CoRideRule permits or forbids two kinds of riders aboard together, while it is in force. Where no rule speaks, riders of
// one mode, one standing and one facility may share as their mode's pooling says, and all others may not.
type CoRideRule struct {
	Standings [2]Standing
	Modes     [2]LegalMode // in the order of the standings; empty for any
	Permit    bool
	Dates     vehicles.Dates
	Document  string

	at position
}

// JointAgreement lets the users of several facilities share a vehicle (共同送迎).
type JointAgreement struct {
	ID        string
	Parties   []vehicles.FacilityID
	Dates     vehicles.Dates
	CostKey   string // how costs are divided, such as "RIDER_KM"
	Liability string // who answers for what, in words
	Document  string

	at position
}

// BookingRule is when a ride may be asked for. Cut-offs are compared as absolute instants.
type BookingRule struct {
	Notice        time.Duration // least time between the request and the earliest pickup
	CutOff        *CutOff       // nil for none
	AheadDays     int           // at most so many civil days ahead; 0 for no limit
	OpensAt       int32         // second of the first day on which the booking opens
	ReturnsExempt bool          // a way back may be asked for after notice and cut-off
	Source        string
}

// CutOff is the last moment of booking: at a second of the day, so many days before the service day.
type CutOff struct {
	Days   int
	Second int32
	Count  DayCount
}

// DayCount tells which days a cut-off counts.
type DayCount string

// The ways to count.
const (
	CivilDays   DayCount = "CIVIL"
	ServiceOnly DayCount = "SERVICE" // days on which the service is closed do not count
)

// ServiceDays says on which days and between which seconds of the day rides are given.
type ServiceDays struct {
	Weekdays vehicles.Weekdays
	Holidays bool       // service on national holidays
	Closed   []YearSpan // every year, such as 29 December to 3 January
	Shut     []vehicles.Dates
	Extra    []Day // served although the other rules close it
	Hours    vehicles.Span
	Source   string
}

// YearSpan is an interval of days of every year, "12-29" to "01-03", both included; it may pass the end of the year.
type YearSpan struct{ From, To string }

// Quota bounds the rides of one person.
type Quota struct {
	ID       string
	Rides    int
	Per      Period
	Outings  bool        // a way out and its way back count once
	OwnCar   bool        // holds only for people whose household has a car
	Modes    []LegalMode // empty for all
	Purposes []string    // empty for all
	Source   string
}

// Period is the time over which a quota counts.
type Period string

// The periods, by the civil calendar; a week begins on Monday.
const (
	PerDay   Period = "DAY"
	PerWeek  Period = "WEEK"
	PerMonth Period = "MONTH"
)

// RideLimits bound what a rider may be asked to bear, in seconds. A zero field sets no limit.
type RideLimits struct {
	Ratio     float64 // longest ride as a multiple of the direct time
	Extra     int32   // added to it
	MaxRide   int32   // longest ride in any case
	MaxWait   int32   // how far an offer may lie from the wish
	MaxDirect int32   // longest direct time that is served at all
	Source    string
}

// For is the longest ride time for a direct time, 0 where there is no limit.
func (l RideLimits) For(direct int32) int32 {
	limit := l.MaxRide
	if l.Ratio > 0 {
		byRatio := int32(float64(direct)*l.Ratio) + l.Extra
		if limit == 0 || byRatio < limit {
			limit = byRatio
		}
	}
	return limit
}

// At returns the policy in force in an area on a day: its own, or else the one for any area, or nil.
func (s *PolicySet) At(area AreaID, day Day) *Policy {
	var fallback *Policy
	for _, p := range s.policies {
		if !p.Dates.Contains(vehicles.Date(day)) {
			continue
		}
		switch p.Area {
		case area:
			return p
		case AnyArea:
			fallback = p
		}
	}
	return fallback
}

// Rule is the policy's rule of a mode on a day, or nil where the mode is not open then.
func (p *Policy) Rule(mode LegalMode, day Day) *ModeRule {
	for _, m := range p.Modes {
		if m.Mode == mode && m.Dates.Contains(vehicles.Date(day)) {
			return m
		}
	}
	return nil
}
