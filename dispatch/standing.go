package dispatch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/swmaas/swmaas/vehicles"
)

// StandingOrder is a weekly pattern that yields rides ahead of time. A value is immutable once it is stored; a change makes
// a copy with a higher Version.
type StandingOrder struct {
	ID       OrderID
	Version  int64 // 1 when first stored
	Area     AreaID
	Rider    RiderID
	Party    Party
	Facility vehicles.FacilityID // as in Request
	Legs     []TripLeg           // out and back, or a chain; booked together or not at all

	Weekdays   vehicles.Weekdays // on which it is served; 0 for all
	EveryWeeks int               // every so many weeks, counted from the week of Dates.From; 0 means 1
	Dates      vehicles.Dates    // From must be given
	Holidays   HolidayRule
	Suspended  []Suspension
	Exceptions []Exception // at most one for a day

	Through Day // rides have been generated up to and including this day
	Created time.Time
	By      string // who ordered it, as the token's subject
}

// HolidayRule says what becomes of a day of the pattern that is a national holiday. Values are stored.
type HolidayRule uint8

// What can be done on a holiday. A moved day goes to the nearest day within a week that is served, is no holiday and not in
// the pattern itself, and is dropped where there is none.
const (
	HolidaySkipped HolidayRule = iota
	HolidayServed
	HolidayMovedBefore
	HolidayMovedAfter
)

// Suspension is a time in which nothing is generated, as while somebody is in hospital.
type Suspension struct {
	Dates  vehicles.Dates
	Reason string // code
}

// Exception is one day that is not as the pattern says: left out, or served at other times, also on a day that the pattern
// does not have.
type Exception struct {
	Day    Day
	Skip   bool
	Legs   []TripLeg // in place of the order's; ignored with Skip
	Reason string    // code
}

// OrderStore keeps standing orders; dispatch/planstore implements it on Redis.
type OrderStore interface {
	// Orders lists the standing orders of an area by id; those of erased persons are left out.
	Orders(ctx context.Context, area AreaID) ([]*StandingOrder, error)
	// Order returns one, or ErrNotFound.
	Order(ctx context.Context, area AreaID, id OrderID) (*StandingOrder, error)
	// SaveOrder writes an order whose Version is one above the stored one's, 1 for a new one, and fails with ErrStale otherwise.
	SaveOrder(ctx context.Context, o *StandingOrder) error
	// RemoveOrder takes an order out that is at a version, and fails with ErrStale otherwise.
	RemoveOrder(ctx context.Context, area AreaID, id OrderID, version int64) error
}

// validate reports the first field that cannot be used.
func (o *StandingOrder) validate() error {
	fault := func(field, format string, args ...any) error {
		return fmt.Errorf("%w: standing order: %s: %s", ErrInvalid, field, fmt.Sprintf(format, args...))
	}
	switch {
	case o.ID == "" || o.Area == "":
		return fault("id", "is empty, or the area is")
	case !o.Dates.From.Valid() || o.Dates.To != "" && (!o.Dates.To.Valid() || o.Dates.To < o.Dates.From):
		return fault("dates", "%s to %s", o.Dates.From, o.Dates.To)
	case o.EveryWeeks < 0 || o.EveryWeeks > 53:
		return fault("every weeks", "must lie between 0 and 53")
	case o.Holidays > HolidayMovedAfter:
		return fault("holidays", "no such rule")
	}
	for _, s := range o.Suspended {
		if !s.Dates.From.Valid() || s.Dates.To != "" && (!s.Dates.To.Valid() || s.Dates.To < s.Dates.From) {
			return fault("suspension", "%s to %s", s.Dates.From, s.Dates.To)
		}
	}
	for i, e := range o.Exceptions {
		if !vehicles.Date(e.Day).Valid() || slices.ContainsFunc(o.Exceptions[:i], func(x Exception) bool { return x.Day == e.Day }) {
			return fault("exception", "%s is no day, or is there twice", e.Day)
		}
		if !e.Skip {
			if err := o.bundle(e.Day, e.Legs).validate(); err != nil {
				return fmt.Errorf("%w (exception of %s)", err, e.Day)
			}
		}
	}
	return o.bundle(Day(o.Dates.From), o.Legs).validate()
}

// bundle is the legs of one day as what is booked together.
func (o *StandingOrder) bundle(day Day, legs []TripLeg) *bundle {
	trip := TripRequest{Area: o.Area, Day: day, Rider: o.Rider, Party: o.Party, Facility: o.Facility, Legs: legs, Offers: 1}
	b := trip.bundle()
	b.Order = o.ID
	return b
}
