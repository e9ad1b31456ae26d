package dispatch

import (
	"context"
	"time"
)

// RegisterReader reads the register of riders of an area; dispatch/planstore implements it on Redis. Entries come in a form
// that the caller may keep and not change.
type RegisterReader interface {
	// AllRiders returns every entry, in no order, and the last event that they contain ("" before the first). A person whose
	// key was destroyed is left out.
	AllRiders(ctx context.Context, area AreaID) ([]*Rider, EventID, error)
	// RidersOf returns the entries of some riders in the order asked for, nil for one who is not registered.
	RidersOf(ctx context.Context, area AreaID, ids []RiderID) ([]*Rider, error)
	// RidersByPhone returns who has a number, given in the form of NormalPhone, in the order of the ids.
	RidersByPhone(ctx context.Context, area AreaID, phone string) ([]RiderID, error)
	// RegisterEvents returns up to limit events after the given id ("" from the start), oldest first.
	RegisterEvents(ctx context.Context, area AreaID, after EventID, limit int) ([]RegisterEvent, error)
}

// RegisterWriter changes the register of an area.
type RegisterWriter interface {
	// CommitRegister writes all changes and their events in one atomic step, or nothing. It fails with ErrStale where an entry
	// is not at Before's version, and with ErrErased for a person who was erased.
	CommitRegister(ctx context.Context, c *RegisterCommit) error
	// EraseRider destroys the person's data key, so that nothing sealed for them can be read any more anywhere, and removes
	// the entry and its look-ups in the same step. ErrNotFound where there is neither entry nor key. Erasing twice is no error.
	EraseRider(ctx context.Context, area AreaID, id RiderID, actor string, at time.Time) error
}

// RegisterStore keeps registers.
type RegisterStore interface {
	RegisterReader
	RegisterWriter
}

// RegisterCommit is a list of changes of an area's register, made by one person at one moment.
type RegisterCommit struct {
	Area    AreaID
	Actor   string // subject of the token, or the command that was run
	At      time.Time
	Changes []RiderChange // of different riders
}

// RiderChange is an entry before (nil where it is new) and after. After.Version is one above Before's.
type RiderChange struct {
	Before, After *Rider
	Fields        []string // names of the fields that change, for the log; never their content
}

// RegisterEvent is one entry of the log of an area's register: ids and names of fields, nothing personal.
type RegisterEvent struct {
	ID     EventID
	At     time.Time
	Actor  string
	Kind   RegisterEventKind
	Rider  RiderID
	Fields []string // names of those that changed
}

// RegisterEventKind names what happened to an entry. Values are stored.
type RegisterEventKind string

// What can happen to an entry.
const (
	RiderAdded   RegisterEventKind = "rider_added"
	RiderChanged RegisterEventKind = "rider_changed"
	RiderErased  RegisterEventKind = "rider_erased" // with everything that was ever sealed for the person
)
