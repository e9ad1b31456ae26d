package town

import "errors"

// ErrShortOfTown means that a day that was generated lacks what every day must hold, or that a place has no road: a fault
// of this package, never of the seed.
var ErrShortOfTown = errors.New("town: generated day is not complete")
