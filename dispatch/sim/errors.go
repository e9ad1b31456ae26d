package sim

import "errors"

var (
	// ErrRefused is what a port returns when the engine understood a report or a cancellation and cannot accept it in the
	// state that things are in. The day goes on.
	ErrRefused = errors.New("sim: refused by the engine")
	// ErrConfig means that a Config cannot be used; the text names the field.
	ErrConfig = errors.New("sim: bad configuration")
)
