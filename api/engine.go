package api

import (
	"context"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// Engine is what the service stands on. Every part is safe for concurrent use.
type Engine struct {
	Booker    Booker
	Holds     Holds
	Changes   Changes
	Trips     Trips
	WillCalls WillCalls
	Waitlist  Waitlist
	Explainer Explainer
	Days      Days
	Watcher   Watcher
	Stepper   Stepper
	Duties    Duties
	Alarms    Alarms
	Tells     Tells
	Mender    Mender
	Planner   Planner
	Board     Board
	Messages  Messages
	Fleet     Fleet
	Positions Positions
	Statuses  Statuses

	RiderFinder RiderFinder
	RiderKeeper RiderKeeper
	Places      Places
	Intents     Intents
	Accesses    Accesses // must be there: without it nobody is shown anything
	Orders      Orders
	OrderEdits  OrderEdits
	Garage      Garage
	Calendars   Calendars
	Nearby      Nearby
	Policies    Policies
	Areas       Areas
	Overseer    Overseer
	Lapses      Lapses
	Tokens      Tokens
	Eraser      Eraser
	Files       Files

	// Hurry tells the engine that a caller waits for an answer, until the returned function is called: what it does in the background stands
	// back meanwhile. nil tells nobody.
	Hurry func() (done func())
}

// Booker promises rides and takes promises back. Errors are those of dispatch.
type Booker interface {
	Quote(ctx context.Context, by dispatch.Actor, r dispatch.Request) (*dispatch.Quote, error)
	Book(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, token, key string) (*dispatch.BookResult, error)
	CancelRide(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, c dispatch.Cancellation, key string) (*dispatch.Ride, int64, error)
}

// Holds keeps the places of offers for callers who make up their minds. Errors are those of dispatch, here and below.
type Holds interface {
	Hold(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, token, key string) (*dispatch.BookResult, error)
	Accept(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, ride dispatch.RideID, key string) (*dispatch.Ride, int64, error)
	Decline(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, ride dispatch.RideID, reason, key string) (*dispatch.Ride, int64, error)
}

// Changes tells what a booked ride could become; Booker books it.
type Changes interface {
	QuoteChange(ctx context.Context, by dispatch.Actor, ride dispatch.RideID, version int64, r dispatch.Request) (*dispatch.Quote, error)
}

// Trips promises several rides at once.
type Trips interface {
	QuoteTrip(ctx context.Context, by dispatch.Actor, r dispatch.TripRequest) (*dispatch.TripQuote, error)
	QuoteGroup(ctx context.Context, by dispatch.Actor, members []dispatch.Request) (*dispatch.TripQuote, error)
	BookTrip(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, token, key string) (*dispatch.TripResult, error)
}

// WillCalls is the rides that are booked without a time.
type WillCalls interface {
	Activate(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, act dispatch.Activation, key string) (*dispatch.Called, error)
	WillCalls(ctx context.Context, area dispatch.AreaID, day dispatch.Day) ([]dispatch.WillCall, error)
}

// Waitlist is the wishes that could not be met yet.
type Waitlist interface {
	JoinWaitlist(ctx context.Context, by dispatch.Actor, r dispatch.Request, key string) (*dispatch.Ride, int64, error)
	Waitlist(ctx context.Context, area dispatch.AreaID, day dispatch.Day) ([]*dispatch.Ride, error)
}

// Explainer says why a ride stands where it stands.
type Explainer interface {
	Why(ctx context.Context, area dispatch.AreaID, ride dispatch.RideID) (dispatch.Sentences, error)
}

// Days reads the plan of a day. What it returns is shared and never changed.
type Days interface {
	State(ctx context.Context, area dispatch.AreaID, day dispatch.Day) (*dispatch.State, error)
	Shifts(ctx context.Context, area dispatch.AreaID, day dispatch.Day) ([]vehicles.Shift, error)
	Summary(ctx context.Context, area dispatch.AreaID, day dispatch.Day) (*dispatch.Summary, error)
	// Predict tells when the vehicle of a shift is expected at its rides.
	Predict(ctx context.Context, area dispatch.AreaID, day dispatch.Day, shift vehicles.ShiftID) (map[dispatch.RideID]dispatch.Prediction, error)
}

// Watcher follows the plan of a day.
type Watcher interface {
	// Watch carries the revision now and whenever it rises, newest only, until ctx ends.
	Watch(ctx context.Context, area dispatch.AreaID, day dispatch.Day) (<-chan int64, error)
	Manifest(ctx context.Context, area dispatch.AreaID, day dispatch.Day, vehicle vehicles.VehicleID) (*dispatch.Manifest, error)
	Events(ctx context.Context, area dispatch.AreaID, day dispatch.Day, after dispatch.EventID, limit int) ([]dispatch.Event, error)
}

// Stepper takes in what drivers report.
type Stepper interface {
	Step(ctx context.Context, by dispatch.Actor, s dispatch.Step) (dispatch.StepResult, error)
	// Acknowledge says that the driver has seen the manifest with a number, and returns the revision after that.
	Acknowledge(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, day dispatch.Day, vehicle vehicles.VehicleID, number int64, key string) (int64, error)
}

// Fleet tells which vehicles and shifts an area has. Shifts are whole, with the owner's rounds in them.
type Fleet interface {
	Fleet(ctx context.Context, area string) (vehicles.Fleet, error)
	Shifts(ctx context.Context, area, day string) ([]vehicles.Shift, error)
}

// Positions is where vehicles are. It loses little and promises nothing.
type Positions interface {
	// Report takes in positions and returns how many were newer than what is known.
	Report(ctx context.Context, area string, positions []vehicles.Position) (newer int, err error)
	// Positions is the last of every vehicle that ever reported.
	Positions(ctx context.Context, area string) ([]vehicles.Position, error)
}

// Statuses is what vehicles are doing.
type Statuses interface {
	// SetStatus takes in a report; one that is older than the one known changes nothing and is not stored.
	SetStatus(ctx context.Context, area string, report vehicles.StatusReport) (stored bool, err error)
	// Statuses is the last report of every vehicle that ever made one.
	Statuses(ctx context.Context, area string) (map[vehicles.VehicleID]vehicles.StatusReport, error)
}
