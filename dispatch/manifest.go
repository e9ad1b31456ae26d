package dispatch

import (
	"time"

	"github.com/swmaas/swmaas/vehicles"
)

// StepKind is what a driver reports.
type StepKind uint8

// The steps of a stop, in the order in which they happen; Undo takes the last one of the vehicle back.
const (
	StepDepart StepKind = iota + 1 // left for the stop
	StepArrive                     // at the stop
	StepBoard                      // the party is aboard, the vehicle ready to go on
	StepAlight                     // the party has alighted
	StepNoShow                     // nobody came
	StepUndo
	StepCalled  // at the door: rang the party up, and nobody answered
	StepKnocked // at the door: knocked, and nobody answered
)

var stepNames = [...]string{"", "departure", "arrival", "boarding", "alighting", "no-show", "undo", "call", "knock"}

// String returns the step's name for messages.
func (k StepKind) String() string {
	if int(k) < len(stepNames) {
		return stepNames[k]
	}
	return "unknown step"
}

// Step is one report of a driver about one stop. Device is the device's clock, which is what counts as the time of the step.
type Step struct {
	Area    AreaID
	Day     Day
	Vehicle vehicles.VehicleID
	Kind    StepKind
	Stop    StopID
	Device  time.Time
	Key     string // idempotency key, the device's own sequence
	// Sender and Seq order the steps of a device: they are counted from 1 for each sender of a vehicle, and each is taken once and
	// after those before it, however they arrive. A step without a sender is taken as it comes.
	Sender string
	Seq    int64
	// Override takes a no-show although it is too soon for one: somebody in the office has decided so.
	Override bool
	// Why is the code of why, with Override; empty where none is given.
	Why string
}

// StepResult tells the driver's device what the plan looks like now.
type StepResult struct {
	Revision int64
	// Next is the number of the sender's next step: every one before it was taken, or is named as missing. 0 without a sender.
	Next int64
	Held bool // it waits for one before it that has not come yet
}

// Manifest is the driver's view of one vehicle's day: every stop of its shifts in order.
type Manifest struct {
	Area     AreaID
	Day      Day
	Vehicle  vehicles.VehicleID
	Revision int64
	// Version rises whenever the manifest changes: the sum of the versions of the vehicle's routes, of what was published and
	// of its messages.
	Version int64
	// Number is that of the manifest that was published last, 0 where the driver was given none as such, and Published when that was.
	// AckedNumber is that of the one which the driver has acknowledged last, 0 for none, and Acked whether it is the same.
	Number, AckedNumber int64
	Acked               bool
	Published           time.Time
	// Changes is how the unfinished part of the published manifest differs from the acknowledged one, empty where none was.
	Changes []StopChange
	Stops   []ManifestStop
	// Messages are what the office wrote and the driver has not read, and the last ones of all, in the order of their numbers.
	Messages []MessageRow
}

// ManifestStop is one stop as the driver needs it. Times are service-day seconds.
type ManifestStop struct {
	StopID
	Shift     vehicles.ShiftID
	State     StopState
	Place     Place
	Party     Party
	LeaveBy   int32 // when to leave the place before
	Arrive    int32 // planned, or reported once finished
	NotBefore int32 // pickup: do not board earlier than this; 0 at a dropoff
	Latest    int32 // promised: latest pickup, or latest arrival where one was asked for (0: none)
	Locks     Locks // what a dispatcher has fixed of the ride
}

// BookResult is a booked ride, or, where the offer is gone, fresh offers in its place.
type BookResult struct {
	Ride     *Ride // nil where the offer is gone
	Gone     *Quote
	Revision int64
}

// Cancellation asks for the end of a ride.
type Cancellation struct {
	Ride   RideID
	Kind   CancelKind // 0: the desk decides between advance, same day, late and at the door by what the vehicle is doing
	Reason string     // TDS code
	// Scope says what becomes of the other legs of its trip. It must be given where there are any that are open.
	Scope CancelScope
}

// CancelScope says which legs of a trip a cancellation ends.
type CancelScope uint8

// The scopes of a cancellation. Legs that somebody has boarded, or that have ended, stay as they are.
const (
	CancelOne  CancelScope = iota + 1 // the ride alone
	CancelRest                        // the ride and the legs after it
	CancelAll                         // every leg
)

// Actor is who asks, for the log: the subject of a token, never a name.
type Actor struct{ Subject string }

// Summary is a day in figures.
type Summary struct {
	Revision int64
	Rides    map[RideState]int
	Refused  map[string]int // turned down and unmet, by reason
	Classes  map[RiderClass]ClassFigures
	Behind   []RiderClass // those that are refused more often than all by more than Rules.FairGap
}
