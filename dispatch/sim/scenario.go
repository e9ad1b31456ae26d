package sim

import (
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/vehicles"
)

// Scenario is a day to be played: who rings up for what, which vehicles are there, and the roads. It is not changed.
type Scenario struct {
	Seed   uint64 // of the chances of the road
	Area   dispatch.AreaID
	Day    dispatch.Day
	Graph  *routing.Graph
	Fleet  vehicles.Fleet
	Shifts []vehicles.Shift
	Calls  []Call           // at least one, in the order in which the telephone rings
	Policy *dispatch.Policy // by which the executed day is judged; nil for none
	// Incidents are what goes wrong; they need an Office.
	Incidents Incidents
	Riders    dispatch.Riders // who tells whom riders may not meet; nil for nobody
}

// Call is one telephone call for one ride and what becomes of the caller later. Times are service-day seconds; before the
// day they are negative. No two calls of a day have the same rider and the same two places.
type Call struct {
	At      int32 // when the telephone rings
	Rider   dispatch.RiderID
	Party   dispatch.Party
	Pickup  dispatch.Place
	Dropoff dispatch.Place
	Wish    dispatch.Wish
	Purpose string // a TDS purpose code
	// Appointment is set where a clinic waits at Wish.Window.Latest.
	Appointment bool
	// Patience is how many seconds beyond the wish the caller still takes an offer.
	Patience int32
	// Outbound is the index in Scenario.Calls of the way there, for a way back; -1 for none.
	Outbound int
	// Group is the index of the call that began the booking that this one joins; -1 for a booking of its own.
	Group int
	// CancelAt is when the caller calls the ride off; 0 for never.
	CancelAt int32
	// NoShow means that nobody comes to the vehicle.
	NoShow bool
	// Board and Alight are what the party really needs, in seconds, against what Party says; the vehicle's dwell comes on top.
	Board, Alight int32
}
