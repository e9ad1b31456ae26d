package sim

import (
	"context"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// Booker is the telephone desk as callers reach it.
type Booker interface {
	// Quote asks what can be promised. No offer is an answer, not an error.
	Quote(ctx context.Context, r dispatch.Request) (*dispatch.Quote, error)
	// Book takes an offer. The result has no ride where the offer is gone.
	Book(ctx context.Context, token, key string) (*dispatch.BookResult, error)
	// Cancel calls a ride off and returns the revision after it, or ErrRefused where it is too late.
	Cancel(ctx context.Context, ride dispatch.RideID, reason, key string) (revision int64, err error)
}

// Drivers connects the device of a vehicle.
type Drivers interface {
	// Connect opens the vehicle's manifest stream; it lives until ctx ends.
	Connect(ctx context.Context, vehicle vehicles.VehicleID) (Line, error)
}

// Line is the connection of one driver's device.
type Line interface {
	// Manifest waits until the stream has reached the revision and returns the newest manifest of the stream.
	Manifest(ctx context.Context, revision int64) (*dispatch.Manifest, error)
	// SignOn begins a driver's duty on a shift of the calendar, or finds it begun, and returns it with the revision after it.
	SignOn(ctx context.Context, shift vehicles.ShiftID, driver vehicles.DriverID, at time.Time, key string) (Duty, int64, error)
	// Check reports a check (点呼) before or after a duty, and returns why it was not passed, with the revision after it.
	Check(ctx context.Context, shift vehicles.ShiftID, c vehicles.SafetyCheck, key string) (faults []vehicles.CheckFault, revision int64, err error)
	// SignOff ends a duty whose check after it was passed, and returns the revision after it.
	SignOff(ctx context.Context, shift vehicles.ShiftID, at time.Time, key string) (revision int64, err error)
	// Report sends a step and returns the revision after it, or ErrRefused.
	Report(ctx context.Context, s dispatch.Step) (revision int64, err error)
	// Position sends a position; it may get lost.
	Position(ctx context.Context, p vehicles.Position) error
}

// Register is the list of the day's rides as the engine knows them.
type Register interface {
	Rides(ctx context.Context) ([]*dispatch.Ride, error)
}

// Improver lets the engine look for a better plan, for an amount of work that does not depend on the clock, and returns
// the revision after it.
type Improver interface {
	Improve(ctx context.Context) (revision int64, err error)
}
