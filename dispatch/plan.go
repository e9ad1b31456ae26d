package dispatch

import (
	"maps"
	"slices"

	"github.com/swmaas/swmaas/vehicles"
)

// StopKind tells what happens at a stop. Values are stored.
type StopKind uint8

// A stop boards or sets down one ride.
const (
	PickupStop StopKind = iota + 1
	DropoffStop
)

// StopState is how far a stop has been worked through. Values are stored.
type StopState uint8

// The states of a stop, in the order in which a driver passes them.
const (
	Pending StopState = iota
	EnRoute           // the vehicle has left for it
	Arrived           // the vehicle is there
	Done              // boarded or alighted, and left
	Skipped           // no-show at the door
)

var stopStateNames = [...]string{"pending", "under way", "arrived", "done", "skipped"}

// String returns the state's name for messages.
func (s StopState) String() string {
	if int(s) < len(stopStateNames) {
		return stopStateNames[s]
	}
	return "unknown"
}

// Finished reports whether nothing more happens at the stop.
func (s StopState) Finished() bool { return s >= Done }

// StopID names a stop within its day: the ride and the end of it.
type StopID struct {
	Ride RideID
	Kind StopKind
}

// Stop is one visit of a route. Times are service-day seconds.
type Stop struct {
	StopID
	State StopState
	// Arrive, Begin and Depart are planned while the stop is not finished, and what the driver reported once it is.
	Arrive, Begin, Depart int32
	// LeaveBy is when the vehicle leaves the place before for this stop: as late as punctuality allows while empty, at once with
	// somebody aboard. Once EnRoute it is when the driver left.
	LeaveBy int32
}

// Route is the ordered stops of one shift, executed ones first. It is immutable once part of a State.
type Route struct {
	Shift   vehicles.ShiftID
	Version int64 // 0 for a route that was never written
	Stops   []Stop
}

// Executed is the number of leading stops that are finished.
func (r *Route) Executed() int {
	n := 0
	for n < len(r.Stops) && r.Stops[n].State.Finished() {
		n++
	}
	return n
}

// Locked is the number of leading stops whose order is fixed: the finished ones and the one the driver is under way to or at.
func (r *Route) Locked() int {
	n := r.Executed()
	for n < len(r.Stops) && (r.Stops[n].State == EnRoute || r.Stops[n].State == Arrived) {
		n++
	}
	return n
}

// State is everything that is known of one area-day at a revision. It is immutable: readers share it without locks.
type State struct {
	Area     AreaID
	Day      Day
	Revision int64
	Routes   map[vehicles.ShiftID]*Route
	Rides    map[RideID]*Ride
	Notes    map[NoteID]*Note
}

// NewState returns the empty state of a day that nothing was written for.
func NewState(area AreaID, day Day) *State {
	return &State{Area: area, Day: day, Routes: map[vehicles.ShiftID]*Route{}, Rides: map[RideID]*Ride{}, Notes: map[NoteID]*Note{}}
}

// With returns the state after a commit: the changed routes, rides and notes replaced, the revision raised to rev.
func (s *State) With(c *Commit, rev int64) *State {
	next := &State{
		Area: s.Area, Day: s.Day, Revision: rev,
		Routes: maps.Clone(s.Routes), Rides: maps.Clone(s.Rides), Notes: maps.Clone(s.Notes),
	}
	for _, r := range c.Routes {
		next.Routes[r.Shift] = r
	}
	for _, r := range c.Rides {
		next.Rides[r.After.ID] = r.After
	}
	for _, n := range c.Notes {
		next.Notes[n.ID] = n
	}
	return next
}

// RouteOf returns the route that serves the ride and the shift's id, or nil where no route does.
func (s *State) RouteOf(id RideID) *Route {
	for _, r := range s.Routes {
		for i := range r.Stops {
			if r.Stops[i].Ride == id {
				return r
			}
		}
	}
	return nil
}

// without is the state in which no route has a stop of the rides; routes keep their versions and times, and rides that are
// not planned are left as they are. It is the state itself where none is planned.
func (s *State) without(rides map[RideID]bool) *State {
	next := s
	for id, route := range s.Routes {
		stops := slices.DeleteFunc(slices.Clone(route.Stops), func(stop Stop) bool { return rides[stop.Ride] })
		if len(stops) == len(route.Stops) {
			continue
		}
		if next == s {
			next = &State{Area: s.Area, Day: s.Day, Revision: s.Revision, Routes: maps.Clone(s.Routes), Rides: s.Rides, Notes: s.Notes}
		}
		next.Routes[id] = &Route{Shift: route.Shift, Version: route.Version, Stops: stops}
	}
	return next
}
