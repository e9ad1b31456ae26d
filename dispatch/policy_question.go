package dispatch

import (
	"time"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// Question is all that a policy looks at. Nothing else is read: no clock, no store.
type Question struct {
	Area      AreaID
	Day       Day
	Mode      LegalMode // empty to take the first mode of the policy that permits the ride
	Rider     RiderFacts
	Pickup    geo.LatLng
	Dropoff   geo.LatLng
	Purpose   string // TDS purpose code
	At        Window // in which the ride is to begin; the zero Window where that is open
	Return    bool   // the way back of an outing
	Requested time.Time
	Past      []PastRide // of the rider, as far back and ahead as the quotas count, the ride in question left out
	Direct    int32      // unshared travel time in seconds, 0 where not known yet
	Meters    int32      // and length, for the price
	Shift     *Candidate // nil to ask for the rider alone
	Aboard    []Passenger
}

// RiderFacts are what the register knows of a rider, without anything that identifies the person.
type RiderFacts struct {
	Standing   Standing            // empty counts as Resident
	Facility   vehicles.FacilityID // whose user the rider is on this ride
	Categories []CategoryFact
	Listed     []Listing
	NeedsHelp  bool // cannot move without help and cannot use a taxi or bus alone
	Attendant  bool // must not ride without an attendant
	Attendants int  // who come along
	OwnCar     bool // somebody in the household has a car
}

// CategoryFact is a category with the evidence that was seen.
type CategoryFact struct {
	Category Category
	Evidence string // kind of document, such as "介護保険被保険者証"; empty where none was seen
	ValidTo  vehicles.Date
}

// Listing is an entry on the list of a registration.
type Listing struct {
	Mode     LegalMode
	ValidTo  vehicles.Date // empty where it does not end
	Purposes []string      // for which the entry was granted; empty for all
}

// PastRide is a ride of the same rider that counts for quotas: taken, booked or a no-show, cancelled ones left out.
type PastRide struct {
	Day     Day
	Mode    LegalMode
	Purpose string
	Return  bool
}

// Candidate is a shift that might take the ride.
type Candidate struct {
	Shift     vehicles.ShiftID
	Vehicle   vehicles.Vehicle
	Papers    vehicles.Papers
	Driver    vehicles.Credentials
	Staff     []vehicles.Credentials // who accompany the whole shift
	OwnRounds []vehicles.Span        // protected runs of the owner, in seconds of the day
	Use       vehicles.Span          // when the ride would use the vehicle; the zero Span where that is not known yet
}

// Passenger is what counts of somebody aboard: comparable, so that riders of one kind are one value.
type Passenger struct {
	Mode     LegalMode
	Standing Standing
	Facility vehicles.FacilityID // whose user, for CareUser and DisabilityUser
	Purpose  string
}

// Passenger is the rider of the question as somebody aboard in a mode.
func (q *Question) Passenger(mode LegalMode) Passenger {
	return passenger(mode, q.Rider.Standing, q.Rider.Facility, q.Purpose)
}

// Decision is the answer of a policy.
type Decision struct {
	Mode   LegalMode // in which the ride is permitted; empty where it is refused
	Begin  Window    // within which the ride must begin: service hours, and the notice from the request on
	Limits RideLimits
	Price  Price
	// EligibleTo is the last day on which the list and category that permitted the ride hold; empty where they do not end.
	EligibleTo vehicles.Date
	Policy     string          // name of the policy that decided
	Document   string          // and the decision that put it in force
	Refusals   []PolicyRefusal // empty where permitted
}

// Permitted reports whether the ride may happen.
func (d *Decision) Permitted() bool { return d.Mode != "" }

// PolicyRefusal is one reason why a ride may not happen in a mode.
type PolicyRefusal struct {
	Code    string
	Mode    LegalMode // empty where no mode can change it
	Rule    string    // key of the sentence, such as "list_expired"
	Ja, En  string    // what is wrong
	JaWay   string    // what would make it possible
	EnWay   string
	Limit   int64 // with Unit, where the reason has figures
	Actual  int64
	Unit    string
	Source  string // where the figure or rule comes from
	Subject string // id of the facility, quota or agreement concerned, if any
	Shifts  int    // in Options: on how many shifts it stands in the way
}

// Refusal is the reason in the form of a quote's answer.
func (r *PolicyRefusal) Refusal() Refusal {
	return Refusal{
		Code: r.Code, Cause: r.Rule, Limit: r.Limit, Actual: r.Actual, Unit: r.Unit, Shifts: r.Shifts,
		Mode: r.Mode, Ja: r.Ja, En: r.En, JaWay: r.JaWay, EnWay: r.EnWay,
	}
}

// Refusal codes of policies. The first group are rejection reasons of TDS (TCRP Report 210), the second are ours.
const (
	CodeOutsideArea = "NOT_IN_SERVICE_AREA"
	CodeBadUser     = "INVALID_USER"
	CodeWrongLevel  = "WRONG_SERVICE_LEVEL"

	CodeNoPolicy      = "NO_POLICY"
	CodeQuota         = "QUOTA_EXCEEDED"
	CodeExpired       = "ELIGIBILITY_EXPIRED"
	CodeNoDriver      = "NO_QUALIFIED_DRIVER"
	CodeVehicle       = "VEHICLE_NOT_PERMITTED"
	CodeProtectedRun  = "PROTECTED_RUN"
	CodeNotice        = "NOTICE_TOO_SHORT"
	CodeTooEarly      = "BOOKING_NOT_OPEN"
	CodeFareAboveCap  = "FARE_ABOVE_CAP"
	CodeNeedAttendant = "ATTENDANT_REQUIRED"
)
