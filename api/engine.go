package api

import (
	"context"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// Engine is what the service stands on. Every part is safe for concurrent use.
type Engine struct {
	Booker    Booker
	Days      Days
	Watcher   Watcher
	Stepper   Stepper
	Fleet     Fleet
	Positions Positions
	Statuses  Statuses
}

// Booker promises rides and takes promises back. Errors are those of dispatch.
type Booker interface {
	Quote(ctx context.Context, by dispatch.Actor, r dispatch.Request) (*dispatch.Quote, error)
	Book(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, token, key string) (*dispatch.BookResult, error)
	CancelRide(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, c dispatch.Cancellation, key string) (*dispatch.Ride, int64, error)
}

// Days reads the plan of a day. What it returns is shared and never changed.
type Days interface {
	State(ctx context.Context, area dispatch.AreaID, day dispatch.Day) (*dispatch.State, error)
	Shifts(ctx context.Context, area dispatch.AreaID, day dispatch.Day) ([]vehicles.Shift, error)
	Summary(ctx context.Context, area dispatch.AreaID, day dispatch.Day) (*dispatch.Summary, error)
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
