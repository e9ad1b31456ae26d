package vehicles

import (
	"time"

	"github.com/swmaas/swmaas/routing/geo"
)

// Position is one report of where a vehicle is. Seen is the device's clock; reports are ordered by it.
type Position struct {
	Vehicle  VehicleID
	At       geo.LatLng
	Seen     time.Time
	SpeedKmh float64 // 0 where unknown
	Heading  float64 // degrees clockwise from north, meaningful only with a speed
}

// Near is a vehicle found by a search, with its straight-line distance in metres.
type Near struct {
	Position Position
	Meters   float64
}

// Status is what a vehicle is doing, as its driver or facility last reported.
type Status uint8

// The states of a vehicle. Values are stored and must not be renumbered.
const (
	OffDuty    Status = iota // no driver signed on
	Available                // signed on, free for the shared service
	OnRoute                  // working through a manifest
	OwnRound                 // on its owner's own round
	OutOfOrder               // broken down or withdrawn
)

// StatusReport is one report of what a vehicle is doing. Seen is the reporter's clock; reports are ordered by it.
type StatusReport struct {
	Vehicle VehicleID
	Status  Status
	Seen    time.Time
}
