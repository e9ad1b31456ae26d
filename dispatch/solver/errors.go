package solver

import (
	"errors"
	"fmt"
)

// ErrInvalid is wrapped by every validation error of this package.
var ErrInvalid = errors.New("invalid problem")

// SpecError is one fault of a problem's description. Subject is "request", "vehicle" or "problem", Index its number and
// Field the field of the spec. It wraps ErrInvalid.
type SpecError struct {
	Subject string
	Index   int
	Field   string
	Reason  string
}

// Error implements error.
func (e *SpecError) Error() string {
	if e.Subject == "problem" {
		return fmt.Sprintf("solver: build problem: %s: %s", e.Field, e.Reason)
	}
	return fmt.Sprintf("solver: build %s %d: %s: %s", e.Subject, e.Index, e.Field, e.Reason)
}

// Unwrap makes errors.Is(err, ErrInvalid) true.
func (e *SpecError) Unwrap() error { return ErrInvalid }

// ErrRoute is wrapped when a node sequence cannot be a route of the vehicle.
var ErrRoute = errors.New("not a route")
