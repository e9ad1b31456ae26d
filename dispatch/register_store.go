package dispatch

import "time"

// RiderChange is one change of a register entry: Before is nil for a new one, After nil for one that ends. After.Version is
// one above Before's.
type RiderChange struct {
	Before, After *Rider
	Fields        []string // names of the fields that change, for the log; never their content
}

// RegisterCommit is a list of changes of an area's register, made by one person at one moment.
type RegisterCommit struct {
	Area    AreaID
	Actor   string // subject of the token
	At      time.Time
	Changes []RiderChange // of different riders
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
