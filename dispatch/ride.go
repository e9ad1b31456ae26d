package dispatch

import (
	"time"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// Ids are opaque and stable within an area. None of them tells anything about a person.
type (
	AreaID    string
	RideID    string
	BookingID string
	RiderID   string
	OrderID   string // of a standing order
	// Day is a civil date in the area's zone, "2026-01-20". Times within it are seconds from its 00:00 and may pass 24:00.
	Day string
)

// Place is where a rider boards or alights. The label (an address, a facility's name) is personal when it is a home.
type Place struct {
	Label string
	At    geo.LatLng // the pin that the rider or staff set
}

// Party is who travels together under one ride: the rider with companions and aids.
type Party struct {
	Load  vehicles.Load      // places taken, the rider included
	Needs vehicles.Equipment // aids that the vehicle must have
	// Board and Alight are the party's own boarding and alighting times in seconds, the vehicle's dwell not included.
	Board, Alight int32
	Attendants    int                 // who come along, counted in Load
	Care          []Care              // what the driver must know, nothing more
	Apart         []RiderID           // who may not be aboard with the rider
	NotDrivers    []vehicles.DriverID // who may not drive the rider
	OnlyDrivers   []vehicles.DriverID // who alone may; empty for everybody
	Limits        Limits              // what it asks for beyond the rules of the town
}

// Care is a need that the driver must know of: a specialAttributes code of TDS (TCRP Report 210), or one of ours.
type Care string

// Window is a closed interval [Earliest, Latest] of a service day, in seconds from 00:00.
type Window struct{ Earliest, Latest int32 }

// Contains reports whether t lies in the window, both ends included.
func (w Window) Contains(t int32) bool { return w.Earliest <= t && t <= w.Latest }

// WishKind tells what the caller fixed.
type WishKind uint8

// The three forms of a wish.
const (
	// ArriveBy is at the clinic by Window.Latest, and rather not before Window.Earliest: sooner by a promised window's length at the most. Who
	// cannot wait there has Limits.MaxWait.
	ArriveBy     WishKind = iota + 1
	DepartAfter           // ready from Window.Earliest, to be fetched by Window.Latest
	PickupWithin          // fetched within the window
)

// Wish is what was asked for, kept apart from what was promised.
type Wish struct {
	Kind   WishKind
	Window Window
}

// Promise is what the rider was told and the plan must keep.
type Promise struct {
	Pickup   Window // the vehicle is there at some moment of it
	ArriveBy int32  // latest arrival, 0 where none was asked for
	MaxRide  int32  // longest ride time in seconds, boarding to arrival
}

// arrives is the latest second at which the rider is there where the promise is kept.
func (p Promise) arrives() int32 {
	if p.ArriveBy > 0 {
		return p.ArriveBy
	}
	return p.Pickup.Latest + p.MaxRide
}

// meets reports whether two promises to one person are for the same time.
func (p Promise) meets(o Promise) bool {
	return p.Pickup.Earliest < o.arrives() && o.Pickup.Earliest < p.arrives()
}

// RideState is where a ride stands. Values are stored and must not be renumbered.
type RideState uint8

// The states of a ride; see the package comment for which may follow which.
const (
	Draft RideState = iota
	Offered
	Booked
	Published
	UnderWay
	Completed
	NoShow
	Cancelled
	Missed
	TurnedDown
	Unmet
)

var rideStateNames = [...]string{
	"draft", "offered", "booked", "published", "under_way", "completed", "no_show", "cancelled", "missed", "turned_down", "unmet",
}

// String returns the state's name as it is used in files and transcripts.
func (s RideState) String() string {
	if int(s) < len(rideStateNames) {
		return rideStateNames[s]
	}
	return "unknown"
}

// Ended reports whether the state is final.
func (s RideState) Ended() bool { return s >= Completed }

// CancelKind tells who cancelled and how late, since fees and figures depend on it. Values are stored.
type CancelKind uint8

// The kinds of cancellation (features row 25).
const (
	CancelAdvance  CancelKind = iota + 1 // before the service day
	CancelSameDay                        // on the day, the vehicle not yet under way to the rider
	CancelLate                           // the vehicle already under way
	CancelAtDoor                         // the vehicle at the door
	CancelSite                           // the destination closed
	CancelProvider                       // the service could not keep it
)

// Ride is one party's trip from pickup to dropoff. A Ride value is immutable once it is part of a State; a change makes a copy with a higher Version.
type Ride struct {
	ID      RideID
	Booking BookingID // rides of one booking (a group) share it
	Version int64     // 1 when first committed
	Area    AreaID
	Day     Day
	Rider   RiderID
	Party   Party
	Pickup  Place
	Dropoff Place
	Purpose string // a TDS purpose code such as "medical", "dialysis", "grocery"
	Wish    Wish
	Promise Promise
	Direct  int32 // unshared travel time in seconds at the time of booking
	State   RideState
	Linked  RideID // the ride that must have arrived before: a return's outbound, the leg before in a chain; or empty
	Cancel  CancelKind
	Reason  string // code of a refusal, cancellation or no-show
	Actual  Actual
	Created time.Time

	Terms    Terms
	Together bool      // all rides of the booking are aboard the same vehicle
	Call     Call      // of a will-call ride
	Order    OrderID   // the standing order that it came from, or empty
	Held     time.Time // while Offered: until when its place in the plan is kept
	By       string    // who asked for it, as the token's subject
	Locks    Locks     // what a dispatcher has fixed of it
	Amended  int64     // version at which its places, party or purpose last changed after the booking, 0 for never
}

// Terms are what the policy decided when the ride was booked. They stay as they were, whatever the policy becomes.
type Terms struct {
	Mode     LegalMode
	Standing Standing            // what the rider rides as
	Facility vehicles.FacilityID // whose user the rider is, or empty
	Yen      int64               // what it costs the rider, where FareKnown
	// FareKnown is false where the fare is not known before the ride, as by the meter, or no policy decided.
	FareKnown bool
	Policy    string // name of the policy, empty where none decided
}

// Call is what makes a ride a will-call: its wish says when it may be needed, its place in the plan keeps capacity, and
// the promise begins when somebody calls.
type Call struct {
	MaxWait int32 // promised longest wait after the call in seconds, 0 for a ride that is no will-call
	At      int32 // service-day second of the call, where Called
	Called  bool
}

// Latent reports whether the ride is a will-call that nobody has called for yet.
func (r *Ride) Latent() bool { return r.Call.MaxWait > 0 && !r.Call.Called }

// Actual holds what happened, as drivers reported it, in service-day seconds of the device's clock; 0 where it has not happened.
type Actual struct {
	PickupArrive, Board, DropoffArrive, Alight int32
}

// Open reports whether the ride still needs a vehicle.
func (r *Ride) Open() bool { return r.State == Booked || r.State == Published || r.State == UnderWay }

// unplanned reports whether the ride ended without ever having been in the plan, or was taken out of it.
func (r *Ride) unplanned() bool {
	return r.State == Cancelled || r.State == TurnedDown || r.State == Unmet
}
