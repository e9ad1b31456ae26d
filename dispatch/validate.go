package dispatch

import (
	"fmt"

	"github.com/swmaas/swmaas/vehicles"
)

// validate reports the first field of a request that cannot be used; the text names it.
func (r *Request) validate() error {
	fault := func(field, format string, args ...any) error {
		return fmt.Errorf("%w: %s: %s", ErrInvalid, field, fmt.Sprintf(format, args...))
	}
	var odd error
	r.Party.Limits.faults(func(field, reason string) { odd = fault("limits", "%s %s", field, reason) })
	w := r.Wish.Window
	load := r.Party.Load
	switch {
	case r.Rider == "":
		return fault("rider", "is empty")
	case !r.Pickup.At.Valid():
		return fault("pickup", "position is out of range")
	case !r.Dropoff.At.Valid():
		return fault("dropoff", "position is out of range")
	case r.Pickup.At == r.Dropoff.At:
		return fault("dropoff", "is the same place as the pickup")
	case load.IsZero() || min(load.Seats, load.Wheelchairs, load.Stretchers) < 0:
		return fault("party", "carries nobody")
	case load.Seats > maxParty || load.Wheelchairs > maxWheelchairs || load.Stretchers > maxParty:
		return fault("party", "is larger than any vehicle; book it as several rides of one booking")
	case r.Party.Board < 0 || r.Party.Alight < 0 || max(r.Party.Board, r.Party.Alight) > maxDwell:
		return fault("party", "boarding and alighting times must lie between 0 and %d s", maxDwell)
	case r.Wish.Kind < ArriveBy || r.Wish.Kind > PickupWithin:
		return fault("wish", "says neither when to arrive nor when to leave")
	case w.Earliest < 0 || w.Latest > vehicles.MaxDaySecond:
		return fault("wish", "times must lie within the service day (0:00 to 30:00)")
	case w.Earliest > w.Latest:
		return fault("wish", "earliest is after latest")
	case r.MaxWait < 0 || r.MaxWait > maxCallWait || r.MaxWait > 0 && w.Latest+r.MaxWait > vehicles.MaxDaySecond:
		return fault("max wait", "of a will-call must lie between 0 and %d s and end within the service day", maxCallWait)
	case r.MaxWait > 0 && r.Wish.Kind == ArriveBy:
		return fault("wish", "of a will-call says from when to when somebody may call, not when to arrive")
	case r.Offers < 0 || r.Offers > maxOffers:
		return fault("offers", "must lie between 0 and %d", maxOffers)
	}
	return odd
}

const (
	maxParty  = 10      // a vehicle under this law carries fewer than eleven persons
	maxDwell  = 30 * 60 // seconds
	maxOffers = 10
	// maxCallWait is the longest wait after a call that can be promised, in seconds.
	maxCallWait = 3 * 3600
)
