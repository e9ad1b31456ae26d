package dispatch

import (
	"context"
	"time"

	"github.com/swmaas/swmaas/vehicles"
)

// PlanStore keeps plans. It is the only way to change one; dispatch/planstore implements it on Redis.
type PlanStore interface {
	// Replay returns the reply kept for a request that was answered before, found false where the key is unknown, and
	// ErrKeyReused where the key was used for another request.
	Replay(ctx context.Context, area AreaID, key IdempotencyKey) (reply []byte, found bool, err error)
	// Load reads the whole area-day; a day that nothing was written for is an empty state, not an error.
	Load(ctx context.Context, area AreaID, day Day) (*State, error)
	// Commit writes the change in one atomic step and returns the new revision. It fails with ErrStale where a route, ride or note is
	// no longer at the version that the change was made from, or where somebody has laid claim, since the revision Seen, to what
	// the change lays claim to (Claims); with ErrKeyReused where the idempotency key was used for another
	// request, and with *Replayed where the same request was already answered. In each of these cases nothing is written.
	Commit(ctx context.Context, c *Commit) (revision int64, err error)
	// Events returns up to limit events after the given id ("" from the start), oldest first.
	Events(ctx context.Context, area AreaID, day Day, after EventID, limit int) ([]Event, error)
}

// FleetStore tells which vehicles and shifts an area has; vehicles/fleetstore implements it on Redis.
type FleetStore interface {
	Fleet(ctx context.Context, area string) (vehicles.Fleet, error)
	Shifts(ctx context.Context, area, day string) ([]vehicles.Shift, error)
}

// Calendars tells what is planned for vehicles and drivers day after day; vehicles/fleetstore implements it on Redis.
type Calendars interface {
	// Calendar is the area's calendar, without fleet and holidays, or nil where it has none. The caller owns it.
	Calendar(ctx context.Context, area string) (*vehicles.Calendar, error)
}

// Commit is one change of an area-day, made from the versions that it carries.
type Commit struct {
	Area   AreaID
	Day    Day
	Seen   int64    // revision of the state that the change was made from
	Routes []*Route // as they will be: Version is one above the version that the change was made from
	Rides  []RideChange
	Notes  []*Note // as they will be: Version is one above the version that the change was made from
	Events []Event // ID is set by the store
	Key    IdempotencyKey
	Reply  []byte // kept with the key and returned to a repeated request

	say map[RideID]telling // what who made it says of rides; see tell.go
}

// RideChange is a ride before (nil where it is new) and after. After.Version is one above Before's.
type RideChange struct{ Before, After *Ride }

// Claim is what two commits may not take at the same time although they change different routes and rides.
type Claim struct {
	Kind ClaimKind
	ID   string
	// Taken says that the change takes it, which it may only do if nobody has since the revision that the change was made from;
	// otherwise it keeps what it had.
	Taken bool
}

// ClaimKind says what a claim is on. Values are part of stored keys.
type ClaimKind string

// The kinds of claims.
const (
	ClaimRider ClaimKind = "r" // the rider's day: nobody is promised two rides for the same time
	ClaimGroup ClaimKind = "g" // the booking of those who ride in one vehicle: the first of them to get a place decides which
)

// Claims lists what the ride, as it is after the change, is a claim on. A ride that has no place in the plan claims nothing.
func (c RideChange) Claims() []Claim {
	r := c.After
	if !r.placed() {
		return nil
	}
	was := c.Before
	taken := was == nil || !was.placed() || was.Promise != r.Promise || was.Call != r.Call
	var claims []Claim
	if r.Rider != "" {
		claims = append(claims, Claim{ClaimRider, string(r.Rider), taken})
	}
	if r.Together && r.Booking != "" {
		claims = append(claims, Claim{ClaimGroup, string(r.Booking), true}) // it may get its place only now
	}
	return claims
}

// placed reports whether the ride may have a place in the plan.
func (r *Ride) placed() bool { return r.Open() || r.State == Offered }

// IdempotencyKey lets a caller repeat a request safely: the same key with the same request hash gives the first reply.
// The zero value means that the change has none.
type IdempotencyKey struct {
	Key  string
	Hash [32]byte
}

// EventID orders the events of an area-day: "<revision>-<index within the commit>". It is the resume token of streams.
type EventID string

// EventKind names what happened. The values are stored and part of the contract.
type EventKind string

// What can happen to a ride or a route.
const (
	RideBooked     EventKind = "ride_booked"
	RideHeld       EventKind = "ride_held"       // offered, its place kept for a while
	RideOffered    EventKind = "ride_offered"    // a freed place is kept for somebody on the waitlist, who must be told
	RideWaitlisted EventKind = "ride_waitlisted" // wants a place as soon as one is free
	RideChanged    EventKind = "ride_changed"
	RideCalled     EventKind = "ride_called"   // a will-call was called for
	RideExceeded   EventKind = "ride_exceeded" // a will-call cannot be fetched within its promised wait; Detail says what is possible
	RideTurnedDown EventKind = "ride_turned_down"
	RideUnmet      EventKind = "ride_unmet"
	RideCancelled  EventKind = "ride_cancelled"
	RideBoarded    EventKind = "ride_boarded"
	RideCompleted  EventKind = "ride_completed"
	RideNoShow     EventKind = "ride_no_show"
	RideMissed     EventKind = "ride_missed"
	VehicleLeft    EventKind = "vehicle_left"
	VehicleArrived EventKind = "vehicle_arrived"
	StepUndone     EventKind = "step_undone"
	RouteImproved  EventKind = "route_improved"

	ConditionsChanged EventKind = "conditions_changed" // roads, a vehicle or what is driven at all; Detail is the note, After what holds now
	RouteMended       EventKind = "route_mended"       // stops are others because of such a change, whose code is Detail; of a ride: it stays on the route, and is late
	RidePostponed     EventKind = "ride_postponed"     // put off because of snow or a storm, and on the waitlist
	RideStranded      EventKind = "ride_stranded"      // was aboard a vehicle that cannot go on, and waits there to be fetched
	RideLocked        EventKind = "ride_locked"        // Detail says which lock
	RideUnlocked      EventKind = "ride_unlocked"
	RidePublished     EventKind = "ride_published"  // a driver has it in the manifest
	RoutePublished    EventKind = "route_published" // a driver has a new manifest: After is its number, Detail why
	RouteAcked        EventKind = "route_acked"     // the driver has seen the manifest: After is its number
	MustTell          EventKind = "must_tell"       // somebody must be told, or told something else than before; Detail is the reason
	TellOutdated      EventKind = "tell_outdated"   // there is nothing to tell any more
	TellTried         EventKind = "tell_tried"      // somebody tried to tell and nobody answered
	TellDone          EventKind = "told"            // somebody was told
)

// Event is one entry of the area-day's log: ids only, nothing personal.
type Event struct {
	ID EventID
	At time.Time // server time
	// Device is when it happened by the clock of the device that reported it; the zero time where none did.
	Device time.Time
	Actor  string // subject of the token, or "engine"
	Kind   EventKind
	Ride   RideID
	Shift  vehicles.ShiftID
	// Before and After are short machine-readable states such as "booked" and "cancelled"; Detail is a code.
	Before, After, Detail string
}
