package dispatch

import (
	"context"

	"github.com/swmaas/swmaas/vehicles"
)

// Riders tells what the register knows of a rider; a desk without one takes everybody for a resident of whom nothing is
// recorded.
type Riders interface {
	// Profile is what counts of a rider when a ride is decided and planned. ErrNotFound for somebody who is not registered.
	Profile(ctx context.Context, area AreaID, id RiderID) (*RiderProfile, error)
}

// RiderProfile is what the desk has to know of a rider, without anything that identifies the person.
type RiderProfile struct {
	// Facts hold for rides that the rider takes for themselves: Standing is Resident or Visitor and Facility is empty.
	// Attendants is left out; it is the party of a ride that tells who comes along.
	Facts  RiderFacts
	UserOf []Membership // facilities whose user the rider is

	Needs       vehicles.Equipment // aids that every ride needs
	Care        []Care             // what the driver must know
	Apart       []RiderID          // who may not be aboard with the rider
	NotDrivers  []vehicles.DriverID
	OnlyDrivers []vehicles.DriverID // empty for everybody
	Limits      Limits              // beyond the rules of the town
	// Board and Alight are the rider's own boarding and alighting times in seconds, 0 where none are recorded.
	Board, Alight int32
}

// Membership makes a rider a user of a facility between two dates.
type Membership struct {
	Facility vehicles.FacilityID
	Standing Standing // CareUser or DisabilityUser
	Dates    vehicles.Dates
}

// as is what the rider rides as on a day: the facility's user where the ride is one of its rides and the membership holds
// then, and a resident or visitor otherwise.
func (p *RiderProfile) as(facility vehicles.FacilityID, day Day) RiderFacts {
	facts := p.Facts
	facts.Facility = ""
	if facility == "" {
		return facts
	}
	for _, m := range p.UserOf {
		if m.Facility == facility && m.Dates.Contains(vehicles.Date(day)) {
			facts.Standing, facts.Facility = m.Standing, m.Facility
		}
	}
	return facts
}
