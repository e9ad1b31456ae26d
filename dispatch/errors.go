package dispatch

import (
	"errors"
	"fmt"
)

// Errors of the desk. api/errors.go maps each of them to a code.
var (
	// ErrStale means that somebody else changed what the change was made from. The desk reads again and tries again.
	ErrStale = errors.New("dispatch: changed meanwhile")
	// ErrKeyReused means that an idempotency key came with another request than the first time.
	ErrKeyReused = errors.New("dispatch: idempotency key used for another request")
	// ErrBadOffer means that an offer token was not issued here, is damaged, or belongs to another area.
	ErrBadOffer = errors.New("dispatch: offer token is not valid")
	// ErrNotFound means that no such ride, shift or day is known.
	ErrNotFound = errors.New("dispatch: not found")
	// ErrInvalid means that a request contradicts itself or lacks something; the text names the field.
	ErrInvalid = errors.New("dispatch: invalid request")
	// ErrNoRoads means that the engine was started without a road graph, so that nothing can be promised.
	ErrNoRoads = errors.New("dispatch: no road graph")
	// ErrErased means that the person was erased from the register for good; a number is not given twice.
	ErrErased = errors.New("dispatch: person was erased")
	// ErrWrongState means that a ride or stop is not in a state in which this may happen.
	ErrWrongState = errors.New("dispatch: not possible in this state")
	// ErrHoldExpired means that the place of an offer was not kept any longer, or given away.
	ErrHoldExpired = errors.New("dispatch: held offer has expired")
	// ErrChanged means that a ride or a standing order is no longer as the caller saw it.
	ErrChanged = errors.New("dispatch: changed since it was read")
	// ErrNotYours means that somebody asked for what is another facility's.
	ErrNotYours = errors.New("dispatch: belongs to another facility")
	// ErrWorkPlanned means that a change of the fleet would take away a vehicle that has work; the text names day and shift.
	ErrWorkPlanned = errors.New("dispatch: vehicle has work planned")
	// ErrTooSoon means that a driver may not give somebody up yet: they were promised to be waited for, or nobody called or knocked.
	ErrTooSoon = errors.New("dispatch: too soon to give up at the door")
	// ErrUnchecked means that a vehicle may not leave: its driver has not signed on, has no passed check, or was stood down.
	ErrUnchecked = errors.New("dispatch: no passed check before departure")
	// ErrUnqualified means that a driver may not drive what the shift carries.
	ErrUnqualified = errors.New("dispatch: driver may not drive this shift")
	// ErrScope means that a ride has other legs and the caller did not say what is to become of them. *LinkedError lists them.
	ErrScope = errors.New("dispatch: other legs of the trip are not decided on")
	// ErrRefused means that a rule which nobody may break forbids what was asked for. *RefusedError says which.
	ErrRefused = errors.New("dispatch: refused")
)

// RefusedError says why something that a dispatcher asked for is not possible, the first reason first. It is ErrRefused.
type RefusedError struct{ Refusals []Refusal }

func (e *RefusedError) Error() string {
	if len(e.Refusals) == 0 {
		return ErrRefused.Error()
	}
	return fmt.Sprintf("%v: %s %s", ErrRefused, e.Refusals[0].Code, e.Refusals[0].Cause)
}

// Unwrap makes errors.Is(err, ErrRefused) hold.
func (e *RefusedError) Unwrap() error { return ErrRefused }

// Replayed is returned by a store for a request that was answered before; Reply is what was kept.
type Replayed struct{ Reply []byte }

func (e *Replayed) Error() string { return "dispatch: request already answered" }
