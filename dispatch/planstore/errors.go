package planstore

import (
	"fmt"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// StaleError says which routes, rides and notes a commit lost on. errors.Is finds dispatch.ErrStale in it.
type StaleError struct {
	Routes []vehicles.ShiftID
	Rides  []dispatch.RideID
	Notes  []dispatch.NoteID
}

func (e *StaleError) Error() string {
	return fmt.Sprintf("planstore: commit lost on routes %q, rides %q and notes %q: %v", e.Routes, e.Rides, e.Notes, dispatch.ErrStale)
}

// Unwrap makes errors.Is(err, dispatch.ErrStale) hold.
func (e *StaleError) Unwrap() error { return dispatch.ErrStale }

// VersionError says that a stored value was written in a layout that this release does not read.
type VersionError struct {
	What    string // "ride", "route", "note", "reply", "event", "rider", "place", "standing order" or "look"
	Version int    // the layout found
}

func (e *VersionError) Error() string {
	newest := codecVersion
	switch e.What {
	case "rider":
		newest = registerVersion
	case "place":
		newest = placeVersion
	case "standing order":
		newest = orderVersion
	case "look":
		newest = lookLayout
	}
	return fmt.Sprintf("planstore: %s is stored in layout version %d, this release reads 1 to %d: use the release that wrote it or a later one",
		e.What, e.Version, newest)
}

// DamagedError says that a stored value is not what this package writes.
type DamagedError struct {
	What   string // "ride", "route", "note", "reply", "event", "rider", "place", "standing order", "look", "index" or "revision"
	Reason string
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("planstore: stored %s is damaged: %s", e.What, e.Reason)
}
