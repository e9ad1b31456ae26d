package fleetstore

import (
	"errors"
	"fmt"
)

var (
	// ErrName means that an area, a day or an id cannot be part of a key or a record.
	ErrName = errors.New("fleetstore: name not usable")
	// ErrPosition means that a report's position is not a finite latitude and longitude in range.
	ErrPosition = errors.New("fleetstore: position out of range")
	// ErrStatus means that a report's status is none of those of package vehicles.
	ErrStatus = errors.New("fleetstore: not a status")
	// ErrMoment means that a report is dated before 1970 or after 2255, as one without a date is.
	ErrMoment = errors.New("fleetstore: moment out of range")
	// ErrAhead means that a report is dated further in the future than a wrong clock explains.
	ErrAhead = errors.New("fleetstore: report from the future")
	// ErrNoPosition means that nothing is known of where a vehicle is.
	ErrNoPosition = errors.New("fleetstore: no position")
	// ErrRadius means that a search radius is negative or not a number.
	ErrRadius = errors.New("fleetstore: radius out of range")
	// ErrRaces means that others changed what an edit was made from, time after time.
	ErrRaces = errors.New("fleetstore: edited by others all the time")
	// ErrUnsealed means that a telephone number was to be stored where nothing seals it.
	ErrUnsealed = errors.New("fleetstore: a driver's telephone number is stored sealed only, and this store has no keys")
)

// DamagedError is a stored value that cannot be read: of a layout this program does not know, or cut off.
type DamagedError struct {
	What   string // "position", "vehicle", ...
	Reason string
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("fleetstore: stored %s is damaged: %s", e.What, e.Reason)
}
